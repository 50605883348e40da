package pos

import (
	"context"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/suspended"
)

// topicAllotments is the hint that what partners have to come has changed.
const topicAllotments = "allotments"

// Limits of what a partner may ask for.
const (
	allotmentAhead = 60 // days
	possibleStep   = 5  // what partners are told is rounded down to this
)

var (
	errAllotmentForm = fault.New(fault.Invalid, "allotment.invalid", "The allotment breaks a rule; the fields say which.")
	errNotYours      = fault.New(fault.NotFound, "allotment.unknown", "There is no such allotment.")
)

// AllotmentRequest asks for so many items of a class for an evening.
type AllotmentRequest struct {
	Partner string `json:"partner"` // id
	Class   string `json:"class"`
	Qty     int    `json:"qty"`
	Slot    string `json:"slot"` // YYYY-MM-DD or YYYY-MM-DDTHH:MM, local; "" this evening
	Ask     bool   `json:"ask"`  // only write it down; without, what the café asks for it confirms at once
}

// Allotment is what a partner has to come, or had.
type Allotment struct {
	ID        string                   `json:"id"`
	Partner   string                   `json:"partner"` // id
	Name      string                   `json:"name"`    // of the partner
	Class     string                   `json:"class"`
	Day       string                   `json:"day"`
	Time      string                   `json:"time"` // HH:MM; "" in the course of the evening
	State     suspended.AllotmentState `json:"state"`
	Qty       int                      `json:"qty"`  // asked for, then promised
	Held      int                      `json:"held"` // items promised now, or collected
	ByPartner bool                     `json:"by_partner"`
	Rest      string                   `json:"rest,omitempty"` // id of the allotment that still asks for what could not be promised
}

func allotmentOf(a suspended.Allotment, name string) Allotment {
	return Allotment{ID: a.ID, Partner: a.Partner, Name: name, Class: a.Class, Day: a.Day, Time: a.Time, State: a.State, Qty: a.Qty, Held: a.Held,
		ByPartner: a.ByPartner}
}

// named tells whose allotments they are.
func named(ctx context.Context, q data.Querier, all []suspended.Allotment) ([]Allotment, error) {
	partners, err := suspended.Partners(ctx, q)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, p := range partners {
		names[p.ID] = p.Name
	}
	list := make([]Allotment, len(all))
	for i, a := range all {
		list[i] = allotmentOf(a, names[a.Partner])
	}
	return list, nil
}

// parseSlot reads the evening of a request; today is the open business day. field names it in refusals.
func parseSlot(slot, today string) (day, hour string, rule string) {
	if slot == "" {
		return today, "", ""
	}
	at, err := time.Parse("2006-01-02T15:04", slot)
	if err == nil {
		hour = at.Format("15:04")
	} else if at, err = time.Parse(time.DateOnly, slot); err != nil {
		return "", "", "date"
	}
	day = at.Format(time.DateOnly)
	first, err := time.Parse(time.DateOnly, today)
	if err != nil || day < today || at.After(first.AddDate(0, 0, allotmentAhead+1)) {
		return "", "", "slot"
	}
	return day, hour, ""
}

// check reads a request, every field at once: allotment.invalid.
func (r AllotmentRequest) check(today string) (a suspended.Allotment, err error) {
	var c checker
	c.between("qty", int64(r.Qty), 1, suspended.MaxAllotment)
	day, hour, rule := parseSlot(r.Slot, today)
	if rule != "" {
		c.add("slot", rule, map[string]any{"max": allotmentAhead})
	}
	return suspended.Allotment{Partner: r.Partner, Class: r.Class, Day: day, Time: hour, Qty: r.Qty}, c.refusal(errAllotmentForm)
}

// Allot promises items of the shelf to a partner: the café asks and confirms in one. With Ask it is only written down.
// Refusals: partner.unknown, partner.ended, class.unknown, allotment.invalid, allotment.stock (args left), allotment.many,
// training.real.
func (t *Till) Allot(ctx context.Context, by By, r AllotmentRequest) (Allotment, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Allotment, error) {
		if err := t.forReal(tx, by); err != nil {
			return Allotment{}, err
		}
		return t.request(ctx, tx, r, false)
	})
}

// RequestAllotment is what a partner asks for on its own page, where it is signed in: nothing is promised until the café
// confirms. Refusals as Allot, but for the shelf.
func (t *Till) RequestAllotment(ctx context.Context, by By, partner string, r AllotmentRequest) (Allotment, error) {
	r.Partner, r.Ask = partner, true
	a, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Allotment, error) { return t.request(ctx, tx, r, true) })
	return a, err
}

func (t *Till) request(ctx context.Context, tx *data.Tx, r AllotmentRequest, byPartner bool) (Allotment, error) {
	a, err := r.check(tx.Day())
	if err != nil {
		return Allotment{}, err
	}
	a.ID, a.ByPartner = tx.NewID(), byPartner
	if a, err = suspended.Request(ctx, tx, a); err != nil {
		return Allotment{}, err
	}
	if !r.Ask {
		if a, err = suspended.Confirm(ctx, tx, a, a.Qty); err != nil {
			return Allotment{}, err
		}
	}
	return t.allotted(ctx, tx, a, "allotment.requested", nil)
}

// allotted records what became of an allotment, and answers it.
func (t *Till) allotted(ctx context.Context, tx *data.Tx, a suspended.Allotment, what string, made []int64) (Allotment, error) {
	p, err := suspended.FindPartner(ctx, tx, a.Partner)
	if err != nil {
		return Allotment{}, err
	}
	return allotmentOf(a, p.Name), tx.Record(data.Event{Type: what, Topics: []string{topicAllotments, "shelf"}, Body: map[string]any{
		"allotment": a.ID, "state": string(a.State), "qty": a.Qty, "held": a.Held, "journal": nonNil(made)}})
}

// onAllotment is a change of one allotment by the café.
func (t *Till) onAllotment(ctx context.Context, by By, id string, fn func(context.Context, *data.Tx, suspended.Allotment) (Allotment, error)) (Allotment, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Allotment, error) {
		if err := t.forReal(tx, by); err != nil {
			return Allotment{}, err
		}
		a, err := suspended.FindAllotment(ctx, tx, id)
		if err != nil {
			return Allotment{}, err
		}
		return fn(ctx, tx, a)
	})
}

// ConfirmRequest promises what was asked, or part of it.
type ConfirmRequest struct {
	Qty  int  `json:"qty"`  // 0: all that was asked
	Keep bool `json:"keep"` // what cannot be promised stays asked for, as an allotment of its own
}

// ConfirmAllotment promises items of the shelf for what was asked: SPONSOR first, then the oldest (§2.6). With fewer than
// asked it is split, or the rest is dropped. Refusals: allotment.unknown, allotment.state, allotment.invalid,
// allotment.stock (args left: how many the shelf has), training.real.
func (t *Till) ConfirmAllotment(ctx context.Context, by By, id string, r ConfirmRequest) (Allotment, error) {
	return t.onAllotment(ctx, by, id, func(ctx context.Context, tx *data.Tx, a suspended.Allotment) (Allotment, error) {
		asked, n := a.Qty, r.Qty
		if n == 0 {
			n = asked
		}
		if n < 1 || n > asked {
			return Allotment{}, errAllotmentForm.Field("qty", codeRange).With("min", 1).With("max", asked)
		}
		a, err := suspended.Confirm(ctx, tx, a, n)
		if err != nil {
			return Allotment{}, err
		}
		rest := a
		if n < asked && r.Keep {
			rest.ID, rest.Qty, rest.Held = tx.NewID(), asked-n, 0
			if rest, err = suspended.Request(ctx, tx, rest); err != nil {
				return Allotment{}, err
			}
		}
		confirmed, err := t.allotted(ctx, tx, a, "allotment.confirmed", nil)
		if rest.ID != a.ID {
			confirmed.Rest = rest.ID
		}
		return confirmed, err
	})
}

// ReadyAllotment says that what was promised stands packed. Refusals: allotment.unknown, allotment.state.
func (t *Till) ReadyAllotment(ctx context.Context, by By, id string) (Allotment, error) {
	return t.onAllotment(ctx, by, id, func(ctx context.Context, tx *data.Tx, a suspended.Allotment) (Allotment, error) {
		a, err := suspended.PackUp(ctx, tx, a)
		if err != nil {
			return Allotment{}, err
		}
		return t.allotted(ctx, tx, a, "allotment.ready", nil)
	})
}

// ChangeAllotment asks for another number, or promises it (§5.4: either side changes n). What goes back to the shelf is
// reconciled. Refusals: allotment.unknown, allotment.state, allotment.invalid, allotment.stock (args left).
func (t *Till) ChangeAllotment(ctx context.Context, by By, id string, qty int) (Allotment, error) {
	return t.onAllotment(ctx, by, id, func(ctx context.Context, tx *data.Tx, a suspended.Allotment) (Allotment, error) {
		return t.changeAllotment(ctx, tx, by, a, qty)
	})
}

func (t *Till) changeAllotment(ctx context.Context, tx *data.Tx, by By, a suspended.Allotment, qty int) (Allotment, error) {
	var c checker
	c.between("qty", int64(qty), 1, suspended.MaxAllotment)
	if err := c.refusal(errAllotmentForm); err != nil {
		return Allotment{}, err
	}
	a, back, err := suspended.ChangeAllotment(ctx, tx, a, qty)
	if err != nil {
		return Allotment{}, err
	}
	made, err := t.reconcile(ctx, tx, by, back)
	if err != nil {
		return Allotment{}, err
	}
	return t.allotted(ctx, tx, a, "allotment.changed", made)
}

// CancelAllotment ends what is still to come; its items go back to the shelf. Refusals: allotment.unknown, allotment.state.
func (t *Till) CancelAllotment(ctx context.Context, by By, id string) (Allotment, error) {
	return t.onAllotment(ctx, by, id, func(ctx context.Context, tx *data.Tx, a suspended.Allotment) (Allotment, error) {
		return t.endAllotment(ctx, tx, by, a, suspended.Cancelled, "allotment.cancelled")
	})
}

func (t *Till) endAllotment(ctx context.Context, tx *data.Tx, by By, a suspended.Allotment, became suspended.AllotmentState, what string) (Allotment, error) {
	a, back, err := suspended.EndAllotment(ctx, tx, a, became)
	if err != nil {
		return Allotment{}, err
	}
	made, err := t.reconcile(ctx, tx, by, back)
	if err != nil {
		return Allotment{}, err
	}
	return t.allotted(ctx, tx, a, what, made)
}

// onOwnAllotment is a change of an allotment by the partner it is of; that of another does not exist for it.
func (t *Till) onOwnAllotment(ctx context.Context, by By, partner, id string, fn func(context.Context, *data.Tx, suspended.Allotment) (Allotment, error)) (Allotment, error) {
	changed, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Allotment, error) {
		a, err := suspended.FindAllotment(ctx, tx, id)
		if err != nil {
			return Allotment{}, err
		}
		if a.Partner != partner {
			return Allotment{}, errNotYours
		}
		return fn(ctx, tx, a)
	})
	return changed, err
}

// ChangeOwnAllotment is what a partner changes on its own page. Fewer of what is promised goes back to the shelf at once; more
// is asked for, in an allotment of its own, which Rest names. Refusals: allotment.unknown, allotment.state, allotment.invalid.
func (t *Till) ChangeOwnAllotment(ctx context.Context, by By, partner, id string, qty int) (Allotment, error) {
	return t.onOwnAllotment(ctx, by, partner, id, func(ctx context.Context, tx *data.Tx, a suspended.Allotment) (Allotment, error) {
		if !a.State.Promised() || qty <= a.Qty || qty > suspended.MaxAllotment {
			return t.changeAllotment(ctx, tx, by, a, qty)
		}
		more := a
		more.ID, more.Qty, more.Held, more.ByPartner = tx.NewID(), qty-a.Qty, 0, true
		more, err := suspended.Request(ctx, tx, more)
		if err != nil {
			return Allotment{}, err
		}
		same, err := t.allotted(ctx, tx, a, "allotment.changed", nil)
		same.Rest = more.ID
		return same, err
	})
}

// CancelOwnAllotment is CancelAllotment by the partner it is of.
func (t *Till) CancelOwnAllotment(ctx context.Context, by By, partner, id string) (Allotment, error) {
	return t.onOwnAllotment(ctx, by, partner, id, func(ctx context.Context, tx *data.Tx, a suspended.Allotment) (Allotment, error) {
		return t.endAllotment(ctx, tx, by, a, suspended.Cancelled, "allotment.cancelled")
	})
}

// lapseDue lets what nobody came for go back to the shelf (case 81), each in a commit of its own.
func (t *Till) lapseDue(ctx context.Context) (int, error) {
	today := t.db.Today()
	live, err := suspended.LiveAllotments(ctx, t.db.Reader(), today)
	if err != nil {
		return 0, err
	}
	done := 0
	by := System(systemOp)
	for _, a := range live {
		if a.Day == today && t.db.Now().Before(a.LapsesAt(t.db.Zone())) {
			continue
		}
		err := t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
			now, err := suspended.FindAllotment(ctx, tx, a.ID) // it may have been collected meanwhile
			if err != nil || !now.State.Live() {
				return err
			}
			_, err = t.endAllotment(ctx, tx, by, now, suspended.Lapsed, "allotment.lapsed")
			return err
		})
		if err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// Allotments lists the allotments of the evenings from one business day to another, both included.
func (t *Till) Allotments(ctx context.Context, from, to string) ([]Allotment, error) {
	all, err := suspended.AllotmentsBetween(ctx, t.db.Reader(), "", from, to)
	if err != nil {
		return nil, err
	}
	return named(ctx, t.db.Reader(), all)
}

// Allotment returns one allotment. Refusal: allotment.unknown.
func (t *Till) Allotment(ctx context.Context, id string) (Allotment, error) {
	a, err := suspended.FindAllotment(ctx, t.db.Reader(), id)
	if err != nil {
		return Allotment{}, err
	}
	all, err := named(ctx, t.db.Reader(), []suspended.Allotment{a})
	if err != nil {
		return Allotment{}, err
	}
	return all[0], nil
}

// WeekPlan is what a partner sees of the week to come: what it may hope for, and what it has asked. Nothing about guests,
// donors or other partners.
type WeekPlan struct {
	From     string         `json:"from"`     // the open business day
	To       string         `json:"to"`       // six days later
	Classes  []string       `json:"classes"`  // in the order of the screens
	Possible map[string]int `json:"possible"` // by class: what the shelf could bear when the day began, rounded down to fives
	Allotted []Allotment    `json:"allotments"`
}

// PartnerWeek returns what a partner sees of the seven days from today on.
func (t *Till) PartnerWeek(ctx context.Context, partner string) (w WeekPlan, err error) {
	today := t.db.Today()
	first, err := time.Parse(time.DateOnly, today)
	if err != nil {
		return w, err
	}
	w = WeekPlan{From: today, To: first.AddDate(0, 0, 6).Format(time.DateOnly), Possible: map[string]int{}}
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		classes, err := suspended.Classes(ctx, q)
		if err != nil {
			return err
		}
		opening, err := suspended.Opening(ctx, q, today)
		if err != nil {
			return err
		}
		for _, c := range classes {
			w.Classes = append(w.Classes, c.Code)
			w.Possible[c.Code] = max(opening[c.Code], 0) / possibleStep * possibleStep
		}
		own, err := suspended.AllotmentsBetween(ctx, q, partner, today, first.AddDate(0, 0, allotmentAhead).Format(time.DateOnly))
		if err != nil {
			return err
		}
		w.Allotted, err = named(ctx, q, own)
		return err
	})
	return w, err
}
