package pos_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"comptoir/data/fault"
	"comptoir/loyalty"
	"comptoir/pos"
)

// record is what the desk shows of a card.
func (c *cafe) record(card string) pos.CardRecord {
	c.tb.Helper()
	r, err := c.CardRecord(ctx(), card)
	if err != nil {
		c.tb.Fatalf("record: %v", err)
	}
	return r
}

func TestCase25AnOldPaperCardIsBroughtOnceEightAtMostAndCounted(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	c.sell(card, line("plat", 2))
	_, err := c.ImportPaper(ctx(), c.by(), card, pos.ImportRequest{Stamps: 8, Voided: true})
	refused(t, err, "right.missing")
	for _, n := range []int{-1, 0, 9, 1000} {
		_, err = c.ImportPaper(ctx(), c.byManager(), card, pos.ImportRequest{Stamps: n, Voided: true})
		refused(t, err, "grant.count")
	}
	_, err = c.ImportPaper(ctx(), c.byManager(), card, pos.ImportRequest{Stamps: 8})
	refused(t, err, "import.voided")
	if v, err := c.ImportPaper(ctx(), c.byManager(), card, pos.ImportRequest{Stamps: 8, Voided: true}); err != nil || v.Stamps != 10 || v.Released != 1 || c.waiting("meal") != 1 {
		t.Errorf("%+v, %v", v, err)
	}
	_, err = c.ImportPaper(ctx(), c.byManager(), card, pos.ImportRequest{Stamps: 1, Voided: true})
	refused(t, err, "import.again")
	today := c.DB().Today()
	given, err := loyalty.Given(ctx(), c.DB().Reader(), today, today)
	if err != nil || given[loyalty.Imported] != 8 || given[loyalty.Earned] != 2 {
		t.Errorf("given %v, %v", given, err)
	}
	c.verify()
}

func TestCase26AndT6ApologiesAreAManagersAndSoManyAMonth(t *testing.T) {
	c := openCafe(t)
	c.choose(func(g *pos.Generosity) { g.GoodwillMonthly = 3 })
	card := c.newCard()
	_, err := c.Goodwill(ctx(), c.by(), card, 1)
	refused(t, err, "right.missing")
	if v, err := c.Goodwill(ctx(), c.byManager(), card, 2); err != nil || v.Stamps != 2 {
		t.Fatalf("%+v, %v", v, err)
	}
	_, err = c.Goodwill(ctx(), c.byManager(), c.newCard(), 2)
	if e := refused(t, err, "goodwill.spent"); e.Args["max"] != 1 {
		t.Errorf("refused with %v", e.Args)
	}
	c.clock.Advance(31 * day) // a new month
	if v, err := c.Goodwill(ctx(), c.byManager(), card, 3); err != nil || v.Stamps != 5 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestCase44ALostCardWithoutContactIsHadBackByItsNumberOrItsReceipts(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	number := c.view(card).Number
	r := c.sell(card, line("plat", 3))
	if _, err := c.LoseCard(ctx(), c.by(), number); err != nil {
		t.Fatal(err)
	}
	_, err := c.Card(ctx(), card)
	refused(t, err, "card.replaced")
	_, err = c.CardsByContact(ctx(), "ada@example.org")
	refused(t, err, "contact.unknown")
	if got := c.record(number); got.State != loyalty.Lost || got.Stamps != 3 {
		t.Errorf("the desk: %+v", got)
	}
	fresh := c.newCard() // the number is forgotten too: nothing of the receipt is left, it is stamped on the lost one
	if got := c.claim(fresh, r.ReceiptCode); got != 0 {
		t.Errorf("%d stamps twice", got)
	}
	again, err := c.ReplaceCard(ctx(), c.by(), number)
	if err != nil {
		t.Fatal(err)
	}
	c.stamps("by its number", []string{again.Code}, 3)
}

func TestCase45ALostCardComesBackThroughItsContactAndTheOldOneIsDead(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	c.sell(card, line("plat", 4))
	for _, bad := range []string{"call me", "@", "a@b", "12", strings.Repeat("1", 16), "a b@example.org", "\x00@example.org"} {
		refused(t, c.SetContact(ctx(), c.by(), card, bad), "contact.invalid")
	}
	if err := c.SetContact(ctx(), c.by(), card, " Ada@Example.org "); err != nil {
		t.Fatal(err)
	}
	found, err := c.CardsByContact(ctx(), "ada@example.ORG")
	if err != nil || len(found) != 1 || found[0].Stamps != 4 {
		t.Fatalf("found %+v, %v", found, err)
	}
	by := c.by()
	fresh, err := c.ReplaceCard(ctx(), by, found[0].Number)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.ReplaceCard(ctx(), by, found[0].Number); err != nil || again != fresh {
		t.Errorf("asked again: %+v, %v", again, err)
	}
	c.stamps("the account is kept", []string{fresh.Code}, 4)
	for _, dead := range []string{card, found[0].Number} {
		_, err = c.Card(ctx(), dead)
		refused(t, err, "card.replaced")
		_, err = c.CardRecord(ctx(), dead)
		refused(t, err, "card.replaced")
		_, err = c.ReplaceCard(ctx(), c.by(), dead)
		refused(t, err, "card.replaced")
		_, err = c.LoseCard(ctx(), c.by(), dead)
		refused(t, err, "card.replaced")
		_, err = c.MergeCards(ctx(), c.by(), dead, c.newCard())
		refused(t, err, "card.replaced")
	}
	if got := c.record(fresh.Code).Contact; got != "a…@e…" {
		t.Errorf("the hint: %q", got)
	}
	if err := c.SetContact(ctx(), c.by(), fresh.Code, ""); err != nil {
		t.Fatal(err)
	}
	_, err = c.CardsByContact(ctx(), "ada@example.org")
	refused(t, err, "contact.unknown")
}

func TestAContactOfAFamilyLeadsToEachOfItsCards(t *testing.T) {
	c := openCafe(t)
	for _, phone := range []string{"06 12 34 56 78", "+33 (6) 12-34-56-78", "0033612345678"} {
		if err := c.SetContact(ctx(), c.by(), c.newCard(), phone); err != nil {
			t.Fatal(err)
		}
	}
	if found, err := c.CardsByContact(ctx(), "0612345678"); err != nil || len(found) != 3 {
		t.Errorf("found %+v, %v", found, err)
	}
}

func TestT14AContactAndACodeStandInNoFileOfTheCafe(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	if err := c.SetContact(ctx(), c.by(), card, "ada.lovelace@example.org"); err != nil {
		t.Fatal(err)
	}
	c.sell(card, line("plat", 1))
	fresh, err := c.ReplaceCard(ctx(), c.by(), card)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(c.config.Dir, "till.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, path := range files {
		held, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"lovelace", "example.org", card, fresh.Code} {
			if bytes.Contains(bytes.ToLower(held), []byte(strings.ToLower(secret))) {
				t.Errorf("%s holds %q", filepath.Base(path), secret)
			}
		}
	}
}

func TestCase46AFoundCardShowsACountAndNoPerson(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	if err := c.SetContact(ctx(), c.by(), card, "ada@example.org"); err != nil {
		t.Fatal(err)
	}
	if v := c.view(card); v != (pos.CardView{Number: v.Number}) {
		t.Errorf("%+v", v)
	}
}

func TestCase51AClosedAccountLeavesItsStampsInTheTotalsAndItsMealsOnTheShelf(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	other := c.newCard()
	c.sell(card, line("plat", 9))
	if err := c.SetContact(ctx(), c.by(), card, "0612345678"); err != nil {
		t.Fatal(err)
	}
	refused(t, c.CloseCard(ctx(), c.by(), card), "right.missing")
	for range 2 { // again it changes nothing
		if err := c.CloseCard(ctx(), c.byManager(), card); err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.Card(ctx(), card)
	refused(t, err, "card.replaced")
	_, err = c.CardsByContact(ctx(), "0612345678")
	refused(t, err, "contact.unknown")
	_, err = c.MergeCards(ctx(), c.by(), card, other)
	refused(t, err, "card.replaced")
	_, err = c.ReplaceCard(ctx(), c.by(), card)
	refused(t, err, "card.replaced")
	if n, err := loyalty.TotalStamps(ctx(), c.DB().Reader()); err != nil || n != 9 || c.waiting("meal") != 1 {
		t.Errorf("%d stamps in all, %d meals wait, %v", n, c.waiting("meal"), err)
	}
}

func TestCase52ACardWithoutActivityForTwoYearsIsErased(t *testing.T) {
	c := openCafe(t)
	quiet, busy := c.newCard(), c.newCard()
	c.sell(quiet, line("plat", 1))
	if err := c.SetContact(ctx(), c.by(), quiet, "0612345678"); err != nil {
		t.Fatal(err)
	}
	due := func(want int) {
		t.Helper()
		if _, err := c.CloseDue(ctx()); err != nil {
			t.Fatal(err)
		}
		if _, err := c.KeepDials(ctx()); err != nil {
			t.Fatal(err)
		}
		n, err := c.DoDue(ctx())
		if err != nil || n != want {
			t.Errorf("%d things done, %v; want %d", n, err, want)
		}
	}
	later := func(days int) {
		t.Helper()
		for ; days > 0; days -= 10 { // a clock that leaps is not believed
			c.clock.Advance(10 * day)
			if _, err := c.CloseDue(ctx()); err != nil {
				t.Fatal(err)
			}
		}
	}
	due(0)
	later(700)
	due(0)
	if err := c.SetContact(ctx(), c.by(), busy, "0600000000"); err != nil {
		t.Fatal(err)
	}
	later(40)
	due(1)
	due(0)
	_, err := c.Card(ctx(), quiet)
	refused(t, err, "card.replaced")
	_, err = c.CardsByContact(ctx(), "0612345678")
	refused(t, err, "contact.unknown")
	c.stamps("the other stays", []string{busy}, 0)
}

func TestCase53ACardOfAnotherCafeIsUnknownAndTheTicketStays(t *testing.T) {
	c, other := openCafe(t), openCafe(t)
	tk := c.ticket(line("plat", 1))
	_, err := c.AttachCard(ctx(), c.by(), tk.ID, other.newCard())
	refused(t, err, "card.unknown")
	if now, err := c.Ticket(ctx(), tk.ID); err != nil || now.Version != tk.Version {
		t.Errorf("%+v, %v", now, err)
	}
}

func TestTheDataOfACardAreDaysKindsAndCounts(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	r := c.sell(card, line("plat", 2))
	c.refund(r.ID, 1, 1)
	if _, err := c.Goodwill(ctx(), c.byManager(), card, 1); err != nil {
		t.Fatal(err)
	}
	d, err := c.CardData(ctx(), card)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, s := range d.Stamps {
		kinds = append(kinds, string(s.Kind))
		if s.Day != c.DB().Today() {
			t.Errorf("a stamp of %s", s.Day)
		}
	}
	if got := strings.Join(kinds, " "); got != "EARN EARN REFUND GOODWILL" || d.Card.Stamps != 2 || len(d.Cards) != 1 {
		t.Errorf("%s, %+v", got, d)
	}
}

func TestPaperCardsAreMadeAtOnceAndToldOnce(t *testing.T) {
	c := openCafe(t)
	by := c.byManager()
	cards, err := c.PaperCards(ctx(), by, 10)
	if err != nil || len(cards) != 10 {
		t.Fatalf("%d cards, %v", len(cards), err)
	}
	again, err := c.PaperCards(ctx(), by, 10)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i, card := range cards {
		if again[i] != card || seen[card.Code] || seen[card.Number] {
			t.Errorf("card %d is %+v, then %+v", i+1, card, again[i])
		}
		seen[card.Code], seen[card.Number] = true, true
		if r := c.record(card.Code); r.Medium != loyalty.Paper || r.Number != card.Number {
			t.Errorf("%+v", r)
		}
	}
	for _, n := range []int{-1, 0, 51} {
		_, err := c.PaperCards(ctx(), c.byManager(), n)
		refused(t, err, "sheet.count")
	}
	_, err = c.PaperCards(ctx(), c.by(), 1)
	refused(t, err, "right.missing")
}

func TestWhatACardDoesIsRefusedInTraining(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	if _, err := c.ChangeTraining(ctx(), c.byManager(), pos.TrainingRequest{On: true}); err != nil {
		t.Fatal(err)
	}
	_, err := c.ReplaceCard(ctx(), c.by(), card)
	refused(t, err, "training.real")
	_, err = c.Goodwill(ctx(), c.byManager(), card, 1)
	refused(t, err, "training.real")
	refused(t, c.SetContact(ctx(), c.by(), card, "0612345678"), "training.real")
	_, err = c.ChangeTraining(ctx(), c.byManager(), pos.TrainingRequest{})
	if err != nil {
		t.Fatal(err)
	}
}

func TestT10TwoTillsAtOnceOneReplacesAndStampsAreNeverDoubled(t *testing.T) {
	c := openCafe(t)
	a, b := c.newCard(), c.newCard()
	c.sell(a, line("plat", 8))
	c.sell(b, line("plat", 1))
	numbers := []string{c.view(a).Number, c.view(b).Number}
	var all sync.WaitGroup
	var replaced atomic.Int64
	for range 4 {
		all.Go(func() {
			if _, err := c.ReplaceCard(ctx(), c.by(), numbers[0]); err == nil {
				replaced.Add(1)
			} else if fault.CodeOf(err) != "card.replaced" {
				t.Errorf("replace: %v", err)
			}
		})
		for i := range numbers {
			all.Go(func() {
				if _, err := c.MergeCards(ctx(), c.by(), numbers[i], numbers[1-i]); err != nil && fault.CodeOf(err) != "card.replaced" {
					t.Errorf("merge: %v", err)
				}
			})
		}
	}
	all.Wait()
	if n, err := loyalty.TotalStamps(ctx(), c.DB().Reader()); err != nil || n != 9 || replaced.Load() > 1 {
		t.Errorf("%d stamps in all, replaced %d times, %v", n, replaced.Load(), err)
	}
}
