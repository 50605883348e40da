package pos

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// Limits of what is written on a slip.
const (
	maxAllergenRunes = 280
	maxInitialRunes  = 6
	minDegrees       = -400 // tenths
	maxDegrees       = 1200
)

var (
	errCollectionForm      = fault.New(fault.Invalid, "collection.invalid", "The collection breaks a rule; the fields say which.")
	errCollectionPIN       = fault.New(fault.Denied, "collection.pin", "The partner gives its PIN, or a manager has called it back.").Field("pin", codeRequired)
	errCollectionIntroduce = fault.New(fault.Denied, "collection.introduce", "The first time, a manager meets the partner in person.")
)

// Degrees is a temperature in tenths of a degree Celsius. In JSON it is a number with at most one decimal: 63 or 63.5.
type Degrees int64

// MarshalJSON writes 635 as 63.5.
func (d Degrees) MarshalJSON() ([]byte, error) { return []byte(d.String()), nil }

// String is the temperature with a point, such as "63.5" or "-18".
func (d Degrees) String() string {
	sign, n := "", int64(d)
	if n < 0 {
		sign, n = "-", -n
	}
	s := sign + strconv.FormatInt(n/10, 10)
	if n%10 != 0 {
		s += "." + strconv.FormatInt(n%10, 10)
	}
	return s
}

// UnmarshalJSON reads a number with at most one decimal.
func (d *Degrees) UnmarshalJSON(b []byte) error {
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	parsed, ok := ParseDegrees(n.String())
	if !ok {
		return fmt.Errorf("%q is no temperature", n)
	}
	*d = parsed
	return nil
}

// ParseDegrees reads what was typed: "63", "63,5", "-18". It reports false for anything else.
func ParseDegrees(s string) (Degrees, bool) {
	whole, tenth, _ := strings.Cut(strings.Replace(strings.TrimSpace(s), ",", ".", 1), ".")
	if tenth == "" {
		tenth = "0"
	}
	if len(whole) > 5 || len(tenth) != 1 || strings.HasPrefix(whole, "+") {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+tenth, 10, 64)
	return Degrees(n), err == nil
}

// CollectRequest hands an allotment over, counted.
type CollectRequest struct {
	Qty         int       `json:"qty"`         // counted
	PIN         string    `json:"pin"`         // of the partner
	Approval    *Approval `json:"approval"`    // or of a manager who has called it back
	Temperature *Degrees  `json:"temperature"` // °C
	Allergens   string    `json:"allergens"`   // of the dishes
	Time        string    `json:"time"`        // of departure, local HH:MM; "" now
	Initials    string    `json:"initials"`    // of whoever takes it over
}

// Collection is what left the house for a partner. Nobody who ate it is known (case 85).
type Collection struct {
	Number      int64             `json:"number"` // of its slip
	Allotment   string            `json:"allotment"`
	Partner     string            `json:"partner"`
	Name        string            `json:"name"` // of the partner
	Class       string            `json:"class"`
	Qty         int               `json:"qty"`
	Promised    int               `json:"promised"`
	Lapsed      int               `json:"lapsed"` // promised, not taken: back on the shelf
	Wasted      int               `json:"wasted"` // noted since
	Day         string            `json:"day"`
	At          time.Time         `json:"at"` // of departure
	Temperature *Degrees          `json:"temperature"`
	Allergens   string            `json:"allergens"`
	Initials    string            `json:"initials"`
	Operator    string            `json:"operator"`
	Shares      []CollectionShare `json:"shares"`
	GivenCost   money.Cents       `json:"given_cost"`  // standard cost of those that were never sold: what a gift may be valued at (case 87)
	ValueTold   bool              `json:"value_told"`  // the partner may write a receipt of patronage
	WaiverTold  bool              `json:"waiver_told"` // what is given to it needs no VAT adjustment, with its attestation
}

// CollectionShare is the part of a collection that one origin bears.
type CollectionShare struct {
	Origin string      `json:"origin"`
	Count  int         `json:"count"`
	Cost   money.Cents `json:"cost"`  // standard cost
	Sold   money.Cents `json:"sold"`  // what was paid for them, tax included; 0 for what was given
	Given  bool        `json:"given"` // never sold
}

func collectionOf(c suspended.Collection, p suspended.Partner) Collection {
	of := Collection{Number: c.Number, Allotment: c.Allotment, Partner: c.Partner, Name: p.Name, Class: c.Class, Qty: c.Qty, Promised: c.Promised,
		Lapsed: max(c.Promised-c.Qty, 0), Wasted: c.Wasted, Day: c.Day, At: time.UnixMilli(c.At).UTC(), Allergens: c.Allergens, Initials: c.Initials,
		Operator: c.Operator, Shares: []CollectionShare{}, ValueTold: p.MayReceipt(), WaiverTold: p.MayWaiveVAT()}
	if c.Temperature.Valid {
		d := Degrees(c.Temperature.Int64)
		of.Temperature = &d
	}
	for _, s := range c.Shares {
		of.Shares = append(of.Shares, CollectionShare{Origin: string(s.Origin), Count: s.Count, Cost: s.Cost, Sold: s.Funded, Given: s.IsGiven()})
		if s.IsGiven() {
			of.GivenCost += s.Cost
		}
	}
	return of
}

// check reads a request, every field at once: collection.invalid.
func (r *CollectRequest) check(now time.Time) (c suspended.Collection, err error) {
	var k checker
	k.between("qty", int64(r.Qty), 1, suspended.MaxAllotment)
	k.optional("allergens", &r.Allergens, maxAllergenRunes)
	k.optional("initials", &r.Initials, maxInitialRunes)
	c = suspended.Collection{Qty: r.Qty, Allergens: r.Allergens, Initials: r.Initials, At: now.UnixMilli()}
	if r.Temperature != nil {
		k.between("temperature", int64(*r.Temperature), minDegrees, maxDegrees)
		c.Temperature = sql.NullInt64{Int64: int64(*r.Temperature), Valid: true}
	}
	if utf8.RuneCountInString(r.Time) > 0 {
		at, err := time.Parse("15:04", r.Time)
		if err != nil {
			k.add("time", "time", nil)
		} else if left := departure(now, at); left.After(now.Add(time.Hour)) {
			k.add("time", "future", nil)
		} else {
			c.At = left.UnixMilli()
		}
	}
	return c, k.refusal(errCollectionForm)
}

// departure is the instant of an hour of the day of now; just after midnight a late hour is of the day before.
func departure(now, hour time.Time) time.Time {
	at := time.Date(now.Year(), now.Month(), now.Day(), hour.Hour(), hour.Minute(), 0, 0, now.Location())
	if at.Sub(now) > 12*time.Hour {
		at = at.AddDate(0, 0, -1)
	}
	return at
}

// CollectAllotment hands a promised allotment over to its partner, by the actual count (cases 82, 84, 88). Fewer than promised:
// the rest goes back to the shelf at once. More: by a manager only, from the shelf and then of the house. A barista needs the
// partner's PIN, or a manager's, who has called the partner back; a manager needs none. The first time a manager is there in
// any case. Each origin has an entry of its own in the journal; nothing is sold, no drawer opens.
//
// Refusals: allotment.unknown, allotment.state, partner.ended, collection.invalid, collection.pin, collection.introduce,
// collection.more (args left), partner.pin, pin.wait, approval.wrong, training.real.
func (t *Till) CollectAllotment(ctx context.Context, by By, id string, r CollectRequest) (Collection, error) {
	if err := by.mustSell(); err != nil {
		return Collection{}, err
	}
	if r.PIN != "" || r.Approval != nil { // no trace of a PIN in the command
		degrees := ""
		if r.Temperature != nil {
			degrees = r.Temperature.String()
		}
		by.Command = by.Command.Of([]byte("collect"), []byte(by.Operator.ID), []byte(id), []byte(strconv.Itoa(r.Qty)),
			[]byte(degrees), []byte(r.Allergens), []byte(r.Time), []byte(r.Initials))
	}
	h, err := t.handover(ctx, by, id, r)
	if err != nil {
		return Collection{}, err
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Collection, error) {
		if err := t.forReal(tx, by); err != nil {
			return Collection{}, err
		}
		c, err := r.check(tx.Now().In(t.db.Zone()))
		if err != nil {
			return Collection{}, err
		}
		a, err := suspended.FindAllotment(ctx, tx, id)
		if err != nil {
			return Collection{}, err
		}
		p, err := suspended.ActivePartner(ctx, tx, a.Partner)
		if err != nil {
			return Collection{}, err
		}
		if c.Auth, err = h.auth(ctx, tx, by, p); err != nil {
			return Collection{}, err
		}
		c.Operator = by.Operator.Code
		done, made, items, err := t.handOver(ctx, tx, by, p, a, c)
		if err != nil {
			return Collection{}, err
		}
		return done, tx.Record(data.Event{Type: "allotment.collected", Topics: []string{topicAllotments, "shelf", "partners"}, Body: map[string]any{
			"allotment": a.ID, "number": done.Number, "qty": done.Qty, "back": items, "journal": made, "auth": c.Auth}})
	})
}

// handover is who stands for a collection, as it was proved outside the writer.
type handover struct {
	byPIN   bool         // the partner has given its PIN
	manager keptOperator // who has approved; zero when nobody had to
}

// handover compares the PINs of a request. It is slow: never called inside a write.
func (t *Till) handover(ctx context.Context, by By, id string, r CollectRequest) (h handover, err error) {
	if r.PIN != "" {
		a, err := suspended.FindAllotment(ctx, t.db.Reader(), id)
		if err != nil {
			return h, err
		}
		if _, err := t.provePartner(ctx, partnerPinPlace, a.Partner, r.PIN); err != nil {
			if fault.CodeOf(err) == errPartnerPIN.Code {
				if failed := t.recordPartnerMiss(ctx, by); failed != nil {
					return h, failed
				}
			}
			return h, err
		}
		h.byPIN = true
	}
	if r.Approval != nil {
		h.manager, err = t.approve(ctx, by, *r.Approval)
	}
	return h, err
}

// auth returns the code of the manager who stands for the collection, "" when the partner's PIN alone does.
func (h handover) auth(ctx context.Context, q data.Querier, by By, p suspended.Partner) (string, error) {
	switch {
	case by.Operator.Role == RoleManager:
		return by.Operator.Code, nil
	case h.manager.ID != "":
		return h.manager.Code, stillManages(ctx, q, h.manager)
	case !h.byPIN:
		return "", errCollectionPIN
	case p.Introduced == "":
		return "", errCollectionIntroduce
	}
	return "", nil
}

// handOver moves the items, journals each origin, and reconciles what came back; it records no event.
func (t *Till) handOver(ctx context.Context, tx *data.Tx, by By, p suspended.Partner, a suspended.Allotment, c suspended.Collection) (_ Collection, made []int64, back int, err error) {
	cost, err := t.classCost(ctx, tx, a.Class)
	if err != nil {
		return Collection{}, nil, 0, err
	}
	left, items, err := suspended.Collect(ctx, tx, a, c, c.Auth != "", cost)
	if err != nil {
		return Collection{}, nil, 0, err
	}
	if made, err = t.journalCollection(ctx, tx, by, left); err != nil {
		return Collection{}, nil, 0, err
	}
	retracted, err := t.reconcile(ctx, tx, by, items)
	if err != nil {
		return Collection{}, nil, 0, err
	}
	if p.Introduced == "" && c.Auth != "" { // a manager was there
		p.Introduced = tx.Day()
		if err := suspended.ChangePartner(ctx, tx, p); err != nil {
			return Collection{}, nil, 0, err
		}
	}
	return collectionOf(left, p), append(made, retracted...), len(items), nil
}

// journalCollection writes what a partner took away, an entry for each origin; what the house gave comes onto the shelf first.
func (t *Till) journalCollection(ctx context.Context, tx *data.Tx, by By, c suspended.Collection) (made []int64, err error) {
	auth := c.Auth
	if auth == "" {
		auth = by.Operator.Code
	}
	adjust := func(cause string, s suspended.Share, qty int) error {
		e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindSuspAdjust, Op: by.Operator.Code, Body: journal.AdjustBody{
			Auth: auth, Cause: cause, Class: c.Class, Origin: string(s.Origin), Qty: int64(qty), Reason: "bon " + strconv.FormatInt(c.Number, 10)}})
		made = append(made, e.Seq)
		return err
	}
	for _, s := range c.Shares {
		if s.Origin == suspended.House {
			if err := adjust(journal.AdjustHouse, s, s.Count); err != nil {
				return nil, err
			}
		}
		if err := adjust(journal.AdjustCollected, s, -s.Count); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// NoteWaste writes down that qty of a collection came back or were thrown away: nothing of it is served again (case 83).
// Refusals: collection.unknown, collection.waste (args max), training.real.
func (t *Till) NoteWaste(ctx context.Context, by By, number int64, qty int) (Collection, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Collection, error) {
		if err := t.forReal(tx, by); err != nil {
			return Collection{}, err
		}
		c, err := suspended.NoteWaste(ctx, tx, number, qty, by.Operator.Code)
		if err != nil {
			return Collection{}, err
		}
		p, err := suspended.FindPartner(ctx, tx, c.Partner)
		if err != nil {
			return Collection{}, err
		}
		return collectionOf(c, p), tx.Record(data.Event{Type: "collection.waste", Topics: []string{topicAllotments}, Body: map[string]any{
			"number": number, "qty": qty}})
	})
}

// SettleShelf hands everything that is on the shelf over to one partner: what a café does that closes for good, or for long
// (case 74). A collection of every class that has anything, in one command; what is promised to others stays theirs.
// Refusals: right.missing, partner.unknown, partner.ended, training.real.
func (t *Till) SettleShelf(ctx context.Context, by By, partner string) ([]Collection, error) {
	if err := by.mustManage(); err != nil {
		return nil, err
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) ([]Collection, error) {
		if err := t.forReal(tx, by); err != nil {
			return nil, err
		}
		p, err := suspended.ActivePartner(ctx, tx, partner)
		if err != nil {
			return nil, err
		}
		shelf, err := suspended.Shelved(ctx, tx)
		if err != nil {
			return nil, err
		}
		var done []Collection
		var all []int64
		for _, class := range shelf {
			for left := class.Available; left > 0; left -= suspended.MaxAllotment {
				c, made, err := t.settleClass(ctx, tx, by, p, class.Class, min(left, suspended.MaxAllotment))
				if err != nil {
					return nil, err
				}
				done, all = append(done, c), append(all, made...)
				p.Introduced = max(p.Introduced, tx.Day())
			}
		}
		if len(done) == 0 {
			return []Collection{}, nil
		}
		return done, tx.Record(data.Event{Type: "shelf.settled", Topics: []string{topicAllotments, "shelf", "partners"}, Body: map[string]any{
			"partner": partner, "journal": all}})
	})
}

func (t *Till) settleClass(ctx context.Context, tx *data.Tx, by By, p suspended.Partner, class string, n int) (Collection, []int64, error) {
	a, err := suspended.Request(ctx, tx, suspended.Allotment{ID: tx.NewID(), Partner: p.ID, Class: class, Day: tx.Day(), Qty: n})
	if err != nil {
		return Collection{}, nil, err
	}
	if a, err = suspended.Confirm(ctx, tx, a, n); err != nil {
		return Collection{}, nil, err
	}
	c, made, _, err := t.handOver(ctx, tx, by, p, a, suspended.Collection{Qty: n, At: tx.Now().UnixMilli(), Operator: by.Operator.Code, Auth: by.Operator.Code})
	return c, made, err
}

// Collection returns what left the house, by the number of its slip. Refusal: collection.unknown.
func (t *Till) Collection(ctx context.Context, number int64) (Collection, error) {
	c, err := suspended.FindCollection(ctx, t.db.Reader(), number)
	if err != nil {
		return Collection{}, err
	}
	p, err := suspended.FindPartner(ctx, t.db.Reader(), c.Partner)
	return collectionOf(c, p), err
}
