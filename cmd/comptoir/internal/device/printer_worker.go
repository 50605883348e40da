package device

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/escpos"
	"comptoir/receipts/spool"
)

// How long a printer is left alone, or waited for.
const (
	shortestPause = 1500 * time.Millisecond
	longestPause  = 15 * time.Second
	fallbackAfter = 20 * time.Second // its fallback takes over
	finishTimeout = 10 * time.Second // for the job in hand when the till stops
	busyPause     = 100 * time.Millisecond
)

// worker drives one printer: it alone connects to it, and takes one job after the other.
type worker struct {
	d       *Devices
	p       Printer
	at      URI
	bad     string             // code of what is wrong with its set-up; empty: nothing
	virtual *escpos.Printer    // nil: it is a real one
	wake    chan struct{}      // of one: there may be something to do
	look    chan chan struct{} // somebody wants to know how it is; closed when it was asked
	stop    context.CancelFunc // nil: it was never started
	done    chan struct{}
	before  <-chan struct{} // closed when its predecessor has let go of the printer; nil: there was none

	mu    sync.Mutex
	code  string    // in its way, or to be known
	since time.Time // when code came up
	down  time.Time // since when nothing comes out; zero: it does, as far as is known

	// Of its own goroutine.
	failures int  // in a row
	mute     bool // it was given time, and never said a thing
	unmarked bool // it answers how it is, but not that it is done
}

// run does the jobs of the printer until the context ends; the one in hand is finished.
func (w *worker) run(ctx context.Context) {
	defer close(w.done)
	if w.before != nil {
		<-w.before
	}
	for ctx.Err() == nil {
		job, found, err := w.next(ctx)
		switch {
		case err != nil:
			w.complain(ctx, "the queue of a printer cannot be read", err)
			w.pause(ctx)
		case found:
			if !w.attempt(ctx, job) {
				w.pause(ctx)
			}
		case w.isDown():
			if !w.probe(ctx) {
				w.pause(ctx)
			}
		default:
			select {
			case <-w.wake:
			case asked := <-w.look:
				_ = w.probe(ctx) // what it finds is said
				close(asked)
			case <-ctx.Done():
			}
		}
	}
}

// next returns the job to do now: its own, or what it takes over from printers that are down. A drawer goes first, then the oldest.
func (w *worker) next(ctx context.Context) (spool.Job, bool, error) {
	q := w.d.cfg.DB.Reader()
	first, found, err := spool.Head(ctx, q, w.p.Name)
	if err != nil || found && first.Kind == spool.Drawer {
		return first, found, err
	}
	for _, name := range w.d.replacedBy(w.p.Name) {
		j, ok, err := spool.HeadPaper(ctx, q, name)
		if err != nil {
			return j, false, err
		}
		if ok && (!found || j.Created.Before(first.Created)) {
			first, found = j, true
		}
	}
	return first, found, nil
}

// attempt does what can be done about a job now, and reports whether to go on at once.
func (w *worker) attempt(ctx context.Context, j spool.Job) bool {
	if !j.Expires.After(w.d.cfg.DB.Now()) {
		return goOn(w.write(ctx, func(ctx context.Context, tx *data.Tx) error {
			_, err := spool.ExpireAll(ctx, tx, j.Printer, CodeLate) // in one commit: a sale that comes meanwhile waits for it once
			return err
		}))
	}
	s, code, knows := w.reach(ctx)
	if s != nil {
		defer s.close()
	}
	if blocks(code) || s == nil {
		w.hold(ctx, j, code)
		return false
	}
	if j.Printer != w.p.Name {
		j.CameOut = w.p.Name
	}
	paper, err := w.paper(ctx, j)
	if err != nil {
		w.complain(ctx, "a paper cannot be made", err)
		return ctx.Err() == nil && goOn(w.write(ctx, func(ctx context.Context, tx *data.Tx) error {
			_, err := spool.Fail(ctx, tx, j.ID, CodeProfile)
			return err
		}))
	}
	err = w.write(ctx, func(ctx context.Context, tx *data.Tx) error {
		_, err := spool.Send(ctx, tx, j.ID, w.p.Name)
		return err
	})
	if err != nil {
		return goOn(err)
	}
	longer, cancel := outlasting(ctx, w.d.clock, finishTimeout)
	defer cancel()
	return w.settle(ctx, j, w.learn(s.print(longer, paper, w.manner(paper, knows)), knows))
}

// reach opens a session and asks the printer how it is. Without a session, code says why.
func (w *worker) reach(ctx context.Context) (s session, code string, knows bool) {
	if w.bad != "" {
		w.say(w.bad)
		return nil, w.bad, false
	}
	if w.at.Scheme == CUPS {
		return cupsQueue{w.at.Queue, w.d.clock}, "", false
	}
	conn, err := openLine(ctx, w.at, w.virtual, w.d.clock)
	if err != nil {
		code := codeOfOpening(err)
		w.say(code)
		return nil, code, false
	}
	l := newLine(conn, w.d.clock)
	if !w.p.Profile.Status {
		return l, "", false
	}
	code, knows, err = l.status(ctx)
	if err != nil {
		l.close()
		if ctx.Err() == nil {
			w.say(CodeUnreachable)
		}
		return nil, CodeUnreachable, false
	}
	if blocks(code) || code == CodePaperLow {
		w.say(code)
	}
	return l, code, knows
}

// probe looks whether a printer that was down is there again.
func (w *worker) probe(ctx context.Context) bool {
	s, code, knows := w.reach(ctx)
	if s == nil {
		return false
	}
	s.close()
	if blocks(code) {
		return false
	}
	if code == "" && !knows {
		code = CodeUnverified
	}
	w.say(code)
	return true
}

// hold says of a job of its own why it waits: once, not at every try.
func (w *worker) hold(ctx context.Context, j spool.Job, code string) {
	if j.Printer != w.p.Name || j.Reason == code || ctx.Err() != nil {
		return
	}
	_ = w.write(ctx, func(ctx context.Context, tx *data.Tx) error { // it was complained of, and the job still waits
		_, err := spool.Hold(ctx, tx, j.ID, code)
		return err
	})
}

var errPanic = errors.New("panic")

// paper makes the bytes of a job. What goes wrong in there costs this paper, not the till.
func (w *worker) paper(ctx context.Context, j spool.Job) (b []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPanic, r)
		}
	}()
	if b, err = w.d.cfg.Paper(ctx, j, w.p.Profile); err == nil && len(b) == 0 {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// manner says how long this printer is given for a paper, and what is asked of it.
func (w *worker) manner(paper []byte, knows bool) manner {
	long := time.Duration(len(paper)) * time.Second / slowest
	if w.at.Scheme == Serial {
		long += time.Duration(len(paper)) * 10 * time.Second / time.Duration(w.at.Baud)
	}
	m := manner{knows: knows, said: w.say, send: leastTimeout + long, wait: leastTimeout + long}
	switch {
	case w.p.Profile.Status && (knows || !w.mute):
		m.marked, m.tail = true, []byte{0x1d, 'r', 1}
		if w.unmarked {
			m.wait = learnt + long
		}
	case w.at.Scheme == USB:
		m.tail = []byte{0x1b, '@'} // the kernel takes it once the job is through: closing before that would cut its end off
	}
	return m
}

// learn remembers what a printer cannot say, so that the next job does not wait for it.
func (w *worker) learn(r result, knew bool) result {
	switch r.fate {
	case fatePrinted:
		w.mute, w.unmarked = false, false
	case fateUnsure:
		w.mute, w.unmarked = !knew, knew
	case fateNone, fateCutOff:
	}
	return r
}

// settle writes down what became of a job, and reports whether to go on at once.
func (w *worker) settle(ctx context.Context, j spool.Job, r result) bool {
	err := w.write(ctx, func(ctx context.Context, tx *data.Tx) (err error) {
		switch r.fate {
		case fateNone:
			_, err = spool.Back(ctx, tx, j.ID, r.code)
		case fatePrinted, fateUnsure:
			_, err = spool.Done(ctx, tx, j.ID, r.fate == fatePrinted, r.code)
		case fateCutOff:
			_, err = spool.CutOff(ctx, tx, j.ID, r.code)
		}
		return err
	})
	if r.low && r.fate == fatePrinted {
		r.code = CodePaperLow
	}
	w.say(r.code)
	if r.fate == fatePrinted || r.fate == fateUnsure {
		w.failures = 0
	}
	return goOn(err) && r.fate != fateNone && !blocks(r.code)
}

// write carries out a step of a job's life, as often as the database is busy.
func (w *worker) write(ctx context.Context, fn func(context.Context, *data.Tx) error) error {
	for {
		err := w.d.cfg.DB.Write(context.WithoutCancel(ctx), fn)
		switch {
		case err == nil:
			w.d.changed()
			return nil
		case fault.KindOf(err) == fault.Busy && w.d.cfg.DB.Err() == nil:
			w.rest(context.WithoutCancel(ctx), busyPause, nil)
		default:
			if !moved(err) {
				w.complain(ctx, "the state of a print job cannot be written", err)
			}
			return err
		}
	}
}

func moved(err error) bool { return fault.CodeOf(err) == spool.ErrMoved.Code }

// goOn reports whether the queue is worth another look at once: a job that another printer took, or a person, is none of this one's.
func goOn(err error) bool { return err == nil || moved(err) }

func (w *worker) complain(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		w.d.log.WarnContext(ctx, "a printer is held up", "printer", w.p.Name, "what", what, "error", err)
	}
}

// pause leaves the printer alone for a while that grows. Whoever wants something of it shortens that to a second.
func (w *worker) pause(ctx context.Context) {
	long := min(shortestPause<<min(w.failures, 10), longestPause)
	w.failures++
	if left, waits := w.untilReplaced(); waits {
		long = min(long, max(left, shortestPause))
	} else {
		w.d.wake(w.p.Fallback)
	}
	if !w.rest(ctx, shortestPause, nil) || long <= shortestPause {
		return
	}
	w.rest(ctx, long-shortestPause, w.wake)
}

// rest waits, and reports whether it was neither woken nor ended.
func (w *worker) rest(ctx context.Context, d time.Duration, wake <-chan struct{}) bool {
	over, stop := w.d.clock.Timer(d)
	defer stop()
	select {
	case <-over:
		return true
	case <-wake:
	case <-ctx.Done():
	}
	return false
}
