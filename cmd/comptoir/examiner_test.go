package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"comptoir/cmd/comptoir/internal/health"
	"comptoir/data"
)

// fallen opens a café as it is after its process was killed: with what lay on its disk while it sold.
func fallen(t *testing.T, damaged bool) *data.DB {
	t.Helper()
	c := newSickCafe(t)
	c.open()
	c.mustSell("first")
	dir := t.TempDir()
	for _, name := range []string{"till.db", "till.db-wal"} {
		file, err := os.ReadFile(filepath.Join(c.Config.Dir, name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), file, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if damaged {
		spoil(t, dir)
	}
	db, err := data.Open(t.Context(), data.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // of a damaged file nothing is expected
	return db
}

// spoil moves the log of a café into its file and overwrites a page there that opening does not read.
func spoil(t *testing.T, dir string) {
	t.Helper()
	db, err := data.Open(t.Context(), data.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var page int64
	err = db.Reader().QueryRow(t.Context(), "SELECT rootpage FROM sqlite_schema WHERE name = 'commands'").Scan(&page)
	if err = errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, "till.db"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(make([]byte, 4096), (page-1)*4096)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// code is what the page of health says of the data.
func (x *examiner) code(t *testing.T) string {
	t.Helper()
	found := x.health(t.Context())
	if len(found) != 1 || found[0].Matter != health.Data {
		t.Fatalf("got %+v", found)
	}
	return string(found[0].State) + " " + found[0].Code
}

func TestAfterABadEndTheTillReadsItsDataAgainAndSaysHowTheyAre(t *testing.T) {
	t.Parallel()
	x := newExaminer(fallen(t, false), newLog(t.Output(), "text"))
	if got := x.code(t); got != "good waiting" {
		t.Errorf("before: %s", got)
	}
	x.run(t.Context(), 0)
	if got := x.code(t); got != "look unfinished" {
		t.Errorf("without time: %s", got)
	}
	x.run(t.Context(), examineLimit)
	if got := x.code(t); got != "good ok" {
		t.Errorf("after: %s", got)
	}
}

func TestDamageThatABadEndLeftIsFoundBeforeAPageMeetsIt(t *testing.T) {
	t.Parallel()
	db := fallen(t, true)
	x := newExaminer(db, newLog(t.Output(), "text"))
	x.run(t.Context(), examineLimit)
	if got := x.code(t); got != "grave damaged" {
		t.Errorf("got %s", got)
	}
	<-db.Failed()
}

func TestAfterAGoodEndNothingIsReadAgain(t *testing.T) {
	t.Parallel()
	c := newSickCafe(t)
	x := newExaminer(c.Till().DB(), newLog(t.Output(), "text"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	x.run(ctx, examineLimit)
	if got := x.code(t); got != "good closed" {
		t.Errorf("got %s", got)
	}
}
