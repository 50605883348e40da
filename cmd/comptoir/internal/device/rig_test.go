package device

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/receipts/escpos"
	"comptoir/receipts/spool"
)

// patience bounds what a test waits for; it is never waited for when all is well.
const patience = 20 * time.Second

// handClock is a clock moved by hand that can be waited on.
type handClock struct {
	*datatest.Clock
	mu    sync.Mutex
	waits []wait
	asked chan struct{} // of one: somebody waits
}

type wait struct {
	at   time.Time
	fire chan time.Time
}

func newHandClock() *handClock {
	return &handClock{Clock: datatest.NewClock(), asked: make(chan struct{}, 1)}
}

func (c *handClock) Timer(d time.Duration) (over <-chan time.Time, stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	w := wait{c.Now().Add(d), make(chan time.Time, 1)}
	if d <= 0 {
		w.fire <- w.at
		return w.fire, func() {}
	}
	c.waits = append(c.waits, w)
	signal(c.asked)
	return w.fire, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.waits = slices.DeleteFunc(c.waits, func(o wait) bool { return o.fire == w.fire })
	}
}

// Advance moves the clock, and wakes whoever waited for that.
func (c *handClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Clock.Advance(d)
	now, left := c.Now(), c.waits[:0]
	for _, w := range c.waits {
		if w.at.After(now) {
			left = append(left, w)
		} else {
			w.fire <- now
		}
	}
	c.waits = left
}

// await returns once n waits end between from and to from now.
func (c *handClock) await(t *testing.T, n int, from, to time.Duration) {
	t.Helper()
	over := time.After(patience)
	for {
		c.mu.Lock()
		found := 0
		for _, w := range c.waits {
			if left := w.at.Sub(c.Now()); left >= from && left <= to {
				found++
			}
		}
		c.mu.Unlock()
		if found >= n {
			return
		}
		select {
		case <-c.asked:
		case <-over:
			t.Fatalf("%d waits of %s to %s, want %d", found, from, to, n)
		}
	}
}

// rig is a till with printers.
type rig struct {
	t       *testing.T
	db      *data.DB
	clock   *handClock
	d       *Devices
	changes chan struct{}
	halt    func()
}

// newRig opens a queue; nothing runs before start.
func newRig(t *testing.T, printers ...Printer) *rig {
	t.Helper()
	r := &rig{t: t, clock: newHandClock(), changes: make(chan struct{}, 1), halt: func() {}}
	r.db = datatest.Open(t, func(o *data.Options) { o.Clock = r.clock })
	r.db.RegisterCheck(spool.Checks()...)
	r.d = New(Config{DB: r.db, Paper: paperOf, Clock: r.clock})
	r.d.OnChange(func() { signal(r.changes) })
	r.use(printers...)
	return r
}

func (r *rig) use(printers ...Printer) {
	r.t.Helper()
	if err := r.d.Use(Setup{Printers: printers}); err != nil {
		r.t.Fatalf("use: %v", err)
	}
}

// start drives the printers until the end of the test, or stop.
func (r *rig) start() *rig {
	ctx, cancel := context.WithCancel(context.WithoutCancel(r.t.Context()))
	ended := make(chan struct{})
	go func() { defer close(ended); r.d.Run(ctx) }()
	r.halt = sync.OnceFunc(func() {
		cancel()
		for r.clock.Advance(time.Minute); ; r.clock.Advance(time.Minute) { // what is in hand is not waited for
			select {
			case <-ended:
				return
			case <-r.clock.asked:
			}
		}
	})
	r.t.Cleanup(r.halt)
	return r
}

// wanted is what the tests ask a printer for.
type wanted struct {
	Lines []string `json:"lines"`
}

// paperOf makes the paper of a test's job.
func paperOf(_ context.Context, j spool.Job, p escpos.Profile) ([]byte, error) {
	e := escpos.New(p)
	if j.Kind == spool.Drawer {
		e.Drawer()
		return e.Bytes()
	}
	if j.Kind == "broken" {
		return nil, errors.New("no such document")
	}
	if j.CameOut != "" {
		e.Text("IN THE PLACE OF " + j.Printer)
	}
	var w wanted
	if err := json.Unmarshal(j.Body, &w); err != nil {
		return nil, err
	}
	for _, line := range w.Lines {
		e.Text(line)
	}
	return e.Bytes()
}

// add asks for a paper with these lines.
func (r *rig) add(printer, kind string, lines ...string) string {
	r.t.Helper()
	var id string
	err := r.db.Write(r.t.Context(), func(ctx context.Context, tx *data.Tx) (err error) {
		if id, err = spool.Add(ctx, tx, spool.Request{Printer: printer, Kind: kind, Body: wanted{lines}}); err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "test.print", Topics: []string{spool.Topic}})
	})
	if err != nil {
		r.t.Fatalf("add: %v", err)
	}
	return id
}

// say answers for a job.
func (r *rig) say(id string, a spool.Answer) error {
	return r.db.Write(r.t.Context(), func(ctx context.Context, tx *data.Tx) error {
		if _, err := spool.Say(ctx, tx, id, a, "ana"); err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "test.answer", Topics: []string{spool.Topic}})
	})
}

func (r *rig) job(id string) spool.Job {
	r.t.Helper()
	j, err := spool.Get(r.t.Context(), r.db.Reader(), id)
	if err != nil {
		r.t.Fatal(err)
	}
	return j
}

// until waits for something to be so.
func (r *rig) until(what string, so func() bool) {
	r.t.Helper()
	over := time.After(patience)
	for !so() {
		select {
		case <-r.changes:
		case <-over:
			r.t.Fatalf("%s: not within %s; printers: %+v", what, patience, r.d.Printers(r.t.Context()))
		}
	}
}

// await waits for a job's state and returns it.
func (r *rig) await(id string, want spool.State) spool.Job {
	r.t.Helper()
	var j spool.Job
	r.until(fmt.Sprintf("job is %s", want), func() bool { j = r.job(id); return j.State == want })
	return j
}

// passing lets a step of time pass whenever somebody begins to wait for some, until a job is in a state, and returns it.
func (r *rig) passing(step time.Duration, id string, want spool.State) spool.Job {
	r.t.Helper()
	over := time.After(patience)
	for j := r.job(id); ; j = r.job(id) {
		if j.State == want {
			return j
		}
		select {
		case <-r.changes:
		case <-r.clock.asked:
			r.clock.Advance(step)
		case <-over:
			r.t.Fatalf("job is %s, not %s, within %s", j.State, want, patience)
		}
	}
}

// held waits until a job says why it waits.
func (r *rig) held(id, reason string) {
	r.t.Helper()
	r.until("job waits because of "+reason, func() bool { j := r.job(id); return j.State == spool.Queued && j.Reason == reason })
}

// state returns how a printer is.
func (r *rig) state(name string) PrinterState {
	r.t.Helper()
	for _, p := range r.d.Printers(r.t.Context()) {
		if p.Name == name {
			return p
		}
	}
	r.t.Fatalf("there is no printer %q", name)
	return PrinterState{}
}

// usual is the profile of most printers.
func usual() escpos.Profile { return escpos.Profiles()[0] }

func listen(t *testing.T) net.Listener {
	t.Helper()
	var c net.ListenConfig
	l, err := c.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// at is a printer at the address of a listener.
func at(name string, l net.Listener) Printer {
	return Printer{Name: name, URI: "tcp://" + l.Addr().String(), Profile: usual()}
}

// serve lets a virtual printer answer on the network until the test ends.
func serve(t *testing.T, l net.Listener, s escpos.State) *escpos.Printer {
	t.Helper()
	v := escpos.NewPrinter(usual(), true)
	v.Set(s)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- escpos.Serve(ctx, l, v) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		for _, err := range v.Errors() {
			t.Errorf("strict printer: %v", err)
		}
	})
	return v
}

// texts returns what came out of a printer.
func texts(v *escpos.Printer) []string {
	var all []string
	for _, p := range v.Papers() {
		all = append(all, strings.TrimSpace(p.Text))
	}
	return all
}

// peer answers each connection with a function of its own, one after the other.
func peer(t *testing.T, l net.Listener, talk func(n int, c *net.TCPConn)) {
	t.Helper()
	var all sync.WaitGroup
	t.Cleanup(func() { _ = l.Close(); all.Wait() })
	all.Go(func() {
		for n := 1; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			if tcp, ok := c.(*net.TCPConn); ok {
				talk(n, tcp)
			}
			_ = c.Close()
		}
	})
}

// order is a long one.
func order(lines int) []string {
	all := make([]string, lines)
	for i := range all {
		all[i] = fmt.Sprintf("%2d x Café crème, sans sucre, avec du lait", i+1)
	}
	return all
}
