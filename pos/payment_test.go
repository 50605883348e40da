package pos_test

import (
	"sync"
	"testing"

	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// pay pays a part of a ticket and fails the test on a refusal.
func (c *cafe) pay(ticket string, means pos.Means, amount, given money.Cents) pos.PaymentResult {
	c.tb.Helper()
	r, err := c.AddPayment(ctx(), c.by(), ticket, pos.PaymentRequest{Means: means, Amount: amount, Given: given})
	if err != nil {
		c.tb.Fatalf("pay %d by %s: %v", amount, means, err)
	}
	return r
}

// due is what the drawer should hold now.
func (c *cafe) due() money.Cents {
	c.tb.Helper()
	s, err := c.CurrentShift(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	return s.Expected
}

// TestPartsArePaidUntilTheWholeIs: 22.00 is paid as 8.00 in cash (a note of ten), 5.00 by card, and a note of ten.
func TestPartsArePaidUntilTheWholeIs(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 10))
	float := c.due()
	r := c.pay(tk.ID, pos.Cash, 800, 1000)
	if r.Sale != nil || r.Change != 200 || r.Ticket.Paid != 800 || r.Ticket.Rest != 1400 || len(r.Ticket.Payments) != 1 || c.due() != float+800 {
		t.Fatalf("%+v; drawer %d", r, c.due())
	}
	r = c.pay(tk.ID, pos.Card, 500, 0)
	if r.Ticket.Rest != 900 || c.due() != float+800 {
		t.Errorf("%+v; drawer %d", r, c.due())
	}
	r = c.pay(tk.ID, pos.Cash, 1000, 0)
	if r.Sale == nil || r.Change != 100 || r.Sale.Change != 100 || r.Sale.Total != 2200 || r.Ticket.State != "paid" || r.Ticket.Rest != 0 || c.due() != float+1700 {
		t.Fatalf("%+v; drawer %d", r, c.due())
	}
	b := c.body(r.Sale.Number)
	if len(b.Pay) != 3 || b.Pay[0].Amt != 800 || b.Pay[0].Change != 200 || b.Pay[1].Amt != 500 || b.Pay[2].Amt != 900 || b.Pay[2].Given != 1000 {
		t.Errorf("%+v", b.Pay)
	}
	_, err := c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: pos.Card, Amount: 1})
	refused(t, err, "ticket.closed")
	c.verify()
}

func TestCheckoutPaysTheRest(t *testing.T) {
	c := openCafe(t)
	tk := c.pay(c.ticket(line("cafe", 10)).ID, pos.Cash, 800, 0).Ticket
	_, err := c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.Card, Amount: 2200}}})
	if e := refused(t, err, "tenders.sum"); e.Args["total"] != money.Cents(1400) {
		t.Errorf("%v", e.Args)
	}
	_, err = c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.Card, Amount: 1400, Given: 1500}}})
	if e := refused(t, err, "tenders.change"); e.Fields[0].Name != "tenders[0].given" {
		t.Errorf("%v", e.Fields)
	}
	if r := c.settle(tk); r.Total != 2200 || r.Change != 0 {
		t.Errorf("%+v", r)
	}
}

func TestAPartIsGivenBackWithAReason(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 10))
	float := c.due()
	c.pay(tk.ID, pos.Cash, 800, 1000)
	c.pay(tk.ID, pos.Card, 500, 0)
	_, err := c.RemovePayment(ctx(), c.by(), tk.ID, 1, " ")
	refused(t, err, "reason.missing")
	got, err := c.RemovePayment(ctx(), c.by(), tk.ID, 1, "s'est trompé")
	if err != nil || got.Paid != 500 || c.due() != float {
		t.Fatalf("%+v, %v; drawer %d", got, err, c.due())
	}
	_, err = c.RemovePayment(ctx(), c.by(), tk.ID, 1, "encore")
	refused(t, err, "payment.unknown")
	got, err = c.RemovePayment(ctx(), c.by(), tk.ID, 2, "carte refusée")
	if err != nil || got.Paid != 0 || got.Rest != 2200 {
		t.Fatalf("%+v, %v", got, err)
	}
	n, facts := c.technical("PAYMENT_REMOVED")
	if n != 1 || facts["means"] != "CARD" || facts["amount"] != float64(500) || facts["reason"] != "carte refusée" || facts["ticket"] != tk.ID {
		t.Errorf("%d events, %v", n, facts)
	}
	if next := c.pay(tk.ID, pos.Card, 100, 0); next.Ticket.Payments[0].ID != 3 {
		t.Errorf("an id is used twice: %+v", next.Ticket.Payments)
	}
	c.verify()
}

// TestTheTotalStaysAboveWhatIsPaid: nothing may be taken off, made cheaper, moved away or given up below it.
func TestTheTotalStaysAboveWhatIsPaid(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("plat", 1), line("biere", 1)) // 11.90 and 4.50
	c.pay(tk.ID, pos.MealVoucher, 1000, 0)
	c.pay(tk.ID, pos.Card, 500, 0)
	for name, change := range map[string]func() error{
		"remove": func() error {
			_, err := c.RemoveLine(ctx(), c.by(), tk.ID, 2, pos.RemoveRequest{Reason: "test"})
			return err
		},
		"change": func() error {
			_, err := c.ChangeLine(ctx(), c.by(), tk.ID, 2, pos.LineChange{Qty: new(0), Reason: "test"})
			return err
		},
		"discount": func() error {
			_, err := c.DiscountLine(ctx(), c.by(), tk.ID, 2, percent(50, pos.ReasonQuality))
			return err
		},
		"split": func() error {
			_, err := c.SplitTicket(ctx(), c.by(), tk.ID, []pos.SplitLine{{Line: 2, Qty: 1}})
			return err
		},
	} {
		if e := refused(t, change(), "ticket.overpaid"); e.Args["paid"] != money.Cents(1500) {
			t.Errorf("%s: %v", name, e.Args)
		}
	}
	_, err := c.DropTicket(ctx(), c.by(), tk.ID, "partis")
	refused(t, err, "ticket.part_paid")
	_, err = c.JoinTickets(ctx(), c.by(), tk.ID, c.ticket().ID)
	refused(t, err, "ticket.part_paid")
	if _, err = c.AddLine(ctx(), c.by(), tk.ID, line("biere", 2)); err != nil {
		t.Fatal(err)
	}
	_, err = c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{Reason: "test"}) // 13.50 of beer left: 15.00 is paid
	refused(t, err, "ticket.overpaid")
	if _, err = c.AddLine(ctx(), c.by(), tk.ID, line("biere", 2)); err != nil {
		t.Fatal(err)
	}
	_, err = c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{Reason: "test"}) // enough, and nothing that a voucher pays
	refused(t, err, "voucher.food")
}

func TestVouchersAreHeldOverAllParts(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("plat", 1), line("biere", 1))
	c.pay(tk.ID, pos.MealVoucher, 700, 0)
	_, err := c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: pos.MealVoucher, Amount: 491})
	if e := refused(t, err, "voucher.food"); e.Args["max"] != money.Cents(1190) {
		t.Errorf("%v", e.Args)
	}
	c.pay(tk.ID, pos.MealVoucher, 490, 0)
	_, err = c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.MealVoucher, Amount: 450}}})
	refused(t, err, "voucher.food")
	if r := c.pay(tk.ID, pos.Card, 450, 0); r.Sale == nil {
		t.Errorf("%+v", r)
	}
}

// TestFivePartsAtMost: the fifth pays what is left.
func TestFivePartsAtMost(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 10))
	for range 4 {
		c.pay(tk.ID, pos.Card, 100, 0)
	}
	_, err := c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: pos.Card, Amount: 100})
	refused(t, err, "tenders.many")
	if r := c.pay(tk.ID, pos.Card, 1800, 0); r.Sale == nil {
		t.Errorf("%+v", r)
	}
}

func TestBadPartsAreRefused(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 1))
	for name, x := range map[string]struct {
		r    pos.PaymentRequest
		code string
	}{
		"nothing":          {pos.PaymentRequest{Means: pos.Card}, "tenders.amount"},
		"negative":         {pos.PaymentRequest{Means: pos.Card, Amount: -5}, "tenders.amount"},
		"no means":         {pos.PaymentRequest{Amount: 100}, "tenders.means"},
		"too much by card": {pos.PaymentRequest{Means: pos.Card, Amount: 221}, "payment.beyond"},
		"change by card":   {pos.PaymentRequest{Means: pos.Card, Amount: 100, Given: 200}, "tenders.change"},
		"too little given": {pos.PaymentRequest{Means: pos.Cash, Amount: 200, Given: 100}, "tenders.given"},
		"another total":    {pos.PaymentRequest{Means: pos.Card, Amount: 100, ExpectedTotal: new(money.Cents(219))}, "ticket.stale"},
		"another version":  {pos.PaymentRequest{Means: pos.Card, Amount: 100, Version: new(int64(1))}, "ticket.stale"},
	} {
		if _, err := c.AddPayment(ctx(), c.by(), tk.ID, x.r); fault.CodeOf(err) != x.code {
			t.Errorf("%s: got %v, want %s", name, err, x.code)
		}
	}
	_, err := c.AddPayment(ctx(), c.by(), c.ticket().ID, pos.PaymentRequest{Means: pos.Card, Amount: 1})
	refused(t, err, "ticket.empty")
	if _, err := c.CloseShift(ctx(), c.by(), nil); err != nil {
		t.Fatal(err)
	}
	_, err = c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: pos.Card, Amount: 100})
	refused(t, err, "shift.none")
}

// TestAPartStaysInItsShiftAndTheSaleInItsOwn: the cash of a part is counted with the shift that took it, and is in the
// float of the next, whose drawer the sale does not fill a second time.
func TestAPartStaysInItsShiftAndTheSaleInItsOwn(t *testing.T) {
	c := openCafe(t)
	tk := c.pay(c.ticket(line("cafe", 10)).ID, pos.Cash, 800, 0).Ticket
	closed, err := c.CloseShift(ctx(), c.by(), []pos.Counted{{Value: 10000, Count: 1}, {Value: 200, Count: 4}})
	if err != nil || closed.Expected != 10800 || closed.Difference != 0 {
		t.Fatalf("%+v, %v", closed, err)
	}
	if _, err := c.OpenShift(ctx(), c.by(), 10800); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(day)
	c.settle(tk)
	if c.due() != 10800 {
		t.Errorf("the drawer should hold %d", c.due())
	}
	c.verify()
}

// TestTwoTillsPayingAtOnceNeverOverpay: sixteen parts of 6.00 for a ticket of 22.00, at the same time.
func TestTwoTillsPayingAtOnceNeverOverpay(t *testing.T) {
	for _, means := range []pos.Means{pos.Card, pos.Cash} {
		c := openCafe(t)
		tk := c.ticket(line("cafe", 10))
		float := c.due()
		var wg sync.WaitGroup
		var mu sync.Mutex
		var paid money.Cents
		settled := 0
		for range 16 {
			wg.Go(func() {
				r, err := c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: means, Amount: 600})
				mu.Lock()
				defer mu.Unlock()
				switch code := fault.CodeOf(err); {
				case err == nil:
					paid += 600 - r.Change
					if r.Sale != nil {
						settled++
					}
				case code != "payment.beyond" && code != "ticket.closed":
					t.Errorf("%s: %v", means, err)
				}
			})
		}
		wg.Wait()
		now, err := c.Ticket(ctx(), tk.ID)
		if err != nil || now.Paid > now.Total || now.Paid != paid || now.Rest != now.Total-now.Paid {
			t.Errorf("%s: paid %d, the ticket says %+v, %v", means, paid, now, err)
		}
		if means == pos.Cash && (settled != 1 || c.due() != float+2200) {
			t.Errorf("settled %d times, the drawer has %d", settled, c.due())
		}
		if means == pos.Card && (settled != 0 || paid != 1800) {
			t.Errorf("settled %d times with %d paid", settled, paid)
		}
	}
}

// TestDoctorSeesPartsThatWereTampered: a part that is in the row and was never paid, one that vanished, and cash that
// the drawer does not have.
func TestDoctorSeesPartsThatWereTampered(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("cafe", 10))
	c.pay(tk.ID, pos.Cash, 800, 0)
	c.pay(tk.ID, pos.Card, 200, 0)
	c.reopen()
	for _, edit := range []string{
		"UPDATE tickets SET body = json_set(body, '$.payments[1].amount', 300)",
		"UPDATE tickets SET body = json_set(body, '$.payments[1].means', 'cheque')",
		"UPDATE tickets SET body = json_set(body, '$.payments[0].given', 5000)",
		"UPDATE tickets SET body = json_set(body, '$.payments[0].change', 100)",
		"UPDATE tickets SET body = json_set(body, '$.payments[0].operator', 'MARIE')",
		"UPDATE tickets SET body = json_remove(body, '$.payments[1]')",
		"UPDATE tickets SET state = 'dropped'",
	} {
		if c.damagedCopy("tickets", edit) == 0 {
			t.Errorf("doctor does not see: %s", edit)
		}
	}
}

func TestTheDrawerIsCountedWithoutClosing(t *testing.T) {
	c := openCafe(t)
	count := []pos.Counted{{Value: 5000, Count: 1}, {Value: 2000, Count: 2}}
	got, err := c.CountDrawer(ctx(), c.by(), count)
	if err != nil || got != (pos.DrawerCount{Expected: 10000, Counted: 9000, Difference: -1000}) {
		t.Fatalf("%+v, %v", got, err)
	}
	_, err = c.CountDrawer(ctx(), c.by(), []pos.Counted{{Value: 3, Count: 1}})
	refused(t, err, "count.invalid")
	datatest.Audit(t, c.DB()) // the count is not taken for that of a close
	if s, err := c.CurrentShift(ctx()); err != nil || s.Expected != 10000 || s.ClosedAt != nil {
		t.Errorf("the shift goes on: %+v, %v", s, err)
	}
	if closed, err := c.CloseShift(ctx(), c.by(), nil); err != nil || closed.Difference != -10000 {
		t.Errorf("%+v, %v", closed, err)
	}
	if _, err := c.CountDrawer(ctx(), c.by(), count); fault.CodeOf(err) != "shift.none" {
		t.Errorf("without a shift: %v", err)
	}
	c.verify()
}
