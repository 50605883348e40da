package pos

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"

	"comptoir/data"
	"comptoir/data/fault"
)

// tokenPrefix lets a token that leaks be recognised for what it is.
const tokenPrefix = "cpt_"

var (
	errNoToken   = fault.New(fault.Unauthenticated, "token.unknown", "The token is not valid.")
	errTokenOnce = fault.New(fault.Conflict, "token.once", "This token was made already and is shown only once; make another.")
	errTokenRole = fault.New(fault.Conflict, "token.role", "Somebody of that name works here in another role.").Field("role", "other")
)

// CreateToken makes a token for a program, which then acts as the operator of that name; if there is nobody of that
// name, one is added who has no PIN. The token, "cpt_" and 43 letters, is returned once: only its hash is kept.
// Refusals: right.missing, role.invalid, text.invalid, token.role, token.once (the command was carried out before).
func (t *Till) CreateToken(ctx context.Context, by By, role Role, name string) (string, error) {
	if err := by.mustManage(); err != nil {
		return "", err
	}
	if err := checkRole(role); err != nil {
		return "", err
	}
	token := tokenPrefix + newSecret()
	_, replayed, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (string, error) {
		var journaled []int64
		o, err := findOperator(ctx, tx, name)
		switch {
		case fault.CodeOf(err) == errNoOperator.Code:
			var seq int64
			if o.Operator, seq, err = t.addOperator(ctx, tx, by, name, role, noPIN); err != nil {
				return "", err
			}
			journaled = append(journaled, seq)
		case err != nil:
			return "", err
		case o.Role != role:
			return "", errTokenRole
		}
		hash := hashOf(token)
		if _, err := tx.Exec(ctx, `INSERT INTO tokens (hash, operator, created) VALUES (?, ?, ?)`, hash, o.ID, tx.Now().UnixMilli()); err != nil {
			return "", fmt.Errorf("create token: %w", err)
		}
		seq, err := t.configured(ctx, tx, by, "token", o.Code, map[string]any{}, map[string]any{"role": string(role)})
		if err != nil {
			return "", err
		}
		// The stored answer of the command is the hash: the token itself must stand nowhere.
		return hex.EncodeToString(hash), tx.Record(data.Event{Type: "token.created", Topics: []string{"staff"}, Body: map[string]any{"journal": append(journaled, seq)}})
	})
	switch {
	case err != nil:
		return "", err
	case replayed:
		return "", errTokenOnce
	}
	return token, nil
}

// TokenOperator returns whom a token acts as. Refusal: token.unknown.
//
// A program sends its token with each request, so the answer is kept in memory until an operator changes.
func (t *Till) TokenOperator(ctx context.Context, token string) (Operator, error) {
	if !strings.HasPrefix(token, tokenPrefix) {
		return Operator{}, errNoToken
	}
	known := t.tokens.Load() // before the row is read: whoever reads an old one keeps it where nobody looks any more
	if known == nil {
		known = &sync.Map{}
		if !t.tokens.CompareAndSwap(nil, known) {
			known = t.tokens.Load()
		}
	}
	hash := hashOf(token)
	if o, ok := known.Load(string(hash)); ok {
		return o.(Operator), nil
	}
	var o Operator
	err := t.db.Reader().QueryRow(ctx, `SELECT o.id, o.name, o.role, o.code FROM tokens t JOIN operators o ON o.id = t.operator
		WHERE t.hash = ? AND o.active = 1`, hash).Scan(&o.ID, &o.Name, &o.Role, &o.Code)
	if errors.Is(err, sql.ErrNoRows) {
		return Operator{}, errNoToken
	}
	if err != nil {
		return Operator{}, fmt.Errorf("token: %w", err)
	}
	known.Store(string(hash), o)
	return o, nil
}

// operatorChanged is the event of every change of an operator that was there before.
const operatorChanged = "operator.changed"

// forgetTokens is told what was committed, before whoever asked for it is answered: a right that ended is gone at once.
func (t *Till) forgetTokens(events []data.Event) {
	for _, e := range events {
		if e.Type == operatorChanged {
			t.tokens.Store(&sync.Map{})
		}
	}
}
