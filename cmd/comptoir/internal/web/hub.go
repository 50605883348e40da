package web

import (
	"strings"
	"sync"

	"comptoir/data"
	"comptoir/pos"
	"comptoir/receipts/spool"
)

// Limits of live screens (architecture.md §6).
const (
	maxStreams   = 64 // screens that listen at once
	maxOfOne     = 8  // of them of one session, or one token: a browser opens six, and one when it shares it
	streamBuffer = 16 // hints that wait for one screen; one more closes it, and it comes back and reads again
)

// Topics that have no key.
const (
	topicMenu    = "menu"
	topicTickets = "tickets"
	topicShelf   = "shelf"
	topicSales   = "sales"
	topicShift   = "shift"
	topicTrain   = "training"
	topicKitchen = "kitchen"
	topicCharges = "charges"
)

// hint says that a topic has a new version, and nothing more.
type hint struct {
	Topic   string `json:"topic"`
	Version int64  `json:"version"` // seq of the event that changed it; it only grows
}

// hub hands hints to live screens. Contract: hints come after the commit, in commit order; they may be lost;
// whoever connects reads everything again first. So there is no log to replay.
type hub struct {
	mu          sync.Mutex
	closed      bool
	came        int64 // screens so far
	subscribers map[*subscriber]struct{}
}

// subscriber is one live screen. Its channel is closed by the hub when it is too slow, when its session opens too many
// more, or the till stops.
type subscriber struct {
	who   string // session or token; empty: not counted
	since int64  // order of coming
	wants func(topic string) bool
	hints chan hint
}

func newHub() *hub { return &hub{subscribers: map[*subscriber]struct{}{}} }

// open counts the screens that are live.
func (h *hub) open() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.subscribers)
}

// publish is called by the writer after each commit: it never waits. A screen whose buffer is full is closed.
func (h *hub) publish(events []data.Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range events {
		for _, topic := range e.Topics {
			h.send(hint{topic, e.Seq})
		}
	}
}

// tell publishes a hint on what is in no database: what a till shows its customer.
func (h *hub) tell(n hint) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.send(n)
}

func (h *hub) send(n hint) {
	for s := range h.subscribers {
		if !s.wants(n.Topic) {
			continue
		}
		select {
		case s.hints <- n:
		default:
			h.drop(s)
		}
	}
}

// subscribe adds a screen. A session that has too many loses its oldest: that of a page that has gone is noticed by the
// next heartbeat only, and nobody takes the places of the others. Error: streams.full, also when the till is stopping.
func (h *hub) subscribe(who string, wants func(topic string) bool) (*subscriber, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return nil, errStreams
	}
	h.oneLess(who)
	if len(h.subscribers) >= maxStreams {
		return nil, errStreams
	}
	h.came++
	s := &subscriber{who: who, since: h.came, wants: wants, hints: make(chan hint, streamBuffer)}
	h.subscribers[s] = struct{}{}
	return s, nil
}

// oneLess drops the oldest screen of somebody who has as many as one may.
func (h *hub) oneLess(who string) {
	var oldest *subscriber
	of := 0
	for s := range h.subscribers {
		if who == "" || s.who != who {
			continue
		}
		of++
		if oldest == nil || s.since < oldest.since {
			oldest = s
		}
	}
	if of >= maxOfOne {
		h.drop(oldest)
	}
}

// unsubscribe removes a screen; twice is allowed.
func (h *hub) unsubscribe(s *subscriber) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(s)
}

func (h *hub) drop(s *subscriber) {
	if _, ok := h.subscribers[s]; ok {
		delete(h.subscribers, s)
		close(s.hints)
	}
}

// close ends every stream and takes no new one: an open stream would hold up the shutdown.
func (h *hub) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for s := range h.subscribers {
		h.drop(s)
	}
}

// mayListen says which topics a role may follow. Unknown topics are nobody's.
func mayListen(role pos.Role, topic string) bool {
	name, key, keyed := strings.Cut(topic, ":")
	if keyed && key == "" {
		return false
	}
	switch {
	case topic == topicMenu, topic == topicShelf, topic == topicSales, topic == topicShift, topic == topicTrain:
		return role != ""
	case topic == topicTickets, topic == topicKitchen, topic == topicCharges, topic == spool.Topic, keyed && (name == "ticket" || name == "card" || name == topicDisplay):
		return role == pos.RoleBarista || role == pos.RoleManager
	}
	return false
}
