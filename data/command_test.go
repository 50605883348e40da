package data_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
)

type receipt struct {
	Number string   `json:"number"`
	Seq    int64    `json:"seq"`
	Lines  []string `json:"lines"`
}

// ring is a command that answers with what it did, and counts its runs.
func ring(db *data.DB, cmd data.Command, key string, runs *atomic.Int64) (receipt, bool, error) {
	return data.Do(context.Background(), db, cmd, func(ctx context.Context, tx *data.Tx) (receipt, error) {
		runs.Add(1)
		if tx.Command() != cmd.ID {
			return receipt{}, errors.New("the closure does not know its command")
		}
		return receipt{key, tx.EventSeq(), []string{"Café à l'eau", key}}, sell(key)(ctx, tx)
	})
}

func wantReceipt(t *testing.T, got receipt, replayed, wantReplayed bool, err error) {
	t.Helper()
	want := receipt{"a", 1, []string{"Café à l'eau", "a"}}
	if err != nil || replayed != wantReplayed || got.Number != want.Number || got.Seq != want.Seq ||
		len(got.Lines) != 2 || got.Lines[0] != want.Lines[0] {
		t.Errorf("got %+v, replayed %t, %v; want %+v, %t", got, replayed, err, want, wantReplayed)
	}
}

func TestACommandIsCarriedOutOnce(t *testing.T) {
	dir := t.TempDir()
	var runs atomic.Int64
	cmd := data.NewCommand("c1", []byte("POST"), []byte("/sales"))
	db := start(t, dir)
	got, replayed, err := ring(db, cmd, "a", &runs)
	wantReceipt(t, got, replayed, false, err)
	got, replayed, err = ring(db, cmd, "a", &runs)
	wantReceipt(t, got, replayed, true, err)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	got, replayed, err = ring(reopen(t, dir), cmd, "a", &runs)
	wantReceipt(t, got, replayed, true, err)
	if runs.Load() != 1 {
		t.Errorf("it ran %d times, want 1", runs.Load())
	}
}

func TestACommandSentManyTimesAtOnceIsCarriedOutOnce(t *testing.T) {
	db := datatest.Open(t)
	var runs, first atomic.Int64
	cmd := data.NewCommand("c1", []byte("input"))
	release := hold(t, db)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			got, replayed, err := ring(db, cmd, "a", &runs)
			wantReceipt(t, got, replayed, replayed, err)
			if !replayed {
				first.Add(1)
			}
		})
	}
	data.AwaitQueue(db, 20)
	release()
	all.Wait()
	if runs.Load() != 1 || first.Load() != 1 {
		t.Errorf("it ran %d times and %d callers were the first, want 1 and 1", runs.Load(), first.Load())
	}
}

func TestACommandIDIsNotUsedForAnotherInput(t *testing.T) {
	db := datatest.Open(t)
	var runs atomic.Int64
	if _, _, err := ring(db, data.NewCommand("c1", []byte("one coffee")), "a", &runs); err != nil {
		t.Fatal(err)
	}
	got, replayed, err := ring(db, data.NewCommand("c1", []byte("two coffees")), "b", &runs)
	wantCode(t, err, "command.reused")
	if got.Number != "" || replayed || runs.Load() != 1 {
		t.Errorf("got %+v, replayed %t, after %d runs", got, replayed, runs.Load())
	}
	wantKeys(t, db, "a")
}

func TestTheHashOfAnInputTellsItsPartsApart(t *testing.T) {
	parts := func(p ...string) (all [][]byte) {
		for _, s := range p {
			all = append(all, []byte(s))
		}
		return all
	}
	seen := map[[32]byte][]string{}
	for _, p := range [][]string{{}, {""}, {"", ""}, {"ab"}, {"a", "b"}, {"ab", ""}, {"", "ab"}} {
		hash := data.NewCommand("c", parts(p...)...).Hash
		if other, same := seen[hash]; same {
			t.Errorf("%q and %q have the same hash", p, other)
		}
		seen[hash] = p
	}
}

func TestARefusedCommandDoesNotOccupyItsID(t *testing.T) {
	db := datatest.Open(t)
	cmd := data.NewCommand("c1", []byte("input"))
	got, replayed, err := data.Do(t.Context(), db, cmd, func(ctx context.Context, tx *data.Tx) (receipt, error) {
		return receipt{Number: "never"}, then(sell("x"), refuse)(ctx, tx)
	})
	if !errors.Is(err, errSorry) || got.Number != "" || replayed {
		t.Errorf("got %+v, replayed %t, %v; want nothing and the refusal", got, replayed, err)
	}
	var runs atomic.Int64
	got, replayed, err = ring(db, data.NewCommand("c1", []byte("corrected")), "a", &runs)
	wantReceipt(t, got, replayed, false, err)
}

func TestACommandWithoutIDIsAPlainWrite(t *testing.T) {
	db := datatest.Open(t)
	var runs atomic.Int64
	for _, key := range []string{"a", "b"} {
		if _, replayed, err := ring(db, data.Command{}, key, &runs); err != nil || replayed {
			t.Errorf("replayed %t, %v", replayed, err)
		}
	}
	if n := number(t, db.Reader(), `SELECT count(*) FROM commands`); runs.Load() != 2 || n != 0 {
		t.Errorf("%d runs, %d commands remembered; want 2 and none", runs.Load(), n)
	}
}

func TestAnswersAreForgottenAfterTheRetention(t *testing.T) {
	clock := datatest.NewClock()
	db := datatest.Open(t, func(o *data.Options) { o.Clock = clock })
	var runs atomic.Int64
	do := func(id string) {
		t.Helper()
		if _, _, err := ring(db, data.NewCommand(id), id+clock.Now().String(), &runs); err != nil {
			t.Fatal(err)
		}
	}
	do("old")
	clock.Advance(time.Millisecond)
	do("young")
	clock.Advance(data.CommandRetention)
	forget := func() {
		t.Helper()
		if err := db.ForgetCommands(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	forget() // nothing was done at this date: it may be the clock that is wrong
	do("old")
	if runs.Load() != 2 {
		t.Errorf("a clock that is ahead has made the till forget")
	}
	do("today")
	forget()
	do("young")
	if runs.Load() != 3 {
		t.Errorf("an answer within the retention was forgotten")
	}
	do("old")
	if runs.Load() != 4 {
		t.Errorf("an answer older than the retention was kept")
	}
	if n := number(t, db.Reader(), `SELECT count(*) FROM events`); n != 4 {
		t.Errorf("%d events, want 4: forgetting an answer undoes nothing", n)
	}
}
