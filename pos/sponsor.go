package pos

import (
	"cmp"
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/suspended"
)

// sponsorSKU is the product of the lines by which a company pays a lot. It is no product of the menu: it has no category.
const sponsorSKU = "susp-sponsor"

// maxLot bounds a lot: a planned service of a month.
const maxLot = 1000

// lotLabel is what a sponsor's lines are called on fiscal documents, in French.
func lotLabel(class string) string {
	if class == suspended.Coffee {
		return "Café suspendu"
	}
	return "Repas suspendu"
}

// ofSponsor reports whether the line is of a lot that a company paid.
func (l lineRow) ofSponsor() bool { return l.product == sponsorSKU && l.category == "" }

// SponsorRequest proposes a lot of suspended items to a company.
type SponsorRequest struct {
	Name      string `json:"name"`
	Address   string `json:"address"`    // on one line
	SIRET     string `json:"siret"`      // 14 digits; empty: none
	VATNumber string `json:"vat_number"` // of any country of the union; empty: none

	Class string      `json:"class"`
	Qty   int         `json:"qty"`   // 1 to 1,000
	Price money.Cents `json:"price"` // agreed for one, tax included, never below the gift price; 0: the gift price
}

// SponsorLot is a lot as it is shown: with the documents that paid it.
type SponsorLot struct {
	suspended.Lot
	Number  string `json:"number,omitempty"`  // of the T document
	Invoice string `json:"invoice,omitempty"` // of the I document
}

var errSponsor = fault.New(fault.Invalid, "sponsor.invalid", "The proposal is not in order; the fields say what is wrong.")

// ProposeLot keeps a lot that a company is to pay (case 71): a proposal to send, in no series of the law. Nothing is on the
// shelf before it is paid. Refusals: right.missing, training.real, sponsor.invalid and invoice.invalid (their fields say
// why), class.unknown, class.empty, class.withdrawn.
func (t *Till) ProposeLot(ctx context.Context, by By, r SponsorRequest) (SponsorLot, error) {
	if err := by.mustManage(); err != nil {
		return SponsorLot{}, err
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (SponsorLot, error) {
		if err := t.forReal(tx, by); err != nil {
			return SponsorLot{}, err
		}
		buyer := InvoiceRequest{Name: r.Name, Address: r.Address, SIRET: r.SIRET, VATNumber: r.VATNumber}
		if err := buyer.clean(); err != nil {
			return SponsorLot{}, err
		}
		p, err := t.givenAs(ctx, tx, r.Class)
		if err == nil {
			err = mayGive(ctx, tx, r.Class)
		}
		if err != nil {
			return SponsorLot{}, err
		}
		r.Price = cmp.Or(r.Price, p.GiftPrice)
		var c checker
		c.between("qty", int64(r.Qty), 1, maxLot)
		c.between("price", int64(r.Price), int64(p.GiftPrice), maxPrice)
		if len(c.breaches) == 0 && r.Price*money.Cents(r.Qty) > maxTendered {
			c.add("qty", codeRange, map[string]any{"max": int(maxTendered / r.Price)})
		}
		if err := c.refusal(errSponsor); err != nil {
			return SponsorLot{}, err
		}
		company, err := suspended.SaveCompany(ctx, tx, tx.NewID(), suspended.Company{Name: buyer.Name, Address: buyer.Address, SIRET: buyer.SIRET, VATNumber: buyer.VATNumber})
		if err != nil {
			return SponsorLot{}, err
		}
		l, err := suspended.Propose(ctx, tx, suspended.Lot{ID: tx.NewID(), Sponsor: company, Class: r.Class, Qty: r.Qty, Price: r.Price})
		if err != nil {
			return SponsorLot{}, err
		}
		return SponsorLot{Lot: l}, tx.Record(data.Event{Type: "sponsor.proposed", Topics: []string{topicFunds}, Body: map[string]any{
			"lot": l.ID, "sponsor": company.ID, "class": l.Class, "qty": l.Qty, "price": int64(l.Price)}})
	})
}

// CancelLot gives a proposal up that was not paid. Refusals: right.missing, training.real, sponsor.unknown, sponsor.settled.
func (t *Till) CancelLot(ctx context.Context, by By, id string) (SponsorLot, error) {
	if err := by.mustManage(); err != nil {
		return SponsorLot{}, err
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (SponsorLot, error) {
		if err := t.forReal(tx, by); err != nil {
			return SponsorLot{}, err
		}
		l, err := suspended.FindLot(ctx, tx, id)
		if err != nil {
			return SponsorLot{}, err
		}
		if l, err = suspended.SettleLot(ctx, tx, l, 0); err != nil {
			return SponsorLot{}, err
		}
		return SponsorLot{Lot: l}, tx.Record(data.Event{Type: "sponsor.cancelled", Topics: []string{topicFunds}, Body: map[string]any{"lot": l.ID}})
	})
}

// PaidLot is what paying a lot came to.
type PaidLot struct {
	SponsorLot
	SaleID string `json:"sale"`
}

// PayLot takes the payment of a whole lot, by card, cheque or transfer: one commit holds the sale, its invoice and the items
// on the shelf (case 71). Nobody pays a part of a lot. Refusals: right.missing, training.real, sponsor.unknown,
// sponsor.settled, tenders.means, shift.none, class.empty.
func (t *Till) PayLot(ctx context.Context, by By, id string, means Means) (PaidLot, error) {
	if err := by.mustManage(); err != nil {
		return PaidLot{}, err
	}
	if means != Card && means != Cheque && means != Transfer {
		return PaidLot{}, errTenders("tenders.means", "A lot is paid by card, cheque or transfer.", "means", "one_of")
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (PaidLot, error) {
		if err := t.forReal(tx, by); err != nil {
			return PaidLot{}, err
		}
		l, err := suspended.FindLot(ctx, tx, id)
		if err != nil {
			return PaidLot{}, err
		}
		if l.Sale != 0 || l.Cancelled != "" {
			return PaidLot{}, suspended.LotSettled(l)
		}
		tk, err := t.lotTicket(ctx, tx, l)
		if err != nil {
			return PaidLot{}, err
		}
		s := &settlement{till: t, by: by, ticket: tk, tenders: []Tender{{Means: means, Amount: l.Total}}, lot: &l, meals: map[string]int{},
			result: SaleResult{Redemptions: []RedeemResult{}, Warnings: []string{}}}
		for _, step := range []func(context.Context, *data.Tx) error{
			s.openShift, s.checkTenders, s.journalTicket, s.writeSale, s.pledgeGifts, s.invoiceLot, s.checkSums, s.record,
		} {
			if err := step(ctx, tx); err != nil {
				return PaidLot{}, err
			}
		}
		paid := PaidLot{SponsorLot: SponsorLot{Lot: *s.lot, Number: s.result.Number}, SaleID: s.result.ID}
		paid.Invoice = s.invoice
		return paid, nil
	})
}

// lotTicket is the order of a lot: lines of at most 99 at the agreed price, at the rate that the class has today (case 75:
// tax is due when it is paid).
func (t *Till) lotTicket(ctx context.Context, tx *data.Tx, l suspended.Lot) (ticket, error) {
	tk, err := newTicket(TicketRequest{})
	if err != nil {
		return tk, err
	}
	p, err := t.givenAs(ctx, tx, l.Class)
	if err != nil {
		return tk, err
	}
	for left := l.Qty; left > 0; left -= maxLineQty {
		one, err := t.shape(p, LineRequest{Product: p.ID, Qty: min(left, maxLineQty), Kind: LineGift}, "", "")
		if err != nil {
			return tk, err
		}
		one.Product, one.Name, one.Category, one.Class = sponsorSKU, lotLabel(l.Class), "", l.Class
		one.Parts[0].SKU, one.Parts[0].Label, one.Parts[0].Price = sponsorSKU, one.Name, l.Price
		tk.take(one)
	}
	return tk, nil
}

// invoiceLot makes the invoice of the sale that pays a lot, and settles the lot.
func (s *settlement) invoiceLot(ctx context.Context, tx *data.Tx) error {
	c := s.lot.Sponsor
	i, seq, err := s.till.writeInvoice(ctx, tx, s.by, Sale{Number: s.entry.Number, seq: s.entry.Seq}, s.body,
		InvoiceRequest{Name: c.Name, Address: c.Address, SIRET: c.SIRET, VATNumber: c.VATNumber})
	if err != nil {
		return err
	}
	s.invoice, s.journal = i.Number, append(s.journal, seq)
	settled, err := suspended.SettleLot(ctx, tx, *s.lot, s.entry.Seq)
	*s.lot = settled
	return err
}

// lotsLimit bounds the list of proposals.
const lotsLimit = 500

// SponsorLots lists the proposals, the newest first.
func (t *Till) SponsorLots(ctx context.Context) ([]SponsorLot, error) {
	all := []SponsorLot{}
	err := t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		lots, err := suspended.Lots(ctx, q, lotsLimit)
		if err != nil {
			return err
		}
		for _, l := range lots {
			shown, err := withPapers(ctx, q, l)
			if err != nil {
				return err
			}
			all = append(all, shown)
		}
		return nil
	})
	return all, err
}

// SponsorLot returns one proposal. Refusal: sponsor.unknown.
func (t *Till) SponsorLot(ctx context.Context, id string) (l SponsorLot, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		lot, err := suspended.FindLot(ctx, q, id)
		if err != nil {
			return err
		}
		l, err = withPapers(ctx, q, lot)
		return err
	})
	return l, err
}

// withPapers adds the numbers of the documents that paid a lot.
func withPapers(ctx context.Context, q data.Querier, l suspended.Lot) (SponsorLot, error) {
	shown := SponsorLot{Lot: l}
	if l.Sale == 0 {
		return shown, nil
	}
	err := q.QueryRow(ctx, `SELECT s.number, coalesce(i.number, '') FROM sales AS s LEFT JOIN invoices AS i ON i.sale = s.seq WHERE s.seq = ?`, l.Sale).
		Scan(&shown.Number, &shown.Invoice)
	if err != nil {
		return shown, fmt.Errorf("papers of proposal %d: %w", l.No, err)
	}
	return shown, nil
}

// SponsorStatement is what a sponsor may know of its share: counts, by month (T17).
type SponsorStatement struct {
	Sponsor suspended.Company `json:"sponsor"`
	Through string            `json:"through"` // the last closed day it tells of
	Lots    []SponsorLot      `json:"lots"`    // that were paid
	Given   int               `json:"given"`
	Waiting int               `json:"waiting"` // on the shelf or promised, and what is too little to be told
	Months  []SponsorMonth    `json:"months"`  // Given = Waiting + all of these
}

// SponsorMonth is what left the shelf of a sponsor's items in some months.
type SponsorMonth struct {
	From      string `json:"from"` // "2026-11"
	To        string `json:"to"`   // the same, or a later one when fewer than three left in a month
	Served    int    `json:"served"`
	Collected int    `json:"collected"`
	Other     int    `json:"other"` // refunded, or turned into another class
}

// SponsorShare returns the statement of the sponsor of a lot: of all its lots, after the last closed day, in batches of three
// at least, so that no single serving shows (T17, I15). Refusal: sponsor.unknown.
func (t *Till) SponsorShare(ctx context.Context, lot string) (st SponsorStatement, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		l, err := suspended.FindLot(ctx, q, lot)
		if err != nil {
			return err
		}
		paid, err := suspended.PaidLots(ctx, q)
		if err != nil {
			return err
		}
		st = SponsorStatement{Sponsor: l.Sponsor, Lots: []SponsorLot{}, Months: []SponsorMonth{}}
		var sales []int64
		for _, p := range paid {
			if p.Sponsor.ID != l.Sponsor.ID {
				continue
			}
			shown, err := withPapers(ctx, q, p)
			if err != nil {
				return err
			}
			st.Lots, st.Given, sales = append(st.Lots, shown), st.Given+p.Qty, append(sales, p.Sale)
		}
		open, _, err := t.openDay(ctx, q)
		if err != nil {
			return err
		}
		st.Through = dayBefore(open)
		share, err := suspended.ShareOf(ctx, q, open, sales...)
		if err != nil {
			return err
		}
		st.batch(share.Months)
		return nil
	})
	return st, err
}

// batchOf is how many servings are told together at least (I15).
const batchOf = 3

// batch tells months together until at least three items are in each that is told; the last ones wait.
func (st *SponsorStatement) batch(months []suspended.LotMonth) {
	var next SponsorMonth
	st.Waiting = st.Given
	for _, m := range months {
		next.From, next.To = cmp.Or(next.From, m.Month), m.Month
		next.Served, next.Collected, next.Other = next.Served+m.Served, next.Collected+m.Collected, next.Other+m.Other
		if gone := next.Served + next.Collected + next.Other; gone >= batchOf {
			st.Months, st.Waiting = append(st.Months, next), st.Waiting-gone
			next = SponsorMonth{}
		}
	}
}

// checkLots holds the lots that were paid against the sales that paid them, item by item and cent by cent (I9).
func checkLots(ctx context.Context, q data.Querier) ([]string, error) {
	paid, err := suspended.PaidLots(ctx, q)
	if err != nil {
		return nil, err
	}
	var bad []string
	lots := map[int64]suspended.Lot{}
	for _, l := range paid {
		lots[l.Sale] = l
	}
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var seq int64
		var qty int
		var total money.Cents
		var class string
		if err := r.Scan(&seq, &class, &qty, &total); err != nil {
			return err
		}
		if l := lots[seq]; l.Class != class || l.Qty != qty || l.Total != total {
			bad = append(bad, fmt.Sprintf("sale %d is of %d items of a sponsor for %s, its proposal says %d for %s", seq, qty, total, l.Qty, l.Total))
		}
		delete(lots, seq)
		return nil
	}, `SELECT l.seq, max(l.class), sum(l.qty), sum(l.total) FROM sale_lines AS l JOIN sales AS s ON s.seq = l.seq
		WHERE s.refunds IS NULL AND l.product = ? AND l.category = '' GROUP BY l.seq ORDER BY l.seq LIMIT -1`, sponsorSKU)
	for _, seq := range sortedKeys(lots) {
		bad = append(bad, fmt.Sprintf("proposal %d was paid by sale %d, which is none of a sponsor", lots[seq].No, seq))
	}
	return bad, err
}
