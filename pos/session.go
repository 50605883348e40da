package pos

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// How long a session lives without use, and how often its end is moved at most: a read that wrote each time would
// make every page wait for the disk.
const (
	sessionLife    = 12 * time.Hour
	screenLife     = 30 * 24 * time.Hour // a café on holiday finds its screens as it left them
	sessionRefresh = 5 * time.Minute
	secretBytes    = 32
)

// Scope is what a session reaches.
type Scope string

// The scopes of sessions. A tablet that faces customers must not be a way into the till, nor into the kitchen.
const (
	ScopeAll     Scope = ""        // whatever the operator may
	ScopeDisplay Scope = "display" // the customer display alone
	ScopeKitchen Scope = "kitchen" // the kitchen's screen alone
)

// IsScreen reports whether a device is reserved to a screen.
func (s Scope) IsScreen() bool { return s == ScopeDisplay || s == ScopeKitchen }

// life is how long a session of this scope lives without use.
func (s Scope) life() time.Duration {
	if s.IsScreen() {
		return screenLife
	}
	return sessionLife
}

// Session is somebody signed in. The token is told once and kept nowhere; only its hash is.
type Session struct {
	Token    string    `json:"-"`
	Operator Operator  `json:"operator"`
	Expires  time.Time `json:"expires"`
	Scope    Scope     `json:"scope"`
}

var errNoSession = fault.New(fault.Unauthenticated, "session.none", "Sign in first.")

// newSecret returns 32 random bytes as 43 letters that go into an address or a header.
func newSecret() string { return base64.RawURLEncoding.EncodeToString(randomBytes(secretBytes)) }

// SignIn opens a session for an operator, named by id or by name, at the till itself. The PIN is compared outside the writer.
//
// Refusals: pin.wrong, the same and as slow when there is nobody of that name, recorded as LOGIN_FAIL in a commit
// of its own; pin.wait (args seconds): after k wrong PINs in a row the next try is accepted in 2^(k-1) seconds, a
// minute at most, whatever it is.
func (t *Till) SignIn(ctx context.Context, operatorIDorName, pin string) (s Session, err error) {
	return t.SignInAt(ctx, DoorTill, operatorIDorName, pin)
}

// SignInAt is SignIn in some place: wrong PINs of another are not counted here. In DoorUnknown the wait grows to a
// quarter of an hour: four digits last, and whoever works here is known at the till.
func (t *Till) SignInAt(ctx context.Context, place Door, operatorIDorName, pin string) (s Session, err error) {
	err = t.prove(ctx, place, operatorIDorName, pin, func(o keptOperator) error {
		s, err = t.openSession(ctx, o)
		return err
	})
	return s, err
}

// prove compares a PIN and then, when it is right, lets whoever knows it in: the delay of a wrong one ends only when
// that went well. Refusals: pin.wrong and pin.wait, as SignIn, and those of then.
func (t *Till) prove(ctx context.Context, place Door, operatorIDorName, pin string, then func(keptOperator) error) error {
	o, err := findOperator(ctx, t.db.Reader(), operatorIDorName)
	if err != nil && fault.CodeOf(err) != errNoOperator.Code {
		return err
	}
	slot := t.pins.slot(place, o.ID, fold(operatorIDorName))
	if err := slot.enter(ctx); err != nil {
		return err
	}
	defer slot.leave()
	if err := slot.wait(t.db.Now()); err != nil {
		return err
	}
	right, err := t.pins.matches(ctx, pin, o.pin)
	if err != nil {
		return err
	}
	if right {
		err := then(o)
		if err == nil {
			slot.right()
		}
		return err
	}
	slot.missed(t.db.Now())
	if err := t.recordMiss(ctx, o, slot.wrong); err != nil {
		return err
	}
	return errPINWrong
}

// recordMiss journals a wrong PIN in a commit of its own. It names nobody when there is nobody of that name: what
// was typed there may be a PIN.
func (t *Till) recordMiss(ctx context.Context, o keptOperator, inARow int) error {
	if t.journal == nil {
		return nil // a held café: see Held
	}
	op := o.Code
	if op == "" {
		op = systemOp
	}
	return t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		seq, err := t.journalEvent(ctx, tx, op, journal.EventLoginFail, map[string]any{"known": o.ID != "", "in_a_row": inARow})
		if err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "login.failed", Body: map[string]any{"journal": []int64{seq}}})
	})
}

// systemOp is the operator code of the café itself.
const systemOp = "sys"

// openSession writes the session and the LOGIN. The operator may have been disabled, or given another PIN, while
// the old one was compared: then nobody is signed in.
func (t *Till) openSession(ctx context.Context, o keptOperator) (Session, error) {
	s := Session{Token: newSecret(), Operator: o.Operator}
	err := t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		now, err := loadOperator(ctx, tx, o.ID)
		if err != nil {
			return err
		}
		if !now.active || now.pin != o.pin {
			return errPINWrong
		}
		s.Expires = tx.Now().Add(sessionLife)
		if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE expires <= ?`, tx.Now().UnixMilli()); err != nil {
			return fmt.Errorf("end old sessions: %w", err)
		}
		if _, err := tx.Exec(ctx, `INSERT INTO sessions (hash, operator, created, expires) VALUES (?, ?, ?, ?)`,
			hashOf(s.Token), o.ID, tx.Now().UnixMilli(), s.Expires.UnixMilli()); err != nil {
			return fmt.Errorf("open session: %w", err)
		}
		seq, err := t.journalEvent(ctx, tx, o.Code, journal.EventLogin, map[string]any{"role": string(o.Role)})
		if err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "session.opened", Body: map[string]any{"journal": []int64{seq}}})
	})
	if err != nil {
		return Session{}, err
	}
	return s, nil
}

func hashOf(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// SessionOperator returns who is signed in, and keeps the session alive. Refusal: session.none.
func (t *Till) SessionOperator(ctx context.Context, token string) (Operator, error) {
	s, err := t.SessionOf(ctx, token)
	return s.Operator, err
}

// SessionOf returns the session of a token, and keeps it alive. It writes at most every five minutes.
// Refusal: session.none, also for a session that has ended.
func (t *Till) SessionOf(ctx context.Context, token string) (Session, error) {
	if token == "" {
		return Session{}, errNoSession
	}
	s := Session{Token: token}
	o := &s.Operator
	var expires int64
	now := t.db.Now()
	err := t.db.Reader().QueryRow(ctx, `SELECT o.id, o.name, o.role, o.code, s.expires, s.scope
		FROM sessions s JOIN operators o ON o.id = s.operator
		WHERE s.hash = ? AND s.expires > ? AND o.active = 1`, hashOf(token), now.UnixMilli()).Scan(&o.ID, &o.Name, &o.Role, &o.Code, &expires, &s.Scope)
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, errNoSession
	}
	if err != nil {
		return Session{}, fmt.Errorf("session: %w", err)
	}
	s.Expires = time.UnixMilli(expires).UTC()
	if until := now.Add(s.Scope.life()); until.Sub(s.Expires) >= sessionRefresh {
		if err := t.refreshSession(ctx, token, until); err != nil && t.config.Log != nil {
			t.config.Log.Warn("a session was not prolonged", "error", err) // it is valid, and lasts as long as before
		}
	}
	return s, nil
}

func (t *Till) refreshSession(ctx context.Context, token string, until time.Time) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE sessions SET expires = ? WHERE hash = ? AND expires < ?`, until.UnixMilli(), hashOf(token), until.UnixMilli())
		return err
	})
}

// SignOut ends a session and journals it; a session that has ended already is no error. That of a screen is not
// journaled: nobody was at the till, and whoever reserved the screen was journaled as leaving then.
func (t *Till) SignOut(ctx context.Context, token string) error {
	return t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		s, err := takeSession(ctx, tx, token)
		if err != nil || s.Operator.ID == "" || s.Scope.IsScreen() {
			return err
		}
		return t.recordLogout(ctx, tx, s.Operator.Code, map[string]any{})
	})
}

// ReserveScreen swaps a session for one that reaches one screen alone, under another token. Its operator leaves the
// till by it, which the journal says. A screen stays the one it is. Refusal: session.none, also for a scope that is no
// screen.
func (t *Till) ReserveScreen(ctx context.Context, token string, scope Scope) (Session, error) {
	if !scope.IsScreen() {
		return Session{}, errNoSession
	}
	screen := Session{Token: newSecret(), Scope: scope}
	err := t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		old, err := takeSession(ctx, tx, token)
		if err != nil {
			return err
		}
		if old.Operator.ID == "" || !old.Expires.After(tx.Now()) {
			return errNoSession
		}
		if old.Scope.IsScreen() {
			screen.Scope = old.Scope
		}
		screen.Operator, screen.Expires = old.Operator, tx.Now().Add(screenLife)
		if _, err := tx.Exec(ctx, `INSERT INTO sessions (hash, operator, created, expires, scope) VALUES (?, ?, ?, ?, ?)`,
			hashOf(screen.Token), screen.Operator.ID, tx.Now().UnixMilli(), screen.Expires.UnixMilli(), string(screen.Scope)); err != nil {
			return fmt.Errorf("reserve the screen: %w", err)
		}
		if old.Scope.IsScreen() {
			return nil
		}
		return t.recordLogout(ctx, tx, old.Operator.Code, map[string]any{"screen": true})
	})
	if err != nil {
		return Session{}, err
	}
	return screen, nil
}

// takeSession deletes a session and returns what it was; the zero Session when it had ended, or its operator has.
func takeSession(ctx context.Context, tx *data.Tx, token string) (Session, error) {
	s := Session{Token: token}
	o := &s.Operator
	var expires int64
	err := tx.QueryRow(ctx, `SELECT o.id, o.name, o.role, o.code, s.expires, s.scope FROM sessions s JOIN operators o ON o.id = s.operator
		WHERE s.hash = ? AND o.active = 1`, hashOf(token)).Scan(&o.ID, &o.Name, &o.Role, &o.Code, &expires, &s.Scope)
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, nil
	}
	if err != nil {
		return Session{}, fmt.Errorf("session: %w", err)
	}
	s.Expires = time.UnixMilli(expires).UTC()
	if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE hash = ?`, hashOf(token)); err != nil {
		return Session{}, fmt.Errorf("end session: %w", err)
	}
	return s, nil
}

func (t *Till) recordLogout(ctx context.Context, tx *data.Tx, op string, facts map[string]any) error {
	seq, err := t.journalEvent(ctx, tx, op, journal.EventLogout, facts)
	if err != nil {
		return err
	}
	return tx.Record(data.Event{Type: "session.closed", Body: map[string]any{"journal": []int64{seq}}})
}

// endSessions ends all sessions of an operator.
func endSessions(ctx context.Context, tx *data.Tx, operator string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE operator = ?`, operator); err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}
