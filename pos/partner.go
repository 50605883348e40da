package pos

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/loyalty"
	"comptoir/suspended"
)

// PartnerStatus is what an association is; it decides which words its slips carry, and nothing else (case 86).
type PartnerStatus string

// The statuses that papers depend on; an association may have several, or none.
const (
	PublicUtility   PartnerStatus = "public_utility"   // of public utility, humanitarian or social (RUP)
	FoodBank        PartnerStatus = "food_bank"        // of the network of food banks
	GeneralInterest PartnerStatus = "general_interest" // of general interest
	OtherStatus     PartnerStatus = "other"            // said of none of them
)

// PartnerStatuses lists what may be said of a partner, in the order of the form.
func PartnerStatuses() []PartnerStatus {
	return []PartnerStatus{PublicUtility, FoodBank, GeneralInterest}
}

// Limits of what is written of a partner.
const (
	maxContactRunes   = 280
	partnerSession    = 12 * time.Hour
	partnerLetters    = 16 // of its private code: 64 random bits
	partnerPinPlace   = "partner till "
	partnerPhonePlace = "partner page "
)

var (
	errPartnerForm = fault.New(fault.Invalid, "partner.invalid", "What is said of the partner breaks a rule; the fields say which.")
	errPartnerPage = fault.New(fault.NotFound, "partner.unknown", "There is no such partner.")
	errPartnerPIN  = fault.New(fault.Denied, "partner.pin", "The PIN is wrong.").Field("pin", "wrong")
)

// PartnerForm is what a manager says of a partner. Absent fields of a change leave what is there.
type PartnerForm struct {
	Name       *string          `json:"name"`
	Status     *[]PartnerStatus `json:"status"`     // public_utility, food_bank, general_interest; none or other: no tax wording
	Contact    *string          `json:"contact"`    // of the association
	Collectors *string          `json:"collectors"` // who may collect
	PIN        string           `json:"pin"`        // 4 to 8 digits; "" keeps the one there is
	Active     *bool            `json:"active"`
	Introduced *bool            `json:"introduced"` // the manager has met them
	NewLink    bool             `json:"new_link"`   // another private page; the old one opens nothing
}

// Partner is an association, as the staff sees it.
type Partner struct {
	ID         string          `json:"id"`
	Name       string          `json:"name"`
	Status     []PartnerStatus `json:"status"`
	Contact    string          `json:"contact"`
	Collectors string          `json:"collectors"`
	Active     bool            `json:"active"`
	HasPIN     bool            `json:"has_pin"`
	Introduced string          `json:"introduced"`     // business day they were met in person; "" before
	Code       string          `json:"code,omitempty"` // of its private page: told once, when it is made
	URL        string          `json:"url,omitempty"`
}

func partnerOf(p suspended.Partner) Partner {
	of := Partner{ID: p.ID, Name: p.Name, Status: []PartnerStatus{}, Contact: p.Contact, Collectors: p.Collectors, Active: p.Active,
		HasPIN: p.HasPIN, Introduced: p.Introduced}
	for i, is := range []bool{p.Utility, p.FoodBank, p.Interest} {
		if is {
			of.Status = append(of.Status, PartnerStatuses()[i])
		}
	}
	return of
}

// apply writes a form over what is there, checked and cleaned: partner.invalid with every field.
func (f PartnerForm) apply(p *suspended.Partner, day string) error {
	var c checker
	if f.Name != nil {
		p.Name = *f.Name
	}
	c.name("name", &p.Name)
	if p.Folded = fold(p.Name); p.Folded == "" && len(c.breaches) == 0 {
		c.add("name", codeRequired, nil)
	}
	for field, text := range map[string]struct{ from, to *string }{"contact": {f.Contact, &p.Contact}, "collectors": {f.Collectors, &p.Collectors}} {
		if text.from != nil {
			*text.to = *text.from
			c.optional(field, text.to, maxContactRunes)
		}
	}
	if f.Status != nil {
		for _, s := range *f.Status {
			if s != OtherStatus && !slices.Contains(PartnerStatuses(), s) {
				c.add("status", "one_of", nil)
				break
			}
		}
		has := func(s PartnerStatus) bool { return slices.Contains(*f.Status, s) }
		p.Utility, p.FoodBank, p.Interest = has(PublicUtility), has(FoodBank), has(GeneralInterest)
	}
	if f.Active != nil {
		p.Active = *f.Active
	}
	switch {
	case f.Introduced == nil:
	case !*f.Introduced:
		p.Introduced = ""
	case p.Introduced == "":
		p.Introduced = day
	}
	slices.SortFunc(c.breaches, func(a, b breach) int { return strings.Compare(a.field, b.field) })
	return c.refusal(errPartnerForm)
}

// hashPIN returns what is kept of the PIN of a form, "" without one, and takes every trace of it out of the command.
func (t *Till) hashPIN(ctx context.Context, by *By, f PartnerForm, id string) (kept string, err error) {
	if f.PIN == "" {
		return "", nil
	}
	if err := checkPIN(f.PIN); err != nil {
		return "", err
	}
	pin := f.PIN
	f.PIN = ""
	rest, err := json.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("form of a partner: %w", err)
	}
	by.Command = by.Command.Of([]byte("partner"), []byte(by.Operator.ID), []byte(id), rest)
	return t.pins.hash(ctx, pin)
}

// AddPartner makes a partner of an association, with a private page whose code is told once. Like that of a card, it is drawn
// from a secret stream of the command's id: asked again, the same code is told, and only its hash is stored. Refusals:
// right.missing, partner.invalid, partner.exists, pin.invalid.
func (t *Till) AddPartner(ctx context.Context, by By, f PartnerForm) (Partner, error) {
	if err := by.mustManage(); err != nil {
		return Partner{}, err
	}
	pin, err := t.hashPIN(ctx, &by, f, "")
	if err != nil {
		return Partner{}, err
	}
	return t.withLink(ctx, by, func(ctx context.Context, tx *data.Tx, code string) (Partner, error) {
		p := suspended.Partner{ID: tx.NewID(), Active: true}
		if err := f.apply(&p, tx.Day()); err != nil {
			return Partner{}, err
		}
		if err := suspended.AddPartner(ctx, tx, p, hashOf(code), pin); err != nil {
			return Partner{}, err
		}
		p.HasPIN = pin != ""
		return partnerOf(p), tx.Record(data.Event{Type: "partner.added", Topics: []string{"partners"}, Body: map[string]any{"partner": p.ID}})
	})
}

// withLink is a command that makes a private page. Its id is stored hashed: with the id itself the code could be asked for.
func (t *Till) withLink(ctx context.Context, by By, fn func(ctx context.Context, tx *data.Tx, code string) (Partner, error)) (Partner, error) {
	if by.Command.ID == "" {
		by.Command = data.NewCommand("partner-" + newSecret())
	}
	stream, err := t.secret.stream("partner", by.Command)
	if err != nil {
		return Partner{}, err
	}
	code, err := loyalty.NewCode(stream, partnerLetters)
	if err != nil {
		return Partner{}, err
	}
	id := sha256.Sum256([]byte(by.Command.ID))
	by.Command.ID = hex.EncodeToString(id[:])
	p, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Partner, error) { return fn(ctx, tx, code) })
	if err != nil {
		return Partner{}, err
	}
	p.Code, p.URL = code, t.PartnerURL(code)
	return p, nil
}

// PartnerURL is the address of a partner's page, in capitals so that its QR code stays small.
func (t *Till) PartnerURL(code string) string {
	return strings.ToUpper(t.config.PublicURL) + "/P/" + code
}

// ChangePartner changes what is said of a partner, its PIN, or its private page. One that is ended keeps its history; what it
// still had to come is cancelled, and goes back to the shelf. Refusals: right.missing, partner.unknown, partner.invalid,
// partner.exists, pin.invalid, training.real.
func (t *Till) ChangePartner(ctx context.Context, by By, id string, f PartnerForm) (Partner, error) {
	if err := by.mustManage(); err != nil {
		return Partner{}, err
	}
	pin, err := t.hashPIN(ctx, &by, f, id)
	if err != nil {
		return Partner{}, err
	}
	change := func(ctx context.Context, tx *data.Tx, link []byte) (Partner, error) {
		return t.changePartner(ctx, tx, by, id, f, pin, link)
	}
	if f.NewLink {
		return t.withLink(ctx, by, func(ctx context.Context, tx *data.Tx, code string) (Partner, error) {
			return change(ctx, tx, hashOf(code))
		})
	}
	p, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Partner, error) { return change(ctx, tx, nil) })
	if err == nil && pin != "" { // a new PIN ends the delay of the old one
		t.pins.forgive(ctx, partnerPinPlace+id)
		t.pins.forgive(ctx, partnerPhonePlace+id)
	}
	return p, err
}

func (t *Till) changePartner(ctx context.Context, tx *data.Tx, by By, id string, f PartnerForm, pin string, link []byte) (Partner, error) {
	p, err := suspended.FindPartner(ctx, tx, id)
	if err != nil {
		return Partner{}, err
	}
	was := p.Active
	if err := f.apply(&p, tx.Day()); err != nil {
		return Partner{}, err
	}
	if err := suspended.ChangePartner(ctx, tx, p); err != nil {
		return Partner{}, err
	}
	if pin != "" {
		if err := suspended.SetPartnerPIN(ctx, tx, id, pin); err != nil {
			return Partner{}, err
		}
		p.HasPIN = true
	}
	if link != nil {
		if err := suspended.SetPartnerLink(ctx, tx, id, link); err != nil {
			return Partner{}, err
		}
	}
	var made []int64
	topics := []string{"partners"}
	if was && !p.Active {
		if made, err = t.endPartner(ctx, tx, by, id); err != nil {
			return Partner{}, err
		}
		topics = append(topics, topicAllotments, "shelf")
	}
	return partnerOf(p), tx.Record(data.Event{Type: "partner.changed", Topics: topics, Body: map[string]any{"partner": id, "journal": nonNil(made),
		"pin": pin != "", "link": link != nil, "active": p.Active}})
}

// endPartner cancels what a partner had to come, and signs it out.
func (t *Till) endPartner(ctx context.Context, tx *data.Tx, by By, id string) ([]int64, error) {
	if err := t.forReal(tx, by); err != nil {
		return nil, err
	}
	live, err := suspended.LiveAllotmentsOf(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	var back []suspended.Item
	for _, a := range live {
		_, items, err := suspended.EndAllotment(ctx, tx, a, suspended.Cancelled)
		if err != nil {
			return nil, err
		}
		back = append(back, items...)
	}
	if err := suspended.EndPartnerSessions(ctx, tx, id); err != nil {
		return nil, err
	}
	return t.reconcile(ctx, tx, by, back)
}

// reconcile brings the accounts of releases that came back to the shelf under the law again, and journals what went.
func (t *Till) reconcile(ctx context.Context, tx *data.Tx, by By, back []suspended.Item) ([]int64, error) {
	var changes []loyalty.Change
	var seen []string
	for _, it := range back {
		if it.Account == "" || slices.Contains(seen, it.Account) {
			continue
		}
		seen = append(seen, it.Account)
		cost, err := t.releaseCost(ctx, tx)
		if err != nil {
			return nil, err
		}
		change, err := loyalty.Reconcile(ctx, tx, it.Account, cost)
		if err != nil {
			return nil, err
		}
		changes = append(changes, change)
	}
	return t.journalChanges(ctx, tx, by, "", changes...)
}

// Partners lists all partners, those the café works with first.
func (t *Till) Partners(ctx context.Context) ([]Partner, error) {
	all, err := suspended.Partners(ctx, t.db.Reader())
	list := make([]Partner, len(all))
	for i, p := range all {
		list[i] = partnerOf(p)
	}
	return list, err
}

// Partner returns a partner. Refusal: partner.unknown.
func (t *Till) Partner(ctx context.Context, id string) (Partner, error) {
	p, err := suspended.FindPartner(ctx, t.db.Reader(), id)
	return partnerOf(p), err
}
