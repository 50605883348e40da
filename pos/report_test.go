package pos_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"comptoir/data/money"
	"comptoir/pos"
)

// at puts the clock of the café on a time of the clock on its wall.
func (c *cafe) at(day string, hour, minute int) {
	c.tb.Helper()
	d, err := time.ParseInLocation(time.DateOnly, day, c.DB().Zone())
	if err != nil {
		c.tb.Fatal(err)
	}
	c.clock.Set(time.Date(d.Year(), d.Month(), d.Day(), hour, minute, 0, 0, c.DB().Zone()))
}

// TestADayInFigures adds up by hand: two coffees and a meal at nine, a gift at noon, a coffee given back at half past
// midnight, which is the same business day.
func TestADayInFigures(t *testing.T) {
	c := openCafe(t)
	c.at("2026-11-27", 9, 15)
	first := c.sell("", line("cafe", 2), line("plat", 1)) // 4.40 + 11.90
	c.at("2026-11-27", 12, 0)
	c.sell("", gift("cafe", 2)) // 3.60
	c.serve("cafe")
	c.at("2026-11-28", 0, 30)
	c.refund(first.ID, 1, 1) // −2.20
	c.at("2026-11-28", 4, 0) // the next day
	c.sell("", line("eau", 1))

	got, err := c.Day(ctx(), "2026-11-27")
	if err != nil {
		t.Fatal(err)
	}
	want := pos.Report{
		From: "2026-11-27", To: "2026-11-27", Total: 1770, Sales: 2, Refunds: 1, Refunded: 220,
		Tenders: []pos.TenderTotal{{Means: pos.Card, Amount: 1770, Count: 3}},
		Products: []pos.ProductTotal{
			{Product: "plat", Name: "Plat", Kind: pos.LineSale, Qty: 1, Total: 1190},
			{Product: "cafe", Name: "Café", Kind: pos.LineGift, Qty: 2, Total: 360},
			{Product: "cafe", Name: "Café", Kind: pos.LineSale, Qty: 1, Total: 220},
		},
		Hours:     []pos.HourTotal{{Hour: 9, Sales: 1, Total: 1630}, {Hour: 12, Sales: 1, Total: 360}, {Hour: 0, Total: -220}},
		Days:      []pos.DayTotal{{Day: "2026-11-27", Sales: 2, Total: 1770}},
		Operators: []pos.OperatorTotal{{Operator: "AWA", Sales: 2, Total: 1770, Refunds: 1}},
		Discounts: []pos.DiscountTotal{},
		Solidarity: pos.Solidarity{Given: map[string]int{"coffee": 2}, Released: map[string]int{}, Served: map[string]int{"coffee": 1},
			House: map[string]int{}, ServedBy: map[string]int{"PAID": 1}, Collected: map[string]int{}, Waiting: map[string]int{"coffee": 1, "meal": 0}, MealUnits: 1},
	}
	want.VAT = got.VAT // compared below
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	var ttc money.Cents
	for _, v := range got.VAT {
		ttc += v.TTC
	}
	if ttc != got.Total {
		t.Errorf("the taxes make %d, the total is %d", ttc, got.Total)
	}
}

// TestAReportOfManyDaysIsTheSumOfItsDays: nothing is counted twice or left out where days meet.
func TestAReportOfManyDaysIsTheSumOfItsDays(t *testing.T) {
	c := openCafe(t)
	days := []string{"2026-11-29", "2026-11-30", "2026-12-01", "2026-12-02"}
	for i, day := range days {
		c.at(day, 23, 59)
		c.sell("", line("cafe", i+1), gift("plat", 1))
		c.serve("plat")
	}
	whole, err := c.Range(ctx(), "2026-11-30", "2026-12-01")
	if err != nil {
		t.Fatal(err)
	}
	var total money.Cents
	sales, given, served := 0, 0, 0
	for _, day := range days[1:3] {
		r, err := c.Day(ctx(), day)
		if err != nil {
			t.Fatal(err)
		}
		total, sales, given, served = total+r.Total, sales+r.Sales, given+r.Solidarity.Given["meal"], served+r.Solidarity.Served["meal"]
	}
	if whole.Total != total || whole.Sales != sales || whole.Solidarity.Given["meal"] != given || whole.Solidarity.Served["meal"] != served || total != 2*220+3*220+2*600 {
		t.Errorf("whole %d in %d sales, %+v; its days %d in %d, %d given, %d served", whole.Total, whole.Sales, whole.Solidarity, total, sales, given, served)
	}
	if len(whole.Days) != 2 || whole.Days[0].Day != "2026-11-30" || whole.Days[0].Total+whole.Days[1].Total != total {
		t.Errorf("days: %+v", whole.Days)
	}
}
