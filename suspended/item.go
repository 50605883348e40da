package suspended

import "comptoir/data/money"

// Origin says who bears an item.
type Origin string

// The origins (solidarity.md §2.1).
const (
	Paid    Origin = "PAID"    // bought at the till as a gift
	Loyalty Origin = "LOYALTY" // released by nine paid meals of an account
	Sponsor Origin = "SPONSOR" // a company's paid invoice
	Fund    Origin = "FUND"    // minted from the café's fund
	House   Origin = "HOUSE"   // offered by the café because the shelf was empty
)

// State is where an item stands.
type State string

// The states (solidarity.md §2.6). A gift on an open ticket is a pledge and belongs to pos.
const (
	unborn    State = ""
	Available State = "AVAILABLE" // on the shelf
	Reserved  State = "RESERVED"  // promised to somebody at the counter
	Allotted  State = "ALLOTTED"  // promised to a partner
	Served    State = "SERVED"
	Collected State = "COLLECTED" // handed to a partner
	Retracted State = "RETRACTED" // the gift was refunded or the release lost
	Converted State = "CONVERTED" // became part of another item
)

// next is the table of legal transitions: the one that moves items and the one the Check replays.
func next(s State) []State {
	switch s {
	case unborn:
		return []State{Available}
	case Available:
		return []State{Reserved, Allotted, Retracted, Converted}
	case Reserved:
		return []State{Served, Available}
	case Allotted:
		return []State{Collected, Available}
	case Served:
		return []State{Available} // an operator's mistake, in the same shift
	case Collected, Retracted, Converted:
		return nil
	}
	return nil
}

// InForce reports whether a release in this state counts in R(a) of solidarity.md §2.3.
func (s State) InForce() bool { return s != unborn && s != Retracted }

// Irrevocable reports whether an item in this state is promised or eaten, so that no refund takes it back:
// U(a) of solidarity.md §2.3.
func (s State) Irrevocable() bool {
	return s == Reserved || s == Allotted || s == Served || s == Collected
}

// Cause is the short code of why an item changed state. It never holds free words: nothing about a guest can be
// written down.
type Cause string

// The causes. At most 16 capital letters.
const (
	BySale       Cause = "SALE"    // a gift line was paid
	ByRelease    Cause = "RELEASE" // nine paid meals
	ByHouse      Cause = "HOUSE"   // the shelf was empty
	ByAsking     Cause = "ASKED"   // somebody asked for one
	ByLapse      Cause = "LAPSE"   // what was promised at the counter was not handed out
	ByUndo       Cause = "UNDO"    // a serving that did not take place
	ByRefund     Cause = "REFUND"  // the gift was paid back
	ByVoid       Cause = "VOID"    // the sale of the gift was voided
	ByLaw        Cause = "LAW"     // the release law took a release back
	ByConversion Cause = "CONVERT" // it became part of another item, or came of such
	ByPartner    Cause = "PARTNER" // a partner's allotment began or lapsed
	ByFund       Cause = "FUND"    // the café's fund held the price of one
	BySponsor    Cause = "SPONSOR" // a company paid for a lot
)

// Item is one suspended coffee or meal.
type Item struct {
	ID      string // derived: "gift:<sale seq>.<line>.<k>", "sponsor:<sale seq>.<line>.<k>", "rel:<account>:<i>", "fund:<event>.<k>", "conv:<event>.<k>", "house:<day>:<event>.<k>"
	Class   string
	Origin  Origin
	Funded  money.Cents // paid for it, tax included; 0 for LOYALTY and HOUSE
	Cost    money.Cents // standard cost when it was put on the shelf, a memo
	Account string      // LOYALTY only: the account that released it, to be reconciled when the item comes back to the shelf
	State   State
	Created int64 // position in the ledger: oldest first
}
