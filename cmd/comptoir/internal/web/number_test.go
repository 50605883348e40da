package web

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
)

// TestNumbersAreCountedHoweverTheyAreWritten: a number can be guessed; a white space in it makes it no other guess. What
// names no card, or a whole code, is never counted.
func TestNumbersAreCountedHoweverTheyAreWritten(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	for range scansPerMinute + 5 {
		if a := c.do(call{method: http.MethodPost, path: "/api/v1/sales", body: `{"mode":"eat_in","lines":[{"product":"cafe","qty":1}],"tenders":[{"means":"card","amount":220}]}`}); a.status == http.StatusTooManyRequests {
			t.Fatal("a sale without a card is counted as a guess")
		}
	}
	last := 0
	for i := range scansPerMinute + 1 {
		number := fmt.Sprintf("%04d\u00a0%05d", i, i)
		last = c.do(call{method: http.MethodGet, path: "/api/v1/cards/" + url.PathEscape(number)}).status
	}
	if last != http.StatusTooManyRequests {
		t.Errorf("guess %d: %d, want 429", scansPerMinute+1, last)
	}
}
