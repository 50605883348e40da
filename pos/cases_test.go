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

// What somebody who asks is asked: what they would like. There is no place for anything else, and no end to yes.
func TestNobodyWhoAsksIsAskedAnything(t *testing.T) {
	c := openCafe(t)
	asked := reflect.TypeFor[pos.RedeemRequest]()
	var fields []string
	for field := range asked.Fields() {
		fields = append(fields, field.Name)
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
