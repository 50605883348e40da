package pos

import (
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/receipts/journal"
)

// paper adds the rows that an entry about a document asks for: given out again, invoiced, its means put right.
func (r rows) paper(e journal.Entry, op string) error {
	switch e.Kind {
	case journal.KindDuplicate:
		var b journal.DuplicateBody
		if err := e.Decode(&b); err != nil {
			return err
		}
		r.add("print %d of %d n %d [%s] %s [%s] %d %s", e.Seq, b.Of.Seq, b.N, e.Number, b.Form, b.Reason, e.At.UnixMilli(), op)
	case journal.KindInvoice:
		var b journal.InvoiceBody
		if err := e.Decode(&b); err != nil {
			return err
		}
		r.add("invoice %d %s of %d %d %s %s", e.Seq, e.Number, b.Of.Seq, e.At.UnixMilli(), op, b.Buyer)
	default:
		var b journal.PayFixBody
		if err := e.Decode(&b); err != nil {
			return err
		}
		r.add("fix %d of %d %s %d %s [%s] %s to %s %d %s", e.Seq, b.Of.Seq, e.Day, e.At.UnixMilli(), op, b.Auth, meansOf(b.From), meansOf(b.To), b.Amt, b.Reason)
		switch {
		case b.From == journal.ByCash:
			r.add("drawer %d %s %d", e.Seq, fixCause(-b.Amt), -b.Amt)
		case b.To == journal.ByCash:
			r.add("drawer %d %s %d", e.Seq, fixCause(b.Amt), b.Amt)
		}
	}
	return nil
}

// printed adds the row of a print that is an event.
func (r rows) printed(e journal.Entry, op string, b journal.EventBody) {
	whole := func(key string) int64 { // JSON read into any has one kind of number
		n, _ := b.Data[key].(float64)
		return int64(n)
	}
	r.add("print %d of %d n %d [] %s [%s] %d %s", e.Seq, whole("seq"), whole("n"), b.Data["form"], b.Data["reason"], e.At.UnixMilli(), op)
}

// mention adds the row of a change of what a café without VAT prints.
func (r rows) mention(e journal.Entry, b journal.EventBody) {
	changed, _ := b.Data["new"].(map[string]any)
	if mention, found := changed["vat_mention"]; found && b.Data["what"] == "settings" {
		r.add("mention %d [%s]", e.Seq, mention)
	}
}

// checkFixes holds that no correction takes more from a means than the document has on it, and that the buyer of each
// invoice is the one whose hash the journal has.
func checkFixes(ctx context.Context, q data.Querier) ([]string, error) {
	bad, err := breaches(ctx, q, `WITH moved AS (SELECT seq, means, amount FROM sale_tenders
			UNION ALL SELECT sale, from_means, -amount FROM payment_fixes UNION ALL SELECT sale, to_means, amount FROM payment_fixes)
		SELECT 'document ' || s.number || ': ' || sum(m.amount) || ' by ' || m.means FROM moved AS m JOIN sales AS s ON s.seq = m.seq
		WHERE s.seq IN (SELECT sale FROM payment_fixes) GROUP BY m.seq, m.means
		HAVING iif(s.refunds IS NULL, sum(m.amount) < 0, sum(m.amount) > 0) LIMIT 100`)
	if err != nil {
		return nil, err
	}
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var number, hash string
		var b journal.Buyer
		if err := r.Scan(&number, &hash, &b.Name, &b.Address, &b.SIRET, &b.VATNumber, &b.Check); err != nil {
			return err
		}
		if b.Hash() != hash {
			bad = append(bad, fmt.Sprintf("invoice %s: the buyer is not the one of the journal", number))
		}
		return nil
	}, `SELECT number, buyer, name, address, siret, vat_number, checked FROM invoices ORDER BY seq LIMIT -1`)
	return bad, err
}

// checkPrints holds that the prints of a document are counted without a gap from the original, or from the first
// duplicate where the original never left.
func checkPrints(ctx context.Context, q data.Querier) ([]string, error) {
	return breaches(ctx, q, `SELECT 'entry ' || document || ' was given out ' || count(*) || ' times, numbered ' || min(n) || ' to ' || max(n) FROM prints GROUP BY document
		HAVING min(n) > 1 OR max(n) - min(n) + 1 <> count(*) LIMIT 100`)
}
