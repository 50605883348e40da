package replica_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/replica"
)

// The copy of the machine that was replaced stays for 30 days, and until the one that came after it was restored.
func TestAnOlderEpochGoesWhenTheNewerOneRestores(t *testing.T) {
	for kind, target := range places(t) {
		t.Run(kind, func(t *testing.T) {
			old := newCafe(t, target)
			old.sell(0, 5)
			old.sync()
			old.close()
			_, older := fetch(t, target)
			next := newCafe(t, target, func(config *replica.Config) { config.Epoch = 7 })
			next.sell(0, 3)
			next.sync()
			_, newer := fetch(t, target)
			month := newer.Marker.When.Add(30 * 24 * time.Hour)
			for name, c := range map[string]struct {
				got replica.Fetched
				now time.Time
			}{
				"a day too soon":                {newer, month.Add(-24 * time.Hour)},
				"the older one was restored":    {older, month},
				"the newer one has no copy yet": {replica.Fetched{Epoch: 1, Marker: newer.Marker}, month},
			} {
				if n, err := replica.Prune(t.Context(), target, c.got, c.now); err != nil || n != 0 {
					t.Errorf("%s: %d files went, %v", name, n, err)
				}
			}
			if n, err := replica.Prune(t.Context(), target, newer, month); err != nil || n == 0 {
				t.Errorf("%d files went, %v; want those of epoch 1", n, err)
			}
			wantSales(t, target, 3)
			if _, err := os.Stat(filepath.Join(target.Path, "e1")); kind == replica.Folder && !os.IsNotExist(err) {
				t.Errorf("the older epoch's folder is left: %v", err)
			}
		})
	}
}
