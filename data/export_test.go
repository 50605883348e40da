package data

import (
	"runtime"
	"time"
)

// Weak spoils an opening.
func Weak(w ...Weakness) func(*Options) {
	return func(o *Options) {
		for _, spoil := range w {
			spoil(o)
		}
	}
}

// WaitForOthers shortens how long SQLite waits for another program.
func WaitForOthers(d time.Duration) Weakness { return func(o *Options) { o.hooks.busyTimeout = d } }

// AwaitQueue returns when n closures wait for the writer.
func AwaitQueue(db *DB, n int) {
	for len(db.writer.queue) < n {
		runtime.Gosched()
	}
}

// LogMoved reports, from inside a closure, whether the log was ever moved into the database.
func LogMoved(tx *Tx) bool { return tx.w.moved }

// The limits of the kernel.
const (
	QueueLimit       = queueLimit
	BatchLimit       = batchLimit
	CheckpointEvery  = checkpointEvery
	ReaderLimit      = readerLimit
	StatementLimit   = statementLimit
	CommandRetention = commandRetention
	ApplicationID    = applicationID
	NewestSchema     = newestSchema
)

// MadeSchema and SchemaDigest say what newestSchema has to be.
var (
	MadeSchema   = madeSchema
	SchemaDigest = schemaDigest
)

// Statements tells how many statements the writer and the readers keep prepared.
func Statements(db *DB) (writer, reader int) {
	db.reader.mu.RLock()
	defer db.reader.mu.RUnlock()
	return len(db.writer.stmts), len(db.reader.stmts)
}

// BeforeSwap is asked before a migrated copy takes the place of the file.
func BeforeSwap(ask func() error) Weakness { return func(o *Options) { o.hooks.beforeSwap = ask } }

// RoomToUpgrade asks whether a file of a size can be brought up to date in a directory.
func RoomToUpgrade(dir string, size int64) error { return roomToUpgrade(Options{Dir: dir}, size) }

// MigrationFiles are the embedded migrations.
var MigrationFiles = migrationFiles

// AddCommitTime counts a commit that took so long.
func AddCommitTime(db *DB, took time.Duration) { db.writer.times.add(took) }
