package data

import (
	"runtime"
	"time"
)

// Weakness spoils the kernel on purpose.
type Weakness func(*Options)

// Weak spoils an opening.
func Weak(w ...Weakness) func(*Options) {
	return func(o *Options) {
		for _, spoil := range w {
			spoil(o)
		}
	}
}

// The weaknesses that the tests must find out.
func SellBehindTheOldLog(o *Options) { o.hooks.keepLog = true }
func TrustTheCache(o *Options)       { o.hooks.trustCache = true }
func AnswerBeforeCommit(o *Options)  { o.hooks.ackEarly = true }
func SyncAtCheckpoints(o *Options)   { o.hooks.synchronous = "NORMAL" }
func NeverSync(o *Options)           { o.hooks.synchronous = "OFF" }
func KeepRefusedCells(o *Options)    { o.hooks.keepCells = true }

// WaitForOthers shortens how long SQLite waits for another program.
func WaitForOthers(d time.Duration) Weakness { return func(o *Options) { o.hooks.busyTimeout = d } }

// TellRewrites calls told with the path of each log that is rewritten at start.
func TellRewrites(told func(path string)) Weakness {
	return func(o *Options) { o.hooks.afterRewrite = told }
}

// AwaitQueue returns when n closures wait for the writer.
func AwaitQueue(db *DB, n int) {
	for len(db.writer.queue) < n {
		runtime.Gosched()
	}
}

// The limits of the kernel.
const (
	QueueLimit       = queueLimit
	BatchLimit       = batchLimit
	CheckpointEvery  = checkpointEvery
	ReaderLimit      = readerLimit
	StatementLimit   = statementLimit
	CommandRetention = commandRetention
	ApplicationID    = applicationID
)

// Statements tells how many statements the writer and the readers keep prepared.
func Statements(db *DB) (writer, reader int) {
	db.reader.mu.RLock()
	defer db.reader.mu.RUnlock()
	return len(db.writer.stmts), len(db.reader.stmts)
}

// MigrationFiles are the embedded migrations.
var MigrationFiles = migrationFiles
