package pos

import (
	"context"
	"slices"

	"comptoir/data"
	"comptoir/suspended"
)

// Radar says whether what was given goes out (solidarity.md §0 finding 5): in most cafés gifts pile up, and nobody dares
// to ask.
type Radar struct {
	Classes []RadarClass `json:"classes"`
	Partner string       `json:"partner,omitempty"` // who has not come for longest, where one is to be called; "" without partners
}

// callFirst names the active partner who has not collected for longest, one who never has before all others.
func callFirst(ctx context.Context, q data.Querier) (name string, err error) {
	partners, err := suspended.Partners(ctx, q)
	if err != nil {
		return "", err
	}
	longest := ""
	for _, p := range partners {
		if !p.Active {
			continue
		}
		day, err := suspended.LastCollected(ctx, q, p.ID)
		if err != nil {
			return "", err
		}
		if name == "" || day < longest {
			name, longest = p.Name, day
		}
	}
	return name, nil
}

// RadarClass is how one class of the shelf goes out.
type RadarClass struct {
	Class  string `json:"class"`
	Stock  int    `json:"stock"`           // waiting or promised
	Oldest string `json:"oldest"`          // business day on which the oldest was given; "" when none waits
	Age    int    `json:"age"`             // of it, in days, holidays not counted
	In     int    `json:"in"`              // put on the shelf in thirty days, less what was given back
	Out    int    `json:"out"`             // served and collected from it in thirty days
	House  int    `json:"house"`           // offered by the house meanwhile
	Days   int    `json:"days"`            // that the stock lasts at that pace, rounded up; -1 when nothing goes out
	Share  *int   `json:"share,omitempty"` // basis points of what came in that went out; absent when nothing came in
	Act    string `json:"act"`             // what to do next, one of those below
	Idle   bool   `json:"idle"`            // more than thirty days of it wait (case 72)
	Old    bool   `json:"old"`             // the oldest waits longer than the café's rule of ageing
}

// What to do next about a class.
const (
	ActNone      = ""          // it goes out
	ActGive      = "give"      // nothing waits, the house offers: ask for gifts
	ActPartner   = "partner"   // call the partner who has not come for longest
	ActThermos   = "thermos"   // take thermoses on the rounds
	ActTokens    = "tokens"    // leave tokens with the association
	ActSoliguide = "soliguide" // be listed where people look
	ActFlyer     = "flyer"     // print the flyer, and say it to everyone
)

// When the radar speaks.
const (
	idleDays  = 30 // of stock (case 72)
	slowDays  = 14
	freshDays = 7 // younger than that nothing is idle
	fairShare = 5000
)

// radar reads how each class goes out, over the dial's days.
func (b *books) radar(ageing int) Radar {
	r := Radar{Classes: []RadarClass{}}
	for _, s := range b.stock {
		flow := b.flow(s.Class, daysFrom(b.today, 1-dialDays), b.today)
		c := RadarClass{Class: s.Class, Stock: s.Waiting, Oldest: s.Oldest, In: flow.in, Out: flow.out, House: flow.house, Days: -1}
		if s.Oldest != "" {
			c.Age = b.closed.Age(s.Oldest, b.today)
		}
		c.judge(ageing)
		r.Classes = append(r.Classes, c)
	}
	return r
}

// judge works out what follows from the counts. The rule of the next act, the first that fits: old, or idle meals: the
// partner; idle coffee goes on the rounds; half of what is given does not go out: be found; slow: tokens where people are;
// the house offers while nothing waits: ask for gifts.
func (c *RadarClass) judge(ageing int) {
	if c.Out > 0 {
		c.Days = (c.Stock*dialDays + c.Out - 1) / c.Out
	}
	if c.In > 0 {
		share := int(share10k(c.Out, c.In))
		c.Share = &share
	}
	c.Old = c.Stock > 0 && c.Age > ageing
	c.Idle = c.Stock > 0 && c.Age > freshDays && (c.Out == 0 || c.Days > idleDays)
	switch {
	case c.Old || c.Idle && c.Class == classMeal:
		c.Act = ActPartner
	case c.Idle:
		c.Act = ActThermos
	case c.Stock > 0 && c.Age > freshDays && c.Share != nil && *c.Share < fairShare:
		c.Act = ActSoliguide
	case c.Stock > 0 && c.Age > freshDays && c.Days > slowDays:
		c.Act = ActTokens
	case c.Stock == 0 && c.House > c.In:
		c.Act = ActGive
	case c.Stock > 0 && c.Days > slowDays:
		c.Act = ActFlyer
	}
}

// flow is what moved of a class on some days.
type flow struct{ in, out, house int }

// flow counts the moves of a class from one day to another. What the house offers comes from no shelf.
func (b *books) flow(class, from, to string) (f flow) {
	for _, m := range b.moves {
		if m.Class != class || m.Day < from || m.Day > to {
			continue
		}
		n := 1
		if m.Was == suspended.Served {
			n = -1
		}
		switch {
		case m.Origin == suspended.House && (m.Became == suspended.Served || m.Was == suspended.Served || m.Became == suspended.Collected):
			f.house += n
		case m.Origin == suspended.House:
		case m.Was == suspended.Served || m.Became == suspended.Served || m.Became == suspended.Collected:
			f.out += n
		case m.Became == suspended.Retracted || m.Became == suspended.Converted:
			f.in--
		default:
			f.in++
		}
	}
	return f
}

// ShelfForecast is what one class is expected to do on a day to come: the medians of the last eight of its weekday.
type ShelfForecast struct {
	Day   string `json:"day"`
	Class string `json:"class"`
	In    int    `json:"in"`    // given
	Out   int    `json:"out"`   // asked for, whoever bears it
	Left  int    `json:"left"`  // on the shelf that evening
	Short int    `json:"short"` // of those asked for, what the shelf does not hold: the house's
}

// forecastDays is how far the forecast looks.
const forecastDays = 7

// forecast follows each class through the days to come.
func (b *books) forecast() []ShelfForecast {
	all := []ShelfForecast{}
	left := map[string]int{}
	for _, s := range b.stock {
		left[s.Class] = s.Waiting
	}
	for _, day := range calendar(daysFrom(b.today, 1), daysFrom(b.today, forecastDays)) {
		for _, s := range b.stock {
			f := b.expect(s.Class, day)
			f.Day, f.Class = day, s.Class
			have := left[s.Class] + f.In
			f.Short = max(f.Out-have, 0)
			f.Left = have - f.Out + f.Short
			left[s.Class] = f.Left
			all = append(all, f)
		}
	}
	return all
}

// expect is the median of what came and of what was asked for on the last eight of a weekday, the days before the café's
// first left out.
func (b *books) expect(class, day string) ShelfForecast {
	if b.isClosed(day) {
		return ShelfForecast{}
	}
	var in, out []int
	for _, past := range calendar(daysFrom(b.today, -7*weekdaysBack), daysFrom(b.today, -1)) {
		if weekday(past) == weekday(day) && b.began(past) && !b.isClosed(past) {
			f := b.flow(class, past, past)
			in, out = append(in, max(f.in, 0)), append(out, max(f.out+f.house, 0))
		}
	}
	return ShelfForecast{In: median(in), Out: median(out)}
}

// median is the middle of some counts, rounded half up between two; 0 of none.
func median(of []int) int {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	i := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[i]
	}
	return (sorted[i-1] + sorted[i] + 1) / 2
}
