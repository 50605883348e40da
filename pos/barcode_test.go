package pos_test

import (
	"bytes"
	"strings"
	"testing"

	"comptoir/data/fault"
	"comptoir/pos"
)

func TestACodeOfGoodsIsReadWithItsCheckDigit(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ text, want, code string }{
		{"3017620422003", "3017620422003", ""},        // EAN-13
		{"3 017620 422003", "3017620422003", ""},      // as it is printed
		{"96385074", "96385074", ""},                  // EAN-8
		{"036000291452", "0036000291452", ""},         // UPC-A is an EAN-13 that begins with 0
		{"0036000291452", "0036000291452", ""},        //
		{"4006381333931", "4006381333931", ""},        //
		{"3017620422004", "", "check_digit"},          // the last digit misread
		{"3071620422003", "", "check_digit"},          // two digits the wrong way round
		{"96385075", "", "check_digit"},               //
		{"301762042200", "", "check_digit"},           // one lost: by chance as long as a UPC-A
		{"30176204220", "", "digits_ean"},             //
		{"30176204220031", "", "digits_ean"},          //
		{"", "", "digits_ean"},                        //
		{"FIDCBDEFGHIJKLNRTUVF", "", "digits_ean"},    //
		{"٣017620422003", "", "digits_ean"},           // another script's three
		{strings.Repeat("0", 4000), "", "digits_ean"}, //
		{"0000000000000", "0000000000000", ""},        // adds up: whoever prints it may
		{"'&é\"'(-è_çà)", "", "digits_ean"},           // digits as a wrong layout types them
		{"8.4e12", "", "digits_ean"},                  // as a spreadsheet spoils them
		{"４００６３８１３３３９３１", "", "digits_ean"},           // full width
	} {
		got, err := pos.ParseBarcode(x.text)
		if got != x.want {
			t.Errorf("%q: got %q, want %q", x.text, got, x.want)
		}
		if x.code == "" && err == nil {
			continue
		}
		e, ok := fault.As(err)
		if !ok || e.Code != "barcode.invalid" || len(e.Fields) != 1 || e.Fields[0].Code != x.code {
			t.Errorf("%q: got %v, want a field %s", x.text, err, x.code)
		}
	}
}

// FuzzBarcode: whatever is scanned, what is accepted is digits whose check holds, and reads the same again.
func FuzzBarcode(f *testing.F) {
	for _, seed := range []string{"3017620422003", "96385074", "036000291452", "", "FIDCBDEFGHIJKLNRTUVF", "à&é\"'(-è_ç", "0 0-0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, err := pos.ParseBarcode(text)
		if err != nil {
			if fault.CodeOf(err) != "barcode.invalid" || code != "" {
				t.Fatalf("%q: %q, %v", text, code, err)
			}
			return
		}
		sum := 0
		for i := range len(code) {
			if code[i] < '0' || code[i] > '9' {
				t.Fatalf("%q became %q", text, code)
			}
			weight := 1
			if (len(code)-1-i)%2 == 1 {
				weight = 3
			}
			sum += int(code[i]-'0') * weight
		}
		if again, err := pos.ParseBarcode(code); sum%10 != 0 || err != nil || again != code || len(code) != 8 && len(code) != 13 {
			t.Fatalf("%q became %q, and that %q (%v), sum %d", text, code, again, err, sum)
		}
	})
}

func TestAProductIsFoundByItsCode(t *testing.T) {
	t.Parallel()
	c := foundCafe(t)
	juice := scone()
	juice.Name, juice.Barcode = "Jus de pomme", "036000291452"
	saved := c.save(juice)
	if saved.Barcode != "0036000291452" {
		t.Fatalf("kept as %q", saved.Barcode)
	}
	if last := c.lastChange(); last.Data["new"].(map[string]any)["barcode"] != "0036000291452" {
		t.Errorf("the change is journaled as %v", last.Data)
	}
	for _, text := range []string{"036000291452", "0036000291452"} {
		if got, err := c.ProductByBarcode(ctx(), text); err != nil || got.ID != saved.ID {
			t.Errorf("%s: %v %v", text, got.ID, err)
		}
	}
	if _, err := c.ProductByBarcode(ctx(), "4006381333931"); fault.CodeOf(err) != "barcode.unknown" {
		t.Errorf("nobody's code: %v", err)
	}
	if _, err := c.ProductByBarcode(ctx(), "4006381333932"); fault.CodeOf(err) != "barcode.invalid" {
		t.Errorf("no code: %v", err)
	}
	if _, err := c.ArchiveProduct(ctx(), c.byManager(), saved.ID, true); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ProductByBarcode(ctx(), "036000291452"); fault.CodeOf(err) != "barcode.unknown" {
		t.Errorf("what is archived is not scanned: %v", err)
	}
}

func TestACodeIsOfOneProductOnTheMenu(t *testing.T) {
	t.Parallel()
	c := foundCafe(t)
	first := scone()
	first.Barcode = "3017620422003"
	first = c.save(first)
	second := scone()
	second.Name, second.Barcode = "Autre", "3017620422003"
	_, err := c.SaveProduct(ctx(), c.byManager(), second)
	if e, ok := fault.As(err); !ok || e.Code != "menu.invalid" || len(e.Fields) != 1 || e.Fields[0].Name != "barcode" || e.Fields[0].Code != "taken" {
		t.Fatalf("the same code twice: %v", err)
	}
	second.Barcode = "301762042200x"
	_, err = c.SaveProduct(ctx(), c.byManager(), second)
	if e, ok := fault.As(err); !ok || e.Code != "menu.invalid" || e.Fields[0].Name != "barcode" {
		t.Fatalf("no code: %v", err)
	}
	if _, err := c.ArchiveProduct(ctx(), c.byManager(), first.ID, true); err != nil {
		t.Fatal(err)
	}
	second.Barcode = first.Barcode
	second = c.save(second) // the code is free while the other is away
	_, err = c.ArchiveProduct(ctx(), c.byManager(), first.ID, false)
	if fault.CodeOf(err) != "barcode.taken" {
		t.Fatalf("brought back with the code of another: %v", err)
	}
	second.Barcode = ""
	c.save(second)
	if _, err := c.ArchiveProduct(ctx(), c.byManager(), first.ID, false); err != nil {
		t.Fatalf("brought back: %v", err)
	}
}

// Codes go out and come back by the menu's files; two products may change theirs for each other's in one file.
func TestCodesTravelInMenuFiles(t *testing.T) {
	t.Parallel()
	c := foundCafe(t)
	load := func(text string) error {
		f, err := pos.ParseMenuCSV(strings.NewReader(text))
		if err == nil {
			_, err = c.ImportMenu(ctx(), c.byManager(), f)
		}
		return err
	}
	const head = header + ",barcode\n"
	if err := load(head + "Limonade,Froid,300,1000,1000,3017620422003\nCidre,Froid,400,2000,2000,4006381333931\n"); err != nil {
		t.Fatal(err)
	}
	if err := load(head + "Limonade,Froid,300,1000,1000,4006381333931\nCidre,Froid,400,2000,2000,3017620422003\n"); err != nil {
		t.Fatalf("codes changed for each other's: %v", err)
	}
	if got := c.product("limonade").Barcode; got != "4006381333931" {
		t.Errorf("lemonade has %q", got)
	}
	if err := load(header + "\nLimonade,Froid,310,1000,1000\n"); err != nil || c.product("limonade").Barcode != "4006381333931" {
		t.Errorf("a file without the column takes the code away: %v", err)
	}
	err := load(head + "Cidre,Froid,400,2000,2000,4006381333931\nLimonade,Froid,300,1000,1000,301762042200\n")
	if got := told(err); !strings.Contains(got, "line 3, column barcode: check_digit") {
		t.Errorf("a spoilt code: %s", got)
	}
	err = load(head + "Cidre,Froid,400,2000,2000,4006381333931\n")
	if got := told(err); !strings.Contains(got, "line 2, column barcode: taken") {
		t.Errorf("a code that another has: %s", got)
	}
	menu, err := c.Menu(ctx())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := menu.File().WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	f, err := pos.ParseMenuCSV(&out)
	if err != nil {
		t.Fatal(err)
	}
	if r, err := c.ImportMenu(ctx(), c.byManager(), f); err != nil || r.Changed+r.Added > 0 {
		t.Errorf("what was written is read as %+v, %v", r, err)
	}
}
