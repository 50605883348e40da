package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data/fault"
	"comptoir/pos"
)

// A café that is served with --copy-to keeps its copy from the first start to the close: what the second place holds then
// is a whole café, as doctor and verify see it, and the next start goes on with what changed.
func TestACafeThatIsServedKeepsItsCopy(t *testing.T) {
	dir, place := newCafe(t), t.TempDir()
	serve := func() *Main {
		m := &Main{Config: pos.Config{Dir: filepath.Join(dir, liveFolder), Software: software}, Listen: "127.0.0.1:0", Public: "127.0.0.1:0", CopyTo: place, Log: newLog(io.Discard, "text")}
		if err := m.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		return m
	}
	synced := func(m *Main) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		if err := m.copies.running.Sync(ctx); err != nil {
			t.Fatal(err)
		}
	}
	m := serve()
	synced(m)
	if err := m.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	m = serve()
	synced(m)
	if err := m.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if wholes, err := filepath.Glob(filepath.Join(place, "e*", "ltx", "9", "*")); err != nil || len(wholes) != 1 {
		t.Errorf("the whole database was copied %d times, want once (%v)", len(wholes), err)
	}
	again := shortDir(t)
	into := filepath.Join(again, "cafe")
	if err := os.Mkdir(into, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := replica.Fetch(t.Context(), mustParse(t, place), filepath.Join(into, databaseFile)); err != nil {
		t.Fatal(err)
	}
	must(t, "doctor", "--data", again)
	if code, out, words := comptoir(t, "verify", "--data", again); code != exitOK && code != exitWarnings {
		t.Errorf("the copy does not verify: exit %d\n%s%s", code, out, words)
	}
}

// What somebody typed wrong behind --copy-to may hold a password: it is refused before the journal, which forgets nothing, has it.
func TestAPasswordInAnAddressIsNeverJournaled(t *testing.T) {
	dir := newCafe(t)
	var log strings.Builder
	for _, to := range []string{"sftp://cafe:hunter2@nas/x?known_hosts=/h", "sftp://cafe:hunter2@nas:port/x", "s3://b/x?endpoint=https://key:hunter2@host"} {
		m := &Main{Config: pos.Config{Dir: filepath.Join(dir, liveFolder), Software: software}, Listen: "127.0.0.1:0", Public: "127.0.0.1:0", CopyTo: to, Log: newLog(&log, "text")}
		err := m.Start(t.Context())
		if fault.CodeOf(err) != "copy.target" || strings.Contains(fmt.Sprintf("%+v", err), "hunter2") {
			t.Errorf("%s: %v", to, err)
		}
	}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte("hunter2")) {
			t.Errorf("%s holds the password", d.Name())
		}
		return err
	})
	if err != nil || strings.Contains(log.String(), "hunter2") {
		t.Errorf("%v; log:\n%s", err, log.String())
	}
}

// The copy that ends may use up the time of whoever saves the settings: what was saved is followed all the same.
func TestACopyIsKeptAlthoughTheRequestHasEnded(t *testing.T) {
	t.Parallel()
	dir, place := newCafe(t), t.TempDir()
	m, _ := startMachine(t, dir)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := m.copies.use(ctx, replica.Settings{Target: place})
	if s := m.copies.state(); err != nil || s.Target != place {
		t.Errorf("set up, and not kept: %+v (%v)", s, err)
	}
}

// A copy that cannot be begun is said so, and not taken for none that is wanted.
func TestACopyThatCannotBeBegunIsSaidSo(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	m, _ := startMachine(t, dir)
	inTheWay := filepath.Join(dir, liveFolder, "copy.position")
	if err := os.MkdirAll(filepath.Join(inTheWay, "of the file"), 0o700); err != nil {
		t.Fatal(err)
	}
	err := m.copies.use(t.Context(), replica.Settings{Target: t.TempDir()})
	if s := m.copies.state(); err == nil || s.Code == "" {
		t.Errorf("set up, not kept, and nothing is wrong: %+v (%v)", s, err)
	}
	if err := os.RemoveAll(inTheWay); err != nil {
		t.Fatal(err)
	}
}

// While a copy ends, which takes as long as its place lets it, its state is told at once.
func TestTheStateOfACopyIsToldWhileItEnds(t *testing.T) {
	t.Parallel()
	c := &copies{dir: t.TempDir(), log: newLog(io.Discard, "text")}
	ending, goOn := make(chan struct{}), make(chan struct{})
	c.halt = func() { close(ending); <-goOn }
	used := make(chan error, 1)
	go func() { used <- c.use(t.Context(), replica.Settings{}) }()
	<-ending
	inTime(t, "the state", func() { c.state() })
	close(goOn)
	if err := <-used; err != nil {
		t.Error(err)
	}
}

func mustParse(t *testing.T, text string) replica.Target {
	t.Helper()
	target, err := replica.ParseTarget(text)
	if err != nil {
		t.Fatal(err)
	}
	return target
}
