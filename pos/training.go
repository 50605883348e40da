package pos

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// trainingState is whether the till is in training.
type trainingState struct {
	since int64 // seq of the TRAINING_ON entry; 0: it is off
}

func (s trainingState) on() bool { return s.since > 0 }

func loadTraining(ctx context.Context, q data.Querier) (s trainingState, err error) {
	if err := q.QueryRow(ctx, `SELECT since FROM training WHERE one = 1`).Scan(&s.since); err != nil {
		return s, fmt.Errorf("training: %w", err)
	}
	return s, nil
}

// topicTraining is carried by every event that switches training: every page of staff begins anew.
const topicTraining = "training"

// Refusals of training.
var (
	errTrainingTickets = fault.New(fault.Conflict, "training.tickets", "Orders are open; settle or drop them first.")
	errTrainingReal    = fault.New(fault.Conflict, "training.real", "This would count. End the training first.")
	errTrainingPIN     = fault.New(fault.Invalid, "training.approval", "A manager approves it.").Field("pin", "required")
	errTrainingOver    = fault.New(fault.Conflict, "training.over", "This document was made in training: there is nothing to give back.")
)

// Training reports whether the till is in training: nothing that is sold, refunded or served then counts.
func (t *Till) Training() bool { return t.training != nil && t.training.Committed().on() }

// inTraining is Training for a write in hand.
func (t *Till) inTraining(tx *data.Tx) bool { return t.training.Get(tx).on() }

// forReal refuses what would count while the till is in training: real cash, real stamps, the menu's sold-out. What the
// public does at the same time is no training.
func (t *Till) forReal(tx *data.Tx, by By) error {
	if by.Operator.Code != publicOp && t.inTraining(tx) {
		return errTrainingReal
	}
	return nil
}

// TrainingRequest switches training on or off. Whoever is no manager shows a manager's approval.
type TrainingRequest struct {
	On       bool      `json:"on"`
	Approval *Approval `json:"approval"`
}

// TrainingResult is what training now is.
type TrainingResult struct {
	On      bool `json:"on"`
	Dropped int  `json:"dropped"` // orders of training that went with its end
}

// SetTraining is ChangeTraining for a manager.
func (t *Till) SetTraining(ctx context.Context, by By, on bool) (TrainingResult, error) {
	return t.ChangeTraining(ctx, by, TrainingRequest{On: on})
}

// ChangeTraining switches the training of the whole till on or off (fiscal R62, R66–R69). The same journal goes on, in
// which each document of training is marked, numbered X, and in no total. It needs a manager, whom the journal names, and
// an open shift, with which training ends at the latest. It does not begin while orders are open, which would mix; those
// of training go when it ends. Already so is no change. Nothing of a PIN is kept.
//
// Refusals: right.missing, training.approval, approval.wrong, pin.wait, shift.none, training.tickets (args tickets, how many; names, of the
// first of them).
func (t *Till) ChangeTraining(ctx context.Context, by By, r TrainingRequest) (TrainingResult, error) {
	if err := by.mustSell(); err != nil {
		return TrainingResult{}, err
	}
	var manager keptOperator
	if by.Operator.Role != RoleManager {
		if r.Approval == nil {
			return TrainingResult{}, errTrainingPIN
		}
		by.Command = by.Command.Of([]byte("training"), []byte(by.Operator.ID), fmt.Append(nil, r.On), []byte(r.Approval.Operator))
		var err error
		if manager, err = t.approve(ctx, by, *r.Approval); err != nil {
			return TrainingResult{}, err
		}
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (TrainingResult, error) {
		supervisor := by.Operator.Code
		if manager.ID != "" {
			if err := stillManages(ctx, tx, manager); err != nil {
				return TrainingResult{}, err
			}
			supervisor = manager.Code
		}
		if t.inTraining(tx) == r.On {
			return TrainingResult{On: r.On}, nil
		}
		if r.On {
			return TrainingResult{On: true}, t.beginTraining(ctx, tx, by, supervisor)
		}
		e, err := t.stopTraining(ctx, tx, by.Operator.Code, supervisor)
		if err != nil {
			return TrainingResult{}, err
		}
		return TrainingResult{Dropped: e.dropped}, tx.Record(data.Event{Type: "training.off", Topics: e.topics(), Body: map[string]any{"journal": e.journal}})
	})
}

func (t *Till) beginTraining(ctx context.Context, tx *data.Tx, by By, supervisor string) error {
	if _, err := t.openShift(ctx, tx); err != nil {
		return err
	}
	open, err := openTickets(ctx, tx)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		return errTrainingTickets.With("tickets", len(open)).With("names", namesOf(open))
	}
	e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindEvent, Op: by.Operator.Code, Body: journal.EventBody{
		Code: journal.EventTrainingOn, Data: map[string]any{"by": supervisor}}})
	if err != nil {
		return err
	}
	if err := t.keepTraining(ctx, tx, trainingState{since: e.Seq}); err != nil {
		return err
	}
	return tx.Record(data.Event{Type: "training.on", Topics: []string{topicTraining, "tickets"}, Body: map[string]any{"journal": []int64{e.Seq}}})
}

// namedTickets is how many open orders a refusal names.
const namedTickets = 5

func namesOf(open []ticket) string {
	var names []string
	for _, tk := range open[:min(len(open), namedTickets)] {
		if tk.Name == "" {
			tk.Name = fmt.Sprintf("n° %d", tk.No)
		}
		names = append(names, tk.Name)
	}
	return strings.Join(names, ", ")
}

func openTickets(ctx context.Context, q data.Querier) ([]ticket, error) {
	return data.All(ctx, q, func(r *data.Rows) (ticket, error) { return scanTicket(r.Scan) },
		`SELECT `+ticketColumns+` FROM tickets WHERE state = 'open' ORDER BY opened, id LIMIT ?`, maxOpenTickets)
}

func (t *Till) keepTraining(ctx context.Context, tx *data.Tx, s trainingState) error {
	if _, err := tx.Exec(ctx, `UPDATE training SET since = ? WHERE one = 1`, s.since); err != nil {
		return fmt.Errorf("training: %w", err)
	}
	t.training.Set(tx, s)
	return nil
}

// trainingEnd is what the end of training did: entries for the event of the command, and orders that went.
type trainingEnd struct {
	journal []int64
	dropped int
	tickets []string
}

// topics are what the command's event carries; none when training was not on.
func (e trainingEnd) topics() []string {
	if len(e.journal) == 0 {
		return nil
	}
	return append([]string{topicTraining, "tickets"}, e.tickets...)
}

// endTraining ends training if it is on, in the transaction of a closing or of the end of a shift, before their own
// entry (fiscal R67). It records no event: the caller's carries its entries and topics.
func (t *Till) endTraining(ctx context.Context, tx *data.Tx) (trainingEnd, error) {
	if !t.inTraining(tx) {
		return trainingEnd{}, nil
	}
	return t.stopTraining(ctx, tx, systemOp, systemOp)
}

// stopTraining writes TRAINING_OFF and takes the orders of training away.
func (t *Till) stopTraining(ctx context.Context, tx *data.Tx, op, supervisor string) (trainingEnd, error) {
	var end trainingEnd
	if _, err := t.journal.CatchUp(ctx, tx); err != nil { // a day that is over takes its training with it
		return end, err
	}
	if !t.inTraining(tx) {
		return end, nil
	}
	open, err := openTickets(ctx, tx)
	if err != nil {
		return end, err
	}
	for _, tk := range slices.DeleteFunc(open, func(tk ticket) bool { return !tk.Training }) {
		tk.State = ticketDropped
		if err := tk.save(ctx, tx); err != nil {
			return end, err
		}
		end.tickets = append(end.tickets, "ticket:"+tk.ID)
	}
	end.dropped = len(end.tickets)
	e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindEvent, Op: op, Body: journal.EventBody{
		Code: journal.EventTrainingOff, Data: map[string]any{"by": supervisor, "orders": end.dropped}}})
	if err != nil {
		return end, err
	}
	end.journal = []int64{e.Seq}
	return end, t.keepTraining(ctx, tx, trainingState{})
}
