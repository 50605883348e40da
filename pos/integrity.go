package pos

import (
	"context"
	"errors"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// fullVerification is how long a verification of every entry holds; a new month asks for another (fiscal §6.6).
const fullVerification = 7 * 24 * time.Hour

// clockBehind is how far the clock may be behind the last entry before a manager is told at the next start.
const clockBehind = 24 * time.Hour

// VerificationDue reports whether the whole journal should be verified now: no full verification has ended well for a week,
// nor since the last month was closed. A demonstration is verified like any other café.
func (t *Till) VerificationDue(ctx context.Context) (bool, error) {
	q := t.db.Reader()
	marks, err := journal.Marks(ctx, q)
	if err != nil {
		return false, err
	}
	genesis, err := journal.At(ctx, q, 0)
	if err != nil {
		return false, err
	}
	last, at := int64(0), genesis.At
	for i := len(marks) - 1; i >= 0 && last == 0; i-- {
		if marks[i].Code != journal.EventIntegrityOK {
			continue
		}
		e, err := journal.At(ctx, q, marks[i].Seq)
		if err != nil {
			return false, err
		}
		var b journal.EventBody
		if err := e.Decode(&b); err != nil {
			return false, err
		}
		if full, _ := b.Data["full"].(bool); full {
			last, at = e.Seq, e.At
		}
	}
	if t.db.Now().Sub(at) >= fullVerification {
		return true, nil
	}
	month, err := journal.LastClosing(ctx, q, journal.KindCloseMonth)
	if fault.CodeOf(err) == "journal.closing" {
		return false, nil
	}
	return month.Seq > last, err
}

// VerifyJournal verifies the journal beside the sales, on one processor, and journals the result: INTEGRITY_OK, or
// INTEGRITY_ERROR with the first anomaly, which stays on the dashboard until a manager has seen it (fiscal R64). Without
// full it checks the links of all and whatever seals them, and every entry of the open day.
func (t *Till) VerifyJournal(ctx context.Context, full bool) (report journal.Report, err error) {
	opts := journal.VerifyOptions{Full: full, Gentle: true}
	// Read before the snapshot: the file may move on, and never leads.
	if head, err := journal.ReadHead(t.config.Dir); err == nil {
		opts.Head = &head
	}
	if err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) (err error) {
		report, err = journal.Verify(ctx, q, opts)
		return err
	}); err != nil {
		return report, fmt.Errorf("verify the journal: %w", err)
	}
	code, facts := journal.EventIntegrityOK, map[string]any{"full": full, "to": report.Seq, "signatures": report.Signatures}
	if !report.Conform {
		first := report.Anomalies[0]
		code = journal.EventIntegrityError
		facts["what"], facts["seq"], facts["check"] = "verify", first.Seq, first.Check
		facts["anomalies"] = int64(len(report.Anomalies)) + report.More
	}
	return report, t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		seq, err := t.journalEvent(ctx, tx, systemOp, code, facts)
		if err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "journal.verified", Body: map[string]any{"journal": []int64{seq}}})
	})
}

// Verification is how the journal stands, for whoever looks after the till.
type Verification struct {
	At     time.Time // of the last verification that ended well; zero: none yet
	To     int64     // the newest entry it read
	Due    bool      // the whole journal should be verified now
	Unseen int       // alerts that no manager has taken note of
	Behind bool      // the clock is a day or more behind the last entry
}

// Verified tells how the journal stands. It reads marks only, never the journal itself.
func (t *Till) Verified(ctx context.Context) (v Verification, err error) {
	if v.Due, err = t.VerificationDue(ctx); err != nil {
		return v, err
	}
	return v, t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		marks, err := journal.Marks(ctx, q)
		if err != nil {
			return err
		}
		for i := len(marks) - 1; i >= 0 && v.At.IsZero(); i-- {
			if marks[i].Code != journal.EventIntegrityOK {
				continue
			}
			e, err := journal.At(ctx, q, marks[i].Seq)
			if err != nil {
				return err
			}
			v.At, v.To = e.At, e.Seq
		}
		unseen, err := journal.Unseen(ctx, q)
		if err != nil {
			return err
		}
		v.Unseen = len(unseen)
		v.Behind, err = t.behindLast(ctx, q, t.db.Now())
		return err
	})
}

// Alert is what the till saw in its journal and could not explain.
type Alert struct {
	Seq  int64
	At   time.Time
	Code journal.Code
	What string // head_missing, head_broken, verify, behind, differs, foreign; of a lost key its id
	By   string // code of the operator who went on, or "sys"
}

// Alerts lists what no manager has taken note of yet, in order.
func (t *Till) Alerts(ctx context.Context) (alerts []Alert, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		alerts, err = loadAlerts(ctx, q)
		return err
	})
	return alerts, err
}

func loadAlerts(ctx context.Context, q data.Querier) ([]Alert, error) {
	marks, err := journal.Unseen(ctx, q)
	if err != nil {
		return nil, err
	}
	alerts := make([]Alert, 0, len(marks))
	for _, m := range marks {
		e, err := journal.At(ctx, q, m.Seq)
		if err != nil {
			return nil, err
		}
		env, err := e.Envelope()
		var b journal.EventBody
		if err := errors.Join(err, e.Decode(&b)); err != nil {
			return nil, fmt.Errorf("alert %d: %w", m.Seq, err)
		}
		a := Alert{Seq: m.Seq, At: e.At, Code: b.Code, By: env.Op}
		if a.What, _ = b.Data["what"].(string); a.What == "" {
			a.What, _ = b.Data["previous"].(string)
		}
		alerts = append(alerts, a)
	}
	return alerts, nil
}

// SeeAlerts journals that a manager has taken note of the alerts up to one (INTEGRITY_SEEN): the dashboard shows them no
// more, the journal and every verification for ever. With none it changes nothing. Refusals: right.missing, and
// alerts.more when others have come since: nobody takes note of what was not shown.
func (t *Till) SeeAlerts(ctx context.Context, by By, upTo int64) error {
	if err := by.mustManage(); err != nil {
		return err
	}
	_, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (struct{}, error) {
		var none struct{}
		unseen, err := journal.Unseen(ctx, tx)
		if err != nil || len(unseen) == 0 {
			return none, err
		}
		if last := unseen[len(unseen)-1].Seq; last > upTo {
			return none, errAlertsMore
		}
		seq, err := t.journalEvent(ctx, tx, by.Operator.Code, journal.EventIntegritySeen, map[string]any{"alerts": len(unseen), "to": upTo})
		if err != nil {
			return none, err
		}
		return none, tx.Record(data.Event{Type: "journal.seen", Topics: []string{"matters"}, Body: map[string]any{"journal": []int64{seq}}})
	})
	return err
}

var errAlertsMore = fault.New(fault.Conflict, "alerts.more", "Something else was found meanwhile; look at it first.")

// RotateKey puts another signing key in force (fiscal R26) and returns its id. The key is on the disk before the journal
// names it. Refusals: right.missing, text.invalid.
func (t *Till) RotateKey(ctx context.Context, by By, reason string) (string, error) {
	if err := by.mustManage(); err != nil {
		return "", err
	}
	reason, err := cleanText("reason", reason, maxReason)
	if err == nil && reason == "" {
		err = errText.Field("reason", "required")
	}
	if err != nil {
		return "", err
	}
	key, err := t.journal.NewKey(ctx, t.db.Reader())
	if err != nil {
		return "", err
	}
	id, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (string, error) {
		e, err := t.journal.Rotate(ctx, tx, key, by.Operator.Code, reason)
		if err != nil {
			return "", err
		}
		return key.ID(), tx.Record(data.Event{Type: "key.rotated", Body: map[string]any{"journal": []int64{e.Seq, e.Seq + 1}}})
	})
	return id, err
}

// behindLast reports that the clock was set back a day or more behind the last entry.
func (t *Till) behindLast(ctx context.Context, q data.Querier, now time.Time) (bool, error) {
	last, err := journal.Newest(ctx, q)
	return err == nil && last.At.Sub(now) >= clockBehind, err
}

// journalMatters tells what a manager should know of the journal, before anything else.
func (t *Till) journalMatters(ctx context.Context, q data.Querier, now time.Time) ([]Matter, error) {
	found := []Matter{}
	unseen, err := journal.Unseen(ctx, q)
	if err != nil {
		return nil, err
	}
	if len(unseen) > 0 {
		found = append(found, Matter{MatterIntegrity, len(unseen)})
	}
	behind, err := t.behindLast(ctx, q, now)
	if err != nil {
		return nil, err
	}
	if behind {
		found = append(found, Matter{MatterClock, 0})
	}
	if t.journal != nil && t.journal.SecondHead() != nil {
		found = append(found, Matter{MatterSecondHead, 0})
	}
	return found, nil
}
