package loyalty

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/suspended"
)

func TestCase1ASecondScanOnTheSameTicketChangesNothing(t *testing.T) {
	h := open(t)
	card := h.card()
	units := h.ring(2)
	for _, want := range []string{"+2, S=2 D=0", "+0, S=2 D=0"} {
		var c Change
		h.do(func(ctx context.Context, tx *data.Tx) (err error) {
			c, err = Earn(ctx, tx, card.Account, units, Earned, mealCost)
			return err
		})
		wantDid(t, c, card.Account, want)
	}
}

func TestCase3EachCardOfATableHasItsOwnUnitsAndTheRestStaysClaimable(t *testing.T) {
	h := open(t)
	a, b := h.card(), h.card()
	units := h.ring(4)
	h.do(func(ctx context.Context, tx *data.Tx) error {
		if _, err := Earn(ctx, tx, a.Account, units[:1], Earned, mealCost); err != nil {
			return err
		}
		_, err := Earn(ctx, tx, b.Account, units[1:2], Earned, mealCost)
		return err
	})
	live, err := Stamped(t.Context(), h.db.Reader(), units)
	if diff := cmp.Diff(map[string]string{units[0]: a.Account, units[1]: b.Account}, live); err != nil || diff != "" {
		t.Errorf("stamped units (-want +got): %v\n%s", err, diff)
	}
}

func TestCase8AUnitOfAnotherCardIsNotStampedAgainAndNothingOfTheCommandRemains(t *testing.T) {
	h := open(t)
	a, b := h.card(), h.card()
	h.pay(a.Account, 1)
	taken := h.units[a.Account][0]
	err := command(h.db, func(ctx context.Context, tx *data.Tx) error {
		_, err := Earn(ctx, tx, b.Account, append(h.ring(3), taken), Claimed, mealCost)
		return err
	})
	wantCode(t, err, fault.Conflict, "stamp.taken")
	h.stands(a.Account, "S=1 filled=1 R=0 served=0 D=0")
	h.stands(b.Account, "S=0 filled=0 R=0 served=0 D=0")
}

func TestCase11LateClaimsAreCountedByTheDayForAFlag(t *testing.T) {
	h := open(t)
	card, other := h.card(), h.card()
	h.pay(card.Account, 3)
	for _, c := range []Card{card, other} {
		h.do(func(ctx context.Context, tx *data.Tx) error {
			_, err := Earn(ctx, tx, c.Account, h.ring(4), Claimed, mealCost)
			return err
		})
	}
	h.merge(other.Account, card.Account)
	for day, want := range map[string]int{"2026-11-14": 8, "2026-11-21": 8, "2026-11-22": 0} {
		if n, err := ClaimsSince(t.Context(), h.db.Reader(), card.Account, day); err != nil || n != want {
			t.Errorf("claims since %s: got %d, %v; want %d", day, n, err, want)
		}
	}
}

func TestCase27OneOfThreeMealsRefundedLosesItsOwnStampOnlyAndOnce(t *testing.T) {
	h := open(t)
	card := h.card()
	h.pay(card.Account, 3)
	second := h.units[card.Account][1]
	all := h.reverse(second, "77.1.1") // the other was never stamped
	if len(all) != 1 {
		t.Fatalf("changes: got %+v, want one", all)
	}
	wantDid(t, all[0], card.Account, "-1, S=2 D=0")
	if all := h.reverse(second); len(all) != 0 {
		t.Errorf("a second refund of the same unit changed %+v", all)
	}
	live, err := Stamped(t.Context(), h.db.Reader(), h.units[card.Account])
	if err != nil || len(live) != 2 || live[second] != "" {
		t.Errorf("stamped units: got %v, %v; want all but %s", live, err, second)
	}
}

func TestCase33AChargebackWeeksLaterFollowsTheSameLaw(t *testing.T) {
	h := open(t)
	card := h.card()
	h.pay(card.Account, 9)
	h.serve()
	var all []Change
	h.do(func(ctx context.Context, tx *data.Tx) (err error) {
		all, err = Reverse(ctx, tx, h.units[card.Account][:2], Chargeback, mealCost)
		return err
	})
	wantDid(t, all[0], card.Account, "-2, S=7 D=1")
}

func TestCase34ARefundTakesEachUnitFromItsOwnAccount(t *testing.T) {
	h := open(t)
	a, b := h.card(), h.card()
	h.pay(a.Account, 8)
	units := h.ring(4) // claimed by two, the fourth by nobody
	for _, claim := range []struct {
		account string
		units   []string
	}{{a.Account, units[:1]}, {b.Account, units[1:3]}} {
		h.do(func(ctx context.Context, tx *data.Tx) error {
			_, err := Earn(ctx, tx, claim.account, claim.units, Claimed, mealCost)
			return err
		})
	}
	all := h.reverse(units...)
	if len(all) != 2 {
		t.Fatalf("changes: got %+v, want two", all)
	}
	wantDid(t, all[0], a.Account, "-1 retracted 1, S=8 D=0")
	wantDid(t, all[1], b.Account, "-2, S=0 D=0")
}

func TestCase40AWrongCardIsMovedAndBothAccountsReconciled(t *testing.T) {
	h := open(t)
	wrong, right := h.card(), h.card()
	h.pay(wrong.Account, 8)
	h.pay(right.Account, 8)
	h.pay(wrong.Account, 1)
	unit := h.units[wrong.Account][8]
	all := h.move(right.Account, unit, "77.1.1")
	if len(all) != 2 {
		t.Fatalf("changes: got %+v, want two", all)
	}
	wantDid(t, all[0], wrong.Account, "-1 retracted 1, S=8 D=0")
	wantDid(t, all[1], right.Account, "+1 released 1, S=9 D=0")
	if all := h.move(right.Account, unit); len(all) != 0 {
		t.Errorf("a second move changed %+v", all)
	}
	wantDid(t, h.reverse(unit)[0], right.Account, "-1 retracted 1, S=8 D=0")
}

func TestCase40AServedMealOfTheWrongAccountBecomesItsAdvance(t *testing.T) {
	h := open(t)
	wrong, right := h.card(), h.card()
	h.pay(wrong.Account, 9)
	h.serve()
	all := h.move(right.Account, h.units[wrong.Account]...)
	wantDid(t, all[0], wrong.Account, "-9, S=0 D=1")
	wantDid(t, all[1], right.Account, "+9 released 1, S=9 D=0")
	h.stands(wrong.Account, "S=0 filled=0 R=1 served=1 D=1")
}

func TestCase47ACardSharedByTwoIsOneAccount(t *testing.T) {
	h := open(t)
	card := h.card()
	for _, held := range []string{card.Code, "https://cafe.example/C/" + card.Code} { // the card, and a picture of it
		ref, err := Find(t.Context(), h.db.Reader(), held)
		if err != nil {
			t.Fatal(err)
		}
		h.pay(ref.Account, 1)
	}
	h.stands(card.Account, "S=2 filled=2 R=0 served=0 D=0")
}

func TestCase48TwoCardsMergedReleaseWhatTheyHaveEarnedTogether(t *testing.T) {
	h := open(t)
	a, b := h.card(), h.card()
	h.pay(a.Account, 8)
	h.pay(b.Account, 1)
	merged := h.merge(a.Account, b.Account)
	wantDid(t, merged, b.Account, "+8 released 1, S=9 D=0")
	if it := merged.Released[0]; it.Class != suspended.Meal || it.Cost != mealCost || it.Account != b.Account {
		t.Errorf("released %+v, want a meal of account %s at cost %d", it, b.Account, mealCost)
	}
	h.stands(a.Account, "S=9 filled=0 R=1 served=0 D=0")
	h.stands(b.Account, "S=9 filled=0 R=1 served=0 D=0")
	// A scan of a ticket stamped before the merge changes nothing.
	h.do(func(ctx context.Context, tx *data.Tx) error {
		c, err := Earn(ctx, tx, b.Account, h.units[a.Account], Claimed, mealCost)
		wantDid(t, c, b.Account, "+0, S=9 D=0")
		return err
	})
	// A refund of a meal stamped before the merge still counts for the group.
	wantDid(t, h.reverse(h.units[a.Account][0])[0], b.Account, "-1 retracted 1, S=8 D=0")
}

func TestCase49AMergeWithAnAdvanceSumsAndTheLawHolds(t *testing.T) {
	t.Run("the other's stamps fill the gap", func(t *testing.T) {
		h := open(t)
		a, b := h.card(), h.card()
		h.pay(a.Account, 9)
		h.serve()
		h.refund(a.Account, 1) // S=8, D=1
		h.pay(b.Account, 1)
		wantDid(t, h.merge(a.Account, b.Account), b.Account, "+8, S=9 D=0")
		h.stands(b.Account, "S=9 filled=0 R=1 served=1 D=0")
	})
	t.Run("the other's meal on the shelf pays for it", func(t *testing.T) {
		h := open(t)
		a, b := h.card(), h.card()
		h.pay(a.Account, 9)
		h.serve()
		h.refund(a.Account, 3) // S=6, D=1
		h.pay(b.Account, 9)
		wantDid(t, h.merge(b.Account, a.Account), a.Account, "+9 retracted 1, S=15 D=0")
		if got := h.releases(b.Account); got != "1:RETRACTED" {
			t.Errorf("releases of the account merged away: got %s, want 1:RETRACTED", got)
		}
	})
	t.Run("two advances", func(t *testing.T) {
		h := open(t)
		a, b := h.card(), h.card()
		for _, c := range []Card{a, b} {
			h.pay(c.Account, 9)
			h.serve()
			h.refund(c.Account, 5)
		}
		wantDid(t, h.merge(a.Account, b.Account), b.Account, "+4, S=8 D=2")
	})
}

func TestCase50AMergeIntoItselfOrTwiceChangesNothing(t *testing.T) {
	h := open(t)
	a, b, c := h.card(), h.card(), h.card()
	h.pay(a.Account, 3)
	h.pay(b.Account, 4)
	wantDid(t, h.merge(a.Account, a.Account), a.Account, "+0, S=3 D=0")
	wantDid(t, h.merge(a.Account, b.Account), b.Account, "+3, S=7 D=0")
	wantDid(t, h.merge(a.Account, b.Account), b.Account, "+0, S=7 D=0")
	wantDid(t, h.merge(b.Account, a.Account), b.Account, "+0, S=7 D=0") // backwards is into itself
	wantDid(t, h.merge(b.Account, c.Account), c.Account, "+7, S=7 D=0")
	wantDid(t, h.merge(c.Account, a.Account), c.Account, "+0, S=7 D=0") // no circle
	wantDid(t, h.pay(a.Account, 2), c.Account, "+2 released 1, S=9 D=0")
}

func TestADeadCardSaysThatItWasReplacedAndNothingElse(t *testing.T) {
	h := open(t)
	a, b, c := h.card(), h.card(), h.card()
	h.merge(a.Account, b.Account)
	h.merge(b.Account, c.Account)
	for _, dead := range []string{a.Code, a.Number, b.Code} {
		ref, err := Find(t.Context(), h.db.Reader(), dead)
		wantCode(t, err, fault.Gone, "card.replaced")
		if diff := cmp.Diff(CardRef{}, ref); diff != "" {
			t.Errorf("a dead card tells (-want +got):\n%s", diff)
		}
	}
	want := CardRef{Account: c.Account, Hash: hashOf(c.Code), Number: c.Number, State: Active}
	for _, alive := range []string{c.Code, c.Number} {
		ref, err := Find(t.Context(), h.db.Reader(), alive)
		if diff := cmp.Diff(want, ref); err != nil || diff != "" {
			t.Errorf("living card (-want +got): %v\n%s", err, diff)
		}
	}
}

func TestCase44ACardThatWasNeverIssuedIsUnknown(t *testing.T) {
	h := open(t)
	for in, want := range map[string]string{
		goodCode: "card.unknown", "474836483": "card.unknown", "474836484": "card.code", "bonjour": "card.unreadable",
	} {
		_, err := Find(t.Context(), h.db.Reader(), in)
		if fault.CodeOf(err) != want {
			t.Errorf("%s: got %v, want %s", in, err, want)
		}
	}
}

func TestAnUnknownAccountIsRefusedEverywhere(t *testing.T) {
	h := open(t)
	known := h.card().Account
	for name, fn := range map[string]func(ctx context.Context, tx *data.Tx) error{
		"earn":      func(ctx context.Context, tx *data.Tx) error { _, err := Earn(ctx, tx, "x", nil, Earned, 0); return err },
		"move":      func(ctx context.Context, tx *data.Tx) error { _, err := Move(ctx, tx, nil, "x", 0); return err },
		"merge":     func(ctx context.Context, tx *data.Tx) error { _, err := Merge(ctx, tx, "x", known, 0); return err },
		"merge to":  func(ctx context.Context, tx *data.Tx) error { _, err := Merge(ctx, tx, known, "x", 0); return err },
		"reconcile": func(ctx context.Context, tx *data.Tx) error { _, err := Reconcile(ctx, tx, "x", 0); return err },
		"view":      func(ctx context.Context, tx *data.Tx) error { _, err := View(ctx, tx, "x"); return err },
		"claims":    func(ctx context.Context, tx *data.Tx) error { _, err := ClaimsSince(ctx, tx, "x", ""); return err },
	} {
		if err := command(h.db, fn); fault.CodeOf(err) != "account.unknown" || fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s: got %v, want account.unknown", name, err)
		}
	}
}

func TestAStampGoesOnlyInTheDirectionOfItsKind(t *testing.T) {
	h := open(t)
	card := h.card()
	for _, kind := range []Kind{Refunded, Moved, "", "GIFT"} {
		err := command(h.db, func(ctx context.Context, tx *data.Tx) error {
			_, err := Earn(ctx, tx, card.Account, []string{"1.1.1"}, kind, 0)
			return err
		})
		wantCode(t, err, fault.Internal, "stamp.kind")
	}
	for _, kind := range []Kind{Earned, Claimed, Moved} {
		err := command(h.db, func(ctx context.Context, tx *data.Tx) error {
			_, err := Reverse(ctx, tx, []string{"1.1.1"}, kind, 0)
			return err
		})
		wantCode(t, err, fault.Internal, "stamp.kind")
	}
	err := command(h.db, func(ctx context.Context, tx *data.Tx) error {
		_, err := Earn(ctx, tx, card.Account, []string{""}, Earned, 0)
		return err
	})
	wantCode(t, err, fault.Internal, "stamp.unit")
}

func TestABrokenLawKillsTheCommandNotTheCafé(t *testing.T) {
	h := open(t)
	card := h.card()
	err := command(h.db, func(ctx context.Context, tx *data.Tx) error {
		// A release that no meal has earned, promised at once: nothing can take it back but it is an advance, and
		// lawful. One more that is converted counts as in force without being irrevocable: that is not.
		for _, state := range []string{"SERVED", "CONVERTED"} {
			it, err := suspended.Release(ctx, tx, card.Account, suspended.Meal, mealCost)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE shelf SET state = ? WHERE item = ?`, state, it.ID); err != nil {
				return err
			}
		}
		_, err := Earn(ctx, tx, card.Account, h.ring(1), Earned, mealCost)
		return err
	})
	wantCode(t, err, fault.Internal, "loyalty.law")
	h.stands(card.Account, "S=0 filled=0 R=0 served=0 D=0")
}

func TestExportedSumsForTheLawsThatSpanPackages(t *testing.T) {
	h := open(t)
	a, b := h.card(), h.card()
	h.pay(a.Account, 2)
	h.pay(b.Account, 1)
	h.reverse("1.1.1")
	h.move(b.Account, "1.1.2")
	live := map[string]string{}
	err := LiveStamps(t.Context(), h.db.Reader(), func(unit, account string) error {
		live[unit] = account
		return nil
	})
	if diff := cmp.Diff(map[string]string{"1.1.2": b.Account, "2.1.1": b.Account}, live); err != nil || diff != "" {
		t.Errorf("live stamps (-want +got): %v\n%s", err, diff)
	}
	if n, err := TotalStamps(t.Context(), h.db.Reader()); err != nil || n != 2 {
		t.Errorf("total: got %d, %v; want 2", n, err)
	}
}
