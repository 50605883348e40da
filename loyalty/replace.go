package loyalty

import (
	"context"
	"fmt"
	"io"
	"time"

	"comptoir/data"
)

// HeldCard is a card of an account, as its page lists them.
type HeldCard struct {
	CardRef
	Medium Medium
	Made   time.Time // UTC
}

// CardsOf returns the cards of an account, and of those merged into it, the newest first. Errors: NotFound
// account.unknown.
func CardsOf(ctx context.Context, q data.Querier, account string) ([]HeldCard, error) {
	root, err := rootOf(ctx, q, account)
	if err != nil {
		return nil, err
	}
	return data.All(ctx, q, func(r *data.Rows) (HeldCard, error) {
		c := HeldCard{CardRef: CardRef{Account: root}}
		var hash []byte
		var made int64
		err := r.Scan(&hash, &c.Number, &c.State, &c.Medium, &made)
		copy(c.Hash[:], hash)
		c.Made = time.UnixMilli(made).UTC()
		return c, err
	}, `SELECT c.hash, c.number, c.state, c.medium, c.created FROM accounts a JOIN cards c ON c.account = a.id
		WHERE a.root = ? ORDER BY c.created DESC, c.number LIMIT -1`, root)
}

// Lose makes a card dead that its holder has lost: whoever finds it sees nothing any more. The account stays, and its
// stamps with it, until the card is replaced (case 45). It reports whether the card was alive. Errors: those of FindAny,
// Gone card.replaced for a card that is dead for another reason.
func Lose(ctx context.Context, tx *data.Tx, codeOrNumber string) (CardRef, bool, error) {
	ref, err := FindAny(ctx, tx, codeOrNumber)
	switch {
	case err != nil:
		return CardRef{}, false, err
	case ref.State == Lost:
		return ref, false, nil
	case ref.State != Active:
		return CardRef{}, false, errReplaced
	}
	return ref, true, setState(ctx, tx, ref, Lost)
}

// Replace makes a new card for the account of one that was lost, damaged or left on a phone that is gone: the old one is
// dead, the account and its stamps stay (case 45). Randomness as Issue. Errors: those of Issue, Gone card.replaced when
// the old one was replaced, merged away or closed before.
func Replace(ctx context.Context, tx *data.Tx, random io.Reader, old CardRef, medium Medium) (Card, error) {
	if old.State != Active && old.State != Lost {
		return Card{}, errReplaced
	}
	card, err := draw(ctx, tx, random, medium)
	if err != nil {
		return Card{}, err
	}
	if err := setState(ctx, tx, old, Replaced); err != nil {
		return Card{}, err
	}
	card.Account = old.Account
	return card, card.write(ctx, tx, medium)
}

func setState(ctx context.Context, tx *data.Tx, ref CardRef, state State) error {
	if _, err := tx.Exec(ctx, `UPDATE cards SET state = ? WHERE hash = ?`, state, ref.Hash[:]); err != nil {
		return fmt.Errorf("card %s: %w", ref.Number, err)
	}
	return nil
}

// Close ends an account: its cards are dead and its contact is forgotten, of those merged into it too. Its stamps stay in
// the totals, where they name nobody, and its meals on the shelf stay there (cases 51 and 52). It returns how many cards
// it has ended; none when it had been closed before. Errors: NotFound account.unknown.
func Close(ctx context.Context, tx *data.Tx, account string) (int, error) {
	root, err := rootOf(ctx, tx, account)
	if err != nil {
		return 0, err
	}
	if _, err := EraseContact(ctx, tx, root); err != nil {
		return 0, err
	}
	n, err := tx.Exec(ctx, `UPDATE cards SET state = 'CLOSED' WHERE state IN ('ACTIVE', 'LOST') AND account IN (SELECT id FROM accounts WHERE root = ?)`, root)
	if err != nil {
		return 0, fmt.Errorf("cards of %s: %w", root, err)
	}
	return int(n), nil
}

// Dormant returns accounts with a living card where nothing has happened since an instant and its business day: no stamp,
// no new card, no contact. At most so many (case 52).
func Dormant(ctx context.Context, q data.Querier, since time.Time, day string, limit int) ([]string, error) {
	at := since.UnixMilli()
	return data.All(ctx, q, func(r *data.Rows) (root string, err error) { err = r.Scan(&root); return root, err }, `
		SELECT g.root FROM accounts g WHERE g.id = g.root AND g.created < ?
			AND EXISTS (SELECT 1 FROM accounts a JOIN cards c ON c.account = a.id WHERE a.root = g.root AND c.state IN ('ACTIVE', 'LOST'))
			AND NOT EXISTS (SELECT 1 FROM accounts a JOIN cards c ON c.account = a.id WHERE a.root = g.root AND c.created >= ?)
			AND NOT EXISTS (SELECT 1 FROM accounts a JOIN stamps s ON s.account = a.id WHERE a.root = g.root AND s.delta IN (1, -1) AND s.day >= ?)
			AND NOT EXISTS (SELECT 1 FROM accounts a JOIN contacts c ON c.account = a.id WHERE a.root = g.root AND c.day >= ?)
		ORDER BY g.root LIMIT ?`, at, at, day, day, limit)
}

// Entry is one stamp that an account has gained or lost.
type Entry struct {
	Day   string // business day
	Kind  Kind
	Delta int // +1 or -1
}

// History returns the stamps of an account and of those merged into it, the oldest first: what its holder may carry away.
// Errors: NotFound account.unknown.
func History(ctx context.Context, q data.Querier, account string) ([]Entry, error) {
	root, err := rootOf(ctx, q, account)
	if err != nil {
		return nil, err
	}
	return data.All(ctx, q, func(r *data.Rows) (e Entry, err error) { err = r.Scan(&e.Day, &e.Kind, &e.Delta); return e, err }, `
		SELECT s.day, s.kind, s.delta FROM accounts a JOIN stamps s ON s.account = a.id
		WHERE a.root = ? ORDER BY s.event, s.unit, s.nth LIMIT -1`, root)
}
