package journal_test

import (
	"context"
	"testing"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// TestTheRatesOfANoteAddUpR93 holds that a note says what the order would be taxed, or is not written.
func TestTheRatesOfANoteAddUpR93(t *testing.T) {
	c := found(t)
	note := func(rates ...journal.Rate) error {
		return c.db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
			_, err := c.j.Append(ctx, tx, journal.Draft{Kind: journal.KindNotePrint, Series: journal.SeriesNote, Op: "ana", Body: journal.NoteBody{
				Ticket: "open-7", Print: 1, Total: 1650, Rates: rates, Lines: []journal.NoteLine{{N: 1, SKU: "menu", Label: "Menu", Qty: 1000, PU: 1650, TTC: 1650}}}})
			return err
		})
	}
	food, wine := journal.Rate{BP: 1000, HT: 1091, VAT: 109, TTC: 1200}, journal.Rate{BP: 2000, HT: 375, VAT: 75, TTC: 450}
	for name, rates := range map[string][]journal.Rate{"a rate missing": {food}, "out of order": {wine, food},
		"not rounded": {{BP: 1000, HT: 1090, VAT: 110, TTC: 1200}, wine}, "no sum": {{BP: 1000, HT: 1091, VAT: 110, TTC: 1200}, wine}} {
		if err := note(rates...); fault.CodeOf(err) != "journal.rule" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := note(food, wine); err != nil {
		t.Error(err)
	}
	if err := note(); err != nil {
		t.Errorf("as a note of core 1 was: %v", err)
	}
}
