package loyalty

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/suspended"
)

// modelItem is one suspended meal as the model sees it.
type modelItem struct {
	id, account string // account "" for a gift or the house
	state       suspended.State
}

// cafe is the whole solidarity of a café twice over: in the database, and in a model small enough to be read.
type cafe struct {
	db       *data.DB
	accounts []string
	into     map[string]string // account → the one it was merged into
	units    map[string]string // live unit → account as written
	items    []*modelItem      // in the order they were put on the shelf
	issued   map[string]int    // releases ever issued, by account
	sales    int
	gifts    map[string]int // sale line → gifts
	event    int64
}

func newCafe(t *rapid.T, dir string) *cafe {
	db, err := data.Open(context.Background(), data.Options{Dir: dir, Clock: datatest.NewClock()})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.RegisterCheck(suspended.Checks()...)
	db.RegisterCheck(Checks()...)
	return &cafe{db: db, into: map[string]string{}, units: map[string]string{}, issued: map[string]int{}, gifts: map[string]int{}}
}

func (c *cafe) do(t *rapid.T, fn func(ctx context.Context, tx *data.Tx) error) {
	if err := command(c.db, fn); err != nil {
		t.Fatalf("command: %v", err)
	}
	c.event++
}

func (c *cafe) root(account string) string {
	for c.into[account] != "" {
		account = c.into[account]
	}
	return account
}

// stands returns S, R and U of a root.
func (c *cafe) stands(root string) (stamps, inForce, irrevocable int) {
	for _, account := range c.units {
		if c.root(account) == root {
			stamps++
		}
	}
	for _, it := range c.items {
		if it.account == "" || c.root(it.account) != root {
			continue
		}
		if it.state.InForce() {
			inForce++
		}
		if it.state.Irrevocable() {
			irrevocable++
		}
	}
	return stamps, inForce, irrevocable
}

// reconcile is the release law of solidarity.md §2.4 once more, and returns how many meals it moved.
func (c *cafe) reconcile(root string) (released, retracted int) {
	stamps, inForce, _ := c.stands(root)
	for ; inForce < stamps/9; inForce++ {
		c.issued[root]++
		c.items = append(c.items, &modelItem{fmt.Sprintf("rel:%s:%d", root, c.issued[root]), root, suspended.Available})
		released++
	}
	for _, it := range slices.Backward(c.items) {
		if inForce > stamps/9 && it.account != "" && c.root(it.account) == root && it.state == suspended.Available {
			it.state = suspended.Retracted
			inForce--
			retracted++
		}
	}
	return released, retracted
}

// agree compares what the database did to one account with what the model does now.
func (c *cafe) agree(t *rapid.T, change Change, stamps int) {
	released, retracted := c.reconcile(change.Account)
	s, r, _ := c.stands(change.Account)
	want := fmt.Sprintf("%+d released %d retracted %d S=%d D=%d", stamps, released, retracted, s, r-s/9)
	got := fmt.Sprintf("%+d released %d retracted %d S=%d D=%d", change.Stamps, len(change.Released), len(change.Retracted), change.Total, change.Advance)
	if got != want {
		t.Fatalf("account %s\n got %s\nwant %s", change.Account, got, want)
	}
}

func (c *cafe) draw(t *rapid.T, state suspended.State) *modelItem {
	var some []*modelItem
	for _, it := range c.items {
		if it.state == state {
			some = append(some, it)
		}
	}
	if len(some) == 0 {
		t.Skip("no item is " + state)
	}
	return rapid.SampledFrom(some).Draw(t, "item")
}

func (c *cafe) drawUnits(t *rapid.T, most int) []string {
	if len(c.units) == 0 {
		t.Skip("nothing is stamped")
	}
	live := slices.Sorted(maps.Keys(c.units))
	return rapid.SliceOfNDistinct(rapid.SampledFrom(live), 1, min(most, len(live)), rapid.ID[string]).Draw(t, "units")
}

func (c *cafe) drawAccount(t *rapid.T, label string) string {
	return rapid.SampledFrom(c.accounts).Draw(t, label)
}

// Issue makes a new card.
func (c *cafe) Issue(t *rapid.T) {
	if len(c.accounts) == 6 {
		t.Skip("enough cards to meet each other")
	}
	c.do(t, func(ctx context.Context, tx *data.Tx) error {
		card, err := Issue(ctx, tx, rand.Reader, Phone)
		c.accounts = append(c.accounts, card.Account)
		return err
	})
}

// Earn pays up to a dozen meals on one card, merged away or not.
func (c *cafe) Earn(t *rapid.T) {
	account, meals := c.drawAccount(t, "account"), rapid.IntRange(1, 12).Draw(t, "meals")
	c.sales++
	units := make([]string, meals)
	for k := range units {
		units[k] = fmt.Sprintf("%d.1.%d", c.sales, k+1)
	}
	var change Change
	c.do(t, func(ctx context.Context, tx *data.Tx) (err error) {
		change, err = Earn(ctx, tx, account, units, Earned, mealCost)
		return err
	})
	for _, unit := range units {
		c.units[unit] = c.root(account)
	}
	c.agree(t, change, meals)
}

// Reverse refunds meals of any cards at once.
func (c *cafe) Reverse(t *rapid.T) {
	units := c.drawUnits(t, 10)
	var changes []Change
	c.do(t, func(ctx context.Context, tx *data.Tx) (err error) {
		changes, err = Reverse(ctx, tx, append(units, units[0], "0.0.0"), Refunded, mealCost)
		return err
	})
	lost := map[string]int{}
	for _, unit := range units {
		lost[c.root(c.units[unit])]++
		delete(c.units, unit)
	}
	for _, change := range changes {
		c.agree(t, change, -lost[change.Account])
		delete(lost, change.Account)
	}
	if len(lost) != 0 {
		t.Fatalf("no change for %v", lost)
	}
}

// Move gives stamps to another card.
func (c *cafe) Move(t *rapid.T) {
	units, to := c.drawUnits(t, 10), c.root(c.drawAccount(t, "to"))
	var changes []Change
	c.do(t, func(ctx context.Context, tx *data.Tx) (err error) {
		changes, err = Move(ctx, tx, units, to, mealCost)
		return err
	})
	sums := map[string]int{}
	for _, unit := range units {
		if from := c.root(c.units[unit]); from != to {
			sums[from]--
			sums[to]++
			c.units[unit] = to
		}
	}
	for _, change := range changes {
		c.agree(t, change, sums[change.Account])
		delete(sums, change.Account)
	}
	if len(sums) != 0 {
		t.Fatalf("no change for %v", sums)
	}
}

// Merge joins two cards, the same one included.
func (c *cafe) Merge(t *rapid.T) {
	if rapid.IntRange(0, 2).Draw(t, "rarely") != 0 {
		t.Skip("merges end all too soon in one account")
	}
	from, into := c.drawAccount(t, "from"), c.drawAccount(t, "into")
	var change Change
	c.do(t, func(ctx context.Context, tx *data.Tx) (err error) {
		change, err = Merge(ctx, tx, from, into, mealCost)
		return err
	})
	from, into = c.root(from), c.root(into)
	brought, _, _ := c.stands(from)
	if from == into {
		brought = 0
	} else {
		c.into[from] = into
	}
	c.agree(t, change, brought)
}

// Give puts paid meals on the shelf.
func (c *cafe) Give(t *rapid.T) {
	n := rapid.IntRange(1, 3).Draw(t, "gifts")
	c.sales++
	line := fmt.Sprintf("%d.1", c.sales)
	c.do(t, func(ctx context.Context, tx *data.Tx) error {
		for k := 1; k <= n; k++ {
			gift := suspended.Gift{Class: suspended.Meal, Funded: 600, Cost: mealCost, SaleLine: line, N: k}
			it, err := suspended.Give(ctx, tx, gift)
			if err != nil {
				return err
			}
			c.items = append(c.items, &modelItem{it.ID, "", suspended.Available})
		}
		return nil
	})
	c.gifts[line] = n
}

// Retract refunds gifts of one line, or is refused because too many were served.
func (c *cafe) Retract(t *rapid.T) {
	if len(c.gifts) == 0 {
		t.Skip("no gift yet")
	}
	line := rapid.SampledFrom(slices.Sorted(maps.Keys(c.gifts))).Draw(t, "line")
	n := rapid.IntRange(1, c.gifts[line]).Draw(t, "gifts")
	var left []*modelItem
	for _, it := range c.items {
		if strings.HasPrefix(it.id, "gift:"+line+".") && it.state == suspended.Available {
			left = append(left, it)
		}
	}
	err := command(c.db, func(ctx context.Context, tx *data.Tx) error {
		_, err := suspended.RetractGift(ctx, tx, line, n, suspended.ByRefund)
		return err
	})
	if (err != nil) != (len(left) < n) {
		t.Fatalf("retract %d of %d left: %v", n, len(left), err)
	}
	if err != nil {
		return
	}
	c.event++
	for _, it := range left[len(left)-n:] {
		it.state = suspended.Retracted
	}
}

// Serve hands out the oldest, or one of the house.
func (c *cafe) Serve(t *rapid.T) {
	want := &modelItem{fmt.Sprintf("house:2026-11-21:%d.1", c.event+1), "", suspended.Available}
	found := slices.IndexFunc(c.items, func(it *modelItem) bool { return it.state == suspended.Available })
	if found >= 0 {
		want = c.items[found]
	} else {
		c.items = append(c.items, want)
	}
	var it suspended.Item
	c.do(t, func(ctx context.Context, tx *data.Tx) (err error) {
		it, err = suspended.Serve(ctx, tx, suspended.ServeRequest{Class: suspended.Meal, Cost: mealCost})
		return err
	})
	want.state = suspended.Served
	if it.ID != want.id || it.Account != want.account {
		t.Fatalf("served %s of %q, want %s of %q", it.ID, it.Account, want.id, want.account)
	}
}

// Undo takes a serving back.
func (c *cafe) Undo(t *rapid.T) {
	c.back(t, c.draw(t, suspended.Served), suspended.Undo)
}

// Allot promises an item to a partner.
func (c *cafe) Allot(t *rapid.T) {
	it := c.draw(t, suspended.Available)
	c.do(t, func(ctx context.Context, tx *data.Tx) error { _, err := suspended.Allot(ctx, tx, it.id); return err })
	it.state = suspended.Allotted
}

// Lapse puts a promised item back.
func (c *cafe) Lapse(t *rapid.T) {
	c.back(t, c.draw(t, suspended.Allotted), suspended.Lapse)
}

func (c *cafe) back(t *rapid.T, it *modelItem, move func(context.Context, *data.Tx, string) (suspended.Item, error)) {
	var change Change
	c.do(t, func(ctx context.Context, tx *data.Tx) error {
		got, err := move(ctx, tx, it.id)
		if err != nil || got.Account == "" {
			return err
		}
		change, err = Reconcile(ctx, tx, got.Account, mealCost)
		return err
	})
	it.state = suspended.Available
	if strings.HasPrefix(it.id, "house:") {
		it.state = suspended.Retracted
	}
	if it.account != "" {
		c.agree(t, change, 0)
	}
}

// Check is run after every action: the law on every account, and the shelf, in both worlds.
func (c *cafe) Check(t *rapid.T) {
	ctx := context.Background()
	for _, account := range c.accounts {
		s, r, u := c.stands(c.root(account))
		if r != max(s/9, u) {
			t.Fatalf("the law is broken in the model: S=%d R=%d U=%d", s, r, u)
		}
		a, err := View(ctx, c.db.Reader(), account)
		if err != nil || a.Stamps != s || a.Filled != s%9 || a.Released != r || a.Advance != r-s/9 {
			t.Fatalf("account %s: got %+v, %v; want S=%d R=%d", account, a, err, s, r)
		}
	}
	states := make(map[suspended.State]int)
	for _, it := range c.items {
		states[it.state]++
	}
	all, err := suspended.Shelf(ctx, c.db.Reader())
	if err != nil {
		t.Fatalf("shelf: %v", err)
	}
	meals := all[1]
	got := [3]int{meals.Available, meals.Allotted, meals.Served}
	want := [3]int{states[suspended.Available], states[suspended.Allotted], states[suspended.Served]}
	if meals.Class != suspended.Meal || got != want {
		t.Fatalf("shelf of meals: got %v available, allotted, served; want %v", got, want)
	}
}

// freshDir is a folder for one random run; all go with the test.
func freshDir(t *rapid.T, temp string) string {
	dir, err := os.MkdirTemp(temp, "cafe")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestStampsAndMealsFollowTheModelWhateverHappens(t *testing.T) {
	temp := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		c := newCafe(t, freshDir(t, temp))
		c.Issue(t)
		t.Repeat(rapid.StateMachineActions(c))
		found, err := c.db.Check(t.Context())
		if err != nil || len(found) != 0 {
			t.Fatalf("check: %v, %v", found, err)
		}
	})
}
