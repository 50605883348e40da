package device

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/escpos"
	"comptoir/receipts/spool"
)

// Housekeeping of the queue.
const (
	strangerAfter = 5 * time.Second // a job of a printer nobody has set up asks: settings may be on their way
	pruneEvery    = 24 * time.Hour
)

// usePrinters lets a worker go on whose printer stays as it is, and replaces the others: the new one begins when the old one has
// finished its job.
func (d *Devices) usePrinters(printers []Printer) error {
	var errs error
	old := d.workers
	d.workers = make(map[string]*worker, len(printers))
	for _, p := range printers {
		was := old[p.Name]
		if was != nil && was.p == p {
			d.workers[p.Name] = was
			delete(old, p.Name)
			continue
		}
		w, err := d.newWorker(p, was)
		errs = errors.Join(errs, err)
		d.workers[p.Name] = w
	}
	bells := make([]chan struct{}, 0, len(d.workers))
	for _, w := range d.workers {
		bells = append(bells, w.wake)
	}
	d.bells.Store(&bells)
	for name, w := range old {
		if w.stop != nil {
			w.stop()
			d.leaving[name] = w.done
		}
	}
	if d.fork == nil {
		return errs
	}
	for _, w := range d.workers {
		if w.stop == nil {
			d.start(w)
		}
	}
	return errs
}

// newWorker returns the worker of a printer, which does not run yet. One whose set-up is wrong says so, and does nothing.
func (d *Devices) newWorker(p Printer, was *worker) (*worker, error) {
	w := &worker{d: d, p: p, wake: make(chan struct{}, 1), look: make(chan chan struct{}), done: make(chan struct{})}
	at, err := ParseURI(p.URI)
	if err != nil {
		w.bad = CodeURI
	}
	w.at = at
	if wrong := p.Profile.Check(); wrong != nil {
		w.bad, err = CodeProfile, errors.Join(err, wrong)
	}
	w.before = d.leaving[p.Name]
	if was != nil && was.stop != nil {
		w.before = was.done
	}
	switch {
	case w.bad != "" || at.Scheme != Virtual:
	case was != nil && was.virtual != nil && was.p.Profile == p.Profile:
		w.virtual = was.virtual
	default:
		w.virtual = escpos.NewPrinter(p.Profile, true)
	}
	return w, err
}

// start lets a worker begin. The lock is held.
func (d *Devices) start(w *worker) {
	var ctx context.Context
	ctx, w.stop = d.fork()
	d.driven.Go(func() { w.run(ctx) })
}

// Virtual returns the printer in memory of that name; nil: there is none.
func (d *Devices) Virtual(name string) *escpos.Printer {
	if d == nil {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if w := d.workers[name]; w != nil {
		return w.virtual
	}
	return nil
}

// wake lets a printer look at the queue; no name wakes nobody.
func (d *Devices) wake(name string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w := d.workers[name]; w != nil {
		signal(w.wake)
	}
}

// lookTimeout bounds how long Look waits.
const lookTimeout = 4 * time.Second

// Look asks each printer that has nothing to do how it is, so that Printers knows: nobody does while nothing is printed. One
// that prints, or is down, is known already, and is not disturbed.
func (d *Devices) Look(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	d.mu.Lock()
	workers := slices.Collect(maps.Values(d.workers))
	d.mu.Unlock()
	var all sync.WaitGroup
	for _, w := range workers {
		all.Go(func() {
			if w.isDown() {
				return
			}
			asked := make(chan struct{})
			select {
			case w.look <- asked:
			case <-ctx.Done():
				return
			}
			select {
			case <-asked:
			case <-w.done:
			case <-ctx.Done():
			}
		})
	}
	all.Wait()
}

// begin ends what was being sent when the till stopped.
func (d *Devices) begin(ctx context.Context) {
	for ctx.Err() == nil {
		err := d.cfg.DB.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
			_, err := spool.Restart(ctx, tx, CodeRestarted)
			return err
		})
		if err == nil {
			d.changed()
			return
		}
		d.log.WarnContext(ctx, "print jobs of before the start cannot be looked at", "error", err)
		if fault.KindOf(err) != fault.Busy {
			return
		}
		d.rest(ctx, busyPause)
	}
}

// rest waits, unless the context ends.
func (d *Devices) rest(ctx context.Context, long time.Duration) {
	over, stop := d.clock.Timer(long)
	defer stop()
	select {
	case <-over:
	case <-ctx.Done():
	}
}

// dispatch keeps the queue until the context ends: a look at it now and then finds jobs that no printer takes.
func (d *Devices) dispatch(ctx context.Context) {
	strangers := map[string]time.Time{} // since when jobs wait for a printer nobody has set up
	prune, again := alarm{clock: d.clock}, alarm{clock: d.clock}
	prune.set(0)
	defer func() { prune.stop() }()
	look, coming := true, false
	for ctx.Err() == nil {
		if look {
			if d.look(ctx, strangers); len(strangers) > 0 && !coming { // a look that is to come is not put off
				again.set(strangerAfter)
				coming = true
			}
		}
		look = false
		select {
		case <-d.woken:
			look = true
		case <-again.over:
			look, coming = true, false
		case <-d.added:
			if !coming {
				again.set(strangerAfter)
				coming = true
			}
		case <-prune.over:
			d.prune(ctx)
			prune.set(pruneEvery)
		case <-ctx.Done():
		}
	}
}

// look wakes whoever has jobs. Jobs of a printer that is gone ask.
func (d *Devices) look(ctx context.Context, strangers map[string]time.Time) {
	counts, err := spool.Counts(ctx, d.cfg.DB.Reader())
	if err != nil {
		if ctx.Err() == nil {
			d.log.WarnContext(ctx, "print jobs cannot be counted", "error", err)
		}
		return
	}
	waiting := map[string]bool{}
	for _, c := range counts {
		if c.State == spool.Queued {
			waiting[c.Printer] = true
		}
	}
	now := d.clock.Now()
	for name := range waiting {
		if instead, ok := d.drives(name); ok {
			d.wake(name)
			d.wake(instead)
			continue
		}
		if since, seen := strangers[name]; !seen {
			strangers[name] = now
		} else if now.Sub(since) >= strangerAfter {
			d.giveUp(ctx, name)
		}
	}
	for name := range strangers {
		if _, ok := d.drives(name); ok || !waiting[name] {
			delete(strangers, name)
		}
	}
}

// drives reports whether a printer of this name is set up, and which one takes over for it now.
func (d *Devices) drives(name string) (instead string, ok bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w := d.workers[name]; w != nil {
		return w.replacement(), true
	}
	return "", false
}

// giveUp lets the jobs of a printer that is gone ask.
func (d *Devices) giveUp(ctx context.Context, name string) {
	err := d.cfg.DB.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		jobs, err := spool.Open(ctx, tx, name, spool.Limit)
		for _, j := range jobs {
			if j.State != spool.Queued || err != nil {
				continue
			}
			_, err = spool.Fail(ctx, tx, j.ID, CodeUnknown)
		}
		return err
	})
	if err != nil {
		d.log.WarnContext(ctx, "print jobs of a printer that is gone cannot be looked at", "printer", name, "error", err)
		return
	}
	d.changed()
}

// prune forgets what has long been over.
func (d *Devices) prune(ctx context.Context) {
	for more := true; more && ctx.Err() == nil; {
		err := d.cfg.DB.Write(ctx, func(ctx context.Context, tx *data.Tx) (err error) {
			more, err = spool.Prune(ctx, tx)
			return err
		})
		if err != nil {
			d.log.WarnContext(ctx, "old print jobs cannot be removed", "error", err)
			return
		}
	}
}
