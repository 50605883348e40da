package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"comptoir/data/datatest"
	"comptoir/data/seed"
	"comptoir/pos"
	"comptoir/receipts/export"
)

// statedCafe is a café that gave and served for two months, and the files a stranger is handed.
type statedCafe struct {
	till *pos.Till
	dir  string
}

func (c statedCafe) do(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// twoMonths rings some days of November and of December and closes both.
func twoMonths(t *testing.T) statedCafe {
	t.Helper()
	ctx, clock := t.Context(), datatest.NewClock()
	clock.Set(time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC))
	config := pos.Config{Dir: t.TempDir(), Clock: clock, Software: software}
	c := statedCafe{dir: t.TempDir()}
	c.do(t, pos.Found(ctx, config, pos.Identity{Name: "Le Relevé", Address: "Bordeaux", SIRET: "73282932000074", VATRegime: "normal_monthly"},
		pos.NewOperator{Name: "Marie", PIN: "4821", Role: pos.RoleManager}))
	till, err := pos.Open(ctx, config)
	c.do(t, err)
	c.till = till
	t.Cleanup(func() {
		datatest.Audit(t, till.DB())
		c.do(t, till.Close())
	})
	file, err := pos.ParseMenuCSV(bytes.NewReader(seed.Menu()))
	c.do(t, err)
	_, err = till.ImportMenu(ctx, pos.System("sys"), file)
	c.do(t, err)
	card, err := till.NewCard(ctx, pos.System("sys"))
	c.do(t, err)
	for _, day := range []time.Time{time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC), time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), time.Date(2026, 12, 2, 10, 0, 0, 0, time.UTC)} {
		clock.Set(day)
		if _, err := till.OpenShift(ctx, pos.System("sys"), 10000); err != nil && day.Day() == 21 {
			t.Fatal(err)
		}
		menu, err := till.Menu(ctx)
		c.do(t, err)
		price := map[string]pos.Product{}
		for _, p := range menu.Products {
			price[p.ID] = p
		}
		meal, coffee := price["plat-du-jour"], price["expresso"]
		gift := coffee.GiftPrice
		if gift == 0 {
			gift = coffee.Price
		}
		total := 10*meal.Price + 4*gift
		sale, err := till.Sell(ctx, pos.System("sys"), pos.SellRequest{Mode: pos.EatIn, Card: card.Code, Tenders: []pos.Tender{{Means: pos.Card, Amount: total}},
			Lines: []pos.LineRequest{{Product: meal.ID, Qty: 10}, {Product: coffee.ID, Qty: 4, Kind: pos.LineGift}}})
		c.do(t, err)
		for _, product := range []string{"expresso", "expresso", "expresso", "plat-du-jour", "plat-du-jour"} {
			_, err := till.Redeem(ctx, pos.System("sys"), pos.RedeemRequest{Product: product, Mode: pos.EatIn})
			c.do(t, err)
		}
		_, err = till.Refund(ctx, pos.System("sys"), sale.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 2, Qty: 1}}, Tender: pos.Card, Reason: "erreur"})
		c.do(t, err)
	}
	clock.Set(time.Date(2027, 1, 1, 10, 0, 0, 0, time.UTC))
	_, err = till.MoveCash(ctx, pos.System("sys"), pos.CashMove{Amount: 100, Reason: "monnaie"})
	c.do(t, err)
	_, err = till.ArchiveDue(ctx)
	c.do(t, err)
	return c
}

func (c statedCafe) archive(t *testing.T, month string) string {
	t.Helper()
	path, _, err := c.till.TakeArchive(t.Context(), pos.System("sys"), "73282932000074_C1_"+month+".zip")
	c.do(t, err)
	return path
}

// statement exports a month's, as it is published.
func (c statedCafe) statement(t *testing.T, from, to string) string {
	t.Helper()
	f, err := c.till.Export(t.Context(), pos.System("sys"), pos.ExportRequest{Kind: export.Solidarity, Form: "json", From: from, To: to})
	c.do(t, err)
	name := filepath.Join(c.dir, f.Name)
	c.do(t, os.WriteFile(name, f.Bytes, 0o600))
	return name
}

var statedNumber = regexp.MustCompile(`: (-?\d+)`)

// A stranger holds the monthly statement against the archive of its month: every number of it, and both of its closings.
func TestAStrangerChecksTheMonthlyStatement(t *testing.T) {
	t.Parallel()
	c, verify := twoMonths(t), buildInspector(t)
	november, december := c.archive(t, "2026-11"), c.archive(t, "2026-12")
	first, second := c.statement(t, "2026-11-01", "2026-11-30"), c.statement(t, "2026-12-01", "2026-12-31")
	whole := exportTo(t, c.till.DB())
	for what, args := range map[string][]string{
		"november": {"--statement", first, november}, "december": {"--statement", second, december},
		"both months": {"--statement", first, "--statement", second, november, december}, "the whole journal": {"--statement", second, whole},
	} {
		if r := verify.run(args...); r.code != 0 || stated(r) == 0 {
			t.Errorf("%s: exit %d, %d numbers, %v %s", what, r.code, stated(r), r.Anomalies, r.words)
		}
	}
	if r := verify.run("--statement", second, november); r.code != 2 || !strings.Contains(r.words, "n'ont pas") {
		t.Errorf("the archive of another month: exit %d %s", r.code, r.words)
	}
	text, err := os.ReadFile(second)
	c.do(t, err)
	places := statedNumber.FindAllSubmatchIndex(text, -1)
	for i, at := range places {
		n, err := strconv.Atoi(string(text[at[2]:at[3]]))
		c.do(t, err)
		forged := filepath.Join(c.dir, fmt.Sprint("forged", i, ".json"))
		c.do(t, os.WriteFile(forged, []byte(string(text[:at[2]])+strconv.Itoa(n+1)+string(text[at[3]:])), 0o600))
		if before := string(text[:at[0]]); strings.HasSuffix(before, `"meals"`) || strings.HasSuffix(before, `"without"`) {
			continue // the till's word: the journal has no meals, and one more does not make one of a card
		}
		r := verify.run("--statement", forged, whole)
		if r.code == 0 || r.code == 1 && (len(r.Anomalies) == 0 || r.Anomalies[0].Check != "statement") {
			t.Errorf("%q one more: exit %d %v", text[max(at[0]-20, 0):at[1]], r.code, r.Anomalies)
		}
	}
	if len(places) < 25 {
		t.Errorf("the statement has %d numbers:\n%s", len(places), text)
	}
	for _, no := range []string{"", "{}", `{"format":"comptoir-solidarity/1"}`, strings.Replace(string(text), `"to"`, `"too"`, 1)} {
		name := filepath.Join(c.dir, "no.json")
		c.do(t, os.WriteFile(name, []byte(no), 0o600))
		if r := verify.run("--statement", name, december); r.code != 2 {
			t.Errorf("%.40q is taken for a statement: exit %d", no, r.code)
		}
	}
}

// stated is how many numbers of statements were compared.
func stated(r inspection) int64 {
	for _, c := range r.Checks {
		if c.Check == "statement" {
			return c.Checked
		}
	}
	return 0
}
