package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/loyalty"
	"comptoir/pos"
)

// What a scan can be.
type scanKind string

const (
	scanCard    scanKind = "card"
	scanGoods   scanKind = "goods"   // the code on the packaging of a product
	scanReceipt scanKind = "receipt" // or whatever else: its code is looked for among receipts
)

// onlyDigits is what a scan of goods is: nothing else of ours is digits alone, but a card's number, which has 9.
var onlyDigits = regexp.MustCompile(`^(?:[0-9]{8}|[0-9]{12,13})$`)

// receiptAddress is the end of a receipt's address, as a code on paper holds it.
var receiptAddress = regexp.MustCompile(`(?i)^https?://[^\s]*/R/([CBDEFGHIJKLNRTUV]{13})$`)

// readScan says what was scanned, and its code in the form the till knows it by. Refusals: card.code (a card with a
// letter misread), barcode.invalid (goods with a digit misread).
func readScan(text string) (scanKind, string, error) {
	text = strings.TrimSpace(text)
	if onlyDigits.MatchString(text) {
		code, err := pos.ParseBarcode(text)
		return scanGoods, code, err
	}
	if m := receiptAddress.FindStringSubmatch(text); m != nil {
		return scanReceipt, strings.ToUpper(m[1]), nil
	}
	code, err := loyalty.ParseCode(text)
	if fault.CodeOf(err) == "card.unreadable" { // not of a card's shape: a receipt may hold the letters FID
		return scanReceipt, text, nil
	}
	return scanCard, code, err
}

// scanned serves POST /scan: a code that was scanned on a page of the staff other than the till. A receipt opens its
// sale. A card or goods go to the order of this till, a new one when there is none, and the till shows it; or back to the
// payment they were scanned on. No address that follows holds the code.
func (s *Server) scanned(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	kind, code, err := readScan(c.FormValue("code"))
	if err == nil && kind == scanReceipt {
		r, err := s.till.Receipt(ctx, code)
		if err != nil {
			return err
		}
		return c.Redirect("/sales/"+url.PathEscape(r.Document.Number), http.StatusSeeOther)
	}
	tk, shown := s.shownTicket(ctx, c.FormValue("ticket"))
	if shown != nil {
		return shown
	}
	var attach func(ticket string) (pos.Ticket, error)
	if err == nil {
		attach, err = s.attaching(ctx, by, kind, code)
	}
	if err != nil {
		return c.Redirect(tillAt(tk.ID, "refused", fault.CodeOf(err)), http.StatusSeeOther)
	}
	if tk.ID == "" {
		if tk, err = s.till.OpenTicket(ctx, part(by, "open"), pos.TicketRequest{}); err != nil {
			return err
		}
	}
	if tk, err = attach(tk.ID); err != nil {
		return err
	}
	if next := c.FormValue("next"); strings.HasPrefix(next, "/pay/") {
		return c.Redirect(local(next), http.StatusSeeOther)
	}
	return c.Redirect(tillAt(tk.ID, "told", string(kind)), http.StatusSeeOther)
}

// attaching looks for a card or for goods, before an order is opened for them, and returns how they come to one. Refusals:
// those of pos.Card and pos.ProductByBarcode; scan.sold_out, scan.choose of what cannot be rung without a word.
func (s *Server) attaching(ctx context.Context, by pos.By, kind scanKind, code string) (func(string) (pos.Ticket, error), error) {
	if kind == scanCard {
		_, err := s.till.Card(ctx, code)
		return func(ticket string) (pos.Ticket, error) {
			return s.till.AttachCard(ctx, part(by, "attach"), ticket, code)
		}, err
	}
	p, err := s.till.ProductByBarcode(ctx, code)
	switch {
	case err != nil:
		return nil, err
	case !p.Available:
		return nil, errScanSoldOut
	case needsChoice(p):
		return nil, errScanChoose
	}
	return func(ticket string) (pos.Ticket, error) {
		return s.till.AddLine(ctx, part(by, "attach"), ticket, pos.LineRequest{Product: p.ID, Qty: 1, Kind: pos.LineSale})
	}, nil
}

// Refusals of goods that were scanned on another page than the till.
var (
	errScanSoldOut = fault.New(fault.Conflict, "scan.sold_out", "What was scanned is sold out.")
	errScanChoose  = fault.New(fault.Conflict, "scan.choose", "What was scanned asks for a choice: scan it on the till.")
)

// tillAt is the address of the till on an order, with one thing to say.
func tillAt(ticket, name, value string) string {
	q := url.Values{name: {value}}
	if ticket != "" {
		q.Set("ticket", ticket)
	}
	return "/?" + q.Encode()
}
