package pos_test

import (
	"strings"
	"testing"

	"comptoir/pos"
	"comptoir/receipts/escpos"
)

// receiptPrinter is a printer of receipts with a drawer; kitchenPrinter one of the station that soups are of.
func receiptPrinter() pos.Printer {
	p := pos.Printer{Name: "Comptoir", URI: "virtual:", Profile: escpos.Profiles()[0], Receipts: true, Stations: []string{}, Active: true}
	p.Profile.Pin = 0
	return p
}

func kitchenPrinter() pos.Printer {
	p := pos.Printer{Name: "Cuisine", URI: "tcp://192.168.1.51:9100", Profile: escpos.Profiles()[4], Stations: []string{"cuisine"}, Active: true}
	p.Profile.Pin = -1
	return p
}

// install sets printers up.
func (c *cafe) install(all ...pos.Printer) {
	c.tb.Helper()
	for _, p := range all {
		if _, err := c.SavePrinter(ctx(), c.byManager(), p); err != nil {
			c.tb.Fatalf("set up %s: %v", p.Name, err)
		}
	}
}

func TestPrintersAreSetUpChangedAndRemoved(t *testing.T) {
	c := emptyCafe(t)
	c.install(receiptPrinter(), kitchenPrinter())
	again := kitchenPrinter()
	again.Name, again.Fallback = "CUISINE", "comptoir" // case does not make another printer
	saved, err := c.SavePrinter(ctx(), c.byManager(), again)
	if err != nil || saved.Name != "Cuisine" || saved.Fallback != "Comptoir" {
		t.Fatalf("%+v, %v", saved, err)
	}
	change := c.lastChange().Data
	if change["what"] != "printer" || change["id"] != "Cuisine" || len(change["new"].(map[string]any)) != 1 {
		t.Errorf("journaled: %v", change)
	}
	before := c.seq()
	if _, err := c.SavePrinter(ctx(), c.byManager(), saved); err != nil || c.seq() != before {
		t.Errorf("nothing has changed, and the journal says so: %v", err)
	}
	if err := c.RemovePrinter(ctx(), c.byManager(), "Comptoir"); err != nil {
		t.Fatal(err)
	}
	all, err := c.Printers(ctx())
	if err != nil || len(all) != 1 || all[0].Fallback != "" {
		t.Errorf("%+v, %v: nothing falls back on what is gone", all, err)
	}
	refused(t, c.RemovePrinter(ctx(), c.byManager(), "Comptoir"), "printer.unknown")
	refused(t, c.RemovePrinter(ctx(), c.by(), "Cuisine"), "right.missing")
	_, err = c.SavePrinter(ctx(), c.by(), receiptPrinter())
	refused(t, err, "right.missing")
	c.reopen()
	if kept, err := c.Printers(ctx()); err != nil || len(kept) != 1 || kept[0].Name != "Cuisine" {
		t.Errorf("after a restart: %+v, %v", kept, err)
	}
}

func TestAPrinterThatCannotBeIsRefusedFieldByField(t *testing.T) {
	c := emptyCafe(t)
	for field, spoil := range map[string]func(*pos.Printer){
		"name":     func(p *pos.Printer) { p.Name = " " },
		"uri":      func(p *pos.Printer) { p.URI = "http://192.168.1.50" },
		"profile":  func(p *pos.Printer) { p.Profile.Charmap = "klingon" },
		"fallback": func(p *pos.Printer) { p.Fallback = "Bar" },
	} {
		p := receiptPrinter()
		spoil(&p)
		_, err := c.SavePrinter(ctx(), c.byManager(), p)
		if e := refused(t, err, "printer.invalid"); len(e.Fields) != 1 || e.Fields[0].Name != field {
			t.Errorf("%s: %+v", field, e.Fields)
		}
	}
	for _, name := range []string{"a/b", "a=b", "\x1b@", strings.Repeat("é", 25)} {
		p := receiptPrinter()
		p.Name = name
		_, err := c.SavePrinter(ctx(), c.byManager(), p)
		refused(t, err, "printer.invalid")
	}
	for _, uri := range []string{"tcp://", "tcp:9100", "usb://\x00", "virtual", "", "tcp://" + strings.Repeat("a", 200)} {
		p := receiptPrinter()
		p.URI = uri
		_, err := c.SavePrinter(ctx(), c.byManager(), p)
		refused(t, err, "printer.invalid")
	}
}
