package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/recovery"
	"comptoir/cmd/comptoir/internal/replica"
)

// unanswered is a name in a folder that is waited for when it is opened, as on a mounted share whose machine is gone.
func unanswered(t *testing.T, path string) {
	t.Helper()
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0); err == nil { // whoever waits goes on
			time.Sleep(10 * time.Millisecond)
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
		"writing beside the backups": {func(p string) replica.Settings { return replica.Settings{Stick: p} }, func(string) string { return recovery.KeysFile + ".part" }, true},
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
