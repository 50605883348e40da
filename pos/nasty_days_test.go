package pos_test

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/export"
	"comptoir/receipts/journal"
)

// TestTheFilesAgreeToTheCentOnNastyDays: refunds and corrections of other days and months, training, gifts served and
// refunded, shifts that miss money, days without entries and a month that is ended early.
func TestTheFilesAgreeToTheCentOnNastyDays(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	from := c.today()
	c.nastyDays(rand.New(rand.NewPCG(4, 2)))
	days, err := journal.Closings(ctx(), c.DB().Reader(), journal.KindCloseDay, from, "2027-12-31")
	if err != nil {
		t.Fatal(err)
	}
	var z, m journal.CloseSum
	var cash, through money.Cents
	for _, e := range days {
		b := bodyOf(t, e)
		z.HT, z.VAT, z.TTC, z.N = z.HT+b.Total.HT, z.VAT+b.Total.VAT, z.TTC+b.Total.TTC, z.N+b.Total.N
		cash += b.Cash.Received + b.Cash.In + b.Cash.Out + b.Cash.Difference
		report, err := c.Day(ctx(), b.ToDay)
		if err != nil || report.Total != b.Total.TTC {
			t.Errorf("%s: Z %v, report %v, %v", b.ToDay, b.Total.TTC, report.Total, err)
		}
		for _, x := range report.Tenders {
			through += x.Amount
			for _, y := range b.Means {
				if string(y.Means) == string(x.Means) && y.Amt != x.Amount {
					t.Errorf("%s: %s is %v in the Z, %v in the report", b.ToDay, x.Means, y.Amt, x.Amount)
				}
			}
		}
	}
	to := days[len(days)-1].Day
	months, err := journal.Closings(ctx(), c.DB().Reader(), journal.KindCloseMonth, from, to)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range months {
		b := bodyOf(t, e)
		m.HT, m.VAT, m.TTC, m.N = m.HT+b.Total.HT, m.VAT+b.Total.VAT, m.TTC+b.Total.TTC, m.N+b.Total.N
	}
	if len(months) != 4 || z != m || through != z.TTC || to != "2027-01-31" { // November twice, December, January
		t.Errorf("%d months of %+v, days of %+v to %s, by means %v", len(months), m, z, to, through)
	}
	var r struct{ Totals struct{ HT, VAT money.Cents } }
	if err := json.Unmarshal(c.export(export.EReporting, from, to).Bytes, &r); err != nil || r.Totals.HT != z.HT || r.Totals.VAT != z.VAT {
		t.Errorf("e-reporting %+v, days %+v, %v", r.Totals, z, err)
	}
	accounts := ledger(t, string(c.export(export.FEC, from, to).Bytes))
	if accounts["530"] != cash || accounts[""] != 0 {
		t.Errorf("cash in the entries %v, in the closings %v; out of balance by %v", accounts["530"], cash, accounts[""])
	}
	var vat, sales money.Cents
	for number, sum := range accounts {
		if strings.HasPrefix(number, "4457") {
			vat -= sum
		}
		if strings.HasPrefix(number, "70") {
			sales -= sum
		}
	}
	if vat != z.VAT || sales != z.HT {
		t.Errorf("entries %v and %v, days %+v", sales, vat, z)
	}
	c.export(export.CashBook, from, to)
	c.export(export.Takings, from, to)
	c.export(export.Solidarity, "2026-11-01", "2027-01-31")
	c.verify()
}

func bodyOf(t *testing.T, e journal.Entry) (b journal.CloseBody) {
	t.Helper()
	if err := e.Decode(&b); err != nil {
		t.Fatal(err)
	}
	return b
}

// ledger adds up a file of entries by account, debit positive; "" is the sum of all.
func ledger(t *testing.T, text string) map[string]money.Cents {
	t.Helper()
	sums := map[string]money.Cents{}
	for _, row := range strings.Split(strings.TrimRight(text, "\r\n"), "\r\n")[1:] {
		cells := strings.Split(row, "\t")
		if len(cells) != 18 || cells[2] == "" || cells[2] != cells[8] || cells[4] == "" {
			t.Fatalf("row %q", row)
		}
		amount := money.Cents(euroCell(t, cells[11]) - euroCell(t, cells[12]))
		sums[cells[4]] += amount
		sums[""] += amount
	}
	return sums
}

// nastyDays lives from 21 November to the first of February.
func (c *cafe) nastyDays(r *rand.Rand) {
	c.tb.Helper()
	var sold []pos.SaleResult
	for day := 0; c.today() < "2027-02-01"; day++ {
		for range r.IntN(4) {
			sold = append(sold, c.sell("", line([]string{"plat", "biere", "eau", "cafe"}[r.IntN(4)], 1+r.IntN(3)), gift("cafe", 1)))
			old := sold[r.IntN(len(sold))]
			switch r.IntN(5) {
			case 0:
				_, err := c.Refund(ctx(), c.by(), old.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Cash, Reason: "froid"})
				c.allowed(err, "refund.beyond", "refund.voucher")
			case 1:
				_, err := c.FixPayment(ctx(), c.byManager(), old.ID, pos.FixRequest{From: pos.Card, To: pos.Cash, Amount: 1 + money.Cents(r.IntN(150)), Reason: "touche"})
				c.allowed(err, "fix.beyond", "fix.refunded")
			case 2:
				c.serve("cafe")
			case 3:
				c.exercise()
			}
		}
		if r.IntN(3) == 0 {
			if _, err := c.CloseShiftWith(ctx(), c.by(), pos.ShiftClose{Counted: []pos.Counted{{Value: 100, Count: r.IntN(300)}}, Reason: "compté"}); err != nil {
				c.tb.Fatal(err)
			}
			if _, err := c.OpenShift(ctx(), c.by(), 10000); err != nil {
				c.tb.Fatal(err)
			}
		}
		if day == 3 {
			if _, err := c.CloseMonth(ctx(), c.byManager()); err != nil {
				c.tb.Fatal(err)
			}
		}
		c.clock.Advance(time.Duration(1+r.IntN(3)) * 24 * time.Hour)
		if _, err := c.MoveCash(ctx(), c.by(), pos.CashMove{Amount: money.Cents(1 + r.IntN(500)), Reason: "monnaie " + strconv.Itoa(day)}); err != nil {
			c.tb.Fatal(err)
		}
	}
}

// exercise sells in training, and ends it.
func (c *cafe) exercise() {
	c.tb.Helper()
	_, err := c.SetTraining(ctx(), c.byManager(), true)
	c.allowed(err)
	c.sell("", line("plat", 2))
	_, err = c.SetTraining(ctx(), c.byManager(), false)
	c.allowed(err)
}

func (c *cafe) allowed(err error, codes ...string) {
	c.tb.Helper()
	if err == nil {
		return
	}
	for _, code := range codes {
		if fault.CodeOf(err) == code {
			return
		}
	}
	c.tb.Fatal(err)
}
