package data_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"comptoir/data"
)

// killed returns the folder of a café as a process leaves it that was killed: with its log.
func killed(t *testing.T) (dir string) {
	t.Helper()
	alive := t.TempDir()
	db := start(t, alive)
	mustWrite(t, db, put("key", "value"))
	dir = t.TempDir()
	for _, name := range []string{"till.db", "till.db-wal"} {
		file, err := os.ReadFile(filepath.Join(alive, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), file, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// again opens a café, does something and closes it.
func again(t *testing.T, dir string, do func(*data.DB)) {
	t.Helper()
	db, err := data.Open(t.Context(), data.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	do(db)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAfterABadEndTheFileIsToBeExaminedUntilItWas(t *testing.T) {
	dir := killed(t)
	for range 2 { // the second run began after a good end, and the whole was still not read
		again(t, dir, func(db *data.DB) {
			if !db.Unexamined() {
				t.Error("it passes for examined")
			}
		})
	}
	again(t, dir, func(db *data.DB) {
		if found, err := db.Examine(t.Context()); err != nil || len(found) > 0 {
			t.Errorf("got %v, %v", found, err)
		}
	})
	again(t, dir, func(db *data.DB) {
		if db.Unexamined() {
			t.Error("it is to be examined again")
		}
	})
}

func TestAnExaminationThatFindsDamageStopsAllWriting(t *testing.T) {
	dir := killed(t)
	file := filepath.Join(dir, "till.db")
	var root int64 // of a table that opening does not read
	again(t, dir, func(db *data.DB) {
		if err := db.Reader().QueryRow(t.Context(), "SELECT rootpage FROM sqlite_schema WHERE name = 'commands'").Scan(&root); err != nil {
			t.Fatal(err)
		}
	})
	zero(t, file, root-1, 1)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	db, err := data.Open(t.Context(), data.Options{Dir: dir})
	if err != nil {
		t.Fatalf("the damage was met at start, and this test shows nothing: %v", err)
	}
	defer func() { _ = db.Close() }()
	_, err = db.Examine(t.Context())
	wantCode(t, err, "data.damaged")
	<-db.Failed()
	wantCode(t, db.Trouble(), "data.damaged")
	wantCode(t, db.Write(t.Context(), sell("late")), "data.damaged")
	_ = db.Close()
	if after, err := os.ReadFile(file); err != nil || !slices.Equal(before, after) {
		t.Errorf("the damaged file was changed (%v)", err)
	}
}

func TestABreachOfALawIsToldAtEachStartAndStopsNothing(t *testing.T) {
	dir := killed(t)
	law := data.Check{Name: "a law", Run: func(context.Context, data.Querier) ([]string, error) { return []string{"row 7"}, nil }}
	for run := range 2 {
		again(t, dir, func(db *data.DB) {
			if !db.Unexamined() {
				t.Error("nobody is told at this start")
			}
			db.RegisterCheck(law)
			if found, err := db.Examine(t.Context()); err != nil || !slices.Equal(found, []data.Violation{{Check: "a law", Detail: "row 7"}}) {
				t.Errorf("got %v, %v", found, err)
			}
			mustWrite(t, db, sell(fmt.Sprint(run)))
		})
	}
}

// Whoever calls it bounds it: an examination that is cut short says so, and comes again.
func TestAnExaminationEndsWithItsContext(t *testing.T) {
	again(t, killed(t), func(db *data.DB) {
		ctx, end := context.WithCancel(t.Context())
		db.RegisterCheck(data.Check{Name: "long", Run: func(ctx context.Context, _ data.Querier) ([]string, error) {
			end()
			<-ctx.Done()
			return nil, ctx.Err()
		}})
		if _, err := db.Examine(ctx); err == nil || !db.Unexamined() {
			t.Errorf("got %v", err)
		}
	})
}
