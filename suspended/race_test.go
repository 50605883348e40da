package suspended

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"comptoir/data"
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
