package pos_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// putBack copies files of the closed café's directory and returns what puts them back.
func (c *cafe) putBack(names ...string) func() {
	c.tb.Helper()
	kept := map[string][]byte{}
	for _, name := range names {
		b, err := os.ReadFile(filepath.Join(c.config.Dir, name))
		if err != nil {
			c.tb.Fatal(err)
		}
		kept[name] = b
	}
	return func() {
		c.tb.Helper()
		for name, b := range kept {
			if err := os.WriteFile(filepath.Join(c.config.Dir, name), b, 0o600); err != nil {
				c.tb.Fatal(err)
			}
		}
	}
}

func (c *cafe) shut() {
	c.tb.Helper()
	if err := c.Close(); err != nil {
		c.tb.Fatal(err)
	}
}

// held expects Open to refuse with a code, and returns the café as it is held.
func (c *cafe) held(code string) *pos.Held {
	c.tb.Helper()
	_, err := pos.Open(ctx(), c.config)
	if fault.CodeOf(err) != code || !pos.IsHeld(err) {
		c.tb.Fatalf("open: %v, want %s", err, code)
	}
	return pos.NewHeld(c.config)
}

func (c *cafe) answer(reason string) pos.HeldAnswer {
	return pos.HeldAnswer{Operator: c.manager.ID, PIN: managerPIN, Reason: reason}
}

func TestCase79YesterdaysDatabaseIsHeldUntilAManagerGoesOn(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 1))
	c.shut()
	back := c.putBack("till.db")
	c.open()
	last := c.sell("", line("cafe", 1))
	c.shut()
	back()
	h := c.held("journal.rollback")
	for name, a := range map[string]struct {
		answer pos.HeldAnswer
		want   string
	}{
		"nobody":      {pos.HeldAnswer{Operator: "Zoé", PIN: managerPIN, Reason: "r"}, "pin.wrong"},
		"a barista":   {pos.HeldAnswer{Operator: c.barista.ID, PIN: "1111", Reason: "r"}, "held.manager"},
		"no reason":   {pos.HeldAnswer{Operator: c.manager.ID, PIN: managerPIN, Reason: "  "}, "text.invalid"},
		"two lines":   {pos.HeldAnswer{Operator: c.manager.ID, PIN: managerPIN, Reason: "a\nb"}, "text.invalid"},
		"another PIN": {pos.HeldAnswer{Operator: c.manager.ID, PIN: "0000", Reason: "r"}, "pin.wrong"},
	} {
		if err := h.Resume(ctx(), a.answer); fault.CodeOf(err) != a.want {
			t.Errorf("%s: %v, want %s", name, err, a.want)
		}
	}
	if err := h.Resume(ctx(), c.answer("r")); fault.CodeOf(err) != "pin.wait" {
		t.Errorf("at once after a wrong PIN: %v", err)
	}
	c.held("journal.rollback") // nothing was written by refusals
	c.clock.Advance(time.Minute)
	if err := h.Resume(ctx(), c.answer("the disk was replaced")); err != nil {
		t.Fatal(err)
	}
	c.open()
	if s := c.sell("", line("cafe", 1)); s.Number <= last.Number {
		t.Errorf("number %s was given before, the last one was %s", s.Number, last.Number)
	}
	alerts, err := c.Alerts(ctx())
	if err != nil || len(alerts) != 1 || alerts[0].Code != journal.EventRollbackDetected || alerts[0].By != c.manager.Code || alerts[0].What != "behind" {
		t.Errorf("alerts %+v (%v)", alerts, err)
	}
	if !slices.Contains(c.matters(), pos.Matter{Code: pos.MatterIntegrity, Count: 1}) {
		t.Errorf("matters %v", c.matters())
	}
	if err := c.SeeAlerts(ctx(), c.by(), alerts[0].Seq); fault.CodeOf(err) != "right.missing" {
		t.Errorf("a barista takes note: %v", err)
	}
	if err := c.SeeAlerts(ctx(), c.byManager(), alerts[0].Seq-1); fault.CodeOf(err) != "alerts.more" {
		t.Errorf("of what was not shown: %v", err)
	}
	if err := c.SeeAlerts(ctx(), c.byManager(), alerts[0].Seq); err != nil {
		t.Fatal(err)
	}
	if alerts, err := c.Alerts(ctx()); err != nil || len(alerts) != 0 {
		t.Errorf("alerts %+v (%v)", alerts, err)
	}
}

func TestALostKeyIsReplacedByAManager(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 1))
	c.shut()
	if err := os.WriteFile(filepath.Join(c.config.Dir, "keys", "k1.pem"), []byte("scratched"), 0o600); err != nil {
		t.Fatal(err)
	}
	h := c.held("journal.key_broken")
	if err := h.Resume(ctx(), c.answer("no use")); fault.CodeOf(err) != "journal.key_broken" {
		t.Errorf("resumed without a key: %v", err)
	}
	if err := h.ReplaceKey(ctx(), c.answer("the disk is scratched")); err != nil {
		t.Fatal(err)
	}
	c.open()
	c.sell("", line("cafe", 1))
	if r, err := c.VerifyJournal(ctx(), true); err != nil || !r.Conform || len(r.Warnings) == 0 {
		t.Errorf("%+v (%v)", r, err)
	}
}

func TestR26TheKeyIsRotatedWhileTheCafeSells(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 1))
	if _, err := c.RotateKey(ctx(), c.by(), "a barista"); fault.CodeOf(err) != "right.missing" {
		t.Errorf("a barista rotates: %v", err)
	}
	if _, err := c.RotateKey(ctx(), c.byManager(), ""); fault.CodeOf(err) != "text.invalid" {
		t.Errorf("without a reason: %v", err)
	}
	id, err := c.RotateKey(ctx(), c.byManager(), "the machine was repaired")
	if err != nil || id != "k2" {
		t.Fatalf("%s (%v)", id, err)
	}
	c.sell("", line("cafe", 1))
	c.reopen()
	c.sell("", line("cafe", 1))
	if r, err := c.VerifyJournal(ctx(), true); err != nil || !r.Conform || len(r.Warnings) != 0 {
		t.Errorf("%+v (%v)", r, err)
	}
}

func TestTheWholeJournalIsVerifiedEachWeekAndAfterEachMonth(t *testing.T) {
	c := openCafe(t)
	due := func(want bool) {
		t.Helper()
		if got, err := c.VerificationDue(ctx()); err != nil || got != want {
			t.Errorf("due: %v (%v), want %v", got, err, want)
		}
	}
	due(false)
	if _, err := c.VerifyJournal(ctx(), false); err != nil {
		t.Fatal(err)
	}
	c.clock.Advance(7 * 24 * time.Hour)
	due(true)
	if _, err := c.VerifyJournal(ctx(), false); err != nil {
		t.Fatal(err)
	}
	due(true) // links alone are not enough
	if _, err := c.VerifyJournal(ctx(), true); err != nil {
		t.Fatal(err)
	}
	due(false)
	c.clock.Advance(3 * 24 * time.Hour) // 1 December
	c.sell("", line("cafe", 1))
	due(true)
}

func TestAnAlteredEntryIsAnAlertUntilSeen(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 1))
	c.damage("journal", `UPDATE journal SET sig = CAST(x'00' || sig AS BLOB) WHERE seq = 3`)
	r, err := c.VerifyJournal(ctx(), true)
	if err != nil || r.Conform {
		t.Errorf("%+v (%v)", r, err)
	}
	alerts, err := c.Alerts(ctx())
	if err != nil || len(alerts) != 1 || alerts[0].What != "verify" {
		t.Errorf("%+v (%v)", alerts, err)
	}
	c.damage("journal", `UPDATE journal SET sig = CAST(substr(sig, 2) AS BLOB) WHERE seq = 3`)
}

func TestAClockADayBehindIsAMatter(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 1))
	c.clock.Jump(-25 * time.Hour)
	if !slices.Contains(c.matters(), pos.Matter{Code: pos.MatterClock}) {
		t.Errorf("matters %v", c.matters())
	}
	c.sell("", line("cafe", 1)) // a wrong clock loses no sale
}

func TestAClockTooFarAheadIsHeldUntilAManagerSaysThatTheDateIsRight(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 1))
	c.clock.Jump(10 * 365 * 24 * time.Hour)
	if _, err := c.Sell(ctx(), c.by(), pos.SellRequest{Lines: []pos.LineRequest{line("cafe", 1)}, Tenders: []pos.Tender{{Means: pos.Card, Amount: 220}}}); fault.CodeOf(err) != "clock.ahead" {
		t.Fatalf("ten years ahead: %v", err)
	}
	c.clock.Jump(-10 * 365 * 24 * time.Hour)
	c.sell("", line("cafe", 1))
	c.shut()
	c.clock.Advance(60 * 24 * time.Hour)
	h := c.held("clock.ahead")
	if err := h.Resume(ctx(), c.answer("closed for the winter")); err != nil {
		t.Fatal(err)
	}
	c.open()
	c.sell("", line("cafe", 1))
	if r, err := c.VerifyJournal(ctx(), true); err != nil || !r.Conform || len(r.Warnings) != 0 {
		t.Errorf("%+v (%v)", r, err)
	}
}

// TestASecretThatAPowerCutEmptiedIsMadeAnew: the cards that were drawn from the one before stay good.
func TestASecretThatAPowerCutEmptiedIsMadeAnew(t *testing.T) {
	c := openCafe(t)
	code := c.newCard()
	c.shut()
	file := filepath.Join(c.config.Dir, "keys", "codes.key")
	if err := os.Truncate(file, 0); err != nil {
		t.Fatal(err)
	}
	c.open()
	if _, err := c.Card(ctx(), code); err != nil {
		t.Errorf("a card of before: %v", err)
	}
	made, err := os.ReadFile(file)
	if err != nil || len(made) != 32 {
		t.Errorf("made: %d bytes (%v)", len(made), err)
	}
}

// TestASecretOfAnotherLengthIsHeldAndKept: it was not cut by the till, so that somebody may have the right one.
func TestASecretOfAnotherLengthIsHeldAndKept(t *testing.T) {
	c := openCafe(t)
	c.shut()
	file := filepath.Join(c.config.Dir, "keys", "codes.key")
	if err := os.Truncate(file, 31); err != nil {
		t.Fatal(err)
	}
	c.held("secret.unusable")
	if info, err := os.Stat(file); err != nil || info.Size() != 31 {
		t.Errorf("the file was written over: %v (%v)", info, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	c.open()
}
