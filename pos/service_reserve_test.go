package pos_test

import (
	"testing"
	"time"

	"comptoir/data/fault"
	"comptoir/pos"
)

// tableeFor plans a Sunday service of dishes that a partner collects, and returns both.
func (c *cafe) tableeFor(dishes int) (pos.Service, pos.Partner) {
	c.tb.Helper()
	name := "Maraude du Nord"
	p, err := c.AddPartner(ctx(), c.byManager(), pos.PartnerForm{Name: &name})
	if err != nil {
		c.tb.Fatalf("add partner: %v", err)
	}
	s, err := c.AddService(ctx(), c.byManager(), pos.ServicePlan{Name: "Tablée", Dishes: dishes, Weekdays: []int{7}, Starts: "19:00", Partner: p.ID})
	if err != nil {
		c.tb.Fatalf("add service: %v", err)
	}
	return s, p
}

func (c *cafe) doneNow(want int) {
	c.tb.Helper()
	if n, err := c.DoDue(ctx()); err != nil || n != want {
		c.tb.Errorf("%d things were due, %v; want %d", n, err, want)
	}
}

func TestTheDayBeforeAnEveningReservesWhatTheShelfHasForItsPartner(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	s, partner := c.tableeFor(5)
	c.doneNow(0) // nothing is there yet, and that is not asked again each minute
	c.sell("", gift("plat", 8))
	c.doneNow(0)
	c.clock.Advance(15 * time.Minute)
	c.doneNow(1)
	c.doneNow(0)
	if e := c.eveningOf(s.ID, sunday); e.Reserved != 5 || c.waiting("meal") != 3 {
		t.Fatalf("%d put aside, %d left; want 5 and 3", e.Reserved, c.waiting("meal"))
	}
	all, err := c.Allotments(ctx(), sunday, sunday)
	if err != nil || len(all) != 1 || all[0].Partner != partner.ID || all[0].Held != 5 || all[0].Time != "19:00" {
		t.Errorf("allotments: %+v, %v", all, err)
	}
	f, err := c.ServiceForecast(ctx())
	if err != nil || f[0].By[0].Reserved != 5 || f[0].By[0].House != 0 || f[0].By[1].Shelf != 3 || f[0].By[1].House != 2 {
		t.Errorf("forecast: %+v, %v", f, err)
	}
	c.verify()
}

func TestG11WhoUsuallyWalksInIsLeftTheShelf(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.sell("", gift("plat", 20))
	c.clock.Advance(day) // a Sunday on which three walk in
	if _, err := c.CloseDue(ctx()); err != nil {
		t.Fatal(err)
	}
	if _, err := c.OpenShift(ctx(), c.by(), 0); err != nil && fault.CodeOf(err) != "shift.open" {
		t.Fatal(err)
	}
	for range 3 {
		c.serve("plat")
	}
	c.clock.Advance(13 * day) // the Saturday after next: two weeks are known, a Sunday has one and a half, rounded up
	s, _ := c.tableeFor(50)
	if _, err := c.KeepDials(ctx()); err != nil {
		t.Fatal(err)
	}
	c.doneNow(1)
	if e := c.eveningOf(s.ID, "2026-12-06"); e.Reserved != 15 || c.waiting("meal") != 2 {
		t.Errorf("%d put aside, %d left; want 15 and 2", e.Reserved, c.waiting("meal"))
	}
}

func TestAnEveningThatIsCancelledGivesBackWhatWasPutAside(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.sell("", gift("plat", 8))
	s, _ := c.tableeFor(5)
	c.doneNow(1)
	yes, no := true, false
	if _, err := c.ChangeEvening(ctx(), c.byManager(), s.ID, sunday, pos.EveningChange{Cancelled: &yes, Reason: "travaux"}); err != nil {
		t.Fatal(err)
	}
	if e := c.eveningOf(s.ID, sunday); e.Reserved != 0 || c.waiting("meal") != 8 {
		t.Errorf("%d put aside, %d on the shelf; want 0 and 8", e.Reserved, c.waiting("meal"))
	}
	if _, err := c.ChangeEvening(ctx(), c.byManager(), s.ID, sunday, pos.EveningChange{Cancelled: &no}); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(15 * time.Minute)
	c.doneNow(1)
	plan := s.ServicePlan
	plan.Weekdays = []int{3}
	if _, err := c.ChangeService(ctx(), c.byManager(), s.ID, plan); err != nil {
		t.Fatal(err)
	}
	if c.waiting("meal") != 8 {
		t.Errorf("the service skips the day: %d on the shelf, want 8", c.waiting("meal"))
	}
	_, err := c.Evening(ctx(), s.ID, sunday)
	refused(t, err, "evening.unknown")
	c.verify()
}

func TestAServiceIsForAPartnerThatTheCafeWorksWith(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	_, err := c.AddService(ctx(), c.byManager(), pos.ServicePlan{Name: "X", Dishes: 5, Weekdays: []int{7}, Starts: "19:00", Partner: "none"})
	if e := refused(t, err, "service.invalid"); e.Fields[0].Name != "partner" || e.Fields[0].Code != "unknown" {
		t.Errorf("refused: %v", e.Fields)
	}
	s, p := c.tableeFor(5)
	c.sell("", gift("plat", 8))
	ended := false
	if _, err := c.ChangePartner(ctx(), c.byManager(), p.ID, pos.PartnerForm{Active: &ended}); err != nil {
		t.Fatal(err)
	}
	c.doneNow(0) // nothing is promised to it, and nothing else waits for that
	if e := c.eveningOf(s.ID, sunday); e.Reserved != 0 {
		t.Errorf("%d put aside for who no longer comes", e.Reserved)
	}
}
