package data

import (
	"log/slog"
	"net/url"
	"path/filepath"
	"time"
)

// File names inside the data directory of one café.
const (
	fileName = "till.db"
	lockName = "lock"
)

// Limits of the writer.
const (
	queueLimit      = 256 // closures waiting; one more is told Busy at once
	batchLimit      = 64  // closures in one commit
	checkpointEvery = 60  // commits after which an idle writer checkpoints
	readerLimit     = 4   // read connections
)

// Options say where a café's data live and how time is told.
type Options struct {
	Dir    string         // data directory of one café; created with mode 0700 when missing
	Clock  Clock          // nil: SystemClock
	Zone   *time.Location // of the business day; nil: DefaultZone
	CutOff time.Duration  // end of the business day after midnight; 0: DefaultCutOff
	Log    *slog.Logger   // nil: discarded

	VFS      string           // name of a registered SQLite VFS; empty: the system's. For tests and benchmarks.
	MaxBatch int              // closures in one commit, 1 to 64; 0: 64. One commit a write, for comparison only.
	Fault    func(Step) error // asked before each statement of a closure and before COMMIT; an error fails it. For tests.
}

// Step is one thing the writer is about to do, as Options.Fault sees it.
type Step struct {
	Op  string // "exec", "query" or "commit"
	SQL string // the statement; empty for a commit
}

func (o Options) withDefaults() (Options, error) {
	if o.Clock == nil {
		o.Clock = SystemClock{}
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

func (o Options) path() string { return filepath.Join(o.Dir, fileName) }

// dsn names the database with every setting in it: a PRAGMA run on a pool would reach one connection only.
func (o Options) dsn(readOnly bool) string {
	q := url.Values{}
	pragma := func(p string) { q.Add("_pragma", p) }
	pragma("busy_timeout(10000)") // first: the pragmas after it may have to wait
	if readOnly {
		q.Set("mode", "ro")
		pragma("query_only(1)")
	} else {
		q.Set("_txlock", "immediate") // a deferred read-then-write loses writes under contention
		pragma("journal_mode(WAL)")
		pragma("wal_autocheckpoint(4000)") // a backstop: the writer checkpoints itself when idle
		pragma("journal_size_limit(67108864)")
		pragma("cache_size(-16000)")
	}
	pragma("synchronous(FULL)") // FULL, not NORMAL: the terminal is unplugged at closing time
	pragma("foreign_keys(1)")
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
