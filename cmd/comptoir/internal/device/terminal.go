package device

import (
	"context"

	"comptoir/data/money"
)

// Outcome is how asking a terminal for money ended. There are four, never two: silence is no refusal.
type Outcome string

// The outcomes.
const (
	Approved Outcome = "approved" // paid, whole or in part
	Declined Outcome = "declined" // not paid: the terminal said so
	NotSent  Outcome = "not_sent" // not paid: nothing was ever asked
	Unknown  Outcome = "unknown"  // asked, and no whole answer came: a person looks at the terminal
)

// Charge asks a terminal for money.
type Charge struct {
	Amount money.Cents // above 0; given back to the card when Refund
	Refund bool
	Ref    string // of this attempt, its own, at most 32 letters and digits
}

// Answer is what came of a Charge. It never holds the number of a card.
type Answer struct {
	Outcome       Outcome
	Amount        money.Cents // paid; of an approval, at most what was asked
	Code          string      // why it is no approval: stable, such as "terminal.busy"; empty for an approval
	Authorisation string      // number of the bank's; empty: none was told
	Application   string      // of the card, such as "00B"; empty: not told
	Entry         string      // how it was read: "contact", "contactless", "stripe", "manual"; empty: not told
}

// Terminal is a card terminal of whatever protocol.
type Terminal interface {
	// Charge asks for money and waits for the answer. It returns exactly one outcome, whatever happens; a context that ends
	// after the first byte was sent makes it Unknown.
	Charge(ctx context.Context, c Charge) Answer
}
