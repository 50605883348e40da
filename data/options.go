package data

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"time"
)

// File names inside the data directory of one café.
const (
	fileName = "till.db"
	lockName = "lock"
	markName = "unexamined"
)

// Limits of the writer.
const (
	queueLimit      = 256         // closures waiting; one more is told Busy at once
	batchLimit      = 64          // closures in one commit
	checkpointEvery = 60          // commits after which an idle writer checkpoints
	readerLimit     = 4           // read connections
	readerIdle      = time.Minute // after which one that nobody needs gives its cache and its statements back: 3 MB
	statementLimit  = 512         // statements kept prepared on a connection; more than that are prepared each time
)

// busyTimeout is how long SQLite waits for another program that holds the file.
const busyTimeout = 10 * time.Second

// Options say where a café's data live and how time is told.
type Options struct {
	Dir    string         // data directory of one café; created with mode 0700 when missing
	Clock  Clock          // nil: SystemClock
	Zone   *time.Location // of the business day; nil: DefaultZone
	CutOff time.Duration  // end of the business day after midnight; 0: DefaultCutOff
	Log    *slog.Logger   // nil: discarded

	// MaxLeap is how many days after the open business day the clock may open another; more is clock.ahead. 0: any.
	MaxLeap int

	// Migrated looks at the copy of an older release's database that was brought up to date, before it takes the place of the
	// one it was made of; an error leaves that one. nil: only what data itself can check.
	Migrated func(context.Context, Querier) error

	VFS      string           // name of a registered SQLite VFS; empty: the system's. For tests and benchmarks.
	MaxBatch int              // closures in one commit, 1 to 64; 0: 64. One commit a write, for comparison only.
	Fault    func(Step) error // asked before each statement of a closure and before COMMIT; an error fails it. For tests.

	hooks hooks  // of this package's own tests and of the crash harness
	file  string // another name than till.db: of a copy that is looked at, and never sold on
}

// hooks weaken the kernel on purpose, so that its tests can show that they would notice. The zero value is the
// product; only a Weakness sets another, and export_test.go.
type hooks struct {
	synchronous  string            // instead of FULL
	busyTimeout  time.Duration     // instead of busyTimeout
	keepLog      bool              // sell on behind the log of the last run
	trustCache   bool              // do not rewrite the log of the last run
	ackEarly     bool              // answer before COMMIT
	keepCells    bool              // leave cells as a refused closure set them
	beforeSwap   func() error      // told when a migrated copy is about to take the place of the file
	afterRewrite func(path string) // told when the log has been rewritten at start, outside SQLite's file layer
}

// Step is one thing the writer is about to do, as Options.Fault sees it.
type Step struct {
	Op  string // "exec", "query" or "commit"
	SQL string // the statement; empty for a commit
}

func (o Options) withDefaults() (Options, error) {
	if _, machine := o.Clock.(SystemClock); machine || o.Clock == nil {
		o.Clock = runningClock{since: SystemClock{}.Now()}
	}
	if o.Zone == nil {
		zone, err := time.LoadLocation(DefaultZone)
		if err != nil {
			return o, err
		}
		o.Zone = zone
	}
	if o.CutOff == 0 {
		o.CutOff = DefaultCutOff
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxBatch <= 0 || o.MaxBatch > batchLimit {
		o.MaxBatch = batchLimit
	}
	return o, nil
}

func (o Options) path() string { return filepath.Join(o.Dir, cmp.Or(o.file, fileName)) }

// dsn names the database with every setting in it: a PRAGMA run on a pool would reach one connection only.
func (o Options) dsn(readOnly bool) string {
	q := url.Values{}
	pragma := func(p string) { q.Add("_pragma", p) }
	busy, synchronous := busyTimeout, "FULL" // FULL, not NORMAL: the terminal is unplugged at closing time
	if o.hooks.busyTimeout > 0 {
		busy = o.hooks.busyTimeout
	}
	if o.hooks.synchronous != "" {
		synchronous = o.hooks.synchronous
	}
	pragma(fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds())) // first: the pragmas after it may have to wait
	if readOnly {
		q.Set("mode", "ro")
		pragma("query_only(1)")
		pragma("cache_size(-1000)") // of each of four; what they miss the system has in its own cache
	} else {
		q.Set("_txlock", "immediate") // a deferred read-then-write loses writes under contention
		pragma("journal_mode(WAL)")
		pragma("wal_autocheckpoint(4000)") // a backstop: the writer checkpoints itself when idle
		pragma("journal_size_limit(67108864)")
		pragma(fmt.Sprintf("cache_size(-%d)", cachePiece)) // twice what a full batch changes
	}
	pragma("synchronous(" + synchronous + ")")
	pragma("foreign_keys(1)")
	pragma("recursive_triggers(1)") // or REPLACE would take rows out of a ledger past the trigger that forbids it
	pragma("temp_store(MEMORY)")
	pragma("mmap_size(0)")
	pragma("trusted_schema(0)")
	pragma("cell_size_check(1)")
	q.Set("_defensive", "1")
	q.Set("_dqs", "0")
	if o.VFS != "" {
		q.Set("vfs", o.VFS)
	}
	return (&url.URL{Scheme: "file", OmitHost: true, Path: o.path(), RawQuery: q.Encode()}).String()
}
