package pos_test

import (
	"testing"

	"comptoir/pos"
)

func TestAPoleIsSetUpChangedAndRemoved(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	p := pos.Pole{Name: "Comptoir", URI: "serial:///dev/ttyUSB0", Protocol: "escpos", Page: 16, Charmap: "windows-1252", Till: "1"}
	_, err := c.SavePole(ctx(), c.by(), p)
	refused(t, err, "right.missing")
	_, err = c.SavePole(ctx(), c.byManager(), pos.Pole{Protocol: "star", Page: 300})
	if e := refused(t, err, "pole.invalid"); len(e.Fields) != 6 {
		t.Errorf("fields: %+v", e.Fields)
	}
	if _, err := c.SavePole(ctx(), c.byManager(), p); err != nil {
		t.Fatal(err)
	}
	p.Name, p.Till = "COMPTOIR", "Terrasse"
	if saved, err := c.SavePole(ctx(), c.byManager(), p); err != nil || saved.Name != "Comptoir" {
		t.Fatalf("changed: %+v, %v", saved, err)
	}
	if last := c.lastChange(); last.Data["what"] != "pole" || last.Data["new"].(map[string]any)["till"] != "Terrasse" || len(last.Data["new"].(map[string]any)) != 1 {
		t.Errorf("journaled as %v", last.Data)
	}
	before := c.seq()
	if _, err := c.SavePole(ctx(), c.byManager(), p); err != nil || c.seq() != before {
		t.Errorf("saved as it is: %v", err)
	}
	refused(t, c.RemovePole(ctx(), c.byManager(), "nobody"), "pole.unknown")
	if err := c.RemovePole(ctx(), c.byManager(), "Comptoir"); err != nil {
		t.Fatal(err)
	}
	if all, err := c.Poles(ctx()); err != nil || len(all) != 0 {
		t.Errorf("left: %v %v", all, err)
	}
}
