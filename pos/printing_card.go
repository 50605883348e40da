package pos

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"

	"comptoir/data"
	"comptoir/loyalty"
	"comptoir/receipts"
	"comptoir/receipts/spool"
)

// cardJob is the body of the job of a paper card. The code is a bearer secret: it is sealed with the secret beside the
// signing key, so that whoever has the database alone, or a copy of it, cannot use the card.
type cardJob struct {
	Number string `json:"number"`
	Sealed []byte `json:"sealed"`
}

// sealer keeps a code that has to be told again to a printer, and to nobody else.
func (s secret) sealer() (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, s[:], nil, "paper card", aes.BlockSize)
	if err != nil {
		return nil, fmt.Errorf("key of paper cards: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("key of paper cards: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// PrintCard prints a card that was just made on the receipt printer of the till, and returns the job. Refusals:
// right.missing, those of Card, printer.none, print.full, training.real.
func (t *Till) PrintCard(ctx context.Context, by By, code string) (string, error) {
	sealer, err := t.secret.sealer()
	if err != nil {
		return "", err
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (string, error) {
		if err := t.forReal(tx, by); err != nil {
			return "", err
		}
		canonical, err := loyalty.ParseCode(code)
		if err != nil {
			return "", err
		}
		card, err := loyalty.Find(ctx, tx, canonical)
		if err != nil {
			return "", err
		}
		p, err := t.receiptPrinter(tx, by, "")
		if err != nil {
			return "", err
		}
		body := cardJob{Number: card.Number, Sealed: sealer.Seal(nil, nil, []byte(canonical), []byte(card.Number))} //nolint:gosec // it draws a nonce of its own each time
		id, err := spool.Add(ctx, tx, spool.Request{Printer: p.Name, Kind: JobCard, Body: body})
		if err != nil {
			return "", err
		}
		return id, tx.Record(data.Event{Type: "card.printed", Topics: []string{spool.Topic}, Body: map[string]any{"account": card.Account}})
	})
}

// paperOfCard opens what PrintCard has sealed.
func (t *Till) paperOfCard(j spool.Job) (receipts.Printable, error) {
	c, err := readJob[cardJob](j)
	if err != nil {
		return nil, err
	}
	sealer, err := t.secret.sealer()
	if err != nil {
		return nil, err
	}
	code, err := sealer.Open(nil, nil, c.Sealed, []byte(c.Number))
	if err != nil {
		return nil, errJob.With("id", j.ID).Wrap(err)
	}
	return receipts.CardPaper{Cafe: t.identity.Name, Cards: []receipts.PaperCard{{Code: string(code), Number: c.Number, Address: t.CardURL(string(code))}}}, nil
}
