package web

import (
	"context"
	"strings"
	"sync"
	"time"

	"comptoir/cmd/comptoir/internal/device"
	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// poleWriter words what a till shows on the two rows of its pole, whenever that changes, and never in anybody's way.
type poleWriter struct {
	server *Server

	mu      sync.Mutex
	due     map[string]bool // tills whose rows are to be worded
	working bool
}

func newPoleWriter(s *Server) *poleWriter { return &poleWriter{server: s, due: map[string]bool{}} }

// tellDisplays tells the screens that follow a till, and its pole.
func (s *Server) tellDisplays(topic string) {
	s.tellScreens(topic)
	if till, is := strings.CutPrefix(topic, topicDisplay+":"); is {
		s.poles.news(till)
	}
}

// news says that what a till shows has changed. It never waits.
func (w *poleWriter) news(till string) {
	if w.server.devices == nil || len(w.server.devices.Poles()) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.due[till] = true
	if !w.working {
		w.working = true
		go w.work()
	}
}

// work words what is due, till by till, until nothing is.
func (w *poleWriter) work() {
	for {
		till, more := w.next()
		if !more {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), handlerDeadline) //nolint:forbidigo // no request waits for it
		rows, left, err := w.server.poleRows(ctx, till)
		cancel()
		if err != nil {
			w.server.log.Warn("the rows of a pole", "till", till, "error", err)
			continue
		}
		w.server.devices.Show(till, rows[0], rows[1])
		if left > 0 {
			time.AfterFunc(left, func() { w.news(till) })
		}
	}
}

func (w *poleWriter) next() (till string, more bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for till = range w.due {
		delete(w.due, till)
		return till, true
	}
	w.working = false
	return "", false
}

// poleRows is what the display of a till shows, in two rows: the last line and what is due; what was paid and the change;
// the café. left is how long it stays; 0: until the till does something. Whoever was served from the shelf reads what
// anybody reads who was offered something (solidarity.md G2).
func (s *Server) poleRows(ctx context.Context, till string) (rows [2]string, left time.Duration, err error) {
	l := s.catalogue.Choose("", "") // the café's: customers have no say here
	now, left := s.displays.of(till)
	if now.ticket != "" {
		tk, err := s.till.Ticket(ctx, now.ticket)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return rows, 0, err
		}
		if err == nil && tk.State == "open" && len(tk.Lines) > 0 && (left == 0 || now.over.card == "") {
			return poleOrder(l, tk), 0, nil
		}
	}
	switch {
	case left > 0 && now.over.sale != "":
		sale, err := s.till.Sale(ctx, now.over.sale)
		return polePaid(l, sale), left, err
	case left > 0 && now.over.settled:
		return [2]string{l.T("pole.thanks"), ""}, left, nil
	}
	return [2]string{s.till.Identity().Name, l.T("pole.welcome")}, left, nil
}

func poleOrder(l *locale.Language, tk pos.Ticket) [2]string {
	line := tk.Lines[len(tk.Lines)-1]
	name, amount := line.Name, l.Money(line.Total)
	if line.Qty > 1 {
		name = l.Number(line.Qty) + " " + name
	}
	if line.Kind == pos.LineRedemption || line.Total == 0 {
		amount = ""
	}
	rows := [2]string{device.PoleRow(name, amount), ""}
	switch {
	case tk.Paid > 0:
		rows[1] = device.PoleRow(l.T("pole.rest"), l.Money(tk.Rest))
	case tk.Total > 0:
		rows[1] = device.PoleRow(l.T("pole.total"), l.Money(tk.Total))
	}
	return rows
}

// polePaid is what was owed, and what is given back; else thanks.
func polePaid(l *locale.Language, sale pos.Sale) [2]string {
	thanks, due := l.T("pole.thanks"), sale.Total+sale.Outside
	var change money.Cents
	for _, t := range sale.Tenders {
		change += t.Change
	}
	switch {
	case due == 0:
		return [2]string{thanks, ""}
	case change > 0:
		return [2]string{device.PoleRow(l.T("pole.total"), l.Money(due)), device.PoleRow(l.T("pole.change"), l.Money(change))}
	}
	return [2]string{device.PoleRow(l.T("pole.total"), l.Money(due)), thanks}
}
