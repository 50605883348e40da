package device

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"comptoir/data/fault"
	"comptoir/receipts/escpos"
	"comptoir/receipts/spool"
)

// Bugs of a till in wide use (hardware.md §1.6), each as what must happen here. A card terminal that is still busy with the last customer is
// with the terminals.

// slow answers each job after some time of the clock, as printers do that print before they speak. It keeps what came.
func slow(t *testing.T, r *rig, l net.Listener, delay time.Duration) *escpos.Printer {
	t.Helper()
	v := escpos.NewPrinter(usual(), true)
	peer(t, l, func(_ int, c *net.TCPConn) {
		for b := make([]byte, 4096); ; {
			n, err := c.Read(b)
			if err != nil {
				return
			}
			_, _ = v.Write(b[:n])
			answer := v.Answers()
			if bytes.Contains(b[:n], []byte{0x1d, 'r', 1}) {
				over, stop := r.clock.Timer(delay)
				<-over
				stop()
			}
			if _, err := c.Write(answer); err != nil {
				return
			}
		}
	})
	return v
}

// #240253: the answer was late, somebody tapped « again », and two tickets came out.
func TestATapOnAgainWhileAJobIsSentPrintsNothingTwice(t *testing.T) {
	t.Parallel()
	l := listen(t)
	r := newRig(t, at("bar", l))
	const delay = 8 * time.Second
	v := slow(t, r, l, delay)
	r.start()
	id := r.add("bar", "document", "Café crème")
	r.clock.await(t, 1, delay, delay)
	for range 2 {
		if err := r.say(id, spool.Again); fault.CodeOf(err) != "print.moved" {
			t.Errorf("again, while it is sent: %v", err)
		}
	}
	r.clock.Advance(delay)
	if j := r.await(id, spool.Printed); j.Tries != 1 {
		t.Errorf("job: %+v", j)
	}
	if got := texts(v); len(got) != 1 {
		t.Errorf("papers: %q", got)
	}
}

func TestADoubleTapOnAgainIsOnePaper(t *testing.T) {
	t.Parallel()
	l := listen(t)
	cut := make(chan struct{})
	v := escpos.NewPrinter(usual(), true)
	peer(t, l, func(n int, c *net.TCPConn) {
		if n == 1 {
			if well(c) {
				_, _ = io.ReadFull(c, make([]byte, 200))
			}
			reset(c)
			close(cut)
			return
		}
		_ = v.Talk(c)
	})
	r := newRig(t, at("bar", l)).start()
	id := r.add("bar", "document", order(30)...)
	r.await(id, spool.Unknown)
	<-cut
	if err := r.say(id, spool.Again); err != nil {
		t.Fatal(err)
	}
	if err := r.say(id, spool.Again); err != nil && fault.CodeOf(err) != "print.moved" {
		t.Errorf("the second tap: %v", err)
	}
	if j := r.await(id, spool.Printed); j.Tries != 2 || j.ID != id {
		t.Errorf("job: %+v", j)
	}
	if got := texts(v); len(got) != 1 {
		t.Errorf("%d papers", len(got))
	}
}

// #243981: what looked like a duplicate was left out, and the kitchen never heard of it.
func TestTheSameOrderTwiceIsTwoPapers(t *testing.T) {
	t.Parallel()
	l := listen(t)
	v := serve(t, l, escpos.State{})
	r := newRig(t, at("kitchen", l)).start()
	first, second := r.add("kitchen", "kitchen", "1 x Plat du jour"), r.add("kitchen", "kitchen", "1 x Plat du jour")
	r.await(first, spool.Printed)
	r.await(second, spool.Printed)
	if got := texts(v); len(got) != 2 || got[0] != got[1] {
		t.Errorf("papers: %q", got)
	}
}

// #258841: a short timeout cut a long ticket, and its tail came out on the next one. #266747: printers take up to 8 s.
func TestALongOrderOnASlowPrinterComesOutWhole(t *testing.T) {
	t.Parallel()
	for _, delay := range []time.Duration{8 * time.Second, 14 * time.Second} {
		l := listen(t)
		r := newRig(t, at("kitchen", l))
		v := slow(t, r, l, delay)
		r.start()
		long, next := r.add("kitchen", "kitchen", order(70)...), r.add("kitchen", "kitchen", "1 x Café")
		for range 2 {
			r.clock.await(t, 1, delay, delay)
			if s := r.state("kitchen"); s.Blocked || s.Asking != 0 {
				t.Errorf("while it prints: %+v", s)
			}
			r.clock.Advance(delay)
		}
		r.await(long, spool.Printed)
		r.await(next, spool.Printed)
		got := texts(v)
		if len(got) != 2 || strings.Count(got[0], "\n") != 69 || got[1] != "1 x Café" {
			t.Errorf("after %s: %d papers: %q", delay, len(got), got)
		}
		for _, p := range v.Papers() {
			if !p.Cut || p.Events[0].Kind != escpos.EventInit {
				t.Errorf("a job begins with a reset and ends with a cut: %v", p.Events)
			}
		}
	}
}

// #263487: a retry after a failure was taken for printed, and the kitchen got nothing.
func TestAFailureIsNoPaper(t *testing.T) {
	t.Parallel()
	l := listen(t)
	p := at("kitchen", l)
	address := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, p).start()
	id := r.add("kitchen", "kitchen", "1 x Plat du jour")
	r.held(id, CodeUnreachable)
	var c net.ListenConfig
	back, err := c.Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Skipf("the port was taken meanwhile: %v", err)
	}
	v := serve(t, back, escpos.State{})
	r.clock.await(t, 1, shortestPause, shortestPause)
	r.clock.Advance(shortestPause)
	r.await(id, spool.Printed)
	if got := texts(v); len(got) != 1 {
		t.Errorf("papers: %q", got)
	}
}

// chatter is a printer that says a zero while it takes a paper, and hangs up before it is asked whether that is done.
type chatter struct {
	says chan byte
	took bool
}

func (c *chatter) Read(p []byte) (int, error) {
	b, open := <-c.says
	if !open {
		return 0, io.EOF
	}
	p[0] = b
	return 1, nil
}

func (c *chatter) Write(p []byte) (int, error) {
	if c.took {
		close(c.says)
		return len(p), nil
	}
	c.took = true
	c.says <- 0x00 // as « all that was sent is done »
	c.says <- 0xff // nothing: the zero was heard
	return len(p), nil
}

func (c *chatter) Close() error { return nil }

// An answer that comes before the question is none: the paper may not have come out.
func TestWhatIsSaidBeforeThePaperIsSentConfirmsNothing(t *testing.T) {
	t.Parallel()
	clock := newHandClock()
	l := newLine(&chatter{says: make(chan byte)}, clock)
	got := l.print(t.Context(), []byte("paper"), manner{marked: true, knows: true, wait: time.Second, send: time.Second, tail: []byte{0x1d, 'r', 1}, said: func(string) {}})
	if got.fate != fateCutOff {
		t.Errorf("it is said to be %v", got.fate)
	}
}
