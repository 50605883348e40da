package pos_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"comptoir/data"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// onThePath are the tables of the database that a suspended thing passes through on its way to a guest, with all the columns
// they may have. Whoever adds one answers here: does it say who was served, or lead to somebody (I16)?
func onThePath() map[string]string {
	return map[string]string{
		"items":          "id class origin funded cost account nth event", // the account is the giver's
		"item_events":    "seq item was became cause day event",
		"shelf":          "item class origin state created",
		"redemptions":    "seq number undoes item product name class origin memo mode day at operator shift",
		"token_servings": "redemption event",
		"token_counts":   "event shift out rest box",
		"token_moves":    "event day partner n",
	}
}

// TestI16TheSchemaHasNoPlaceForAPerson walks every table of the database: those on the way of a serving have their columns and
// no other, and no other table has a column that leads from a serving to anybody.
func TestI16TheSchemaHasNoPlaceForAPerson(t *testing.T) {
	c := foundCafe(t)
	type column struct{ table, name string }
	all, err := data.All(ctx(), c.DB().Reader(), func(r *data.Rows) (x column, err error) {
		err = r.Scan(&x.table, &x.name)
		return x, err
	}, `SELECT m.name, p.name FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS p WHERE m.type = 'table' ORDER BY m.name, p.cid`)
	if err != nil || len(all) < 100 {
		t.Fatalf("%d columns, %v", len(all), err)
	}
	got := map[string][]string{}
	for _, x := range all {
		got[x.table] = append(got[x.table], x.name)
	}
	path := onThePath()
	for table, want := range path {
		if columns := strings.Join(got[table], " "); columns != want {
			t.Errorf("%s has the columns %q, want %q", table, columns, want)
		}
	}
	toServing := []string{"redemption", "redemptions", "serving", "served_to", "guest", "beneficiary"}
	for table, columns := range got {
		if _, known := path[table]; known {
			continue
		}
		for _, name := range columns {
			if slices.Contains(toServing, name) {
				t.Errorf("%s.%s leads to a serving", table, name)
			}
		}
	}
	foreign, err := data.All(ctx(), c.DB().Reader(), func(r *data.Rows) (x column, err error) {
		err = r.Scan(&x.table, &x.name)
		return x, err
	}, `SELECT m.name, f."table" FROM sqlite_schema AS m JOIN pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table' AND f."table" IN ('redemptions', 'token_servings')`)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range foreign {
		if _, known := path[x.table]; !known {
			t.Errorf("%s refers to %s", x.table, x.name)
		}
	}
	for _, table := range []string{"redemptions", "token_servings", "item_events"} {
		for _, name := range []string{"cards", "accounts", "operators", "partners", "sales", "tickets"} {
			var n int
			if err := c.DB().Reader().QueryRow(ctx(), `SELECT count(*) FROM pragma_foreign_key_list(?) WHERE "table" = ?`, table, name).Scan(&n); err != nil || n > 0 {
				t.Errorf("%s refers to %s (%d, %v)", table, name, n, err)
			}
		}
	}
}

// TestG5NoEventOfAServingNamesAnybody: what the log of events says of a serving is seqs and items, by token or not.
func TestG5NoEventOfAServingNamesAnybody(t *testing.T) {
	c := openCafe(t)
	c.token("cafe")
	c.serve("plat")
	bodies, err := data.All(ctx(), c.DB().Reader(), func(r *data.Rows) (s string, err error) { err = r.Scan(&s); return s, err },
		`SELECT DISTINCT k.key FROM events AS e, json_each(e.body) AS k WHERE e.type = 'shelf.served' ORDER BY k.key`)
	if got := strings.Join(bodies, " "); err != nil || got != "by_token items journal" {
		t.Errorf("a serving is told with %q, %v", got, err)
	}
}

// TestCase61SomebodyIsServedForTheFriendOutside: two, and more, without a question.
func TestCase61SomebodyIsServedForTheFriendOutside(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("cafe", 2))
	for range 2 {
		if r := c.serve("cafe"); r.Origin != "PAID" {
			t.Errorf("%+v", r)
		}
	}
	if r := c.serve("cafe"); r.Origin != "HOUSE" {
		t.Errorf("%+v", r)
	}
}

// TestCase62AWholeGroupIsServed: as many as there are, at once, whatever the shelf holds.
func TestCase62AWholeGroupIsServed(t *testing.T) {
	c := openCafe(t)
	c.sell("", gift("plat", 3))
	var wait sync.WaitGroup
	served := make(chan string, 12)
	for range 12 {
		by := c.by()
		wait.Go(func() {
			r, err := c.Redeem(ctx(), by, pos.RedeemRequest{Product: "plat"})
			if err != nil {
				t.Errorf("one of the group hears no: %v", err)
			}
			served <- r.Origin
		})
	}
	wait.Wait()
	close(served)
	from := map[string]int{}
	for origin := range served {
		from[origin]++
	}
	if from["PAID"] != 3 || from["HOUSE"] != 9 {
		t.Errorf("served %v", from)
	}
	c.verify()
}

// TestCase63And64TheTillKnowsNobody: the same person three times a day, and somebody well off, are served like anybody: two
// servings differ by their numbers, their items and their time, and by nothing else that is kept.
func TestCase63And64TheTillKnowsNobody(t *testing.T) {
	c := openCafe(t)
	for range 3 {
		c.serve("cafe")
	}
	var kinds int
	if err := c.DB().Reader().QueryRow(ctx(), `SELECT count(DISTINCT product || name || class || origin || memo || mode || day || operator || shift) FROM redemptions`).Scan(&kinds); err != nil || kinds != 1 {
		t.Errorf("%d kinds of servings, %v", kinds, err)
	}
}

// TestCase67AConditionIsNoField: what is written beside a gift is kept nowhere.
func TestCase67AConditionIsNoField(t *testing.T) {
	c := openCafe(t)
	request := gift("cafe", 1)
	request.Note = "pas pour un homme"
	tk, err := c.OpenTicket(ctx(), c.by(), pos.TicketRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if tk, err = c.AddLine(ctx(), c.by(), tk.ID, request); err != nil || tk.Lines[0].Note != "" {
		t.Errorf("%+v, %v", tk.Lines, err)
	}
	c.sell("", request)
	var n int
	if err := c.DB().Reader().QueryRow(ctx(), `SELECT (SELECT count(*) FROM tickets WHERE body LIKE '%homme%') + (SELECT count(*) FROM events WHERE body LIKE '%homme%')
		+ (SELECT count(*) FROM journal WHERE canon LIKE '%homme%')`).Scan(&n); err != nil || n != 0 {
		t.Errorf("the condition stands in %d rows, %v", n, err)
	}
}

// TestCase68AGiftToSomebodyInTheRoomIsAnOrdinarySale: it stamps the payer's card and is no suspended item; or it is a token,
// handed over, which reserves nothing.
func TestCase68AGiftToSomebodyInTheRoomIsAnOrdinarySale(t *testing.T) {
	c := openCafe(t)
	if r := c.sell(c.newCard(), line("plat", 1)); r.Stamps != 1 || c.waiting("meal") != 0 {
		t.Errorf("%+v, %d meals on the shelf", r, c.waiting("meal"))
	}
	c.sell("", gift("cafe", 1))
	if v, err := c.CountTokens(ctx(), c.by(), pos.TokenCount{Out: new(10), Left: new(9), Box: new(0)}); err != nil || v.Outstanding != 1 || c.waiting("coffee") != 1 {
		t.Errorf("%+v, %v", v, err)
	}
}

// TestT4WhatWasGivenAddsUp: given = drunk + waiting + to partners + returned, by class, of a day with each of them.
func TestT4WhatWasGivenAddsUp(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", gift("cafe", 6))
	c.serve("cafe")
	c.refund(sale.ID, 1, 2)
	c.allot(c.partner("Les Repas du Port"), "coffee", 1)
	shelf, err := c.Shelf(ctx())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range shelf.Classes {
		if s.Class == "coffee" && s.Served+s.Available+s.Reserved+s.Allotted+2 != 6 {
			t.Errorf("%+v and 2 returned are not 6 given", s)
		}
	}
}

// TestT6AStampWithoutASaleIsImpossible: a receipt that is none stamps nothing, and a row written past the till is found.
func TestT6AStampWithoutASaleIsImpossible(t *testing.T) {
	c := openCafe(t)
	card := c.newCard()
	if _, err := c.Claim(ctx(), c.by(), card, "CBDEFGHIJKLNC"); err == nil {
		t.Error("a receipt that was never given out stamps a card")
	}
	c.sell(card, line("plat", 1))
	c.reopen()
	if c.damagedCopy("stamps", `UPDATE stamps SET unit = '999.1.1'`) == 0 {
		t.Error("doctor does not see a stamp without a sale")
	}
}

// TestT10TwoTillsServeAndMergeAtOnce: each item is served once, each stamp counted once, whoever comes first.
func TestT10TwoTillsServeAndMergeAtOnce(t *testing.T) {
	c := openCafe(t)
	from, into := c.newCard(), c.newCard()
	c.sell(from, line("plat", 8))
	c.sell(into, line("plat", 1))
	var wait sync.WaitGroup
	for i := range 8 {
		by := c.by()
		wait.Go(func() {
			if i%2 == 0 {
				_, _ = c.MergeCards(ctx(), by, from, into) // once; then it is merged already
			} else if _, err := c.Redeem(ctx(), by, pos.RedeemRequest{Product: "plat"}); err != nil {
				t.Errorf("somebody hears no: %v", err)
			}
		})
	}
	wait.Wait()
	if v := c.view(into); v.Stamps != 9 || v.Released != 1 {
		t.Errorf("%+v", v)
	}
	c.verify()
}

// TestT12AProofScannedOnAnotherKeyboardIsRead: the letters of a code stand where they are on AZERTY, and the signs of the
// address do not matter.
func TestT12AProofScannedOnAnotherKeyboardIsRead(t *testing.T) {
	c := openCafe(t)
	sale := c.sell("", gift("cafe", 1))
	if _, err := c.giveBack(c.by(), sale.ID, 1, 1, "httpM!!till:locql;80è&!G!"+strings.ToLower(sale.GiftCode), nil); err != nil {
		t.Error(err)
	}
}

// TestT16AnEditedLedgerIsFound: one row of each ledger of solidarity, edited on the disk. (The journal has its own tests: one
// flipped bit of it stops the till, and verify names the entry.)
func TestT16AnEditedLedgerIsFound(t *testing.T) {
	c := openCafe(t)
	sale := c.sell(c.newCard(), line("plat", 9), gift("cafe", 2))
	c.token("cafe")
	c.refund(sale.ID, 2, 1)
	c.reopen()
	for _, d := range []struct{ table, statement string }{
		{"items", "UPDATE items SET funded = funded + 1 WHERE origin = 'PAID'"},
		{"item_events", "UPDATE item_events SET became = 'COLLECTED' WHERE became = 'SERVED'"},
		{"item_events", "DELETE FROM item_events WHERE became = 'RETRACTED'"},
		{"shelf", "UPDATE shelf SET state = 'AVAILABLE' WHERE state = 'SERVED'"},
		{"stamps", "DELETE FROM stamps WHERE unit LIKE '%.1.3'"},
		{"redemptions", "UPDATE redemptions SET origin = 'PAID', class = 'meal'"},
		{"events", "UPDATE events SET body = '{}' WHERE type = 'shelf.served'"},
	} {
		if c.damagedCopy(d.table, d.statement) == 0 {
			t.Errorf("nobody sees: %s", d.statement)
		}
	}
}

// TestT18AClockSetBackBackdatesNothing: order is by seq, and a business day never comes again.
func TestT18AClockSetBackBackdatesNothing(t *testing.T) {
	c := openCafe(t)
	c.clock.Advance(day)
	first := c.serve("cafe")
	c.clock.Advance(-2 * day)
	second := c.serve("cafe")
	at := func(number string) journal.Entry {
		e, err := journal.ByNumber(ctx(), c.DB().Reader(), number)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	if one, two := at(first.Number), at(second.Number); two.Seq <= one.Seq || two.Day < one.Day || two.At.Before(one.At) {
		t.Errorf("%d of %s, then %d of %s", one.Seq, one.Day, two.Seq, two.Day)
	}
	if err := c.DB().Reader().QueryRow(ctx(), `SELECT 1 FROM item_events AS a JOIN item_events AS b ON b.seq > a.seq AND b.day < a.day`).Scan(new(int)); err == nil {
		t.Error("an item has gone back in time")
	}
	c.clock.Advance(2 * day)
}
