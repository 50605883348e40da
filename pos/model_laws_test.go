package pos_test

import (
	"os"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"comptoir/data/datatest"
	"comptoir/pos"
	"comptoir/suspended"
)

// TestRandomDaysFollowTheLaws drives the café and a model of it with the same random commands over all operations of the
// item and card machines: sales, gifts, refunds with and without proof, charge-backs, claims, moves, merges, lost, replaced
// and closed cards, imports, goodwill, several cards on an order, servings by word and by token, undos, promises at the
// counter that are settled, dropped or lapse, allotments that are confirmed, collected, cancelled or lapse, round-ups,
// minting, lots of sponsors, shifts, open orders with their discounts, parts and splits, and time passing.
func TestRandomDaysFollowTheLaws(t *testing.T) {
	template := openCafe(t)
	partner := template.partner("Le Relais")
	if err := template.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range modelParts {
		t.Run(strconv.Itoa(i+1), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, template.randomDays(partner.ID))
		})
	}
	t.Cleanup(template.open)
}

// randomDays is one random run on a copy of a closed café.
func (c *cafe) randomDays(partner string) func(*rapid.T) {
	return func(t *rapid.T) {
		c := c.copy(t)
		m := &model{cafe: c, shelf: map[string][]*item{}, dead: map[int]bool{}, cash: 10000, partner: partner}
		for range 3 {
			m.cards = append(m.cards, c.newCard())
			m.root = append(m.root, len(m.cards)-1)
		}
		for i := range modelOps {
			m.step(t)
			if (i+1)%auditEvery == 0 {
				m.audit(t, i+1 == modelOps)
			}
		}
		var sum int64
		if err := c.DB().Reader().QueryRow(ctx(), `SELECT coalesce(sum(total), 0) FROM sales`).Scan(&sum); err != nil || sum != m.total {
			t.Fatalf("turnover %d, the model has %d, %v", sum, m.total, err)
		}
		c.verify()
	}
}

// copy opens a copy of a closed café; it lasts as long as the random run.
func (c *cafe) copy(t *rapid.T) *cafe {
	dir, err := os.MkdirTemp("", "model")
	if err != nil {
		t.Fatal(err)
	}
	if err := copyCafe(dir, c.config.Dir); err != nil {
		t.Fatal(err)
	}
	o := &cafe{tb: c.tb, config: c.config, clock: datatest.NewClock(), manager: c.manager, barista: c.barista}
	o.command.Store(c.command.Load())
	o.config.Dir, o.config.Clock = dir, o.clock
	if o.Till, err = pos.Open(ctx(), o.config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return o
}

// next is the item of a class in a state whose turn it is at the counter: gifts and releases, then the fund's, then those of
// sponsors, each the oldest first.
func (m *model) next(class string, state suspended.State) (first *item) {
	for _, it := range m.shelf[class] {
		if it.state == state && (first == nil || rank(it.origin) < rank(first.origin)) {
			first = it
		}
	}
	return first
}

// last is the one whose turn comes last.
func (m *model) last(class string, state suspended.State) (last *item) {
	for _, it := range m.shelf[class] {
		if it.state == state && (last == nil || rank(it.origin) >= rank(last.origin)) {
			last = it
		}
	}
	return last
}

func rank(o suspended.Origin) int {
	switch o {
	case suspended.Fund:
		return 2
	case suspended.Sponsor:
		return 3
	case suspended.Paid, suspended.Loyalty, suspended.House:
	}
	return 1
}
