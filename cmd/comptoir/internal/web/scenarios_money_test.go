package web

import (
	"net/http"
	"strings"
	"testing"

	"comptoir/pos"
)

// Steps of the tests about money.
var (
	someMeals = step{path: "/tickets/{ticket}/lines", body: `{"product": "plat", "qty": 2}`, keep: "version=version"}
	somePaid  = step{path: "/tickets/{ticket}/payments", body: `{"means": "cash", "amount": 1000, "given": 2000}`}
)

func TestDiscountCalls(t *testing.T) {
	t.Parallel()
	changed := []string{"ticket:", "tickets"}
	given := []step{aTicket, someMeals}
	runAll(t, []scenario{
		{name: "discount a line", given: given, path: "/tickets/{ticket}/lines/1/discount", body: `{"percent": 10, "reason": "quality"}`, status: 200,
			want: map[string]string{"total": "2142", "lines.0.discount": "238", "lines.0.discount_percent": "10", "lines.0.discount_reason": "quality", "rest": "2142"}, topics: changed},
		{name: "take an amount off each", given: given, path: "/tickets/{ticket}/lines/1/discount", body: `{"amount": 50, "reason": "promo"}`, status: 200,
			want: map[string]string{"total": "2280", "lines.0.discount": "100"}, topics: changed},
		{name: "offer as the manager", role: pos.RoleManager, given: given, path: "/tickets/{ticket}/lines/1/discount", body: `{"percent": 100, "reason": "commercial"}`, status: 200,
			want: map[string]string{"total": "0", "lines.0.total": "0", "meal_units": "0"}, topics: changed},
		{name: "offer alone", given: given, path: "/tickets/{ticket}/lines/1/discount", body: `{"percent": 100, "reason": "commercial"}`, status: 403, code: "discount.approval",
			want: map[string]string{"max": "500"}},
		{name: "offer with a manager's PIN", given: given, path: "/tickets/{ticket}/lines/1/discount", status: 200,
			body: `{"percent": 100, "reason": "commercial", "approval": {"operator": "Marie", "pin": "9999"}}`, want: map[string]string{"total": "0"}, topics: changed},
		{name: "take it off", given: append(given, step{path: "/tickets/{ticket}/lines/1/discount", body: `{"percent": 10, "reason": "promo"}`}),
			path: "/tickets/{ticket}/lines/1/discount", body: `{}`, status: 200, want: map[string]string{"total": "2380", "lines.0.discount": "0"}, topics: changed},
		{name: "discount by more than all", given: given, path: "/tickets/{ticket}/lines/1/discount", body: `{"percent": 101, "reason": "promo"}`, status: 422, code: "discount.invalid", field: "percent range"},
		{name: "discount for no reason", given: given, path: "/tickets/{ticket}/lines/1/discount", body: `{"percent": 10}`, status: 422, code: "discount.invalid", field: "reason required"},
		{name: "discount a gift", given: []step{aTicket, {path: "/tickets/{ticket}/lines", body: `{"product": "plat", "kind": "gift"}`}}, path: "/tickets/{ticket}/lines/1/discount",
			body: `{"percent": 10, "reason": "promo"}`, status: 422, code: "discount.kind", field: "line kind"},
		{name: "discount a line that is not there", given: given, path: "/tickets/{ticket}/lines/9/discount", body: `{"percent": 10, "reason": "promo"}`, status: 404, code: "line.unknown"},
		{name: "discount line 0", given: given, path: "/tickets/{ticket}/lines/0/discount", body: `{"percent": 10, "reason": "promo"}`, status: 422, code: "query.invalid", field: "line range"},
		{name: "discount below what is paid", given: append(given, step{path: "/tickets/{ticket}/payments", body: `{"means": "card", "amount": 2300}`}),
			path: "/tickets/{ticket}/lines/1/discount", body: `{"percent": 10, "reason": "promo"}`, status: 409, code: "ticket.overpaid", want: map[string]string{"paid": "2300", "total": "2142"}},
		{name: "discount as an accountant", given: given, path: "/tickets/{ticket}/lines/1/discount", body: `{"percent": 10, "reason": "promo"}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "discount a ticket", given: append(given, aCoffee), path: "/tickets/{ticket}/discount", body: `{"percent": 10, "reason": "quality"}`, status: 200,
			want: map[string]string{"total": "2538", "lines.1.discount": "44"}, topics: changed},
		{name: "discount a ticket by an amount", given: given, path: "/tickets/{ticket}/discount", body: `{"amount": 10, "reason": "quality"}`, status: 422, code: "discount.invalid", field: "amount percent_only"},
		{name: "discount an empty ticket", given: []step{aTicket}, path: "/tickets/{ticket}/discount", body: `{"percent": 10, "reason": "quality"}`, status: 422, code: "ticket.empty"},
	})
}

// TestAPINOfAnApprovalLeavesNoTrace: a wrong one is refused as a right that is missing, not as a session that has
// ended, and another PIN under the same id is the same command: its digest holds nothing of it.
func TestAPINOfAnApprovalLeavesNoTrace(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	tk := c.post("/tickets", `{}`)
	id := text(t, tk, "id")
	c.post("/tickets/"+id+"/lines", `{"product": "plat", "qty": 2}`)
	ask := func(pin string) answer {
		return c.do(call{method: http.MethodPost, path: "/api/v1/tickets/" + id + "/lines/1/discount", key: "offer",
			body: `{"percent": 100, "reason": "commercial", "approval": {"operator": "Marie", "pin": "` + pin + `"}}`})
	}
	if a := ask("9999"); a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if a := ask("1234"); a.status != http.StatusOK || text(t, a.json(t), "total") != "0" {
		t.Errorf("asked again: %d %s", a.status, a.body)
	}
	other := c.do(call{method: http.MethodPost, path: "/api/v1/tickets/" + id + "/lines", body: `{"product": "plat"}`})
	if other.status != http.StatusCreated {
		t.Fatalf("%d %s", other.status, other.body)
	}
	a := c.do(call{method: http.MethodPost, path: "/api/v1/tickets/" + id + "/lines/2/discount",
		body: `{"percent": 100, "reason": "commercial", "approval": {"operator": "Marie", "pin": "1234"}}`})
	if a.status != http.StatusForbidden || !strings.Contains(string(a.body), "approval.wrong") || !strings.Contains(string(a.body), "approval.pin") {
		t.Errorf("%d %s", a.status, a.body)
	}
}

func TestPaymentCalls(t *testing.T) {
	t.Parallel()
	changed := []string{"ticket:", "tickets"}
	given := []step{aTicket, someMeals}
	runAll(t, []scenario{
		{name: "pay a part", given: given, path: "/tickets/{ticket}/payments", body: `{"means": "cash", "amount": 1000, "given": 2000, "expected_total": 2380, "version": {version}}`, status: 201,
			want:   map[string]string{"change": "1000", "sale": "null", "ticket.paid": "1000", "ticket.rest": "1380", "ticket.payments.0.means": "cash", "ticket.payments.0.change": "1000"},
			topics: changed},
		{name: "pay the rest", given: append(given, somePaid), path: "/tickets/{ticket}/payments", body: `{"means": "card", "amount": 1380}`, status: 201,
			want: map[string]string{"sale.total": "2380", "sale.number": "T26-000001", "ticket.state": "paid", "ticket.rest": "0", "change": "0"}, topics: []string{"sales", "ticket:", "tickets"}},
		{name: "pay the rest with a note", given: append(given, somePaid), path: "/tickets/{ticket}/payments", body: `{"means": "cash", "amount": 2000}`, status: 201,
			want: map[string]string{"change": "620", "sale.change": "620"}, topics: []string{"sales", "ticket:", "tickets"}},
		{name: "check out the rest", given: append(given, somePaid), path: "/tickets/{ticket}/checkout", body: `{"expected_total": 2380, "tenders": [{"means": "card", "amount": 1380}]}`, status: 201,
			want: map[string]string{"total": "2380", "change": "0"}, topics: []string{"sales", "ticket:", "tickets"}},
		{name: "pay more than is left", given: append(given, somePaid), path: "/tickets/{ticket}/payments", body: `{"means": "card", "amount": 1381}`, status: 422, code: "payment.beyond", field: "amount range",
			want: map[string]string{"rest": "1380"}},
		{name: "pay nothing", given: given, path: "/tickets/{ticket}/payments", body: `{"means": "card", "amount": 0}`, status: 422, code: "tenders.amount", field: "amount range"},
		{name: "pay by favour", given: given, path: "/tickets/{ticket}/payments", body: `{"means": "favour", "amount": 100}`, status: 422, code: "tenders.means", field: "means one_of"},
		{name: "pay another total", given: append(given, somePaid), path: "/tickets/{ticket}/payments", body: `{"means": "card", "amount": 100, "expected_total": 1000}`, status: 409, code: "ticket.stale",
			want: map[string]string{"total": "2380", "rest": "1380"}},
		{name: "pay without a shift", shut: true, given: given, path: "/tickets/{ticket}/payments", body: `{"means": "card", "amount": 100}`, status: 409, code: "shift.none"},
		{name: "pay as an accountant", given: given, path: "/tickets/{ticket}/payments", body: `{"means": "card", "amount": 100}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "give back", given: append(given, somePaid), path: "/tickets/{ticket}/payments/1/remove", body: `{"reason": "erreur"}`, status: 200,
			want: map[string]string{"paid": "0", "rest": "2380", "payments": "[]"}, topics: changed},
		{name: "give back without a reason", given: append(given, somePaid), path: "/tickets/{ticket}/payments/1/remove", status: 422, code: "reason.missing", field: "reason required"},
		{name: "give back what was not paid", given: append(given, somePaid), path: "/tickets/{ticket}/payments/2/remove", body: `{"reason": "erreur"}`, status: 404, code: "payment.unknown"},
		{name: "give back the first", given: append(given, somePaid), path: "/tickets/{ticket}/payments/first/remove", body: `{"reason": "erreur"}`, status: 422, code: "query.invalid", field: "n number"},
		{name: "give back as an accountant", given: append(given, somePaid), path: "/tickets/{ticket}/payments/1/remove", body: `{"reason": "x"}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "drop what is paid in part", given: append(given, somePaid), path: "/tickets/{ticket}/drop", body: `{"reason": "partis"}`, status: 409, code: "ticket.part_paid", want: map[string]string{"paid": "1000"}},
		{name: "count the drawer", given: append(given, somePaid), path: "/shifts/current/count", body: `{"counted": [{"value": 10000, "count": 1}]}`, status: 201,
			want: map[string]string{"expected": "11000", "counted": "10000", "difference": "-1000"}, topics: []string{"shift"}},
		{name: "count coins that do not exist", path: "/shifts/current/count", body: `{"counted": [{"value": 3, "count": 1}]}`, status: 422, code: "count.invalid", field: "counted[0].value value"},
		{name: "count the drawer of no shift", shut: true, path: "/shifts/current/count", body: `{"counted": []}`, status: 409, code: "shift.none"},
		{name: "count the drawer as an accountant", path: "/shifts/current/count", body: `{"counted": []}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
	})
}

func TestSplitCalls(t *testing.T) {
	t.Parallel()
	given := []step{aTicket, someMeals}
	apart := step{path: "/tickets/{ticket}/split", body: `{"lines": [{"line": 1, "qty": 1}]}`, keep: "apart=ticket.id"}
	both := []string{"ticket:", "ticket:", "tickets"}
	runAll(t, []scenario{
		{name: "split", given: given, path: "/tickets/{ticket}/split", body: `{"lines": [{"line": 1, "qty": 1}]}`, status: 201,
			want: map[string]string{"ticket.name": "Table 4/1", "ticket.total": "1190", "rest.id": "{ticket}", "rest.total": "1190"}, topics: both},
		{name: "split nothing", given: given, path: "/tickets/{ticket}/split", body: `{"lines": []}`, status: 422, code: "split.invalid", field: "lines required"},
		{name: "split more than there is", given: given, path: "/tickets/{ticket}/split", body: `{"lines": [{"line": 1, "qty": 3}]}`, status: 422, code: "split.invalid", field: "lines[0].qty range"},
		{name: "split all", given: given, path: "/tickets/{ticket}/split", body: `{"lines": [{"line": 1, "qty": 2}]}`, status: 422, code: "split.all", field: "lines too_many"},
		{name: "split below what is paid", given: append(given, step{path: "/tickets/{ticket}/payments", body: `{"means": "card", "amount": 1200}`}),
			path: "/tickets/{ticket}/split", body: `{"lines": [{"line": 1, "qty": 1}]}`, status: 409, code: "ticket.overpaid"},
		{name: "split as an accountant", given: given, path: "/tickets/{ticket}/split", body: `{"lines": [{"line": 1, "qty": 1}]}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "join", given: append(given, apart), path: "/tickets/{ticket}/join", body: `{"from": "{apart}"}`, status: 200,
			want: map[string]string{"total": "2380", "lines.0.qty": "2"}, topics: both},
		{name: "join with itself", given: given, path: "/tickets/{ticket}/join", body: `{"from": "{ticket}"}`, status: 422, code: "join.same", field: "from other"},
		{name: "join what does not exist", given: given, path: "/tickets/{ticket}/join", body: `{"from": "nothing"}`, status: 404, code: "ticket.unknown"},
		{name: "join what is paid in part", given: append(given, apart, somePaid), path: "/tickets/{apart}/join", body: `{"from": "{ticket}"}`, status: 409, code: "ticket.part_paid"},
		{name: "join as an accountant", given: append(given, apart), path: "/tickets/{ticket}/join", body: `{"from": "{apart}"}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
	})
}
