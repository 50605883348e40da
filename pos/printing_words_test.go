package pos_test

import (
	"strings"
	"testing"

	"comptoir/pos"
)

// said are the letters of a paper, without what only lays it out.
func said(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \u00a0\n-=*", r) }), "")
}

// TestAPrinterAndAPageSayTheSame: what comes out of the café's printer has the words of the page that a browser would have printed.
func TestAPrinterAndAPageSayTheSame(t *testing.T) {
	c := printingCafe(t)
	sale := c.pays(pos.Cash, line("plat", 2), line("cafe", 1))
	c.sell("", gift("cafe", 1))
	served := c.serve("cafe")
	for _, number := range []string{sale.Number, sale.Number, served.Number} { // the original, and a duplicate
		p, err := c.PrintDocument(ctx(), c.by(), number, pos.PrintRequest{Printer: "Comptoir"})
		if err != nil {
			t.Fatal(err)
		}
		d, err := c.Copy(ctx(), p.Number, p.Duplicate)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := c.printed(p.Job), d.Text(48); said(got) != said(want) {
			t.Errorf("%s, %d:\n%s\nwant the words of\n%s", number, p.Duplicate, got, want)
		}
	}
	z := c.closeDay()
	p, err := c.PrintDocument(ctx(), c.byManager(), z.Number, pos.PrintRequest{Printer: "Comptoir"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.ClosingDocument(ctx(), z.Number)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.printed(p.Job), d.Text(48); said(got) != said(want) {
		t.Errorf("%s:\n%s\nwant the words of\n%s", z.Number, got, want)
	}
}

func TestASlipComesOutTwice(t *testing.T) {
	c := printingCafe(t)
	p := c.partner("Les Tables", pos.PublicUtility)
	c.sell("", gift("plat", 2))
	degrees := pos.Degrees(635)
	got, err := c.CollectAllotment(ctx(), c.byManager(), c.allot(p, "meal", 2).ID, pos.CollectRequest{Qty: 2, Temperature: &degrees})
	if err != nil {
		t.Fatal(err)
	}
	by := c.by()
	job, err := c.PrintSlip(ctx(), by, got.Number)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := c.PrintSlip(ctx(), by, got.Number); err != nil || again != job {
		t.Errorf("the same command again: %s, %v", again, err)
	}
	text := c.printed(job)
	for want, times := range map[string]int{"Les Tables": 2, "63,5 °C": 2, "2 repas": 2, "Exemplaire du café": 1, "Exemplaire de l'association": 1, "offerts par des clients": 2} {
		if strings.Count(text, want) != times {
			t.Errorf("%q stands %d times, want %d:\n%s", want, strings.Count(text, want), times, text)
		}
	}
	_, err = c.PrintSlip(ctx(), c.by(), got.Number+1)
	refused(t, err, "collection.unknown")
}
