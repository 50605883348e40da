package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// browser is one that keeps its cookies: a device.
type browser struct {
	*cafe
	cookies map[string]string
}

func (c *cafe) browser() *browser { return &browser{c, map[string]string{}} }

// ask sends a request with the device's cookies, and takes those of the answer.
func (b *browser) ask(method, path string, fields url.Values, headers ...string) answer {
	b.tb.Helper()
	header := map[string]string{fiber.HeaderContentType: fiber.MIMEApplicationForm}
	for name, value := range b.cookies {
		header["Cookie"] += name + "=" + value + "; "
	}
	for i := 0; i+1 < len(headers); i += 2 {
		header[headers[i]] = headers[i+1]
	}
	a := b.do(call{method: method, path: path, nobody: true, body: fields.Encode(), header: header})
	for _, line := range a.header.Values("Set-Cookie") {
		cookie, err := http.ParseSetCookie(line)
		if err != nil {
			b.tb.Fatal(err)
		}
		b.cookies[cookie.Name] = cookie.Value
	}
	return a
}

// signedIn signs a person in on the device, with the PIN of the test's manager.
func (b *browser) signedIn(name string) *browser {
	b.tb.Helper()
	if a := b.ask(http.MethodPost, loginPath, url.Values{"operator": {name}, "pin": {managerPIN}}); a.status != http.StatusSeeOther {
		b.tb.Fatalf("sign in: %d %s", a.status, a.body)
	}
	return b
}

func (b *browser) reserved(next string) *browser {
	b.tb.Helper()
	a := b.ask(http.MethodPost, devicePath+"/screen", url.Values{"next": {next}})
	if a.status != http.StatusSeeOther || a.header.Get(fiber.HeaderLocation) != next {
		b.tb.Fatalf("reserve: %d to %q", a.status, a.header.Get(fiber.HeaderLocation))
	}
	return b
}

// A tablet that faces customers must not be a way into the till, nor into the kitchen, whose orders have names and notes
// and are done with one tap: of every route there is, a reserved device reaches its own screen.
func TestAReservedDeviceReachesItsScreenAlone(t *testing.T) {
	for own, next := range map[string]string{"/display": "/display?till=1", "/kitchen": "/kitchen"} {
		c := openCafe(t)
		c.reaches(t, c.browser().signedIn("Marie").reserved(next), own)
	}
}

// reaches holds that a reserved device reaches what is below its own path, and the hints.
func (c *cafe) reaches(t *testing.T, screen *browser, own string) {
	t.Helper()
	c.web.hub.close() // so that the call for hints answers at once
	for _, r := range c.web.staffRoutes() {
		if r.roles == nil || r.path == "/logout" {
			continue
		}
		a := screen.ask(r.method, strings.NewReplacer(":", "", "*", "x").Replace(r.path), url.Values{commandField: {"x"}}, commandHeader, "x")
		refused := a.status == http.StatusForbidden && strings.Contains(string(a.body), errScreen.Code) ||
			a.status == http.StatusSeeOther && strings.HasPrefix(a.header.Get(fiber.HeaderLocation), loginPath)
		may := r.path == eventsPath || strings.HasPrefix(r.path, own)
		if refused == may {
			t.Errorf("%s: %s %s: %d to %q", own, r.method, r.path, a.status, a.header.Get(fiber.HeaderLocation))
		}
	}
	if a := screen.ask(http.MethodPost, "/till/commands", nil, fragmentHeader, "cart"); a.status != http.StatusForbidden {
		t.Errorf("a tap of the till from the screen: %d", a.status)
	}
}

func TestAReservedDeviceHearsItsScreenAlone(t *testing.T) {
	for topic, want := range map[string]pos.Scope{"display:1": pos.ScopeDisplay, "kitchen": pos.ScopeKitchen, "tickets": "", "sales": "", "ticket:1": "", "shift": "", "menu": ""} {
		for _, scope := range []pos.Scope{pos.ScopeDisplay, pos.ScopeKitchen} {
			if got := isScreenTopic(scope, topic); got != (scope == want) {
				t.Errorf("%s for the %s: %v", topic, scope, got)
			}
		}
	}
	c := openCafe(t)
	screen := c.browser().signedIn("Marie").reserved("/display?till=1")
	for _, topic := range []string{"tickets", "sales", "shelf", "kitchen"} {
		if a := screen.ask(http.MethodGet, eventsPath+"?topic="+topic, nil); a.status != http.StatusForbidden {
			t.Errorf("following %s: %d", topic, a.status)
		}
	}
}

func TestAStaffPINFreesAReservedDevice(t *testing.T) {
	c := openCafe(t)
	screen := c.browser().signedIn("Marie").reserved("/display?till=1")
	before := screen.cookies[sessionCookie]
	a := screen.ask(http.MethodGet, "/", nil)
	if a.status != http.StatusSeeOther || a.header.Get(fiber.HeaderLocation) != "/login?why=screen" {
		t.Fatalf("the till from the screen: %d to %q", a.status, a.header.Get(fiber.HeaderLocation))
	}
	says(t, string(screen.ask(http.MethodGet, "/login?why=screen", nil).body), "réservé à l’écran")
	screen.signedIn("Marie")
	if a := screen.ask(http.MethodGet, "/", nil); a.status != http.StatusOK {
		t.Errorf("the till after signing in: %d", a.status)
	}
	if _, err := c.till.SessionOf(t.Context(), before); err == nil {
		t.Error("the session of the screen lives on")
	}
}

func TestReservingLeadsToAScreenOnly(t *testing.T) {
	c := openCafe(t)
	for next, want := range map[string]string{"/sales": displayPath, "//evil": displayPath, "/displays": displayPath, "/kitchen": "/kitchen", "/display?till=Bar": "/display?till=Bar"} {
		a := c.browser().signedIn("Marie").ask(http.MethodPost, devicePath+"/screen", url.Values{"next": {next}})
		if got := a.header.Get(fiber.HeaderLocation); got != want {
			t.Errorf("%s: to %q, want %q", next, got, want)
		}
	}
}

// lockAfter chooses the minutes after which a device locks.
func (c *cafe) lockAfter(minutes int) {
	c.tb.Helper()
	chosen, err := c.till.Settings(c.tb.Context())
	if err != nil {
		c.tb.Fatal(err)
	}
	chosen.LockAfter = minutes
	if _, err := c.till.SaveSettings(c.tb.Context(), pos.System("sys"), chosen); err != nil {
		c.tb.Fatal(err)
	}
}

func TestASessionNobodyTouchesIsLockedByTheServerToo(t *testing.T) {
	c := openCafe(t)
	c.web.clock = c.clock
	person, screen := c.browser().signedIn("Marie"), c.browser().signedIn("Marie").reserved("/display?till=1")
	says(t, string(person.ask(http.MethodGet, "/", nil).body), `lang="fr"`)
	c.lockAfter(5)
	says(t, string(person.ask(http.MethodGet, "/", nil).body), `data-lock="5"`, `id="lock"`)
	c.clock.Advance(3 * time.Minute) // its parts keep reading, and nobody touches it
	if a := person.ask(http.MethodGet, "/till/cart", nil, fragmentHeader, "cart"); a.status != http.StatusOK {
		t.Errorf("a part after three minutes: %d", a.status)
	}
	c.clock.Advance(3 * time.Minute)
	a := person.ask(http.MethodGet, "/sales", nil)
	if to := a.header.Get(fiber.HeaderLocation); a.status != http.StatusSeeOther || to != "/login?next=%2Fsales&why=locked" {
		t.Errorf("after six minutes without a touch: %d to %q", a.status, to)
	}
	if a := person.ask(http.MethodGet, "/sales", nil); a.status != http.StatusSeeOther {
		t.Errorf("the session of before: %d", a.status)
	}
	if a := screen.ask(http.MethodGet, "/display?till=1", nil); a.status != http.StatusOK {
		t.Errorf("the screen: %d", a.status)
	}
}

func TestATouchKeepsASession(t *testing.T) {
	c := openCafe(t)
	c.web.clock = c.clock
	c.lockAfter(5)
	person := c.browser().signedIn("Marie")
	for range 6 {
		c.clock.Advance(4 * time.Minute)
		if a := person.ask(http.MethodPost, "/awake", nil); a.status != http.StatusNoContent {
			t.Fatalf("awake: %d", a.status)
		}
	}
}

func TestLockingKeepsTheOrderForTheNextPerson(t *testing.T) {
	c := openCafe(t)
	person := c.browser().signedIn("Marie")
	a := person.ask(http.MethodPost, "/lock", url.Values{"next": {"/?ticket=abc"}})
	to := a.header.Get(fiber.HeaderLocation)
	if a.status != http.StatusSeeOther || to != "/login?next=%2F%3Fticket%3Dabc&why=locked" {
		t.Fatalf("lock: %d to %q", a.status, to)
	}
	says(t, string(person.ask(http.MethodGet, to, nil).body), "Verrouillé", `value="/?ticket=abc"`)
	if a := person.ask(http.MethodGet, "/", nil); a.status != http.StatusSeeOther {
		t.Errorf("the till after locking: %d", a.status)
	}
	a = person.ask(http.MethodPost, loginPath, url.Values{"operator": {"Marie"}, "pin": {managerPIN}, "next": {"/?ticket=abc"}})
	if to := a.header.Get(fiber.HeaderLocation); to != "/?ticket=abc" {
		t.Errorf("after signing in: to %q", to)
	}
	if a := person.ask(http.MethodPost, "/lock", url.Values{"next": {"https://evil.example/"}}); a.header.Get(fiber.HeaderLocation) != "/login?why=locked" {
		t.Errorf("a foreign address: %q", a.header.Get(fiber.HeaderLocation))
	}
}
