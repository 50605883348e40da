package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// unpacked asks for a path as a browser does and returns how many bytes came, and what they say.
func (c *cafe) unpacked(path string) (sent int, text string) {
	c.tb.Helper()
	a := c.do(call{method: http.MethodGet, path: path, role: pos.RoleManager, header: map[string]string{fiber.HeaderAcceptEncoding: "gzip, deflate, br"}})
	if a.status != http.StatusOK {
		c.tb.Fatalf("GET %s: %d", path, a.status)
	}
	if a.header.Get(fiber.HeaderContentEncoding) != "gzip" {
		return len(a.body), string(a.body)
	}
	r, err := gzip.NewReader(bytes.NewReader(a.body))
	if err != nil {
		c.tb.Fatalf("GET %s: %v", path, err)
	}
	all, err := io.ReadAll(r)
	if err != nil {
		c.tb.Fatalf("GET %s: %v", path, err)
	}
	return len(a.body), string(all)
}

// TestTheTillWeighsLittle: the page, its style sheets and every module it imports, packed; fonts are apart. The menu is a
// café's: sixty products, each with choices.
func TestTheTillWeighsLittle(t *testing.T) {
	c := openCafe(t)
	for i := range 60 {
		p := sampleMenu()[4]
		p.Name += " " + string(rune('A'+i%26)) + string(rune('a'+i/26))
		if _, err := c.till.SaveProduct(t.Context(), pos.System("sys"), p); err != nil {
			t.Fatal(err)
		}
	}
	const most = 60 << 10
	sum, seen := 0, map[string]bool{}
	var visit func(path string)
	files := regexp.MustCompile(`"(/static/[^"]+\.(?:css|js))"|(?:from|import) "\./([a-z]+\.js)"`)
	visit = func(path string) {
		if seen[path] {
			return
		}
		seen[path] = true
		sent, text := c.unpacked(path)
		sum += sent
		t.Logf("%6d %s", sent, path)
		for _, m := range files.FindAllStringSubmatch(text, -1) {
			if m[2] != "" {
				m[1] = regexp.MustCompile(`[^/]+$`).ReplaceAllString(path, m[2])
			}
			visit(m[1])
		}
	}
	visit("/")
	if len(seen) < 12 {
		t.Errorf("only %d files found: the test looks in the wrong place", len(seen))
	}
	if sum > most {
		t.Errorf("the till weighs %d bytes, want at most %d", sum, most)
	}
}

func TestWhoDoesNotTakeGzipGetsThePageAsItIs(t *testing.T) {
	c := openCafe(t)
	for accept, want := range map[string]string{"": "", "br": "", "gzip;q=0": "", "deflate, gzip;q=0.8": "gzip"} {
		a := c.do(call{method: http.MethodGet, path: "/", header: map[string]string{fiber.HeaderAcceptEncoding: accept}})
		if got := a.header.Get(fiber.HeaderContentEncoding); got != want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", accept, got, want)
		}
		if a.header.Get(fiber.HeaderVary) == "" {
			t.Error("caches are not told that there are two forms")
		}
	}
}
