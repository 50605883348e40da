package export

import (
	"fmt"
	"time"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// Kind is what a file is for.
type Kind string

// The kinds.
const (
	FEC        Kind = "fec"        // one balanced entry a closing, to be read by accounting software (fiscal R108)
	EReporting Kind = "ereporting" // aggregates by day, nature and rate (fiscal R103)
	Takings    Kind = "csv"        // what came in, a line a day
	CashBook   Kind = "cashbook"   // the drawer, a line a day (fiscal R111)
	Solidarity Kind = "solidarity" // what was given and what became of it
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{FEC, EReporting, Takings, CashBook, Solidarity} }

// Forms lists the forms that a kind is written in, the usual one first; nil for what is no kind.
func Forms(k Kind) []string {
	switch k {
	case FEC:
		return []string{formTXT}
	case EReporting:
		return []string{formJSON, formCSV}
	case Takings, CashBook:
		return []string{formCSV}
	case Solidarity:
		return []string{formTXT, formCSV, formJSON}
	}
	return nil
}

const (
	formTXT  = "txt"
	formCSV  = "csv"
	formJSON = "json"
)

// Cafe is who the files are of.
type Cafe struct {
	Name      string
	SIRET     string
	VATNumber string
	Regime    string // of the tax, as the genesis states it
	Journal   string // UUID
	Demo      bool
}

// siren is the enterprise's number: the first nine digits of that of the place.
func (c Cafe) siren() string { return c.SIRET[:min(len(c.SIRET), 9)] }

// Day is one closed business day.
type Day struct {
	Number string    // of its closing, "Z26-000012"
	Seq    int64     // of its entry
	Hash   [32]byte  // of its entry
	Closed time.Time // in the café's zone
	Body   journal.CloseBody
	Plan   Plan // that was in force on it

	// ZeroTickets are the tickets and refunds of the day whose total is nothing: documents of zero value (fiscal U16).
	ZeroTickets int64
	// Gifts are the suspended items sold and refunded on the day; they matter where their revenue is deferred.
	Gifts []Gift
	// Adjusts are the SUSP_ADJUST entries of the day; they matter to the statement.
	Adjusts []Adjust
}

// Gift is what was sold, and refunded, of one class of suspended items on a day.
type Gift struct {
	Class    string
	Sold     int64
	HT       money.Cents // of those sold, tax left out
	Refunded int64       // positive
}

// Input is what a file is made of.
type Input struct {
	Cafe     Cafe
	From, To string // business days, both included and closed
	// Days are every closed day up to To, in order, from the first of the journal: what stood open in the drawer, waited on
	// the shelf and was revenue in advance when From began is the sum of those before it.
	Days []Day
	// Ceiling is that of the meals of cards at the end of To; nil where it is not known.
	Ceiling *Ceiling
}

// File is a file as it is handed out.
type File struct {
	Name  string
	Type  string // media type
	Bytes []byte
}

// errInput is the assertion that ends an export whose days do not obey the laws of a closing: nothing false is handed out.
var errInput = fault.New(fault.Internal, "export.sums", "The closings of these days do not add up; no file was made.")

func wrong(d Day, format string, args ...any) error {
	return errInput.With("closing", d.Number).Wrap(fmt.Errorf("%s: %s", d.Number, fmt.Sprintf(format, args...)))
}

// Make writes one file. Refusals: export.kind for a kind or form that there is none of, export.sums.
func Make(kind Kind, form string, in Input) (File, error) {
	write, found := map[string]func(Input) ([]byte, error){
		string(FEC) + formTXT:         writeFEC,
		string(EReporting) + formJSON: reportJSON, string(EReporting) + formCSV: reportCSV,
		string(Takings) + formCSV: takings, string(CashBook) + formCSV: cashBook,
		string(Solidarity) + formTXT: statementText, string(Solidarity) + formCSV: statementCSV, string(Solidarity) + formJSON: statementJSON,
	}[string(kind)+form]
	if !found {
		return File{}, fault.New(fault.Invalid, "export.kind", "There is no such file, or not in this form.").Field("kind", "one_of")
	}
	for _, d := range in.Days {
		if err := d.check(); err != nil {
			return File{}, err
		}
	}
	text, err := write(in)
	return File{Name: in.name(kind, form), Type: mediaType(kind, form), Bytes: text}, err
}

// check holds a day against the laws of a closing that the files rest on.
func (d Day) check() error {
	b := d.Body
	var rates, natures journal.CloseSum
	for _, r := range b.Rates {
		rates.HT, rates.VAT, rates.TTC = rates.HT+r.HT, rates.VAT+r.VAT, rates.TTC+r.TTC
	}
	for _, n := range b.Natures {
		natures.HT, natures.VAT, natures.TTC = natures.HT+n.HT, natures.VAT+n.VAT, natures.TTC+n.TTC
	}
	in := b.Total.TTC
	for _, n := range b.NonTurnover {
		in += n.Amt
	}
	for _, m := range b.Means {
		in -= m.Amt
	}
	total := b.Total
	total.N = 0
	switch {
	case rates != total:
		return wrong(d, "rates add up to %+v, the total is %+v", rates, total)
	case natures != total:
		return wrong(d, "natures add up to %+v, the total is %+v", natures, total)
	case total.TTC != total.HT+total.VAT:
		return wrong(d, "total %+v", total)
	case in != 0:
		return wrong(d, "what came in and what it was for differ by %d", in)
	}
	return nil
}

// asked are the days of the file itself.
func (in Input) asked() []Day {
	for i, d := range in.Days {
		if d.Body.ToDay >= in.From {
			return in.Days[i:]
		}
	}
	return nil
}

func (in Input) name(kind Kind, form string) string {
	stem := ""
	switch kind {
	case FEC:
		stem = in.Cafe.siren() + "FEC" + compact(in.To)
	case EReporting:
		stem = "ereporting"
	case Takings:
		stem = "recettes"
	case CashBook:
		stem = "livre-de-caisse"
	case Solidarity:
		stem = "solidarite"
	}
	if kind != FEC {
		stem = fmt.Sprintf("%s_%s_%s_%s", stem, in.Cafe.siren(), in.From, in.To)
	}
	if in.Cafe.Demo {
		stem = "DEMONSTRATION_" + stem
	}
	return stem + "." + form
}

func mediaType(kind Kind, form string) string {
	switch {
	case kind == FEC:
		return "text/plain; charset=iso-8859-15"
	case form == formCSV:
		return "text/csv; charset=utf-8"
	case form == formJSON:
		return "application/json"
	}
	return "text/plain; charset=utf-8"
}

// compact writes a business day as AAAAMMJJ.
func compact(day string) string {
	if len(day) != len(time.DateOnly) {
		return day
	}
	return day[:4] + day[5:7] + day[8:]
}
