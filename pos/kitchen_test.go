package pos_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/pos"
)

// openKitchen is a café whose bar and kitchen each have a screen.
func openKitchen(t *testing.T, configure ...func(*pos.Config)) *cafe {
	t.Helper()
	c := stationCafe(t, configure...)
	if err := c.WatchStations(ctx(), c.by(), []string{"bar", "cuisine"}); err != nil {
		t.Fatalf("watch: %v", err)
	}
	return c
}

// stationCafe says where each product is made; nobody watches yet. What is not named is handed over at the counter.
func stationCafe(t *testing.T, configure ...func(*pos.Config)) *cafe {
	t.Helper()
	c := openCafe(t, configure...)
	m, err := c.Menu(ctx())
	if err != nil {
		t.Fatal(err)
	}
	stations := map[string]string{"cafe": "bar", "creme": "bar", "biere": "Bar", "plat": "Cuisine", "duo": "Cuisine", "formule": "Cuisine"}
	for _, p := range m.Products {
		p.Station = stations[p.ID]
		if _, err := c.SaveProduct(ctx(), c.byManager(), p); err != nil {
			t.Fatalf("save %s: %v", p.Name, err)
		}
	}
	return c
}

// kitchen writes what waits at these stations, one order after another: "1 eat_in: 2 Plat; ~3~1 Café +".
func (c *cafe) kitchen(stations ...string) string {
	c.tb.Helper()
	all, err := c.KitchenOrders(ctx(), stations)
	if err != nil {
		c.tb.Fatalf("kitchen orders: %v", err)
	}
	orders := make([]string, len(all))
	for i, o := range all {
		orders[i] = written(o)
	}
	return strings.Join(orders, " | ")
}

func written(o pos.KitchenOrder) string {
	lines := make([]string, len(o.Lines))
	for i, l := range o.Lines {
		s := fmt.Sprintf("%d %s", l.Qty, l.Name)
		if l.Was > 0 {
			s = fmt.Sprintf("~%d~", l.Was) + s
		}
		for _, extra := range append(slices.Clone(l.Options), l.Note) {
			if extra != "" {
				s += ", " + extra
			}
		}
		if l.Added {
			s += " +"
		}
		if !l.Done.IsZero() {
			s += " ✓"
		}
		if l.Renoted {
			s += " !"
		}
		lines[i] = s
	}
	return fmt.Sprintf("%d %s%s: %s", o.No, o.Name, o.Mode, strings.Join(lines, "; "))
}

// first is the oldest order that waits.
func (c *cafe) first() pos.KitchenOrder {
	c.tb.Helper()
	all, err := c.KitchenOrders(ctx(), nil)
	if err != nil || len(all) == 0 {
		c.tb.Fatalf("no order in the kitchen: %v", err)
	}
	return all[0]
}

func (c *cafe) shows(want string, stations ...string) {
	c.tb.Helper()
	if got := c.kitchen(stations...); got != want {
		c.tb.Errorf("the kitchen shows\n  %s\nwant\n  %s", got, want)
	}
}

// late names the orders that alarm the till.
func (c *cafe) late() []int {
	c.tb.Helper()
	a, err := c.LateKitchen(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	nos := []int{}
	for _, o := range a.Late {
		nos = append(nos, o.No)
	}
	return nos
}

func (c *cafe) send(tk pos.Ticket) {
	c.tb.Helper()
	if _, err := c.SendTicket(ctx(), c.by(), tk.ID); err != nil {
		c.tb.Fatalf("send: %v", err)
	}
}

func (c *cafe) takeOff(tk pos.Ticket, line, qty int) {
	c.tb.Helper()
	if _, err := c.RemoveLine(ctx(), c.by(), tk.ID, line, pos.RemoveRequest{Qty: &qty, Reason: "erreur"}); err != nil {
		c.tb.Fatalf("take off: %v", err)
	}
}

// tapLine taps a line as the screen shows it now.
func (c *cafe) tapLine(o pos.KitchenOrder, n int, done bool) pos.KitchenChange {
	c.tb.Helper()
	r, err := c.DoneKitchenLine(ctx(), c.by(), nil, o.ID, n, o.Rev, done)
	if err != nil {
		c.tb.Fatalf("tap line %d: %v", n, err)
	}
	return r
}

func (c *cafe) ready(o pos.KitchenOrder, stations ...string) pos.KitchenChange {
	c.tb.Helper()
	r, err := c.DoneKitchenOrder(ctx(), c.by(), stations, o.ID, o.Rev)
	if err != nil {
		c.tb.Fatalf("ready: %v", err)
	}
	return r
}

func TestWithoutAScreenTheKitchenHasNoRowAndNoAlarm(t *testing.T) {
	c := stationCafe(t)
	c.sell("", line("plat", 1))
	c.serve("cafe")
	tk := c.ticket(line("plat", 1))
	c.send(tk)
	c.clock.Advance(time.Minute)
	var rows int
	if err := c.DB().Reader().QueryRow(ctx(), `SELECT count(*) FROM kitchen_orders`).Scan(&rows); err != nil || rows != 0 {
		t.Errorf("%d rows, %v", rows, err)
	}
	if late := c.late(); len(late) != 0 {
		t.Errorf("late %v", late)
	}
	if err := c.WatchStations(ctx(), c.by(), []string{"cuisine"}); err != nil {
		t.Fatal(err)
	}
	c.shows("1 eat_in: 1 Plat") // sent, and still open: better told twice than missed
}

func TestWhatIsSentOrPaidUnsentOrServedGoesToItsStations(t *testing.T) {
	c := openKitchen(t)
	tk := c.ticket(line("plat", 2), line("eau", 1), line("cafe", 1), gift("cafe", 1))
	c.shows("")
	c.send(tk)
	c.shows("1 eat_in: 2 Plat; 1 Café")
	c.shows("1 eat_in: 1 Café", "bar")
	c.send(tk)
	c.shows("1 eat_in: 2 Plat; 1 Café")
	c.sell("", pos.LineRequest{Product: "creme", Qty: 1, Options: []string{"lait/avoine"}, Note: "tiède 🙂"})
	c.serve("plat")
	c.sell("", line("eau", 1))
	c.sell("", gift("cafe", 1))
	c.shows("1 eat_in: 2 Plat; 1 Café | 2 eat_in: 1 Crème, avoine, tiède 🙂 | 3 eat_in: 1 Plat")
	next := c.ticket(line("biere", 1))
	if next.No != 4 {
		t.Errorf("the next ticket is number %d, want 4: one series for all", next.No)
	}
	c.reopen()
	c.serve("cafe")
	c.shows("1 eat_in: 1 Café | 2 eat_in: 1 Crème, avoine, tiède 🙂 | 5 eat_in: 1 Café", "bar")
}

func TestAnAdditionJoinsTheOrderThatIsOnTheScreen(t *testing.T) {
	c := openKitchen(t)
	tk := c.ticket(line("plat", 1))
	c.send(tk)
	c.addTo(tk, line("plat", 1), line("cafe", 1))
	c.send(tk)
	c.shows("1 eat_in: 1 Plat; 1 Plat +; 1 Café +")
	more := 3
	if _, err := c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Qty: &more}); err != nil {
		t.Fatal(err)
	}
	c.payTicket(tk.ID) // what was not sent goes when it is paid
	c.shows("1 eat_in: 1 Plat; 1 Plat +; 1 Café +; 2 Plat +")
	c.ready(c.first())
	c.shows("")

	again := c.ticket(line("plat", 1))
	c.send(again)
	c.ready(c.first())
	c.addTo(again, line("cafe", 1))
	c.send(again)
	c.shows("2 eat_in: 1 Café") // its card is gone: a new one, of the same number
}

func TestWhatIsTakenOffIsStruckUntilItIsNoted(t *testing.T) {
	c := openKitchen(t)
	tk := c.ticket(line("plat", 3), line("cafe", 1))
	c.send(tk)
	before := c.first()
	c.takeOff(tk, 1, 1)
	c.takeOff(tk, 1, 1)
	c.takeOff(tk, 2, 1)
	c.shows("1 eat_in: ~3~1 Plat; ~1~0 Café")
	c.tapLine(before, 1, true) // the cook had not read it yet
	c.tapLine(before, 2, true)
	c.shows("1 eat_in: ~3~1 Plat; ~1~0 Café")
	now := c.first()
	c.tapLine(now, 1, true)
	c.tapLine(now, 2, true)
	c.shows("1 eat_in: 1 Plat; 0 Café ✓")
	c.tapLine(c.first(), 1, true)
	c.shows("")
	if _, err := c.DropTicket(ctx(), c.by(), tk.ID, "parti"); err != nil {
		t.Fatal(err)
	}
	c.shows("") // it is made, and gone: there is nobody to tell

	dropped := c.ticket(line("plat", 1), line("cafe", 2))
	c.send(dropped)
	c.tapLine(c.first(), 1, true)
	if _, err := c.DropTicket(ctx(), c.by(), dropped.ID, "parti"); err != nil {
		t.Fatal(err)
	}
	c.shows("2 eat_in: ~1~0 Plat ✓; ~2~0 Café")
	if r := c.ready(c.first()); !r.Left || r.No != 2 {
		t.Errorf("ready: %+v", r)
	}
	c.shows("")
}

func TestANoteANameAndAModeFollowTheTicket(t *testing.T) {
	c := openKitchen(t)
	tk := c.ticket(line("plat", 1))
	c.send(tk)
	note, name, mode := "sans oignon", "Léa", pos.Takeaway
	if _, err := c.ChangeLine(ctx(), c.by(), tk.ID, 1, pos.LineChange{Note: &note}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ChangeTicket(ctx(), c.by(), tk.ID, pos.TicketChange{Name: &name, Mode: &mode}); err != nil {
		t.Fatal(err)
	}
	c.shows("1 Léatakeaway: 1 Plat, sans oignon !")
	c.tapLine(c.first(), 1, true)
	c.shows("1 Léatakeaway: 1 Plat, sans oignon")
}

func TestAReadyOrderCanBeCalledBack(t *testing.T) {
	c := openKitchen(t)
	tk := c.ticket(line("plat", 1), line("cafe", 2))
	c.send(tk)
	o := c.first()
	c.tapLine(o, 2, true)
	c.tapLine(o, 2, false)
	c.tapLine(o, 2, true)
	c.shows("1 eat_in: 1 Plat; 2 Café ✓")
	c.shows("", "bar")
	c.clock.Advance(time.Minute)
	if r := c.ready(o, "cuisine"); !r.Left {
		t.Errorf("ready: %+v", r)
	}
	done, err := c.KitchenDone(ctx(), nil)
	if err != nil || len(done) != 1 || done[0].ID != o.ID {
		t.Fatalf("done %v, %v", done, err)
	}
	for range 2 { // two cooks
		if _, err := c.RecallKitchen(ctx(), c.by(), nil, o.ID); err != nil {
			t.Fatal(err)
		}
	}
	c.shows("1 eat_in: 1 Plat; 2 Café ✓") // only what was done last
	if late := c.late(); len(late) != 0 {
		t.Errorf("what was called back alarms: %v", late)
	}
	_, err = c.RecallKitchen(ctx(), c.by(), nil, "none")
	refused(t, err, "kitchen.unknown")
}

func TestTheLastTwentyOfTheDayCanBeCalledBack(t *testing.T) {
	c := openKitchen(t)
	for range 23 {
		c.sell("", line("plat", 1))
		c.clock.Advance(time.Second)
		c.ready(c.first())
	}
	done, err := c.KitchenDone(ctx(), []string{"cuisine"})
	if err != nil || len(done) != 20 || done[0].No != 23 || done[19].No != 4 {
		t.Errorf("%d orders from %d, %v", len(done), done[0].No, err)
	}
	c.clock.Advance(day)
	c.sell("", line("plat", 1))
	if done, err = c.KitchenDone(ctx(), nil); err != nil || len(done) != 0 {
		t.Errorf("the next day: %v, %v", done, err)
	}
	var rows int
	if err := c.DB().Reader().QueryRow(ctx(), `SELECT count(*) FROM kitchen_orders`).Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows, %v: earlier days are pruned", rows, err)
	}
	c.shows("1 eat_in: 1 Plat")
}

func TestAnOrderThatNoScreenHasShownAlarmsAfterTwentySeconds(t *testing.T) {
	c := openKitchen(t)
	tk := c.ticket(line("plat", 1), line("cafe", 1))
	c.send(tk)
	a, err := c.LateKitchen(ctx())
	if err != nil || len(a.Late) != 0 || a.Next != 20*time.Second {
		t.Fatalf("at once: %+v, %v", a, err)
	}
	o := c.first()
	if err := c.AckKitchen(ctx(), c.by(), []string{"bar"}, []pos.KitchenSeen{{Order: o.ID, Rev: o.Rev}}); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(20 * time.Second)
	a, err = c.LateKitchen(ctx())
	if err != nil || len(a.Late) != 1 || len(a.Late[0].Lines) != 1 || a.Late[0].Lines[0].Name != "Plat" || a.Next != 0 {
		t.Fatalf("after 20 s: %+v, %v", a, err)
	}
	if err := c.AckKitchen(ctx(), c.by(), nil, []pos.KitchenSeen{{Order: o.ID, Rev: o.Rev}, {Order: "none", Rev: 9}}); err != nil {
		t.Fatal(err)
	}
	if late := c.late(); len(late) != 0 {
		t.Errorf("late %v after somebody told the kitchen", late)
	}
	c.takeOff(tk, 1, 1) // the screen showed the line, not that it was taken off
	if err := c.AckKitchen(ctx(), c.by(), nil, []pos.KitchenSeen{{Order: o.ID, Rev: o.Rev}}); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(20 * time.Second)
	if late := c.late(); !slices.Equal(late, []int{1}) {
		t.Errorf("late %v, want the order with the cancellation", late)
	}
}

func TestAScreenThatIsGoneTakesItsOrdersAlong(t *testing.T) {
	c := openKitchen(t)
	tk := c.ticket(line("plat", 1), line("cafe", 1))
	c.send(tk)
	c.sell("", line("plat", 1))
	if err := c.UnwatchStations(ctx(), c.by(), []string{"cuisine"}); err != nil {
		t.Fatal(err)
	}
	c.shows("1 eat_in: 1 Café")
	c.clock.Advance(time.Minute)
	if late := c.late(); !slices.Equal(late, []int{1}) {
		t.Errorf("late %v", late)
	}
	c.takeOff(tk, 1, 1) // the kitchen has no such line any more
	c.sell("", line("plat", 1))
	c.shows("1 eat_in: 1 Café")
	c.reopen()
	stations, err := c.KitchenStations(ctx())
	if err != nil || len(stations) != 2 || stations[0] != (pos.KitchenStation{Key: "bar", Name: "bar", Watched: true}) || stations[1].Watched {
		t.Errorf("stations %+v, %v", stations, err)
	}
	err = c.WatchStations(ctx(), c.by(), []string{"cave"})
	refused(t, err, "station.unknown")
}

func TestOnlyTheCounterTouchesTheKitchen(t *testing.T) {
	c := openKitchen(t)
	c.sell("", line("plat", 1))
	o := c.first()
	by := c.by()
	by.Operator.Role = pos.RoleAccountant
	for name, try := range map[string]func() error{
		"watch":  func() error { return c.WatchStations(ctx(), by, []string{"bar"}) },
		"ack":    func() error { return c.AckKitchen(ctx(), by, nil, []pos.KitchenSeen{{Order: o.ID, Rev: 1}}) },
		"line":   func() error { _, err := c.DoneKitchenLine(ctx(), by, nil, o.ID, 1, 1, true); return err },
		"ready":  func() error { _, err := c.DoneKitchenOrder(ctx(), by, nil, o.ID, 1); return err },
		"recall": func() error { _, err := c.RecallKitchen(ctx(), by, nil, o.ID); return err },
	} {
		if err := try(); fault.CodeOf(err) != "right.missing" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestG2AServedItemIsInTheKitchenWhatABoughtOneIs: G2, I16. Two cafés do the same, one of them by the heart.
func TestG2AServedItemIsInTheKitchenWhatABoughtOneIs(t *testing.T) {
	row := func(order func(c *cafe)) string {
		c := openKitchen(t)
		order(c)
		var s string
		if err := c.DB().Reader().QueryRow(ctx(), `SELECT day || no || ticket || gone || unseen || body FROM kitchen_orders`).Scan(&s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	bought := row(func(c *cafe) {
		c.sell("", pos.LineRequest{Product: "creme", Qty: 1, Options: []string{"lait/vache"}, Note: "tiède"})
	})
	served := row(func(c *cafe) {
		if _, err := c.Redeem(ctx(), c.by(), pos.RedeemRequest{Product: "creme", Qty: 1, Options: []string{"lait/vache"}, Note: "tiède"}); err != nil {
			t.Fatal(err)
		}
	})
	if bought != served {
		t.Errorf("bought %s\nserved %s", bought, served)
	}
}

func TestAServingTakenBackIsStruckInTheKitchen(t *testing.T) {
	c := openKitchen(t)
	c.sell("", line("plat", 1))
	c.clock.Advance(time.Second)
	served := c.serve("plat")
	c.clock.Advance(time.Second)
	if _, err := c.UndoRedemption(ctx(), c.by(), served.Number, "erreur"); err != nil {
		t.Fatal(err)
	}
	c.shows("1 eat_in: 1 Plat | 2 eat_in: ~1~0 Plat")
}

// TestADividedTicketKeepsWhatTheKitchenWasTold: what is taken off a part is taken off the line they share.
func TestADividedTicketKeepsWhatTheKitchenWasTold(t *testing.T) {
	c := openKitchen(t)
	tk := c.ticket(line("plat", 3), line("cafe", 1))
	c.send(tk)
	apart, err := c.SplitTicket(ctx(), c.by(), tk.ID, []pos.SplitLine{{Line: 1, Qty: 2}})
	if err != nil {
		t.Fatal(err)
	}
	c.shows("1 eat_in: 3 Plat; 1 Café")
	c.takeOff(apart.Ticket, 1, 1)
	c.shows("1 eat_in: ~3~2 Plat; 1 Café")
	if _, err := c.JoinTickets(ctx(), c.by(), apart.Ticket.ID, tk.ID); err != nil {
		t.Fatal(err)
	}
	c.takeOff(tk, 1, 1)
	c.shows("1 eat_in: ~3~1 Plat; 1 Café")
	c.payTicket(tk.ID)
	c.shows("1 eat_in: ~3~1 Plat; 1 Café") // paying sends nothing twice
}

// TestTheKitchenHasAnOrderOnlyWithItsServing makes each statement of a serving fail in turn: no row and no number remain.
func TestTheKitchenHasAnOrderOnlyWithItsServing(t *testing.T) {
	var fail datatest.FailAt
	c := openKitchen(t, func(o *pos.Config) { o.Fault = fail.Fault })
	by := c.by()
	for n := 1; ; n++ {
		fail.Arm(n, "")
		_, err := c.Redeem(ctx(), by, pos.RedeemRequest{Product: "plat"})
		hit := fail.Hit()
		fail.Arm(0, "")
		if hit == nil || hit.Op == "commit" {
			if n < 10 {
				t.Errorf("only %d statements were tried", n)
			}
			break
		}
		if err == nil {
			t.Fatalf("step %d failed (%v) and the serving succeeded", n, hit)
		}
		c.shows("")
	}
	c.reopen()
	if _, err := c.Redeem(ctx(), by, pos.RedeemRequest{Product: "plat"}); err != nil {
		t.Fatal(err)
	}
	c.shows("1 eat_in: 1 Plat")
}

// TestTheTillAndTwoCooksAtOnce: whatever the order of their commands, no addition is lost and nothing is done twice.
func TestTheTillAndTwoCooksAtOnce(t *testing.T) {
	c := openKitchen(t)
	for range 20 {
		tk := c.ticket(line("plat", 1))
		c.send(tk)
		o := c.first()
		c.addTo(tk, line("cafe", 2))
		var all sync.WaitGroup
		for _, act := range []func() error{
			func() error { _, err := c.SendTicket(ctx(), c.by(), tk.ID); return err },
			func() error { _, err := c.DoneKitchenOrder(ctx(), c.by(), nil, o.ID, o.Rev); return err },
			func() error { _, err := c.DoneKitchenLine(ctx(), c.by(), nil, o.ID, 1, o.Rev, true); return err },
			func() error { return c.AckKitchen(ctx(), c.by(), nil, []pos.KitchenSeen{{Order: o.ID, Rev: o.Rev}}) },
			func() error {
				one := 1
				_, err := c.RemoveLine(ctx(), c.by(), tk.ID, 2, pos.RemoveRequest{Qty: &one, Reason: "erreur"})
				return err
			},
		} {
			all.Go(func() {
				if err := act(); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		left := c.first()
		var coffees int
		for _, l := range left.Lines {
			if l.Product == "cafe" {
				coffees += l.Qty
			}
		}
		if coffees != 1 {
			t.Fatalf("%d coffees are left to make, want 1: %s", coffees, c.kitchen())
		}
		c.ready(left)
	}
}

func (c *cafe) addTo(tk pos.Ticket, lines ...pos.LineRequest) {
	c.tb.Helper()
	for _, l := range lines {
		if _, err := c.AddLine(ctx(), c.by(), tk.ID, l); err != nil {
			c.tb.Fatalf("add: %v", err)
		}
	}
}

// payTicket pays all of a ticket by card.
func (c *cafe) payTicket(id string) {
	c.tb.Helper()
	tk, err := c.Ticket(ctx(), id)
	if err != nil {
		c.tb.Fatal(err)
	}
	if _, err := c.Checkout(ctx(), c.by(), id, pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.Card, Amount: tk.Total}}}); err != nil {
		c.tb.Fatalf("pay: %v", err)
	}
}

// TestAScreenSwitchedOnLateShowsWhatWaits: what was sent while nobody watched, and is still open, is not "nothing waits".
// A second screen of the same station adds nothing.
func TestAScreenSwitchedOnLateShowsWhatWaits(t *testing.T) {
	c := stationCafe(t)
	tk := c.ticket(line("cafe", 2), line("plat", 1))
	if _, err := c.SendTicket(ctx(), c.by(), tk.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := c.AddLine(ctx(), c.by(), tk.ID, line("biere", 1)); err != nil { // not sent
		t.Fatal(err)
	}
	c.settle(c.ticket(line("plat", 3))) // paid: nobody waits for it at a screen that was not there
	for _, stations := range [][]string{{"bar"}, {"bar"}, {"bar", "cuisine"}} {
		if err := c.WatchStations(ctx(), c.by(), stations); err != nil {
			t.Fatal(err)
		}
	}
	if got := c.kitchen("bar"); got != "1 eat_in: 2 Café" {
		t.Errorf("the bar shows %q", got)
	}
	if got := c.kitchen("cuisine"); !strings.Contains(got, "1 Plat") || strings.Contains(got, "3 Plat") {
		t.Errorf("the kitchen shows %q", got)
	}
	if _, err := c.RemoveLine(ctx(), c.by(), tk.ID, 1, pos.RemoveRequest{Reason: "erreur"}); err != nil {
		t.Fatal(err)
	}
	if got := c.kitchen("bar"); got != "1 eat_in: ~2~0 Café" {
		t.Errorf("after one was taken off the bar shows %q", got)
	}
}
