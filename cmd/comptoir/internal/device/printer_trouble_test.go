package device

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/receipts/escpos"
	"comptoir/receipts/spool"
)

// A printer whose plug is pulled in the middle of a long ticket: that ticket asks, what follows comes out, nothing twice.
func TestAPrinterKilledInTheMiddleOfALongTicket(t *testing.T) {
	t.Parallel()
	l := listen(t)
	v := escpos.NewPrinter(usual(), true)
	peer(t, l, func(n int, c *net.TCPConn) {
		if n == 1 {
			if well(c) {
				_, _ = io.ReadFull(c, make([]byte, 1500))
			}
			reset(c)
			return
		}
		_ = v.Talk(c)
	})
	r := newRig(t, at("kitchen", l)).start()
	long, next := r.add("kitchen", "kitchen", order(70)...), r.add("kitchen", "kitchen", "1 x Café")
	if j := r.await(long, spool.Unknown); j.Reason != CodeCutOff {
		t.Errorf("reason: %q", j.Reason)
	}
	r.await(next, spool.Printed)
	r.until("it asks for one", func() bool { s := r.state("kitchen"); return s.Asking == 1 && s.Waiting == 0 })
	if got := texts(v); len(got) != 1 || got[0] != "1 x Café" {
		t.Errorf("papers: %q", got)
	}
	if err := r.say(long, spool.CameOut); err != nil {
		t.Fatal(err)
	}
	if got := r.job(long); got.State != spool.Printed || got.Op != "ana" || got.Tries != 1 {
		t.Errorf("after a person has looked: %+v", got)
	}
}

// One that answers how it is and then falls silent may be dead: a person looks.
func TestAPrinterThatFallsSilentLeavesTheJobUnknown(t *testing.T) {
	t.Parallel()
	l := listen(t)
	peer(t, l, func(_ int, c *net.TCPConn) {
		if well(c) {
			_, _ = io.Copy(io.Discard, c)
		}
	})
	r := newRig(t, at("bar", l)).start()
	id := r.add("bar", "document", "Café crème")
	r.clock.await(t, 1, pollEvery, pollEvery)
	r.clock.Advance(leastTimeout - time.Second)
	if s := r.job(id).State; s != spool.Sending {
		t.Errorf("before 15 s the job is %s", s)
	}
	r.clock.await(t, 1, pollEvery, pollEvery)
	r.clock.Advance(2 * time.Second)
	r.clock.await(t, 1, statusTimeout, statusTimeout) // asked a last time
	r.clock.Advance(statusTimeout)
	if j := r.await(id, spool.Unknown); j.Reason != CodeCutOff {
		t.Errorf("reason: %q", j.Reason)
	}
}

// A roll that ends in the middle: the printer keeps the rest, and prints it on the new one.
func TestARollThatEndsInTheMiddleIsWaitedFor(t *testing.T) {
	t.Parallel()
	l := listen(t)
	v := escpos.NewPrinter(usual(), true)
	ended := make(chan struct{})
	peer(t, l, func(_ int, c *net.TCPConn) {
		if !well(c) {
			return
		}
		b := make([]byte, 500)
		_, _ = io.ReadFull(c, b)
		_, _ = v.Write(b)
		v.Set(escpos.State{PaperOut: true})
		close(ended)
		_ = v.Talk(c)
	})
	r := newRig(t, at("bar", l)).start()
	id := r.add("bar", "document", order(70)...)
	<-ended
	r.clock.await(t, 1, pollEvery, pollEvery)
	r.clock.Advance(pollEvery)
	r.until("paper is out", func() bool { s := r.state("bar"); return s.Code == CodePaperOut && s.Blocked })
	r.clock.Advance(time.Minute) // somebody looks for a roll
	if s := r.job(id).State; s != spool.Sending {
		t.Errorf("meanwhile the job is %s", s)
	}
	v.Set(escpos.State{})
	if j := r.await(id, spool.Printed); j.Tries != 1 {
		t.Errorf("job: %+v", j)
	}
	if got := v.Papers(); len(got) != 1 {
		t.Errorf("%d papers", len(got))
	}
	r.until("all is well", func() bool { return r.state("bar").Code == "" })
}

// Bytes that are no answers change nothing, wherever they come from.
func TestGarbageFromAPrinterIsNoAnswer(t *testing.T) {
	t.Parallel()
	l := listen(t)
	v := escpos.NewPrinter(usual(), true)
	garbage := func(c net.Conn) {
		noise := make([]byte, 700)
		for i := range noise {
			noise[i] = []byte{0xff, 0x80, 0x11, 0x13, 0x90, 0xa5, 0x04, 0x48}[rand.IntN(8)]
		}
		_, _ = c.Write(noise)
	}
	peer(t, l, func(_ int, c *net.TCPConn) {
		garbage(c)
		for b := make([]byte, 64); ; {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			for _, one := range b[:n] {
				_, _ = v.Write([]byte{one})
				if answer := v.Answers(); len(answer) > 0 {
					garbage(c)
					_, _ = c.Write(answer)
					garbage(c)
				}
			}
		}
	})
	r := newRig(t, at("bar", l)).start()
	for range 3 {
		r.await(r.add("bar", "document", order(20)...), spool.Printed)
	}
	if got := texts(v); len(got) != 3 {
		t.Errorf("%d papers", len(got))
	}
}

// Whatever a printer says, and wherever it stops, a job ends in a state, and what may have come out is not sent again.
func FuzzReplies(f *testing.F) {
	for _, b := range [][]byte{{}, {0x12, 0x12, 0x00}, {0x12, 0x72}, {0x16}, {0x10, 0, 0, 0, 0x12}, []byte("HTTP/1.1 400 Bad Request\r\n\r\n"), bytes.Repeat([]byte{0x12}, 300)} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, said []byte) {
		clock := newHandClock()
		near, far := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, far) }()
		go func() {
			_, _ = far.Write(said)
			_ = far.Close()
		}()
		l := newLine(near, clock)
		code, knows, err := l.status(t.Context())
		if err == nil && code != "" && !knows {
			t.Errorf("%q is known of a printer that said nothing", code)
		}
		got := l.print(t.Context(), []byte("paper"), manner{marked: true, knows: knows, send: time.Second, wait: time.Second, said: func(string) {}})
		if got.fate == fatePrinted && len(said) == 0 {
			t.Errorf("printed, and nothing was said")
		}
		l.close()
	})
}

func TestAJobThatCannotBeMadeFailsAndAsks(t *testing.T) {
	t.Parallel()
	r := newRig(t, Printer{Name: "bar", URI: "virtual:", Profile: usual()}).start()
	id := r.add("bar", "broken")
	next := r.add("bar", "document", "Café")
	if j := r.await(id, spool.Failed); j.Reason != CodeProfile || j.Tries != 0 {
		t.Errorf("job: %+v", j)
	}
	r.await(next, spool.Printed)
}

func TestAnOldJobAsksAndADrawerIsDropped(t *testing.T) {
	t.Parallel()
	v := Printer{Name: "bar", URI: "virtual:", Profile: usual()}
	r := newRig(t, v)
	paper, drawer := r.add("bar", "document", "Café"), r.add("bar", spool.Drawer)
	r.clock.Advance(spool.Life)
	r.start()
	if j := r.await(paper, spool.Expired); j.Reason != CodeLate {
		t.Errorf("reason: %q", j.Reason)
	}
	r.await(drawer, spool.Dropped)
	if got := r.d.Virtual("bar").Papers(); len(got) != 0 {
		t.Errorf("%d papers", len(got))
	}
	if err := r.say(paper, spool.Again); err != nil {
		t.Fatal(err)
	}
	r.await(paper, spool.Printed)
}

func TestADrawerPassesThePaperThatWaits(t *testing.T) {
	t.Parallel()
	l := listen(t)
	v := serve(t, l, escpos.State{PaperLow: true})
	r := newRig(t, at("bar", l))
	for range 3 {
		r.add("bar", "document", "Café")
	}
	drawer := r.add("bar", spool.Drawer)
	r.start()
	r.await(drawer, spool.Printed)
	r.until("all is printed", func() bool { return r.state("bar").Waiting == 0 })
	var kinds []string
	for _, e := range v.Events() {
		if e.Kind == escpos.EventDrawer || e.Kind == escpos.EventCut {
			kinds = append(kinds, e.Kind)
		}
	}
	if len(kinds) != 4 || kinds[0] != escpos.EventDrawer {
		t.Errorf("in this order: %v", kinds)
	}
}

// closed returns a printer nobody answers at.
func closed(t *testing.T, name string) Printer {
	t.Helper()
	l := listen(t)
	p := at(name, l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAFallbackTakesOverAfterTwentySecondsAndSaysSo(t *testing.T) {
	t.Parallel()
	l := listen(t)
	v := serve(t, l, escpos.State{})
	kitchen := closed(t, "kitchen")
	kitchen.Fallback = "bar"
	r := newRig(t, kitchen, at("bar", l)).start()
	id := r.add("kitchen", "kitchen", "1 x Plat du jour")
	drawer, page := r.add("kitchen", spool.Drawer), r.add("kitchen", spool.Test, "page")
	r.until("it is down", func() bool { return r.state("kitchen").Blocked })
	for waited := time.Duration(0); waited < fallbackAfter; waited += time.Second {
		if s := r.job(id); s.State != spool.Queued {
			t.Fatalf("after %s the job is %+v", waited, s)
		}
		r.clock.await(t, 1, 0, longestPause)
		r.clock.Advance(time.Second)
	}
	r.clock.await(t, 1, 0, longestPause)
	r.clock.Advance(shortestPause)
	j := r.await(id, spool.Printed)
	if j.CameOut != "bar" || j.Printer != "kitchen" {
		t.Errorf("job: %+v", j)
	}
	if got := texts(v); len(got) != 1 || got[0] != "IN THE PLACE OF kitchen\n1 x Plat du jour" {
		t.Errorf("papers: %q", got)
	}
	if s := r.state("kitchen"); s.Fallback != "bar" || s.Code != CodeUnreachable {
		t.Errorf("state: %+v", s)
	}
	r.await(drawer, spool.Dropped)
	if s := r.job(page).State; s != spool.Queued {
		t.Errorf("the page that tries the kitchen's printer is %s", s)
	}
	r.await(r.add("kitchen", "kitchen", "1 x Soupe"), spool.Printed) // at once, while it is down
}

func TestWhatWasBeingSentWhenTheTillStoppedAsks(t *testing.T) {
	t.Parallel()
	r := newRig(t, Printer{Name: "bar", URI: "virtual:", Profile: usual()})
	id := r.add("bar", "document", "Café")
	err := r.db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		_, err := spool.Send(ctx, tx, id, "bar")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	r.start()
	if j := r.await(id, spool.Unknown); j.Reason != CodeRestarted {
		t.Errorf("reason: %q", j.Reason)
	}
}

func TestTheJobInHandIsFinishedAtAStop(t *testing.T) {
	t.Parallel()
	l := listen(t)
	r := newRig(t, at("bar", l))
	const delay = 8 * time.Second
	v := slow(t, r, l, delay)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); r.d.Run(ctx) }()
	id, next := r.add("bar", "document", "first"), r.add("bar", "document", "second")
	r.clock.await(t, 1, delay, delay)
	cancel()
	r.clock.await(t, 1, finishTimeout, finishTimeout)
	r.clock.Advance(delay)
	<-ended
	if a, b := r.job(id).State, r.job(next).State; a != spool.Printed || b != spool.Queued {
		t.Errorf("after the stop: %s and %s", a, b)
	}
	if got := texts(v); len(got) != 1 {
		t.Errorf("papers: %q", got)
	}
}

// A printer that was taken away while it printed is waited for, too.
func TestTheJobOfAPrinterThatIsGoneIsFinishedAtAStop(t *testing.T) {
	t.Parallel()
	l := listen(t)
	r := newRig(t, at("bar", l))
	const delay = 8 * time.Second
	slow(t, r, l, delay)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); r.d.Run(ctx) }()
	id := r.add("bar", "document", "first")
	r.clock.await(t, 1, delay, delay)
	r.use()
	cancel()
	r.clock.await(t, 1, finishTimeout, finishTimeout)
	r.clock.Advance(delay)
	<-ended
	if s := r.job(id).State; s != spool.Printed {
		t.Errorf("after the stop it is %s", s)
	}
}

func TestJobsOfAPrinterThatIsGoneAsk(t *testing.T) {
	t.Parallel()
	gone := closed(t, "bar")
	r := newRig(t, gone).start()
	paper, drawer := r.add("bar", "document", "Café"), r.add("bar", spool.Drawer)
	r.until("it is down", func() bool { return r.state("bar").Blocked })
	r.use(Printer{Name: "counter", URI: "virtual:", Profile: usual()})
	j := r.passing(strangerAfter, paper, spool.Failed)
	if j.Reason != CodeUnknown {
		t.Errorf("reason: %q", j.Reason)
	}
	r.await(drawer, spool.Dropped)
}

// The settings may be on their way.
func TestJobsOfAPrinterThatIsGoneDoNotAskAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, Printer{Name: "counter", URI: "virtual:", Profile: usual()})
	paper, strangers := r.add("bar", "document", "Café"), map[string]time.Time{}
	for _, look := range []struct {
		after time.Duration
		want  spool.State
	}{{0, spool.Queued}, {strangerAfter - time.Millisecond, spool.Queued}, {time.Millisecond, spool.Failed}} {
		r.clock.Advance(look.after)
		r.d.look(t.Context(), strangers)
		if got := r.job(paper).State; got != look.want {
			t.Errorf("another %s later it is %s, want %s", look.after, got, look.want)
		}
	}
}

func TestABadSetupIsShownAndTheOthersWork(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	bad := usual()
	bad.Columns = -1
	err := r.d.Use(Setup{Printers: []Printer{
		{Name: "bar", URI: "ftp://x", Profile: usual()}, {Name: "kitchen", URI: "virtual:", Profile: bad}, {Name: "counter", URI: "virtual:", Profile: usual()},
	}})
	if err == nil {
		t.Error("nobody was told")
	}
	r.start()
	bar, kitchen := r.add("bar", "document", "Café"), r.add("kitchen", "document", "Café")
	r.await(r.add("counter", "document", "Café"), spool.Printed)
	r.held(bar, CodeURI)
	r.held(kitchen, CodeProfile)
	if s := r.state("bar"); s.Code != CodeURI || !s.Blocked {
		t.Errorf("state: %+v", s)
	}
}

// A disk that fails between taking a job and its first byte: nothing is printed that nobody wrote down.
func TestNothingIsSentThatIsNotWrittenDown(t *testing.T) {
	t.Parallel()
	l := listen(t)
	v := serve(t, l, escpos.State{})
	r := newRig(t)
	var faults datatest.FailAt
	db := datatest.Open(t, func(o *data.Options) { o.Clock, o.Fault = r.clock, faults.Fault })
	r.db, r.d = db, New(Config{DB: db, Paper: paperOf, Clock: r.clock})
	r.use(at("bar", l))
	r.add("bar", "document", "Café")
	faults.Arm(2, "commit") // of the start's look, then of the job
	r.start()
	select {
	case <-db.Failed():
	case <-time.After(patience):
		t.Fatal("the disk did not fail")
	}
	r.halt()
	if got := texts(v); len(got) != 0 {
		t.Errorf("papers: %q", got)
	}
}

// A printer with a loose contact says every half minute that its paper is out, then that it is not.
func TestALooseContactDoesNotHoldAPaperForEver(t *testing.T) {
	clock := newHandClock()
	l := &line{clock: clock}
	w := watch{asked: askPaper, over: alarm{clock: clock}}
	w.over.set(time.Minute)
	defer func() { w.over.stop() }()
	m := manner{wait: time.Minute, said: func(string) {}}
	for i := range 100 {
		clock.Advance(30 * time.Second)
		select {
		case <-w.over.over:
			return
		default:
			l.heard(&w, m, []byte{0x72, 0x12}[i%2])
		}
	}
	t.Error("the wait never ends")
}

// A printer that is off is known before an order needs it, to whoever wants to know.
func TestAnIdlePrinterThatIsOffIsFoundByALook(t *testing.T) {
	t.Parallel()
	r := newRig(t, closed(t, "bar")).start()
	if s := r.state("bar"); s.Code != "" {
		t.Fatalf("before anybody asked: %+v", s)
	}
	r.d.Look(t.Context())
	if s := r.state("bar"); s.Code != CodeUnreachable || !s.Blocked {
		t.Errorf("after a look: %+v", s)
	}
}
