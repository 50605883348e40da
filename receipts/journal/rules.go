package journal

import (
	"fmt"
	"slices"

	"comptoir/data/money"
)

// The rules of one body, checked before commit by Append and again by Verify (fiscal R13). Each function returns
// the first breach in words, "" when there is none.

// checkSale checks what a TICKET (sign 1) or a REFUND (sign -1) says of itself. The tax of a refund needs its
// original: see checkTax.
func checkSale(b *TicketBody, sign int64) string {
	if (sign < 0) != (b.Ref != nil) {
		return "a refund names its ticket, and only a refund does"
	}
	if len(b.Lines) == 0 {
		return "no line"
	}
	for i := range b.Lines {
		if breach := checkLine(&b.Lines[i], i+1, sign); breach != "" {
			return fmt.Sprintf("line %d: %s", i+1, breach)
		}
	}
	if breach := checkSums(b); breach != "" {
		return breach
	}
	return checkPayments(b, sign)
}

func checkLine(l *Line, n int, sign int64) string {
	switch {
	case l.N != n:
		return fmt.Sprintf("n is %d", l.N)
	case l.Qty*sign <= 0:
		return fmt.Sprintf("quantity %d has the wrong sign", l.Qty)
	case int64(l.TTC)*sign < 0 || l.PU < 0 || l.Memo < 0:
		return "an amount has the wrong sign"
	case sign > 0 && l.Disc < 0:
		return "a negative discount"
	case l.TTC != Price(l.PU, l.Qty)-l.Disc:
		return fmt.Sprintf("%d is not %d × %d/1000 − %d", l.TTC, l.PU, l.Qty, l.Disc)
	case l.BP < 0 || l.BP > 10_000:
		return fmt.Sprintf("rate %d", l.BP)
	case l.K != LineSale && l.K != LineGift:
		return fmt.Sprintf("kind %q", l.K)
	case (l.K == LineGift) != (l.Class != ""):
		return "a gift has a class, and only a gift"
	case l.K == LineGift && l.Qty%1000 != 0:
		return "part of a gift"
	case l.Mode != EatIn && l.Mode != Takeaway:
		return fmt.Sprintf("mode %q", l.Mode)
	case l.Nat != Goods && l.Nat != Service:
		return fmt.Sprintf("nature %q", l.Nat)
	case l.Parent < 0 || l.Parent == n:
		return fmt.Sprintf("parent %d", l.Parent)
	case (sign < 0) != (l.RefN > 0):
		return fmt.Sprintf("ref_n %d", l.RefN)
	}
	return ""
}

// checkSums checks that lines, rates and total add up, whatever the rounding.
func checkSums(b *TicketBody) string {
	rates := group(b.Lines)
	ht := make(map[money.BasisPoints]money.Cents, len(rates))
	for _, l := range b.Lines {
		if l.HT+l.VAT != l.TTC {
			return fmt.Sprintf("line %d: %d + %d is not %d", l.N, l.HT, l.VAT, l.TTC)
		}
		ht[l.BP] += l.HT
	}
	if len(rates) != len(b.Rates) {
		return fmt.Sprintf("%d rates, the lines have %d", len(b.Rates), len(rates))
	}
	total := Total{Lines: len(b.Lines)}
	for i, r := range b.Rates {
		if r.BP != rates[i].BP || r.TTC != rates[i].TTC || r.HT != ht[r.BP] || r.HT+r.VAT != r.TTC {
			return fmt.Sprintf("rate %d does not add up its lines", r.BP)
		}
		total.TTC += r.TTC
		total.HT += r.HT
		total.VAT += r.VAT
	}
	if total != b.Total {
		return "the total does not add up the rates"
	}
	return ""
}

func checkPayments(b *TicketBody, sign int64) string {
	due := b.Total.TTC
	for _, t := range b.NonTurnover {
		if !slices.Contains([]string{OtherTip, OtherVouchers, OtherBonds, OtherDeposit, OtherPassThrough}, t.K) {
			return fmt.Sprintf("%q is no kind of money received", t.K)
		}
		due += t.Amt
	}
	for i, p := range b.Pay {
		switch {
		case p.N != i+1:
			return fmt.Sprintf("payment %d: n is %d", i+1, p.N)
		case !isMeans(p.Means):
			return fmt.Sprintf("payment %d: means %q", p.N, p.Means)
		case int64(p.Amt)*sign < 0:
			return fmt.Sprintf("payment %d has the wrong sign", p.N)
		case p.Given-p.Change != p.Amt || p.Change < 0 || p.Change > 0 && p.Means != ByCash:
			return fmt.Sprintf("payment %d: given %d, change %d, amount %d", p.N, p.Given, p.Change, p.Amt)
		}
		due -= p.Amt
	}
	if due != 0 {
		return fmt.Sprintf("payments and total differ by %d", due)
	}
	return ""
}

// checkTax checks the rounding of a ticket, or of a refund given what remained of its original before it.
func checkTax(b *TicketBody, remaining map[money.BasisPoints]money.Cents) string {
	lines := slices.Clone(b.Lines)
	rates, total := Settle(lines)
	if b.Ref != nil {
		rates, total = SettleRefund(lines, remaining)
	}
	if !slices.Equal(rates, b.Rates) || total != b.Total {
		return fmt.Sprintf("tax is not rounded once per rate: want %v", rates)
	}
	for i, l := range lines {
		if l.HT != b.Lines[i].HT {
			return fmt.Sprintf("line %d: HT %d, its share is %d", l.N, b.Lines[i].HT, l.HT)
		}
	}
	return ""
}

func checkNote(b *NoteBody) string {
	var sum money.Cents
	for _, l := range b.Lines {
		sum += l.TTC
	}
	if sum != b.Total {
		return fmt.Sprintf("lines add up to %d, total %d", sum, b.Total)
	}
	if b.Print < 1 {
		return fmt.Sprintf("print %d", b.Print)
	}
	return checkNoteRates(b)
}

// checkNoteRates checks that the rates of a note add up to it and are rounded once each. A note of core 1 has none.
func checkNoteRates(b *NoteBody) string {
	if len(b.Rates) == 0 {
		return ""
	}
	var ttc money.Cents
	for i, r := range b.Rates {
		if i > 0 && r.BP <= b.Rates[i-1].BP || r.HT != r.BP.Net(r.TTC) || r.VAT != r.TTC-r.HT {
			return fmt.Sprintf("rate %d: %d + %d is not %d rounded once", r.BP, r.HT, r.VAT, r.TTC)
		}
		ttc += r.TTC
	}
	if ttc != b.Total {
		return fmt.Sprintf("rates add up to %d, total %d", ttc, b.Total)
	}
	return ""
}

func checkRedeem(b *RedeemBody) string {
	switch {
	case b.Qty != 1 && b.Qty != -1:
		return fmt.Sprintf("quantity %d", b.Qty)
	case (b.Qty < 0) != (b.Ref != nil):
		return "an undo names its redemption, and only an undo does"
	case b.Class == "" || b.Origin == "":
		return "no class or no origin"
	case b.Mode != EatIn && b.Mode != Takeaway:
		return fmt.Sprintf("mode %q", b.Mode)
	case b.Memo < 0:
		return "a negative value"
	}
	return ""
}

func checkRelease(b *ReleaseBody) string {
	if b.Qty != 1 && b.Qty != -1 || b.Class == "" || b.Cause == "" {
		return "a release is one item more or less of a class, with its cause"
	}
	return ""
}

func checkAdjust(b *AdjustBody) string {
	causes := []string{AdjustCollected, AdjustSponsor, AdjustFund, AdjustLapsed, AdjustConverted, AdjustCorrected, AdjustHouse}
	switch {
	case b.Qty == 0 || b.Class == "" || b.Origin == "":
		return "an adjustment is of some items of a class and an origin"
	case !slices.Contains(causes, b.Cause):
		return fmt.Sprintf("cause %q", b.Cause)
	case b.Cause == AdjustCollected && b.Qty > 0:
		return "a collection takes items away"
	case b.Cause == AdjustHouse && (b.Qty < 0 || b.Origin != OriginHouse):
		return "the house gives items of its own"
	}
	return ""
}

func isMeans(m Means) bool {
	return slices.Contains([]Means{ByCash, ByCard, ByMealVoucher, ByCheque, ByTransfer}, m)
}

func checkCash(b *CashBody) string {
	if !slices.Contains([]string{CashFloat, CashIn, CashOut, CashCount}, b.Type) {
		return fmt.Sprintf("type %q", b.Type)
	}
	if b.Difference != b.Counted-b.Expected {
		return fmt.Sprintf("difference %d, counted %d, expected %d", b.Difference, b.Counted, b.Expected)
	}
	return ""
}
