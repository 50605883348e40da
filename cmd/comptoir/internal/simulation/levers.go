package simulation

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Lever is one thing the café could have done otherwise, all else and all chance being the same.
type Lever struct {
	Key    string `json:"lever"` // of its words
	By     int    `json:"by"`    // how far it was pulled, in the unit of its words
	Result Result `json:"-"`

	Last    int64 `json:"dial"` // at the end, in basis points
	Outside int   `json:"months_above"`
	House   int   `json:"house"`       // items the house offered
	Back    bool  `json:"brings_back"` // into the band, at the end
}

// pulls are the levers of solidarity.md §4, each pulled once, as far as a café would. The band is a lever too: to decide
// that one gives more.
func pulls(p Plan) (levers []Lever, plans []Plan) {
	pull := func(key string, by int, change func(*Plan)) {
		changed := p
		change(&changed)
		if changed != p && changed.Check() == nil {
			levers, plans = append(levers, Lever{Key: key, By: by}), append(plans, changed)
		}
	}
	pull("gift_price", 50, func(p *Plan) { p.GiftPrice += 50 })
	pull("gift_price", 150, func(p *Plan) { p.GiftPrice += 150 })
	pull("house_line", -p.HouseLine/2, func(p *Plan) { p.HouseLine -= p.HouseLine / 2 })
	pull("house_line", -p.HouseLine, func(p *Plan) { p.HouseLine = 0 })
	pull("partner_meals", -p.PartnerMeals/2, func(p *Plan) {
		p.Guests -= p.PartnerMeals / 2 / 6 // those who come by themselves stay as many
		p.PartnerMeals -= p.PartnerMeals / 2
	})
	pull("sponsor_meals", 100, func(p *Plan) { p.SponsorMeals += 100 })
	pull("band", 100, func(p *Plan) { p.DialHigh += 100 })
	return levers, plans
}

// Levers lets the café of a result live again, once for each lever, with the same seed. A wider band needs no new life.
func Levers(ctx context.Context, base Result, told func(month string)) ([]Lever, error) {
	levers, plans := pulls(base.Plan)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range levers {
		if levers[i].Key == "band" {
			levers[i].Result = base
			levers[i].Result.Plan = plans[i]
			continue
		}
		g.Go(func() (err error) {
			levers[i].Result, err = Run(ctx, plans[i], told)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	for i := range levers {
		l := &levers[i]
		l.Last, l.Outside, l.House = int64(l.Result.Last()), l.Result.Outside(), l.Result.Total.Served["HOUSE"]
		l.Back = base.Last() > base.Plan.DialHigh && l.Result.Last() <= l.Result.Plan.DialHigh
	}
	return levers, nil
}

// Lives is how many lives Levers will run.
func Lives(p Plan) (n int) {
	levers, _ := pulls(p)
	for _, l := range levers {
		if l.Key != "band" {
			n++
		}
	}
	return n
}
