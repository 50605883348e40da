package pos_test

import (
	"testing"
	"time"

	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// TestTheDrawerOpensWithoutASaleAndSaysWhoAndWhy is fiscal R58: a manager alone, a barista with a manager's PIN, or alone
// where the café has chosen so.
func TestTheDrawerOpensWithoutASaleAndSaysWhoAndWhy(t *testing.T) {
	c := printingCafe(t)
	manager := c.hire("Zoé", pos.RoleManager, "4821")
	open := func(by pos.By, reason string, approval *pos.Approval) error {
		_, err := c.OpenDrawer(ctx(), by, pos.DrawerRequest{Reason: reason, Approval: approval})
		return err
	}
	before := c.seq()
	refused(t, open(c.byManager(), " ", nil), "reason.missing")
	refused(t, open(c.by(), "Monnaie", nil), "drawer.approval")
	if c.seq() != before || c.jobs() != "" {
		t.Fatalf("a refused opening left %v, then %v, jobs %q", before, c.seq(), c.jobs())
	}
	refused(t, open(c.by(), "Monnaie", &pos.Approval{Operator: "Zoé", PIN: "0000"}), "approval.wrong")
	c.clock.Advance(time.Minute)
	if err := open(c.by(), "Monnaie", &pos.Approval{Operator: "Zoé", PIN: "4821"}); err != nil {
		t.Fatal(err)
	}
	all := c.events(journal.EventDrawerOpen)
	if len(all) != 1 || all[0].Op != c.barista.Code || all[0].Data["reason"] != "Monnaie" || all[0].Data["auth"] != manager.Code || c.jobs() != "Comptoir drawer" {
		t.Fatalf("opened as %+v, jobs %q", all, c.jobs())
	}
	c.emptied()

	by := c.byManager() // the same command once more is the same opening
	for range 2 {
		if err := open(by, "Compter", nil); err != nil {
			t.Fatal(err)
		}
	}
	if c.jobs() != "Comptoir drawer" || len(c.events(journal.EventDrawerOpen)) != 2 {
		t.Errorf("asked twice with one id: jobs %q, %d events", c.jobs(), len(c.events(journal.EventDrawerOpen)))
	}
	s, err := c.Settings(ctx())
	if err != nil {
		t.Fatal(err)
	}
	s.DrawerAlone = true
	if _, err := c.SaveSettings(ctx(), c.byManager(), s); err != nil {
		t.Fatal(err)
	}
	if err := open(c.by(), "Monnaie", nil); err != nil {
		t.Errorf("alone, where the café has chosen so: %v", err)
	}
}

// TestTheDrawerStaysShutInTrainingAndWithoutOne is fiscal R68; and no printer of this till bears a drawer.
func TestTheDrawerStaysShutInTrainingAndWithoutOne(t *testing.T) {
	c := printingCafe(t)
	c.train(true)
	_, err := c.OpenDrawer(ctx(), c.byManager(), pos.DrawerRequest{Reason: "Monnaie"})
	refused(t, err, "training.real")
	c.train(false)
	p := receiptPrinter()
	p.Profile.Pin = -1
	c.install(p)
	before := c.seq()
	_, err = c.OpenDrawer(ctx(), c.byManager(), pos.DrawerRequest{Reason: "Monnaie"})
	refused(t, err, "drawer.none")
	if c.HasDrawer("") || c.seq() != before {
		t.Error("a till without a drawer opens one")
	}
	other := openCafe(t)
	_, err = other.OpenDrawer(ctx(), other.byManager(), pos.DrawerRequest{Reason: "Monnaie"})
	if fault.CodeOf(err) != "drawer.none" {
		t.Errorf("without a printer: %v", err)
	}
}

func TestADrawerThatIsTriedIsInTheJournalToo(t *testing.T) {
	c := printingCafe(t)
	if _, err := c.PrintKick(ctx(), c.byManager(), "Comptoir"); err != nil {
		t.Fatal(err)
	}
	all := c.events(journal.EventDrawerOpen)
	if len(all) != 1 || all[0].Data["reason"] != "test" || all[0].Data["printer"] != "Comptoir" || c.jobs() != "Comptoir drawer" {
		t.Errorf("tried as %+v, jobs %q", all, c.jobs())
	}
}
