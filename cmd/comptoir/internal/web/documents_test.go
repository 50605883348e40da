package web

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"strings"
	"testing"

	"comptoir/pos"
	"comptoir/receipts/escpos"
)

func TestDocumentCalls(t *testing.T) {
	t.Parallel()
	refund := step{path: "/sales/{sale}/refund", body: `{"lines": [{"line": 1, "qty": 1}], "tender": "card", "reason": "froid"}`, keep: "avoir=number"}
	note := step{path: "/tickets/{ticket}/note", keep: "note=number"}
	runAll(t, []scenario{
		{name: "a ticket", given: []step{aSale}, method: http.MethodGet, path: "/documents/{doc}.json", role: pos.RoleAccountant, status: 200,
			want: map[string]string{"number": "{doc}", "kind": "ticket", "total.ttc": "1850", "lines.0.qty_thousandths": "3000", "payments.0.means": "card",
				"receipt_url": publicURL + "/R/{receipt}", "identity.siret": "12345678200010"}},
		{name: "a refund", given: []step{aSale, refund}, method: http.MethodGet, path: "/documents/{avoir}.json", status: 200,
			want: map[string]string{"kind": "refund", "of": "{doc}", "total.ttc": "-220"}},
		{name: "a note", given: []step{aTicket, aCoffee, note}, method: http.MethodGet, path: "/documents/{note}.json", status: 200,
			want: map[string]string{"kind": "note", "print": "1", "total.ttc": "440", "signature_extract": ""}},
		{name: "a serving, without amounts", given: []step{aGift, aCup}, method: http.MethodGet, path: "/documents/{cup}.json", status: 200,
			want: map[string]string{"kind": "redemption", "priced": "false", "total.ttc": "0", "lines.0.label": "Café"}},
		{name: "as bytes for a printer that nobody knows", given: []step{aSale}, method: http.MethodGet, path: "/documents/{doc}.escpos?profile=laser", status: 422,
			code: "printer.profile", field: "profile one_of"},
		{name: "no document as bytes", method: http.MethodGet, path: "/documents/T26-000099.escpos", status: 404, code: "journal.document"},
		{name: "no document", method: http.MethodGet, path: "/documents/T26-000099.json", status: 404, code: "journal.document"},
		{name: "no number", method: http.MethodGet, path: "/documents/ticket.txt", status: 422, code: "journal.number"},
		{name: "too narrow to read", given: []step{aSale}, method: http.MethodGet, path: "/documents/{doc}.txt?width=10", status: 422, code: "query.invalid", field: "width range"},
	})
}

func TestADocumentReadsTheSameAsTextAndAsAPage(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	doc := text(t, c.post(aSale.path, aSale.body), "number")
	paper := c.do(call{method: http.MethodGet, path: "/api/v1/documents/" + doc + ".txt"})
	page := c.do(call{method: http.MethodGet, path: "/api/v1/documents/" + doc + ".html"})
	for _, want := range []string{"Le Fil", doc, "18,50"} {
		if !strings.Contains(string(paper.body), want) {
			t.Errorf("the text lacks %q:\n%s", want, paper.body)
		}
	}
	if !strings.Contains(html.UnescapeString(string(page.body)), "<pre>"+string(paper.body)+"</pre>") {
		t.Errorf("the page does not hold the text:\n%s", page.body)
	}
	for _, a := range []struct {
		answer
		kind string
	}{{paper, "text/plain; charset=utf-8"}, {page, "text/html; charset=utf-8"}} {
		if got := a.header.Get("Content-Type"); got != a.kind {
			t.Errorf("Content-Type %q, want %q", got, a.kind)
		}
	}
	for line := range strings.SplitSeq(string(c.do(call{method: http.MethodGet, path: "/api/v1/documents/" + doc + ".txt?width=32"}).body), "\n") {
		if n := len([]rune(line)); n > 32 {
			t.Errorf("a line of %d columns on paper of 32: %q", n, line)
		}
	}
}

// What a printer is sent begins with a reset and ends with a cut, for a sale and for a closing, in each profile; nothing is given out by it.
func TestADocumentAsBytesForEachPrinter(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	doc := text(t, c.post(aSale.path, aSale.body), "number")
	day := c.ok(call{method: http.MethodPost, path: "/api/v1/closings", body: `{"level": "day"}`, role: pos.RoleManager})["number"].(string)
	for _, number := range []string{doc, day} {
		for _, p := range escpos.Profiles() {
			a := c.do(call{method: http.MethodGet, path: "/api/v1/documents/" + number + ".escpos?profile=" + p.Name})
			if a.status != http.StatusOK || a.header.Get("Content-Type") != "application/octet-stream" || !bytes.HasPrefix(a.body, []byte("\x1b@\x1bR\x00\x1bt")) {
				t.Errorf("%s for %s: %d %s % x", number, p.Name, a.status, a.header.Get("Content-Type"), a.body[:min(len(a.body), 40)])
			}
		}
		usual := c.do(call{method: http.MethodGet, path: "/api/v1/documents/" + number + ".escpos"}).body
		if !bytes.HasSuffix(usual, []byte("\x1dV\x42\x00")) || !bytes.Contains(usual, []byte(number)) {
			t.Errorf("%s without a profile: % x", number, usual)
		}
	}
	first := c.post("/documents/"+doc+"/print", `{}`)
	if fmt.Sprint(first["duplicate"]) != "0" {
		t.Errorf("the first print after it: %v", first)
	}
}
