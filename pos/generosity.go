package pos

import (
	"context"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/suspended"
)

// Generosity is what the café chooses of its solidarity (solidarity.md §4b): how far it goes, and where it is warned. None
// of it ever refuses a guest.
type Generosity struct {
	DialLow  money.BasisPoints `json:"dial_low"`  // the band of the dial: below it the café could give more; default 200
	DialHigh money.BasisPoints `json:"dial_high"` // above it it gives more than it bears; default 500

	GiftsStamp  bool `json:"gifts_stamp"`  // a meal bought for somebody stamps the giver's card; default no
	CounterCard bool `json:"counter_card"` // paid meals that nobody claims in time stamp a card of the café; default no
	ClaimDays   int  `json:"claim_days"`   // days in which the meals of a receipt can be stamped; default 30

	AgeingDays     int `json:"ageing_days"`     // days after which an item is offered to partners first; default 60
	PacePercent    int `json:"pace_percent"`    // of the opening shelf that may go in half a day before the barista is advised; default 60
	ReserveMinutes int `json:"reserve_minutes"` // how long an item is held for an open order; default 30

	GoodwillMonthly int `json:"goodwill_monthly"` // stamps that managers may give in a month without a meal; default 10

	RoundUp  string            `json:"round_up"`  // where the change of a round-up goes: "" (none is proposed, the default), "fund", or the id of a partner
	PledgeBP money.BasisPoints `json:"pledge_bp"` // share of the net turnover of a closed month that is owed to PledgeTo; default 0
	PledgeTo string            `json:"pledge_to"` // id of a partner; "" for none
}

// Limits of Generosity.
const (
	maxDial         = 5000 // basis points
	maxClaimDays    = 90
	maxAgeingDays   = 365
	maxReserve      = 240 // minutes
	maxGoodwill     = 99
	maxPledge       = 1000 // basis points
	defaultDialLow  = 200
	defaultDialTop  = 500
	defaultClaim    = 30
	defaultAgeing   = 60
	defaultPace     = 60
	defaultReserve  = 30
	defaultGoodwill = 10
)

func defaultGenerosity() Generosity {
	return Generosity{DialLow: defaultDialLow, DialHigh: defaultDialTop, ClaimDays: defaultClaim, AgeingDays: defaultAgeing,
		PacePercent: defaultPace, ReserveMinutes: defaultReserve, GoodwillMonthly: defaultGoodwill}
}

// fields leads from the keys of the settings to where their values go.
func (g *Generosity) fields() map[string]any {
	return map[string]any{
		"dial_low": &g.DialLow, "dial_high": &g.DialHigh, "gifts_stamp": &g.GiftsStamp, "counter_card": &g.CounterCard, "claim_days": &g.ClaimDays,
		"ageing_days": &g.AgeingDays, "pace_percent": &g.PacePercent, "reserve_minutes": &g.ReserveMinutes, "goodwill_monthly": &g.GoodwillMonthly,
		"round_up": &g.RoundUp, "pledge_bp": &g.PledgeBP, "pledge_to": &g.PledgeTo,
	}
}

// values returns the choices by key, as they are journaled.
func (g Generosity) values() map[string]any {
	return map[string]any{
		"dial_low": int64(g.DialLow), "dial_high": int64(g.DialHigh), "gifts_stamp": g.GiftsStamp, "counter_card": g.CounterCard, "claim_days": g.ClaimDays,
		"ageing_days": g.AgeingDays, "pace_percent": g.PacePercent, "reserve_minutes": g.ReserveMinutes, "goodwill_monthly": g.GoodwillMonthly,
		"round_up": g.RoundUp, "pledge_bp": int64(g.PledgeBP), "pledge_to": g.PledgeTo,
	}
}

// check refuses what is out of range, every field at once. Whether a partner exists is for SaveGenerosity to know.
func (g *Generosity) check() error {
	var c checker
	c.between("dial_low", int64(g.DialLow), 0, maxDial)
	c.between("dial_high", int64(g.DialHigh), min(int64(g.DialLow)+1, maxDial), maxDial)
	c.between("claim_days", int64(g.ClaimDays), 1, maxClaimDays)
	c.between("ageing_days", int64(g.AgeingDays), 1, maxAgeingDays)
	c.between("pace_percent", int64(g.PacePercent), 1, 100)
	c.between("reserve_minutes", int64(g.ReserveMinutes), 1, maxReserve)
	c.between("goodwill_monthly", int64(g.GoodwillMonthly), 0, maxGoodwill)
	c.between("pledge_bp", int64(g.PledgeBP), 0, maxPledge)
	return c.refusal(errSettings)
}

// checkPartners refuses money for an association that there is none of, or no more. What was chosen before is not asked again.
func (g Generosity) checkPartners(ctx context.Context, q data.Querier, was Generosity) error {
	var c checker
	for _, choice := range []struct{ field, to, was string }{{"round_up", g.RoundUp, was.RoundUp}, {"pledge_to", g.PledgeTo, was.PledgeTo}} {
		if choice.to == "" || choice.to == choice.was || choice.field == "round_up" && choice.to == toFund {
			continue
		}
		switch _, err := suspended.ActivePartner(ctx, q, choice.to); fault.KindOf(err) {
		case fault.NotFound, fault.Conflict:
			c.add(choice.field, "unknown", nil)
		default:
			if err != nil {
				return err
			}
		}
	}
	if g.PledgeBP > 0 && g.PledgeTo == "" {
		c.add("pledge_to", "required", nil)
	}
	return c.refusal(errSettings)
}

// SaveGenerosity replaces these choices; one journal entry holds the old and new values of those that differ (fiscal R65).
// Refusals: right.missing, settings.invalid.
func (t *Till) SaveGenerosity(ctx context.Context, by By, g Generosity) (Generosity, error) {
	if err := by.mustManage(); err != nil {
		return Generosity{}, err
	}
	saved, _, err := do(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Generosity, error) {
		if err := g.check(); err != nil {
			return Generosity{}, err
		}
		old, err := loadSettings(ctx, tx)
		if err != nil || old.Generosity == g {
			return g, err
		}
		if err := g.checkPartners(ctx, tx, old.Generosity); err != nil {
			return Generosity{}, err
		}
		return g, t.changeSettings(ctx, tx, by, old.Generosity.values(), g.values())
	})
	return saved, err
}
