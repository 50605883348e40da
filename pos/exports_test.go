package pos_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/export"
	"comptoir/receipts/journal"
)

// nextDay moves the clock to the next morning and closes what is over.
func (c *cafe) nextDay() {
	c.tb.Helper()
	c.clock.Advance(24 * time.Hour)
	if _, err := c.MoveCash(ctx(), c.by(), pos.CashMove{Amount: 100, Reason: "monnaie"}); err != nil {
		c.tb.Fatalf("the first movement of the day: %v", err)
	}
}

func (c *cafe) today() string { return c.DB().Today() }

func (c *cafe) export(kind export.Kind, from, to string) pos.ExportedFile {
	c.tb.Helper()
	f, err := c.Export(ctx(), c.byManager(), pos.ExportRequest{Kind: kind, From: from, To: to})
	if err != nil {
		c.tb.Fatalf("export %s from %s to %s: %v", kind, from, to, err)
	}
	return f
}

// threeDays sells on three days and leaves the fourth open; it returns the first and the last closed one.
func (c *cafe) threeDays() (from, to string) {
	c.tb.Helper()
	from = c.today()
	sold := c.sell("", line("plat", 2), line("biere", 1), gift("cafe", 2))
	c.nextDay()
	c.refund(sold.ID, 1, 2)
	c.serve("cafe")
	c.nextDay()
	c.sell("", line("eau", 3))
	to = c.today()
	c.nextDay()
	return from, to
}

func TestEachExportIsAnEventWithItsHashAndItsBytesCanBeMadeAgain(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	from, to := c.threeDays()
	for _, kind := range []export.Kind{export.FEC, export.EReporting, export.Takings, export.CashBook} {
		f := c.export(kind, from, to)
		sum := sha256.Sum256(f.Bytes)
		if f.SHA256 != hex.EncodeToString(sum[:]) || f.Size != int64(len(f.Bytes)) || f.To != to {
			t.Errorf("%s: %+v of %d bytes", kind, f.Exported, len(f.Bytes))
		}
		e, err := journal.At(ctx(), c.DB().Reader(), f.Seq)
		if err != nil {
			t.Fatal(err)
		}
		var b journal.EventBody
		if err := e.Decode(&b); err != nil || b.Code != journal.EventExport || b.Data["sha256"] != f.SHA256 || b.Data["from"] != from {
			t.Errorf("%s: the entry says %+v, %v", kind, b, err)
		}
		c.sell("", line("cafe", 1)) // the open day goes on
		again, err := c.ExportedFile(ctx(), f.N)
		if err != nil || !bytes.Equal(again.Bytes, f.Bytes) || again.Exported != f.Exported {
			t.Errorf("%s made again: %v, %+v", kind, err, again.Exported)
		}
		if twice := c.export(kind, from, to); twice.SHA256 != f.SHA256 || twice.N == f.N {
			t.Errorf("%s exported again: %+v, want another export of the same bytes", kind, twice.Exported)
		}
	}
	listed, err := c.Exports(ctx(), 3)
	if err != nil || len(listed) != 3 || listed[0].N != 8 || listed[0].By != c.manager.Code {
		t.Errorf("listed: %+v, %v", listed, err)
	}
}

func TestTheSameCommandGivesTheSameFileEvenWhenMoreIsClosedMeanwhile(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	from, _ := c.threeDays()
	by, r := c.byManager(), pos.ExportRequest{Kind: export.Takings, From: from, To: "2027-06-30"}
	first, err := c.Export(ctx(), by, r)
	if err != nil {
		t.Fatal(err)
	}
	c.nextDay()
	again, err := c.Export(ctx(), by, r)
	if err != nil || !bytes.Equal(first.Bytes, again.Bytes) || first.Exported != again.Exported {
		t.Errorf("again: %+v, %v; first: %+v", again.Exported, err, first.Exported)
	}
	if now := c.export(export.Takings, from, "2027-06-30"); now.To == first.To {
		t.Errorf("a new command does not see the day closed meanwhile: %+v", now.Exported)
	}
}

// What the file says is what was sold: the report adds up rows, the file adds up signed closings.
func TestTheEntriesOfADaySayWhatItsReportSays(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	from, to := c.threeDays()
	var r struct {
		Days []struct {
			Date         string
			VAT          int64
			Transactions int
		}
		Totals struct{ HT, VAT int64 }
	}
	if err := json.Unmarshal(c.export(export.EReporting, from, to).Bytes, &r); err != nil {
		t.Fatal(err)
	}
	for _, d := range r.Days {
		report, err := c.Day(ctx(), d.Date)
		if err != nil {
			t.Fatal(err)
		}
		var vat int64
		for _, x := range report.VAT {
			vat += int64(x.VAT)
		}
		if d.VAT != vat || d.Transactions != report.Sales+report.Refunds {
			t.Errorf("%s: %d of tax in %d transactions, the report says %d in %d and %d", d.Date, d.VAT, d.Transactions, vat, report.Sales, report.Refunds)
		}
	}
	whole, err := c.Range(ctx(), from, to)
	if err != nil || r.Totals.HT+r.Totals.VAT != int64(whole.Total) || len(r.Days) != 3 {
		t.Errorf("%d days of %d and %d, the report says %d, %v", len(r.Days), r.Totals.HT, r.Totals.VAT, whole.Total, err)
	}
}

// fiscal U16: a ticket of nothing is a document of zero value.
func TestU16ATicketOfNothingIsNoTransaction(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	day := c.today()
	c.sell("", line("cafe", 1))
	nothing, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{line("offert", 1)}})
	if err != nil {
		t.Fatal(err)
	}
	c.refund(nothing.ID, 1, 1)
	c.nextDay()
	if f := c.export(export.EReporting, day, day); !strings.Contains(string(f.Bytes), `"transactions": 1,`) {
		t.Errorf("%s", f.Bytes)
	}
}

// A part of an order is put into the drawer on one day and settled on the next: every entry balances, and nothing is left
// on the account of the drawer's movements.
func TestAPartPaidInCashNetsToNothingOverTheDays(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	from := c.today()
	tk := c.ticket(line("plat", 1))
	c.pay(tk.ID, pos.Cash, 500, 500)
	c.clock.Advance(24 * time.Hour)
	c.pay(tk.ID, pos.Card, tk.Total-500, 0)
	to := c.today()
	c.clock.Advance(24 * time.Hour)
	c.sell("", line("cafe", 1))
	f := c.export(export.FEC, from, to)
	moved, sum := 0, 0
	for _, l := range strings.Split(strings.TrimSpace(string(f.Bytes)), "\r\n")[1:] {
		cells := strings.Split(l, "\t")
		debit, credit := euroCell(t, cells[11]), euroCell(t, cells[12])
		sum += debit - credit
		if cells[4] == "580" {
			moved += debit - credit
		}
	}
	if sum != 0 || moved != 0 {
		t.Errorf("off by %d, %d left on 580:\n%s", sum, moved, f.Bytes)
	}
}

func euroCell(tb testing.TB, cell string) int {
	tb.Helper()
	n := 0
	for _, r := range strings.Replace(cell, ",", "", 1) {
		n = n*10 + int(r-'0')
	}
	return n
}

func TestTheStatementIsOfWholeMonthsAndNamesTheClosing(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.threeDays()
	month := c.today()[:8] + "01"
	end := c.today()[:8] + "30"
	if _, err := c.Export(ctx(), c.byManager(), pos.ExportRequest{Kind: export.Solidarity, From: c.today(), To: end}); fault.CodeOf(err) != "export.months" {
		t.Errorf("from the middle of a month: %v", err)
	}
	f, err := c.Export(ctx(), c.byManager(), pos.ExportRequest{Kind: export.Solidarity, Form: "json", From: month, To: end})
	if err != nil {
		t.Fatal(err)
	}
	var s struct {
		Cafe    struct{ Journal string }
		Closing struct {
			Number, Day, Hash, QR string
			Seq                   int64
		}
		Classes []struct {
			Class                string
			Given, Served, Waits int
		}
	}
	if err := json.Unmarshal(f.Bytes, &s); err != nil {
		t.Fatal(err)
	}
	e, err := journal.ByNumber(ctx(), c.DB().Reader(), s.Closing.Number)
	if err != nil || e.Seq != s.Closing.Seq || hex.EncodeToString(e.Hash[:]) != s.Closing.Hash || e.Day != f.To {
		t.Errorf("closing %+v, %v", s.Closing, err)
	}
	if !strings.HasPrefix(s.Closing.QR, "CZ1 "+s.Cafe.Journal+" ") || !strings.HasSuffix(s.Closing.QR, s.Closing.Number) {
		t.Errorf("code %q", s.Closing.QR)
	}
	if len(s.Classes) != 1 || s.Classes[0].Given != 2 || s.Classes[0].Served != 1 || s.Classes[0].Waits != 1 {
		t.Errorf("classes %+v", s.Classes)
	}
}

func TestWhatCannotBeExportedIsRefused(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.threeDays()
	day := c.today()
	for name, x := range map[string]struct {
		r    pos.ExportRequest
		code string
	}{
		"the open day":    {pos.ExportRequest{Kind: export.FEC, From: day, To: day}, "export.nothing_closed"},
		"the future":      {pos.ExportRequest{Kind: export.FEC, From: "2031-01-01", To: "2031-01-31"}, "export.nothing_closed"},
		"before the café": {pos.ExportRequest{Kind: export.CashBook, From: "2001-01-01", To: "2001-01-31"}, "export.nothing_closed"},
		"backwards":       {pos.ExportRequest{Kind: export.FEC, From: day, To: "2026-01-01"}, "report.range"},
		"too long":        {pos.ExportRequest{Kind: export.FEC, From: "2025-01-01", To: day}, "report.range"},
		"no day":          {pos.ExportRequest{Kind: export.FEC, From: "hier", To: day}, "report.range"},
		"no days":         {pos.ExportRequest{Kind: export.FEC}, "report.range"},
		"no file":         {pos.ExportRequest{Kind: "tax", From: day, To: day}, "export.kind"},
		"no form":         {pos.ExportRequest{Kind: export.FEC, Form: "pdf", From: day, To: day}, "export.kind"},
	} {
		if _, err := c.Export(ctx(), c.byManager(), x.r); fault.CodeOf(err) != x.code {
			t.Errorf("%s: %v, want %s", name, err, x.code)
		}
	}
	if _, err := c.Export(ctx(), c.by(), pos.ExportRequest{Kind: export.FEC, From: day, To: day}); fault.CodeOf(err) != "right.missing" {
		t.Errorf("a barista: %v", err)
	}
	if _, err := c.ExportedFile(ctx(), 1); fault.CodeOf(err) != "export.unknown" {
		t.Errorf("an export that was not made: %v", err)
	}
	if all, err := c.Exports(ctx(), 10); err != nil || len(all) != 0 {
		t.Errorf("refused, and listed: %v, %v", all, err)
	}
}

// fiscal R109: a plan is dated. What is closed keeps its accounts; who wants the newest for every day says so.
func TestAChangeOfThePlanLeavesWhatIsClosedAsItWas(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	from, to := c.threeDays()
	before := c.export(export.FEC, from, to)
	accountant := pos.By{Operator: pos.Operator{ID: "x", Code: "EC", Role: pos.RoleAccountant}, Command: c.cmd()}
	plan := export.DefaultPlan()
	plan.Accounts["means.CARD"] = export.Account{Number: "512700", Label: "Banque – cartes"}
	plan.Suspended = export.SuspendedDeferred
	saved, err := c.SaveAccounting(ctx(), accountant, 0, plan)
	if err != nil || saved.N != 1 || saved.Day != c.today() {
		t.Fatalf("saved %+v, %v", saved, err)
	}
	if again := c.export(export.FEC, from, to); again.SHA256 != before.SHA256 {
		t.Error("what was closed before the change is told otherwise after it")
	}
	c.sell("", line("cafe", 1), gift("cafe", 1))
	last := c.today()
	c.nextDay()
	after := string(c.export(export.FEC, last, last).Bytes)
	if !strings.Contains(after, "\t512700\t") || strings.Contains(after, "\t5115\t") || !strings.Contains(after, "\t487\t") {
		t.Errorf("the day of the change is told by the plan of before:\n%s", after)
	}
	newest, err := c.Export(ctx(), c.byManager(), pos.ExportRequest{Kind: export.FEC, From: from, To: to, NewestPlan: true})
	if err != nil || newest.Plan != 1 || !bytes.Contains(newest.Bytes, []byte("512700")) {
		t.Errorf("by the newest plan: %+v, %v", newest.Exported, err)
	}
	third, err := c.SaveAccounting(ctx(), c.byManager(), 1, export.DefaultPlan())
	if err != nil || third.N != 2 {
		t.Fatal(err)
	}
	if made, err := c.ExportedFile(ctx(), newest.N); err != nil || !bytes.Equal(made.Bytes, newest.Bytes) {
		t.Errorf("made again after another change: %v", err)
	}
}

func TestAPlanIsChangedByWhoKeepsTheBooksAndHasSeenIt(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	plan := export.DefaultPlan()
	plan.OnDebits = true
	if _, err := c.SaveAccounting(ctx(), c.by(), 0, plan); fault.CodeOf(err) != "right.missing" {
		t.Errorf("a barista: %v", err)
	}
	first, err := c.SaveAccounting(ctx(), c.byManager(), 0, plan)
	if err != nil {
		t.Fatal(err)
	}
	if same, err := c.SaveAccounting(ctx(), c.byManager(), 0, plan); err != nil || same.N != first.N {
		t.Errorf("the same once more: %+v, %v", same, err)
	}
	plan.CountZero = true
	if _, err := c.SaveAccounting(ctx(), c.byManager(), 0, plan); fault.CodeOf(err) != "accounting.stale" {
		t.Errorf("over a plan not seen: %v", err)
	}
	plan.Journal.Number = "?"
	if _, err := c.SaveAccounting(ctx(), c.byManager(), 1, plan); fault.CodeOf(err) != "accounting.invalid" {
		t.Errorf("a plan that cannot stand: %v", err)
	}
	if now, err := c.Accounting(ctx()); err != nil || now.N != 1 || !now.Plan.OnDebits {
		t.Errorf("now %+v, %v", now, err)
	}
}

// fiscal R66: training is in no file.
func TestR66TrainingIsInNoFile(t *testing.T) {
	t.Parallel()
	files := func(train bool) map[export.Kind]string {
		c := openCafe(t)
		day := c.today()
		c.sell("", line("plat", 1), gift("cafe", 1))
		if train {
			c.train(true)
			c.sell("", line("biere", 3), gift("cafe", 2))
			c.train(false)
		}
		c.nextDay()
		all := make(map[export.Kind]string)
		for _, kind := range []export.Kind{export.FEC, export.EReporting, export.Takings, export.CashBook} {
			text := string(c.export(kind, day, day).Bytes)
			if kind == export.EReporting {
				text = text[strings.Index(text, `"vat_on_debits"`):] // before it the hash of the closing, which counts training
			}
			all[kind] = text
		}
		return all
	}
	without := files(false)
	for kind, text := range files(true) {
		if text != without[kind] {
			t.Errorf("%s with training:\n%s\nwithout:\n%s", kind, text, without[kind])
		}
	}
}
