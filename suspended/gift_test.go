package suspended

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
)

func TestCase35ARefundedGiftLeavesTheShelf(t *testing.T) {
	db := open(t, Checks()...)
	give(t, db, Coffee, "3.2", 1)
	items := retract(t, db, "3.2", 1)
	if len(items) != 1 || items[0].ID != "gift:3.2.1" || items[0].State != Retracted || items[0].Funded != 180 {
		t.Errorf("retracted %+v, want gift:3.2.1 of 180 cents", items)
	}
	wantShelf(t, db, "coffee 0/0/0/0 map[]; meal 0/0/0/0 map[]")
}

func retract(t *testing.T, db *data.DB, saleLine string, n int) (items []Item) {
	t.Helper()
	do(t, db, func(ctx context.Context, tx *data.Tx) (err error) {
		items, err = RetractGift(ctx, tx, saleLine, n, ByRefund)
		return err
	})
	return items
}

func TestCase37AServedOrAllottedGiftIsNotRefunded(t *testing.T) {
	db := open(t, Checks()...)
	give(t, db, Coffee, "3.2", 1)
	refund := func() error {
		return try(db, func(ctx context.Context, tx *data.Tx) error {
			_, err := RetractGift(ctx, tx, "3.2", 1, ByRefund)
			return err
		})
	}
	do(t, db, func(ctx context.Context, tx *data.Tx) error { _, err := Allot(ctx, tx, "gift:3.2.1"); return err })
	wantCode(t, refund(), fault.Conflict, "gift.served")
	do(t, db, func(ctx context.Context, tx *data.Tx) error { _, err := Lapse(ctx, tx, "gift:3.2.1"); return err })
	serve(t, db, Coffee)
	wantCode(t, refund(), fault.Conflict, "gift.served")
}

func TestCase38OfFiveGiftsWithOneServedFourAreRetractedAndNoFifth(t *testing.T) {
	db := open(t, Checks()...)
	give(t, db, Coffee, "3.2", 5)
	give(t, db, Coffee, "3.21", 5) // a neighbour whose number begins the same
	serve(t, db, Coffee)
	err := try(db, func(ctx context.Context, tx *data.Tx) error {
		_, err := RetractGift(ctx, tx, "3.2", 5, ByRefund)
		return err
	})
	wantCode(t, err, fault.Conflict, "gift.served")
	if f, ok := fault.As(err); ok && f.Args["left"] != 4 {
		t.Errorf("left: got %v, want 4", f.Args["left"])
	}
	if left, err := GiftsLeft(t.Context(), db.Reader(), "3.2"); err != nil || left != 4 {
		t.Errorf("gifts left: got %d, %v; want 4", left, err)
	}
	if items := retract(t, db, "3.2", 4); len(items) != 4 || items[0].ID != "gift:3.2.5" {
		t.Errorf("retracted %+v, want the last four of the line", items)
	}
	wantShelf(t, db, "coffee 5/0/0/1 map[PAID:5]; meal 0/0/0/0 map[]")
	err = try(db, func(ctx context.Context, tx *data.Tx) error {
		_, err := RetractGift(ctx, tx, "3.2", 0, ByRefund)
		return err
	})
	wantCode(t, err, fault.Invalid, "gift.quantity")
}

func TestI9SumsWhatGiftsWerePaidAndPaidBack(t *testing.T) {
	db := open(t, Checks()...)
	give(t, db, Coffee, "1.1", 3)
	do(t, db, func(ctx context.Context, tx *data.Tx) error {
		_, err := Release(ctx, tx, "anna", Meal, 300)
		return err
	})
	serve(t, db, Meal)
	serve(t, db, Coffee)
	retract(t, db, "1.1", 2)
	created, retracted, err := FundedPaid(t.Context(), db.Reader())
	if err != nil || created != 540 || retracted != 360 {
		t.Errorf("gifts: got %d given, %d paid back, %v; want 540 and 360", created, retracted, err)
	}
	served, err := ServedItems(t.Context(), db.Reader())
	if diff := cmp.Diff([]string{"gift:1.1.1", "rel:anna:1"}, served); err != nil || diff != "" {
		t.Errorf("served items (-want +got): %v\n%s", err, diff)
	}
}

func TestGiveRefusesWhatIsNoGift(t *testing.T) {
	db := open(t, Checks()...)
	give(t, db, Coffee, "1.1", 1)
	for name, c := range map[string]struct {
		gift Gift
		kind fault.Kind
		code string
	}{
		"issued before": {Gift{Class: Coffee, Funded: 180, SaleLine: "1.1", N: 1}, fault.Conflict, "item.exists"},
		"unknown class": {Gift{Class: "beer", Funded: 180, SaleLine: "2.1", N: 1}, fault.NotFound, "class.unknown"},
		"nothing paid":  {Gift{Class: Coffee, Funded: 0, SaleLine: "2.1", N: 1}, fault.Invalid, "item.amount"},
		"cost below 0":  {Gift{Class: Coffee, Funded: 180, Cost: -1, SaleLine: "2.1", N: 1}, fault.Invalid, "item.amount"},
		"no sale line":  {Gift{Class: Coffee, Funded: 180, N: 1}, fault.Internal, "gift.source"},
		"no rank":       {Gift{Class: Coffee, Funded: 180, SaleLine: "2.1"}, fault.Internal, "gift.source"},
	} {
		t.Run(name, func(t *testing.T) {
			err := try(db, func(ctx context.Context, tx *data.Tx) error { _, err := Give(ctx, tx, c.gift); return err })
			wantCode(t, err, c.kind, c.code)
		})
	}
	wantShelf(t, db, "coffee 1/0/0/0 map[PAID:1]; meal 0/0/0/0 map[]")
}

func TestReleasesAreNumberedThroughRetractionsAndCountedByState(t *testing.T) {
	db := open(t, Checks()...)
	release := func() string {
		var it Item
		do(t, db, func(ctx context.Context, tx *data.Tx) (err error) {
			it, err = Release(ctx, tx, "anna", Meal, 300)
			return err
		})
		return it.ID
	}
	take := func(accounts ...string) (id string, ok bool) {
		var it Item
		do(t, db, func(ctx context.Context, tx *data.Tx) (err error) {
			it, ok, err = RetractRelease(ctx, tx, accounts...)
			return err
		})
		return it.ID, ok
	}
	for range 11 {
		release()
	}
	if id, ok := take("bert", "anna"); id != "rel:anna:11" || !ok {
		t.Errorf("retracted %q %v, want the most recent rel:anna:11", id, ok)
	}
	if id := release(); id != "rel:anna:12" {
		t.Errorf("released %s, want rel:anna:12: a number is used once", id)
	}
	if it := serve(t, db, Meal); it.ID != "rel:anna:1" || it.Account != "anna" {
		t.Errorf("served %+v, want rel:anna:1 of anna", it)
	}
	if _, ok := take("bert"); ok {
		t.Error("an account without a release lost one")
	}
	do(t, db, func(ctx context.Context, tx *data.Tx) error { _, err := Allot(ctx, tx, "rel:anna:2"); return err })
	want := Counts{InForce: 11, Irrevocable: 2, Served: 1}
	if got, err := Releases(t.Context(), db.Reader(), "anna", "bert"); err != nil || got != want {
		t.Errorf("releases: got %+v, %v; want %+v", got, err, want)
	}
	byAccount, err := ReleasesByAccount(t.Context(), db.Reader())
	if diff := cmp.Diff(map[string]Counts{"anna": want}, byAccount); err != nil || diff != "" {
		t.Errorf("releases by account (-want +got): %v\n%s", err, diff)
	}
}

func TestReleasesAreCountedByTheDayLessThoseTakenBack(t *testing.T) {
	clock := datatest.NewClock() // 21 November
	db := datatest.Open(t, func(o *data.Options) { o.Clock = clock })
	db.RegisterCheck(Checks()...)
	release := func(account string) {
		do(t, db, func(ctx context.Context, tx *data.Tx) error {
			_, err := Release(ctx, tx, account, Meal, 300)
			return err
		})
	}
	release("anna")
	release("anna")
	give(t, db, Meal, "1.1", 1) // a gift is no release
	clock.Advance(24 * time.Hour)
	release("bert")
	do(t, db, func(ctx context.Context, tx *data.Tx) error { _, _, err := RetractRelease(ctx, tx, "anna"); return err })
	undo(t, db, serve(t, db, Meal).ID) // back on the shelf is not released again
	for _, c := range []struct {
		from, to string
		want     map[string]int
	}{
		{"2026-11-20", "2026-11-20", map[string]int{}},
		{"2026-11-21", "2026-11-21", map[string]int{Meal: 2}},
		{"2026-11-22", "2026-11-22", map[string]int{Meal: 0}}, // one more, one less
		{"2026-11-21", "2026-11-22", map[string]int{Meal: 2}},
	} {
		got, err := ReleasedBetween(t.Context(), db.Reader(), c.from, c.to)
		if diff := cmp.Diff(c.want, got); err != nil || diff != "" {
			t.Errorf("released from %s to %s (-want +got): %v\n%s", c.from, c.to, err, diff)
		}
	}
}
