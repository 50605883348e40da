package web

import (
	"net/http"
	"testing"

	"comptoir/pos"
)

func TestPartnerCalls(t *testing.T) {
	t.Parallel()
	aPartner := step{path: "/partners", keep: "partner=id", body: `{"name": "Les Repas du Port", "pin": "2468", "status": ["food_bank"], "introduced": true}`, role: pos.RoleManager}
	gifts := step{path: "/sales", body: `{"lines": [{"product": "plat", "qty": 3, "kind": "gift"}], "tenders": [{"means": "card", "amount": 1800}]}`}
	promised := step{path: "/suspended/allotments", keep: "allotment=id", body: `{"partner": "{partner}", "class": "meal", "qty": 3}`}
	collected := step{path: "/suspended/allotments/{allotment}/collect", body: `{"qty": 2, "pin": "2468", "temperature": 63.5, "allergens": "gluten", "initials": "MD"}`}
	given := []step{aPartner, gifts, promised}
	runAll(t, []scenario{
		{name: "add", path: "/partners", role: pos.RoleManager, body: aPartner.body, status: 201, want: map[string]string{"has_pin": "true", "active": "true"}, topics: []string{"partners"}},
		{name: "add as a barista", path: "/partners", body: aPartner.body, status: 403, code: "right.missing"},
		{name: "add without a name", path: "/partners", role: pos.RoleManager, body: `{"name": " "}`, status: 422, code: "partner.invalid"},
		{name: "add with a short PIN", path: "/partners", role: pos.RoleManager, body: `{"name": "A", "pin": "1"}`, status: 422, code: "pin.invalid"},
		{name: "list", given: []step{aPartner}, method: http.MethodGet, path: "/partners", status: 200},
		{name: "read", given: []step{aPartner}, method: http.MethodGet, path: "/partners/{partner}", role: pos.RoleAccountant, status: 200, want: map[string]string{"name": "Les Repas du Port"}},
		{name: "read nobody", method: http.MethodGet, path: "/partners/nobody", status: 404, code: "partner.unknown"},
		{name: "change", given: []step{aPartner}, path: "/partners/{partner}", role: pos.RoleManager, body: `{"contact": "06 12 34 56 78"}`, status: 200,
			want: map[string]string{"contact": "06 12 34 56 78", "name": "Les Repas du Port"}, topics: []string{"partners"}},
		{name: "allot", given: []step{aPartner, gifts}, path: promised.path, body: promised.body, status: 201,
			want: map[string]string{"state": "CONFIRMED", "held": "3"}, topics: []string{"allotments", "shelf"}},
		{name: "allot beyond the shelf", given: []step{aPartner, gifts}, path: promised.path, body: `{"partner": "{partner}", "class": "meal", "qty": 9}`, status: 409, code: "allotment.stock"},
		{name: "allot a negative number", given: []step{aPartner}, path: promised.path, body: `{"partner": "{partner}", "class": "meal", "qty": -3}`, status: 422, code: "allotment.invalid"},
		{name: "allot to nobody", path: promised.path, body: `{"partner": "x", "class": "meal", "qty": 3}`, status: 404, code: "partner.unknown"},
		{name: "ask", given: []step{aPartner}, path: promised.path, body: `{"partner": "{partner}", "class": "meal", "qty": 9, "ask": true}`, status: 201, want: map[string]string{"state": "REQUESTED"}, topics: []string{"allotments", "shelf"}},
		{name: "list allotments", given: given, method: http.MethodGet, path: "/suspended/allotments?from=2026-11-21&to=2026-11-22", status: 200},
		{name: "ready", given: given, path: "/suspended/allotments/{allotment}/ready", status: 200, want: map[string]string{"state": "READY"}, topics: []string{"allotments", "shelf"}},
		{name: "fewer", given: given, path: "/suspended/allotments/{allotment}", body: `{"qty": 1}`, status: 200, want: map[string]string{"held": "1"}, topics: []string{"allotments", "shelf"}},
		{name: "confirm what is confirmed", given: given, path: "/suspended/allotments/{allotment}/confirm", status: 409, code: "allotment.state"},
		{name: "cancel", given: given, path: "/suspended/allotments/{allotment}/cancel", status: 200, want: map[string]string{"state": "CANCELLED", "held": "0"}, topics: []string{"allotments", "shelf"}},
		{name: "collect", given: given, path: collected.path, body: collected.body, status: 201,
			want: map[string]string{"qty": "2", "lapsed": "1", "temperature": "63.5", "number": "1"}, topics: []string{"allotments", "partners", "shelf"}},
		{name: "collect more than was promised", given: given, path: collected.path, body: `{"qty": 9, "pin": "2468"}`, status: 409, code: "collection.more"},
		{name: "collect without the PIN", given: given, path: collected.path, body: `{"qty": 2}`, status: 403, code: "collection.pin"},
		{name: "collect with another PIN", given: given, path: collected.path, body: `{"qty": 2, "pin": "1111"}`, status: 403, code: "partner.pin", left: 1},
		{name: "collect none", given: given, path: collected.path, body: `{"qty": 0, "pin": "2468"}`, status: 422, code: "collection.invalid"},
		{name: "collect as a manager", given: given, path: collected.path, role: pos.RoleManager, body: `{"qty": 4}`, status: 201, want: map[string]string{"qty": "4"}, topics: []string{"allotments", "partners", "shelf"}},
		{name: "read a slip", given: append(given, collected), method: http.MethodGet, path: "/suspended/collections/1", status: 200, want: map[string]string{"qty": "2"}},
		{name: "read no slip", method: http.MethodGet, path: "/suspended/collections/9", status: 404, code: "collection.unknown"},
		{name: "waste", given: append(given, collected), path: "/suspended/collections/1/waste", body: `{"qty": 1}`, status: 200, want: map[string]string{"wasted": "1"}, topics: []string{"allotments"}},
		{name: "waste more than left", given: append(given, collected), path: "/suspended/collections/1/waste", body: `{"qty": 3}`, status: 409, code: "collection.waste"},
		{name: "statement", given: append(given, collected), method: http.MethodGet, path: "/partners/{partner}/statement?month=2026-11", status: 200, want: map[string]string{"lapsed": "1", "given_cost": "0"}},
		{name: "statement of no month", given: given, method: http.MethodGet, path: "/partners/{partner}/statement?month=november", status: 422, code: "query.invalid"},
		{name: "settle", given: []step{aPartner, gifts}, path: "/partners/{partner}/settle", role: pos.RoleManager, status: 201, topics: []string{"allotments", "partners", "shelf"}},
		{name: "settle as a barista", given: []step{aPartner}, path: "/partners/{partner}/settle", status: 403, code: "right.missing"},
	})
}
