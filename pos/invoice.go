package pos

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// InvoiceRequest says whom an invoice is made out to.
type InvoiceRequest struct {
	Name      string `json:"name"`
	Address   string `json:"address"`    // on one line
	SIRET     string `json:"siret"`      // 14 digits; empty: none
	VATNumber string `json:"vat_number"` // of any country of the union; empty: none
}

// Invoice is an invoice for a ticket that was paid.
type Invoice struct {
	Number string         `json:"number"` // of the I document
	Sale   string         `json:"sale"`   // number of the T document
	Total  money.Cents    `json:"total"`  // that of the ticket: no turnover of its own
	At     time.Time      `json:"at"`
	Buyer  InvoiceRequest `json:"buyer"`
}

var (
	errInvoice         = fault.New(fault.Invalid, "invoice.invalid", "An invoice needs the buyer's name and address, and numbers that are in order; the fields say which are not.")
	errInvoiceExists   = fault.New(fault.Conflict, "invoice.exists", "This sale has its invoice already.")
	errInvoiceRefunded = fault.New(fault.Conflict, "invoice.refunded", "Something of this sale was given back: an invoice is for a sale as it was paid.")
	errInvoiceSale     = fault.New(fault.Invalid, "invoice.sale", "An invoice is made for a sale, and not for a refund or an exercise.")
	errNoInvoice       = fault.New(fault.NotFound, "invoice.unknown", "This sale has no invoice.")
)

// europeanVAT is the form of a VAT number of the union: each state has its own rules behind its letters.
var europeanVAT = regexp.MustCompile(`^[A-Z]{2}[0-9A-Z+*]{2,12}$`)

// clean checks the buyer as it will stand on the invoice.
func (r *InvoiceRequest) clean() error {
	var c checker
	c.optional("name", &r.Name, maxAddressRunes)
	c.optional("address", &r.Address, maxAddressRunes)
	for field, text := range map[string]string{"name": r.Name, "address": r.Address} {
		if text == "" {
			c.add(field, "required", nil)
		}
	}
	r.SIRET = strings.Join(strings.Fields(r.SIRET), "")
	r.VATNumber = strings.ToUpper(strings.Join(strings.Fields(r.VATNumber), ""))
	switch {
	case r.SIRET == "":
	case !digits14.MatchString(r.SIRET):
		c.add("siret", "digits_14", nil)
	case !luhn(r.SIRET) && !strings.HasPrefix(r.SIRET, laPoste):
		c.add("siret", "siret_sum", nil)
	}
	switch {
	case r.VATNumber == "":
	case strings.HasPrefix(r.VATNumber, "FR") && !frenchVAT.MatchString(r.VATNumber):
		c.add("vat_number", "vat_form", nil)
	case !europeanVAT.MatchString(r.VATNumber):
		c.add("vat_number", "vat_form_eu", nil)
	}
	return c.refusal(errInvoice)
}

// buyer is what the hash of the journal is made of; check was drawn for this invoice.
func (r InvoiceRequest) buyer(check string) journal.Buyer {
	return journal.Buyer{Name: r.Name, Address: r.Address, SIRET: r.SIRET, VATNumber: r.VATNumber, Check: check}
}

// Invoice makes the invoice of a sale, on request (fiscal R94): series I, dated today, with the ticket's total and no
// turnover of its own. A sale has one. The buyer stands in a table of the till; the journal has a hash of it that only
// the paper opens (R114). A refund made afterwards names the invoice.
//
// Refusals: right.missing, sale.unknown, invoice.sale, invoice.exists (args number), invoice.refunded, invoice.invalid.
func (t *Till) Invoice(ctx context.Context, by By, saleID string, r InvoiceRequest) (Invoice, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Invoice, error) {
		if err := t.forReal(tx, by); err != nil {
			return Invoice{}, err
		}
		s, b, err := t.invoiceable(ctx, tx, saleID)
		if err != nil {
			return Invoice{}, err
		}
		if err := r.clean(); err != nil {
			return Invoice{}, err
		}
		i, seq, err := t.writeInvoice(ctx, tx, by, s, b, r)
		if err != nil {
			return Invoice{}, err
		}
		return i, tx.Record(data.Event{Type: "invoice.made", Topics: []string{"sales"}, Body: map[string]any{"journal": []int64{seq}}})
	})
}

// writeInvoice journals the invoice of a sale and keeps its buyer; seq is its entry.
func (t *Till) writeInvoice(ctx context.Context, tx *data.Tx, by By, s Sale, b journal.TicketBody, r InvoiceRequest) (i Invoice, seq int64, err error) {
	check, err := drawCheck(t.config.Random)
	if err != nil {
		return Invoice{}, 0, err
	}
	hash := r.buyer(check).Hash()
	e, err := t.journal.Append(ctx, tx, journal.Draft{Kind: journal.KindInvoice, Series: journal.SeriesInvoice, Op: by.Operator.Code,
		Body: journal.InvoiceBody{Buyer: hash, Of: journal.Ref{Doc: s.Number, Seq: s.seq}, Total: b.Total}})
	if err != nil {
		return Invoice{}, 0, err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO invoices (seq, number, sale, at, operator, buyer, name, address, siret, vat_number, checked) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Seq, e.Number, s.seq, e.At.UnixMilli(), by.Operator.Code, hash, r.Name, r.Address, r.SIRET, r.VATNumber, check); err != nil {
		return Invoice{}, 0, fmt.Errorf("invoice of %s: %w", s.Number, err)
	}
	return Invoice{Number: e.Number, Sale: s.Number, Total: b.Total.TTC, At: e.At, Buyer: r}, e.Seq, nil
}

// invoiceable returns a sale that can have an invoice, and its ticket.
func (t *Till) invoiceable(ctx context.Context, tx *data.Tx, saleID string) (Sale, journal.TicketBody, error) {
	var b journal.TicketBody
	s, err := t.loadSale(ctx, tx, saleID)
	if err != nil {
		return s, b, err
	}
	e, err := journal.At(ctx, tx, s.seq)
	if err != nil {
		return s, b, err
	}
	if s.Kind != kindSale || e.Training {
		return s, b, errInvoiceSale.With("number", s.Number)
	}
	switch i, err := t.invoiceOf(ctx, tx, s.seq); {
	case err == nil:
		return s, b, errInvoiceExists.With("number", i.Number)
	case fault.CodeOf(err) != errNoInvoice.Code:
		return s, b, err
	}
	var refunds int
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM sales WHERE refunds = ?`, s.seq).Scan(&refunds); err != nil {
		return s, b, fmt.Errorf("refunds of %s: %w", s.Number, err)
	}
	if refunds > 0 {
		return s, b, errInvoiceRefunded.With("number", s.Number)
	}
	return s, b, e.Decode(&b)
}

// checkBytes is how much chance the check of an invoice holds: too much to try.
const checkBytes = 8

func drawCheck(random io.Reader) (string, error) {
	var b [checkBytes]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return "", fmt.Errorf("draw the check of an invoice: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// InvoiceOf returns the invoice of a sale. Refusals: sale.unknown, invoice.unknown.
func (t *Till) InvoiceOf(ctx context.Context, saleID string) (Invoice, error) {
	q := t.db.Reader()
	s, err := t.loadSale(ctx, q, saleID)
	if err != nil {
		return Invoice{}, err
	}
	i, err := t.invoiceOf(ctx, q, s.seq)
	i.Sale, i.Total = s.Number, s.Total
	return i, err
}

func (t *Till) invoiceOf(ctx context.Context, q data.Querier, sale int64) (Invoice, error) {
	var i Invoice
	var at int64
	err := q.QueryRow(ctx, `SELECT number, at, name, address, siret, vat_number FROM invoices WHERE sale = ?`, sale).
		Scan(&i.Number, &at, &i.Buyer.Name, &i.Buyer.Address, &i.Buyer.SIRET, &i.Buyer.VATNumber)
	if errors.Is(err, sql.ErrNoRows) {
		return i, errNoInvoice
	}
	i.At = time.UnixMilli(at).UTC()
	return i, err
}

// buyerOf returns the buyer of an INVOICE entry as it was made out.
func buyerOf(ctx context.Context, q data.Querier, seq int64) (journal.Buyer, error) {
	var b journal.Buyer
	err := q.QueryRow(ctx, `SELECT name, address, siret, vat_number, checked FROM invoices WHERE seq = ?`, seq).
		Scan(&b.Name, &b.Address, &b.SIRET, &b.VATNumber, &b.Check)
	if err != nil {
		return b, fmt.Errorf("buyer of entry %d: %w", seq, err)
	}
	return b, nil
}
