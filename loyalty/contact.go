package loyalty

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode"

	"comptoir/data"
	"comptoir/data/fault"
)

var (
	errContact   = fault.New(fault.Invalid, "contact.invalid", "A contact is an e-mail address or a telephone number.").Field("contact", "contact")
	errNoContact = fault.New(fault.NotFound, "contact.unknown", "No card has this contact.").Field("contact", "unknown")
)

// ContactKind is what a contact is.
type ContactKind string

// The kinds of contact.
const (
	Email     ContactKind = "email"
	Telephone ContactKind = "phone"
)

// Limits of a contact.
const (
	maxContact = 120 // characters
	minDigits  = 8   // of a telephone number
	maxDigits  = 15
)

// Contact is how the holder of a lost card has its stamps back (case 45). Of the contact itself only Hint is kept, and MAC,
// a code that takes a secret outside the database to make: whoever copies the database has no list of addresses.
type Contact struct {
	Kind ContactKind
	Hint string // with most of it hidden
	MAC  [sha256.Size]byte
}

// ParseContact reads an e-mail address or a telephone number, as people write them, and returns it in the one form that
// its code is made of, with its hint. A French number may begin with 0. Errors: Invalid contact.invalid.
func ParseContact(s string) (normal string, c Contact, err error) {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > maxContact || strings.ContainsFunc(s, unicode.IsControl) {
		return "", Contact{}, errContact
	}
	if strings.Contains(s, "@") {
		return parseEmail(strings.ToLower(s))
	}
	return parsePhone(s)
}

func parseEmail(s string) (string, Contact, error) {
	name, domain, _ := strings.Cut(s, "@")
	dot := strings.LastIndexByte(domain, '.')
	if name == "" || dot < 1 || dot == len(domain)-1 || strings.ContainsFunc(s, unicode.IsSpace) || strings.Contains(domain, "@") {
		return "", Contact{}, errContact
	}
	return s, Contact{Kind: Email, Hint: first(name) + "…@" + first(domain) + "…"}, nil
}

func first(s string) string { return string([]rune(s)[:1]) }

func parsePhone(s string) (string, Contact, error) {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-/()\u00a0\u202f", r) {
			return -1
		}
		return r
	}, s)
	digits, abroad := strings.CutPrefix(digits, "+")
	if !abroad {
		digits, abroad = strings.CutPrefix(digits, "00")
	}
	if len(digits) < minDigits || len(digits) > maxDigits || strings.Trim(digits, "0123456789") != "" {
		return "", Contact{}, errContact
	}
	hint := "… " + digits[len(digits)-2:]
	if rest, home := strings.CutPrefix(digits, "0"); home && !abroad {
		digits = "33" + rest
	}
	return "+" + digits, Contact{Kind: Telephone, Hint: hint}, nil
}

// SetContact keeps one contact for the account, in place of any it had. Errors: NotFound account.unknown.
func SetContact(ctx context.Context, tx *data.Tx, account string, c Contact) error {
	if _, err := EraseContact(ctx, tx, account); err != nil {
		return err
	}
	root, err := rootOf(ctx, tx, account)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO contacts (account, kind, mac, hint, day) VALUES (?, ?, ?, ?, ?)`, root, c.Kind, c.MAC[:], c.Hint, tx.Day())
	if err != nil {
		return fmt.Errorf("contact of %s: %w", root, err)
	}
	return nil
}

// EraseContact forgets the contacts of an account, and of those merged into it; it reports whether there was one. Errors:
// NotFound account.unknown.
func EraseContact(ctx context.Context, tx *data.Tx, account string) (bool, error) {
	root, err := rootOf(ctx, tx, account)
	if err != nil {
		return false, err
	}
	n, err := tx.Exec(ctx, `DELETE FROM contacts WHERE account IN (SELECT id FROM accounts WHERE root = ?)`, root)
	if err != nil {
		return false, fmt.Errorf("contact of %s: %w", root, err)
	}
	return n > 0, nil
}

// ContactHint returns what may be shown of the contact of an account; empty when it has none. Errors: NotFound
// account.unknown.
func ContactHint(ctx context.Context, q data.Querier, account string) (string, error) {
	root, err := rootOf(ctx, q, account)
	if err != nil {
		return "", err
	}
	hints, err := data.All(ctx, q, func(r *data.Rows) (s string, err error) { err = r.Scan(&s); return s, err },
		`SELECT c.hint FROM accounts a JOIN contacts c ON c.account = a.id WHERE a.root = ? ORDER BY a.id = a.root DESC, c.account LIMIT 1`, root)
	if err != nil || len(hints) == 0 {
		return "", err
	}
	return hints[0], nil
}

// contactLimit bounds how many cards one contact leads to: a family at most.
const contactLimit = 20

// FindByContact returns the cards that a contact leads to, one for each account: its newest that can be replaced. Errors:
// NotFound contact.unknown.
func FindByContact(ctx context.Context, q data.Querier, mac [sha256.Size]byte) ([]CardRef, error) {
	roots, err := data.All(ctx, q, func(r *data.Rows) (s string, err error) { err = r.Scan(&s); return s, err },
		`SELECT DISTINCT a.root FROM contacts c JOIN accounts a ON a.id = c.account WHERE c.mac = ? ORDER BY a.root LIMIT ?`, mac[:], contactLimit)
	if err != nil {
		return nil, fmt.Errorf("find a contact: %w", err)
	}
	var all []CardRef
	for _, root := range roots {
		cards, err := CardsOf(ctx, q, root)
		if err != nil {
			return nil, err
		}
		for _, c := range cards {
			if c.State == Active || c.State == Lost {
				all = append(all, c.CardRef)
				break
			}
		}
	}
	if len(all) == 0 {
		return nil, errNoContact
	}
	return all, nil
}

// checkContacts holds that whoever has closed their account has left no contact.
func checkContacts(ctx context.Context, q data.Querier) ([]string, error) {
	bad, err := data.All(ctx, q, func(r *data.Rows) (s string, err error) { err = r.Scan(&s); return s, err },
		`SELECT 'contacts: account ' || c.account || ' has no living card, and a contact' FROM contacts c JOIN accounts a ON a.id = c.account
		WHERE NOT EXISTS (SELECT 1 FROM accounts g JOIN cards d ON d.account = g.id WHERE g.root = a.root AND d.state IN ('ACTIVE', 'LOST'))
		ORDER BY c.account LIMIT -1`)
	return bad, err
}
