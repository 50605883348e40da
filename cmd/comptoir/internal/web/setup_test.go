package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
)

// founders counts what the set-up page asks for.
type founders struct {
	asked atomic.Int32
	last  Founding
	live  atomic.Bool
}

// settingUp gives the café's service a set-up page, as a demonstration has.
func (c *cafe) settingUp() *founders {
	f := &founders{}
	c.web.setup = &Setup{Code: "ABCD-EFGH", Open: func() bool { return !f.live.Load() }, Made: make(chan struct{}, 1),
		Found: func(_ context.Context, made Founding) (pos.Session, error) {
			f.asked.Add(1)
			if made.Menu != nil && len(made.Menu.Products) == 0 {
				return pos.Session{}, fault.New(fault.Invalid, "menu.file", "No products.").Field("line 1", "required")
			}
			f.last = made
			f.live.Store(true)
			return pos.Session{Token: "live"}, nil
		}}
	return f
}

// whole is a form that nothing is wrong with.
func whole(change ...string) url.Values {
	v := url.Values{"name": {"Le Vrai"}, "address": {"1 quai"}, "siret": {"732 829 320 00074"}, "vat_regime": {"franchise"}, "manager": {"Awa"},
		"pin": {"4821"}, "pin_again": {"4821"}, "menu": {"sample"}, "code": {"abcdefgh"}} // a test's requests come from 0.0.0.0: not this machine
	for i := 0; i+1 < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return v
}

func TestTheSetUpPageFoundsTheCafeOnce(t *testing.T) {
	c := openCafe(t)
	f := c.settingUp()
	b := c.browser()
	says(t, string(b.ask(http.MethodGet, setupPath, nil).body), `name="siret"`, `name="code"`, "Franchise en base")
	a := b.ask(http.MethodPost, setupPath, whole())
	if a.status != http.StatusSeeOther || a.header.Get(fiber.HeaderLocation) != "/" || b.cookies[sessionCookie] != "live" {
		t.Fatalf("%d to %q, session %q: %s", a.status, a.header.Get(fiber.HeaderLocation), b.cookies[sessionCookie], a.body)
	}
	if f.last.Identity.SIRET != "73282932000074" || f.last.Manager.Role != pos.RoleManager || !f.last.Sample {
		t.Errorf("asked for %+v", f.last)
	}
	again := b.ask(http.MethodPost, setupPath, whole())
	if again.status != http.StatusConflict || f.asked.Load() != 1 || len(c.web.setup.Made) != 1 {
		t.Errorf("sent twice: %d, founded %d times", again.status, f.asked.Load())
	}
	if a := b.ask(http.MethodGet, setupPath, nil); a.status != http.StatusConflict {
		t.Errorf("the page once there is a café: %d", a.status)
	}
	if a := b.ask(http.MethodGet, "/login", nil); a.status != http.StatusServiceUnavailable || a.header.Get("Refresh") != "1" || !strings.Contains(string(a.body), "Votre café s’ouvre") {
		t.Errorf("what comes before the café has opened: %d, Refresh %q\n%s", a.status, a.header.Get("Refresh"), a.body)
	}
}

func TestTheSetUpPageSaysEverythingThatIsWrongAndLosesNothing(t *testing.T) {
	c := openCafe(t)
	f := c.settingUp()
	for _, r := range []struct {
		name  string
		form  url.Values
		says  []string
		wrong string // field
	}{
		{"no name", whole("name", " "), []string{`id="name-wrong"`, "1 quai"}, "name"},
		{"a mistyped SIRET", whole("siret", "73282932000075"), []string{"chiffre est mal tapé", `value="73282932000075"`}, "siret"},
		{"the demonstration's SIRET", whole("siret", strings.Repeat("0", 14)), []string{"démonstration"}, "siret"},
		{"no VAT number by form", whole("vat_number", "12"), []string{"9 chiffres du SIREN"}, "vat_number"},
		{"a VAT number of another", whole("vat_number", "FR44732829321"), []string{"finit pas par le SIREN", `name="sure"`}, "vat_number"},
		{"no regime", whole("vat_regime", ""), []string{"as dans la liste"}, "vat_regime"},
		{"no first name", whole("manager", ""), []string{"À remplir"}, "manager"},
		{"a PIN of letters", whole("pin", "abcd", "pin_again", "abcd"), []string{"4 à 8 chiffres"}, "pin"},
		{"a PIN that anybody tries", whole("pin", "9999", "pin_again", "9999"), []string{"Trop facile à deviner"}, "pin"},
		{"two PINs", whole("pin_again", "4822"), []string{"ne sont pas les mêmes"}, "pin_again"},
		{"no file", whole("menu", "file"), []string{`id="file-wrong"`}, "file"},
		{"a bad file", whole("menu", "file", "menu_name", "m.csv", "menu_text", "name,category,price_cents\nCoffee,Hot,two\n"), []string{"igne 1, colonne", "« m.csv » est gardé", "Coffee,Hot,two"}, "file"},
		{"no such menu", whole("menu", "none"), []string{"as dans la liste"}, "menu"},
		{"everything", url.Values{"code": {"ABCD-EFGH"}}, []string{`href="#name"`, `href="#siret"`, `href="#pin"`, `href="#vat_regime"`}, "name"},
	} {
		a := c.browser().ask(http.MethodPost, setupPath, r.form)
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", r.name, a.status)
		}
		says(t, string(a.body), append(r.says, `id="`+r.wrong+`-wrong"`)...)
		if strings.Contains(string(a.body), `value="4821"`) {
			t.Errorf("%s: a PIN comes back", r.name)
		}
	}
	if f.asked.Load() != 0 {
		t.Errorf("founded %d times", f.asked.Load())
	}
	sure := c.browser().ask(http.MethodPost, setupPath, whole("vat_number", "FR44732829321", "sure", "1"))
	if sure.status != http.StatusSeeOther {
		t.Errorf("a doubt somebody has looked at: %d %s", sure.status, sure.body)
	}
}

func TestAnotherMachineNeedsTheCodeOfTheService(t *testing.T) {
	c := openCafe(t)
	f := c.settingUp()
	b := c.browser()
	for range maxSetupTries {
		if a := b.ask(http.MethodPost, setupPath, whole("code", "ABCD-EFGX")); a.status != http.StatusForbidden {
			t.Fatalf("a wrong code: %d", a.status)
		}
	}
	if a := b.ask(http.MethodPost, setupPath, whole()); a.status != http.StatusTooManyRequests || f.asked.Load() != 0 {
		t.Errorf("the right code after too many wrong ones: %d", a.status)
	}
}

func TestASetUpFromAForeignPageOrNameIsRefused(t *testing.T) {
	c := openCafe(t)
	f := c.settingUp()
	if a := c.browser().ask(http.MethodPost, setupPath, whole(), "Origin", "http://evil.example"); a.status != http.StatusForbidden {
		t.Errorf("a foreign page: %d", a.status)
	}
	if a := c.do(call{method: http.MethodGet, path: setupPath, nobody: true, host: "evil.example"}); a.status != http.StatusMisdirectedRequest {
		t.Errorf("a foreign name: %d", a.status)
	}
	if f.asked.Load() != 0 {
		t.Error("a café was founded")
	}
}

func TestALiveCafeHasNoSetUpPage(t *testing.T) {
	c := openCafe(t)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if a := c.browser().ask(method, setupPath, whole()); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", method, a.status)
		}
	}
}
