package crash

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/pos"
)

// bug is a weakness that the cuts must find, and the lives in which it can show.
type bug struct {
	name  string
	weak  data.Weakness
	lives []string
}

// bugs are planted one at a time, in a made café. The last one is planted in what a cut left: see lostTail.
func bugs() []bug {
	return []bug{
		{"synchronous NORMAL: the log is synced at checkpoints only", data.SyncAtCheckpoints, []string{endKill}},
		{"synchronous OFF: nothing is synced", data.NeverSync, []string{endKill}},
		{"answered before COMMIT", data.AnswerBeforeCommit, []string{endKill}},
		{"the log is not truncated at start, after a failed sync", data.SellBehindTheOldLog, []string{endSync, endKill}},
		{"what a failed sync left is believed from the cache", data.TrustTheCache, []string{endSync, endSync, endSync, endKill}},
		{"heads and numbers are not put back after a refused command", data.KeepRefusedCells, []string{endKill}},
	}
}

// tailBug is the bug that no chain sees by itself.
const tailBug = "the tail of the log is gone, and only the head file knows"

// Planted is a bug that was planted, and how it came to light.
type Planted struct {
	Bug   string `json:"bug"`
	Cuts  int    `json:"cuts"` // until it was found, that one included
	Found bool   `json:"found"`
	As    string `json:"as"` // what was found first
}

// Plants plants every bug in turn, and cuts until it is found, at most p.Falls times for each.
func Plants(ctx context.Context, p Plan) (all []Planted, err error) {
	_, err = inFolder(p, "plant", func(dir string, _ *tallied) error {
		t, err := found(ctx, filepath.Join(dir, "template"), time.Unix(firstMoment, 0))
		if err != nil {
			return err
		}
		rng := rand.New(rand.NewPCG(p.Seed, 3)) //nolint:gosec // one seed, one run
		for i, b := range bugs() {
			planted, err := b.seek(ctx, t, filepath.Join(dir, strconv.Itoa(i)), rng, p.Falls)
			if err != nil {
				return fmt.Errorf("%s: %w", b.name, err)
			}
			all = append(all, planted)
		}
		planted, err := seekLostTail(ctx, t, filepath.Join(dir, "tail"), rng, p.Falls)
		all = append(all, planted)
		return err
	})
	return all, err
}

// seek cuts cafés with the bug until an audit finds something.
func (b bug) seek(ctx context.Context, t *template, dir string, rng *rand.Rand, most int) (Planted, error) {
	planted := Planted{Bug: b.name}
	for film := 0; planted.Cuts < most && ctx.Err() == nil; film++ {
		folder := filepath.Join(dir, strconv.Itoa(film))
		s, err := newStage(t, filepath.Join(folder, "cafe"), rng, b.weak)
		if err != nil {
			return planted, err
		}
		s.oneIn = stumbleOneIn / 4 // bugs of refused commands need some
		record, err := s.film(ctx, b.lives)
		if err != nil { // the café did not even live until its power was cut
			planted.Cuts, planted.Found, planted.As = planted.Cuts+1, true, err.Error()
			return planted, nil //nolint:nilerr // it is what was looked for
		}
		for i := 0; i < cutsPerFilm && planted.Cuts < most; i++ {
			planted.Cuts++
			c := s.cutAt(record, moment(record, rng), rng)
			f, _, _ := s.after(ctx, filepath.Join(folder, fmt.Sprint("cut", i)), c, true)
			s.book.report(&f)
			if f.wrong() {
				planted.Found, planted.As = true, f.words[0]
				return planted, nil
			}
		}
	}
	return planted, ctx.Err()
}

// seekLostTail flips one bit of what a cut left of the log: SQLite takes the frames behind it for none, without a word, and
// the chain of what is left is whole. Only the head file tells. What is found must be that, at the opening; and without the
// head file the same café opens, so that it was the head file that found it.
func seekLostTail(ctx context.Context, t *template, dir string, rng *rand.Rand, most int) (Planted, error) {
	planted := Planted{Bug: tailBug}
	for planted.Cuts < most && ctx.Err() == nil {
		planted.Cuts++
		folder := filepath.Join(dir, strconv.Itoa(planted.Cuts))
		s, err := newStage(t, filepath.Join(folder, "cafe"), rng)
		if err != nil {
			return planted, err
		}
		record, err := s.film(ctx, []string{endKill}) // what ends a life writes the head file
		if err != nil {
			return planted, err
		}
		c := s.cutAt(record, len(record.Ops), rng)
		c.head = s.heads[len(s.heads)-1]
		if !flip(c, rng) {
			continue
		}
		f, _, _ := s.after(ctx, filepath.Join(folder, "cut"), c, true)
		c.head = ""
		bare := filepath.Join(folder, "bare")
		if err := s.lay(bare, c); err != nil {
			return planted, err
		}
		config := s.config
		config.Dir, config.VFS, config.Fault, config.Weaknesses = bare, "", nil, nil
		unseen, err := pos.Open(ctx, config)
		if err != nil {
			return planted, fmt.Errorf("without its head file: %w", err)
		}
		if err := unseen.Close(); err != nil {
			return planted, err
		}
		if f.wrong() && strings.Contains(f.words[0], "journal.rollback") {
			planted.Found, planted.As = true, f.words[0]
			return planted, os.RemoveAll(folder)
		}
		return planted, fmt.Errorf("the head file did not tell: %q", f.words)
	}
	return planted, errors.Join(ctx.Err())
}

// flip turns one bit in the last quarter of the log that a cut left.
func flip(c cut, rng *rand.Rand) bool {
	for name, content := range c.disk.Files {
		if n := len(content); strings.HasSuffix(name, "-wal") && n > 4096 {
			content[n-1-rng.IntN(n/4)] ^= 1 << rng.IntN(8)
			return true
		}
	}
	return false
}
