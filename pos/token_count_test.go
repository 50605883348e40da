package pos_test

import (
	"testing"

	"comptoir/pos"
)

// token serves a product to whoever has put a token on the counter.
func (c *cafe) token(product string) pos.RedeemResult {
	c.tb.Helper()
	r, err := c.Redeem(ctx(), c.by(), pos.RedeemRequest{Product: product, Token: true})
	if err != nil {
		c.tb.Fatalf("redeem: %v", err)
	}
	return r
}

func (c *cafe) closeTokens(left, box int) pos.Tokens {
	c.tb.Helper()
	s, err := c.CloseShiftWith(ctx(), c.by(), pos.ShiftClose{Tokens: pos.TokenCount{Left: &left, Box: &box}})
	if err != nil || s.Tokens == nil {
		c.tb.Fatalf("close: %+v, %v", s, err)
	}
	return *s.Tokens
}

// TestI17TheBoxIsWhatWasServedByToken is the sum of the reference with both of its sides: 20 put out, 14 left, 2 brought by
// guests of a partner, 8 served by token.
func TestI17TheBoxIsWhatWasServedByToken(t *testing.T) {
	c := foundCafe(t)
	if _, err := c.OpenShiftWith(ctx(), c.by(), 0, new(20)); err != nil {
		t.Fatal(err)
	}
	if m, err := c.MoveTokens(ctx(), c.by(), c.partner("Les Repas du Port").ID, 10); err != nil || m.Outstanding != 10 {
		t.Fatalf("%+v, %v", m, err)
	}
	for range 8 {
		c.token("cafe")
	}
	c.serve("cafe") // by a word: no token
	v := c.closeTokens(14, 8)
	if v.Served != 8 || *v.Difference != 0 || *v.Home != 2 || v.Outstanding != 8 {
		t.Errorf("served %d, difference %d, home %d, outstanding %d; want 8, 0, 2, 8", v.Served, *v.Difference, *v.Home, v.Outstanding)
	}
	last, err := c.LastShift(ctx())
	if err != nil || last.Tokens == nil || *last.Tokens.Box != 8 || *last.Tokens.Out != 20 {
		t.Errorf("told again: %+v, %v", last.Tokens, err)
	}
}

// TestI17ADifferenceIsRecordedAndBlocksNothing: seven in the box for eight servings, and one that went out of the bowl.
func TestI17ADifferenceIsRecordedAndBlocksNothing(t *testing.T) {
	c := foundCafe(t)
	if _, err := c.OpenShiftWith(ctx(), c.by(), 0, new(9)); err != nil {
		t.Fatal(err)
	}
	for range 8 {
		c.token("cafe")
	}
	v := c.closeTokens(1, 7)
	if *v.Difference != -1 || *v.Home != -1 || v.Outstanding != 1 {
		t.Errorf("difference %d, home %d, outstanding %d; want -1, -1, 1", *v.Difference, *v.Home, v.Outstanding)
	}
}

func TestI17TokensThatAreNotCountedAreNotAskedFor(t *testing.T) {
	c := openCafe(t)
	c.serve("cafe")
	s, err := c.CloseShift(ctx(), c.by(), nil)
	if err != nil || s.Tokens != nil {
		t.Errorf("%+v, %v", s.Tokens, err)
	}
}

func TestI17AServingTakenBackIsNoTokenInTheBox(t *testing.T) {
	c := openCafe(t)
	served := c.token("cafe")
	c.token("cafe")
	if _, err := c.UndoRedemption(ctx(), c.by(), served.Number, "erreur"); err != nil {
		t.Fatal(err)
	}
	v, err := c.Tokens(ctx())
	if err != nil || v.Served != 1 || v.Difference != nil {
		t.Errorf("%+v, %v, want one serving by token, nothing counted", v, err)
	}
}

func TestI17TokensAreCountedOnAnOrderAndCountedAgain(t *testing.T) {
	c := openCafe(t)
	tk := c.ticket(line("eau", 1))
	for _, token := range []bool{true, false, true} {
		if _, err := c.AddLine(ctx(), c.by(), tk.ID, pos.LineRequest{Product: "cafe", Qty: 1, Kind: pos.LineRedemption, Token: token}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Checkout(ctx(), c.by(), tk.ID, pos.CheckoutRequest{Tenders: []pos.Tender{{Means: pos.Card, Amount: 200}}}); err != nil {
		t.Fatal(err)
	}
	for _, count := range []pos.TokenCount{{Box: new(3)}, {Out: new(5), Left: new(4)}, {Box: new(2)}} {
		if _, err := c.CountTokens(ctx(), c.by(), count); err != nil {
			t.Fatal(err)
		}
	}
	v, err := c.Tokens(ctx())
	if err != nil || v.Served != 2 || *v.Box != 2 || *v.Difference != 0 || *v.Home != 1 {
		t.Errorf("%+v, %v", v, err)
	}
}

func TestAbsurdCountsOfTokensAreRefused(t *testing.T) {
	c := openCafe(t)
	for _, count := range []pos.TokenCount{{}, {Box: new(-1)}, {Left: new(10_000)}, {Out: new(1 << 40)}} {
		_, err := c.CountTokens(ctx(), c.by(), count)
		refused(t, err, "tokens.invalid")
	}
	partner := c.partner("Les Repas du Port").ID
	for _, n := range []int{0, 10_000, -10_000} {
		_, err := c.MoveTokens(ctx(), c.by(), partner, n)
		refused(t, err, "tokens.invalid")
	}
	_, err := c.MoveTokens(ctx(), c.by(), "", 1)
	refused(t, err, "partner.unknown")
	_, err = c.CloseShiftWith(ctx(), c.by(), pos.ShiftClose{Tokens: pos.TokenCount{Box: new(-1)}})
	if e := refused(t, err, "tokens.invalid"); e.Fields[0].Name != "tokens.box" {
		t.Errorf("field %s", e.Fields[0].Name)
	}
	if _, err := c.CurrentShift(ctx()); err != nil {
		t.Errorf("the shift is closed: %v", err)
	}
}

// TestI17TheDoctorFindsTokensThatWereTouched: each table against the event that told of it.
func TestI17TheDoctorFindsTokensThatWereTouched(t *testing.T) {
	c := openCafe(t)
	c.token("cafe")
	c.serve("cafe")
	if _, err := c.CountTokens(ctx(), c.by(), pos.TokenCount{Box: new(1)}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.MoveTokens(ctx(), c.by(), c.partner("Les Repas du Port").ID, 10); err != nil {
		t.Fatal(err)
	}
	c.reopen() // the log is in the file now
	for _, d := range []struct{ table, statement string }{
		{"token_servings", "DELETE FROM token_servings"},
		{"token_servings", "INSERT INTO token_servings SELECT seq, 1 FROM redemptions WHERE seq NOT IN (SELECT redemption FROM token_servings)"},
		{"token_counts", "UPDATE token_counts SET box = 3"},
		{"token_counts", "DELETE FROM token_counts"},
		{"token_moves", "UPDATE token_moves SET n = 1"},
		{"flags_seen", "INSERT INTO flags_seen VALUES ('undone:1', 1, 1, 'X')"},
	} {
		if c.damagedCopy(d.table, d.statement) == 0 {
			t.Errorf("doctor does not see: %s", d.statement)
		}
	}
}
