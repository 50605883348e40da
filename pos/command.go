package pos

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// keeper is an answer of which less is kept than is told: what is kept lies in one row for ninety days, under the id that the
// event of the command carries too, and must not say of an order with a card that somebody was served with it (I16).
type keeper[T any] interface{ kept() T }

// rereader is an answer of which only the name is kept: told again, it says how things stand by then.
type rereader interface {
	reread(ctx context.Context, t *Till) error
}

// do carries out a command once, as data.Do. An id that comes back with another input is refused, and recorded with
// digests of the id and the input in a commit of its own: it is how an altered sale would be tried (fiscal R32).
// What the public sends is refused only: nobody outside writes into the journal, and never a word of theirs.
func do[T any](ctx context.Context, t *Till, by By, fn func(context.Context, *data.Tx) (T, error)) (T, bool, error) {
	var told T
	answer, replayed, err := data.Do(ctx, t.db, by.Command, func(ctx context.Context, tx *data.Tx) (T, error) {
		var err error
		told, err = fn(ctx, tx)
		if k, less := any(told).(keeper[T]); less {
			return k.kept(), err
		}
		return told, err
	})
	if r, less := any(&answer).(rereader); less && replayed && err == nil {
		err = r.reread(ctx, t)
	} else if !replayed && err == nil {
		answer = told
	}
	if fault.CodeOf(err) == "command.reused" && by.Operator.Code != publicOp {
		if failed := t.rejectInput(ctx, by); failed != nil {
			return answer, false, failed
		}
	}
	return answer, replayed, err
}

func (t *Till) rejectInput(ctx context.Context, by By) error {
	return t.reject(ctx, by, "command.reused", by.Command.Hash)
}

// RejectInput journals a sale, a payment or a refund that could not be read (fiscal R32): by the digest of what was sent,
// never a word of it. rule is the code of the refusal. The same input again right after it is told once. What the public
// sends is refused only. Refusals: right.missing.
func (t *Till) RejectInput(ctx context.Context, by By, rule string, input []byte) error {
	if by.Operator.Code == publicOp {
		return nil
	}
	if err := by.mustSell(); err != nil {
		return err
	}
	digest := sha256.Sum256(input)
	if last := t.rejected.Swap(&digest); last != nil && *last == digest {
		return nil
	}
	return t.reject(ctx, by, rule, digest)
}

func (t *Till) reject(ctx context.Context, by By, rule string, digest [32]byte) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		id := sha256.Sum256([]byte(by.Command.ID))
		seq, err := t.journalEvent(ctx, tx, by.Operator.Code, journal.EventInputRejected, map[string]any{
			"rule": rule, "command": hex.EncodeToString(id[:]), "digest": hex.EncodeToString(digest[:])})
		if err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "input.rejected", Body: map[string]any{"journal": []int64{seq}}})
	})
}

// command is do for a use case of the counter: whoever may not sell is refused first.
func command[T any](ctx context.Context, t *Till, by By, fn func(context.Context, *data.Tx) (T, error)) (T, error) {
	var none T
	if err := by.mustSell(); err != nil {
		return none, err
	}
	if t.Training() { // it ends with its day, before anything of the next: what is due is closed first
		if _, err := t.CloseDue(ctx); err != nil {
			return none, err
		}
	}
	answer, _, err := do(ctx, t, by, fn)
	return answer, err
}

// Started journals that the service begins to sell: which binary, on which head (fiscal R63). binary is the SHA-256
// of the running program in hex.
func (t *Till) Started(ctx context.Context, binary string) error {
	seq, hash := t.journal.Head()
	return t.lifecycle(ctx, journal.EventAppStart, map[string]any{
		"binary": binary, "core": journal.CoreVersion, "head": seq, "head_hash": hex.EncodeToString(hash[:]), "key": t.journal.KeyID()})
}

// Stopping journals that the service ends by itself.
func (t *Till) Stopping(ctx context.Context) error {
	return t.lifecycle(ctx, journal.EventAppStop, map[string]any{})
}

func (t *Till) lifecycle(ctx context.Context, code journal.Code, facts map[string]any) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		seq, err := t.journalEvent(ctx, tx, systemOp, code, facts)
		if err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "service", Body: map[string]any{"code": string(code), "journal": []int64{seq}}})
	})
}
