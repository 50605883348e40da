package receipts_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"comptoir/data/fault"
	"comptoir/receipts"
	"comptoir/receipts/journal"
)

// closed is a day with one of everything that a closing tells.
func closed() journal.CloseBody {
	return journal.CloseBody{
		Cash: journal.CloseCash{Float: 10000, Received: 21090, In: 500, Out: -16740, Expected: 14850, Counted: 15000, Difference: 150, Counts: 1,
			Reasons: []string{"difference: erreur de rendu, un billet de dix pris pour un billet de vingt"}},
		Counts: journal.CloseCounts{Duplicates: 1, Entries: 213, Invoices: 1, Minus: 4, Notes: 12, Redemptions: 7, Training: 3},
		CutOff: 240, Days: 1,
		Discounts: []journal.CloseDiscount{{Amt: 250, Mode: journal.EatIn, N: 3, Reason: "commercial"}, {Amt: 1190, Mode: journal.EatIn, N: 1, Offered: true, Reason: "staff_meal"}},
		Documents: []journal.CloseSeries{{First: "T26-000101", Last: "T26-000196", N: 96, Series: journal.SeriesTicket}, {First: "A26-000004", Last: "A26-000004", N: 1, Series: journal.SeriesRefund}},
		Events:    journal.Head{Hash: strings.Repeat("ab", 32), Seq: 801},
		FromDay:   "2026-11-21", FromSeq: 700, NF525: 50,
		GT: journal.Running{PerpAbs: 12_345_678, PerpNet: 12_340_000, Pools: []journal.Pool{{Class: "coffee", N: 7}},
			Rates: []journal.RateTotal{{Abs: 9_000_000, BP: 1000, Net: 8_995_000}, {Abs: 3_345_678, BP: 2000, Net: 3_345_000}}, YearNet: 4_125_000},
		Means:       []journal.CloseMeans{{Amt: 20980, Means: journal.ByCard, N: 61}, {Amt: 21090, Means: journal.ByCash, N: 35}},
		Natures:     []journal.CloseNature{{BP: 1000, HT: 34000, Nat: "S", TTC: 37400, VAT: 3400}},
		NonTurnover: []journal.NonTurnover{{Amt: 300, K: "tip"}},
		Open:        journal.CloseOpen{Amount: 2340, Tickets: 2}, Period: "2026-11-21",
		Rates:   []journal.Rate{{BP: 1000, HT: 34000, TTC: 37400, VAT: 3400}, {BP: 2000, HT: 3642, TTC: 4370, VAT: 728}},
		Refunds: journal.CloseSum{HT: -164, N: 1, TTC: -180, VAT: -16}, Sales: journal.CloseSum{HT: 37806, N: 96, TTC: 41950, VAT: 4144},
		Suspended: []journal.CloseSuspended{{Class: "coffee", Pledged: 9, Returned: 1, Collected: 2, Others: -1, Shelf: 7,
			Served: []journal.CloseServed{{Memo: 880, Mode: journal.EatIn, N: 4, Origin: "PAID"}, {Memo: 220, Mode: journal.Takeaway, N: 1, Origin: "HOUSE"}}},
			{Class: "meal", Released: 2, Retracted: 1, Shelf: 3, Served: []journal.CloseServed{}}},
		ToDay: "2026-11-21", ToSeq: 912, Total: journal.CloseSum{HT: 37642, N: 97, TTC: 41770, VAT: 4128},
	}
}

func closings(tb testing.TB) map[string]receipts.Closing {
	tb.Helper()
	late := closed()
	late.Late, late.Resumed, late.Cash = true, true, journal.CloseCash{}
	late.Discounts, late.NonTurnover, late.Means, late.Rates, late.Suspended, late.Documents = nil, nil, nil, nil, nil, nil
	month := closed()
	month.Period, month.FromDay, month.ToDay, month.Days = "2026-11", "2026-11-01", "2026-11-30", 30
	year := closed()
	year.Period, year.FromDay, year.ToDay, year.Days = "2026", "2026-01-01", "2026-12-31", 365
	all := map[string]receipts.Closing{
		"reading": receipts.Reading(closed(), genesis(), time.Date(2026, 11, 21, 15, 30, 0, 0, time.FixedZone("", 3600)), "AWA"),
	}
	for name, x := range map[string]struct {
		kind   journal.Kind
		number string
		body   journal.CloseBody
	}{
		"closed-day": {journal.KindCloseDay, "Z26-000021", closed()}, "closed-late": {journal.KindCloseDay, "Z26-000022", late},
		"closed-month": {journal.KindCloseMonth, "M26-000011", month}, "closed-year": {journal.KindCloseYear, "Y26-000001", year},
	} {
		c, err := receipts.RenderClosing(entry(tb, x.kind, x.number, x.body), genesis())
		if err != nil {
			tb.Fatal(err)
		}
		all[name] = c
	}
	return all
}

func TestClosingsOnBothPapers(t *testing.T) {
	for name, c := range closings(t) {
		for _, width := range []int{receipts.Columns80, receipts.Columns58} {
			text := c.Text(width)
			golden(t, fmt.Sprintf("%s.%d.txt", name, width), text)
			for line := range strings.Lines(text) {
				if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > width {
					t.Errorf("%s: a line of %d on paper of %d: %s", name, n, width, line)
				}
			}
		}
	}
}

// The code of a closing is the head of the journal, in the words that verifiers take (fiscal R28).
func TestTheCodeOfAClosingIsItsHead(t *testing.T) {
	c := closings(t)["closed-day"]
	if want := "CZ1 " + c.Journal + " 42 0123456789abcdefff" + strings.Repeat("0", 46) + " Z26-000021"; c.Head != want {
		t.Errorf("got %s\nwant %s", c.Head, want)
	}
	if _, err := receipts.QRSVG(c.Head); err != nil {
		t.Error(err)
	}
	if r := closings(t)["reading"]; r.Head != "" || r.Number != "" || r.Hash != "" {
		t.Errorf("a reading looks like a document: %+v", r)
	}
}

// R50: each figure that a closing records is on its paper.
func TestAClosingTellsWhatTheLawAsksFor(t *testing.T) {
	text := closings(t)["closed-day"].Text(receipts.Columns80)
	for _, want := range []string{
		"CLÔTURE JOURNALIÈRE Z26-000021", "Journée du 21/11/2026", "700 à 912", "T26-000101 à T26-000196", "Écritures (213)", // period, range, numbers, count
		"417,70", "376,42", "41,28", "340,00", "34,00", "374,00", // totals, by rate
		"Ventes (96)", "Avoirs (1)", "geste commercial, sur place (3)", "repas du personnel, sur place (1)", // apart
		"Carte bancaire (61)", "Pourboire", "Fond de caisse", "Entrées", "Sorties", // means, no turnover
		"Commandes non payées (2)", "Lignes retirées de commandes", "Documents du mode école", // counts
		"Payés pour quelqu'un", "EN ATTENTE", "148,50", "150,00", "1,50", "erreur de rendu", // pool, drawer
		"41 250,00", "123 400,00", "123 456,78", "89 950,00", // year, perpetual, by rate
		"se termine à 04:00", "noyau 1.0.0", "Empreinte", // R47, R3, R29
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not on it", want)
		}
	}
}

func TestOnlyAClosingIsAClosing(t *testing.T) {
	if _, err := receipts.RenderClosing(entry(t, journal.KindTicket, "T26-000001", coffee()), genesis()); fault.CodeOf(err) != "document.kind" {
		t.Errorf("a ticket: %v", err)
	}
	if _, err := receipts.RenderClosing(entry(t, journal.KindCloseDay, "Z26-000001", map[string]any{"x": 1}), genesis()); fault.CodeOf(err) != "document.unreadable" {
		t.Errorf("no body: %v", err)
	}
	b, err := json.Marshal(closings(t)["closed-day"])
	if err != nil || !strings.Contains(string(b), `"perp_net":12340000`) {
		t.Errorf("as data: %v\n%s", err, b)
	}
}

// A payment that its terminal did not answer stands on the paper as it stood then, in whatever state.
func TestUnansweredPaymentsStandOnTheClosing(t *testing.T) {
	c := closings(t)["closed-day"]
	at := time.Date(2026, 11, 21, 12, 5, 0, 0, time.FixedZone("", 3600))
	for i, x := range []receipts.TerminalCharge{
		{State: receipts.ChargeOpen}, {State: receipts.ChargeApart}, {State: receipts.ChargeNotPaid, By: "AWA"}, {State: receipts.ChargePaid, By: "AWA", Authorisation: "166943"},
		{State: receipts.ChargePaid, By: "AWA", Over: 300}, {State: receipts.ChargePaid, Over: 300, Returned: true},
	} {
		x.ID, x.At, x.Order, x.Terminal, x.Amount = fmt.Sprint(i), at.Add(time.Duration(i)*time.Hour), i+1, "Comptoir", 1470
		c.Charges = append(c.Charges, x)
	}
	for _, width := range []int{receipts.Columns80, receipts.Columns58} {
		golden(t, fmt.Sprintf("closed-charges.%d.txt", width), c.Text(width))
	}
}
