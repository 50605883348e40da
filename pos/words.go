package pos

import (
	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// Role is what an operator may do.
type Role string

// The roles. A manager may do whatever a barista may; an accountant reads.
const (
	RoleBarista    Role = "barista"
	RoleManager    Role = "manager"
	RoleAccountant Role = "accountant"
)

// Operator is somebody who works at the till, or a program that acts for them.
type Operator struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Role Role   `json:"role"`
	Code string `json:"code"` // 2 to 8 capitals: what the journal calls them
}

// By says who asks, and under which command id.
type By struct {
	Operator Operator
	Command  data.Command
	Printer  string // name of the printer of the till it comes from; empty: the café's first

	// Approver is the id of the manager whose PIN was right for it: told, so that a command that is carried out again on a
	// restored machine needs no PIN, which is kept nowhere. nil: nobody asks.
	Approver *string

	// Last says of a command that is carried out again that nothing more is to be waited for which it may have followed.
	Last bool
}

// publicOp is the code of whoever uses the public pages.
const publicOp = "public"

// System is the café acting by itself, without a command id: code "sys" for the service, "public" for the
// public pages.
func System(code string) By { return By{Operator: Operator{Code: code, Role: RoleManager}} }

// Mode is how an order is consumed. It decides the rate of each line.
type Mode string

// The modes.
const (
	EatIn    Mode = "eat_in"
	Takeaway Mode = "takeaway"
)

// Kind is what a line of a ticket is.
type Kind string

// The kinds of line.
const (
	LineSale       Kind = "sale"       // bought for oneself
	LineGift       Kind = "gift"       // bought for somebody: it goes on the shelf when the ticket is paid
	LineRedemption Kind = "redemption" // served from the shelf: nothing is due
)

// Means is a means of payment, as the API names it (product.md, decision 15).
type Means string

// The means of payment.
const (
	Cash        Means = "cash"
	Card        Means = "card"
	MealVoucher Means = "meal_voucher"
	Cheque      Means = "cheque"
	Transfer    Means = "transfer"
)

// journalMeans maps the API's names to the journal's, one to one.
func (m Means) journal() (journal.Means, bool) {
	switch m {
	case Cash:
		return journal.ByCash, true
	case Card:
		return journal.ByCard, true
	case MealVoucher:
		return journal.ByMealVoucher, true
	case Cheque:
		return journal.ByCheque, true
	case Transfer:
		return journal.ByTransfer, true
	}
	return "", false
}

// Limits (architecture.md §6).
const (
	maxTicketLines = 100                       // lines per ticket
	maxLineQty     = 99                        // quantity per line
	maxPrice       = 999_999                   // cents
	maxTenders     = 5                         // per sale
	maxTendered    = maxPrice * maxTicketLines // cents, by one tender
	maxOpenTickets = 200
	maxNameRunes   = 60
	maxNoteRunes   = 140
	maxReasonRunes = 140
)

// Refusals that more than one use case gives.
var (
	errRight    = fault.New(fault.Denied, "right.missing", "Your role does not allow this.")
	errReason   = fault.New(fault.Invalid, "reason.missing", "Say why: a reason is required.").Field("reason", "required")
	errNoTicket = fault.New(fault.NotFound, "ticket.unknown", "There is no such ticket.")
	errNoSale   = fault.New(fault.NotFound, "sale.unknown", "There is no such sale.")
)

// mustSell refuses whoever may not work at the counter.
func (b By) mustSell() error {
	if b.Operator.Role == RoleBarista || b.Operator.Role == RoleManager {
		return nil
	}
	return errRight
}

// mustManage refuses whoever is not a manager.
func (b By) mustManage() error {
	if b.Operator.Role == RoleManager {
		return nil
	}
	return errRight
}

// classMeal is the suspended class of what loyalty releases.
const classMeal = "meal"
