package suspended

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// Remittance is money paid out to an association: of what was given for it, of what the café pledged, or of what is left in
// the café's own fund (case 74).
type Remittance struct {
	N        int         `json:"n"` // 1, 2, 3… of the café
	Fund     FundName    `json:"fund"`
	Partner  string      `json:"partner"` // id
	Cents    money.Cents `json:"amount"`
	Means    string      `json:"means"`    // cash, cheque or transfer
	From     string      `json:"from_day"` // of the first cent that it settles
	Day      string      `json:"day"`
	Operator string      `json:"operator"` // code
}

var errRemittance = fault.New(fault.NotFound, "remittance.unknown", "There is no such remittance.")

// Remit takes money out of a fund of an association and numbers the remittance. It is for the caller to journal it and to
// move the drawer. Refusal: Conflict fund.spent.
func Remit(ctx context.Context, tx *data.Tx, r Remittance) (Remittance, error) {
	if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(n), 0) + 1 FROM remittances`).Scan(&r.N); err != nil {
		return r, fmt.Errorf("next remittance: %w", err)
	}
	r.Day, r.From = tx.Day(), tx.Day()
	funds, err := Funds(ctx, tx)
	if err != nil {
		return r, err
	}
	for _, f := range funds {
		if f.Fund == r.Fund && f.Partner == r.holder() && f.Since != "" {
			r.From = f.Since
		}
	}
	if _, err := MoveFund(ctx, tx, FundEntry{Fund: r.Fund, Partner: r.holder(), Cents: -r.Cents, Cause: FundRemitted, Ref: r.Ref()}); err != nil {
		return r, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO remittances (n, fund, partner, cents, means, from_day, day, operator, event) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.N, string(r.Fund), r.Partner, int64(r.Cents), r.Means, r.From, r.Day, r.Operator, tx.EventSeq())
	if err != nil {
		return r, fmt.Errorf("remittance %d: %w", r.N, err)
	}
	return r, nil
}

// holder is whose fund it is of: "" for the café's own.
func (r Remittance) holder() string {
	if r.Fund == CafeFund {
		return ""
	}
	return r.Partner
}

// Ref names the remittance in the ledger of the funds.
func (r Remittance) Ref() string { return fmt.Sprintf("remittance %d", r.N) }

const remittanceColumns = `n, fund, partner, cents, means, from_day, day, operator`

func scanRemittance(scan func(...any) error) (r Remittance, err error) {
	return r, scan(&r.N, &r.Fund, &r.Partner, &r.Cents, &r.Means, &r.From, &r.Day, &r.Operator)
}

// FindRemittance returns a remittance. Refusal: NotFound remittance.unknown.
func FindRemittance(ctx context.Context, q data.Querier, n int) (Remittance, error) {
	r, err := scanRemittance(q.QueryRow(ctx, `SELECT `+remittanceColumns+` FROM remittances WHERE n = ?`, n).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errRemittance.With("n", n)
	}
	return r, err
}

// Remittances returns the newest remittances, the newest first.
func Remittances(ctx context.Context, q data.Querier, limit int) ([]Remittance, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (Remittance, error) { return scanRemittance(r.Scan) },
		`SELECT `+remittanceColumns+` FROM remittances ORDER BY n DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("remittances: %w", err)
	}
	return all, nil
}

// MonthPledge is the part of a closed month's net turnover that the café owes an association.
type MonthPledge struct {
	Month    string            `json:"month"` // "2026-11"
	Partner  string            `json:"partner"`
	BP       money.BasisPoints `json:"bp"`
	Turnover money.Cents       `json:"turnover"` // without VAT, refunds deducted
	Cents    money.Cents       `json:"amount"`
}

// Owe records what a closed month makes the café owe: once a month, also when it is nothing.
func Owe(ctx context.Context, tx *data.Tx, p MonthPledge) error {
	_, err := tx.Exec(ctx, `INSERT INTO pledges (month, partner, bp, turnover, cents, event) VALUES (?, ?, ?, ?, ?, ?)`,
		p.Month, p.Partner, int64(p.BP), int64(p.Turnover), int64(p.Cents), tx.EventSeq())
	if err != nil {
		return fmt.Errorf("pledge of %s: %w", p.Month, err)
	}
	if p.Cents == 0 {
		return nil
	}
	_, err = MoveFund(ctx, tx, FundEntry{Fund: Pledge, Partner: p.Partner, Cents: p.Cents, Cause: FundPledged, Ref: p.Month})
	return err
}

// LastPledge returns the newest month that was looked at for a pledge; "" when none was.
func LastPledge(ctx context.Context, q data.Querier) (month string, err error) {
	err = q.QueryRow(ctx, `SELECT COALESCE(MAX(month), '') FROM pledges`).Scan(&month)
	if err != nil {
		return "", fmt.Errorf("last pledge: %w", err)
	}
	return month, nil
}

// Pledges returns the newest months that owe something, the newest first.
func Pledges(ctx context.Context, q data.Querier, limit int) ([]MonthPledge, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (MonthPledge, error) {
		var p MonthPledge
		err := r.Scan(&p.Month, &p.Partner, &p.BP, &p.Turnover, &p.Cents)
		return p, err
	}, `SELECT month, partner, bp, turnover, cents FROM pledges WHERE cents > 0 ORDER BY month DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("pledges: %w", err)
	}
	return all, nil
}

// checkRemittances holds what was paid out and pledged against the ledger of the funds, both ways (I12).
func checkRemittances(ctx context.Context, q data.Querier) ([]string, error) {
	return data.All(ctx, q, func(r *data.Rows) (s string, err error) { return s, r.Scan(&s) }, `
		WITH told AS (SELECT fund, IIF(fund = 'CAFE_FUND', '', partner) AS partner, -cents AS cents, 'remittance ' || n AS ref FROM remittances
				UNION ALL SELECT 'PLEDGE', partner, cents, month FROM pledges WHERE cents > 0),
			moved AS (SELECT fund, partner, cents, ref FROM fund_entries WHERE cause IN ('REMITTED', 'PLEDGED'))
		SELECT ref || ': ' || cents || ' of ' || fund || ' is in no fund' FROM (SELECT * FROM told EXCEPT SELECT * FROM moved)
		UNION ALL SELECT 'fund_entries: ' || cents || ' of ' || fund || ' for ' || ref || ' was never paid out or pledged' FROM (SELECT * FROM moved EXCEPT SELECT * FROM told)
		ORDER BY 1 LIMIT -1`)
}

// EntriesOf lists the movements of the fund of a remittance from the first cent that it settles to itself: they add
// up to what is held after it.
func EntriesOf(ctx context.Context, q data.Querier, r Remittance) ([]FundEntry, error) {
	all, err := data.All(ctx, q, func(rows *data.Rows) (FundEntry, error) {
		e := FundEntry{Fund: r.Fund, Partner: r.holder()}
		err := rows.Scan(&e.Seq, &e.Name, &e.Cents, &e.Balance, &e.Cause, &e.Ref, &e.Day)
		return e, err
	}, `SELECT seq, name, cents, balance, cause, ref, day FROM fund_entries WHERE fund = ?1 AND partner = ?2
		AND seq <= (SELECT seq FROM fund_entries WHERE cause = 'REMITTED' AND ref = ?3 LIMIT 1)
		AND seq > coalesce((SELECT max(z.seq) FROM fund_entries AS z WHERE z.fund = ?1 AND z.partner = ?2 AND z.balance = 0
			AND z.seq < (SELECT seq FROM fund_entries WHERE cause = 'REMITTED' AND ref = ?3 LIMIT 1)), 0) ORDER BY seq LIMIT 10000`,
		string(r.Fund), r.holder(), r.Ref())
	if err != nil {
		return nil, fmt.Errorf("entries of remittance %d: %w", r.N, err)
	}
	return all, nil
}
