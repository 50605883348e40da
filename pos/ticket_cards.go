package pos

import (
	"context"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/loyalty"
)

// maxTicketCards bounds how many cards share the meals of one order.
const maxTicketCards = 20

// attached is a card on an order, and how many of its meals are its own (case 3).
type attached struct {
	Account string `json:"account"`
	Card    string `json:"card"` // number
	Meals   int    `json:"meals"`
}

var (
	errCardsMany  = fault.New(fault.Invalid, "cards.many", "No more cards fit on this order.").Field("code", "too_many").With("max", maxTicketCards)
	errCardShare  = fault.New(fault.Invalid, "cards.share", "The order has not so many meals left for this card.")
	errCardAbsent = fault.New(fault.NotFound, "cards.absent", "This card is not on the order.").Field("code", "unknown")
)

// meals is how many stamps the order earns once it is paid.
func (tk ticket) meals() int {
	n := 0
	for _, l := range tk.Lines {
		if l.earns() {
			n += l.MealUnits * l.Qty
		}
	}
	return n
}

// shares says which card gets how many of the meals. The first one takes all that the others leave, at least one, unless
// it was told how many; what no card takes stays to be claimed from the receipt. Meals that went meanwhile are missing to
// the last ones.
func (tk ticket) shares() []attached {
	if tk.Account == "" {
		return nil
	}
	left := tk.meals()
	all := append([]attached{{tk.Account, tk.Card, tk.CardMeals}}, tk.Cards...)
	if tk.CardMeals == 0 {
		all[0].Meals = 1
	}
	for i := range all {
		all[i].Meals = min(all[i].Meals, left)
		left -= all[i].Meals
	}
	if tk.CardMeals == 0 {
		all[0].Meals += left
	}
	return all
}

// attach puts a card on the order and reports whether that changed anything: the same account again does not (case 1). A
// further card takes one meal of the first one's; when there is no meal for it, it takes the place of the last card, since
// then the one before was the wrong one.
func (tk *ticket) attach(ref loyalty.CardRef) (bool, error) {
	last := len(tk.Cards) - 1
	switch {
	case tk.cardAt(ref.Account) >= 0:
		return false, nil
	case tk.Account == "":
		tk.Account, tk.Card = ref.Account, ref.Number
	case len(tk.Cards)+1 < tk.meals():
		if len(tk.Cards)+1 >= maxTicketCards {
			return false, errCardsMany
		}
		tk.Cards = append(tk.Cards, attached{ref.Account, ref.Number, 1})
	case last < 0:
		tk.Account, tk.Card = ref.Account, ref.Number
	default:
		tk.Cards[last].Account, tk.Cards[last].Card = ref.Account, ref.Number
	}
	return true, nil
}

// cardAt finds the card of an account: 0 is the first, -1 none.
func (tk ticket) cardAt(account string) int {
	if account != "" && tk.Account == account {
		return 0
	}
	if i := slices.IndexFunc(tk.Cards, func(a attached) bool { return a.Account == account }); i >= 0 {
		return i + 1
	}
	return -1
}

// share gives a card of the order so many of its meals; none takes it off.
func (tk *ticket) share(at, meals int) error {
	if meals == 0 {
		tk.detach(at)
		return nil
	}
	most := tk.meals()
	for i, other := range tk.Cards {
		if i+1 != at {
			most -= other.Meals
		}
	}
	switch {
	case at > 0 && tk.CardMeals == 0:
		most-- // the first keeps one
	case at > 0:
		most -= tk.CardMeals
	}
	if meals < 0 || meals > most {
		return errCardShare.Field("units", codeRange).With("max", max(most, 0))
	}
	if at > 0 {
		tk.Cards[at-1].Meals = meals
		return nil
	}
	if tk.CardMeals = meals; meals == most {
		tk.CardMeals = 0 // all that is left: also of what is still to be rung
	}
	return nil
}

// detach takes a card off; the second one then takes what the others leave.
func (tk *ticket) detach(at int) {
	if at > 0 {
		tk.Cards = slices.Delete(tk.Cards, at-1, at)
		return
	}
	rest := tk.Cards
	tk.detachAll()
	if len(rest) > 0 {
		tk.Account, tk.Card, tk.Cards = rest[0].Account, rest[0].Card, rest[1:]
	}
}

// partCards sends the last cards along with meals that are paid apart, as long as there are more cards than meals left:
// each payer's own (case 5). One card alone stays where it is.
func (tk *ticket) partCards(apart *ticket) {
	for len(tk.Cards) > 0 && len(tk.Cards)+1 > tk.meals() && apart.meals() > len(apart.Cards) {
		last := tk.Cards[len(tk.Cards)-1]
		tk.detach(len(tk.Cards))
		if apart.Account == "" {
			apart.Account, apart.Card = last.Account, last.Card
		} else {
			apart.Cards = append([]attached{{apart.Account, apart.Card, 1}}, apart.Cards...)
			apart.Account, apart.Card = last.Account, last.Card
		}
	}
}

// joinCards brings the cards of an order that is joined to this one, with the meals they had there (case 6).
func (tk *ticket) joinCards(gone []attached) {
	for _, c := range gone {
		switch {
		case tk.cardAt(c.Account) >= 0 || tk.Account != "" && (c.Meals == 0 || len(tk.Cards)+1 >= maxTicketCards):
		case tk.Account == "":
			tk.Account, tk.Card = c.Account, c.Card
		default:
			tk.Cards = append(tk.Cards, c)
		}
	}
}

// AttachCard attaches a card to a ticket: its meals will be stamped when it is paid. The same card again changes nothing
// (case 1). A further card shares the meals with the first (case 3): it gets one, and ShareCard says otherwise; when there
// are no more meals than cards, it takes the last one's place. Refusals: card.unreadable, card.code, card.unknown,
// card.replaced, cards.many; the ticket is then as it was.
func (t *Till) AttachCard(ctx context.Context, by By, ticketID, code string) (Ticket, error) {
	return t.withCard(ctx, by, ticketID, code, func(tk *ticket, ref loyalty.CardRef) (bool, error) { return tk.attach(ref) })
}

// ShareCard says how many meals of a ticket a card stamps, and attaches it when it is not on the ticket yet; none takes it
// off. What no card stamps can be claimed from the receipt. Refusals: those of AttachCard; cards.share naming units;
// cards.absent.
func (t *Till) ShareCard(ctx context.Context, by By, ticketID, code string, units int) (Ticket, error) {
	return t.withCard(ctx, by, ticketID, code, func(tk *ticket, ref loyalty.CardRef) (bool, error) {
		if tk.cardAt(ref.Account) < 0 {
			if units == 0 {
				return false, errCardAbsent
			}
			if tk.Account != "" {
				tk.Cards = append(tk.Cards, attached{ref.Account, ref.Number, 0})
			} else {
				tk.Account, tk.Card = ref.Account, ref.Number
			}
			if len(tk.Cards) >= maxTicketCards {
				return false, errCardsMany
			}
		}
		return true, tk.share(tk.cardAt(ref.Account), units)
	})
}

func (t *Till) withCard(ctx context.Context, by By, ticketID, code string, change func(*ticket, loyalty.CardRef) (bool, error)) (Ticket, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Ticket, error) {
		tk, err := loadOpen(ctx, tx, ticketID)
		if err != nil {
			return Ticket{}, err
		}
		ref, err := loyalty.FindAny(ctx, tx, code)
		if err != nil {
			return Ticket{}, err
		}
		if ref.State != loyalty.Active && tk.cardAt(ref.Account) < 0 { // one that died meanwhile can still be taken off
			if ref, err = loyalty.Find(ctx, tx, code); err != nil {
				return Ticket{}, err
			}
		}
		changed, err := change(&tk, ref)
		if err != nil {
			return Ticket{}, err
		}
		if !changed {
			return t.shown(ctx, tx, tk)
		}
		return t.changed(ctx, tx, &tk, "ticket.card", nil)
	})
}

// DetachCard takes all cards off a ticket.
func (t *Till) DetachCard(ctx context.Context, by By, ticketID string) (Ticket, error) {
	return t.onTicket(ctx, by, ticketID, "ticket.card", func(_ context.Context, _ *data.Tx, tk *ticket) ([]int64, error) {
		tk.detachAll()
		return nil, nil
	})
}

func (tk *ticket) detachAll() { tk.Account, tk.Card, tk.CardMeals, tk.Cards = "", "", 0, nil }

// showCards adds what only the accounts of its cards know.
func (tk ticket) showCards(ctx context.Context, q data.Querier, v *Ticket) error {
	for _, c := range tk.shares() {
		a, err := loyalty.View(ctx, q, c.Account)
		if err != nil {
			return err
		}
		shown := TicketCard{Number: c.Card, Filled: a.Filled}
		if !tk.Training {
			shown.Units = c.Meals
		}
		v.Cards = append(v.Cards, shown)
	}
	if len(v.Cards) > 0 {
		v.Card = &v.Cards[0]
	}
	return nil
}

// stampMeals gives each card of the order its meals, in the order of the lines, and reconciles each account once.
func (s *settlement) stampMeals(ctx context.Context, tx *data.Tx) error {
	if s.ticket.Account == "" || len(s.units) == 0 {
		return nil
	}
	cost, err := s.till.releaseCost(ctx, tx)
	if err != nil {
		return err
	}
	from := 0
	for _, c := range s.ticket.shares() {
		units := s.units[from : from+c.Meals]
		if from += c.Meals; len(units) == 0 {
			continue
		}
		change, err := loyalty.Earn(ctx, tx, c.Account, units, loyalty.Earned, cost)
		if err != nil {
			return err
		}
		s.stamped = append(s.stamped, stampedCard{Account: change.Account, Stamps: change.Stamps, number: c.Card})
		s.result.Stamps, s.result.Released = s.result.Stamps+change.Stamps, s.result.Released+len(change.Released)
		for _, it := range change.Released {
			s.items = append(s.items, it.ID)
		}
		made, err := s.till.journalChanges(ctx, tx, s.by, s.entry.Number, change)
		if err != nil {
			return err
		}
		s.journal = append(s.journal, made...)
	}
	return nil
}

// stampedCard is what a sale has stamped on one card.
type stampedCard struct {
	Account string `json:"account"`
	Stamps  int    `json:"stamps"`
	number  string
}
