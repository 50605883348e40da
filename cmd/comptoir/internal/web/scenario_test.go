package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"comptoir/pos"
)

// step is one request that a scenario needs first. Values of its answer are kept: "ticket=id card=code" lets later
// paths and bodies say {ticket} and {card}.
type step struct {
	path string // a POST under /api/v1
	body string
	keep string
	role pos.Role
}

// scenario is one exchange: what is asked, and everything that must come of it.
type scenario struct {
	name   string
	shut   bool // no shift is open
	given  []step
	method string // empty: POST
	path   string // under /api/v1
	role   pos.Role
	body   string
	status int
	code   string            // of the refusal
	field  string            // the refused field and its rule, "lines[0].qty range"
	want   map[string]string // values of the answer by their path
	left   int64             // events that a refusal leaves: only what was rejected as no sale at all does (fiscal R32)
	topics []string          // exactly what screens are told, without keys; nil after a refusal
}

func (s scenario) run(t *testing.T) {
	t.Parallel()
	c := closedCafe(t)
	if !s.shut {
		c.post("/shifts", `{"float": 10000}`)
	}
	kept := map[string]string{}
	for _, g := range s.given {
		a := c.ok(call{method: http.MethodPost, path: "/api/v1" + filledIn(g.path, kept), body: filledIn(g.body, kept), role: g.role})
		for pair := range strings.FieldsSeq(g.keep) {
			name, path, _ := strings.Cut(pair, "=")
			kept[name] = text(t, a, path)
		}
	}
	c.told.reset()
	before, _ := c.till.DB().EventHead()
	if s.method == "" {
		s.method = http.MethodPost
	}
	a := c.do(call{method: s.method, path: "/api/v1" + filledIn(s.path, kept), body: filledIn(s.body, kept), role: s.role})
	if a.status != s.status {
		t.Fatalf("status %d, want %d\n%s", a.status, s.status, a.body)
	}
	s.holds(t, a, kept)
	if got := c.told.names(); !slices.Equal(got, append([]string{}, s.topics...)) {
		t.Errorf("screens were told of %v, want %v", got, s.topics)
	}
	if after, _ := c.till.DB().EventHead(); s.code != "" && after-before != s.left {
		t.Errorf("a refused command left %d events behind", after-before)
	}
}

// holds compares the answer with what the scenario wants of it.
func (s scenario) holds(t *testing.T, a answer, kept map[string]string) {
	t.Helper()
	if a.status == http.StatusNoContent || s.code == "" && len(s.want) == 0 {
		return
	}
	v := a.json(t)
	if s.code != "" {
		if got := text(t, v, "code"); got != s.code {
			t.Errorf("code %s, want %s\n%s", got, s.code, a.body)
		}
		if got := a.header.Get("Content-Type"); got != problemType {
			t.Errorf("Content-Type of a refusal is %q", got)
		}
	}
	if s.field != "" {
		if got := text(t, v, "errors.0.field") + " " + text(t, v, "errors.0.code"); got != s.field {
			t.Errorf("refused field %q, want %q", got, s.field)
		}
	}
	for path, want := range s.want {
		if got := text(t, v, path); got != filledIn(want, kept) {
			t.Errorf("%s is %s, want %s", path, got, filledIn(want, kept))
		}
	}
}

func filledIn(s string, kept map[string]string) string {
	for name, value := range kept {
		s = strings.ReplaceAll(s, "{"+name+"}", value)
	}
	return s
}

func runAll(t *testing.T, scenarios []scenario) {
	t.Helper()
	for _, s := range scenarios {
		t.Run(s.name, s.run)
	}
}

// Steps that many scenarios begin with.
var (
	aTicket = step{path: "/tickets", body: `{"mode": "eat_in", "name": "Table 4"}`, keep: "ticket=id"}
	aCoffee = step{path: "/tickets/{ticket}/lines", body: `{"product": "cafe", "qty": 2}`, keep: "version=version"}
	itsSent = step{path: "/tickets/{ticket}/send"}
	aCard   = step{path: "/cards", keep: "card=code number=number"}
	aSale   = step{path: "/sales", keep: "sale=id doc=number receipt=receipt_code",
		body: `{"lines": [{"product": "cafe", "qty": 3}, {"product": "plat"}], "tenders": [{"means": "card", "amount": 1850}]}`}
	aGift = step{path: "/sales", keep: "sale=id proof=gift_code", body: `{"lines": [{"product": "cafe", "qty": 2, "kind": "gift"}], "tenders": [{"means": "cash", "amount": 360}]}`}
	aCup  = step{path: "/suspended/redemptions", body: `{"product": "cafe"}`, keep: "cup=number"}
)
