package web

import (
	"net/http"
	"testing"

	"comptoir/receipts/journal"
)

// TestASaleThatCannotBeReadIsJournaled is fiscal R32: by a digest, and nothing of an order that cannot be read, which is no
// money.
func TestASaleThatCannotBeReadIsJournaled(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	rejected := func() (n int) {
		entries, err := journal.Entries(t.Context(), c.till.DB().Reader(), 0, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			var b journal.EventBody
			if e.Kind == journal.KindEvent && e.Decode(&b) == nil && b.Code == journal.EventInputRejected {
				n++
			}
		}
		return n
	}
	refusedWith(t, c.do(call{method: http.MethodPost, path: "/api/v1/sales", body: `{"lines": [`}), http.StatusBadRequest, "body.json")
	refusedWith(t, c.do(call{method: http.MethodPost, path: "/api/v1/sales", body: `{"tenders": [{"means": "cash", "amount": "dix"}]}`}), http.StatusUnprocessableEntity, "body.field")
	if n := rejected(); n != 2 {
		t.Errorf("%d events, want 2", n)
	}
	refusedWith(t, c.do(call{method: http.MethodPost, path: "/api/v1/tickets", body: `{"lines": [`}), http.StatusBadRequest, "body.json")
	if n := rejected(); n != 2 {
		t.Errorf("%d events after an order that cannot be read, want 2", n)
	}
}
