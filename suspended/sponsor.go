package suspended

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// Company is a sponsor: whom an invoice is made out to.
type Company struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Address   string `json:"address"`
	SIRET     string `json:"siret,omitempty"`
	VATNumber string `json:"vat_number,omitempty"`
}

// Lot is a number of items that a company was proposed, and pays at once (case 71). They are on the shelf once paid.
type Lot struct {
	ID        string      `json:"id"`
	No        int         `json:"no"` // of the proposal
	Sponsor   Company     `json:"sponsor"`
	Class     string      `json:"class"`
	Qty       int         `json:"qty"`
	Price     money.Cents `json:"price"` // of one, tax included
	Total     money.Cents `json:"total"`
	Day       string      `json:"day"`                 // on which it was proposed
	Paid      string      `json:"paid,omitempty"`      // day on which it was paid
	Cancelled string      `json:"cancelled,omitempty"` // day on which it was given up
	Sale      int64       `json:"-"`                   // seq of the sale that paid it; 0: none
}

var (
	errLot        = fault.New(fault.NotFound, "sponsor.unknown", "There is no such proposal to a sponsor.")
	errLotSettled = fault.New(fault.Conflict, "sponsor.settled", "This proposal was paid or given up already.")
)

// SaveCompany keeps a company under its name, with the address and numbers it has now, and returns it with its id: that
// which it had, else id.
func SaveCompany(ctx context.Context, tx *data.Tx, id string, c Company) (Company, error) {
	_, err := tx.Exec(ctx, `INSERT INTO sponsors (id, name, address, siret, vat_number) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET address = excluded.address, siret = excluded.siret, vat_number = excluded.vat_number`,
		id, c.Name, c.Address, c.SIRET, c.VATNumber)
	if err == nil {
		err = tx.QueryRow(ctx, `SELECT id FROM sponsors WHERE name = ?`, c.Name).Scan(&c.ID)
	}
	if err != nil {
		return c, fmt.Errorf("sponsor %s: %w", c.Name, err)
	}
	return c, nil
}

// Propose keeps a lot that a company was proposed, under the next number. Errors: NotFound class.unknown.
func Propose(ctx context.Context, tx *data.Tx, l Lot) (Lot, error) {
	if err := requireClass(ctx, tx, l.Class); err != nil {
		return l, err
	}
	if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(no), 0) + 1 FROM sponsor_lots`).Scan(&l.No); err != nil {
		return l, fmt.Errorf("next proposal: %w", err)
	}
	l.Day, l.Total = tx.Day(), l.Price*money.Cents(l.Qty)
	_, err := tx.Exec(ctx, `INSERT INTO sponsor_lots (id, no, sponsor, class, qty, price, day) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		l.ID, l.No, l.Sponsor.ID, l.Class, l.Qty, int64(l.Price), l.Day)
	if err != nil {
		return l, fmt.Errorf("proposal %d: %w", l.No, err)
	}
	return l, nil
}

const lotColumns = `l.id, l.no, s.id, s.name, s.address, s.siret, s.vat_number, l.class, l.qty, l.price, l.qty * l.price, l.day, l.paid, l.cancelled, COALESCE(l.sale, 0)
	FROM sponsor_lots l JOIN sponsors s ON s.id = l.sponsor`

func scanLot(scan func(...any) error) (l Lot, err error) {
	return l, scan(&l.ID, &l.No, &l.Sponsor.ID, &l.Sponsor.Name, &l.Sponsor.Address, &l.Sponsor.SIRET, &l.Sponsor.VATNumber,
		&l.Class, &l.Qty, &l.Price, &l.Total, &l.Day, &l.Paid, &l.Cancelled, &l.Sale)
}

// FindLot returns a proposal. Refusal: NotFound sponsor.unknown.
func FindLot(ctx context.Context, q data.Querier, id string) (Lot, error) {
	l, err := scanLot(q.QueryRow(ctx, `SELECT `+lotColumns+` WHERE l.id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return l, errLot.With("id", id)
	}
	if err != nil {
		return l, fmt.Errorf("proposal %s: %w", id, err)
	}
	return l, nil
}

// Lots returns the newest proposals, the newest first.
func Lots(ctx context.Context, q data.Querier, limit int) ([]Lot, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (Lot, error) { return scanLot(r.Scan) },
		`SELECT `+lotColumns+` ORDER BY l.no DESC LIMIT ?`, limit)
	if err != nil {
		return nil, fmt.Errorf("proposals: %w", err)
	}
	return all, nil
}

// PaidLots returns every lot that was paid, in the order of their proposals.
func PaidLots(ctx context.Context, q data.Querier) ([]Lot, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (Lot, error) { return scanLot(r.Scan) },
		`SELECT `+lotColumns+` WHERE l.sale IS NOT NULL ORDER BY l.no LIMIT -1`)
	if err != nil {
		return nil, fmt.Errorf("paid lots: %w", err)
	}
	return all, nil
}

// SettleLot says that a lot was paid by a sale (its seq), or given up when that is 0. Refusal: Conflict sponsor.settled.
func SettleLot(ctx context.Context, tx *data.Tx, l Lot, sale int64) (Lot, error) {
	query := `UPDATE sponsor_lots SET cancelled = ? WHERE id = ? AND sale IS NULL AND cancelled = ''`
	args := []any{tx.Day(), l.ID}
	l.Cancelled = tx.Day()
	if sale != 0 {
		query = `UPDATE sponsor_lots SET paid = ?, sale = ? WHERE id = ? AND sale IS NULL AND cancelled = ''`
		args = []any{tx.Day(), sale, l.ID}
		l.Cancelled, l.Paid, l.Sale = "", tx.Day(), sale
	}
	n, err := tx.Exec(ctx, query, args...)
	if err != nil {
		return l, fmt.Errorf("proposal %s: %w", l.ID, err)
	}
	if n != 1 {
		return l, LotSettled(l)
	}
	return l, nil
}

// LotSettled is the refusal of touching a lot that was paid or given up: Conflict sponsor.settled.
func LotSettled(l Lot) error { return errLotSettled.With("no", l.No) }

// LotMonth is what left the shelf of some lots in a month.
type LotMonth struct {
	Month     string // "2026-11"
	Served    int
	Collected int // by associations
	Other     int // refunded, or turned into another class
}

// LotShare is what became of some lots: Given = Waiting + Σ of the months.
type LotShare struct {
	Given   int
	Waiting int // on the shelf, or promised
	Months  []LotMonth
}

// ShareOf counts what became of the items of sales by which one company paid lots, by their seqs, as it stood at the end of
// the business days before one. Counts only, by month: nothing of it leads to a serving (T17).
func ShareOf(ctx context.Context, q data.Querier, before string, sales ...int64) (LotShare, error) {
	var share LotShare
	months := map[string]*LotMonth{}
	var order []string
	for _, sale := range sales {
		prefix := fmt.Sprintf("sponsor:%d.", sale)
		err := data.Each(ctx, q, func(r *data.Rows) error {
			var state State
			var month string
			var n int
			if err := r.Scan(&state, &month, &n); err != nil {
				return err
			}
			share.Given += n
			m := months[month]
			if m == nil {
				m = &LotMonth{Month: month}
				months[month] = m
				order = append(order, month)
			}
			switch state {
			case Served:
				m.Served += n
			case Collected:
				m.Collected += n
			case Retracted, Converted:
				m.Other += n
			case unborn, Available, Reserved, Allotted:
				share.Waiting += n
			}
			return nil
		}, `SELECT e.became, substr(e.day, 1, 7), COUNT(*) FROM item_events e
			JOIN (SELECT item, MAX(seq) AS last FROM item_events WHERE item >= ? AND item < ? AND day < ? GROUP BY item) AS l ON l.last = e.seq
			GROUP BY 1, 2 ORDER BY 2, 1 LIMIT -1`, prefix, until(prefix), before)
		if err != nil {
			return share, fmt.Errorf("share of sale %d: %w", sale, err)
		}
	}
	slices.Sort(order)
	for _, month := range order {
		if m := months[month]; m.Served+m.Collected+m.Other > 0 {
			share.Months = append(share.Months, *m)
		}
	}
	return share, nil
}
