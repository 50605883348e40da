package pos_test

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// closeDay closes the open day as the manager, and fails the test on a refusal.
func (c *cafe) closeDay() pos.Closing {
	c.tb.Helper()
	z, err := c.CloseDay(ctx(), c.byManager())
	if err != nil {
		c.tb.Fatalf("close the day: %v", err)
	}
	return z
}

// keep keeps a count of the drawer.
func (c *cafe) keep(count pos.DayCount) {
	c.tb.Helper()
	if _, err := c.KeepCount(ctx(), c.by(), count); err != nil {
		c.tb.Fatalf("keep count: %v", err)
	}
}

func cents(n money.Cents) *money.Cents { return new(n) }

// A day by hand (R50, R55, R100): a float of 100.00; three coffees by card, two in cash, one of those refunded in cash, a
// gift and a serving. Counted 101.90 instead of 102.20, 80.00 are left for tomorrow.
func TestADayIsClosedWithItsCount(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 3))
	cash := pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{line("cafe", 2)}, Tenders: []pos.Tender{{Means: pos.Cash, Amount: 440, Given: 440}}}
	sale, err := c.Sell(ctx(), c.by(), cash)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Refund(ctx(), c.by(), sale.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Cash, Reason: "erreur"}); err != nil {
		t.Fatal(err)
	}
	c.sell("", gift("cafe", 1))
	c.serve("cafe")
	c.keep(pos.DayCount{Counted: []pos.Counted{{Value: 10000, Count: 1}, {Value: 10, Count: 19}}, Left: cents(8000), Reason: "pièces perdues",
		Others: []pos.MeansCount{{Means: pos.Card, Amount: 850}}})
	r, err := c.Reckon(ctx())
	if err != nil || r.Expected != 10220 || r.Counted != 10190 || r.Difference != -30 || r.Taken != 2190 || r.Left != 8000 || r.Moved != 0 ||
		len(r.Others) != 1 || r.Others[0].Expected != 840 || r.Others[0].Difference != 10 || r.Day.Total != 1060 {
		t.Fatalf("reckoned %+v, %v", r, err)
	}
	z, err := c.ClosePeriod(ctx(), c.byManager(), pos.CloseRequest{Level: "day", Count: true})
	if err != nil {
		t.Fatal(err)
	}
	if z.Number != "Z26-000001" || z.Level != "day" || z.Period != "2026-11-21" || !z.Made || z.Late || z.ClosedBy != "MARIE" || z.Total != 1060 || z.Sales != 3 || z.Refunds != 1 {
		t.Errorf("%+v", z)
	}
	drawer := z.Body.Cash
	if drawer.Float != 10000 || drawer.Received != 220 || drawer.Out != -2190 || drawer.Expected != 8030 || drawer.Counted != 8000 || drawer.Difference != -30 ||
		drawer.Counts != 1 || !slices.Equal(drawer.Reasons, []string{"difference: pièces perdues"}) {
		t.Errorf("drawer %+v", drawer)
	}
	if s := z.Body.Suspended; len(s) != 1 || s[0].Pledged != 1 || s[0].Shelf != 0 || len(s[0].Served) != 1 {
		t.Errorf("suspended %+v", s)
	}
	report, err := c.Range(ctx(), "2026-11-21", "2026-11-21")
	if err != nil || report.Total != z.Total || !slices.Equal(report.VAT, z.VAT) {
		t.Errorf("the report says %+v, %v; the closing %+v", report, err, z)
	}
	if _, err := c.CurrentShift(ctx()); fault.CodeOf(err) != "shift.none" {
		t.Errorf("the shift: %v", err)
	}
	if last, err := c.LastShift(ctx()); err != nil || last.Counted != 8000 || last.Difference != -30 {
		t.Errorf("the next float: %+v, %v", last, err)
	}
	if means := c.events("MEANS_COUNT"); len(means) != 1 || means[0].Data["means"] != "CARD" || fmt.Sprint(means[0].Data["difference"]) != "10" {
		t.Errorf("the card's slip: %v", means)
	}
	c.verify()
}

// R45: a day closed at 18:00 is over; what is sold in the evening belongs to the next one, and to its reports.
func TestWhatIsSoldAfterTheClosingIsOfTheNextDay(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 1))
	c.clock.Set(time.Date(2026, 11, 21, 17, 0, 0, 0, time.UTC))
	z := c.closeDay()
	c.clock.Advance(time.Hour)
	c.sell("", line("plat", 1))
	if again := c.closeDay(); again.Number != z.Number || again.Made || again.Seq != z.Seq {
		t.Errorf("closed tomorrow: %+v", again)
	}
	if r, err := c.Day(ctx(), ""); err != nil || r.From != "2026-11-22" || r.Total != 1190 {
		t.Errorf("today: %+v, %v", r, err)
	}
	if r, err := c.Day(ctx(), "2026-11-21"); err != nil || r.Total != 220 {
		t.Errorf("the day before: %+v, %v", r, err)
	}
	c.reopen() // the floor of the day lasts
	c.sell("", line("cafe", 1))
	if o, err := c.Overview(ctx(), pos.SpanDay, ""); err != nil || o.Day != "2026-11-22" || o.Total != 1410 || !o.Running {
		t.Errorf("overview: %s %d %t, %v", o.Day, o.Total, o.Running, err)
	}
	if d, err := c.Deadlines(ctx()); err != nil || d.Due || d.Day != "2026-11-22" || d.Month != "2026-11-30" || d.Year != "2026-12-31" {
		t.Errorf("deadlines %+v, %v", d, err)
	}
	c.clock.Set(time.Date(2026, 11, 22, 17, 0, 0, 0, time.UTC))
	next := c.closeDay()
	if next.Number != "Z26-000002" || next.Total != 1410 || next.Period != "2026-11-22" || next.PerpNet != 1630 || next.Late {
		t.Errorf("%+v", next)
	}
	c.verify()
}

// Complaint 14: what is rung in the breath of the closing falls on one side, whole.
func TestSalesInTheBreathOfTheClosingFallOnOneSide(t *testing.T) {
	c := openCafe(t)
	var sold atomic.Int64
	var group sync.WaitGroup
	start := make(chan struct{})
	const tills, each = 8, 12
	for range tills {
		group.Go(func() {
			<-start
			for range each {
				if r, err := c.trySell("", line("cafe", 1)); err == nil {
					sold.Add(int64(r.Total))
				} else {
					t.Errorf("a sale: %v", err)
				}
			}
		})
	}
	closings := make([]pos.Closing, 4)
	for i := range closings {
		group.Go(func() {
			<-start
			var err error
			if closings[i], err = c.CloseDay(ctx(), c.byManager()); err != nil {
				t.Errorf("a closing: %v", err)
			}
		})
	}
	close(start)
	group.Wait()
	made := 0
	for _, z := range closings {
		if z.Number != "Z26-000001" || z.Total != closings[0].Total {
			t.Errorf("%+v", z)
		}
		if z.Made {
			made++
		}
	}
	if made != 1 {
		t.Errorf("%d closings of one day", made)
	}
	c.clock.Advance(day)
	next := c.closeDay()
	if total := int64(closings[0].Total + next.Total); total != sold.Load() || total != tills*each*220 {
		t.Errorf("closed %d + %d, sold %d", closings[0].Total, next.Total, sold.Load())
	}
	if next.PerpNet != closings[0].Total+next.Total {
		t.Errorf("perpetual %d", next.PerpNet)
	}
	c.verify()
}

func TestADoubleTapOnClosingIsOneClosing(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 1))
	c.keep(pos.DayCount{Counted: []pos.Counted{{Value: 10000, Count: 1}}})
	by := c.byManager()
	request := pos.CloseRequest{Level: "day", Count: true, Approval: &pos.Approval{Operator: c.manager.ID, PIN: managerPIN}}
	first, err := c.ClosePeriod(ctx(), by, request)
	if err != nil {
		t.Fatal(err)
	}
	before := c.seq()
	again, err := c.ClosePeriod(ctx(), by, request)
	if err != nil || again.Number != first.Number || !again.Made {
		t.Errorf("replayed: %+v, %v", again, err)
	}
	by = c.byManager()
	if other, err := c.ClosePeriod(ctx(), by, request); err != nil || other.Number != first.Number || other.Made {
		t.Errorf("asked again: %+v, %v", other, err)
	}
	if got := c.seq(); got != before {
		t.Errorf("journal and events went from %v to %v", before, got)
	}
}

// R48: a till that was off for three days closes them when it is started, each, before anything else.
func TestDaysThatNobodyClosedEndByThemselves(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 2))
	if n, err := c.CloseDue(ctx()); n != 0 || err != nil {
		t.Fatalf("%d closed, %v", n, err)
	}
	c.clock.Advance(3 * day)
	if n, err := c.CloseDue(ctx()); n != 3 || err != nil {
		t.Fatalf("%d closed, %v, want three days", n, err)
	}
	if n, err := c.CloseDue(ctx()); n != 0 || err != nil {
		t.Fatalf("once more: %d closed, %v", n, err)
	}
	c.clock.Advance(7 * day) // over the end of the month, closed by whatever is written first
	c.sell("", line("cafe", 1))
	all, err := c.Closings(ctx(), "", "2026-11-01", "2026-12-31")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, z := range all {
		got = append(got, z.Number+" "+z.Period)
		if !z.Late || z.ClosedBy != "sys" || z.Body != nil {
			t.Errorf("%+v", z)
		}
	}
	want := []string{"M26-000001 2026-11", "Z26-000010 2026-11-30", "Z26-000009 2026-11-29"}
	if len(got) != 11 || !slices.Equal(got[:3], want) || got[10] != "Z26-000001 2026-11-21" || all[0].Total != 440 || all[10].Total != 440 {
		t.Errorf("closed %q", got)
	}
	c.verify()
}

// R49: a month ends early; what follows in it is a period of its own, and so is the rest of the year.
func TestAMonthAndAYearEndEarly(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 1))
	m, err := c.CloseMonth(ctx(), c.byManager())
	if err != nil || m.Number != "M26-000001" || m.Total != 220 || !m.Made || m.ToDay != "2026-11-21" || m.Body.Days != 1 {
		t.Fatalf("%+v, %v", m, err)
	}
	if again, err := c.CloseMonth(ctx(), c.byManager()); err != nil || again.Number != m.Number || again.Made {
		t.Errorf("asked again: %+v, %v", again, err)
	}
	c.clock.Advance(2 * day)
	c.sell("", line("cafe", 2))
	y, err := c.CloseYear(ctx(), c.byManager())
	if err != nil || y.Number != "Y26-000001" || y.Total != 660 || y.Period != "2026" || y.FromDay != "2026-11-21" || y.ToDay != "2026-11-23" {
		t.Fatalf("%+v, %v", y, err)
	}
	all, err := c.Closings(ctx(), "month", "2026-11-01", "2026-11-30")
	if err != nil || len(all) != 2 || all[0].Total != 440 || all[0].FromDay != "2026-11-22" {
		t.Errorf("months %+v, %v", all, err)
	}
	if last, err := c.LastClosing(ctx(), "year"); err != nil || last.Number != y.Number {
		t.Errorf("%+v, %v", last, err)
	}
	c.verify()
}

// R37, R54, R67: nothing that is open is in the way.
func TestClosingIsNeverRefusedForWhatIsOpen(t *testing.T) {
	c := openCafe(t)
	c.ticket(line("plat", 1))
	c.ticket(line("cafe", 2), gift("cafe", 1))
	if _, err := c.OpenTicket(ctx(), c.by(), pos.TicketRequest{}); err != nil { // nothing on it
		t.Fatal(err)
	}
	z := c.closeDay()
	if z.Body.Open != (journal.CloseOpen{Tickets: 2, Amount: 1190 + 440 + 180}) || z.Body.Cash.Counts != 0 || z.Body.Cash.Float != 10000 {
		t.Errorf("open %+v, drawer %+v", z.Body.Open, z.Body.Cash)
	}
	if seq, _ := c.DB().EventHead(); z.Body.Events.Seq != seq-1 || len(z.Body.Events.Hash) != 64 {
		t.Errorf("head of the events %+v of %d", z.Body.Events, seq)
	}
	if tickets, err := c.Tickets(ctx()); err != nil || len(tickets) != 3 {
		t.Errorf("%d tickets are open, %v", len(tickets), err)
	}
	if _, err := c.CurrentShift(ctx()); err != nil {
		t.Errorf("the shift goes on: %v", err)
	}
	if z, err := c.ClosePeriod(ctx(), c.byManager(), pos.CloseRequest{Level: "day", Count: true}); err != nil || z.Made {
		t.Errorf("with a count that nobody made: %+v, %v", z, err)
	}
	c.verify()
}

func TestTrainingEndsWithTheDay(t *testing.T) {
	for name, end := range map[string]func(*cafe) error{
		"by hand":   func(c *cafe) error { _, err := c.CloseDay(ctx(), c.byManager()); return err },
		"by itself": func(c *cafe) error { c.clock.Advance(day); _, err := c.CloseDue(ctx()); return err },
		"by what is written next": func(c *cafe) error {
			c.clock.Advance(day)
			_, err := c.NewCard(ctx(), c.by())
			if err == nil {
				_, err = c.SignIn(ctx(), "Marie", managerPIN)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := openCafe(t)
			c.train(true)
			c.sell("", line("cafe", 5))
			if err := end(c); err != nil {
				t.Fatal(err)
			}
			z, err := c.LastClosing(ctx(), "day")
			if err != nil || z.Total != 0 || z.Body.Counts.Training != 1 || c.Training() {
				t.Errorf("%+v, %v, training %t", z, err, c.Training())
			}
			off := c.events(journal.EventTrainingOff)
			if len(off) != 1 {
				t.Errorf("ended %d times", len(off))
			}
			c.verify()
		})
	}
}

// A queue that is full is told at once, and the same command closes when it is asked again.
func TestAFullQueueLosesNoClosing(t *testing.T) {
	c := openCafe(t)
	hold, held := make(chan struct{}), make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		_ = c.DB().Write(ctx(), func(context.Context, *data.Tx) error { close(held); <-hold; return nil })
	})
	<-held
	var refusals atomic.Int64
	for range 400 {
		group.Go(func() {
			if err := c.DB().Write(ctx(), func(context.Context, *data.Tx) error { return nil }); fault.KindOf(err) == fault.Busy {
				refusals.Add(1)
			}
		})
	}
	for refusals.Load() == 0 { // the queue is full when the first is turned away
		runtime.Gosched()
	}
	by := c.byManager()
	_, err := c.CloseDay(ctx(), by)
	if fault.KindOf(err) != fault.Busy {
		t.Errorf("with a full queue: %v", err)
	}
	close(hold)
	group.Wait()
	if z, err := c.CloseDay(ctx(), by); err != nil || !z.Made {
		t.Errorf("asked again: %+v, %v", z, err)
	}
}

func TestWhoMayClose(t *testing.T) {
	c := openCafe(t)
	before := c.seq()
	accountant := pos.By{Operator: pos.Operator{Code: "COMPTA", Role: pos.RoleAccountant}}
	_, err := c.CloseDay(ctx(), accountant)
	refused(t, err, "right.missing")
	_, err = c.CloseDay(ctx(), c.by())
	refused(t, err, "closing.approval")
	_, err = c.ClosePeriod(ctx(), c.byManager(), pos.CloseRequest{Level: "week"})
	refused(t, err, "closing.level")
	if got := c.seq(); got != before {
		t.Errorf("journal and events went from %v to %v", before, got)
	}
	_, err = c.ClosePeriod(ctx(), c.by(), pos.CloseRequest{Level: "day", Approval: &pos.Approval{Operator: c.barista.ID, PIN: "1111"}})
	refused(t, err, "approval.wrong")
	by := c.by()
	z, err := c.ClosePeriod(ctx(), by, pos.CloseRequest{Level: "day", Approval: &pos.Approval{Operator: "Marie", PIN: managerPIN}})
	if err != nil || z.ClosedBy != "AWA" {
		t.Fatalf("%+v, %v", z, err)
	}
	if over := c.events(journal.EventRoleOverride); len(over) != 1 || over[0].Data["right"] != "closing" || over[0].Data["by"] != "MARIE" {
		t.Errorf("who allowed it: %v", over)
	}
	c.refuseText(managerPIN)
}

// refuseText fails the test when a text stands in the log of events or in what is kept of commands.
func (c *cafe) refuseText(text string) {
	c.tb.Helper()
	for _, table := range []string{`SELECT coalesce(group_concat(body), '') FROM events`, `SELECT coalesce(group_concat(answer), '') FROM commands`} {
		var all string
		if err := c.DB().Reader().QueryRow(ctx(), table).Scan(&all); err != nil {
			c.tb.Fatal(err)
		}
		if strings.Contains(all, `"`+text+`"`) {
			c.tb.Errorf("%s holds %s", table, text)
		}
	}
}

// A power cut between two steps loses no count; what is sold after it makes no difference; the next count takes its place.
func TestACountIsKeptUntilTheDayIsClosed(t *testing.T) {
	c := openCafe(t)
	c.keep(pos.DayCount{Counted: []pos.Counted{{Value: 5000, Count: 2}}, Left: cents(5000)})
	c.reopen()
	if _, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{line("cafe", 1)}, Tenders: []pos.Tender{{Means: pos.Cash, Amount: 220, Given: 500}}}); err != nil {
		t.Fatal(err)
	}
	r, err := c.Reckon(ctx())
	if err != nil || r.Moved != 220 || r.Counted != 10220 || r.Difference != 0 || r.Taken != 5220 || r.Left != 5000 || r.Kept.By != "AWA" {
		t.Fatalf("%+v, %v", r, err)
	}
	if _, err := c.ExplainCount(ctx(), c.by(), "tout va bien"); err != nil {
		t.Fatal(err)
	}
	if r, err = c.Reckon(ctx()); err != nil || r.Moved != 220 || r.Kept.Reason != "tout va bien" {
		t.Errorf("a word on it is no new count: %+v, %v", r, err)
	}
	c.keep(pos.DayCount{Counted: []pos.Counted{{Value: 10000, Count: 1}}})
	if r, err = c.Reckon(ctx()); err != nil || r.Moved != 0 || r.Counted != 10000 || r.Difference != -220 || r.Taken != 0 {
		t.Errorf("counted again: %+v, %v", r, err)
	}
	if _, err := c.CloseShift(ctx(), c.by(), nil); err != nil { // on another page: the count goes with its shift
		t.Fatal(err)
	}
	_, err = c.ExplainCount(ctx(), c.by(), "")
	refused(t, err, "shift.none")
	if z := c.closeDay(); z.Body.Cash.Counts != 1 || z.Body.Cash.Counted != 0 {
		t.Errorf("%+v", z.Body.Cash)
	}
}

func TestRefusedCountsLeaveNothing(t *testing.T) {
	c := openCafe(t)
	before := c.seq()
	coin := []pos.Counted{{Value: 100, Count: 3}}
	for name, x := range map[string]struct {
		count pos.DayCount
		field string
	}{
		"no coin":             {pos.DayCount{Counted: []pos.Counted{{Value: 3, Count: 1}}}, "counted[0].value"},
		"more left than here": {pos.DayCount{Counted: coin, Left: cents(301)}, "left"},
		"less than nothing":   {pos.DayCount{Counted: coin, Left: cents(-1)}, "left"},
		"cash by its slip":    {pos.DayCount{Counted: coin, Others: []pos.MeansCount{{Means: pos.Cash}}}, "others[0].means"},
		"a means twice":       {pos.DayCount{Counted: coin, Others: []pos.MeansCount{{Means: pos.Card}, {Means: pos.Card}}}, "others[1].means"},
		"a mountain":          {pos.DayCount{Counted: coin, Others: []pos.MeansCount{{Means: pos.Card, Amount: 1 << 40}}}, "others[0].amount"},
	} {
		_, err := c.KeepCount(ctx(), c.by(), x.count)
		if e := refused(t, err, "count.invalid"); len(e.Fields) != 1 || e.Fields[0].Name != x.field {
			t.Errorf("%s: %v", name, e.Fields)
		}
	}
	_, err := c.KeepCount(ctx(), c.by(), pos.DayCount{Counted: coin, Reason: "a\x00b"})
	refused(t, err, "text.invalid")
	_, err = c.ExplainCount(ctx(), c.by(), "x")
	refused(t, err, "count.none")
	if got := c.seq(); got != before {
		t.Errorf("journal and events went from %v to %v", before, got)
	}
}

// The paper of a closing and the reading of an open day come out of the same entries.
func TestAReadingIsTheDaySoFarAndNoDocument(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 1))
	before := c.seq()
	x, err := c.XReport(ctx(), c.barista)
	if err != nil || x.Number != "" || x.Body.Total.TTC != 220 || !strings.Contains(x.Text(42), "LECTURE X — n'est pas une clôture") {
		t.Fatalf("%+v, %v", x, err)
	}
	if got := c.seq(); got != before {
		t.Errorf("a reading wrote something: %v to %v", before, got)
	}
	z := c.closeDay()
	paper, err := c.ClosingDocument(ctx(), z.Number)
	if err != nil || paper.Body.Total != x.Body.Total || paper.Hash != z.Hash || !strings.HasPrefix(paper.Head, "CZ1 ") {
		t.Errorf("%+v, %v", paper, err)
	}
	sale := c.sell("", line("cafe", 1))
	_, err = c.Closing(ctx(), sale.Number)
	refused(t, err, "journal.document")
	_, err = c.Closings(ctx(), "week", "2026-11-01", "2026-11-30")
	refused(t, err, "closing.level")
	_, err = c.Closings(ctx(), "", "2024-11-01", "2026-11-30")
	refused(t, err, "report.range")
	_, err = c.LastClosing(ctx(), "year")
	refused(t, err, "journal.closing")
}

// What is on the stove stays there when the books of the day are closed.
func TestTheKitchenCooksOnAfterTheClosing(t *testing.T) {
	c := openKitchen(t)
	tk := c.ticket(line("plat", 1))
	if _, err := c.SendTicket(ctx(), c.by(), tk.ID); err != nil {
		t.Fatal(err)
	}
	c.closeDay()
	if _, err := c.AddLine(ctx(), c.by(), tk.ID, line("plat", 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.SendTicket(ctx(), c.by(), tk.ID); err != nil {
		t.Fatal(err)
	}
	orders, err := c.KitchenOrders(ctx(), nil)
	if err != nil || len(orders) != 1 || len(orders[0].Lines) != 2 {
		t.Errorf("in the kitchen: %+v, %v", orders, err)
	}
	c.clock.Advance(day)
	if orders, err := c.KitchenOrders(ctx(), nil); err != nil || len(orders) != 0 {
		t.Errorf("the morning after: %+v, %v", orders, err)
	}
}
