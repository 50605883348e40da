package pos

import (
	"context"
	"database/sql"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// RedeemRequest serves one suspended item as a product of its class.
type RedeemRequest struct {
	Product string   `json:"product"`
	Qty     int      `json:"qty"` // one serving per command: 0 and 1 are 1
	Options []string `json:"options"`
	Note    string   `json:"note"`
	Mode    Mode     `json:"mode"`
	Token   bool     `json:"token,omitempty"` // it was asked for with a token
}

// RedeemResult is one item served.
type RedeemResult struct {
	Number   string   `json:"number"` // of the R document
	Class    string   `json:"class"`
	Origin   string   `json:"origin"`
	Warnings []string `json:"warnings,omitempty"`
}

// Redeem serves one suspended item: the oldest of the shelf, or, when it is empty, one of the house. It never
// refuses for want of items (product.md, decision 2); beyond the house's budget it warns. Refusals: shift.none,
// product.unknown, product.sold_out, line.invalid (the product is in no class, an option is wrong).
func (t *Till) Redeem(ctx context.Context, by By, r RedeemRequest) (RedeemResult, error) {
	if r.Qty != 0 && r.Qty != 1 {
		return RedeemResult{}, errLine.Field("qty", "range").With("max", 1)
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (RedeemResult, error) {
		tk, err := newTicket(TicketRequest{Mode: r.Mode})
		if err != nil {
			return RedeemResult{}, err
		}
		l, err := t.ring(ctx, tx, LineRequest{Product: r.Product, Qty: 1, Options: r.Options, Note: r.Note, Kind: LineRedemption, Token: r.Token}, "")
		if err != nil {
			return RedeemResult{}, err
		}
		tk.Lines, tk.Training = []line{l}, t.inTraining(tx)
		sale, err := t.settle(ctx, tx, by, tk, nil)
		if err != nil {
			return RedeemResult{}, err
		}
		served := sale.Redemptions[0]
		served.Warnings = sale.Warnings
		return served, nil
	})
}

// serveOne takes one item from the shelf and writes its R document: what was served and its value for
// information, no tender, no tax, no drawer, no stamp, nobody (I10, I16).
func (s *settlement) serveOne(ctx context.Context, tx *data.Tx, l line) error {
	it, err := s.take(ctx, tx, l)
	if err != nil {
		return err
	}
	row := redemptionRow{item: it.ID, product: l.Product, name: l.Name, class: it.Class, origin: string(it.Origin), memo: l.Price,
		mode: s.ticket.Mode, operator: s.by.Operator.Code, shift: s.shift.ID}
	e, err := s.append(ctx, tx, row.draft(1, nil))
	if err != nil {
		return err
	}
	s.items = append(s.items, it.ID)
	s.result.Redemptions = append(s.result.Redemptions, RedeemResult{Number: e.Number, Class: row.class, Origin: row.origin})
	if err := row.write(ctx, tx, e); err != nil || !l.Token {
		return err
	}
	return s.byToken(ctx, tx, e.Seq)
}

// take hands out what waits for the order; what has lapsed is served from the shelf like anything else; from an empty one
// it is two coffees if they pay for it, or the house's.
func (s *settlement) take(ctx context.Context, tx *data.Tx, l line) (suspended.Item, error) {
	if len(s.promises.forget(l.Class, 1)) > 0 {
		return suspended.ServePromised(ctx, tx, l.Class)
	}
	if _, err := s.spare(ctx, tx, l.Class); err != nil {
		return suspended.Item{}, err
	}
	it, err := suspended.Serve(ctx, tx, suspended.ServeRequest{Class: l.Class, Cost: l.Cost})
	if err == nil && it.Origin == suspended.House && tx.Resent() && !s.by.Last {
		return it, errShelfLater
	}
	return it, err
}

// errShelfLater is told of a serving that is carried out again while another till may still give back what was on the shelf.
var errShelfLater = fault.New(fault.Conflict, "resend.shelf", "The shelf waits for what other tills remember.")

// redemptionRow is the derived row of a SUSP_REDEEM entry.
type redemptionRow struct {
	seq      int64
	number   string
	undoes   int64 // 0: a serving
	item     string
	product  string
	name     string
	class    string
	origin   string
	memo     money.Cents
	mode     Mode
	operator string
	shift    string
	at       int64 // Unix milliseconds, of the one that is read
}

func (r redemptionRow) draft(qty int, undoes *journal.Ref) journal.Draft {
	return journal.Draft{Kind: journal.KindSuspRedeem, Series: journal.SeriesRedemption, Op: r.operator, Body: journal.RedeemBody{
		Class: r.class, Label: r.name, SKU: r.product, Memo: r.memo, Mode: journal.Mode(r.mode), Origin: r.origin, Qty: qty, Ref: undoes}}
}

func (r redemptionRow) write(ctx context.Context, tx *data.Tx, e journal.Entry) error {
	_, err := tx.Exec(ctx, `INSERT INTO redemptions (seq, number, undoes, item, product, name, class, origin, memo, mode, day, at, operator, shift)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, e.Seq, e.Number, sql.NullInt64{Int64: r.undoes, Valid: r.undoes != 0}, r.item,
		r.product, r.name, r.class, r.origin, int64(r.memo), string(r.mode), e.Day, e.At.UnixMilli(), r.operator, r.shift)
	return err
}

// ShelfView is what waits to be served, for staff.
type ShelfView struct {
	Classes         []ShelfClass `json:"classes"`
	HouseBudgetLeft int          `json:"house_budget_left"` // items the house may still offer today; below zero it is overdrawn
}

// ShelfClass is one class of the shelf.
type ShelfClass struct {
	Class     string         `json:"class"`
	Available int            `json:"available"`
	Reserved  int            `json:"reserved"`
	Allotted  int            `json:"allotted"`
	Served    int            `json:"served"`    // ever; 0 when Waiting tells
	ByOrigin  map[string]int `json:"by_origin"` // of those available
}

// Shelf returns what waits to be served, and what was ever served. The years make it slower; Waiting is for pages.
func (t *Till) Shelf(ctx context.Context) (ShelfView, error) { return t.shelf(ctx, suspended.Shelf) }

// Waiting is Shelf without what was served.
func (t *Till) Waiting(ctx context.Context) (ShelfView, error) {
	return t.shelf(ctx, suspended.Shelved)
}

func (t *Till) shelf(ctx context.Context, count func(context.Context, data.Querier) ([]suspended.ClassShelf, error)) (v ShelfView, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		classes, err := count(ctx, q)
		if err != nil {
			return err
		}
		v.Classes = []ShelfClass{}
		for _, c := range classes {
			s := ShelfClass{Class: c.Class, Available: c.Available, Reserved: c.Reserved, Allotted: c.Allotted, Served: c.Served, ByOrigin: map[string]int{}}
			for origin, n := range c.ByOrigin {
				s.ByOrigin[string(origin)] = n
			}
			v.Classes = append(v.Classes, s)
		}
		v.HouseBudgetLeft, err = t.houseBudgetLeft(ctx, q, t.db.Today())
		return err
	})
	return v, err
}

// houseBudgetLeft is how many items the house may still offer on a day; below zero it offers all the same.
func (t *Till) houseBudgetLeft(ctx context.Context, q data.Querier, day string) (int, error) {
	settings, err := loadSettings(ctx, q)
	if err != nil {
		return 0, err
	}
	served, err := suspended.HouseServed(ctx, q, day)
	return settings.HouseBudgetDaily - served, err
}

// releaseCost is the standard cost of a released meal: the mean of the products it may be served as.
func (t *Till) releaseCost(ctx context.Context, q data.Querier) (money.Cents, error) {
	sum, n, err := t.costsOf(ctx, q, classMeal)
	if err != nil || n == 0 {
		return 0, err
	}
	return money.Allocate(sum, equal(n))[0], nil
}

// costsOf adds up the standard costs of the products that one of a class may be served as now, and counts them.
func (t *Till) costsOf(ctx context.Context, q data.Querier, class string) (sum money.Cents, n int, err error) {
	menu, err := t.loadedMenu(ctx, q)
	for _, p := range menu.Products {
		if p.SuspendClass == class && p.Available {
			sum += p.Cost
			n++
		}
	}
	return sum, n, err
}

// loadedMenu is the committed menu in memory, or the one q sees when none is loaded.
func (t *Till) loadedMenu(ctx context.Context, q data.Querier) (Menu, error) {
	if k := t.todaysMenu(); k != nil {
		return k.menu, nil
	}
	rows, err := loadMenu(ctx, q)
	if err != nil {
		return Menu{}, err
	}
	return rows.on(t.db.Today()).menu, nil
}

// equal is n equal weights.
func equal(n int) []int64 {
	w := make([]int64, n)
	for i := range w {
		w[i] = 1
	}
	return w
}

// Served is one serving of the open shift that can still be taken back.
type Served struct {
	Number string    `json:"number"`
	At     time.Time `json:"at"`
	Name   string    `json:"name"` // of what was served
}

// servedLimit bounds the list; a mistake is found among the newest.
const servedLimit = 50

// ServedInShift lists the servings of the open shift that were not taken back, newest first; none without a shift. While
// the till is in training, they are those of the training.
func (t *Till) ServedInShift(ctx context.Context) ([]Served, error) {
	if t.Training() {
		return servedInTraining(ctx, t.db.Reader(), t.training.Committed().since)
	}
	return data.All(ctx, t.db.Reader(), func(r *data.Rows) (Served, error) {
		var s Served
		var at int64
		err := r.Scan(&s.Number, &at, &s.Name)
		s.At = time.UnixMilli(at).UTC()
		return s, err
	}, `SELECT r.number, r.at, r.name FROM redemptions AS r JOIN shifts AS s ON s.id = r.shift
		WHERE s.closed_at = 0 AND +r.undoes IS NULL AND NOT EXISTS (SELECT 1 FROM redemptions AS u WHERE u.undoes = r.seq)
		ORDER BY r.seq DESC LIMIT ?`, servedLimit)
}
