package web

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"comptoir/pos"
)

// rights says who may make each call: B barista, M manager, A accountant, * whoever asks. It repeats the table of
// routes in another form, so that a slip in one shows in the other.
const rights = `
*   GET /healthz
*   POST /api/v1/session
*   GET /api/v1/openapi.yaml
BMA GET /api/v1/session
BMA DELETE /api/v1/session
BMA GET /api/v1/events
BMA GET /api/v1/menu
BM  POST /api/v1/menu/products/:id/availability
BM  POST /api/v1/shifts
BMA GET /api/v1/shifts/current
BM  POST /api/v1/shifts/current/close
BM  POST /api/v1/shifts/current/cash
BM  POST /api/v1/shifts/current/count
BM  POST /api/v1/shifts/current/tokens
BM  POST /api/v1/drawer/open
BMA GET /api/v1/training
M   POST /api/v1/training
BM  POST /api/v1/tickets
BMA GET /api/v1/tickets
BMA GET /api/v1/tickets/:id
BM  POST /api/v1/tickets/:id
BM  POST /api/v1/tickets/:id/lines
BM  POST /api/v1/tickets/:id/lines/:line
BM  POST /api/v1/tickets/:id/lines/:line/remove
BM  POST /api/v1/tickets/:id/lines/:line/discount
BM  POST /api/v1/tickets/:id/discount
BM  POST /api/v1/tickets/:id/split
BM  POST /api/v1/tickets/:id/join
BM  POST /api/v1/tickets/:id/payments
BM  POST /api/v1/tickets/:id/payments/:n/remove
BM  POST /api/v1/tickets/:id/charges
BMA GET /api/v1/charges
BMA GET /api/v1/charges/:id
BM  POST /api/v1/charges/:id/answer
BM  POST /api/v1/charges/:id/apart
BM  POST /api/v1/charges/:id/returned
BMA GET /api/v1/terminals
M   POST /api/v1/terminals
M   POST /api/v1/terminals/:name/remove
BM  POST /api/v1/tickets/:id/card
BM  POST /api/v1/tickets/:id/card/remove
BM  POST /api/v1/tickets/:id/send
BM  POST /api/v1/tickets/:id/note
BM  POST /api/v1/tickets/:id/drop
BM  POST /api/v1/tickets/:id/checkout
BM  POST /api/v1/tickets/:id/round-up
BM  POST /api/v1/sales
BMA GET /api/v1/sales
BMA GET /api/v1/sales/:id
BM  POST /api/v1/sales/:id/refund
M   POST /api/v1/sales/:id/chargeback
BM  POST /api/v1/sales/:id/invoice
BM  POST /api/v1/sales/:id/payment
BM  POST /api/v1/sales/:id/card
BM  POST /api/v1/cards
BM  POST /api/v1/cards/merge
BM  GET /api/v1/cards/:code
BM  GET /api/v1/cards/:code/qr.svg
BM  GET /api/v1/cards/:code/qr.png
BM  POST /api/v1/cards/:code/claim
M   POST /api/v1/cards/sheet
BM  POST /api/v1/cards/find
BM  GET /api/v1/cards/:code/data
BM  POST /api/v1/cards/:code/lost
BM  POST /api/v1/cards/:code/replace
BM  POST /api/v1/cards/:code/contact
M   POST /api/v1/cards/:code/import
M   POST /api/v1/cards/:code/goodwill
M   POST /api/v1/cards/:code/erase
BMA GET /api/v1/suspended
MA  GET /api/v1/suspended/dial
BM  POST /api/v1/suspended/redemptions
BM  POST /api/v1/suspended/redemptions/:number/undo
M   POST /api/v1/suspended/conversions
M   POST /api/v1/suspended/classes/:class/withdraw
BMA GET /api/v1/partners
M   POST /api/v1/partners
BMA GET /api/v1/partners/:id
M   POST /api/v1/partners/:id
BMA GET /api/v1/partners/:id/statement
M   POST /api/v1/partners/:id/settle
BMA GET /api/v1/suspended/allotments
BM  POST /api/v1/suspended/allotments
BMA GET /api/v1/suspended/allotments/:id
BM  POST /api/v1/suspended/allotments/:id
BM  POST /api/v1/suspended/allotments/:id/confirm
BM  POST /api/v1/suspended/allotments/:id/ready
BM  POST /api/v1/suspended/allotments/:id/cancel
BM  POST /api/v1/suspended/allotments/:id/collect
BMA GET /api/v1/suspended/collections/:n
BM  POST /api/v1/suspended/collections/:n/waste
MA  GET /api/v1/funds
MA  GET /api/v1/funds/entries
M   POST /api/v1/funds/mint
M   POST /api/v1/funds/remittances
MA  GET /api/v1/funds/remittances
MA  GET /api/v1/funds/remittances/:n
M   POST /api/v1/sponsors
MA  GET /api/v1/sponsors
MA  GET /api/v1/sponsors/:id
M   POST /api/v1/sponsors/:id/pay
M   POST /api/v1/sponsors/:id/cancel
MA  GET /api/v1/sponsors/:id/statement
BMA GET /api/v1/documents/:number.json
BMA GET /api/v1/documents/:number.txt
BMA GET /api/v1/documents/:number.html
BMA GET /api/v1/documents/:number.escpos
BM  POST /api/v1/documents/:number/print
M   GET /api/v1/backup/status
BMA GET /api/v1/printers
M   POST /api/v1/printers
M   POST /api/v1/printers/:name/test
M   POST /api/v1/printers/:name/remove
BM  GET /api/v1/print-jobs
BM  GET /api/v1/print-jobs/:id
BM  POST /api/v1/print-jobs/:id/answer
BMA GET /api/v1/journal
BMA GET /api/v1/reports/day
BMA GET /api/v1/reports/x
BM  POST /api/v1/closings
BMA GET /api/v1/closings
BMA GET /api/v1/closings/:number
MA  GET /api/v1/reports/range
MA  GET /api/v1/exports
MA  POST /api/v1/exports
MA  GET /api/v1/exports/:n
MA  GET /api/v1/archives
MA  POST /api/v1/archives
MA  POST /api/v1/archives/inspection
MA  GET /api/v1/archives/:name
MA  POST /api/v1/archives/:name/copied
MA  GET /api/v1/accounting
MA  POST /api/v1/accounting
MA  GET /api/v1/services
M   POST /api/v1/services
MA  GET /api/v1/services/forecast
M   POST /api/v1/services/:id
MA  GET /api/v1/services/:id/evenings
M   POST /api/v1/services/:id/evenings/:day
`

func TestEachCallIsForItsRolesOnly(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.web.hub.close() // so that the call for hints answers at once
	var named []string
	for line := range strings.SplitSeq(strings.TrimSpace(rights), "\n") {
		who, rest, _ := strings.Cut(line, " ")
		method, pattern, _ := strings.Cut(strings.TrimSpace(rest), " ")
		named = append(named, method+" "+pattern)
		path := regexp.MustCompile(`:[a-z]+`).ReplaceAllString(pattern, "1")
		if a := c.do(call{method: method, path: path, nobody: true}); (a.status == http.StatusUnauthorized) != (who != "*") && path != sessionPath {
			t.Errorf("%s %s: %d for nobody, allowed: %s", method, pattern, a.status, who)
		}
		for letter, role := range map[string]pos.Role{"B": pos.RoleBarista, "M": pos.RoleManager, "A": pos.RoleAccountant} {
			a := c.do(call{method: method, path: path, role: role})
			if may := who == "*" || strings.Contains(who, letter); (a.status == http.StatusForbidden) == may {
				t.Errorf("%s %s: %d for a %s, allowed: %s", method, pattern, a.status, role, who)
			}
		}
	}
	var served []string
	for _, r := range c.web.apiRoutes() {
		served = append(served, r.method+" "+r.path)
	}
	slices.Sort(named)
	slices.Sort(served)
	if !slices.Equal(named, served) {
		t.Errorf("the table of rights and the table of routes differ:\n%v\n%v", named, served)
	}
}

func TestWithoutATokenNothingIsTold(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	for _, r := range []call{
		{method: http.MethodGet, path: "/api/v1/menu"},
		{method: http.MethodPost, path: "/api/v1/sales", body: `{"broken`, key: "-"},
		{method: http.MethodGet, path: "/api/v1/nothing-there"},
		{method: http.MethodDelete, path: "/api/v1/menu"},
		{method: http.MethodGet, path: "/api/v1/"},
		{method: http.MethodGet, path: "/api/v1"},
		{method: http.MethodPost, path: "/api/v1/session/"},
		{method: http.MethodPost, path: "/api/v1/sales", body: strings.Repeat(" ", maxBody+1)},
	} {
		for _, header := range []map[string]string{
			nil, {"Authorization": "Bearer cpt_wrong"}, {"Authorization": "Bearer"}, {"Authorization": "Basic cpt_x"},
			{"Cookie": sessionCookie + "=stale"},
		} {
			r.nobody, r.header = true, header
			a := c.do(r)
			if a.status != http.StatusUnauthorized || a.header.Get("Content-Type") != problemType || a.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s with %v: %d %s", r.method, r.path, header, a.status, a.body)
			}
		}
	}
}
