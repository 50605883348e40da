package web

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// recovered is what the service knows of its own start: sales from before it are told once, until somebody has seen them.
type recovered struct {
	started time.Time
	seen    atomic.Bool
}

// recoveryView is the card that a till shows after a restart, or for the order it had open that was paid meanwhile: what
// was sold last, so that nobody has to guess whether it was.
type recoveryView struct {
	*locale.Language
	Paid   bool   // the order the page was on; else the last sale before the restart
	Lost   string // the data were put back from a copy: what may be missing, in a sentence
	Sale   pos.LastSale
	Clock  string
	Who    string
	Means  []string
	Change money.Cents
	Parts  []partPaidView // open orders of which a part is paid
	Next   string         // ticket that stays on the till
}

// partPaidView is an open order of which a part is paid.
type partPaidView struct{ ID, Name, Rest string }

// Command is a fresh command id for the forms of the card.
func (recoveryView) Command() string { return newCommandID() }

// recovery is the card for a till page that was asked for with a ticket; nil when there is nothing to tell.
func (s *Server) recovery(c *fiber.Ctx, ticket string) (*recoveryView, error) {
	ctx := c.UserContext()
	v := &recoveryView{Language: s.language(c), Next: ticket}
	sale, paid, err := s.paidMeanwhile(ctx, ticket)
	if err != nil {
		return nil, err
	}
	if v.Sale.Sale, v.Paid = sale, paid; !paid {
		if s.recovered.seen.Load() {
			return nil, nil //nolint:nilnil // nothing to tell is no error
		}
		told, err := s.lastBeforeStart(ctx, v)
		if err == nil {
			v.Lost, err = s.lostWords(ctx, v.Language)
		}
		if err != nil || !told && v.Lost == "" {
			return nil, err
		}
	}
	names, err := s.till.Names(ctx)
	if err != nil {
		return nil, err
	}
	v.Clock, v.Who = v.Time(v.Sale.At.In(s.till.DB().Zone())), names.Of(v.Sale.Operator)
	for _, t := range v.Sale.Tenders {
		v.Means, v.Change = append(v.Means, v.T("means."+string(t.Means))), t.Change
	}
	return v, nil
}

// paidMeanwhile is the sale of a ticket that the page still has in its address: it was reloaded in the middle of the
// payment, and the payment went through.
func (s *Server) paidMeanwhile(ctx context.Context, ticket string) (sale pos.Sale, paid bool, err error) {
	if ticket == "" {
		return sale, false, nil
	}
	tk, err := s.till.Ticket(ctx, ticket)
	if fault.KindOf(err) == fault.NotFound || err == nil && tk.Sale == "" {
		return sale, false, nil
	}
	if err != nil {
		return sale, false, err
	}
	sale, err = s.till.Sale(ctx, tk.Sale)
	return sale, err == nil, err
}

// lastBeforeStart fills in the last sale when it was made before this start, in the shift that is still open, and the
// orders of which a part was paid before it. It reports whether there is anything to tell.
func (s *Server) lastBeforeStart(ctx context.Context, v *recoveryView) (bool, error) {
	open, err := s.till.Tickets(ctx)
	if err != nil {
		return false, err
	}
	for _, tk := range open {
		if tk.Paid > 0 && tk.Payments[len(tk.Payments)-1].At.Before(s.recovered.started) {
			v.Parts = append(v.Parts, partPaidView{tk.ID, ticketName(v.Language, tk), v.Money(tk.Rest)})
		}
	}
	v.Sale, err = s.till.LastSale(ctx)
	if fault.KindOf(err) == fault.NotFound {
		return len(v.Parts) > 0, nil
	}
	if err != nil {
		return false, err
	}
	if before := v.Sale.ThisShift && v.Sale.At.Before(s.recovered.started); !before {
		v.Sale = pos.LastSale{}
		return len(v.Parts) > 0, nil
	}
	return true, nil
}

// lostWords says what the last restoration has lost, until a manager has taken note of it; "" when there is nothing to say.
func (s *Server) lostWords(ctx context.Context, l *locale.Language) (string, error) {
	r, found, err := s.till.LastRestore(ctx)
	if err != nil || !found || r.Seen {
		return "", err
	}
	if r.Known && r.Lost == 0 {
		return l.T("recovery.lost_nothing"), nil
	}
	at := r.Copied.In(s.till.DB().Zone())
	return l.T("recovery.lost", "copied", l.Date(at)+" "+l.Time(at)), nil
}

// dismissRecovery serves POST /till/recovered: somebody has seen it. It comes back at the next start, not before.
func (s *Server) dismissRecovery(c *fiber.Ctx) error {
	s.recovered.seen.Store(true)
	to := "/"
	if ticket := c.FormValue("ticket"); ticket != "" {
		to += "?ticket=" + url.QueryEscape(ticket)
	}
	return c.Redirect(to, http.StatusSeeOther)
}
