package pos

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts"
	"comptoir/receipts/journal"
)

// Closing is a day, a month or a year that was closed (fiscal R46): the end of it, for ever (R54). Its document says the
// same on paper: ClosingDocument.
type Closing struct {
	Number   string    `json:"number"` // "Z26-000001"
	Level    string    `json:"level"`  // day, month or year
	Period   string    `json:"period"` // "2026-11-21", "2026-11" or the fiscal year "2026"
	FromDay  string    `json:"from_day"`
	ToDay    string    `json:"to_day"`
	ClosedAt time.Time `json:"closed_at"`
	ClosedBy string    `json:"closed_by"` // operator code; sys: the till itself
	Late     bool      `json:"late"`      // after its last day was over (fiscal R48)
	Made     bool      `json:"made"`      // by this very command; false: it was there already
	Seq      int64     `json:"seq"`       // of its journal entry
	Hash     string    `json:"hash"`      // of that, hexadecimal

	Total   money.Cents   `json:"total"` // sales minus refunds, tax included
	Sales   int           `json:"sales"` // documents
	Refunds int           `json:"refunds"`
	VAT     []Tax         `json:"vat"`
	Tenders []TenderTotal `json:"tenders"`
	PerpNet money.Cents   `json:"perpetual_net"` // never reset (fiscal R51)
	PerpAbs money.Cents   `json:"perpetual_abs"`

	Body *journal.CloseBody `json:"body,omitempty"` // everything that was signed; not in lists
}

// CloseRequest asks to close what is open.
type CloseRequest struct {
	Level    string    `json:"level"`    // day, month or year: receipts.LevelDay…
	Approval *Approval `json:"approval"` // of a manager; a manager needs none
	Count    bool      `json:"count"`    // of a day: the open shift ends in the same act, with the count that is kept for it
}

const topicClosings = "closings"

var (
	errLevel         = fault.New(fault.Invalid, "closing.level", "The level is day, month or year.").Field("level", "one_of")
	errCloseApproval = fault.New(fault.Denied, "closing.approval", "Closing needs a manager.")
)

// eventMeansCount is the technical event of what another means than cash came to by its own slips.
const eventMeansCount journal.Code = "MEANS_COUNT"

// CloseDay closes the day that is open: ClosePeriod of a day, without a count.
func (t *Till) CloseDay(ctx context.Context, by By) (Closing, error) {
	return t.ClosePeriod(ctx, by, CloseRequest{Level: receipts.LevelDay})
}

// CloseMonth closes the month, early when it is not over: ClosePeriod of a month.
func (t *Till) CloseMonth(ctx context.Context, by By) (Closing, error) {
	return t.ClosePeriod(ctx, by, CloseRequest{Level: receipts.LevelMonth})
}

// CloseYear closes the fiscal year, early when it is not over: ClosePeriod of a year.
func (t *Till) CloseYear(ctx context.Context, by By) (Closing, error) {
	return t.ClosePeriod(ctx, by, CloseRequest{Level: receipts.LevelYear})
}

// ClosePeriod closes the day that is open, and what ends with it; a month or a year also closes the day, if one is open
// by the clock (fiscal R46, R49). It is never refused for what happened in the period: open tickets stay open and are
// told, an open shift stays open unless its count comes with it. What was closed already is answered as it is, so that a
// double tap never closes tomorrow. A barista closes with a manager's PIN, which is journaled; neither it nor a digest of
// it is stored. It cannot be taken back (R54).
// Refusals: right.missing, closing.level, closing.approval, approval.wrong, pin.wait.
func (t *Till) ClosePeriod(ctx context.Context, by By, r CloseRequest) (Closing, error) {
	if err := by.mustSell(); err != nil {
		return Closing{}, err
	}
	if r.Level != receipts.LevelDay && r.Level != receipts.LevelMonth && r.Level != receipts.LevelYear {
		return Closing{}, errLevel
	}
	var manager keptOperator
	switch {
	case r.Approval != nil:
		by.Command = by.Command.Of([]byte("closing"), []byte(by.Operator.ID), []byte(r.Level), fmt.Append(nil, r.Count), []byte(r.Approval.Operator))
		var err error
		if manager, err = t.approve(ctx, by, *r.Approval); err != nil {
			return Closing{}, err
		}
	case by.mustManage() != nil:
		return Closing{}, errCloseApproval
	}
	if _, err := t.closedBooks(ctx, t.db.Reader(), t.db.Today()); err != nil { // so that no sale waits for them
		return Closing{}, err
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Closing, error) {
		if r.Approval != nil {
			if err := stillManages(ctx, tx, manager); err != nil {
				return Closing{}, err
			}
		}
		return t.closePeriod(ctx, tx, by, r, manager)
	})
}

func (t *Till) closePeriod(ctx context.Context, tx *data.Tx, by By, r CloseRequest, manager keptOperator) (Closing, error) {
	training := t.inTraining(tx)
	did, err := t.beforeClosing(ctx, tx, by, r, manager)
	if err != nil {
		return Closing{}, err
	}
	end := t.journal.CloseDay
	switch r.Level {
	case receipts.LevelMonth:
		end = t.journal.CloseMonth
	case receipts.LevelYear:
		end = t.journal.CloseYear
	}
	e, made, err := end(ctx, tx, by.Operator.Code)
	if err != nil {
		return Closing{}, err
	}
	c, err := closingOf(e)
	if err != nil {
		return Closing{}, err
	}
	if c.Made = made; !made && len(did.journal) == 0 {
		return c, nil
	}
	did.journal = append(did.journal, e.Seq)
	did.trained(training && !t.inTraining(tx))
	if err := t.keepDials(ctx, tx); err != nil {
		return Closing{}, err
	}
	return c, did.recordClosing(tx, 1)
}

// beforeClosing does what belongs to a day that is about to be closed: its shift ends with the count that is kept, and
// the manager who allowed it is named. Nothing is left to do of a day that is closed.
func (t *Till) beforeClosing(ctx context.Context, tx *data.Tx, by By, r CloseRequest, manager keptOperator) (did ending, err error) {
	open, clock, err := t.openDay(ctx, tx)
	if err != nil || open > clock {
		return did, err
	}
	if r.Level == receipts.LevelDay && r.Count {
		if did, err = t.endCounted(ctx, tx, by); err != nil {
			return did, err
		}
	}
	if manager.ID == "" || manager.ID == by.Operator.ID {
		return did, nil
	}
	seq, err := t.journalEvent(ctx, tx, by.Operator.Code, journal.EventRoleOverride, map[string]any{"right": "closing", "by": manager.Code, "level": r.Level})
	did.journal = append(did.journal, seq)
	return did, err
}

// recordClosing tells the log of events that n periods were closed.
func (e ending) recordClosing(tx *data.Tx, n int) error {
	topics := append(e.topics, topicClosings, topicShift, "sales", "shelf", "board", "menu")
	slices.Sort(topics)
	return tx.Record(data.Event{Type: PeriodClosed, Topics: slices.Compact(topics), Body: map[string]any{"journal": e.journal, "closed": n}})
}

// openDay returns the first day that is not closed, and the day of the clock, which is never before the newest entry.
func (t *Till) openDay(ctx context.Context, q data.Querier) (open, clock string, err error) {
	seq, _ := t.journal.Head()
	newest, err := journal.At(ctx, q, seq)
	if err != nil {
		return "", "", err
	}
	clock = max(t.db.BusinessDay(t.db.Now()), t.db.BusinessDay(newest.At))
	last, err := journal.LastClosing(ctx, q, journal.KindCloseDay)
	switch {
	case err == nil:
		return followingDay(last.Day), clock, nil
	case fault.CodeOf(err) != "journal.closing":
		return "", "", err
	}
	genesis, err := journal.At(ctx, q, 0)
	return genesis.Day, clock, err
}

// endCounted ends the open shift with the count that is kept for it, and journals what the other means came to by their
// own slips. Without a shift or a count there is nothing to end.
func (t *Till) endCounted(ctx context.Context, tx *data.Tx, by By) (did ending, err error) {
	s, err := t.openShift(ctx, tx)
	if fault.CodeOf(err) == errNoShift.Code {
		return did, nil
	}
	if err != nil {
		return did, err
	}
	r := Reckoning{Shift: s}
	if err := r.drawer(ctx, tx); err != nil || r.Kept.Shift == "" {
		return did, err
	}
	end, err := r.Kept.end(r.Expected)
	if err != nil {
		return did, err
	}
	if _, did, err = t.endShift(ctx, tx, by, s, end); err != nil {
		return did, err
	}
	if len(r.Kept.Others) == 0 {
		return did, nil
	}
	day, err := journal.Preview(ctx, tx)
	if err != nil {
		return did, err
	}
	r.others(day.Means)
	for _, x := range r.Others {
		if x.Counted == nil {
			continue
		}
		name, _ := x.Means.journal()
		seq, err := t.journalEvent(ctx, tx, by.Operator.Code, eventMeansCount, map[string]any{
			"means": string(name), "counted": int64(*x.Counted), "expected": int64(x.Expected), "difference": int64(x.Difference)})
		if err != nil {
			return did, err
		}
		did.journal = append(did.journal, seq)
	}
	return did, nil
}

// closeFacts states what no entry says: the orders that stay open, and the head of the log of events (fiscal R37, R50).
// Whoever makes the journal close a day, training ends first (R67).
func (t *Till) closeFacts(ctx context.Context, tx *data.Tx) (f journal.CloseFacts, err error) {
	if t.journal != nil { // else it is being opened
		if _, err := t.endTraining(ctx, tx); err != nil {
			return f, err
		}
	}
	seq, hash := tx.EventHead()
	f.Events = journal.Head{Seq: seq, Hash: hex.EncodeToString(hash[:])}
	err = data.Each(ctx, tx, func(r *data.Rows) error {
		tk, err := scanTicket(r.Scan)
		if err != nil || len(tk.Lines) == 0 {
			return err
		}
		f.Open.Tickets++
		f.Open.Amount += tk.total()
		return nil
	}, `SELECT `+ticketColumns+` FROM tickets WHERE state = 'open' ORDER BY opened, id LIMIT -1`)
	return f, err
}

// CloseDue closes the days, months and years that are over by the clock, so that they end by themselves, sales or none
// (fiscal R48). It returns how many periods it closed.
func (t *Till) CloseDue(ctx context.Context) (n int, err error) {
	open, clock, err := t.openDay(ctx, t.db.Reader())
	if err != nil || open >= clock {
		return 0, err
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		training := t.inTraining(tx)
		if n, err = t.journal.CatchUp(ctx, tx); err != nil || n == 0 {
			return err
		}
		did := ending{journal: []int64{}}
		did.trained(training)
		return did.recordClosing(tx, n)
	})
	return n, err
}
