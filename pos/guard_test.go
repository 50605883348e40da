package pos_test

import (
	"context"
	"strings"
	"testing"

	"comptoir/data"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// TestACafeInFranchiseChargesNoVATR87: whatever the menu says, such a café has one rate, and it is nothing.
func TestACafeInFranchiseChargesNoVATR87(t *testing.T) {
	for _, regime := range []string{"franchise", "exempt_association"} {
		c := openCafe(t, func(o *pos.Config) { o.Software = "comptoir/" + regime })
		id := identity()
		id.VATRegime = regime
		config := c.config
		config.Dir = t.TempDir()
		if err := pos.Found(ctx(), config, id, pos.NewOperator{Name: "Zoé", PIN: "1234", Role: pos.RoleManager}); err != nil {
			t.Fatal(err)
		}
		f := &cafe{tb: t, config: config, clock: c.clock, manager: c.manager, barista: c.barista}
		f.command.Store(1000)
		f.open()
		for _, p := range menu() {
			if _, err := f.SaveProduct(ctx(), f.byManager(), p); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.OpenShift(ctx(), f.by(), 0); err != nil {
			t.Fatal(err)
		}
		s, err := f.Sale(ctx(), f.sell("", line("formule", 1), line("biere", 1), gift("cafe", 1)).ID)
		if err != nil || len(s.Taxes) != 1 || s.Taxes[0].VATBP != 0 || s.Taxes[0].VAT != 0 || s.Taxes[0].HT != s.Total {
			t.Errorf("%s: %+v, %v", regime, s.Taxes, err)
		}
		f.verify()
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestNobodyHandsABillionOver(t *testing.T) {
	c := openCafe(t)
	_, err := c.Sell(ctx(), c.by(), pos.SellRequest{Lines: []pos.LineRequest{line("cafe", 1)}, Tenders: []pos.Tender{{Means: pos.Cash, Amount: 220, Given: 1 << 53}}})
	if e := refused(t, err, "tenders.given"); e.Fields[0].Name != "tenders[0].given" {
		t.Errorf("fields %v", e.Fields)
	}
}

// TestAVoucherIsNeverTurnedIntoMoney: what a titre-restaurant paid goes back to it, and nothing else does.
func TestAVoucherIsNeverTurnedIntoMoney(t *testing.T) {
	c := openCafe(t)
	sale, err := c.Sell(ctx(), c.by(), pos.SellRequest{Lines: []pos.LineRequest{line("plat", 1), line("biere", 1)},
		Tenders: []pos.Tender{{Means: pos.MealVoucher, Amount: 1190}, {Means: pos.Card, Amount: 450}}})
	if err != nil {
		t.Fatal(err)
	}
	back := func(lineID int, means pos.Means) error {
		_, err := c.Refund(ctx(), c.by(), sale.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: lineID, Qty: 1}}, Tender: means, Reason: "froid"})
		return err
	}
	refused(t, back(1, pos.Cash), "refund.voucher")
	if err := back(1, pos.MealVoucher); err != nil {
		t.Fatal(err)
	}
	refused(t, back(2, pos.MealVoucher), "refund.voucher")
	if err := back(2, pos.Cash); err != nil {
		t.Error(err)
	}
}

func TestVouchersDoNotPayTheWineOfAMenu(t *testing.T) {
	c := openCafe(t)
	p := menu()[7]
	p.ID, p.Food = "formule", true
	if _, err := c.SaveProduct(ctx(), c.byManager(), p); err != nil {
		t.Fatal(err)
	}
	pay := func(voucher, card pos.Tender) error {
		_, err := c.Sell(ctx(), c.by(), pos.SellRequest{Lines: []pos.LineRequest{line("formule", 1)}, Tenders: []pos.Tender{voucher, card}})
		return err
	}
	refused(t, pay(pos.Tender{Means: pos.MealVoucher, Amount: 1100}, pos.Tender{Means: pos.Card, Amount: 300}), "voucher.food")
	if err := pay(pos.Tender{Means: pos.MealVoucher, Amount: 1050}, pos.Tender{Means: pos.Card, Amount: 350}); err != nil {
		t.Error(err)
	}
}

// TestARefundTrustsTheJournalOnly: rows edited behind the till's back do not become a refund.
func TestARefundTrustsTheJournalOnly(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", line("plat", 2))
	c.damage("sale_lines", "UPDATE sale_lines SET qty = 20, unit_price = 119")
	_, err := c.Refund(ctx(), c.by(), sale.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 20}}, Tender: pos.Card, Reason: "vol"})
	if err == nil || !strings.Contains(err.Error(), "run comptoir doctor") {
		t.Errorf("got %v", err)
	}
	c.damage("sale_lines", "UPDATE sale_lines SET qty = 2, unit_price = 1190")
}

// damage edits a table of the ledger as somebody with the file would: its triggers are dropped and put back.
func (c *cafe) damage(table, statement string) {
	c.tb.Helper()
	err := c.DB().Write(ctx(), func(ctx context.Context, tx *data.Tx) error {
		triggers, err := data.All(ctx, tx, func(r *data.Rows) (t [2]string, err error) { return t, r.Scan(&t[0], &t[1]) },
			`SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = ?`, table)
		if err != nil {
			return err
		}
		for _, t := range triggers {
			if _, err := tx.Exec(ctx, "DROP TRIGGER "+t[0]); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
		for _, t := range triggers {
			if _, err := tx.Exec(ctx, t[1]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.tb.Fatalf("damage %s: %v", table, err)
	}
}

// TestAnOrderThatWasPutAsideDoesNotShrinkUnseenR17: holding it is saving it.
func TestAnOrderThatWasPutAsideDoesNotShrinkUnseenR17(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("plat", 4))
	tk, err := c.HoldTicket(ctx(), c.by(), tk.ID)
	if err != nil || !tk.Lines[0].Sent {
		t.Fatalf("%+v, %v", tk, err)
	}
	_, err = c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{})
	refused(t, err, "reason.missing")
	if _, err := c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{Reason: "partis"}); err != nil {
		t.Fatal(err)
	}
	seq, _ := c.Journal().Head()
	if e, err := journal.At(ctx(), c.DB().Reader(), seq); err != nil || e.Kind != journal.KindOrderMinus {
		t.Errorf("the newest entry is %s, %v", e.Kind, err)
	}
}

func TestSuspendedLinesTakeWhatTheyMay(t *testing.T) {
	c := openCafe(t)
	_, err := c.trySell("", pos.LineRequest{Product: "creme", Qty: 1, Kind: pos.LineGift, Options: []string{"lait/avoine"}})
	refused(t, err, "line.invalid")
	_, err = c.trySell("", pos.LineRequest{Product: "cafe", Qty: 2, Kind: pos.LineRedemption})
	refused(t, err, "line.invalid")
}

// TestThePublicWritesNoWordIntoTheJournal: an id of the public pages that comes back with another input is refused,
// and nothing is recorded.
func TestThePublicWritesNoWordIntoTheJournal(t *testing.T) {
	c := openCafe(t)
	by := pos.System("public")
	by.Command = c.cmd()
	if _, err := c.NewCard(ctx(), by); err != nil {
		t.Fatal(err)
	}
	before, _ := c.Journal().Head()
	by.Command.Hash[0]++
	_, err := c.NewCard(ctx(), by)
	refused(t, err, "command.reused")
	if after, _ := c.Journal().Head(); after != before {
		t.Errorf("the journal grew from %d to %d", before, after)
	}
}

// TestABusinessDayNeverGoesBack: after the clock was set back, what is served and what is journaled share a day.
func TestABusinessDayNeverGoesBack(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 1))
	c.clock.Advance(-8 * day)
	c.serve("cafe")
	report, err := c.Day(ctx(), "2026-11-21")
	if err != nil || report.Solidarity.House["coffee"] != 1 {
		t.Errorf("%+v, %v", report.Solidarity, err)
	}
	var days int
	if err := c.DB().Reader().QueryRow(ctx(), `SELECT count(DISTINCT day) FROM (SELECT day FROM item_events UNION ALL SELECT day FROM redemptions)`).Scan(&days); err != nil || days != 1 {
		t.Errorf("%d days, %v", days, err)
	}
}
