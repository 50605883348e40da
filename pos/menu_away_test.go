package pos_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"comptoir/data/fault"
	"comptoir/pos"
)

// soldOut reports what the menu says of the coffee, and whether it can be rung.
func (c *cafe) soldOut() bool {
	c.tb.Helper()
	p := c.product("cafe")
	_, err := c.trySell("", line("cafe", 1))
	if refused := fault.CodeOf(err) == "product.sold_out"; refused == p.Available {
		c.tb.Errorf("available %v, but the sale: %v", p.Available, err)
	}
	return !p.Available
}

func TestSoldOutUntilTomorrowReturnsByItself(t *testing.T) {
	c := openCafe(t)
	today, tomorrow := c.DB().Today(), c.Tomorrow()
	p, err := c.SetAvailable(ctx(), c.by(), "cafe", false, tomorrow)
	if err != nil || p.Available || p.Back != tomorrow || !c.soldOut() {
		t.Fatalf("%+v, %v", p, err)
	}
	want := event{Op: "AWA", Data: map[string]any{"what": "product", "id": "cafe",
		"old": map[string]any{"available": true, "back": ""}, "new": map[string]any{"available": false, "back": tomorrow}}}
	if diff := cmp.Diff(want, c.lastChange()); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	untilFour := time.Duration(0)
	for c.DB().Today() == today { // the day ends at four in the morning, not at midnight
		if !c.soldOut() {
			t.Fatalf("back %v after noon, the same business day", untilFour)
		}
		c.clock.Advance(time.Hour)
		untilFour += time.Hour
	}
	before := c.seq()
	if p := c.product("cafe"); !p.Available || p.Back != "" || c.seq() != before {
		t.Fatalf("the next day: %+v", p)
	}
	if c.soldOut() {
		t.Error("it is back on the menu and cannot be sold")
	}
	c.reopen()
	if c.soldOut() {
		t.Error("sold out again after a restart")
	}
}

func TestSoldOutUntilSomebodySaysSoStays(t *testing.T) {
	c := openCafe(t)
	if _, err := c.SetAvailable(ctx(), c.by(), "cafe", false, ""); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(40 * day)
	if !c.soldOut() {
		t.Error("it came back by itself")
	}
	if p, err := c.SetAvailable(ctx(), c.by(), "cafe", true, ""); err != nil || !p.Available || c.soldOut() {
		t.Errorf("%+v, %v", p, err)
	}
}

// The clock is put forward and back by hand, or by a dead battery: what was sold on a day keeps that day open.
func TestAClockThatGoesBackDoesNotSellOutAgain(t *testing.T) {
	c := openCafe(t)
	if _, err := c.SetAvailable(ctx(), c.by(), "cafe", false, c.Tomorrow()); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(day)
	c.sell("", line("cafe", 1)) // the next day has begun
	c.clock.Advance(-2 * day)
	if c.soldOut() {
		t.Error("sold out again")
	}
	if got := c.Tomorrow(); got <= c.DB().BusinessDay(c.DB().Now().Add(day)) {
		t.Errorf("tomorrow is %s", got)
	}
}

func TestADayOfReturnIsADayToCome(t *testing.T) {
	c := openCafe(t)
	before := c.seq()
	for _, x := range []struct {
		available bool
		back      string
		want      string
	}{
		{false, c.DB().Today(), "past"}, {false, "2020-01-01", "past"}, {true, c.Tomorrow(), "past"}, {false, "demain", "date"}, {false, "2026-13-01", "date"},
	} {
		_, err := c.SetAvailable(ctx(), c.by(), "cafe", x.available, x.back)
		if e := refused(t, err, "back.invalid"); e.Fields[0].Code != x.want {
			t.Errorf("%v %q: %+v", x.available, x.back, e.Fields)
		}
	}
	if c.seq() != before {
		t.Error("a refusal left something")
	}
}

func TestWhatHasReturnedCanBeSoldOutAnew(t *testing.T) {
	c := openCafe(t)
	if _, err := c.SetAvailable(ctx(), c.by(), "cafe", false, c.Tomorrow()); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(day)
	if _, err := c.SetAvailable(ctx(), c.by(), "cafe", false, ""); err != nil {
		t.Fatal(err)
	}
	want := event{Op: "AWA", Data: map[string]any{"what": "product", "id": "cafe", "old": map[string]any{"available": true}, "new": map[string]any{"available": false}}}
	if diff := cmp.Diff(want, c.lastChange()); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	p := c.product("creme") // another change while a day of return has passed writes the rows as they are
	if _, err := c.SetAvailable(ctx(), c.by(), "creme", false, c.Tomorrow()); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(day)
	p.Price = 310
	if got := c.save(p); !got.Available || got.Back != "" {
		t.Errorf("%+v", got)
	}
	file := mustMenu(c).File()
	i := slices.IndexFunc(file.Products, func(p pos.Product) bool { return p.ID == "creme" })
	file.Products[i].Available, file.Products[i].Back = false, "2020-01-01" // an old export
	if r, err := c.ImportMenu(ctx(), c.byManager(), file); err != nil || r.Changed != 0 || !c.product("creme").Available {
		t.Errorf("%+v, %v", r, err)
	}
}
