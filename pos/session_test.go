package pos_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

func (c *cafe) signIn(who, pin string) pos.Session {
	c.tb.Helper()
	s, err := c.SignIn(ctx(), who, pin)
	if err != nil {
		c.tb.Fatalf("sign in %s: %v", who, err)
	}
	return s
}

func TestSigningInByIDAndByName(t *testing.T) {
	c := emptyCafe(t)
	for _, who := range []string{c.barista.ID, "Awa", "AWÀ", " awa "} {
		s := c.signIn(who, "1111")
		if s.Operator != c.barista || len(s.Token) != 43 || !s.Expires.Equal(c.clock.Now().Add(12*time.Hour)) {
			t.Errorf("%q: %+v", who, s)
		}
		if o, err := c.SessionOperator(ctx(), s.Token); err != nil || o != c.barista {
			t.Errorf("%q: %+v, %v", who, o, err)
		}
	}
	if got := c.events(journal.EventLogin); len(got) != 4 || got[0].Op != "AWA" || got[0].Data["role"] != "barista" {
		t.Errorf("journal: %+v", got)
	}
}

func TestSigningOutEndsOneSession(t *testing.T) {
	c := emptyCafe(t)
	first, second := c.signIn("Awa", "1111"), c.signIn("Awa", "1111")
	if err := c.SignOut(ctx(), first.Token); err != nil {
		t.Fatal(err)
	}
	_, err := c.SessionOperator(ctx(), first.Token)
	refused(t, err, "session.none")
	if _, err := c.SessionOperator(ctx(), second.Token); err != nil {
		t.Errorf("the other session: %v", err)
	}
	if err := c.SignOut(ctx(), first.Token); err != nil {
		t.Errorf("twice: %v", err)
	}
	if got := c.events(journal.EventLogout); len(got) != 1 || got[0].Op != "AWA" {
		t.Errorf("journal: %+v", got)
	}
}

// After the k-th wrong PIN in a row the next try is accepted in 2^(k-1) seconds, a minute at most.
func TestWrongPINsMakeOneWaitLongerEachTime(t *testing.T) {
	c := emptyCafe(t)
	for k, seconds := range []int64{1, 2, 4, 8, 16, 32, 60, 60} {
		_, err := c.SignIn(ctx(), "Awa", "0000")
		refused(t, err, "pin.wrong")
		before := c.seq()
		_, err = c.SignIn(ctx(), c.barista.ID, "1111") // the right one, too early, by the other name
		if e := refused(t, err, "pin.wait"); e.Kind != fault.TooMany || e.Args["seconds"] != seconds {
			t.Errorf("after %d wrong: %+v, want %d seconds", k+1, e.Args, seconds)
		}
		c.clock.Advance(time.Duration(seconds)*time.Second - time.Millisecond)
		_, err = c.SignIn(ctx(), "Awa", "1111")
		if e := refused(t, err, "pin.wait"); e.Args["seconds"] != int64(1) {
			t.Errorf("a millisecond early: %v", e.Args)
		}
		if c.seq() != before {
			t.Error("an attempt that came too early left something")
		}
		c.clock.Advance(time.Millisecond)
	}
	c.signIn("Marie", managerPIN) // another's delay is not hers
	c.signIn("Awa", "1111")
	_, err := c.SignIn(ctx(), "Awa", "0000")
	refused(t, err, "pin.wrong")
	c.clock.Advance(time.Second) // the count began again
	c.signIn("Awa", "1111")
	got := c.events(journal.EventLoginFail)
	if len(got) != 9 || got[7].Op != "AWA" || got[7].Data["in_a_row"] != 8.0 || got[8].Data["in_a_row"] != 1.0 || got[0].Data["known"] != true {
		t.Errorf("journal: %+v", got)
	}
}

func TestANameThatNobodyHasIsAnsweredLikeAWrongPIN(t *testing.T) {
	c := emptyCafe(t)
	_, err := c.SignIn(ctx(), "Awa", "0000")
	wrong := refused(t, err, "pin.wrong")
	_, err = c.SignIn(ctx(), "Nobody", "1111")
	if e := refused(t, err, "pin.wrong"); e.Kind != wrong.Kind || e.Detail != wrong.Detail || e.Args != nil {
		t.Errorf("got %+v, want %+v", e, wrong)
	}
	_, err = c.SignIn(ctx(), "nobody", "1111")
	refused(t, err, "pin.wait")
	got := c.events(journal.EventLoginFail)
	if len(got) != 2 || got[1].Op != "sys" || got[1].Data["known"] != false {
		t.Errorf("journal: %+v", got)
	}
	for _, pin := range []string{"", "11111111111111111111", "abcd", "1111 "} {
		c.clock.Advance(time.Minute)
		_, err := c.SignIn(ctx(), "Awa", pin)
		refused(t, err, "pin.wrong")
	}
}

func TestAHundredTriesAtOnceAreOneTry(t *testing.T) {
	c := emptyCafe(t)
	var group sync.WaitGroup
	codes := make([]string, 100)
	for i := range codes {
		group.Go(func() {
			_, err := c.SignIn(ctx(), "Awa", "0000")
			codes[i] = fault.CodeOf(err)
		})
	}
	group.Wait()
	count := map[string]int{}
	for _, code := range codes {
		count[code]++
	}
	if count["pin.wrong"] != 1 || count["pin.wait"] != 99 {
		t.Errorf("got %v, want one wrong and 99 told to wait", count)
	}
}

func TestWhoGivesUpWaitingIsNotSignedIn(t *testing.T) {
	c := emptyCafe(t)
	gone, cancel := context.WithCancel(ctx())
	cancel()
	if s, err := c.SignIn(gone, "Awa", "1111"); err == nil {
		t.Errorf("signed in: %+v", s)
	}
	c.signIn("Awa", "1111")
}

func TestASessionLastsTwelveHoursFromItsLastUse(t *testing.T) {
	c := emptyCafe(t)
	s := c.signIn("Awa", "1111")
	before := c.expires()
	c.clock.Advance(5*time.Minute - time.Millisecond)
	if _, err := c.SessionOperator(ctx(), s.Token); err != nil || c.expires() != before {
		t.Errorf("a use within five minutes was written: %v", err)
	}
	c.clock.Advance(11 * time.Hour)
	if _, err := c.SessionOperator(ctx(), s.Token); err != nil || c.expires() == before {
		t.Errorf("a use after eleven hours was not written: %v", err)
	}
	c.reopen() // a session survives a restart
	c.clock.Advance(12*time.Hour - time.Millisecond)
	if _, err := c.SessionOperator(ctx(), s.Token); err != nil {
		t.Errorf("before twelve hours: %v", err)
	}
	c.clock.Advance(12 * time.Hour)
	_, err := c.SessionOperator(ctx(), s.Token)
	refused(t, err, "session.none")
	c.signIn("Marie", managerPIN)
	if n := c.count(`SELECT count(*) FROM sessions`); n != 1 {
		t.Errorf("%d sessions are kept, want hers only", n)
	}
	for _, bad := range []string{"", s.Token + "x", "cpt_" + s.Token} {
		_, err := c.SessionOperator(ctx(), bad)
		refused(t, err, "session.none")
	}
}

func (c *cafe) expires() int64 { return c.count(`SELECT max(expires) FROM sessions`) }

func (c *cafe) count(query string) (n int64) {
	c.tb.Helper()
	if err := c.DB().Reader().QueryRow(ctx(), query).Scan(&n); err != nil {
		c.tb.Fatal(err)
	}
	return n
}
