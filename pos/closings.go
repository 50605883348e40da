package pos

import (
	"cmp"
	"context"
	"encoding/hex"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts"
	"comptoir/receipts/journal"
)

// closingOf reads a closing out of its entry, with all that was signed.
func closingOf(e journal.Entry) (Closing, error) {
	env, err := e.Envelope()
	if err != nil {
		return Closing{}, err
	}
	var b journal.CloseBody
	if err := e.Decode(&b); err != nil {
		return Closing{}, err
	}
	c := Closing{
		Number: e.Number, Level: receipts.LevelOf(e.Kind), Period: b.Period, FromDay: b.FromDay, ToDay: b.ToDay, ClosedAt: e.At, ClosedBy: env.Op,
		Late: b.Late, Seq: e.Seq, Hash: hex.EncodeToString(e.Hash[:]), Total: b.Total.TTC, Sales: int(b.Sales.N), Refunds: int(b.Refunds.N),
		VAT: []Tax{}, Tenders: []TenderTotal{}, PerpNet: b.GT.PerpNet, PerpAbs: b.GT.PerpAbs, Body: &b,
	}
	for _, r := range b.Rates {
		c.VAT = append(c.VAT, Tax{VATBP: r.BP, HT: r.HT, VAT: r.VAT, TTC: r.TTC})
	}
	for _, m := range b.Means {
		c.Tenders = append(c.Tenders, TenderTotal{Means: meansOf(m.Means), Amount: m.Amt, Count: int(m.N)})
	}
	return c, nil
}

// closingKinds are the kinds of a closing's entry, by level.
func closingKinds() map[string]journal.Kind {
	return map[string]journal.Kind{
		receipts.LevelDay: journal.KindCloseDay, receipts.LevelMonth: journal.KindCloseMonth, receipts.LevelYear: journal.KindCloseYear,
	}
}

// Closing returns a closing by its number. Refusals: journal.number, journal.document, also when the number is of
// another document.
func (t *Till) Closing(ctx context.Context, number string) (Closing, error) {
	e, err := journal.ByNumber(ctx, t.db.Reader(), number)
	if err != nil {
		return Closing{}, err
	}
	if receipts.LevelOf(e.Kind) == "" {
		return Closing{}, fault.New(fault.NotFound, "journal.document", "there is no closing with this number").With("number", number)
	}
	return closingOf(e)
}

// ClosingDocument returns the document of a closing, as it was frozen. Refusals: journal.number, journal.document,
// document.kind.
func (t *Till) ClosingDocument(ctx context.Context, number string) (receipts.Closing, error) {
	c, err := receipts.LoadClosing(ctx, t.db.Reader(), number)
	if err != nil {
		return c, err
	}
	if c, err = withBackup(ctx, t.db.Reader(), c); err != nil {
		return c, err
	}
	return t.withCharges(ctx, t.db.Reader(), c)
}

// Closings lists what was closed of some days, newest first, without the bodies; of one level, or of all when it is
// empty. 400 days at most. Refusals: report.range, closing.level.
func (t *Till) Closings(ctx context.Context, level, from, to string) ([]Closing, error) {
	if _, _, err := days(from, to); err != nil {
		return nil, err
	}
	kinds := closingKinds()
	if _, known := kinds[level]; !known && level != "" {
		return nil, errLevel
	}
	found := []Closing{}
	for l, kind := range kinds {
		if level != "" && l != level {
			continue
		}
		entries, err := journal.Closings(ctx, t.db.Reader(), kind, from, to)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			c, err := closingOf(e)
			if err != nil {
				return nil, err
			}
			c.Body = nil
			found = append(found, c)
		}
	}
	slices.SortFunc(found, func(a, b Closing) int { return cmp.Compare(b.Seq, a.Seq) })
	return found, nil
}

// LastClosing returns the newest closing of a level. Refusals: closing.level, journal.closing (none yet).
func (t *Till) LastClosing(ctx context.Context, level string) (Closing, error) {
	kind, known := closingKinds()[level]
	if !known {
		return Closing{}, errLevel
	}
	e, err := journal.LastClosing(ctx, t.db.Reader(), kind)
	if err != nil {
		return Closing{}, err
	}
	return closingOf(e)
}

// XReport reads the day that is open, as its closing would state it now: no document, no number, and it ends nothing
// (fiscal R47).
func (t *Till) XReport(ctx context.Context, who Operator) (receipts.Closing, error) {
	var c receipts.Closing
	err := t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		body, err := journal.Preview(ctx, q)
		if err != nil {
			return err
		}
		id, err := journal.Founding(ctx, q)
		if err != nil {
			return err
		}
		c, err = t.withCharges(ctx, q, receipts.Reading(body, id, t.db.Now().In(t.db.Zone()), who.Code))
		return err
	})
	return c, err
}

// Deadlines are when the periods that are open end, and are closed by the till if nobody has done it (fiscal R55).
type Deadlines struct {
	Day   string    // the open day
	Due   bool      // the clock has reached it: it can be closed
	Until time.Time // when it is closed by itself
	Month string    // last day of its month, with which that is closed
	Year  string    // last day of its fiscal year
}

// Deadlines returns the next deadlines of closing.
func (t *Till) Deadlines(ctx context.Context) (Deadlines, error) {
	open, clock, err := t.openDay(ctx, t.db.Reader())
	if err != nil {
		return Deadlines{}, err
	}
	d := Deadlines{Day: max(open, clock), Due: open <= clock} // what is over is closed before anything else
	day, err := time.Parse(time.DateOnly, d.Day)
	if err != nil {
		return Deadlines{}, err
	}
	next := day.AddDate(0, 0, 1)
	d.Until = time.Date(next.Year(), next.Month(), next.Day(), 0, 0, 0, int(t.db.CutOff()), t.db.Zone())
	start, err := time.Parse("01-02", t.identity.FiscalStart)
	if err != nil {
		return Deadlines{}, err
	}
	year := time.Date(day.Year(), start.Month(), start.Day(), 0, 0, 0, 0, time.UTC)
	if !year.After(day) {
		year = year.AddDate(1, 0, 0)
	}
	last := year.AddDate(0, 0, -1)
	month := time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC)
	if last.Before(month) {
		month = last
	}
	d.Month, d.Year = date(month), date(last)
	return d, nil
}
