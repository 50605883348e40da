package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"comptoir/cmd/comptoir/internal/replica"
)

// remembering is a page of the till as the service meets it: it taps, and keeps the copies it is answered with.
type remembering struct {
	t          *testing.T
	url, token string
	name       string
	kept       []map[string]string
}

// post sends one request of the page.
func (p *remembering) post(path, id string, body any) (*http.Response, string) {
	p.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		p.t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url+path, bytes.NewReader(text))
	if err != nil {
		p.t.Fatal(err)
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + p.token, "Content-Type": "application/json", "X-Fragment": "cart", "Idempotency-Key": id} {
		request.Header.Set(name, value)
	}
	request.Close = true
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	said, err := io.ReadAll(answer.Body)
	if busy := path == "/till/resend" && answer.StatusCode >= http.StatusInternalServerError; busy {
		return answer, "{}" // another till is giving back: the page asks again
	}
	if err != nil || answer.StatusCode != http.StatusOK {
		p.t.Fatalf("%s: %s %v\n%s", path, answer.Status, err, said)
	}
	return answer, string(said)
}

// tap sends a tap, and keeps its copy.
func (p *remembering) tap(ticket, kind string, args map[string]any) string {
	p.t.Helper()
	id := fmt.Sprintf("%s-%d-0123456789abcdef", p.name, len(p.kept))
	answer, said := p.post("/till/commands", id, map[string]any{"kind": kind, "ticket": ticket, "args": args})
	p.kept = append(p.kept, map[string]string{"id": id, "copy": answer.Header.Get("X-Comptoir-Copy")})
	return said
}

// sell rings an expresso and takes the money for it.
func (p *remembering) sell() {
	p.t.Helper()
	found := regexp.MustCompile(`data-ticket="([^"]+)"`).FindStringSubmatch(p.tap("", "new", map[string]any{"mode": "eat_in"}))
	if found == nil {
		p.t.Fatal("no order")
	}
	p.tap(found[1], "add", map[string]any{"product": "expresso"})
	p.tap(found[1], "pay", map[string]any{"means": "cash", "total": 200, "given": 500})
}

// givesBack sends what is kept until the till has said of all what came of it, and counts what was known and what was done. A
// till that takes its time says of some nothing, and is asked again, as the page does.
func (p *remembering) givesBack() (known, done int) {
	p.t.Helper()
	left := p.kept
	for range 60 {
		if len(left) == 0 {
			return known, done
		}
		var told struct{ Known, Done []string }
		if _, said := p.post("/till/resend", "", map[string]any{"copies": left[:min(50, len(left))]}); json.Unmarshal([]byte(said), &told) != nil {
			p.t.Fatalf("answer %s", said)
		}
		known, done = known+len(told.Known), done+len(told.Done)
		left = slices.DeleteFunc(slices.Clone(left), func(c map[string]string) bool {
			return slices.Contains(told.Known, c["id"]) || slices.Contains(told.Done, c["id"])
		})
	}
	p.t.Errorf("%s: nothing is said of %d copies", p.name, len(left))
	return known, done
}

// soldBy lists the sales of a café by what stays: id, code of the receipt, total.
func soldBy(t *testing.T, m *Main) (all []string) {
	t.Helper()
	rows, err := m.Till().DB().Reader().Query(t.Context(), `SELECT id || ' ' || code || ' ' || total FROM sales ORDER BY id`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// TestADrillAfterWhichNothingIsMissing: four tills sell while the machine is lost with its directory, the copy is behind, and
// the tills' memory brings the rest back: nothing is missing. What comes a second time is known (chain.md §3.4 A to C).
func TestADrillAfterWhichNothingIsMissing(t *testing.T) {
	t.Parallel()
	a, b, place := newCafe(t), shortDir(t), t.TempDir()
	settle(t, a, replica.Settings{Target: place, Nightly: true})
	code := drawCode(t, a)
	m, halt := startMachine(t, a)
	ringExpressos(t, m, 1)
	token := strings.TrimSpace(must(t, "token", "create", "--data", a, "--role", "barista", "--name", "Awa"))
	tills := make([]*remembering, 4)
	for i := range tills {
		tills[i] = &remembering{t: t, url: m.StaffURL(), token: token, name: fmt.Sprintf("till%d", i)}
	}
	together := func(do func(*remembering)) {
		var wg sync.WaitGroup
		for _, p := range tills {
			wg.Go(func() { do(p) })
		}
		wg.Wait()
	}
	together((*remembering).sell)
	if err := m.copies.running.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	sealKeysAt(t, a, place)
	saved := t.TempDir()
	if err := os.CopyFS(saved, os.DirFS(place)); err != nil { // the place as it was: what comes after is lost
		t.Fatal(err)
	}
	together(func(p *remembering) {
		for range 3 {
			p.sell()
		}
	})
	want := soldBy(t, m)
	halt()
	if err := os.RemoveAll(a); err != nil {
		t.Fatal(err)
	}

	restoreInto(t, saved, b, code)
	again, haltB := startMachine(t, b)
	if again.Held() != nil {
		t.Fatalf("held: %v", again.Held())
	}
	if lost := len(want) - len(soldBy(t, again)); lost != 12 {
		t.Fatalf("%d sales are lost with the machine, want the 12 that the copy has not", lost)
	}
	for _, want := range [][2]int{{12, 36}, {48, 0}, {48, 0}} { // known, done: the second and third time all is known
		var mu sync.Mutex
		var got [2]int
		together(func(p *remembering) {
			p.url = again.StaffURL()
			known, done := p.givesBack()
			mu.Lock()
			defer mu.Unlock()
			got[0], got[1] = got[0]+known, got[1]+done
		})
		if got != want {
			t.Errorf("known and done: %v, want %v", got, want)
		}
	}
	if got := soldBy(t, again); !slices.Equal(got, want) {
		t.Errorf("after giving back %d sales, want %d:\n%s\nwant\n%s", len(got), len(want), strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	told, err := again.Till().Resents(t.Context())
	done := 0
	for _, r := range told {
		done += r.Done
	}
	if err != nil || done != 36 {
		t.Errorf("the journal tells of %d commands that were done again (%v), want 36: %+v", done, err, told)
	}
	ringExpressos(t, again, 1)
	haltB()
	must(t, "doctor", "--data", b)
	if code, _, words := comptoir(t, "verify", "--full", "--data", b); code != exitWarnings && code != exitOK {
		t.Errorf("verify: %d\n%s", code, words)
	}
}
