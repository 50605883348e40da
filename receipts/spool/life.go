package spool

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

// Drawer is the kind of a job that opens a drawer: it goes before all paper, only its own printer can do it, and it is dropped where
// another job would ask. Nobody wants a drawer to open when the customer has left.
const Drawer = "drawer"

// Test is the kind of a page that tries a printer: no other prints it.
const Test = "test"

// DrawerLife is how long a drawer may still open.
const DrawerLife = 15 * time.Second

// ErrMoved is the refusal of a step that the job is not, or is no longer, in a state for: another has been faster.
var ErrMoved = fault.New(fault.Conflict, "print.moved", "This print job has moved on meanwhile.")

// open lists the states of jobs that are not over, as the index has them.
const open = `state IN ('queued', 'sending', 'failed', 'unknown', 'expired')`

// Head returns the job that a printer does next: a drawer first, then the oldest. false: none waits.
func Head(ctx context.Context, q data.Querier, printer string) (Job, bool, error) {
	j, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM print_jobs WHERE printer = ? AND `+open+` AND state = 'queued'
		ORDER BY kind <> 'drawer', created, id LIMIT 1`, printer).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return j, false, nil
	}
	return j, err == nil, err
}

// HeadPaper is Head without drawers and test pages: what another printer may do in this one's place.
func HeadPaper(ctx context.Context, q data.Querier, printer string) (Job, bool, error) {
	j, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM print_jobs WHERE printer = ? AND `+open+` AND state = 'queued' AND kind NOT IN ('drawer', 'test')
		ORDER BY created, id LIMIT 1`, printer).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return j, false, nil
	}
	return j, err == nil, err
}

// Count is how many jobs of a printer are in a state.
type Count struct {
	Printer string
	State   State
	Jobs    int
}

// Counts counts the jobs that are not over.
func Counts(ctx context.Context, q data.Querier) ([]Count, error) {
	return data.All(ctx, q, func(r *data.Rows) (Count, error) {
		var c Count
		err := r.Scan(&c.Printer, &c.State, &c.Jobs)
		return c, err
	}, `SELECT printer, state, count(*) FROM print_jobs WHERE `+open+` GROUP BY printer, state ORDER BY printer, state LIMIT ?`, 2*Limit)
}

// Send takes a job for a printer, before the first byte goes out: whoever gets nil sends it, nobody else does. Another printer than
// its own is written down as where it came out. Refusals: ErrMoved, also for a job that is too old; ErrUnknown.
func Send(ctx context.Context, tx *data.Tx, id, printer string) (Job, error) {
	return step(ctx, tx, id, `UPDATE print_jobs SET state = 'sending', tries = tries + 1, changed = ?2,
		came_out = CASE WHEN printer = ?3 THEN '' ELSE ?3 END
		WHERE id = ?1 AND state = 'queued' AND expires > ?2 AND (kind NOT IN ('drawer', 'test') OR printer = ?3)`, printer)
}

// Done ends a job that was sent whole: the printer said so, or cannot say (reason: why it cannot). Refusals: ErrMoved, ErrUnknown.
func Done(ctx context.Context, tx *data.Tx, id string, confirmed bool, reason string) (Job, error) {
	state := SentUnconfirmed
	if confirmed {
		state, reason = Printed, ""
	}
	return step(ctx, tx, id, `UPDATE print_jobs SET state = ?3, reason = ?4, changed = ?2 WHERE id = ?1 AND state = 'sending'`, state, reason)
}

// Back puts a job back of which nothing was sent: it is tried again. Refusals: ErrMoved, ErrUnknown.
func Back(ctx context.Context, tx *data.Tx, id, reason string) (Job, error) {
	return step(ctx, tx, id, `UPDATE print_jobs SET state = 'queued', came_out = '', reason = ?3, changed = ?2 WHERE id = ?1 AND state = 'sending'`, reason)
}

// Hold says why a job that waits does not come out. Refusals: ErrMoved, ErrUnknown.
func Hold(ctx context.Context, tx *data.Tx, id, reason string) (Job, error) {
	return step(ctx, tx, id, `UPDATE print_jobs SET reason = ?3, changed = ?2 WHERE id = ?1 AND state = 'queued'`, reason)
}

// Fail ends a job that can never come out as it is, and asks. A drawer is dropped. Refusals: ErrMoved, ErrUnknown.
func Fail(ctx context.Context, tx *data.Tx, id, reason string) (Job, error) {
	return step(ctx, tx, id, `UPDATE print_jobs SET state = CASE kind WHEN 'drawer' THEN 'dropped' ELSE 'failed' END, came_out = '', reason = ?3, changed = ?2
		WHERE id = ?1 AND state IN ('queued', 'sending')`, reason)
}

// CutOff ends a job of which a part may have come out, and asks: never is it sent again by itself. A drawer is dropped. Refusals:
// ErrMoved, ErrUnknown.
func CutOff(ctx context.Context, tx *data.Tx, id, reason string) (Job, error) {
	return step(ctx, tx, id, `UPDATE print_jobs SET state = CASE kind WHEN 'drawer' THEN 'dropped' ELSE 'unknown' END, reason = ?3, changed = ?2
		WHERE id = ?1 AND state = 'sending'`, reason)
}

// Expire ends the wait of a job that has grown too old, and asks; what was in its way stays its reason, late is the reason when
// nothing was. A drawer is dropped. Refusals: ErrMoved, also for one that is young enough; ErrUnknown.
func Expire(ctx context.Context, tx *data.Tx, id, late string) (Job, error) {
	return step(ctx, tx, id, `UPDATE print_jobs SET state = CASE kind WHEN 'drawer' THEN 'dropped' ELSE 'expired' END,
		reason = CASE reason WHEN '' THEN ?3 ELSE reason END, changed = ?2 WHERE id = ?1 AND state = 'queued' AND expires <= ?2`, late)
}

// ExpireAll ends the wait of all jobs of a printer that have grown too old, as Expire does, and returns how many there were.
func ExpireAll(ctx context.Context, tx *data.Tx, printer, late string) (int64, error) {
	n, err := tx.Exec(ctx, `UPDATE print_jobs SET state = CASE kind WHEN 'drawer' THEN 'dropped' ELSE 'expired' END,
		reason = CASE reason WHEN '' THEN ?3 ELSE reason END, changed = ?2
		WHERE printer = ?1 AND `+open+` AND state = 'queued' AND expires <= ?2`, printer, tx.Now().UnixMilli(), late)
	if err != nil {
		return 0, fmt.Errorf("old print jobs of %s: %w", printer, err)
	}
	return n, nil
}

// Restart ends what was being sent when the till stopped: nobody knows how far it came. It is for the start, before anything is
// sent, and returns how many there were.
func Restart(ctx context.Context, tx *data.Tx, reason string) (int64, error) {
	n, err := tx.Exec(ctx, `UPDATE print_jobs SET state = CASE kind WHEN 'drawer' THEN 'dropped' ELSE 'unknown' END, reason = ?1, changed = max(changed, ?2)
		WHERE `+open+` AND state = 'sending'`, reason, tx.Now().UnixMilli())
	if err != nil {
		return 0, fmt.Errorf("print jobs of before the start: %w", err)
	}
	return n, nil
}

// step carries out one edge of a job's life. ?1 is the id, ?2 the time; the others follow.
func step(ctx context.Context, tx *data.Tx, id, update string, args ...any) (Job, error) {
	n, err := tx.Exec(ctx, update, append([]any{id, tx.Now().UnixMilli()}, args...)...)
	if err != nil {
		return Job{}, fmt.Errorf("print job %s: %w", id, err)
	}
	j, err := Get(ctx, tx, id)
	if err == nil && n != 1 {
		err = ErrMoved.With("id", id).With("state", string(j.State))
	}
	return j, err
}
