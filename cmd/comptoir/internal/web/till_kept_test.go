package web

import (
	"bytes"
	"compress/gzip"
	"html/template"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// tillIn reads the till's page in a language.
func (c *cafe) tillIn(language string) string {
	c.tb.Helper()
	a := c.do(call{method: http.MethodGet, path: "/", role: pos.RoleManager, header: map[string]string{fiber.HeaderAcceptLanguage: language}})
	if a.status != http.StatusOK {
		c.tb.Fatalf("GET / in %s: %d", language, a.status)
	}
	return string(a.body)
}

// TestTheTillFromWhatIsKeptIsTheTillMadeAnew: byte for byte, after everything that changes what it shows of the menu. Pages are
// asked for before and after each change: a block that outlived its menu would show.
func TestTheTillFromWhatIsKeptIsTheTillMadeAnew(t *testing.T) {
	c := openCafe(t)
	by := pos.System("sys")
	change := func(of func(*pos.Product)) func() error {
		return func() error {
			menu, err := c.till.Menu(t.Context())
			if err != nil {
				return err
			}
			p := menu.Products[0]
			of(&p)
			_, err = c.till.SaveProduct(t.Context(), by, p)
			return err
		}
	}
	shown := map[string]string{}
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"nothing", func() error { return nil }},
		{"a price", change(func(p *pos.Product) { p.Price += 10 })},
		{"a name", change(func(p *pos.Product) { p.Name = `<b>"&` })},
		{"sold out until tomorrow", func() error {
			_, err := c.till.SetAvailable(t.Context(), by, "cafe", false, c.till.Tomorrow())
			return err
		}},
		{"tomorrow", func() error { c.clock.Advance(24 * time.Hour); return nil }},
		{"a favourite", change(func(p *pos.Product) { p.Favourite = true })},
		{"an item on the shelf", func() error {
			id := find(t, c.tapped("k-new", "", "new", `{"mode":"eat_in"}`), ticketOf)
			c.tapped("k-gift", id, "gift", `{"product":"cafe"}`)
			c.post("/tickets/"+id+"/checkout", `{"tenders":[{"means":"cash","amount":`+text(t, c.get("/tickets/"+id), "total")+`}]}`)
			return nil
		}},
		{"a class withdrawn", func() error { _, err := c.till.WithdrawClass(t.Context(), by, "coffee", "meal"); return err }},
	} {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.what, err)
		}
		kept := map[string][2]string{}
		for _, l := range c.web.catalogue.Languages() {
			kept[l.Code] = [2]string{c.tillIn(l.Code), c.tillIn(l.Code)}
		}
		c.web.kept = keptBlocks{} // all at once: the next step begins with blocks in every language
		for code, was := range kept {
			if anew := c.tillIn(code); was[0] != anew || was[1] != anew {
				t.Errorf("%s, %s: the page from what is kept is not the page made anew", step.what, code)
			}
			if was[0] == shown[code] {
				t.Errorf("%s, %s: the page is as it was", step.what, code)
			}
			shown[code] = was[0]
		}
	}
}

// TestWhatIsKeptIsBounded: three blocks in each language, of one menu.
func TestWhatIsKeptIsBounded(t *testing.T) {
	c := openCafe(t)
	for range 3 {
		if _, err := c.till.SetAvailable(t.Context(), pos.System("sys"), "cafe", len(c.web.kept.made)%2 == 0, ""); err != nil {
			t.Fatal(err)
		}
		for _, l := range c.web.catalogue.Languages() {
			c.tillIn(l.Code)
		}
	}
	if n := len(c.web.kept.made); n != 3*len(c.web.catalogue.Languages()) {
		t.Errorf("%d blocks are kept", n)
	}
}

// TestABodyWithKeptBlocksIsOneStream: packed pieces, found or not, empty or not, read back as the body.
func TestABodyWithKeptBlocksIsOneStream(t *testing.T) {
	p := newPacker()
	block := func(text string) keptBlock {
		return keptBlock{html: template.HTML(text), packed: func() []byte { return packBlock([]byte(text)) }}
	}
	a, b := strings.Repeat("<li>expresso</li>", 4000), strings.Repeat("<p>tarte</p>", 300)
	for name, body := range map[string]string{
		"all": "head " + a + " between " + b + " feet", "nothing around": a + b, "one is not there": "head " + b + " feet",
		"in another order": b + " between " + a, "twice": a + a + b, "none": strings.Repeat("x", 5000), "empty": "",
	} {
		for _, kept := range [][]keptBlock{nil, {block(a), block(b)}, {block(""), block(a), block(b)}} {
			packed, err := p.pack([]byte(body), kept)
			if err != nil {
				t.Fatal(err)
			}
			r, err := gzip.NewReader(bytes.NewReader(packed))
			if err != nil {
				t.Fatal(err)
			}
			r.Multistream(false)
			got, err := io.ReadAll(r)
			if err != nil || string(got) != body {
				t.Errorf("%s, %d blocks: %d bytes came back of %d, %v", name, len(kept), len(got), len(body), err)
			}
		}
	}
}
