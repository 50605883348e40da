package pos_test

import (
	"testing"

	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// cashBy sells for cash, as somebody.
func (c *cafe) cashBy(by pos.By, product string, qty int, price money.Cents) {
	c.tb.Helper()
	due := price * money.Cents(qty)
	if _, err := c.Sell(ctx(), by, pos.SellRequest{Lines: []pos.LineRequest{line(product, qty)}, Tenders: []pos.Tender{{Means: pos.Cash, Amount: due}}}); err != nil {
		c.tb.Fatal(err)
	}
}

// TestT1TheRatioOfServingsIsJudgedByControlLimits is the example worked by hand beside the formula: 80 of 400 in all, so that
// of 100 coffees 32 servings are chance and 33 are not.
func TestT1TheRatioOfServingsIsJudgedByControlLimits(t *testing.T) {
	for served, want := range map[int]bool{20: false, 32: false, 33: true, 60: true} {
		if got := pos.BeyondChance(served, 100, 80, 400); got != want {
			t.Errorf("%d of 100: beyond %v, want %v", served, got, want)
		}
	}
	if limit := pos.ControlLimit(100, 80, 400); limit != 3200 {
		t.Errorf("limit %d, want 3200", limit)
	}
	if limit := pos.ControlLimit(20, 399, 400); limit != 10_000 {
		t.Errorf("limit %d, want all of it", limit)
	}
}

// TestT1WhoRingsServingsForCashCoffeesShows: one barista among two serves as often as the other sells.
func TestT1WhoRingsServingsForCashCoffeesShows(t *testing.T) {
	c := openCafe(t)
	other, err := c.AddOperator(ctx(), c.byManager(), pos.NewOperator{Name: "Zoé", PIN: "2222", Role: pos.RoleBarista})
	if err != nil {
		t.Fatal(err)
	}
	zoe := func() pos.By { return pos.By{Operator: other, Command: c.cmd()} }
	for range 4 {
		c.cashBy(zoe(), "cafe", 15, 220)
	}
	c.cashBy(c.by(), "cafe", 5, 220)
	c.cashBy(c.by(), "biere", 50, 450) // is served to nobody: it counts for nothing
	for range 14 {
		c.serve("cafe")
	}
	all, err := c.ServingRatios(ctx())
	if err != nil || len(all) != 2 || all[0].Operator != c.barista.Code || all[0].Beyond || all[0].Limit != 0 || all[0].Ratio != 7368 {
		t.Fatalf("nineteen observations are judged: %+v, %v", all, err)
	}
	c.serve("cafe")
	all, err = c.ServingRatios(ctx())
	if err != nil || !all[0].Beyond || all[0].Ratio != 7500 || all[0].Limit == 0 || all[1].Beyond {
		t.Fatalf("%+v, %v", all, err)
	}
	flags, err := c.Flags(ctx())
	if err != nil || len(flags) != 1 || flags[0].Kind != pos.FlagRatio || flags[0].Who != c.barista.Code || flags[0].Count != 7500 {
		t.Fatalf("%+v, %v", flags, err)
	}
	_, err = c.SeeFlag(ctx(), c.by(), flags[0].ID)
	refused(t, err, "right.missing")
	_, err = c.SeeFlag(ctx(), c.byManager(), "ratio:X")
	refused(t, err, "flag.unknown")
	for range 2 {
		if f, err := c.SeeFlag(ctx(), c.byManager(), flags[0].ID); err != nil || f.Seen != c.manager.Code {
			t.Errorf("%+v, %v", f, err)
		}
	}
	c.serve("cafe") // a flag blocks nothing
	if flags, err = c.Flags(ctx()); err != nil || flags[0].Seen != c.manager.Code {
		t.Errorf("%+v, %v", flags, err)
	}
	c.clock.Advance(31 * day)
	if all, err = c.ServingRatios(ctx()); err != nil || len(all) != 0 {
		t.Errorf("a month later: %+v, %v", all, err)
	}
}

func TestT1MoreThanTwoServingsTakenBackInAShiftAreFlagged(t *testing.T) {
	c := openCafe(t)
	for i := range 3 {
		if flags, err := c.Flags(ctx()); err != nil || len(flags) != 0 {
			t.Fatalf("after %d: %+v, %v", i, flags, err)
		}
		by := c.by()
		if i == 2 { // the third needs a manager
			by = c.byManager()
		}
		if _, err := c.UndoRedemption(ctx(), by, c.serve("cafe").Number, "erreur"); err != nil {
			t.Fatal(err)
		}
	}
	flags, err := c.Flags(ctx())
	if err != nil || len(flags) != 1 || flags[0].Kind != pos.FlagUndone || flags[0].Count != 3 || flags[0].Who != "" {
		t.Errorf("%+v, %v", flags, err)
	}
	if all, err := c.ShiftRatios(ctx()); err != nil || len(all) != 1 || all[0].Undone != 3 || all[0].Served != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestT3MoreThanOneGiftRefundADayIsFlagged(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", gift("cafe", 3), gift("plat", 1))
	c.refund(sale.ID, 1, 2) // one refund, of two gifts
	if flags, err := c.Flags(ctx()); err != nil || len(flags) != 0 {
		t.Fatalf("%+v, %v", flags, err)
	}
	c.refund(sale.ID, 2, 1)
	flags, err := c.Flags(ctx())
	if err != nil || len(flags) != 1 || flags[0].Kind != pos.FlagRefunds || flags[0].Count != 2 {
		t.Errorf("%+v, %v", flags, err)
	}
}

// TestT1AServingNeverOpensTheDrawer: no row of cash, no entry of cash, no tender.
func TestT1AServingNeverOpensTheDrawer(t *testing.T) {
	c := openCafe(t)
	rows := func() (n int) {
		if err := c.DB().Reader().QueryRow(ctx(), `SELECT (SELECT count(*) FROM drawer) + (SELECT count(*) FROM sale_tenders)`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	current := func() pos.Shift {
		s, err := c.CurrentShift(ctx())
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before, shift := rows(), current()
	var seq int64
	if err := c.DB().Reader().QueryRow(ctx(), `SELECT max(seq) FROM journal`).Scan(&seq); err != nil {
		t.Fatal(err)
	}
	c.token("cafe")
	served := c.serve("plat")
	if _, err := c.UndoRedemption(ctx(), c.by(), served.Number, "erreur"); err != nil {
		t.Fatal(err)
	}
	if got := rows(); got != before {
		t.Errorf("%d rows of cash and tenders, want %d", got, before)
	}
	if got := current(); got.Expected != shift.Expected {
		t.Errorf("the drawer should hold %s, want %s", got.Expected, shift.Expected)
	}
	entries, err := journal.Entries(ctx(), c.DB().Reader(), seq+1, 100)
	if err != nil || len(entries) < 3 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	for _, e := range entries {
		if e.Kind != journal.KindSuspRedeem && e.Kind != journal.KindSuspRelease && e.Kind != journal.KindSuspAdjust {
			t.Errorf("a serving made an entry %s", e.Kind)
		}
	}
}

// TestT5ThirteenMealsOnOneCardInADayAreFlaggedAndStamped: a group is no crime, and a friend's card is a matter for people.
func TestT5ThirteenMealsOnOneCardInADayAreFlaggedAndStamped(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	c.sell(card, line("plat", 12))
	if flags, err := c.Flags(ctx()); err != nil || len(flags) != 0 {
		t.Fatalf("twelve: %+v, %v", flags, err)
	}
	if r := c.sell(card, line("plat", 1)); r.Stamps != 1 {
		t.Errorf("the thirteenth is not stamped: %+v", r)
	}
	flags, err := c.Flags(ctx())
	if err != nil || len(flags) != 1 || flags[0].Kind != pos.FlagUnits || flags[0].Count != 13 || flags[0].Who == "" || flags[0].Who == card {
		t.Errorf("%+v, %v", flags, err)
	}
}

// TestT7ThirteenLateClaimsInAWeekAreFlaggedAndStamped: receipts found in a bin are allowed (case 11).
func TestT7ThirteenLateClaimsInAWeekAreFlaggedAndStamped(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	for i := range 13 {
		if flags, err := c.Flags(ctx()); err != nil || len(flags) != 0 {
			t.Fatalf("after %d: %+v, %v", i, flags, err)
		}
		sale := c.sell("", line("plat", 1))
		c.clock.Advance(day / 2)
		if r, err := c.Claim(ctx(), c.by(), card, sale.ReceiptCode); err != nil || r.Stamps != 1 {
			t.Fatalf("claim %d: %+v, %v", i, r, err)
		}
	}
	flags, err := c.Flags(ctx())
	if err != nil || len(flags) != 1 || flags[0].Kind != pos.FlagClaims || flags[0].Count != 13 {
		t.Errorf("%+v, %v", flags, err)
	}
}
