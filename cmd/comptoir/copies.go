package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"comptoir/cmd/comptoir/internal/recovery"
	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/cmd/comptoir/internal/web"
	"comptoir/data/fault"
	"comptoir/pos"
)

// copies keeps the copy of one open café in its second place, as the settings say. It starts when the café was opened
// just now, and ends before the café is closed: the log is moved into the database only when it is known what the copy
// lacks.
type copies struct {
	till *pos.Till
	dir  string
	log  *slog.Logger

	turn sync.Mutex // one change after the other; held while a copy ends, which may take a moment

	mu      sync.Mutex       // never held while something is waited for: state answers at once
	running *replica.Replica // nil: no copy is kept
	trouble string           // code of why none is kept although one is set up
	halt    func()           // ends it and waits

	alone sync.Mutex                  // held while a backup is made that somebody asked for
	spawn func(func(context.Context)) // does something beside the sales until the café is closed
	quit  func()                      // ends that and waits
}

// openCopies begins to keep the copy. Whatever is wrong with it is the page's to say: the café is open all the same.
func openCopies(ctx context.Context, t *pos.Till, found replica.Found, log *slog.Logger) *copies {
	c := &copies{till: t, dir: t.DB().Dir(), log: log, halt: func() {}}
	beside, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var work sync.WaitGroup
	c.spawn = func(do func(context.Context)) { work.Go(func() { do(beside) }) }
	c.quit = func() { cancel(); work.Wait() }
	settings, err := replica.ReadSettings(c.dir)
	if err != nil {
		c.set(nil, func() {}, err)
		return c
	}
	_ = c.begin(ctx, settings, found) // state tells it
	return c
}

// begin keeps a copy as the settings say, and says so when it cannot. Of the caller: nothing is running.
func (c *copies) begin(ctx context.Context, s replica.Settings, found replica.Found) error {
	r, halt, err := c.follow(ctx, s, found)
	c.set(r, halt, err)
	return err
}

// set says what is running now, or why nothing is.
func (c *copies) set(r *replica.Replica, halt func(), err error) {
	trouble := ""
	if err != nil {
		trouble = fault.CodeOf(err)
		c.log.Error("no copy is kept in a second place", "error", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running, c.halt, c.trouble = r, halt, trouble
}

// follow begins a copy; halt ends it and waits.
func (c *copies) follow(ctx context.Context, s replica.Settings, found replica.Found) (_ *replica.Replica, halt func(), err error) {
	none := func() {}
	target, err := s.Place()
	if err != nil {
		return nil, none, err
	}
	if target.Kind == "" {
		return nil, none, replica.Forget(c.dir)
	}
	cafe, err := c.till.JournalID(ctx)
	if err != nil {
		return nil, none, err
	}
	key, err := c.till.MarkerKey()
	if err != nil {
		return nil, none, err
	}
	r, err := replica.New(ctx, replica.Config{DB: c.till.DB(), Dir: c.dir, Cafe: cafe, Epoch: c.till.DB().Epoch(), Key: key, Target: target, Found: found, Wait: s.Wait, Log: c.log})
	if err != nil {
		return nil, none, err
	}
	run, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() { defer close(ended); r.Run(run) }()
	return r, func() { cancel(); <-ended }, nil
}

// use keeps the settings and follows them at once.
func (c *copies) use(ctx context.Context, s replica.Settings) error {
	c.turn.Lock()
	defer c.turn.Unlock()
	if err := replica.WriteSettings(c.dir, s); err != nil {
		return err
	}
	c.stop()
	// What another place lacks is not known. The copy before may have used up the time of whoever asked: the settings hold all the same.
	return c.begin(context.WithoutCancel(ctx), s, replica.Found{})
}

// stop ends what is running. Until it has ended, that is what state tells of.
func (c *copies) stop() {
	c.mu.Lock()
	halt := c.halt
	c.mu.Unlock()
	halt()
}

// State tells how the copy is.
func (c *copies) state() replica.State {
	if c == nil {
		return replica.State{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.running.State()
	if c.trouble != "" {
		s.Code = c.trouble
	}
	return s
}

// lent is what pages do with copies.
func (c *copies) lent(first *lookout) *web.Copies {
	return &web.Copies{State: c.state, Sighted: first.sighted, OnThisDisk: first.onThisDisk, Use: c.use, Settings: func() (replica.Settings, error) { return replica.ReadSettings(c.dir) },
		BackUp: c.backUp, Code: c.drawCode, HasCode: func() bool { return recovery.HasCode(c.dir) }}
}

var errBackupRuns = fault.New(fault.Busy, "backup.running", "A backup is being made already.")

// backUp begins a backup on the stick, or in the second place where there is no stick. What becomes of it is journaled.
func (c *copies) backUp(_ context.Context, by pos.By) error {
	s, err := replica.ReadSettings(c.dir)
	if err != nil {
		return err
	}
	to := s.Stick
	if to == "" {
		to = s.Target
	}
	if to == "" {
		return errNoPlace
	}
	if !c.alone.TryLock() {
		return errBackupRuns
	}
	by = pos.By{Operator: by.Operator} // the command is answered before the backup is there
	c.spawn(func(ctx context.Context) {
		defer c.alone.Unlock()
		ctx, cancel := context.WithTimeout(ctx, backupLimit)
		defer cancel()
		if _, _, err := backUpNow(ctx, c.till, by, to); err != nil {
			c.log.Error("the backup that was asked for could not be made", "error", err)
		}
	})
	return nil
}

// drawCode draws the recovery code, and lays the keys sealed with it beside the copies as soon as they can be reached.
func (c *copies) drawCode(context.Context) (string, error) {
	code := recovery.NewCode()
	if err := recovery.SetCode(c.dir, code); err != nil {
		return "", err
	}
	c.spawn(func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, sealLimit)
		defer cancel()
		if err := sealAtPlaces(ctx, c.dir); err != nil {
			c.log.Error("the keys could not be laid beside the copies yet; the next backup does it", "error", err)
		}
	})
	return code, nil
}

// sealLimit is how long a second place may take to keep the sealed keys.
const sealLimit = time.Minute

// end copies what is left, for a moment, and stops. The café is closed after it, and sealed then.
func (c *copies) end() {
	if c == nil {
		return
	}
	c.quit()
	c.turn.Lock()
	defer c.turn.Unlock()
	c.stop()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running, c.halt = nil, func() {}
}

// placeCopies has the copy go to the place that the command line names.
func placeCopies(ctx context.Context, t *pos.Till, to string) error {
	if to == "" {
		return nil
	}
	dir := t.DB().Dir()
	s, err := replica.ReadSettings(dir)
	if err != nil {
		return err
	}
	before := web.CopyPlan(s)
	target, err := replica.ParseTarget(to)
	if err != nil {
		return err // before it is journaled: what somebody typed may hold a password
	}
	s.Target = target.String()
	return t.ChangeCopies(ctx, pos.System("sys"), before, web.CopyPlan(s), func() error { return replica.WriteSettings(dir, s) })
}
