package web

import (
	"net/http"
	"testing"

	"comptoir/pos"
)

func TestCheckoutCalls(t *testing.T) {
	t.Parallel()
	order := []step{aTicket, aCoffee}
	const path = "/tickets/{ticket}/checkout"
	runAll(t, []scenario{
		{name: "in cash, with change", given: order, path: path, body: `{"expected_total": 440, "version": {version}, "tenders": [{"means": "cash", "amount": 440, "given": 1000}]}`,
			status: 201, want: map[string]string{"total": "440", "change": "560", "number": "T26-000001", "stamps": "0", "warnings": "[]"}, topics: []string{"sales", "ticket:", "tickets"}},
		{name: "split in two", given: order, path: path, body: `{"tenders": [{"means": "card", "amount": 140}, {"means": "meal_voucher", "amount": 300}]}`, status: 201,
			want: map[string]string{"total": "440", "change": "0"}, topics: []string{"sales", "ticket:", "tickets"}},
		{name: "of a total that is no longer shown", given: order, path: path, body: `{"expected_total": 220, "tenders": [{"means": "card", "amount": 220}]}`,
			status: 409, code: "ticket.stale", want: map[string]string{"total": "440", "version": "{version}"}},
		{name: "of a version that is no longer shown", given: order, path: path, body: `{"version": 1, "tenders": [{"means": "card", "amount": 440}]}`,
			status: 409, code: "ticket.stale", want: map[string]string{"total": "440", "version": "{version}"}},
		{name: "short", given: order, path: path, body: `{"tenders": [{"means": "card", "amount": 400}]}`, status: 422, code: "tenders.sum", field: "tenders sum"},
		{name: "with change by card", given: order, path: path, body: `{"tenders": [{"means": "card", "amount": 440, "given": 500}]}`, status: 422, code: "tenders.change", field: "tenders[0].given cash_only"},
		{name: "by favour", given: order, path: path, body: `{"tenders": [{"means": "favour", "amount": 440}]}`, status: 422, code: "tenders.means", field: "tenders[0].means one_of"},
		{name: "by meal voucher for a beer", given: []step{aTicket, {path: "/tickets/{ticket}/lines", body: `{"product": "biere"}`}}, path: path,
			body: `{"tenders": [{"means": "meal_voucher", "amount": 450}]}`, status: 422, code: "voucher.food"},
		{name: "by meal voucher for a gift", given: []step{aTicket, {path: "/tickets/{ticket}/lines", body: `{"product": "cafe", "kind": "gift"}`}}, path: path,
			body: `{"tenders": [{"means": "meal_voucher", "amount": 180}]}`, status: 422, code: "voucher.food"},
		{name: "over the daily limit of a voucher", given: []step{aTicket, {path: "/tickets/{ticket}/lines", body: `{"product": "plat", "qty": 3}`}}, path: path,
			body: `{"tenders": [{"means": "meal_voucher", "amount": 3570}]}`, status: 201, want: map[string]string{"warnings.0": "meal_voucher.over_25"}, topics: []string{"sales", "ticket:", "tickets"}},
		{name: "of nothing", given: []step{aTicket}, path: path, body: `{"tenders": []}`, status: 422, code: "ticket.empty"},
		{name: "twice", given: append(order, step{path: path, body: `{"tenders": [{"means": "card", "amount": 440}]}`}), path: path, body: `{"tenders": [{"means": "card", "amount": 440}]}`,
			status: 409, code: "ticket.closed"},
		{name: "without a shift", shut: true, given: order, path: path, body: `{"tenders": [{"means": "card", "amount": 440}]}`, status: 409, code: "shift.none"},
		{name: "as an accountant", given: order, path: path, body: `{"tenders": []}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "of an unknown ticket", path: "/tickets/nothing/checkout", body: `{"tenders": []}`, status: 404, code: "ticket.unknown"},
	})
}

func TestSaleCalls(t *testing.T) {
	t.Parallel()
	const meal = `"lines": [{"product": "plat"}], "tenders": [{"means": "card", "amount": 1190}]`
	runAll(t, []scenario{
		{name: "sell", path: "/sales", body: `{"mode": "takeaway", "lines": [{"product": "cafe", "qty": 2}], "tenders": [{"means": "cash", "amount": 440, "given": 500}]}`, status: 201,
			want: map[string]string{"total": "440", "change": "60", "redemptions": "[]"}, topics: []string{"sales", "tickets"}},
		{name: "sell a meal to a card", given: []step{aCard}, path: "/sales", body: `{` + meal + `, "card": "{card}"}`, status: 201,
			want: map[string]string{"stamps": "1", "released": "0"}, topics: []string{"card:", "sales", "tickets"}},
		{name: "sell a gift", path: "/sales", body: `{"lines": [{"product": "cafe", "kind": "gift"}], "tenders": [{"means": "card", "amount": 180}]}`, status: 201,
			want: map[string]string{"total": "180"}, topics: []string{"sales", "shelf", "tickets"}},
		{name: "serve on the way", path: "/sales", body: `{"lines": [{"product": "eau"}, {"product": "cafe", "kind": "redemption"}], "tenders": [{"means": "card", "amount": 200}]}`, status: 201,
			want: map[string]string{"total": "200", "redemptions.0.origin": "HOUSE"}, topics: []string{"sales", "shelf", "tickets"}},
		{name: "sell nothing", path: "/sales", body: `{"lines": []}`, status: 422, code: "ticket.empty"},
		{name: "sell by a misspelt field", path: "/sales", body: `{"lines": [{"product": "cafe", "quantity": 2}]}`, status: 422, code: "body.field", field: "lines[0].quantity unknown", left: 1},
		{name: "sell none", path: "/sales", body: `{"lines": [{"product": "eau"}, {"product": "cafe", "qty": 0}]}`, status: 422, code: "line.invalid", field: "lines[1].qty range"},
		{name: "sell a hundred", path: "/sales", body: `{"lines": [{"product": "eau"}, {"product": "cafe", "qty": 100}]}`, status: 422, code: "line.invalid", field: "lines[1].qty range"},
		{name: "sell to a bad card", path: "/sales", body: `{` + meal + `, "card": "FIDX"}`, status: 422, code: "card.unreadable"},
		{name: "sell without a shift", shut: true, path: "/sales", body: `{` + meal + `}`, status: 409, code: "shift.none"},
		{name: "sell as an accountant", path: "/sales", body: `{` + meal + `}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "read", given: []step{aSale}, method: http.MethodGet, path: "/sales/{sale}", status: 200, role: pos.RoleAccountant,
			want: map[string]string{"number": "{doc}", "lines.0.qty": "3", "lines.0.refunded_qty": "0", "lines.1.unit_price": "1190", "lines.1.id": "2", "tenders.0.means": "card", "kind": "sale"}},
		{name: "read by number", given: []step{aSale}, method: http.MethodGet, path: "/sales/{doc}", status: 200, want: map[string]string{"id": "{sale}"}},
		{name: "read an unknown one", method: http.MethodGet, path: "/sales/T26-000009", status: 404, code: "sale.unknown"},
		{name: "list the day", given: []step{aSale}, method: http.MethodGet, path: "/sales", status: 200, want: map[string]string{"sales.0.id": "{sale}"}},
		{name: "list another day", given: []step{aSale}, method: http.MethodGet, path: "/sales?date=2026-11-20", status: 200, want: map[string]string{"sales": "[]"}},
		{name: "list no day", method: http.MethodGet, path: "/sales?date=yesterday", status: 422, code: "query.invalid", field: "date date"},
		{name: "list too many", method: http.MethodGet, path: "/sales?limit=100000", status: 422, code: "query.invalid", field: "limit range"},
	})
}

func TestChargebackCalls(t *testing.T) {
	t.Parallel()
	const path, body = "/sales/{sale}/chargeback", `{"lines": [{"line": 2, "qty": 1}]}`
	runAll(t, []scenario{
		{name: "case 33 a meal without a stamp has none to lose", given: []step{aSale}, path: path, body: body, role: pos.RoleManager,
			status: 422, code: "refund.beyond", field: "lines[0].qty beyond", want: map[string]string{"left": "0"}},
		{name: "of nothing", given: []step{aSale}, path: path, body: `{"lines": []}`, role: pos.RoleManager, status: 422, code: "refund.empty"},
		{name: "of an unknown sale", path: "/sales/nothing/chargeback", body: body, role: pos.RoleManager, status: 404, code: "sale.unknown"},
		{name: "as a barista", given: []step{aSale}, path: path, body: body, role: pos.RoleBarista, status: 403, code: "right.missing"},
	})
}

func TestRefundCalls(t *testing.T) {
	t.Parallel()
	const path = "/sales/{sale}/refund"
	one := step{path: path, body: `{"lines": [{"line": 1, "qty": 1}], "tender": "card", "reason": "froid"}`}
	runAll(t, []scenario{
		{name: "one coffee", given: []step{aSale}, path: path, body: one.body, status: 201,
			want: map[string]string{"number": "A26-000001", "total": "-220", "stamps_reversed": "0", "items_retracted": "0", "house_advance": "0"}, topics: []string{"sales"}},
		{name: "beyond what was sold", given: []step{aSale}, path: path, body: `{"lines": [{"line": 1, "qty": 4}], "tender": "card", "reason": "froid"}`,
			status: 422, code: "refund.beyond", field: "lines[0].qty beyond", want: map[string]string{"left": "3"}},
		{name: "beyond what is left", given: []step{aSale, one, one}, path: path, body: `{"lines": [{"line": 2, "qty": 1}, {"line": 1, "qty": 2}], "tender": "card", "reason": "froid"}`,
			status: 422, code: "refund.beyond", field: "lines[1].qty beyond", want: map[string]string{"left": "1"}},
		{name: "a line that does not exist", given: []step{aSale}, path: path, body: `{"lines": [{"line": 8, "qty": 1}], "tender": "card", "reason": "froid"}`, status: 422, code: "refund.beyond", field: "lines[0].line unknown"},
		{name: "without saying why", given: []step{aSale}, path: path, body: `{"lines": [{"line": 1, "qty": 1}], "tender": "card", "reason": " "}`, status: 422, code: "reason.missing", field: "reason required"},
		{name: "by no means", given: []step{aSale}, path: path, body: `{"lines": [{"line": 1, "qty": 1}], "tender": "gold", "reason": "froid"}`, status: 422, code: "tenders.means"},
		{name: "of nothing", given: []step{aSale}, path: path, body: `{"lines": [], "tender": "card", "reason": "froid"}`, status: 422, code: "refund.empty"},
		{name: "a gift on the shelf", given: []step{aGift}, path: path, body: `{"lines": [{"line": 1, "qty": 2}], "tender": "cash", "reason": "erreur", "proof": "{proof}"}`, status: 201,
			want: map[string]string{"total": "-360", "items_retracted": "2"}, topics: []string{"sales", "shelf"}},
		{name: "a gift without its proof", given: []step{aGift}, path: path, body: `{"lines": [{"line": 1, "qty": 2}], "tender": "cash", "reason": "erreur"}`, status: 403, code: "gift.proof", field: "proof required"},
		{name: "a gift with another code", given: []step{aGift}, path: path, body: `{"lines": [{"line": 1, "qty": 2}], "tender": "cash", "reason": "erreur", "proof": "CBDEFGHIJKLNC"}`, status: 403, code: "gift.proof", field: "proof wrong"},
		{name: "a gift by a manager", given: []step{aGift}, path: path, body: `{"lines": [{"line": 1, "qty": 2}], "tender": "cash", "reason": "erreur"}`, role: pos.RoleManager, status: 201, topics: []string{"sales", "shelf"}},
		{name: "a gift with the PIN of a manager", given: []step{aGift}, path: path, body: `{"lines": [{"line": 1, "qty": 2}], "tender": "cash", "reason": "erreur", "approval": {"operator": "Marie", "pin": "9999"}}`, status: 201, topics: []string{"sales", "shelf"}},
		{name: "a gift that was served", given: []step{aGift, aCup}, path: path, body: `{"lines": [{"line": 1, "qty": 2}], "tender": "cash", "reason": "erreur", "proof": "{proof}"}`, status: 409, code: "gift.served"},
		{name: "without a shift", given: []step{aSale, {path: "/shifts/current/close", body: `{"counted": []}`}}, path: path, body: one.body, status: 409, code: "shift.none"},
		{name: "an unknown sale", path: "/sales/nothing/refund", body: one.body, status: 404, code: "sale.unknown"},
		{name: "as an accountant", given: []step{aSale}, path: path, body: one.body, role: pos.RoleAccountant, status: 403, code: "right.missing"},
	})
}
