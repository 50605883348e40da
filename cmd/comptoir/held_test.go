package main

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/pos"
)

// browse asks as a browser does, without following, and returns status, place to go and text.
func browse(t *testing.T, method, address string, form url.Values) (status int, to, text string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "text/html")
	request.Header.Set("Accept-Language", "en")
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header.Get("Location"), string(body)
}

// putBack leaves the café of a data directory with yesterday's database beside today's head.
func putBack(t *testing.T, dir string) {
	t.Helper()
	file := filepath.Join(dir, liveFolder, databaseFile)
	old, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	must(t, "staff", "add", "--data", dir, "--name", "Awa", "--role", "barista", "--pin", "1234")
	if err := os.WriteFile(file, old, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestAHeldCafeIsOpenedFromItsPage(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	putBack(t, dir)
	m := start(t, pos.Config{Dir: filepath.Join(dir, liveFolder)})
	if fault.CodeOf(m.Held()) != "journal.rollback" {
		t.Fatalf("held: %v", m.Held())
	}
	status, _, page := browse(t, http.MethodGet, m.StaffURL()+"/sales", nil)
	for _, words := range []string{"The till is stopped", "older than what the till saw last", "Manager", `action="/stopped/resume"`} {
		if status != http.StatusServiceUnavailable || !strings.Contains(page, words) {
			t.Errorf("%d, without %q:\n%s", status, words, page)
		}
	}
	for path, want := range map[string]string{"/healthz": `"till.held"`, "/api/v1/menu": `"reason":"journal.rollback"`} {
		if status, _, text := browse(t, http.MethodGet, m.StaffURL()+path, nil); status != http.StatusServiceUnavailable || !strings.Contains(text, want) {
			t.Errorf("%s: %d %s", path, status, text)
		}
	}
	if status, _, text := browse(t, http.MethodGet, urlOf(m.public.Addr())+"/board", nil); status != http.StatusServiceUnavailable || !strings.Contains(text, "The till is closed") || strings.Contains(text, "older") {
		t.Errorf("public: %d %s", status, text)
	}
	if status, _, _ := browse(t, http.MethodPost, urlOf(m.public.Addr())+"/stopped/again", url.Values{}); status != http.StatusServiceUnavailable {
		t.Errorf("the public may ask to open: %d", status)
	}
	managers, err := pos.NewHeld(m.Config).Managers(t.Context())
	if err != nil || len(managers) != 1 {
		t.Fatalf("%v (%v)", managers, err)
	}
	form := url.Values{"operator": {managers[0].ID}, "pin": {"4321"}, "reason": {""}}
	if status, _, text := browse(t, http.MethodPost, m.StaffURL()+"/stopped/resume", form); status != http.StatusUnprocessableEntity || !strings.Contains(text, "reason-wrong") {
		t.Errorf("without a reason: %d\n%s", status, text)
	}
	form.Set("reason", "the disk was replaced")
	form.Set("pin", "0000")
	if status, _, text := browse(t, http.MethodPost, m.StaffURL()+"/stopped/resume", form); status != http.StatusUnauthorized || !strings.Contains(text, `value="the disk was replaced"`) || strings.Contains(text, "0000") {
		t.Errorf("a wrong PIN: %d\n%s", status, text)
	}
	form.Set("pin", "4321")
	for status = http.StatusTooManyRequests; status == http.StatusTooManyRequests; { // the delay after a wrong PIN
		status, _, _ = browse(t, http.MethodPost, m.StaffURL()+"/stopped/resume", form)
	}
	if status != http.StatusSeeOther {
		t.Fatalf("the right PIN: %d", status)
	}
	<-m.Again()
	if err := m.Reopen(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	if m.Held() != nil {
		t.Fatalf("still held: %v", m.Held())
	}
	if status, to, _ := browse(t, http.MethodGet, m.StaffURL()+"/", nil); status != http.StatusSeeOther || !strings.HasPrefix(to, "/login") {
		t.Errorf("open: %d %s", status, to)
	}
	if alerts, err := m.Till().Alerts(t.Context()); err != nil || len(alerts) != 1 {
		t.Errorf("alerts %v (%v)", alerts, err)
	}
}

// TestTryingAgainForgivesNoWrongPIN: otherwise whoever is on the staff's network goes through all PINs, one for each time
// that the café is tried again.
func TestTryingAgainForgivesNoWrongPIN(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	putBack(t, dir)
	m := start(t, pos.Config{Dir: filepath.Join(dir, liveFolder), Clock: datatest.NewClock()})
	managers, err := pos.NewHeld(m.Config).Managers(t.Context())
	if err != nil || len(managers) != 1 {
		t.Fatalf("%v (%v)", managers, err)
	}
	form := url.Values{"operator": {managers[0].ID}, "pin": {"0000"}, "reason": {"guessing"}}
	if status, _, _ := browse(t, http.MethodPost, m.StaffURL()+"/stopped/resume", form); status != http.StatusUnauthorized {
		t.Fatalf("a wrong PIN: %d", status)
	}
	browse(t, http.MethodPost, m.StaffURL()+"/stopped/again", url.Values{})
	<-m.Again()
	if err := m.Reopen(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	form.Set("pin", "4321")
	if status, _, text := browse(t, http.MethodPost, m.StaffURL()+"/stopped/resume", form); status != http.StatusTooManyRequests {
		t.Errorf("the next PIN at once: %d\n%s", status, text)
	}
}

func TestACafeWithoutItsKeyIsHeldUntilTheKeyIsBack(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	key := filepath.Join(dir, liveFolder, "keys", "k1.pem")
	kept := filepath.Join(dir, "kept.pem")
	if err := os.Rename(key, kept); err != nil {
		t.Fatal(err)
	}
	m := start(t, pos.Config{Dir: filepath.Join(dir, liveFolder)})
	if fault.CodeOf(m.Held()) != "journal.key_missing" {
		t.Fatalf("held: %v", m.Held())
	}
	ask := func() {
		t.Helper()
		if status, to, _ := browse(t, http.MethodPost, m.StaffURL()+"/stopped/again", url.Values{}); status != http.StatusSeeOther || to != "/" {
			t.Errorf("again: %d %s", status, to)
		}
		<-m.Again()
		if err := m.Reopen(context.WithoutCancel(t.Context())); err != nil {
			t.Fatal(err)
		}
	}
	_, _, page := browse(t, http.MethodGet, m.StaffURL()+"/", nil)
	if !strings.Contains(page, "The key that signs the journal is not there") || strings.Contains(page, "/stopped/resume") {
		t.Errorf("page:\n%s", page)
	}
	ask()
	if m.Held() == nil {
		t.Fatal("open without its key")
	}
	if err := os.Rename(kept, key); err != nil {
		t.Fatal(err)
	}
	ask()
	if m.Held() != nil {
		t.Fatalf("still held: %v", m.Held())
	}
}

// TestACafeOnADiskThatWentAwayIsHeld: its folder is a link to the disk. The demonstration is not opened in its place, and the till
// opens when the disk is back.
func TestACafeOnADiskThatWentAwayIsHeld(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	disk, away := filepath.Join(dir, "disk"), filepath.Join(dir, "away")
	live := filepath.Join(dir, liveFolder)
	for _, err := range []error{os.Rename(live, away), os.Symlink(disk, live)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if chosen := (&env{data: dir}).cafe(); chosen.demo {
		t.Error("the demonstration is opened instead")
	}
	m := start(t, pos.Config{Dir: live})
	if fault.CodeOf(m.Held()) != "data.directory" {
		t.Fatalf("held: %v", m.Held())
	}
	if err := os.Rename(away, disk); err != nil {
		t.Fatal(err)
	}
	if err := m.Reopen(context.WithoutCancel(t.Context())); err != nil || m.Held() != nil {
		t.Errorf("with its disk back: %v, held %v", err, m.Held())
	}
}
