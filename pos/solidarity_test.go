package pos_test

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

func TestNinePaidMealsReleaseOneMeal(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	for i := range 8 {
		if r := c.sell(card, line("plat", 1)); r.Stamps != 1 || r.Released != 0 {
			t.Fatalf("meal %d: %+v", i+1, r)
		}
	}
	if r := c.sell(card, line("plat", 1)); r.Released != 1 {
		t.Fatalf("the ninth released %d", r.Released)
	}
	if v := c.view(card); v.Filled != 0 || v.Released != 1 || c.waiting("meal") != 1 {
		t.Errorf("card %+v, shelf %d", v, c.waiting("meal"))
	}
	c.verify()
}

// TestCases29And30TheReleaseLaw24 holds the stories of solidarity.md §2.4, each on a card of its own.
func TestCases29And30TheReleaseLaw24(t *testing.T) {
	c := openCafe(t)
	nine := func() (card, ninth string) {
		card = c.newCard()
		for range 8 {
			c.sell(card, line("plat", 1))
		}
		return card, c.sell(card, line("plat", 1)).ID
	}
	expect := func(story, card string, filled, released, advance int) {
		t.Helper()
		if v := c.view(card); v.Filled != filled || v.Released != released || v.Advance != advance {
			t.Errorf("%s: %+v, want filled %d, released %d, advance %d", story, v, filled, released, advance)
		}
	}

	card, ninth := nine()
	if r := c.refund(ninth, 1, 1); r.StampsReversed != 1 || r.ItemsRetracted != 1 || r.HouseAdvance != 0 {
		t.Errorf("ninth refunded on the shelf: %+v", r)
	}
	expect("ninth refunded, still on the shelf", card, 8, 0, 0)
	c.sell(card, line("plat", 1))
	expect("then a new meal", card, 0, 1, 0)
	c.serve("plat")

	card, ninth = nine()
	c.serve("plat")
	if r := c.refund(ninth, 1, 1); r.StampsReversed != 1 || r.ItemsRetracted != 0 || r.HouseAdvance != 1 {
		t.Errorf("ninth refunded after serving: %+v", r)
	}
	expect("ninth refunded, already served", card, 8, 1, 1)
	if r := c.sell(card, line("plat", 1)); r.Released != 0 {
		t.Errorf("a new meal released %d again", r.Released)
	}
	expect("then a new meal", card, 0, 1, 0)
	for range 9 {
		c.sell(card, line("plat", 1))
	}
	expect("nine more", card, 0, 2, 0)
	c.serve("plat")

	group := c.newCard()
	sale := c.sell(group, line("plat", 12))
	expect("group of twelve", group, 3, 1, 0)
	c.serve("plat")
	if r := c.refund(sale.ID, 1, 4); r.StampsReversed != 4 || r.HouseAdvance != 1 {
		t.Errorf("four of twelve refunded: %+v", r)
	}
	expect("four of the twelve refunded, served", group, 8, 1, 1)
	c.verify()
}

func TestCase17GiftsGoOnTheShelfAndEarnNoStamp(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	if r := c.sell(card, gift("plat", 2), gift("cafe", 1)); r.Stamps != 0 || r.Total != 1380 {
		t.Errorf("%+v", r)
	}
	if c.waiting("meal") != 2 || c.waiting("coffee") != 1 {
		t.Errorf("shelf: %d meals, %d coffees", c.waiting("meal"), c.waiting("coffee"))
	}
}

func TestCase56ServingTakesTheShelfThenTheHouse(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 1))
	before, err := c.Day(ctx(), "")
	if err != nil {
		t.Fatal(err)
	}
	if r := c.serve("cafe"); r.Origin != "PAID" || r.Number != "R26-000001" {
		t.Errorf("first: %+v", r)
	}
	for i := range 7 {
		r := c.serve("cafe")
		if r.Origin != "HOUSE" {
			t.Errorf("empty shelf: %+v", r)
		}
		if warned := len(r.Warnings) > 0; warned != (i == 6) {
			t.Errorf("house item %d: warnings %v", i+1, r.Warnings)
		}
	}
	after, err := c.Day(ctx(), "")
	if err != nil || after.Total != before.Total || len(after.Tenders) != len(before.Tenders) {
		t.Errorf("serving moved money: %+v, %v", after, err)
	}
	c.verify()
}

// TestRedemptionNamesNobodyI16: the entry of a serving leads to no sale, card or payment.
func TestRedemptionNamesNobodyI16(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 1))
	e, err := journal.ByNumber(ctx(), c.DB().Reader(), c.serve("cafe").Number)
	if err != nil {
		t.Fatal(err)
	}
	var b map[string]any
	if err := e.Decode(&b); err != nil {
		t.Fatal(err)
	}
	for key := range b {
		switch key {
		case "class", "label", "memo", "mode", "origin", "pool_after", "qty", "ref", "sku":
		default:
			t.Errorf("the entry of a serving has %q", key)
		}
	}
}

func TestCase41UndoWithinTheShift(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 1))
	served := c.serve("cafe")
	r, err := c.UndoRedemption(ctx(), c.by(), served.Number, "double")
	if err != nil || r.State != "AVAILABLE" || c.waiting("coffee") != 1 {
		t.Fatalf("%+v, %v, waiting %d", r, err, c.waiting("coffee"))
	}
	_, err = c.UndoRedemption(ctx(), c.by(), served.Number, "encore")
	refused(t, err, "undo.done")
	_, err = c.UndoRedemption(ctx(), c.by(), r.Number, "encore")
	refused(t, err, "redemption.unknown")
	c.serve("cafe")
	house := c.serve("cafe")
	if r, err := c.UndoRedemption(ctx(), c.by(), house.Number, "double"); err != nil || r.State != "RETRACTED" || c.waiting("coffee") != 0 {
		t.Errorf("house item undone: %+v, %v", r, err)
	}
	late := c.serve("cafe")
	if _, err := c.CloseShift(ctx(), c.by(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.OpenShift(ctx(), c.by(), 0); err != nil {
		t.Fatal(err)
	}
	_, err = c.UndoRedemption(ctx(), c.by(), late.Number, "trop tard")
	refused(t, err, "undo.shift")
	c.verify()
}

// TestUndoneServingFollowsTheLaw: the ninth is refunded after its meal was served, then the serving is undone:
// the meal can be taken back again, and is.
func TestUndoneServingFollowsTheLaw(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	sale := c.sell(card, line("plat", 9))
	served := c.serve("plat")
	c.refund(sale.ID, 1, 1)
	r, err := c.UndoRedemption(ctx(), c.by(), served.Number, "erreur")
	if err != nil || r.State != "RETRACTED" {
		t.Fatalf("%+v, %v", r, err)
	}
	if v := c.view(card); v.Released != 0 || v.Advance != 0 || v.Filled != 8 {
		t.Errorf("card %+v", v)
	}
	c.verify()
}

func TestFreeMealsEarnNoStamp13(t *testing.T) {
	c := openCafe(t)
	if r, err := c.Sell(ctx(), c.by(), pos.SellRequest{Lines: []pos.LineRequest{line("offert", 1)}, Card: c.newCard()}); err != nil || r.Stamps != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestFormuleForTwoEarnsTwo23(t *testing.T) {
	c := openCafe(t)
	if r := c.sell(c.newCard(), line("duo", 1), line("plat", 1)); r.Stamps != 3 {
		t.Errorf("%d stamps, want 3", r.Stamps)
	}
}

func TestBadCardIsRefusedAndTheTicketStays(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("plat", 1))
	for code, want := range map[string]string{"hello": "card.unreadable", "FIDCBDEFGHIJKLNRTUVC": "", "00000000": ""} {
		_, err := c.AttachCard(ctx(), c.by(), tk.ID, code)
		if err == nil {
			t.Errorf("%q was accepted", code)
		}
		if want != "" {
			refused(t, err, want)
		}
	}
	now, err := c.Ticket(ctx(), tk.ID)
	if err != nil || now.Version != tk.Version || now.Card != nil {
		t.Errorf("the ticket changed: %+v, %v", now, err)
	}
}

func TestASecondScanOfTheSameCardChangesNothing1(t *testing.T) {
	c := openCafe(t)
	card, tk := c.newCard(), c.ticket(line("plat", 1))
	first, err := c.AttachCard(ctx(), c.by(), tk.ID, card)
	if err != nil {
		t.Fatal(err)
	}
	second, err := c.AttachCard(ctx(), c.by(), tk.ID, card)
	if err != nil || second.Version != first.Version {
		t.Errorf("version %d then %d, %v", first.Version, second.Version, err)
	}
}

func TestClaimsOfAReceipt8To11(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", line("plat", 3))
	a, b := c.newCard(), c.newCard()
	c.refund(sale.ID, 1, 1)
	if r, err := c.Claim(ctx(), c.by(), a, sale.ReceiptCode); err != nil || r.Stamps != 2 {
		t.Fatalf("%+v, %v", r, err)
	}
	if r, err := c.Claim(ctx(), c.by(), b, sale.ReceiptCode); err != nil || r.Stamps != 0 {
		t.Errorf("a second card claimed %+v, %v", r, err)
	}
	c.refund(sale.ID, 1, 1)
	if v := c.view(a); v.Stamps != 1 {
		t.Errorf("after a refund %+v", v)
	}
	_, err := c.Claim(ctx(), c.by(), a, "CBDEFGHIJKLNC")
	refused(t, err, "receipt.unknown")
	late := c.sell("", line("plat", 1))
	c.clock.Advance(31 * day)
	_, err = c.Claim(ctx(), c.by(), a, late.ReceiptCode)
	refused(t, err, "receipt.expired")
}

func TestWrongCardMoves40(t *testing.T) {
	c := openCafe(t)
	wrong, right := c.newCard(), c.newCard()
	sale := c.sell(wrong, line("plat", 9))
	if r, err := c.MoveStamps(ctx(), c.by(), sale.ID, right); err != nil || r.Stamps != 9 {
		t.Fatalf("%+v, %v", r, err)
	}
	if w, r := c.view(wrong), c.view(right); w.Stamps != 0 || w.Released != 0 || r.Stamps != 9 || r.Released != 1 || c.waiting("meal") != 1 {
		t.Errorf("wrong %+v, right %+v, waiting %d", w, r, c.waiting("meal"))
	}
	c.clock.Advance(day)
	_, err := c.MoveStamps(ctx(), c.by(), sale.ID, wrong)
	refused(t, err, "move.later")
	if _, err := c.MoveStamps(ctx(), c.byManager(), sale.ID, wrong); err != nil {
		t.Error(err)
	}
	c.verify()
}

func TestMergeOfEightAndOne48To50(t *testing.T) {
	c := openCafe(t)
	a, b := c.newCard(), c.newCard()
	c.sell(a, line("plat", 8))
	c.sell(b, line("plat", 1))
	v, err := c.MergeCards(ctx(), c.by(), a, b)
	if err != nil || v.Stamps != 9 || v.Released != 1 || c.waiting("meal") != 1 {
		t.Fatalf("%+v, %v", v, err)
	}
	if v, err = c.MergeCards(ctx(), c.by(), a, b); err != nil || v.Stamps != 9 || v.Released != 1 {
		t.Errorf("again: %+v, %v", v, err)
	}
	if v, err = c.MergeCards(ctx(), c.by(), b, b); err != nil || v.Stamps != 9 {
		t.Errorf("into itself: %+v, %v", v, err)
	}
	_, err = c.Card(ctx(), a)
	refused(t, err, "card.replaced")
	c.verify()
}

func TestCase55FortyClientsRaceForTheLastFiveCoffees(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 5))
	var wg sync.WaitGroup
	origins := make([]string, 40)
	for i := range origins {
		wg.Go(func() {
			r, err := c.Redeem(ctx(), c.by(), pos.RedeemRequest{Product: "cafe"})
			if err != nil {
				t.Error(err)
			}
			origins[i] = r.Origin
		})
	}
	wg.Wait()
	count := map[string]int{}
	for _, o := range origins {
		count[o]++
	}
	if count["PAID"] != 5 || count["HOUSE"] != 35 {
		t.Errorf("served %v, want 5 from the shelf and 35 by the house", count)
	}
	c.verify()
}

// TestPartialRefundsNetToZero: however a sale is cut up, its refunds end at its own cents and tax.
func TestPartialRefundsNetToZero(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", line("eau", 7), line("biere", 3), pos.LineRequest{Product: "creme", Qty: 3, Options: []string{"lait/avoine"}})
	s, err := c.Sale(ctx(), sale.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range s.Lines {
		for range l.Qty {
			c.refund(sale.ID, l.ID, 1)
		}
	}
	_, err = c.Refund(ctx(), c.by(), sale.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Cash, Reason: "encore"})
	refused(t, err, "refund.beyond")
	today, err := c.Day(ctx(), "")
	if err != nil || today.Total != 0 {
		t.Fatalf("the day ends at %d, %v", today.Total, err)
	}
	for _, x := range today.VAT {
		if x.HT != money.Cents(0) || x.VAT != 0 {
			t.Errorf("rate %d ends at HT %d VAT %d", x.VATBP, x.HT, x.VAT)
		}
	}
	c.verify()
}

// TestACardIsToldAgainButNeverStored: a lost answer can be asked for again by command id; the file holds no code.
func TestACardIsToldAgainButNeverStored(t *testing.T) {
	c := openCafe(t)
	by := c.by()
	first, err := c.NewCard(ctx(), by)
	if err != nil {
		t.Fatal(err)
	}
	c.reopen()
	second, err := c.NewCard(ctx(), by)
	if err != nil || second != first {
		t.Errorf("told %+v, then %+v, %v", first, second, err)
	}
	if c.newCard() == first.Code {
		t.Error("another command drew the same card")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(c.config.Dir, "till.db"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file, []byte(first.Code)) {
		t.Error("the code of the card stands in the database")
	}
	c.open()
}
