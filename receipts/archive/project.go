package archive

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/receipts/table"
)

// projector writes the tables of FORMAT.md §6 from entries, one entry after the other.
type projector struct {
	tables map[string]*table.Writer
	widths map[string]int
	failed error
}

// newProjector begins every table with the names of its columns. open returns where a table goes.
func newProjector(open func(name string) io.Writer) *projector {
	p := &projector{tables: map[string]*table.Writer{}, widths: map[string]int{}}
	for _, s := range sheets() {
		p.tables[s.name], p.widths[s.name] = table.New(open(s.name)), len(s.columns)
		p.row(s.name, s.columns)
	}
	return p
}

func (p *projector) row(name string, c cells) {
	if len(c) != p.widths[name] && p.failed == nil {
		p.failed = fmt.Errorf("%s: a row of %d cells for %d columns", name, len(c), p.widths[name])
	}
	if err := p.tables[name].Row(c...); err != nil && p.failed == nil {
		p.failed = fmt.Errorf("write %s: %w", name, err)
	}
}

// end writes what is buffered and returns the first failure.
func (p *projector) end() error {
	for _, s := range sheets() {
		if err := p.tables[s.name].Flush(); err != nil && p.failed == nil {
			p.failed = fmt.Errorf("write %s: %w", s.name, err)
		}
	}
	return p.failed
}

// take writes the rows of one entry.
func (p *projector) take(r *record) error {
	var err error
	switch {
	case r.Training:
		p.row(sheetTraining, r.head().text(string(r.body)))
	default:
		err = p.takeKind(r)
	}
	if err != nil {
		return err
	}
	return p.failed
}

func (p *projector) takeKind(r *record) error {
	switch r.Kind {
	case journal.KindTicket, journal.KindRefund:
		return read(r, p.sale)
	case journal.KindNotePrint:
		return read(r, p.note)
	case journal.KindOrderMinus:
		return read(r, func(r *record, b *journal.MinusBody) {
			p.row(sheetMinus, r.head().text(b.Ticket).num(int64(b.Line)).text(b.Label).num(b.Qty).money(b.Amount).text(b.Reason))
		})
	case journal.KindCash:
		return read(r, func(r *record, b *journal.CashBody) {
			p.row(sheetCash, r.head().text(b.Type).money(b.Amount, b.Counted, b.Expected, b.Difference).text(b.Reason, b.Shift))
		})
	case journal.KindDuplicate:
		return read(r, func(r *record, b *journal.DuplicateBody) {
			p.row(sheetDuplicates, r.head().text(b.Of.Doc).num(b.Of.Seq, b.N).text(b.Form, b.Reason))
		})
	case journal.KindInvoice:
		return read(r, func(r *record, b *journal.InvoiceBody) {
			p.row(sheetInvoices, r.head().text(b.Of.Doc).num(b.Of.Seq, int64(b.Total.Lines)).money(b.Total.HT, b.Total.VAT, b.Total.TTC).text(b.Buyer))
		})
	case journal.KindPayFix:
		return read(r, func(r *record, b *journal.PayFixBody) {
			p.row(sheetPayments, r.place().num(1).text(string(b.From)).money(-b.Amt).blank(5).text(b.Of.Doc, b.Reason, b.Auth))
			p.row(sheetPayments, r.place().num(2).text(string(b.To)).money(b.Amt).blank(5).text(b.Of.Doc, b.Reason, b.Auth))
		})
	case journal.KindSuspRedeem, journal.KindSuspRelease, journal.KindSuspAdjust:
		return p.moved(r)
	case journal.KindCloseDay, journal.KindCloseMonth, journal.KindCloseYear:
		return read(r, p.closing)
	case journal.KindGenesis, journal.KindEvent, journal.KindKeyRotate, journal.KindResume, journal.KindArchive:
		return p.event(r)
	}
	return fmt.Errorf("entry %d: no table for the kind %q", r.Seq, r.Kind)
}

// read decodes the body of r and hands both over.
func read[B any](r *record, write func(*record, *B)) error {
	var b B
	if err := r.decode(&b); err != nil {
		return err
	}
	write(r, &b)
	return nil
}

func (p *projector) sale(r *record, b *journal.TicketBody) {
	notes := make([]string, len(b.Notes))
	for i, n := range b.Notes {
		notes[i] = n.Doc
	}
	var outside money.Cents
	for _, n := range b.NonTurnover {
		outside += n.Amt
		p.row(sheetOutside, r.place().text(n.K).money(n.Amt))
	}
	p.row(sheetTickets, r.head().text(b.Auth, string(b.Mode), doc(b.Ref), b.Reason, b.Delivery, strings.Join(notes, " ")).num(int64(b.Total.Lines)).
		money(b.Total.HT, b.Total.VAT, b.Total.TTC, outside, b.GT.YearNet, b.GT.PerpNet, b.GT.PerpAbs).text(r.Software, r.Core, r.hash))
	for _, l := range b.Lines {
		p.row(sheetLines, r.place().num(int64(l.N), int64(l.Parent)).text(l.SKU, l.Label, l.Cat).num(l.Qty).text(l.Unit).money(l.PU, l.Disc).
			text(l.Reason).num(int64(l.BP)).money(l.HT, l.VAT, l.TTC).text(l.Nat, string(l.Mode), l.K, l.Class).money(l.Memo).num(int64(l.RefN)))
		if l.K == journal.LineGift {
			p.row(sheetSuspended, r.head().text(l.Class).num(l.Qty/1000, l.Qty/1000).blank(3).
				text(string(l.Mode), l.SKU, l.Label).money(l.Memo).text(doc(b.Ref), b.Reason, b.Auth))
		}
	}
	for _, x := range b.Rates {
		p.row(sheetRates, r.place().num(int64(x.BP)).money(x.HT, x.VAT, x.TTC))
	}
	for _, x := range b.Pay {
		p.row(sheetPayments, r.place().num(int64(x.N)).text(string(x.Means)).money(x.Amt, x.Given, x.Change).text(x.Ref).blank(3))
	}
}

func (p *projector) note(r *record, b *journal.NoteBody) {
	p.row(sheetNotes, r.head().text(b.Ticket).num(int64(b.Print), int64(len(b.Lines))).money(b.Total))
	for _, l := range b.Lines {
		p.row(sheetNoteLines, cells{}.num(r.Seq).text(r.number(), r.Day).num(int64(l.N)).text(l.SKU, l.Label).num(l.Qty).money(l.PU, l.TTC))
	}
}

// moved writes a movement of a pool that is no sale.
func (p *projector) moved(r *record) error {
	switch r.Kind {
	case journal.KindSuspRedeem:
		return read(r, func(r *record, b *journal.RedeemBody) {
			by := -int64(b.Qty)
			if b.Origin == journal.OriginHouse {
				by = 0
			}
			p.row(sheetSuspended, r.head().text(b.Class).num(int64(b.Qty), by, b.PoolAfter).
				text(b.Origin, "", string(b.Mode), b.SKU, b.Label).money(b.Memo).text(doc(b.Ref)).blank(2))
		})
	case journal.KindSuspRelease:
		return read(r, func(r *record, b *journal.ReleaseBody) {
			p.row(sheetSuspended, r.head().text(b.Class).num(int64(b.Qty), int64(b.Qty), b.PoolAfter).text("", b.Cause).blank(5).text(b.Ticket).blank(2))
		})
	default:
		return read(r, func(r *record, b *journal.AdjustBody) {
			p.row(sheetSuspended, r.head().text(b.Class).num(b.Qty, b.Qty, b.PoolAfter).text(b.Origin, b.Cause).blank(6).text(b.Reason, b.Auth))
		})
	}
}

// event writes what the till did that is neither a document nor money.
func (p *projector) event(r *record) error {
	var b struct {
		Code  string          `json:"code"`
		Data  json.RawMessage `json:"data"`
		NF525 *int            `json:"nf525"`
		Sev   string          `json:"sev"`
	}
	if err := r.decode(&b); err != nil {
		return err
	}
	facts := b.Data
	if r.Kind != journal.KindEvent {
		b.Code, b.Sev, facts = "", "", r.body
	}
	code := ""
	if b.NF525 != nil && (r.Kind == journal.KindEvent || r.Kind == journal.KindArchive) {
		code = strconv.Itoa(*b.NF525)
	}
	p.row(sheetEvents, r.head().text(b.Code, code, b.Sev, r.Software, r.Core, r.Key, string(facts)))
	return nil
}
