package device

import (
	"context"
	"slices"

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
	Code          string      // why it is no approval: stable, one of the terminal codes; empty for an approval
	Authorisation string      // number of the bank's; empty: none was told
	Application   string      // of the card, such as "00B"; empty: not told
	Entry         string      // how it was read: "contact", "contactless", "stripe", "manual"; empty: not told
}

// Terminal is a card terminal of whatever protocol.
type Terminal interface {
	// Charge asks for money and waits for the answer. It returns exactly one outcome, whatever happens; a context that ends
	// after the first byte was sent makes it Unknown.
	Charge(ctx context.Context, c Charge) Answer

	// Ping asks the terminal who it is; no customer sees anything of it. It returns a refusal with one of the terminal codes.
	Ping(ctx context.Context) error
}

// Codes of Answer, and of the refusals of Ping. The catalogue words them as errors.
const (
	// Nothing was asked.
	codeNoTerminal  = "terminal.unknown"     // no terminal of that name is set up
	codeBusy        = "terminal.busy"        // with another customer: the red key ends that
	codeAmount      = "terminal.amount"      // nothing, or more than the protocol can write
	codeRef         = "terminal.ref"         // a reference that the protocol cannot write
	codeNoRefund    = "terminal.no_refund"   // this terminal gives nothing back from the till
	codeUnreachable = "terminal.unreachable" // switched off, unplugged, or another address
	codeStopped     = "terminal.stopped"     // the till ended before it asked

	// The terminal said no.
	codeRefused   = "terminal.refused"       // the bank or the card
	codeForbidden = "terminal.forbidden"     // the terminal may not do this
	codeAbandoned = "terminal.abandoned"     // red key, of either side
	codeTimedOut  = "terminal.input_timeout" // no card came
	codeFormat    = "terminal.format"        // it does not understand the request: the settings
	codeSelection = "terminal.selection"     // of the application
	codeAction    = "terminal.action"        // it cannot do what was asked
	codeCurrency  = "terminal.currency"
	codeNotDone   = "terminal.not_done" // it does not say why

	// Nobody knows but the terminal.
	codeNoAnswer    = "terminal.no_answer"
	codeCutOff      = "terminal.cut_off"        // within the answer
	codeGarbled     = "terminal.garbled"        // what came is no answer
	codeInterrupted = "terminal.interrupted"    // the till ended, or time was up
	codeUnfinished  = "terminal.unfinished"     // it says that it did not come to an end
	codeTaken       = "terminal.taken"          // it took the request, and said no more
	codeDiffers     = "terminal.amount_differs" // it speaks of another amount
	codeOther       = "terminal.other_payment"  // it answers to something else
)

// references are those of a terminal's latest charges.
type references struct{ last []string }

// referencesKept is how many charges back an answer may be late.
const referencesKept = 16

// ask adds one.
func (r *references) ask(ref string) {
	if len(r.last) == referencesKept {
		r.last = r.last[1:]
	}
	r.last = append(r.last, ref)
}

// other says that what came back with an answer is another charge's: with a terminal that always gives the reference back,
// anything else than the latest; with one that may, an earlier one.
func (r *references) other(setting, came string) bool {
	latest := r.last[len(r.last)-1]
	switch {
	case setting == PrivateNone || came == latest:
		return false
	case setting == PrivateEchoed:
		return true
	default:
		return slices.Contains(r.last, came)
	}
}

func notSent(code string) Answer  { return Answer{Outcome: NotSent, Code: code} }
func declined(code string) Answer { return Answer{Outcome: Declined, Code: code} }
func unknown(code string) Answer  { return Answer{Outcome: Unknown, Code: code} }
