package pos_test

import (
	"reflect"
	"testing"
	"time"

	"comptoir/pos"
)

// The cases of solidarity.md §2.7 that need no code of their own, and must stay so.

func TestCase12WithoutReceiptNorCardTheSaleIsFoundByItsAmountAndTime(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("eau", 1))
	sold := c.sell("", line("plat", 2))
	c.clock.Advance(time.Hour)
	found, err := c.FindSales(ctx(), pos.SalesQuery{Text: "23,80", From: c.DB().Today(), To: c.DB().Today(), Limit: 10})
	if err != nil || len(found.Sales) != 1 || found.Sales[0].ID != sold.ID {
		t.Fatalf("found %+v, %v", found.Sales, err)
	}
	sale, err := c.Sale(ctx(), found.Sales[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := c.Claim(ctx(), c.byManager(), c.newCard(), sale.ReceiptCode); err != nil || r.Stamps != 2 {
		t.Errorf("claimed %+v, %v", r, err)
	}
}

func TestCase18AServedMealEarnsNoStamp(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("plat", 1))
	card := c.newCard()
	if r := c.sell(card, pos.LineRequest{Product: "plat", Qty: 1, Kind: pos.LineRedemption}, line("eau", 1)); r.Stamps != 0 || len(r.Redemptions) != 1 {
		t.Errorf("%+v", r)
	}
	if v := c.view(card); v.Stamps != 0 {
		t.Errorf("card %+v", v)
	}
}

func TestCase21AnOrderTakenAwayIsClaimableByItsPrintedCode(t *testing.T) {
	c := openCafe(t)
	r, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: pos.Takeaway, Lines: []pos.LineRequest{line("plat", 1)}, Tenders: []pos.Tender{{Means: pos.Transfer, Amount: 1190}}})
	if err != nil {
		t.Fatal(err)
	}
	if claim, err := c.Claim(ctx(), c.by(), c.newCard(), r.ReceiptCode); err != nil || claim.Stamps != 1 {
		t.Errorf("%+v, %v", claim, err)
	}
}

func TestCase32ARefundAndTheSameDishAgainLeaveTheShelfAsItWas(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	sold := c.sell(card, line("plat", 9))
	c.refund(sold.ID, 1, 1)
	c.sell(card, line("plat", 1))
	if v := c.view(card); v.Stamps != 9 || v.Released != 1 || v.Advance != 0 || c.waiting("meal") != 1 {
		t.Errorf("card %+v, waiting %d", v, c.waiting("meal"))
	}
}

func TestCase42WhatIsServedMayBeAnotherProductOfTheClass(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 1))
	r, err := c.Redeem(ctx(), c.by(), pos.RedeemRequest{Product: "creme", Options: []string{"lait/avoine"}})
	if err != nil || r.Origin != "PAID" || c.waiting("coffee") != 0 {
		t.Errorf("%+v, %v, %d wait", r, err, c.waiting("coffee"))
	}
}

func TestCase43AfterTheDayIsClosedACorrectionIsOfTheNextAndNamesTheOldOne(t *testing.T) {
	c := openCafe(t)
	sold := c.sell("", line("plat", 1))
	if _, err := c.CloseShift(ctx(), c.by(), nil); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(day)
	if _, err := c.CloseDue(ctx()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.OpenShift(ctx(), c.by(), 0); err != nil {
		t.Fatal(err)
	}
	back := c.refund(sold.ID, 1, 1)
	was, err := c.Sale(ctx(), sold.ID)
	if err != nil {
		t.Fatal(err)
	}
	is, err := c.Sale(ctx(), back.ID)
	if err != nil || is.Day == was.Day || is.Day != c.DB().Today() || is.RefundOf != was.Number {
		t.Errorf("refund of %s on %s: %+v, %v", was.Number, was.Day, is, err)
	}
}

func TestCase60WhatCannotBeServedTodayWaitsForTomorrow(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("plat", 1), gift("cafe", 1))
	if _, err := c.SetAvailable(ctx(), c.by(), "plat", false, ""); err != nil { // the kitchen is closed
		t.Fatal(err)
	}
	_, err := c.Redeem(ctx(), c.by(), pos.RedeemRequest{Product: "plat"})
	refused(t, err, "product.sold_out")
	if r := c.serve("cafe"); r.Origin != "PAID" || c.waiting("meal") != 1 {
		t.Errorf("%+v, %d meals wait", r, c.waiting("meal"))
	}
	c.clock.Advance(day)
	if _, err := c.SetAvailable(ctx(), c.by(), "plat", true, ""); err != nil {
		t.Fatal(err)
	}
	if r := c.serve("plat"); r.Origin != "PAID" {
		t.Errorf("the day after: %+v", r)
	}
}

// What somebody who asks is asked: what they would like. There is no place for anything else, and no end to yes.
func TestNobodyWhoAsksIsAskedAnything(t *testing.T) {
	c := openCafe(t)
	asked := reflect.TypeFor[pos.RedeemRequest]()
	var fields []string
	for i := range asked.NumField() {
		fields = append(fields, asked.Field(i).Name)
	}
	if got, want := fields, []string{"Product", "Qty", "Options", "Note", "Mode", "Token"}; !reflect.DeepEqual(got, want) {
		t.Fatalf("whoever serves can say %v, want %v", got, want)
	}
	for name, n := range map[string]int{
		"case 61 two, one of them for a friend outside": 2, "case 62 a whole group": 7, "case 64 whoever looks well-off": 1,
	} {
		t.Run(name, func(t *testing.T) {
			for range n {
				if r := c.serve("plat"); r.Number == "" {
					t.Error("nobody was served")
				}
			}
		})
	}
	t.Run("case 65 there is no money in it", func(t *testing.T) {
		served := c.serve("cafe")
		_, err := c.Refund(ctx(), c.by(), served.Number, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Cash, Reason: "argent"})
		refused(t, err, "sale.unknown")
	})
	t.Run("case 68 a gift for somebody in the room is a sale like any", func(t *testing.T) {
		before := c.waiting("coffee")
		if r := c.sell("", line("cafe", 1)); r.GiftCode != "" || c.waiting("coffee") != before {
			t.Errorf("%+v", r)
		}
	})
}

func TestCase67ADonorsConditionIsNoField(t *testing.T) {
	c := openCafe(t)
	c.sell("", pos.LineRequest{Product: "cafe", Qty: 1, Kind: pos.LineGift, Note: "pour une femme"})
	var n int
	err := c.DB().Reader().QueryRow(ctx(), `SELECT count(*) FROM events WHERE body LIKE '%femme%'`).Scan(&n)
	if err != nil || n != 0 {
		t.Errorf("%d events hold the condition, %v", n, err)
	}
	if r := c.serve("cafe"); r.Origin != "PAID" {
		t.Errorf("the gift was not served to whoever asked: %+v", r)
	}
}

func TestCase76TwoCafesShareNeitherCardNorShelf(t *testing.T) {
	a, b := openCafe(t), openCafe(t)
	card := a.newCard()
	a.sell("", gift("cafe", 1))
	_, err := b.Card(ctx(), card)
	refused(t, err, "card.unknown")
	if r := b.serve("cafe"); r.Origin != "HOUSE" || a.waiting("coffee") != 1 {
		t.Errorf("%+v, %d wait at the other", r, a.waiting("coffee"))
	}
}

func TestCase78TheOrderIsThatOfTheLedgerAndNotOfTheClock(t *testing.T) {
	c := openCafe(t)
	first := c.sell("", gift("cafe", 1))
	c.clock.Jump(-2 * time.Hour)
	second := c.sell("", gift("cafe", 1))
	c.serve("cafe")
	r := pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Card, Reason: "erreur", Proof: first.GiftCode}
	_, err := c.Refund(ctx(), c.by(), first.ID, r) // the first that was given is the first that was served
	refused(t, err, "gift.served")
	r.Proof = second.GiftCode
	if _, err := c.Refund(ctx(), c.by(), second.ID, r); err != nil {
		t.Error(err)
	}
	one, err := c.Sale(ctx(), first.ID)
	if err != nil {
		t.Fatal(err)
	}
	two, err := c.Sale(ctx(), second.ID)
	if err != nil || two.Day != one.Day || two.Number <= one.Number {
		t.Errorf("%s of %s after %s of %s, %v", two.Number, two.Day, one.Number, one.Day, err)
	}
	c.verify()
}
