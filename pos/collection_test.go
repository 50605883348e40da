package pos_test

import (
	"strings"
	"testing"
	"time"

	"comptoir/pos"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

func TestCase82TheActualCountIsWhatIsRecorded(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Repas du Port")
	c.sell("", gift("plat", 6))
	fewer := c.collect(c.allot(p, "meal", 4), 3)
	if s := c.pool("meal"); fewer.Qty != 3 || fewer.Lapsed != 1 || s.Available != 3 || s.Allotted != 0 || c.stateOf(fewer.Allotment) != suspended.PartlyCollected {
		t.Fatalf("fewer: %+v, shelf %+v", fewer, s)
	}
	a := c.allot(p, "meal", 2)
	_, err := c.CollectAllotment(ctx(), c.by(), a.ID, pos.CollectRequest{Qty: 5, PIN: partnerPIN})
	if e := refused(t, err, "collection.more"); e.Args["left"] != 2 {
		t.Errorf("possible: %v", e.Args)
	}
	more, err := c.CollectAllotment(ctx(), c.byManager(), a.ID, pos.CollectRequest{Qty: 5}) // 2 promised, 1 of the shelf, 2 of the house
	if err != nil || shares(more.Shares) != "PAID |||, HOUSE ||" || more.GivenCost != 700 || c.stateOf(a.ID) != suspended.AllCollected {
		t.Errorf("more: %+v, %v", more, err)
	}
	if s := c.pool("meal"); s.Available != 0 || s.Allotted != 0 {
		t.Errorf("shelf %+v", s)
	}
	if r, err := c.Day(ctx(), ""); err != nil || r.Solidarity.Collected["meal"] != 8 {
		t.Errorf("the day has %v collected, %v", r.Solidarity.Collected, err)
	}
	c.closeDay()
	c.verify()
}

func TestCase83WhatComesBackIsNotedAndNeverRestocked(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Repas du Port")
	c.sell("", gift("plat", 3))
	done := c.collect(c.allot(p, "meal", 3), 3)
	after, err := c.NoteWaste(ctx(), c.by(), done.Number, 2)
	if err != nil || after.Wasted != 2 || c.waiting("meal") != 0 {
		t.Errorf("%+v, %v, %d waiting", after, err, c.waiting("meal"))
	}
	_, err = c.NoteWaste(ctx(), c.by(), done.Number, 2)
	if e := refused(t, err, "collection.waste"); e.Args["max"] != 1 {
		t.Errorf("%v", e.Args)
	}
	for _, absurd := range []int{0, -1, 1 << 40} {
		_, err = c.NoteWaste(ctx(), c.by(), done.Number, absurd)
		refused(t, err, "collection.waste")
	}
	_, err = c.NoteWaste(ctx(), c.by(), 99, 1)
	refused(t, err, "collection.unknown")
}

func TestCase84APartnerGivesItsPINOrIsCalledBack(t *testing.T) {
	c := openCafe(t)
	name := "Nouvelle association"
	p, err := c.AddPartner(ctx(), c.byManager(), pos.PartnerForm{Name: &name, PIN: partnerPIN})
	if err != nil {
		t.Fatal(err)
	}
	c.sell("", gift("plat", 4))
	a := c.allot(p, "meal", 2)
	try := func(by pos.By, r pos.CollectRequest) error {
		r.Qty = 2
		_, err := c.CollectAllotment(ctx(), by, a.ID, r)
		return err
	}
	refused(t, try(c.by(), pos.CollectRequest{}), "collection.pin")
	refused(t, try(c.by(), pos.CollectRequest{PIN: "0000"}), "partner.pin")
	refused(t, try(c.by(), pos.CollectRequest{PIN: partnerPIN}), "pin.wait") // delayed, right or not
	c.clock.Advance(time.Minute)
	refused(t, try(c.by(), pos.CollectRequest{PIN: partnerPIN}), "collection.introduce")
	refused(t, try(c.by(), pos.CollectRequest{Approval: &pos.Approval{Operator: "Marie", PIN: "1234"}}), "approval.wrong")
	c.clock.Advance(time.Minute)
	if err := try(c.by(), pos.CollectRequest{Approval: &pos.Approval{Operator: "Marie", PIN: managerPIN}}); err != nil {
		t.Fatal(err)
	}
	if met, err := c.Partner(ctx(), p.ID); err != nil || met.Introduced == "" {
		t.Errorf("not introduced: %+v, %v", met, err)
	}
	c.collect(c.allot(p, "meal", 2), 2) // from now on the PIN alone does
	if kinds := c.entriesOf(journal.KindEvent, journal.EventLoginFail); kinds != 2 {
		t.Errorf("%d wrong PINs in the journal", kinds)
	}
}

func TestCase87ASlipIsSplitByOriginAndOnlyWhatWasGivenIsValued(t *testing.T) {
	for _, x := range []struct {
		status []pos.PartnerStatus
		value  bool
		waiver bool
	}{
		{[]pos.PartnerStatus{pos.PublicUtility}, true, true},
		{[]pos.PartnerStatus{pos.FoodBank}, true, true},
		{[]pos.PartnerStatus{pos.GeneralInterest}, true, false},
		{[]pos.PartnerStatus{pos.OtherStatus}, false, false}, // case 86
	} {
		t.Run("case 86 and 87 "+string(x.status[0]), func(t *testing.T) {
			c := openCafe(t)
			p := c.partner("Les Repas du Port", x.status...)
			card := c.newCard()
			c.sell(card, line("plat", 9)) // a release
			c.sell("", gift("plat", 2))
			a := c.allot(p, "meal", 3)
			done, err := c.CollectAllotment(ctx(), c.byManager(), a.ID, pos.CollectRequest{Qty: 4}) // one of the house
			if err != nil || shares(done.Shares) != "PAID ||, LOYALTY |, HOUSE |" {
				t.Fatalf("%+v, %v", done, err)
			}
			if done.Shares[0].Sold != 1200 || done.GivenCost != 700 || done.ValueTold != x.value || done.WaiverTold != x.waiver {
				t.Errorf("%+v", done)
			}
			s, err := c.StatementOf(ctx(), p.ID, "2026-11")
			if err != nil || s.Count["meal"] != 4 || s.GivenCost != 700 || len(s.Collections) != 1 {
				t.Errorf("%+v, %v", s, err)
			}
			if s, err := c.StatementOf(ctx(), p.ID, "2026-10"); err != nil || len(s.Collections) != 0 {
				t.Errorf("%+v, %v", s, err)
			}
			if v := c.view(card); v.Served != 1 {
				t.Errorf("card %+v", v)
			}
		})
	}
}

func TestCase88DepartureTemperatureAndAllergensStandOnTheSlip(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Repas du Port")
	c.sell("", gift("plat", 2))
	a := c.allot(p, "meal", 2)
	hot, _ := pos.ParseDegrees("63,5")
	for field, bad := range map[string]pos.CollectRequest{
		"qty": {Qty: -1}, "temperature": {Qty: 1, Temperature: new(pos.Degrees(5000))}, "time": {Qty: 1, Time: "25:00"},
		"allergens": {Qty: 1, Allergens: strings.Repeat("a", 281)}, "initials": {Qty: 1, Initials: "ABCDEFG"},
	} {
		_, err := c.CollectAllotment(ctx(), c.byManager(), a.ID, bad)
		if e := refused(t, err, "collection.invalid"); e.Fields[0].Name != field {
			t.Errorf("%s: %+v", field, e.Fields)
		}
	}
	_, err := c.CollectAllotment(ctx(), c.byManager(), a.ID, pos.CollectRequest{Qty: 1, Time: "18:00"}) // nine hours ahead
	refused(t, err, "collection.invalid")
	done, err := c.CollectAllotment(ctx(), c.byManager(), a.ID, pos.CollectRequest{Qty: 2, Time: "08:45", Temperature: &hot, Allergens: "gluten, lait", Initials: "MD"})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := c.Collection(ctx(), done.Number)
	if err != nil || kept.Temperature == nil || kept.Temperature.String() != "63.5" || kept.Allergens != "gluten, lait" || kept.Initials != "MD" ||
		!kept.At.Equal(time.Date(2026, 11, 21, 7, 45, 0, 0, time.UTC)) || kept.Number != 1 {
		t.Errorf("%+v, %v", kept, err)
	}
}

func TestCase85NoListOfWhoAteExists(t *testing.T) {
	c := openCafe(t)
	columns := map[string]bool{}
	rows, err := c.DB().Reader().Query(ctx(), `SELECT m.name || '.' || c.name FROM sqlite_schema m, pragma_table_info(m.name) c
		WHERE m.name IN ('allotments', 'allotment_items', 'collections', 'collection_waste')`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			t.Fatal(err)
		}
		columns[name] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	allowed := strings.FieldsSeq(`allotments.id allotments.partner allotments.class allotments.day allotments.time allotments.state allotments.qty
		allotments.by_partner allotments.created allotment_items.item allotment_items.allotment collections.number collections.allotment
		collections.partner collections.class collections.qty collections.day collections.at collections.temperature collections.allergens
		collections.initials collections.operator collections.auth collections.event collection_waste.number collection_waste.nth
		collection_waste.qty collection_waste.day collection_waste.operator collection_waste.event`)
	for name := range allowed {
		delete(columns, name)
	}
	for name := range columns {
		t.Errorf("%s: what is it that it says of who ate?", name)
	}
}

func TestCase74ACafeThatClosesSettlesItsShelfWithAPartner(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Repas du Port")
	card := c.newCard()
	c.sell(card, line("plat", 9))
	c.sell("", gift("cafe", 3), gift("plat", 2))
	_, err := c.SettleShelf(ctx(), c.by(), p.ID)
	refused(t, err, "right.missing")
	done, err := c.SettleShelf(ctx(), c.byManager(), p.ID)
	if err != nil || len(done) != 2 || done[0].Class != "coffee" || done[0].Qty != 3 || shares(done[1].Shares) != "PAID ||, LOYALTY |" {
		t.Fatalf("%+v, %v", done, err)
	}
	if c.waiting("coffee")+c.waiting("meal") != 0 {
		t.Error("something is left on the shelf")
	}
	if again, err := c.SettleShelf(ctx(), c.byManager(), p.ID); err != nil || len(again) != 0 {
		t.Errorf("%+v, %v", again, err)
	}
	c.verify()
}

func TestTwoTillsHandOneAllotmentOverOnce(t *testing.T) {
	c := openCafe(t)
	p := c.partner("Les Repas du Port")
	c.sell("", gift("plat", 2))
	a := c.allot(p, "meal", 2)
	answers := make(chan error, 2)
	for range 2 {
		by := c.byManager()
		go func() {
			_, err := c.CollectAllotment(ctx(), by, a.ID, pos.CollectRequest{Qty: 2})
			answers <- err
		}()
	}
	first, second := <-answers, <-answers
	if first == nil {
		first, second = second, first
	}
	refused(t, first, "allotment.state")
	if second != nil || c.waiting("meal") != 0 {
		t.Errorf("%v, %d waiting", second, c.waiting("meal"))
	}
	done, err := c.StatementOf(ctx(), p.ID, "")
	if err != nil || len(done.Collections) != 1 {
		t.Errorf("%d collections, %v", len(done.Collections), err)
	}
}
