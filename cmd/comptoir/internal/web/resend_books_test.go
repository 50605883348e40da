package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// lostDay opens a shift and sells, has a copy made, and sells, gives, refunds and takes cash out after it: the copy has none of that.
func lostDay(t *testing.T) (a *cafe, p *page, copied string) {
	t.Helper()
	a = openCafe(t)
	p = &page{cafe: a, name: "till"}
	p.does(p.order("cafe", "biere"), "pay", `{"means":"cash","total":670,"given":700}`)
	copied = a.backedUp()
	a.clock.Advance(time.Minute)
	p.does(p.order("plat", "eau"), "pay", `{"means":"card","total":1390}`)
	gift := p.order("cafe")
	p.does(gift, "gift", `{"product":"cafe"}`)
	p.does(gift, "pay", `{"means":"cash","total":400,"given":500}`)
	p.does("", "serve", `{"product":"cafe","mode":"eat_in"}`)
	p.sends("/shift/cash", url.Values{"amount": {"12,00"}, "way": {"out"}, "reason": {"pain"}})
	return a, p, copied
}

// sums are what closings state of money and gifts, however their documents are numbered.
func sums(t *testing.T, bodies ...journal.CloseBody) string {
	t.Helper()
	var sales, refunds, total, in, out, received money.Cents
	var documents, given, served int64
	rates, means := map[money.BasisPoints]money.Cents{}, map[string]money.Cents{}
	for _, b := range bodies {
		sales, refunds, total, documents = sales+b.Sales.TTC, refunds+b.Refunds.TTC, total+b.Total.TTC, documents+b.Total.N
		in, out, received = in+b.Cash.In, out+b.Cash.Out, received+b.Cash.Received
		served += b.Counts.Redemptions
		for _, r := range b.Rates {
			rates[r.BP] += r.VAT
		}
		for _, m := range b.Means {
			means[string(m.Means)] += m.Amt
		}
		for _, x := range b.Suspended {
			given += x.Pledged
		}
	}
	last := bodies[len(bodies)-1]
	text, err := json.Marshal(map[string]any{"sales": sales, "refunds": refunds, "total": total, "documents": documents, "rates": rates, "means": means,
		"in": in, "out": out, "received": received, "given": given, "served": served, "net": last.GT.PerpNet, "abs": last.GT.PerpAbs})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// reading is the open day as its closing would state it now.
func (c *cafe) reading() journal.CloseBody {
	c.tb.Helper()
	x, err := c.till.XReport(context.Background(), pos.System("sys").Operator)
	if err != nil {
		c.tb.Fatal(err)
	}
	return x.Body
}

// closedDays closes the open day, and returns the signed bodies of all days of the café.
func (c *cafe) closedDays() (bodies []journal.CloseBody) {
	c.tb.Helper()
	c.ok(call{method: http.MethodPost, path: "/api/v1/closings", role: pos.RoleManager, body: `{"level":"day"}`})
	closed, err := journal.Closings(context.Background(), c.till.DB().Reader(), journal.KindCloseDay, "2000-01-01", "2100-01-01")
	if err != nil {
		c.tb.Fatal(err)
	}
	for _, e := range closed {
		var b journal.CloseBody
		if err := e.Decode(&b); err != nil {
			c.tb.Fatal(err)
		}
		bodies = append(bodies, b)
	}
	return bodies
}

// conforms has the journal verified whole, every sum of every closing with it.
func (c *cafe) conforms() {
	c.tb.Helper()
	err := c.till.DB().Snapshot(context.Background(), func(ctx context.Context, q data.Querier) error {
		r, err := journal.Verify(ctx, q, journal.VerifyOptions{Full: true})
		if !r.Conform {
			c.tb.Errorf("not conform: %+v", r.Anomalies)
		}
		return err
	})
	if err != nil {
		c.tb.Error(err)
	}
}

// resentEvents are the facts that the journal keeps of what was given back.
func (c *cafe) resentEvents() (all []map[string]any) {
	c.tb.Helper()
	entries, err := journal.Entries(context.Background(), c.till.DB().Reader(), 0, 10_000)
	if err != nil {
		c.tb.Fatal(err)
	}
	for _, e := range entries {
		var b journal.EventBody
		if e.Kind == journal.KindEvent && e.Decode(&b) == nil && b.Code == journal.EventResent {
			all = append(all, b.Data)
		}
	}
	return all
}

// The books of a machine that was restored and given back what it lost are those of the machine that was lost: turnover, VAT, means,
// drawer, gifts, perpetual totals, on the reading and on the closing that is signed.
func TestTheBooksAddUpAfterARestore(t *testing.T) {
	a, p, copied := lostDay(t)
	want := sums(t, a.reading())
	b := a.restored(copied)
	if sums(t, b.reading()) == want {
		t.Fatal("nothing was lost: the test shows nothing")
	}
	p.cafe = b
	if got := p.givesBack(false); len(got.Refused)+len(got.Later) != 0 {
		t.Fatalf("%+v\n%s", got, b.log)
	}
	if got := sums(t, b.reading()); got != want {
		t.Errorf("reading\n%s\nwant\n%s", got, want)
	}
	if got := sums(t, b.closedDays()...); got != want {
		t.Errorf("closing\n%s\nwant\n%s", got, want)
	}
	if told := b.resentEvents(); len(told) != 1 || told[0]["refused"] != 0.0 || told[0]["done"] == 0.0 {
		t.Errorf("journaled: %v", told)
	}
	b.conforms()
}

// A tablet that gives back when the restored machine has closed the day: what is signed stays as it is, the sale counts in the open
// day, once, the journal says when it was first made, and both days together are the day that was lost.
func TestASaleGivenBackAfterItsDayWasClosedCountsInTheOpenDayOnce(t *testing.T) {
	a, p, copied := lostDay(t)
	day := a.till.DB().Today()
	want := sums(t, a.reading())
	b := a.restored(copied)
	a.clock.Advance(24 * time.Hour)
	if n, err := b.till.CloseDue(t.Context()); err != nil || n != 1 {
		t.Fatalf("%d periods closed, %v", n, err)
	}
	p.cafe = b
	for range 2 {
		if got := p.givesBack(true); len(got.Refused)+len(got.Later) != 0 {
			t.Fatalf("%+v\n%s", got, b.log)
		}
	}
	days := b.closedDays()
	if len(days) != 2 || days[0].Sales.N != 1 || days[1].Period <= day {
		t.Fatalf("days %+v", days)
	}
	if got := sums(t, days...); got != want {
		t.Errorf("both days\n%s\nwant\n%s", got, want)
	}
	told := b.resentEvents()
	if len(told) != 1 || !strings.HasPrefix(fmt.Sprint(told[0]["from"]), day) || !strings.HasPrefix(fmt.Sprint(told[0]["to"]), day) {
		t.Errorf("journaled: %v, want the day %s", told, day)
	}
	for _, kind := range []string{"fec", "csv"} {
		body := fmt.Sprintf(`{"kind": %q, "from": %q, "to": %q}`, kind, days[0].Period, days[1].Period)
		if x := b.do(call{method: http.MethodPost, path: "/api/v1/exports", role: pos.RoleAccountant, key: "export-" + kind, body: body}); x.status != http.StatusCreated {
			t.Errorf("%s: %d %s", kind, x.status, x.body)
		}
	}
	b.conforms()
}
