package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/pos"
)

// page is the memory of one till: what it was handed, in the order of its taps.
type page struct {
	*cafe
	name  string
	token string // of whoever is signed in there; empty: the barista
	kept  []sentCopy
	n     int
}

func (p *page) header(fields map[string]string) map[string]string {
	if p.token != "" {
		fields["Authorization"] = "Bearer " + p.token
	}
	return fields
}

// does sends a tap and keeps the copy it is answered with, as the page does.
func (p *page) does(ticket, kind, args string) string {
	p.tb.Helper()
	p.n++
	id := fmt.Sprintf("%s-%d-0123456789abcdef", p.name, p.n)
	a := p.do(call{method: http.MethodPost, path: "/till/commands", key: id, header: p.header(map[string]string{fragmentHeader: "cart"}),
		body: fmt.Sprintf(`{"kind":%q,"ticket":%q,"args":%s}`, kind, ticket, args)})
	if a.status != http.StatusOK {
		p.tb.Fatalf("%s: %d %s", kind, a.status, a.body)
	}
	p.keep(id, a)
	return string(a.body)
}

// sends is does for a form that is sent until it is answered.
func (p *page) sends(path string, fields url.Values) answer {
	p.tb.Helper()
	p.n++
	id := fmt.Sprintf("%s-%d-0123456789abcdef", p.name, p.n)
	fields.Set("command", id)
	a := p.do(call{method: http.MethodPost, path: path, body: fields.Encode(), key: "-",
		header: p.header(map[string]string{"Content-Type": "application/x-www-form-urlencoded", sureHeader: "1"})})
	if a.status != http.StatusNoContent || a.header.Get(nextHeader) == "" {
		p.tb.Fatalf("%s: %d %s", path, a.status, a.body)
	}
	p.keep(id, a)
	return a
}

func (p *page) keep(id string, a answer) {
	p.tb.Helper()
	sealed := a.header.Get(copyHeader)
	if sealed == "" {
		p.tb.Fatalf("%s was answered without a copy", id)
	}
	p.kept = append(p.kept, sentCopy{ID: id, Copy: sealed})
}

// order rings a coffee and returns the id of the ticket.
func (p *page) order(products ...string) string {
	p.tb.Helper()
	ticket := find(p.tb, p.does("", "new", `{"mode":"eat_in"}`), `data-ticket="([^"]+)"`)
	for _, product := range products {
		p.does(ticket, "add", fmt.Sprintf(`{"product":%q}`, product))
	}
	return ticket
}

// givesBack sends what the page remembers.
func (p *page) givesBack(last bool) resendAnswer {
	p.tb.Helper()
	return p.gives(p.kept, last)
}

func (c *cafe) gives(kept []sentCopy, last bool) (told resendAnswer) {
	c.tb.Helper()
	body, err := json.Marshal(map[string]any{"last": last, "copies": kept})
	if err != nil {
		c.tb.Fatal(err)
	}
	a := c.do(call{method: http.MethodPost, path: resendPath, body: string(body), key: "-"})
	if a.status != http.StatusOK {
		c.tb.Fatalf("resend: %d %s", a.status, a.body)
	}
	if err := json.Unmarshal(a.body, &told); err != nil {
		c.tb.Fatal(err)
	}
	return told
}

func (told resendAnswer) counts() [4]int {
	return [4]int{len(told.Known), len(told.Done), len(told.Refused), len(told.Later)}
}

// backedUp is a copy of the data as they are now.
func (c *cafe) backedUp() (file string) {
	c.tb.Helper()
	file = filepath.Join(c.tb.TempDir(), "copy.db")
	if _, err := data.Backup(context.Background(), c.till.DB(), file); err != nil {
		c.tb.Fatalf("back up: %v", err)
	}
	return file
}

// restored opens the copy on another machine: with the keys, under a newer epoch. The machine it is of is lost.
func (c *cafe) restored(file string) *cafe {
	c.tb.Helper()
	dir := c.tb.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "keys"), os.DirFS(filepath.Join(c.till.DB().Dir(), "keys"))); err != nil {
		c.tb.Fatal(err)
	}
	if err := chmodAll(filepath.Join(dir, "keys")); err != nil {
		c.tb.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		c.tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "till.db"), content, 0o600); err != nil {
		c.tb.Fatal(err)
	}
	if _, err := data.NewEpoch(context.Background(), dir, c.clock.Now()); err != nil {
		c.tb.Fatalf("new epoch: %v", err)
	}
	b := &cafe{tb: c.tb, clock: c.clock, tokens: c.tokens, told: &topics{}, log: &lockedBuffer{}}
	b.keys.Store(c.keys.Load() + 1_000_000)
	if b.till, err = pos.Open(context.Background(), pos.Config{Dir: dir, Clock: c.clock, PublicURL: publicURL, Software: "comptoir/test"}); err != nil {
		c.tb.Fatalf("open the restored café: %v", err)
	}
	c.tb.Cleanup(b.close)
	b.web = newServer(c.tb, b.till, b.log)
	return b
}

func chmodAll(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.Chmod(f, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// books is what must be as it was: sales with their receipts, stamps, the shelf, the drawer.
func (c *cafe) books() (all []string) {
	c.tb.Helper()
	rows, err := c.till.DB().Reader().Query(context.Background(), `SELECT 'sale ' || s.id || ' ' || s.total || ' ' || s.code FROM sales AS s
		UNION ALL SELECT 'items ' || class || ' ' || origin || ' ' || count(*) FROM items GROUP BY class, origin
		UNION ALL SELECT 'stamps ' || account || ' ' || sum(delta) FROM stamps GROUP BY account
		UNION ALL SELECT 'drawer ' || sum(amount) FROM drawer ORDER BY 1`)
	if err != nil {
		c.tb.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			c.tb.Fatal(err)
		}
		all = append(all, one)
	}
	if err := rows.Err(); err != nil {
		c.tb.Fatal(err)
	}
	return all
}

func TestWhatAMachineLostIsDoneOnceOnTheNextOne(t *testing.T) {
	a := openCafe(t)
	before := &page{cafe: a, name: "before"}
	before.does(before.order("cafe"), "pay", `{"means":"card","total":220}`)
	copied := a.backedUp()

	p := &page{cafe: a, name: "till"}
	card := find(t, p.does("", "new", `{"mode":"eat_in"}`), `data-ticket="([^"]+)"`)
	p.does(card, "add", `{"product":"plat"}`)
	p.does(card, "new-card", `{}`)
	p.does(card, "gift", `{"product":"cafe"}`)
	p.does(card, "pay", `{"means":"cash","total":1370,"given":2000}`)
	p.does("", "serve", `{"product":"cafe","mode":"eat_in"}`)
	split := p.order("cafe", "eau")
	p.sends("/pay/"+split, url.Values{"means": {"cash"}, "amount": {"1,00"}, "total": {"420"}, "due": {"420"}, "proposed": {"4,20"}, "version": {a.version(split)}})
	p.sends("/pay/"+split, url.Values{"means": {"card"}, "amount": {"3,20"}, "total": {"420"}, "due": {"320"}, "proposed": {"3,20"}, "version": {a.version(split)}})
	want := a.books()

	b := a.restored(copied)
	if slices.Equal(b.books(), want) {
		t.Fatal("nothing was lost: the test shows nothing")
	}
	p.cafe, before.cafe = b, b
	if got, want := p.givesBack(false).counts(), [4]int{0, len(p.kept), 0, 0}; got != want {
		t.Fatalf("known, done, refused, later: %v, want %v\n%s", got, want, b.log)
	}
	if got := b.books(); !slices.Equal(got, want) {
		t.Errorf("after giving back\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for range 2 {
		if got, want := p.givesBack(true).counts(), [4]int{len(p.kept), 0, 0, 0}; got != want {
			t.Errorf("given back again: %v, want %v", got, want)
		}
	}
	if got, want := before.givesBack(false).counts(), [4]int{len(before.kept), 0, 0, 0}; got != want {
		t.Errorf("what the copy had: %v, want %v", got, want)
	}
	if got := b.books(); !slices.Equal(got, want) {
		t.Errorf("after giving back three times\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func (c *cafe) version(ticket string) string {
	c.tb.Helper()
	tk, err := c.till.Ticket(context.Background(), ticket)
	if err != nil {
		c.tb.Fatal(err)
	}
	return fmt.Sprint(tk.Version)
}

// someone signs another barista in on a page of her own.
func (c *cafe) someone(name string) (p *page, who pos.Operator, by func(id string) pos.By) {
	c.tb.Helper()
	staff, err := c.till.Operators(context.Background())
	if err != nil {
		c.tb.Fatal(err)
	}
	manager := staff[slices.IndexFunc(staff, func(o pos.Operator) bool { return o.Role == pos.RoleManager })]
	by = func(id string) pos.By { return pos.By{Operator: manager, Command: data.NewCommand(id)} }
	p = &page{cafe: c, name: name}
	if p.token, err = c.till.CreateToken(context.Background(), by("token-"+name), pos.RoleBarista, name); err != nil {
		c.tb.Fatal(err)
	}
	if who, err = c.till.TokenOperator(context.Background(), p.token); err != nil {
		c.tb.Fatal(err)
	}
	return p, who, by
}

// newestSale is the id of what was sold last.
func (c *cafe) newestSale() (id string) {
	c.tb.Helper()
	if err := c.till.DB().Reader().QueryRow(context.Background(), `SELECT id FROM sales ORDER BY seq DESC LIMIT 1`).Scan(&id); err != nil {
		c.tb.Fatal(err)
	}
	return id
}

// isSound holds the laws of the data and the whole journal against what was given back, as doctor and verify do.
func (c *cafe) isSound() {
	c.tb.Helper()
	datatest.Audit(c.tb, c.till.DB())
	report, err := c.till.VerifyJournal(context.Background(), true)
	if err != nil || !report.Conform {
		c.tb.Errorf("verify: %+v %v", report, err)
	}
}

func TestFourTillsGiveBackAtOnceWhatTheyDidTogether(t *testing.T) {
	a := openCafe(t)
	left, zoe, manages := a.someone("Zoe")
	copied := a.backedUp()
	tills := make([]*page, 4)
	for i := range tills {
		tills[i] = &page{cafe: a, name: fmt.Sprintf("till%d", i)}
	}
	for i, p := range tills { // an order of one till is added to by the next, and paid by the one after
		next, after := tills[(i+1)%4], tills[(i+2)%4]
		ticket := p.order("cafe", "plat")
		a.clock.Advance(time.Second)
		next.does(ticket, "add", `{"product":"eau"}`)
		next.does(ticket, "gift", `{"product":"cafe"}`)
		a.clock.Advance(time.Second)
		after.does(ticket, "pay", `{"means":"card","total":1790,"version":`+a.version(ticket)+`}`)
		if i%2 == 0 { // sold by one, taken back by another
			next.sends("/sales/"+a.newestSale()+"/refund", url.Values{"qty-1": {"1"}, "tender": {"card"}, "reason": {"froid"}})
		}
		served := find(t, p.does("", "serve", `{"product":"cafe","mode":"eat_in"}`), `data-undo="([^"]+)"`)
		if i == 0 { // the number of a serving may be another one's after the restore
			undo := find(t, strings.ReplaceAll(served, "&#34;", `"`), `"args":(\{[^}]*\})`)
			p.does("", "undo-serve", undo)
		}
	}
	want := a.books()
	left.does(left.order("cafe"), "pay", `{"means":"card","total":220}`)

	b := a.restored(copied)
	if err := b.till.DisableOperator(t.Context(), manages("leaves"), zoe.ID); err != nil {
		t.Fatal(err)
	}
	all := 0
	for _, p := range tills {
		p.cafe, all = b, all+len(p.kept)
	}
	for round := range 8 {
		done := make([]int, len(tills))
		var wg sync.WaitGroup
		for i, p := range tills {
			wg.Go(func() { done[i] = len(p.givesBack(round == 7).Known) })
		}
		wg.Wait()
		if done[0]+done[1]+done[2]+done[3] == all {
			break
		}
	}
	for _, p := range tills {
		if got, want := p.givesBack(true).counts(), [4]int{len(p.kept), 0, 0, 0}; got != want {
			t.Errorf("%s: known, done, refused, later %v, want %v", p.name, got, want)
		}
	}
	if got := b.books(); !slices.Equal(got, want) {
		t.Errorf("given back\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got, want := b.gives(left.kept, true).counts(), [4]int{0, 0, len(left.kept), 0}; got != want {
		t.Errorf("of one who has left: %v, want %v", got, want)
	}
	says(t, b.page(pos.RoleManager, resentPath), zoe.Name)
	if got := b.books(); !slices.Equal(got, want) {
		t.Errorf("with what one who has left did\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	b.isSound()
}

func TestNobodyElseMakesACopy(t *testing.T) {
	a := openCafe(t)
	copied := a.backedUp()
	p := &page{cafe: a, name: "till"}
	p.does(p.order("cafe"), "pay", `{"means":"card","total":220}`)
	stranger := sealedElsewhere(t)
	for _, c := range p.kept {
		for _, word := range []string{"till-", "cafe", "pay", "new"} {
			if strings.Contains(c.Copy, word) {
				t.Errorf("a copy shows %q", word)
			}
		}
	}

	b := a.restored(copied)
	was := b.books()
	altered := slices.Clone(p.kept)
	for i := range altered {
		c, other := altered[i].Copy, "A"
		if c[20] == 'A' {
			other = "B"
		}
		altered[i].Copy = c[:20] + other + c[21:]
	}
	for name, thief := range map[string][]sentCopy{"altered": altered, "another café's": {{ID: "z", Copy: stranger}}, "made up": {{ID: "x", Copy: "x"}, {ID: "y"}}} {
		if got := b.gives(thief, false).counts(); got != [4]int{0, 0, len(thief), 0} {
			t.Errorf("%s: %v, want all refused", name, got)
		}
	}
	if got := b.books(); !slices.Equal(got, was) {
		t.Errorf("a thief moved something: %v, was %v", got, was)
	}
	p.cafe = b
	p.givesBack(true)
	once := b.books()
	for range 50 {
		p.givesBack(true)
	}
	if got := b.books(); !slices.Equal(got, once) {
		t.Errorf("replayed: %v, want %v", got, once)
	}
	b.isSound()
	b.clock.Advance(8 * 24 * time.Hour)
	if got := b.gives(p.kept, true).counts(); got != [4]int{0, 0, len(p.kept), 0} {
		t.Errorf("a week later: %v, want all refused", got)
	}
}

func TestWhatCannotBeDoneAgainIsListedForTheManager(t *testing.T) {
	a := openCafe(t)
	copied := a.backedUp()
	p := &page{cafe: a, name: "till"}
	ticket := p.order("cafe")
	p.does(ticket, "pay", `{"means":"card","total":220}`)
	lost := p.kept[:1] // the order itself: what it was paid with follows nothing
	b := a.restored(copied)
	if got := b.gives(p.kept[1:], false).counts(); got != [4]int{0, 0, 0, 2} {
		t.Fatalf("while another till may know more: %v, want two for later", got)
	}
	if got := b.gives(p.kept[1:], true).counts(); got != [4]int{0, 0, 2, 0} {
		t.Fatalf("at last: %v, want two refused", got)
	}
	says(t, b.page(pos.RoleManager, resentPath), "Paiement", "2,20", "Awa")
	if got := b.gives(lost, true).counts(); got != [4]int{0, 1, 0, 0} {
		t.Errorf("what comes after all: %v, want it done", got)
	}
	if a := b.do(call{method: http.MethodGet, path: resentPath}); a.status != http.StatusForbidden {
		t.Errorf("a barista reads it: %d", a.status)
	}
	if a := b.do(call{method: http.MethodPost, path: resendPath, role: pos.RoleAccountant, body: `{}`, key: "-"}); a.status != http.StatusForbidden {
		t.Errorf("an accountant gives back: %d", a.status)
	}
}

func TestACopyHoldsNoPIN(t *testing.T) {
	a := openCafe(t)
	copied := a.backedUp()
	p := &page{cafe: a, name: "till"}
	ticket := p.order("plat")
	managers, err := a.till.Operators(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	marie := managers[slices.IndexFunc(managers, func(o pos.Operator) bool { return o.Name == "Marie" })]
	p.does(ticket, "discount", fmt.Sprintf(`{"line":1,"how":"percent","value":"100","reason":"commercial","manager":%q,"pin":%q}`, marie.ID, managerPIN))
	kept, err := a.till.OpenCopy(p.kept[len(p.kept)-1].Copy)
	if err != nil || strings.Contains(kept.Body, managerPIN) || kept.Approver != marie.ID {
		t.Fatalf("copy %+v, %v: want no PIN, and who approved", kept, err)
	}
	b := a.restored(copied)
	if got := b.gives(p.kept, true).counts(); got != [4]int{0, len(p.kept), 0, 0} {
		t.Errorf("given back: %v, want all done\n%s", got, b.log)
	}
	tk, err := b.till.Ticket(t.Context(), ticket)
	if err != nil || tk.Total != 0 {
		t.Errorf("the order costs %v, %v; want nothing", tk.Total, err)
	}
}

// FuzzGiveBack gives back copies of anything, under the café's own seal, as another release may have made them: what is no
// command of the counter is not carried out, and nothing that is breaks a law.
func FuzzGiveBack(f *testing.F) {
	for _, seed := range [][4]string{
		{"POST", "/till/commands", "application/json", `{"kind":"new","ticket":"","args":{"mode":"eat_in"}}`},
		{"POST", "/till/commands?x=1", "application/json", `{"kind":"serve","ticket":"","args":{"product":"cafe","mode":"eat_in"}}`},
		{"POST", "/shift/cash", "application/x-www-form-urlencoded", "direction=in&amount=1,00&reason=x"},
		{"POST", "/sales/x/refund", "application/x-www-form-urlencoded", "qty-1=1&tender=card&reason=x"},
		{"POST", "/manage/staff", "application/x-www-form-urlencoded", "name=X&role=manager&pin=1234"},
		{"POST", "/pay/../manage/staff", "application/x-www-form-urlencoded", "name=X&role=manager&pin=1234"},
		{"POST", "/pay/x%2f..%2f..%2fmanage%2fstaff", "application/x-www-form-urlencoded", "name=X&role=manager&pin=1234"},
		{"GET", "/manage", "", ""},
		{"\x00", "//\x00", "", "\xff"},
	} {
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	c := openCafe(f)
	staff, err := c.till.Operators(context.Background())
	if err != nil {
		f.Fatal(err)
	}
	manager := staff[slices.IndexFunc(staff, func(o pos.Operator) bool { return o.Role == pos.RoleManager })]
	n := 0
	f.Fuzz(func(t *testing.T, method, address, kind, body string) {
		n++
		c.tb = t
		defer func() { c.tb = f }()
		sealed, err := c.till.SealCopy(pos.Copy{Command: fmt.Sprintf("fuzz-%d", n), First: c.clock.Now(), Operator: manager.ID, Method: method, Address: address, Type: kind, Body: body})
		if err != nil {
			return // the till seals no such copy, and so nobody can send one
		}
		c.gives([]sentCopy{{ID: "x", Copy: sealed}}, true)
		if now, err := c.till.Operators(t.Context()); err != nil || len(now) != len(staff) {
			t.Fatalf("%q %q changed the staff (%v)", method, address, err)
		}
	})
}

func TestTrainingIsNotRemembered(t *testing.T) {
	a := openCafe(t)
	a.ok(call{method: http.MethodPost, path: "/api/v1/training", role: pos.RoleManager, body: `{"on":true}`})
	if got := a.tap("t-1", "", "new", `{"mode":"eat_in"}`).header.Get(copyHeader); got != "" {
		t.Error("what is done in training is remembered")
	}
	if got := a.do(call{method: http.MethodPost, path: resendPath, body: `{"copies":[]}`, key: "-"}); got.status != http.StatusConflict {
		t.Errorf("given back into training: %d", got.status)
	}
}

// sealedElsewhere is a copy of another café, of the same command.
func sealedElsewhere(t *testing.T) string {
	t.Helper()
	config := pos.Config{Dir: t.TempDir(), PublicURL: publicURL, Software: "comptoir/test"}
	identity := pos.Identity{Name: "Ailleurs", LegalName: "Ailleurs SAS", Address: "2 quai des Tests, 33000 Bordeaux", SIRET: "12345678200010", VATRegime: "normal_monthly"}
	if err := pos.Found(t.Context(), config, identity, pos.NewOperator{Name: "Marie", PIN: managerPIN, Role: pos.RoleManager}); err != nil {
		t.Fatal(err)
	}
	till, err := pos.Open(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := till.SealCopy(pos.Copy{Command: "c", First: till.DB().Now(), Method: http.MethodPost, Address: "/till/commands"})
	if err = errors.Join(err, till.Close()); err != nil {
		t.Fatal(err)
	}
	return sealed
}
