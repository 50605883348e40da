package suspended

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// open returns a database that is audited with these checks at the end of the test.
func open(t *testing.T, checks ...data.Check) *data.DB {
	t.Helper()
	db := datatest.Open(t)
	db.RegisterCheck(checks...)
	return db
}

// try runs one command.
func try(db *data.DB, fn func(ctx context.Context, tx *data.Tx) error) error {
	return db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "test", Body: map[string]any{}})
	})
}

// do runs one command that must succeed.
func do(t *testing.T, db *data.DB, fn func(ctx context.Context, tx *data.Tx) error) {
	t.Helper()
	if err := try(db, fn); err != nil {
		t.Fatalf("command: %v", err)
	}
}

func give(t *testing.T, db *data.DB, class, saleLine string, n int) {
	t.Helper()
	do(t, db, func(ctx context.Context, tx *data.Tx) error {
		for k := 1; k <= n; k++ {
			if _, err := Give(ctx, tx, Gift{Class: class, Funded: 180, Cost: 40, SaleLine: saleLine, N: k}); err != nil {
				return err
			}
		}
		return nil
	})
}

func serve(t *testing.T, db *data.DB, class string) (it Item) {
	t.Helper()
	do(t, db, func(ctx context.Context, tx *data.Tx) (err error) {
		it, err = Serve(ctx, tx, ServeRequest{Class: class, Cost: 35})
		return err
	})
	return it
}

func undo(t *testing.T, db *data.DB, id string) (it Item) {
	t.Helper()
	do(t, db, func(ctx context.Context, tx *data.Tx) (err error) {
		it, err = Undo(ctx, tx, id)
		return err
	})
	return it
}

// shelf describes every class that has anything, in one line each.
func shelf(t *testing.T, db *data.DB) string {
	t.Helper()
	all, err := Shelf(t.Context(), db.Reader())
	if err != nil {
		t.Fatalf("shelf: %v", err)
	}
	waiting, err := Shelved(t.Context(), db.Reader())
	if err != nil {
		t.Fatalf("waiting: %v", err)
	}
	var lines []string
	for i, s := range all {
		quick := s
		if quick.Served = 0; !reflect.DeepEqual(quick, waiting[i]) {
			t.Errorf("waits of %s\n got %+v\nwant %+v", s.Class, waiting[i], quick)
		}
		lines = append(lines, fmt.Sprintf("%s %d/%d/%d/%d %v", s.Class, s.Available, s.Reserved, s.Allotted, s.Served, s.ByOrigin))
	}
	return strings.Join(lines, "; ")
}

func wantShelf(t *testing.T, db *data.DB, want string) {
	t.Helper()
	if got := shelf(t, db); got != want {
		t.Errorf("shelf\n got %s\nwant %s", got, want)
	}
}

func wantCode(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	if fault.KindOf(err) != kind || fault.CodeOf(err) != code {
		t.Errorf("got %v (%s %s), want %s %s", err, fault.KindOf(err), fault.CodeOf(err), kind, code)
	}
}

// path reads the ledger of one item as words.
func path(t *testing.T, db *data.DB, id string) []string {
	t.Helper()
	steps, err := data.All(t.Context(), db.Reader(), func(r *data.Rows) (string, error) {
		var was, became, cause string
		err := r.Scan(&was, &became, &cause)
		return was + ">" + became + " " + cause, err
	}, `SELECT was, became, cause FROM item_events WHERE item = ? ORDER BY seq`, id)
	if err != nil {
		t.Fatalf("ledger of %s: %v", id, err)
	}
	return steps
}

func TestAGiftStandsOnTheShelfOfItsClassUntilItIsServed(t *testing.T) {
	db := open(t, Checks()...)
	wantShelf(t, db, "coffee 0/0/0/0 map[]; meal 0/0/0/0 map[]")
	give(t, db, Coffee, "7.1", 2)
	wantShelf(t, db, "coffee 2/0/0/0 map[PAID:2]; meal 0/0/0/0 map[]")
	it := serve(t, db, Coffee)
	want := Item{ID: "gift:7.1.1", Class: Coffee, Origin: Paid, Funded: 180, Cost: 40, State: Served, Created: 1}
	if diff := cmp.Diff(want, it); diff != "" {
		t.Errorf("served item (-want +got):\n%s", diff)
	}
	wantShelf(t, db, "coffee 1/0/0/1 map[PAID:1]; meal 0/0/0/0 map[]")
	if diff := cmp.Diff([]string{">AVAILABLE SALE", "AVAILABLE>RESERVED ASKED", "RESERVED>SERVED ASKED"}, path(t, db, it.ID)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
}

func TestServeTakesTheOldestOfGiftsAndReleasesThenTheFundThenSponsors(t *testing.T) {
	db := open(t, Checks()...)
	do(t, db, func(ctx context.Context, tx *data.Tx) error {
		if _, err := Give(ctx, tx, Gift{Class: Meal, Funded: 500, SaleLine: "8.1", N: 1, Sponsor: true}); err != nil {
			return err
		}
		if _, err := MoveFund(ctx, tx, FundEntry{Fund: CafeFund, Cents: 500, Cause: FundGiven, Ref: "T26-000001"}); err != nil {
			return err
		}
		if _, err := Mint(ctx, tx, Minting{Class: Meal, Price: 500, Most: 1}); err != nil {
			return err
		}
		if _, err := Release(ctx, tx, "anna", Meal, 300); err != nil {
			return err
		}
		if _, err := Give(ctx, tx, Gift{Class: Meal, Funded: 600, SaleLine: "9.1", N: 1}); err != nil {
			return err
		}
		_, err := Release(ctx, tx, "bert", Meal, 300)
		return err
	})
	var got []string
	for range 6 {
		got = append(got, serve(t, db, Meal).ID)
	}
	want := []string{"rel:anna:1", "gift:9.1.1", "rel:bert:1", "fund:1.1", "sponsor:8.1.1", "house:2026-11-21:7.1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("order of serving (-want +got):\n%s", diff)
	}
}

func TestCase56ServeFallsBackToTheHouseWhenTheShelfIsEmpty(t *testing.T) {
	db := open(t, Checks()...)
	give(t, db, Coffee, "1.1", 1) // a coffee is no meal
	it := serve(t, db, Meal)
	if it.Origin != House || it.State != Served || it.Funded != 0 || it.Cost != 35 || it.Account != "" {
		t.Errorf("got %+v, want a served item of the house with its cost", it)
	}
	want := []string{">AVAILABLE HOUSE", "AVAILABLE>RESERVED ASKED", "RESERVED>SERVED ASKED"}
	if diff := cmp.Diff(want, path(t, db, it.ID)); diff != "" {
		t.Errorf("ledger (-want +got):\n%s", diff)
	}
	wantHouse(t, db, "2026-11-21", 1)
	wantHouse(t, db, "2026-11-20", 0)
}

func wantHouse(t *testing.T, db *data.DB, day string, want int) {
	t.Helper()
	got, err := HouseServed(t.Context(), db.Reader(), day)
	if err != nil || got != want {
		t.Errorf("house items of %s: got %d, %v; want %d", day, got, err, want)
	}
}

func TestTwoItemsOfTheHouseInOneCommandHaveTwoIDs(t *testing.T) {
	db := open(t, Checks()...)
	var ids []string
	do(t, db, func(ctx context.Context, tx *data.Tx) error {
		for range 2 {
			it, err := Serve(ctx, tx, ServeRequest{Class: Meal})
			if err != nil {
				return err
			}
			ids = append(ids, it.ID)
		}
		return nil
	})
	if diff := cmp.Diff([]string{"house:2026-11-21:1.1", "house:2026-11-21:1.2"}, ids); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}

func TestCase41AnUndoneServingGoesBackToItsPlaceInTheQueue(t *testing.T) {
	db := open(t, Checks()...)
	give(t, db, Coffee, "1.1", 1)
	give(t, db, Coffee, "2.1", 1)
	first := serve(t, db, Coffee)
	back := undo(t, db, first.ID)
	if back.ID != "gift:1.1.1" || back.State != Available {
		t.Errorf("undone: got %s %s, want gift:1.1.1 AVAILABLE", back.ID, back.State)
	}
	if again := serve(t, db, Coffee); again.ID != first.ID {
		t.Errorf("served %s after the undo, want the oldest %s", again.ID, first.ID)
	}
}

func TestCase41AnUndoneServingOfTheHouseIsRetractedAndLeavesTheBudget(t *testing.T) {
	db := open(t, Checks()...)
	it := serve(t, db, Coffee)
	if back := undo(t, db, it.ID); back.State != Retracted {
		t.Errorf("undone item of the house is %s, want RETRACTED", back.State)
	}
	wantShelf(t, db, "coffee 0/0/0/0 map[]; meal 0/0/0/0 map[]")
	wantHouse(t, db, "2026-11-21", 0)
}

func TestUndoRefusesWhatIsNotServed(t *testing.T) {
	db := open(t, Checks()...)
	give(t, db, Coffee, "1.1", 1)
	err := try(db, func(ctx context.Context, tx *data.Tx) error { _, err := Undo(ctx, tx, "gift:1.1.1"); return err })
	wantCode(t, err, fault.Conflict, "item.not_served")
	err = try(db, func(ctx context.Context, tx *data.Tx) error { _, err := Undo(ctx, tx, "gift:9.9.9"); return err })
	wantCode(t, err, fault.NotFound, "item.unknown")
	it := serve(t, db, Coffee)
	undo(t, db, it.ID)
	err = try(db, func(ctx context.Context, tx *data.Tx) error { _, err := Undo(ctx, tx, it.ID); return err })
	wantCode(t, err, fault.Conflict, "item.not_served")
}

func TestServeRefusesOnlyAnUnknownClass(t *testing.T) {
	db := open(t, Checks()...)
	err := try(db, func(ctx context.Context, tx *data.Tx) error {
		_, err := Serve(ctx, tx, ServeRequest{Class: "beer"})
		return err
	})
	wantCode(t, err, fault.NotFound, "class.unknown")
}

func TestAnItemMovesOnlyAlongTheTable(t *testing.T) {
	all := []State{unborn, Available, Reserved, Allotted, Served, Collected, Retracted, Converted}
	legal := map[string]bool{
		">AVAILABLE": true, "AVAILABLE>RESERVED": true, "AVAILABLE>ALLOTTED": true, "AVAILABLE>RETRACTED": true,
		"AVAILABLE>CONVERTED": true, "RESERVED>SERVED": true, "RESERVED>AVAILABLE": true, "ALLOTTED>COLLECTED": true,
		"ALLOTTED>AVAILABLE": true, "SERVED>AVAILABLE": true,
	}
	for _, was := range all {
		for _, became := range all {
			move := string(was) + ">" + string(became)
			if got := slices.Contains(next(was), became); got != legal[move] {
				t.Errorf("%s: got allowed=%v, want %v", move, got, legal[move])
			}
		}
	}
	db := open(t, Checks()...)
	give(t, db, Coffee, "1.1", 1)
	err := try(db, func(ctx context.Context, tx *data.Tx) error {
		it, err := Find(ctx, tx, "gift:1.1.1")
		if err != nil {
			return err
		}
		_, err = advance(ctx, tx, it, ByAsking, Served)
		return err
	})
	wantCode(t, err, fault.Internal, "item.step")
	err = try(db, func(ctx context.Context, tx *data.Tx) error { _, err := Lapse(ctx, tx, "gift:1.1.1"); return err })
	wantCode(t, err, fault.Conflict, "item.moved")
}

func TestAStaleItemIsNotMoved(t *testing.T) {
	db := open(t, Checks()...)
	give(t, db, Coffee, "1.1", 1)
	stale, err := Find(t.Context(), db.Reader(), "gift:1.1.1")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, db, Coffee)
	err = try(db, func(ctx context.Context, tx *data.Tx) error {
		_, err := advance(ctx, tx, stale, ByAsking, Reserved)
		return err
	})
	wantCode(t, err, fault.Conflict, "item.moved")
}

func TestCase66AClassAdmitsOneRateBelowThatOfAlcohol(t *testing.T) {
	db := open(t, Checks()...)
	classes, err := Classes(t.Context(), db.Reader())
	if err != nil || len(classes) != 2 || classes[0].Code != Coffee || classes[1].Code != Meal {
		t.Fatalf("classes: got %+v, %v; want coffee and meal", classes, err)
	}
	for _, c := range classes {
		if err := c.Admit(1000, 1000); err != nil {
			t.Errorf("%s at 10 %%: %v", c.Code, err)
		}
		if err := c.Admit(); err != nil {
			t.Errorf("%s without products: %v", c.Code, err)
		}
		wantCode(t, c.Admit(2000), fault.Invalid, "class.vat")
		wantCode(t, c.Admit(1000, money.BasisPoints(550)), fault.Invalid, "class.mixed")
	}
}

func TestTheShelfIsRebuiltFromTheLedger(t *testing.T) {
	db := open(t, Checks()...)
	give(t, db, Coffee, "1.1", 3)
	undo(t, db, serve(t, db, Coffee).ID)
	serve(t, db, Meal)
	retract(t, db, "1.1", 1)
	before := shelf(t, db)
	do(t, db, func(ctx context.Context, tx *data.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE shelf SET state = 'SERVED', created = 99`)
		return err
	})
	do(t, db, Rebuild)
	wantShelf(t, db, before)
}
