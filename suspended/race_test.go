package suspended

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"comptoir/data"
	"comptoir/data/fault"
)

func TestCase55FortyClientsRacingForFiveCoffeesGetFiveOfTheShelfAndThirtyFiveOfTheHouse(t *testing.T) {
	db := open(t, Checks()...)
	give(t, db, Coffee, "1.1", 5)
	const clients = 40
	items := make([]Item, clients)
	errs := make([]error, clients)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range clients {
		wg.Go(func() {
			<-start
			errs[i] = try(db, func(ctx context.Context, tx *data.Tx) (err error) {
				items[i], err = Serve(ctx, tx, ServeRequest{Class: Coffee})
				return err
			})
		})
	}
	close(start)
	wg.Wait()
	seen := map[string]bool{}
	origins := make(map[Origin]int)
	for i := range clients {
		if errs[i] != nil {
			t.Errorf("client %d heard no: %v", i, errs[i])
			continue
		}
		if seen[items[i].ID] {
			t.Errorf("item %s was served twice", items[i].ID)
		}
		seen[items[i].ID] = true
		origins[items[i].Origin]++
	}
	if got := fmt.Sprint(origins); got != "map[HOUSE:35 PAID:5]" {
		t.Errorf("served %s, want map[HOUSE:35 PAID:5]", got)
	}
	wantShelf(t, db, "coffee 0/0/0/40 map[]; meal 0/0/0/0 map[]")
}

// TestI8RacesOnEveryTransitionLeaveEachItemInOneState: promising, giving back, serving, undoing, retracting and converting at once.
// Each takes an item or is refused; the Check replays the ledger at the end.
func TestI8RacesOnEveryTransitionLeaveEachItemInOneState(t *testing.T) {
	db := open(t, Checks()...)
	give(t, db, Coffee, "1.1", 30)
	acts := []func(context.Context, *data.Tx) error{
		func(ctx context.Context, tx *data.Tx) error { _, _, err := Reserve(ctx, tx, Coffee); return err },
		func(ctx context.Context, tx *data.Tx) error { _, err := Return(ctx, tx, Coffee, 1); return err },
		func(ctx context.Context, tx *data.Tx) error { _, err := ServePromised(ctx, tx, Coffee); return err },
		func(ctx context.Context, tx *data.Tx) error {
			it, err := Serve(ctx, tx, ServeRequest{Class: Coffee})
			if err == nil {
				_, err = Undo(ctx, tx, it.ID)
			}
			return err
		},
		func(ctx context.Context, tx *data.Tx) error {
			_, err := RetractGift(ctx, tx, "1.1", 1, ByRefund)
			return err
		},
		func(ctx context.Context, tx *data.Tx) error {
			_, err := Convert(ctx, tx, ConvertRequest{From: Coffee, To: Meal, Price: 600})
			return err
		},
		func(ctx context.Context, tx *data.Tx) error { _, err := Allot(ctx, tx, "gift:1.1.30"); return err },
		func(ctx context.Context, tx *data.Tx) error { _, err := Lapse(ctx, tx, "gift:1.1.30"); return err },
	}
	var wg sync.WaitGroup
	for range 4 {
		for _, act := range acts {
			wg.Go(func() {
				for range 5 {
					if err := try(db, act); err != nil && !lawfulRefusal(err) {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	shelf, err := Shelf(t.Context(), db.Reader())
	if err != nil || shelf[0].Available+shelf[0].Reserved+shelf[0].Allotted+shelf[0].Served > 30+20 {
		t.Errorf("%+v, %v", shelf, err)
	}
}

// lawfulRefusal reports whether somebody else was first.
func lawfulRefusal(err error) bool {
	switch fault.CodeOf(err) {
	case "item.none_reserved", "item.moved", "gift.served", "convert.few":
		return true
	}
	return false
}
