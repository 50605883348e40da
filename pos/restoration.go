package pos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/receipts/journal"
)

// Restore is that the data were put back from a copy (fiscal R80).
type Restore struct {
	Entry   int64     // that says so
	At      time.Time // of that entry
	From    string    // where the copy was, without secrets
	Copied  time.Time // newest entry of the copy
	Head    int64     // its seq
	Epoch   int64     // of the machine from now on
	Known   bool      // a head outside the copy said what was lost; otherwise nobody knows what came after Copied
	Lost    int64     // entries
	LostTo  time.Time // the last of them; zero: not known
	Last    string    // number of the last sale in the copy; empty: none
	LeftOut []string  // numbers up to which none is given any more
	Seen    bool      // a manager has taken note
}

// RecordRestore journals that the data were put back, once for an epoch. Refusals: none of its own.
func (t *Till) RecordRestore(ctx context.Context, r Restore) error {
	last, found, err := t.LastRestore(ctx)
	if err != nil || found && last.Epoch == r.Epoch {
		return err
	}
	if runes := []rune(r.From); len(runes) > maxPlace {
		r.From = string(runes[:maxPlace])
	}
	facts := map[string]any{"from": r.From, "copied": r.Copied.UTC().Format(time.RFC3339), "head": r.Head, "epoch": r.Epoch,
		"known": r.Known, "lost": r.Lost, "lost_to": "", "last": r.Last}
	if !r.LostTo.IsZero() {
		facts["lost_to"] = r.LostTo.UTC().Format(time.RFC3339)
	}
	return t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		seq, err := t.journalEvent(ctx, tx, systemOp, journal.EventRestore, facts)
		if err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "restored", Topics: []string{"matters"}, Body: map[string]any{"journal": []int64{seq}}})
	})
}

// LastRestore returns the newest restoration; false when the data were never put back.
func (t *Till) LastRestore(ctx context.Context) (r Restore, found bool, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		r, found, err = loadRestore(ctx, q)
		return err
	})
	return r, found, err
}

func loadRestore(ctx context.Context, q data.Querier) (Restore, bool, error) {
	newest, err := journal.Marked(ctx, q, journal.EventRestore, 1)
	if err != nil || len(newest) == 0 {
		return Restore{}, false, err
	}
	e := newest[0]
	var body journal.EventBody
	if err := e.Decode(&body); err != nil {
		return Restore{}, false, fmt.Errorf("restoration %d: %w", e.Seq, err)
	}
	r := Restore{Entry: e.Seq, At: e.At, Head: integer(body.Data["head"]), Epoch: integer(body.Data["epoch"]), Lost: integer(body.Data["lost"]), Seen: true}
	r.From, _ = body.Data["from"].(string)
	r.Known, _ = body.Data["known"].(bool)
	r.Last, _ = body.Data["last"].(string)
	copied, _ := body.Data["copied"].(string)
	lostTo, _ := body.Data["lost_to"].(string)
	if r.Copied, err = time.Parse(time.RFC3339, copied); err != nil {
		return Restore{}, false, fmt.Errorf("restoration %d: %w", e.Seq, err)
	}
	if lostTo != "" {
		if r.LostTo, err = time.Parse(time.RFC3339, lostTo); err != nil {
			return Restore{}, false, fmt.Errorf("restoration %d: %w", e.Seq, err)
		}
	}
	unseen, err := journal.Unseen(ctx, q)
	for _, m := range unseen {
		r.Seen = r.Seen && m.Seq != e.Seq
	}
	resumed, err1 := journal.Marked(ctx, q, journal.Code(journal.KindResume), 1)
	if err := errors.Join(err, err1); err != nil {
		return Restore{}, false, err
	}
	if len(resumed) > 0 && resumed[0].Seq > r.Head && resumed[0].Seq < e.Seq {
		var b journal.ResumeBody
		if err := resumed[0].Decode(&b); err != nil {
			return Restore{}, false, fmt.Errorf("resumption %d: %w", resumed[0].Seq, err)
		}
		r.LeftOut = b.Numbers
	}
	return r, true, nil
}

// NewestNumber returns the number of the newest sale or refund, "" before the first: the last that a copy knows of.
func (t *Till) NewestNumber(ctx context.Context) (string, error) {
	var number string
	err := t.db.Reader().QueryRow(ctx, `SELECT coalesce((SELECT number FROM sales ORDER BY seq DESC LIMIT 1), '')`).Scan(&number)
	return number, err
}
