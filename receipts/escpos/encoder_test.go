package escpos

import (
	"encoding/hex"
	"testing"

	"comptoir/data/fault"
)

func TestAJobBeginsWithAResetAndEndsWithACut(t *testing.T) {
	for _, p := range Profiles() {
		e := New(p)
		e.Text("Café crème")
		b, err := e.Bytes()
		if err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		head := "1b401b52001b74" + hex.EncodeToString([]byte{byte(p.Page)})
		if got := hex.EncodeToString(b); got[:len(head)] != head {
			t.Errorf("%s begins with %s, want %s", p.Name, got[:len(head)], head)
		}
		end := map[Cut]string{CutFeed: "1d564200", CutOld: "1b64051b69", CutByHand: "1b6405"}[p.Cut]
		if got := hex.EncodeToString(b); got[len(got)-len(end):] != end {
			t.Errorf("%s ends with %s, want %s", p.Name, got[len(got)-len(end):], end)
		}
	}
}

func TestAWrongProfileIsRefusedFieldByField(t *testing.T) {
	for field, spoil := range map[string]func(*Profile){
		"columns": func(p *Profile) { p.Columns = 100 },
		"dots":    func(p *Profile) { p.Dots = 1 << 30 },
		"page":    func(p *Profile) { p.Page = 256 },
		"charmap": func(p *Profile) { p.Charmap = "ebcdic" },
		"cut":     func(p *Profile) { p.Cut = "guillotine" },
		"pin":     func(p *Profile) { p.Pin = 2 },
	} {
		p := Profiles()[0]
		spoil(&p)
		e := New(p)
		e.Text("é")
		e.Drawer()
		_, err := e.Bytes()
		refused, ok := fault.As(err)
		if !ok || refused.Code != "printer.profile" || len(refused.Fields) == 0 || refused.Fields[0].Name != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
	for _, p := range Profiles() {
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}
