package receipts_test

import (
	"encoding/json"
	"strings"
	"testing"

	"comptoir/receipts"
	"comptoir/receipts/journal"
)

// TestAReceiptSaysAllOfR91 goes through the list of fiscal R91, item by item, on both papers, on the page and in the
// data of a duplicate that has everything on it.
func TestAReceiptSaysAllOfR91(t *testing.T) {
	b := lunch()
	b.Pay = []journal.Payment{pay(journal.ByMealVoucher, 2400, 0), pay(journal.ByCash, 1150, 850)}
	d := render(t, entry(t, journal.KindTicket, "T26-000001", b), genesis(), receipts.Extra{
		ReceiptURL: "HTTP://TILL/R/7QXN4BKD2MWT", Duplicate: 1, Reference: "D26-000001"})
	var page strings.Builder
	for _, r := range d.Rows() {
		page.WriteString(r.Lead + r.Name + " " + r.Value + "\n")
		for _, cells := range r.Cells {
			page.WriteString(strings.Join(cells[:], " ") + "\n")
		}
	}
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for item, want := range map[string][2]string{ // on paper, in the data
		"trade name":                  {"Café du Comptoir", `"name":"Café du Comptoir"`},
		"legal name":                  {"Le Comptoir SAS", `"legal_name":"Le Comptoir SAS"`},
		"address":                     {"1 place du Marché, 33000", `"address":"1 place du Marché, 33000 Bordeaux"`},
		"SIRET":                       {"SIRET 12345678900012", `"siret":"12345678900012"`},
		"VAT number":                  {"TVA FR00123456789", `"vat_number":"FR00123456789"`},
		"NAF":                         {"NAF 5630Z", `"naf":"5630Z"`},
		"« TICKET » and number":       {"TICKET T26-000001", `"number":"T26-000001"`},
		"date and time":               {"21/11/2026 12:34:56", `"at":"2026-11-21T12:34:56.789+01:00"`},
		"till":                        {"Caisse C1", `"register":"C1"`},
		"operator code":               {"Opérateur ana", `"operator":"ana"`},
		"consumption mode":            {"Sur place", `"mode":"eat_in"`},
		"a label and quantity":        {"2 Bière pression", `"label":"Bière pression"`},
		"a unit price":                {"P.U. 4,50 €", `"unit_price":450`},
		"a line's total":              {"9,00 € B", `"total":900`},
		"a line's total without tax":  {"", `"ht":750`},
		"its rate mark":               {"B 20 %", `"rate_mark":"B"`},
		"a discount":                  {"Remise -0,50 €", `"discount":50`},
		"number of lines":             {"Nombre de lignes", `"line_count":6`},
		"total without tax":           {"31,59 €", `"ht":3159`},
		"base and tax of a rate":      {"24,09", `"vat":241`},
		"total, tax included":         {"35,50 €", `"ttc":3550`},
		"payments":                    {"Titre-restaurant", `"means":"meal_voucher"`},
		"cash given":                  {"20,00 €", `"given":2000`},
		"change":                      {"8,50 €", `"change":850`},
		"number of the duplicate":     {"DUPLICATA n° 1 - D26-000001", `"duplicate":1`},
		"software, version":           {"comptoir/1.0.0", `"software":"comptoir/1.0.0"`},
		"fiscal core":                 {"noyau 1.0.0", `"core":"1.0.0"`},
		"signature extract":           {"Signature B_Ww", `"signature_extract":"B_Ww"`},
		"short hash":                  {"Empreinte 0123456789abcdef", `"short_hash":"0123456789abcdef"`},
		"code: number, total, hash":   {"", `"qr":"HTTP://TILL/R/7QXN4BKD2MWT/T26-000001/3550/0123456789ABCDEF"`},
		"the note before the payment": {"Note N26-000003", `"notes":["N26-000003"]`},
	} {
		for place, text := range map[string]string{"80 mm": d.Text(receipts.Columns80), "58 mm": d.Text(receipts.Columns58), "the page": page.String()} {
			if !strings.Contains(plain(text), plain(want[0])) {
				t.Errorf("%s: no %s (%q)", place, item, want[0])
			}
		}
		if !strings.Contains(string(data), want[1]) {
			t.Errorf("the data: no %s (%s)", item, want[1])
		}
	}
}

// plain writes every white space as one space.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }

// TestTheMentionOfFranchiseIsTheCafesR87 holds that the words follow the choice, in the regimes without VAT only.
func TestTheMentionOfFranchiseIsTheCafesR87(t *testing.T) {
	for _, c := range []struct{ regime, chosen, want string }{
		{"franchise", "", receipts.FranchiseMention}, {"franchise", "TVA non applicable, art. L. 1 du CIBS", "TVA non applicable, art. L. 1 du CIBS"},
		{"exempt_association", "", ""}, {"exempt_association", "Exonéré, art. 261-7-1° du CGI", "Exonéré, art. 261-7-1° du CGI"},
		{"normal_monthly", "Rien", ""}, {"simplified", "Rien", ""},
	} {
		id := genesis()
		id.VATRegime = c.regime
		d := render(t, entry(t, journal.KindTicket, "T26-000001", ticket([]journal.Line{line("Café", 1, 180, 0)})), id, receipts.Extra{Mention: c.chosen})
		if d.Mention != c.want || (len(d.Taxes) == 0) != (c.want != "") {
			t.Errorf("%s with %q: mention %q, %d rates", c.regime, c.chosen, d.Mention, len(d.Taxes))
		}
	}
}
