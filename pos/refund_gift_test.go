package pos_test

import (
	"fmt"
	"slices"
	"testing"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
)

// giveBack asks for a refund of a line, as somebody, with what they have in hand.
func (c *cafe) giveBack(by pos.By, sale string, lineID, qty int, proof string, approval *pos.Approval) (pos.RefundResult, error) {
	return c.Refund(ctx(), by, sale, pos.RefundRequest{Lines: []pos.RefundLine{{Line: lineID, Qty: qty}}, Tender: pos.Card, Reason: "regret", Proof: proof, Approval: approval})
}

func TestCase35AGiftThatWaitsIsRefundedWithItsProof(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", gift("cafe", 2))
	c.clock.Advance(3 * day)                                                                          // the proof has no date: the gift waits
	for _, proof := range []string{sale.GiftURL, " " + sale.GiftCode[:4] + " " + sale.GiftCode[4:]} { // scanned, and typed
		r, err := c.giveBack(c.by(), sale.ID, 1, 1, proof, nil)
		if err != nil || r.ItemsRetracted != 1 || r.Total != -180 {
			t.Errorf("%q: %+v, %v", proof, r, err)
		}
	}
	if c.waiting("coffee") != 0 {
		t.Errorf("%d coffees left", c.waiting("coffee"))
	}
	c.verify()
}

func TestCase36WithoutAProofAManagerOnTheSameDay(t *testing.T) {
	c := openCafe(t)
	other := c.sell("", gift("cafe", 1))
	sale := c.sell("", gift("cafe", 4))
	for name, proof := range map[string]string{"none": "", "of another gift": other.GiftCode, "the receipt's": sale.ReceiptCode, "no code": "12345"} {
		_, err := c.giveBack(c.by(), sale.ID, 1, 1, proof, nil)
		e := refused(t, err, "gift.proof")
		want := "wrong"
		if proof == "" {
			want = "required"
		}
		if e.Kind != fault.Denied || len(e.Fields) != 1 || e.Fields[0].Name != "proof" || e.Fields[0].Code != want {
			t.Errorf("%s: %v %+v", name, e.Kind, e.Fields)
		}
	}
	if _, err := c.giveBack(c.byManager(), sale.ID, 1, 1, "", nil); err != nil {
		t.Errorf("a manager: %v", err)
	}
	_, err := c.giveBack(c.by(), sale.ID, 1, 1, "", &pos.Approval{Operator: "Marie", PIN: "0000"})
	refused(t, err, "approval.wrong")
	c.clock.Advance(2e9)
	_, err = c.giveBack(c.by(), sale.ID, 1, 1, "", &pos.Approval{Operator: "Awa", PIN: "1111"})
	refused(t, err, "approval.wrong")
	approved, err := c.giveBack(c.by(), sale.ID, 1, 1, "", &pos.Approval{Operator: "Marie", PIN: managerPIN})
	if err != nil {
		t.Fatalf("with the PIN of a manager: %v", err)
	}
	if got := c.body(approved.Number).Auth; got != c.manager.Code {
		t.Errorf("the refund is approved by %q, want %q", got, c.manager.Code)
	}
	c.clock.Advance(day)
	for name, by := range map[string]pos.By{"a manager, the day after": c.byManager(), "a barista, with the PIN of one": c.by()} {
		_, err := c.giveBack(by, sale.ID, 1, 1, "", &pos.Approval{Operator: "Marie", PIN: managerPIN})
		if fault.CodeOf(err) != "gift.proof" {
			t.Errorf("%s: %v, want gift.proof", name, err)
		}
	}
	c.verify()
}

func TestCase37AGiftThatWasServedOrPromisedIsNotRefunded(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", gift("cafe", 1))
	c.serve("cafe")
	for name, by := range map[string]pos.By{"with the proof": c.by(), "by a manager": c.byManager()} {
		_, err := c.giveBack(by, sale.ID, 1, 1, sale.GiftCode, nil)
		if fault.CodeOf(err) != "gift.served" {
			t.Errorf("%s: %v, want gift.served", name, err)
		}
	}
}

func TestCase38OfFiveGiftsOneServedFourGoBack(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", gift("cafe", 5))
	c.serve("cafe")
	_, err := c.giveBack(c.by(), sale.ID, 1, 5, sale.GiftCode, nil)
	refused(t, err, "gift.served")
	if r := c.refund(sale.ID, 1, 4); r.ItemsRetracted != 4 || r.Total != -720 {
		t.Errorf("%+v", r)
	}
	if c.waiting("coffee") != 0 {
		t.Errorf("%d coffees left", c.waiting("coffee"))
	}
	c.verify()
}

func TestCase39EachLineOfAMixedSaleGoesBackByItsOwnRule(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	sale := c.sell(card, line("plat", 2), gift("cafe", 2))
	if r, err := c.giveBack(c.by(), sale.ID, 1, 1, "", nil); err != nil || r.StampsReversed != 1 || r.ItemsRetracted != 0 {
		t.Errorf("the meal alone needs no proof: %+v, %v", r, err)
	}
	both := pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}, {Line: 2, Qty: 1}}, Tender: pos.Card, Reason: "regret"}
	_, err := c.Refund(ctx(), c.by(), sale.ID, both)
	refused(t, err, "gift.proof")
	c.serve("cafe")
	both.Lines[1].Qty, both.Proof = 2, sale.GiftCode
	_, err = c.Refund(ctx(), c.by(), sale.ID, both) // one of the two was served: the whole refund is refused, nothing of it done
	refused(t, err, "gift.served")
	if s := c.view(card).Stamps; s != 1 {
		t.Errorf("%d stamps after a refund that was refused, want 1", s)
	}
	both.Lines[1].Qty = 1
	if r, err := c.Refund(ctx(), c.by(), sale.ID, both); err != nil || r.StampsReversed != 1 || r.ItemsRetracted != 1 || r.Total != -1370 {
		t.Errorf("%+v, %v", r, err)
	}
	c.verify()
}

// TestT3GiftRefundsAreCountedForEverybody: whoever gives gifts back is named on the closing, and their number is public.
func TestT3GiftRefundsAreCountedForEverybody(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", line("plat", 1), gift("cafe", 3), gift("plat", 1))
	c.refund(sale.ID, 1, 1) // no gift
	first := c.refund(sale.ID, 2, 2)
	today := c.DB().Today()
	c.clock.Advance(day)
	second := c.refund(sale.ID, 3, 1)
	all, err := pos.GiftRefunds(ctx(), c.DB().Reader(), today, c.DB().Today())
	want := []pos.GiftRefund{{Day: today, Number: first.Number, Operator: c.barista.Code, Class: "coffee", Qty: 2},
		{Day: c.DB().Today(), Number: second.Number, Operator: c.barista.Code, Class: "meal", Qty: 1}}
	if err != nil || !slices.Equal(all, want) {
		t.Errorf("%+v, %v, want %+v", all, err, want)
	}
}

// TestT3ThePINOfAnApprovalIsStoredNowhere: the same refund sent twice is one, whatever PIN came with it the second time.
func TestT3ThePINOfAnApprovalIsStoredNowhere(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", gift("cafe", 2))
	command := func(pin string) pos.By {
		return pos.By{Operator: c.barista, Command: data.NewCommand("once", fmt.Append(nil, pin))}
	}
	first, err := c.giveBack(command(managerPIN), sale.ID, 1, 1, "", &pos.Approval{Operator: "Marie", PIN: managerPIN})
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.giveBack(command("0000"), sale.ID, 1, 1, "", &pos.Approval{Operator: "Marie", PIN: "0000"})
	if err != nil || again.Number != first.Number {
		t.Errorf("%+v, %v, want the refund %s again", again, err, first.Number)
	}
	_, err = c.giveBack(command(managerPIN), sale.ID, 1, 2, "", &pos.Approval{Operator: "Marie", PIN: managerPIN})
	refused(t, err, "command.reused")
}
