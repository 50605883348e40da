package loyalty

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"strings"
	"testing"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/suspended"
)

func TestANewCardIsFoundByItsCodeAndNumberAndOnlyItsHashIsKept(t *testing.T) {
	h := open(t)
	card := h.card()
	if !strings.HasPrefix(card.Code, "FID") || len(card.Code) != 20 || !CheckCode(card.Code[3:]) {
		t.Errorf("code %q: want FID, 16 letters and their check letter", card.Code)
	}
	h.stands(card.Account, "S=0 filled=0 R=0 served=0 D=0")
	columns, err := data.All(t.Context(), h.db.Reader(), func(r *data.Rows) (s string, err error) { return s, r.Scan(&s) },
		`SELECT hex(hash) || number || account || medium || state || created FROM cards`)
	if err != nil || len(columns) != 1 {
		t.Fatalf("cards: got %q, %v; want one", columns, err)
	}
	if strings.Contains(columns[0], card.Code[3:]) || !strings.Contains(columns[0], card.Number) {
		t.Errorf("the row %q holds the code, or not the number", columns[0])
	}
}

func TestATakenNumberIsDrawnAgain(t *testing.T) {
	h := open(t)
	letters := func(b byte) io.Reader { return bytes.NewReader(bytes.Repeat([]byte{b}, cardLetters)) }
	number := func(b byte) io.Reader { return bytes.NewReader([]byte{0, 0, 0, b}) }
	issueFrom := func(parts ...io.Reader) (c Card, err error) {
		err = command(h.db, func(ctx context.Context, tx *data.Tx) error {
			c, err = Issue(ctx, tx, io.MultiReader(parts...), Paper)
			return err
		})
		return c, err
	}
	first, err := issueFrom(letters(1), number(7))
	if err != nil || first.Number != "000000075" {
		t.Fatalf("first card: got %+v, %v; want number 000000075", first, err)
	}
	second, err := issueFrom(letters(2), number(7), number(7), number(8))
	if err != nil || second.Number != "000000083" {
		t.Errorf("second card: got %+v, %v; want number 000000083", second, err)
	}
	always := []io.Reader{letters(3)}
	for range numberTries {
		always = append(always, number(7))
	}
	_, err = issueFrom(always...)
	wantCode(t, err, fault.Internal, "card.numbers")
	if _, err = issueFrom(letters(1), number(9)); !data.IsDuplicate(err) {
		t.Errorf("a code drawn twice: got %v, want a refusal", err)
	}
	if _, err = issueFrom(letters(4)); err == nil {
		t.Error("a card was issued from a source that is dry")
	}
}

func TestACardIsOnPaperOnAPhoneOrInAWallet(t *testing.T) {
	h := open(t)
	for _, medium := range []Medium{Paper, Phone, Wallet} {
		h.do(func(ctx context.Context, tx *data.Tx) error {
			_, err := Issue(ctx, tx, rand.Reader, medium)
			return err
		})
	}
	err := command(h.db, func(ctx context.Context, tx *data.Tx) error {
		_, err := Issue(ctx, tx, rand.Reader, "TATTOO")
		return err
	})
	wantCode(t, err, fault.Invalid, "card.medium")
}

func TestAPaidMealWritesOneRow(t *testing.T) {
	steps := &datatest.FailAt{}
	db := datatest.Open(t, func(o *data.Options) { o.Fault = steps.Fault })
	db.RegisterCheck(Checks()...)
	db.RegisterCheck(suspended.Checks()...)
	h := &house{t: t, db: db, units: map[string][]string{}}
	card := h.card()
	steps.Arm(0, "exec")
	h.pay(card.Account, 1)
	if got := steps.Steps(); got != 2 {
		t.Errorf("a paid meal ran %d writing statements, want 2: its stamp and the event of the command", got)
	}
}
