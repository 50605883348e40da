package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"comptoir/cmd/comptoir/internal/speed"
	"comptoir/pos"
)

// The figures keep the rules of Prometheus, are stable by name, and hold nothing of a person, a card or a product.
func TestTheFiguresKeepTheRulesAndNameNobody(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	card := text(t, c.post("/cards", `{}`), "code")
	c.ok(call{method: http.MethodPost, path: "/api/v1/sales", body: `{"mode":"eat_in","lines":[{"product":"plat","qty":1,"options":[]}],"card":"` + card + `","tenders":[{"means":"cash","amount":1190}]}`})
	c.do(call{method: http.MethodPost, path: "/api/v1/sales", body: `{"mode":"eat_in","lines":[{"product":"none","qty":1,"options":[]}],"tenders":[]}`})
	families, err := c.web.meters.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	problems, err := promlint.NewWithMetricFamilies(families).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		if strings.HasPrefix(p.Metric, "comptoir_") {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
	r := httptest.NewRecorder()
	c.web.Metrics().ServeHTTP(r, httptest.NewRequest(http.MethodGet, "http://127.0.0.1:9090/metrics", nil))
	text := r.Body.String()
	says(t, text, `comptoir_open 1`, `comptoir_requests_total{listener="staff",status="2xx"}`, `comptoir_answer_seconds_count{kind="checkout"} 1`,
		`comptoir_refusals_total{code="`, `comptoir_health_state{matter="journal"} 0`, `comptoir_file_bytes{file="database"}`, "comptoir_build_info{", "process_resident_memory_bytes", "go_goroutines")
	for _, secret := range []string{card, card[3:], "Marie", "Awa", "plat", "T26-", "Le Fil", c.tokens[pos.RoleBarista]} {
		if strings.Contains(text, secret) {
			t.Errorf("the figures say %q", secret)
		}
	}
	r = httptest.NewRecorder()
	c.web.Metrics().ServeHTTP(r, httptest.NewRequest(http.MethodGet, "http://evil.example/metrics", nil))
	if r.Code != http.StatusMisdirectedRequest {
		t.Errorf("a foreign name: %d", r.Code)
	}
	for _, public := range []bool{false, true} {
		if a := c.do(call{method: http.MethodGet, path: "/metrics", public: public, role: pos.RoleManager}); a.status != http.StatusNotFound {
			t.Errorf("on a listener of the till (public %t): %d", public, a.status)
		}
	}
}

func TestTheSpeedPageJudgesByTheBudgets(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	page := func() string {
		return string(c.do(call{method: http.MethodGet, path: speedPath, role: pos.RoleManager}).body)
	}
	says(t, page(), "Pas encore assez de mesures", "Encaisser", "Base de données")
	for range 30 {
		c.web.speed.Observe(speed.Checkout, 12*time.Millisecond)
	}
	says(t, page(), "personne n’attend la caisse", "12\u00a0ms")
	c.web.speed.Observe(speed.Checkout, 2*time.Second)
	says(t, page(), "Lent\u00a0: on attend la caisse", "2\u00a0s")
	for _, x := range []struct {
		f    speed.Figures
		want string
	}{
		{speed.Figures{Kind: speed.Tap, Count: 19}, "none"}, {speed.Figures{Kind: speed.Tap, Count: 20, P95: 50 * time.Millisecond, P99: 100 * time.Millisecond}, "fast"},
		{speed.Figures{Kind: speed.Tap, Count: 20, P95: 51 * time.Millisecond, P99: 99 * time.Millisecond}, "fair"}, {speed.Figures{Kind: speed.Tap, Count: 20, P99: time.Second}, "slow"},
	} {
		if got := verdict(x.f, budgetOf(x.f.Kind)); got != x.want {
			t.Errorf("%+v: got %s, want %s", x.f, got, x.want)
		}
	}
}
