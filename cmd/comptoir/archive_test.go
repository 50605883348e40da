package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/pos"
	"comptoir/receipts/archive"
)

// closedMonth founds a café in a data directory, with one month that is closed.
func closedMonth(t *testing.T, data string) pos.Config {
	t.Helper()
	ctx, clock := t.Context(), datatest.NewClock()
	config := pos.Config{Dir: filepath.Join(data, "cafe"), Clock: clock, Software: software}
	if err := os.MkdirAll(config.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := pos.Found(ctx, config, pos.Identity{Name: "Le Fil", Address: "1 quai des Tests, Bordeaux", SIRET: "12345678200010", VATRegime: "normal_monthly"},
		pos.NewOperator{Name: "Marie", PIN: "4821", Role: pos.RoleManager}); err != nil {
		t.Fatal(err)
	}
	till, err := pos.Open(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := till.OpenShift(ctx, pos.System("sys"), 10000); err != nil {
		t.Fatal(err)
	}
	clock.Advance(15 * 24 * time.Hour)
	if _, err := till.MoveCash(ctx, pos.System("sys"), pos.CashMove{Amount: 100, Reason: "monnaie"}); err != nil {
		t.Fatal(err)
	}
	if err := till.Close(); err != nil {
		t.Fatal(err)
	}
	return config
}

const novemberArchive = "12345678200010_C1_2026-11.zip"

func TestAnArchiveIsCopiedWhereItIsAskedFor(t *testing.T) {
	t.Parallel()
	data, out := t.TempDir(), t.TempDir()
	closedMonth(t, data)
	for range 2 { // asked again it is the same
		code, stdout, stderr := runWords("archive", "--data", data, "--month", "2026-11", "--out", out)
		if code != exitOK || strings.TrimSpace(stdout) != filepath.Join(out, novemberArchive) || !strings.Contains(stderr, "2026-11-21 to 2026-11-30") {
			t.Fatalf("%d\n%s\n%s", code, stdout, stderr)
		}
		if m, _, err := archive.Verify(t.Context(), filepath.Join(out, novemberArchive)); err != nil || m.Period != "2026-11" {
			t.Errorf("%+v: %v", m, err)
		}
	}
	if code, _, stderr := runWords("archive", "--data", data, "--from", "2026-11-22", "--to", "2026-12-03", "--out", out); code != exitOK {
		t.Errorf("some days: %d %s", code, stderr)
	}
	code, stdout, stderr := runWords("export", "tax", "--data", data, "--out", out)
	if m, _, err := archive.Verify(t.Context(), strings.TrimSpace(stdout)); code != exitOK || err != nil || m.Kind != archive.KindAll {
		t.Errorf("tax: %d %s %+v %v", code, stderr, m, err)
	}
	if left, err := filepath.Glob(filepath.Join(data, "cafe", "archives", "*.new")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if code, _, stderr := runWords("doctor", "--data", data); code != exitOK {
		t.Errorf("doctor: %d %s", code, stderr)
	}
	if err := os.Remove(filepath.Join(data, "cafe", "archives", novemberArchive)); err != nil {
		t.Fatal(err)
	}
	if code, stdout, _ := runWords("doctor", "--data", data); code != exitFailed || !strings.Contains(stdout, "comptoir archive --month 2026-11 makes it again") {
		t.Errorf("doctor, with a file gone: %d %s", code, stdout)
	}
	if code, _, stderr := runWords("archive", "--data", data, "--month", "2026-11", "--out", out); code != exitOK {
		t.Errorf("made again: %d %s", code, stderr)
	}
}

func TestAnArchiveThatCannotBeMadeSaysWhy(t *testing.T) {
	t.Parallel()
	data, out := t.TempDir(), t.TempDir()
	closedMonth(t, data)
	file := filepath.Join(out, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	locked := filepath.Join(out, "locked")
	if err := os.Mkdir(locked, 0o500); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"--month", "2026-12", "--out", out}, exitFailed, "not closed yet"},
		{[]string{"--month", "2026-09", "--out", out}, exitFailed, "nothing of this period"},
		{[]string{"--month", "novembre", "--out", out}, exitFailed, "a month is written 2026-11"},
		{[]string{"--year", "2026", "--out", out}, exitFailed, "not closed yet"},
		{[]string{"--from", "2026-11-21", "--to", "2027-11-30", "--out", out}, exitFailed, "12 months"},
		{[]string{"--from", "2026-11-30", "--to", "2026-11-21", "--out", out}, exitFailed, "after the last"},
		{[]string{"--from", "2026-11-30", "--out", out}, exitUsage, "--to"},
		{[]string{"--month", "2026-11", "--year", "2026", "--out", out}, exitUsage, "--year"},
		{[]string{"--out", out}, exitUsage, "which period"},
		{[]string{"--month", "2026-11"}, exitUsage, "--out"},
		{[]string{"--month", "2026-11", "--out", filepath.Join(out, "nowhere")}, exitFailed, "no such directory"},
		{[]string{"--month", "2026-11", "--out", file}, exitFailed, "no directory"},
		{[]string{"--month", "2026-11", "--out", locked}, exitFailed, "nothing can be written"},
	} {
		if os.Geteuid() == 0 && tc.args[len(tc.args)-1] == locked {
			continue // root writes everywhere
		}
		code, stdout, stderr := runWords(append([]string{"archive", "--data", data}, tc.args...)...)
		if code != tc.code || !strings.Contains(stderr, tc.says) || stdout != "" {
			t.Errorf("%v: %d %q %q, want %d and %q", tc.args, code, stdout, stderr, tc.code, tc.says)
		}
	}
	if left, err := os.ReadDir(out); err != nil || len(left) != 2 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// A service makes what is due by itself, at its start, and other programs ask it for more.
func TestAServiceArchivesWhatIsClosed(t *testing.T) {
	t.Parallel()
	dir := shortDir(t)
	config := closedMonth(t, dir)
	m := &Main{Config: config, Listen: "127.0.0.1:0", Public: "127.0.0.1:0"}
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	made := make(chan struct{}, 1)
	m.Till().DB().OnCommit(func(events []data.Event) {
		if events[0].Type == "archive.made" {
			made <- struct{}{}
		}
	})
	if all, _, err := m.Till().Archives(t.Context()); err != nil {
		t.Fatal(err)
	} else if len(all) == 0 {
		<-made
	}
	out := t.TempDir()
	code, stdout, stderr := runWords("archive", "--data", dir, "--month", "2026-11", "--out", out)
	if code != exitOK || strings.TrimSpace(stdout) != filepath.Join(out, novemberArchive) {
		t.Errorf("%d\n%s\n%s", code, stdout, stderr)
	}
	if err := m.Stop(t.Context()); err != nil {
		t.Error(err)
	}
	if code, _, stderr := runWords("verify", "--full", "--data", dir); code != exitOK {
		t.Errorf("verify: %d %s", code, stderr)
	}
}
