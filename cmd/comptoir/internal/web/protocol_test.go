package web

import (
	"bytes"
	"maps"
	"net/http"
	"strings"
	"testing"

	"comptoir/pos"
)

// refusedWith fails the test unless the answer is this refusal.
func refusedWith(t *testing.T, a answer, status int, code string) {
	t.Helper()
	if a.status != status || !strings.Contains(string(a.body), `"code":"`+code+`"`) {
		t.Errorf("got %d %s, want %d %s", a.status, a.body, status, code)
	}
}

const aMeal = `{"lines": [{"product": "plat"}], "tenders": [{"means": "card", "amount": 1190}]}`

func TestACommandNeedsAnID(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	for _, r := range c.web.apiRoutes() {
		if r.method != http.MethodPost || r.path == sessionPath {
			continue
		}
		refusedWith(t, c.do(call{method: r.method, path: r.path, key: "-", role: pos.RoleManager, body: `{"broken"`}), http.StatusBadRequest, "command.missing")
	}
	for _, key := range []string{strings.Repeat("k", 201), "clé"} {
		refusedWith(t, c.do(call{method: http.MethodPost, path: "/api/v1/sales", key: key, body: aMeal}), http.StatusBadRequest, "command.missing")
	}
}

func TestAReplayRepeatsStatusAndBody(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	for _, r := range []call{
		{path: "/api/v1/sales", body: aMeal},
		{path: "/api/v1/tickets", body: `{"name": "Zoé"}`},
		{path: "/api/v1/cards"},
		{path: "/api/v1/suspended/redemptions", body: `{"product": "cafe"}`},
		{path: "/api/v1/shifts/current/cash", body: `{"amount": 100, "reason": "monnaie"}`},
		{path: "/api/v1/menu/products/biere/availability", body: `{"available": false}`},
	} {
		r.method, r.key = http.MethodPost, "once "+r.path
		first := c.do(r)
		seq, _ := c.till.DB().EventHead()
		second := c.do(r)
		again, _ := c.till.DB().EventHead()
		if first.status >= 400 || first.status != second.status || !bytes.Equal(first.body, second.body) {
			t.Errorf("%s: %d %s, then %d %s", r.path, first.status, first.body, second.status, second.body)
		}
		if again != seq {
			t.Errorf("%s: the replay recorded %d events", r.path, again-seq)
		}
	}
}

func TestAnIDBelongsToOneCommand(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	first := call{method: http.MethodPost, path: "/api/v1/sales", key: "one", body: aMeal}
	c.ok(first)
	for name, r := range map[string]call{
		"another body":     {path: first.path, body: strings.Replace(aMeal, "plat", "eau", 1)},
		"the same, spaced": {path: first.path, body: aMeal + " "},
		"another path":     {path: "/api/v1/tickets"},
		"another operator": {path: first.path, body: aMeal, role: pos.RoleManager},
	} {
		r.method, r.key = first.method, first.key
		a := c.do(r)
		if a.status != http.StatusConflict || !strings.Contains(string(a.body), "command.reused") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}

func TestARefusedCommandLeavesItsIDFree(t *testing.T) {
	t.Parallel()
	c := closedCafe(t)
	sale := call{method: http.MethodPost, path: "/api/v1/sales", key: "kept", body: aMeal}
	refusedWith(t, c.do(sale), http.StatusConflict, "shift.none")
	c.post("/shifts", `{}`)
	if a := c.do(sale); a.status != http.StatusCreated {
		t.Errorf("the same command with a shift: %d %s", a.status, a.body)
	}
}

func TestTheTillAnswersToItsOwnNamesOnly(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.web.hosts.names["till.example"] = true // as --allow-host does
	for host, want := range map[string]int{
		"localhost": 200, "localhost:8080": 200, "LOCALHOST": 200, "127.0.0.1:8080": 200, "[::1]:8080": 200, "till.local": 200, "till.local.:80": 200,
		"till.example": 200, "evil.example": 421, "localhost.evil.example": 421, "8.8.8.8": 421, "till.local.evil": 421,
	} {
		for _, public := range []bool{false, true} {
			if a := c.do(call{method: http.MethodGet, path: healthPath, host: host, public: public}); a.status != want {
				t.Errorf("Host %s (public %v): %d, want %d", host, public, a.status, want)
			}
		}
	}
}

func TestAllowedHostsComeFromTheCommandLineAndThePublicURL(t *testing.T) {
	t.Parallel()
	h := newHostList("https://cafe.example:8443/x", []string{"Caisse.Lan", "nas.lan:8080"})
	for _, name := range []string{"cafe.example", "caisse.lan", "nas.lan"} {
		if !h.names[name] {
			t.Errorf("%s is not allowed in %v", name, h.names)
		}
	}
}

// signedIn returns the session cookie of the manager.
func signedIn(t *testing.T, c *cafe) string {
	t.Helper()
	a := c.do(call{method: http.MethodPost, path: sessionPath, nobody: true, key: "-", body: `{"operator": "Marie", "pin": "` + managerPIN + `"}`})
	if a.status != http.StatusCreated {
		t.Fatalf("sign in: %d %s", a.status, a.body)
	}
	cookie := a.header.Get("Set-Cookie")
	for _, want := range []string{"HttpOnly", "SameSite=Lax", "path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the session cookie lacks %s: %s", want, cookie)
		}
	}
	value, _, _ := strings.Cut(cookie, ";")
	return value
}

func TestASessionSignsInUntilItIsEnded(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	cookie := map[string]string{"Cookie": signedIn(t, c)}
	who := call{method: http.MethodGet, path: sessionPath, nobody: true, header: cookie}
	if got := text(t, c.ok(who), "operator"); got != "Marie" {
		t.Errorf("signed in as %q", got)
	}
	if a := c.do(call{method: http.MethodDelete, path: sessionPath, nobody: true, header: cookie}); a.status != http.StatusNoContent {
		t.Errorf("sign out: %d %s", a.status, a.body)
	}
	refusedWith(t, c.do(who), http.StatusUnauthorized, "session.none")
}

func TestAWrongPINIsDelayedAndCounted(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	wrong := call{method: http.MethodPost, path: sessionPath, nobody: true, key: "-", body: `{"operator": "Marie", "pin": "0000"}`}
	before, _ := c.till.DB().EventHead()
	refusedWith(t, c.do(wrong), http.StatusUnauthorized, "pin.wrong")
	if after, _ := c.till.DB().EventHead(); after != before+1 {
		t.Errorf("a wrong PIN left %d events, want the one LOGIN_FAIL", after-before)
	}
	a := c.do(wrong)
	refusedWith(t, a, http.StatusTooManyRequests, "pin.wait")
	if a.header.Get("Retry-After") == "" {
		t.Error("nobody is told how long to wait")
	}
	unknown := wrong
	unknown.body = `{"operator": "Personne", "pin": "0000"}`
	refusedWith(t, c.do(unknown), http.StatusUnauthorized, "pin.wrong")
}

func TestAPageOfAnotherSiteCannotUseASession(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	cookie := signedIn(t, c)
	for _, r := range []struct {
		name   string
		header map[string]string
		ok     bool
	}{
		{"our page", map[string]string{"Sec-Fetch-Site": "same-origin"}, true},
		{"typed by hand", map[string]string{"Sec-Fetch-Site": "none"}, true},
		{"our page, old browser", map[string]string{"Origin": "http://localhost"}, true},
		{"no browser", nil, true},
		{"another site", map[string]string{"Sec-Fetch-Site": "cross-site"}, false},
		{"another port", map[string]string{"Sec-Fetch-Site": "same-site"}, false},
		{"another site, old browser", map[string]string{"Origin": "http://evil.example"}, false},
		{"another port, old browser", map[string]string{"Origin": "http://localhost:8081"}, false},
		{"a sandboxed page", map[string]string{"Origin": "null"}, false},
	} {
		header := map[string]string{"Cookie": cookie}
		maps.Copy(header, r.header)
		a := c.do(call{method: http.MethodPost, path: "/api/v1/tickets", nobody: true, header: header})
		if (a.status == http.StatusCreated) != r.ok {
			t.Errorf("%s: %d %s", r.name, a.status, a.body)
		}
	}
	a := c.do(call{method: http.MethodPost, path: "/api/v1/tickets", header: map[string]string{"Sec-Fetch-Site": "cross-site"}})
	if a.status != http.StatusCreated {
		t.Errorf("a program with a token: %d %s", a.status, a.body)
	}
}

func TestEveryAnswerCarriesThePolicy(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	for _, r := range []call{
		{method: http.MethodGet, path: "/api/v1/menu"}, {method: http.MethodGet, path: "/nothing"}, {method: http.MethodGet, path: healthPath, host: "evil.example"},
		{method: http.MethodGet, path: "/board.json", public: true}, {method: http.MethodGet, path: "/nothing", public: true},
	} {
		a := c.do(r)
		for _, h := range securityHeaders() {
			if got := a.header.Get(h[0]); got != h[1] {
				t.Errorf("%s: %s is %q", r.path, h[0], got)
			}
		}
	}
}

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	large := `{"name": "` + strings.Repeat("x", maxBody) + `"}`
	refusedWith(t, c.do(call{method: http.MethodPost, path: "/api/v1/tickets", body: large}), http.StatusRequestEntityTooLarge, "body.large")
	if got := bodyLimit(importPath); got != maxMenuBody {
		t.Errorf("a menu may be %d bytes, want %d", got, maxMenuBody)
	}
}

func TestTheAPIDoesNotExistOnThePublicListener(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	for _, r := range c.web.apiRoutes() {
		if !isAPI(r.path) {
			continue
		}
		if a := c.do(call{method: r.method, path: r.path, public: true, role: pos.RoleManager}); a.status != http.StatusNotFound {
			t.Errorf("%s %s on the public listener: %d", r.method, r.path, a.status)
		}
	}
}

func TestAddressesThatDoNotExistAndMethodsTheyDoNotTake(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	refusedWith(t, c.do(call{method: http.MethodGet, path: "/api/v1/nothing"}), http.StatusNotFound, "route.unknown")
	a := c.do(call{method: http.MethodDelete, path: "/api/v1/menu"})
	refusedWith(t, a, http.StatusMethodNotAllowed, "route.method")
	if got := a.header.Get("Allow"); got != http.MethodGet {
		t.Errorf("Allow: %q", got)
	}
}

func TestTheBoardTellsNothingLive(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.post(aGift.path, aGift.body)
	a := c.do(call{method: http.MethodGet, path: "/board.json", public: true})
	v := a.json(t)
	for path, want := range map[string]string{"waiting": "true", "available": "null", "given": "null", "served": "null"} {
		if got := text(t, v, "classes.0."+path); got != want {
			t.Errorf("two gifts of this minute: %s is %s, want %s", path, got, want)
		}
	}
}

func TestTheLogHoldsPatternsAndNoSecrets(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	card := c.post("/cards", "")
	receipt := text(t, c.post("/sales", aMeal), "receipt_code")
	code := text(t, card, "code")
	c.ok(call{method: http.MethodGet, path: "/api/v1/cards/" + code})
	c.do(call{method: http.MethodGet, path: "/api/v1/cards/" + code + "X"})
	c.do(call{method: http.MethodGet, path: "/nothing/" + code})
	c.do(call{method: http.MethodGet, path: "/R/" + receipt + "/nothing", public: true})
	c.post("/cards/"+code+"/claim", `{"receipt_code": "`+receipt+`"}`)
	log := c.log.String()
	if !strings.Contains(log, `"route":"/api/v1/cards/:code/claim"`) || !strings.Contains(log, `"status":200`) {
		t.Errorf("no line tells of the claim:\n%s", log)
	}
	for what, secret := range map[string]string{
		"a card's code": code, "a card's number": text(t, card, "number"), "a receipt's code": receipt,
		"a token": c.tokens[pos.RoleBarista], "a name": "Awa", "an address": "192.0.2.",
	} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %s", what)
		}
	}
}
