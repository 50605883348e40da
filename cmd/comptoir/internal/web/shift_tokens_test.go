package web

import (
	"net/http"
	"net/url"
	"testing"

	"comptoir/pos"
)

// TestI17TokensAreCountedOnThePageOfTheDrawer: at the opening, in the middle, and set beside what was served once counted.
func TestI17TokensAreCountedOnThePageOfTheDrawer(t *testing.T) {
	c := openCafe(t)
	c.shiftForm("/shift/close", "close", url.Values{"coin-10000": {"1"}}).leads(t, "/shift?done=shift_closed")
	says(t, string(c.shiftForm("/shift/open", "bad", url.Values{"float": {"100"}, "tokens": {"dix"}}).body), `id="tokens-wrong"`, `value="dix"`)
	c.clock.Advance(1e9)
	c.shiftForm("/shift/open", "open", url.Values{"float": {"100"}, "tokens": {"20"}}).leads(t, "/")
	c.post("/suspended/redemptions", `{"product":"cafe","token":true}`)
	c.post("/suspended/redemptions", `{"product":"cafe"}`)
	blind := c.page(pos.RoleBarista, "/shift")
	says(t, blind, `name="tokens-out"`, `value="20"`, `name="tokens-left"`, `name="tokens-box"`)
	lacks(t, blind, "Servis avec un jeton")
	wrong := c.shiftForm("/shift/tokens", "wrong", url.Values{"tokens-box": {"-3"}, "tokens-left": {"18"}})
	if wrong.status != http.StatusUnprocessableEntity {
		t.Errorf("%d, want 422", wrong.status)
	}
	says(t, string(wrong.body), `id="tokens-box-wrong"`, `value="-3"`, `value="18"`)
	c.shiftForm("/shift/tokens", "count", url.Values{"tokens-box": {"3"}, "tokens-left": {"18"}}).leads(t, "/shift?done=tokens_counted")
	says(t, c.page(pos.RoleBarista, "/shift"), "Servis avec un jeton</dt><dd>1<", "Écart</dt><dd>2<", "Revenus de l’extérieur</dt><dd>1<")
	c.shiftForm("/shift/close", "close-2", url.Values{"coin-10000": {"1"}}).leads(t, "/shift?done=shift_closed")
	says(t, c.page(pos.RoleBarista, "/shift?done=shift_closed"), "Jetons sortis dans le bol</dt><dd>20<", "Écart</dt><dd>2<")
}

func TestI17TokensOverTheAPI(t *testing.T) {
	t.Parallel()
	count := step{path: "/shifts/current/tokens", body: `{"out": 10, "left": 8, "box": 2}`}
	runAll(t, []scenario{
		{name: "counted", path: count.path, body: count.body, status: 201, topics: []string{"shelf", "shift"},
			want: map[string]string{"served": "0", "difference": "2", "home": "0", "outstanding": "0"}},
		{name: "nothing counted", path: count.path, body: `{}`, status: 422, code: "tokens.invalid", field: "box required"},
		{name: "an absurd count", path: count.path, body: `{"box": 10000}`, status: 422, code: "tokens.invalid", field: "box range"},
		{name: "by an accountant", path: count.path, body: count.body, role: pos.RoleAccountant, status: 403, code: "right.missing"},
		{name: "without a shift", given: []step{{path: "/shifts/current/close", body: `{"counted": []}`}}, path: count.path, body: count.body, status: 409, code: "shift.none"},
		{name: "at the opening", given: []step{{path: "/shifts/current/close", body: `{"counted": []}`}}, path: "/shifts", body: `{"float": 0, "tokens": 12}`, status: 201,
			want: map[string]string{"tokens.out": "12", "tokens.served": "0"}, topics: []string{"shift"}},
		{name: "at the close", given: []step{{path: "/suspended/redemptions", body: `{"product": "cafe", "token": true}`}}, path: "/shifts/current/close",
			body: `{"counted": [], "tokens": {"box": 1}}`, status: 200, want: map[string]string{"tokens.served": "1", "tokens.difference": "0"}, topics: []string{"shift"}},
		{name: "an absurd count at the close", path: "/shifts/current/close", body: `{"counted": [], "tokens": {"box": -1}}`, status: 422, code: "tokens.invalid", field: "tokens.box range"},
	})
}
