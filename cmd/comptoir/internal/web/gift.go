package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// proofView is what a donor sees of the gifts of one sale: no amount, nothing of the sale, nothing of anybody.
type proofView struct {
	base
	Day   string
	Aloud string // its code in groups
	Gifts []giftView
}

// giftView is gifts of one class of which the same may be told.
type giftView struct {
	Name, Fate, Icon string
	Count            int
	Waiting          bool
}

// giftPage serves GET /G/{code} of the public listener.
func (s *Server) giftPage(c *fiber.Ctx) error {
	proof, err := s.till.GiftProof(c.UserContext(), param(c, "code"))
	if err != nil {
		return err
	}
	v := proofView{base: s.newBase(c, "proof.title", ""), Aloud: inFours(proof.Code)}
	v.Day = v.LongDay(proof.Day)
	for _, o := range proof.Gifts {
		g := giftView{Name: v.T("class.one." + o.Class), Fate: v.fateOfGift(o), Icon: classIcon(o.Class), Count: 1, Waiting: o.Fate == pos.FateWaiting}
		v.add(g)
	}
	return s.page(c, http.StatusOK, "gift", v)
}

// add counts a gift with those of which the same is told.
func (v *proofView) add(g giftView) {
	for i := range v.Gifts {
		if known := &v.Gifts[i]; known.Name == g.Name && known.Fate == g.Fate {
			known.Count++
			return
		}
	}
	v.Gifts = append(v.Gifts, g)
}

// fateOfGift words what may be told of one gift: by week, whatever is known by day.
func (b base) fateOfGift(o pos.Outcome) string {
	when := ""
	if o.To != "" {
		first, last := b.week(o.From), b.week(o.To)
		when = b.T("proof.in", "week", last)
		if first != last {
			when = b.T("proof.by", "week", last)
		}
	}
	return b.T("proof."+string(o.Fate), "when", when)
}
