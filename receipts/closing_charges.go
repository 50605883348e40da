package receipts

import (
	"fmt"
	"time"

	"comptoir/data/money"
)

// TerminalCharge is a payment whose card terminal did not say what came of it, as things stood at the end of the period. It
// stands beside the signed figures: the journal has its entries, TERMINAL_UNKNOWN and TERMINAL_ANSWERED.
type TerminalCharge struct {
	ID            string      `json:"id"`
	At            time.Time   `json:"at"`    // in the café's zone
	Order         int         `json:"order"` // number within its day
	Terminal      string      `json:"terminal"`
	Amount        money.Cents `json:"amount"`
	State         string      `json:"state"`                   // ChargeOpen…
	By            string      `json:"by,omitempty"`            // code of whoever answered
	Authorisation string      `json:"authorisation,omitempty"` // as that person typed it
	Over          money.Cents `json:"over,omitempty"`          // paid, and no order was left for it
	Returned      bool        `json:"returned,omitempty"`      // Over went back to the card
}

// States of a TerminalCharge.
const (
	ChargeOpen    = "open"     // nobody has said anything
	ChargeApart   = "apart"    // the order went on without it, and nobody has said anything
	ChargePaid    = "paid"     // a person saw that it was paid
	ChargeNotPaid = "not_paid" // or that it was not
)

// writeCharges tells which payments somebody had, or has, to look up on a terminal. Most days there is none.
func (c Closing) writeCharges(s paper) {
	if len(c.Charges) == 0 {
		return
	}
	section(s, "PAIEMENTS PAR TERMINAL SANS RÉPONSE")
	for _, x := range c.Charges {
		s.row(fmt.Sprintf("%s %s, commande %d", x.At.Format("02/01 15:04"), x.Terminal, x.Order), euros(x.Amount))
		switch x.State {
		case ChargePaid:
			if x.By != "" {
				s.hanging("  ", "Payé, vu par "+x.By, "")
			}
			if x.Authorisation != "" {
				s.hanging("  ", "Autorisation "+x.Authorisation, "")
			}
		case ChargeNotPaid:
			s.hanging("  ", "Non payé, vu par "+x.By, "")
		case ChargeApart:
			s.hanging("  ", "Mis à part, à vérifier", "")
		default:
			s.hanging("  ", "À vérifier", "")
		}
		switch {
		case x.Returned:
			s.hanging("  ", "Payé en trop et rendu", euros(x.Over))
		case x.Over > 0:
			s.hanging("  ", "Payé en trop, à rendre", euros(x.Over))
		}
	}
}
