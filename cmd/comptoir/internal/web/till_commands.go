package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/cmd/comptoir/internal/speed"
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
	Code    string       `json:"code"`   // of a card; empty takes all off
	Units   *int         `json:"units"`  // meals of the order that it stamps; 0 takes it off; absent: its own share
	Ticket  string       `json:"ticket"` // to resume, or to join
	Reason  string       `json:"reason"`
	To      string       `json:"to"`   // of a round-up: "fund", or an association
	Back    string       `json:"back"` // when what is sold out returns
	How     string       `json:"how"`  // of a discount: percent of one tap, or "percent", "amount", "none"
	Value   string       `json:"value"`
	Manager string       `json:"manager"` // who approves
	PIN     string       `json:"pin"`
	Number  string       `json:"number"` // of a serving
	Served  string       `json:"served"` // id of the command that made it: after a restore it may have another number
	Token   bool         `json:"token"`  // of a serving: asked for with a token
	Means   pos.Means    `json:"means"`
	Given   money.Cents  `json:"given"`
	Total   *money.Cents `json:"total"`   // as the page showed it
	Rest    *money.Cents `json:"rest"`    // what is left of it; absent: all
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
	switch cmd.Kind {
	case "pay":
		c.Locals(localKind, speed.Checkout)
	case "card":
		c.Locals(localKind, speed.Scan)
	}
	ctx := c.UserContext()
	switch cmd.Kind {
	case "serve", "undo-serve":
		return s.shelfCommand(c, by, cmd)
	case "available":
		return s.availabilityCommand(c, by, cmd)
	case "hold", "resume", "drop", "walkout", "pay", "print":
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
	a, err := s.changeTicket(ctx, by, cmd)
	if err != nil {
		return err
	}
	if cmd.Kind != "join" { // its inverse would take the lines off
		a.undo = undoOf(before, a.ticket)
	}
	return s.answerCart(c, a)
}

// changeTicket carries out the commands that change one ticket and leave it on the till.
func (s *Server) changeTicket(ctx context.Context, by pos.By, cmd tillCommand) (a answerOf, err error) {
	switch cmd.Kind {
	case "new-card":
		return s.newCardFor(ctx, by, cmd.Ticket)
	case "join":
		a.ticket, err = s.till.JoinTickets(ctx, by, cmd.Args.Ticket, cmd.Ticket)
		a.chips = true
		return a, err
	case "card":
		a.card = cmd.Args.Code != ""
	}
	a.ticket, err = s.change(ctx, by, cmd)
	return a, err
}

func (s *Server) change(ctx context.Context, by pos.By, cmd tillCommand) (pos.Ticket, error) {
	a, id := cmd.Args, cmd.Ticket
	switch cmd.Kind {
	case "new":
		return s.till.OpenTicket(ctx, by, pos.TicketRequest{Mode: a.Mode})
	case "add":
		return s.addLine(ctx, by, id, a, pos.LineSale)
	case "gift":
		return s.till.AddLine(ctx, by, id, a.line(pos.LineGift))
	case "remove":
		return s.till.RemoveLine(ctx, by, id, a.Line, pos.RemoveRequest{Qty: a.Qty, Reason: a.Reason})
	case "qty", "change":
		r := pos.LineChange{Qty: a.Qty, Note: a.Note, Reason: a.Reason}
		if a.Options != nil {
			r.Options = &a.Options
		}
		return s.till.ChangeLine(ctx, by, id, a.Line, r)
	case "mode":
		return s.till.ChangeTicket(ctx, by, id, pos.TicketChange{Mode: &a.Mode})
	case "name":
		return s.till.ChangeTicket(ctx, by, id, pos.TicketChange{Name: a.Name})
	case "card":
		if a.Code == "" {
			return s.till.DetachCard(ctx, by, id)
		}
		if a.Units != nil {
			return s.till.ShareCard(ctx, by, id, a.Code, *a.Units)
		}
		return s.till.AttachCard(ctx, by, id, a.Code)
	case "send":
		return s.till.SendTicket(ctx, by, id)
	case "round-up":
		amount, err := parseMoney("value", a.Value)
		if err != nil {
			return pos.Ticket{}, err
		}
		return s.till.RoundUp(ctx, by, id, pos.RoundUpRequest{To: a.To, Amount: amount, Reason: a.Reason})
	case "discount":
		r, err := a.discount()
		if err != nil {
			return pos.Ticket{}, err
		}
		return s.till.DiscountLine(ctx, by, id, a.Line, r)
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
		return answerOf{chips: true, toast: &toastView{Language: l, Text: l.T("ticket.dropped")}}, err
	case "walkout":
		_, err := s.till.WalkOut(ctx, by, cmd.Ticket)
		return answerOf{chips: true, toast: &toastView{Language: l, Text: l.T("ticket.walked_out")}}, err
	case "print":
		note, err := s.till.PrintNote(ctx, by, cmd.Ticket)
		if err != nil {
			return answerOf{}, err
		}
		tk, err := s.shownTicket(ctx, cmd.Ticket)
		said, page := l.T("ticket.noted", "number", note.Number), "/notes/"+url.PathEscape(note.Number)+"?ticket="+url.QueryEscape(tk.ID)
		if note.Job != "" {
			said, page = l.T("printing.note", "number", note.Number, "printer", note.Printer), page+"&job="+url.QueryEscape(note.Job)
		}
		return answerOf{ticket: tk, toast: &toastView{Language: l, Text: said, Link: page, Word: l.T("ticket.noted_see")}}, err
	}
	r := pos.CheckoutRequest{ExpectedTotal: cmd.Args.Total, Version: cmd.Args.Version, Tenders: []pos.Tender{}}
	due := cmd.Args.Total
	if cmd.Args.Rest != nil {
		due = cmd.Args.Rest
	}
	if cmd.Args.Means != "" && due != nil {
		r.Tenders = append(r.Tenders, pos.Tender{Means: cmd.Args.Means, Amount: *due, Given: cmd.Args.Given})
	}
	if cmd.Args.Means == pos.Card && due != nil {
		terminal, err := s.terminalOf(c)
		if err != nil {
			return answerOf{}, err
		}
		if terminal != "" {
			return s.chargeFromTill(c, by, cmd.Ticket, pos.ChargeRequest{Terminal: terminal, Amount: *due, ExpectedTotal: r.ExpectedTotal, Version: r.Version})
		}
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
		served, err := s.till.Redeem(ctx, by, pos.RedeemRequest{Product: cmd.Args.Product, Qty: 1, Options: cmd.Args.Options, Mode: cmd.Args.Mode, Token: cmd.Args.Token})
		if err != nil {
			return err
		}
		s.showServed(c)
		toast.Text, toast.Undo = l.T("serve.done", "what", l.T("class.one."+served.Class)), undoList{{"undo-serve", map[string]any{"number": served.Number, "served": by.Command.ID}}}
	} else {
		number, err := s.servedNow(c, cmd.Args)
		if err != nil {
			return err
		}
		if _, err := s.till.UndoRedemption(ctx, by, number, l.T("serve.undo_reason")); err != nil {
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

// availabilityCommand says that a product has run out, for today or until somebody says otherwise, or is back.
func (s *Server) availabilityCommand(c *fiber.Ctx, by pos.By, cmd tillCommand) error {
	ctx, l := c.UserContext(), s.language(c)
	now, back := cmd.Args.Back == "now", ""
	if cmd.Args.Back == "tomorrow" {
		back = s.till.Tomorrow()
	}
	p, err := s.till.SetAvailable(ctx, by, cmd.Args.Product, now, back)
	if err != nil {
		return err
	}
	menu, err := s.till.Menu(ctx)
	if err != nil {
		return err
	}
	grid := newGrid(l, menu)
	toast := &toastView{Language: l, Text: saidOf(l, p)}
	if !now {
		toast.Undo = undoList{{"available", map[string]any{"product": p.ID, "back": "now"}}}
	}
	return s.fragment(c, fiber.StatusOK, "notice", noticeView{Toast: toast, Grid: &grid})
}

// saidOf says whether there is any of a product left.
func saidOf(l *locale.Language, p pos.Product) string {
	switch {
	case p.Available:
		return l.T("available.now", "name", p.Name)
	case p.Back != "":
		return l.T("available.tomorrow", "name", p.Name)
	}
	return l.T("available.later", "name", p.Name)
}

// servedNow is the number of a serving to take back. After a restore numbers begin where the copy ended: the one that the page
// was told then may be somebody else's now.
func (s *Server) servedNow(c *fiber.Ctx, a tillArgs) (string, error) {
	if _, again := resentOf(c); !again {
		return a.Number, nil
	}
	return s.till.ServedBy(c.UserContext(), a.Served)
}
