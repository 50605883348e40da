package data_test

import (
	"context"
	"errors"
	"testing"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
)

func put(key, value string) func(context.Context, *data.Tx) error {
	return func(ctx context.Context, tx *data.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES (?, ?)`, key, value)
		return err
	}
}

func TestWriteIsVisibleAfterItReturns(t *testing.T) {
	db := datatest.Open(t)
	if err := db.Write(t.Context(), put("k", "v")); err != nil {
		t.Fatal(err)
	}
	var v string
	if err := db.Reader().QueryRow(t.Context(), `SELECT value FROM meta WHERE key = 'k'`).Scan(&v); err != nil || v != "v" {
		t.Fatalf("read %q, %v", v, err)
	}
}

func TestNestedWriteIsRefusedAtOnce(t *testing.T) {
	db := datatest.Open(t)
	err := db.Write(t.Context(), func(ctx context.Context, _ *data.Tx) error {
		return db.Write(ctx, put("a", "b"))
	})
	if fault.CodeOf(err) != "data.nested" {
		t.Fatalf("got %v", err)
	}
}

func TestRefusedClosureLeavesNothing(t *testing.T) {
	db := datatest.Open(t)
	sorry := errors.New("sorry")
	err := db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		if err := put("a", "b")(ctx, tx); err != nil {
			return err
		}
		if err := tx.Record(data.Event{Type: "x"}); err != nil {
			return err
		}
		return sorry
	})
	if !errors.Is(err, sorry) {
		t.Fatalf("got %v", err)
	}
	var n int
	if err := db.Reader().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM meta WHERE key = 'a') + (SELECT count(*) FROM events)`).Scan(&n); err != nil || n != 0 {
		t.Fatalf("%d rows remain, %v", n, err)
	}
}
