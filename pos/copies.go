package pos

import (
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/receipts/journal"
)

// CopyPlan says where copies of the café go, as the journal keeps it: without any secret.
type CopyPlan struct {
	Target  string // address of the second place; empty: none
	Wait    bool   // commands are answered when the second place has them
	Stick   string // folder for a backup at each closing; empty: none
	Nightly bool   // the copy is restored every night, to see that it can be
}

func (p CopyPlan) facts() map[string]any {
	return map[string]any{"target": p.Target, "wait": fmt.Sprint(p.Wait), "stick": p.Stick, "nightly": fmt.Sprint(p.Nightly)}
}

// ChangeCopies records that copies of the café go elsewhere, and then has apply make it so: the settings of copies hold
// credentials, and are no part of the database. It is a change of configuration: journaled with the old and the new
// values (fiscal R65). Nothing changed: nothing is written, and apply is called all the same. Refusals: right.missing, and what
// apply returns.
func (t *Till) ChangeCopies(ctx context.Context, by By, before, after CopyPlan, apply func() error) error {
	if err := by.mustManage(); err != nil {
		return err
	}
	if before == after {
		return apply()
	}
	_, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (struct{}, error) {
		old, now := before.facts(), after.facts()
		for key, was := range old {
			if now[key] == was {
				delete(old, key)
				delete(now, key)
			}
		}
		seq, err := t.configured(ctx, tx, by, "copies", "", old, now)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, tx.Record(data.Event{Type: "copies.changed", Body: map[string]any{"journal": []int64{seq}}})
	})
	if err != nil {
		return err
	}
	return apply()
}

// JournalID is the id of the café's journal, which its genesis has drawn: a copy of another café bears another.
func (t *Till) JournalID(ctx context.Context) (string, error) {
	genesis, err := journal.At(ctx, t.db.Reader(), 0)
	if err != nil {
		return "", err
	}
	e, err := genesis.Envelope()
	return e.Journal, err
}
