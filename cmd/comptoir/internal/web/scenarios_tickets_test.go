package web

import (
	"net/http"
	"strings"
	"testing"

	"comptoir/pos"
)

func TestTicketCalls(t *testing.T) {
	t.Parallel()
	runAll(t, []scenario{
		{name: "open", path: "/tickets", body: `{"mode": "takeaway", "name": "Zoé"}`, status: 201,
			want: map[string]string{"mode": "takeaway", "name": "Zoé", "total": "0", "no": "1", "state": "open"}, topics: []string{"ticket:", "tickets"}},
		{name: "open with an empty body", path: "/tickets", status: 201, want: map[string]string{"mode": "eat_in"}, topics: []string{"ticket:", "tickets"}},
		{name: "open in no mode", path: "/tickets", body: `{"mode": "drive"}`, status: 422, code: "ticket.mode", field: "mode one_of"},
		{name: "open under a long name", path: "/tickets", body: `{"name": "` + strings.Repeat("é", 61) + `"}`, status: 422, code: "text.invalid", field: "name too_long"},
		{name: "open with an unknown field", path: "/tickets", body: `{"nom": "Zoé"}`, status: 422, code: "body.field", field: "nom unknown"},
		{name: "open with a mistyped field", path: "/tickets", body: `{"name": 4}`, status: 422, code: "body.field", field: "name type"},
		{name: "open with broken JSON", path: "/tickets", body: `{"name": `, status: 400, code: "body.json"},
		{name: "open as an accountant", path: "/tickets", role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "list", given: []step{aTicket, aCoffee}, method: http.MethodGet, path: "/tickets", status: 200,
			want: map[string]string{"tickets.0.id": "{ticket}", "tickets.0.total": "440", "tickets.0.version": "{version}"}},
		{name: "list when none is open", method: http.MethodGet, path: "/tickets", status: 200, want: map[string]string{"tickets": "[]"}},
		{name: "read", given: []step{aTicket, aCoffee}, method: http.MethodGet, path: "/tickets/{ticket}", status: 200,
			want: map[string]string{"lines.0.qty": "2", "lines.0.unit_price": "220", "lines.0.vat_bp": "1000", "total": "440"}},
		{name: "read an unknown one", method: http.MethodGet, path: "/tickets/nothing", status: 404, code: "ticket.unknown"},
		{name: "rename", given: []step{aTicket}, path: "/tickets/{ticket}", body: `{"name": "Terrasse"}`, status: 200,
			want: map[string]string{"name": "Terrasse", "mode": "eat_in"}, topics: []string{"ticket:", "tickets"}},
		{name: "take away", given: []step{aTicket, {path: "/tickets/{ticket}/lines", body: `{"product": "eau"}`}}, path: "/tickets/{ticket}", body: `{"mode": "takeaway"}`,
			status: 200, want: map[string]string{"mode": "takeaway", "lines.0.vat_bp": "550"}, topics: []string{"ticket:", "tickets"}},
		{name: "change to no mode", given: []step{aTicket}, path: "/tickets/{ticket}", body: `{"mode": "x"}`, status: 422, code: "ticket.mode"},
		{name: "change what was dropped", given: []step{aTicket, {path: "/tickets/{ticket}/drop"}}, path: "/tickets/{ticket}", body: `{"name": "x"}`, status: 409, code: "ticket.closed"},
		{name: "send", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/send", status: 200, want: map[string]string{"lines.0.sent": "true"}, topics: []string{"ticket:", "tickets"}},
		{name: "note", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/note", status: 201,
			want: map[string]string{"number": "N26-000001", "print": "1", "total": "440", "ticket": "{ticket}"}, topics: []string{"ticket:", "tickets"}},
		{name: "note of nothing", given: []step{aTicket}, path: "/tickets/{ticket}/note", status: 422, code: "ticket.empty"},
		{name: "drop", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/drop", status: 200, want: map[string]string{"state": "dropped"}, topics: []string{"ticket:", "tickets"}},
		{name: "drop what was sent", given: []step{aTicket, aCoffee, itsSent}, path: "/tickets/{ticket}/drop", status: 422, code: "reason.missing", field: "reason required"},
		{name: "drop what was sent, saying why", given: []step{aTicket, aCoffee, itsSent}, path: "/tickets/{ticket}/drop", body: `{"reason": "parti"}`, status: 200,
			want: map[string]string{"state": "dropped"}, topics: []string{"ticket:", "tickets"}},
		{name: "drop as an accountant", given: []step{aTicket}, path: "/tickets/{ticket}/drop", role: pos.RoleAccountant, status: 403, code: "right.missing"},
	})
}

func TestTicketLineCalls(t *testing.T) {
	t.Parallel()
	changed := []string{"ticket:", "tickets"}
	runAll(t, []scenario{
		{name: "add", given: []step{aTicket}, path: "/tickets/{ticket}/lines", body: `{"product": "creme", "qty": 2, "options": ["lait/avoine"], "note": "tiède"}`, status: 201,
			want: map[string]string{"total": "700", "lines.0.options.0.name": "avoine", "lines.0.note": "tiède"}, topics: changed},
		{name: "add the same again", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/lines", body: `{"product": "cafe"}`, status: 201,
			want: map[string]string{"lines.0.qty": "3", "total": "660"}, topics: changed},
		{name: "give one", given: []step{aTicket}, path: "/tickets/{ticket}/lines", body: `{"product": "plat", "kind": "gift"}`, status: 201,
			want: map[string]string{"total": "600", "lines.0.kind": "gift", "meal_units": "0", "voucher_max": "0"}, topics: changed},
		{name: "add too many", given: []step{aTicket}, path: "/tickets/{ticket}/lines", body: `{"product": "cafe", "qty": 100}`, status: 422, code: "line.invalid", field: "qty range"},
		{name: "add less than none", given: []step{aTicket}, path: "/tickets/{ticket}/lines", body: `{"product": "cafe", "qty": -1}`, status: 422, code: "line.invalid", field: "qty range"},
		{name: "add half a coffee", given: []step{aTicket}, path: "/tickets/{ticket}/lines", body: `{"product": "cafe", "qty": 0.5}`, status: 422, code: "body.field", field: "qty type"},
		{name: "add what is not on the menu", given: []step{aTicket}, path: "/tickets/{ticket}/lines", body: `{"product": "the"}`, status: 422, code: "product.unknown"},
		{name: "add without the choice it needs", given: []step{aTicket}, path: "/tickets/{ticket}/lines", body: `{"product": "creme"}`, status: 422, code: "line.invalid", field: "options required"},
		{name: "give what cannot be suspended", given: []step{aTicket}, path: "/tickets/{ticket}/lines", body: `{"product": "biere", "kind": "gift"}`, status: 422, code: "line.invalid", field: "product not_suspended"},
		{name: "add what is sold out", given: []step{aTicket, {path: "/menu/products/cafe/availability", body: `{"available": false}`}}, path: "/tickets/{ticket}/lines", body: `{"product": "cafe"}`,
			status: 409, code: "product.sold_out"},
		{name: "add to no ticket", path: "/tickets/nothing/lines", body: `{"product": "cafe"}`, status: 404, code: "ticket.unknown"},
		{name: "add as an accountant", given: []step{aTicket}, path: "/tickets/{ticket}/lines", body: `{"product": "cafe"}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "change the quantity", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/lines/1", body: `{"qty": 5}`, status: 200, want: map[string]string{"total": "1100"}, topics: changed},
		{name: "change what does not exist", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/lines/9", body: `{"qty": 5}`, status: 404, code: "line.unknown"},
		{name: "change a line that is no number", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/lines/first", body: `{"qty": 5}`, status: 422, code: "query.invalid", field: "line number"},
		{name: "remove one", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/lines/1/remove", body: `{"qty": 1}`, status: 200, want: map[string]string{"lines.0.qty": "1"}, topics: changed},
		{name: "remove all", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/lines/1/remove", status: 200, want: map[string]string{"lines": "[]"}, topics: changed},
		{name: "remove more than there are", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/lines/1/remove", body: `{"qty": 3}`, status: 422, code: "line.invalid", field: "qty range"},
		{name: "remove what was sent", given: []step{aTicket, aCoffee, itsSent}, path: "/tickets/{ticket}/lines/1/remove", body: `{"qty": 1}`, status: 422, code: "reason.missing"},
		{name: "remove what was sent, saying why", given: []step{aTicket, aCoffee, itsSent}, path: "/tickets/{ticket}/lines/1/remove", body: `{"qty": 1, "reason": "erreur"}`, status: 200,
			want: map[string]string{"total": "220"}, topics: changed},
	})
}

func TestTicketCardCalls(t *testing.T) {
	t.Parallel()
	changed := []string{"ticket:", "tickets"}
	runAll(t, []scenario{
		{name: "attach", given: []step{aTicket, aCard}, path: "/tickets/{ticket}/card", body: `{"code": "{card}"}`, status: 200,
			want: map[string]string{"card.number": "{number}", "card.filled": "0"}, topics: changed},
		{name: "attach by address", given: []step{aTicket, aCard}, path: "/tickets/{ticket}/card", body: `{"code": "http://till.local:8081/C/{card}"}`, status: 200,
			want: map[string]string{"card.number": "{number}"}, topics: changed},
		{name: "attach by number", given: []step{aTicket, aCard}, path: "/tickets/{ticket}/card", body: `{"code": "{number}"}`, status: 200,
			want: map[string]string{"card.number": "{number}"}, topics: changed},
		{name: "attach twice", given: []step{aTicket, aCard, {path: "/tickets/{ticket}/card", body: `{"code": "{card}"}`}}, path: "/tickets/{ticket}/card", body: `{"code": "{card}"}`,
			status: 200, want: map[string]string{"card.number": "{number}"}},
		{name: "attach garbage", given: []step{aTicket}, path: "/tickets/{ticket}/card", body: `{"code": "bonjour"}`, status: 422, code: "card.unreadable"},
		{name: "attach a mistyped code", given: []step{aTicket}, path: "/tickets/{ticket}/card", body: `{"code": "FIDCCCCCCCCCCCCCCCCB"}`, status: 422, code: "card.code"},
		{name: "attach an unknown card", given: []step{aTicket}, path: "/tickets/{ticket}/card", body: `{"code": "FIDCCCCCCCCCCCCCCCCC"}`, status: 404, code: "card.unknown"},
		{name: "take it off", given: []step{aTicket, aCard, {path: "/tickets/{ticket}/card", body: `{"code": "{card}"}`}}, path: "/tickets/{ticket}/card/remove", status: 200, topics: changed},
		{name: "attach as an accountant", given: []step{aTicket, aCard}, path: "/tickets/{ticket}/card", body: `{"code": "{card}"}`, role: pos.RoleAccountant, status: 403, code: "right.missing"},
	})
}
