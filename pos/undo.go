package pos

import (
	"context"
	"database/sql"
	"errors"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
	"comptoir/receipts/spool"
	"comptoir/suspended"
)

// UndoResult is a serving taken back.
type UndoResult struct {
	Number string `json:"number"` // of the R document that takes it back
	Class  string `json:"class"`
	Origin string `json:"origin"`
	State  string `json:"state"` // of the item now
}

// undosAlone is how many servings of a shift a barista takes back alone (solidarity.md §2.6).
const undosAlone = 2

// errUndoApproval is told when a manager has to look.
var errUndoApproval = fault.New(fault.Denied, "undo.approval", "So many servings of a shift are taken back by a manager only.").With("max", undosAlone)

// UndoRedemption takes a serving back within the shift it was made in (case 41): the item returns to the shelf,
// an item of the house disappears. From the third of a shift on it needs a manager, or a manager's PIN, of which nothing is
// kept. Refusals: redemption.unknown, undo.done, undo.shift, reason.missing, shift.none, undo.approval, approval.wrong, pin.wait.
func (t *Till) UndoRedemption(ctx context.Context, by By, number, reason string, approval ...Approval) (UndoResult, error) {
	if len(approval) > 0 {
		by.Command = by.Command.Of([]byte("undo"), []byte(by.Operator.ID), []byte(number), []byte(reason), []byte(approval[0].Operator))
	}
	done, err := t.undoRedemption(ctx, by, number, reason, keptOperator{})
	if len(approval) == 0 || fault.CodeOf(err) != errUndoApproval.Code {
		return done, err
	}
	manager, err := t.approve(ctx, by, approval[0])
	if err != nil {
		return UndoResult{}, err
	}
	return t.undoRedemption(ctx, by, number, reason, manager)
}

func (t *Till) undoRedemption(ctx context.Context, by By, number, reason string, manager keptOperator) (UndoResult, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (UndoResult, error) {
		if _, err := cleanReason(reason); err != nil { // asked, so that it is not done lightly; not kept: free words could name a guest
			return UndoResult{}, err
		}
		shift, err := t.openShift(ctx, tx)
		if err != nil {
			return UndoResult{}, err
		}
		if r, trained, err := t.undoInTraining(ctx, tx, by, number); trained || err != nil {
			return r, err
		}
		row, err := loadRedemption(ctx, tx, number)
		if err != nil {
			return UndoResult{}, err
		}
		if err := t.forReal(tx, by); err != nil {
			return UndoResult{}, err
		}
		if row.shift != shift.ID {
			return UndoResult{}, fault.New(fault.Conflict, "undo.shift", "A serving can be taken back within its shift only.").With("number", number)
		}
		if err := mayUndo(ctx, tx, by, shift, manager); err != nil {
			return UndoResult{}, err
		}
		return t.undo(ctx, tx, by, row)
	})
}

// mayUndo refuses a barista alone what is more than a mistake or two.
func mayUndo(ctx context.Context, tx *data.Tx, by By, shift Shift, manager keptOperator) error {
	if by.Operator.Role == RoleManager {
		return nil
	}
	if manager.ID != "" {
		return stillManages(ctx, tx, manager)
	}
	var undone int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM redemptions WHERE shift = ? AND undoes IS NOT NULL`, shift.ID).Scan(&undone); err != nil {
		return err
	}
	if undone >= undosAlone {
		return errUndoApproval
	}
	return nil
}

func (t *Till) undo(ctx context.Context, tx *data.Tx, by By, row redemptionRow) (UndoResult, error) {
	it, err := suspended.Undo(ctx, tx, row.item)
	if err != nil {
		return UndoResult{}, err
	}
	ref := &journal.Ref{Doc: row.number, Seq: row.seq}
	row.undoes, row.operator = row.seq, by.Operator.Code
	e, err := t.journal.Append(ctx, tx, row.draft(-1, ref))
	if err != nil {
		return UndoResult{}, err
	}
	if err := row.write(ctx, tx, e); err != nil {
		return UndoResult{}, err
	}
	journaled := []int64{e.Seq}
	if it.Account != "" { // a release that can be taken back again may have to go: the law decides
		made, err := t.reconciled(ctx, tx, by, e.Number, it)
		if err != nil {
			return UndoResult{}, err
		}
		journaled = append(journaled, made...)
		if it, err = suspended.Find(ctx, tx, it.ID); err != nil {
			return UndoResult{}, err
		}
	}
	topics := []string{"shelf"}
	told, err := t.unserveKitchen(ctx, tx, row.product, row.at)
	if err != nil {
		return UndoResult{}, err
	}
	if told {
		topics = append(topics, topicKitchen)
	}
	if told, err = t.unserveOnPaper(ctx, tx, row.name, row.at); err != nil {
		return UndoResult{}, err
	}
	if told {
		topics = append(topics, spool.Topic)
	}
	return UndoResult{Number: e.Number, Class: row.class, Origin: row.origin, State: string(it.State)},
		tx.Record(data.Event{Type: "redemption.undone", Topics: topics, Body: map[string]any{"journal": journaled, "items": []string{it.ID}}})
}

func loadRedemption(ctx context.Context, q data.Querier, number string) (redemptionRow, error) {
	unknown := fault.New(fault.NotFound, "redemption.unknown", "There is no such serving.").With("number", number)
	entry, err := journal.ByNumber(ctx, q, number)
	if err != nil || entry.Kind != journal.KindSuspRedeem {
		return redemptionRow{}, unknown.Wrap(err)
	}
	row := redemptionRow{seq: entry.Seq, number: number}
	var undoes sql.NullInt64
	var undone bool
	err = q.QueryRow(ctx, `SELECT r.undoes, r.item, r.product, r.name, r.class, r.origin, r.memo, r.mode, r.operator, r.shift, r.at,
		EXISTS (SELECT 1 FROM redemptions AS u WHERE u.undoes = r.seq) FROM redemptions AS r WHERE r.seq = ?`, entry.Seq).
		Scan(&undoes, &row.item, &row.product, &row.name, &row.class, &row.origin, &row.memo, &row.mode, &row.operator, &row.shift, &row.at, &undone)
	switch {
	case errors.Is(err, sql.ErrNoRows) || undoes.Valid:
		return row, unknown
	case err == nil && undone:
		return row, fault.New(fault.Conflict, "undo.done", "This serving was taken back already.").With("number", number)
	}
	return row, err
}
