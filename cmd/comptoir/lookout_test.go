package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/health"
	"comptoir/cmd/comptoir/internal/recovery"
	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data/fault"
	"comptoir/pos"
)

// unanswered is a name in a folder that is waited for when it is opened, as on a mounted share whose machine is gone.
func unanswered(t *testing.T, path string) {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0); err == nil { // whoever waits goes on
			_ = f.Close()
		}
	})
}

// inTime fails when something is not done after far more than it may take.
func inTime(t *testing.T, what string, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(30 * time.Second):
		t.Fatalf("%s waits for a place that does not answer", what)
	}
}

// A place that does not answer stops no start, no sale and no stop: neither where the copy goes nor where backups do.
func TestAPlaceThatDoesNotAnswerStopsNothing(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		settings func(place string) replica.Settings
		file     func(id string) string // that is waited for
		closing  bool
	}{
		"the marker on the stick":    {func(p string) replica.Settings { return replica.Settings{Stick: p} }, stickMarker, false},
		"the marker of the copy":     {func(p string) replica.Settings { return replica.Settings{Target: p} }, func(string) string { return "epoch" }, false},
		"writing where the copy is":  {func(p string) replica.Settings { return replica.Settings{Target: p} }, func(string) string { return "epoch.part" }, false},
		"writing beside the backups": {func(p string) replica.Settings { return replica.Settings{Stick: p} }, func(id string) string { return recovery.KeysFile(id) + ".part" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, place := newCafe(t), t.TempDir()
			drawCode(t, dir)
			unanswered(t, filepath.Join(place, tc.file(readHead(t, dir).Journal)))
			settle(t, dir, tc.settings(place))
			for range 2 { // a call that hangs is not begun again
				var m *Main
				halt := func() {}
				inTime(t, "the start", func() { m, halt = startMachine(t, dir) })
				if m.Held() != nil {
					t.Fatalf("held: %v", m.Held())
				}
				ringExpressos(t, m, 1)
				if tc.closing {
					closeNow(t, m)
				}
				inTime(t, "the stop", halt)
			}
		})
	}
}

// sightingOf is what the till's page of the machine tells of another machine.
func sightingOf(t *testing.T, m *Main) (health.State, string) {
	t.Helper()
	for _, f := range m.server.Health(t.Context()) {
		if f.Matter == health.Epoch {
			return f.State, f.Code
		}
	}
	t.Fatal("nothing is told of the epoch")
	return "", ""
}

func writeMarker(t *testing.T, folder, name string, m replica.Marker) {
	t.Helper()
	p, err := replica.Open(t.Context(), replica.Target{Kind: replica.Folder, Path: folder})
	if err == nil {
		err = replica.WriteMarker(t.Context(), p, name, m)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// keyOf is the key of a café's markers.
func keyOf(t *testing.T, dir string) []byte {
	t.Helper()
	key, err := pos.MarkerKey(filepath.Join(dir, liveFolder))
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// Whoever can write to a stick can write any line on it: what a machine with the café's keys has not sealed holds no till, neither
// while the stick is there nor afterwards. It is told.
func TestAMarkerThatProvesNothingHoldsNoTill(t *testing.T) {
	t.Parallel()
	a := newCafe(t)
	id, key, soon := readHead(t, a).Journal, keyOf(t, a), time.Now().Add(time.Hour).Unix()
	by := func(m replica.Marker) replica.Marker { m.Cafe, m.Machine, m.When = id, "x", time.Now().UTC(); return m }
	flipped := by(replica.Marker{Epoch: 1}).Sealed(key)
	flipped.Epoch |= 1 << 20
	for name, tc := range map[string]struct {
		marker replica.Marker
		state  health.State
		code   string
	}{
		"a line":                             {by(replica.Marker{Epoch: soon}), health.Look, "unproven"},
		"a line of the end of time":          {by(replica.Marker{Epoch: 1 << 50}), health.Look, "unproven"},
		"a bit that has turned":              {flipped, health.Grave, "stranger"},
		"sealed with other keys":             {by(replica.Marker{Epoch: soon}).Sealed([]byte("other")), health.Grave, "stranger"},
		"a proof that leaves no later epoch": {by(replica.Marker{Epoch: replica.MaxEpoch}).Sealed(key), health.Grave, "stranger"},
	} {
		t.Run(name, func(t *testing.T) {
			stick, place := t.TempDir(), t.TempDir()
			settle(t, a, replica.Settings{Stick: stick, Target: place})
			writeMarker(t, stick, stickMarker(id), tc.marker)
			writeMarker(t, place, replica.MarkerFile, tc.marker)
			m, halt := startMachine(t, a)
			if m.Held() != nil {
				t.Fatalf("held: %v", m.Held())
			}
			if state, code := sightingOf(t, m); state != tc.state || code != tc.code {
				t.Errorf("told as %s %s, want %s %s", state, code, tc.state, tc.code)
			}
			if err := m.copies.running.Sync(t.Context()); fault.CodeOf(err) != "copy."+tc.code {
				t.Errorf("the copy says %v", err)
			}
			halt()
			if _, err := os.Stat(filepath.Join(a, liveFolder, replacedFile)); err == nil {
				t.Error("it is noted as the truth")
			}
			settle(t, a, replica.Settings{})
			wantSelling(t, a)
		})
	}
	settle(t, a, replica.Settings{Stick: t.TempDir()})
	s, err := replica.ReadSettings(filepath.Join(a, liveFolder))
	if err != nil {
		t.Fatal(err)
	}
	writeMarker(t, s.Stick, stickMarker(id), by(replica.Marker{Epoch: soon}).Sealed(key))
	wantReplaced(t, a)
}

// What an older version has written of this machine is sealed by it: the machine that was replaced believes it from then on.
func TestAnOlderVersionsMarkerIsSealedByTheMachineItNames(t *testing.T) {
	t.Parallel()
	a, place, stick, kept := newCafe(t), t.TempDir(), t.TempDir(), shortDir(t)
	id, key := readHead(t, a).Journal, keyOf(t, a)
	putAside(t, a, kept)
	epoch := time.Now().Unix()
	rewrite(t, filepath.Join(a, liveFolder, databaseFile), fmt.Sprintf(`UPDATE meta SET value = '%d' WHERE key = 'epoch'`, epoch))
	for folder, name := range map[string]string{place: replica.MarkerFile, stick: stickMarker(id)} {
		writeMarker(t, folder, name, replica.Marker{Cafe: id, Epoch: epoch, Machine: "b"})
	}
	settle(t, kept, replica.Settings{Stick: stick})
	wantSelling(t, kept)
	settle(t, a, replica.Settings{Stick: stick, Target: place})
	m, halt := startMachine(t, a)
	if err := m.copies.running.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	halt()
	for _, m := range markersOf(t.Context(), replica.Settings{Stick: stick, Target: place}, id) {
		if m.Epoch != epoch || !m.By(key) {
			t.Errorf("%s: %+v", m.name, m.Marker)
		}
	}
	wantReplaced(t, kept)
	settle(t, kept, replica.Settings{Target: place})
	wantReplaced(t, kept)
}

// A machine that was restored without the keys has none to prove itself with: the old one cannot be held, and is told loudly.
func TestAMachineRestoredWithoutTheKeysIsToldToTheOldOne(t *testing.T) {
	t.Parallel()
	a, stick, _, _ := backedUp(t)
	b := shortDir(t)
	if exit, _, words := comptoir(t, "restore", stick, "--into", b); exit != exitOK {
		t.Fatalf("restore: %d %s", exit, words)
	}
	m, halt := startMachine(t, a)
	if state, code := sightingOf(t, m); m.Held() != nil || state != health.Look || code != "unproven" {
		t.Errorf("before the new machine was opened: %v, %s %s", m.Held(), state, code)
	}
	halt()
	var out, words strings.Builder
	if exit := run(t.Context(), []string{"key", "replace", "--data", b, "--manager", "Manager", "--reason", "the keys are lost"}, strings.NewReader("4321\n"), &out, &words); exit != exitOK {
		t.Fatalf("key replace: %d %s", exit, words.String())
	}
	wantSelling(t, b)
	m, _ = startMachine(t, a)
	if state, code := sightingOf(t, m); m.Held() != nil || state != health.Grave || code != "stranger" {
		t.Errorf("afterwards: %v, %s %s", m.Held(), state, code)
	}
}

// The folder for backups is on the disk of the data: the stick is missing, or it never was one.
func TestABackupWhereTheStickIsMissingIsToldSo(t *testing.T) {
	t.Parallel()
	a := newCafe(t)
	stick := filepath.Join(a, "stick") // a mount point that stays
	if err := os.Mkdir(stick, 0o700); err != nil {
		t.Fatal(err)
	}
	settle(t, a, replica.Settings{Stick: stick})
	m, halt := startMachine(t, a)
	defer halt()
	if _, _, err := backUpNow(t.Context(), m.Till(), pos.System("sys"), stick); err != nil {
		t.Fatal(err)
	}
	for _, f := range m.server.Health(t.Context()) {
		if f.Matter == health.Backup && (f.State != health.Look || f.Code != "same_disk") {
			t.Errorf("told as %s %s", f.State, f.Code)
		}
	}
}
