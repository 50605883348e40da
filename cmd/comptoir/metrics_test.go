package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"comptoir/pos"
)

// The listener of figures is the loopback's alone, tells the till while it is open, and keeps a day of measurements for the
// next start.
func TestFiguresAreServedOnTheLoopbackAlone(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	for _, address := range []string{"0.0.0.0:0", "[::]:0"} {
		m := &Main{Config: pos.Config{Dir: filepath.Join(dir, liveFolder)}, Listen: "127.0.0.1:0", Public: "127.0.0.1:0", Metrics: address}
		if err := m.Start(t.Context()); err == nil || !strings.Contains(err.Error(), "this machine only") {
			t.Errorf("%s: %v", address, err)
		}
	}
	m := &Main{Config: pos.Config{Dir: filepath.Join(dir, liveFolder)}, Listen: "127.0.0.1:0", Public: "127.0.0.1:0", Metrics: "127.0.0.1:0"}
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	at := "http://" + m.gauges.at.String()
	get := func(path string) (int, string) {
		answer, err := http.Get(at + path)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(text)
	}
	if status, text := get("/metrics"); status != http.StatusOK || !strings.Contains(text, "comptoir_open 1") {
		t.Errorf("%d %s", status, text)
	}
	if status, _ := get("/"); status != http.StatusNotFound {
		t.Errorf("another path: %d", status)
	}
	m.gauges.show(nil)
	if _, text := get("/metrics"); !strings.Contains(text, "comptoir_open 0") {
		t.Errorf("while no café is open: %s", text)
	}
	if err := m.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, liveFolder, speedFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the day's measurements: %v, %v", info, err)
	}
}
