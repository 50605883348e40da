package pos

import (
	"context"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/loyalty"
)

// Tender is one payment towards a sale.
type Tender struct {
	Means  Means       `json:"means"`
	Amount money.Cents `json:"amount"`          // of the sale that it pays, above 0
	Given  money.Cents `json:"given,omitempty"` // what was handed over; 0 is taken as Amount; more only in cash

	ref string // authorisation of the terminal, for a card that one was asked for
}

// CheckoutRequest pays an open ticket.
type CheckoutRequest struct {
	ExpectedTotal *money.Cents `json:"expected_total"` // what the payer was told; another total is refused
	Version       *int64       `json:"version"`        // of the ticket as it was shown; another one is refused
	Tenders       []Tender     `json:"tenders"`        // of the rest, when parts are paid already
}

// SellRequest is an order and its payment in one call.
type SellRequest struct {
	Mode    Mode          `json:"mode"`
	Lines   []LineRequest `json:"lines"`
	Card    string        `json:"card"` // code or number; empty: none
	Tenders []Tender      `json:"tenders"`
}

// SaleResult is what a payment came to. One of training has a number of the X series, no stamps, nothing on the shelf and
// no codes.
type SaleResult struct {
	ID          string         `json:"id"`
	Number      string         `json:"number"`            // of the T or X document; empty when nothing was bought
	Total       money.Cents    `json:"total"`             // what was paid: turnover and Outside
	Outside     money.Cents    `json:"outside,omitempty"` // of it, for associations: no turnover
	Change      money.Cents    `json:"change"`            // to hand back now; parts paid before have theirs
	Stamps      int            `json:"stamps"`
	Released    int            `json:"released"`         // suspended meals put on the shelf by these stamps
	Minted      int            `json:"minted,omitempty"` // suspended items that the café's fund was turned into
	ReceiptCode string         `json:"receipt_code"`
	ReceiptURL  string         `json:"receipt_url"`
	GiftCode    string         `json:"gift_code,omitempty"` // of the donor's proof; empty without a gift
	GiftURL     string         `json:"gift_url,omitempty"`
	Training    bool           `json:"training,omitempty"` // it does not count
	Redemptions []RedeemResult `json:"redemptions"`        // told once beside a sale: a replay has none
	Warnings    []string       `json:"warnings"`           // codes of sentences to show; nothing was refused
}

// kept is the answer without what was served beside the sale: nothing that stays says that whoever paid was a guest (I16).
func (r SaleResult) kept() SaleResult {
	if r.ID == "" {
		return r
	}
	r.Redemptions = []RedeemResult{}
	r.Warnings = slices.DeleteFunc(slices.Clone(r.Warnings), func(w string) bool { return w == WarnHouseBudget })
	return r
}

// The warnings of a sale.
const (
	WarnVoucherDaily = "meal_voucher.over_25" // more than the daily limit of a titre-restaurant (fiscal R98)
	WarnVoucherDay   = "meal_voucher.day_off" // by titre-restaurant on a Sunday or a holiday, unless the café has chosen not to hear of it (R98)
	WarnHouseBudget  = "house.budget"         // the café's budget line of the day is spent; the manager decides
)

var errEmpty = fault.New(fault.Invalid, "ticket.empty", "There is nothing on the ticket.").Field("lines", "required")

// Checkout pays an open ticket: one commit holds the sale, its journal entries, stamps, releases, gifts and
// drawer. Refusals: ticket.unknown, ticket.closed, ticket.stale (with the new total and version), ticket.empty,
// shift.none, and those of the tenders.
func (t *Till) Checkout(ctx context.Context, by By, ticketID string, r CheckoutRequest) (SaleResult, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (SaleResult, error) {
		tk, err := loadOpen(ctx, tx, ticketID)
		if err != nil {
			return SaleResult{}, err
		}
		if err := tk.asShown(by, r.ExpectedTotal, r.Version); err != nil {
			return SaleResult{}, err
		}
		return t.settle(ctx, tx, by, tk, r.Tenders)
	})
}

// Sell rings and pays an order in one command, through the same settlement as Checkout.
func (t *Till) Sell(ctx context.Context, by By, r SellRequest) (SaleResult, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (SaleResult, error) {
		tk, err := newTicket(TicketRequest{Mode: r.Mode})
		if err != nil {
			return SaleResult{}, err
		}
		tk.Training = t.inTraining(tx)
		for i, l := range r.Lines {
			rung, err := t.ring(ctx, tx, l, fieldOf(i))
			if err == nil {
				err = tk.add(rung)
			}
			if err != nil {
				return SaleResult{}, err
			}
		}
		if r.Card != "" {
			ref, err := loyalty.Find(ctx, tx, r.Card)
			if err != nil {
				return SaleResult{}, err
			}
			tk.Account, tk.Card = ref.Account, ref.Number
		}
		return t.settle(ctx, tx, by, tk, r.Tenders)
	})
}

// settle is the one way an order is paid, read from top to bottom. tenders pay what the parts paid before have left.
// Nothing slow happens here: no printing, no network, no page.
func (t *Till) settle(ctx context.Context, tx *data.Tx, by By, tk ticket, tenders []Tender) (SaleResult, error) {
	s := &settlement{till: t, by: by, ticket: tk, tenders: append(tk.parts(), tenders...), meals: map[string]int{}, result: SaleResult{Redemptions: []RedeemResult{}, Warnings: []string{}}}
	steps := []func(context.Context, *data.Tx) error{
		s.openShift,     // no sale without a shift
		s.checkTenders,  // they cover the total; vouchers never pay gifts
		s.journalTicket, // number, hash, signature
		s.writeSale,     // the derived rows
		s.pledgeGifts,   // what was bought for others goes on the shelf, what was rounded up into its fund
		s.fillDrawer,    // cash only; the sale takes the place of its parts paid before
		s.stampMeals,    // one stamp a paid meal unit, and the releases that follow
		s.toKitchen,     // what it does not have yet; nothing while no screen shows it
		s.closeTicket,   // the order is settled
		s.checkSums,     // assert before the commit
		s.record,        // the event
		s.serveItems,    // what is taken from the shelf, each under its own document; an event of its own names none of the above
	}
	if tk.Training { // the same documents, marked, and nothing that would last (fiscal R66, R69)
		steps = []func(context.Context, *data.Tx) error{
			s.openShift, s.checkTenders, s.journalTicket, s.keepTraining, s.serveInTraining, s.closeTicket, s.checkSums, s.recordTraining,
		}
	}
	for _, step := range steps {
		if err := step(ctx, tx); err != nil {
			return SaleResult{}, err
		}
	}
	return s.result, nil
}
