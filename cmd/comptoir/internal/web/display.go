package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// What a display shows.
const (
	displayIdle   = "idle"   // the café
	displayOrder  = "order"  // what is being rung
	displayPaid   = "paid"   // thanks
	displayCard   = "card"   // a card to photograph
	displayChoice = "choice" // which till it follows
)

// displayView is the customer's side of a till. Everything in it comes from the server; nothing marks out whoever was
// served from the shelf (solidarity.md G2).
type displayView struct {
	base
	State string
	Till  string   // followed
	Tills []string // to choose from
	Left  int64    // milliseconds until it changes by itself; 0: when the till does

	Hours   string
	Classes []boardClass
	NewCard qrImage // of the page that makes one

	Lines []displayLine
	Sums  []displaySum  // what is owed, paid, given back
	Dots  []displayDots // of each card

	Released int     // meals this sale has put on the shelf
	Gifts    int     // things bought for somebody
	Proof    qrImage // of the page that tells the donor what became of them
	Receipt  qrImage
	Card     qrImage // that was just made
}

// displayLine is one line as its customer sees it.
type displayLine struct {
	Qty     int
	Name    string
	Options []string
	Amount  string
}

// displaySum is one amount; the one that matters now is large.
type displaySum struct {
	Label, Amount string
	Large         bool
}

// displayPage serves GET /display?till=NAME.
func (s *Server) displayPage(c *fiber.Ctx) error { return s.showDisplay(c, false) }

// displayPart serves GET /display/part?till=NAME: what it shows now.
func (s *Server) displayPart(c *fiber.Ctx) error { return s.showDisplay(c, true) }

func (s *Server) showDisplay(c *fiber.Ctx, part bool) error {
	v := displayView{base: s.newBase(c, "display.title", "")}
	v.Short = "" // a customer has no use for it
	v.Till, v.Tills = s.followedTill(c)
	if v.Till == "" {
		v.State = displayChoice
	} else if err := s.fillDisplay(c, &v); err != nil {
		return err
	}
	if part {
		return s.fragment(c, http.StatusOK, "display", v)
	}
	return s.page(c, http.StatusOK, "display", v)
}

// followedTill is the till a display follows: the one it names, else the only one there is, else this device's own.
// Of several it is asked for.
func (s *Server) followedTill(c *fiber.Ctx) (till string, all []string) {
	all = s.displays.active()
	if name := tillName(c.Query("till")); name != "" {
		return name, all
	}
	switch len(all) {
	case 0:
		return deviceOf(c).Till, all
	case 1:
		return all[0], all
	}
	return "", all
}

// fillDisplay reads what the till shows. An order somebody else has paid or dropped is over.
func (s *Server) fillDisplay(c *fiber.Ctx, v *displayView) error {
	now, left := s.displays.of(v.Till)
	v.Left = left.Milliseconds()
	if now.ticket != "" {
		tk, err := s.till.Ticket(c.UserContext(), now.ticket)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		if err == nil && tk.State == "open" && (len(tk.Lines) > 0 || tk.Card != nil) && (left == 0 || now.over.card == "") {
			v.Left = 0
			v.fillOrder(tk)
			return nil
		}
	}
	switch {
	case left > 0 && now.over.card != "":
		v.State = displayCard
		var err error
		v.Card, err = qrSVG(now.over.card)
		return err
	case left > 0:
		return s.fillPaid(c, v, now.over)
	}
	return s.fillIdle(c, v)
}

// fillOrder is the order in hand: lines, options, and what is owed.
func (v *displayView) fillOrder(tk pos.Ticket) {
	v.State = displayOrder
	for _, line := range tk.Lines {
		l := displayLine{Qty: line.Qty, Name: line.Name, Amount: v.Money(line.Total)}
		if line.Kind == pos.LineGift {
			l.Name = v.T("line.gift", "name", line.Name)
		}
		if line.Kind == pos.LineRedemption || line.Total == 0 {
			l.Amount = v.T("display.offered") // the same word whoever offers it, and why
		}
		for _, o := range line.Options {
			l.Options = append(l.Options, o.Name)
		}
		v.Lines = append(v.Lines, l)
	}
	for _, r := range tk.RoundUps {
		if r.Name != "" {
			v.Lines = append(v.Lines, displayLine{Qty: 1, Name: v.T("fund.aside", "name", r.Name), Amount: v.Money(r.Amount)})
		}
	}
	if tk.Total > 0 { // an order that is offered whole faces the room without a zero (solidarity.md G2)
		v.Sums = []displaySum{{v.T("display.total"), v.Money(tk.Total), tk.Paid == 0}}
	}
	if tk.Paid > 0 {
		v.Sums = append(v.Sums, displaySum{v.T("display.given"), v.Money(tk.Paid), false}, displaySum{v.T("display.due"), v.Money(tk.Rest), true})
	}
	v.fillCards(tk)
}

// cardPlaces is how many paid meals fill a card.
const cardPlaces = 9

// displayDots are the places of a card, filled or not.
type displayDots struct {
	Places []bool
	On     int // of them filled
}

// fillCards draws the nine places of each card of the order.
func (v *displayView) fillCards(tk pos.Ticket) {
	for _, c := range tk.Cards {
		d := displayDots{Places: make([]bool, cardPlaces), On: min(c.Filled, cardPlaces)}
		if v.Released > 0 && d.On == 0 {
			d.On = cardPlaces // the one that was just filled
		}
		for i := range d.On {
			d.Places[i] = true
		}
		v.Dots = append(v.Dots, d)
	}
}

// fillPaid thanks. Served or paid, it begins with the same words.
func (s *Server) fillPaid(c *fiber.Ctx, v *displayView, over ended) error {
	v.State, v.Released = displayPaid, over.released
	if over.ticket != "" {
		tk, err := s.till.Ticket(c.UserContext(), over.ticket)
		if err != nil {
			return err
		}
		v.fillCards(tk)
	}
	if over.sale == "" {
		return nil
	}
	sale, err := s.till.Sale(c.UserContext(), over.sale)
	if err != nil {
		return err
	}
	v.fillSums(sale)
	for _, line := range sale.Lines {
		if line.Kind == pos.LineGift {
			v.Gifts += line.Qty
		}
	}
	if v.Receipt, err = qrOf(sale.ReceiptURL); err != nil {
		return err
	}
	v.Proof, err = qrOf(sale.GiftURL)
	return err
}

// qrOf draws an address; nothing when there is none.
func qrOf(address string) (qrImage, error) {
	if address == "" {
		return "", nil
	}
	return qrSVG(address)
}

// fillSums is what was owed, what was handed over and what was given back; the last is the largest.
func (v *displayView) fillSums(sale pos.Sale) {
	due := sale.Total + sale.Outside
	if due == 0 {
		return
	}
	var given, change money.Cents
	for _, t := range sale.Tenders {
		given += max(t.Given, t.Amount)
		change += t.Change
	}
	v.Sums = []displaySum{{v.T("display.due"), v.Money(due), change == 0}}
	if change > 0 {
		v.Sums = append(v.Sums, displaySum{v.T("display.given"), v.Money(given), false}, displaySum{v.T("display.change"), v.Money(change), true})
	}
}

// fillIdle is the café itself: its hours, what the board may say, and how to have a card.
func (s *Server) fillIdle(c *fiber.Ctx, v *displayView) error {
	v.State = displayIdle
	chosen, err := s.till.Settings(c.UserContext())
	if err != nil {
		return err
	}
	v.Hours = chosen.Hours
	board, err := s.till.Board(c.UserContext())
	if err != nil {
		return err
	}
	for _, b := range board.Classes {
		v.Classes = append(v.Classes, boardClass{Name: v.T("class.many." + b.Class), Icon: classIcon(b.Class), Waiting: b.Waiting})
	}
	v.NewCard, err = qrSVG(s.till.PublicURL() + "/C")
	return err
}

// FollowLink is the address of the display of a till.
func (v displayView) FollowLink(till string) string { return displayLink(till) }

// displayLink is the address of the display of a till.
func displayLink(till string) string { return displayPath + "?till=" + url.QueryEscape(till) }

// Several reports that there is another till to follow.
func (v displayView) Several() bool {
	return slices.ContainsFunc(v.Tills, func(t string) bool { return t != v.Till })
}

// DisplayLink is the address of this till's own display.
func (v deviceView) DisplayLink() string { return displayLink(v.Device.Till) }
