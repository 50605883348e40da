package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/seed"
	"comptoir/pos"
)

// aCafe is a founding that nothing is wrong with.
func aCafe() founding {
	return founding{
		identity: pos.Identity{Name: "Le Vrai", Address: "1 quai Louis XVIII", SIRET: "73282932000074", VATRegime: "franchise"},
		manager:  pos.NewOperator{Name: "Awa", PIN: "4821", Role: pos.RoleManager}, sample: true, enter: true,
	}
}

// held lists what lies in a directory.
func held(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestACafeIsFoundedWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	cut := errors.New("power cut")
	for at := 1; ; at *= 2 { // of the steps of the database
		dir, step := shortDir(t), 0
		config := pos.Config{Dir: filepath.Join(dir, liveFolder), Software: software, Fault: func(data.Step) error {
			if step++; step >= at {
				return cut
			}
			return nil
		}}
		_, err := aCafe().make(t.Context(), config)
		if err == nil {
			if at < 32 {
				t.Errorf("it took %d steps: the cuts are nowhere", at)
			}
			audit(t, "--data", dir)
			return
		}
		if got := held(t, dir); len(got) != 0 {
			t.Fatalf("cut at step %d (%v): left %v", at, err, got)
		}
		if at == 16 { // and the next try makes it
			config.Fault = nil
			if _, err := aCafe().make(t.Context(), config); err != nil {
				t.Fatalf("after a cut at step %d: %v", at, err)
			}
		}
	}
}

func TestWhatAPowerCutLeftIsNoCafeAndIsSweptAway(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	for name, age := range map[string]time.Duration{".cafe-old": 2 * time.Hour, ".cafe-new": 0} {
		half := filepath.Join(dir, name)
		if err := errors.Join(os.MkdirAll(filepath.Join(half, "keys"), 0o700), os.WriteFile(filepath.Join(half, databaseFile), []byte("half"), 0o600),
			os.Chtimes(half, time.Now().Add(-age), time.Now().Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	if (&env{data: dir}).cafe().demo != true {
		t.Error("what was cut short is taken for the live café")
	}
	if _, err := aCafe().make(t.Context(), pos.Config{Dir: filepath.Join(dir, liveFolder), Software: software}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(held(t, dir), " "); got != ".cafe-new cafe" { // another one may be in the making
		t.Errorf("left: %s", got)
	}
	audit(t, "--data", dir)
}

func TestTwoFoundingsAtOnceMakeOneCafe(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	config := pos.Config{Dir: filepath.Join(dir, liveFolder), Software: software}
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = aCafe().make(context.WithoutCancel(t.Context()), config) })
	}
	wg.Wait()
	made := 0
	for _, err := range errs {
		if err == nil {
			made++
		} else if fault.CodeOf(err) != "journal.founded" {
			t.Errorf("refused with %v", err)
		}
	}
	if got := held(t, dir); made != 1 || len(got) != 1 {
		t.Errorf("made %d, left %v", made, got)
	}
	if _, err := aCafe().make(t.Context(), config); fault.CodeOf(err) != "journal.founded" {
		t.Errorf("once more: %v", err)
	}
	audit(t, "--data", dir)
}

func TestABadMenuOrAWeakPINFoundsNothing(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	config := pos.Config{Dir: filepath.Join(dir, liveFolder), Software: software}
	bad := pos.MenuFile{Products: []pos.Product{{Name: "Café", Category: "Chaud", Price: 220, VATEatIn: 1, VATTakeaway: 1}}}
	menu := aCafe()
	menu.sample, menu.menu = false, &bad
	if _, err := menu.make(t.Context(), config); fault.CodeOf(err) != "menu.file" {
		t.Errorf("a rate that does not exist: %v", err)
	}
	for _, pin := range []string{"1111", "9999", "0000", "1234", "55555555", "123456"} {
		weak := aCafe()
		weak.manager.PIN = pin
		if _, err := weak.make(t.Context(), config); fault.CodeOf(err) != "pin.weak" {
			t.Errorf("%s: %v", pin, err)
		}
	}
	if got := held(t, dir); len(got) != 0 {
		t.Errorf("left %v", got)
	}
}

// served runs the program until the end of the test and returns its addresses.
func served(t *testing.T, args ...string) (staff, public string) {
	t.Helper()
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	out, in := io.Pipe()
	var words bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, append([]string{"serve", "--listen", "127.0.0.1:0", "--public", "127.0.0.1:0"}, args...), strings.NewReader(""), in, &words)
		_ = in.Close()
	}()
	t.Cleanup(func() {
		end()
		if code := <-ended; code != exitOK {
			t.Errorf("exit %d:\n%s", code, &words)
		}
	})
	var b [64]byte
	n, _ := out.Read(b[:])
	staff = strings.TrimSpace(string(b[:n]))
	n, _ = out.Read(b[:])
	public = strings.TrimSpace(string(b[:n]))
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return staff, public
}

func TestTheSetUpPageOpensALiveCafeOnTheSameAddresses(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	staff, public := served(t, "--data", dir)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	read := func(answer *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	form := url.Values{"name": {"Le Vrai"}, "address": {"1 quai Louis XVIII"}, "siret": {"732 829 320 00074"}, "vat_regime": {"franchise"},
		"manager": {"Awa"}, "pin": {"4821"}, "pin_again": {"4821"}, "menu": {"file"}, "menu_name": {"menu.csv"}, "menu_text": {string(seed.Menu())}}
	if page := read(browser.Get(staff + "/login")); !strings.Contains(page, `href="/setup"`) {
		t.Errorf("the demonstration does not lead to the set-up:\n%s", page)
	}
	// The answer leads to the live café; what comes before it has opened is told so, and asks again, as a browser does.
	open := func(answer *http.Response, err error, address string) string {
		t.Helper()
		again := time.NewTicker(20 * time.Millisecond)
		defer again.Stop()
		for tries := 0; tries < 500 && (err != nil || answer.StatusCode == http.StatusServiceUnavailable); tries++ {
			if err == nil {
				if said := read(answer, nil); answer.Header.Get("Refresh") == "" {
					t.Fatalf("a browser is not told to ask again:\n%s", said)
				}
			}
			<-again.C
			answer, err = browser.Get(address)
		}
		return read(answer, err)
	}
	answer, err := browser.PostForm(staff+"/setup", form)
	page := open(answer, err, staff+"/")
	if !strings.Contains(page, "Le Vrai") || !strings.Contains(page, `action="/shift/open"`) || strings.Contains(page, "DÉMONSTRATION") {
		t.Errorf("after the set-up:\n%s", page)
	}
	answer, err = browser.Get(public + "/board")
	if page := open(answer, err, public+"/board"); !strings.Contains(page, "Le Vrai") {
		t.Errorf("the public address serves:\n%s", page)
	}
	answer, err = browser.PostForm(staff+"/setup", form)
	if read(answer, err); answer.StatusCode != http.StatusNotFound {
		t.Errorf("a second set-up: %d", answer.StatusCode)
	}
	must(t, "staff", "list", "--data", dir) // the control socket is the live café's
	audit(t, "--data", dir)
}
