package web

import (
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// roundOffer proposes once to round up what is owed: yes and no are two buttons of one size (G12).
type roundOffer struct {
	To     string
	Amount money.Cents // that is added
	Says   string
	No     string // the page without it
}

// roundGift is what the payer adds for an association.
type roundGift struct {
	To, Name string
	Amount   money.Cents
}

// euro is what is rounded up to.
const euro = 100

// roundUps fills what is given on the payment page, and the proposal: while nothing is given or paid yet, once, and only in
// a café that has chosen what for.
func (s *Server) roundUps(c *fiber.Ctx, v *payView, chosen pos.Settings) error {
	tk := v.Ticket
	for _, r := range tk.RoundUps {
		if r.Name != "" {
			v.Given = append(v.Given, roundGift{r.To, r.Name, r.Amount})
		}
	}
	short := (euro - tk.Total%euro) % euro
	if chosen.RoundUp == "" || short == 0 || tk.Total == 0 || len(tk.RoundUps)+len(tk.Payments) > 0 || v.Asked.No || v.Asked.Share > 0 || tk.Training {
		return nil
	}
	o := &roundOffer{To: chosen.RoundUp, Amount: short}
	whole := v.Euros(tk.Total + short)
	if chosen.RoundUp == "fund" {
		o.Says = v.T("fund.offer", "sum", whole)
	} else {
		name, err := s.till.Association(c.UserContext(), chosen.RoundUp)
		if fault.CodeOf(err) == "partner.unknown" || fault.CodeOf(err) == "partner.ended" { // the choice has outlived it
			return nil
		}
		if err != nil {
			return err
		}
		o.Says = v.T("fund.offer_to", "sum", whole, "name", name)
	}
	a := v.Asked
	a.No = true
	o.No = a.link(tk.ID)
	v.Offer = o
	return nil
}

// payRoundUp serves POST /pay/{ticket}/round-up: what the payer adds, or takes off again.
func (s *Server) payRoundUp(c *fiber.Ctx) error {
	s.payAgain(c)
	by, err := s.by(c)
	if err != nil {
		return err
	}
	cents, err := strconv.ParseInt(c.FormValue("cents"), 10, 64)
	if err != nil {
		return errParam
	}
	id := c.Params("ticket")
	if _, err := s.till.RoundUp(c.UserContext(), by, id, pos.RoundUpRequest{To: c.FormValue("to"), Amount: money.Cents(cents), Reason: c.FormValue("why")}); err != nil {
		return err
	}
	return c.Redirect(payAsked{From: c.FormValue("from"), No: true}.link(id), http.StatusSeeOther)
}
