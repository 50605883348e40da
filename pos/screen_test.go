package pos_test

import (
	"testing"
	"time"

	"comptoir/pos"
	"comptoir/receipts/journal"
)

func TestAReservedScreenIsAnotherSessionAndOutlivesAHoliday(t *testing.T) {
	c := emptyCafe(t)
	person := c.signIn("Awa", "1111")
	screen, err := c.ReserveScreen(ctx(), person.Token, pos.ScopeDisplay)
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.SessionOf(ctx(), person.Token)
	refused(t, err, "session.none")
	c.clock.Advance(20 * 24 * time.Hour)
	if s, err := c.SessionOf(ctx(), screen.Token); err != nil || s.Scope != pos.ScopeDisplay || s.Operator != c.barista || screen.Token == person.Token {
		t.Errorf("after twenty days: %+v, %v", s, err)
	}
	again, err := c.ReserveScreen(ctx(), screen.Token, pos.ScopeKitchen)
	if err != nil || again.Scope != pos.ScopeDisplay {
		t.Errorf("reserved twice: %+v, %v", again, err)
	}
	if err := c.SignOut(ctx(), again.Token); err != nil {
		t.Fatal(err)
	}
	if got := c.events(journal.EventLogout); len(got) != 1 || got[0].Op != "AWA" || got[0].Data["screen"] != true {
		t.Errorf("journal: %+v", got)
	}
}

func TestNobodyReservesAScreenWithoutASession(t *testing.T) {
	c := emptyCafe(t)
	person := c.signIn("Awa", "1111")
	_, err := c.ReserveScreen(ctx(), person.Token, pos.ScopeAll)
	refused(t, err, "session.none")
	c.clock.Advance(13 * time.Hour)
	for _, token := range []string{"", "nothing", person.Token} {
		_, err := c.ReserveScreen(ctx(), token, pos.ScopeKitchen)
		refused(t, err, "session.none")
	}
}
