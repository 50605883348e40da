package receipts

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// Extra is what a document shows that its entry does not say.
type Extra struct {
	ReceiptURL string        // where the customer finds it; empty: nowhere
	Duplicate  int           // k of « DUPLICATA n° k » (fiscal R38); 0 for the original
	Reference  string        // number of the duplicate's own entry; empty: not told
	Mention    string        // instead of the VAT columns, when the entry was made; empty: the law's own (fiscal R87)
	Invoice    string        // of a refund: the invoice that its ticket had; empty: none
	Buyer      journal.Buyer // of an invoice
	Ticket     journal.Entry // of an invoice: the TICKET it is for; Load finds it by itself
	Passed     []string      // of a ticket: the associations that what it collected beside its turnover is for
}

// Load reads a document by its number: Invalid "journal.number" when that is not the form of one, NotFound
// "journal.document" when there is none, NotFound "journal.unfounded" without a genesis. It does not verify the
// entry; journal.Verify does.
func Load(ctx context.Context, q data.Querier, number string, extra Extra) (Document, error) {
	e, err := journal.ByNumber(ctx, q, number)
	if err != nil {
		return Document{}, err
	}
	id, err := journal.Founding(ctx, q)
	if err != nil {
		return Document{}, err
	}
	if e.Kind == journal.KindInvoice {
		var b journal.InvoiceBody
		if err := e.Decode(&b); err != nil {
			return Document{}, unreadable(e, err)
		}
		if extra.Ticket, err = journal.At(ctx, q, b.Of.Seq); err != nil {
			return Document{}, fmt.Errorf("ticket of %s: %w", number, err)
		}
	}
	return Render(e, id, extra)
}

// Render makes the document of a TICKET, REFUND, NOTE_PRINT, SUSP_REDEEM or INVOICE entry of the café whose genesis is id.
// Any other kind is Invalid "document.kind"; an entry that cannot be read is Internal "document.unreadable".
func Render(e journal.Entry, id journal.GenesisBody, extra Extra) (Document, error) {
	env, err := e.Envelope()
	if err != nil {
		return Document{}, unreadable(e, err)
	}
	d := frame(e, env, id, extra)
	switch e.Kind {
	case journal.KindTicket, journal.KindRefund:
		var b journal.TicketBody
		if err := e.Decode(&b); err != nil {
			return Document{}, unreadable(e, err)
		}
		d.sale(&b, e.Kind, extra)
	case journal.KindNotePrint:
		var b journal.NoteBody
		if err := e.Decode(&b); err != nil {
			return Document{}, unreadable(e, err)
		}
		d.note(&b)
	case journal.KindSuspRedeem:
		var b journal.RedeemBody
		if err := e.Decode(&b); err != nil {
			return Document{}, unreadable(e, err)
		}
		d.redemption(&b)
	case journal.KindInvoice:
		var b journal.TicketBody
		if err := extra.Ticket.Decode(&b); err != nil {
			return Document{}, unreadable(extra.Ticket, err)
		}
		d.invoice(&b, extra)
	default:
		return Document{}, fault.New(fault.Invalid, "document.kind", "an entry of this kind is no document").With("kind", string(e.Kind))
	}
	d.code(e)
	return d, nil
}

// code is what the QR code on the paper says (fiscal R91); none where it would look real and is not (R68), and none on a
// note (R36).
func (d *Document) code(e journal.Entry) {
	if e.Training || d.Hash == "" {
		return
	}
	d.QR = fmt.Sprintf("%s/%d/%s", d.Number, d.Total.TTC, strings.ToUpper(d.Hash))
	if d.ReceiptURL != "" {
		d.QR = d.ReceiptURL + "/" + d.QR
	}
}

func unreadable(e journal.Entry, err error) error {
	return fault.New(fault.Internal, "document.unreadable", "the entry of this document cannot be read").
		With("seq", e.Seq).Wrap(fmt.Errorf("render %s of entry %d: %w", e.Kind, e.Seq, err))
}

// frame fills what every document has.
func frame(e journal.Entry, env journal.Envelope, id journal.GenesisBody, extra Extra) Document {
	d := Document{
		Number: e.Number, Marks: marks(e, id, extra), Duplicate: extra.Duplicate, Reference: extra.Reference,
		Identity: identityOf(id),
		At:       e.At.In(time.FixedZone("", env.TZ*60)), Day: e.Day, Register: env.Reg, Operator: env.Op,
		Notes: []string{}, Lines: []Line{}, Taxes: []Tax{}, Others: []Other{}, Payments: []Payment{},
		Mention: mention(id.VATRegime, extra.Mention), Software: env.Software, Core: env.Core, Source: journal.SourceHash(env.Core),
		Extract: extract(e.Sig), Hash: hex.EncodeToString(e.Hash[:8]),
	}
	if !e.Training {
		d.ReceiptURL = extra.ReceiptURL
	}
	return d
}

func marks(e journal.Entry, id journal.GenesisBody, extra Extra) []string {
	m := []string{}
	if extra.Duplicate > 0 {
		mark := fmt.Sprintf(markDuplicate, extra.Duplicate)
		if extra.Reference != "" {
			mark += markReference + extra.Reference
		}
		m = append(m, mark)
	}
	if e.Training {
		m = append(m, markTraining)
	}
	if id.Demo {
		m = append(m, markDemo)
	}
	return m
}

// extract takes the characters 3, 7, 13 and 19 of a signature in base64url (fiscal R29); none of one too short to
// have them.
func extract(sig []byte) string {
	text := base64.RawURLEncoding.EncodeToString(sig)
	if len(text) < 19 {
		return ""
	}
	return string([]byte{text[2], text[6], text[12], text[18]})
}

// sale fills a ticket or a refund.
func (d *Document) sale(b *journal.TicketBody, kind journal.Kind, extra Extra) {
	d.Kind, d.Title, d.Closing, d.Priced = Ticket, titleTicket, settled, true
	if kind == journal.KindRefund {
		d.Kind, d.Title, d.Closing, d.Invoice = Refund, titleRefund, "", extra.Invoice
	}
	if b.Ref != nil {
		d.Of = b.Ref.Doc
	}
	for _, n := range b.Notes {
		d.Notes = append(d.Notes, n.Doc)
	}
	d.sold(b)
	passed := extra.Passed
	for _, o := range b.NonTurnover {
		label := otherLabel(o.K)
		if o.K == passThrough && len(passed) > 0 {
			label, passed = remittedTo+passed[0], passed[1:]
		}
		d.Others = append(d.Others, Other{Kind: o.K, Label: label, Amount: o.Amt})
	}
	for _, p := range b.Pay {
		name, label := meansLabel(p.Means)
		d.Payments = append(d.Payments, Payment{Means: name, Label: label, Amount: p.Amt, Given: p.Given, Change: p.Change})
	}
}

// invoice fills an invoice: what its ticket sold, for the buyer. The means of payment are the ticket's to say: they may
// have been put right since (fiscal R42, R94).
func (d *Document) invoice(b *journal.TicketBody, extra Extra) {
	d.Kind, d.Title, d.Closing, d.Priced = Invoice, titleBill, acquitted, true
	d.Of, d.SoldAt = extra.Ticket.Number, extra.Ticket.At.In(d.At.Location())
	d.Buyer = &Buyer{Name: extra.Buyer.Name, Address: extra.Buyer.Address, SIRET: extra.Buyer.SIRET, VATNumber: extra.Buyer.VATNumber, Check: extra.Buyer.Check}
	d.sold(b)
}

// sold fills lines, rates and totals of what was sold or refunded.
func (d *Document) sold(b *journal.TicketBody) {
	d.Mode, d.ModeLabel = string(b.Mode), modeLabel(b.Mode)
	byRate := d.taxes(b.Rates)
	for _, l := range b.Lines {
		line := Line{N: l.N, Parent: l.Parent, Label: l.Label, Gift: l.K == journal.LineGift, Qty: l.Qty, Quantity: quantity(l.Qty, l.Unit),
			UnitPrice: l.PU, Discount: l.Disc, Total: l.TTC, HT: l.HT, VAT: l.VAT, Mark: byRate[l.BP]}
		if line.Gift {
			line.Label += givenAway
		}
		if l.Disc > 0 {
			line.Why = discountLabel(l.Reason)
		}
		d.Lines = append(d.Lines, line)
	}
	d.LineCount = b.Total.Lines
	d.Total = Total{HT: b.Total.HT, VAT: b.Total.VAT, TTC: b.Total.TTC}
}

// taxes fills the VAT table and returns the mark of each rate. A regime that prints a mention prints neither
// (fiscal R87).
func (d *Document) taxes(rates []journal.Rate) map[money.BasisPoints]string {
	byRate := make(map[money.BasisPoints]string, len(rates))
	if d.Mention != "" {
		return byRate
	}
	for i, r := range rates { // the journal has them in ascending order
		mark := rateMark(i)
		byRate[r.BP] = mark
		d.Taxes = append(d.Taxes, Tax{Mark: mark, BP: r.BP, Rate: percent(r.BP), HT: r.HT, VAT: r.VAT, TTC: r.TTC})
	}
	return byRate
}

// note fills a provisional note: no payment, nothing that looks signed (fiscal R36).
func (d *Document) note(b *journal.NoteBody) {
	d.Kind, d.Title, d.Priced, d.Print = Note, titleNote, true, b.Print
	d.Extract, d.Hash = "", ""
	for _, l := range b.Lines {
		d.Lines = append(d.Lines, Line{N: l.N, Label: l.Label, Qty: l.Qty, Quantity: quantity(l.Qty, ""), UnitPrice: l.PU,
			Discount: journal.Price(l.PU, l.Qty) - l.TTC, Total: l.TTC})
	}
	d.LineCount, d.Total.TTC = len(b.Lines), b.Total
	if len(b.Rates) == 0 || d.Mention != "" {
		return
	}
	for _, r := range b.Rates {
		d.Total.HT += r.HT
		d.Total.VAT += r.VAT
	}
}

// redemption fills the paper of a guest, which looks like any other and names neither origin, class nor value
// (fiscal U3, G2).
func (d *Document) redemption(b *journal.RedeemBody) {
	d.Kind, d.Title, d.Closing = Redemption, titleTicket, settled
	if b.Ref != nil {
		d.Title, d.Closing, d.Of = titleUndo, "", b.Ref.Doc
	}
	d.Mode, d.ModeLabel = string(b.Mode), modeLabel(b.Mode)
	thousandths := int64(b.Qty) * 1000
	d.Lines = append(d.Lines, Line{N: 1, Label: b.Label, Qty: thousandths, Quantity: quantity(thousandths, "")})
	d.LineCount = 1
}
