package web

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/net/html"

	"comptoir/pos"
)

// What somebody may type where a name, a note or a reason is asked for.
var hostileWords = []string{`zq"><script>alert(7)</script>`, `zq' onx='alert(7)`, `javascript:alert(7)`, `=2+5+cmd|'x'!A1`, "zq</script><svg onload=alert(7)>", `@SUM(7)`}

// hostile walks through pages, sends each of their forms with hostile words, and looks at all that comes back.
type hostile struct {
	*cafe
	public bool
	asked  map[string]bool // addresses, and forms
	queue  []string
	pages  int
	forms  int
	words  int // hostile words that came back on pages
	seen   map[string]bool
}

// A walk ends.
const (
	maxHostilePages = 700
	maxHostileForms = 3 // of one address
)

// notSent are forms that end the walk: they leave, or close what the rest needs.
var notSent = []string{"/logout", "/lock", "/device/screen", "/login", "/shift/close", "/lang"}

// TestWhateverIsTypedIsTextOnEveryPage: each form of each page is sent with markup, script addresses and formulas in every field that
// takes words, and whatever then comes back, in pages, parts, pictures, JSON and tables, stays text. A new page or form is
// walked through without being named here.
func TestWhateverIsTypedIsTextOnEveryPage(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	receipt := text(t, c.post("/sales", aMeal), "receipt_code")
	card := text(t, c.post("/cards", ""), "code")
	c.hostileCafe()
	staff := &hostile{cafe: c, asked: map[string]bool{}, seen: map[string]bool{}}
	var start []string
	for _, r := range c.web.staffRoutes() {
		if r.method == http.MethodGet && !strings.ContainsAny(r.path, ":*") && r.path != eventsPath {
			start = append(start, r.path)
		}
	}
	staff.walk(t, start...)
	public := &hostile{cafe: c, public: true, asked: map[string]bool{}, seen: map[string]bool{}}
	public.walk(t, "/board", "/board.json", "/C", "/C/"+card, "/R/"+receipt, "/R", "/statement", "/C/"+card+"/card.png")
	t.Logf("staff: %d pages and parts, %d forms, %d hostile words shown; public: %d, %d, %d", staff.pages, staff.forms, staff.words, public.pages, public.forms, public.words)
	if staff.pages < 150 || staff.forms < 80 || staff.words < 200 || public.pages < 6 || public.forms < 3 {
		t.Error("the walk has become too short to say anything")
	}
}

// hostileCafe fills a café with what forms do not reach at first.
func (c *cafe) hostileCafe() {
	c.tb.Helper()
	ctx := c.tb.Context()
	for i, w := range hostileWords {
		option := strings.Trim(w, "=@")
		p := pos.Product{Name: w, Category: hostileWords[i%2], Price: 300, VATEatIn: 1000, VATTakeaway: 1000, SuspendClass: "coffee", Food: true, Available: true,
			Options: []pos.OptionGroup{{Name: option, Max: 1, Choices: []pos.Choice{{Name: option}}}}}
		if _, err := c.till.SaveProduct(ctx, pos.System("sys"), p); err != nil {
			p.Options = nil // these may not hold every letter
			if _, err := c.till.SaveProduct(ctx, pos.System("sys"), p); err != nil {
				c.tb.Errorf("a product called %q: %v", w, err)
			}
		}
		if _, err := c.till.AddOperator(ctx, pos.System("sys"), pos.NewOperator{Name: w, PIN: "1357", Role: pos.RoleBarista}); err != nil {
			c.tb.Errorf("an operator called %q: %v", w, err)
		}
	}
	quoted := func(w string) string {
		b, _ := json.Marshal(w)
		return string(b)
	}
	menu := c.get("/menu")
	for i, w := range hostileWords {
		q := quoted(w)
		manager := func(path, body string) answer {
			return c.do(call{method: http.MethodPost, path: "/api/v1" + path, body: body, role: pos.RoleManager})
		}
		a := manager("/tickets", `{"mode":"eat_in","name":`+q+`}`)
		if a.status == http.StatusCreated {
			id := text(c.tb, a.json(c.tb), "id")
			manager("/tickets/"+id+"/lines", `{"product":"cafe","qty":3,"note":`+q+`}`)
			manager("/tickets/"+id+"/send", "")
			manager("/tickets/"+id+"/lines/1/remove", `{"qty":1,"reason":`+q+`}`)
		}
		if product, ok := at(menu, fmt.Sprintf("products.%d.id", 5+i)); ok {
			sale := manager("/sales", fmt.Sprintf(`{"mode":"eat_in","lines":[{"product":%q,"qty":2,"note":%s}],"tenders":[{"means":"card","amount":600}]}`, product, q))
			if sale.status == http.StatusCreated {
				id := text(c.tb, sale.json(c.tb), "id")
				manager("/sales/"+id+"/invoice", `{"name":`+q+`,"address":`+q+`}`)
				manager("/sales/"+id+"/refund", `{"lines":[{"line":1,"qty":1}],"tender":"card","reason":`+q+`}`)
			}
		}
		manager("/drawer/open", `{"reason":`+q+`}`)
		manager("/shifts/current/cash", `{"amount":100,"reason":`+q+`}`)
		manager("/partners", `{"name":`+q+`,"pin":"2468","status":["food_bank"],"introduced":true}`)
		manager("/sponsors", `{"name":`+q+`,"address":`+q+`,"class":"meal","qty":10}`)
		manager("/printers", `{"name":`+q+`,"uri":"virtual:"}`)
		manager("/printers", `{"name":"P`+fmt.Sprint(i)+`","uri":`+q+`}`)
	}
}

// walk asks for every address that pages lead to, and sends every form once or twice.
func (h *hostile) walk(t *testing.T, start ...string) {
	t.Helper()
	h.queue = start
	for len(h.queue) > 0 && h.pages < maxHostilePages {
		path := h.queue[0]
		h.queue = h.queue[1:]
		if h.asked[addressKind(path)] {
			continue
		}
		h.asked[addressKind(path)] = true
		h.look(t, path, h.ask(http.MethodGet, path, ""))
	}
}

// addressKind is an address without the values of its query: a list that is filtered is one page.
func addressKind(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	var names []string
	for name := range u.Query() {
		names = append(names, name)
	}
	slices.Sort(names)
	return u.Path + "?" + strings.Join(names, "&")
}

func (h *hostile) ask(method, path, body string) answer {
	r := call{method: method, path: path, role: pos.RoleManager, nobody: h.public, public: h.public, body: body, header: map[string]string{fiber.HeaderAcceptLanguage: "en"}}
	if body != "" {
		r.key, r.header[fiber.HeaderContentType] = "-", fiber.MIMEApplicationForm
	}
	return h.do(r)
}

// look judges an answer, and follows its links and its forms.
func (h *hostile) look(t *testing.T, path string, a answer) {
	t.Helper()
	h.pages++
	if a.status >= http.StatusInternalServerError {
		t.Errorf("%s: %d", path, a.status)
	}
	if a.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%s may be taken for something else than it says", path)
	}
	if to := a.header.Get(fiber.HeaderLocation); to != "" {
		if !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) {
			t.Errorf("%s leads to %s", path, to)
		} else {
			h.queue = append(h.queue, to)
		}
	}
	switch kind := a.header.Get(fiber.HeaderContentType); {
	case strings.HasPrefix(kind, "text/html"), strings.HasPrefix(kind, "image/svg"):
		h.words += strings.Count(string(a.body), "alert(7)")
		h.page(t, path, a.body)
	case strings.HasPrefix(kind, "text/csv"):
		harmlessCells(t, path, a.body)
	case strings.HasPrefix(kind, "application/json") && !json.Valid(a.body):
		t.Errorf("%s is no JSON", path)
	}
}

// page looks for whatever would run, and collects links and forms.
func (h *hostile) page(t *testing.T, path string, body []byte) {
	t.Helper()
	z := html.NewTokenizer(bytes.NewReader(body))
	var form *hostileForm
	for {
		switch z.Next() {
		case html.ErrorToken:
			return
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := z.Token()
			h.judge(t, path, tag)
			switch {
			case tag.Data == "form":
				form = &hostileForm{action: attribute(tag, "action"), method: strings.ToUpper(attribute(tag, "method")), fields: url.Values{}}
			case form != nil:
				form.take(tag, h.forms)
			}
		case html.EndTagToken:
			if tag := z.Token(); tag.Data == "form" && form != nil {
				h.send(t, path, form)
				form = nil
			}
		case html.TextToken, html.CommentToken, html.DoctypeToken: // nothing in them runs
		}
	}
}

func attribute(tag html.Token, name string) string {
	for _, a := range tag.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (h *hostile) judge(t *testing.T, path string, tag html.Token) {
	t.Helper()
	if tag.Data == "script" && attribute(tag, "src") == "" && attribute(tag, "type") != "application/json" {
		t.Errorf("%s: a script of its own: %s", path, tag)
	}
	for _, a := range tag.Attr {
		if strings.HasPrefix(a.Key, "on") || a.Key == "style" || a.Key == "srcdoc" {
			t.Errorf("%s: %s", path, tag)
		}
		switch a.Key {
		case "href", "src", "action", "formaction", "xlink:href", "poster", "data":
			if strings.Contains(strings.ToLower(a.Val), "script:") && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "?") {
				t.Errorf("%s: an address that runs: %s", path, tag)
			}
			if a.Key == "href" && strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "/static/") && len(h.queue) < maxHostilePages {
				h.queue = append(h.queue, strings.SplitN(a.Val, "#", 2)[0])
			}
		}
	}
}

// hostileForm is a form of a page, filled in.
type hostileForm struct {
	action, method string
	fields         url.Values
	chosen         string // name of the list whose first choice is taken
}

// take fills one field in: words where words are asked for, whatever stands there otherwise.
func (f *hostileForm) take(tag html.Token, turn int) {
	name, value := attribute(tag, "name"), attribute(tag, "value")
	switch tag.Data {
	case "textarea":
		f.fields.Set(name, hostileWords[turn%len(hostileWords)])
	case "select":
		f.chosen = name
	case "option":
		if f.chosen != "" && value != "" {
			f.fields.Set(f.chosen, value)
			f.chosen = ""
		}
	case "button":
		if name != "" && !f.fields.Has(name) {
			f.fields.Set(name, value)
		}
	case "input":
		kind, mode := attribute(tag, "type"), attribute(tag, "inputmode")
		switch {
		case name == "" || kind == "file":
		case kind == "hidden" || kind == "date" || kind == "time" || kind == "month":
			f.fields.Set(name, value)
		case kind == "radio" || kind == "checkbox":
			if !f.fields.Has(name) {
				f.fields.Set(name, value)
			}
		case mode == "numeric" || mode == "decimal" || kind == "number":
			f.fields.Set(name, cmpOr(value, "1"))
		default:
			f.fields.Set(name, hostileWords[(turn+len(f.fields))%len(hostileWords)])
		}
	}
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// send sends a form, and looks at what becomes of it.
func (h *hostile) send(t *testing.T, from string, f *hostileForm) {
	t.Helper()
	action := f.action
	if action == "" {
		action = from
	}
	where, _, _ := strings.Cut(action, "?")
	if slices.Contains(notSent, where) || !strings.HasPrefix(action, "/") {
		return
	}
	if f.method != http.MethodPost {
		h.queue = append(h.queue, where+"?"+f.fields.Encode())
		return
	}
	turn := 0
	for h.asked[fmt.Sprint("form ", where, turn)] {
		turn++
	}
	if turn >= maxHostileForms {
		return
	}
	h.asked[fmt.Sprint("form ", where, turn)] = true
	h.forms++
	if f.fields.Has("command") {
		f.fields.Set("command", fmt.Sprintf("hostile-%v-%d", h.public, h.forms))
	}
	h.look(t, "form "+where, h.ask(http.MethodPost, action, f.fields.Encode()))
}

// harmlessCells fails the test if a cell of a table would be run by a spreadsheet.
func harmlessCells(t *testing.T, path string, body []byte) {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(body, []byte("\ufeff"))))
	if first, _, _ := bytes.Cut(body, []byte("\n")); bytes.Count(first, []byte(";")) > bytes.Count(first, []byte(",")) {
		r.Comma = ';'
	}
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil {
		t.Errorf("%s is no table: %v", path, err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+@\t\r", rune(cell[0])) || len(cell) > 1 && cell[0] == '-' && (cell[1] < '0' || cell[1] > '9') && cell[1] != ',' && cell[1] != '.' {
				t.Errorf("%s: a spreadsheet would run %q", path, cell)
			}
		}
	}
}
