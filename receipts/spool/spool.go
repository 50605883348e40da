package spool

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

// Limit is how many jobs may wait (architecture.md §6); the till then warns, and still sells.
const Limit = 500

// Topic is what screens and printers are told when a job was added or has changed.
const Topic = "printing"

// Life is how long after it was asked for a job comes out by itself; an older one waits for a person's word.
const Life = 10 * time.Minute

// State is where a job is in its life.
type State string

// The states.
const (
	Queued          State = "queued"
	Sending         State = "sending"
	Printed         State = "printed"
	SentUnconfirmed State = "sent_unconfirmed"
	Failed          State = "failed"
	Unknown         State = "unknown"
	Expired         State = "expired"
	Dropped         State = "dropped" // a person said that it need not come out, or it was a drawer that nobody waits for any more
)

// Job is one thing that a printer is asked to do.
type Job struct {
	ID      string          `json:"id"` // the same on every try
	Printer string          `json:"printer"`
	Kind    string          `json:"kind"` // such as "document"; the caller's word
	Body    json.RawMessage `json:"body"`
	Created time.Time       `json:"created"`
	Expires time.Time       `json:"expires"`
	State   State           `json:"state"`
	Reason  string          `json:"reason"` // code of what is in the way, or was; empty: nothing
	Tries   int             `json:"tries"`
	CameOut string          `json:"came_out"` // printer that it went to in its printer's place; empty: its own
	Changed time.Time       `json:"changed"`
	Op      string          `json:"operator"` // code of who answered for it; empty: nobody
}

// Request asks for a job.
type Request struct {
	Printer string
	Kind    string
	Body    any           // stored as JSON
	Life    time.Duration // how long it comes out by itself; 0: Life, of a Drawer DrawerLife
}

var (
	// ErrFull is the refusal of Add when Limit jobs wait.
	ErrFull = fault.New(fault.Busy, "print.full", "Too many print jobs are waiting; look at the printer.")
	// ErrUnknown is the refusal of a job that is not there.
	ErrUnknown = fault.New(fault.NotFound, "print.no_job", "There is no such print job.")
)

// Add queues a job and returns its id. The event of the same write should carry Topic, so that the printer wakes.
// Refusal: ErrFull.
func Add(ctx context.Context, tx *data.Tx, r Request) (string, error) {
	body, err := json.Marshal(r.Body)
	if err != nil {
		return "", fmt.Errorf("print job %s: %w", r.Kind, err)
	}
	life := r.Life
	if life <= 0 {
		life = Life
		if r.Kind == Drawer {
			life = DrawerLife
		}
	}
	id, now := tx.DrawID(), tx.Now()
	added, err := tx.Exec(ctx, `INSERT INTO print_jobs (id, printer, kind, body, created, expires, changed)
		SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?5 WHERE (SELECT count(*) FROM print_jobs WHERE `+open+`) < ?7`,
		id, r.Printer, r.Kind, string(body), now.UnixMilli(), now.Add(life).UnixMilli(), Limit)
	if err != nil {
		return "", fmt.Errorf("add print job: %w", err)
	}
	if added == 0 {
		return "", ErrFull
	}
	return id, nil
}

const columns = `id, printer, kind, body, created, expires, state, reason, tries, came_out, changed, op`

func scan(into func(...any) error) (Job, error) {
	var j Job
	var body string
	var created, expires, changed int64
	err := into(&j.ID, &j.Printer, &j.Kind, &body, &created, &expires, &j.State, &j.Reason, &j.Tries, &j.CameOut, &changed, &j.Op)
	j.Body = json.RawMessage(body)
	j.Created, j.Expires, j.Changed = time.UnixMilli(created).UTC(), time.UnixMilli(expires).UTC(), time.UnixMilli(changed).UTC()
	return j, err
}

// Get returns a job. Refusal: ErrUnknown.
func Get(ctx context.Context, q data.Querier, id string) (Job, error) {
	j, err := scan(q.QueryRow(ctx, `SELECT `+columns+` FROM print_jobs WHERE id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return j, ErrUnknown.With("id", id)
	}
	return j, err
}

// Open lists the jobs of a printer that have not come out, the oldest first; those of all printers for "".
func Open(ctx context.Context, q data.Querier, printer string, limit int) ([]Job, error) {
	return data.All(ctx, q, func(r *data.Rows) (Job, error) { return scan(r.Scan) },
		`SELECT `+columns+` FROM print_jobs WHERE `+open+` AND (?1 = '' OR printer = ?1)
		ORDER BY created, id LIMIT ?2`, printer, limit)
}
