package pos

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// copyLife is how old a copy may be that is taken back. Pages keep theirs for two days; a command is forgotten after
// ninety, and one that is older than its memory would be carried out twice.
const copyLife = 7 * 24 * time.Hour

// Copy is a command that was carried out, as a page of the till keeps it: sealed, so that whoever takes the tablet away
// reads nothing in it and can make none (chain.md §3.4). It holds no PIN.
type Copy struct {
	Command  string    `json:"id"`
	First    time.Time `json:"at"`
	Epoch    int64     `json:"ep"`
	Operator string    `json:"op"` // id
	Method   string    `json:"m"`
	Address  string    `json:"a"` // path and query
	Type     string    `json:"t"` // of the body
	Body     string    `json:"b"`
	Approver string    `json:"by,omitempty"`   // id of the manager whose PIN was right
	Hand     string    `json:"hand,omitempty"` // code of why a person has to do it: a terminal was asked, a day was closed
}

var (
	errCopy    = fault.New(fault.Invalid, "resend.unreadable", "This is no copy of a command of this café.")
	errCopyOld = fault.New(fault.Gone, "resend.old", "This copy of a command is too old to be taken back.")
	errCopyWho = fault.New(fault.Denied, "resend.operator", "Whoever did this is no longer of the staff.")
)

// copies seals with a key of its own, drawn from the secret beside the signing key. A café that has lost its secret cannot
// read what its tills remember.
func (s secret) copies() (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, s[:], nil, "copy of a command", 2*aes.BlockSize)
	if err != nil {
		return nil, fmt.Errorf("key of copies: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("key of copies: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// SealCopy returns a copy as a page keeps it: letters that go into a header, and tell nothing but their number.
func (t *Till) SealCopy(c Copy) (string, error) {
	seal, err := t.secret.copies()
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("copy of a command: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(seal.Seal(nil, nil, text, nil)), nil //nolint:gosec // it draws a nonce of its own each time
}

// OpenCopy reads what SealCopy made, on this machine or on the one it was restored from. Refusals: resend.unreadable for
// whatever was altered, or is another café's; resend.old, from a week on.
func (t *Till) OpenCopy(sealed string) (c Copy, err error) {
	seal, err := t.secret.copies()
	if err != nil {
		return c, err
	}
	raw, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return c, errCopy
	}
	text, err := seal.Open(nil, nil, raw, nil)
	if err != nil {
		return c, errCopy
	}
	if err := json.Unmarshal(text, &c); err != nil {
		return c, errCopy.Wrap(err)
	}
	now := t.db.Now()
	if reached := t.db.DayBegan(); reached.After(now) { // the clock was set back: what is forgotten is not young again
		now = reached
	}
	if now.Sub(c.First) > copyLife {
		return c, errCopyOld
	}
	return c, nil
}

// CopyOperator is whoever carried a copied command out, with the role of today. Refusal: resend.operator, with
// who it was.
func (t *Till) CopyOperator(ctx context.Context, id string) (Operator, error) {
	o, err := loadOperator(ctx, t.db.Reader(), id)
	if fault.KindOf(err) == fault.NotFound || err == nil && !o.active {
		return o.Operator, errCopyWho
	}
	return o.Operator, err
}

// ServedBy is the number of the serving that a command made, "" when it made none: after a restore the same command may have
// made it under another number. Errors: those of the disk.
func (t *Till) ServedBy(ctx context.Context, command string) (string, error) {
	var served RedeemResult
	_, err := t.db.AnswerOf(ctx, command, &served)
	return served.Number, err
}

// Resent is what came of the copies that one page sent.
type Resent struct {
	At      time.Time   `json:"-"`
	Sent    int         `json:"sent"`
	Known   int         `json:"known"`
	Done    int         `json:"done"`
	Refused int         `json:"refused"`
	From    time.Time   `json:"from,omitzero"` // when the oldest of what was done was first done
	To      time.Time   `json:"to,omitzero"`   // and the newest
	Money   []ResentOne `json:"money,omitempty"`
}

// ResentOne is a command that a person may want to look at: one that moved money, or that could not be carried out again.
type ResentOne struct {
	What     string      `json:"what"` // kind of command, for words
	At       time.Time   `json:"at"`   // when it was first carried out
	Operator string      `json:"op"`   // code; empty: unknown
	Amount   money.Cents `json:"amount,omitempty"`
	Code     string      `json:"code,omitempty"` // why it was refused; empty: it was carried out
}

// eventResent is the event of copies that were taken back.
const eventResent = "resent"

// RecordResent journals what came of copies: the counts, and when it was that what was done again was done first. What is on
// the list is for the manager. Nothing is written when all was known.
func (t *Till) RecordResent(ctx context.Context, by By, r Resent) error {
	if r.Done+r.Refused == 0 {
		return nil
	}
	return t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		facts := map[string]any{"sent": r.Sent, "known": r.Known, "done": r.Done, "refused": r.Refused}
		if r.Done > 0 {
			facts["from"], facts["to"] = r.From.Format(time.RFC3339), r.To.Format(time.RFC3339)
		}
		seq, err := t.journalEvent(ctx, tx, by.Operator.Code, journal.EventResent, facts)
		if err != nil {
			return err
		}
		return tx.Record(data.Event{Type: eventResent, Body: struct {
			Journal []int64 `json:"journal"`
			Resent
		}{[]int64{seq}, r}, Topics: []string{"sales", "tickets"}})
	})
}

// How far back copies that were taken back are looked for: a restore is some days ago, or of no interest any more.
const (
	resentEvents = 200_000
	maxResents   = 100
)

// Resents lists what came of copies, newest first.
func (t *Till) Resents(ctx context.Context) ([]Resent, error) {
	return data.All(ctx, t.db.Reader(), func(rows *data.Rows) (r Resent, err error) {
		var at int64
		var body string
		if err := rows.Scan(&at, &body); err != nil {
			return r, err
		}
		r.At = time.UnixMilli(at).UTC()
		kept := struct{ *Resent }{&r}
		return r, json.Unmarshal([]byte(body), &kept)
	}, `SELECT at, body FROM events WHERE seq > (SELECT coalesce(max(seq), 0) FROM events) - ? AND type = ? ORDER BY seq DESC LIMIT ?`, resentEvents, eventResent, maxResents)
}
