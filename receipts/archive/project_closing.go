package archive

import (
	"strconv"

	"comptoir/data/money"
	"comptoir/receipts/journal"
)

func (p *projector) closing(r *record, b *journal.CloseBody) {
	row := r.head().text(b.Period, b.FromDay, b.ToDay).num(int64(b.Days)).yes(b.Late).yes(b.Resumed).
		num(b.FromSeq, b.ToSeq, int64(b.CutOff)).text(doc(b.PrevClose))
	for _, s := range []journal.CloseSum{b.Sales, b.Refunds, b.Total} {
		row = row.num(s.N).money(s.HT, s.VAT, s.TTC)
	}
	row = row.money(b.Cash.Float, b.Cash.In, b.Cash.Out, b.Cash.Received).num(b.Cash.Counts).money(b.Cash.Counted, b.Cash.Expected, b.Cash.Difference).
		num(b.Counts.Entries, b.Counts.Notes, b.Counts.Duplicates, b.Counts.Invoices, b.Counts.Minus, b.Counts.Redemptions, b.Counts.Training).
		num(b.Open.Tickets).money(b.Open.Amount, b.GT.YearNet, b.GT.PerpNet, b.GT.PerpAbs).
		num(b.Events.Seq).text(b.Events.Hash).num(int64(b.NF525)).text(r.Software, r.Core, r.hash)
	p.row(sheetClosings, row)
	p.perpetual(r, b)
	p.details(r, b)
}

func (p *projector) perpetual(r *record, b *journal.CloseBody) {
	begin := func(rate string) cells {
		return cells{}.num(r.Seq).text(r.number(), string(r.Kind), b.Period, b.ToDay, rate)
	}
	p.row(sheetPerpetual, begin("").money(b.GT.PerpNet, b.GT.PerpAbs, b.GT.YearNet))
	for _, x := range b.GT.Rates {
		p.row(sheetPerpetual, begin(strconv.Itoa(int(x.BP))).money(x.Net, x.Abs).blank(2))
	}
}

// detail is one row of the table of what a closing lists; an absent amount or count is an empty cell.
type detail struct {
	section, code, origin, mode string
	bp                          *money.BasisPoints
	n                           *int64
	ht, vat, ttc                *money.Cents
	first, last                 string
}

func (p *projector) detail(r *record, d detail) {
	row := cells{}.num(r.Seq).text(r.number(), d.section, d.code, d.origin, d.mode)
	if d.bp != nil {
		row = row.num(int64(*d.bp))
	} else {
		row = row.blank(1)
	}
	if d.n != nil {
		row = row.num(*d.n)
	} else {
		row = row.blank(1)
	}
	for _, amount := range []*money.Cents{d.ht, d.vat, d.ttc} {
		if amount != nil {
			row = row.money(*amount)
		} else {
			row = row.blank(2)
		}
	}
	p.row(sheetDetails, row.text(d.first, d.last))
}

func (p *projector) details(r *record, b *journal.CloseBody) {
	for _, x := range b.Rates {
		p.detail(r, detail{section: "taux", bp: &x.BP, ht: &x.HT, vat: &x.VAT, ttc: &x.TTC})
	}
	for _, x := range b.Natures {
		p.detail(r, detail{section: "nature", code: x.Nat, bp: &x.BP, ht: &x.HT, vat: &x.VAT, ttc: &x.TTC})
	}
	for _, x := range b.Means {
		p.detail(r, detail{section: "moyen", code: string(x.Means), n: &x.N, ttc: &x.Amt})
	}
	for _, x := range b.Discounts {
		section := "remise"
		if x.Offered {
			section = "offert"
		}
		p.detail(r, detail{section: section, code: x.Reason, mode: string(x.Mode), n: &x.N, ttc: &x.Amt})
	}
	for _, x := range b.NonTurnover {
		p.detail(r, detail{section: "hors_ca", code: x.K, ttc: &x.Amt})
	}
	for _, x := range b.Documents {
		p.detail(r, detail{section: "serie", code: string(x.Series), n: &x.N, first: x.First, last: x.Last})
	}
	for _, reason := range b.Cash.Reasons {
		p.detail(r, detail{section: "ecart", code: reason})
	}
	for _, x := range b.Suspended {
		p.solidarity(r, x)
	}
	for _, x := range b.GT.Pools {
		p.detail(r, detail{section: "pool", code: x.Class, n: &x.N})
	}
}

func (p *projector) solidarity(r *record, x journal.CloseSuspended) {
	flow := func(section string, n int64) {
		p.detail(r, detail{section: "suspendus." + section, code: x.Class, n: &n})
	}
	flow("achetes", x.Pledged)
	flow("rembourses", x.Returned)
	flow("liberes", x.Released)
	flow("repris", x.Retracted)
	flow("partenaires", x.Collected)
	flow("autres", x.Others)
	for _, s := range x.Served {
		p.detail(r, detail{section: "suspendus.servis", code: x.Class, origin: s.Origin, mode: string(s.Mode), n: &s.N, ttc: &s.Memo})
	}
	flow("stock", x.Shelf)
}
