package journal

import (
	"context"
	"fmt"
	"strings"

	"comptoir/data"
)

// markResume is the code under which a RESUME is marked; an event is marked under its own.
const markResume = Code(KindResume)

// Mark is the place of a rare entry that is looked for without walking the journal.
type Mark struct {
	Seq  int64
	Code Code
}

// isMarked reports whether an event has a mark: a start, or a manager's page, looks for it.
func (c Code) isMarked() bool {
	switch c {
	case EventIntegrityOK, EventIntegrityError, EventIntegritySeen, EventRollbackDetected, EventKeyLost, EventBackup, EventRestore:
		return true
	default:
		return false
	}
}

// isAlert reports whether a manager has to take note of an event.
func (c Code) isAlert() bool {
	return c == EventIntegrityError || c == EventRollbackDetected || c == EventKeyLost
}

// note writes the derived rows of a rare entry that was just inserted, and moves the counters on where numbers are left out.
func (s *state) note(ctx context.Context, tx *data.Tx, seq int64, body any) error {
	switch b := body.(type) {
	case *KeyRotateBody:
		if _, err := tx.Exec(ctx, `INSERT INTO journal_keys (seq, id, public) VALUES (?, ?, ?)`, seq, b.ID, b.PublicKey); err != nil {
			return fmt.Errorf("note key %s: %w", b.ID, err)
		}
	case *ResumeBody:
		for _, text := range b.Numbers {
			if err := s.skip(ctx, tx, seq, text); err != nil {
				return err
			}
		}
		return mark(ctx, tx, Mark{seq, markResume})
	case *EventBody:
		if b.Code.isMarked() {
			return mark(ctx, tx, Mark{seq, b.Code})
		}
	}
	return nil
}

func mark(ctx context.Context, tx *data.Tx, m Mark) error {
	if _, err := tx.Exec(ctx, `INSERT INTO journal_marks (seq, code) VALUES (?, ?)`, m.Seq, string(m.Code)); err != nil {
		return fmt.Errorf("mark entry %d: %w", m.Seq, err)
	}
	return nil
}

// skip leaves numbers out up to the one named.
func (s *state) skip(ctx context.Context, tx *data.Tx, seq int64, text string) error {
	series, year, n, err := parseNumber(text)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO journal_skipped (seq, series, year, n) VALUES (?, ?, ?, ?)`, seq, string(series), year, n); err != nil {
		return fmt.Errorf("leave out numbers up to %s: %w", text, err)
	}
	if c := &s.counters[strings.Index(allSeries, string(series))]; c.year == year {
		c.n = n
	}
	return nil
}

// Marks returns the marks of the journal in order. Verify holds them against the entries.
func Marks(ctx context.Context, q data.Querier) ([]Mark, error) {
	return data.All(ctx, q, scanMark, `SELECT seq, code FROM journal_marks ORDER BY seq LIMIT -1`)
}

// Unseen returns what no manager has taken note of, in order: what the till saw and could not explain, and that its data
// were put back from a copy.
func Unseen(ctx context.Context, q data.Querier) ([]Mark, error) {
	all, err := data.All(ctx, q, scanMark, `SELECT seq, code FROM journal_marks WHERE code IN (?, ?, ?, ?, ?) ORDER BY seq LIMIT -1`,
		string(EventIntegritySeen), string(EventRestore), string(EventIntegrityError), string(EventRollbackDetected), string(EventKeyLost))
	if err != nil {
		return nil, fmt.Errorf("alerts: %w", err)
	}
	var unseen []Mark
	for _, m := range all {
		switch {
		case m.Code == EventIntegritySeen:
			unseen = nil
		case m.Code.isAlert(), m.Code == EventRestore:
			unseen = append(unseen, m)
		}
	}
	return unseen, nil
}

func scanMark(r *data.Rows) (m Mark, err error) {
	err = r.Scan(&m.Seq, &m.Code)
	return m, err
}

// Marked returns the newest entries that are marked with a code, the newest first, at most limit: backups and restorations
// are found without walking the journal.
func Marked(ctx context.Context, q data.Querier, code Code, limit int) ([]Entry, error) {
	return entries(ctx, q, `SELECT j.seq, j.canon, j.hash, j.sig FROM journal_marks AS m JOIN journal AS j ON j.seq = m.seq
		WHERE m.code = ? ORDER BY m.seq DESC LIMIT ?`, string(code), limit)
}

// MarkedAfter returns the first entries after one that are marked with a code, in order, at most limit.
func MarkedAfter(ctx context.Context, q data.Querier, code Code, after int64, limit int) ([]Entry, error) {
	return entries(ctx, q, `SELECT j.seq, j.canon, j.hash, j.sig FROM journal_marks AS m JOIN journal AS j ON j.seq = m.seq
		WHERE m.code = ? AND m.seq > ? ORDER BY m.seq LIMIT ?`, string(code), after, limit)
}

// marked returns the entries that have a mark.
func marked(ctx context.Context, q data.Querier, code Code) ([]Entry, error) {
	return entries(ctx, q, `SELECT j.seq, j.canon, j.hash, j.sig FROM journal_marks AS m JOIN journal AS j ON j.seq = m.seq
		WHERE m.code = ? ORDER BY m.seq LIMIT -1`, string(code))
}

func entries(ctx context.Context, q data.Querier, query string, args ...any) ([]Entry, error) {
	rows, err := data.All(ctx, q, scanRow, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read marked entries: %w", err)
	}
	all := make([]Entry, len(rows))
	for i, r := range rows {
		if all[i], err = r.entry(); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// loadSkipped moves the counters on to the numbers left out in the fiscal year they stand in; number asks for those of
// another year when it begins.
func (s *state) loadSkipped(ctx context.Context, q data.Querier) error {
	return data.Each(ctx, q, func(r *data.Rows) error {
		var series string
		var year int
		var n int64
		if err := r.Scan(&series, &year, &n); err != nil {
			return err
		}
		if i := strings.Index(allSeries, series); i >= 0 && s.counters[i].year == year {
			s.counters[i].n = max(s.counters[i].n, n)
		}
		return nil
	}, `SELECT series, year, n FROM journal_skipped ORDER BY series, year, n LIMIT -1`)
}
