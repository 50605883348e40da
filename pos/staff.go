package pos

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// NewOperator is somebody who is to work at the till.
type NewOperator struct {
	Name string `json:"name"`
	PIN  string `json:"pin"` // 4 to 8 digits
	Role Role   `json:"role"`
}

// maxOperators bounds those who are active.
const maxOperators = 200

// Refusals about staff.
var (
	errNoOperator   = fault.New(fault.NotFound, "operator.unknown", "There is no such operator.")
	errOperatorName = fault.New(fault.Conflict, "operator.exists", "Somebody of that name works here already.").Field("name", "taken")
	errRole         = fault.New(fault.Invalid, "role.invalid", "The role is barista, manager or accountant.").Field("role", "one_of")
	errLastManager  = fault.New(fault.Conflict, "operator.last_manager", "The last manager who can sign in stays one.")
)

func checkRole(r Role) error {
	if !slices.Contains([]Role{RoleBarista, RoleManager, RoleAccountant}, r) {
		return errRole
	}
	return nil
}

// checkNewOperator refuses what can never become an operator: text.invalid, role.invalid, pin.invalid.
func checkNewOperator(n NewOperator) error {
	if _, err := requireName("name", n.Name); err != nil {
		return err
	}
	if err := checkRole(n.Role); err != nil {
		return err
	}
	return checkPIN(n.PIN)
}

// AddOperator adds somebody to the staff. Refusals: right.missing, text.invalid, role.invalid, pin.invalid,
// operator.exists.
func (t *Till) AddOperator(ctx context.Context, by By, n NewOperator) (Operator, error) {
	if err := by.mustManage(); err != nil {
		return Operator{}, err
	}
	if err := checkNewOperator(n); err != nil {
		return Operator{}, err
	}
	pin, err := t.pins.hash(ctx, n.PIN)
	if err != nil {
		return Operator{}, err
	}
	added, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Operator, error) {
		o, seq, err := t.addOperator(ctx, tx, by, n.Name, n.Role, pin)
		if err != nil {
			return Operator{}, err
		}
		return o, tx.Record(data.Event{Type: "operator.added", Topics: []string{"staff"}, Body: map[string]any{"journal": []int64{seq}}})
	})
	return added, err
}

// addOperator adds the row and journals it; pin is a hash, or noPIN.
func (t *Till) addOperator(ctx context.Context, tx *data.Tx, by By, name string, role Role, pin string) (Operator, int64, error) {
	o := Operator{ID: tx.NewID(), Role: role}
	var err error
	if o.Name, err = requireName("name", name); err != nil {
		return o, 0, err
	}
	if err := roomForStaff(ctx, tx); err != nil {
		return o, 0, err
	}
	if o.Code, err = freeCode(ctx, tx, o.Name); err != nil {
		return o, 0, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO operators (id, name, folded, role, code, pin, active, created) VALUES (?, ?, ?, ?, ?, ?, 1, ?)`,
		o.ID, o.Name, fold(o.Name), string(o.Role), o.Code, pin, tx.Now().UnixMilli())
	if data.IsDuplicate(err) {
		return o, 0, errOperatorName
	}
	if err != nil {
		return o, 0, fmt.Errorf("add operator: %w", err)
	}
	seq, err := t.configured(ctx, tx, by, "operator", o.Code, map[string]any{}, map[string]any{"name": o.Name, "role": string(o.Role), "active": true})
	return o, seq, err
}

// roomForStaff refuses one more than can be active: operators.full.
func roomForStaff(ctx context.Context, q data.Querier) error {
	var active int
	if err := q.QueryRow(ctx, `SELECT count(*) FROM operators WHERE active = 1`).Scan(&active); err != nil {
		return fmt.Errorf("operators: %w", err)
	}
	if active >= maxOperators {
		return fault.New(fault.Conflict, "operators.full", "Too many people work here; disable some.").With("max", maxOperators)
	}
	return nil
}

// Limits of the code of an operator. Six letters leave room for a number.
const (
	minCode        = 2
	maxCodeLetters = 6
)

// codeOf makes the code the journal will show: the capitals of the first name, or of the whole name when that is
// too short; "OP" when it has no Latin letter.
func codeOf(name string) string {
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < 'A' || r > 'Z' {
				return -1
			}
			return r
		}, strings.ToUpper(fold(s)))
	}
	first, _, _ := strings.Cut(name, " ")
	code := letters(first)
	if len(code) < minCode {
		code = letters(name)
	}
	if len(code) < minCode {
		code = "OP"
	}
	return code[:min(len(code), maxCodeLetters)]
}

// freeCode returns the code of a name that nobody has ever had: AWA, AWA2, AWA3… The codes of the café itself, sys
// and public, are never given away.
func freeCode(ctx context.Context, q data.Querier, name string) (string, error) {
	code := codeOf(name)
	taken, err := data.All(ctx, q, func(r *data.Rows) (c string, err error) { return c, r.Scan(&c) },
		`SELECT code FROM operators WHERE substr(code, 1, ?) = ? ORDER BY code LIMIT 10000`, len(code), code)
	if err != nil {
		return "", fmt.Errorf("codes: %w", err)
	}
	taken = append(taken, "SYS", "PUBLIC")
	next := code
	for n := 2; slices.Contains(taken, next); n++ {
		next = code + strconv.Itoa(n)
	}
	return next, nil
}

// Operators lists those who are active, programs that act by a token included, by name.
func (t *Till) Operators(ctx context.Context) ([]Operator, error) {
	return operators(ctx, t.db.Reader(), false)
}

// Staff lists the active operators who can sign in, by name.
func (t *Till) Staff(ctx context.Context) ([]Operator, error) {
	return operators(ctx, t.db.Reader(), true)
}

func operators(ctx context.Context, q data.Querier, withPIN bool) ([]Operator, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (o Operator, err error) {
		return o, r.Scan(&o.ID, &o.Name, &o.Role, &o.Code)
	}, `SELECT id, name, role, code FROM operators WHERE active = 1 AND (pin <> '' OR NOT ?) ORDER BY folded LIMIT ?`, withPIN, maxOperators)
	if err != nil {
		return nil, fmt.Errorf("operators: %w", err)
	}
	return append([]Operator{}, all...), nil
}

// Names says who stands behind the code of an operator: what people read, where documents and ledgers hold codes.
type Names map[string]string

// Of returns the name behind a code, and the code itself when nobody has ever had it (the café's own sys and public).
func (n Names) Of(code string) string {
	if name, ok := n[code]; ok {
		return name
	}
	return code
}

// Names returns the name of everybody who has ever worked here, disabled or not. Of two who share a name, each is
// told with the code behind it: "Awa (AWA2)".
func (t *Till) Names(ctx context.Context) (Names, error) {
	all, err := data.All(ctx, t.db.Reader(), func(r *data.Rows) (o Operator, err error) {
		return o, r.Scan(&o.Code, &o.Name)
	}, `SELECT code, iif(count(*) OVER (PARTITION BY folded) > 1, name || ' (' || code || ')', name) FROM operators ORDER BY code LIMIT 10000`)
	if err != nil {
		return nil, fmt.Errorf("names: %w", err)
	}
	names := make(Names, len(all))
	for _, o := range all {
		names[o.Code] = o.Name
	}
	return names, nil
}

// keptOperator is an operator with what is not shown.
type keptOperator struct {
	Operator
	pin    string
	active bool
}

// loadOperator reads an operator, disabled ones too. Refusal: operator.unknown.
func loadOperator(ctx context.Context, q data.Querier, id string) (keptOperator, error) {
	var o keptOperator
	err := q.QueryRow(ctx, `SELECT id, name, role, code, pin, active FROM operators WHERE id = ?`, id).
		Scan(&o.ID, &o.Name, &o.Role, &o.Code, &o.pin, &o.active)
	if errors.Is(err, sql.ErrNoRows) {
		return o, errNoOperator
	}
	return o, err
}

// findOperator reads an active operator by id or by name.
func findOperator(ctx context.Context, q data.Querier, idOrName string) (keptOperator, error) {
	var id string
	err := q.QueryRow(ctx, `SELECT id FROM operators WHERE active = 1 AND (id = ?1 OR folded = ?2) LIMIT 1`, idOrName, fold(idOrName)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return keptOperator{}, errNoOperator
	}
	if err != nil {
		return keptOperator{}, fmt.Errorf("find operator: %w", err)
	}
	return loadOperator(ctx, q, id)
}

// DisableOperator ends what an operator may do: nobody signs in as them again, their sessions and tokens end. What
// they did stays under their code. Twice is once. Refusals: right.missing, operator.unknown, operator.last_manager.
func (t *Till) DisableOperator(ctx context.Context, by By, id string) error {
	return t.onOperator(ctx, by, id, func(ctx context.Context, tx *data.Tx, o keptOperator) (int64, error) {
		if !o.active {
			return 0, nil
		}
		if err := o.mustStay(ctx, tx); err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, `UPDATE operators SET active = 0 WHERE id = ?`, o.ID); err != nil {
			return 0, fmt.Errorf("disable: %w", err)
		}
		if _, err := tx.Exec(ctx, `DELETE FROM tokens WHERE operator = ?`, o.ID); err != nil {
			return 0, fmt.Errorf("end tokens: %w", err)
		}
		if err := endSessions(ctx, tx, o.ID); err != nil {
			return 0, err
		}
		return t.configured(ctx, tx, by, "operator", o.Code, map[string]any{"active": true}, map[string]any{"active": false})
	})
}

// SetPIN gives an active operator a new PIN; their sessions end, and so does any delay. The journal says that it
// happened, and nothing of the PIN. Refusals: right.missing, pin.invalid, operator.unknown.
func (t *Till) SetPIN(ctx context.Context, by By, id, pin string) error {
	if err := by.mustManage(); err != nil {
		return err
	}
	if err := checkPIN(pin); err != nil {
		return err
	}
	kept, err := t.pins.hash(ctx, pin)
	if err != nil {
		return err
	}
	err = t.onOperator(ctx, by, id, func(ctx context.Context, tx *data.Tx, o keptOperator) (int64, error) {
		if !o.active {
			return 0, errNoOperator
		}
		if _, err := tx.Exec(ctx, `UPDATE operators SET pin = ? WHERE id = ?`, kept, o.ID); err != nil {
			return 0, fmt.Errorf("set PIN: %w", err)
		}
		if err := endSessions(ctx, tx, o.ID); err != nil {
			return 0, err
		}
		return t.configured(ctx, tx, by, "pin", o.Code, map[string]any{}, map[string]any{})
	})
	if err == nil {
		t.pins.forgive(ctx, id)
	}
	return err
}

// onOperator is a manager's change of one operator. change returns the seq of its journal entry, 0 when nothing had
// to be done.
func (t *Till) onOperator(ctx context.Context, by By, id string, change func(context.Context, *data.Tx, keptOperator) (int64, error)) error {
	if err := by.mustManage(); err != nil {
		return err
	}
	_, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (struct{}, error) {
		o, err := loadOperator(ctx, tx, id)
		if err != nil {
			return struct{}{}, err
		}
		seq, err := change(ctx, tx, o)
		if err != nil || seq == 0 {
			return struct{}{}, err
		}
		return struct{}{}, tx.Record(data.Event{Type: operatorChanged, Topics: []string{"staff"}, Body: map[string]any{"journal": []int64{seq}}})
	})
	return err
}

// journalEvent journals a technical event of an operator and returns its seq.
func (t *Till) journalEvent(ctx context.Context, tx *data.Tx, op string, code journal.Code, facts map[string]any) (int64, error) {
	e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindEvent, Op: op, Body: journal.EventBody{Code: code, Data: facts}})
	return e.Seq, err
}
