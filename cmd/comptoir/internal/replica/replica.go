package replica

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/superfly/ltx"

	"comptoir/data"
	"comptoir/data/fault"
)

// Times of a copy.
const (
	nearInterval = 200 * time.Millisecond // between two files for a folder
	farInterval  = time.Second            // for a machine or a store elsewhere
	waitLimit    = 2 * time.Second        // how long answers wait for the second place, once; then it is behind
	lookInterval = time.Minute            // how often an idle copy looks whose the place is
	retryFirst   = time.Second            // after the place could not be used; doubled up to retryLast
	retryLast    = 30 * time.Second
	lastLimit    = 3 * time.Second // what is left at the end may take this long
	headInterval = time.Second     // how often the second head is written
)

// Config is one café's copy.
type Config struct {
	DB     *data.DB
	Dir    string        // of the café
	Cafe   string        // id of its journal: a place that holds another's is not written to
	Epoch  int64         // of the café; a copy of an older one stays where it is
	Key    []byte        // of the café's markers
	Target Target        // the second place
	Found  Found         // from Find, before the café was opened
	Wait   bool          // commands are answered when the second place has them
	Every  time.Duration // between two files; 0: nearInterval or farInterval
	Log    *slog.Logger
	Clock  data.Clock // nil: the machine's
}

// Replica keeps the copy of one open café.
type Replica struct {
	config   Config
	log      *slog.Logger
	follower *data.Follower
	keeper   *keeper
	changed  chan struct{} // of one: something was committed
	early    bool          // answers wait from the start: what the copy lacks is known, and little

	commits atomic.Uint64 // that changed something
	size    atomic.Int64  // bytes of the database

	mu       sync.Mutex
	sent     uint64        // commits that the second place has
	moved    chan struct{} // closed when sent or code has changed
	code     string
	at       time.Time // when the place had everything last
	since    time.Time // of the oldest commit that it lacks; zero: none
	failed   error     // behind code
	sameDisk bool      // see State

	// Of Run.
	place    Place
	files    files
	txid     ltx.TXID
	level0   int   // files of level 0
	snapshot int64 // bytes of the newest whole copy there
	changes  int64 // bytes sent since
	looked   time.Time
	headAt   time.Time
	head     []byte // written last
}

// State is how a copy is.
type State struct {
	Target string        // without secrets; empty: no copy is kept
	Code   string        // empty: all is well; otherwise the code of what is wrong
	Behind time.Duration // since when the second place lacks something
	At     time.Time     // when it had everything last; zero: not since the start
	Size   int64         // bytes of the database
	Wait   bool
	// SameDisk: the place is on the disk of the data, and the copy would be lost with them. False until it was reached.
	SameDisk bool
}

// New begins to note what changes; Run copies it. The café was opened just now: what is written before New is not known.
func New(ctx context.Context, c Config) (*Replica, error) {
	r := &Replica{config: c, log: c.Log, changed: make(chan struct{}, 1), moved: make(chan struct{})}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	if r.config.Every == 0 {
		r.config.Every = farInterval
		if c.Target.Kind == Folder {
			r.config.Every = nearInterval
		}
	}
	sweep(c.Dir)
	var schema int64
	if err := c.DB.Reader().QueryRow(ctx, "PRAGMA schema_version").Scan(&schema); err != nil {
		return nil, fmt.Errorf("copy: %w", err)
	}
	was := c.Found.position
	known := c.Found.known && was.Target == c.Target.String() && was.Epoch == c.Epoch && was.Schema == schema
	r.keeper = &keeper{dir: c.Dir, now: position{Target: c.Target.String(), Epoch: c.Epoch, Schema: schema}}
	if was.Target == c.Target.String() {
		r.keeper.now.Copy = was.Copy // that there was one is known, whatever it lacks
	}
	opts := data.FollowOptions{Lost: !known, Note: r.keeper.note, Committed: r.committed}
	if known {
		r.keeper.now.TXID, opts.Pages = was.TXID, was.Pages
	}
	r.code = errFirst.Code
	var err error
	if r.follower, err = c.DB.Follow(ctx, opts); err != nil { // it writes, and nobody copies yet: that waits for nothing
		return nil, err
	}
	known = !r.follower.Pending().Lost
	r.mu.Lock()
	r.early = known
	r.mu.Unlock()
	return r, nil
}

// errFirst is the state of a copy before the first time that it has everything.
var errFirst = fault.New(fault.Busy, "copy.begun", "The first copy is being made.")

func (r *Replica) now() time.Time {
	if r.config.Clock == nil {
		return data.SystemClock{}.Now().UTC()
	}
	return r.config.Clock.Now().UTC()
}

// instant is the machine's time, for how long something takes here: the café's clock may be set meanwhile.
func instant() time.Time { return data.SystemClock{}.Now() }

// committed is called by the writer after each commit. It waits only when answers have to, and not while the place is
// known to be out of reach.
func (r *Replica) committed() {
	n := r.commits.Add(1)
	r.mu.Lock()
	if r.since.IsZero() {
		r.since = r.now()
	}
	r.mu.Unlock()
	select {
	case r.changed <- struct{}{}:
	default:
	}
	if !r.config.Wait {
		return
	}
	late := time.NewTimer(waitLimit)
	defer late.Stop()
	for {
		r.mu.Lock()
		there, moved := r.sent >= n || r.code != "" && (r.code != errFirst.Code || !r.early), r.moved
		r.mu.Unlock()
		if there {
			return
		}
		select {
		case <-moved:
		case <-late.C:
			r.set(errLate)
			return
		}
	}
}

// errLate is the state of a place that answers did not wait for any longer.
var errLate = fault.New(fault.Busy, "copy.behind", "The second place is slow; commands are answered without waiting for it.")

// Run copies until ctx ends, and then what is left for a moment. It returns when nothing is noted any more; the café is
// closed after it, and then Seal is called.
func (r *Replica) Run(ctx context.Context) {
	wait := time.Duration(0)
	retry := retryFirst
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for ctx.Err() == nil {
		begun := instant()
		err := r.pass(ctx)
		switch {
		case err != nil:
			wait, retry = retry, min(2*retry, retryLast)
		default:
			retry = retryFirst
			wait = r.config.Every - instant().Sub(begun)
		}
		if r.config.Wait && err == nil {
			wait = 0
		}
		timer.Reset(max(wait, 0))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		if err == nil {
			r.await(ctx)
		}
	}
	r.end(context.WithoutCancel(ctx))
}

// await returns when something was committed, or when it is time to look at the place again.
func (r *Replica) await(ctx context.Context) {
	look := time.NewTimer(lookInterval)
	defer look.Stop()
	select {
	case <-ctx.Done():
	case <-r.changed:
	case <-look.C:
	}
}

// end copies what is left and ends following.
func (r *Replica) end(ctx context.Context) {
	last, cancel := context.WithTimeout(ctx, lastLimit)
	defer cancel()
	if code := r.State().Code; code == "" || code == errFirst.Code {
		_ = r.pass(last) // its state says what is wrong
	}
	r.drop()
	if err := r.keeper.note(r.follower.Pending()); err != nil {
		r.log.Error("what the copy lacks could not be noted", "error", err)
	}
	if err := r.follower.Close(); err != nil {
		r.log.Error("following the database ended badly", "error", err)
	}
}

// set says how the copy is, and wakes whoever waits for it.
func (r *Replica) set(err error) {
	code := ""
	if err != nil {
		code = fault.CodeOf(placed(err))
	}
	r.mu.Lock()
	before := r.code
	r.code, r.failed = code, err
	close(r.moved)
	r.moved = make(chan struct{})
	r.mu.Unlock()
	switch {
	case code != "" && code != before:
		r.log.Error("the copy in the second place is not kept", "code", code, "place", r.config.Target.String(), "error", err)
	case code == "" && before != "":
		r.log.Info("the copy in the second place is kept", "place", r.config.Target.String())
	}
}

// State tells how the copy is. A replica that is nil keeps none.
func (r *Replica) State() State {
	if r == nil {
		return State{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := State{Target: r.config.Target.String(), Code: r.code, At: r.at, Size: r.size.Load(), Wait: r.config.Wait, SameDisk: r.sameDisk}
	if !r.since.IsZero() {
		s.Behind = max(r.now().Sub(r.since), 0)
	}
	return s
}

// Sync waits until the second place has all that was committed before. Errors: the code of what is wrong with the place,
// or that of ctx.
func (r *Replica) Sync(ctx context.Context) error {
	n := r.commits.Load()
	for {
		r.mu.Lock()
		sent, code, failed, moved := r.sent, r.code, r.failed, r.moved
		r.mu.Unlock()
		switch {
		case code == "" && sent >= n:
			return nil
		case failed != nil && code != errLate.Code:
			return placed(failed)
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
