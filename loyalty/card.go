package loyalty

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"

	"comptoir/data"
	"comptoir/data/fault"
)

var (
	errCard     = fault.New(fault.NotFound, "card.unknown", "No card has this code or number.")
	errReplaced = fault.New(fault.Gone, "card.replaced", "This card has been replaced by another.")
	errMedium   = fault.New(fault.Invalid, "card.medium", "A card is on paper, on a phone or in a wallet.")
	errNumbers  = fault.New(fault.Internal, "card.numbers", "No free card number was found.")
)

// numberTries is how often a taken number is drawn again: with a million cards the chance that all are taken is
// one in 10^16.
const numberTries = 8

// Medium is what a card is held on.
type Medium string

// The media.
const (
	Paper  Medium = "PAPER"
	Phone  Medium = "PHONE"
	Wallet Medium = "WALLET"
)

// State is where a card stands.
type State string

// The states (solidarity.md §2.6). All but ACTIVE are dead.
const (
	Active   State = "ACTIVE"
	Lost     State = "LOST"
	Replaced State = "REPLACED"
	Merged   State = "MERGED"
	Closed   State = "CLOSED"
)

// Card is a new card: the only time its code is told.
type Card struct {
	Code    string // "FID", 16 letters, check letter; a bearer secret
	Number  string // 8 digits and a check digit, for typing at the till; no secret, never accepted from the public
	Account string
}

// CardRef is a card as the house knows it.
type CardRef struct {
	Account string // the root: the account that answers for this card
	Hash    [sha256.Size]byte
	Number  string
	State   State
}

// Issue makes a card with an account of its own. The randomness of its code and number is the caller's:
// crypto/rand.Reader, or a secret stream from which the same command draws the same card. Errors: Invalid
// card.medium, and the source's.
func Issue(ctx context.Context, tx *data.Tx, random io.Reader, medium Medium) (Card, error) {
	card, err := draw(ctx, tx, random, medium)
	if err != nil {
		return Card{}, err
	}
	card.Account = tx.NewID()
	_, err = tx.Exec(ctx, `INSERT INTO accounts (id, root, created) VALUES (?, ?, ?)`, card.Account, card.Account, tx.Now().UnixMilli())
	if err != nil {
		return Card{}, fmt.Errorf("account %s: %w", card.Account, err)
	}
	return card, card.write(ctx, tx, medium)
}

// draw draws the code and the number of a new card.
func draw(ctx context.Context, tx *data.Tx, random io.Reader, medium Medium) (card Card, err error) {
	switch medium {
	case Paper, Phone, Wallet:
	default:
		return Card{}, errMedium.With("medium", string(medium))
	}
	if card.Code, err = CodeFrom(random); err != nil {
		return Card{}, err
	}
	card.Number, err = freeNumber(ctx, tx, random)
	return card, err
}

// write keeps a new card: of its code only the hash.
func (c Card) write(ctx context.Context, tx *data.Tx, medium Medium) error {
	hash := hashOf(c.Code)
	_, err := tx.Exec(ctx, `
		INSERT INTO cards (hash, number, account, medium, state, created)
		VALUES (?, ?, ?, ?, ?, ?)`,
		hash[:], c.Number, c.Account, medium, Active, tx.Now().UnixMilli())
	if err != nil {
		return fmt.Errorf("card %s: %w", c.Number, err)
	}
	return nil
}

// CodeFrom draws the code of a card: what Issue would draw first from the same source.
func CodeFrom(random io.Reader) (string, error) {
	code, err := NewCode(random, cardLetters)
	return cardPrefix + code, err
}

func freeNumber(ctx context.Context, q data.Querier, random io.Reader) (string, error) {
	for range numberTries {
		number, err := newNumber(random)
		if err != nil {
			return "", err
		}
		var one int
		err = q.QueryRow(ctx, `SELECT 1 FROM cards WHERE number = ?`, number).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			return number, nil
		}
		if err != nil {
			return "", fmt.Errorf("card number: %w", err)
		}
	}
	return "", errNumbers
}

// Find returns the living card of a code, in any form ParseCode reads, or of a number. A number is for the till
// only: a public page calls ParseCode first. Errors: Invalid card.code or card.unreadable, NotFound card.unknown,
// Gone card.replaced for a dead card, which shows nothing else.
func Find(ctx context.Context, q data.Querier, codeOrNumber string) (CardRef, error) {
	ref, err := FindAny(ctx, q, codeOrNumber)
	if err == nil && ref.State != Active {
		return CardRef{}, errReplaced
	}
	return ref, err
}

// FindAny is Find for a card in any state: a merge that is asked for again must know the dead card.
func FindAny(ctx context.Context, q data.Querier, codeOrNumber string) (CardRef, error) {
	const columns = `SELECT c.hash, c.number, c.state, a.root FROM cards c JOIN accounts a ON a.id = c.account`
	var row *data.Row
	number, looks, err := parseNumber(codeOrNumber)
	if looks {
		if err != nil {
			return CardRef{}, err
		}
		row = q.QueryRow(ctx, columns+` WHERE c.number = ?`, number)
	} else {
		code, err := ParseCode(codeOrNumber)
		if err != nil {
			return CardRef{}, err
		}
		hash := hashOf(code)
		row = q.QueryRow(ctx, columns+` WHERE c.hash = ?`, hash[:])
	}
	var ref CardRef
	var hash []byte
	err = row.Scan(&hash, &ref.Number, &ref.State, &ref.Account)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return CardRef{}, errCard
	case err != nil:
		return CardRef{}, fmt.Errorf("find a card: %w", err) // without the code: it is a secret
	}
	copy(ref.Hash[:], hash)
	return ref, nil
}
