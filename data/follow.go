package data

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"comptoir/data/fault"
)

// Follower knows which pages of the database have changed since they were read last, so that a copy elsewhere is kept
// with what changed and no more. The writer itself tells it, between a commit and its answers: nothing else opens the
// log, holds it, or moves it into the database.
type Follower struct {
	opts FollowOptions
	db   *DB
	pool *sql.DB // one connection, for the states that are read

	mu    sync.Mutex // held while a transaction is open: no state is read between a commit and the news of its pages
	tail  *logTail
	fresh map[uint32]struct{} // changed since the last Read began
	taken map[uint32]struct{} // of the Read that runs
	lost  bool                // what changed is not known: only the whole database brings a copy up to date
	whole bool                // the Read that runs hands over all pages

	noting  sync.Mutex // one note at a time
	noted   Log        // the log that the last note named
	tried   int        // frames of the log when it was moved last, without being idle; of the writer
	stopped bool
}

// FollowOptions say what is known when following begins, and who is told what.
type FollowOptions struct {
	Pages []uint32 // changed before, as the last note and the log that was found at start say
	Lost  bool     // what changed before is not known

	// Note is called before the log may be moved into the database and used again, by the writer: what it is told has
	// to be on the disk when it returns. With the pages of the log of that name, or of the one that follows it, nothing
	// that was not read yet is forgotten by a power cut. An error leaves the log as it is.
	Note func(n FollowNote) error

	// Committed is called by the writer after each commit that changed a page, before anybody is answered. nil: nobody.
	// Whatever it waits for, every command of that commit waits for.
	Committed func()
}

// FollowNote is what has to outlast a power cut.
type FollowNote struct {
	Log   Log      // the one that is written to
	Pages []uint32 // changed and not read yet, in order
	Lost  bool     // only the whole database will do
}

// State is the database at one instant, for a copy.
type State struct {
	Size    uint32   // pages
	Changed []uint32 // since the last Read that succeeded, in order; none beyond Size
	Lost    bool     // Changed says too little: all pages are needed

	tx *sql.Tx
}

// errFollowed is told to a second follower.
var errFollowed = fault.New(fault.Internal, "data.followed", "The database is followed already.")

// maxLogFrames is after how many frames the log is moved although the writer is not idle: 16 MB. It takes the place of
// SQLite's own threshold, which would not ask whether what changed has been noted.
const maxLogFrames = 4000

// Follow begins to follow. One at a time; Close ends it. It is called before the log is moved for the first time since
// Open, or what was written meanwhile is not known, and the first State is Lost.
func (db *DB) Follow(ctx context.Context, opts FollowOptions) (*Follower, error) {
	f := &Follower{opts: opts, db: db, fresh: map[uint32]struct{}{}, lost: opts.Lost, tail: newLogTail(db.opts.path() + "-wal")}
	for _, p := range opts.Pages {
		f.fresh[p] = struct{}{}
	}
	var err error
	if f.pool, err = sql.Open(driverName, db.opts.dsn(true)); err != nil {
		return nil, err
	}
	f.pool.SetMaxOpenConns(1)
	join := func(_ context.Context, tx *Tx) error {
		if tx.w.follower != nil {
			return errFollowed
		}
		if tx.w.moved || f.tail.long() {
			f.lost = true
		}
		tx.w.follower, tx.w.joined = f, true
		return nil
	}
	tell := func(context.Context, *Tx) error { return nil } // the first commit that tells: of all that is in the log
	err = db.Write(ctx, join)
	if err == nil {
		if err = db.Write(ctx, tell); err == nil {
			err = f.note()
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		return f, nil
	}
	return nil, errors.Join(err, f.pool.Close())
}

// Close ends following. What it says has changed is what the next Follow has to be told.
func (f *Follower) Close() error {
	f.mu.Lock()
	again := f.stopped
	f.stopped = true
	f.mu.Unlock()
	if again {
		return nil
	}
	err := f.db.Write(f.db.writer.ctx, func(_ context.Context, tx *Tx) error {
		tx.w.follower, tx.w.joined = nil, true
		return nil
	})
	if errors.Is(err, errStopped) {
		err = nil // the writer has ended, and tells nobody
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.Join(err, f.tail.close(), f.pool.Close())
}

// Pending is what has changed and was not read yet.
func (f *Follower) Pending() FollowNote {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pending()
}

func (f *Follower) pending() FollowNote {
	all := maps.Clone(f.fresh)
	maps.Copy(all, f.taken)
	return FollowNote{Log: f.tail.log, Pages: slices.Sorted(maps.Keys(all)), Lost: f.lost || f.whole}
}

// Lose makes the next State whole: what the copy holds is not what was thought.
func (f *Follower) Lose() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lost = true
}

// Read hands one state of the database to use, and calls sent after it: when either fails, what changed is handed over
// again by the next Read. The log is not used again while use runs: what is slow belongs in sent (nil: nothing). One Read
// at a time.
func (f *Follower) Read(ctx context.Context, use func(ctx context.Context, s State) error, sent func() error) error {
	s, err := f.begin(ctx)
	if err != nil {
		return err
	}
	err = use(ctx, s)
	if ended := s.tx.Rollback(); !errors.Is(ended, sql.ErrTxDone) { // it ends with its context
		err = errors.Join(err, ended)
	}
	if err == nil && sent != nil {
		err = sent()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err != nil {
		maps.Copy(f.fresh, f.taken)
		f.lost = f.lost || s.Lost
	}
	f.taken, f.whole = nil, false
	return err
}

// begin opens a read transaction while no other is open, and takes what has changed up to it.
func (f *Follower) begin(ctx context.Context) (s State, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.tx, err = f.pool.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}); err != nil {
		return s, fmt.Errorf("state for a copy: %w", err)
	}
	if err := s.tx.QueryRowContext(ctx, "PRAGMA page_count").Scan(&s.Size); err != nil {
		return s, errors.Join(fmt.Errorf("state for a copy: %w", err), s.tx.Rollback())
	}
	f.taken, f.fresh = f.fresh, map[uint32]struct{}{}
	s.Lost, f.whole, f.lost = f.lost, f.lost, false
	for _, p := range slices.Sorted(maps.Keys(f.taken)) {
		if p <= s.Size {
			s.Changed = append(s.Changed, p)
		}
	}
	return s, nil
}

// Each hands over the pages that changed, or all when Changed says too little; the bytes are good until page returns.
func (s State) Each(ctx context.Context, page func(number uint32, bytes []byte) error) error {
	if s.Lost {
		return s.each(ctx, page, `SELECT pgno, data FROM sqlite_dbpage WHERE pgno BETWEEN 1 AND ? ORDER BY pgno`, s.Size)
	}
	if len(s.Changed) == 0 {
		return nil
	}
	numbers, err := json.Marshal(s.Changed) // one statement for all: answers may be waiting
	if err != nil {
		return err
	}
	return s.each(ctx, page, `SELECT pgno, data FROM json_each(?) AS j CROSS JOIN sqlite_dbpage AS p WHERE p.pgno = j.value`, string(numbers))
}

func (s State) each(ctx context.Context, page func(uint32, []byte) error, query string, arg any) error {
	rows, err := s.tx.QueryContext(ctx, query, arg)
	if err != nil {
		return fmt.Errorf("pages for a copy: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var number uint32
		var bytes sql.RawBytes
		if err := rows.Scan(&number, &bytes); err != nil {
			return fmt.Errorf("pages for a copy: %w", err)
		}
		if err := page(number, bytes); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// hold keeps states from being read while a transaction is open. A follower that is nil holds nothing.
func (f *Follower) hold() {
	if f != nil {
		f.mu.Lock()
	}
}

// release reads what the commit has added to the log, and tells whether it changed anything.
func (f *Follower) release(committed bool) (changed bool) {
	if f == nil {
		return false
	}
	defer f.mu.Unlock()
	if !committed {
		return false
	}
	pages, err := f.tail.read()
	if err != nil {
		f.lost = true
		f.db.opts.Log.Error("the log could not be read for the copy; the whole database will be copied", "error", err)
	}
	for _, p := range pages {
		f.fresh[p] = struct{}{}
	}
	return len(pages) > 0 || err != nil
}

// tell is called by the writer when a commit changed something.
func (f *Follower) tell() {
	if !f.covers(f.tail.log) { // the first log after a start bears a name that nobody could know
		if err := f.note(); err != nil {
			f.db.opts.Log.Error("what the copy lacks could not be noted", "error", err)
		}
	}
	if f.opts.Committed != nil {
		f.opts.Committed()
	}
}

// covers reports whether the last note, with what is in a log of that name, says all that has changed.
func (f *Follower) covers(log Log) bool {
	f.noting.Lock()
	defer f.noting.Unlock()
	return f.opts.Note == nil || f.noted.LeadsTo(log)
}

// note has everything noted that has changed and was not read yet.
func (f *Follower) note() error {
	if f.opts.Note == nil {
		return nil
	}
	f.noting.Lock()
	defer f.noting.Unlock()
	n := f.Pending()
	if err := f.opts.Note(n); err != nil {
		return err
	}
	f.noted = n.Log
	return nil
}

// due reports whether the log has to be moved although commits are waiting.
func (f *Follower) due() bool {
	if f == nil {
		return false
	}
	if f.tail.frames < f.tried { // it was begun again
		f.tried = 0
	}
	if f.tail.frames < f.tried+maxLogFrames {
		return false
	}
	f.tried = f.tail.frames
	return true
}
