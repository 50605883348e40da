package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest/faultvfs"
	"comptoir/data/fault"
	"comptoir/pos"
)

// sickCafe is a live café on a disk that misbehaves on request, served; somebody sells by the API.
type sickCafe struct {
	*Main

	t     *testing.T
	dir   string // data directory
	disk  *faultvfs.FS
	token string
}

func newSickCafe(t *testing.T) *sickCafe {
	t.Helper()
	dir := newCafe(t)
	token := strings.TrimSpace(must(t, "token", "create", "--data", dir, "--role", "manager", "--name", "Bot"))
	disk, err := faultvfs.New(t.Name())
	if err != nil {
		t.Fatal(err)
	}
	m := &Main{Config: pos.Config{Dir: filepath.Join(dir, liveFolder), Software: software, VFS: disk.Name()}, Listen: "127.0.0.1:0", Public: "127.0.0.1:0",
		Log: newLog(io.Discard, "text"), pauses: pauses{first: time.Millisecond}}
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	c := &sickCafe{m, t, dir, disk, token}
	t.Cleanup(func() {
		disk.Heal()
		if err := m.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("stop: %v", err)
		}
		if err := disk.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// ask calls the API under a command id and returns status and answer.
func (c *sickCafe) ask(method, path, id string, body any) (status int, answer map[string]any) {
	c.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		c.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.StaffURL()+path, bytes.NewReader(text))
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Idempotency-Key", id)
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	got, err := client.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	if err := json.NewDecoder(got.Body).Decode(&answer); err != nil && err != io.EOF {
		c.t.Fatalf("%s %s: %d, %v", method, path, got.StatusCode, err)
	}
	return got.StatusCode, answer
}

// sell rings a coffee under a command id.
func (c *sickCafe) sell(id string) (status int, answer map[string]any) {
	c.t.Helper()
	return c.ask(http.MethodPost, "/api/v1/sales", id, map[string]any{"mode": "eat_in", "lines": []any{map[string]any{"product": c.coffee(), "qty": 1}},
		"tenders": []any{map[string]any{"means": "cash", "amount": 200, "given": 200}}})
}

func (c *sickCafe) coffee() string {
	c.t.Helper()
	menu, err := c.Till().Menu(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	i := slices.IndexFunc(menu.Products, func(p pos.Product) bool { return p.Name == "Expresso" })
	return menu.Products[i].ID
}

// mustSell is sell for what has to succeed; it returns the number of the sale.
func (c *sickCafe) mustSell(id string) string {
	c.t.Helper()
	status, answer := c.sell(id)
	if status != http.StatusCreated {
		c.t.Fatalf("sale %s: %d %v", id, status, answer)
	}
	return answer["number"].(string)
}

// verified waits until the start has written that the journal is conform, which it does beside the selling: nothing but what a test
// asks for is written after that.
func (c *sickCafe) verified() {
	c.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if v, err := c.Till().Verified(c.t.Context()); err != nil {
			c.t.Fatal(err)
		} else if !v.At.IsZero() {
			return
		}
	}
	c.t.Fatal("the journal was not verified after the start")
}

// open opens a shift.
func (c *sickCafe) open() {
	c.t.Helper()
	if status, answer := c.ask(http.MethodPost, "/api/v1/shifts", "shift", map[string]any{"float": 0}); status != http.StatusCreated {
		c.t.Fatalf("shift: %d %v", status, answer)
	}
}

// TestWhileTheDiskFailsTheTillShowsWhatItKnowsAndGoesOnByItself: nothing acknowledged is lost, what was not acknowledged is
// asked again under its id, and every page and program hears the same word.
func TestWhileTheDiskFailsTheTillShowsWhatItKnowsAndGoesOnByItself(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, code, words string
		fail              func(*faultvfs.FS)
	}{
		{"full", "data.full", "The till’s disk is full", func(fs *faultvfs.FS) { fs.FailWritesFrom(1) }},
		{"one sync fails", "data.stopped", "does not answer", func(fs *faultvfs.FS) { fs.FailSync(1) }},
		{"gone", "data.stopped", "does not answer", func(fs *faultvfs.FS) { fs.FailSyncsFrom(1) }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newSickCafe(t)
			c.open()
			first := c.mustSell("first")
			c.verified()
			tc.fail(c.disk)
			if status, answer := c.sell("unknown"); status != http.StatusServiceUnavailable || answer["code"] != "data.unknown" {
				t.Fatalf("the sale that met it: %d %v", status, answer)
			}
			<-c.Till().DB().Failed()
			for range 2 {
				if status, answer := c.sell("later"); status != http.StatusServiceUnavailable || answer["code"] != tc.code {
					t.Errorf("a sale: %d %v", status, answer)
				}
			}
			if status, answer := c.ask(http.MethodGet, "/healthz", "", nil); status != http.StatusServiceUnavailable || answer["code"] != tc.code {
				t.Errorf("/healthz: %d %v", status, answer)
			}
			if status, answer := c.ask(http.MethodGet, "/api/v1/reports/day", "", nil); status != http.StatusOK || answer["total"] != 200.0 {
				t.Errorf("reading: %d %v", status, answer)
			}
			if status, _, page := browse(t, http.MethodGet, c.StaffURL()+"/login", nil); status != http.StatusOK || !strings.Contains(page, tc.words) || !strings.Contains(page, "You can still read") {
				t.Errorf("a page: %d\n%s", status, page)
			}
			if status, _, page := browse(t, http.MethodGet, urlOf(c.public.Addr())+"/board", nil); status != http.StatusOK || strings.Contains(page, tc.words) {
				t.Errorf("the board: %d\n%s", status, page)
			}
			if err := answering(c.Till().DB())(t.Context()); err != nil {
				t.Errorf("the watchdog would end it: %v", err)
			}

			c.disk.Heal()
			if err := c.Outlast(t.Context()); err != nil || c.Held() != nil {
				t.Fatalf("opened anew: %v, held %v", err, c.Held())
			}
			if again := c.mustSell("first"); again != first {
				t.Errorf("the first sale asked again is %s, was %s", again, first)
			}
			unknown, later := c.mustSell("unknown"), c.mustSell("later")
			if first == unknown || unknown == later {
				t.Errorf("got the numbers %s, %s, %s", first, unknown, later)
			}
			if status, answer := c.ask(http.MethodGet, "/api/v1/reports/day", "", nil); status != http.StatusOK || answer["total"] != 600.0 {
				t.Errorf("the day: %d %v", status, answer)
			}
			audit(t, "--data", c.dir)
		})
	}
}

// TestADiskThatGoesOnFailingHoldsTheCafeUntilItWorks: what can be tried without the café works, the café does not.
func TestADiskThatGoesOnFailingHoldsTheCafeUntilItWorks(t *testing.T) {
	t.Parallel()
	c := newSickCafe(t)
	c.open()
	first := c.mustSell("first")
	c.disk.FailSyncsFrom(1)
	c.sell("unknown")
	ctx, end := context.WithCancel(t.Context())
	defer end()
	var words bytes.Buffer
	e := &env{stdout: io.Discard, stderr: &words}
	if err := c.Outlast(ctx); err != nil || fault.CodeOf(c.Held()) != "data.stopped" {
		t.Fatalf("%v, held %v", err, c.Held())
	}
	if status, _, page := browse(t, http.MethodGet, c.StaffURL()+"/", nil); status != http.StatusServiceUnavailable || !strings.Contains(page, "Write sales on paper") || !strings.Contains(page, `data-reason="data.stopped"`) {
		t.Errorf("%d\n%s", status, page)
	}
	ended := make(chan int, 1)
	go func() { ended <- (&serveCmd{}).wait(ctx, e, c.Main, cafe{dir: c.Config.Dir}) }()
	c.disk.Heal()
	for { // it is tried again by itself
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.StaffURL()+"/healthz", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Close = true
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			continue // it came while the one page made way for the till
		}
		text, err := io.ReadAll(answer.Body)
		if err = errors.Join(err, answer.Body.Close()); answer.StatusCode == http.StatusOK {
			break
		}
		if err == nil && !strings.Contains(string(text), `"data.stopped"`) {
			t.Errorf("%d %s", answer.StatusCode, text)
			break
		}
	}
	if status, answer := c.ask(http.MethodGet, "/api/v1/reports/day", "", nil); status != http.StatusOK || answer["total"] == 0.0 {
		t.Errorf("the day: %d %v", status, answer)
	}
	end()
	if code := <-ended; code != exitOK {
		t.Errorf("exit %d\n%s", code, &words)
	}
	_ = first
	audit(t, "--data", c.dir)
}

// TestACafeThatCannotBeOpenedSaysWhyOnItsPage: nothing is changed in its files meanwhile.
func TestACafeThatCannotBeOpenedSaysWhyOnItsPage(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, code, words string
		spoil             func(t *testing.T, file string)
	}{
		{"a page of zeros at the beginning", "data.foreign", "not, or no longer, a Comptoir database", func(t *testing.T, file string) {
			t.Helper()
			overwrite(t, file, 0, make([]byte, 4096))
		}},
		{"a wrong header", "data.foreign", "not, or no longer, a Comptoir database", func(t *testing.T, file string) {
			t.Helper()
			overwrite(t, file, 0, []byte("not what it was "))
		}},
		{"cut off", "data.damaged", "data are damaged", func(t *testing.T, file string) {
			t.Helper()
			if err := os.Truncate(file, 40*4096); err != nil {
				t.Fatal(err)
			}
		}},
		{"zeros behind the first page", "data.damaged", "data are damaged", func(t *testing.T, file string) {
			t.Helper()
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			overwrite(t, file, 4096, make([]byte, info.Size()-4096))
		}},
		{"another program's", "data.foreign", "not, or no longer, a Comptoir database", func(t *testing.T, file string) {
			t.Helper()
			overwrite(t, file, 68, []byte("XXXX")) // the application's mark
		}},
		{"a trigger that nobody here made", "data.schema", "the trigger cheaper on sale_lines is none of ours", func(t *testing.T, file string) {
			t.Helper()
			rewrite(t, file, `CREATE TRIGGER cheaper AFTER INSERT ON sale_lines BEGIN UPDATE products SET price = 1; END`)
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := newCafe(t)
			file := filepath.Join(dir, liveFolder, databaseFile)
			tc.spoil(t, file)
			before, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			m := start(t, pos.Config{Dir: filepath.Join(dir, liveFolder)})
			if fault.CodeOf(m.Held()) != tc.code {
				t.Fatalf("held: %v", m.Held())
			}
			status, _, page := browse(t, http.MethodGet, m.StaffURL()+"/", nil)
			for _, words := range []string{tc.words, "comptoir restore", "Write sales on paper", "Nothing in the files was changed"} {
				if status != http.StatusServiceUnavailable || !strings.Contains(page, words) {
					t.Errorf("%d, without %q:\n%s", status, words, page)
				}
			}
			if status, _, text := browse(t, http.MethodGet, m.StaffURL()+"/healthz", nil); status != http.StatusServiceUnavailable || !strings.Contains(text, tc.code) {
				t.Errorf("/healthz: %d %s", status, text)
			}
			if status, _, text := browse(t, http.MethodGet, urlOf(m.public.Addr())+"/board", nil); status != http.StatusServiceUnavailable || strings.Contains(text, "amaged") {
				t.Errorf("public: %d %s", status, text)
			}
			browse(t, http.MethodPost, m.StaffURL()+"/stopped/again", nil)
			<-m.Again()
			if err := m.Reopen(context.WithoutCancel(t.Context())); err != nil || fault.CodeOf(m.Held()) != tc.code {
				t.Errorf("tried again: %v, held %v", err, m.Held())
			}
			if after, err := os.ReadFile(file); err != nil || !slices.Equal(before, after) {
				t.Errorf("the file was changed (%v)", err)
			}
		})
	}
}

// rewrite changes a database past the café that is in it.
func rewrite(t *testing.T, file, statement string) {
	t.Helper()
	db, err := data.Open(t.Context(), data.Options{Dir: filepath.Dir(file)})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		_, err := tx.Exec(ctx, statement)
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func overwrite(t *testing.T, file string, at int64, with []byte) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(with, at); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestPausesGrowUntilTheDiskHasWorkedForAWhile(t *testing.T) {
	t.Parallel()
	var p pauses
	now := time.Now()
	var got []time.Duration
	for range 7 {
		wait := p.wait(now)
		got, now = append(got, wait), now.Add(wait)
	}
	if want := []time.Duration{1, 2, 4, 8, 16, 30, 30}; !slices.EqualFunc(got, want, func(a, b time.Duration) bool { return a == b*time.Second }) {
		t.Errorf("got %v", got)
	}
	if wait := p.wait(now.Add(2 * pauseForgets)); wait != firstPause {
		t.Errorf("after a good while: %v", wait)
	}
}

// smallDisk is a file system of so many megabytes in memory, where the machine allows one.
func smallDisk(t *testing.T, megabytes int) string {
	t.Helper()
	dir := shortDir(t)
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Skipf("this machine lets nobody mount a small disk: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// onDisk copies a café onto another disk.
func onDisk(t *testing.T, dir string) (config pos.Config) {
	t.Helper()
	from := newCafe(t)
	if err := os.CopyFS(filepath.Join(dir, liveFolder), os.DirFS(filepath.Join(from, liveFolder))); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"k1.pem", "codes.key"} {
		if err := os.Chmod(filepath.Join(dir, liveFolder, "keys", key), 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	return pos.Config{Dir: filepath.Join(dir, liveFolder)}
}

// fill leaves no room on a disk; the function it returns makes room again.
func fill(t *testing.T, dir string) (freed func()) {
	t.Helper()
	name := filepath.Join(dir, "film.mp4")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1 << 20, 4096, 1} {
		for block := make([]byte, size); err == nil; {
			_, err = f.Write(block)
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		err = nil
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAFullDiskAtStartIsSaidAndMendsItself: a real file system, full before the start, then emptied.
func TestAFullDiskAtStartIsSaidAndMendsItself(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, 48)
	config := onDisk(t, dir)
	freed := fill(t, dir)
	m := start(t, config)
	if fault.CodeOf(m.Held()) != "data.full" {
		t.Fatalf("held: %v", m.Held())
	}
	status, _, page := browse(t, http.MethodGet, m.StaffURL()+"/", nil)
	for _, words := range []string{"disk is full", "Make room", "at least 8.4", "tries again by itself"} {
		if status != http.StatusServiceUnavailable || !strings.Contains(page, words) {
			t.Errorf("%d, without %q:\n%s", status, words, page)
		}
	}
	freed()
	<-m.well
	if err := m.Reopen(context.WithoutCancel(t.Context())); err != nil || m.Held() != nil {
		t.Fatalf("%v, held %v", err, m.Held())
	}
	audit(t, "--data", dir)
}

// TestADiskThatFillsUpWhileSellingIsWaitedFor: a real file system; every acknowledged sale is there.
func TestADiskThatFillsUpWhileSellingIsWaitedFor(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, 48)
	m := start(t, onDisk(t, dir))
	m.pauses.first = time.Millisecond
	c := &sickCafe{Main: m, t: t, dir: dir, token: strings.TrimSpace(must(t, "token", "create", "--data", dir, "--role", "manager", "--name", "Bot"))}
	c.open()
	c.verified()
	freed := fill(t, dir)
	sold, status, answer := []string{}, 0, map[string]any(nil)
	for i := range 500 {
		if status, answer = c.sell(fmt.Sprint(i)); status != http.StatusCreated {
			break
		}
		sold = append(sold, answer["number"].(string))
	}
	if status != http.StatusServiceUnavailable || answer["code"] != "data.unknown" {
		t.Fatalf("after %d sales: %d %v", len(sold), status, answer)
	}
	if status, answer := c.sell("later"); answer["code"] != "data.full" {
		t.Errorf("%d %v", status, answer)
	}
	freed()
	if err := c.Outlast(t.Context()); err != nil || c.Held() != nil {
		t.Fatalf("%v, held %v", err, c.Held())
	}
	for i, number := range sold {
		if again := c.mustSell(fmt.Sprint(i)); again != number {
			t.Errorf("sale %d is %s, was %s", i, again, number)
		}
	}
	c.mustSell("later")
	t.Logf("%d sales fitted", len(sold))
	audit(t, "--data", dir)
}

// TestAReadOnlyDiskAtStartIsSaidAndMendsItself: a stick with its lock on.
func TestAReadOnlyDiskAtStartIsSaidAndMendsItself(t *testing.T) {
	t.Parallel()
	dir := smallDisk(t, 48)
	config := onDisk(t, dir)
	remount := func(flags uintptr) {
		t.Helper()
		if err := syscall.Mount("", dir, "", syscall.MS_REMOUNT|flags, ""); err != nil {
			t.Skipf("this machine does not remount: %v", err)
		}
	}
	remount(syscall.MS_RDONLY)
	m := start(t, config)
	if fault.CodeOf(m.Held()) != "data.read_only" {
		t.Fatalf("held: %v", m.Held())
	}
	if status, _, page := browse(t, http.MethodGet, m.StaffURL()+"/", nil); status != http.StatusServiceUnavailable || !strings.Contains(page, "can be read, but not written") {
		t.Errorf("%d\n%s", status, page)
	}
	remount(0)
	<-m.well
	if err := m.Reopen(context.WithoutCancel(t.Context())); err != nil || m.Held() != nil {
		t.Fatalf("%v, held %v", err, m.Held())
	}
	audit(t, "--data", dir)
}
