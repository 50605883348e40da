package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"comptoir/pos"
	"comptoir/receipts/export"
)

// overMonth gives and serves in one month and opens the next.
func (c *cafe) overMonth() {
	c.tb.Helper()
	for range 4 {
		c.sold(180, `{"product": "cafe", "qty": 1, "kind": "gift"}`)
		c.served("cafe")
	}
	c.served("cafe") // of the house
	c.clock.Set(time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC))
	if _, err := c.till.CloseDue(c.tb.Context()); err != nil {
		c.tb.Fatal(err)
	}
}

// Anybody reads the statement of a month that is over, adds it up, and takes the file that checks it; while the month runs
// there is nothing to read (I15, T4).
func TestThePublicReadsTheStatementOfAMonthThatIsOver(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	if text := c.seen("/statement"); strings.Contains(text, "2026-11") {
		t.Error("the month that runs is listed")
	}
	if a := c.visit(http.MethodGet, "/statement/2026-11", nil); a.status != http.StatusNotFound {
		t.Errorf("the month that runs: %d", a.status)
	}
	c.overMonth()
	if text := c.seen("/statement"); !strings.Contains(text, `href="/statement/2026-11"`) || !strings.Contains(text, "Z26-000010") {
		t.Errorf("the list has no November or no last closing:\n%s", text)
	}
	page := c.seen("/statement/2026-11")
	for _, want := range []string{"novembre 2026", "<svg", "/statement/2026-11.json", "En plus, offerts par la maison"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	a := c.visit(http.MethodGet, "/statement/2026-11.json", nil)
	var s export.Statement
	if err := json.Unmarshal([]byte(a.body), &s); err != nil || a.status != http.StatusOK {
		t.Fatalf("%d %v\n%s", a.status, err, a.body)
	}
	if n := s.Classes[0]; n.Class != "coffee" || n.Given != 4 || n.Served != 4 || n.House != 1 || n.Came() != n.Went() {
		t.Errorf("got %+v", n)
	}
	for _, no := range []string{"2026-12", "2026-13", "x.json", "%2e%2e", strings.Repeat("a", 300)} {
		if a := c.visit(http.MethodGet, "/statement/"+no, nil); a.status != http.StatusNotFound {
			t.Errorf("%.20s: %d", no, a.status)
		}
	}
	for _, role := range []pos.Role{pos.RoleManager, pos.RoleAccountant} {
		if text := c.page(role, "/manage/statement"); !strings.Contains(text, publicURL+"/statement/2026-11") {
			t.Errorf("the %s has no link to what everybody reads", role)
		}
	}
}
