package web

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data"
	"comptoir/pos"
)

// topicDisplay begins the topic of a till's displays: "display:<till>".
const topicDisplay = "display"

// How long a display shows what is over.
const (
	thanksShown  = 20 * time.Second // after a payment, or until the till's next order
	newCardShown = time.Minute      // to photograph it
	tillForgot   = 12 * time.Hour   // without a request
)

// shown is what a till shows its customer.
type shown struct {
	ticket string    // of the order in hand; empty: none
	over   ended     // what has just ended
	at     time.Time // when it did
	seen   time.Time // the till's last request
}

// ended is what a display thanks for, or offers, for a while.
type ended struct {
	settled  bool   // something was paid or served
	ticket   string // that was paid; empty when something was served from the shelf
	sale     string // its id; empty when nothing was bought
	released int    // meals that this sale has put on the shelf
	card     string // address of a card that was just made
}

// displays knows what each till shows, and tells the screens that follow it. It is memory only: after a restart the
// tills' own requests fill it again.
type displays struct {
	tell func(topic string)
	now  func() time.Time

	mu    sync.Mutex
	tills map[string]*shown
}

// tellScreens is how displays tell: what they show is in no database, so that the clock counts their versions.
func (s *Server) tellScreens(topic string) { s.hub.tell(hint{topic, s.clock.Now().UnixNano() / 1000}) }

func newDisplays(tell func(topic string), now func() time.Time) *displays {
	return &displays{tell: tell, now: now, tills: map[string]*shown{}}
}

// listen passes on that an order changed, to the displays that show it; and that what all of them show has.
func (d *displays) listen(events []data.Event) {
	for _, e := range events {
		for _, topic := range e.Topics {
			ticket, isTicket := strings.CutPrefix(topic, "ticket:")
			everywhere := topic == "settings" || topic == "board" || topic == topicTrain
			for _, till := range d.following(ticket, isTicket, everywhere) {
				d.tell(topicDisplay + ":" + till)
			}
		}
	}
}

func (d *displays) following(ticket string, isTicket, everywhere bool) []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var names []string
	for name, s := range d.tills {
		if everywhere || isTicket && s.ticket == ticket {
			names = append(names, name)
		}
	}
	return names
}

// change notes what a till shows now, and tells its displays when that is something else.
func (d *displays) change(till string, change func(*shown)) {
	d.mu.Lock()
	s := d.tills[till]
	if s == nil {
		s = &shown{}
		d.tills[till] = s
	}
	ticket, over := s.ticket, s.over
	change(s)
	s.seen = d.now()
	news := s.ticket != ticket || s.over != over
	if s.over != over {
		s.at = s.seen
	}
	d.mu.Unlock()
	if news {
		d.tell(topicDisplay + ":" + till)
	}
}

// of returns what a till shows, and how long what has ended still stays.
func (d *displays) of(till string) (shown, time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.tills[till]
	if s == nil {
		return shown{}, 0
	}
	stays := thanksShown
	if s.over.card != "" {
		stays = newCardShown
	}
	left := stays - d.now().Sub(s.at)
	if s.over == (ended{}) || left <= 0 {
		return shown{ticket: s.ticket, seen: s.seen}, 0
	}
	return *s, left
}

// active lists the tills that somebody uses, by name.
func (d *displays) active() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.DeleteFunc(d.tills, func(_ string, s *shown) bool { return d.now().Sub(s.seen) > tillForgot })
	return slices.Sorted(maps.Keys(d.tills))
}

// showTicket is the till's hook: it has this order in hand; empty: none, and what has ended stays its time.
func (s *Server) showTicket(c *fiber.Ctx, ticket string) {
	if _, again := resentOf(c); again {
		return // it is over
	}
	s.displays.change(deviceOf(c).Till, func(t *shown) {
		t.ticket = ticket
		if ticket != "" {
			t.over = ended{} // the next tap
		}
	})
}

// showPaid is the till's hook: the order in hand was paid.
func (s *Server) showPaid(c *fiber.Ctx, r pos.SaleResult) {
	if _, again := resentOf(c); !again {
		s.showPaidOn(deviceOf(c).Till, r)
	}
}

// showPaidOn is showPaid where nobody asks any more: the card was accepted after a while.
func (s *Server) showPaidOn(till string, r pos.SaleResult) {
	s.displays.change(till, func(t *shown) {
		if r.ID != "" && t.over.sale == r.ID {
			return // the same answer once more
		}
		t.ticket, t.over = "", ended{settled: true, ticket: t.ticket, sale: r.ID, released: r.Released}
	})
}

// showServed is the till's hook: something was served from the shelf. An order in hand stays in view.
func (s *Server) showServed(c *fiber.Ctx) {
	if _, again := resentOf(c); again {
		return // it is over
	}
	s.displays.change(deviceOf(c).Till, func(t *shown) { t.over, t.at = ended{settled: true}, s.clock.Now() })
}

// showCard is the till's hook: a card was made, for the customer to photograph.
func (s *Server) showCard(c *fiber.Ctx, address string) {
	if _, again := resentOf(c); again {
		return // it is over
	}
	s.displays.change(deviceOf(c).Till, func(t *shown) { t.over = ended{card: address} })
}

// showAnswer is the hook of the cart: whatever a command came to.
func (s *Server) showAnswer(c *fiber.Ctx, a answerOf) {
	if a.paid != nil {
		s.showPaid(c, *a.paid)
		return
	}
	s.showTicket(c, a.ticket.ID)
}
