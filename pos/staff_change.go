package pos

import (
	"context"
	"fmt"
	"time"

	"comptoir/data"
)

// StaffMember is somebody as the manager sees them.
type StaffMember struct {
	Operator

	Active  bool      `json:"active"`
	Program bool      `json:"program"` // acts by a token, and has no PIN
	Devices int       `json:"devices"` // on which they are signed in now
	Since   time.Time `json:"since"`   // of the first of these sessions; zero when there is none
}

// AllStaff lists everybody who has ever worked here and every program: those who are active first, each group by
// name.
func (t *Till) AllStaff(ctx context.Context) ([]StaffMember, error) {
	const most = 1000 // the oldest who left are not shown
	now := t.db.Now().UnixMilli()
	all, err := data.All(ctx, t.db.Reader(), func(r *data.Rows) (m StaffMember, err error) {
		var since int64
		err = r.Scan(&m.ID, &m.Name, &m.Role, &m.Code, &m.Active, &m.Program, &m.Devices, &since)
		if m.Devices > 0 {
			m.Since = time.UnixMilli(since).UTC()
		}
		return m, err
	}, `SELECT o.id, o.name, o.role, o.code, o.active, o.pin = '', count(s.hash), coalesce(min(s.created), 0)
		FROM operators AS o LEFT JOIN sessions AS s ON s.operator = o.id AND s.expires > ? AND s.scope = ''
		GROUP BY o.id ORDER BY o.active DESC, o.folded, o.created DESC LIMIT ?`, now, most)
	if err != nil {
		return nil, fmt.Errorf("staff: %w", err)
	}
	return append([]StaffMember{}, all...), nil
}

// mustStay refuses that the last manager who can sign in stops being one.
func (o keptOperator) mustStay(ctx context.Context, q data.Querier) error {
	if o.Role != RoleManager || o.pin == noPIN || !o.active {
		return nil
	}
	var others int
	if err := q.QueryRow(ctx, `SELECT count(*) FROM operators WHERE role = 'manager' AND active = 1 AND pin <> '' AND id <> ?`, o.ID).Scan(&others); err != nil {
		return fmt.Errorf("managers: %w", err)
	}
	if others == 0 {
		return errLastManager
	}
	return nil
}

// SetRole gives an active operator another role; it holds at once, also where they are signed in. Refusals:
// right.missing, role.invalid, operator.unknown, operator.last_manager.
func (t *Till) SetRole(ctx context.Context, by By, id string, role Role) error {
	if err := checkRole(role); err != nil {
		return err
	}
	return t.onOperator(ctx, by, id, func(ctx context.Context, tx *data.Tx, o keptOperator) (int64, error) {
		if !o.active {
			return 0, errNoOperator
		}
		if o.Role == role {
			return 0, nil
		}
		if err := o.mustStay(ctx, tx); err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, `UPDATE operators SET role = ? WHERE id = ?`, string(role), o.ID); err != nil {
			return 0, fmt.Errorf("set role: %w", err)
		}
		return t.configured(ctx, tx, by, "operator", o.Code, map[string]any{"role": string(o.Role)}, map[string]any{"role": string(role)})
	})
}

// RenameOperator gives an active operator another name; the code, which the journal knows, stays. Refusals:
// right.missing, text.invalid, operator.unknown, operator.exists.
func (t *Till) RenameOperator(ctx context.Context, by By, id, name string) error {
	name, err := requireName("name", name)
	if err != nil {
		return err
	}
	return t.onOperator(ctx, by, id, func(ctx context.Context, tx *data.Tx, o keptOperator) (int64, error) {
		if !o.active {
			return 0, errNoOperator
		}
		if o.Name == name {
			return 0, nil
		}
		_, err := tx.Exec(ctx, `UPDATE operators SET name = ?, folded = ? WHERE id = ?`, name, fold(name), o.ID)
		if data.IsDuplicate(err) {
			return 0, errOperatorName
		}
		if err != nil {
			return 0, fmt.Errorf("rename: %w", err)
		}
		return t.configured(ctx, tx, by, "operator", o.Code, map[string]any{"name": o.Name}, map[string]any{"name": name})
	})
}

// EnableOperator lets somebody work here again who was disabled, with the role and the PIN they had. Twice is once. A
// program does not come back: its token has ended. Refusals: right.missing, operator.unknown, operator.exists (somebody
// else has the name by now), operators.full.
func (t *Till) EnableOperator(ctx context.Context, by By, id string) error {
	return t.onOperator(ctx, by, id, func(ctx context.Context, tx *data.Tx, o keptOperator) (int64, error) {
		if o.pin == noPIN {
			return 0, errNoOperator
		}
		if o.active {
			return 0, nil
		}
		if err := roomForStaff(ctx, tx); err != nil {
			return 0, err
		}
		_, err := tx.Exec(ctx, `UPDATE operators SET active = 1 WHERE id = ?`, o.ID)
		if data.IsDuplicate(err) {
			return 0, errOperatorName
		}
		if err != nil {
			return 0, fmt.Errorf("enable: %w", err)
		}
		return t.configured(ctx, tx, by, "operator", o.Code, map[string]any{"active": false}, map[string]any{"active": true})
	})
}
