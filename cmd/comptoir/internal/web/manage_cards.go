package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/loyalty"
	"comptoir/pos"
	"comptoir/receipts"
)

const (
	cardsPath   = "/manage/cards"
	sheetCards  = 10 // of an A4 sheet
	sheetChoice = 5  // so many sheets at most
)

// cardsView is the desk where cards are found, replaced and printed.
type cardsView struct {
	base
	Manages bool
	Found   *foundCard
	Choices []pos.CardView // that one contact leads to
	Sheets  []int          // how many cards can be printed at once
	Left    int            // apology stamps of this month
}

// foundCard is the card that was asked for.
type foundCard struct {
	pos.CardRecord
	Aloud  string
	Places []bool
	Lost   bool
}

// paperView is new cards, to be shown and printed: the only time their codes are told.
type paperView struct {
	base
	Cards []sheetCard
	One   bool // to be handed over, and photographed

	Printer bool // it may come out of the printer of this device
}

// sheetCard is one card to cut out.
type sheetCard struct {
	QR      qrImage
	Aloud   string // the number, in groups
	Letters string // the code, in fours
}

// cardsPage serves GET /manage/cards.
func (s *Server) cardsPage(c *fiber.Ctx) error { return s.showCards(c, http.StatusOK, nil, nil) }

func (s *Server) showCards(c *fiber.Ctx, status int, v *cardsView, trouble *troubleView) error {
	if v == nil {
		v = &cardsView{}
	}
	v.base = s.newBase(c, "cards.title", "manage")
	v.Section, v.Part, v.Trouble = "solidarity", "cards", trouble
	v.Manages = v.Operator.Role == pos.RoleManager
	for n := 1; n <= sheetChoice; n++ {
		v.Sheets = append(v.Sheets, n*sheetCards)
	}
	var err error
	if v.Left, err = s.till.GoodwillLeft(c.UserContext()); err != nil {
		return err
	}
	return s.page(c, status, "manage_cards", *v)
}

// oneCardPage serves GET /manage/cards/{number}.
func (s *Server) oneCardPage(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showCards(c, status, nil, t) })
	if err := s.scanByNumber(c, c.Params("number")); err != nil {
		return err
	}
	return s.showRecord(c, http.StatusOK, nil)
}

func (s *Server) showRecord(c *fiber.Ctx, status int, trouble *troubleView) error {
	r, err := s.till.CardRecord(c.UserContext(), c.Params("number"))
	if err != nil {
		return err
	}
	found := &foundCard{CardRecord: r, Aloud: aloud(r.Number), Lost: r.State == loyalty.Lost}
	for i := range loyalty.MealsPerRelease {
		found.Places = append(found.Places, i < r.Filled)
	}
	return s.showCards(c, status, &cardsView{Found: found}, trouble)
}

// findCard serves POST /manage/cards/find: a number, a code or a contact. The address that follows has the number at most.
func (s *Server) findCard(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error {
		if len(t.Fields) > 0 {
			t.Rename("contact", "card", "")
		}
		return s.showCards(c, status, nil, t)
	})
	if _, err := s.by(c); err != nil {
		return err
	}
	typed := strings.TrimSpace(c.FormValue("card"))
	if err := s.scanByNumber(c, typed); err != nil {
		return err
	}
	r, err := s.till.CardRecord(c.UserContext(), typed)
	if err == nil {
		return c.Redirect(cardAt(r.Number), http.StatusSeeOther)
	}
	none, refused := fault.As(err)
	if !refused {
		return err
	}
	all, err := s.till.CardsByContact(c.UserContext(), typed) // a telephone number may look like the number of a card
	if fault.CodeOf(err) != "" && none.Code != "card.unreadable" {
		return none.Field("card", "unknown")
	}
	if err != nil {
		return err
	}
	if len(all) == 1 {
		return c.Redirect(cardAt(all[0].Number), http.StatusSeeOther)
	}
	return s.showCards(c, http.StatusOK, &cardsView{Choices: all}, nil)
}

func cardAt(number string) string { return cardsPath + "/" + url.PathEscape(number) }

// onCard does something to the card of the page; a refusal shows the page again.
func (s *Server) onCard(c *fiber.Ctx, what string, do func(by pos.By, number string) error) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showRecord(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	number := c.Params("number")
	if err := do(by, number); err != nil {
		return err
	}
	if what == "card_closed" {
		return s.done(c, cardsPath, what)
	}
	return s.done(c, cardAt(number), what)
}

// loseCard serves POST /manage/cards/{number}/lost.
func (s *Server) loseCard(c *fiber.Ctx) error {
	return s.onCard(c, "card_lost", func(by pos.By, number string) error {
		_, err := s.till.LoseCard(c.UserContext(), by, number)
		return err
	})
}

// setCardContact serves POST /manage/cards/{number}/contact; empty erases it.
func (s *Server) setCardContact(c *fiber.Ctx) error {
	return s.onCard(c, "contact_saved", func(by pos.By, number string) error {
		return s.till.SetContact(c.UserContext(), by, number, strings.TrimSpace(c.FormValue("contact")))
	})
}

// stampsOf reads a number of stamps; what is none is refused by the till, beside its field.
func stampsOf(c *fiber.Ctx, field string) int {
	n, err := strconv.Atoi(strings.TrimSpace(c.FormValue(field)))
	if err != nil {
		return 0
	}
	return n
}

// importCard serves POST /manage/cards/{number}/import.
func (s *Server) importCard(c *fiber.Ctx) error {
	return s.onCard(c, "card_imported", func(by pos.By, number string) error {
		_, err := s.till.ImportPaper(c.UserContext(), by, number, pos.ImportRequest{Stamps: stampsOf(c, "stamps"), Voided: c.FormValue("voided") != ""})
		return err
	})
}

// giveGoodwill serves POST /manage/cards/{number}/goodwill. Its field has another name than the one of the import.
func (s *Server) giveGoodwill(c *fiber.Ctx) error {
	return s.onCard(c, "goodwill_given", func(by pos.By, number string) error {
		_, err := s.till.Goodwill(c.UserContext(), by, number, stampsOf(c, "sorry"))
		if e, ok := fault.As(err); ok && len(e.Fields) > 0 {
			return fault.New(e.Kind, e.Code, e.Detail).Field("sorry", "range").With("max", e.Args["max"])
		}
		return err
	})
}

// eraseCard serves POST /manage/cards/{number}/close.
func (s *Server) eraseCard(c *fiber.Ctx) error {
	return s.onCard(c, "card_closed", func(by pos.By, number string) error { return s.till.CloseCard(c.UserContext(), by, number) })
}

// replaceCard serves POST /manage/cards/{number}/replace: the new card is shown at once, on the customer's display too. No
// address holds its code; sent again, the same is shown.
func (s *Server) replaceCard(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showRecord(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	card, err := s.till.ReplaceCard(c.UserContext(), by, c.Params("number"))
	if err != nil {
		return err
	}
	s.showCard(c, card.URL)
	return s.showSheet(c, card)
}

// deskCard serves POST /manage/cards/new: one new card.
func (s *Server) deskCard(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	card, err := s.till.NewCard(c.UserContext(), by)
	if err != nil {
		return err
	}
	s.showCard(c, card.URL)
	return s.showSheet(c, card)
}

// printCard serves POST /manage/cards/print: the card that was just made comes out of the printer of this device.
func (s *Server) printCard(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if _, err := s.till.PrintCard(c.UserContext(), by, c.FormValue("code")); err != nil {
		return err
	}
	return c.Redirect(printingPath, http.StatusSeeOther)
}

// printCards serves POST /manage/cards/sheet: paper cards to print and cut.
func (s *Server) printCards(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showCards(c, status, nil, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	cards, err := s.till.PaperCards(c.UserContext(), by, stampsOf(c, "count"))
	if err != nil {
		return err
	}
	return s.showSheet(c, cards...)
}

func (s *Server) showSheet(c *fiber.Ctx, cards ...pos.CardIssued) error {
	v := paperView{base: s.newBase(c, "cards.sheet", "manage"), One: len(cards) == 1}
	v.Section, v.Part = "solidarity", "cards"
	if v.One {
		v.Title, v.Printer = v.T("card.made"), s.hasPrinter(c)
	}
	for _, card := range cards {
		svg, err := receipts.QRSVGPaper(card.URL)
		if err != nil {
			return err
		}
		v.Cards = append(v.Cards, sheetCard{QR: qrImage(svg), Aloud: aloud(card.Number), Letters: inFours(card.Code)})
	}
	return s.page(c, http.StatusOK, "manage_sheet", v)
}
