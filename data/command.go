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
	ID   string
	Hash [32]byte // of the method, path, body and operator
}

// NewCommand hashes the parts of an input; each part is hashed with its length.
func NewCommand(id string, parts ...[]byte) Command {
	h := sha256.New()
	for _, p := range parts {
		hashInt(h, int64(len(p)))
		h.Write(p)
	}
	return Command{ID: id, Hash: [32]byte(h.Sum(nil))}
}

// commandRetention is how long an answer can be asked for again. A page retries for minutes, a till that was cut
// off for two days.
const commandRetention = 90 * 24 * time.Hour

// Do carries out a command once. The same id with the same input gets the first answer again, with replayed
// true, and changes nothing; the same id with another input is refused with command.reused. A refused command
// does not occupy its id. A command without id is a plain Write.
func Do[T any](ctx context.Context, db *DB, cmd Command, fn func(context.Context, *Tx) (T, error)) (answer T, replayed bool, err error) {
	err = db.write(ctx, cmd.ID, func(ctx context.Context, tx *Tx) error {
		var err error
		if cmd.ID != "" {
			if replayed, err = replay(ctx, tx, cmd, &answer); replayed || err != nil {
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
	return answer, replayed, nil
}

func replay(ctx context.Context, tx *Tx, cmd Command, answer any) (bool, error) {
	var input []byte
	var stored string
	err := tx.QueryRow(ctx, `SELECT input, answer FROM commands WHERE id = ?`, cmd.ID).Scan(&input, &stored)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("look up command: %w", err)
	case !bytes.Equal(input, cmd.Hash[:]):
		return false, errReplay.With("command", cmd.ID)
	}
	if err := json.Unmarshal([]byte(stored), answer); err != nil {
		return false, fmt.Errorf("read answer of command %s: %w", cmd.ID, err)
	}
	return true, nil
}

func remember(ctx context.Context, tx *Tx, cmd Command, answer any) error {
	stored, err := json.Marshal(answer)
	if err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	_, err = tx.Exec(ctx, `INSERT INTO commands (id, input, answer, at) VALUES (?, ?, ?, ?)`, cmd.ID, cmd.Hash[:], string(stored), tx.Now().UnixMilli())
	return err
}

// ForgetCommands removes answers older than the retention; it runs at the start of the service.
func (db *DB) ForgetCommands(ctx context.Context) error {
	return db.Write(ctx, func(ctx context.Context, tx *Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM commands WHERE at < ?`, tx.Now().Add(-commandRetention).UnixMilli())
		return err
	})
}
