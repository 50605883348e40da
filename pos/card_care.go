package pos

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/loyalty"
)

// dormantMonths is after how long without a stamp a card is closed and its contact forgotten (case 52; product.md, decision 3).
const dormantMonths = 24

// CardRecord is a card as the staff sees it: what it shows, where it stands, and how it can be had back. No person.
type CardRecord struct {
	CardView
	State   loyalty.State  `json:"state"`
	Medium  loyalty.Medium `json:"medium"`
	Made    time.Time      `json:"made"`
	Contact string         `json:"contact"` // a hint, with most of it hidden; empty: none is set
	Others  []string       `json:"others"`  // numbers of the living cards of the same account
}

// CardRecord returns the record of a card by its code or number. Of one that is dead for good it says only that: no data
// (solidarity.md §2.6). Refusals: card.unreadable, card.code, card.unknown, card.replaced.
func (t *Till) CardRecord(ctx context.Context, codeOrNumber string) (CardRecord, error) {
	q := t.db.Reader()
	ref, err := loyalty.FindAny(ctx, q, codeOrNumber)
	if err != nil {
		return CardRecord{}, err
	}
	if ref.State != loyalty.Active && ref.State != loyalty.Lost {
		_, err = loyalty.Find(ctx, q, codeOrNumber)
		return CardRecord{}, err
	}
	r := CardRecord{State: ref.State, Others: []string{}}
	if r.CardView, err = viewCard(ctx, q, ref.Account, ref.Number); err != nil {
		return CardRecord{}, err
	}
	if r.Contact, err = loyalty.ContactHint(ctx, q, ref.Account); err != nil {
		return CardRecord{}, err
	}
	cards, err := loyalty.CardsOf(ctx, q, ref.Account)
	for _, c := range cards {
		switch {
		case c.Hash == ref.Hash:
			r.Medium, r.Made = c.Medium, c.Made
		case c.State == loyalty.Active:
			r.Others = append(r.Others, c.Number)
		}
	}
	return r, err
}

// LoseCard makes a card dead that was lost. Its stamps wait for ReplaceCard. Again it changes nothing. Refusals: those of
// CardRecord.
func (t *Till) LoseCard(ctx context.Context, by By, codeOrNumber string) (CardView, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (CardView, error) {
		if err := t.forReal(tx, by); err != nil {
			return CardView{}, err
		}
		ref, changed, err := loyalty.Lose(ctx, tx, codeOrNumber)
		if err != nil {
			return CardView{}, err
		}
		if changed {
			if err := tx.Record(data.Event{Type: "card.lost", Topics: []string{"card:" + ref.Number}, Body: map[string]any{"account": ref.Account}}); err != nil {
				return CardView{}, err
			}
		}
		return viewCard(ctx, tx, ref.Account, ref.Number)
	})
}

// nothing is the answer of a command whose answer must not be kept.
type nothing struct{}

// SetContact keeps how the holder of a card has its stamps back if it is lost: an e-mail address or a telephone number, for
// this purpose alone, kept as a code made with the secret file; empty erases it. The public page may call it for the card it
// shows. Refusals: those of Card, contact.invalid, training.real.
func (t *Till) SetContact(ctx context.Context, by By, codeOrNumber, contact string) error {
	if err := by.mustSell(); err != nil {
		return err
	}
	by.Command.Hash = t.secret.mac("command", by.Command.Hash[:]) // with the contact in it, the plain one would be a way to try contacts out
	_, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (nothing, error) {
		if err := t.forReal(tx, by); err != nil {
			return nothing{}, err
		}
		ref, err := loyalty.Find(ctx, tx, codeOrNumber)
		if err != nil {
			return nothing{}, err
		}
		e := data.Event{Type: "card.contact", Topics: []string{"card:" + ref.Number}, Body: map[string]any{"account": ref.Account}}
		if contact == "" {
			if _, err := loyalty.EraseContact(ctx, tx, ref.Account); err != nil {
				return nothing{}, err
			}
			e.Type = "card.contact_erased"
			return nothing{}, tx.Record(e)
		}
		normal, c, err := loyalty.ParseContact(contact)
		if err != nil {
			return nothing{}, err
		}
		c.MAC = t.secret.mac("contact", []byte(normal))
		if err := loyalty.SetContact(ctx, tx, ref.Account, c); err != nil {
			return nothing{}, err
		}
		return nothing{}, tx.Record(e)
	})
	return err
}

// mac is a code of a text that cannot be made, nor tried out, without the secret.
func (s secret) mac(use string, text []byte) (sum [sha256.Size]byte) {
	key := hmac.New(sha256.New, s[:])
	key.Write([]byte(use))
	h := hmac.New(sha256.New, key.Sum(nil))
	h.Write(text)
	copy(sum[:], h.Sum(nil))
	return sum
}

// ContactHint returns what may be shown to its holder of the contact of a living card; empty when none is set. Refusals:
// those of Card.
func (t *Till) ContactHint(ctx context.Context, code string) (string, error) {
	ref, err := loyalty.Find(ctx, t.db.Reader(), code)
	if err != nil {
		return "", err
	}
	return loyalty.ContactHint(ctx, t.db.Reader(), ref.Account)
}

// CardsByContact returns the cards that a contact was left on, to be replaced (case 45). A family may share one. Refusals:
// contact.invalid, contact.unknown.
func (t *Till) CardsByContact(ctx context.Context, contact string) ([]CardView, error) {
	normal, _, err := loyalty.ParseContact(contact)
	if err != nil {
		return nil, err
	}
	refs, err := loyalty.FindByContact(ctx, t.db.Reader(), t.secret.mac("contact", []byte(normal)))
	if err != nil {
		return nil, err
	}
	all := make([]CardView, len(refs))
	for i, ref := range refs {
		if all[i], err = viewCard(ctx, t.db.Reader(), ref.Account, ref.Number); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// ImportRequest brings the stamps of an old paper card, which is kept and voided.
type ImportRequest struct {
	Stamps int  `json:"stamps"` // 1 to 8
	Voided bool `json:"voided"` // the paper was kept, and voided
}

// ImportPaper brings the stamps of an old paper card to a card: once each, by a manager, and the paper stays with the café
// (case 25). They are counted in P, beside the paid meals (I6). Refusals: right.missing, import.voided, grant.count,
// import.again, those of Card, training.real.
func (t *Till) ImportPaper(ctx context.Context, by By, codeOrNumber string, r ImportRequest) (CardView, error) {
	if !r.Voided {
		return CardView{}, fault.New(fault.Invalid, "import.voided", "The old card is kept and voided first.").Field("voided", "required")
	}
	return t.grant(ctx, by, codeOrNumber, eventImported, func(ctx context.Context, tx *data.Tx, account string) (loyalty.Change, error) {
		cost, err := t.releaseCost(ctx, tx)
		if err != nil {
			return loyalty.Change{}, err
		}
		return loyalty.Import(ctx, tx, account, r.Stamps, cost)
	})
}

// The events that stamps without a meal come from.
const (
	eventImported = "card.imported"
	eventGoodwill = "card.goodwill"
)

// Goodwill gives a card stamps without a meal, as an apology: by a manager, so many a month as the café has chosen (case
// 26). They are counted in P. Refusals: right.missing, grant.count, goodwill.spent, those of Card, training.real.
func (t *Till) Goodwill(ctx context.Context, by By, codeOrNumber string, stamps int) (CardView, error) {
	return t.grant(ctx, by, codeOrNumber, eventGoodwill, func(ctx context.Context, tx *data.Tx, account string) (loyalty.Change, error) {
		left, err := goodwillLeft(ctx, tx, tx.Day())
		if err != nil {
			return loyalty.Change{}, err
		}
		if stamps > left && stamps <= loyalty.MealsPerRelease {
			return loyalty.Change{}, fault.New(fault.Conflict, "goodwill.spent", "The café gives no more of these this month.").Field("stamps", codeRange).With("max", left)
		}
		cost, err := t.releaseCost(ctx, tx)
		if err != nil {
			return loyalty.Change{}, err
		}
		return loyalty.Apologise(ctx, tx, account, stamps, cost)
	})
}

// GoodwillLeft is how many stamps managers may still give this month without a meal.
func (t *Till) GoodwillLeft(ctx context.Context) (int, error) {
	return goodwillLeft(ctx, t.db.Reader(), t.db.Today())
}

func goodwillLeft(ctx context.Context, q data.Querier, day string) (int, error) {
	chosen, err := loadSettings(ctx, q)
	if err != nil {
		return 0, err
	}
	month := day[:len("2006-01")]
	given, err := loyalty.Given(ctx, q, month+"-01", month+"-31")
	return max(0, chosen.GoodwillMonthly-given[loyalty.Goodwill]), err
}

func (t *Till) grant(ctx context.Context, by By, codeOrNumber, what string, give func(context.Context, *data.Tx, string) (loyalty.Change, error)) (CardView, error) {
	if err := by.mustManage(); err != nil {
		return CardView{}, err
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (CardView, error) {
		if err := t.forReal(tx, by); err != nil {
			return CardView{}, err
		}
		ref, err := loyalty.Find(ctx, tx, codeOrNumber)
		if err != nil {
			return CardView{}, err
		}
		change, err := give(ctx, tx, ref.Account)
		if err != nil {
			return CardView{}, err
		}
		if err := t.recordChanges(ctx, tx, by, what, ref.Number, "", change); err != nil {
			return CardView{}, err
		}
		return viewCard(ctx, tx, ref.Account, ref.Number)
	})
}

// CloseCard ends the account of a card because its holder asks (case 51): its cards are dead, its contact is forgotten. What
// it gave stays, and names nobody. The public page may call it for the card it shows; of the staff, a manager. Refusals:
// right.missing, those of Card, training.real.
func (t *Till) CloseCard(ctx context.Context, by By, codeOrNumber string) error {
	if err := by.mustManage(); err != nil {
		return err
	}
	_, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (nothing, error) {
		if err := t.forReal(tx, by); err != nil {
			return nothing{}, err
		}
		ref, err := loyalty.FindAny(ctx, tx, codeOrNumber)
		if err != nil {
			return nothing{}, err
		}
		if ref.State == loyalty.Closed {
			return nothing{}, nil
		}
		if ref.State != loyalty.Active && ref.State != loyalty.Lost {
			_, err := loyalty.Find(ctx, tx, codeOrNumber)
			return nothing{}, err
		}
		return nothing{}, closeAccounts(ctx, tx, "asked", ref.Account)
	})
	return err
}

func closeAccounts(ctx context.Context, tx *data.Tx, why string, accounts ...string) error {
	for _, a := range accounts {
		if _, err := loyalty.Close(ctx, tx, a); err != nil {
			return err
		}
	}
	return tx.Record(data.Event{Type: "cards.closed", Body: map[string]any{"accounts": accounts, "why": why}})
}

// dormantAtOnce bounds what one command closes.
const dormantAtOnce = 200

// closeDormant closes the accounts where nothing has happened for dormantMonths (case 52): once a business day it looks, and
// mostly finds none.
func (t *Till) closeDormant(ctx context.Context) (int, error) {
	today := t.db.Today()
	if last := t.closed.Load(); last != nil && *last == today {
		return 0, nil
	}
	since := t.db.Now().AddDate(0, -dormantMonths, 0)
	accounts, err := loyalty.Dormant(ctx, t.db.Reader(), since, since.Format(time.DateOnly), dormantAtOnce)
	if err != nil {
		return 0, err
	}
	if len(accounts) < dormantAtOnce {
		defer t.closed.Store(&today)
	}
	if len(accounts) == 0 {
		return 0, nil
	}
	return len(accounts), t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		return closeAccounts(ctx, tx, "dormant", accounts...)
	})
}

// CardData is all that the café keeps about a card, for its holder to carry away (solidarity.md §3.2). No guest is in it.
type CardData struct {
	Cafe    string          `json:"cafe"`
	Made    time.Time       `json:"made"` // the first card
	Contact string          `json:"contact"`
	Card    CardView        `json:"card"`
	Cards   []CardDataCard  `json:"cards"`
	Stamps  []CardDataStamp `json:"stamps"` // the oldest first
}

// CardDataCard is a card of the account.
type CardDataCard struct {
	Number string         `json:"number"`
	Medium loyalty.Medium `json:"medium"`
	State  loyalty.State  `json:"state"`
	Made   time.Time      `json:"made"`
}

// CardDataStamp is a stamp gained (+1) or lost (-1) on a business day.
type CardDataStamp struct {
	Day   string       `json:"day"`
	Kind  loyalty.Kind `json:"kind"`
	Count int          `json:"count"`
}

// CardData returns the data of a living card. Refusals: those of Card.
func (t *Till) CardData(ctx context.Context, codeOrNumber string) (CardData, error) {
	q := t.db.Reader()
	ref, err := loyalty.Find(ctx, q, codeOrNumber)
	if err != nil {
		return CardData{}, err
	}
	d := CardData{Cafe: t.identity.Name, Cards: []CardDataCard{}, Stamps: []CardDataStamp{}}
	if d.Card, err = viewCard(ctx, q, ref.Account, ref.Number); err != nil {
		return CardData{}, err
	}
	if d.Contact, err = loyalty.ContactHint(ctx, q, ref.Account); err != nil {
		return CardData{}, err
	}
	cards, err := loyalty.CardsOf(ctx, q, ref.Account)
	if err != nil {
		return CardData{}, err
	}
	for _, c := range cards {
		d.Made = c.Made // the last one is the oldest
		d.Cards = append(d.Cards, CardDataCard{c.Number, c.Medium, c.State, c.Made})
	}
	history, err := loyalty.History(ctx, q, ref.Account)
	for _, e := range history {
		d.Stamps = append(d.Stamps, CardDataStamp{e.Day, e.Kind, e.Delta})
	}
	return d, err
}
