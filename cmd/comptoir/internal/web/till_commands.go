package web

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// tillCommand is one tap: what to do, on which ticket.
type tillCommand struct {
	Kind   string   `json:"kind"`
	Ticket string   `json:"ticket"` // empty for what needs none
	Args   tillArgs `json:"args"`
}

// tillArgs are the arguments of every kind; each kind reads its own.
type tillArgs struct {
	Product string       `json:"product"`
	Qty     *int         `json:"qty"`
	Options []string     `json:"options"`
	Line    int          `json:"line"`
	Note    *string      `json:"note"`
	Mode    pos.Mode     `json:"mode"`
	Name    *string      `json:"name"`
	Code    string       `json:"code"`   // of a card; empty takes it off
	Ticket  string       `json:"ticket"` // to resume
	Reason  string       `json:"reason"`
	Number  string       `json:"number"` // of a serving
	Means   pos.Means    `json:"means"`
	Given   money.Cents  `json:"given"`
	Total   *money.Cents `json:"total"`   // as the page showed it
	Version *int64       `json:"version"` // as the page showed it
}

var errKind = fault.New(fault.Invalid, "command.kind", "There is no such command of the till.")

// tillCommands serves POST /till/commands: the one door of the till page. The id in the Idempotency-Key makes a
// repeated tap the same tap. The answer is the cart, or a toast for what concerns no ticket.
func (s *Server) tillCommands(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	var cmd tillCommand
	d := json.NewDecoder(bytes.NewReader(c.Body()))
	d.DisallowUnknownFields()
	if err := d.Decode(&cmd); err != nil {
		return errJSON
	}
	ctx := c.UserContext()
	switch cmd.Kind {
	case "serve", "undo-serve":
		return s.shelfCommand(c, by, cmd)
	case "hold", "resume", "drop", "pay", "print":
		a, err := s.wholeTicket(c, by, cmd)
		if err != nil {
			return err
		}
		return s.answerCart(c, a)
	}
	before, err := s.shownTicket(ctx, cmd.Ticket)
	if err != nil {
		return err
	}
	after, err := s.changeTicket(ctx, by, cmd)
	if err != nil {
		return err
	}
	return s.answerCart(c, answerOf{ticket: after, undo: undoOf(before, after)})
}

// changeTicket carries out the commands that change one ticket and leave it on the till.
func (s *Server) changeTicket(ctx context.Context, by pos.By, cmd tillCommand) (pos.Ticket, error) {
	a, id := cmd.Args, cmd.Ticket
	switch cmd.Kind {
	case "new":
		return s.till.OpenTicket(ctx, by, pos.TicketRequest{Mode: a.Mode})
	case "add":
		return s.till.AddLine(ctx, by, id, a.line(pos.LineSale))
	case "gift":
		return s.till.AddLine(ctx, by, id, a.line(pos.LineGift))
	case "remove":
		return s.till.RemoveLine(ctx, by, id, a.Line, pos.RemoveRequest{Qty: a.Qty, Reason: a.Reason})
	case "qty", "note":
		return s.till.ChangeLine(ctx, by, id, a.Line, pos.LineChange{Qty: a.Qty, Note: a.Note, Reason: a.Reason})
	case "mode":
		return s.till.ChangeTicket(ctx, by, id, pos.TicketChange{Mode: &a.Mode})
	case "name":
		return s.till.ChangeTicket(ctx, by, id, pos.TicketChange{Name: a.Name})
	case "card":
		if a.Code == "" {
			return s.till.DetachCard(ctx, by, id)
		}
		return s.till.AttachCard(ctx, by, id, a.Code)
	case "send":
		return s.till.SendTicket(ctx, by, id)
	}
	return pos.Ticket{}, errKind.With("kind", cmd.Kind)
}

func (a tillArgs) line(kind pos.Kind) pos.LineRequest {
	r := pos.LineRequest{Product: a.Product, Qty: 1, Options: a.Options, Kind: kind}
	if a.Qty != nil {
		r.Qty = *a.Qty
	}
	if a.Note != nil {
		r.Note = *a.Note
	}
	return r
}

// wholeTicket carries out the commands after which another ticket, or none, is on the till.
func (s *Server) wholeTicket(c *fiber.Ctx, by pos.By, cmd tillCommand) (answerOf, error) {
	ctx, l := c.UserContext(), s.language(c)
	switch cmd.Kind {
	case "hold":
		return answerOf{chips: true}, s.leave(ctx, by, cmd.Ticket)
	case "resume":
		if err := s.leave(ctx, by, cmd.Ticket); err != nil {
			return answerOf{}, err
		}
		tk, err := s.shownTicket(ctx, cmd.Args.Ticket)
		return answerOf{ticket: tk, chips: true}, err
	case "drop":
		_, err := s.till.DropTicket(ctx, by, cmd.Ticket, cmd.Args.Reason)
		return answerOf{chips: true, toast: l.T("ticket.dropped")}, err
	case "print":
		note, err := s.till.PrintNote(ctx, by, cmd.Ticket)
		if err != nil {
			return answerOf{}, err
		}
		tk, err := s.shownTicket(ctx, cmd.Ticket)
		return answerOf{ticket: tk, toast: l.T("ticket.noted", "number", note.Number)}, err
	}
	r := pos.CheckoutRequest{ExpectedTotal: cmd.Args.Total, Version: cmd.Args.Version, Tenders: []pos.Tender{}}
	if cmd.Args.Means != "" && cmd.Args.Total != nil {
		r.Tenders = append(r.Tenders, pos.Tender{Means: cmd.Args.Means, Amount: *cmd.Args.Total, Given: cmd.Args.Given})
	}
	paid, err := s.till.Checkout(ctx, by, cmd.Ticket, r)
	return answerOf{paid: &paid, chips: true}, err
}

// leave puts the ticket on the till aside. It stays open for every till, and its lines count as saved (fiscal R17); one
// with nothing on it is dropped.
func (s *Server) leave(ctx context.Context, by pos.By, id string) error {
	tk, err := s.shownTicket(ctx, id)
	switch {
	case err != nil || tk.ID == "":
		return err
	case len(tk.Lines) == 0:
		_, err = s.till.DropTicket(ctx, by, id, "")
	default:
		_, err = s.till.HoldTicket(ctx, by, id)
	}
	return err
}

// shelfCommand serves one from the shelf, or takes that back. It never hears no: an empty shelf is the house's turn.
func (s *Server) shelfCommand(c *fiber.Ctx, by pos.By, cmd tillCommand) error {
	ctx, l := c.UserContext(), s.language(c)
	toast := &toastView{Language: l}
	if cmd.Kind == "serve" {
		served, err := s.till.Redeem(ctx, by, pos.RedeemRequest{Product: cmd.Args.Product, Qty: 1, Options: cmd.Args.Options, Mode: cmd.Args.Mode})
		if err != nil {
			return err
		}
		s.showServed(c)
		toast.Text, toast.UndoOf = l.T("serve.done", "class", l.T("class."+served.Class)), served.Number
	} else {
		if _, err := s.till.UndoRedemption(ctx, by, cmd.Args.Number, l.T("serve.undo_reason")); err != nil {
			return err
		}
		toast.Text = l.T("serve.undone")
	}
	chips, err := s.chips(c, cmd.Ticket)
	if err != nil {
		return err
	}
	return s.fragment(c, fiber.StatusOK, "notice", noticeView{Toast: toast, Chips: chips})
}
