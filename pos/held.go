package pos

import (
	"context"
	"errors"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// maxDaysAhead is how far after the open business day the clock may open another before a manager has looked at the date:
// a machine whose battery is empty comes back ten years early or late, and a business day never goes back (fiscal R31).
const maxDaysAhead = 45

// maxReason bounds, in runes, why a manager goes on.
const maxReason = 140

// errHeldManager is told when whoever goes on with a held café is no manager.
var errHeldManager = fault.New(fault.Denied, "held.manager", "Only a manager can decide this.").Field("operator", "manager")

// errReplaced is told of a café that was restored on another machine since: two tills with one journal would give the same
// numbers twice.
var errReplaced = fault.New(fault.Conflict, "data.replaced", "These data were restored on another machine, which sells now.")

// Replaced is the refusal of a café whose data were restored on another machine, which has had the newer epoch since.
func Replaced(since time.Time, machine string, epoch int64) error {
	return errReplaced.With("since", since.UTC().Format(time.RFC3339)).With("machine", machine).With("epoch", epoch)
}

// IsHeld reports whether Open refused a café that is there and must not sell as it is: its keys or its database are not what
// was last seen, or the clock cannot be right. Whoever looks after the till decides how to go on; see Held.
func IsHeld(err error) bool {
	switch fault.CodeOf(err) {
	case "journal.rollback", "clock.ahead", "journal.key_missing", "journal.key_exposed", "journal.key_broken", "journal.key_other", "journal.broken", "data.migration", "data.migration_room", "data.schema", errSecret.Code, errReplaced.Code:
		return true
	}
	return false
}

// CanResume reports whether a manager's word is enough to go on after such a refusal; otherwise a file has to be put right.
func CanResume(err error) bool {
	code := fault.CodeOf(err)
	return code == "journal.rollback" || code == "clock.ahead"
}

// Held is a café that Open refuses for now. Nothing is written to it but what a manager decides. It remembers who typed
// wrong PINs.
type Held struct {
	config Config
	pins   *pinGuard
}

// NewHeld is a café that Open has refused.
func NewHeld(c Config) *Held { return &Held{c, newPinGuard()} }

// HeldAnswer is how a manager goes on.
type HeldAnswer struct {
	Operator string // name, code or id of a manager
	PIN      string
	Reason   string          // required; 140 runes
	Anchor   *journal.Anchor // one more head seen outside; nil: those the till keeps
}

// Identity returns the café as its genesis states it, read from the database as it is.
func (h *Held) Identity(ctx context.Context) (Identity, error) {
	t, err := OpenReadOnly(ctx, h.config)
	if err != nil {
		return Identity{}, err
	}
	return t.Identity(), t.Close()
}

// Managers lists who could decide, by name.
func (h *Held) Managers(ctx context.Context) (managers []Operator, err error) {
	t, err := OpenReadOnly(ctx, h.config)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	all, err := t.AllStaff(ctx)
	for _, m := range all {
		if m.Active && !m.Program && m.Role == RoleManager {
			managers = append(managers, m.Operator)
		}
	}
	return managers, err
}

// Resume goes on with a database that is not the one last seen, or opens a day far ahead (fiscal §6.6): the journal says
// what was found, who decided and why, and Open opens the café afterwards. The PIN is compared with what the database
// holds, under the delays of signing in; a wrong one is not journaled, as nothing is until somebody has decided.
//
// Refusals: pin.wrong, pin.wait, held.manager, text.invalid, journal.resume_none, those of data.Open and of journal.Resume.
func (h *Held) Resume(ctx context.Context, a HeldAnswer) error {
	return h.decide(ctx, a, func(ctx context.Context, db *data.DB, op, reason string) error {
		return journal.Resume(ctx, db, h.config.journal(), journal.ResumeRequest{Op: op, Reason: reason, Anchor: a.Anchor})
	})
}

// ReplaceKey goes on with a new key when the one in force is lost for good (fiscal R26); every verification warns of it
// from then on. Refusals: as Resume, and those of journal.ReplaceLostKey.
func (h *Held) ReplaceKey(ctx context.Context, a HeldAnswer) error {
	return h.decide(ctx, a, func(ctx context.Context, db *data.DB, op, reason string) error {
		return journal.ReplaceLostKey(ctx, db, h.config.journal(), journal.LostKey{Op: op, Reason: reason, Anchor: a.Anchor})
	})
}

// decide lets a manager write one decision.
func (h *Held) decide(ctx context.Context, a HeldAnswer, write func(ctx context.Context, db *data.DB, op, reason string) error) (err error) {
	reason, err := cleanText("reason", a.Reason, maxReason)
	if err == nil && reason == "" {
		err = errText.Field("reason", "required")
	}
	if err != nil {
		return err
	}
	op, err := h.manager(ctx, a)
	if err != nil {
		return err
	}
	found, err := find(ctx, h.config)
	if err != nil {
		return err
	}
	db, err := found.open(ctx, data.Open)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return write(ctx, db, op, reason)
}

// manager returns the code of the manager whose PIN was typed.
func (h *Held) manager(ctx context.Context, a HeldAnswer) (code string, err error) {
	t, err := OpenReadOnly(ctx, h.config)
	if fault.CodeOf(err) == "data.older" {
		if err := migrate(ctx, h.config); err != nil {
			return "", err
		}
		t, err = OpenReadOnly(ctx, h.config)
	}
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	t.pins = h.pins
	names, err := t.AllStaff(ctx)
	if err != nil {
		return "", err
	}
	for _, m := range names {
		if m.Active && m.Code == a.Operator {
			a.Operator = m.ID // the command line knows people by their codes
		}
	}
	err = t.prove(ctx, DoorTill, a.Operator, a.PIN, func(o keptOperator) error {
		if o.Role != RoleManager {
			return errHeldManager
		}
		code = o.Code
		return nil
	})
	return code, err
}
