package receipts

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// Extra is what a document shows that its entry does not say.
type Extra struct {
	ReceiptURL string // where the customer finds it; empty: nowhere
	Duplicate  int    // k of « DUPLICATA n° k » (fiscal R38); 0 for the original
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
	return Render(e, id, extra)
}

// Render makes the document of a TICKET, REFUND, NOTE_PRINT or SUSP_REDEEM entry of the café whose genesis is id.
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
		d.sale(&b, e.Kind)
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
	default:
		return Document{}, fault.New(fault.Invalid, "document.kind", "an entry of this kind is no document").With("kind", string(e.Kind))
	}
	return d, nil
}

func unreadable(e journal.Entry, err error) error {
	return fault.New(fault.Internal, "document.unreadable", "the entry of this document cannot be read").
		With("seq", e.Seq).Wrap(fmt.Errorf("render %s of entry %d: %w", e.Kind, e.Seq, err))
}

// frame fills what every document has.
func frame(e journal.Entry, env journal.Envelope, id journal.GenesisBody, extra Extra) Document {
	d := Document{
		Number: e.Number, Marks: marks(e, id, extra), Duplicate: extra.Duplicate,
		Identity: identityOf(id),
		At:       e.At.In(time.FixedZone("", env.TZ*60)), Day: e.Day, Register: env.Reg, Operator: env.Op,
		Notes: []string{}, Lines: []Line{}, Taxes: []Tax{}, Others: []Other{}, Payments: []Payment{},
		Mention: mention(id.VATRegime), Software: env.Software, Core: env.Core,
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
		m = append(m, fmt.Sprintf(markDuplicate, extra.Duplicate))
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
func (d *Document) sale(b *journal.TicketBody, kind journal.Kind) {
	d.Kind, d.Title, d.Closing, d.Priced = Ticket, titleTicket, settled, true
	if kind == journal.KindRefund {
		d.Kind, d.Title, d.Closing = Refund, titleRefund, ""
	}
	d.Mode, d.ModeLabel = string(b.Mode), modeLabel(b.Mode)
	if b.Ref != nil {
		d.Of = b.Ref.Doc
	}
	for _, n := range b.Notes {
		d.Notes = append(d.Notes, n.Doc)
	}
	byRate := d.taxes(b.Rates)
	for _, l := range b.Lines {
		line := Line{N: l.N, Parent: l.Parent, Label: l.Label, Gift: l.K == journal.LineGift, Qty: l.Qty, Quantity: quantity(l.Qty, l.Unit),
			UnitPrice: l.PU, Discount: l.Disc, Total: l.TTC, Mark: byRate[l.BP]}
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
	for _, o := range b.NonTurnover {
		d.Others = append(d.Others, Other{Kind: o.K, Label: otherLabel(o.K), Amount: o.Amt})
	}
	for _, p := range b.Pay {
		name, label := meansLabel(p.Means)
		d.Payments = append(d.Payments, Payment{Means: name, Label: label, Amount: p.Amt, Given: p.Given, Change: p.Change})
	}
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
