package data_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"comptoir/data"
)

// bytesOf reads a database that nobody has open.
func bytesOf(t *testing.T, dir string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "till.db"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Whatever goes wrong while the data of an older release are brought up to date, the file is byte for byte what it was, and
// nothing else is left beside it.
func TestAnUpgradeThatFailsLeavesTheFileAsItWas(t *testing.T) {
	boom := errors.New("boom")
	for name, x := range map[string]struct {
		change func(dir string, o *data.Options)
		mend   func(dir string)
		code   string
	}{
		"a migration fails": {
			change: func(dir string, _ *data.Options) { foreign(t, dir, `CREATE TABLE journal (in_the_way INTEGER)`) },
			mend:   func(dir string) { foreign(t, dir, `DROP TABLE journal`) }, code: "data.migration",
		},
		"the packages above find something": {
			change: func(_ string, o *data.Options) {
				o.Migrated = func(context.Context, data.Querier) error { return boom }
			}, code: "data.migration",
		},
		"the machine fails before the swap": {
			change: func(_ string, o *data.Options) { data.BeforeSwap(func() error { return boom })(o) }, code: "data.migration",
		},
		"somebody stops it": {
			change: func(_ string, o *data.Options) {
				o.Migrated = func(context.Context, data.Querier) error { return context.Canceled }
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := older(t)
			o := options(dir)
			x.change(dir, &o)
			before := []byte(nil)
			for range 2 { // again, on what the first attempt left
				_, err := data.Open(t.Context(), o)
				if err == nil {
					t.Fatal("it opened")
				}
				if x.code != "" {
					wantCode(t, err, x.code)
				} else if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
				if before == nil {
					before = bytesOf(t, dir)
				}
				if !bytes.Equal(bytesOf(t, dir), before) {
					t.Error("the file was changed")
				}
				if _, err := os.Stat(filepath.Join(dir, "migrating")); !errors.Is(err, os.ErrNotExist) {
					t.Errorf("the attempt is still there: %v", err)
				}
			}
			if x.mend != nil {
				x.mend(dir)
			}
			wantKeys(t, reopen(t, dir), "old")
		})
	}
}

// The old file is kept whole under a name of its own, and the copy that took its place was looked at before.
func TestAnUpgradeKeepsTheOldFileAndShowsTheCopyBeforeItIsUsed(t *testing.T) {
	dir := older(t)
	o := options(dir)
	looked := 0
	o.Migrated = func(ctx context.Context, q data.Querier) error {
		looked++
		return q.QueryRow(ctx, `SELECT count(*) FROM journal`).Scan(new(int)) // a table that the old file has not
	}
	if err := os.Mkdir(filepath.Join(dir, "migrating"), 0o700); err != nil { // what a power cut left
		t.Fatal(err)
	}
	var old []byte
	data.BeforeSwap(func() error { old = bytesOf(t, dir); return nil })(&o)
	db, err := data.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	wantKeys(t, db, "old")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	kept, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("till.db.0001-before-%04d", newest(t))))
	if err != nil || looked != 1 || !bytes.Equal(kept, old) {
		t.Errorf("looked %d times, kept %d of %d bytes, %v", looked, len(kept), len(old), err)
	}
}

func TestAnUpgradeAsksForRoomBeforeItBegins(t *testing.T) {
	dir := t.TempDir()
	if err := data.RoomToUpgrade(dir, 1<<20); err != nil {
		t.Errorf("a small file: %v", err)
	}
	wantCode(t, data.RoomToUpgrade(dir, 1<<60), "data.migration_room")
}
