package data_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"comptoir/data"
)

// draw carries a command out that makes two ids, one after Divide, and one that is drawn.
func draw(t *testing.T, db *data.DB, cmd data.Command) (ids []string) {
	t.Helper()
	_, replayed, err := data.Do(t.Context(), db, cmd, func(ctx context.Context, tx *data.Tx) (string, error) {
		ids = []string{tx.NewID(), tx.NewID(), tx.DrawID()}
		if err := tx.Record(data.Event{Type: "made"}); err != nil {
			return "", err
		}
		if err := tx.Divide(ctx); err != nil {
			return "", err
		}
		ids = append(ids, tx.NewID())
		return "", tx.Record(data.Event{Type: "made"})
	})
	if err != nil || replayed {
		t.Fatalf("replayed %t, %v", replayed, err)
	}
	return ids
}

func TestACommandCarriedOutAgainOnAnotherMachineMakesTheSameIDs(t *testing.T) {
	var told data.Told
	cmd := data.NewCommand("c1", []byte("POST"), []byte("/tickets"))
	cmd.Told = &told
	first := draw(t, start(t, t.TempDir()), cmd)
	if told.Fresh != 1 || told.First.IsZero() {
		t.Fatalf("told %+v, want one fresh command and its instant", told)
	}
	again := data.NewCommand("c1", []byte("POST"), []byte("/tickets"))
	again.First, again.Resent = told.First, true
	other := start(t, t.TempDir())
	second := draw(t, other, again)
	if !slices.Equal(first[:2], second[:2]) {
		t.Errorf("ids %v, then %v: want the first two alike", first, second)
	}
	if first[2] == second[2] || first[3] == second[3] {
		t.Errorf("ids %v, then %v: what is drawn, and what comes after Divide, must lead to no command", first, second)
	}
	for _, text := range first {
		id, err := uuid.Parse(text)
		if err != nil || id.Version() != 7 || id.Variant() != uuid.RFC4122 {
			t.Errorf("%s is no UUIDv7: %v", text, err)
		}
	}
	if sec, nsec := uuid.MustParse(first[0]).Time().UnixTime(); !time.Unix(sec, nsec).Truncate(time.Millisecond).Equal(told.First) {
		t.Errorf("id of %s, want %s", time.Unix(sec, nsec), told.First)
	}

	var replay data.Told // asked for once more, it says the instant of the very first time
	again.First, again.Resent, again.Told = time.Time{}, false, &replay
	if _, replayed, err := data.Do(t.Context(), other, again, func(context.Context, *data.Tx) (string, error) { return "", nil }); err != nil || !replayed {
		t.Fatalf("replayed %t, %v", replayed, err)
	}
	if replay.Replayed != 1 || !replay.First.Equal(told.First) {
		t.Errorf("told %+v, want the instant %s", replay, told.First)
	}
}

func TestOtherInputUnderTheSameCommandIDMakesOtherIDs(t *testing.T) {
	at := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	seen := map[string]string{}
	for _, cmd := range []data.Command{data.NewCommand("1", []byte("a")), data.NewCommand("1", []byte("b")), data.NewCommand("2", []byte("a"))} {
		cmd.First = at
		for _, id := range draw(t, start(t, t.TempDir()), cmd)[:2] {
			if seen[id] != "" {
				t.Errorf("%s was made twice", id)
			}
			seen[id] = cmd.ID
		}
	}
}

func TestKnownSaysWhetherACommandWasCarriedOut(t *testing.T) {
	db := start(t, t.TempDir())
	draw(t, db, data.NewCommand("c1"))
	for id, want := range map[string]bool{"c1": true, "c2": false} {
		if got, err := db.Known(t.Context(), id); err != nil || got != want {
			t.Errorf("%s known: %t, %v; want %t", id, got, err, want)
		}
	}
}
