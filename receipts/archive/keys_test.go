package archive_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"comptoir/data"
	"comptoir/receipts/archive"
	"comptoir/receipts/journal"
)

// rotate puts another key in force.
func (c *cafe) rotate() {
	c.tb.Helper()
	k, err := c.j.NewKey(c.tb.Context(), c.db.Reader())
	if err == nil {
		err = c.db.Write(c.tb.Context(), func(ctx context.Context, tx *data.Tx) error {
			_, err := c.j.Rotate(ctx, tx, k, "MARIE", "the till was repaired")
			return errors.Join(err, tx.Record(data.Event{Type: "test"}))
		})
	}
	if err != nil {
		c.tb.Fatalf("rotate: %v", err)
	}
}

func TestAnArchiveBringsEveryKeyThatSignedIt(t *testing.T) {
	t.Parallel()
	c := found(t)
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	c.at("2026-12-01")
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	c.rotate()
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	c.at("2027-01-02")
	c.append(event(journal.EventDrawerOpen, nil))

	for period, want := range map[string]int{"2026-11": 1, "2026-12": 0} { // changes of the key after the range
		made := c.write(month(period)) // signed by the key in force now
		m, _, err := archive.Verify(t.Context(), made.Path)
		if err != nil {
			t.Errorf("%s: %v", period, err)
		}
		var ids []string
		for _, k := range m.Keys {
			ids = append(ids, k.ID)
		}
		if m.SignedBy != "k2" || !slices.Equal(ids, []string{"k1", "k2"}) || m.Keys[1].FromSeq == 0 {
			t.Errorf("%s: signed by %s, keys %+v", period, m.SignedBy, m.Keys)
		}
		later := 0
		for _, seq := range seqs(t, contents(t, made.Path)["contexte.jsonl"]) {
			if seq > m.ToSeq {
				later++
			}
		}
		if later != want {
			t.Errorf("%s: %d entries after the range, want %d", period, later, want)
		}
	}
}
