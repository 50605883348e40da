package pos_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// sunday is the first evening of a service on Sundays: the clock of tests stands on a Saturday.
const sunday = "2026-11-22"

// tablee plans a service on Sundays with so many places for volunteers.
func (c *cafe) tablee(places int, weekdays ...int) pos.Service {
	c.tb.Helper()
	if len(weekdays) == 0 {
		weekdays = []int{7}
	}
	s, err := c.AddService(ctx(), c.byManager(), pos.ServicePlan{Name: "Tablée dimanche", Dishes: 50, Weekdays: weekdays, Starts: "19:00", Meets: "16:30", Places: &places})
	if err != nil {
		c.tb.Fatalf("add service: %v", err)
	}
	return s
}

// rota returns the code of a service's link.
func (c *cafe) rota(id string) string {
	c.tb.Helper()
	url, err := c.RotaURL(ctx(), id)
	if err != nil || url == "" {
		c.tb.Fatalf("link of the rota: %q %v", url, err)
	}
	return url[strings.LastIndex(url, "/")+1:]
}

func (c *cafe) signUp(code, day, name string) pos.Place {
	c.tb.Helper()
	p, err := c.SignUp(ctx(), public(c), code, day, name)
	if err != nil {
		c.tb.Fatalf("sign up %s: %v", name, err)
	}
	return p
}

// public is a phone with a command id of its own.
func public(c *cafe) pos.By {
	by := pos.System("public")
	by.Command = c.cmd()
	return by
}

func (c *cafe) eveningOf(service, day string) pos.Evening {
	c.tb.Helper()
	e, err := c.Evening(ctx(), service, day)
	if err != nil {
		c.tb.Fatalf("evening: %v", err)
	}
	return e
}

func TestG11APlannedServiceComesAgainAndWhoWalksInIsServedAllTheSame(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.tablee(5, 1, 2, 4, 5, 7)
	all, err := c.Evenings(ctx(), s.ID, "", "")
	if err != nil || len(all) != 20 { // fifty dishes five times a week, a thousand a month
		t.Fatalf("evenings of four weeks: %d, %v; want 20", len(all), err)
	}
	dishes := 0
	for _, e := range all {
		dishes += e.Dishes
	}
	if dishes != 1000 || all[0].Day != sunday || all[0].Meets != "16:30" {
		t.Errorf("%d dishes from %s at %s, want 1000 from %s at 16:30", dishes, all[0].Day, all[0].Meets, sunday)
	}
	if r := c.serve("plat"); r.Origin != "HOUSE" {
		t.Errorf("a guest who walks in is served by %s, want the house", r.Origin)
	}
}

func TestEveningsAreMadeAheadOnce(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.tablee(5)
	for _, want := range []int{0, 0} { // the service itself has made them
		if n, err := c.PlanEvenings(ctx()); err != nil || n != want {
			t.Fatalf("made for %d services, %v; want %d", n, err, want)
		}
	}
	before, _ := c.DB().EventHead()
	c.clock.Advance(7 * day)
	if n, err := c.DoDue(ctx()); err != nil || n != 1 {
		t.Fatalf("a week later %d things were due, %v; want 1", n, err)
	}
	if n, err := c.DoDue(ctx()); err != nil || n != 0 {
		t.Errorf("done twice: %d, %v", n, err)
	}
	if after, _ := c.DB().EventHead(); after != before+1 {
		t.Errorf("%d events, want 1", after-before)
	}
	all, err := c.Evenings(ctx(), s.ID, "", "")
	if err != nil || len(all) != 4 || all[0].Day != "2026-11-29" {
		t.Errorf("evenings a week later: %v, %v", all, err)
	}
}

func TestOneEveningIsChangedOrSkippedByItself(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.tablee(5)
	yes, no, eighty := true, false, 80
	e, err := c.ChangeEvening(ctx(), c.byManager(), s.ID, sunday, pos.EveningChange{Dishes: &eighty})
	if err != nil || e.Dishes != 80 || !e.Own {
		t.Fatalf("changed: %+v, %v", e, err)
	}
	_, err = c.ChangeEvening(ctx(), c.byManager(), s.ID, "2026-11-29", pos.EveningChange{Cancelled: &yes})
	refused(t, err, "reason.missing")
	if _, err = c.ChangeEvening(ctx(), c.byManager(), s.ID, "2026-11-29", pos.EveningChange{Cancelled: &yes, Reason: "travaux"}); err != nil {
		t.Fatal(err)
	}
	_, err = c.SignUp(ctx(), public(c), c.rota(s.ID), "2026-11-29", "Awa")
	refused(t, err, "evening.cancelled")

	sixty := s.ServicePlan
	sixty.Dishes = 60
	if _, err := c.ChangeService(ctx(), c.byManager(), s.ID, sixty); err != nil {
		t.Fatal(err)
	}
	for d, want := range map[string]int{sunday: 80, "2026-11-29": 60, "2026-12-06": 60} {
		if got := c.eveningOf(s.ID, d).Dishes; got != want {
			t.Errorf("dishes on %s: %d, want %d", d, got, want)
		}
	}
	if !c.eveningOf(s.ID, "2026-11-29").Cancelled {
		t.Error("an evening that is cancelled came back with the service")
	}
	if e, err = c.ChangeEvening(ctx(), c.byManager(), s.ID, "2026-11-29", pos.EveningChange{Cancelled: &no}); err != nil || e.Cancelled {
		t.Errorf("held after all: %+v, %v", e, err)
	}
}

func TestAnEveningThatTheServiceSkipsIsCancelledForWhoHasSignedUp(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.tablee(5)
	p := c.signUp(c.rota(s.ID), sunday, "Awa")
	plan := s.ServicePlan
	plan.Weekdays = []int{3}
	if _, err := c.ChangeService(ctx(), c.byManager(), s.ID, plan); err != nil {
		t.Fatal(err)
	}
	if h, err := c.PlaceOf(ctx(), p.Code); err != nil || !h.Evening.Cancelled {
		t.Errorf("who has signed up reads %+v, %v", h, err)
	}
	all, err := c.Evenings(ctx(), s.ID, "", "")
	if err != nil || len(all) != 5 || all[1].Day != "2026-11-25" { // the Sunday with its volunteer, and four Wednesdays
		t.Errorf("evenings: %+v, %v", all, err)
	}
}

func TestAPlaceIsTakenByFirstNameAndGivenBackByItsOwnLink(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.tablee(2)
	code := c.rota(s.ID)
	awa, ines, luc, zoe := c.signUp(code, sunday, "Awa"), c.signUp(strings.ToLower(code), sunday, " Inès "), c.signUp(code, sunday, "Luc"), c.signUp(code, sunday, "Zoé")
	if awa.State != pos.PlaceIn || ines.State != pos.PlaceIn || luc.State != pos.PlaceWaiting || luc.Waiting != 1 || zoe.Waiting != 2 {
		t.Fatalf("places: %+v %+v %+v %+v", awa, ines, luc, zoe)
	}
	if err := c.LeavePlace(ctx(), public(c), awa.Code); err != nil {
		t.Fatal(err)
	}
	if err := c.LeavePlace(ctx(), public(c), awa.Code); err != nil {
		t.Errorf("given back twice: %v", err)
	}
	for code, want := range map[string]pos.PlaceState{awa.Code: pos.PlaceGone, luc.Code: pos.PlaceIn, zoe.Code: pos.PlaceWaiting} {
		if h, err := c.PlaceOf(ctx(), code); err != nil || h.State != want {
			t.Errorf("place: %+v, %v; want %s", h, err, want)
		}
	}
	if h, _ := c.PlaceOf(ctx(), zoe.Code); h.Waiting != 1 {
		t.Errorf("rank on the waiting list: %d, want 1", h.Waiting)
	}
	names, err := c.Volunteers(ctx(), s.ID, sunday)
	if err != nil || len(names) != 3 || names[0].Name != "Inès" || names[1].Name != "Luc" || names[2].Waiting != 1 {
		t.Errorf("the café reads %+v, %v", names, err)
	}
	more := 3
	if _, err := c.ChangeEvening(ctx(), c.byManager(), s.ID, sunday, pos.EveningChange{Places: &more}); err != nil {
		t.Fatal(err)
	}
	if h, _ := c.PlaceOf(ctx(), zoe.Code); h.State != pos.PlaceIn {
		t.Errorf("with one place more the first who waits has it: %+v", h)
	}
	fewer := 1
	e, err := c.ChangeEvening(ctx(), c.byManager(), s.ID, sunday, pos.EveningChange{Places: &fewer})
	if err != nil || e.Volunteers != 3 || e.Free() != 0 {
		t.Errorf("nobody is sent home for fewer places: %+v, %v", e, err)
	}
}

func TestTheSameSignUpSentTwiceIsOnePlace(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.tablee(5)
	by := public(c)
	first, err := c.SignUp(ctx(), by, c.rota(s.ID), sunday, "Awa")
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.SignUp(ctx(), by, c.rota(s.ID), sunday, "Awa")
	if err != nil || again != first {
		t.Errorf("got %+v, %v, want %+v", again, err, first)
	}
	_, err = c.SignUp(ctx(), public(c), c.rota(s.ID), sunday, "awa") // it may be somebody else: they are asked
	refused(t, err, "volunteer.twice")
	if _, err := c.PlaceOf(ctx(), first.Code); err != nil {
		t.Errorf("the link of the place: %v", err)
	}
}

func TestT10TwoPhonesForTheLastPlaceOneGetsItOneWaits(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.tablee(1)
	code := c.rota(s.ID)
	var wg sync.WaitGroup
	places := make([]pos.Place, 8)
	for i := range places {
		by := public(c)
		wg.Go(func() {
			p, err := c.SignUp(ctx(), by, code, sunday, fmt.Sprintf("Nom %d", i))
			if err != nil {
				t.Errorf("sign up: %v", err)
			}
			places[i] = p
		})
	}
	wg.Wait()
	ranks := map[int]int{}
	for _, p := range places {
		ranks[p.Waiting]++
	}
	for rank := range len(places) {
		if ranks[rank] != 1 {
			t.Errorf("%d phones have rank %d, want one each: %v", ranks[rank], rank, ranks)
		}
	}
}

func TestTheWaitingListEnds(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.tablee(0)
	for i := range 20 {
		c.signUp(c.rota(s.ID), sunday, fmt.Sprintf("Nom %d", i))
	}
	_, err := c.SignUp(ctx(), public(c), c.rota(s.ID), sunday, "Une de trop")
	refused(t, err, "evening.full")
}

func TestT9WrongCodesOfARotaAreAllTheSame(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.tablee(5)
	good := c.rota(s.ID)
	p := c.signUp(good, sunday, "Awa")
	wrong := []string{"", "x", strings.Repeat("C", 17), good[:16] + "C", good + "C", p.Code, strings.Repeat("é", 17), "FID" + good}
	for _, code := range wrong {
		if code == good {
			continue
		}
		_, err := c.Rota(ctx(), code)
		refused(t, err, "rota.unknown")
		_, err = c.SignUp(ctx(), public(c), code, sunday, "Luc")
		refused(t, err, "rota.unknown")
	}
	for _, code := range append(wrong[:5:5], good) {
		_, err := c.PlaceOf(ctx(), code)
		refused(t, err, "rota.unknown")
		refused(t, c.LeavePlace(ctx(), public(c), code), "rota.unknown")
	}
	if err := c.RenewLink(ctx(), c.byManager(), s.ID); err != nil {
		t.Fatal(err)
	}
	_, err := c.Rota(ctx(), good)
	refused(t, err, "rota.unknown")
	if r, err := c.Rota(ctx(), c.rota(s.ID)); err != nil || r.Evenings[0].Volunteers != 1 {
		t.Errorf("the new link: %+v, %v", r, err)
	}
	if _, err := c.PlaceOf(ctx(), p.Code); err != nil {
		t.Errorf("a place outlives the link it was taken by: %v", err)
	}
}

func TestNamesOfVolunteersAreErasedThirtyDaysAfter(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.tablee(2)
	p := c.signUp(c.rota(s.ID), sunday, "Philomène")
	c.signUp(c.rota(s.ID), sunday, "Ignacia")
	if _, err := c.AddVolunteer(ctx(), c.byManager(), s.ID, sunday, "Theodrade"); err != nil {
		t.Fatal(err)
	}
	told := func(name string) (n int) {
		for _, table := range []string{"volunteers WHERE name", "events WHERE body", "commands WHERE answer"} {
			var k int
			if err := c.DB().Reader().QueryRow(ctx(), `SELECT count(*) FROM `+table+` LIKE '%'||?||'%'`, name).Scan(&k); err != nil {
				t.Fatal(err)
			}
			n += k
		}
		return n
	}
	for _, name := range []string{"Philomène", "Ignacia", "Theodrade"} {
		if told(name) != 1 {
			t.Errorf("%s stands in %d places, want the rota alone", name, told(name))
		}
	}
	c.clock.Advance(31 * day) // the thirtieth day after the evening
	if n, err := c.EraseVolunteers(ctx()); err != nil || n != 0 {
		t.Fatalf("erased too soon: %d, %v", n, err)
	}
	c.clock.Advance(day)
	if n, err := c.EraseVolunteers(ctx()); err != nil || n != 3 {
		t.Fatalf("erased %d, %v; want 3", n, err)
	}
	for _, name := range []string{"Philomène", "Ignacia", "Theodrade"} {
		if told(name) != 0 {
			t.Errorf("%s is still known", name)
		}
	}
	if e := c.eveningOf(s.ID, sunday); e.Volunteers != 2 || e.Waiting != 1 {
		t.Errorf("how many came stays: %+v", e)
	}
	_, err := c.PlaceOf(ctx(), p.Code)
	refused(t, err, "rota.unknown")
}

func TestNothingOfAnEveningChangesOnceItHasBegun(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.tablee(1)
	code := c.rota(s.ID)
	p := c.signUp(code, sunday, "Awa")
	c.clock.Set(time.Date(2026, 11, 22, 17, 59, 0, 0, time.UTC)) // a minute to seven in Bordeaux
	c.signUp(code, sunday, "Luc")
	c.clock.Advance(time.Minute)
	_, err := c.SignUp(ctx(), public(c), code, sunday, "Zoé")
	refused(t, err, "evening.over")
	refused(t, c.LeavePlace(ctx(), public(c), p.Code), "evening.over")
	refused(t, c.RemoveVolunteer(ctx(), c.byManager(), s.ID, sunday, 1), "evening.over")
	ten := 10
	_, err = c.ChangeEvening(ctx(), c.byManager(), s.ID, sunday, pos.EveningChange{Dishes: &ten})
	refused(t, err, "evening.over")
	if r, err := c.Rota(ctx(), code); err != nil || r.Evenings[0].Day != "2026-11-29" {
		t.Errorf("the rota begins with %+v, %v", r.Evenings[0], err)
	}
}

func TestAServiceThatCannotBeIsRefusedFieldByField(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	many := 51
	_, err := c.AddService(ctx(), c.byManager(), pos.ServicePlan{Name: " ", Class: "wine", Dishes: 501, Weekdays: []int{0, 8}, Starts: "25:00", Meets: "4pm",
		From: "2026-02-30", Until: "x", Places: &many, Note: "a\x00b"})
	got := map[string]string{}
	for _, f := range refused(t, err, "service.invalid").Fields {
		got[f.Name] = f.Code
	}
	for field, code := range map[string]string{"name": "required", "class": "one_of", "dishes": "range", "weekdays": "range", "starts": "time", "meets": "time",
		"from": "date", "until": "date", "places": "range", "note": "control"} {
		if got[field] != code {
			t.Errorf("%s is refused as %q, want %q", field, got[field], code)
		}
	}
	_, err = c.AddService(ctx(), c.byManager(), pos.ServicePlan{Name: "Hier", Dishes: 5, Weekdays: []int{1}, Starts: "19:00", Until: "2026-11-20"})
	if e := refused(t, err, "service.invalid"); e.Fields[0].Name != "until" {
		t.Errorf("a service that is over: %v", e.Fields)
	}
	_, err = c.AddService(ctx(), c.by(), pos.ServicePlan{})
	refused(t, err, "right.missing")
	s := c.tablee(5)
	_, err = c.AddService(ctx(), c.byManager(), pos.ServicePlan{Name: "TABLÉE  dimanche", Dishes: 5, Weekdays: []int{1}, Starts: "19:00"})
	refused(t, err, "service.exists")
	_, err = c.ChangeService(ctx(), c.byManager(), "none", s.ServicePlan)
	refused(t, err, "service.unknown")
	for _, d := range []string{"2026-11-21", "2026-11-15", "x", ""} { // no Sunday to come
		_, err = c.ChangeEvening(ctx(), c.byManager(), s.ID, d, pos.EveningChange{})
		refused(t, err, "evening.unknown")
	}
	zero, less := 0, -1
	_, err = c.ChangeEvening(ctx(), c.byManager(), s.ID, sunday, pos.EveningChange{Dishes: &zero, Places: &less})
	if e := refused(t, err, "evening.invalid"); len(e.Fields) != 2 {
		t.Errorf("absurd counts: %v", e.Fields)
	}
}

func TestANameOnTheRotaIsShortAndPlain(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s := c.tablee(5)
	for name, rule := range map[string]string{"": "required", "  ": "required", "\u0301": "required", strings.Repeat("a", 31): "too_long", "A\nB": "", "Awa\u202e": "control", "\x00": "control"} {
		_, err := c.SignUp(ctx(), public(c), c.rota(s.ID), sunday, name)
		if rule == "" { // a line break is a space
			if err != nil {
				t.Errorf("%q: %v", name, err)
			}
			continue
		}
		if e, ok := fault.As(err); !ok || len(e.Fields) != 1 || e.Fields[0].Name != "name" || e.Fields[0].Code != rule {
			t.Errorf("%q: %v, want %s", name, err, rule)
		}
	}
	p := c.signUp(c.rota(s.ID), sunday, "<b>Léa</b>") // markup is a name like another: pages escape it
	if h, err := c.PlaceOf(ctx(), p.Code); err != nil || h.Name != "<b>Léa</b>" {
		t.Errorf("got %+v, %v", h, err)
	}
}

// TestTheForecastIsTheOneWorkedByHand: two weeks of history. Each Monday 4 meals were given, each Tuesday 3 were eaten.
// Today, Sunday 6 December, 10 meals wait. A service wants 6 dishes each Monday.
//
//	Mon 7:  shelf 10 + 4      = 14, the service takes 6, 8 stay
//	Tue 8:  8 − 3             =  5
//	Mon 14: 5 + 4 = 9, − 6    =  3
//	Tue 15: 3 − 3             =  0
//	Mon 21: 0 + 4, 4 of 6     =  0, the house gives 2
//	Tue 22: who walks in is the house's, the shelf stays at 0
//	Mon 28: 4 of 6, the house gives 2
//
// The house: 4 dishes of 3.50 €, 14.00 €.
func TestTheForecastIsTheOneWorkedByHand(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	at := func(d int) { // noon
		c.clock.Set(time.Date(2026, 11, d, 11, 0, 0, 0, time.UTC))
		if _, err := c.CloseDue(ctx()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.OpenShift(ctx(), c.by(), 0); err != nil && fault.CodeOf(err) != "shift.open" {
			t.Fatal(err)
		}
	}
	c.sell("", gift("plat", 8)) // Saturday 21: before the two weeks, it is only of the stock
	for _, monday := range []int{23, 30} {
		at(monday)
		c.sell("", gift("plat", 4))
		at(monday + 1)
		for range 3 {
			c.serve("plat")
		}
	}
	at(36)
	one := 1
	if _, err := c.AddService(ctx(), c.byManager(), pos.ServicePlan{Name: "Lundi", Dishes: 6, Weekdays: []int{1}, Starts: "19:00", Places: &one}); err != nil {
		t.Fatal(err)
	}
	all, err := c.ServiceForecast(ctx())
	if err != nil || len(all) != 1 {
		t.Fatalf("forecast: %+v, %v", all, err)
	}
	f := all[0]
	if f.Weeks != 2 || f.Stock != 10 || f.Came != [7]int{8} || f.Went != [7]int{0, 6} || f.Cost != 350 {
		t.Fatalf("expectations: %+v", f)
	}
	house := []int{f.By[0].House, f.By[1].House, f.By[2].House, f.By[3].House}
	if fmt.Sprint(house) != "[0 0 2 2]" || f.All.Wanted != 24 || f.All.Shelf != 20 || f.All.Cost != 1400 || f.By[2].Cost != 700 {
		t.Errorf("house by week %v, all %+v", house, f.All)
	}
	// Sixteen gifts of 6.00 €: 96.00 € of turnover in the four weeks before. 14.00 / 96.00 = 14.583… %.
	if f.Turnover != money.Cents(9600) || f.Ratio != 1458 || f.Budget != 6*28 {
		t.Errorf("turnover %d, ratio %d, budget %d", f.Turnover, f.Ratio, f.Budget)
	}
}
