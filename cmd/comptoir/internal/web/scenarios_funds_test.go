package web

import (
	"net/http"
	"testing"

	"comptoir/pos"
)

func TestFundCalls(t *testing.T) {
	t.Parallel()
	given := step{path: "/tickets/{ticket}/round-up", body: `{"to": "fund", "amount": 700}`}
	paidFor := step{path: "/tickets/{ticket}/checkout", body: `{"tenders": [{"means": "card", "amount": 1140}]}`}
	partner := step{path: "/partners", body: `{"name": "Les Tables"}`, keep: "partner=id", role: pos.RoleManager}
	lot := step{path: "/sponsors", body: `{"name": "Vins du Port", "address": "2 quai", "class": "meal", "qty": 10}`, keep: "lot=id", role: pos.RoleManager}
	changed := []string{"ticket:", "tickets"}
	m, a := pos.RoleManager, pos.RoleAccountant
	runAll(t, []scenario{
		{name: "round up to the fund", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/round-up", body: `{"to": "fund", "amount": 60}`, status: 200,
			want: map[string]string{"total": "500", "round_ups.0.to": "fund", "round_ups.0.amount": "60", "lines.1.product": "susp-fund"}, topics: changed},
		{name: "round up for an association", given: []step{partner, aTicket, aCoffee}, path: "/tickets/{ticket}/round-up", body: `{"to": "{partner}", "amount": 60}`, status: 200,
			want: map[string]string{"total": "500", "rest": "500", "round_ups.0.name": "Les Tables", "round_ups.0.amount": "60"}, topics: changed},
		{name: "round up by less than nothing", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/round-up", body: `{"to": "fund", "amount": -1}`, status: 422,
			code: "round_up.invalid", field: "amount range"},
		{name: "round up for nobody", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/round-up", body: `{"amount": 1}`, status: 422, code: "round_up.invalid", field: "to required"},
		{name: "round up for an unknown one", given: []step{aTicket, aCoffee}, path: "/tickets/{ticket}/round-up", body: `{"to": "x", "amount": 1}`, status: 404, code: "partner.unknown"},
		{name: "round up as an accountant", given: []step{aTicket}, path: "/tickets/{ticket}/round-up", body: `{}`, role: a, status: 403, code: "right.missing"},
		{name: "the funds", given: []step{aTicket, aCoffee, given, paidFor}, method: http.MethodGet, path: "/funds", role: a, status: 200,
			want: map[string]string{"funds.0.fund": "CAFE_FUND", "funds.0.balance": "100", "class": "meal", "price": "600", "can_be": "0", "to_next": "500"}},
		{name: "their entries", given: []step{aTicket, aCoffee, given, paidFor}, method: http.MethodGet, path: "/funds/entries?from=2026-11-21&to=2026-11-21", role: a, status: 200,
			want: map[string]string{"entries.0.cause": "GIVEN", "entries.0.amount": "700", "entries.1.cause": "MINTED", "entries.1.amount": "-600"}},
		{name: "mint nothing", path: "/funds/mint", role: m, status: 409, code: "fund.short"},
		{name: "remit what is not held", given: []step{partner}, path: "/funds/remittances", role: m, body: `{"to": "{partner}", "means": "transfer", "amount": 5}`, status: 409, code: "fund.spent"},
		{name: "remit by card", given: []step{partner}, path: "/funds/remittances", role: m, body: `{"to": "{partner}", "means": "card"}`, status: 422, code: "remittance.invalid", field: "means one_of"},
		{name: "no remittance", method: http.MethodGet, path: "/funds/remittances", role: a, status: 200, want: map[string]string{"remittances": "[]", "pledges": "[]"}},
		{name: "an unknown remittance", method: http.MethodGet, path: "/funds/remittances/7", role: a, status: 404, code: "remittance.unknown"},
		{name: "propose to a sponsor", path: "/sponsors", role: m, body: `{"name": "Vins du Port", "address": "2 quai", "class": "meal", "qty": 10}`, status: 201,
			want: map[string]string{"no": "1", "price": "600", "total": "6000", "sponsor.name": "Vins du Port"}, topics: []string{"funds"}},
		{name: "propose nothing", path: "/sponsors", role: m, body: `{"name": "X", "address": "Y", "class": "meal", "qty": 0}`, status: 422, code: "sponsor.invalid", field: "qty range"},
		{name: "propose to nobody", path: "/sponsors", role: m, body: `{"class": "meal", "qty": 1}`, status: 422, code: "invoice.invalid"},
		{name: "propose as a barista", path: "/sponsors", body: `{}`, status: 403, code: "right.missing"},
		{name: "sponsors", given: []step{lot}, method: http.MethodGet, path: "/sponsors", role: a, status: 200, want: map[string]string{"sponsors.0.id": "{lot}", "sponsors.0.qty": "10"}},
		{name: "pay a lot", given: []step{lot}, path: "/sponsors/{lot}/pay", role: m, body: `{"means": "transfer"}`, status: 201,
			want: map[string]string{"number": "T26-000001", "invoice": "I26-000001", "paid": "2026-11-21"}, topics: []string{"sales", "shelf", "tickets"}},
		{name: "pay a lot in cash", given: []step{lot}, path: "/sponsors/{lot}/pay", role: m, body: `{"means": "cash"}`, status: 422, code: "tenders.means", field: "means one_of"},
		{name: "pay an unknown lot", path: "/sponsors/x/pay", role: m, body: `{"means": "card"}`, status: 404, code: "sponsor.unknown"},
		{name: "give a lot up", given: []step{lot}, path: "/sponsors/{lot}/cancel", role: m, status: 200, want: map[string]string{"cancelled": "2026-11-21"}, topics: []string{"funds"}},
		{name: "pay what was given up", given: []step{lot, {path: "/sponsors/{lot}/cancel", role: m}}, path: "/sponsors/{lot}/pay", role: m, body: `{"means": "card"}`, status: 409, code: "sponsor.settled"},
		{name: "the share of a sponsor", given: []step{lot, {path: "/sponsors/{lot}/pay", body: `{"means": "card"}`, role: m}}, method: http.MethodGet, path: "/sponsors/{lot}/statement", role: a, status: 200,
			want: map[string]string{"given": "10", "waiting": "10", "months": "[]"}},
	})
}
