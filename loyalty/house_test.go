package loyalty

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/suspended"
)

const mealCost = 300 // cents

// house is a café in a test: it rings sales, and remembers the units of each card.
type house struct {
	t     *testing.T
	db    *data.DB
	sales int
	units map[string][]string // account → live units, oldest first
}

// open returns a café whose every law is audited at the end of the test.
func open(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, db: datatest.Open(t), units: map[string][]string{}}
	h.db.RegisterCheck(suspended.Checks()...)
	h.db.RegisterCheck(Checks()...)
	return h
}

// command runs one command on a database and records its event.
func command(db *data.DB, fn func(ctx context.Context, tx *data.Tx) error) error {
	return db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "test", Body: map[string]any{}})
	})
}

func (h *house) do(fn func(ctx context.Context, tx *data.Tx) error) {
	h.t.Helper()
	if err := command(h.db, fn); err != nil {
		h.t.Fatalf("command: %v", err)
	}
}

func (h *house) card() (c Card) {
	h.t.Helper()
	h.do(func(ctx context.Context, tx *data.Tx) (err error) {
		c, err = Issue(ctx, tx, rand.Reader, Phone)
		return err
	})
	return c
}

// ring names the meal units of a new sale.
func (h *house) ring(meals int) (units []string) {
	h.sales++
	for k := range meals {
		units = append(units, fmt.Sprintf("%d.1.%d", h.sales, k+1))
	}
	return units
}

func (h *house) pay(account string, meals int) (c Change) {
	h.t.Helper()
	units := h.ring(meals)
	h.do(func(ctx context.Context, tx *data.Tx) (err error) {
		c, err = Earn(ctx, tx, account, units, Earned, mealCost)
		return err
	})
	h.units[account] = append(h.units[account], units...)
	return c
}

func (h *house) reverse(units ...string) (all []Change) {
	h.t.Helper()
	h.do(func(ctx context.Context, tx *data.Tx) (err error) {
		all, err = Reverse(ctx, tx, units, Refunded, mealCost)
		return err
	})
	return all
}

// refund pays the last meals of an account back.
func (h *house) refund(account string, meals int) Change {
	h.t.Helper()
	units := h.units[account]
	at := len(units) - meals
	h.units[account] = units[:at:at]
	all := h.reverse(units[at:]...)
	if len(all) != 1 {
		h.t.Fatalf("refund changed %d accounts, want 1: %+v", len(all), all)
	}
	return all[0]
}

func (h *house) move(to string, units ...string) (all []Change) {
	h.t.Helper()
	h.do(func(ctx context.Context, tx *data.Tx) (err error) {
		all, err = Move(ctx, tx, units, to, mealCost)
		return err
	})
	return all
}

func (h *house) merge(from, into string) (c Change) {
	h.t.Helper()
	h.do(func(ctx context.Context, tx *data.Tx) (err error) {
		c, err = Merge(ctx, tx, from, into, mealCost)
		return err
	})
	return c
}

func (h *house) serve() (it suspended.Item) {
	h.t.Helper()
	h.do(func(ctx context.Context, tx *data.Tx) (err error) {
		it, err = suspended.Serve(ctx, tx, suspended.ServeRequest{Class: suspended.Meal, Cost: mealCost})
		return err
	})
	return it
}

// back returns an item to the shelf by undo or lapse, and reconciles its account in the same command.
func (h *house) back(move func(context.Context, *data.Tx, string) (suspended.Item, error), item string) (c Change) {
	h.t.Helper()
	h.do(func(ctx context.Context, tx *data.Tx) error {
		it, err := move(ctx, tx, item)
		if err != nil || it.Account == "" {
			return err
		}
		c, err = Reconcile(ctx, tx, it.Account, mealCost)
		return err
	})
	return c
}

func (h *house) allot(item string) {
	h.t.Helper()
	h.do(func(ctx context.Context, tx *data.Tx) error { _, err := suspended.Allot(ctx, tx, item); return err })
}

// stands fails the test unless the account stands so: "S=9 filled=0 R=1 served=0 D=0".
func (h *house) stands(account, want string) {
	h.t.Helper()
	a, err := View(context.Background(), h.db.Reader(), account)
	got := fmt.Sprintf("S=%d filled=%d R=%d served=%d D=%d", a.Stamps, a.Filled, a.Released, a.Served, a.Advance)
	if err != nil || got != want {
		h.t.Errorf("account stands %s, %v; want %s", got, err, want)
	}
}

// releases describes every release of an account: "1:SERVED 2:AVAILABLE".
func (h *house) releases(account string) string {
	h.t.Helper()
	var words []string
	for i := 1; ; i++ {
		it, err := suspended.Find(context.Background(), h.db.Reader(), fmt.Sprintf("rel:%s:%d", account, i))
		if err != nil {
			return strings.Join(words, " ")
		}
		words = append(words, fmt.Sprintf("%d:%s", i, it.State))
	}
}

// did describes a change: "+1 released 1, S=9 D=0".
func did(c Change) string {
	words := fmt.Sprintf("%+d", c.Stamps)
	if n := len(c.Released); n > 0 {
		words += fmt.Sprintf(" released %d", n)
	}
	if n := len(c.Retracted); n > 0 {
		words += fmt.Sprintf(" retracted %d", n)
	}
	return words + fmt.Sprintf(", S=%d D=%d", c.Total, c.Advance)
}

func wantDid(t *testing.T, c Change, account, want string) {
	t.Helper()
	if got := did(c); got != want || c.Account != account {
		t.Errorf("change of %s: got %s; want %s: %s", c.Account, got, account, want)
	}
}
