package web

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// kitchenScreen is a device of the kitchen: it remembers which stations it shows.
type kitchenScreen struct {
	*cafe
	cookie string
}

// openKitchen is a café with a bar and a kitchen, and one screen of all its stations.
func openKitchen(t *testing.T) kitchenScreen {
	t.Helper()
	c := openCafe(t)
	menu, err := c.till.Menu(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range menu.Products {
		p.Station = map[string]string{"cafe": "bar", "creme": "bar", "plat": "kitchen"}[p.ID]
		if _, err := c.till.SaveProduct(t.Context(), pos.System("sys"), p); err != nil {
			t.Fatal(err)
		}
	}
	s := kitchenScreen{cafe: c}
	s.watch()
	return s
}

// watch says which stations the device shows; none: all.
func (s *kitchenScreen) watch(stations ...string) {
	s.tb.Helper()
	a := s.form(pos.RoleBarista, "/kitchen/watch", url.Values{"command": {fmt.Sprintf("watch-%d", s.keys.Add(1))}, "station": stations})
	if a.status != http.StatusSeeOther {
		s.tb.Fatalf("watch: %d %s", a.status, a.body)
	}
	s.cookie, _, _ = strings.Cut(a.header.Get("Set-Cookie"), ";")
}

func (s *kitchenScreen) ask(r call) answer {
	s.tb.Helper()
	r.header = map[string]string{fragmentHeader: "kitchen", "Cookie": s.cookie}
	a := s.do(r)
	if a.status >= http.StatusBadRequest {
		s.tb.Fatalf("%s %s: %d %s", r.method, r.path, a.status, a.body)
	}
	return a
}

func (s *kitchenScreen) looks(station string) string {
	s.tb.Helper()
	return string(s.ask(call{method: http.MethodGet, path: "/kitchen/orders?station=" + station}).body)
}

// taps sends a cook's command under a fresh id.
func (s *kitchenScreen) taps(kind, args string) string {
	s.tb.Helper()
	return string(s.ask(call{method: http.MethodPost, path: "/kitchen/commands", body: fmt.Sprintf(`{"kind":%q,"ticket":"","args":%s}`, kind, args)}).body)
}

func (s *kitchenScreen) alarm() string {
	s.tb.Helper()
	return string(s.ask(call{method: http.MethodGet, path: "/till/alarm"}).body)
}

func (c *cafe) sellPlat() {
	c.tb.Helper()
	c.post("/sales", `{"lines": [{"product": "plat", "qty": 1}], "tenders": [{"means": "card", "amount": 1190}]}`)
}

const orderOf = `data-order="([^"]+)"`

func silent(tb testing.TB, text string, words ...string) {
	tb.Helper()
	for _, w := range words {
		if strings.Contains(text, w) {
			tb.Errorf("%q is said in\n%s", w, text)
		}
	}
}

func TestAScreenIsAskedOnceWhichStationsItShows(t *testing.T) {
	s := openKitchen(t)
	fresh := s.page(pos.RoleBarista, "/kitchen") // another device
	says(t, fresh, "Que montre cet écran", ">Bar<", ">Cuisine<", " Tous<", `value="kitchen"`)
	a := s.ask(call{method: http.MethodGet, path: "/kitchen"})
	says(t, string(a.body), `id="orders"`, "Rien en attente")
	s.sellPlat()
	says(t, s.looks(""), `id="order-`, "Plat", `data-fresh`)
	silent(t, s.looks("bar"), `id="order-`)
	says(t, s.looks("bar"), `>1</span>`) // the tab still counts
	s.watch("bar")
	silent(t, s.looks(""), `id="order-`)
	silent(t, s.looks("kitchen"), `id="order-`) // not a station of this screen
	if a := s.form(pos.RoleBarista, "/kitchen/watch", url.Values{"command": {"w"}, "station": {"cave"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown station: %d", a.status)
	} else {
		says(t, string(a.body), "Que montre cet écran", "cave")
	}
}

func TestACookTapsLinesAndOrders(t *testing.T) {
	s := openKitchen(t)
	id := find(t, s.tapped("1", "", "new", `{"mode":"takeaway"}`), ticketOf)
	s.tapped("2", id, "add", `{"product":"plat","qty":2,"note":"sans oignon"}`)
	s.tapped("3", id, "add", `{"product":"creme","options":["lait/avoine"]}`)
	s.tapped("4", id, "name", `{"name":"Léa"}`)
	s.tapped("5", id, "send", `{}`)
	board := s.looks("")
	order := find(t, board, orderOf)
	says(t, board, `<span class="no">1</span> <span class="who">Léa</span>`, "À emporter", "sans oignon", "avoine", "0 min", `aria-pressed="false"`, "2</span> Plat")
	silent(t, board, "En retard", "Bientôt")
	board = s.taps("line", `{"order":"`+order+`","line":2,"rev":1,"done":true}`)
	says(t, board, `aria-pressed="true"`)
	silent(t, board, "1</span> Crème", "Prêt. ")

	s.tapped("6", id, "remove", `{"line":1,"qty":1,"reason":"erreur"}`)
	s.tapped("7", id, "add", `{"product":"cafe"}`)
	s.tapped("8", id, "send", `{}`)
	board = s.looks("")
	says(t, board, "Modifié au lieu de 2", " Ajout</span>", "Toucher : c’est noté")
	board = s.taps("ready", `{"order":"`+order+`","rev":1}`) // pressed before the changes were shown
	says(t, board, "Modifié", " Ajout</span>")
	board = s.taps("ready", `{"order":"`+order+`","rev":3}`)
	says(t, board, "1 Léa : prêt.", `data-kind="recall"`, "Rien en attente")
	says(t, string(s.ask(call{method: http.MethodGet, path: "/kitchen/done"}).body), "Commande 1 Léa", "1 Plat")
	board = s.taps("recall", `{"order":"`+order+`"}`)
	says(t, board, "de retour", `id="order-`, "1</span> Plat")

	s.clock.Advance(5 * time.Minute)
	says(t, s.looks(""), "Bientôt", "5 min")
	s.clock.Advance(3 * time.Minute)
	says(t, s.looks(""), "En retard", "8 min")
}

// TestG2AServedOrderLooksLikeABoughtOne: G2. Two cafés, the same day; nothing on the screen tells who paid.
func TestG2AServedOrderLooksLikeABoughtOne(t *testing.T) {
	uuid := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)
	looks := func(order func(c *cafe)) string {
		s := openKitchen(t)
		order(s.cafe)
		return uuid.ReplaceAllString(s.looks("")+s.alarm(), "id")
	}
	bought := looks((*cafe).sellPlat)
	served := looks(func(c *cafe) { c.post("/suspended/redemptions", `{"product": "plat", "qty": 1}`) })
	if bought != served {
		t.Errorf("bought:\n%s\nserved:\n%s", bought, served)
	}
	mixed := looks(func(c *cafe) {
		id := find(t, c.tapped("1", "", "new", `{"mode":"eat_in"}`), ticketOf)
		c.post("/tickets/"+id+"/lines", `{"product": "plat", "qty": 1, "kind": "redemption"}`)
		c.tapped("2", id, "send", `{}`)
	})
	if mixed != bought {
		t.Errorf("on a ticket:\n%s\nbought:\n%s", mixed, bought)
	}
}

func TestTheTillIsAlarmedWhenNoScreenHasShownAnOrder(t *testing.T) {
	s := openKitchen(t)
	silent(t, s.alarm(), "La cuisine", `data-wait="2`)
	s.sellPlat()
	says(t, s.alarm(), `data-wait="20000"`)
	silent(t, s.alarm(), "La cuisine")
	s.clock.Advance(20 * time.Second)
	says(t, s.alarm(), `role="alert"`, "La cuisine n’a pas vu", "<li>1 <span", "(Cuisine)", `data-wait="0"`)

	order := find(t, s.looks(""), orderOf)
	s.ask(call{method: http.MethodPost, path: "/kitchen/ack", body: `{"station":"bar","orders":[{"order":"` + order + `","rev":1}]}`})
	says(t, s.alarm(), "La cuisine n’a pas vu") // the bar has nothing to do with it
	s.ask(call{method: http.MethodPost, path: "/kitchen/ack", body: `{"station":"","orders":[{"order":"` + order + `","rev":1}]}`})
	silent(t, s.alarm(), "La cuisine")

	for range 5 {
		s.sellPlat()
	}
	s.clock.Advance(time.Minute)
	alarm := s.alarm()
	says(t, alarm, "<li>2 ", "<li>4 ", "et 2 autres")
	seen := strings.ReplaceAll(find(t, alarm, `data-alarm="(\{&#34;seen[^"]+)"`), "&#34;", `"`)
	gone := strings.ReplaceAll(find(t, alarm, `data-alarm="(\{&#34;gone[^"]+)"`), "&#34;", `"`)
	silent(t, string(s.ask(call{method: http.MethodPost, path: "/till/alarm", body: seen}).body), "La cuisine")
	says(t, s.looks(""), `<span class="no">6</span>`)

	s.sellPlat()
	s.clock.Advance(time.Minute)
	silent(t, string(s.ask(call{method: http.MethodPost, path: "/till/alarm", body: gone}).body), "La cuisine")
	silent(t, s.looks(""), `id="order-`)
	if gone != `{"gone":["kitchen"]}` {
		t.Errorf("gone: %s", gone)
	}
}

func TestFortyOrdersLongNamesAndEmojiAreShown(t *testing.T) {
	s := openKitchen(t)
	name, note := strings.Repeat("é", 60), strings.Repeat("🙂", 140)
	id := find(t, s.tapped("1", "", "new", `{"mode":"eat_in"}`), ticketOf)
	s.tapped("2", id, "add", `{"product":"plat","note":"`+note+`"}`)
	s.tapped("3", id, "name", `{"name":"`+name+`"}`)
	s.tapped("4", id, "send", `{}`)
	for range 40 {
		s.sellPlat()
	}
	board := s.looks("")
	says(t, board, name, note, "41</span> Plat")
	if n := strings.Count(board, `id="order-`); n != 41 {
		t.Errorf("%d orders", n)
	}
}

func TestTheKitchenIsForTheCounter(t *testing.T) {
	s := openKitchen(t)
	for _, r := range []call{
		{method: http.MethodGet, path: "/kitchen"}, {method: http.MethodGet, path: "/kitchen/orders"}, {method: http.MethodGet, path: "/kitchen/done"},
		{method: http.MethodPost, path: "/kitchen/watch"}, {method: http.MethodPost, path: "/kitchen/ack"}, {method: http.MethodPost, path: "/kitchen/commands"},
		{method: http.MethodGet, path: "/till/alarm"}, {method: http.MethodPost, path: "/till/alarm"},
	} {
		r.role = pos.RoleAccountant
		if a := s.do(r); a.status != http.StatusForbidden {
			t.Errorf("%s %s: %d for an accountant", r.method, r.path, a.status)
		}
		r.role, r.nobody = "", true
		if a := s.do(r); a.status != http.StatusSeeOther || !strings.HasPrefix(a.header.Get(fiber.HeaderLocation), loginPath) {
			t.Errorf("%s %s: %d for nobody", r.method, r.path, a.status)
		}
	}
	bad := call{method: http.MethodPost, path: "/kitchen/commands", body: `{"kind":"burn","args":{}}`, header: map[string]string{fragmentHeader: "kitchen", "Cookie": s.cookie}}
	if a := s.do(bad); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown command: %d %s", a.status, a.body)
	}
}
