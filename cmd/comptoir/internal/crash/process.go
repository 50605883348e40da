package crash

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"comptoir/pos"
	"comptoir/receipts/journal"
)

// The load on a service that is killed.
const (
	handsOnProcess = 4
	maxAnswers     = 60              // a fall comes after 1 to that many answers
	askedAgain     = 80              // answers that are asked for again after a fall, the newest: all are looked for
	fallsPerCafe   = 10              // then another café: an audit takes as long as the café has lived
	startTimeout   = 2 * time.Minute // of the service, until it tells its addresses
	cafeFolder     = "cafe"          // of a live café in a data directory
	daysOpen       = 3               // the café was founded so many days ago: its first start closes them
)

// process is a service that runs as a process of its own.
type process struct {
	cmd   *exec.Cmd
	words bytes.Buffer // to be read when it is dead
	staff string
}

// serve starts the service and returns once it accepts, as it says itself by telling its addresses.
func serve(ctx context.Context, program []string, dir string) (*process, error) {
	args := append(append([]string{}, program[1:]...), "serve", "--data", dir, "--listen", "127.0.0.1:0", "--public", "127.0.0.1:0", "--mdns", "off")
	p := &process{cmd: exec.CommandContext(ctx, program[0], args...)} //nolint:gosec // the program is this one
	p.cmd.Stderr = &p.words
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	late := time.AfterFunc(startTimeout, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	var lines []string
	for in := bufio.NewScanner(out); len(lines) < 2 && in.Scan(); {
		lines = append(lines, in.Text())
	}
	if len(lines) < 2 {
		p.kill()
		return nil, fmt.Errorf("the service does not start, %s: %s", p.cmd.ProcessState, strings.TrimSpace(p.words.String()))
	}
	p.staff = lines[0]
	return p, nil
}

// kill ends the process at once, without a word to it.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may be dead already
	_ = p.cmd.Wait()
}

// served is a café in a data directory that a service runs on again and again.
type served struct {
	plan     Plan
	template *template
	dir      string
	rng      *rand.Rand
	book     *book
	life     int
	outlived bool                   // the process may answer after the fall has begun
	fall     func(p *process) error // makes it fall; the process is dead and the directory is there again when it returns
	ready    func(dir string) error // before its first start; nil: nothing
	second   *second                // where its copy is kept; nil: nowhere
	fell     time.Time              // when it fell last
	said     string                 // by the process that fell
}

// Kills serves a café as a process of its own, lets hands work over HTTP, and kills the process with SIGKILL, again and again.
func Kills(ctx context.Context, p Plan) (Tally, error) {
	return inFolder(p, "kill", func(dir string, tally *tallied) error {
		kill := func(p *process) error { p.kill(); return nil }
		return serveAndFall(ctx, p, tally, func(n int) (*served, error) {
			s := &served{plan: p, dir: filepath.Join(dir, strconv.Itoa(n)), fall: kill}
			if p.Copy != "" {
				s.ready = s.keepsCopy(n, tally)
			}
			return s, os.MkdirAll(s.dir, 0o700)
		})
	})
}

// keepsCopy lets a café keep a copy; every other one answers when the copy has it.
func (s *served) keepsCopy(n int, tally *tallied) func(string) error {
	mode := n % 2
	return func(dir string) (err error) {
		for len(tally.Copies) <= mode {
			tally.Copies = append(tally.Copies, &Copied{})
		}
		s.second, err = newSecond(filepath.Join(dir, cafeFolder), filepath.Join(s.plan.Copy, fmt.Sprint("cafe-", s.plan.Seed, "-", n)), mode == 1, tally.Copies[mode])
		return err
	}
}

// serveAndFall lets one café after the other live and fall until the plan ends.
func serveAndFall(ctx context.Context, p Plan, tally *tallied, room func(n int) (*served, error)) error {
	if len(p.Program) == 0 {
		return errors.New("no program to serve with")
	}
	rng := rand.New(rand.NewPCG(p.Seed, 5)) //nolint:gosec // one seed, one run
	began := p.now()
	for n := 0; p.left(began, tally.Falls) && ctx.Err() == nil; n++ {
		s, err := room(n)
		if err != nil {
			return err
		}
		if s.template, err = found(ctx, filepath.Join(s.dir, cafeFolder), time.Now().AddDate(0, 0, -daysOpen)); err != nil {
			return err
		}
		s.rng, s.book = rng, newBook()
		if s.ready != nil {
			if err := s.ready(s.dir); err != nil {
				return err
			}
		}
		err = s.fallAgain(ctx, began, tally)
		if s.second != nil {
			err = errors.Join(err, os.RemoveAll(s.second.target.Path))
		}
		if err != nil {
			return err
		}
		tally.Refused += len(s.book.is(refused))
	}
	return ctx.Err()
}

// fallAgain lets the café live and fall some times. Its last life is ended and looked at like the others.
func (s *served) fallAgain(ctx context.Context, began time.Time, tally *tallied) error {
	for range fallsPerCafe {
		if !s.plan.left(began, tally.Falls) || ctx.Err() != nil {
			return ctx.Err()
		}
		p, _, err := s.start(ctx)
		if err != nil {
			return err
		}
		owed, err := s.liveAndFall(ctx, p)
		if err != nil {
			return err
		}
		f, unanswered, took := s.auditNext(ctx, owed)
		s.book.report(&f)
		tally.fell(fmt.Sprint("fall ", tally.Falls+1), f, len(owed), unanswered, took)
	}
	return nil
}

func (s *served) start(ctx context.Context) (*process, time.Duration, error) {
	if err := s.second.begin(); err != nil {
		return nil, 0, err
	}
	began := time.Now()
	p, err := serve(ctx, s.plan.Program, s.dir)
	return p, time.Since(began), err
}

// liveAndFall lets the hands work until so many answers have come, and then the café falls while they ask on.
// It returns what was acknowledged by then. An answer of a process that is killed was given while it lived; one that is given
// while the file system goes down would not have left a machine whose power went, and is forgotten: a sync that runs at that
// moment may be told that all is well.
func (s *served) liveAndFall(ctx context.Context, p *process) (owed []int, err error) {
	s.life++
	if err := s.second.begun(ctx); err != nil {
		p.kill()
		return nil, err
	}
	d := newRemote(p.staff, s.template.token)
	defer d.close()
	var answers atomic.Int64
	last := int64(1 + s.rng.IntN(maxAnswers))
	fallen := make(chan struct{})
	s.book.onAck = func(int) {
		if answers.Add(1) == last {
			close(fallen)
		}
	}
	var all sync.WaitGroup
	for _, h := range s.template.hands(handsOnProcess, fmt.Sprint("life", s.life), s.rng, nil) {
		all.Go(func() {
			for ctx.Err() == nil && h.do(ctx, d, s.book, h.next()) {
			}
		})
	}
	gone := make(chan struct{})
	go func() { all.Wait(); close(gone) }()
	select {
	case <-fallen:
	case <-gone: // the service answered nobody any more
	}
	owed = s.book.is(acked)
	s.fell = time.Now()
	err = s.fall(p)
	s.said = p.words.String()
	<-gone
	s.book.onAck = nil
	if s.outlived {
		s.book.forget(owed)
	}
	return s.book.is(acked), err
}

// auditNext starts the service again and looks at what is left, beside it and through it, and kills it while nothing is asked.
func (s *served) auditNext(ctx context.Context, owed []int) (f finding, unanswered int, took time.Duration) {
	var newest *journal.Anchor
	if s.second != nil { // before the next start brings it up to date
		newest = s.second.look(ctx, &f, s.dir, s.book, owed, s.fell, s.said)
	}
	p, took, err := s.start(ctx)
	if err != nil {
		return heldBy(err), 0, took
	}
	defer p.kill()
	t, err := pos.OpenReadOnly(ctx, pos.Config{Dir: filepath.Join(s.dir, cafeFolder), Software: software})
	if err != nil {
		return heldBy(err), 0, took
	}
	unanswered = f.commands(ctx, t, s.book, owed)
	f.invariants(ctx, t, s.rng.IntN(4) == 0)
	f.prefix(ctx, t, newest)
	if err := t.Close(); err != nil {
		f.add(&f.broken, "%v", err)
	}
	if f.lost > 0 {
		return f, unanswered, took
	}
	d := newRemote(p.staff, s.template.token)
	defer d.close()
	f.again(ctx, d, s.book, owed[max(0, len(owed)-askedAgain):])
	for _, i := range s.book.pending() { // as a page does: it asks again with the same id, and learns what happened
		answer, err := d.send(ctx, s.book.at(i).call)
		s.book.end(i, answer, err)
	}
	if open := s.book.pending(); len(open) > 0 {
		f.add(&f.broken, "%d commands stay open after the restart", len(open))
	}
	return f, unanswered, took
}
