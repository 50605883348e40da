package suspended

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
)

var (
	errPartner      = fault.New(fault.NotFound, "partner.unknown", "There is no such partner.")
	errPartnerName  = fault.New(fault.Conflict, "partner.exists", "There is a partner of that name already.").Field("name", "taken")
	errPartnerEnded = fault.New(fault.Conflict, "partner.ended", "The café no longer works with this partner.")
)

// maxPartners bounds one list.
const maxPartners = 500

// Partner is an association that collects in bulk. What it is decides which words its papers may carry (case 86), and
// nothing else.
type Partner struct {
	ID         string
	Name       string
	Folded     string // the name as it is compared; pos makes it
	Utility    bool   // of public utility, humanitarian or social (RUP)
	FoodBank   bool   // of the network of food banks
	Interest   bool   // of general interest
	Contact    string // of the association
	Collectors string // who may collect
	Active     bool
	HasPIN     bool
	Introduced string // business day (YYYY-MM-DD) it was met in person, "" before (case 84)
}

// MayWaiveVAT reports whether its slips say that what was given needs no VAT adjustment, with an attestation (§6).
func (p Partner) MayWaiveVAT() bool { return p.Utility || p.FoodBank }

// MayReceipt reports whether it may write a receipt of patronage, so that its slips give a value at cost (§6, case 87).
func (p Partner) MayReceipt() bool { return p.Utility || p.FoodBank || p.Interest }

const partnerColumns = `id, name, folded, utility, food_bank, interest, contact, collectors, active, pin <> '', introduced`

func scanPartner(scan func(...any) error) (p Partner, err error) {
	return p, scan(&p.ID, &p.Name, &p.Folded, &p.Utility, &p.FoodBank, &p.Interest, &p.Contact, &p.Collectors, &p.Active, &p.HasPIN, &p.Introduced)
}

// AddPartner writes a new partner, with the hash of its page's code and what is kept of its PIN ("" for none). Errors:
// Conflict partner.exists.
func AddPartner(ctx context.Context, tx *data.Tx, p Partner, link []byte, pin string) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO partners (id, name, folded, utility, food_bank, interest, contact, collectors, pin, link, active, introduced, created)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		p.ID, p.Name, p.Folded, p.Utility, p.FoodBank, p.Interest, p.Contact, p.Collectors, pin, link, p.Active, p.Introduced, tx.Now().UnixMilli())
	if data.IsDuplicate(err) {
		return errPartnerName
	}
	if err != nil {
		return fmt.Errorf("partner %s: %w", p.ID, err)
	}
	return nil
}

// ChangePartner replaces what is said of a partner; its PIN and its link stay. Errors: NotFound partner.unknown, Conflict
// partner.exists.
func ChangePartner(ctx context.Context, tx *data.Tx, p Partner) error {
	n, err := tx.Exec(ctx, `
		UPDATE partners SET name = ?, folded = ?, utility = ?, food_bank = ?, interest = ?, contact = ?, collectors = ?, active = ?, introduced = ?
		WHERE id = ?`, p.Name, p.Folded, p.Utility, p.FoodBank, p.Interest, p.Contact, p.Collectors, p.Active, p.Introduced, p.ID)
	switch {
	case data.IsDuplicate(err):
		return errPartnerName
	case err != nil:
		return fmt.Errorf("partner %s: %w", p.ID, err)
	case n != 1:
		return errPartner.With("partner", p.ID)
	}
	return nil
}

// SetPartnerPIN replaces what is kept of a partner's PIN, and ends its sessions.
func SetPartnerPIN(ctx context.Context, tx *data.Tx, id, pin string) error {
	if _, err := tx.Exec(ctx, `UPDATE partners SET pin = ? WHERE id = ?`, pin, id); err != nil {
		return fmt.Errorf("PIN of partner %s: %w", id, err)
	}
	return EndPartnerSessions(ctx, tx, id)
}

// SetPartnerLink gives a partner another page, by the hash of its code; the old code opens nothing, and its sessions end.
func SetPartnerLink(ctx context.Context, tx *data.Tx, id string, link []byte) error {
	if _, err := tx.Exec(ctx, `UPDATE partners SET link = ? WHERE id = ?`, link, id); err != nil {
		return fmt.Errorf("link of partner %s: %w", id, err)
	}
	return EndPartnerSessions(ctx, tx, id)
}

// FindPartner returns a partner, ended ones too. Errors: NotFound partner.unknown.
func FindPartner(ctx context.Context, q data.Querier, id string) (Partner, error) {
	return findPartner(q.QueryRow(ctx, `SELECT `+partnerColumns+` FROM partners WHERE id = ?`, id), id)
}

// ActivePartner is FindPartner for what is to come. Errors: also Conflict partner.ended.
func ActivePartner(ctx context.Context, q data.Querier, id string) (Partner, error) {
	p, err := FindPartner(ctx, q, id)
	if err == nil && !p.Active {
		err = errPartnerEnded.With("partner", p.Name)
	}
	return p, err
}

// PartnerByLink returns the active partner whose page has a code of this hash, and what is kept of its PIN. Errors:
// NotFound partner.unknown, the same for one that has ended.
func PartnerByLink(ctx context.Context, q data.Querier, link []byte) (Partner, error) {
	return findPartner(q.QueryRow(ctx, `SELECT `+partnerColumns+` FROM partners WHERE link = ? AND active = 1`, link), "")
}

func findPartner(row *data.Row, id string) (Partner, error) {
	p, err := scanPartner(row.Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Partner{}, errPartner.With("partner", id)
	}
	if err != nil {
		return Partner{}, fmt.Errorf("partner %s: %w", id, err)
	}
	return p, nil
}

// PartnerPIN returns what is kept of a partner's PIN, "" for none or for nobody.
func PartnerPIN(ctx context.Context, q data.Querier, id string) (pin string, err error) {
	err = q.QueryRow(ctx, `SELECT pin FROM partners WHERE id = ?`, id).Scan(&pin)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return pin, err
}

// Partners lists all partners, active ones first, each group by name.
func Partners(ctx context.Context, q data.Querier) ([]Partner, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (Partner, error) { return scanPartner(r.Scan) },
		`SELECT `+partnerColumns+` FROM partners ORDER BY active DESC, folded LIMIT ?`, maxPartners)
	if err != nil {
		return nil, fmt.Errorf("partners: %w", err)
	}
	return all, nil
}

// OpenPartnerSession notes a phone on which a partner has given its PIN, until an instant in Unix milliseconds, and forgets
// those that have ended.
func OpenPartnerSession(ctx context.Context, tx *data.Tx, partner string, hash []byte, expires int64) error {
	if _, err := tx.Exec(ctx, `DELETE FROM partner_sessions WHERE expires <= ?`, tx.Now().UnixMilli()); err != nil {
		return fmt.Errorf("end old sessions: %w", err)
	}
	if _, err := tx.Exec(ctx, `INSERT INTO partner_sessions (hash, partner, expires) VALUES (?, ?, ?)`, hash, partner, expires); err != nil {
		return fmt.Errorf("session of partner %s: %w", partner, err)
	}
	return nil
}

// EndPartnerSessions signs a partner out everywhere.
func EndPartnerSessions(ctx context.Context, tx *data.Tx, partner string) error {
	if _, err := tx.Exec(ctx, `DELETE FROM partner_sessions WHERE partner = ?`, partner); err != nil {
		return fmt.Errorf("end sessions of partner %s: %w", partner, err)
	}
	return nil
}

// PartnerSession returns the id of the active partner signed in under a hash at an instant (Unix milliseconds); "" for none.
func PartnerSession(ctx context.Context, q data.Querier, hash []byte, now int64) (partner string, err error) {
	err = q.QueryRow(ctx, `SELECT p.id FROM partner_sessions s JOIN partners p ON p.id = s.partner
		WHERE s.hash = ? AND s.expires > ? AND p.active = 1`, hash, now).Scan(&partner)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return partner, err
}
