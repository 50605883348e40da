package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// account is where a card stands after a step of a story: the columns of the table in solidarity.md §2.4.
type account struct {
	stamps   int    // S
	released int    // R: releases in force
	advance  int    // D
	filled   int    // dots on the card's page
	shelf    string // state of the meals of this card: "available/served"
}

// story is one card's life through the HTTP API. Each step names what happens, then what must be true.
type story struct {
	t     *testing.T
	c     *cafe
	card  string
	sales []string // ids, in order
}

func newStory(t *testing.T) *story {
	t.Helper()
	c := openCafe(t)
	return &story{t: t, c: c, card: text(t, c.post("/cards", ""), "code")}
}

// pay sells n meals on one ticket and wants so many stamps and releases of the answer.
func (s *story) pay(n, released int) {
	s.t.Helper()
	a := s.c.post("/sales", fmt.Sprintf(`{"lines": [{"product": "plat", "qty": %d}], "card": %q, "tenders": [{"means": "card", "amount": %d}]}`, n, s.card, n*1190))
	if got, want := [2]int{number(s.t, a, "stamps"), number(s.t, a, "released")}, [2]int{n, released}; got != want {
		s.t.Errorf("paying %d meals gave %d stamps and %d releases, want %d and %d", n, got[0], got[1], want[0], want[1])
	}
	s.sales = append(s.sales, text(s.t, a, "id"))
}

// refund gives n meals of the latest sale back and wants so many items taken off the shelf and advanced by the house.
func (s *story) refund(n, retracted, advance int) {
	s.t.Helper()
	a := s.c.post("/sales/"+s.sales[len(s.sales)-1]+"/refund", fmt.Sprintf(`{"lines": [{"line": 1, "qty": %d}], "tender": "card", "reason": "erreur"}`, n))
	want := map[string]int{"stamps_reversed": n, "items_retracted": retracted, "house_advance": advance, "total": -1190 * n}
	for path, w := range want {
		if got := number(s.t, a, path); got != w {
			s.t.Errorf("refunding %d meals: %s is %d, want %d", n, path, got, w)
		}
	}
}

// serve serves one meal; it must come from this card's release.
func (s *story) serve() string {
	s.t.Helper()
	a := s.c.post("/suspended/redemptions", `{"product": "plat"}`)
	if got := text(s.t, a, "origin"); got != "LOYALTY" {
		s.t.Errorf("the meal served is of origin %s, want LOYALTY", got)
	}
	return text(s.t, a, "number")
}

// stands compares the card, its public page and the shelf with what the story says.
func (s *story) stands(step string, want account) {
	s.t.Helper()
	card := s.c.ok(call{method: http.MethodGet, path: "/api/v1/cards/" + s.card})
	shelf := s.c.get("/suspended")
	meals := 0
	for text(s.t, shelf, fmt.Sprintf("classes.%d.class", meals)) != "meal" {
		meals++
	}
	of := func(state string) int { return number(s.t, shelf, fmt.Sprintf("classes.%d.%s", meals, state)) }
	got := account{number(s.t, card, "stamps"), number(s.t, card, "released"), number(s.t, card, "advance"), number(s.t, card, "filled"),
		fmt.Sprintf("%d/%d", of("available"), of("served"))}
	if got != want {
		s.t.Errorf("%s: got %+v, want %+v", step, got, want)
	}
	page := s.c.do(call{method: http.MethodGet, path: "/C/" + s.card, public: true, header: map[string]string{"Accept-Language": "fr"}})
	shown := got.filled
	if shown == 0 && got.stamps > 0 {
		shown = 9 // the round has just been filled, and shows it
	}
	if places := fmt.Sprintf(`aria-label="%d sur 9"`, shown); page.status != http.StatusOK || !strings.Contains(string(page.body), places) {
		s.t.Errorf("%s: the card's page (%d) lacks %s", step, page.status, places)
	}
}

// The stories of solidarity.md §2.4 about refunds, each by its name there. Those of a partner's allotment belong to
// the issue that brings allotments.
func TestRefundStories(t *testing.T) {
	t.Parallel()
	for name, tell := range map[string]func(*story){
		"9th meal paid": func(s *story) {
			s.pay(8, 0)
			s.stands("8 meals", account{8, 0, 0, 8, "0/0"})
			s.pay(1, 1)
			s.stands("the 9th", account{9, 1, 0, 0, "1/0"})
		},
		"9th refunded, X still on the shelf, then a new meal": func(s *story) {
			s.pay(8, 0)
			s.pay(1, 1)
			s.refund(1, 1, 0)
			s.stands("refunded", account{8, 0, 0, 8, "0/0"})
			s.pay(1, 1)
			s.stands("a new meal", account{9, 1, 0, 0, "1/0"})
		},
		"9th refunded, X already served, then a new meal, then nine more": func(s *story) {
			s.pay(8, 0)
			s.pay(1, 1)
			s.serve()
			s.stands("served", account{9, 1, 0, 0, "0/1"})
			s.refund(1, 0, 1)
			s.stands("refunded", account{8, 1, 1, 8, "0/1"})
			s.pay(1, 0)
			s.stands("a new meal", account{9, 1, 0, 0, "0/1"})
			s.pay(9, 1)
			s.stands("nine more", account{18, 2, 0, 0, "1/1"})
		},
		"Group of 12 on one card, 4 of the 12 refunded, X served": func(s *story) {
			s.pay(12, 1)
			s.stands("12 meals", account{12, 1, 0, 3, "1/0"})
			s.serve()
			s.refund(4, 0, 1)
			s.stands("4 refunded", account{8, 1, 1, 8, "0/1"})
		},
		"Group of 12 on one card, 4 of the 12 refunded, X on the shelf": func(s *story) {
			s.pay(12, 1)
			s.refund(4, 1, 0)
			s.stands("4 refunded", account{8, 0, 0, 8, "0/0"})
		},
		"9th refunded after service, and the service undone": func(s *story) {
			s.pay(9, 1)
			cup := s.serve()
			s.refund(1, 0, 1)
			s.c.post("/suspended/redemptions/"+cup+"/undo", `{"reason": "erreur"}`)
			s.stands("undone", account{8, 0, 0, 8, "0/0"})
		},
		"27 meals release 3, and only those still on the shelf come back (case 2)": func(s *story) {
			s.pay(27, 3)
			s.serve()
			s.serve()
			s.refund(27, 1, 2)
			s.stands("all refunded", account{0, 2, 2, 0, "0/2"})
			s.pay(18, 0)
			s.stands("healed", account{18, 2, 0, 0, "0/2"})
		},
		"an earlier meal refunded is the same (case 31)": func(s *story) {
			s.pay(3, 0)
			first := s.sales[0]
			s.pay(6, 1)
			s.sales = append(s.sales, first)
			s.refund(1, 1, 0)
			s.stands("a meal of the first ticket", account{8, 0, 0, 8, "0/0"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tell(newStory(t))
		})
	}
}
