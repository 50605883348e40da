package pos_test

import (
	"fmt"
	"testing"

	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/pos"
)

// everything is a payment in which every part of a checkout happens: an open ticket, a card whose ninth meal falls,
// a gift, a serving from the shelf, a discount, a part paid in cash before, cash with change and a voucher.
func (c *cafe) everything() (tk pos.Ticket, request pos.CheckoutRequest) {
	c.tb.Helper()
	card := c.newCard()
	c.sell(card, line("plat", 8))
	c.sell("", gift("cafe", 1))
	tk = c.ticket(line("plat", 1), line("eau", 2), gift("plat", 1))
	tk, err := c.AttachCard(ctx(), c.by(), tk.ID, card)
	if err != nil {
		c.tb.Fatal(err)
	}
	if tk, err = c.AddLine(ctx(), c.by(), tk.ID, pos.LineRequest{Product: "cafe", Qty: 1, Kind: pos.LineRedemption}); err != nil {
		c.tb.Fatal(err)
	}
	tk = c.discount(tk.ID, 2, percent(25, pos.ReasonQuality))
	tk = c.pay(tk.ID, pos.Cash, 300, 500).Ticket
	return tk, pos.CheckoutRequest{ExpectedTotal: &tk.Total, Tenders: []pos.Tender{
		{Means: pos.MealVoucher, Amount: 1190}, {Means: pos.Cash, Amount: tk.Rest - 1190, Given: 2000}}}
}

// trace is what a checkout leaves: it is compared before and after a failure.
func (c *cafe) trace() string {
	c.tb.Helper()
	var s string
	for _, table := range []string{"journal", "documents", "sales", "sale_lines", "sale_taxes", "sale_tenders", "redemptions", "drawer",
		"stamps", "items", "item_events", "events", "commands", "tickets WHERE state = 'paid'"} {
		var n int
		if err := c.DB().Reader().QueryRow(ctx(), "SELECT count(*) FROM "+table).Scan(&n); err != nil {
			c.tb.Fatal(err)
		}
		s += fmt.Sprintf("%s %d; ", table, n)
	}
	var tickets string
	if err := c.DB().Reader().QueryRow(ctx(), `SELECT coalesce(group_concat(id || state || version || body), '') FROM tickets`).Scan(&tickets); err != nil {
		c.tb.Fatal(err)
	}
	s += tickets + "; "
	seq, hash := c.Journal().Head()
	return s + fmt.Sprintf("head %d %x; meals %d coffees %d", seq, hash, c.waiting("meal"), c.waiting("coffee"))
}

// TestEveryStatementOfACheckoutMayFail makes each statement of one checkout fail in turn: nothing of it remains,
// and the same command then succeeds.
func TestEveryStatementOfACheckoutMayFail(t *testing.T) {
	var fail datatest.FailAt
	c := openCafe(t, func(o *pos.Config) { o.Fault = fail.Fault })
	tk, request := c.everything()
	before := c.trace()
	by := c.by()
	for n := 1; ; n++ {
		fail.Arm(n, "")
		_, err := c.Checkout(ctx(), by, tk.ID, request)
		hit := fail.Hit()
		if hit != nil && hit.Op == "commit" {
			fail.Arm(0, "")
			if fault.CodeOf(err) != "data.unknown" {
				t.Fatalf("a failed commit answers %v, want data.unknown", err)
			}
			if n < 30 {
				t.Errorf("the commit was step %d: too few statements were tried", n)
			}
			return
		}
		fail.Arm(0, "")
		if err == nil {
			t.Fatalf("step %d failed (%v) and the checkout succeeded", n, hit)
		}
		if after := c.trace(); after != before {
			t.Fatalf("step %d (%s) failed and left something:\nbefore %s\nafter  %s", n, hit.SQL, before, after)
		}
	}
}

// TestCase77AFailedCommitIsAllOrNothing makes the commit of a checkout fail: after the restart either all of it is there
// or nothing, and the same command id tells which.
func TestCase77AFailedCommitIsAllOrNothing(t *testing.T) {
	var fail datatest.FailAt
	c := openCafe(t, func(o *pos.Config) { o.Fault = fail.Fault })
	tk, request := c.everything()
	by := c.by()
	fail.Arm(1, "commit")
	_, err := c.Checkout(ctx(), by, tk.ID, request)
	refused(t, err, "data.unknown")
	_, err = c.trySell("", line("cafe", 1))
	refused(t, err, "data.stopped")
	fail.Arm(0, "")
	c.reopen()
	datatest.Audit(t, c.DB())
	r, err := c.Checkout(ctx(), by, tk.ID, request)
	if err != nil || r.Released != 1 || len(r.Redemptions) != 1 {
		t.Fatalf("after the restart: %+v, %v", r, err)
	}
	again, err := c.Checkout(ctx(), by, tk.ID, request)
	if err != nil || again.Number != r.Number {
		t.Errorf("asked again: %+v, %v", again, err)
	}
	c.verify()
}

// TestEveryStatementOnATicketMayFail makes each statement of each change of money on a ticket fail in turn: nothing of
// the change remains. When its commit fails, all of it is there after the restart or nothing, and the same command is done.
func TestEveryStatementOnATicketMayFail(t *testing.T) {
	approved := percent(100, pos.ReasonCommercial)
	approved.Approval = &pos.Approval{Operator: "Marie", PIN: managerPIN}
	for name, change := range map[string]func(c *cafe, by pos.By, tk pos.Ticket) error{
		"discount": func(c *cafe, by pos.By, tk pos.Ticket) error {
			_, err := c.DiscountLine(ctx(), by, tk.ID, 1, approved)
			return err
		},
		"part": func(c *cafe, by pos.By, tk pos.Ticket) error {
			_, err := c.AddPayment(ctx(), by, tk.ID, pos.PaymentRequest{Means: pos.Cash, Amount: 100})
			return err
		},
		"last part": func(c *cafe, by pos.By, tk pos.Ticket) error {
			_, err := c.AddPayment(ctx(), by, tk.ID, pos.PaymentRequest{Means: pos.Card, Amount: tk.Rest})
			return err
		},
		"give cash back": func(c *cafe, by pos.By, tk pos.Ticket) error {
			_, err := c.RemovePayment(ctx(), by, tk.ID, 1, "erreur")
			return err
		},
		"give back": func(c *cafe, by pos.By, tk pos.Ticket) error {
			_, err := c.RemovePayment(ctx(), by, tk.ID, 2, "erreur")
			return err
		},
		"split": func(c *cafe, by pos.By, tk pos.Ticket) error {
			_, err := c.SplitTicket(ctx(), by, tk.ID, []pos.SplitLine{{Line: 1, Qty: 1}})
			return err
		},
		"join": func(c *cafe, by pos.By, tk pos.Ticket) error {
			open, err := c.Tickets(ctx())
			if err != nil {
				return err
			}
			_, err = c.JoinTickets(ctx(), by, open[len(open)-1].ID, tk.ID)
			return err
		},
		"count": func(c *cafe, by pos.By, _ pos.Ticket) error {
			_, err := c.CountDrawer(ctx(), by, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			var fail datatest.FailAt
			c := openCafe(t, func(o *pos.Config) { o.Fault = fail.Fault })
			tk := c.ticket(line("plat", 2), line("cafe", 3))
			c.pay(tk.ID, pos.Cash, 100, 0)
			tk = c.pay(tk.ID, pos.Card, 200, 0).Ticket
			c.ticket(line("eau", 1))
			before, by := c.trace(), c.by()
			for n := 1; ; n++ {
				fail.Arm(n, "")
				err := change(c, by, tk)
				hit := fail.Hit()
				fail.Arm(0, "")
				if hit != nil && hit.Op == "commit" {
					if fault.CodeOf(err) != "data.unknown" || n < 5 {
						t.Fatalf("step %d: a failed commit answers %v, want data.unknown", n, err)
					}
					c.reopen() // all or nothing: the same command tells which
					datatest.Audit(t, c.DB())
					if err := change(c, by, tk); err != nil {
						t.Fatalf("after the restart: %v", err)
					}
					c.verify()
					return
				}
				if err == nil {
					t.Fatalf("step %d failed (%v) and the change succeeded", n, hit)
				}
				if after := c.trace(); after != before {
					t.Fatalf("step %d (%s) failed and left something:\nbefore %s\nafter  %s", n, hit.SQL, before, after)
				}
			}
		})
	}
}
