package web

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/device"
	"comptoir/data/fault"
	"comptoir/pos"
)

// How the answer of a terminal is written when the till is too busy: it is tried again, for the money was taken or was not.
const (
	chargeTries   = 20
	chargePause   = 250 * time.Millisecond
	chargesKept   = 100             // results that pages may still ask for
	chargesEnding = 5 * time.Second // for a terminal to give up when the till stops
)

// charges asks terminals for money. Each charge has a goroutine of its own that outlives the request it began with and ends
// with the till: what is not answered by then is unknown, and says so after the next start.
type charges struct {
	ask  func(ctx context.Context, terminal string, c device.Charge) device.Answer // nil: nothing is linked
	till *pos.Till
	log  *slog.Logger

	halt chan struct{} // closed when the till stops
	all  sync.WaitGroup

	mu      sync.Mutex
	ended   bool
	begun   map[string]bool           // by id: a terminal is asked once
	settled map[string]pos.SaleResult // what a charge settled, with its warnings
	order   []string                  // of settled, oldest first
}

func newCharges(t *pos.Till, d *device.Devices, log *slog.Logger) *charges {
	r := &charges{till: t, log: log, halt: make(chan struct{}), begun: map[string]bool{}, settled: map[string]pos.SaleResult{}}
	if d != nil {
		r.ask = d.Charge
	}
	return r
}

// begin asks the terminal of a charge that was requested, once: a command that is repeated finds it begun. told is called when
// the answer is written. It outlives the context that it is begun with.
func (r *charges) begin(ctx context.Context, c pos.Charge, told func(pos.Charge)) {
	if c.State != pos.ChargeRequested {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended || r.begun[c.ID] {
		return
	}
	ctx = context.WithoutCancel(ctx)
	// What was read before may be answered by now: keep has forgotten it, and a card would be debited twice.
	if now, err := r.till.Charge(ctx, c.ID); err != nil || now.State != pos.ChargeRequested {
		return
	}
	r.begun[c.ID] = true
	r.all.Go(func() {
		answered, err := r.write(ctx, c.ID, r.answer(ctx, c))
		if err != nil { // after a restart it is unknown: nothing is asked again
			r.log.Error("the answer of a terminal could not be written", "charge", c.ID, "error", err)
			return
		}
		r.keep(answered)
		told(answered)
	})
}

// answer asks, and takes whatever goes wrong for an unknown outcome: it may have been sent.
func (r *charges) answer(ctx context.Context, c pos.Charge) (a pos.ChargeAnswer) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.all.Go(func() {
		select {
		case <-r.halt:
			cancel()
		case <-ctx.Done():
		}
	})
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("asking a terminal failed", "charge", c.ID, "panic", fmt.Sprint(p))
			a = pos.ChargeAnswer{Outcome: pos.ChargeUnknown, Code: "terminal.interrupted"}
		}
	}()
	if r.ask == nil {
		return pos.ChargeAnswer{Outcome: pos.ChargeNotSent, Code: "terminal.unknown"}
	}
	said := r.ask(ctx, c.Terminal, device.Charge{Amount: c.Amount, Ref: c.Ref})
	a = pos.ChargeAnswer{Outcome: pos.ChargeUnknown, Amount: said.Amount, Code: said.Code, Authorisation: said.Authorisation, Application: said.Application, Entry: said.Entry}
	switch said.Outcome {
	case device.Approved:
		a.Outcome = pos.ChargeApproved
	case device.Declined:
		a.Outcome = pos.ChargeDeclined
	case device.NotSent:
		a.Outcome = pos.ChargeNotSent
	case device.Unknown:
	}
	return a
}

// write enters the answer, however busy the till is, also while it stops.
func (r *charges) write(ctx context.Context, id string, a pos.ChargeAnswer) (c pos.Charge, err error) {
	for range chargeTries {
		c, err = r.till.ChargeAnswered(ctx, id, a)
		if fault.KindOf(err) != fault.Busy {
			break
		}
		<-time.After(chargePause)
	}
	return c, err
}

// keep remembers what a charge settled, for the page that waits for it.
func (r *charges) keep(c pos.Charge) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.begun, c.ID) // it is no longer requested: begin reads so
	sale := c.Settled()
	if sale.ID == "" {
		return
	}
	r.settled[c.ID] = sale
	r.order = append(r.order, c.ID)
	if len(r.order) > chargesKept {
		delete(r.settled, r.order[0])
		r.order = r.order[1:]
	}
}

// result is the sale that a charge settled; of one that was settled before this start only its id is known.
func (r *charges) result(c pos.Charge) pos.SaleResult {
	r.mu.Lock()
	defer r.mu.Unlock()
	if sale, known := r.settled[c.ID]; known {
		return sale
	}
	return pos.SaleResult{ID: c.Sale}
}

// close ends what is asked, and waits for the answers to be written. A till that is held asks nobody.
func (r *charges) close() {
	if r == nil {
		return
	}
	r.mu.Lock()
	if !r.ended {
		r.ended = true
		close(r.halt)
	}
	r.mu.Unlock()
	done := make(chan struct{})
	go func() { defer close(done); r.all.Wait() }()
	select {
	case <-done:
	case <-time.After(chargesEnding):
		r.log.Error("a terminal was still being asked when the till stopped")
	}
}

// terminalOf is the terminal that this device sends its cards to; empty: they are entered by hand.
func (s *Server) terminalOf(c *fiber.Ctx) (string, error) {
	name := deviceOf(c).Terminal
	if name == "" || s.till.Training() {
		return "", nil
	}
	all, err := s.till.CardTerminals(c.UserContext())
	if err != nil {
		return "", err
	}
	for _, t := range all {
		if t.Name == name {
			return name, nil
		}
	}
	return "", nil // it was taken away
}

// chargeFromTill is the card of one tap: the till leads to the page that waits for the terminal.
func (s *Server) chargeFromTill(c *fiber.Ctx, by pos.By, ticket string, r pos.ChargeRequest) (answerOf, error) {
	x, err := s.charge(c, by, ticket, r)
	if err != nil {
		return answerOf{}, err
	}
	tk, err := s.shownTicket(c.UserContext(), ticket)
	return answerOf{ticket: tk, chips: true, leads: chargeLink(x.ID, payAsked{}, true)}, err
}

// charge writes a charge and sends it on its way.
func (s *Server) charge(c *fiber.Ctx, by pos.By, ticket string, r pos.ChargeRequest) (pos.Charge, error) {
	c.Locals(localHand, handTerminal)
	ctx := context.WithoutCancel(c.UserContext()) // what is on the disk is sent, whoever waits
	x, err := s.till.RequestCharge(ctx, by, ticket, r)
	if err != nil {
		return x, err
	}
	till := deviceOf(c).Till
	s.charges.begin(ctx, x, func(answered pos.Charge) {
		if sale := answered.Settled(); sale.ID != "" {
			s.showPaidOn(till, sale)
		}
	})
	return x, nil
}
