package pos_test

import (
	"os"
	"path/filepath"
	"testing"

	"comptoir/pos"
)

// TestDoctorSeesEveryEditedRowR33 is the auditor's gesture: each statement edits one derived table in the file, its
// triggers put back afterwards, and doctor must see it.
func TestDoctorSeesEveryEditedRowR33(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	sale := c.sell(card, line("plat", 3), gift("cafe", 2))
	if _, err := c.Sell(ctx(), c.by(), pos.SellRequest{Lines: []pos.LineRequest{line("eau", 1)}, Tenders: []pos.Tender{{Means: pos.Cash, Amount: 200, Given: 500}}}); err != nil {
		t.Fatal(err)
	}
	c.refund(sale.ID, 1, 1)
	c.settle(c.discount(c.ticket(line("biere", 2)).ID, 1, percent(10, pos.ReasonQuality)))
	c.serve("cafe")
	c.sell("", gift("cafe", 1))
	c.papers()
	c.olderReceipt(sale.ID)
	if _, err := c.MoveCash(ctx(), c.by(), pos.CashMove{Amount: 1000, Reason: "monnaie"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ChangeVAT(ctx(), c.byManager(), pos.VATChange{From: c.Tomorrow(), Rates: []pos.VATRate{{Category: pos.VATAlcohol, Mode: pos.VATEatIn, BP: 2100}}}); err != nil {
		t.Fatal(err)
	}
	c.train(true)
	c.refund(c.sell("", line("plat", 1)).ID, 1, 1)
	c.train(false)
	if _, err := c.CloseShift(ctx(), c.by(), nil); err != nil {
		t.Fatal(err)
	}
	c.reopen() // the log is in the file now
	for _, d := range []struct{ table, statement string }{
		{"sales", "UPDATE sales SET operator = 'X' WHERE seq = (SELECT max(seq) FROM sales)"},
		{"sales", "UPDATE sales SET at = at - 3600000"},
		{"sales", "UPDATE sales SET mode = 'takeaway'"},
		{"sales", "UPDATE sales SET day = '2026-11-20'"},
		{"sale_lines", "UPDATE sale_lines SET product = 'cafe' WHERE product = 'plat'"},
		{"sale_lines", "UPDATE sale_lines SET category = 'autre'"},
		{"sale_lines", "UPDATE sale_lines SET vat_bp = 550"},
		{"sale_lines", "UPDATE sale_lines SET of_n = 99 WHERE of_n > 0"},
		{"sale_lines", "UPDATE sale_lines SET qty = 10, unit_price = 20 WHERE product = 'eau'"},
		{"sale_lines", "UPDATE sale_lines SET reason = 'staff_meal' WHERE disc > 0"},
		{"sale_lines", "UPDATE sale_lines SET disc = disc + 10, unit_price = unit_price + 5 WHERE disc > 0"},
		{"sale_lines", "UPDATE sale_lines SET meal_units = 9 WHERE product = 'plat'"},
		{"sale_taxes", "UPDATE sale_taxes SET ht = ht + 1, vat = vat - 1"},
		{"sale_tenders", "UPDATE sale_tenders SET means = 'cheque' WHERE means = 'card'"},
		{"sale_tenders", "UPDATE sale_tenders SET given = amount, change = 0 WHERE means = 'cash'"},
		{"drawer", "DELETE FROM drawer WHERE cause = 'sale'"},
		{"drawer", "UPDATE drawer SET amount = 1 WHERE cause = 'in'"},
		{"drawer", "UPDATE drawer SET amount = 1 WHERE cause = 'float'"},
		{"redemptions", "UPDATE redemptions SET origin = 'HOUSE'"},
		{"redemptions", "UPDATE redemptions SET memo = 1"},
		{"redemptions", "UPDATE redemptions SET product = 'creme'"},
		{"redemptions", "UPDATE redemptions SET operator = 'X'"},
		{"shifts", "UPDATE shifts SET expected = expected + 1"},
		{"shifts", "UPDATE shifts SET counted = 1"},
		{"shifts", "UPDATE shifts SET float = 1"},
		{"receipts_asked", "UPDATE receipts_asked SET operator = 'X'"},
		{"receipts_asked", "UPDATE receipts_asked SET at = at - 60000"},
		{"receipts_asked", "UPDATE receipts_asked SET event = event - 1"},
		{"receipts_asked", "DELETE FROM receipts_asked"},
		{"prints", "UPDATE prints SET operator = 'X'"},
		{"prints", "UPDATE prints SET reason = 'lost' WHERE n > 0"},
		{"prints", "UPDATE prints SET number = 'D26-000009' WHERE n > 0"},
		{"prints", "UPDATE prints SET document = document - 1"},
		{"prints", "UPDATE prints SET at = at + 1"},
		{"prints", "UPDATE prints SET form = 'file'"},
		{"prints", "DELETE FROM prints WHERE n = 0"},
		{"payment_fixes", "UPDATE payment_fixes SET amount = amount - 1"},
		{"payment_fixes", "UPDATE payment_fixes SET to_means = 'cheque'"},
		{"payment_fixes", "UPDATE payment_fixes SET day = '2026-11-20'"},
		{"payment_fixes", "UPDATE payment_fixes SET auth = 'X'"},
		{"payment_fixes", "UPDATE payment_fixes SET reason = 'X'"},
		{"payment_fixes", "DELETE FROM payment_fixes"},
		{"invoices", "UPDATE invoices SET name = 'X'"},
		{"invoices", "UPDATE invoices SET address = 'X'"},
		{"invoices", "UPDATE invoices SET siret = ''"},
		{"invoices", "UPDATE invoices SET vat_number = 'X'"},
		{"invoices", "UPDATE invoices SET checked = '0000000000000000'"},
		{"invoices", "UPDATE invoices SET number = 'I26-000002'"},
		{"invoices", "DELETE FROM invoices"},
		{"vat_mentions", "UPDATE vat_mentions SET mention = 'X'"},
		{"vat_mentions", "DELETE FROM vat_mentions"},
		{"sales", "UPDATE sales SET gift_code = '' WHERE seq = (SELECT max(seq) FROM sales WHERE gift_code <> '')"},
		{"training", "UPDATE training SET since = 1"},
		{"training_documents", "DELETE FROM training_documents WHERE reverses IS NOT NULL"},
		{"training_documents", "UPDATE training_documents SET reverses = NULL"},
		{"vat_rates", "UPDATE vat_rates SET bp = 500 WHERE from_day > '2014-01-01'"},
		{"vat_rates", "UPDATE vat_rates SET from_day = '2014-01-02' WHERE category = 'prepared' AND mode = 'kept'"},
		{"vat_rates", "DELETE FROM vat_rates WHERE from_day > '2014-01-01'"},
		{"", "DROP TRIGGER sales_keep_update"},
	} {
		if found := c.damagedCopy(d.table, d.statement); found == 0 {
			t.Errorf("doctor does not see: %s", d.statement)
		}
	}
}

// damagedCopy edits a copy of the café and returns how many violations doctor finds there.
func (c *cafe) damagedCopy(table, statement string) int {
	c.tb.Helper()
	dir := c.tb.TempDir()
	if err := os.CopyFS(dir, os.DirFS(c.config.Dir)); err != nil {
		c.tb.Fatal(err)
	}
	for _, key := range []string{"k1.pem", "codes.key"} {
		if err := os.Chmod(filepath.Join(dir, "keys", key), 0o600); err != nil {
			c.tb.Fatal(err)
		}
	}
	o := &cafe{tb: c.tb, config: c.config, clock: c.clock}
	o.config.Dir = dir
	o.open()
	o.damage(table, statement)
	found, err := o.DB().Check(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	if err := o.Close(); err != nil {
		c.tb.Error(err)
	}
	return len(found)
}
