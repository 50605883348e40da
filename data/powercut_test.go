package data_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/datatest/faultvfs"
	"comptoir/data/fault"
)

var seedFlag = flag.Uint64("seed", 0, "seed of the power cuts; 0: another each time, printed")

// seeded is a source of chance that the log names. It fixes every choice of the test; which of two clients is
// answered first is the scheduler's.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("repeat with: go test ./data -run '%s' -seed %d", t.Name(), seed)
	return rand.New(rand.NewPCG(seed, 2018))
}

func cuts() int {
	if os.Getenv("CI") == "true" {
		return 60 // the whole till is cut more often: see cmd/comptoir/internal/crash
	}
	return 40
}

// service is a café in small: commands of one to four rows and one number from a series without gap, kept in a
// cell. It dies now and then, and comes back on the same disk.
type service struct {
	t      *testing.T
	rng    *rand.Rand
	fs     *faultvfs.FS
	dir    string
	weak   []data.Weakness
	db     *data.DB
	number *data.Cell[int64]
	beside *beside // its copy in a second place; nil: it keeps none
	last   int64   // newest command
	asked  []int64 // commands whose outcome is unknown: asked again after the restart
}

func parts(n int64) int64 { return n%4 + 1 }

// refused commands leave nothing, ever.
func refused(n int64) bool { return n%7 == 3 }

func loadNumber(ctx context.Context, q data.Querier) (n int64, err error) {
	err = q.QueryRow(ctx, `SELECT count(*) FROM meta WHERE key LIKE 'no.%'`).Scan(&n)
	return n, err
}

func (s *service) open() {
	s.t.Helper()
	opts := data.Options{Dir: s.dir, Clock: datatest.NewClock(), VFS: s.fs.Name()}
	data.Weak(append(s.weak, data.TellRewrites(func(path string) {
		if err := s.fs.Rewrote(path); err != nil {
			s.t.Error(err)
		}
	}))...)(&opts)
	var lacks data.FollowOptions
	if k := s.beside; k != nil {
		lacks = data.FollowOptions{Lost: true}
		if len(k.notes) > 0 {
			lacks = found(s.t, s.dir, k.notes[len(k.notes)-1], k.now)
		}
	}
	var err error
	if s.db, err = data.Open(s.t.Context(), opts); err != nil {
		s.t.Fatal(err)
	}
	if s.number, err = data.NewCell(s.t.Context(), s.db, loadNumber); err != nil {
		s.t.Fatal(err)
	}
	if s.beside != nil {
		s.beside.join(s, lacks)
	}
}

// die ends the service as kill -9 would: nothing is tidied up.
func (s *service) die() {
	s.fs.Halt()
	_ = s.db.Close()
	if s.beside != nil {
		_ = s.beside.follower.Close()
	}
	s.fs.Heal()
}

// do sends command n and marks it in the record when it is acknowledged.
func (s *service) do(n int64) error {
	id := fmt.Sprint("c", n)
	_, _, err := data.Do(s.t.Context(), s.db, data.NewCommand(id, []byte(id)), func(ctx context.Context, tx *data.Tx) (int64, error) {
		next := s.number.Get(tx) + 1
		s.number.Set(tx, next)
		row := put(fmt.Sprintf("no.%06d", next), id)
		for i := range parts(n) {
			row = then(row, put(fmt.Sprintf("%s.%d", id, i), strings.Repeat("x", int(n%5)*300)))
		}
		row = then(row, func(_ context.Context, tx *data.Tx) error {
			return tx.Record(data.Event{Type: "sold", Body: tx.EventSeq()})
		})
		if refused(n) {
			row = then(row, refuse)
		}
		return next, row(ctx, tx)
	})
	if err == nil {
		s.fs.Mark(n)
	}
	return err
}

// batch sends up to six commands at once, some of them twice, and keeps those whose outcome is unknown.
func (s *service) batch() {
	s.t.Helper()
	var sent []int64
	for range s.rng.IntN(6) + 1 {
		s.last++
		sent = append(sent, s.last)
	}
	if s.rng.IntN(4) == 0 {
		sent = append(sent, sent[0])
	}
	var release func()
	if len(sent) > 1 {
		release, _ = tryHold(s.t, s.db) // the disk may have failed while the log was moved: each command says so itself
	}
	if release == nil {
		for _, n := range sent {
			s.outcome(n, s.do(n))
		}
		return
	}
	errs := make([]error, len(sent))
	var all sync.WaitGroup
	for i, n := range sent {
		all.Go(func() { errs[i] = s.do(n) })
		data.AwaitQueue(s.db, i+1)
	}
	release()
	all.Wait()
	for i, n := range sent {
		s.outcome(n, errs[i])
	}
}

func (s *service) outcome(n int64, err error) {
	s.t.Helper()
	switch {
	case err == nil, refused(n) && errors.Is(err, errSorry):
	case fault.KindOf(err) == fault.Unknown, fault.CodeOf(err) == "data.stopped":
		s.asked = append(s.asked, n)
	default:
		s.t.Fatalf("command %d: %v", n, err)
	}
}

// record lets a service live through the given lives on one disk: "close" ends one in good order, "kill" does
// not, "sync" makes the sync of a commit fail and then kills, "full" makes the disk full and then kills.
func record(t *testing.T, rng *rand.Rand, lives []string, weak ...data.Weakness) *faultvfs.Record {
	t.Helper()
	return recordWith(t, rng, lives, &service{weak: weak})
}

// longer lets a service with a copy live on until its log was moved and begun again.
func (s *service) longer() {
	s.t.Helper()
	for i := range data.CheckpointEvery + s.rng.IntN(data.CheckpointEvery) {
		s.batch()
		if i%8 == s.rng.IntN(8) {
			s.beside.bring(s)
		}
	}
}

// recordWith is record of a service that was made ready.
func recordWith(t *testing.T, rng *rand.Rand, lives []string, s *service) *faultvfs.Record {
	t.Helper()
	fs, err := faultvfs.New(fmt.Sprint(t.Name(), rng.Uint64()))
	if err != nil {
		t.Fatal(err)
	}
	s.t, s.rng, s.fs, s.dir = t, rng, fs, t.TempDir()
	if err := fs.StartRecord(); err != nil {
		t.Fatal(err)
	}
	for _, end := range lives {
		s.open()
		unknown := s.asked
		s.asked = nil
		for _, n := range unknown {
			s.outcome(n, s.do(n))
		}
		for range rng.IntN(8) + 6 {
			s.batch()
		}
		if s.beside != nil {
			s.longer()
		}
		switch end {
		case "sync":
			fs.FailSync(1)
			s.batch()
		case "full":
			fs.FailWritesFrom(1 + rng.IntN(4))
			s.batch()
		case "close":
			if err := s.db.Close(); err != nil {
				t.Error(err)
			}
			continue
		}
		s.die()
	}
	rec, err := fs.StopRecord()
	if err != nil {
		t.Fatal(err)
	}
	if err := fs.Close(); err != nil {
		t.Error(err)
	}
	return rec
}

// cutAnywhere chooses when the power goes: anywhere, or, as often, just after an answer, when most is owed.
func cutAnywhere(rec *faultvfs.Record, rng *rand.Rand) int {
	at := rng.IntN(len(rec.Ops) + 1)
	if rng.IntN(2) == 0 {
		return at
	}
	for i := at; i < len(rec.Ops); i++ {
		if rec.Ops[i].Kind == faultvfs.Mark {
			return i + 1
		}
	}
	return at
}

// after opens what a power cut left, as the next service would, and returns what is wrong with it.
func after(t *testing.T, d faultvfs.Disk) (wrong []string) {
	t.Helper()
	dir := t.TempDir()
	if err := d.Save(dir); err != nil {
		t.Fatal(err)
	}
	db, err := data.Open(t.Context(), options(dir))
	if err != nil {
		return []string{"it does not open: " + err.Error()}
	}
	defer func() { _ = db.Close() }()
	found, err := db.Check(t.Context())
	if err != nil {
		return []string{"it cannot be checked: " + err.Error()}
	}
	for _, v := range found {
		wrong = append(wrong, v.Check+": "+v.Detail)
	}
	wrong = append(wrong, audit(t, db, d.Marks)...)
	if err := db.Write(t.Context(), sell("it goes on")); err != nil {
		wrong = append(wrong, "it does not sell: "+err.Error())
	}
	return wrong
}

// audit compares what is there with what was acknowledged.
func audit(t *testing.T, db *data.DB, acknowledged []int64) (wrong []string) {
	t.Helper()
	complain := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	text := func(query string) []string {
		all, err := data.All(t.Context(), db.Reader(), func(r *data.Rows) (s string, err error) { err = r.Scan(&s); return s, err }, query)
		if err != nil {
			complain("%s: %v", query, err)
		}
		return all
	}
	commands := map[int64]bool{}
	for _, id := range text(`SELECT id FROM commands ORDER BY id`) {
		n, err := strconv.ParseInt(strings.TrimPrefix(id, "c"), 10, 64)
		if err != nil || refused(n) {
			complain("command %s should not be there", id)
		}
		commands[n] = true
	}
	rows := map[string]int64{}
	for _, key := range text(`SELECT key FROM meta WHERE key LIKE 'c%' ORDER BY key`) {
		id, _, _ := strings.Cut(key, ".")
		rows[id]++
	}
	numbers := text(`SELECT key || ' ' || value FROM meta WHERE key LIKE 'no.%' ORDER BY key`)
	for i, got := range numbers {
		number, _, _ := strings.Cut(got, " ")
		if want := fmt.Sprintf("no.%06d", i+1); number != want {
			complain("%s where %s was due", number, want)
		}
	}
	events := text(`SELECT cmd FROM events ORDER BY seq`)
	if len(events) != len(commands) || len(numbers) != len(commands) || len(rows) != len(commands) {
		complain("%d commands have %d events, %d numbers, rows of %d", len(commands), len(events), len(numbers), len(rows))
	}
	for n := range commands {
		if id := fmt.Sprint("c", n); rows[id] != parts(n) || !slices.Contains(events, id) {
			complain("command %d has %d rows of %d", n, rows[id], parts(n))
		}
	}
	for _, n := range acknowledged {
		if !commands[n] {
			complain("command %d was acknowledged and is not there", n)
		}
	}
	return wrong
}

func TestAPowerCutAtAnyMomentLosesNothingAcknowledged(t *testing.T) {
	rng := seeded(t)
	for _, lives := range [][]string{
		{"kill"}, {"close", "kill", "kill"}, {"sync", "kill"}, {"close", "sync", "sync", "kill"}, {"full", "kill", "full", "close"},
	} {
		t.Run(strings.Join(lives, " "), func(t *testing.T) {
			rec := record(t, rng, lives)
			acknowledged := 0
			for range cuts() / 5 {
				at := cutAnywhere(rec, rng)
				disk := faultvfs.Image(rec, at, rng)
				acknowledged += len(disk.Marks)
				if wrong := after(t, disk); len(wrong) > 0 {
					t.Errorf("cut after %d of %d changes:\n%s", at, len(rec.Ops), strings.Join(wrong, "\n"))
				}
			}
			if acknowledged == 0 {
				t.Error("nothing was acknowledged before any cut")
			}
		})
	}
}

// A first start that is cut short must not leave a file that is refused for ever.
func TestAPowerCutDuringTheFirstStartIsForgiven(t *testing.T) {
	rng := seeded(t)
	fs := newDisk(t)
	if err := fs.StartRecord(); err != nil {
		t.Fatal(err)
	}
	db := start(t, t.TempDir(), on(fs))
	rec, err := fs.StopRecord()
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range cuts() {
		at := (len(rec.Ops) - 1) * i / (cuts() - 1)
		if wrong := after(t, faultvfs.Image(rec, at, rng)); len(wrong) > 0 {
			t.Errorf("cut after %d of %d changes:\n%s", at, len(rec.Ops), strings.Join(wrong, "\n"))
		}
	}
}

// The harness has to be able to see. Each weakness is planted in the kernel, and must be found.
func TestThePowerCutsFindEveryPlantedBug(t *testing.T) {
	for _, bug := range []struct {
		name  string
		weak  data.Weakness
		lives []string
	}{
		{"the log is synced at checkpoints only", data.SyncAtCheckpoints, []string{"kill"}},
		{"nothing is synced", data.NeverSync, []string{"kill"}},
		{"answered before the commit", data.AnswerBeforeCommit, []string{"kill"}},
		{"sold on behind a failed sync", data.SellBehindTheOldLog, []string{"sync", "kill"}},
		{"a failed sync believed from the cache", data.TrustTheCache, []string{"sync", "sync", "sync", "sync", "kill"}},
		{"cells not put back", data.KeepRefusedCells, []string{"kill"}},
	} {
		t.Run(bug.name, func(t *testing.T) {
			rng := seeded(t)
			for tries := 1; tries <= 1000; {
				rec := record(t, rng, bug.lives, bug.weak)
				for range 25 {
					if wrong := after(t, faultvfs.Image(rec, cutAnywhere(rec, rng), rng)); len(wrong) > 0 {
						t.Logf("found by cut %d: %s", tries, wrong[0])
						return
					}
					tries++
				}
			}
			t.Error("no cut found it")
		})
	}
}
