package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

// ResumeRequest is what a manager answers to a database that is not the one last seen (fiscal §6.6).
type ResumeRequest struct {
	Op     string  // the manager; required
	Reason string  // required
	Anchor *Anchor // one more head seen outside, such as that of a printed closing; nil: the head files alone
}

// Resume goes on with a database that Open refuses as "journal.rollback" or "clock.ahead": one RESUME for what was found,
// with the event that says so, and one for the clock. From then on no series gives a number that an entry which is gone
// may have had. The head files follow after the commit. The journal must not be open.
//
// Refusals: Conflict "journal.resume_none" (there is nothing to resume), Invalid "journal.anchor_far" (Anchor.Reachable), and those
// of Open about the key.
func Resume(ctx context.Context, db *data.DB, cfg Config, r ResumeRequest) error {
	keys, err := checkedKeys(ctx, db.Reader())
	if err != nil {
		return err
	}
	key, err := useKey(cfg.Dir, keys)
	if err != nil {
		return err
	}
	j, err := prepare(ctx, db, cfg, key)
	if err != nil {
		return err
	}
	u, err := j.found(ctx, db.Reader(), r.Anchor)
	if err != nil {
		return err
	}
	if u != nil {
		if err := u.Reachable(j.cell.Committed().seq); err != nil {
			return err
		}
	}
	ahead := db.ClockAhead()
	if u == nil && ahead == nil {
		return fault.New(fault.Conflict, "journal.resume_none", "the database is the one last seen, and the clock is right: there is nothing to resume")
	}
	err = db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		var seqs []int64
		if u != nil {
			seq, err := j.resume(ctx, tx, db, r, u)
			if err != nil {
				return err
			}
			seqs = append(seqs, seq)
		}
		if ahead != nil {
			tx.ClockIsRight()
			seq, err := j.resumeClock(ctx, tx, r)
			if err != nil {
				return err
			}
			seqs = append(seqs, seq)
		}
		return tx.Record(data.Event{Type: "journal.resumed", Body: map[string]any{"journal": seqs, "operator": r.Op}})
	})
	if err != nil {
		return err
	}
	if j.second != nil {
		_ = j.anchor(j.second) // logged; it is kept as well as it can be
	}
	return j.anchor(j.first)
}

// resume writes the RESUME of an anchor that is not met, and the event beside it (fiscal R64).
func (j *Journal) resume(ctx context.Context, tx *data.Tx, db *data.DB, r ResumeRequest, u *unmet) (int64, error) {
	s := j.cell.Get(tx)
	b := ResumeBody{Anchor: &Head{hexHash(u.Hash), u.Seq}, AnchorOf: u.Journal, Cause: u.cause,
		Head: Head{hexHash(s.hash), s.seq}, Numbers: []string{}, Reason: r.Reason}
	code := EventIntegrityError
	if u.cause == ResumeBehind {
		code = EventRollbackDetected
		b.Lost = u.Seq - s.seq
		seen := u.At
		if seen.IsZero() {
			seen = tx.Now()
		}
		var err error
		if b.Numbers, err = j.leaveOut(ctx, tx, b.Lost, s.books.open, db.BusinessDay(seen)); err != nil {
			return 0, err
		}
	}
	e, err := j.append(ctx, tx, &s, Draft{Kind: KindResume, Op: r.Op, resuming: j.id.journal, Body: b})
	if err != nil {
		return 0, err
	}
	_, err = j.append(ctx, tx, &s, Draft{Kind: KindEvent, Op: r.Op, Body: EventBody{Code: code,
		Data: map[string]any{"what": u.cause, "anchor": u.Seq, "resume": e.Seq}}})
	return e.Seq, err
}

func (j *Journal) resumeClock(ctx context.Context, tx *data.Tx, r ResumeRequest) (int64, error) {
	s := j.cell.Get(tx)
	e, err := j.append(ctx, tx, &s, Draft{Kind: KindResume, Op: r.Op, resuming: j.id.journal, Body: ResumeBody{
		Cause: ResumeClock, Head: Head{hexHash(s.hash), s.seq}, Numbers: []string{}, Reason: r.Reason}})
	return e.Seq, err
}

// yearsLeftOut bounds the fiscal years in which numbers are left out, whatever an anchor says of its time.
const yearsLeftOut = 3

// leaveOut returns, for every series and every fiscal year from the one of the open day to the one of the last entry that
// was seen, the number that lost entries could have reached. A day closed by hand makes the next one begin early.
func (j *Journal) leaveOut(ctx context.Context, tx *data.Tx, lost int64, open, seen string) ([]string, error) {
	from, err := fiscalYear(open, j.id.fiscalStart)
	if err != nil {
		return nil, err
	}
	day, err := time.Parse("2006-01-02", max(open, seen))
	if err != nil {
		return nil, fmt.Errorf("business day: %w", err)
	}
	to, err := fiscalYear(day.AddDate(0, 0, 1).Format("2006-01-02"), j.id.fiscalStart)
	if err != nil {
		return nil, err
	}
	numbers := []string{}
	for year := from; year <= min(to, from+yearsLeftOut-1); year++ {
		for _, series := range allSeries {
			n, err := lastNumber(ctx, tx, Series(series), year)
			if err != nil {
				return nil, err
			}
			numbers = append(numbers, number(Series(series), year, n+lost))
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// lastNumber returns the last count of a series in a fiscal year that was given or left out, 0 when there is none.
func lastNumber(ctx context.Context, q data.Querier, series Series, year int) (int64, error) {
	var n int64
	err := q.QueryRow(ctx, `SELECT n FROM (SELECT n FROM documents WHERE series = ?1 AND year = ?2
		UNION ALL SELECT n FROM journal_skipped WHERE series = ?1 AND year = ?2) ORDER BY n DESC LIMIT 1`, string(series), year).Scan(&n)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("last number of %s: %w", series, err)
	}
	return n, nil
}

// checkResume checks what a RESUME says of itself; what stands before it, the walk knows.
func checkResume(b *ResumeBody, journal string) string {
	if b.Reason == "" {
		return "no reason"
	}
	if b.Cause == ResumeClock {
		if b.Anchor != nil || b.AnchorOf != "" || b.Lost != 0 || len(b.Numbers) > 0 {
			return "a resumption by the clock names an anchor"
		}
		return ""
	}
	if b.Anchor == nil || b.AnchorOf == "" || !slices.Contains([]string{ResumeBehind, ResumeDiffers, ResumeForeign}, b.Cause) {
		return fmt.Sprintf("cause %q, or no anchor", b.Cause)
	}
	lost := int64(0)
	if b.Cause == ResumeBehind {
		lost = b.Anchor.Seq - b.Head.Seq
	}
	switch {
	case (b.Cause == ResumeForeign) != (b.AnchorOf != journal):
		return "the anchor is of journal " + b.AnchorOf
	case b.Lost != lost, b.Cause == ResumeBehind && lost < 1, b.Cause == ResumeDiffers && b.Anchor.Seq > b.Head.Seq:
		return fmt.Sprintf("%s: %d lost, from %d to %d", b.Cause, b.Lost, b.Head.Seq, b.Anchor.Seq)
	case b.Cause != ResumeBehind && len(b.Numbers) > 0, !slices.IsSorted(b.Numbers):
		return "numbers left out without need, or out of order"
	}
	return ""
}
