package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"comptoir/data/datatest/faultvfs"
	"comptoir/pos"
)

// trouble is one way in which a disk fails.
type trouble struct {
	name string
	plan func(disk *faultvfs.FS, n int) // the n-th from now
}

func troubles() []trouble {
	return []trouble{
		{"failed sync", (*faultvfs.FS).FailSync},
		{"failed write", (*faultvfs.FS).FailWrite},
		{"disk full", (*faultvfs.FS).FailWritesFrom},
	}
}

// The short day of which every sync and every write fails in turn.
const (
	shortDay = 16 // calls before the trouble's restart, and as many after it
	mostOf   = 5_000
)

// Faults lets a short day run again and again, from the opening of the till to its close: the first time its first sync fails,
// then its second, until a day passes that has no such sync; then the same with a failing write, and with a disk that is full
// from the n-th write on. Each time the café dies of it or refuses what it was asked; the disk is well again, the café is
// opened, audited, sells on, and its power is cut. stride is 1 for every call; more tries one call out of so many, beginning
// where chance says.
func Faults(ctx context.Context, p Plan, stride int) (Tally, error) {
	return inFolder(p, "fault", func(dir string, tally *tallied) error {
		t, err := found(ctx, filepath.Join(dir, "template"), time.Unix(firstMoment, 0))
		if err != nil {
			return err
		}
		began := p.now()
		for _, trouble := range troubles() {
			each := stride
			if trouble.name == "failed sync" {
				each = 1 // they are few, and matter most
			}
			rng := rand.New(rand.NewPCG(p.Seed, 4)) //nolint:gosec // one seed, one run
			if err := everyCall(ctx, t, trouble, dir, each, rng, func() bool { return p.left(began, tally.falls()) }, tally); err != nil {
				return fmt.Errorf("%s: %w", trouble.name, err)
			}
		}
		return nil
	})
}

// everyCall fails each call in turn until a day passes without meeting it, two days beside each other.
func everyCall(ctx context.Context, t *template, tr trouble, dir string, stride int, rng *rand.Rand, more func() bool, tally *tallied) error {
	var (
		mu   sync.Mutex
		n    = 1 + rng.IntN(stride) - stride
		over bool
		errs []error
		all  sync.WaitGroup
	)
	next := func() (int, *rand.Rand, bool) {
		mu.Lock()
		defer mu.Unlock()
		if n += stride; over || n > mostOf || !more() || ctx.Err() != nil {
			return 0, nil, false
		}
		return n, rand.New(rand.NewPCG(rng.Uint64(), uint64(n))), true //nolint:gosec // one seed, one run; n is a count
	}
	for range 2 {
		all.Go(func() {
			for {
				n, chance, ok := next()
				if !ok {
					return
				}
				folder := filepath.Join(dir, fmt.Sprint(tr.name, n))
				met, err := oneFault(ctx, t, tr, n, folder, chance, tally)
				mu.Lock()
				over = over || !met
				errs = append(errs, err, os.RemoveAll(folder))
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	all.Wait()
	return errors.Join(append(errs, ctx.Err())...)
}

// oneFault is one short day with one trouble in it, a restart, an audit, another day and a power cut.
func oneFault(ctx context.Context, t *template, tr trouble, n int, folder string, rng *rand.Rand, tally *tallied) (met bool, err error) {
	s, err := newStage(t, filepath.Join(folder, "cafe"), rng)
	if err != nil {
		return false, err
	}
	if err := s.disk.StartRecord(); err != nil {
		return false, err
	}
	day := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // the same day each time, so that the n-th call is another one each time
	hands := t.hands(1, "day", day, s.clock)
	tr.plan(s.disk, n)
	s.troubled(ctx, hands)
	met = s.disk.Met()
	s.well()
	if !met {
		_, err := s.disk.StopRecord()
		return false, errors.Join(err, s.disk.Close())
	}
	where := fmt.Sprintf("%s, call %d", tr.name, n)
	f, unanswered, took, err := s.recover(ctx, hands)
	if err != nil {
		tally.fell(where, heldBy(err), 0, 0, took)
		_, _ = s.disk.StopRecord()
		return true, nil
	}
	tally.fell(where, f, len(s.book.is(acked)), unanswered, took)
	record, err := s.disk.StopRecord()
	if err := errors.Join(append(s.errs, err, s.disk.Close())...); err != nil {
		return true, err
	}
	c := s.cutAt(record, moment(record, rng), rng)
	f, unanswered, took = s.after(ctx, filepath.Join(folder, "cut"), c, false)
	s.book.report(&f)
	tally.fell(where+", then "+c.at, f, len(c.owed), unanswered, took)
	return true, nil
}

// troubled is the day with the trouble in it: it may come while the till is opened, at work or being closed.
func (s *stage) troubled(ctx context.Context, hands []*hand) {
	var err error
	if s.till, err = pos.Open(ctx, s.config); err != nil {
		return
	}
	s.seeHead()
	s.work(ctx, direct{s.till, s.template.manager}, hands, shortDay)
	if s.till.DB().Err() != nil {
		s.die()
		return
	}
	_ = s.till.Close() // it may fail: that is a trouble too
	s.seeHead()
}

// recover opens the café again on the disk that is well, settles what was open, audits, and lets it work on until it is killed.
func (s *stage) recover(ctx context.Context, hands []*hand) (f finding, unanswered int, took time.Duration, err error) {
	began := time.Now()
	if s.till, err = pos.Open(ctx, s.config); err != nil {
		return f, 0, 0, err
	}
	took = time.Since(began)
	s.seeHead()
	d := direct{s.till, s.template.manager}
	unanswered = f.commands(ctx, s.till, s.book, s.book.is(acked))
	f.invariants(ctx, s.till, true)
	f.replies(ctx, s.till, d, s.book, s.book.is(acked))
	for _, i := range s.book.pending() {
		answer, err := d.send(ctx, s.book.at(i).call)
		s.book.end(i, answer, err)
	}
	if open := s.book.pending(); len(open) > 0 {
		f.add(&f.broken, "%d commands stay open after the restart", len(open))
	}
	s.work(ctx, d, hands, shortDay)
	s.die()
	return f, unanswered, took, nil
}
