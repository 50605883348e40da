package web

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/speed"
	"comptoir/data"
	"comptoir/pos"
)

// budget is how long people should have to wait at most; the numbers were set for the weakest machine of a café.
type budget struct {
	usual, rare time.Duration // of 95 and of 99 in a hundred
}

// budgetOf is the budget of a kind.
func budgetOf(k speed.Kind) budget {
	switch k {
	case speed.Tap:
		return budget{50 * time.Millisecond, 100 * time.Millisecond}
	case speed.Checkout:
		return budget{50 * time.Millisecond, 150 * time.Millisecond}
	case speed.Scan:
		return budget{100 * time.Millisecond, 200 * time.Millisecond}
	case speed.Page, speed.Guest:
	}
	return budget{250 * time.Millisecond, time.Second}
}

// fewMeasures is how many are too few to judge by.
const fewMeasures = 20

// speedView is how fast this machine was in its last day.
type speedView struct {
	base
	Rows    []speedRow
	Verdict string // key part: "none", "fast", "fair", "slow"
	Commit  commitView
	Facts   []speedFact
}

// speedRow is one kind of waiting.
type speedRow struct {
	Name, Is, Says, Budget string
	Count                  string
	P50, P95, P99, Max     string
}

// commitView is how long the disk takes for one sale; empty: nothing was written since the start.
type commitView struct {
	Count, P50, P95, Max string
	Why                  string // in words, when it is slow
}

// speedFact is a number about the café's data.
type speedFact struct{ Name, Value string }

// speedPage serves GET /manage/speed.
func (s *Server) speedPage(c *fiber.Ctx) error {
	v := speedView{base: s.newBase(c, "speed.title", "manage"), Verdict: "none"}
	v.Section, v.Part = "machine", "speed"
	rank := map[string]int{"none": 0, "fast": 1, "fair": 2, "slow": 3}
	for _, f := range s.speed.Day() {
		row := v.speedRow(f)
		v.Rows = append(v.Rows, row)
		if rank[row.Is] > rank[v.Verdict] {
			v.Verdict = row.Is
		}
	}
	v.Commit = v.commitView(s.till.DB().CommitTimes())
	o, err := s.till.Overview(c.UserContext(), pos.SpanDay, s.till.DB().Today())
	if err != nil {
		return err
	}
	head, _ := s.till.Journal().Head()
	v.Facts = []speedFact{{v.T("speed.sales"), v.Number(o.Sales)}, {v.T("speed.entries"), v.Number(int(head) + 1)}}
	sizes := s.fileSizes()
	for _, name := range []string{"database", "log"} {
		v.Facts = append(v.Facts, speedFact{v.T("speed.kind_" + name), v.Size(sizes[name])})
	}
	return s.page(c, http.StatusOK, "manage_speed", v)
}

func (b base) commitView(t data.CommitTimes) commitView {
	if t.Recent == 0 {
		return commitView{}
	}
	v := commitView{Count: b.Number(int(t.Count)), P50: b.Span(t.P50), P95: b.Span(t.P95), Max: b.Span(t.Max)}
	if t.Slow() {
		v.Why = b.T("speed.disk_slow", "p95", v.P95)
	}
	return v
}

func (b base) speedRow(f speed.Figures) speedRow {
	limit := budgetOf(f.Kind)
	row := speedRow{Name: b.T("speed.kind_" + f.Kind.String()), Is: verdict(f, limit), Count: b.Number(f.Count),
		Budget: b.T("speed.budget", "usual", b.Span(limit.usual), "rare", b.Span(limit.rare))}
	row.Says = b.T("speed.is_" + row.Is)
	if f.Count > 0 {
		row.P50, row.P95, row.P99, row.Max = b.Span(f.P50), b.Span(f.P95), b.Span(f.P99), b.Span(f.Max)
	}
	return row
}

// verdict says in one word how what was measured stands to its budget: fair is up to twice as long.
func verdict(f speed.Figures, limit budget) string {
	switch {
	case f.Count < fewMeasures:
		return "none"
	case f.P95 <= limit.usual && f.P99 <= limit.rare:
		return "fast"
	case f.P95 <= 2*limit.usual && f.P99 <= 2*limit.rare:
		return "fair"
	}
	return "slow"
}
