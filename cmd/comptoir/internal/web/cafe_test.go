package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/pos"
)

const (
	managerPIN = "9999"
	publicURL  = "http://till.local:8081"
)

// cafe is a real café behind its two listeners, with a clock moved by hand. At the end of the test every invariant
// is checked: each HTTP test is an audit.
type cafe struct {
	tb     testing.TB
	till   *pos.Till
	web    *Server
	clock  *datatest.Clock
	tokens map[pos.Role]string
	told   *topics
	log    *lockedBuffer
	keys   atomic.Int64
}

// openCafe founds a café with a small menu, one token a role and an open shift.
func openCafe(tb testing.TB) *cafe {
	tb.Helper()
	c := closedCafe(tb)
	c.ok(call{method: http.MethodPost, path: "/api/v1/shifts", body: `{"float": 10000}`})
	c.told.reset()
	return c
}

// closedCafe is openCafe before the shift is opened.
func closedCafe(tb testing.TB, configure ...func(*pos.Config)) *cafe {
	tb.Helper()
	f, err := foundedCafe()
	if err != nil {
		tb.Fatalf("found a café: %v", err)
	}
	c := &cafe{tb: tb, clock: datatest.NewClock(), tokens: f.tokens, told: &topics{}, log: &lockedBuffer{}}
	dir := tb.TempDir()
	for name, content := range f.files {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	config := pos.Config{Dir: dir, Clock: c.clock, PublicURL: publicURL, Software: "comptoir/test"}
	for _, f := range configure {
		f(&config)
	}
	if c.till, err = pos.Open(tb.Context(), config); err != nil {
		tb.Fatalf("open café: %v", err)
	}
	tb.Cleanup(c.close)
	c.web = newServer(tb, c.till, c.log)
	c.till.DB().OnCommit(c.told.listen)
	return c
}

// founded is the directory of a café as it was founded, of which every test opens a copy of its own.
type founded struct {
	files  map[string][]byte
	tokens map[pos.Role]string
}

// foundedCafe founds a café once, with a menu and staff; comparing PINs is slow on purpose.
var foundedCafe = sync.OnceValues(func() (f founded, err error) {
	dir, err := os.MkdirTemp("", "founded")
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	ctx := context.Background()
	config := pos.Config{Dir: dir, Clock: datatest.NewClock(), PublicURL: publicURL, Software: "comptoir/test"}
	identity := pos.Identity{Name: "Le Fil", LegalName: "Le Fil SAS", Address: "1 quai des Tests, 33000 Bordeaux", SIRET: "12345678200010", VATRegime: "normal_monthly"}
	if err := pos.Found(ctx, config, identity, pos.NewOperator{Name: "Marie", PIN: managerPIN, Role: pos.RoleManager}); err != nil {
		return f, err
	}
	till, err := pos.Open(ctx, config)
	if err != nil {
		return f, err
	}
	f.tokens, err = hire(ctx, till)
	if err = errors.Join(err, till.Close()); err != nil {
		return f, err
	}
	f.files, err = readFiles(dir)
	return f, err
})

// hire adds one operator a role, each with a token, and fills the menu.
func hire(ctx context.Context, till *pos.Till) (map[pos.Role]string, error) {
	tokens := make(map[pos.Role]string, 3)
	for role, name := range map[pos.Role]string{pos.RoleBarista: "Awa", pos.RoleManager: "Programme", pos.RoleAccountant: "Compta"} {
		token, err := till.CreateToken(ctx, pos.System("sys"), role, name)
		if err != nil {
			return nil, err
		}
		tokens[role] = token
	}
	for _, p := range sampleMenu() {
		if _, err := till.SaveProduct(ctx, pos.System("sys"), p); err != nil {
			return nil, err
		}
	}
	return tokens, nil
}

func readFiles(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		files[name], err = os.ReadFile(path)
		return err
	})
	return files, err
}

// sampleMenu is small: ids are the slugs of the names.
func sampleMenu() []pos.Product {
	return []pos.Product{
		{Name: "Café", Category: "Chaud", Price: 220, VATEatIn: 1000, VATTakeaway: 1000, SuspendClass: "coffee", GiftPrice: 180, Food: true, Available: true},
		{Name: "Plat", Category: "Repas", Price: 1190, VATEatIn: 1000, VATTakeaway: 1000, MealUnits: 1, SuspendClass: "meal", GiftPrice: 600, Cost: 350, Food: true, Available: true},
		{Name: "Eau", Category: "Froid", Price: 200, VATEatIn: 1000, VATTakeaway: 550, Food: true, Available: true},
		{Name: "Bière", Category: "Froid", Price: 450, VATEatIn: 2000, VATTakeaway: 2000, Available: true},
		{Name: "Crème", Category: "Chaud", Price: 300, VATEatIn: 1000, VATTakeaway: 1000, SuspendClass: "coffee", Food: true, Available: true,
			Options: []pos.OptionGroup{{Name: "Lait", Required: true, Max: 1, Choices: []pos.Choice{{Name: "vache"}, {Name: "avoine", Price: 50}}}}},
	}
}

func newServer(tb testing.TB, till *pos.Till, log io.Writer) *Server {
	tb.Helper()
	config := Config{Till: till, PublicURL: publicURL, Log: slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, l := range []*net.Listener{&config.Staff, &config.Public} {
		var err error
		if *l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _ = (*l).Close() })
	}
	s, err := New(config)
	if err != nil {
		tb.Fatalf("new server: %v", err)
	}
	return s
}

func (c *cafe) close() {
	c.tb.Helper()
	datatest.Audit(c.tb, c.till.DB())
	if err := c.till.Close(); err != nil && c.till.DB().Err() == nil {
		c.tb.Errorf("close café: %v", err)
	}
}

// call is one request. The zero role is a barista's token; nobody sends none.
type call struct {
	method string
	path   string
	role   pos.Role
	nobody bool
	body   string
	key    string // empty: a fresh one for a POST; "-": none
	header map[string]string
	host   string
	public bool
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func (c *cafe) request(r call) *http.Request {
	c.tb.Helper()
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	req := httptest.NewRequest(r.method, r.path, body)
	req.Host = "localhost"
	if r.host != "" {
		req.Host = r.host
	}
	if r.body != "" {
		req.Header.Set(fiber.HeaderContentType, fiber.MIMEApplicationJSON)
	}
	if r.role == "" {
		r.role = pos.RoleBarista
	}
	if !r.nobody {
		req.Header.Set(fiber.HeaderAuthorization, "Bearer "+c.tokens[r.role])
	}
	if r.key == "" {
		r.key = "test-" + strconv.FormatInt(c.keys.Add(1), 10)
	}
	if r.method == http.MethodPost && r.key != "-" {
		req.Header.Set(commandHeader, r.key)
	}
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	return req
}

// do sends a request to the listener's application and holds the answer against the OpenAPI document.
func (c *cafe) do(r call) answer {
	c.tb.Helper()
	app := c.web.staff
	if r.public {
		app = c.web.public
	}
	req := c.request(r)
	res, err := app.Test(req, -1)
	if err != nil {
		c.tb.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.tb.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	a := answer{res.StatusCode, res.Header, body}
	if !r.public {
		holdAgainstContract(c.tb, r, a)
	}
	return a
}

// ok is do, failing the test on any refusal; it returns the JSON answer.
func (c *cafe) ok(r call) map[string]any {
	c.tb.Helper()
	a := c.do(r)
	if a.status >= http.StatusBadRequest {
		c.tb.Fatalf("%s %s %s: %d %s", r.method, r.path, r.body, a.status, a.body)
	}
	return a.json(c.tb)
}

func (c *cafe) post(path, body string) map[string]any {
	c.tb.Helper()
	return c.ok(call{method: http.MethodPost, path: "/api/v1" + path, body: body})
}

func (c *cafe) get(path string) map[string]any {
	c.tb.Helper()
	return c.ok(call{method: http.MethodGet, path: "/api/v1" + path, role: pos.RoleManager})
}

func (a answer) json(tb testing.TB) map[string]any {
	tb.Helper()
	var v map[string]any
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		tb.Fatalf("answer %d is no JSON object: %v\n%s", a.status, err, a.body)
	}
	return v
}

// number reads a count or an amount out of an answer by its path, such as "classes.0.available".
func number(tb testing.TB, v any, path string) int {
	tb.Helper()
	n, err := strconv.Atoi(text(tb, v, path))
	if err != nil {
		tb.Fatalf("%s: %v", path, err)
	}
	return n
}

// text reads one value out of an answer by its path.
func text(tb testing.TB, v any, path string) string {
	tb.Helper()
	got, ok := at(v, path)
	if !ok {
		tb.Fatalf("%s is missing in %v", path, v)
	}
	switch x := got.(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	default:
		b, err := json.Marshal(got)
		if err != nil {
			tb.Fatal(err)
		}
		return string(b)
	}
}

func at(v any, path string) (any, bool) {
	for name := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			var ok bool
			if v, ok = x[name]; !ok {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, true
}

// topics collects what screens are told.
type topics struct {
	mu  sync.Mutex
	all []string
}

func (t *topics) listen(events []data.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range events {
		t.all = append(t.all, e.Topics...)
	}
}

func (t *topics) reset() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all = nil
}

// names returns the topics told since the last reset, sorted, with their keys cut off.
func (t *topics) names() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	names := []string{}
	for _, topic := range t.all {
		name, _, keyed := strings.Cut(topic, ":")
		if keyed {
			name += ":"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
