package device

import (
	"io"
	"net"
	"testing"
	"time"

	"comptoir/receipts/escpos"
	"comptoir/receipts/spool"
)

// The table of what a client of a printer meets (hardware.md §2.3).
func TestEachStateOfAPrinterEndsAJobAsItMust(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		state escpos.State
		want  spool.State
		code  string // of the printer, and of a job that waits
		out   int    // papers
	}{
		{"ok", escpos.State{}, spool.Printed, "", 1},
		{"near the end of its roll", escpos.State{PaperLow: true}, spool.Printed, CodePaperLow, 1},
		{"without paper", escpos.State{PaperOut: true}, spool.Queued, CodePaperOut, 0},
		{"open", escpos.State{CoverOpen: true}, spool.Queued, CodeCoverOpen, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := listen(t)
			v := serve(t, l, c.state)
			r := newRig(t, at("bar", l)).start()
			id := r.add("bar", "document", "Café crème")
			if c.want == spool.Queued {
				r.held(id, c.code)
			}
			j := r.await(id, c.want)
			r.until("the printer is "+c.code, func() bool { return r.state("bar").Code == c.code })
			if got := texts(v); len(got) != c.out || c.out == 1 && got[0] != "Café crème" {
				t.Errorf("papers: %q", got)
			}
			if s := r.state("bar"); s.Blocked != (c.out == 0) || s.Asking != 0 || s.Waiting != 1-c.out {
				t.Errorf("state: %+v", s)
			}
			if c.out == 0 && j.Tries != 0 {
				t.Errorf("sent to a printer that cannot print: %+v", j)
			}
			if c.out == 1 {
				return
			}
			v.Set(escpos.State{})
			r.clock.await(t, 1, shortestPause, shortestPause)
			r.clock.Advance(shortestPause)
			r.await(id, spool.Printed)
			if got := texts(v); len(got) != 1 {
				t.Errorf("after the repair: %q", got)
			}
			if s := r.state("bar"); s.Blocked || s.Code != "" || s.Waiting != 0 {
				t.Errorf("after the repair: %+v", s)
			}
		})
	}
}

func TestAMutePrinterIsUnverifiable(t *testing.T) {
	t.Parallel()
	l := listen(t)
	v := serve(t, l, escpos.State{Mute: true})
	r := newRig(t, at("bar", l)).start()
	first := r.add("bar", "document", "first")
	r.clock.await(t, 1, statusTimeout, statusTimeout) // asked how it is
	r.clock.Advance(statusTimeout)
	r.clock.await(t, 1, pollEvery, pollEvery) // and whether it is done
	if s := r.job(first).State; s != spool.Sending {
		t.Errorf("while it may still answer the job is %s", s)
	}
	r.clock.Advance(leastTimeout + time.Second)
	if j := r.await(first, spool.SentUnconfirmed); j.Reason != CodeUnverified {
		t.Errorf("reason: %q", j.Reason)
	}
	second := r.add("bar", "document", "second")
	r.clock.await(t, 1, statusTimeout, statusTimeout)
	r.clock.Advance(statusTimeout)
	r.await(second, spool.SentUnconfirmed) // it is not waited for again
	if s := r.state("bar"); s.Code != CodeUnverified || s.Blocked {
		t.Errorf("state: %+v", s)
	}
	r.add("bar", "document", "third")
	r.clock.await(t, 1, statusTimeout, statusTimeout) // the second's connection is over
	if got := texts(v); len(got) != 2 {
		t.Errorf("papers: %q", got)
	}
}

func TestNothingListeningMeansNotSent(t *testing.T) {
	t.Parallel()
	l := listen(t)
	p := at("bar", l)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, p).start()
	id := r.add("bar", "document", "Café crème")
	r.held(id, CodeUnreachable)
	if j := r.job(id); j.Tries != 0 {
		t.Errorf("tries: %d", j.Tries)
	}
	if s := r.state("bar"); s.Code != CodeUnreachable || !s.Blocked || s.Waiting != 1 || s.Since.IsZero() {
		t.Errorf("state: %+v", s)
	}
}

// reset ends a connection as a printer does whose plug is pulled.
func reset(c *net.TCPConn) {
	_ = c.SetLinger(0)
	_ = c.Close()
}

// well answers the two questions about how it is.
func well(c net.Conn) bool {
	for range 2 {
		if _, err := io.ReadFull(c, make([]byte, 3)); err != nil {
			return false
		}
		if _, err := c.Write([]byte{0x12}); err != nil {
			return false
		}
	}
	return true
}

func TestAConnectionResetAfter200BytesLeavesTheJobUnknown(t *testing.T) {
	t.Parallel()
	l := listen(t)
	peer(t, l, func(_ int, c *net.TCPConn) {
		if well(c) {
			_, _ = io.ReadFull(c, make([]byte, 200))
		}
		reset(c)
	})
	r := newRig(t, at("bar", l)).start()
	id := r.add("bar", "document", order(30)...)
	if j := r.await(id, spool.Unknown); j.Reason != CodeCutOff || j.Tries != 1 {
		t.Errorf("job: %+v", j)
	}
	r.until("it asks", func() bool { return r.state("bar").Asking == 1 })
}
