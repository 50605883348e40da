package data

import (
	"slices"
	"sync/atomic"
	"time"
)

// recentCommits is over how many commits the percentiles of CommitTimes are taken.
const recentCommits = 100

// fewCommits is how many commits it takes before a disk is called slow.
const fewCommits = 20

// SlowCommit is the 95th percentile of the last hundred commits from which somebody should look at the disk: a tap is still
// answered before it feels late, but not twice in a row.
const SlowCommit = 150 * time.Millisecond

// commitBounds are the upper bounds of the buckets of CommitTimes; one more holds what took longer.
func commitBounds() [12]time.Duration {
	return [12]time.Duration{
		500 * time.Microsecond, time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond, 20 * time.Millisecond,
		50 * time.Millisecond, 100 * time.Millisecond, 150 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second,
	}
}

// CommitTimes is how long commits took, the sync of the disk included: of all since the database was opened, and of the last
// hundred.
type CommitTimes struct {
	Count   int64         // commits since the start
	Sum     time.Duration // of all of them
	Buckets []CommitBucket

	Recent        int // of the last hundred: fewer after a start
	P50, P95, Max time.Duration
}

// CommitBucket counts the commits that took longer than the bucket before, and at most UpTo. UpTo 0: any longer time.
type CommitBucket struct {
	UpTo  time.Duration
	Count int64
}

// Slow reports whether the disk has become slow: the 95th percentile of the last hundred commits is above SlowCommit.
func (c CommitTimes) Slow() bool { return c.Recent >= fewCommits && c.P95 > SlowCommit }

// commitTimes is written by the writer alone and read by anybody, without a lock and without memory of its own.
type commitTimes struct {
	counts [len([12]time.Duration{}) + 1]atomic.Int64
	sum    atomic.Int64
	n      atomic.Int64
	recent [recentCommits]atomic.Int64
}

func (c *commitTimes) add(took time.Duration) {
	i := 0
	for _, bound := range commitBounds() {
		if took <= bound {
			break
		}
		i++
	}
	c.counts[i].Add(1)
	c.sum.Add(int64(took))
	n := c.n.Load()
	c.recent[n%recentCommits].Store(int64(took))
	c.n.Store(n + 1)
}

// CommitTimes tells how long commits take on this disk. A read-only database has none.
func (db *DB) CommitTimes() CommitTimes {
	if db.writer == nil {
		return CommitTimes{}
	}
	c := &db.writer.times
	t := CommitTimes{Count: c.n.Load(), Sum: time.Duration(c.sum.Load())}
	bounds := commitBounds()
	for i, bound := range append(bounds[:], 0) {
		t.Buckets = append(t.Buckets, CommitBucket{UpTo: bound, Count: c.counts[i].Load()})
	}
	t.Recent = int(min(t.Count, recentCommits))
	if t.Recent == 0 {
		return t
	}
	recent := make([]time.Duration, t.Recent)
	for i := range recent {
		recent[i] = time.Duration(c.recent[i].Load())
	}
	slices.Sort(recent)
	t.P50, t.P95, t.Max = recent[t.Recent/2], recent[t.Recent*95/100], recent[t.Recent-1]
	return t
}
