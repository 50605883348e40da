package pos_test

import (
	"reflect"
	"testing"

	"comptoir/pos"
)

func TestTwoManagersChangeSettingsAtOnce(t *testing.T) {
	c := emptyCafe(t)
	seen := pos.DefaultSettings()
	first, second := seen, seen
	first.Hours, first.KitchenSoon = "8 h – 18 h", 4
	second.LockAfter, second.KitchenSoon = 5, 3
	if _, err := c.ChangeSettings(ctx(), c.byManager(), seen, first); err != nil {
		t.Fatal(err)
	}
	before := c.seq()
	_, err := c.ChangeSettings(ctx(), c.byManager(), seen, second)
	if e := refused(t, err, "settings.stale"); len(e.Fields) != 1 || e.Fields[0].Name != "kitchen_soon" || e.Fields[0].Args["now"] != 4 || e.Fields[0].Args["sent"] != 3 {
		t.Errorf("%+v", e.Fields)
	}
	second.KitchenSoon = 5 // as it was read: not what this manager is about
	got, err := c.ChangeSettings(ctx(), c.byManager(), seen, second)
	want := first
	want.LockAfter = 5
	if err != nil || got != want {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
	after := c.seq()
	if _, err := c.ChangeSettings(ctx(), c.byManager(), want, want); err != nil || c.seq() != after || after == before {
		t.Errorf("nothing to change: %v", err)
	}
	_, err = c.ChangeSettings(ctx(), c.by(), want, seen)
	refused(t, err, "right.missing")
	late := want
	late.KitchenLate = want.KitchenSoon
	_, err = c.ChangeSettings(ctx(), c.byManager(), want, late)
	refused(t, err, "settings.invalid")
}

// A setting that is not journaled would change without a trace, and one that is not read would never change.
func TestEverySettingIsReadAndJournaled(t *testing.T) {
	c := emptyCafe(t)
	s := pos.DefaultSettings()
	v := reflect.ValueOf(&s).Elem()
	others := 0
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Struct: // Generosity, which SaveGenerosity changes
			others++
		case reflect.Bool:
			f.SetBool(!f.Bool())
		case reflect.Int, reflect.Int64:
			f.SetInt(f.Int() + 1)
		case reflect.String:
			f.SetString("takeaway")
		default:
			t.Fatalf("%s is of a kind this test does not know", v.Type().Field(i).Name)
		}
	}
	s.ReceiptPolicy = pos.NoteAlways // of these words only
	if _, err := c.ChangeSettings(ctx(), c.byManager(), pos.DefaultSettings(), s); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Settings(ctx()); err != nil || got != s {
		t.Errorf("got %+v, %v, want %+v", got, err, s)
	}
	if n := len(c.lastChange().Data["new"].(map[string]any)); n != v.NumField()-others {
		t.Errorf("%d of %d are journaled", n, v.NumField()-others)
	}
}

// The same of the choices of generosity, and money for an association goes to one that there is.
func TestEveryChoiceOfGenerosityIsReadAndJournaled(t *testing.T) {
	c := emptyCafe(t)
	g := pos.DefaultSettings().Generosity
	v := reflect.ValueOf(&g).Elem()
	for i := range v.NumField() {
		switch f := v.Field(i); f.Kind() {
		case reflect.Bool:
			f.SetBool(!f.Bool())
		case reflect.Int, reflect.Int64:
			f.SetInt(f.Int() + 1)
		case reflect.String:
			f.SetString("nobody")
		default:
			t.Fatalf("%s is of a kind this test does not know", v.Type().Field(i).Name)
		}
	}
	_, err := c.SaveGenerosity(ctx(), c.byManager(), g)
	if e := refused(t, err, "settings.invalid"); len(e.Fields) != 2 || e.Fields[0].Name != "round_up" || e.Fields[1].Name != "pledge_to" {
		t.Errorf("associations that there are none of: %+v", e.Fields)
	}
	name := "Maraude"
	p, err := c.AddPartner(ctx(), c.byManager(), pos.PartnerForm{Name: &name, PIN: "2468"})
	if err != nil {
		t.Fatal(err)
	}
	g.RoundUp, g.PledgeTo = p.ID, p.ID
	if _, err := c.SaveGenerosity(ctx(), c.byManager(), g); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Settings(ctx()); err != nil || got.Generosity != g {
		t.Errorf("got %+v, %v, want %+v", got, err, g)
	}
	if n := len(c.lastChange().Data["new"].(map[string]any)); n != v.NumField() {
		t.Errorf("%d of %d are journaled", n, v.NumField())
	}
	g.PledgeTo = ""
	_, err = c.SaveGenerosity(ctx(), c.byManager(), g)
	refused(t, err, "settings.invalid")
	_, err = c.SaveGenerosity(ctx(), c.by(), g)
	refused(t, err, "right.missing")
}
