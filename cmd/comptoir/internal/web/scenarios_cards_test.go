package web

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"comptoir/pos"
)

func TestCardCalls(t *testing.T) {
	t.Parallel()
	const unknown, mistyped = "FIDCCCCCCCCCCCCCCCCC", "FIDCCCCCCCCCCCCCCCCB"
	meals := step{path: "/sales", keep: "sale=id receipt=receipt_code", body: `{"lines": [{"product": "plat", "qty": 2}], "tenders": [{"means": "card", "amount": 2380}]}`}
	claimed := step{path: "/cards/{card}/claim", body: `{"receipt_code": "{receipt}"}`}
	other := step{path: "/cards", keep: "other=code"}
	runAll(t, []scenario{
		{name: "new", path: "/cards", status: 201, topics: nil},
		{name: "new as an accountant", path: "/cards", role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "read", given: []step{aCard, meals, claimed}, method: http.MethodGet, path: "/cards/{card}", status: 200,
			want: map[string]string{"stamps": "2", "filled": "2", "released": "0", "served": "0", "number": "{number}"}},
		{name: "read by number", given: []step{aCard}, method: http.MethodGet, path: "/cards/{number}", status: 200, want: map[string]string{"stamps": "0"}},
		{name: "read an unknown one", method: http.MethodGet, path: "/cards/" + unknown, status: 404, code: "card.unknown"},
		{name: "read a mistyped one", method: http.MethodGet, path: "/cards/" + mistyped, status: 422, code: "card.code"},
		{name: "read as an accountant", given: []step{aCard}, method: http.MethodGet, path: "/cards/{card}", role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "claim", given: []step{aCard, meals}, path: claimed.path, body: claimed.body, status: 200,
			want: map[string]string{"stamps": "2", "released": "0", "filled": "2"}, topics: []string{"card:"}},
		{name: "claim what is claimed", given: []step{aCard, meals, claimed}, path: claimed.path, body: claimed.body, status: 200, want: map[string]string{"stamps": "0", "filled": "2"}},
		{name: "claim with no receipt", given: []step{aCard}, path: claimed.path, body: `{"receipt_code": "CCCCCCCCCCCCC"}`, status: 404, code: "receipt.unknown"},
		{name: "claim to an unknown card", given: []step{meals}, path: "/cards/" + unknown + "/claim", body: claimed.body, status: 404, code: "card.unknown"},
		{name: "merge", given: []step{aCard, meals, claimed, other}, path: "/cards/merge", body: `{"from": "{card}", "into": "{other}"}`, status: 200,
			want: map[string]string{"stamps": "2"}, topics: []string{"card:"}},
		{name: "read a merged one", given: []step{aCard, other, {path: "/cards/merge", body: `{"from": "{card}", "into": "{other}"}`}}, method: http.MethodGet, path: "/cards/{card}",
			status: 410, code: "card.replaced"},
		{name: "merge into nothing", given: []step{aCard}, path: "/cards/merge", body: `{"from": "{card}", "into": ""}`, status: 422, code: "card.unreadable"},
		{name: "merge as an accountant", path: "/cards/merge", role: pos.RoleAccountant, body: `{"from": "a", "into": "b"}`, status: 403, code: "right.missing"},
		{name: "move stamps to the right card", given: []step{aCard, meals, claimed, other}, path: "/sales/{sale}/card", body: `{"code": "{other}"}`, status: 200,
			want: map[string]string{"stamps": "2", "filled": "2"}, topics: []string{"card:"}},
		{name: "move stamps to a bad card", given: []step{meals}, path: "/sales/{sale}/card", body: `{"code": "` + mistyped + `"}`, status: 422, code: "card.code"},
		{name: "move stamps of no sale", given: []step{aCard}, path: "/sales/nothing/card", body: `{"code": "{card}"}`, status: 404, code: "sale.unknown"},
		{name: "lost", given: []step{aCard, meals, claimed}, path: "/cards/{card}/lost", status: 200, want: map[string]string{"stamps": "2"}, topics: []string{"card:"}},
		{name: "read a lost one", given: []step{aCard, {path: "/cards/{card}/lost"}}, method: http.MethodGet, path: "/cards/{card}", status: 410, code: "card.replaced"},
		{name: "lose no card", path: "/cards/" + unknown + "/lost", status: 404, code: "card.unknown"},
		{name: "lost as an accountant", path: "/cards/x/lost", role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "replace by number", given: []step{aCard, meals, claimed}, path: "/cards/{number}/replace", status: 201, topics: []string{"card:"}},
		{name: "replace what was lost", given: []step{aCard, {path: "/cards/{card}/lost"}}, path: "/cards/{number}/replace", status: 201, topics: []string{"card:"}},
		{name: "replace twice", given: []step{aCard, {path: "/cards/{number}/replace"}}, path: "/cards/{card}/replace", status: 410, code: "card.replaced"},
		{name: "replace a mistyped one", path: "/cards/" + mistyped + "/replace", status: 422, code: "card.code"},
		{name: "contact", given: []step{aCard}, path: "/cards/{card}/contact", body: `{"contact": "Ada@Example.org"}`, status: 200, want: map[string]string{"contact": "a…@e…"}, topics: []string{"card:"}},
		{name: "contact that is none", given: []step{aCard}, path: "/cards/{card}/contact", body: `{"contact": "call me"}`, status: 422, code: "contact.invalid"},
		{name: "contact erased", given: []step{aCard, {path: "/cards/{card}/contact", body: `{"contact": "06 12 34 56 78"}`}}, path: "/cards/{card}/contact", body: `{"contact": ""}`,
			status: 200, want: map[string]string{"contact": ""}, topics: []string{"card:"}},
		{name: "find by contact", given: []step{aCard, {path: "/cards/{card}/contact", body: `{"contact": "0612345678"}`}}, path: "/cards/find", body: `{"contact": "+33 6 12 34 56 78"}`, status: 200},
		{name: "find by no contact", path: "/cards/find", body: `{"contact": "nobody@example.org"}`, status: 404, code: "contact.unknown"},
		{name: "data", given: []step{aCard, meals, claimed}, method: http.MethodGet, path: "/cards/{card}/data", status: 200},
		{name: "data of no card", method: http.MethodGet, path: "/cards/" + unknown + "/data", status: 404, code: "card.unknown"},
		{name: "import", given: []step{aCard}, path: "/cards/{card}/import", role: pos.RoleManager, body: `{"stamps": 8, "voided": true}`, status: 200, want: map[string]string{"stamps": "8"}, topics: []string{"card:"}},
		{name: "import nine", given: []step{aCard}, path: "/cards/{card}/import", role: pos.RoleManager, body: `{"stamps": 9, "voided": true}`, status: 422, code: "grant.count"},
		{name: "import a card that was not kept", given: []step{aCard}, path: "/cards/{card}/import", role: pos.RoleManager, body: `{"stamps": 3, "voided": false}`, status: 422, code: "import.voided"},
		{name: "import as a barista", path: "/cards/x/import", body: `{"stamps": 3, "voided": true}`, status: 403, code: "right.missing"},
		{name: "goodwill", given: []step{aCard}, path: "/cards/{card}/goodwill", role: pos.RoleManager, body: `{"stamps": 2}`, status: 200, want: map[string]string{"stamps": "2"}, topics: []string{"card:"}},
		{name: "goodwill beyond the month", given: []step{aCard, {path: "/cards/{card}/goodwill", role: pos.RoleManager, body: `{"stamps": 9}`}}, path: "/cards/{card}/goodwill",
			role: pos.RoleManager, body: `{"stamps": 2}`, status: 409, code: "goodwill.spent"},
		{name: "goodwill as a barista", path: "/cards/x/goodwill", body: `{"stamps": 1}`, status: 403, code: "right.missing"},
		{name: "erase", given: []step{aCard}, path: "/cards/{card}/erase", role: pos.RoleManager, status: 200},
		{name: "erase as a barista", path: "/cards/x/erase", status: 403, code: "right.missing"},
		{name: "a sheet", path: "/cards/sheet", role: pos.RoleManager, body: `{"count": 3}`, status: 201},
		{name: "a sheet of too many", path: "/cards/sheet", role: pos.RoleManager, body: `{"count": 51}`, status: 422, code: "sheet.count"},
		{name: "a sheet as a barista", path: "/cards/sheet", body: `{"count": 3}`, status: 403, code: "right.missing"},
		{name: "a picture needs the full code", given: []step{aCard}, method: http.MethodGet, path: "/cards/{number}/qr.svg", status: 422, code: "card.unreadable"},
		{name: "no picture of an unknown card", method: http.MethodGet, path: "/cards/" + unknown + "/qr.png", status: 404, code: "card.unknown"},
	})
}

func TestACardIsAPicture(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	code := text(t, c.post("/cards", ""), "code")
	for _, p := range []struct{ suffix, kind, begins string }{
		{"/qr.svg", "image/svg+xml", "<svg"},
		{"/qr.png", "image/png", "\x89PNG"},
	} {
		a := c.do(call{method: http.MethodGet, path: "/api/v1/cards/" + code + p.suffix})
		if a.status != http.StatusOK || a.header.Get("Content-Type") != p.kind || !bytes.Contains(a.body[:min(200, len(a.body))], []byte(p.begins)) {
			t.Errorf("%s: %d %s, %d bytes", p.suffix, a.status, a.header.Get("Content-Type"), len(a.body))
		}
	}
}

func TestCase9AReceiptLapsesAfterThirtyDays(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	code := text(t, c.post("/cards", ""), "code")
	receipt := text(t, c.post("/sales", `{"lines": [{"product": "plat"}], "tenders": [{"means": "card", "amount": 1190}]}`), "receipt_code")
	c.clock.Advance(31 * 24 * time.Hour)
	a := c.do(call{method: http.MethodPost, path: "/api/v1/cards/" + code + "/claim", body: `{"receipt_code": "` + receipt + `"}`})
	if got := text(t, a.json(t), "code"); a.status != http.StatusGone || got != "receipt.expired" {
		t.Errorf("got %d %s", a.status, got)
	}
}

func TestT9NumbersCannotBeWalkedThroughButCodesAreNotCounted(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	card := c.post("/cards", "")
	code, cardNumber := text(t, card, "code"), text(t, card, "number")
	for range 2 * scansPerMinute {
		c.get("/suspended")
		c.ok(call{method: http.MethodGet, path: "/api/v1/cards/" + code})
	}
	for range scansPerMinute {
		c.ok(call{method: http.MethodGet, path: "/api/v1/cards/" + cardNumber})
	}
	for _, r := range []call{
		{method: http.MethodGet, path: "/api/v1/cards/" + cardNumber},
		{method: http.MethodGet, path: "/api/v1/cards/" + cardNumber[:3] + "%20" + cardNumber[3:]},
		{method: http.MethodPost, path: "/api/v1/cards/" + cardNumber + "/claim", body: `{"receipt_code": "X"}`},
		{method: http.MethodPost, path: "/api/v1/cards/merge", body: `{"from": "` + cardNumber + `", "into": "` + code + `"}`},
		{method: http.MethodPost, path: "/api/v1/sales", body: `{"lines": [], "card": "` + cardNumber + `"}`},
		{method: http.MethodPost, path: "/api/v1/sales/x/card", body: `{"code": "` + cardNumber + `"}`},
		{method: http.MethodPost, path: "/api/v1/tickets/x/card", body: `{"code": "` + cardNumber + `"}`},
	} {
		a := c.do(r)
		if a.status != http.StatusTooManyRequests || !strings.Contains(string(a.body), "scan.many") || a.header.Get("Retry-After") == "" {
			t.Errorf("%s %s: %d %s, Retry-After %q", r.method, r.path, a.status, a.body, a.header.Get("Retry-After"))
		}
	}
	c.ok(call{method: http.MethodGet, path: "/api/v1/cards/" + code})
}
