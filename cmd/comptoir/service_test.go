package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"comptoir/data/fault"
	"comptoir/data/seed"
	"comptoir/pos"
)

// comptoir runs the program in this process and returns its exit code and streams.
func comptoir(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, words bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &out, &words)
	return code, out.String(), words.String()
}

// must is comptoir for what has to succeed; it returns stdout.
func must(t *testing.T, args ...string) string {
	t.Helper()
	code, stdout, stderr := comptoir(t, args...)
	if code != exitOK {
		t.Fatalf("comptoir %s: exit %d\n%s%s", strings.Join(args, " "), code, stdout, stderr)
	}
	return stdout
}

// shortDir is a temporary directory whose path leaves room for the control socket.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "comptoir-") //nolint:usetesting // t.TempDir is named after the test, too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// newCafe sets up a live café with the sample menu and returns its data directory.
func newCafe(t *testing.T) string {
	t.Helper()
	dir := shortDir(t)
	must(t, "init", "--data", dir, "--name", "Café du Port", "--siret", "73282932000074", "--address", "1 quai Louis XVIII",
		"--vat-regime", "franchise", "--manager-pin", "4321")
	must(t, "menu", "import", "--data", dir, write(t, "menu.csv", seed.Menu()))
	return dir
}

// write puts a file into a directory of the test and returns its path.
func write(t *testing.T, name string, text []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// start serves a café on free ports until the end of the test.
func start(t *testing.T, config pos.Config) *Main {
	t.Helper()
	m := &Main{Config: config, Listen: "127.0.0.1:0", Public: "127.0.0.1:0", Log: newLog(io.Discard, "text")}
	m.Config.Software = software
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return m
}

// audit runs doctor and verify.
func audit(t *testing.T, args ...string) {
	t.Helper()
	must(t, append([]string{"doctor"}, args...)...)
	must(t, append([]string{"verify", "--full"}, args...)...)
}

func TestANewcomerCanSellAtOnce(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	out, in := io.Pipe()
	var words bytes.Buffer
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, []string{"--data", dir, "--listen", "127.0.0.1:0", "--public", "127.0.0.1:0"}, strings.NewReader(""), in, &words)
		_ = in.Close()
	}()
	var addresses []string
	for lines := bufio.NewScanner(out); len(addresses) < 2 && lines.Scan(); {
		addresses = append(addresses, lines.Text())
	}
	if len(addresses) != 2 {
		t.Fatalf("got the addresses %q and exit %d:\n%s", addresses, <-ended, &words)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	for _, a := range addresses {
		if !strings.HasPrefix(a, "http://127.0.0.1:") {
			t.Errorf("got the address %q", a)
		}
		answer, err := http.Get(a + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s/healthz: got %s", a, answer.Status)
		}
		_ = answer.Body.Close()
	}
	api := newClient(addresses[0], strings.TrimSpace(must(t, "token", "create", "--data", dir, "--role", "barista", "--name", "Newcomer")), 1)
	defer api.close()
	r := &ringer{api: api, tills: 1, progress: quiet{}}
	if err := r.prepare(ctx); err != nil {
		t.Fatal(err)
	}
	var sale pos.SaleResult
	err := api.post(ctx, "/sales", "coffee", pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{{Product: r.menu["Expresso"].ID, Qty: 1}},
		Tenders: []pos.Tender{{Means: pos.Cash, Amount: 200, Given: 500}}}, &sale)
	if err != nil || sale.Total != 200 || sale.Change != 300 {
		t.Errorf("got %+v, %v", sale, err)
	}
	end()
	if code := <-ended; code != exitOK {
		t.Errorf("asked to end: got exit %d\n%s", code, &words)
	}
	for _, want := range []string{"1111 Barista", "9999 Manager", "DÉMONSTRATION"} {
		if !strings.Contains(words.String(), want) {
			t.Errorf("stderr does not say %q:\n%s", want, &words)
		}
	}
	audit(t, "--data", dir)
}

// demoDay is what the sample day comes to, straight from its files.
func demoDay(t *testing.T) expectation {
	t.Helper()
	prices, err := pricesOf(formCSV, seed.Menu())
	if err != nil {
		t.Fatal(err)
	}
	want, err := expect(prices, seed.Day())
	if err != nil {
		t.Fatal(err)
	}
	return want
}

func TestTheDemoTakesUpTheSampleDayWhereAStopCutItShort(t *testing.T) {
	t.Parallel()
	demo := cafe{dir: filepath.Join(shortDir(t), demoFolder), demo: true}
	config := pos.Config{Dir: demo.dir, Software: software}
	if err := foundDemo(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	m := start(t, config)
	if err := placePrinters(t.Context(), m.Till(), []printerAt{{"bar", "virtual:"}}); err != nil {
		t.Fatal(err)
	}
	cut, stop := context.WithCancel(t.Context())
	m.Till().DB().OnCommit(stopAfter(40, stop))
	if err := seedDemo(cut, m, demo); err == nil {
		t.Fatal("the sample day was not cut short")
	}
	if err := seedDemo(t.Context(), m, demo); err != nil {
		t.Fatal(err)
	}
	report, err := m.Till().Day(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	want := demoDay(t)
	if report.Sales != want.sums.sales || report.Total != want.sums.total {
		t.Errorf("got %d sales, %s; want %d, %s", report.Sales, euros(report.Total), want.sums.sales, euros(want.sums.total))
	}
	if served := report.Solidarity.Served["coffee"] + report.Solidarity.Served["meal"]; served != want.sums.redemptions {
		t.Errorf("got %d servings, want %d", served, want.sums.redemptions)
	}
	if _, err := m.Till().CurrentShift(t.Context()); err != nil {
		t.Errorf("no shift was left open: %v", err)
	}
	if _, err := os.Stat(demo.unseeded()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the day is still marked as not rung: %v", err)
	}
	var jobs int
	if err := m.Till().DB().Reader().QueryRow(t.Context(), `SELECT count(*) FROM print_jobs`).Scan(&jobs); err != nil || jobs > 0 {
		t.Errorf("the made day asked %d things of the printer, %v; want that no drawer opens", jobs, err)
	}
}

func TestARunningServiceCarriesOutCommands(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	live := filepath.Join(dir, liveFolder)
	m := start(t, pos.Config{Dir: live})
	if _, err := pos.Open(t.Context(), pos.Config{Dir: live, Software: software}); fault.CodeOf(err) != "data.locked" {
		t.Fatalf("a second writer: got %v, want data.locked", err)
	}
	info, err := os.Stat(filepath.Join(live, socketFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("control socket: got %v, %v; want mode 0600", info, err)
	}
	token := must(t, "token", "create", "--data", dir, "--role", "manager", "--name", "Bot")
	if op, err := m.Till().TokenOperator(t.Context(), strings.TrimSpace(token)); err != nil || op.Name != "Bot" {
		t.Errorf("the token: got %+v, %v", op, err)
	}
	must(t, "staff", "add", "--data", dir, "--name", "Awa", "--role", "barista", "--pin", "1234")
	if list := must(t, "staff", "list", "--data", dir); !strings.Contains(list, "Awa") {
		t.Errorf("staff list: got %q", list)
	}
	if menu := must(t, "menu", "export", "--data", dir); !strings.HasPrefix(menu, "name,category") {
		t.Errorf("menu export: got %.60q", menu)
	}
	code, _, words := comptoir(t, "menu", "import", "--data", dir, write(t, "bad.csv", []byte("name,category\n")))
	if code != exitFailed || !strings.Contains(words, "line 1, column price_cents") {
		t.Errorf("a bad menu: got exit %d and %q", code, words)
	}
	audit(t, "--data", dir)
}

func TestAnEntryThatWasAlteredIsNamedByVerifyAndDoctor(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	file := filepath.Join(dir, liveFolder, databaseFile)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	was, is := []byte(`"code":"CONFIG_CHANGE"`), []byte(`"code":"CONFIG_CHANGF"`)
	if !bytes.Contains(text, was) {
		t.Fatal("there is no entry to alter")
	}
	if err := os.WriteFile(file, bytes.ReplaceAll(text, was, is), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range []string{"verify", "doctor"} {
		code, stdout, words := comptoir(t, command, "--data", dir)
		if code != exitFailed || !regexp.MustCompile(`entry [1-9][0-9]*: `).MatchString(stdout) {
			t.Errorf("%s: got exit %d, stdout %q, stderr %q", command, code, stdout, words)
		}
	}
}

func TestAPortInUseIsSaidWithItsFlag(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	for _, args := range [][]string{
		{"--listen", taken.Addr().String(), "--public", "127.0.0.1:0"},
		{"--listen", "127.0.0.1:0", "--public", taken.Addr().String()},
	} {
		code, stdout, words := comptoir(t, append([]string{"serve", "--data", dir}, args...)...)
		flag := args[0]
		if args[1] == "127.0.0.1:0" {
			flag = args[2]
		}
		if code != exitFailed || stdout != "" || !strings.Contains(words, flag+" "+taken.Addr().String()+": the port is in use") {
			t.Errorf("%v: got exit %d, stdout %q, stderr %q", args, code, stdout, words)
		}
	}
}
