package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/money"
	"comptoir/pos"
)

const (
	solidarityPath = "/manage/solidarity"
	optionsPath    = solidarityPath + "/options"
)

// solidarityView is whether the café can afford what it gives.
type solidarityView struct {
	base
	Dial     pos.Dial
	Gauge    dialBlock
	Line     chartPair
	Rows     []dialRow // the line of thirty days, in a table
	Parts    []figureView
	First    string // the lever that alone brings the dial back; "" when it lies in the band
	Levers   []leverView
	Promised []figureView
	Assumed  string // how the stamps in progress were weighed
	Classes  []radarView
	Names    []string // of the classes, over the columns of the forecast
	Days     []forecastRow
}

// dialBlock is the gauge with its words; the manager's first page has it too.
type dialBlock struct {
	Value string // the ratio; "" while it is unknown
	Says  string // where it lies
	Means string // what the number means, in one sentence
	Month string // where the month is going
	Rail  chartPair
}

// chartPair is a drawing for a wide screen and one for a phone.
type chartPair struct{ Wide, Small picture }

type dialRow struct{ Day, Ratio string }

// leverView is one lever in words.
type leverView struct{ Name, Then, Enough string }

// radarView is how one class goes out.
type radarView struct {
	Class, Icon, Act string
	Facts            []figureView
	Warn             bool
}

type forecastRow struct {
	Day   string
	Cells []string
}

// solidarityPage serves GET /manage/solidarity.
func (s *Server) solidarityPage(c *fiber.Ctx) error {
	d, err := s.till.Dial(c.UserContext())
	if err != nil {
		return err
	}
	v := solidarityView{base: s.newBase(c, "solidarity.title", "manage"), Dial: d}
	v.Section, v.Part = "solidarity", "dial"
	v.Gauge = v.dialBlock(d)
	v.line()
	v.levers()
	v.promised()
	v.radar()
	v.forecast()
	return s.page(c, http.StatusOK, "manage_solidarity", v)
}

// tenths rounds basis points half up to tenths of a per cent: finer would seem to know more than it does.
func tenths(bp money.BasisPoints) money.BasisPoints {
	const tenth = 10
	return (bp + tenth/2) / tenth * tenth
}

// Share writes a ratio.
func (b base) Share(bp money.BasisPoints) string { return b.Rate(tenths(bp)) }

// dialBlock words the dial.
func (b base) dialBlock(d pos.Dial) dialBlock {
	low, high := b.Rate(d.Band.Low), b.Rate(d.Band.High)
	k := dialBlock{Says: b.T("dial.is_"+string(d.Position), "low", low, "high", high)}
	if d.Position == pos.DialUnknown {
		return k
	}
	k.Value = b.Share(d.Ratio)
	k.Means = b.T("dial.means", "cost", b.Money(d.Cost), "turnover", b.Money(d.Turnover))
	k.Month = b.T("dial.month_soon")
	if d.Month.Known {
		k.Month = b.T("dial.month", "month", b.Month(d.Month.Month+"-01"), "ratio", b.Share(d.Month.Ratio), "cost", b.Money(d.Month.Projected.Cost), "turnover", b.Money(d.Month.Projected.Turnover))
	}
	k.Rail.Wide, k.Rail.Small = b.drawing(d, k.Value+". "+k.Says).Rail(wideChart), b.drawing(d, k.Value+". "+k.Says).Rail(smallChart)
	return k
}

func (b base) drawing(d pos.Dial, says string) dialDrawing {
	return dialDrawing{Says: says, Band: d.Band, Now: d.Ratio, Line: d.Line, Rate: b.Share, Day: b.DayMonth}
}

// line draws the thirty days, and lists them.
func (v *solidarityView) line() {
	d := v.Dial
	v.Parts = []figureView{
		{"utensils", v.T("origin.LOYALTY"), v.Money(d.Loyalty), ""}, {"hand-heart", v.T("origin.HOUSE"), v.Money(d.House), ""},
		{"heart", v.T("dial.topups"), v.Money(d.TopUps), ""}, {"banknote", v.T("dial.turnover"), v.Money(d.Turnover), ""},
	}
	if d.Position == pos.DialUnknown {
		return
	}
	drawing := v.drawing(d, v.T("dial.line"))
	v.Line.Wide, v.Line.Small = drawing.Thirty(wideChart), drawing.Thirty(smallChart)
	for _, p := range d.Line {
		if p.Position != pos.DialUnknown {
			v.Rows = append(v.Rows, dialRow{v.DayMonth(p.Day), v.Share(p.Ratio)})
		}
	}
}

// levers words each lever, and first the one that alone is enough.
func (v *solidarityView) levers() {
	d := v.Dial
	for i, l := range d.Levers {
		w := leverView{Name: v.leverName(l, l.Step), Then: v.T("dial.then", "ratio", v.Share(l.Ratio), "now", v.Share(d.Ratio))}
		if l.Enough != 0 {
			w.Enough = v.T("dial.enough", "lever", v.leverName(l, l.Enough), "ratio", v.Share(l.EnoughRatio))
		}
		if i == 0 && l.Enough != 0 {
			v.First = w.Enough
		}
		v.Levers = append(v.Levers, w)
	}
	if v.First == "" && len(v.Levers) > 0 && (d.Position == pos.DialAbove || d.Position == pos.DialBelow) {
		v.First = v.T("dial.none_enough")
	}
}

// leverName words so much of a lever: "Prix du repas suspendu : +0,50 €".
func (v *solidarityView) leverName(l pos.Lever, step int64) string {
	sign := "+"
	if step < 0 {
		sign, step = "−", -step
	}
	amount := sign + v.Number(int(step))
	if l.Code == pos.LeverGiftPrice || l.Code == pos.LeverProductCost {
		amount = sign + v.Money(money.Cents(step))
	}
	if l.Code == pos.LeverSponsor {
		return v.T("lever.sponsor", "what", v.N("class.count."+l.Class, int(step)))
	}
	if l.Class == "" {
		return v.T("lever."+l.Code, "step", amount)
	}
	return v.T("lever."+l.Code, "step", amount, "class", v.T("class."+l.Class))
}

// promised tells what is promised and not spent.
func (v *solidarityView) promised() {
	x := v.Dial.Exposure
	v.Promised = []figureView{
		{"utensils", v.T("exposure.shelf"), v.Money(x.Shelf), v.N("class.count.meal", x.Meals)},
		{"id-card", v.T("exposure.cards"), v.Money(x.Cards), v.N("exposure.stamps", x.Stamps)},
		{"banknote", v.T("exposure.total"), v.Money(x.Total), ""},
		{"landmark", v.T("exposure.provision"), v.Money(x.Provision), v.T("exposure.served", "rate", v.Share(x.Redemption))},
	}
	v.Assumed = v.T("exposure.measured", "rate", v.Share(x.Completion), "cost", v.Money(x.MealCost))
	if x.Assumed {
		v.Assumed = v.T("exposure.assumed", "rate", v.Share(x.Completion), "cost", v.Money(x.MealCost))
	}
}

// radar words how each class goes out, and what to do next.
func (v *solidarityView) radar() {
	for _, c := range v.Dial.Radar.Classes {
		w := radarView{Class: v.T("class.many." + c.Class), Icon: map[bool]string{true: "utensils", false: "coffee"}[c.Class == "meal"], Warn: c.Old || c.Idle}
		act := c.Act
		if act == pos.ActNone {
			act = "none"
		}
		w.Act = v.T("act." + act)
		if name := v.Dial.Radar.Partner; name != "" && act == pos.ActPartner {
			w.Act = v.T("act.call", "name", name)
		}
		w.Facts = append(w.Facts, figureView{Name: v.T("radar.stock"), Value: v.Number(c.Stock)})
		if c.Oldest != "" {
			w.Facts = append(w.Facts, figureView{Name: v.T("radar.oldest"), Value: v.N("radar.days", c.Age), Note: v.DayMonth(c.Oldest)})
		}
		lasts := v.T("radar.no_outflow")
		if c.Days >= 0 {
			lasts = v.N("radar.days", c.Days)
		}
		w.Facts = append(w.Facts, figureView{Name: v.T("radar.lasts"), Value: lasts})
		share := v.T("radar.no_inflow")
		if c.Share != nil {
			share = v.inPercent(*c.Share)
		}
		w.Facts = append(w.Facts, figureView{Name: v.T("radar.share"), Value: share, Note: v.T("radar.counts", "out", v.Number(c.Out), "in", v.Number(c.In))})
		v.Classes = append(v.Classes, w)
	}
}

// inPercent writes basis points as a whole per cent.
func (b base) inPercent(bp int) string {
	const percent = 100
	return b.Rate(money.BasisPoints((bp + percent/2) / percent * percent))
}

// forecast sets the days to come out in a table, a column a class.
func (v *solidarityView) forecast() {
	for _, c := range v.Dial.Radar.Classes {
		v.Names = append(v.Names, v.T("class.many."+c.Class))
	}
	for _, f := range v.Dial.Forecast {
		name := v.Weekday(f.Day, false) + " " + v.DayMonth(f.Day)
		if n := len(v.Days); n == 0 || v.Days[n-1].Day != name {
			v.Days = append(v.Days, forecastRow{Day: name})
		}
		cell := v.T("forecast.cell", "out", v.Number(f.Out), "left", v.Number(f.Left))
		if f.Short > 0 {
			cell = v.T("forecast.short", "out", v.Number(f.Out), "short", v.Number(f.Short))
		}
		last := &v.Days[len(v.Days)-1]
		last.Cells = append(last.Cells, cell)
	}
}
