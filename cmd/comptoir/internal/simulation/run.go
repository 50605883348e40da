package simulation

import (
	"context"
	"errors"
	"fmt"

	"comptoir/data"
	"comptoir/data/money"
)

// Result is a life of the café.
type Result struct {
	Plan     Plan             `json:"plan"`
	Months   []Month          `json:"months"`
	Total    Figures          `json:"total"`
	OpenDays int              `json:"open_days"`
	Entries  int64            `json:"entries"` // of the journal
	Breaches []data.Violation `json:"breaches"`
}

// Leaves is the first month whose dial stands above the band, "" when none does.
func (r Result) Leaves() string {
	for _, m := range r.Months {
		if m.Dial > r.Plan.DialHigh {
			return m.Month
		}
	}
	return ""
}

// Outside is in how many months the dial stood above the band.
func (r Result) Outside() (n int) {
	for _, m := range r.Months {
		if m.Dial > r.Plan.DialHigh {
			n++
		}
	}
	return n
}

// Last is where the dial stands at the end, in basis points.
func (r Result) Last() money.BasisPoints { return r.Months[len(r.Months)-1].Dial }

// Highest is the highest end of a month, in basis points.
func (r Result) Highest() (highest money.BasisPoints) {
	for _, m := range r.Months {
		highest = max(highest, m.Dial)
	}
	return highest
}

// Run lets the café live. Every invariant is checked at the end; breaches are part of the result. told is called at the end
// of each month; nil: nobody is told.
func Run(ctx context.Context, p Plan, told func(month string)) (r Result, err error) {
	if err := p.Check(); err != nil {
		return r, err
	}
	c, err := found(ctx, p, fmt.Sprintf("%d-", p.Seed))
	if err != nil {
		return r, fmt.Errorf("found the café: %w", err)
	}
	defer func() { err = errors.Join(err, c.close()) }()
	r.Plan = p
	for nth := range p.days() {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		if err := c.live(ctx, nth); err != nil {
			return r, err
		}
		if !closed(first().AddDate(0, 0, nth)) {
			r.OpenDays++
		}
		if first().AddDate(0, 0, nth+1).Day() != 1 {
			continue
		}
		if err := c.endMonth(ctx); err != nil {
			return r, err
		}
		if told != nil {
			told(c.ledger.months[len(c.ledger.months)-1].Month)
		}
	}
	return c.result(ctx, r)
}

// endMonth books what stands at the end of a month.
func (c *cafe) endMonth(ctx context.Context) error {
	c.ledger.end()
	m := &c.ledger.months[len(c.ledger.months)-1]
	dial, err := c.till.Dial(ctx)
	if err != nil {
		return err
	}
	m.Dial, m.Cost = dial.Ratio, dial.Month.SoFar.Cost
	for _, class := range dial.Radar.Classes {
		m.Ages.Days, m.Ages.Oldest = max(m.Ages.Days, class.Days), max(m.Ages.Oldest, class.Age)
	}
	shelf, err := c.till.Waiting(ctx)
	if err != nil {
		return err
	}
	m.Waiting = map[string]int{}
	for _, s := range shelf.Classes {
		m.Waiting[s.Class] = s.Available
	}
	for _, code := range c.regulars {
		if code == "" {
			continue
		}
		v, err := c.till.Card(ctx, code)
		if err != nil {
			return err
		}
		m.Advances += v.Advance
	}
	return nil
}

func (c *cafe) result(ctx context.Context, r Result) (Result, error) {
	r.Months = c.ledger.months
	for _, m := range r.Months {
		r.Total.add(m.Figures)
	}
	c.nth++ // the last month is over, and what it owes is known
	if err := c.due(ctx, 9*60); err != nil {
		return r, err
	}
	funds, err := c.till.Funds(ctx)
	if err != nil {
		return r, err
	}
	for _, f := range funds.Funds {
		if f.Partner == c.partner {
			r.Total.Pledge += f.In
		}
	}
	r.Entries, _ = c.till.Journal().Head()
	found, err := c.till.DB().Check(ctx)
	r.Breaches = append([]data.Violation{}, found...)
	return r, err
}
