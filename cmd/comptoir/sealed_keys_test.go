package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"comptoir/cmd/comptoir/internal/recovery"
	"comptoir/cmd/comptoir/internal/replica"
)

// TestOneStickServesTwoCafes: each comes back with its own code.
func TestOneStickServesTwoCafes(t *testing.T) {
	t.Parallel()
	stick := t.TempDir()
	var codes, files []string
	for _, name := range []string{"one.db", "two.db"} {
		dir := newCafe(t)
		codes = append(codes, drawCode(t, dir))
		made := strings.TrimSpace(must(t, "backup", stick, "--data", dir))
		files = append(files, filepath.Join(filepath.Dir(made), name)) // both may be made in the same second
		if err := os.Rename(made, files[len(files)-1]); err != nil {
			t.Fatal(err)
		}
	}
	for i, file := range files {
		b := shortDir(t)
		restoreInto(t, file, b, codes[i])
		wantSelling(t, b)
	}
}

// TestKeysUnderTheNameOfAllCafesAreReadAndGetTheirOwn: earlier releases sealed them there; another café's are left where they lie.
func TestKeysUnderTheNameOfAllCafesAreReadAndGetTheirOwn(t *testing.T) {
	t.Parallel()
	a, stick, file, code := backedUp(t)
	own, shared := filepath.Join(stick, recovery.KeysFile(readHead(t, a).Journal)), filepath.Join(stick, recovery.SharedKeysFile)
	if err := os.Rename(own, shared); err != nil {
		t.Fatal(err)
	}
	b := shortDir(t)
	restoreInto(t, file, b, code)
	wantSelling(t, b)
	other := newCafe(t)
	drawCode(t, other)
	must(t, "backup", stick, "--data", other)
	if _, err := os.Stat(shared); err != nil {
		t.Errorf("another café's keys went: %v", err)
	}
	must(t, "backup", stick, "--data", b)
	if _, err := os.Stat(own); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(shared); err == nil {
		t.Error("the keys lie under two names")
	}
}

// TestThePlaceOfAnotherCafeKeepsItsSealedKeys: it is not written over (decision 54), nor are other keys laid there.
func TestThePlaceOfAnotherCafeKeepsItsSealedKeys(t *testing.T) {
	t.Parallel()
	a, b, place := newCafe(t), newCafe(t), t.TempDir()
	settle(t, a, replica.Settings{Target: place})
	copyOnce(t, a, 1)
	must(t, "key", "code", "--data", a)
	keys := filepath.Join(place, recovery.KeysFile(readHead(t, a).Journal))
	was, err := os.ReadFile(keys)
	if err != nil {
		t.Fatal(err)
	}
	settle(t, b, replica.Settings{Target: place})
	if exit, code, words := comptoir(t, "key", "code", "--data", b); exit != exitOK || code == "" || !strings.Contains(words, "another") {
		t.Errorf("%d %q %s", exit, code, words)
	}
	all, err := filepath.Glob(filepath.Join(place, "*"+recovery.SharedKeysFile))
	if now, _ := os.ReadFile(keys); err != nil || len(all) != 1 || !bytes.Equal(was, now) {
		t.Errorf("sealed keys there: %q (%v)", all, err)
	}
}
