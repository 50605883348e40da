package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptoir/data/datatest"
	"comptoir/pos"
)

// closedDay founds a café in a data directory, with one day that is closed, and closes it again.
func closedDay(t *testing.T, data string) (day string) {
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
	day = till.DB().Today()
	if _, err := till.OpenShift(ctx, pos.System("sys"), 10000); err != nil {
		t.Fatal(err)
	}
	clock.Advance(24 * time.Hour)
	if _, err := till.MoveCash(ctx, pos.System("sys"), pos.CashMove{Amount: 100, Reason: "monnaie"}); err != nil {
		t.Fatal(err)
	}
	if err := till.Close(); err != nil {
		t.Fatal(err)
	}
	return day
}

func runWords(args ...string) (code int, stdout, stderr string) {
	var out, words strings.Builder
	code = run(context.Background(), args, strings.NewReader(""), &out, &words)
	return code, out.String(), words.String()
}

func TestAnExportIsDataOnStdoutAndWordsOnStderr(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	day := closedDay(t, data)
	code, stdout, stderr := runWords("export", "cashbook", "--data", data, "--from", day, "--to", day)
	if code != exitOK || !strings.HasPrefix(stdout, "\ufeffJour;Clôture;") || !strings.Contains(stdout, ";100,00;") || !strings.Contains(stderr, "livre-de-caisse_123456782_") {
		t.Errorf("%d\n%s\n%s", code, stdout, stderr)
	}
	out := t.TempDir()
	code, stdout, stderr = runWords("export", "ereporting", "--form", "csv", "--data", data, "--from", day, "--to", "2026-12-31", "--out", out)
	file := filepath.Join(out, "ereporting_123456782_"+day+"_"+day+".csv")
	if text, err := os.ReadFile(file); code != exitOK || stdout != "" || err != nil || !strings.HasPrefix(string(text), "\ufeffJour;SIREN;") || !strings.Contains(stderr, "not closed yet") {
		t.Errorf("%d, %v\n%s\n%s", code, err, stdout, stderr)
	}
}

func TestAnExportThatCannotBeMadeSaysWhy(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	day := closedDay(t, data)
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"backwards":      {[]string{"fec", "--from", "2026-12-31", "--to", "2026-01-01"}, "the first not after the last"},
		"nothing closed": {[]string{"fec", "--from", "2027-01-01", "--to", "2027-01-31"}, "None of these days is closed"},
		"part of months": {[]string{"solidarity", "--from", day, "--to", day}, "whole calendar months"},
		"no such form":   {[]string{"fec", "--form", "pdf", "--from", day, "--to", day}, "not in this form"},
		"no such folder": {[]string{"fec", "--from", day, "--to", day, "--out", filepath.Join(data, "none", "x.txt")}, "the file cannot be written"},
	} {
		if code, stdout, stderr := runWords(append([]string{"export", "--data", data}, c.args...)...); code != exitFailed || stdout != "" || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: %d %q %q", name, code, stdout, stderr)
		}
	}
	if code, _, _ := runWords("export", "--data", data, "everything"); code != exitUsage {
		t.Errorf("a file that there is none of: %d", code)
	}
}
