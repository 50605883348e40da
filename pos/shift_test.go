package pos_test

import (
	"context"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// cash reads the CASH entries of the journal, without the shift they name.
func (c *cafe) cash() []journal.CashBody {
	c.tb.Helper()
	entries, err := journal.Entries(ctx(), c.DB().Reader(), 0, 10000)
	if err != nil {
		c.tb.Fatal(err)
	}
	var found []journal.CashBody
	for _, e := range entries {
		if e.Kind != journal.KindCash {
			continue
		}
		var b journal.CashBody
		if err := e.Decode(&b); err != nil {
			c.tb.Fatal(err)
		}
		b.Shift = ""
		found = append(found, b)
	}
	return found
}

// A shift by hand: a float of 100.00, a coffee at 2.20 paid in cash, 50.00 to the bank, 12.40 for milk; the drawer
// should hold 39.80 and holds 39.70.
func TestAShiftRecordsWhatIsMissing(t *testing.T) {
	c := openCafe(t)
	if _, err := c.Sell(ctx(), c.by(), pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{line("cafe", 1)},
		Tenders: []pos.Tender{{Means: pos.Cash, Amount: 120, Given: 500}, {Means: pos.Cash, Amount: 100, Given: 100}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.MoveCash(ctx(), c.by(), pos.CashMove{Amount: -5000, Reason: "banque"}); err != nil {
		t.Fatal(err)
	}
	s, err := c.MoveCash(ctx(), c.byManager(), pos.CashMove{Amount: -1240, Reason: " lait "})
	if err != nil || s.Expected != 3980 {
		t.Fatalf("expected %d, %v, want 3980", s.Expected, err)
	}
	if s, err = c.CurrentShift(ctx()); err != nil || s.Expected != 3980 || s.OpenedBy != "AWA" || s.Float != 10000 || s.ClosedAt != nil {
		t.Fatalf("current: %+v, %v", s, err)
	}
	opened := s.ID
	s, err = c.CloseShift(ctx(), c.byManager(), []pos.Counted{{Value: 2000, Count: 1}, {Value: 1000, Count: 1}, {Value: 200, Count: 4}, {Value: 10, Count: 17}})
	if err != nil || s.ID != opened || s.Counted != 3970 || s.Expected != 3980 || s.Difference != -10 || s.ClosedBy != "MARIE" || s.ClosedAt == nil {
		t.Fatalf("closed: %+v, %v", s, err)
	}
	want := []journal.CashBody{
		{Type: "float", Amount: 10000},
		{Type: "out", Amount: -5000, Reason: "banque"},
		{Type: "out", Amount: -1240, Reason: "lait"},
		{Type: "count", Amount: 3970, Counted: 3970, Expected: 3980, Difference: -10},
	}
	if diff := cmp.Diff(want, c.cash()); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	c.verify()
}

func TestOneShiftAtATime(t *testing.T) {
	c := emptyCafe(t)
	var group sync.WaitGroup
	codes := make([]string, 8)
	for i := range codes {
		group.Go(func() {
			_, err := c.OpenShift(ctx(), c.by(), 0)
			codes[i] = fault.CodeOf(err)
		})
	}
	group.Wait()
	count := map[string]int{}
	for _, code := range codes {
		count[code]++
	}
	if count[""] != 1 || count["shift.open"] != 7 {
		t.Fatalf("got %v, want one shift", count)
	}
	if s, err := c.CloseShift(ctx(), c.by(), nil); err != nil || s.Difference != 0 {
		t.Fatalf("an empty drawer: %+v, %v", s, err)
	}
	s, err := c.OpenShift(ctx(), c.by(), 2500)
	if err != nil || s.Expected != 2500 {
		t.Fatalf("the next one: %+v, %v", s, err)
	}
	if s, err = c.CurrentShift(ctx()); err != nil || s.Expected != 2500 {
		t.Errorf("it counts its own cash only: %+v, %v", s, err)
	}
}

func TestWithoutAShiftNothingMoves(t *testing.T) {
	c := emptyCafe(t)
	before := c.seq()
	_, err := c.CurrentShift(ctx())
	refused(t, err, "shift.none")
	_, err = c.CloseShift(ctx(), c.by(), nil)
	if e := refused(t, err, "shift.none"); e.Kind != fault.Conflict {
		t.Errorf("kind %s", e.Kind)
	}
	_, err = c.MoveCash(ctx(), c.by(), pos.CashMove{Amount: 100, Reason: "monnaie"})
	refused(t, err, "shift.none")
	if got := c.seq(); got != before {
		t.Errorf("journal and events went from %v to %v", before, got)
	}
}

func TestRefusedCashLeavesNothing(t *testing.T) {
	c := openCafe(t)
	before := c.seq()
	accountant := pos.By{Operator: pos.Operator{Code: "COMPTA", Role: pos.RoleAccountant}}
	for _, x := range []struct {
		name string
		try  func() error
		code string
	}{
		{"open again", func() error { _, err := c.OpenShift(ctx(), c.by(), 100); return err }, "shift.open"},
		{"float below zero", func() error { _, err := c.OpenShift(ctx(), c.by(), -1); return err }, "cash.invalid"},
		{"float over the limit", func() error { _, err := c.OpenShift(ctx(), c.by(), 1_000_000); return err }, "cash.invalid"},
		{"open by an accountant", func() error { _, err := c.OpenShift(ctx(), accountant, 0); return err }, "right.missing"},
		{"close by an accountant", func() error { _, err := c.CloseShift(ctx(), accountant, nil); return err }, "right.missing"},
		{"cash by an accountant", func() error {
			_, err := c.MoveCash(ctx(), accountant, pos.CashMove{Amount: 1, Reason: "x"})
			return err
		}, "right.missing"},
		{"no reason", func() error { _, err := c.MoveCash(ctx(), c.by(), pos.CashMove{Amount: 1, Reason: " "}); return err }, "reason.missing"},
		{"nothing", func() error { _, err := c.MoveCash(ctx(), c.by(), pos.CashMove{Reason: "x"}); return err }, "cash.invalid"},
		{"too much", func() error {
			_, err := c.MoveCash(ctx(), c.by(), pos.CashMove{Amount: -1_000_000, Reason: "x"})
			return err
		}, "cash.invalid"},
	} {
		t.Run(x.name, func(t *testing.T) { refused(t, x.try(), x.code) })
	}
	for _, x := range []struct {
		name    string
		counted []pos.Counted
		field   string
	}{
		{"a coin that is none", []pos.Counted{{Value: 3, Count: 1}}, "counted[0].value"},
		{"twice the same", []pos.Counted{{Value: 5, Count: 1}, {Value: 5, Count: 1}}, "counted[1].value"},
		{"fewer than none", []pos.Counted{{Value: 5, Count: 1}, {Value: 10, Count: -1}}, "counted[1].count"},
		{"too many", []pos.Counted{{Value: 5, Count: 10_000}}, "counted[0].count"},
	} {
		t.Run(x.name, func(t *testing.T) {
			_, err := c.CloseShift(ctx(), c.by(), x.counted)
			if e := refused(t, err, "count.invalid"); len(e.Fields) != 1 || e.Fields[0].Name != x.field {
				t.Errorf("fields %v, want %s", e.Fields, x.field)
			}
		})
	}
	if got := c.seq(); got != before {
		t.Errorf("journal and events went from %v to %v", before, got)
	}
}

func TestEveryEuroCoinAndNoteIsCounted(t *testing.T) {
	c := openCafe(t)
	var all []pos.Counted
	var sum money.Cents
	for _, v := range []money.Cents{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000} {
		all = append(all, pos.Counted{Value: v, Count: 1})
		sum += v
	}
	if s, err := c.CloseShift(ctx(), c.by(), all); err != nil || s.Counted != sum || sum != 88888 {
		t.Errorf("counted %d of %d, %v", s.Counted, sum, err)
	}
}

func TestTheDrawerAndAClosedShiftCannotBeRewritten(t *testing.T) {
	c := openCafe(t)
	if _, err := c.CloseShift(ctx(), c.by(), nil); err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`UPDATE drawer SET amount = 1`, `DELETE FROM drawer`,
		`INSERT OR REPLACE INTO drawer (id, seq, shift, cause, amount) SELECT 1, 1, id, 'float', 1 FROM shifts`,
		`UPDATE shifts SET counted = 1`, `UPDATE shifts SET closed_at = 0, closed_by = ''`, `DELETE FROM shifts`,
	} {
		err := c.DB().Write(ctx(), func(ctx context.Context, tx *data.Tx) error {
			_, err := tx.Exec(ctx, q)
			return err
		})
		if fault.CodeOf(err) != "internal" {
			t.Errorf("%s: %v", q, err)
		}
	}
}

func TestTheSameCommandOpensOneShift(t *testing.T) {
	c := emptyCafe(t)
	by := c.by()
	first, err := c.OpenShift(ctx(), by, 1000)
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.OpenShift(ctx(), by, 1000)
	if diff := cmp.Diff(first, again, cmp.AllowUnexported(pos.Shift{})); err != nil || diff != "" {
		t.Errorf("replay: %v\n%s", err, diff)
	}
}
