package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/loyalty"
	"comptoir/pos"
)

// cardView is a customer's card. It names nobody.
type cardView struct {
	base
	Card     pos.CardView
	Secret   string // the code, which is the card
	Left     int    // meals until one is given
	Full     bool   // the last place has just been filled
	Filled   int    // places shown as filled, 0 to 9
	Places   []bool
	QR       qrImage
	Aloud    string // the number, in groups
	Letters  string // the code itself, in fours: what the receipt page asks for
	Link     string
	File     string // name of its picture
	Claimed  string // what a receipt has just added
	Advanced bool   // the meal of this round was served already, as far as that may be told
	Story    []fateView
	Earlier  []fateView // the rest of the story
	Contact  string     // a hint of it; empty: none is set
}

// fateView is one meal of a card's story.
type fateView struct{ Given, Fate, Icon string }

// storyLength is how much of a story is shown before it is folded.
const storyLength = 6

// cardPage serves GET /C/{code} of the public listener. An address that is not in capitals leads to the one that is.
func (s *Server) cardPage(c *fiber.Ctx) error { return s.showCardPage(c, http.StatusOK, nil) }

func (s *Server) showCardPage(c *fiber.Ctx, status int, trouble *troubleView) error {
	code := c.Params("code")
	card, err := s.till.CardOfPublic(c.UserContext(), code)
	if err != nil {
		return err
	}
	if upper := strings.ToUpper(code); upper != code {
		return c.Redirect("/C/"+url.PathEscape(upper), http.StatusSeeOther)
	}
	story, err := s.till.CardStory(c.UserContext(), code)
	if err != nil {
		return err
	}
	v := cardView{base: s.newBase(c, "card.page", ""), Card: card, Secret: code, Left: loyalty.MealsPerRelease - card.Filled, Aloud: aloud(card.Number),
		Letters: inFours(code), Link: s.till.CardURL(code)}
	v.File = v.T("card.file", "cafe", v.Cafe)
	v.Full = card.Filled == 0 && card.Stamps > 0
	if v.Filled = card.Filled; v.Full {
		v.Filled = loyalty.MealsPerRelease
	}
	for i := range loyalty.MealsPerRelease {
		v.Places = append(v.Places, i < v.Filled)
	}
	v.tell(story)
	v.Claimed = v.claimed(c.Query("claimed"))
	if v.QR, err = qrSVG(v.Link); err != nil {
		return err
	}
	v.Trouble = trouble
	if v.Contact, err = s.till.ContactHint(c.UserContext(), code); err != nil {
		return err
	}
	return s.page(c, status, "card", v)
}

// tell puts a card's story in words. That its present round was served ahead is said only once all of it is told.
func (v *cardView) tell(story []pos.Outcome) {
	gone := 0
	for i, o := range story {
		f := fateView{Given: v.T("card.story_given", "day", v.LongDay(o.Given)), Fate: v.T("fate."+string(o.Fate), "when", v.when(o)), Icon: fateIcon(o.Fate)}
		if o.Fate == pos.FateServed || o.Fate == pos.FatePartner {
			gone++
		}
		if i < storyLength {
			v.Story = append(v.Story, f)
		} else {
			v.Earlier = append(v.Earlier, f)
		}
	}
	v.Advanced = v.Card.Advance > 0 && gone >= v.Card.Released
}

// claimed words how many stamps a receipt has just added; empty without a number.
func (v *cardView) claimed(stamps string) string {
	switch n, err := strconv.ParseUint(stamps, 10, 16); {
	case err != nil:
		return ""
	case n == 0:
		return v.T("claimed.none")
	default:
		return v.N("claimed.stamps", int(n))
	}
}

// when words between which days something took place: the day when it is told by day, else the week it was told by.
func (b base) when(o pos.Outcome) string {
	if o.To == "" {
		return ""
	}
	if o.From == o.To {
		return b.T("fate.on", "day", b.LongDay(o.From))
	}
	first, last := b.week(o.From), b.week(o.To)
	if first != last {
		return b.T("fate.by", "week", last)
	}
	return b.T("fate.in", "week", last)
}

// week names the week around a business day by its number, and its year when that is not this one.
func (b base) week(day string) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	year, week := at.ISOWeek()
	if year != b.isoYear {
		return b.T("week.of_year", "week", strconv.Itoa(week), "year", strconv.Itoa(year))
	}
	return strconv.Itoa(week)
}

func fateIcon(f pos.Fate) string {
	switch f {
	case pos.FateServed:
		return "check"
	case pos.FatePartner:
		return "users"
	case pos.FateReturned:
		return "undo-2"
	default:
		return "hand-heart"
	}
}

// cardCode is the code of a card in what was typed or scanned: the code, or the address of its page.
func cardCode(typed string) (string, error) { return loyalty.ParseCode(typed) }

// inFours groups the letters of a code, to be copied by hand.
func inFours(code string) string { return inGroups(code, 4) }

// aloud groups a card's number by three, to be read out.
func aloud(number string) string { return inGroups(number, 3) }

func inGroups(code string, size int) string {
	var groups []string
	for len(code) > size {
		groups, code = append(groups, code[:size]), code[size:]
	}
	return strings.Join(append(groups, code), " ")
}

// newCardView is the page of one button that makes a card.
type newCardView struct{ base }

// newCardPage serves GET /C.
func (s *Server) newCardPage(c *fiber.Ctx) error {
	return s.page(c, http.StatusOK, "card_new", newCardView{s.newBase(c, "newcard.title", "")})
}

// newCard serves POST /C: a card, without a form. From a receipt it is made with its meals.
func (s *Server) newCard(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	receipt := c.FormValue("receipt")
	if receipt == "" {
		card, err := s.till.NewCard(c.UserContext(), by)
		if err != nil {
			return err
		}
		keepCard(c, card.Code)
		return s.done(c, "/C/"+url.PathEscape(card.Code), "card_made")
	}
	onRefusal(c, func(status int, t *troubleView) error { return s.showReceipt(c, status, receipt, t) })
	card, claim, err := s.till.NewCardFor(c.UserContext(), by, receipt)
	if err != nil {
		return err
	}
	keepCard(c, card.Code)
	return s.toClaimed(c, card.Code, claim)
}

// toClaimed leads to a card that has just been stamped, and says by how much.
func (s *Server) toClaimed(c *fiber.Ctx, code string, claim pos.ClaimResult) error {
	return c.Redirect("/C/"+url.PathEscape(code)+"?claimed="+strconv.Itoa(claim.Stamps), http.StatusSeeOther)
}

// cardCookie remembers, on a customer's own device, the card that was made or stamped on it, so that a receipt is
// claimed in one gesture. Only the receipt pages are sent it: the staff listener, at another port of the same name,
// has none.
const cardCookie = "comptoir_card"

func keepCard(c *fiber.Ctx, code string) {
	const year = 365 * 24 * 3600
	c.Cookie(&fiber.Cookie{Name: cardCookie, Value: code, Path: "/R", MaxAge: year, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
}

// keptCard returns the card of this device, if it is one.
func keptCard(c *fiber.Ctx) string {
	code, err := cardCode(c.Cookies(cardCookie))
	if err != nil {
		return ""
	}
	return code
}
