package pos_test

import (
	"strings"
	"testing"
	"time"

	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/suspended"
)

const partnerPIN = "2468"

// partner adds an association that has been met, with a PIN.
func (c *cafe) partner(name string, status ...pos.PartnerStatus) pos.Partner {
	c.tb.Helper()
	p, err := c.AddPartner(ctx(), c.byManager(), pos.PartnerForm{Name: &name, Status: &status, PIN: partnerPIN, Introduced: new(true)})
	if err != nil {
		c.tb.Fatalf("add partner: %v", err)
	}
	return p
}

// allot promises n of a class this evening.
func (c *cafe) allot(p pos.Partner, class string, n int) pos.Allotment {
	c.tb.Helper()
	a, err := c.Allot(ctx(), c.by(), pos.AllotmentRequest{Partner: p.ID, Class: class, Qty: n})
	if err != nil {
		c.tb.Fatalf("allot: %v", err)
	}
	return a
}

// collect hands n over with the partner's PIN.
func (c *cafe) collect(a pos.Allotment, n int) pos.Collection {
	c.tb.Helper()
	done, err := c.CollectAllotment(ctx(), c.by(), a.ID, pos.CollectRequest{Qty: n, PIN: partnerPIN})
	if err != nil {
		c.tb.Fatalf("collect: %v", err)
	}
	return done
}

// pool is how a class of the shelf stands.
func (c *cafe) pool(class string) pos.ShelfClass {
	c.tb.Helper()
	v, err := c.Shelf(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	for _, s := range v.Classes {
		if s.Class == class {
			return s
		}
	}
	return pos.ShelfClass{}
}

func (c *cafe) doDue() {
	c.tb.Helper()
	if _, err := c.DoDue(ctx()); err != nil {
		c.tb.Fatalf("due: %v", err)
	}
}

func (c *cafe) stateOf(id string) suspended.AllotmentState {
	c.tb.Helper()
	a, err := c.Allotment(ctx(), id)
	if err != nil {
		c.tb.Fatal(err)
	}
	return a.State
}

// shares is a collection by origin in one line.
func shares(all []pos.CollectionShare) string {
	var words []string
	for _, s := range all {
		words = append(words, s.Origin+" "+strings.Repeat("|", s.Count))
	}
	return strings.Join(words, ", ")
}

func TestCase81NobodyComesAndTheItemsAreBackThatEvening(t *testing.T) {
	c := openCafe(t) // nine in the morning in Paris
	p := c.partner("Les Repas du Port")
	c.sell("", gift("plat", 5))
	a := c.allot(p, "meal", 4)
	if s := c.pool("meal"); a.State != suspended.Confirmed || s.Available != 1 || s.Allotted != 4 {
		t.Fatalf("%+v, shelf %+v", a, s)
	}
	c.clock.Advance(12 * time.Hour) // 21:00
	c.doDue()
	if c.stateOf(a.ID) != suspended.Confirmed {
		t.Error("lapsed before 22:00")
	}
	c.clock.Advance(time.Hour)
	c.doDue()
	if s := c.pool("meal"); c.stateOf(a.ID) != suspended.Lapsed || s.Available != 5 || s.Allotted != 0 {
		t.Errorf("%s, shelf %+v", c.stateOf(a.ID), s)
	}
	before, _ := c.Journal().Head()
	c.doDue() // nothing is due any more
	if after, _ := c.Journal().Head(); after != before {
		t.Errorf("%d entries of nothing", after-before)
	}
	c.verify()
}

func TestCase81ALateSlotLapsesTwoHoursAfterItsTimeAndAnyWithItsDay(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Maraude de nuit")
	c.sell("", gift("plat", 3))
	late, err := c.Allot(ctx(), c.by(), pos.AllotmentRequest{Partner: p.ID, Class: "meal", Qty: 1, Slot: "2026-11-21T21:30"})
	if err != nil {
		t.Fatal(err)
	}
	tomorrow, err := c.Allot(ctx(), c.by(), pos.AllotmentRequest{Partner: p.ID, Class: "meal", Qty: 1, Slot: "2026-11-22"})
	if err != nil {
		t.Fatal(err)
	}
	c.clock.Set(time.Date(2026, 11, 21, 22, 29, 0, 0, time.UTC)) // 23:29
	c.doDue()
	if c.stateOf(late.ID) != suspended.Confirmed {
		t.Error("lapsed before two hours were over")
	}
	lastMinute := c.allot(p, "meal", 1) // made at 23:29
	c.clock.Advance(time.Minute)
	c.doDue()
	if c.stateOf(late.ID) != suspended.Lapsed || c.stateOf(lastMinute.ID) != suspended.Confirmed {
		t.Errorf("%s, %s", c.stateOf(late.ID), c.stateOf(lastMinute.ID))
	}
	c.closeDay() // by hand: the next day begins
	c.doDue()
	if c.stateOf(lastMinute.ID) != suspended.Lapsed || c.stateOf(tomorrow.ID) != suspended.Confirmed {
		t.Errorf("%s, %s", c.stateOf(lastMinute.ID), c.stateOf(tomorrow.ID))
	}
}

func TestT15GuessingThePINOfAPartnerTakesLongerAndLonger(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Repas du Port")
	code := p.Code
	waited := time.Duration(0)
	for range 8 {
		_, err := c.PartnerSignIn(ctx(), code, "0000")
		for fault.CodeOf(err) == "pin.wait" {
			e, _ := fault.As(err)
			wait := time.Duration(e.Args["seconds"].(int64)) * time.Second
			waited += wait
			c.clock.Advance(wait)
			_, err = c.PartnerSignIn(ctx(), code, "0000")
		}
		refused(t, err, "partner.pin")
	}
	if waited < 2*time.Minute {
		t.Errorf("eight wrong PINs took %v", waited)
	}
	_, err := c.PartnerSignIn(ctx(), code, partnerPIN)
	refused(t, err, "pin.wait")
	c.collectAtOnce(p) // the counter has a delay of its own
	c.clock.Advance(time.Minute)
	session, err := c.PartnerSignIn(ctx(), code, partnerPIN)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.PartnerOf(ctx(), code, session); err != nil {
		t.Error(err)
	}
	for _, wrong := range []string{"", "x", "CBDEFGHIJKLNRTUVC", strings.ToLower(code), code + "C"} {
		_, err := c.PartnerSignIn(ctx(), wrong, partnerPIN)
		refused(t, err, "partner.unknown")
	}
}

func (c *cafe) collectAtOnce(p pos.Partner) {
	c.tb.Helper()
	c.sell("", gift("plat", 1))
	c.collect(c.allot(p, "meal", 1), 1)
}

func TestT15AnotherPartnersSessionOpensNothing(t *testing.T) {
	c := openCafe(t)
	one, other := c.partner("Une"), c.partner("Autre")
	session, err := c.PartnerSignIn(ctx(), one.Code, partnerPIN)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.PartnerOf(ctx(), other.Code, session)
	refused(t, err, "session.none")
	c.sell("", gift("plat", 2))
	a := c.allot(other, "meal", 2)
	_, err = c.CancelOwnAllotment(ctx(), pos.System("public"), one.ID, a.ID)
	refused(t, err, "allotment.unknown")
	_, err = c.ChangeOwnAllotment(ctx(), pos.System("public"), one.ID, a.ID, 1)
	refused(t, err, "allotment.unknown")
	w, err := c.PartnerWeek(ctx(), one.ID)
	if err != nil || len(w.Allotted) != 0 {
		t.Errorf("%+v, %v", w, err)
	}
	for _, end := range []pos.PartnerForm{{PIN: "1357"}, {NewLink: true}, {Active: new(false)}} {
		code := one.Code
		if session, err = c.PartnerSignIn(ctx(), code, partnerPIN); err != nil {
			t.Fatal(err)
		}
		changed, err := c.ChangePartner(ctx(), c.byManager(), one.ID, end)
		if err != nil {
			t.Fatal(err)
		}
		if changed.Code != "" {
			one.Code = changed.Code
		}
		if _, err = c.PartnerOf(ctx(), code, session); err == nil {
			t.Errorf("after %+v the session lives", end)
		}
		if _, err := c.ChangePartner(ctx(), c.byManager(), one.ID, pos.PartnerForm{PIN: partnerPIN}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAllotmentBeyondStockSaysWhatIsPossible(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Repas du Port")
	c.sell("", gift("plat", 3))
	_, err := c.Allot(ctx(), c.by(), pos.AllotmentRequest{Partner: p.ID, Class: "meal", Qty: 5})
	if e := refused(t, err, "allotment.stock"); e.Args["left"] != 3 {
		t.Errorf("%v", e.Args)
	}
	if s := c.pool("meal"); s.Available != 3 || s.Allotted != 0 {
		t.Errorf("a refusal left %+v", s)
	}
	asked, err := c.Allot(ctx(), c.by(), pos.AllotmentRequest{Partner: p.ID, Class: "meal", Qty: 5, Ask: true})
	if err != nil || asked.State != suspended.Requested {
		t.Fatalf("%+v, %v", asked, err)
	}
	split, err := c.ConfirmAllotment(ctx(), c.by(), asked.ID, pos.ConfirmRequest{Qty: 3, Keep: true})
	if err != nil || split.Qty != 3 || split.Held != 3 {
		t.Fatalf("%+v, %v", split, err)
	}
	rest, err := c.Allotment(ctx(), split.Rest)
	if err != nil || rest.Qty != 2 || rest.State != suspended.Requested {
		t.Errorf("%+v, %v", rest, err)
	}
	for _, absurd := range []int{0, -1, 501, 1 << 40} {
		_, err := c.Allot(ctx(), c.by(), pos.AllotmentRequest{Partner: p.ID, Class: "meal", Qty: absurd})
		refused(t, err, "allotment.invalid")
		_, err = c.ChangeAllotment(ctx(), c.by(), split.ID, absurd)
		refused(t, err, "allotment.invalid")
		_, err = c.ChangeOwnAllotment(ctx(), pos.System("public"), p.ID, split.ID, absurd)
		refused(t, err, "allotment.invalid")
	}
	for _, slot := range []string{"2026-11-20", "2027-06-01", "tomorrow", "2026-11-21T25:00", "2026-02-30"} {
		_, err := c.Allot(ctx(), c.by(), pos.AllotmentRequest{Partner: p.ID, Class: "meal", Qty: 1, Slot: slot})
		refused(t, err, "allotment.invalid")
	}
	_, err = c.Allot(ctx(), c.by(), pos.AllotmentRequest{Partner: "nobody", Class: "meal", Qty: 1})
	refused(t, err, "partner.unknown")
	_, err = c.Allot(ctx(), c.by(), pos.AllotmentRequest{Partner: p.ID, Class: "wine", Qty: 1})
	refused(t, err, "class.unknown")
}

func TestEitherSideChangesTheNumberBefore(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Repas du Port")
	c.sell("", gift("plat", 6))
	public := pos.System("public")
	a, err := c.RequestAllotment(ctx(), public, p.ID, pos.AllotmentRequest{Class: "meal", Qty: 4, Slot: "2026-11-23T19:00"})
	if err != nil || a.State != suspended.Requested || !a.ByPartner {
		t.Fatalf("%+v, %v", a, err)
	}
	if a, err = c.ConfirmAllotment(ctx(), c.by(), a.ID, pos.ConfirmRequest{}); err != nil || a.Held != 4 {
		t.Fatalf("%+v, %v", a, err)
	}
	if a, err = c.ChangeOwnAllotment(ctx(), public, p.ID, a.ID, 3); err != nil || a.Held != 3 || c.waiting("meal") != 3 {
		t.Fatalf("fewer: %+v, %v", a, err)
	}
	if a, err = c.ChangeOwnAllotment(ctx(), public, p.ID, a.ID, 5); err != nil || a.Held != 3 || a.Rest == "" { // more is asked for
		t.Fatalf("more: %+v, %v", a, err)
	}
	if a, err = c.ChangeAllotment(ctx(), c.by(), a.ID, 6); err != nil || a.Held != 6 {
		t.Fatalf("by the café: %+v, %v", a, err)
	}
	_, err = c.ChangeAllotment(ctx(), c.by(), a.ID, 7)
	if e := refused(t, err, "allotment.stock"); e.Args["left"] != 6 {
		t.Errorf("%v", e.Args)
	}
	if a, err = c.ReadyAllotment(ctx(), c.by(), a.ID); err != nil || a.State != suspended.Ready {
		t.Fatalf("%+v, %v", a, err)
	}
	if a, err = c.CancelOwnAllotment(ctx(), public, p.ID, a.ID); err != nil || a.State != suspended.Cancelled || c.waiting("meal") != 6 {
		t.Errorf("%+v, %v", a, err)
	}
	_, err = c.CollectAllotment(ctx(), c.byManager(), a.ID, pos.CollectRequest{Qty: 1})
	refused(t, err, "allotment.state")
}

func TestAReleasePromisedToAPartnerFollowsTheLawWhenItLapses(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Repas du Port")
	card := c.newCard()
	sale := c.sell(card, line("plat", 9))
	a := c.allot(p, "meal", 1)
	c.refund(sale.ID, 1, 1) // the ninth is refunded while it is promised: it stays
	if v := c.view(card); v.Stamps != 8 || v.Advance != 1 || c.pool("meal").Allotted != 1 {
		t.Fatalf("%+v", v)
	}
	c.clock.Advance(14 * time.Hour)
	c.doDue()
	if v := c.view(card); c.stateOf(a.ID) != suspended.Lapsed || v.Advance != 0 || v.Released != 0 || c.waiting("meal") != 0 {
		t.Errorf("after the lapse: %+v, %d waiting", v, c.waiting("meal"))
	}
	c.verify()
}

func TestAPartnerThatEndsLeavesWhatWasPromisedOnTheShelf(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Repas du Port")
	c.sell("", gift("plat", 2))
	a := c.allot(p, "meal", 2)
	if _, err := c.ChangePartner(ctx(), c.byManager(), p.ID, pos.PartnerForm{Active: new(false)}); err != nil {
		t.Fatal(err)
	}
	if c.stateOf(a.ID) != suspended.Cancelled || c.waiting("meal") != 2 {
		t.Errorf("%s, %d", c.stateOf(a.ID), c.waiting("meal"))
	}
	_, err := c.Allot(ctx(), c.by(), pos.AllotmentRequest{Partner: p.ID, Class: "meal", Qty: 1})
	refused(t, err, "partner.ended")
	_, err = c.PartnerSignIn(ctx(), p.Code, "2468")
	refused(t, err, "partner.unknown")
}

func TestWhatPartnersAreToldDoesNotMoveWhenSomebodyIsServed(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Repas du Port")
	c.sell("", gift("plat", 13))
	c.clock.Advance(24 * time.Hour)
	told := func() int {
		w, err := c.PartnerWeek(ctx(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		return w.Possible["meal"]
	}
	if n := told(); n != 10 {
		t.Fatalf("%d possible of 13", n)
	}
	if _, err := c.CloseDue(ctx()); err != nil {
		t.Fatal(err)
	}
	for range 9 {
		c.serve("plat")
	}
	if n := told(); n != 10 {
		t.Errorf("after nine servings %d are told: it can be read live", n)
	}
}

func TestT15ThePINIsInNoCommandAndAskedAgainTheSameIsTold(t *testing.T) {
	c := openCafe(t)
	name := "Les Repas du Port"
	by := c.byManager()
	first, err := c.AddPartner(ctx(), by, pos.PartnerForm{Name: &name, PIN: partnerPIN})
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.AddPartner(ctx(), by, pos.PartnerForm{Name: &name, PIN: partnerPIN})
	if err != nil || again.Code != first.Code || again.ID != first.ID || first.Code == "" {
		t.Errorf("%+v, %v", again, err)
	}
	_, err = c.AddPartner(ctx(), c.byManager(), pos.PartnerForm{Name: new("LES REPAS DU PÔRT")})
	refused(t, err, "partner.exists")
	_, err = c.AddPartner(ctx(), c.by(), pos.PartnerForm{Name: new("Autre")})
	refused(t, err, "right.missing")
	_, err = c.AddPartner(ctx(), c.byManager(), pos.PartnerForm{Name: new(" "), Status: &[]pos.PartnerStatus{"church"}})
	if e := refused(t, err, "partner.invalid"); len(e.Fields) != 2 {
		t.Errorf("%+v", e.Fields)
	}
	var found int
	if err := c.DB().Reader().QueryRow(ctx(), `SELECT count(*) FROM commands WHERE answer LIKE '%'||?||'%'`, first.Code).Scan(&found); err != nil || found != 0 {
		t.Errorf("the code stands in %d answers, %v", found, err)
	}
	datatest.Audit(t, c.DB())
}
