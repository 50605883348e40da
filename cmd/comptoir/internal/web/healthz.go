package web

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// healthFor is how long one finding is told again: a monitor in a hurry costs the writer one empty write a second.
const healthFor = time.Second

// health remembers whether the till could read and write a moment ago.
type healthCheck struct {
	ready func(context.Context) error
	now   func() time.Time

	mu  sync.Mutex
	at  time.Time
	err error
}

func (h *healthCheck) check(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	if age := now.Sub(h.at); h.at.IsZero() || age < 0 || age >= healthFor {
		h.err = h.ready(ctx)
		h.at = now
	}
	return h.err
}

// health serves GET /healthz on both listeners: 200 {"status":"ok"} after a read and an empty write.
func (s *Server) health(c *fiber.Ctx) error {
	if trouble := s.unwell(); trouble != nil { // known without asking: what was well a moment ago is not told again
		return trouble
	}
	if err := s.healthy.check(c.UserContext()); err != nil {
		return err
	}
	return c.Status(http.StatusOK).JSON(map[string]string{"status": "ok"})
}

// unwell returns why nothing is written for now: the disk has failed, or the clock is far ahead; nil while the till is well.
func (s *Server) unwell() error {
	if trouble := s.till.DB().Trouble(); trouble != nil {
		return trouble
	}
	return s.till.DB().ClockAhead()
}

// shortOfRoom tells whoever works at the till that its disk is nearly full, before it is; "" while there is room.
func (s *Server) shortOfRoom(b base) string {
	if b.Operator.ID == "" || b.Screen {
		return ""
	}
	space, err := s.room(s.till.DB().Dir())
	if err != nil || !space.Short() {
		return ""
	}
	return b.T("sick.short", "free", b.Size(space.Free))
}
