package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/pos"
)

// splitTicket serves POST /pay/{ticket}/split: the chosen lines become a ticket of their own, which is paid now. All of
// them chosen is the whole ticket: there is nothing to part.
func (s *Server) splitTicket(c *fiber.Ctx) error {
	s.payAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	lines, err := chosenLines(c)
	if err != nil {
		return err
	}
	id := c.Params("ticket")
	apart, err := s.till.SplitTicket(c.UserContext(), by, id, lines)
	if fault.CodeOf(err) == "split.all" {
		return c.Redirect(payAsked{}.link(id), http.StatusSeeOther)
	}
	if err != nil {
		return err
	}
	return c.Redirect(payAsked{From: id}.link(apart.Ticket.ID), http.StatusSeeOther)
}

// chosenLines reads the lines that are ticked, and how much of each.
func chosenLines(c *fiber.Ctx) ([]pos.SplitLine, error) {
	var lines []pos.SplitLine
	for _, text := range formAll(c, "line") {
		id, err := strconv.Atoi(text)
		if err != nil {
			return nil, errParam.Field("line", "number")
		}
		qty, err := strconv.Atoi(c.FormValue("take-"+text, "1"))
		if err != nil {
			return nil, errParam.Field("take-"+text, "number")
		}
		lines = append(lines, pos.SplitLine{Line: id, Qty: qty})
	}
	if len(lines) == 0 {
		return nil, errNoLine
	}
	return lines, nil
}

// errNoLine is told when no line is ticked.
var errNoLine = fault.New(fault.Invalid, "split.none", "Choose the lines to pay first.").Field("lines", "required")

// joinTicket serves POST /pay/{ticket}/join: what was parted goes back to its ticket, nothing of it being paid.
func (s *Server) joinTicket(c *fiber.Ctx) error {
	s.payAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	whole, err := s.till.JoinTickets(c.UserContext(), by, c.Params("ticket"), c.FormValue("from"))
	if err != nil {
		return err
	}
	return c.Redirect(payAsked{}.link(whole.ID), http.StatusSeeOther)
}

// removePart serves POST /pay/{ticket}/remove/{payment}: a part is given back, with a reason.
func (s *Server) removePart(c *fiber.Ctx) error {
	n := c.Params("payment")
	a := asked(func(name string) string { return c.FormValue(name) })
	onRefusal(c, func(status int, t *troubleView) error {
		t.Rename("reason", "reason-"+n, "")
		return s.showPay(c, status, payAsked{From: a.From}, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	payment, err := intParam(c, "payment")
	if err != nil {
		return err
	}
	reason := c.FormValue("quick", c.FormValue("reason-"+n))
	if _, err := s.till.RemovePayment(c.UserContext(), by, c.Params("ticket"), payment, reason); err != nil {
		return err
	}
	return s.done(c, payAsked{From: a.From, No: true}.link(c.Params("ticket")), "part_removed")
}

// formAll returns every value of a form field.
func formAll(c *fiber.Ctx, name string) []string {
	var all []string
	for _, v := range c.Context().PostArgs().PeekMulti(name) {
		all = append(all, string(v))
	}
	return all
}

// payCard serves POST /pay/{ticket}/card: how many of the meals one of its cards stamps; none takes it off.
func (s *Server) payCard(c *fiber.Ctx) error {
	s.payAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	units, err := strconv.Atoi(c.FormValue("units"))
	if err != nil {
		return errParam.Field("units", "range")
	}
	if _, err := s.till.ShareCard(c.UserContext(), by, c.Params("ticket"), c.FormValue("card"), units); err != nil {
		return err
	}
	a := asked(func(name string) string { return c.FormValue(name) })
	return c.Redirect(a.link(c.Params("ticket")), http.StatusSeeOther)
}

func payLines(c *fiber.Ctx, l *locale.Language, tk pos.Ticket) []payLine {
	lines := make([]payLine, len(tk.Lines))
	for i, line := range tk.Lines {
		n := strconv.Itoa(line.ID)
		lines[i] = payLine{Line: line, Title: lineTitle(l, line), Field: "take-" + n, Taken: slices.Contains(formAll(c, "line"), n)}
		for k := line.Qty; k > 0 && line.Qty > 1; k-- {
			lines[i].Counts = append(lines[i].Counts, k)
		}
		if line.Discount > 0 {
			lines[i].Discount = discountWords(l, line)
		}
	}
	return lines
}

// discountWords says what was taken off a line, and why.
func discountWords(l *locale.Language, line pos.Line) string {
	reason := l.T("discount.reason_" + line.DiscountReason)
	if line.Total == 0 {
		return l.T("discount.offered", "reason", reason)
	}
	return l.T("pay.discounted", "sum", l.Money(-line.Discount), "reason", reason)
}

func partsOf(l *locale.Language, tk pos.Ticket) []partView {
	parts := make([]partView, len(tk.Payments))
	for i, p := range tk.Payments {
		parts[i] = partView{p, l.T("means." + string(p.Means)), "reason-" + strconv.Itoa(p.ID)}
	}
	return parts
}
