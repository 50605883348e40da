package crash

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
)

// kind is what a command does.
type kind int

const (
	sell kind = iota
	refund
	newCard
	claim
	redeem
	undo
	openTicket
	addLine
	sendTicket
	payTicket
	moveCash
	closePeriod
	openShift
)

// call is one command, as a till sends it and sends it again.
type call struct {
	id    string
	kind  kind
	about string // the sale, card, redemption or ticket that it is about
	body  any    // the request of pos that goes with the kind
}

// claimRequest names a receipt.
type claimRequest struct {
	ReceiptCode string `json:"receipt_code"`
}

// undoRequest says why.
type undoRequest struct {
	Reason string `json:"reason"`
}

// shiftRequest opens a shift without a float.
type shiftRequest struct {
	Float int64 `json:"float"`
}

// door is how commands reach a till: by its methods, or over HTTP. It returns the value of pos that the call answers.
type door interface {
	send(ctx context.Context, c call) (any, error)
}

// errNoAnswer is of a call whose outcome nobody knows: it is asked again.
var errNoAnswer = errors.New("no answer")

// open reports whether an error leaves open what became of a call.
func open(err error) bool {
	return errors.Is(err, errNoAnswer) || fault.KindOf(err) == fault.Unknown || fault.KindOf(err) == fault.Busy || fault.CodeOf(err) == "data.stopped"
}

// told is what of an answer must be the same when it is asked for again. A document's number comes first.
func told(answer any) string {
	switch a := answer.(type) {
	case pos.SaleResult:
		return fmt.Sprint(a.Number, " ", a.ID, " ", a.Total, " ", a.Change, " ", a.Stamps, " ", a.Released, " ", a.ReceiptCode, " ", a.GiftCode)
	case pos.RefundResult:
		return fmt.Sprint(a.Number, " ", a.ID, " ", a.Total, " ", a.StampsReversed, " ", a.ItemsRetracted)
	case pos.CardIssued:
		return fmt.Sprint(a.Number, " ", a.Code)
	case pos.RedeemResult:
		return fmt.Sprint(a.Number, " ", a.Class, " ", a.Origin)
	case pos.UndoResult:
		return fmt.Sprint(a.Number, " ", a.Class, " ", a.Origin, " ", a.State)
	case pos.Closing:
		return fmt.Sprint(a.Number, " ", a.Made, " ", a.Hash)
	case pos.Shift:
		return fmt.Sprint(a.ID, " ", a.Expected)
	case pos.Ticket:
		return a.ID // asked again, a ticket says how it stands by then
	}
	return fmt.Sprint(answer)
}

// number is the document that an answer names and nobody else may have; "" for one without.
func number(answer any) string {
	switch a := answer.(type) {
	case pos.SaleResult:
		return a.Number
	case pos.RefundResult:
		return a.Number
	case pos.CardIssued:
		return a.Number
	case pos.RedeemResult:
		return a.Number
	case pos.UndoResult:
		return a.Number
	}
	return ""
}

// commandOf is the identity of a call at a till: its id and a hash of all its input.
func commandOf(c call) data.Command {
	return data.NewCommand(c.id, fmt.Append(nil, c.kind), []byte(c.about), fmt.Appendf(nil, "%+v", c.body))
}

// direct is the door to a till in this process.
type direct struct {
	till *pos.Till
	by   pos.Operator
}

func (d direct) send(ctx context.Context, c call) (any, error) {
	by := pos.By{Operator: d.by, Command: commandOf(c)}
	t := d.till
	switch r := c.body.(type) {
	case pos.SellRequest:
		r.Tenders = append([]pos.Tender(nil), r.Tenders...) // the till fills in what was given
		return answered(t.Sell(ctx, by, r))
	case pos.RefundRequest:
		return answered(t.Refund(ctx, by, c.about, r))
	case claimRequest:
		return answered(t.Claim(ctx, by, c.about, r.ReceiptCode))
	case pos.RedeemRequest:
		return answered(t.Redeem(ctx, by, r))
	case undoRequest:
		return answered(t.UndoRedemption(ctx, by, c.about, r.Reason))
	case pos.TicketRequest:
		return answered(t.OpenTicket(ctx, by, r))
	case pos.LineRequest:
		return answered(t.AddLine(ctx, by, c.about, r))
	case pos.CheckoutRequest:
		r.Tenders = append([]pos.Tender(nil), r.Tenders...)
		return answered(t.Checkout(ctx, by, c.about, r))
	case pos.CashMove:
		return answered(t.MoveCash(ctx, by, r))
	case pos.CloseRequest:
		return answered(t.ClosePeriod(ctx, by, r))
	case shiftRequest:
		return answered(t.OpenShift(ctx, by, 0))
	}
	if c.kind == newCard {
		return answered(t.NewCard(ctx, by))
	}
	return answered(t.SendTicket(ctx, by, c.about))
}

// answered loses the type of an answer.
func answered[T any](answer T, err error) (any, error) { return answer, err }

// route is where the API takes a call, and the value its answer is read into.
func (c call) route() (path string, answer any) {
	switch c.kind {
	case sell:
		return "/sales", &pos.SaleResult{}
	case refund:
		return "/sales/" + c.about + "/refund", &pos.RefundResult{}
	case newCard:
		return "/cards", &pos.CardIssued{}
	case claim:
		return "/cards/" + c.about + "/claim", &pos.ClaimResult{}
	case redeem:
		return "/suspended/redemptions", &pos.RedeemResult{}
	case undo:
		return "/suspended/redemptions/" + c.about + "/undo", &pos.UndoResult{}
	case openTicket:
		return "/tickets", &pos.Ticket{}
	case addLine:
		return "/tickets/" + c.about + "/lines", &pos.Ticket{}
	case sendTicket:
		return "/tickets/" + c.about + "/send", &pos.Ticket{}
	case payTicket:
		return "/tickets/" + c.about + "/checkout", &pos.SaleResult{}
	case moveCash:
		return "/shifts/current/cash", &pos.Shift{}
	case closePeriod:
		return "/closings", &pos.Closing{}
	case openShift:
	}
	return "/shifts", &pos.Shift{}
}

// value is the answer behind the pointer of route.
func value(answer any) any {
	switch a := answer.(type) {
	case *pos.SaleResult:
		return *a
	case *pos.RefundResult:
		return *a
	case *pos.CardIssued:
		return *a
	case *pos.ClaimResult:
		return *a
	case *pos.RedeemResult:
		return *a
	case *pos.UndoResult:
		return *a
	case *pos.Ticket:
		return *a
	case *pos.Closing:
		return *a
	case *pos.Shift:
		return *a
	}
	return answer
}

// decided reports whether a status tells what became of a command: 5xx leaves it open.
func decided(status int) bool { return status < http.StatusInternalServerError }
