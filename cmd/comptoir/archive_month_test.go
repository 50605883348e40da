package main

import (
	"archive/zip"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptoir/data/datatest"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// realMonth rings a month of the real file, each sale at its minute, and returns the café on the first of the next and what
// was sold.
func realMonth(t *testing.T, month string) (*pos.Till, money.Cents) {
	t.Helper()
	service := filepath.Join("..", "..", "..", "shared", "data", "service")
	all, err := os.ReadFile(filepath.Join(service, "sales-2016.csv"))
	if errors.Is(err, os.ErrNotExist) && os.Getenv("CI") != "true" {
		t.Skip("the real sales are not here")
	}
	menu, err1 := os.Open(filepath.Join(service, "menu.csv"))
	if err := errors.Join(err, err1); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for i, line := range strings.SplitAfter(string(all), "\n") {
		if i == 0 || strings.HasPrefix(line, month) {
			text.WriteString(line)
		}
	}
	plan, err := readReplay("sales-2016.csv", []byte(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	file, err := pos.ParseMenuCSV(menu)
	if err := errors.Join(err, menu.Close()); err != nil {
		t.Fatal(err)
	}
	ctx, clock := t.Context(), datatest.NewClock()
	clock.Set(plan.transactions[0].at.UTC().Add(-time.Hour))
	config := pos.Config{Dir: t.TempDir(), Clock: clock, Software: software}
	if err := pos.Found(ctx, config, pos.Identity{Name: "Bakery", Address: "Edinburgh", SIRET: "73282932000074", VATRegime: "normal_monthly"},
		pos.NewOperator{Name: "Marie", PIN: "4821", Role: pos.RoleManager}); err != nil {
		t.Fatal(err)
	}
	till, err := pos.Open(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		datatest.Audit(t, till.DB())
		if err := till.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := till.ImportMenu(ctx, pos.System("sys"), file); err != nil {
		t.Fatal(err)
	}
	if _, err := till.OpenShift(ctx, pos.System("sys"), 10000); err != nil {
		t.Fatal(err)
	}
	sold := ringAll(ctx, t, till, clock, plan)
	last := plan.transactions[len(plan.transactions)-1].at
	clock.Set(time.Date(last.Year(), last.Month()+1, 1, 9, 0, 0, 0, time.UTC))
	if _, err := till.MoveCash(ctx, pos.System("sys"), pos.CashMove{Amount: 100, Reason: "monnaie"}); err != nil {
		t.Fatal(err)
	}
	return till, sold
}

// ringAll sells each transaction at its minute, every seventh in cash, and gives every hundredth back.
func ringAll(ctx context.Context, t *testing.T, till *pos.Till, clock *datatest.Clock, plan replayPlan) (sold money.Cents) {
	t.Helper()
	menu, err := till.Menu(ctx)
	if err != nil {
		t.Fatal(err)
	}
	r := &ringer{menu: map[string]pos.Product{}, byID: map[string]pos.Product{}, unmatched: map[string]int{}}
	for _, p := range menu.Products {
		r.menu[p.Name], r.byID[p.ID] = p, p
	}
	for i, tx := range plan.transactions {
		clock.Set(tx.at.UTC())
		lines := r.match(tx)
		if len(lines) == 0 {
			continue
		}
		if tx.tenders = []plannedTender{{means: pos.Card}}; i%7 == 0 {
			tx.tenders = []plannedTender{{means: pos.Cash}}
		}
		sale, err := till.Sell(ctx, pos.System("sys"), pos.SellRequest{Mode: tx.mode, Lines: lines, Tenders: r.tenders(tx, lines)})
		if err != nil {
			t.Fatalf("transaction %s: %v", tx.id, err)
		}
		sold += sale.Total
		if i%100 != 50 {
			continue
		}
		back, err := till.Refund(ctx, pos.System("sys"), sale.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Card, Reason: "erreur"})
		if err != nil {
			t.Fatalf("refund of %s: %v", sale.Number, err)
		}
		sold += back.Total
	}
	return sold
}

// Archive of a replayed month: it verifies with a program that shares no code with the till, and by hand.
func TestAMonthOfARealCafeIsArchivedAndProvesItself(t *testing.T) {
	t.Parallel()
	till, sold := realMonth(t, "2016-11")
	began := time.Now()
	if n, err := till.ArchiveDue(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d archives: %v", n, err)
	}
	took := time.Since(began)
	path, a, err := till.TakeArchive(t.Context(), pos.System("sys"), "73282932000074_C1_2016-11.zip")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d entries, %d bytes, made and verified in %v", a.ToSeq-a.FromSeq+1, a.Size, took)
	closed, err := journal.LastClosing(t.Context(), till.DB().Reader(), journal.KindCloseMonth)
	if err != nil {
		t.Fatal(err)
	}
	var b journal.CloseBody
	if err := closed.Decode(&b); err != nil || b.Total.TTC != sold || b.Days != 30 {
		t.Errorf("the month is closed at %d over %d days, sold were %d: %v", b.Total.TTC, b.Days, sold, err)
	}
	if r := buildInspector(t).run(path); r.code != 0 || !r.Conform {
		t.Errorf("comptoir-verify: exit %d\n%+v\n%+v", r.code, r.Anomalies, r.Warnings)
	}
	byHand(t, path)
}

// byHand runs the commands of the notice in an archive.
func byHand(t *testing.T, path string) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil && os.Getenv("CI") != "true" {
		t.Log("no openssl: the recipe is not tried")
		return
	}
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("LISEZMOI.txt")
	if err != nil {
		t.Fatal(err)
	}
	words, err := io.ReadAll(f)
	if err := errors.Join(err, f.Close(), z.Close()); err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(string(words), "\r", "")) {
		if command, found := strings.CutPrefix(line, "    $ "); found {
			script.WriteString(command)
		}
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-e", "-c", script.String())
	cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "ARCHIVE="+path)
	if out, err := cmd.CombinedOutput(); err != nil || strings.Count(string(out), "Verified OK") != 2 || strings.Contains(string(out), "FAILED") {
		t.Errorf("by hand: %v\n%s", err, out)
	}
}
