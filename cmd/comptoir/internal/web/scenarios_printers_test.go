package web

import (
	"net/http"
	"testing"

	"comptoir/pos"
)

func TestPrinterCalls(t *testing.T) {
	t.Parallel()
	set := step{path: "/printers", body: `{"name": "Comptoir", "uri": "virtual:"}`, role: pos.RoleManager}
	sold := step{path: "/sales", keep: "number=number", body: `{"lines": [{"product": "plat", "qty": 1}], "tenders": [{"means": "card", "amount": 1190}]}`}
	printed := step{path: "/documents/{number}/print", keep: "job=job", body: `{"printer": "comptoir"}`}
	given := []step{set, sold, printed}
	runAll(t, []scenario{
		{name: "set up", path: set.path, body: set.body, role: pos.RoleManager, status: 201, want: map[string]string{"name": "Comptoir", "receipts": "true", "active": "true"}, topics: []string{"devices"}},
		{name: "set up as a barista", path: set.path, body: set.body, status: 403, code: "right.missing"},
		{name: "set up nowhere", path: set.path, body: `{"name": "Bar", "uri": "http://bar"}`, role: pos.RoleManager, status: 422, code: "printer.invalid"},
		{name: "set up without a name", path: set.path, body: `{"name": " ", "uri": "virtual:"}`, role: pos.RoleManager, status: 422, code: "printer.invalid"},
		{name: "set up as no profile", path: set.path, body: `{"name": "Bar", "uri": "virtual:", "profile": "112"}`, role: pos.RoleManager, status: 422, code: "printer.profile"},
		{name: "change", given: []step{set}, path: set.path, body: `{"name": "COMPTOIR", "page": 19, "charmap": "cp858"}`, role: pos.RoleManager, status: 201, want: map[string]string{"name": "Comptoir"}, topics: []string{"devices"}},
		{name: "list", given: []step{set}, method: http.MethodGet, path: "/printers", role: pos.RoleAccountant, status: 200},
		{name: "test", given: []step{set}, path: "/printers/Comptoir/test", role: pos.RoleManager, status: 201, topics: []string{"printing"}},
		{name: "test as a barista", given: []step{set}, path: "/printers/Comptoir/test", status: 403, code: "right.missing"},
		{name: "test none", path: "/printers/Bar/test", role: pos.RoleManager, status: 404, code: "printer.unknown"},
		{name: "remove", given: []step{set}, path: "/printers/Comptoir/remove", role: pos.RoleManager, status: 200, topics: []string{"devices"}},
		{name: "remove none", path: "/printers/Comptoir/remove", role: pos.RoleManager, status: 404, code: "printer.unknown"},
		{name: "print", given: []step{set, sold}, path: printed.path, body: printed.body, status: 201, want: map[string]string{"printer": "Comptoir", "duplicate": "0"}, topics: []string{"printing", "sales"}},
		{name: "print on none", given: []step{set, sold}, path: printed.path, body: `{"printer": "Bar"}`, status: 404, code: "printer.unknown"},
		{name: "jobs", given: given, method: http.MethodGet, path: "/print-jobs", status: 200},
		{name: "jobs as an accountant", method: http.MethodGet, path: "/print-jobs", role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "a job", given: given, method: http.MethodGet, path: "/print-jobs/{job}", status: 200, want: map[string]string{"state": "queued", "kind": "document", "asks": "false"}},
		{name: "no job", method: http.MethodGet, path: "/print-jobs/x", status: 404, code: "print.no_job"},
		{name: "answer", given: given, path: "/print-jobs/{job}/answer", body: `{"answer": "drop"}`, status: 200, want: map[string]string{"state": "dropped"}, topics: []string{"printing"}},
		{name: "answer what does not ask", given: given, path: "/print-jobs/{job}/answer", body: `{"answer": "came_out"}`, status: 409, code: "print.moved"},
		{name: "answer nothing", given: given, path: "/print-jobs/{job}/answer", body: `{"answer": "maybe"}`, status: 422, code: "print.answer"},
	})
}
