package pos_test

import (
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// train switches training and fails the test on a refusal.
func (c *cafe) train(on bool) pos.TrainingResult {
	c.tb.Helper()
	r, err := c.SetTraining(ctx(), c.byManager(), on)
	if err != nil || r.On != on || c.Training() != on {
		c.tb.Fatalf("training %t: %+v, %v", on, r, err)
	}
	return r
}

// entry returns the newest entry of the journal and what it says.
func (c *cafe) newest(body any) (journal.Entry, journal.Envelope) {
	c.tb.Helper()
	seq, _ := c.Journal().Head()
	e, err := journal.At(ctx(), c.DB().Reader(), seq)
	if err != nil {
		c.tb.Fatal(err)
	}
	if err := e.Decode(body); err != nil {
		c.tb.Fatal(err)
	}
	env, err := e.Envelope()
	if err != nil {
		c.tb.Fatal(err)
	}
	return e, env
}

// TestASaleOfTrainingIsADocumentAndNothingElse is fiscal R66, R68 and R69: the same chain, series X, the mark on paper,
// no code, no stamp, nothing on the shelf, nothing in the drawer, the day unchanged.
func TestASaleOfTrainingIsADocumentAndNothingElse(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	c.sell(card, line("plat", 8))
	before := c.counted(card)
	c.train(true)
	r := c.sell(card, line("plat", 2), gift("cafe", 1))
	if r.Number != "X26-000001" || !r.Training || r.Stamps+r.Released != 0 || r.ReceiptCode+r.ReceiptURL+r.GiftCode+r.GiftURL != "" || r.Total != 2560 {
		t.Errorf("%+v", r)
	}
	var b journal.TicketBody
	e, env := c.newest(&b)
	if !env.Training || e.Kind != journal.KindTicket || b.Total.TTC != 2560 || b.GT.PerpNet != 8*1190 {
		t.Errorf("%+v %+v", env, b)
	}
	paper, err := c.Document(ctx(), r.Number)
	if err != nil || !strings.Contains(strings.Join(paper.Marks, " "), "FACTICE") || paper.ReceiptURL != "" {
		t.Errorf("%+v, %v", paper.Marks, err)
	}
	served := c.serve("cafe")
	if served.Number != "X26-000002" || served.Origin != journal.OriginHouse {
		t.Errorf("%+v", served)
	}
	if r := c.train(false); r.Dropped != 0 {
		t.Errorf("%+v", r)
	}
	if after := c.counted(card); !reflect.DeepEqual(after, before) {
		t.Errorf("after training\n%+v\nbefore\n%+v", after, before)
	}
	if r := c.sell(card, line("plat", 1)); r.Number != "T26-000002" || r.Stamps != 1 || r.Released != 1 {
		t.Errorf("the next real sale: %+v", r)
	}
	c.verify()
}

// TestTrainingNeedsAManagerAndNoOpenOrder is fiscal R67.
func TestTrainingNeedsAManagerAndNoOpenOrder(t *testing.T) {
	c := openCafe(t)
	_, err := c.SetTraining(ctx(), c.by(), true)
	refused(t, err, "training.approval")
	_, err = c.ChangeTraining(ctx(), c.by(), pos.TrainingRequest{On: true, Approval: &pos.Approval{Operator: c.manager.ID, PIN: "1234"}})
	refused(t, err, "approval.wrong")
	tk, err := c.OpenTicket(ctx(), c.by(), pos.TicketRequest{Name: "Table 4"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.SetTraining(ctx(), c.byManager(), true)
	if e := refused(t, err, "training.tickets"); e.Args["tickets"] != 1 || e.Args["names"] != "Table 4" {
		t.Errorf("%+v", e.Args)
	}
	if _, err := c.DropTicket(ctx(), c.by(), tk.ID, ""); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(day)
	r, err := c.ChangeTraining(ctx(), c.by(), pos.TrainingRequest{On: true, Approval: &pos.Approval{Operator: c.manager.ID, PIN: managerPIN}})
	if err != nil || !r.On {
		t.Fatalf("%+v, %v", r, err)
	}
	var b journal.EventBody
	if _, env := c.newest(&b); b.Code != journal.EventTrainingOn || b.Data["by"] != c.manager.Code || env.Op != c.barista.Code || env.Training {
		t.Errorf("%+v %+v", b, env)
	}
	if r, err := c.SetTraining(ctx(), c.byManager(), true); err != nil || !r.On {
		t.Errorf("again: %+v, %v", r, err)
	}
}

// TestOrdersOfTrainingGoWithIt also holds that what was paid of them in parts was in no drawer.
func TestOrdersOfTrainingGoWithIt(t *testing.T) {
	c := openCafe(t)
	c.train(true)
	tk := c.ticket(line("plat", 2))
	if !tk.Training {
		t.Errorf("%+v", tk)
	}
	c.pay(tk.ID, pos.Cash, 500, 0)
	if s, err := c.CurrentShift(ctx()); err != nil || s.Expected != 10000 {
		t.Errorf("%+v, %v", s, err)
	}
	if _, err := c.PrintNote(ctx(), c.by(), tk.ID); err != nil {
		t.Fatal(err)
	}
	if r := c.train(false); r.Dropped != 1 {
		t.Errorf("%+v", r)
	}
	if open, err := c.Tickets(ctx()); err != nil || len(open) != 0 {
		t.Errorf("%+v, %v", open, err)
	}
	total := tk.Total
	_, err := c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.Card, Amount: total}}})
	refused(t, err, "ticket.closed")
}

// TestTrainingEndsWithTheShift holds that a count is always of real money.
func TestTrainingEndsWithTheShift(t *testing.T) {
	c := openCafe(t)
	c.train(true)
	c.ticket(line("plat", 1))
	_, err := c.CountDrawer(ctx(), c.by(), nil)
	refused(t, err, "training.real")
	_, err = c.MoveCash(ctx(), c.by(), pos.CashMove{Amount: -500, Reason: "pain"})
	refused(t, err, "training.real")
	s, err := c.CloseShift(ctx(), c.by(), []pos.Counted{{Value: 10000, Count: 1}})
	if err != nil || s.Difference != 0 || c.Training() {
		t.Errorf("%+v, %v, training %t", s, err, c.Training())
	}
	_, err = c.SetTraining(ctx(), c.byManager(), true)
	refused(t, err, "shift.none")
	c.reopen()
	if c.Training() {
		t.Error("training came back")
	}
}

// TestTrainingDoesNotReachIntoTheNextDay: whatever is tapped first after the cut-off, the orders of training are gone and the
// next sale is real.
func TestTrainingDoesNotReachIntoTheNextDay(t *testing.T) {
	for name, tap := range map[string]func(*cafe, pos.Ticket) error{
		"a note": func(c *cafe, tk pos.Ticket) error { _, err := c.PrintNote(ctx(), c.by(), tk.ID); return err },
		"a payment": func(c *cafe, tk pos.Ticket) error {
			_, err := c.AddPayment(ctx(), c.by(), tk.ID, pos.PaymentRequest{Means: pos.Card, Amount: 100})
			return err
		},
		"a line": func(c *cafe, tk pos.Ticket) error {
			_, err := c.AddLine(ctx(), c.by(), tk.ID, line("cafe", 1))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := openCafe(t)
			c.train(true)
			tk := c.ticket(line("plat", 1))
			c.clock.Advance(day)
			refused(t, tap(c, tk), "ticket.closed")
			if c.Training() {
				t.Error("training goes on")
			}
			if r := c.sell("", line("plat", 1)); r.Number != "T26-000001" || r.Training {
				t.Errorf("%+v", r)
			}
			c.verify()
		})
	}
}

// TestTrainingOutlivesARestart holds that the state is in the database.
func TestTrainingOutlivesARestart(t *testing.T) {
	c := openCafe(t)
	c.train(true)
	tk := c.ticket(line("plat", 1))
	c.reopen()
	if !c.Training() {
		t.Fatal("the till forgot that it is in training")
	}
	if r := c.settle(tk); r.Number != "X26-000001" {
		t.Errorf("%+v", r)
	}
}

// TestRefundsDoNotCrossTraining: a barista learns to refund what was sold in training, and nothing else.
func TestRefundsDoNotCrossTraining(t *testing.T) {
	c := openCafe(t)
	sold := c.sell("", line("plat", 2))
	c.train(true)
	taught := c.sell("", line("plat", 2), line("formule", 1))
	back := func(sale string, n, qty int) (pos.RefundResult, error) {
		return c.Refund(ctx(), c.by(), sale, pos.RefundRequest{Lines: []pos.RefundLine{{Line: n, Qty: qty}}, Tender: pos.Cash, Reason: "exercice"})
	}
	_, err := back(sold.ID, 1, 1)
	refused(t, err, "training.real")
	r, err := back(taught.ID, 1, 1)
	if err != nil || r.Number != "X26-000002" || r.Total != -1190 {
		t.Errorf("%+v, %v", r, err)
	}
	_, err = back(taught.ID, 1, 2)
	refused(t, err, "refund.beyond")
	if r, err := back(taught.ID, 2, 1); err != nil || r.Total != -1400 {
		t.Errorf("the menu of two rates: %+v, %v", r, err)
	}
	s, err := c.Sale(ctx(), "X26-000001")
	if err != nil || !s.Training || len(s.Lines) != 2 || s.Lines[0].RefundedQty != 1 || s.Lines[1].RefundedQty != 1 || s.Lines[1].Total != 1400 {
		t.Errorf("%+v, %v", s, err)
	}
	c.train(false)
	_, err = back(taught.ID, 1, 1)
	refused(t, err, "training.over")
	if shift, err := c.CurrentShift(ctx()); err != nil || shift.Expected != 10000 {
		t.Errorf("the drawer: %+v, %v", shift, err)
	}
	if r, err := back(sold.ID, 1, 1); err != nil || r.Number != "A26-000001" {
		t.Errorf("%+v, %v", r, err)
	}
	c.verify()
}

func TestAServingOfTrainingIsTakenBackOnce(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 1))
	real := c.serve("cafe")
	c.train(true)
	_, err := c.UndoRedemption(ctx(), c.by(), real.Number, "erreur")
	refused(t, err, "training.real")
	r := c.serve("cafe")
	if list, err := c.ServedInShift(ctx()); err != nil || len(list) != 1 || list[0].Number != r.Number {
		t.Errorf("%+v, %v", list, err)
	}
	if u, err := c.UndoRedemption(ctx(), c.by(), r.Number, "erreur"); err != nil || u.Number != "X26-000002" {
		t.Errorf("%+v, %v", u, err)
	}
	_, err = c.UndoRedemption(ctx(), c.by(), r.Number, "erreur")
	refused(t, err, "undo.done")
	c.train(false)
	if list, err := c.ServedInShift(ctx()); err != nil || len(list) != 1 || list[0].Number != real.Number {
		t.Errorf("%+v, %v", list, err)
	}
	c.verify()
}

func TestTheKitchenKnowsNothingOfTraining(t *testing.T) {
	c := openKitchen(t)
	c.train(true)
	tk := c.ticket(line("plat", 1))
	if _, err := c.SendTicket(ctx(), c.by(), tk.ID); err != nil {
		t.Fatal(err)
	}
	if orders, err := c.KitchenOrders(ctx(), nil); err != nil || len(orders) != 0 {
		t.Errorf("%+v, %v", orders, err)
	}
}

// counting is all that adds up what was sold, served and given.
type counting struct {
	Day      pos.Report
	Overview pos.Overview
	Shelf    pos.ShelfView
	Board    pos.BoardView
	Drawer   money.Cents
	Cards    []pos.CardView
	Sales    []pos.Sale
	Found    pos.SalesFound
}

func (c *cafe) counted(cards ...string) counting {
	c.tb.Helper()
	var all counting
	for _, read := range []func() error{
		func() (err error) { all.Day, err = c.Day(ctx(), ""); return err },
		func() (err error) { all.Overview, err = c.Overview(ctx(), pos.SpanDay, ""); return err },
		func() (err error) { all.Shelf, err = c.Shelf(ctx()); return err },
		func() (err error) { all.Board, err = c.Board(ctx()); return err },
		func() (err error) { all.Sales, err = c.Sales(ctx(), "", 1000); return err },
		func() (err error) { all.Found, err = c.FindSales(ctx(), pos.SalesQuery{Limit: 1000}); return err },
		func() error {
			s, err := c.CurrentShift(ctx())
			all.Drawer = s.Expected
			return err
		},
	} {
		if err := read(); err != nil {
			c.tb.Fatal(err)
		}
	}
	for _, card := range cards {
		all.Cards = append(all.Cards, c.view(card))
	}
	return all
}

// TestNothingOfTrainingCounts sells, refunds, gives and serves at random, in training and out of it: whatever happens in
// training, every figure afterwards is the one before, and the till goes on as if it had never been.
func TestNothingOfTrainingCounts(t *testing.T) {
	template := openCafe(t)
	if err := template.Close(); err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		c := template.copy(rt)
		cards := []string{c.newCard(), c.newCard()}
		for range rapid.IntRange(1, 3).Draw(rt, "rounds") {
			c.anything(rt, cards, rapid.IntRange(0, 8).Draw(rt, "real"))
			before := c.counted(cards...)
			c.train(true)
			c.anything(rt, cards, rapid.IntRange(1, 12).Draw(rt, "trained"))
			during := c.counted(cards...)
			c.train(false)
			after := c.counted(cards...)
			if !reflect.DeepEqual(before, during) || !reflect.DeepEqual(before, after) {
				rt.Fatalf("before\n%+v\nduring\n%+v\nafter\n%+v", before, during, after)
			}
		}
		c.verify()
		if bad, err := c.DB().Check(ctx()); err != nil || len(bad) > 0 {
			rt.Fatalf("doctor: %v, %v", bad, err)
		}
	})
	template.open()
}

// anything does so many random commands of the counter. Refusals are part of the day.
func (c *cafe) anything(rt *rapid.T, cards []string, n int) {
	var sales []pos.SaleResult
	var served []string
	for range n {
		card := rapid.SampledFrom(append([]string{""}, cards...)).Draw(rt, "card")
		switch rapid.IntRange(0, 6).Draw(rt, "op") {
		case 0, 1:
			sales = append(sales, c.sell(card, line(rapid.SampledFrom([]string{"plat", "duo", "biere", "formule"}).Draw(rt, "product"), rapid.IntRange(1, 5).Draw(rt, "qty")), line("eau", 1)))
		case 2:
			sales = append(sales, c.sell(card, gift(rapid.SampledFrom([]string{"plat", "cafe"}).Draw(rt, "gift"), rapid.IntRange(1, 3).Draw(rt, "gifts"))))
		case 3:
			served = append(served, c.serve(rapid.SampledFrom([]string{"plat", "cafe"}).Draw(rt, "served")).Number)
		case 4:
			if len(sales) > 0 {
				_, err := c.Refund(ctx(), c.by(), rapid.SampledFrom(sales).Draw(rt, "sale").ID, pos.RefundRequest{
					Lines: []pos.RefundLine{{Line: 1, Qty: rapid.IntRange(1, 2).Draw(rt, "back")}}, Tender: pos.Cash, Reason: "essai"})
				if err != nil && fault.KindOf(err) == fault.Internal {
					rt.Fatal(err)
				}
			}
		case 5:
			if len(served) > 0 {
				_, _ = c.UndoRedemption(ctx(), c.by(), rapid.SampledFrom(served).Draw(rt, "undone"), "essai") // twice is refused
			}
		default:
			tk := c.ticket(line("plat", 2))
			tk = c.pay(tk.ID, pos.Cash, 700, 0).Ticket
			if rapid.Bool().Draw(rt, "noted") {
				if _, err := c.PrintNote(ctx(), c.by(), tk.ID); err != nil {
					rt.Fatal(err)
				}
			}
			sales = append(sales, c.settle(tk))
		}
	}
}
