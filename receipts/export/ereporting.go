package export

import (
	"bytes"
	"encoding/json"
	"strconv"

	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/receipts/table"
)

// What the aggregates are called in the specifications of the administration (fiscal R106). They stand here and nowhere
// else: a change of theirs is a change of this profile.
const (
	categoryGoods    = "TLB1"
	categoryServices = "TPS1"
	flowSales        = "10.3"
	flowPayments     = "10.4"
	currency         = "EUR"
)

// report is the file of aggregates; amounts are cents.
type report struct {
	Format    string      `json:"format"`
	Demo      bool        `json:"demo"`
	SIREN     string      `json:"siren"`
	SIRET     string      `json:"siret"`
	VATNumber string      `json:"vat_number"`
	Regime    string      `json:"vat_regime"`
	From      string      `json:"from"`
	To        string      `json:"to"`
	Currency  string      `json:"currency"`
	Unit      string      `json:"unit"`
	Profile   profile     `json:"profile"`
	Days      []reportDay `json:"days"`
	Totals    reportSum   `json:"totals"`
}

type profile struct {
	Goods        string `json:"goods"`
	Services     string `json:"services"`
	Transactions string `json:"transactions_flow"`
	Payments     string `json:"payments_flow"`
}

// reportDay is one business day. OnDebits and ZeroCounted are what the plan of that day says.
type reportDay struct {
	Date         string           `json:"date"`
	Closing      reportClosing    `json:"closing"`
	OnDebits     bool             `json:"vat_on_debits"`
	ZeroCounted  bool             `json:"zero_value_counted"`
	Transactions int64            `json:"transactions"`
	Categories   []reportCategory `json:"categories"`
	Payments     []reportPayment  `json:"payments"`
	VAT          money.Cents      `json:"vat"`
}

type reportClosing struct {
	Number string `json:"number"`
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`
}

// reportCategory is what was sold of one nature at one rate.
type reportCategory struct {
	Category string            `json:"category"`
	Nature   string            `json:"nature"`
	BP       money.BasisPoints `json:"rate_bp"`
	HT       money.Cents       `json:"ht"`
	VAT      money.Cents       `json:"vat"`
}

// reportPayment is what was received, tax included, for services at one rate.
type reportPayment struct {
	BP     money.BasisPoints `json:"rate_bp"`
	Amount money.Cents       `json:"amount"`
}

type reportSum struct {
	HT           money.Cents `json:"ht"`
	VAT          money.Cents `json:"vat"`
	Transactions int64       `json:"transactions"`
}

func category(nature string) string {
	if nature == journal.Goods {
		return categoryGoods
	}
	return categoryServices
}

// aggregates adds up the days asked for. A day on which nothing was sold is not in it; a refund counts with the day it
// was made on, so that what was sent is never written anew (fiscal R107).
func aggregates(in Input) report {
	r := report{
		Format: "comptoir-ereporting/1", Demo: in.Cafe.Demo, SIREN: in.Cafe.siren(), SIRET: in.Cafe.SIRET, VATNumber: in.Cafe.VATNumber,
		Regime: in.Cafe.Regime, From: in.From, To: in.To, Currency: currency, Unit: "cent", Days: []reportDay{},
		Profile: profile{categoryGoods, categoryServices, flowSales, flowPayments},
	}
	for _, d := range in.asked() {
		day := aggregate(d)
		if day.Transactions == 0 && len(day.Categories) == 0 {
			continue
		}
		r.Days = append(r.Days, day)
		r.Totals.HT += d.Body.Total.HT
		r.Totals.VAT += d.Body.Total.VAT
		r.Totals.Transactions += day.Transactions
	}
	return r
}

// aggregate is one day: tickets and refunds are its transactions; documents of zero value are none, unless the plan
// counts them (fiscal U16).
func aggregate(d Day) reportDay {
	b := d.Body
	day := reportDay{
		Date: b.ToDay, Closing: reportClosing{d.Number, d.Seq, hexHash(d.Hash)}, OnDebits: d.Plan.OnDebits, ZeroCounted: d.Plan.CountZero,
		Transactions: b.Sales.N + b.Refunds.N - d.ZeroTickets, Categories: []reportCategory{}, Payments: []reportPayment{}, VAT: b.Total.VAT,
	}
	if d.Plan.CountZero {
		day.Transactions += d.ZeroTickets + b.Counts.Redemptions
	}
	for _, n := range salesInOrder(b.Natures) {
		if n.HT == 0 && n.VAT == 0 {
			continue
		}
		day.Categories = append(day.Categories, reportCategory{category(n.Nat), n.Nat, n.BP, n.HT, n.VAT})
		if n.Nat == journal.Service && !d.Plan.OnDebits { // the tax of services is due when they are paid
			day.Payments = append(day.Payments, reportPayment{n.BP, n.TTC})
		}
	}
	return day
}

func reportJSON(in Input) ([]byte, error) { return pretty(aggregates(in)) }

// pretty writes JSON that a person can read.
func pretty(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return nil, errInput.Wrap(err)
	}
	return b.Bytes(), nil
}

// reportCSV writes the same, a line for each day, nature and rate. The number of transactions stands once a day, on its
// first line, so that the column adds up.
func reportCSV(in Input) ([]byte, error) {
	var b bytes.Buffer
	w := table.New(&b)
	rows := [][]string{{
		"Jour", "SIREN", "Catégorie", "Nature", "Taux (%)", "Base HT", "TVA", "Devise", "Transactions du jour", "Paiements reçus TTC (services)", "Option pour les débits", "Clôture",
	}}
	r := aggregates(in)
	for _, d := range r.Days {
		rows = append(rows, d.rows(r.SIREN)...)
	}
	return written(w, &b, rows)
}

func (d reportDay) rows(siren string) [][]string {
	debits := "non"
	if d.OnDebits {
		debits = "oui"
	}
	count := strconv.FormatInt(d.Transactions, 10)
	paid := map[money.BasisPoints]string{}
	for _, p := range d.Payments {
		paid[p.BP] = table.Euros(p.Amount)
	}
	var rows [][]string
	for _, c := range d.Categories {
		received, nature := "", "biens"
		if c.Nature == journal.Service {
			received, nature = paid[c.BP], "services"
		}
		rows = append(rows, []string{d.Date, siren, c.Category, nature, rate(c.BP), table.Euros(c.HT), table.Euros(c.VAT), currency, count, received, debits, d.Closing.Number})
		count = ""
	}
	if len(rows) == 0 { // what was sold was given back at once
		rows = append(rows, []string{d.Date, siren, "", "", "", table.Euros(0), table.Euros(0), currency, count, "", debits, d.Closing.Number})
	}
	return rows
}

// written writes the rows of a table and returns its bytes.
func written(w *table.Writer, b *bytes.Buffer, rows [][]string) ([]byte, error) {
	for _, row := range rows {
		if err := w.Row(row...); err != nil {
			return nil, errInput.Wrap(err)
		}
	}
	if err := w.Flush(); err != nil {
		return nil, errInput.Wrap(err)
	}
	return b.Bytes(), nil
}

// rate writes a rate as a cell: "5,5".
func rate(bp money.BasisPoints) string {
	text := percent(bp)
	return text[:len(text)-len(" %")]
}
