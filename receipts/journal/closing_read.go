package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
)

// LastClosing returns the newest CLOSE_DAY, CLOSE_MONTH or CLOSE_YEAR: NotFound "journal.closing" when there is none.
func LastClosing(ctx context.Context, q data.Querier, kind Kind) (Entry, error) {
	e, err := scanEntry(q.QueryRow(ctx, `SELECT j.seq, j.canon, j.hash, j.sig FROM documents AS d JOIN journal AS j ON j.seq = d.seq
		WHERE d.series = ? ORDER BY d.year DESC, d.n DESC LIMIT 1`, string(seriesOf(kind, false))))
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, errNoClosing(kind)
	}
	return e, err
}

// Closings returns the closings of a kind whose last day is one of those from fromDay to toDay, in order.
func Closings(ctx context.Context, q data.Querier, kind Kind, fromDay, toDay string) ([]Entry, error) {
	id, err := readIdentity(ctx, q)
	if err != nil {
		return nil, err
	}
	first, err := fiscalYear(fromDay, id.fiscalStart)
	if err != nil {
		return nil, err
	}
	last, err := fiscalYear(toDay, id.fiscalStart)
	if err != nil {
		return nil, err
	}
	all, err := scan(ctx, q, `SELECT j.seq, j.canon, j.hash, j.sig FROM documents AS d JOIN journal AS j ON j.seq = d.seq
		WHERE d.series = ? AND d.year BETWEEN ? AND ? ORDER BY d.year, d.n`, string(seriesOf(kind, false)), first, last)
	if err != nil {
		return nil, err
	}
	var found []Entry
	for _, e := range all {
		if e.Day >= fromDay && e.Day <= toDay {
			found = append(found, e)
		}
	}
	return found, nil
}

// Preview returns the closing that the open day would have now, from the entries since the last one: nothing is closed,
// numbered or signed by it (fiscal R47). Open, Events and Late are not filled. It reads q alone, also read-only.
func Preview(ctx context.Context, q data.Querier) (CloseBody, error) {
	id, err := readIdentity(ctx, q)
	if err != nil {
		return CloseBody{}, err
	}
	return id.preview(ctx, q)
}

// Preview is the function Preview for an open journal.
func (j *Journal) Preview(ctx context.Context, q data.Querier) (CloseBody, error) {
	return j.id.preview(ctx, q)
}

func (id identity) preview(ctx context.Context, q data.Querier) (CloseBody, error) {
	var next int64
	if err := q.QueryRow(ctx, `SELECT max(seq) + 1 FROM journal`).Scan(&next); err != nil {
		return CloseBody{}, fmt.Errorf("newest entry: %w", err)
	}
	b, t, err := id.loadBooks(ctx, q)
	if err != nil {
		return CloseBody{}, err
	}
	return *b.closing(KindCloseDay, next, t), nil
}

// loadBooks reads what is closed and what is open: the days and months since the last month and year, and the entries
// since the last day. A journal that was begun without closings is walked once from its genesis.
func (id identity) loadBooks(ctx context.Context, q data.Querier) (books, totals, error) {
	b := newBooks(&id.rules, id.day)
	var t totals
	for _, level := range []Kind{KindCloseDay, KindCloseMonth, KindCloseYear} {
		last, err := LastClosing(ctx, q, level)
		if err != nil {
			if fault.CodeOf(err) == "journal.closing" {
				break // no month without a day, no year without a month
			}
			return b, t, err
		}
		if err := b.resume(level, last); err != nil {
			return b, t, err
		}
	}
	if err := b.gather(ctx, q); err != nil {
		return b, t, err
	}
	t = b.done
	for from := b.from; ; {
		entries, err := readRows(ctx, q, from, batchSize)
		if err != nil || len(entries) == 0 {
			return b, t, err
		}
		for _, r := range entries {
			if t, err = b.follow(r, t); err != nil {
				return b, t, fmt.Errorf("entry %d: %w", r.seq, err)
			}
		}
		from = entries[len(entries)-1].seq + 1
	}
}

// resume takes up the last closing of a level.
func (b *books) resume(level Kind, last Entry) error {
	ref := &Ref{Doc: last.Number, Seq: last.Seq}
	switch level {
	case KindCloseMonth:
		b.prevMonth = ref
	case KindCloseYear:
		b.prevYear = ref
	default:
		var c CloseBody
		if err := last.Decode(&c); err != nil {
			return err
		}
		b.prevDay, b.day, b.open = ref, c.ToDay, nextDay(c.ToDay)
		b.done = totals{b.fiscalYear(c.ToDay), c.GT}
		if b.from = last.Seq + 1; c.ToSeq != last.Seq-1 { // a day of before is still to be closed
			b.from = c.ToSeq + 1
		}
	}
	return nil
}

// gather adds up the days closed since the last month, and the months closed since the last year.
func (b *books) gather(ctx context.Context, q data.Querier) error {
	for _, level := range []struct {
		kind  Kind
		since *Ref
		into  *CloseBody
	}{{KindCloseDay, b.prevMonth, b.month}, {KindCloseMonth, b.prevYear, b.year}} {
		since := int64(-1)
		if level.since != nil {
			since = level.since.Seq
		}
		entries, err := scan(ctx, q, `SELECT j.seq, j.canon, j.hash, j.sig FROM documents AS d JOIN journal AS j ON j.seq = d.seq
			WHERE d.series = ? AND d.seq > ? ORDER BY d.seq`, string(seriesOf(level.kind, false)), since)
		if err != nil {
			return err
		}
		for _, e := range entries {
			var c CloseBody
			if err := e.Decode(&c); err != nil {
				return err
			}
			level.into.join(&c, e.Number, e.Seq)
		}
	}
	return nil
}

// follow adds one stored entry of the open day, and returns the totals after it.
func (b *books) follow(r row, t totals) (totals, error) {
	env, flaw, err := parse(r.canon)
	if err = errors.Join(flaw, err); err != nil || env.Body == nil {
		return t, fmt.Errorf("cannot be read: %w", err)
	}
	if isClosing(env.Kind) {
		return t, nil
	}
	after, breach := t.follow(env.Training, b.fiscalYear(env.Day), env.Body)
	if breach != "" {
		return t, errors.New(breach)
	}
	c := covered{seq: r.seq, kind: env.Kind, training: env.Training, day: env.Day, body: env.Body}
	if env.Doc != nil {
		c.number = *env.Doc
	}
	b.cover(c, t)
	return after, nil
}

// follow returns the totals after an entry, and why a pool cannot be so.
func (t totals) follow(training bool, year int, body any) (totals, string) {
	if training {
		return t, ""
	}
	switch b := body.(type) {
	case *TicketBody:
		return t.sale(b, year)
	case *RedeemBody:
		return t.redeem(b)
	case *ReleaseBody:
		return t.release(b)
	case *AdjustBody:
		return t.adjust(b)
	default: // moves no total
		return t, ""
	}
}

// isClosing reports whether a kind ends a period.
func isClosing(kind Kind) bool {
	return kind == KindCloseDay || kind == KindCloseMonth || kind == KindCloseYear
}
