package data_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
)

func mustBackup(t *testing.T, db *data.DB, file string) data.CopyFacts {
	t.Helper()
	facts, err := data.Backup(t.Context(), db, file)
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func TestABackupIsTheDatabaseAsItWasAndOpens(t *testing.T) {
	db := datatest.Open(t)
	mustWrite(t, db, sell("a"))
	mustWrite(t, db, sell("b"))
	place := t.TempDir()
	file := filepath.Join(place, "copy.db")
	facts := mustBackup(t, db, file)
	if seq, hash := db.EventHead(); facts.EventSeq != seq || facts.Hash != hash || facts.Epoch != 1 || facts.Size == 0 || facts.At.IsZero() {
		t.Errorf("got %+v, want head %d", facts, seq)
	}
	wantFiles(t, place, "copy.db")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v)", info.Mode(), err)
	}
	mustWrite(t, db, sell("c"))
	elsewhere := t.TempDir()
	if err := os.Rename(file, filepath.Join(elsewhere, "till.db")); err != nil {
		t.Fatal(err)
	}
	wantKeys(t, reopen(t, elsewhere), "a", "b")
}

// TestABackupIsOneMomentWhileSellingGoesOn: every copy is whole, and a later one is never behind an earlier one.
func TestABackupIsOneMomentWhileSellingGoesOn(t *testing.T) {
	db := datatest.Open(t)
	ctx, stop := context.WithCancel(t.Context())
	var selling sync.WaitGroup
	selling.Go(func() {
		for i := 0; ctx.Err() == nil && i < 20_000; i++ {
			if err := db.Write(context.WithoutCancel(ctx), sell(fmt.Sprintf("s%d", i))); err != nil {
				t.Error(err)
				return
			}
		}
	})
	file := filepath.Join(t.TempDir(), "copy.db")
	last := int64(-1)
	for range 5 {
		facts := mustBackup(t, db, file)
		if facts.EventSeq < last {
			t.Errorf("a later copy has %d events, an earlier one %d", facts.EventSeq, last)
		}
		last = facts.EventSeq
	}
	stop()
	selling.Wait()
}

func TestADamagedCopyIsRefused(t *testing.T) {
	db := datatest.Open(t)
	for i := range 200 {
		mustWrite(t, db, sell(strings.Repeat("x", 300)+fmt.Sprint(i)))
	}
	file := filepath.Join(t.TempDir(), "copy.db")
	mustBackup(t, db, file)
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		spoil func([]byte) []byte
		code  string
	}{
		"whole":           {func(b []byte) []byte { return b }, ""},
		"cut in two":      {func(b []byte) []byte { return b[:len(b)/2] }, "data.copy_damaged"},
		"one page short":  {func(b []byte) []byte { return b[:len(b)-4096] }, "data.copy_damaged"},
		"a page of zeros": {func(b []byte) []byte { clear(b[len(b)-8192 : len(b)-4096]); return b }, "data.copy_damaged"},
		"a wrong header":  {func(b []byte) []byte { copy(b, "Not SQLite"); return b }, "data.foreign"},
		"nothing":         {func([]byte) []byte { return nil }, "data.foreign"},
		"a text":          {func([]byte) []byte { return []byte("a letter to the café") }, "data.foreign"},
		"one event bent":  {func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("xxxx199"), []byte("xxxx198")) }, "data.copy_damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := filepath.Join(t.TempDir(), "copy.db")
			text := tc.spoil(bytes.Clone(whole))
			if err := os.WriteFile(spoilt, text, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := data.CheckFile(t.Context(), spoilt)
			if tc.code != "" {
				wantCode(t, err, tc.code)
			} else if err != nil {
				t.Error(err)
			}
			if after, _ := os.ReadFile(spoilt); !bytes.Equal(text, after) {
				t.Error("looking at it changed it")
			}
		})
	}
	_, err = data.CheckFile(t.Context(), filepath.Join(t.TempDir(), "none.db"))
	wantCode(t, err, "data.absent")
}

func TestABackupThatCannotBeMadeLeavesNothingAndTheOldOne(t *testing.T) {
	db := datatest.Open(t)
	mustWrite(t, db, sell("a"))
	_, err := data.Backup(t.Context(), db, filepath.Join(t.TempDir(), "unplugged", "copy.db"))
	wantCode(t, err, "data.directory")
	place := t.TempDir()
	file := filepath.Join(place, "copy.db")
	mustBackup(t, db, file)
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	mustWrite(t, db, sell("b"))
	if _, err := data.Backup(ctx, db, file); err == nil {
		t.Error("made after its end")
	}
	if now, err := os.ReadFile(file); err != nil || !bytes.Equal(old, now) {
		t.Errorf("the older copy was touched (%v)", err)
	}
	wantFiles(t, place, "copy.db")
}

func TestARestoredDatabaseHasANewerEpochAndTheLogGoesOn(t *testing.T) {
	db := datatest.Open(t)
	mustWrite(t, db, sell("a"))
	dir := t.TempDir()
	mustBackup(t, db, filepath.Join(dir, "till.db"))
	now := time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC)
	first, err := data.NewEpoch(t.Context(), dir, now)
	if err != nil || first != now.Unix() {
		t.Fatalf("got %d, want %d (%v)", first, now.Unix(), err)
	}
	second, err := data.NewEpoch(t.Context(), dir, now.Add(-time.Hour)) // a clock that is wrong
	if err != nil || second != first+1 {
		t.Fatalf("got %d, want %d (%v)", second, first+1, err)
	}
	wantFiles(t, dir, "lock", "till.db")
	after := reopen(t, dir)
	if after.Epoch() != second {
		t.Errorf("opened with epoch %d, want %d", after.Epoch(), second)
	}
	mustWrite(t, after, sell("b"))
	wantKeys(t, after, "a", "b")
	datatest.Audit(t, after)
	_, err = data.NewEpoch(t.Context(), dir, now)
	wantCode(t, err, "data.locked")
	_, err = data.NewEpoch(t.Context(), t.TempDir(), now)
	wantCode(t, err, "data.absent")
}

func TestEpochsNeverGoBack(t *testing.T) {
	dir := made(t, `UPDATE meta SET value = '7' WHERE key = 'epoch'`)
	db, err := data.Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	mustWrite(t, db, sell("b"))
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	foreign(t, dir, `UPDATE meta SET value = '3' WHERE key = 'epoch'`)
	db, err = data.Open(t.Context(), options(dir))
	if err != nil {
		t.Fatal(err)
	}
	mustWrite(t, db, sell("c"))
	found, err := db.Check(t.Context())
	if err != nil || len(found) != 1 || !strings.Contains(found[0].Detail, "epoch 3 of seq 3 after epoch 7") {
		t.Errorf("got %v (%v)", found, err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

// Sticks are pulled, machines fall: what a copy left there goes with a later one, and one that may still be made stays.
func TestABackupRemovesWhatEarlierOnesLeftUnfinished(t *testing.T) {
	db, place := datatest.Open(t), t.TempDir()
	for name, age := range map[string]time.Duration{".comptoir-1.part": 25 * time.Hour, ".comptoir-2.part": time.Hour} {
		folder, at := filepath.Join(place, name), time.Now().Add(-age)
		if err := errors.Join(os.Mkdir(folder, 0o700), os.WriteFile(filepath.Join(folder, "till.db"), nil, 0o600), os.Chtimes(folder, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	mustBackup(t, db, filepath.Join(place, "copy.db"))
	wantFiles(t, place, ".comptoir-2.part", "copy.db")
}

func TestACopyLeavesTheTillsOwnDiskRoomToSell(t *testing.T) {
	dir := t.TempDir()
	space, err := data.FreeSpace(dir)
	if err != nil || space.Short() {
		t.Skipf("this disk has no room to spare: %v", err)
	}
	if err := data.SpareRoom(dir, t.TempDir(), 0); err != nil {
		t.Errorf("nothing takes no room: %v", err)
	}
	wantCode(t, data.SpareRoom(dir, t.TempDir(), space.Free), "data.copy_room")
	if err := data.SpareRoom(dir, "/proc", space.Free); err != nil { // a disk of its own
		t.Errorf("another disk: %v", err)
	}
}
