package receipts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"comptoir/data/money"
	"comptoir/receipts"
	"comptoir/receipts/escpos"
	"comptoir/receipts/journal"
)

// longest is a ticket of so many lines at the limits of the menu: names of 60 letters, prices of 9,999.99.
func longest(tb testing.TB, lines int) receipts.Document {
	tb.Helper()
	var all []journal.Line
	for i := range lines {
		name := fmt.Sprintf("%02d Œufs brouillés à la crème fraîche, ciboulette et pain de seigle", i+1)
		all = append(all, line(string([]rune(name)[:60]), 1, 999_999, 1000))
	}
	return render(tb, entry(tb, journal.KindTicket, "T26-999999", ticket(all)), genesis(), receipts.Extra{ReceiptURL: "HTTP://127.0.0.1:8081/R/7QXN4BKD2MWT"})
}

// A long ticket comes out whole, on one paper, its total at its end (a timeout elsewhere cut long ones, and their tails came out on the next).
func TestALongTicketIsOnePaper(t *testing.T) {
	for _, lines := range []int{70, 100} {
		d := longest(t, lines)
		for _, p := range escpos.Profiles() {
			out := printedOn(t, p, encoded(t, p, d))
			if len(out) != 1 {
				t.Errorf("%d lines on %s: %d papers", lines, p.Name, len(out))
				continue
			}
			if p.Image {
				continue
			}
			total := fmt.Sprint(lines*9_999+lines*99/100) + "," // in whole euros
			text := strings.ReplaceAll(out[0].Text, " ", "")
			for _, want := range []string{fmt.Sprintf("Nombredelignes%d", lines), total, "70Œ", "Empreinte0123456789abcdef"} {
				if want = strings.ReplaceAll(p.Printable(want), " ", ""); !strings.Contains(text, want) {
					t.Errorf("%d lines on %s: no %q on it", lines, p.Name, want)
				}
			}
		}
	}
}

// A kitchen's ticket at the limits of an order.
func TestALongKitchenTicketIsOnePaper(t *testing.T) {
	k := receipts.KitchenTicket{Station: strings.Repeat("chaud ", 10), No: 100_000, Name: strings.Repeat("long", 15), Mode: "takeaway", At: time.Unix(1, 0).UTC(), Instead: strings.Repeat("Cuisine ", 7)}
	for i := range 100 {
		k.Lines = append(k.Lines, receipts.KitchenLine{Qty: 99, Name: fmt.Sprintf("%02d %s", i, strings.Repeat("n", 57)), Note: strings.Repeat("ne pas saler ", 10) + "0123456789",
			Options: []string{"sans sucre"}})
	}
	for _, p := range escpos.Profiles() {
		out := printedOn(t, p, encoded(t, p, k))
		if len(out) != 1 || !p.Image && strings.Count(strings.Join(strings.Fields(out[0].Text), ""), "nepassaler0123456789") != 100 {
			t.Errorf("%s: %d papers, not with all notes", p.Name, len(out))
		}
	}
}

// TestWhateverIsTypedPrints renders entries far wilder than the journal accepts, on every printer: nothing is wider than the paper, and no name
// is a command.
func TestWhateverIsTypedPrints(t *testing.T) {
	words := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-zéœ’ ]{0,80}`), rapid.SampledFrom([]string{
		"\x1b@\x1dV\x00", "\x10\x14\x01\x00\x01", "a\nb\tc", "\u202egnirts", "\u2028", "👩\u200d🍳", strings.Repeat("Œ", 60), "1\u202f234,50\u00a0€ …", ""}))
	amount := rapid.Custom(func(t *rapid.T) money.Cents {
		return money.Cents(rapid.OneOf(rapid.Int64(), rapid.Int64Range(-999_999, 999_999)).Draw(t, "amount"))
	})
	aLine := rapid.Custom(func(t *rapid.T) journal.Line {
		return journal.Line{Label: words.Draw(t, "label"), Qty: rapid.Int64().Draw(t, "qty"), Unit: words.Draw(t, "unit"), Parent: rapid.IntRange(0, 3).Draw(t, "parent"),
			PU: amount.Draw(t, "pu"), Disc: amount.Draw(t, "disc"), TTC: amount.Draw(t, "ttc"), BP: money.BasisPoints(rapid.IntRange(0, 3).Draw(t, "bp")),
			K: rapid.SampledFrom([]string{journal.LineSale, journal.LineGift}).Draw(t, "k"), Reason: words.Draw(t, "reason")}
	})
	aRate := rapid.Custom(func(t *rapid.T) journal.Rate {
		return journal.Rate{BP: money.BasisPoints(rapid.Int64().Draw(t, "bp")), HT: amount.Draw(t, "ht"), VAT: amount.Draw(t, "vat"), TTC: amount.Draw(t, "ttc")}
	})
	aTask := rapid.Custom(func(t *rapid.T) receipts.KitchenLine {
		return receipts.KitchenLine{Qty: rapid.Int().Draw(t, "qty"), Was: rapid.Int().Draw(t, "was"), Name: words.Draw(t, "name"), Note: words.Draw(t, "note"),
			Options: rapid.SliceOfN(words, 0, 2).Draw(t, "options"), Added: rapid.Bool().Draw(t, "added"), Cancelled: rapid.Bool().Draw(t, "cancelled"), Renoted: rapid.Bool().Draw(t, "renoted")}
	})
	rapid.Check(t, func(rt *rapid.T) {
		id := genesis()
		id.Name, id.Address = words.Draw(rt, "cafe"), words.Draw(rt, "address")
		b := journal.TicketBody{Mode: journal.Mode(words.Draw(rt, "mode")), Lines: rapid.SliceOfN(aLine, 0, 5).Draw(rt, "lines"), Rates: rapid.SliceOfN(aRate, 0, 6).Draw(rt, "rates"),
			Total: journal.Total{TTC: amount.Draw(rt, "total"), HT: amount.Draw(rt, "total ht")},
			Pay:   []journal.Payment{{Means: journal.Means(words.Draw(rt, "means")), Amt: amount.Draw(rt, "amt"), Given: amount.Draw(rt, "given"), Change: amount.Draw(rt, "change")}}}
		d, err := receipts.Render(entry(t, journal.KindTicket, "T26-000001", b), id, receipts.Extra{ReceiptURL: words.Draw(rt, "url"), Duplicate: rapid.IntRange(0, 1<<40).Draw(rt, "duplicate")})
		if err != nil {
			rt.Fatal(err)
		}
		k := receipts.KitchenTicket{Station: words.Draw(rt, "station"), No: rapid.Int().Draw(rt, "no"), Name: words.Draw(rt, "name"), Mode: words.Draw(rt, "mode"),
			Instead: words.Draw(rt, "instead"), Lines: rapid.SliceOfN(aTask, 0, 4).Draw(rt, "tasks")}
		c := receipts.CardPaper{Cafe: words.Draw(rt, "name"), Cards: []receipts.PaperCard{{Code: words.Draw(rt, "code"), Number: words.Draw(rt, "number"), Address: words.Draw(rt, "qr")}}}
		p := rapid.SampledFrom(escpos.Profiles()).Draw(rt, "profile")
		for name, paper := range map[string]receipts.Printable{"ticket": d, "kitchen": k, "card": c, "test": receipts.TestPage{Printer: words.Draw(rt, "printer")}} {
			bytes, err := paper.ESCPOS(p)
			if err != nil {
				rt.Fatalf("%s on %s: %v", name, p.Name, err)
			}
			v := escpos.NewPrinter(p, name != "test")
			if _, err := v.Write(bytes); err != nil || len(v.Errors()) > 0 || len(v.Papers()) != 1 {
				rt.Fatalf("%s on %s: %d papers, %v %v", name, p.Name, len(v.Papers()), err, v.Errors())
			}
		}
	})
}
