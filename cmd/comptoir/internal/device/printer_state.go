package device

import (
	"context"
	"time"

	"comptoir/receipts/spool"
)

// PrinterState is how a printer is, for pages.
type PrinterState struct {
	Name     string
	URI      string
	Code     string    // what is in the way, or what somebody should know, such as "printer.paper_low"; empty: all is well, as far as is known
	Blocked  bool      // nothing comes out because of Code
	Since    time.Time // when Code came up; zero: never
	Waiting  int       // jobs that come out by themselves
	Asking   int       // jobs that wait for a person's word
	Fallback string    // printer that takes its jobs over now; empty: none does
}

// say notes how the printer is, and tells whoever looks when that is new.
func (w *worker) say(code string) {
	w.mu.Lock()
	same := w.code == code
	now := w.d.clock.Now()
	if !same {
		w.code, w.since = code, now
	}
	switch {
	case !blocks(code):
		w.down = time.Time{}
	case w.down.IsZero():
		w.down = now
	}
	w.mu.Unlock()
	if !same {
		w.d.changed()
	}
}

func (w *worker) isDown() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.down.IsZero()
}

// untilReplaced says how long it takes until its fallback takes over. waits: that is still to come.
func (w *worker) untilReplaced() (left time.Duration, waits bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.p.Fallback == "" || w.down.IsZero() {
		return longestPause, true
	}
	left = w.down.Add(fallbackAfter).Sub(w.d.clock.Now())
	return left, left > 0
}

// replacement returns the printer that takes over now; empty: none does.
func (w *worker) replacement() string {
	if _, waits := w.untilReplaced(); waits {
		return ""
	}
	return w.p.Fallback
}

// state is how the printer is, without its jobs.
func (w *worker) state() PrinterState {
	instead := w.replacement()
	w.mu.Lock()
	defer w.mu.Unlock()
	return PrinterState{Name: w.p.Name, URI: w.p.URI, Code: w.code, Blocked: !w.down.IsZero(), Since: w.since, Fallback: instead}
}

// Printers returns how each printer is, in the order of the settings; none for a till without printers, and for nil. When the queue cannot be
// read, no jobs are counted.
func (d *Devices) Printers(ctx context.Context) []PrinterState {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	states := make([]PrinterState, 0, len(d.setup.Printers))
	for _, p := range d.setup.Printers {
		if w := d.workers[p.Name]; w != nil {
			states = append(states, w.state())
		}
	}
	d.mu.Unlock()
	if len(states) == 0 {
		return nil
	}
	counts, err := spool.Counts(ctx, d.cfg.DB.Reader())
	if err != nil {
		d.log.WarnContext(ctx, "print jobs cannot be counted", "error", err)
	}
	for i := range states {
		for _, c := range counts {
			switch {
			case c.Printer != states[i].Name:
			case c.State.Asks():
				states[i].Asking += c.Jobs
			default:
				states[i].Waiting += c.Jobs
			}
		}
	}
	return states
}

// replacedBy lists the printers whose jobs this one takes over now.
func (d *Devices) replacedBy(name string) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for _, p := range d.setup.Printers {
		if w := d.workers[p.Name]; w != nil && p.Name != name && w.replacement() == name {
			names = append(names, p.Name)
		}
	}
	return names
}
