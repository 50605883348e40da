package web

import (
	"net/http"
	"testing"

	"comptoir/pos"
)

func TestSessionCalls(t *testing.T) {
	t.Parallel()
	runAll(t, []scenario{
		{name: "sign in", path: "/session", body: `{"operator": "marie", "pin": "9999"}`, status: 201, want: map[string]string{"operator": "Marie", "role": "manager"}, topics: nil},
		{name: "sign in with an unknown field", path: "/session", body: `{"name": "marie", "pin": "9999"}`, status: 422, code: "body.field", field: "name unknown"},
		{name: "sign in with broken JSON", path: "/session", body: `operator=marie`, status: 400, code: "body.json"},
		{name: "who am I", method: http.MethodGet, path: "/session", role: pos.RoleAccountant, status: 200, want: map[string]string{"operator": "Compta", "role": "accountant"}},
		{name: "sign out without a session", method: http.MethodDelete, path: "/session", status: 204},
	})
}

func TestMenuCalls(t *testing.T) {
	t.Parallel()
	runAll(t, []scenario{
		{name: "read", method: http.MethodGet, path: "/menu", role: pos.RoleAccountant, status: 200,
			want: map[string]string{"products.0.id": "cafe", "products.0.price": "220", "products.0.gift_price": "180", "products.0.suspend_class": "coffee", "products.0.available": "true",
				"products.4.gift_price": "300", "products.4.options.0.choices.1.id": "lait/avoine", "categories.0.name": "Chaud"}},
		{name: "sold out", path: "/menu/products/plat/availability", body: `{"available": false}`, status: 200, want: map[string]string{"available": "false"}, topics: []string{"menu"}},
		{name: "back again, which it is", path: "/menu/products/plat/availability", body: `{"available": true}`, status: 200, want: map[string]string{"available": "true"}},
		{name: "neither", path: "/menu/products/plat/availability", body: `{}`, status: 422, code: "body.field", field: "available required"},
		{name: "of no product", path: "/menu/products/the/availability", body: `{"available": true}`, status: 422, code: "product.unknown"},
		{name: "as an accountant", path: "/menu/products/plat/availability", body: `{"available": true}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
	})
}

func TestShiftCalls(t *testing.T) {
	t.Parallel()
	runAll(t, []scenario{
		{name: "open", shut: true, path: "/shifts", body: `{"float": 15000}`, status: 201,
			want: map[string]string{"float": "15000", "expected": "15000", "opened_by": "AWA", "closed_at": "null"}, topics: []string{"shift"}},
		{name: "open a second one", path: "/shifts", body: `{"float": 0}`, status: 409, code: "shift.open"},
		{name: "open with less than nothing", shut: true, path: "/shifts", body: `{"float": -1}`, status: 422, code: "cash.invalid", field: "float range"},
		{name: "open as an accountant", shut: true, path: "/shifts", body: `{}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "read", given: []step{aGift}, method: http.MethodGet, path: "/shifts/current", status: 200, want: map[string]string{"expected": "10360", "float": "10000"}},
		{name: "read none", shut: true, method: http.MethodGet, path: "/shifts/current", status: 409, code: "shift.none"},
		{name: "close", given: []step{aGift}, path: "/shifts/current/close", body: `{"counted": [{"value": 5000, "count": 2}, {"value": 50, "count": 7}]}`, status: 200,
			want: map[string]string{"expected": "10360", "counted": "10350", "difference": "-10", "closed_by": "AWA"}, topics: []string{"shift"}},
		{name: "close with a note that does not exist", path: "/shifts/current/close", body: `{"counted": [{"value": 300, "count": 1}]}`, status: 422, code: "count.invalid", field: "counted[0].value value"},
		{name: "close what is closed", shut: true, path: "/shifts/current/close", body: `{"counted": []}`, status: 409, code: "shift.none"},
		{name: "take cash out", path: "/shifts/current/cash", body: `{"amount": -2500, "reason": "pain"}`, status: 201, want: map[string]string{"expected": "7500"}, topics: []string{"shift"}},
		{name: "take cash out without saying why", path: "/shifts/current/cash", body: `{"amount": -2500}`, status: 422, code: "reason.missing", field: "reason required"},
		{name: "move no cash", path: "/shifts/current/cash", body: `{"amount": 0, "reason": "rien"}`, status: 422, code: "cash.invalid", field: "amount range"},
		{name: "take cash out of no shift", shut: true, path: "/shifts/current/cash", body: `{"amount": 100, "reason": "x"}`, status: 409, code: "shift.none"},
		{name: "take cash out as an accountant", path: "/shifts/current/cash", body: `{"amount": 100, "reason": "x"}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
	})
}

func TestSuspendedCalls(t *testing.T) {
	t.Parallel()
	const undo = "/suspended/redemptions/{cup}/undo"
	runAll(t, []scenario{
		{name: "read", given: []step{aGift, aCup}, method: http.MethodGet, path: "/suspended", role: pos.RoleAccountant, status: 200,
			want: map[string]string{"classes.0.class": "coffee", "classes.0.available": "1", "classes.0.served": "1", "classes.0.by_origin": `{"PAID":1}`, "house_budget_left": "6"}},
		{name: "serve from the shelf", given: []step{aGift}, path: "/suspended/redemptions", body: `{"product": "cafe", "qty": 1}`, status: 201,
			want: map[string]string{"origin": "PAID", "class": "coffee", "number": "R26-000001"}, topics: []string{"sales", "shelf", "tickets"}},
		{name: "serve as another product of the class", given: []step{aGift}, path: "/suspended/redemptions", body: `{"product": "creme", "options": ["lait/vache"]}`, status: 201,
			want: map[string]string{"origin": "PAID"}, topics: []string{"sales", "shelf", "tickets"}},
		{name: "serve from the house", path: "/suspended/redemptions", body: `{"product": "plat"}`, status: 201, want: map[string]string{"origin": "HOUSE", "class": "meal"}, topics: []string{"sales", "shelf", "tickets"}},
		{name: "serve beyond the house's budget", given: []step{aCup, aCup, aCup, aCup, aCup, aCup}, path: "/suspended/redemptions", body: `{"product": "cafe"}`, status: 201,
			want: map[string]string{"origin": "HOUSE", "warnings.0": "house.budget"}, topics: []string{"sales", "shelf", "tickets"}},
		{name: "serve two at once", path: "/suspended/redemptions", body: `{"product": "cafe", "qty": 2}`, status: 422, code: "line.invalid", field: "qty range"},
		{name: "serve a beer", path: "/suspended/redemptions", body: `{"product": "biere"}`, status: 422, code: "line.invalid", field: "product not_suspended"},
		{name: "serve without a shift", shut: true, path: "/suspended/redemptions", body: `{"product": "cafe"}`, status: 409, code: "shift.none"},
		{name: "serve as an accountant", path: "/suspended/redemptions", body: `{"product": "cafe"}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "undo", given: []step{aGift, aCup}, path: undo, body: `{"reason": "erreur"}`, status: 200,
			want: map[string]string{"state": "AVAILABLE", "origin": "PAID", "class": "coffee", "number": "R26-000002"}, topics: []string{"shelf"}},
		{name: "undo twice", given: []step{aGift, aCup, {path: undo, body: `{"reason": "erreur"}`}}, path: undo, body: `{"reason": "erreur"}`, status: 409, code: "undo.done"},
		{name: "undo without saying why", given: []step{aCup}, path: undo, body: `{}`, status: 422, code: "reason.missing"},
		{name: "undo in another shift", given: []step{aCup, {path: "/shifts/current/close", body: `{}`}, {path: "/shifts", body: `{}`}}, path: undo, body: `{"reason": "erreur"}`, status: 409, code: "undo.shift"},
		{name: "undo nothing", path: "/suspended/redemptions/R26-000009/undo", body: `{"reason": "erreur"}`, status: 404, code: "redemption.unknown"},
		{name: "undo once more without a manager", given: []step{aGift, {path: "/suspended/redemptions", body: `{"product": "cafe"}`, keep: "one=number"},
			{path: "/suspended/redemptions/{one}/undo", body: `{"reason": "erreur"}`}, {path: "/suspended/redemptions", body: `{"product": "cafe"}`, keep: "two=number"},
			{path: "/suspended/redemptions/{two}/undo", body: `{"reason": "erreur"}`}, aCup}, path: undo, body: `{"reason": "erreur"}`, status: 403, code: "undo.approval"},
		{name: "convert what does not pay for a meal", given: []step{aGift}, path: "/suspended/conversions", body: `{"from": "coffee", "to": "meal"}`, role: pos.RoleManager, status: 409, code: "convert.few"},
		{name: "convert coffees into a meal", given: []step{aGift, aGift, aGift}, path: "/suspended/conversions", body: `{"from": "coffee", "to": "meal"}`, role: pos.RoleManager, status: 201,
			want: map[string]string{"made": "1", "used": "4", "origins.0": "PAID"}, topics: []string{"shelf"}},
		{name: "convert meals", path: "/suspended/conversions", body: `{"from": "meal", "to": "coffee"}`, role: pos.RoleManager, status: 422, code: "convert.class", field: "from one_of"},
		{name: "convert none", path: "/suspended/conversions", body: `{"from": "coffee", "to": "meal", "qty": -1}`, role: pos.RoleManager, status: 422, code: "convert.quantity", field: "qty range"},
		{name: "convert as a barista", path: "/suspended/conversions", body: `{"from": "coffee", "to": "meal"}`, status: 403, code: "right.missing"},
		{name: "withdraw coffee", given: []step{aGift, aGift, aGift}, path: "/suspended/classes/coffee/withdraw", body: `{"successor": "meal"}`, role: pos.RoleManager, status: 200,
			want: map[string]string{"converted": "4", "made": "1", "left": "2"}, topics: []string{"menu", "shelf"}},
		{name: "withdraw what there is not", path: "/suspended/classes/soup/withdraw", body: `{"successor": "meal"}`, role: pos.RoleManager, status: 404, code: "class.unknown"},
		{name: "withdraw meals", path: "/suspended/classes/meal/withdraw", body: `{"successor": "coffee"}`, role: pos.RoleManager, status: 422, code: "convert.class", field: "from one_of"},
		{name: "withdraw as a barista", path: "/suspended/classes/coffee/withdraw", body: `{"successor": "meal"}`, status: 403, code: "right.missing"},
		{name: "undo as an accountant", path: "/suspended/redemptions/R26-000001/undo", body: `{"reason": "x"}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
	})
}

func TestBookCalls(t *testing.T) {
	t.Parallel()
	runAll(t, []scenario{
		{name: "journal", method: http.MethodGet, path: "/journal", role: pos.RoleAccountant, status: 200, want: map[string]string{"entries.0.kind": "GENESIS", "entries.0.seq": "0"}},
		{name: "journal from there on", method: http.MethodGet, path: "/journal?from=2&limit=1", role: pos.RoleManager, status: 200, want: map[string]string{"entries.0.seq": "2"}},
		{name: "journal beyond its end", method: http.MethodGet, path: "/journal?from=100000", role: pos.RoleManager, status: 200, want: map[string]string{"entries": "[]"}},
		{name: "journal from before the beginning", method: http.MethodGet, path: "/journal?from=-1", role: pos.RoleManager, status: 422, code: "query.invalid", field: "from range"},
		{name: "journal, too much at once", method: http.MethodGet, path: "/journal?limit=10001", role: pos.RoleManager, status: 422, code: "query.invalid", field: "limit range"},
		{name: "journal from no number", method: http.MethodGet, path: "/journal?from=T26", role: pos.RoleManager, status: 422, code: "query.invalid", field: "from number"},
		{name: "journal as a barista", method: http.MethodGet, path: "/journal", status: 200, want: map[string]string{"entries.0.kind": "GENESIS"}},
		{name: "today", given: []step{aSale}, method: http.MethodGet, path: "/reports/day", role: pos.RoleAccountant, status: 200,
			want: map[string]string{"from": "2026-11-21", "total": "1850", "sales": "1", "vat.0.ttc": "1850", "tenders.0.means": "card", "operators.0.operator": "AWA", "solidarity.meal_units": "1"}},
		{name: "another day", given: []step{aSale}, method: http.MethodGet, path: "/reports/day?date=2026-11-20", role: pos.RoleManager, status: 200, want: map[string]string{"total": "0", "vat": "[]"}},
		{name: "no day", method: http.MethodGet, path: "/reports/day?date=2026-02-30", role: pos.RoleManager, status: 422, code: "query.invalid", field: "date date"},
		{name: "the day as a barista", method: http.MethodGet, path: "/reports/day", status: 200, want: map[string]string{"total": "0"}},
		{name: "some days as a barista", method: http.MethodGet, path: "/reports/range?from=2026-11-01&to=2026-11-30", status: 403, code: "right.missing"},
		{name: "some days", given: []step{aSale}, method: http.MethodGet, path: "/reports/range?from=2026-11-01&to=2026-11-30", role: pos.RoleManager, status: 200,
			want: map[string]string{"total": "1850", "from": "2026-11-01", "to": "2026-11-30"}},
		{name: "days that end before they begin", method: http.MethodGet, path: "/reports/range?from=2026-11-30&to=2026-11-01", role: pos.RoleManager, status: 422, code: "report.range", field: "to range"},
		{name: "too many days", method: http.MethodGet, path: "/reports/range?from=2020-01-01&to=2026-11-01", role: pos.RoleManager, status: 422, code: "report.range"},
	})
}
