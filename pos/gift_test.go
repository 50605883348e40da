package pos_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"comptoir/pos"
)

// toldOf writes outcomes in one line: "served 2026-11-23..2026-11-23, waiting".
func toldOf(all []pos.Outcome) string {
	var words []string
	for _, o := range all {
		word := string(o.Fate)
		if o.To != "" {
			word += fmt.Sprintf(" %s..%s", o.From, o.To)
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

func (c *cafe) proof(code string) string {
	c.tb.Helper()
	p, err := c.GiftProof(ctx(), code)
	if err != nil {
		c.tb.Fatalf("proof %s: %v", code, err)
	}
	return toldOf(p.Gifts)
}

func (c *cafe) story(card string) string {
	c.tb.Helper()
	all, err := c.CardStory(ctx(), card)
	if err != nil {
		c.tb.Fatalf("story: %v", err)
	}
	return toldOf(all)
}

// TestADonorSeesLateAndInBatchesWhatBecameOfAGift follows three coffees: one is refunded, two are served on a day of
// two servings, which waits until a third is served on another day (I15).
func TestADonorSeesLateAndInBatchesWhatBecameOfAGift(t *testing.T) {
	c := openCafe(t)
	c.clock.Advance(2 * day) // Monday 23 November 2026
	sale := c.sell("", gift("cafe", 3), line("eau", 1))
	if sale.GiftURL != "http://till.local:8081/G/"+sale.GiftCode || len(sale.GiftCode) != 13 || sale.GiftCode == sale.ReceiptCode {
		t.Fatalf("code %q at %q", sale.GiftCode, sale.GiftURL)
	}
	is := func(when, want string) {
		t.Helper()
		if got := c.proof(sale.GiftCode); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	is("paid", "waiting, waiting, waiting")
	c.refund(sale.ID, 1, 1)
	is("one refunded", "waiting, waiting, returned")
	c.serve("cafe")
	c.serve("cafe")
	is("two served today", "waiting, waiting, returned")
	c.clock.Advance(day)
	is("two were served, and two do not reach three", "waiting, waiting, returned")
	c.serve("cafe")
	is("a third, today", "waiting, waiting, returned")
	c.clock.Advance(day)
	is("three, on days that are over", "served 2026-11-23..2026-11-29, served 2026-11-23..2026-11-29, returned")
	spaced := strings.ToLower(sale.GiftCode[:4]) + " " + sale.GiftCode[4:]
	is("as it is", c.proof(spaced))
}

func TestAProofLeadsToNoReceiptAndAReceiptIsNoProof(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", gift("cafe", 1))
	for _, code := range []string{sale.ReceiptCode, "", "CBDEFGHIJKLNC", "CBDEFGHIJKLNR", sale.GiftCode + "C", "' OR 1=1"} {
		_, err := c.GiftProof(ctx(), code)
		refused(t, err, "gift.unknown")
	}
	_, err := c.Receipt(ctx(), sale.GiftCode)
	refused(t, err, "receipt.unknown")
	if plain := c.sell("", line("cafe", 1)); plain.GiftCode != "" || plain.GiftURL != "" {
		t.Errorf("a sale without a gift has a proof: %+v", plain)
	}
	s, err := c.Sale(ctx(), sale.ID)
	if err != nil || s.GiftCode != sale.GiftCode || s.GiftURL != sale.GiftURL {
		t.Errorf("the sale tells %q %q, %v", s.GiftCode, s.GiftURL, err)
	}
	if r := c.refund(sale.ID, 1, 1); r.ItemsRetracted != 1 {
		t.Errorf("refund: %+v", r)
	}
}

// TestWhatTheNinthMealsBecame: a release that is taken back after a refund, one that is served on a day of three, and
// the same seen from the card that its card was merged into.
func TestWhatTheNinthMealsBecame(t *testing.T) {
	c := openCafe(t)
	c.clock.Advance(2 * day) // Monday
	card := c.newCard()
	sale := c.sell(card, line("plat", 9))
	is := func(when, want string) {
		t.Helper()
		if got := c.story(card); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	is("nine meals", "waiting")
	c.refund(sale.ID, 1, 1)
	is("the ninth refunded on the shelf", "returned")
	c.sell(card, line("plat", 1))
	is("and bought again", "waiting, returned")
	for range 3 {
		c.serve("plat")
	}
	is("served today", "waiting, returned")
	c.clock.Advance(day)
	is("the day after", "served 2026-11-23..2026-11-23, returned")

	later := c.sell(card, line("plat", 9))
	c.serve("plat")
	c.refund(later.ID, 1, 1) // after it was served: the house advances it, and nobody is told
	is("refunded after it was served, today", "waiting, served 2026-11-23..2026-11-23, returned")

	other := c.newCard()
	if _, err := c.MergeCards(ctx(), c.by(), card, other); err != nil {
		t.Fatal(err)
	}
	card, want := other, c.story(other)
	is("after a merge", want)
	if want != "waiting, served 2026-11-23..2026-11-23, returned" {
		t.Errorf("the card it was merged into tells %s", want)
	}
	_, err := c.CardStory(ctx(), "123456789")
	refused(t, err, "card.unreadable")
}

// TestACardIsMadeWithTheMealsOfAReceipt: one command makes the card and stamps it, or does neither.
func TestACardIsMadeWithTheMealsOfAReceipt(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", line("plat", 9))
	by := c.by()
	card, claim, err := c.NewCardFor(ctx(), by, sale.ReceiptCode)
	if err != nil || claim.Stamps != 9 || claim.Released != 1 {
		t.Fatalf("%+v, %+v, %v", card, claim, err)
	}
	if v := c.view(card.Code); v.Stamps != 9 || c.waiting("meal") != 1 {
		t.Errorf("card %+v, %d meals on the shelf", v, c.waiting("meal"))
	}
	again, same, err := c.NewCardFor(ctx(), by, sale.ReceiptCode)
	if err != nil || again != card || same != claim {
		t.Errorf("asked again: %+v, %+v, %v", again, same, err)
	}
	_, _, err = c.NewCardFor(ctx(), c.by(), sale.ReceiptCode)
	refused(t, err, "receipt.stamped")
	_, _, err = c.NewCardFor(ctx(), c.by(), "CBDEFGHIJKLNC")
	refused(t, err, "receipt.unknown")
	late := c.sell("", line("plat", 1))
	c.clock.Advance(31 * day)
	_, _, err = c.NewCardFor(ctx(), c.by(), late.ReceiptCode)
	refused(t, err, "receipt.expired")
	if v, err := c.Receipt(ctx(), late.ReceiptCode); err != nil || v.DaysLeft != 0 || v.Claimable != 0 || v.Meals != 1 {
		t.Errorf("a receipt out of time: %+v, %v", v, err)
	}
	c.verify()
}

// TestAReceiptSaysWhatCanStillBeClaimed counts in meals and days, refunds and stamps taken off.
func TestAReceiptSaysWhatCanStillBeClaimed(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", line("plat", 3), gift("cafe", 1))
	is := func(when string, meals, stamped, claimable, days, refunds int) {
		t.Helper()
		v, err := c.Receipt(ctx(), sale.ReceiptCode)
		if err != nil || v.Meals != meals || v.Stamped != stamped || v.Claimable != claimable || v.DaysLeft != days || len(v.Refunds) != refunds {
			t.Errorf("%s: %d meals, %d stamped, %d claimable, %d days, refunds %v, %v", when, v.Meals, v.Stamped, v.Claimable, v.DaysLeft, v.Refunds, err)
		}
		if v.GiftCode != sale.GiftCode {
			t.Errorf("%s: leads to the gift %q", when, v.GiftCode)
		}
	}
	is("new", 3, 0, 3, 30, 0)
	c.refund(sale.ID, 1, 1)
	is("one refunded", 2, 0, 2, 30, 1)
	c.clock.Advance(29 * day)
	is("the last day", 2, 0, 2, 2, 1)
	c.clock.Advance(day)
	is("its last moment", 2, 0, 2, 1, 1)
	if _, err := c.Claim(ctx(), c.by(), c.newCard(), sale.ReceiptCode); err != nil {
		t.Fatal(err)
	}
	is("claimed", 2, 2, 0, 1, 1)
	c.clock.Advance(time.Minute)
	is("over", 2, 2, 0, 0, 1)
}
