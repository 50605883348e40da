package pos

import (
	"context"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/suspended"
)

// PartnerStatement is what a partner collected in a month: what its own receipt or attestation is made of (§5.4).
type PartnerStatement struct {
	Partner     Partner           `json:"partner"`
	Month       string            `json:"month"` // YYYY-MM
	Collections []Collection      `json:"collections"`
	Count       map[string]int    `json:"count"`      // items by class
	Shares      []CollectionShare `json:"shares"`     // of the whole month
	GivenCost   money.Cents       `json:"given_cost"` // standard cost of those that were never sold
	Wasted      int               `json:"wasted"`
	Lapsed      int               `json:"lapsed"` // promised, not taken
}

// StatementOf returns what a partner collected in a month ("2026-11"; "" is the current one). Refusals: partner.unknown,
// query.invalid.
func (t *Till) StatementOf(ctx context.Context, partner, month string) (s PartnerStatement, err error) {
	if month == "" {
		month = t.db.Today()[:len("2006-01")]
	}
	if _, err := time.Parse("2006-01", month); err != nil {
		return s, fault.New(fault.Invalid, "query.invalid", "A month is written YYYY-MM.").Field("month", "date")
	}
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		p, err := suspended.FindPartner(ctx, q, partner)
		if err != nil {
			return err
		}
		all, err := suspended.Collections(ctx, q, partner, month+"-01", month+"-31")
		if err != nil {
			return err
		}
		s = PartnerStatement{Partner: partnerOf(p), Month: month, Collections: []Collection{}, Count: map[string]int{}, Shares: []CollectionShare{}}
		for _, c := range all {
			s.add(collectionOf(c, p))
		}
		return nil
	})
	return s, err
}

// add sums one collection more.
func (s *PartnerStatement) add(c Collection) {
	s.Collections = append(s.Collections, c)
	s.Count[c.Class] += c.Qty
	s.GivenCost += c.GivenCost
	s.Wasted += c.Wasted
	s.Lapsed += c.Lapsed
	for _, share := range c.Shares {
		found := false
		for i := range s.Shares {
			if s.Shares[i].Origin == share.Origin {
				s.Shares[i].Count += share.Count
				s.Shares[i].Cost += share.Cost
				s.Shares[i].Sold += share.Sold
				found = true
			}
		}
		if !found {
			s.Shares = append(s.Shares, share)
		}
	}
}
