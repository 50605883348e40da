package faultvfs

import (
	"time"

	lib "modernc.org/sqlite/lib"
)

// FileKind says what SQLite opened a file for.
type FileKind int

// The kinds of file that are counted apart.
const (
	Main  FileKind = iota // the database itself
	WAL                   // its write-ahead log
	Other                 // rollback journals and temporary files
	kinds
)

// FileCounts counts what was asked of the files of one kind, refused requests included.
type FileCounts struct {
	Syncs       int64
	FailedSyncs int64 // of Syncs: those made to fail
	Writes      int64
	Bytes       int64 // bytes of those Writes that were not made to fail
}

// Counts is what an [FS] has seen since it was made or since [FS.ResetCounts].
type Counts struct {
	Main, WAL, Other FileCounts
	Delayed          int64         // syncs that were delayed
	Delay            time.Duration // the delays asked for, added up: not measured
}

// Syncs is the number of syncs of all files.
func (c Counts) Syncs() int64 { return c.Main.Syncs + c.WAL.Syncs + c.Other.Syncs }

// Bytes is the number of bytes written to all files.
func (c Counts) Bytes() int64 { return c.Main.Bytes + c.WAL.Bytes + c.Other.Bytes }

// of is the counter of one kind.
func (c *Counts) of(k FileKind) *FileCounts {
	return [kinds]*FileCounts{&c.Main, &c.WAL, &c.Other}[k]
}

// plan is what is to go wrong. A countdown of 0 is off; at 1 the next request fails.
type plan struct {
	delay      time.Duration
	idle       bool // syncs answer at once and do nothing
	syncLeft   int
	syncOnward bool // once the countdown is reached, all later syncs fail too
	writeLeft  int  // then all fail: full
	brokenLeft int  // then one fails: an error of the disk
	halted     bool
}

// tick counts down once and tells whether this request is the one to fail. onward keeps it failing.
func tick(left *int, onward bool) bool {
	if *left == 0 {
		return false
	}
	*left--
	if *left > 0 {
		return false
	}
	if onward {
		*left = 1
	}
	return true
}

// DelaySync adds d to every sync from now on: an emulated slower disk. 0 ends it.
func (fs *FS) DelaySync(d time.Duration) { fs.replan(func(p *plan) { p.delay = d }) }

// SkipSyncs makes every sync answer at once without asking the disk: for data that nobody will want after a power cut,
// such as a simulation's.
func (fs *FS) SkipSyncs() { fs.replan(func(p *plan) { p.idle = true }) }

func (fs *FS) idle() bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.plan.idle
}

// FailSync makes the n-th sync from now fail (1 is the next one) with SQLITE_IOERR_FSYNC, code
// 1034, and that one only. What it should have put on the disk never gets there.
func (fs *FS) FailSync(n int) {
	fs.replan(func(p *plan) { fs.met = false; p.syncLeft, p.syncOnward = n, false })
}

// FailSyncsFrom is [FS.FailSync] for the n-th sync and all after it: a disk that is gone.
func (fs *FS) FailSyncsFrom(n int) {
	fs.replan(func(p *plan) { fs.met = false; p.syncLeft, p.syncOnward = n, true })
}

// FailWritesFrom makes the n-th write from now and all after it fail with SQLITE_FULL, code 13,
// nothing written: a disk that is full.
func (fs *FS) FailWritesFrom(n int) { fs.replan(func(p *plan) { fs.met = false; p.writeLeft = n }) }

// FailWrite makes the n-th write from now fail (1 is the next one) with SQLITE_IOERR_WRITE, code 778, nothing written, and
// that one only.
func (fs *FS) FailWrite(n int) { fs.replan(func(p *plan) { fs.met = false; p.brokenLeft = n }) }

// Met tells whether a sync or write was made to fail since a fault was asked for last: a run that never meets its n-th write
// has had them all.
func (fs *FS) Met() bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.met
}

// Halt makes every sync, write, truncation and deletion fail from now on, so that closing the
// database leaves the files as a killed process would: no checkpoint, no log removed.
func (fs *FS) Halt() { fs.replan(func(p *plan) { p.halted = true }) }

// Heal ends every fault and delay. Counters and record go on.
func (fs *FS) Heal() { fs.replan(func(p *plan) { *p = plan{} }) }

// Counts returns the counters as they stand.
func (fs *FS) Counts() Counts {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.counts
}

// ResetCounts starts the counters at zero and returns what they were.
func (fs *FS) ResetCounts() Counts {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	c := fs.counts
	fs.counts = Counts{}
	return c
}

func (fs *FS) replan(set func(*plan)) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	set(&fs.plan)
}

// planSync counts a sync and tells how it is to end and how long it is to take.
func (fs *FS) planSync(k FileKind) (fault int32, delay time.Duration) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	c := fs.counts.of(k)
	c.Syncs++
	if tick(&fs.plan.syncLeft, fs.plan.syncOnward) || fs.plan.halted {
		c.FailedSyncs++
		fs.met = true
		return lib.SQLITE_IOERR_FSYNC, 0
	}
	if fs.plan.delay > 0 {
		fs.counts.Delayed++
		fs.counts.Delay += fs.plan.delay
	}
	return lib.SQLITE_OK, fs.plan.delay
}

// planWrite counts a write of n bytes and tells how it is to end.
func (fs *FS) planWrite(k FileKind, n int64) (fault int32) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	c := fs.counts.of(k)
	c.Writes++
	switch {
	case fs.plan.halted:
		return lib.SQLITE_IOERR_WRITE
	case tick(&fs.plan.writeLeft, true):
		fs.met = true
		return lib.SQLITE_FULL
	case tick(&fs.plan.brokenLeft, false):
		fs.met = true
		return lib.SQLITE_IOERR_WRITE
	}
	c.Bytes += n
	return lib.SQLITE_OK
}

// planOther tells how a truncation or a deletion is to end; only a halted disk refuses them.
func (fs *FS) planOther(code int32) (fault int32) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.plan.halted {
		return code
	}
	return lib.SQLITE_OK
}
