package main

import (
	"archive/zip"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"comptoir/data/datatest"
	"comptoir/pos"
)

// newOlderCafe is a café as an older release left it.
func newOlderCafe(t *testing.T) (live string) {
	t.Helper()
	live = filepath.Join(shortDir(t), liveFolder)
	made, err := zip.OpenReader(filepath.Join("..", "..", "pos", "testdata", "cafe-v31.zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(live, made); err != nil {
		t.Fatal(err)
	}
	keys, err := filepath.Glob(filepath.Join(live, "keys", "*"))
	if err != nil || len(keys) == 0 {
		t.Fatalf("no keys (%v)", err)
	}
	for _, key := range keys {
		if err := os.Chmod(key, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := made.Close(); err != nil {
		t.Fatal(err)
	}
	return live
}

// TestWhileTheDataAreBroughtUpToDateAPageSaysSo: on a large café that takes minutes. Whoever waits for the till, such as its screen,
// is let in to the page, and the init system is told that the work goes on.
func TestWhileTheDataAreBroughtUpToDateAPageSaysSo(t *testing.T) {
	path, next := listenAsSystem(t)
	t.Setenv("NOTIFY_SOCKET", path)
	m := &Main{Listen: "127.0.0.1:0", Public: "127.0.0.1:0"}
	asked, since := 0, regexp.MustCompile(`(depuis|since|desde las) \d\d?\D{1,6}\d\d<`)
	m.Config = pos.Config{Dir: newOlderCafe(t), Clock: datatest.NewClock(), Software: software, Upgrading: func() {
		asked++
		for heard := ""; !strings.Contains(heard, "READY=1") || !strings.Contains(heard, "EXTEND_TIMEOUT_USEC=") || !strings.Contains(heard, "WATCHDOG=1"); {
			heard += next() + "\n"
		}
		for language, words := range map[string]string{"fr": "N’éteignez pas", "en": "Do not switch", "es": "No apague"} {
			status, _, page := browse(t, http.MethodGet, m.StaffURL()+"/sales?lang="+language, nil)
			if status != http.StatusServiceUnavailable || !strings.Contains(page, words) || !strings.Contains(page, "js/stopped.") || !since.MatchString(page) {
				t.Errorf("%s: %d\n%s", language, status, page)
			}
			if strings.Contains(page, "<form method=\"post\"") {
				t.Errorf("there is something to press:\n%s", page)
			}
		}
		if status, _, text := browse(t, http.MethodGet, m.StaffURL()+"/healthz", nil); status != http.StatusServiceUnavailable || !strings.Contains(text, `"till.upgrading"`) {
			t.Errorf("/healthz: %d %s", status, text)
		}
		if status, _, _ := browse(t, http.MethodPost, m.StaffURL()+"/stopped/again", url.Values{}); status != http.StatusServiceUnavailable {
			t.Errorf("asked to open meanwhile: %d", status)
		}
		if status, _, text := browse(t, http.MethodGet, m.PublicURL()+"/board", nil); status != http.StatusServiceUnavailable || strings.Contains(text, "js/stopped.") {
			t.Errorf("public: %d %s", status, text)
		}
	}}
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Stop(t.Context()); err != nil {
			t.Error(err)
		}
	}()
	if m.Held() != nil || asked != 1 {
		t.Fatalf("held %v, upgraded %d times", m.Held(), asked)
	}
	if status, to, _ := browse(t, http.MethodGet, m.StaffURL()+"/", nil); status != http.StatusSeeOther || !strings.HasPrefix(to, "/login") {
		t.Errorf("afterwards: %d %s", status, to)
	}
}
