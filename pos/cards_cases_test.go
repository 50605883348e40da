package pos_test

import (
	"testing"
	"time"

	"comptoir/data/money"
	"comptoir/loyalty"
	"comptoir/pos"
)

// The cases of solidarity.md §2.7 on how a card earns.

// attach puts cards on a ticket, one after the other.
func (c *cafe) attach(ticket string, cards ...string) (tk pos.Ticket) {
	c.tb.Helper()
	for _, card := range cards {
		var err error
		if tk, err = c.AttachCard(ctx(), c.by(), ticket, card); err != nil {
			c.tb.Fatalf("attach: %v", err)
		}
	}
	return tk
}

// settle pays what is left of a ticket by card.
func (c *cafe) settleAll(ticket string) pos.SaleResult {
	c.tb.Helper()
	tk, err := c.Ticket(ctx(), ticket)
	if err != nil {
		c.tb.Fatal(err)
	}
	tenders := []pos.Tender{}
	if tk.Rest > 0 {
		tenders = append(tenders, pos.Tender{Means: pos.Card, Amount: tk.Rest})
	}
	r, err := c.Checkout(ctx(), c.by(), ticket, pos.CheckoutRequest{Tenders: tenders})
	if err != nil {
		c.tb.Fatalf("checkout: %v", err)
	}
	return r
}

// stamps fails the test unless the cards have so many stamps.
func (c *cafe) stamps(what string, cards []string, want ...int) {
	c.tb.Helper()
	for i, card := range cards {
		if got := c.view(card).Stamps; got != want[i] {
			c.tb.Errorf("%s: card %d has %d stamps, want %d", what, i+1, got, want[i])
		}
	}
}

func (c *cafe) choose(change func(*pos.Generosity)) {
	c.tb.Helper()
	g := pos.DefaultSettings().Generosity
	change(&g)
	if _, err := c.SaveGenerosity(ctx(), c.byManager(), g); err != nil {
		c.tb.Fatalf("choose: %v", err)
	}
}

func (c *cafe) claim(card, receipt string) int {
	c.tb.Helper()
	r, err := c.Claim(ctx(), c.by(), card, receipt)
	if err != nil {
		c.tb.Fatalf("claim: %v", err)
	}
	return r.Stamps
}

func TestCase1ASecondScanOfACardChangesNothingOnItsTicket(t *testing.T) {
	c := openCafe(t)
	cards := []string{c.newCard(), c.newCard()}
	tk := c.attach(c.ticket(line("plat", 3)).ID, cards...)
	if again := c.attach(tk.ID, cards...); again.Version != tk.Version || len(again.Cards) != 2 {
		t.Errorf("after the second scans: version %d, cards %+v; want version %d", again.Version, again.Cards, tk.Version)
	}
	if r := c.settleAll(tk.ID); r.Stamps != 3 {
		t.Errorf("%d stamps for three meals", r.Stamps)
	}
	c.stamps("scanned twice", cards, 2, 1)
}

func TestCase2ThreeMealsAreThreeStampsAndTwentySevenReleaseThree(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	if r := c.sell(card, line("plat", 3)); r.Stamps != 3 || r.Released != 0 {
		t.Errorf("three meals: %+v", r)
	}
	if r := c.sell(card, line("plat", 27)); r.Stamps != 27 || r.Released != 3 || c.waiting("meal") != 3 {
		t.Errorf("27 meals: %+v, %d wait", r, c.waiting("meal"))
	}
}

func TestCase3FourCardsOfATableHaveAMealEach(t *testing.T) {
	c := openCafe(t)
	cards := []string{c.newCard(), c.newCard(), c.newCard(), c.newCard()}
	tk := c.attach(c.ticket(line("plat", 4), line("cafe", 4)).ID, cards...)
	if r := c.settleAll(tk.ID); r.Stamps != 4 {
		t.Errorf("%d stamps", r.Stamps)
	}
	c.stamps("each its own", cards, 1, 1, 1, 1)
}

func TestCase3MealsAreSharedOnTheScreenAndTheRestStaysToBeClaimed(t *testing.T) {
	c := openCafe(t)
	cards := []string{c.newCard(), c.newCard(), c.newCard()}
	tk := c.attach(c.ticket(line("plat", 5)).ID, cards[:2]...)
	share := func(card string, units int) pos.Ticket {
		t.Helper()
		tk, err := c.ShareCard(ctx(), c.by(), tk.ID, card, units)
		if err != nil {
			t.Fatalf("share: %v", err)
		}
		return tk
	}
	share(cards[1], 2)
	if got := share(cards[0], 1); got.Cards[0].Units != 1 || got.Cards[1].Units != 2 || got.MealUnits != 5 {
		t.Errorf("shares %+v", got.Cards)
	}
	for units, max := range map[int]int{5: 4, -1: 4} {
		_, err := c.ShareCard(ctx(), c.by(), tk.ID, cards[1], units)
		if e := refused(t, err, "cards.share"); e.Args["max"] != max {
			t.Errorf("%d meals refused with %v, want at most %d", units, e.Args, max)
		}
	}
	_, err := c.ShareCard(ctx(), c.by(), tk.ID, cards[2], 0)
	refused(t, err, "cards.absent")
	r := c.settleAll(tk.ID)
	c.stamps("shared", cards, 1, 2, 0)
	if got := c.claim(cards[2], r.ReceiptCode); got != 2 {
		t.Errorf("%d meals were left to claim, want 2", got)
	}
}

func TestCase3NinthMealsOfTwoCardsReleaseInOneSale(t *testing.T) {
	c := openCafe(t)
	cards := []string{c.newCard(), c.newCard()}
	for _, card := range cards {
		c.sell(card, line("plat", 8))
	}
	tk := c.attach(c.ticket(line("plat", 2)).ID, cards...)
	if r := c.settleAll(tk.ID); r.Stamps != 2 || r.Released != 2 || c.waiting("meal") != 2 {
		t.Errorf("%+v, %d wait", r, c.waiting("meal"))
	}
	c.verify()
}

func TestACardInTheWrongPlaceIsReplacedByTheNextAndTakenOff(t *testing.T) {
	c := openCafe(t)
	a, b, third := c.newCard(), c.newCard(), c.newCard()
	tk := c.attach(c.ticket(line("plat", 1)).ID, a, b)
	if len(tk.Cards) != 1 || tk.Card.Number != c.view(b).Number {
		t.Errorf("one meal, two cards: %+v", tk.Cards)
	}
	tk = c.ticket(line("plat", 2))
	c.attach(tk.ID, a, b, third)
	tk, err := c.ShareCard(ctx(), c.by(), tk.ID, a, 0)
	if err != nil || len(tk.Cards) != 1 || tk.Cards[0].Units != 2 || tk.Cards[0].Number != c.view(third).Number {
		t.Errorf("the first taken off: %+v, %v", tk.Cards, err)
	}
	if tk, err = c.DetachCard(ctx(), c.by(), tk.ID); err != nil || tk.Card != nil || len(tk.Cards) != 0 {
		t.Errorf("all taken off: %+v, %v", tk.Cards, err)
	}
}

func TestCase4ADishPaidByThreeIsOneStamp(t *testing.T) {
	c := openCafe(t)
	first, second := c.newCard(), c.newCard()
	tk := c.attach(c.ticket(line("plat", 1)).ID, first)
	c.pay(tk.ID, pos.Cash, 400, 400)
	c.pay(tk.ID, pos.Card, 400, 0)
	r := c.pay(tk.ID, pos.Card, 390, 0)
	if r.Sale == nil || r.Sale.Stamps != 1 || c.claim(second, r.Sale.ReceiptCode) != 0 {
		t.Errorf("%+v", r.Sale)
	}
	c.stamps("one dish", []string{first, second}, 1, 0)
}

func TestCase5AMealPaidApartIsStampedWhereItIsPaid(t *testing.T) {
	c := openCafe(t)
	cards := []string{c.newCard(), c.newCard()}
	tk := c.attach(c.ticket(line("plat", 2), line("cafe", 1)).ID, cards...)
	apart := c.split(tk.ID, pos.SplitLine{Line: 1, Qty: 1})
	if len(apart.Ticket.Cards) != 1 || apart.Ticket.Card.Number != c.view(cards[1]).Number || len(apart.Rest.Cards) != 1 {
		t.Fatalf("cards apart %+v, left %+v", apart.Ticket.Cards, apart.Rest.Cards)
	}
	c.settleAll(apart.Ticket.ID)
	c.stamps("paid apart", cards, 0, 1)
	c.settleAll(tk.ID)
	c.stamps("paid both", cards, 1, 1)
}

func TestCase6TwoTablesJoinedKeepTheirCards(t *testing.T) {
	c := openCafe(t)
	cards := []string{c.newCard(), c.newCard(), c.newCard()}
	a := c.attach(c.ticket(line("plat", 2)).ID, cards[0])
	b := c.attach(c.ticket(line("plat", 3)).ID, cards[1], cards[2])
	tk, err := c.JoinTickets(ctx(), c.by(), b.ID, a.ID)
	if err != nil || len(tk.Cards) != 3 {
		t.Fatalf("joined: %+v, %v", tk.Cards, err)
	}
	c.settleAll(a.ID)
	c.stamps("joined", cards, 2, 2, 1)
}

func TestCase7NothingIsEarnedByWhoLeaves(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	tk := c.attach(c.ticket(line("plat", 1)).ID, card)
	if _, err := c.DropTicket(ctx(), c.by(), tk.ID, "parti"); err != nil {
		t.Fatal(err)
	}
	c.stamps("left", []string{card}, 0)
}

func TestCase8AndCase12AForgottenCardIsStampedAtTheTillTheSameDayAndLaterByAManager(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	r := c.sell("", line("plat", 2))
	if got, err := c.StampSale(ctx(), c.by(), r.ID, c.view(card).Number); err != nil || got.Stamps != 2 {
		t.Errorf("by its number, the same day: %+v, %v", got, err)
	}
	old := c.sell("", line("plat", 1))
	c.clock.Advance(2 * day)
	found, err := c.FindSales(ctx(), pos.SalesQuery{Text: "11,90", From: old0(c, old.ID), To: c.DB().Today()})
	if err != nil || len(found.Sales) != 1 {
		t.Fatalf("found by its amount: %+v, %v", found, err)
	}
	_, err = c.StampSale(ctx(), c.by(), old.ID, card)
	refused(t, err, "stamp.later")
	if got, err := c.StampSale(ctx(), c.byManager(), found.Sales[0].ID, card); err != nil || got.Stamps != 1 {
		t.Errorf("by a manager: %+v, %v", got, err)
	}
}

func old0(c *cafe, sale string) string {
	s, err := c.Sale(ctx(), sale)
	if err != nil {
		c.tb.Fatal(err)
	}
	return s.Day
}

func TestCase9AndCase21AReceiptIsClaimedForAsLongAsTheCafeSays(t *testing.T) {
	c := openCafe(t)
	c.choose(func(g *pos.Generosity) { g.ClaimDays = 10 })
	card := c.newCard()
	inTime, late := c.sell("", line("plat", 1)), c.sell("", line("plat", 1)) // ordered away too: whoever has the code claims
	c.clock.Advance(9 * day)
	if got := c.claim(card, inTime.ReceiptCode); got != 1 {
		t.Errorf("in time: %d stamps", got)
	}
	v, err := c.Receipt(ctx(), late.ReceiptCode)
	if err != nil || v.ClaimDays != 10 || v.DaysLeft != 2 {
		t.Errorf("the receipt says %d of %d days, %v", v.DaysLeft, v.ClaimDays, err)
	}
	c.clock.Advance(2 * day)
	_, err = c.Claim(ctx(), c.by(), card, late.ReceiptCode)
	if e := refused(t, err, "receipt.expired"); e.Args["days"] != 10 {
		t.Errorf("refused with %v", e.Args)
	}
}

func TestCase10ADuplicateOfAReceiptIsNoOtherStamp(t *testing.T) {
	c := openCafe(t)
	a, b := c.newCard(), c.newCard()
	r := c.sell("", line("plat", 1))
	for range 2 {
		if _, err := c.PrintDocument(ctx(), c.by(), r.Number, pos.PrintRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	if first, second := c.claim(a, r.ReceiptCode), c.claim(b, r.ReceiptCode); first != 1 || second != 0 {
		t.Errorf("claimed %d and %d", first, second)
	}
}

func TestCase11AndT7ReceiptsThatWereFoundAreStampedAndPointedOut(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	for range 13 {
		c.claim(card, c.sell("", line("plat", 1)).ReceiptCode)
	}
	c.stamps("nothing is refused", []string{card}, 13)
	today := c.DB().Today()
	flags, err := loyalty.Flags(ctx(), c.DB().Reader(), today, today)
	if err != nil || len(flags) != 2 || flags[0].Count != 13 || flags[0].Card != c.view(card).Number {
		t.Errorf("flags %+v, %v; want many claims and many units of one card", flags, err)
	}
}

func TestT5AGroupOnOneCardIsStampedWholeAndPointedOut(t *testing.T) {
	c := openCafe(t)
	card, quiet := c.newCard(), c.newCard()
	c.sell(card, line("plat", 13))
	c.sell(quiet, line("plat", 12))
	today := c.DB().Today()
	flags, err := loyalty.Flags(ctx(), c.DB().Reader(), today, today)
	if err != nil || len(flags) != 1 || flags[0].Kind != loyalty.ManyUnits || flags[0].Count != 13 {
		t.Errorf("flags %+v, %v", flags, err)
	}
}

func TestCasesThatEarnAndCasesThatDoNot(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	discounted := func(d pos.DiscountRequest) pos.SaleResult {
		t.Helper()
		tk := c.attach(c.ticket(line("plat", 1)).ID, card)
		if _, err := c.DiscountLine(ctx(), c.byManager(), tk.ID, 1, d); err != nil {
			t.Fatal(err)
		}
		return c.settleAll(tk.ID)
	}
	by := func(means pos.Means, amount money.Cents, lines ...pos.LineRequest) pos.SaleResult {
		t.Helper()
		r, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: pos.EatIn, Lines: lines, Card: card, Tenders: []pos.Tender{{Means: means, Amount: amount}}})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, x := range []struct {
		name string
		sell func() pos.SaleResult
		want int
	}{
		{"case 13 a fifth off", func() pos.SaleResult { return discounted(percent(20, pos.ReasonQuality)) }, 1},
		{"case 13 offered whole", func() pos.SaleResult { return discounted(percent(100, pos.ReasonQuality)) }, 0},
		{"case 13 a meal of the staff", func() pos.SaleResult { return discounted(percent(50, pos.ReasonStaffMeal)) }, 0},
		{"case 16 by meal voucher", func() pos.SaleResult { return by(pos.MealVoucher, 1190, line("plat", 1)) }, 1},
		{"case 17 a gift", func() pos.SaleResult { return c.sell(card, gift("plat", 2)) }, 0},
		{"case 22 what is free", func() pos.SaleResult { return c.sell(card, line("offert", 1), line("cafe", 2)) }, 0},
		{"case 23 a menu for two", func() pos.SaleResult { return c.sell(card, line("duo", 1)) }, 2},
		{"case 24 on account, when it is settled", func() pos.SaleResult {
			tk := c.attach(c.ticket(line("plat", 2)).ID, card)
			c.clock.Advance(20 * time.Minute)
			return c.settleAll(tk.ID)
		}, 2},
		{"case 28 two euros off are still a paid meal", func() pos.SaleResult { return discounted(pos.DiscountRequest{Amount: 200, Reason: pos.ReasonQuality}) }, 1},
	} {
		t.Run(x.name, func(t *testing.T) {
			before := c.view(card).Stamps
			if r := x.sell(); r.Stamps != x.want || c.view(card).Stamps != before+x.want {
				t.Errorf("%d stamps, want %d", r.Stamps, x.want)
			}
		})
	}
}

func TestCase14AMealRefundedAfterTheDayIsNoLongerPaid(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	r := c.sell(card, line("plat", 1))
	c.closeDay()
	c.clock.Advance(day)
	if a := c.refund(r.ID, 1, 1); a.StampsReversed != 1 {
		t.Errorf("%+v", a)
	}
	c.stamps("corrected", []string{card}, 0)
}

func TestCase17AGiftStampsItsGiverWhereTheCafeSaysSo(t *testing.T) {
	c := openCafe(t)
	c.choose(func(g *pos.Generosity) { g.GiftsStamp = true })
	card := c.newCard()
	r := c.sell(card, gift("plat", 2), gift("cafe", 1))
	if r.Stamps != 2 {
		t.Fatalf("%d stamps for two meals given", r.Stamps)
	}
	a, err := c.Refund(ctx(), c.byManager(), r.ID, pos.RefundRequest{Lines: []pos.RefundLine{{Line: 1, Qty: 1}}, Tender: pos.Card, Reason: "erreur", Proof: r.GiftCode})
	if err != nil || a.StampsReversed != 1 {
		t.Errorf("%+v, %v", a, err)
	}
	c.stamps("one of two refunded", []string{card}, 1)
}

func TestCase19AGuestWhoAlsoPaysADessertHasNoStampForWhatWasServed(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("plat", 1))
	card := c.newCard()
	if r := c.sell(card, pos.LineRequest{Product: "plat", Qty: 1, Kind: pos.LineRedemption}, line("eau", 1)); r.Stamps != 0 || r.Total != 200 {
		t.Errorf("%+v", r)
	}
}

func TestCase31AnyEarlierMealRefundedIsTheSame(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	var third string
	for i := range 9 {
		if r := c.sell(card, line("plat", 1)); i == 2 {
			third = r.ID
		}
	}
	if r := c.refund(third, 1, 1); r.StampsReversed != 1 || r.ItemsRetracted != 1 || c.view(card).Filled != 8 {
		t.Errorf("%+v, %+v", r, c.view(card))
	}
}

func TestCase34ARefundTakesTheStampOfEachCardFromThatCard(t *testing.T) {
	c := openCafe(t)
	cards := []string{c.newCard(), c.newCard()}
	tk := c.attach(c.ticket(line("plat", 2)).ID, cards...)
	r := c.settleAll(tk.ID)
	c.refund(r.ID, 1, 1) // the highest unit goes first: the second card's
	c.stamps("one refunded", cards, 1, 0)
	if a := c.refund(r.ID, 1, 1); a.StampsReversed != 1 {
		t.Errorf("%+v", a)
	}
	c.stamps("both refunded", cards, 0, 0)
}

func TestT8ACopyOfACardAddsToItAndReadsACount(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	by := c.by()
	request := pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{line("plat", 1)}, Card: card, Tenders: []pos.Tender{{Means: pos.Card, Amount: 1190}}}
	for range 2 {
		if _, err := c.Sell(ctx(), by, request); err != nil {
			t.Fatal(err)
		}
	}
	c.stamps("replayed", []string{card}, 1)
}
