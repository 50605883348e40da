package data

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Command is the id a client gave to what it asks, and the hash of everything it asked.
type Command struct {
	ID     string
	Hash   [32]byte  // of the method, path, body and operator
	First  time.Time // when it was carried out for the first time, of one carried out again; zero: now
	Resent bool      // carried out again on a restored machine: nothing is printed, opened or asked of a device
	Told   *Told     // filled in by Do; nil: nobody asks
}

// Told is what Do says of the commands of one request.
type Told struct {
	First    time.Time // of the first of them
	Fresh    int       // carried out now
	Replayed int       // known already
}

// add enters what became of a command that was first carried out then.
func (t *Told) add(first time.Time, replayed bool) {
	if t == nil {
		return
	}
	if t.First.IsZero() {
		t.First = first
	}
	if replayed {
		t.Replayed++
	} else {
		t.Fresh++
	}
}

// NewCommand hashes the parts of an input; each part is hashed with its length.
func NewCommand(id string, parts ...[]byte) Command {
	return Command{ID: id}.Of(parts...)
}

// Of is the same command over another input: of one whose body may not be hashed, such as a PIN.
func (c Command) Of(parts ...[]byte) Command {
	h := sha256.New()
	for _, p := range parts {
		hashInt(h, int64(len(p)))
		h.Write(p)
	}
	c.Hash = [32]byte(h.Sum(nil))
	return c
}

// commandRetention is how long an answer can be asked for again. A page retries for minutes, a till that was cut
// off for two days.
const commandRetention = 90 * 24 * time.Hour

// Do carries out a command once. The same id with the same input gets the first answer again, with replayed
// true, and changes nothing; the same id with another input is refused with command.reused. A refused command
// does not occupy its id. A command without id is a plain Write.
func Do[T any](ctx context.Context, db *DB, cmd Command, fn func(context.Context, *Tx) (T, error)) (answer T, replayed bool, err error) {
	if cmd.Told != nil && cmd.First.IsZero() {
		cmd.First = cmd.Told.First // the second command of a request is of the same instant
	}
	var first time.Time
	err = db.write(ctx, cmd, func(ctx context.Context, tx *Tx) error {
		var err error
		first = tx.First()
		if cmd.ID != "" {
			if replayed, err = replay(ctx, tx, cmd, &answer, &first); replayed || err != nil {
				return err
			}
		}
		if answer, err = fn(ctx, tx); err != nil || cmd.ID == "" {
			return err
		}
		return remember(ctx, tx, cmd, answer)
	})
	if err != nil {
		var none T
		return none, false, err
	}
	if cmd.ID != "" {
		cmd.Told.add(first, replayed)
	}
	return answer, replayed, nil
}

func replay(ctx context.Context, tx *Tx, cmd Command, answer any, first *time.Time) (bool, error) {
	var input []byte
	var stored string
	var at int64
	err := tx.QueryRow(ctx, `SELECT input, answer, at FROM commands WHERE id = ?`, cmd.ID).Scan(&input, &stored, &at)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look up command: %w", err)
	case !bytes.Equal(input, cmd.Hash[:]):
		return false, errReplay.With("command", cmd.ID)
	}
	*first = time.UnixMilli(at).UTC()
	if err := json.Unmarshal([]byte(stored), answer); err != nil {
		return false, fmt.Errorf("read answer of command %s: %w", cmd.ID, err)
	}
	return true, nil
}

// remember keeps the answer under the instant that the ids made by the command are of: see Tx.NewID.
func remember(ctx context.Context, tx *Tx, cmd Command, answer any) error {
	stored, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO commands (id, input, answer, at) VALUES (?, ?, ?, ?)`, cmd.ID, cmd.Hash[:], string(stored), tx.First().UnixMilli())
	return err
}

// Known reports whether a command was carried out here, whatever it asked.
func (db *DB) Known(ctx context.Context, id string) (bool, error) {
	var ignored json.RawMessage
	return db.AnswerOf(ctx, id, &ignored)
}

// AnswerOf reads the answer that a command was given here into answer, and reports whether there is one.
func (db *DB) AnswerOf(ctx context.Context, id string, answer any) (bool, error) {
	var stored string
	err := db.Reader().QueryRow(ctx, `SELECT answer FROM commands WHERE id = ?`, id).Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return true, json.Unmarshal([]byte(stored), answer)
}

// forgetAtOnce is how many answers one write forgets: a sale behind it waits some milliseconds, however many there are.
const forgetAtOnce = 200

// ForgetCommands removes answers older than the retention. They are looked for by readers, a page of ids after the other,
// and removed in short writes. A clock that is far ahead forgets nothing: the time is counted from the newest business day
// that something was done in.
func (db *DB) ForgetCommands(ctx context.Context) error {
	now := db.Now()
	if open := db.DayBegan().AddDate(0, 0, 2); open.Before(now) && db.log.Committed().day != "" {
		now = open
	}
	before, last := now.Add(-commandRetention).UnixMilli(), ""
	for {
		old, err := All(ctx, db.reader, func(r *Rows) (id string, err error) { return id, r.Scan(&id) },
			`SELECT id FROM commands WHERE id > ? AND at < ? ORDER BY id LIMIT ?`, last, before, forgetAtOnce)
		if err != nil {
			return fmt.Errorf("look for old answers: %w", err)
		}
		if len(old) == 0 {
			return nil
		}
		last = old[len(old)-1]
		err = db.Write(ctx, func(ctx context.Context, tx *Tx) error {
			for _, id := range old {
				if _, err := tx.Exec(ctx, `DELETE FROM commands WHERE id = ? AND at < ?`, id, before); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("forget old answers: %w", err)
		}
	}
}
