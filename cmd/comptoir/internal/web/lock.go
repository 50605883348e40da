package web

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
)

// lockGrace is how much longer than its page the server waits: the page announces it and locks first.
const lockGrace = 30 * time.Second

// errLocked is told to a session that nobody has touched for as long as the café has chosen.
var errLocked = fault.New(fault.Unauthenticated, "session.locked", "Nobody has touched this device for a while: sign in again.")

// idleWatch remembers when each session was last touched by a person. It is in memory: after a restart everybody has
// the whole time again.
type idleWatch struct {
	after atomic.Int64 // minutes until a device locks; unknown until it is asked for

	mu      sync.Mutex
	touched map[string]time.Time // by token
}

// unknownAfter is the time to lock before it has been read.
const unknownAfter = -1

// manyTouches is from how many sessions on those that have ended are looked for.
const manyTouches = 256

func newIdleWatch() *idleWatch {
	w := &idleWatch{touched: map[string]time.Time{}}
	w.after.Store(unknownAfter)
	return w
}

// listen forgets the setting when the settings change.
func (w *idleWatch) listen(events []data.Event) {
	for _, e := range events {
		for _, topic := range e.Topics {
			if topic == "settings" {
				w.after.Store(unknownAfter)
			}
		}
	}
}

// since returns how long ago a session was touched, and touches it.
func (w *idleWatch) since(token string, now time.Time, touch bool) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	last, known := w.touched[token]
	if !known {
		last = now
	}
	if touch || !known {
		w.touched[token] = now
	}
	if len(w.touched) > manyTouches {
		for t, at := range w.touched {
			if now.Sub(at) > 24*time.Hour {
				delete(w.touched, t)
			}
		}
	}
	return now.Sub(last)
}

func (w *idleWatch) forget(token string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.touched, token)
}

// lockAfter returns the minutes after which a device locks itself; 0: never.
func (s *Server) lockAfter(ctx context.Context) (int, error) {
	if minutes := s.idle.after.Load(); minutes != unknownAfter {
		return int(minutes), nil
	}
	chosen, err := s.till.Settings(ctx)
	if err != nil {
		return 0, err
	}
	s.idle.after.Store(int64(chosen.LockAfter))
	return chosen.LockAfter, nil
}

// watchIdle ends a person's session that nobody has touched for too long. Screens stay: nobody touches them.
// Refusal: session.locked.
func (s *Server) watchIdle(c *fiber.Ctx, session pos.Session) error {
	minutes, err := s.lockAfter(c.UserContext())
	if err != nil || minutes == 0 || session.Scope.IsScreen() {
		return err
	}
	idle := s.idle.since(session.Token, s.clock.Now(), isTouch(c))
	if idle <= time.Duration(minutes)*time.Minute+lockGrace {
		return nil
	}
	if err := s.till.SignOut(c.UserContext(), session.Token); err != nil {
		return err
	}
	s.idle.forget(session.Token)
	return errLocked
}

// isTouch reports whether a person is behind a request: a page was opened or something was sent. Pages read their
// parts, and the kitchen says what it shows, by themselves.
func isTouch(c *fiber.Ctx) bool {
	if c.Method() == http.MethodGet {
		return !wantsFragment(c) && !isAPI(c.Path())
	}
	return c.Path() != kitchenPath+"/ack"
}

// awake serves POST /awake: somebody touches a page that has nothing to send.
func (s *Server) awake(c *fiber.Ctx) error { return c.SendStatus(http.StatusNoContent) }

// lock serves POST /lock: it ends the person's session and asks who is next. What was on the screen is there again
// for whoever signs in.
func (s *Server) lock(c *fiber.Ctx) error {
	next := c.FormValue("next")
	if next == "" {
		next = address(c).String()
	}
	if err := s.signOut(c); err != nil {
		return err
	}
	return c.Redirect(loginAt(local(next), "locked"), http.StatusSeeOther)
}
