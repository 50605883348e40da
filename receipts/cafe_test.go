package receipts_test

import (
	"encoding/json"
	"testing"
	"time"

	"comptoir/data/money"
	"comptoir/receipts"
	"comptoir/receipts/journal"
)

// The café whose documents the golden files show. Entries are made by hand so that hash and signature stay the same.

func genesis() journal.GenesisBody {
	return journal.GenesisBody{Name: "Café du Comptoir", LegalName: "Le Comptoir SAS", Address: "1 place du Marché, 33000 Bordeaux",
		SIRET: "12345678900012", VATNumber: "FR00123456789", NAF: "5630Z", VATRegime: "normal_monthly", Zone: "Europe/Paris"}
}

// entry is an entry as the journal would have it, of 21 November 2026 at 12:34:56 in Paris.
func entry(tb testing.TB, kind journal.Kind, number string, body any) journal.Entry {
	tb.Helper()
	at := time.Date(2026, 11, 21, 11, 34, 56, 789e6, time.UTC)
	canon, err := json.Marshal(journal.Envelope{V: 1, Journal: "01a1fc5b-718d-79ee-b0a3-3bb4940567ba", Reg: "C1", SIRET: "12345678900012", Seq: 42, Kind: kind, TS: "2026-11-21T11:34:56.789Z",
		TZ: 60, Day: "2026-11-21", Op: "ana", Software: "comptoir/1.0.0", Core: "1.0.0", Key: "k1", Doc: &number, Body: body})
	if err != nil {
		tb.Fatal(err)
	}
	sig := make([]byte, 71)
	for i := range sig {
		sig[i] = byte(i*37 + 11)
	}
	hash := [32]byte{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xff}
	return journal.Entry{Seq: 42, Kind: kind, Number: number, Hash: hash, Sig: sig, Canon: canon, At: at, Day: "2026-11-21"}
}

func render(tb testing.TB, e journal.Entry, id journal.GenesisBody, extra receipts.Extra) receipts.Document {
	tb.Helper()
	d, err := receipts.Render(e, id, extra)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

// line is a line on site.
func line(label string, qty int64, price money.Cents, bp money.BasisPoints) journal.Line {
	return journal.Line{SKU: label, Label: label, Cat: "carte", Qty: qty * 1000, Unit: "u", PU: price, BP: bp,
		TTC: journal.Price(price, qty*1000), Nat: journal.Service, Mode: journal.EatIn, K: journal.LineSale}
}

func option(label string, qty int64, price money.Cents, bp money.BasisPoints, parent int) journal.Line {
	l := line(label, qty, price, bp)
	l.Parent = parent
	return l
}

func gift(label string, qty int64, price money.Cents) journal.Line {
	l := line(label, qty, price, 1000)
	l.K, l.Class = journal.LineGift, "coffee"
	return l
}

func pay(means journal.Means, amount, change money.Cents) journal.Payment {
	return journal.Payment{Means: means, Amt: amount, Given: amount + change, Change: change}
}

// ticket numbers and settles the lines, and pays the rest of the total by card.
func ticket(lines []journal.Line, pays ...journal.Payment) journal.TicketBody {
	b := journal.TicketBody{Mode: journal.EatIn, Delivery: "none", Lines: lines, Pay: pays, Notes: []journal.Ref{}, NonTurnover: []journal.NonTurnover{}}
	for i := range b.Lines {
		b.Lines[i].N = i + 1
	}
	b.Rates, b.Total = journal.Settle(b.Lines)
	rest := b.Total.TTC
	for _, p := range pays {
		rest -= p.Amt
	}
	if rest != 0 {
		b.Pay = append(b.Pay, pay(journal.ByCard, rest, 0))
	}
	for i := range b.Pay {
		b.Pay[i].N = i + 1
	}
	return b
}

// lunch has two rates, options, a discount, a gift, and is paid by meal voucher and card.
func lunch() journal.TicketBody {
	soup := line("Soupe de potimarron aux éclats de châtaigne et à l'huile de noisette", 1, 650, 1000)
	soup.Disc, soup.Reason = 50, "commercial"
	soup.TTC -= soup.Disc
	b := ticket([]journal.Line{
		line("Crème", 2, 300, 1000), option("Lait d'avoine", 2, 50, 1000, 1), line("Plat du jour", 1, 1200, 1000),
		soup, line("Bière pression", 2, 450, 2000), gift("Café", 1, 150),
	}, pay(journal.ByMealVoucher, 2400, 0))
	b.Notes = []journal.Ref{{Doc: "N26-000003", Seq: 40}}
	return b
}

func coffee() journal.TicketBody {
	return ticket([]journal.Line{line("Café", 1, 180, 1000)}, pay(journal.ByCash, 180, 320))
}

func back() journal.RefundBody {
	of := lunch()
	b := journal.TicketBody{Mode: journal.EatIn, Reason: "quality", Ref: &journal.Ref{Doc: "T26-000001", Seq: 12}}
	remaining := map[money.BasisPoints]money.Cents{}
	for _, r := range of.Rates {
		remaining[r.BP] = r.TTC
	}
	for _, n := range []int{1, 2, 6} {
		l := of.Lines[n-1]
		l.RefN, l.N, l.Qty, l.TTC = l.N, len(b.Lines)+1, -l.Qty, -l.TTC
		b.Lines = append(b.Lines, l)
	}
	b.Rates, b.Total = journal.SettleRefund(b.Lines, remaining)
	b.Pay = []journal.Payment{{N: 1, Means: journal.ByCash, Amt: b.Total.TTC, Given: b.Total.TTC}}
	return journal.RefundBody(b)
}

func note() journal.NoteBody {
	return journal.NoteBody{Print: 2, Ticket: "open-7", Total: 1960, Rates: []journal.Rate{{BP: 1000, TTC: 1960, HT: 1782, VAT: 178}}, Lines: []journal.NoteLine{
		{N: 1, SKU: "cafe", Label: "Café", Qty: 2000, PU: 180, TTC: 360},
		{N: 2, SKU: "plat", Label: "Plat du jour", Qty: 1000, PU: 1600, TTC: 1600},
	}}
}

func served() journal.RedeemBody {
	return journal.RedeemBody{Class: "coffee", Label: "Café", SKU: "cafe", Memo: 180, Mode: journal.EatIn, Origin: "PAID", Qty: 1, PoolAfter: 3}
}

// invoiced is what an invoice for lunch is made of besides its entry.
func invoiced(tb testing.TB) receipts.Extra {
	tb.Helper()
	return receipts.Extra{Ticket: entry(tb, journal.KindTicket, "T26-000001", lunch()), Buyer: journal.Buyer{Name: "Atelier Lumière SARL",
		Address: "12 rue des Lilas, 33000 Bordeaux", SIRET: "12345678200010", VATNumber: "FR11123456782", Check: "0123456789abcdef"}}
}
