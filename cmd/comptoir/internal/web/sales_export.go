package web

import (
	"bytes"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/table"
)

// exportSales serves GET /sales/export.csv with the conditions of the list: every document of it, newest first, one a
// line, as package table writes it; amounts have a decimal comma in French and Spanish, a point in English.
//
// Columns, headed in the language of the page: number · kind (sale or refund) · business day (YYYY-MM-DD) · time by the
// café's clock (HH:MM:SS) · who rang it · eat in or take away · total, tax included, negative for a refund · what each
// means paid of it (five columns: card, cash, meal voucher, cheque, transfer) · change given in cash · number of the
// refunded sale · what was refunded of this sale since · suspended items bought. No card, no receipt code: a file
// leaves the house.
func (s *Server) exportSales(c *fiber.Ctx) error {
	form := s.salesAsked(c)
	names, err := s.till.Names(c.UserContext())
	if err != nil {
		return err
	}
	l := s.language(c)
	var b bytes.Buffer
	w := table.New(&b)
	if err := w.Row(exportHead(l)...); err != nil {
		return errBug.Wrap(err)
	}
	zone := s.till.DB().Zone()
	err = s.till.EachSale(c.UserContext(), form.search(0), func(sale pos.FoundSale) error {
		sale.At = sale.At.In(zone)
		return w.Row(exportRow(l, names, sale)...)
	})
	if err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return errBug.Wrap(err)
	}
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Set(fiber.HeaderContentDisposition, fmt.Sprintf(`attachment; filename="%s-%s-%s.csv"`, l.T("sales.file"), form.From, form.To))
	return c.Send(b.Bytes())
}

// exportMeans are the columns of the means, in their order.
func exportMeans() []pos.Means {
	return []pos.Means{pos.Card, pos.Cash, pos.MealVoucher, pos.Cheque, pos.Transfer}
}

func exportHead(l *locale.Language) []string {
	head := []string{l.T("sales.number"), l.T("sales.kind"), l.T("sales.day"), l.T("sales.at"), l.T("sales.by"), l.T("sales.mode"), l.T("sales.total")}
	for _, m := range exportMeans() {
		head = append(head, l.T("means."+string(m)))
	}
	return append(head, l.T("sales.change"), l.T("sales.refund_of"), l.T("sales.refunded"), l.T("sales.gifts"))
}

func exportRow(l *locale.Language, names pos.Names, sale pos.FoundSale) []string {
	row := []string{sale.Number, l.T("sales.kind_" + sale.Kind), sale.Day, sale.At.Format("15:04:05"), names.Of(sale.Operator), l.T("mode." + string(sale.Mode)), l.Amount(sale.Total)}
	paid, change := make(map[pos.Means]money.Cents, len(sale.Tenders)), money.Cents(0)
	for _, t := range sale.PaidBy() {
		paid[t.Means] += t.Amount
	}
	for _, t := range sale.Tenders {
		change += t.Change
	}
	for _, m := range exportMeans() {
		row = append(row, l.Amount(paid[m]))
	}
	return append(row, l.Amount(change), sale.RefundOf, l.Amount(sale.Refunded), fmt.Sprint(sale.Gifts))
}
