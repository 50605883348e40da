package web

import (
	"bufio"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
)

// How a stream is kept alive (till-pages.md §1.5).
const (
	heartbeatInterval = 10 * time.Second // a client that has left is noticed only by writing to it
	retryInterval     = 2 * time.Second  // after which a browser connects again
	maxTopics         = 32               // that one stream may name
)

// events serves GET /api/v1/events?topic=a&topic=b: hints on the topics named, or on all that the role may follow.
func (s *Server) events(c *fiber.Ctx) error {
	may := mayHear(c, s.operator(c).Role)
	topics := queryAll(c, "topic")
	if len(topics) > maxTopics {
		return errParam.Field("topic", "many")
	}
	for _, t := range topics {
		if !may(t) {
			return errTopic.With("topic", t)
		}
	}
	sub, err := s.hub.subscribe(s.listener(c), func(topic string) bool {
		return may(topic) && (len(topics) == 0 || slices.Contains(topics, topic))
	})
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/event-stream")
	c.Set("X-Accel-Buffering", "no")
	turned := s.dayTurned(sub.wants(topicMenu))
	// The writer runs after this handler has returned: it may not touch c.
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		defer s.hub.unsubscribe(sub)
		_ = follow(w, sub.hints, turned) // the client has left, which is how every stream ends
	})
	return nil
}

// listener is whose streams are counted together: those of a session, or of a token.
func (s *Server) listener(c *fiber.Ctx) string {
	if bearer, _ := c.Locals(localBearer).(bool); !bearer {
		if token := c.Cookies(sessionName(c)); token != "" {
			return token
		}
	}
	return s.operator(c).ID
}

// dayTurned tells, once, that a new business day has begun since this screen asked: what was sold out until then is
// back on the menu, and nothing is written for that.
func (s *Server) dayTurned(wanted bool) func() (hint, bool) {
	day := s.till.DB().Today()
	return func() (hint, bool) {
		today := s.till.DB().Today()
		if !wanted || today == day {
			return hint{}, false
		}
		day = today
		seq, _ := s.till.DB().EventHead()
		return hint{topicMenu, seq}, true
	}
}

// follow writes hints until the channel is closed or the client has left. turned is asked with each beat.
func follow(w *bufio.Writer, hints <-chan hint, turned func() (hint, bool)) error {
	heartbeat := time.NewTicker(heartbeatInterval)
	defer heartbeat.Stop()
	if _, err := fmt.Fprintf(w, "retry: %d\n\n", retryInterval.Milliseconds()); err != nil {
		return err
	}
	for {
		if err := w.Flush(); err != nil {
			return err
		}
		select {
		case n, open := <-hints:
			if !open {
				return nil
			}
			if err := writeHint(w, n); err != nil {
				return err
			}
		case <-heartbeat.C:
			if n, is := turned(); is {
				if err := writeHint(w, n); err != nil {
					return err
				}
			}
			if _, err := w.WriteString(": alive\n\n"); err != nil {
				return err
			}
		}
	}
}

func writeHint(w *bufio.Writer, n hint) error {
	line, err := json.Marshal(n)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "data: %s\n\n", line)
	return err
}

// queryAll returns every value of a parameter, which may be repeated or separated by commas.
func queryAll(c *fiber.Ctx, name string) []string {
	var all []string
	for _, v := range c.Context().QueryArgs().PeekMulti(name) {
		for part := range strings.SplitSeq(string(v), ",") {
			if part != "" {
				all = append(all, part)
			}
		}
	}
	return all
}
