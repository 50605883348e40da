package pos_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"comptoir/data"
	"comptoir/pos"
)

// TestI16NoRowJoinsAServingWithACardOrItsPayment: an order with a paid meal, a card and a serving is settled in each of the
// ways there are; then every row of every table is read. None holds something of the serving (its number, its item, its event)
// and something of who paid beside it (account, card, order, sale, receipt, command).
func TestI16NoRowJoinsAServingWithACardOrItsPayment(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	c.sell("", gift("cafe", 4)) // of somebody else
	var payer []string
	by := c.by()
	direct, err := c.Sell(ctx(), by, pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{line("plat", 1), redemption("cafe")},
		Card: card, Tenders: []pos.Tender{{Means: pos.Card, Amount: 1190}}})
	if err != nil || len(direct.Redemptions) != 1 {
		t.Fatalf("%+v, %v", direct, err)
	}
	payer = append(payer, by.Command.ID, direct.ID, direct.Number, direct.ReceiptCode)
	again, err := c.Sell(ctx(), by, pos.SellRequest{})
	if err != nil || again.Number != direct.Number || len(again.Redemptions) != 0 {
		t.Errorf("replayed: %+v, %v", again, err)
	}
	tk := c.ticket(redemption("cafe"), line("plat", 1), redemption("cafe"))
	if tk, err = c.AttachCard(ctx(), c.by(), tk.ID, card); err != nil {
		t.Fatal(err)
	}
	by = c.by()
	part, err := c.AddPayment(ctx(), by, tk.ID, pos.PaymentRequest{Means: pos.Card, Amount: 1190})
	if err != nil || part.Sale == nil || len(part.Sale.Redemptions) != 2 {
		t.Fatalf("%+v, %v", part, err)
	}
	payer = append(payer, by.Command.ID, tk.ID, tk.Card.Number, part.Sale.ID, part.Sale.Number, part.Sale.ReceiptCode)
	alone := c.ticket(redemption("cafe"))
	if _, err := c.AttachCard(ctx(), c.by(), alone.ID, card); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Checkout(ctx(), c.by(), alone.ID, pos.CheckoutRequest{}); err != nil {
		t.Fatal(err)
	}
	if last, err := c.Ticket(ctx(), alone.ID); err != nil || last.Card != nil || len(last.Lines) != 0 {
		t.Errorf("an order that only served keeps %+v, %v", last, err)
	}
	payer = append(payer, c.strings(`SELECT DISTINCT account FROM stamps`)...)
	served := c.strings(`SELECT number FROM redemptions UNION SELECT item FROM redemptions UNION
		SELECT DISTINCT 'event ' || event FROM item_events WHERE became IN ('RESERVED', 'SERVED') UNION SELECT 'entry ' || seq FROM redemptions`)
	if len(served) < 4*3 {
		t.Fatalf("of the servings only %v is known", served)
	}
	paid := append(payer, c.strings(`SELECT 'entry ' || seq FROM sales WHERE number IN (?, ?)`, direct.Number, part.Sale.Number)...)
	rows := 0
	for _, table := range c.strings(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`) {
		for _, row := range c.rows(table) {
			rows++
			if a, b := row.has(served), row.has(paid); a != "" && b != "" {
				t.Errorf("a row of %s leads from %s to %s:\n%s", table, a, b, row.text)
			}
		}
	}
	if rows < 100 {
		t.Errorf("only %d rows were read", rows)
	}
	for _, answer := range c.strings(`SELECT answer FROM commands WHERE answer LIKE '%' || ? || '%' OR answer LIKE '%' || ? || '%'`, tk.Card.Number, part.Sale.ID) {
		if strings.Contains(answer, "redemption\"") || strings.Contains(answer, "origin") {
			t.Errorf("an answer that is kept says that a card was there when somebody was served: %s", answer)
		}
	}
	c.verify()
}

func redemption(product string) pos.LineRequest {
	return pos.LineRequest{Product: product, Qty: 1, Kind: pos.LineRedemption}
}

// strings runs a query of one column.
func (c *cafe) strings(query string, args ...any) []string {
	c.tb.Helper()
	all, err := data.All(ctx(), c.DB().Reader(), func(r *data.Rows) (s string, err error) { return s, r.Scan(&s) }, query, args...)
	if err != nil {
		c.tb.Fatalf("%s: %v", query, err)
	}
	return all
}

// storedRow is one row of any table as words: each value, and what it names where it is a number of an event or an entry.
type storedRow struct {
	text  string
	words []string
}

func (r storedRow) has(words []string) string {
	for _, w := range words {
		if slices.Contains(r.words, w) || !strings.Contains(w, " ") && strings.Contains(r.text, w) {
			return w
		}
	}
	return ""
}

// rows reads a table whole.
func (c *cafe) rows(table string) []storedRow {
	c.tb.Helper()
	columns := c.strings(`SELECT name FROM pragma_table_info(?) ORDER BY cid`, table)
	pairs := make([]string, len(columns))
	for i, name := range columns {
		pairs[i] = fmt.Sprintf(`'%s', iif(typeof("%s") = 'blob', CAST("%s" AS TEXT), "%s")`, name, name, name, name)
	}
	var all []storedRow
	for _, text := range c.strings(`SELECT json_object(` + strings.Join(pairs, ", ") + `) FROM "` + table + `"`) {
		var row map[string]any
		if err := json.Unmarshal([]byte(text), &row); err != nil {
			c.tb.Fatalf("%s: %v", table, err)
		}
		all = append(all, storedRow{text, wordsOf(table, row)})
	}
	return all
}

func wordsOf(table string, row map[string]any) (words []string) {
	if n, ok := row["event"].(float64); ok {
		words = append(words, fmt.Sprintf("event %d", int64(n)))
	}
	if table == "events" {
		words = append(words, fmt.Sprintf("event %v", row["seq"]))
		var body struct{ Journal []int64 }
		if s, ok := row["body"].(string); ok && json.Unmarshal([]byte(s), &body) == nil {
			for _, seq := range body.Journal {
				words = append(words, fmt.Sprintf("entry %d", seq))
			}
		}
	}
	return words
}
