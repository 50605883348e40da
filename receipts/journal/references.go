package journal

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// The rules of the entries that say something of an earlier one: duplicates, invoices, corrections of the means, and
// archives. Append holds them with what it finds in the journal, Verify with what it has passed.

// copied lists what a DUPLICATE may be of (fiscal R38).
func copied() []Kind { return []Kind{KindTicket, KindRefund, KindSuspRedeem, KindInvoice} }

func checkDuplicate(b *DuplicateBody) string {
	if b.N < 1 || b.Reason == "" || !slices.Contains([]string{"paper", "screen", "email", "file"}, b.Form) {
		return fmt.Sprintf("duplicate %d, form %q, reason %q", b.N, b.Form, b.Reason)
	}
	return ""
}

// checkCopy checks a duplicate against the document it is of, and the n duplicates of that document before it.
func checkCopy(b *DuplicateBody, of Entry, n int64) string {
	switch {
	case of.Training:
		return "a duplicate of training"
	case b.N != n+1:
		return fmt.Sprintf("duplicate %d of %s, the next one is %d", b.N, b.Of.Doc, n+1)
	}
	return ""
}

func checkInvoice(b *InvoiceBody) string {
	if !isDigest(b.Buyer) {
		return fmt.Sprintf("buyer %q is no hash", b.Buyer)
	}
	return ""
}

// checkInvoiced checks an invoice against its ticket, and the n invoices of that ticket before it (fiscal R94).
func checkInvoiced(b *InvoiceBody, of Entry, ticket *TicketBody, n int64) string {
	switch {
	case of.Training:
		return "an invoice of training"
	case n > 0:
		return fmt.Sprintf("%s has an invoice already", b.Of.Doc)
	case b.Total != ticket.Total:
		return fmt.Sprintf("the total %v is not that of %s", b.Total, b.Of.Doc)
	}
	return ""
}

func checkPayFix(b *PayFixBody) string {
	if b.Amt == 0 || b.From == b.To || b.Reason == "" || !isMeans(b.From) || !isMeans(b.To) {
		return fmt.Sprintf("%d from %q to %q, reason %q", b.Amt, b.From, b.To, b.Reason)
	}
	return ""
}

// checkFixed checks a correction against the document it is of, and what earlier ones have moved of it (fiscal R42).
func checkFixed(b *PayFixBody, of Entry, document *TicketBody, moved map[Means]money.Cents) string {
	paid := moved[b.From]
	for _, p := range document.Pay {
		if p.Means == b.From {
			paid += p.Amt
		}
	}
	switch {
	case of.Training:
		return "a correction of training"
	case (b.Amt < 0) != (of.Kind == KindRefund):
		return fmt.Sprintf("%d moved on a %s", b.Amt, of.Kind)
	case magnitude(b.Amt) > magnitude(paid) || (paid < 0) != (b.Amt < 0):
		return fmt.Sprintf("%d moved, %s has %d by %s", b.Amt, b.Of.Doc, paid, b.From)
	}
	return ""
}

func checkArchive(b *ArchiveBody) string {
	if b.Name == "" || b.Period == "" || !isDigest(b.Manifest) || b.NF525 != 20 && b.NF525 != 30 || b.FromSeq < 0 || b.ToSeq < b.FromSeq {
		return fmt.Sprintf("archive %q of %q, entries %d to %d, manifest %q", b.Name, b.Period, b.FromSeq, b.ToSeq, b.Manifest)
	}
	for _, f := range b.Files {
		if f.Name == "" || f.Size < 0 || !isDigest(f.SHA256) {
			return fmt.Sprintf("file %q of %d bytes, hash %q", f.Name, f.Size, f.SHA256)
		}
	}
	return ""
}

// checkArchived checks an archive against the one before it and the newest closing.
func checkArchived(b *ArchiveBody, prev *Ref, closing int64) string {
	switch {
	case (b.Prev == nil) != (prev == nil) || prev != nil && *b.Prev != *prev:
		return fmt.Sprintf("prev is %v, the archive before is %v", b.Prev, prev)
	case b.ToSeq > closing:
		return fmt.Sprintf("entries to %d, closed are those to %d", b.ToSeq, closing)
	}
	return ""
}

// isDigest reports whether text is a SHA-256 in lower-case hexadecimal.
func isDigest(text string) bool {
	b, err := hex.DecodeString(text)
	return err == nil && len(b) == 32 && hex.EncodeToString(b) == text
}

// refer holds a draft against the earlier entries it speaks of. A duplicate without a number is given the next one.
func (j *Journal) refer(ctx context.Context, tx *data.Tx, d *Draft, seq int64) error {
	var breach string
	var err error
	switch b := d.Body.(type) {
	case DuplicateBody:
		breach, err = referCopy(ctx, tx, &b, seq)
		d.Body = b
	case InvoiceBody:
		breach, err = referInvoice(ctx, tx, &b, seq)
	case PayFixBody:
		breach, err = referFix(ctx, tx, &b, seq)
	case ArchiveBody:
		breach, err = j.referArchive(ctx, tx, &b)
	default:
		return nil
	}
	if err == nil && breach == "" && d.Training {
		breach = "there is none in training"
	}
	if err == nil && breach != "" {
		return broken(d.Kind, breach)
	}
	return err
}

func referCopy(ctx context.Context, tx *data.Tx, b *DuplicateBody, seq int64) (string, error) {
	of, breach, err := named(ctx, tx, seq, &b.Of, copied()...)
	if breach != "" || err != nil {
		return breach, err
	}
	before, err := speakingOf(ctx, tx, KindDuplicate, b.Of)
	if b.N == 0 {
		b.N = int64(len(before)) + 1
	}
	return checkCopy(b, of, int64(len(before))), err
}

func referInvoice(ctx context.Context, tx *data.Tx, b *InvoiceBody, seq int64) (string, error) {
	of, breach, err := named(ctx, tx, seq, &b.Of, KindTicket)
	if breach != "" || err != nil {
		return breach, err
	}
	var ticket TicketBody
	if err := of.Decode(&ticket); err != nil {
		return "", err
	}
	before, err := speakingOf(ctx, tx, KindInvoice, b.Of)
	return checkInvoiced(b, of, &ticket, int64(len(before))), err
}

func referFix(ctx context.Context, tx *data.Tx, b *PayFixBody, seq int64) (string, error) {
	of, breach, err := named(ctx, tx, seq, &b.Of, KindTicket, KindRefund)
	if breach != "" || err != nil {
		return breach, err
	}
	var document TicketBody
	if err := of.Decode(&document); err != nil {
		return "", err
	}
	before, err := speakingOf(ctx, tx, KindPayFix, b.Of)
	if err != nil {
		return "", err
	}
	moved := make(map[Means]money.Cents)
	for _, e := range before {
		var fix PayFixBody
		if err := e.Decode(&fix); err != nil {
			return "", err
		}
		moved[fix.From] -= fix.Amt
		moved[fix.To] += fix.Amt
	}
	return checkFixed(b, of, &document, moved), nil
}

func (j *Journal) referArchive(ctx context.Context, tx *data.Tx, b *ArchiveBody) (string, error) {
	prev, err := LastArchive(ctx, tx)
	if err != nil {
		return "", err
	}
	return checkArchived(b, prev, j.cell.Get(tx).books.newest()), nil
}

// newest returns the seq of the newest closing of any level, -1 before the first.
func (b books) newest() int64 {
	seq := int64(-1)
	for _, r := range []*Ref{b.prevDay, b.prevMonth, b.prevYear} {
		if r != nil {
			seq = max(seq, r.Seq)
		}
	}
	return seq
}

// LastArchive returns what the prev of the next ARCHIVE must be: manifest and seq of the newest one; nil when there is
// none. It walks back over the entries since.
func LastArchive(ctx context.Context, q data.Querier) (*Ref, error) {
	found, err := scan(ctx, q, `SELECT seq, canon, hash, sig FROM journal WHERE instr(canon, ?) > 0 ORDER BY seq DESC LIMIT 1`, kindBytes(KindArchive))
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var b ArchiveBody
	if err := found[0].Decode(&b); err != nil {
		return nil, err
	}
	return &Ref{Doc: b.Manifest, Seq: found[0].Seq}, nil
}

// speakingOf returns the entries of a kind whose "of" is that document, in order. The bytes are canonical, and quotes
// in a text escaped, so that they can be searched. It walks over the documents of that series since; for a kind that is no
// document over all that was written since.
func speakingOf(ctx context.Context, q data.Querier, kind Kind, of Ref) ([]Entry, error) {
	if series := seriesOf(kind, false); series != NoSeries {
		return scan(ctx, q, `SELECT j.seq, j.canon, j.hash, j.sig FROM documents AS d CROSS JOIN journal AS j ON j.seq = d.seq
			WHERE d.series = ? AND d.seq > ? AND instr(j.canon, ?) > 0 AND instr(j.canon, ?) > 0 ORDER BY j.seq`,
			string(series), of.Seq, fmt.Appendf(nil, `"of":{"doc":"%s","seq":%d}`, of.Doc, of.Seq), kindBytes(kind))
	}
	return scan(ctx, q, `SELECT seq, canon, hash, sig FROM journal WHERE seq > ? AND instr(canon, ?) > 0 AND instr(canon, ?) > 0 ORDER BY seq`,
		of.Seq, fmt.Appendf(nil, `"of":{"doc":"%s","seq":%d}`, of.Doc, of.Seq), kindBytes(kind))
}

func kindBytes(kind Kind) []byte { return fmt.Appendf(nil, `,"kind":"%s",`, kind) }

func scan(ctx context.Context, q data.Querier, query string, args ...any) ([]Entry, error) {
	rows, err := data.All(ctx, q, scanRow, query, args...)
	if err != nil {
		return nil, fmt.Errorf("search the journal: %w", err)
	}
	return entriesOf(rows)
}

// named returns the entry a ref names, or why it cannot be what the ref says: an earlier one of these kinds.
func named(ctx context.Context, q data.Querier, seq int64, ref *Ref, kinds ...Kind) (Entry, string, error) {
	if ref.Seq >= seq {
		return Entry{}, fmt.Sprintf("refers forward to %d", ref.Seq), nil
	}
	e, err := At(ctx, q, ref.Seq)
	if fault.KindOf(err) == fault.NotFound {
		return Entry{}, fmt.Sprintf("refers to entry %d, which is missing", ref.Seq), nil
	}
	if err != nil {
		return Entry{}, fmt.Sprintf("refers to entry %d, which cannot be read", ref.Seq), ctx.Err()
	}
	if !slices.Contains(kinds, e.Kind) || e.Number != ref.Doc {
		return Entry{}, fmt.Sprintf("entry %d is not the %s %s", ref.Seq, kinds[0], ref.Doc), nil
	}
	return e, "", nil
}
