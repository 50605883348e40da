package pos

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// Why the drawer holds more or less.
const (
	drawerFloat  = "float"
	drawerSale   = "sale"
	drawerRefund = "refund"
	drawerIn     = "in"
	drawerOut    = "out"
)

// CashMove is money put into the drawer, or taken out of it, that is no sale: change fetched from the bank, a
// delivery paid.
type CashMove struct {
	Amount money.Cents `json:"amount"` // positive in, negative out
	Reason string      `json:"reason"`
}

// Counted is how many of one coin or note are in the drawer.
type Counted struct {
	Value money.Cents `json:"value"` // a euro coin or note, 1 cent to 500 euros
	Count int         `json:"count"`
}

// maxCounted bounds one line of a count: a till holds no ten thousand coins of a kind.
const maxCounted = 9999

var (
	errCash  = fault.New(fault.Invalid, "cash.invalid", "The amount is out of range.")
	errCount = fault.New(fault.Invalid, "count.invalid", "The count names each coin or note once, with how many there are.")
)

// drawerEntry appends one movement of the drawer, for the journal entry seq. Nothing moves for a zero, but the
// float of a shift is stated even so.
func drawerEntry(ctx context.Context, tx *data.Tx, seq int64, shift, cause string, amount money.Cents) error {
	if amount == 0 && cause != drawerFloat {
		return nil
	}
	if _, err := tx.Exec(ctx, `INSERT INTO drawer (id, seq, shift, cause, amount)
		VALUES ((SELECT coalesce(max(id), 0) + 1 FROM drawer), ?, ?, ?, ?)`, seq, shift, cause, amount); err != nil {
		return fmt.Errorf("drawer: %w", err)
	}
	return nil
}

// expectedCash is what the drawer should hold: the sum of its movements in a shift.
func expectedCash(ctx context.Context, q data.Querier, s Shift) (money.Cents, error) {
	var sum money.Cents
	err := q.QueryRow(ctx, `SELECT coalesce(sum(amount), 0) FROM drawer WHERE id >= ? AND shift = ?`, s.firstRow, s.ID).Scan(&sum)
	if err != nil {
		return 0, fmt.Errorf("expected cash: %w", err)
	}
	return sum, nil
}

// MoveCash records money put into the drawer or taken out of it, with the reason, and returns the shift as it now
// stands (fiscal R58). Refusals: right.missing, shift.none, cash.invalid, reason.missing, text.invalid,
// training.real.
func (t *Till) MoveCash(ctx context.Context, by By, m CashMove) (Shift, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Shift, error) {
		if err := t.forReal(tx, by); err != nil {
			return Shift{}, err
		}
		reason, err := cleanReason(m.Reason)
		if err != nil {
			return Shift{}, err
		}
		if strings.HasPrefix(reason, partPaid("")) { // the till's own word for a part of an order, which doctor goes by
			return Shift{}, errText.Field("reason", "reserved")
		}
		if m.Amount == 0 || m.Amount < -maxPrice || m.Amount > maxPrice {
			return Shift{}, errCash.Field("amount", codeRange).With("max", maxPrice)
		}
		s, err := t.openShift(ctx, tx)
		if err != nil {
			return Shift{}, err
		}
		seq, err := t.moveDrawer(ctx, tx, by, s, m.Amount, reason)
		if err != nil {
			return Shift{}, err
		}
		if s.Expected, err = expectedCash(ctx, tx, s); err != nil {
			return Shift{}, err
		}
		opened, err := t.kicked(ctx, tx, by)
		if err != nil {
			return Shift{}, err
		}
		return s, recordShift(tx, "cash.moved", s, seq, opened...)
	})
}

// moveDrawer journals money put into the drawer, or taken out of it, and moves it: negative is out.
func (t *Till) moveDrawer(ctx context.Context, tx *data.Tx, by By, s Shift, amount money.Cents, reason string) (int64, error) {
	cause, kind := drawerIn, journal.CashIn
	if amount < 0 {
		cause, kind = drawerOut, journal.CashOut
	}
	e, err := t.journalCash(ctx, tx, by, journal.CashBody{Type: kind, Amount: amount, Reason: reason, Shift: s.ID})
	if err != nil {
		return 0, err
	}
	return e.Seq, drawerEntry(ctx, tx, e.Seq, s.ID, cause, amount)
}

// drawerCheck is the reason of a count that ends no shift: it sets such an entry apart from the count of a close.
const drawerCheck = "drawer.check"

// DrawerCount is what a count of the drawer found.
type DrawerCount struct {
	Expected   money.Cents `json:"expected"`
	Counted    money.Cents `json:"counted"`
	Difference money.Cents `json:"difference"` // counted minus expected: recorded, never corrected
}

// CountDrawer counts the drawer in the middle of a shift and journals what was found; the shift goes on (fiscal R47,
// R58). Refusals: right.missing, shift.none, count.invalid (fields counted[i].value, counted[i].count), training.real.
func (t *Till) CountDrawer(ctx context.Context, by By, counted []Counted) (DrawerCount, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (DrawerCount, error) {
		if err := t.forReal(tx, by); err != nil {
			return DrawerCount{}, err
		}
		sum, err := addUp(counted)
		if err != nil {
			return DrawerCount{}, err
		}
		s, err := t.openShift(ctx, tx)
		if err != nil {
			return DrawerCount{}, err
		}
		if s.Expected, err = expectedCash(ctx, tx, s); err != nil {
			return DrawerCount{}, err
		}
		found := DrawerCount{Expected: s.Expected, Counted: sum, Difference: sum - s.Expected}
		e, err := t.journalCash(ctx, tx, by, journal.CashBody{Type: journal.CashCount, Amount: found.Counted, Counted: found.Counted,
			Expected: found.Expected, Difference: found.Difference, Reason: drawerCheck, Shift: s.ID})
		if err != nil {
			return DrawerCount{}, err
		}
		return found, recordShift(tx, "drawer.counted", s, e.Seq)
	})
}

func (t *Till) journalCash(ctx context.Context, tx *data.Tx, by By, body journal.CashBody) (journal.Entry, error) {
	return t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindCash, Op: by.Operator.Code, Body: body})
}

// euros lists the values of the euro's coins and notes, in cents.
func euros() []money.Cents {
	return []money.Cents{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000}
}

// addUp checks a count and returns its sum. Nothing counted is an empty drawer.
func addUp(counted []Counted) (money.Cents, error) {
	left := euros()
	var sum money.Cents
	e := errCount
	for i, c := range counted {
		at := slices.Index(left, c.Value)
		if at < 0 {
			e = e.Field(fmt.Sprintf("counted[%d].value", i), "value")
		} else {
			left = slices.Delete(left, at, at+1)
		}
		if c.Count < 0 || c.Count > maxCounted {
			e = e.Field(fmt.Sprintf("counted[%d].count", i), codeRange).With("max", maxCounted)
			continue
		}
		sum += c.Value * money.Cents(c.Count)
	}
	if len(e.Fields) > 0 {
		return 0, e
	}
	return sum, nil
}
