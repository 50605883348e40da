package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"comptoir/cmd/comptoir/internal/simulation"
	"comptoir/data"
	"comptoir/data/datatest/faultvfs"
	"comptoir/pos"
)

// How a life ends: in good order, killed, after a sync that failed, on a disk that was full.
const (
	endClose = "close"
	endKill  = "kill"
	endSync  = "sync"
	endFull  = "full"
)

// fates are the lives of a café whose power will be cut somewhere in them.
func fates() [][]string {
	return [][]string{{endKill}, {endClose, endKill, endKill}, {endSync, endKill}, {endClose, endSync, endSync, endKill}, {endFull, endKill, endFull, endClose}}
}

// The load of one life.
const (
	handsAtOnce  = 3
	callsPerHand = 8
	cutsPerFilm  = 40
	stumbleOneIn = 300                    // statements of which one fails, and takes its command with it
	firstMoment  = 1_795_248_000          // 21 November 2026, nine in the morning in Bordeaux: Unix seconds
	diskDelay    = 200 * time.Microsecond // so that commands gather into batches
)

// stage is a café on a disk that is recorded.
type stage struct {
	template *template
	rng      *rand.Rand
	disk     *faultvfs.FS
	config   pos.Config
	clock    *simulation.Clock
	till     *pos.Till
	book     *book
	weak     []data.Weakness
	stumbles bool
	oneIn    int // statements of which one fails while they may

	mu    sync.Mutex
	heads []string // versions of the head file, as they were seen
	errs  []error
	lives int
}

// newStage copies the template onto a recorded disk.
func newStage(t *template, dir string, rng *rand.Rand, weak ...data.Weakness) (*stage, error) {
	s := &stage{template: t, rng: rng, clock: simulation.NewClock(t.at), book: newBook(), weak: weak, oneIn: stumbleOneIn}
	var err error
	if s.disk, err = faultvfs.New(fmt.Sprint("crash-", rng.Uint64())); err != nil {
		return nil, err
	}
	s.well()
	if err := copyCafe(dir, t.dir); err != nil {
		return nil, err
	}
	s.config = pos.Config{Dir: dir, Software: software, Clock: s.clock, VFS: s.disk.Name()}
	chance := rand.New(rand.NewPCG(rng.Uint64(), 2)) //nolint:gosec // one seed, one run; of the writer's goroutine only
	s.config.Fault = func(step data.Step) error {
		if s.stumbles && step.Op != "commit" && chance.IntN(s.oneIn) == 0 {
			return errStumble
		}
		return nil
	}
	s.config.Weaknesses = append(append(s.config.Weaknesses, weak...), data.TellRewrites(func(path string) {
		if err := s.disk.Rewrote(path); err != nil {
			s.errs = append(s.errs, err)
		}
	}))
	s.book.onAck = func(i int) {
		s.disk.Mark(int64(i))
		s.seeHead()
	}
	return s, nil
}

// well ends every trouble of the disk. What the record says of syncs counts, not what this machine's disk makes of them.
func (s *stage) well() {
	s.disk.Heal()
	s.disk.SkipSyncs()
}

// errStumble is a statement that fails although the disk is well: its command is refused and must leave nothing.
var errStumble = errors.New("crash: a statement failed")

// seeHead notes the head file as it stands, which lies outside the recorded disk: a cut leaves one of those that were seen.
// It holds what a commit before had synced, so that the database must reach it.
func (s *stage) seeHead() {
	text, err := os.ReadFile(filepath.Join(s.config.Dir, "head"))
	if err != nil {
		return // not there yet
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.heads); n > 0 && s.heads[n-1] == string(text) {
		return
	}
	s.heads = append(s.heads, string(text))
	s.disk.Mark(-int64(len(s.heads)))
}

// live opens the café, asks again for what is open, lets the hands work, and ends as it is told.
func (s *stage) live(ctx context.Context, end string) (err error) {
	if s.till, err = pos.Open(ctx, s.config); err != nil {
		return fmt.Errorf("the next start: %w", err)
	}
	s.seeHead()
	d := direct{s.till, s.template.manager}
	for _, i := range s.book.pending() {
		answer, err := d.send(ctx, s.book.at(i).call)
		s.book.end(i, answer, err)
	}
	s.lives++
	hands := s.template.hands(handsAtOnce, fmt.Sprint("life", s.lives), s.rng, s.clock)
	s.disk.DelaySync(diskDelay)
	s.work(ctx, d, hands, callsPerHand)
	switch end {
	case endSync:
		s.disk.FailSync(1 + s.rng.IntN(3))
	case endFull:
		s.disk.FailWritesFrom(1 + s.rng.IntN(40))
	case endClose:
		s.well()
		err := s.till.Close()
		s.seeHead()
		return errors.Join(append(s.errs, err)...)
	}
	s.work(ctx, d, hands, callsPerHand/2)
	s.die()
	return errors.Join(s.errs...)
}

// work lets the hands work beside each other until each has sent so many calls, or the café answers no more.
func (s *stage) work(ctx context.Context, d door, hands []*hand, calls int) {
	s.stumbles = true
	var all sync.WaitGroup
	for _, h := range hands {
		all.Go(func() {
			for range calls {
				if !h.do(ctx, d, s.book, h.next()) {
					return
				}
			}
		})
	}
	all.Wait()
	s.stumbles = false
}

// die ends the café as a killed process does: nothing is tidied up. The head file may still be written, as it may before a
// kill, but only to what is committed.
func (s *stage) die() {
	s.disk.Halt()
	_ = s.till.Close() // it cannot
	s.well()
	s.seeHead()
}

// film records the lives of a café.
func (s *stage) film(ctx context.Context, lives []string) (*faultvfs.Record, error) {
	if err := s.disk.StartRecord(); err != nil {
		return nil, err
	}
	for _, end := range lives {
		if err := s.live(ctx, end); err != nil {
			_, _ = s.disk.StopRecord()
			return nil, err
		}
	}
	record, err := s.disk.StopRecord()
	return record, errors.Join(err, s.disk.Close())
}

// moment chooses when the power goes: anywhere, or, as often, just after an answer, when most is owed.
func moment(r *faultvfs.Record, rng *rand.Rand) int {
	at := rng.IntN(len(r.Ops) + 1)
	if rng.IntN(2) == 0 {
		return at
	}
	for i := at; i < len(r.Ops); i++ {
		if r.Ops[i].Kind == faultvfs.Mark {
			return i + 1
		}
	}
	return at
}

// cut is one power cut of a film: what is on the disk, and what was owed.
type cut struct {
	disk faultvfs.Disk
	owed []int
	head string // the head file it left; "" for none
	at   string // in words
}

// cutAt rebuilds the disk. A rename that was not synced yet leaves the head file before it, and one in ten has lost it.
func (s *stage) cutAt(r *faultvfs.Record, at int, rng *rand.Rand) cut {
	c := cut{disk: faultvfs.Image(r, at, rng), at: fmt.Sprintf("cut after %d of %d changes", at, len(r.Ops))}
	newest := 0
	for _, m := range c.disk.Marks {
		if m < 0 {
			newest = int(-m)
		} else {
			c.owed = append(c.owed, int(m))
		}
	}
	if back := rng.IntN(10); newest > 0 && back > 0 {
		c.head = s.heads[max(newest-1-back/8, 0)]
	}
	return c
}

// after opens what a cut left in a folder, as the next start would, and audits it.
func (s *stage) after(ctx context.Context, dir string, c cut, full bool) (f finding, unanswered int, took time.Duration) {
	if err := s.lay(dir, c); err != nil {
		f.add(&f.broken, "%v", err)
		return f, 0, 0
	}
	disk, err := faultvfs.New(fmt.Sprint("after-", rand.Uint64())) //nolint:gosec // a name nobody else has
	if err != nil {
		f.add(&f.broken, "%v", err)
		return f, 0, 0
	}
	disk.SkipSyncs() // nobody will want it after another cut
	config := s.config
	config.Dir, config.VFS, config.Fault, config.Weaknesses = dir, disk.Name(), nil, nil
	began := time.Now()
	t, err := pos.Open(ctx, config)
	if err != nil {
		return heldBy(errors.Join(err, disk.Close())), 0, time.Since(began)
	}
	took = time.Since(began)
	f, unanswered = audit(ctx, t, direct{t, s.template.manager}, s.book, c.owed, full)
	if err := errors.Join(t.Close(), disk.Close()); err != nil {
		f.add(&f.broken, "it does not close: %v", err)
	}
	return f, unanswered, took
}

// lay puts the disk of a cut into a folder, with the keys that were made before any record.
func (s *stage) lay(dir string, c cut) error {
	if err := copyCafe(dir, s.template.dir); err != nil {
		return err
	}
	for _, name := range []string{"till.db", "till.db-wal", "till.db-shm", "head"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	if err := c.disk.Save(dir); err != nil {
		return err
	}
	if c.head == "" {
		return nil
	}
	return os.WriteFile(filepath.Join(dir, "head"), []byte(c.head), 0o600)
}

// Cuts records cafés and cuts their power at moments that chance chooses, until the plan ends.
func Cuts(ctx context.Context, p Plan) (Tally, error) {
	return inFolder(p, "cut", func(dir string, tally *tallied) error {
		t, err := found(ctx, filepath.Join(dir, "template"), time.Unix(firstMoment, 0))
		if err != nil {
			return err
		}
		rng := rand.New(rand.NewPCG(p.Seed, 1)) //nolint:gosec // one seed, one run
		began := p.now()
		for film := 0; p.left(began, tally.Falls) && ctx.Err() == nil; film++ {
			folder := filepath.Join(dir, strconv.Itoa(film))
			if err := filmAndCut(ctx, t, folder, rng, fates()[film%len(fates())], p, tally); err != nil {
				return fmt.Errorf("film %d: %w", film, err)
			}
			if err := os.RemoveAll(folder); err != nil {
				return err
			}
		}
		return ctx.Err()
	})
}

// filmAndCut films one café and audits some cuts of it, two beside each other.
func filmAndCut(ctx context.Context, t *template, folder string, rng *rand.Rand, lives []string, p Plan, tally *tallied) error {
	s, err := newStage(t, filepath.Join(folder, "cafe"), rng)
	if err != nil {
		return err
	}
	record, err := s.film(ctx, lives)
	if err != nil {
		return err
	}
	tally.Refused += len(s.book.is(refused))
	cuts := make([]cut, min(cutsPerFilm, p.Falls-tally.Falls))
	for i := range cuts {
		cuts[i] = s.cutAt(record, moment(record, rng), rng)
	}
	var all sync.WaitGroup
	for lane := range 2 {
		all.Go(func() {
			for i := lane; i < len(cuts) && ctx.Err() == nil; i += 2 {
				dir := filepath.Join(folder, fmt.Sprint("cut", i))
				f, unanswered, took := s.after(ctx, dir, cuts[i], i%10 == 0)
				s.book.report(&f)
				tally.fell(cuts[i].at, f, len(cuts[i].owed), unanswered, took)
				_ = os.RemoveAll(dir) // the whole folder goes in the end
			}
		})
	}
	all.Wait()
	return nil
}

// inFolder runs a row of falls in a temporary folder of its own.
func inFolder(p Plan, how string, run func(dir string, t *tallied) error) (_ Tally, err error) {
	dir, err := os.MkdirTemp(p.Dir, "comptoir-crash-")
	if err != nil {
		return Tally{}, fmt.Errorf("crash: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	t := &tallied{Tally: &Tally{How: how, Seed: p.Seed}}
	began := time.Now()
	err = run(dir, t)
	t.Took = time.Since(began)
	if err != nil {
		err = fmt.Errorf("crash %s, seed %d: %w", how, p.Seed, err)
	}
	return *t.Tally, err
}
