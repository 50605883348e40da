package simulation

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/money"
)

// small is a café that lives a year in a few seconds.
func small() Plan {
	p := Founders()
	p.Scale = 4
	return p
}

func live(t *testing.T, p Plan) Result {
	t.Helper()
	r, err := Run(t.Context(), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range r.Breaches {
		t.Errorf("%s: %s", v.Check, v.Detail)
	}
	return r
}

func languages(t *testing.T) []*locale.Language {
	t.Helper()
	catalogue, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	return catalogue.Languages()
}

func TestTheSamePlanGivesTheSameReportToTheByte(t *testing.T) {
	t.Parallel()
	l := languages(t)[0]
	p := small()
	p.SponsorMeals = 40
	a, b := live(t, p), live(t, p)
	if one, two := Report(l, a, nil)+Picture(l, a), Report(l, b, nil)+Picture(l, b); one != two {
		t.Errorf("twice the same plan:\n%s\n%s", one, two)
	}
	if a.Total.Sales < 300 || a.Total.Given() < 100 || a.Total.Served["LOYALTY"] == 0 || a.Total.Served["HOUSE"] == 0 || a.Total.Served["SPONSOR"] == 0 || a.Total.Collected == 0 || a.Total.Pledge == 0 || a.Total.Cost == 0 || a.Months[11].Dial == 0 {
		t.Errorf("not much happened: %+v", a.Total)
	}
	p.Seed = 2
	if c := live(t, p); c.Total.Turnover == a.Total.Turnover {
		t.Errorf("another seed sold the same %d", c.Total.Turnover)
	}
}

func TestTheReportHasAHundredColumnsInEveryLanguage(t *testing.T) {
	t.Parallel()
	r := made()
	for _, l := range languages(t) {
		for line := range strings.SplitSeq(Report(l, r, []Lever{{Key: "partner_meals", By: -6, Last: 1234, Outside: 48, House: 12345, Back: true}, {Key: "band", By: 100}}), "\n") {
			if n := utf8.RuneCountInString(line); n > 100 {
				t.Errorf("%s: %d columns: %s", l.Code, n, line)
			}
			if strings.Contains(line, "sim.") || strings.Contains(line, "<no value>") {
				t.Errorf("%s: %s", l.Code, line)
			}
		}
	}
}

// made is a result that nobody lived, with numbers as large as they get.
func made() Result {
	r := Result{Plan: Founders(), OpenDays: 1199, Entries: 123_456}
	r.Plan.Years = 4
	for i := range 48 {
		m := Month{Month: first().AddDate(0, i, 0).Format("2006-01"), Waiting: map[string]int{"coffee": 123, "meal": 45}, Ages: Ages{30, 123}, Advances: 12, Dial: 20 * 30}
		m.Figures = Figures{Sales: 1700, Turnover: 2_812_345, Meals: 1650, Stamps: 812, Gifts: 200, Released: 90,
			Served: map[string]int{"PAID": 200, "LOYALTY": 90, "SPONSOR": 30, "HOUSE": 300}, Cost: 112_345, Pledge: 56_789}
		r.Months = append(r.Months, m)
		r.Total.add(m.Figures)
	}
	return r
}

func TestTheGaugeAndTheBarsAreDrawnByHand(t *testing.T) {
	t.Parallel()
	p := Founders() // 24 cells for 0 to 10 %: 2 % is cell 4, 5 % is cell 11
	for dial, want := range map[int]string{
		0:    "●···├──────┤············",
		350:  "····├───●──┤············",
		600:  "····├──────┤·▲··········",
		5000: "····├──────┤···········▲",
	} {
		if got := gauge(p, money.BasisPoints(dial)); got != want {
			t.Errorf("dial at %d\n got %s\nwant %s", dial, got, want)
		}
	}
	f := Figures{Served: map[string]int{"PAID": 10, "LOYALTY": 5, "HOUSE": 15}}
	if got, want := bar(f, 60), "█████▓▓▓░░░░░░░               "; got != want { // up to 5, 7.5 and 15 cells of 30
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestALeverChangesOnePlanAndLeavesTheChanceAlone(t *testing.T) {
	t.Parallel()
	levers, plans := pulls(Founders())
	if len(levers) != 7 || Lives(Founders()) != 6 {
		t.Fatalf("%d levers, %d lives: %+v", len(levers), Lives(Founders()), levers)
	}
	for i, p := range plans {
		if p == Founders() || p.Seed != Founders().Seed {
			t.Errorf("%+v pulls nothing: %+v", levers[i], p)
		}
	}
	p := small()
	p.HouseLine, p.PartnerMeals = 0, 0 // leaves two prices and the company
	if got := Lives(p); got != 3 {
		t.Errorf("%d lives without a house line and an association, want 3", got)
	}
	day := time.Date(2027, 3, 2, 0, 0, 0, 0, time.UTC)
	q := p
	q.GiftPrice += 50
	if a, b := p.parties(p.draw(60, ofParties), day), q.parties(q.draw(60, ofParties), day); a != b {
		t.Errorf("%d parties, with another gift price %d", a, b)
	}
}

func TestAPlanHasLimits(t *testing.T) {
	t.Parallel()
	if err := Founders().Check(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Plan){
		"--years": func(p *Plan) { p.Years = 11 }, "--scale": func(p *Plan) { p.Scale = 0 }, "--guests": func(p *Plan) { p.Guests = -1 },
		"--gift-price": func(p *Plan) { p.GiftPrice = 0 }, "--house-line": func(p *Plan) { p.HouseLine = 101 }, "--cost": func(p *Plan) { p.Cost = 101 },
		"--band": func(p *Plan) { p.DialLow = 600 }, "--partner-meals": func(p *Plan) { p.PartnerMeals = 1001 }, "--sponsor-meals": func(p *Plan) { p.SponsorMeals = -1 },
		"--pledge": func(p *Plan) { p.Pledge = 1001 },
	} {
		p := Founders()
		change(&p)
		if err := p.Check(); err == nil || !strings.HasPrefix(err.Error(), name+" ") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
