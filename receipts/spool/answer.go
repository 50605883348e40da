package spool

import (
	"context"

	"comptoir/data"
	"comptoir/data/fault"
)

// Answer is what a person says about a job that asks.
type Answer string

// The answers.
const (
	CameOut Answer = "came_out" // it is there, looked at
	Again   Answer = "again"    // print it: it keeps its id, and has a new life
	Drop    Answer = "drop"     // it need not come out any more
)

var errAnswer = fault.New(fault.Invalid, "print.answer", "Say whether it came out, is to be printed again, or need not be.")

// Asks reports whether a job in this state waits for a person's word.
func (s State) Asks() bool { return s == Failed || s == Unknown || s == Expired }

// Say carries out what a person, of code op, says about a job: all three answers for one that asks; Again and CameOut also for one
// that was sent to a printer that cannot say whether it printed; Drop also for one that still waits. Refusals: print.answer;
// ErrMoved when the job asks no more, such as at a second tap; ErrUnknown.
func Say(ctx context.Context, tx *data.Tx, id string, a Answer, op string) (Job, error) {
	switch a {
	case CameOut:
		return step(ctx, tx, id, `UPDATE print_jobs SET state = 'printed', reason = '', tries = max(tries, 1), op = ?3, changed = ?2
			WHERE id = ?1 AND state IN ('failed', 'unknown', 'expired', 'sent_unconfirmed')`, op)
	case Again:
		return step(ctx, tx, id, `UPDATE print_jobs SET state = 'queued', reason = '', came_out = '', op = ?3, changed = ?2, expires = max(?2, created) + ?4
			WHERE id = ?1 AND kind <> 'drawer' AND state IN ('failed', 'unknown', 'expired', 'sent_unconfirmed')`, op, Life.Milliseconds())
	case Drop:
		return step(ctx, tx, id, `UPDATE print_jobs SET state = 'dropped', op = ?3, changed = ?2
			WHERE id = ?1 AND state IN ('queued', 'failed', 'unknown', 'expired')`, op)
	}
	return Job{}, errAnswer.Field("answer", "one_of").With("answer", string(a))
}

// Move gives a job that asks or waits to another printer, such as one that took the place of its own. It stays in its state;
// what held it up at the other printer holds it up no more. Refusals: ErrMoved, ErrUnknown.
func Move(ctx context.Context, tx *data.Tx, id, printer string) (Job, error) {
	return step(ctx, tx, id, `UPDATE print_jobs SET printer = ?3, came_out = '', reason = CASE state WHEN 'queued' THEN '' ELSE reason END, changed = ?2
		WHERE id = ?1 AND kind <> 'drawer' AND state IN ('queued', 'failed', 'unknown', 'expired')`, printer)
}
