package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// renderer holds the templates: a set for each page, made of a layout, the page and the parts they call when it is first
// shown, and one set of the parts alone for fragments.
type renderer struct {
	assets *assets
	pages  map[string]func() (*template.Template, error)
	parts  *template.Template
	packer *packer
}

// screen is one page: its template, its layout and the struct it is shown with. A test checks each against the other.
type screen struct {
	name, layout string
	view         any
}

func screens() []screen {
	return []screen{
		{"till", "bare", tillView{}}, {"login", "bare", loginView{}}, {"error", "bare", errorView{}}, {"board", "bare", boardView{}}, {"kitchen", "bare", kitchenView{}},
		{"display", "bare", displayView{}}, {"device", "staff", deviceView{}}, {"setup", "staff", setupView{}},
		{"opening", "staff", openingView{}}, {"note", "staff", noteView{}}, {"pay", "staff", payView{}}, {"after", "staff", afterView{}},
		{"charge", "staff", chargeView{}}, {"charges", "staff", chargesView{}}, {"manage_terminals", "staff", terminalsView{}}, {"manage_terminal", "staff", terminalView{}},
		{"sales", "staff", salesView{}}, {"sale", "staff", saleView{}}, {"document", "staff", documentView{}}, {"invoice", "staff", invoiceView{}}, {"fix", "staff", fixView{}}, {"shift", "staff", shiftView{}},
		{"close", "staff", closeView{}}, {"closing", "staff", closingView{}}, {"manage_closings", "staff", closingsView{}},
		{"manage_today", "staff", todayView{}}, {"help", "staff", helpView{}}, {"manage_menu", "staff", menuView{}}, {"manage_product", "staff", productView{}},
		{"manage_category", "staff", categoryView{}}, {"manage_import", "staff", importView{}},
		{"stopped", "staff", stoppedView{}}, {"stopped_public", "public", stoppedView{}}, {"upgrading", "staff", upgradingView{}}, {"manage_alerts", "staff", alertsView{}}, {"manage_resent", "staff", resentView{}}, {"training", "staff", trainingView{}}, {"manage_staff", "staff", staffView{}}, {"manage_member", "staff", memberView{}}, {"manage_settings", "staff", settingsView{}}, {"manage_vat", "staff", vatView{}}, {"manage_network", "staff", networkView{}}, {"tablet", "public", tabletView{}}, {"manage_health", "staff", healthView{}}, {"manage_speed", "staff", speedView{}}, {"manage_backup", "staff", backupView{}},
		{"manage_solidarity", "staff", solidarityView{}}, {"manage_shelf", "staff", shelfPageView{}}, {"manage_options", "staff", optionsView{}}, {"manage_cards", "staff", cardsView{}}, {"manage_sheet", "staff", paperView{}},
		{"manage_flags", "staff", flagsView{}}, {"aid", "staff", aidView{}}, {"flyer", "staff", flyerView{}},
		{"manage_partners", "staff", partnersView{}}, {"manage_partner", "staff", partnerView{}}, {"partner_statement", "staff", partnerStatementView{}},
		{"collect", "staff", collectView{}}, {"handover", "staff", handoverView{}}, {"slip", "staff", slipView{}}, {"partner", "public", weekView{}}, {"partner_month", "public", partnerStatementView{}},
		{"statements", "public", statementsView{}}, {"statement", "public", statementPageView{}}, {"manage_statement", "staff", statementsView{}},
		{"manage_services", "staff", servicesView{}}, {"manage_service", "staff", serviceFormView{}}, {"manage_evening", "staff", eveningView{}}, {"manage_rota", "staff", rotaSheetView{}},
		{"rota", "public", rotaView{}}, {"place", "public", placeView{}},
		{"about", "staff", aboutView{}}, {"manuals", "staff", manualView{}}, {"manual_user", "staff", manualView{}}, {"manual_closing", "staff", manualView{}},
		{"manual_tax", "staff", manualView{}}, {"manual_crypto", "staff", manualView{}},
		{"manage_exports", "staff", exportsView{}}, {"manage_archives", "staff", archivesView{}}, {"manage_funds", "staff", fundsView{}}, {"fund_paper", "staff", fundPaper{}}, {"manage_accounts", "staff", accountsView{}},
		{"manage_printers", "staff", printersView{}}, {"manage_printer", "staff", printerView{}}, {"printing", "staff", printingView{}}, {"manage_scanner", "staff", scannerView{}}, {"manage_tray", "staff", trayView{}},
		{"card", "public", cardView{}}, {"card_new", "public", newCardView{}}, {"receipt", "public", receiptView{}},
		{"receipt_find", "public", findReceiptView{}}, {"gift", "public", proofView{}}, {"error_public", "public", errorView{}},
	}
}

// compiled returns the renderer, made once: all its files are part of the program, and to pack and parse them takes longer
// than to open a café.
//
//nolint:gochecknoglobals // made once and never changed, as a compiled regular expression is
var compiled = sync.OnceValues(newRenderer)

// words returns the catalogues, read once.
//
//nolint:gochecknoglobals // as above
var words = sync.OnceValues(locale.Load)

// Prepare reads what pages are made of, and the first pages that are asked for. New would too; until there is a till to show it
// can be done beside the opening of the café. What is wrong with them New tells.
func Prepare() {
	_, _ = words()
	r, err := compiled()
	if err != nil {
		return
	}
	for _, first := range []string{"login", "till"} {
		if set := r.pages[first]; set != nil {
			_, _ = set()
		}
	}
}

func newRenderer() (*renderer, error) {
	a, err := loadAssets()
	if err != nil {
		return nil, err
	}
	funcs := template.FuncMap{"icon": a.icon, "asset": a.path, "args": jsonArgs, "left": func(qty, gone int) int { return qty - gone }, "inc": func(i int) int { return i + 1 }}
	r := &renderer{assets: a, pages: map[string]func() (*template.Template, error){}, packer: newPacker()}
	parts, err := template.New("parts").Funcs(funcs).ParseFS(templateFiles, "templates/parts/*.html")
	if err != nil {
		return nil, err
	}
	for _, s := range screens() {
		r.pages[s.name] = sync.OnceValues(func() (*template.Template, error) { return pageSet(parts, funcs, s) })
	}
	if r.parts, err = parts.Clone(); err != nil {
		return nil, err
	}
	return r, noStray(r)
}

// noStray refuses a page file that no screen names.
func noStray(r *renderer) error {
	files, err := fs.Glob(templateFiles, "templates/pages/*.html")
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(f, "templates/pages/"), ".html")
		if r.pages[name] == nil {
			return fmt.Errorf("page %s is in no table", name)
		}
	}
	return err
}

// jsonArgs writes the arguments of a command into an attribute: name and value in turn.
func jsonArgs(pairs ...any) (string, error) {
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		m[fmt.Sprint(pairs[i])] = pairs[i+1]
	}
	b, err := json.Marshal(m)
	return string(b), err
}

// page renders a whole page into memory, then sends it: an error leaves no half page.
func (s *Server) page(c *fiber.Ctx, status int, name string, view any) error {
	made := s.pages.pages[name]
	if made == nil {
		return errBug.Wrap(fmt.Errorf("no page %q", name))
	}
	set, err := made()
	if err != nil {
		return errBug.Wrap(err)
	}
	if v, ok := view.(interface{ refusal() *troubleView }); ok && v.refusal() != nil {
		_ = set.ExecuteTemplate(io.Discard, "content", view) // forms.go: which refused fields have a place; a failure comes again below
	}
	return s.pages.send(c, status, set, "layout", view)
}

// fragment renders a part of a page.
func (s *Server) fragment(c *fiber.Ctx, status int, name string, view any) error {
	return s.pages.send(c, status, s.pages.parts, name, view)
}

// send renders a part of a set and sends it. kept are blocks that stand in it as they are, in that order.
func (r *renderer) send(c *fiber.Ctx, status int, set *template.Template, name string, view any, kept ...keptBlock) error {
	body, err := r.render(set, name, view)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return r.packer.send(c.Status(status), body, kept...)
}

func (r *renderer) render(set *template.Template, name string, view any) ([]byte, error) {
	var b bytes.Buffer
	if err := set.ExecuteTemplate(&b, name, view); err != nil {
		return nil, errBug.Wrap(fmt.Errorf("render %s: %w", name, err))
	}
	return b.Bytes(), nil
}

// base is what every page shows. Its methods are the words and formats of the visitor's language.
type base struct {
	*locale.Language
	Title     string
	Nav       string // entry of the navigation that is current
	Section   string // entry of the second navigation
	Part      string // entry of the third, of the pages of solidarity
	Cafe      string
	Demo      bool
	Training  bool         // nothing that is sold counts; never so on public pages
	Operator  pos.Operator // zero on public pages
	Theme     string       // dark, light, or empty for the device's own
	Device    thisDevice
	CanSetUp  bool   // this demonstration leads to the set-up of a live café
	Screen    bool   // this device is reserved to a screen: nothing leads elsewhere
	LockAfter int    // minutes without a touch; 0: never
	Sick      string // nothing can be written: why, in words; empty: the till is well, or it is a public page
	Short     string // the disk is nearly full: so in words, for who sells; empty: it is not
	Epoch     int64  // number of the machine's life: another one has been restored; 0 on public pages
	Others    []otherLanguage
	Other     otherTheme
	Done      string       // what has just been done
	Trouble   *troubleView // what has just been refused
	zone      *time.Location
	names     func() pos.Names // asked for by Who, once a page
	isoYear   int              // of today: a week of another one is told with its year
}

// otherLanguage is one entry of the language switch.
type otherLanguage struct {
	Code, Short, Name, Link string
	Here                    bool
}

// otherTheme is the other look.
type otherTheme struct{ Theme, Link string }

// Clock writes the hour of an instant on the café's clock.
func (b base) Clock(t time.Time) string { return b.Time(t.In(b.zone)) }

// LongDay writes a business day in words.
func (b base) LongDay(day string) string { return b.Day(day) }

// Who tells the name behind the code of an operator; staff pages show no codes. The café's own acts have words.
func (b base) Who(code string) string {
	if key := "who." + strings.ToLower(code); b.Has(key) {
		return b.T(key)
	}
	return b.names().Of(code)
}

// Command returns a fresh command id for one form.
func (b base) Command() string { return newCommandID() }

// newBase fills in what every page shows; title is a key of the catalogue.
func (s *Server) newBase(c *fiber.Ctx, title, nav string) base {
	l := s.language(c)
	id := s.till.Identity()
	b := base{Language: l, Title: l.T(title), Nav: nav, Cafe: cafeName(id), Demo: id.Demo, Theme: s.theme(c), Device: deviceOf(c), zone: s.till.DB().Zone(), names: s.namesFor(c)}
	b.isoYear, _ = s.till.DB().Now().In(b.zone).ISOWeek()
	if !isPublic(c) {
		b.Operator = s.operator(c)
		b.Training, b.Epoch = s.till.Training(), s.till.DB().Epoch()
		b.Screen = isScreen(c)
		b.CanSetUp = s.setup != nil && s.setup.Open()
		b.LockAfter = s.minutesToLock(c, b)
		if trouble := s.unwell(); trouble != nil {
			b.Sick = l.Refusal(fault.CodeOf(trouble), false, nil)
		} else {
			b.Short = s.shortOfRoom(b)
		}
	}
	here := address(c)
	for _, o := range s.catalogue.Languages() {
		b.Others = append(b.Others, otherLanguage{Code: o.Code, Short: strings.ToUpper(o.Code), Name: o.T("language.name"), Link: with(here, "lang", o.Code), Here: o.Code == l.Code})
	}
	b.Other.Theme = "dark"
	if b.Theme == "dark" {
		b.Other.Theme = "light"
	}
	b.Other.Link = with(here, "theme", b.Other.Theme)
	if done := "done." + c.Query("done"); c.Query("done") != "" && l.Has(done) {
		b.Done = l.T(done)
	}
	return b
}

// namesFor reads the names of the staff when a page first needs one. A page does not fail for a name: it shows codes.
func (s *Server) namesFor(c *fiber.Ctx) func() pos.Names {
	ctx := c.UserContext()
	return sync.OnceValue(func() pos.Names {
		names, err := s.till.Names(ctx)
		if err != nil {
			s.log.WarnContext(ctx, "names of the staff", "error", err)
		}
		return names
	})
}

// cafeName is what a page calls the café. The name of a demonstration begins with the word, for its documents; pages
// have a badge for it.
func cafeName(id pos.Identity) string {
	if name, ok := strings.CutPrefix(id.Name, "DÉMONSTRATION – "); ok && id.Demo {
		return name
	}
	return id.Name
}

// address is where a switch on this page leads back to: the page itself, or the one whose form was sent.
func address(c *fiber.Ctx) *url.URL {
	if c.Method() == http.MethodGet {
		u := &url.URL{Path: c.Path()}
		q, _ := url.ParseQuery(string(c.Context().QueryArgs().QueryString())) // what cannot be read is left out
		q.Del("done")
		u.RawQuery = q.Encode()
		return u
	}
	if u, err := url.Parse(c.Get(fiber.HeaderReferer)); err == nil && u.Host == string(c.Context().Host()) {
		return &url.URL{Path: u.Path, RawQuery: u.RawQuery}
	}
	return &url.URL{Path: "/"}
}

// with returns an address with one parameter set.
func with(u *url.URL, name, value string) string {
	q := u.Query()
	q.Set(name, value)
	return (&url.URL{Path: u.Path, RawQuery: q.Encode()}).String()
}

// Cookies that remember how a device likes its pages. They hold no person.
const (
	languageCookie = "comptoir_lang"
	themeCookie    = "comptoir_theme"
	localLanguage  = "language"
)

// language returns the language to answer in: ?lang= (remembered), else what was remembered, else what the browser
// asks for.
func (s *Server) language(c *fiber.Ctx) *locale.Language {
	if l, ok := c.Locals(localLanguage).(*locale.Language); ok {
		return l
	}
	wanted := c.Query("lang")
	l := s.catalogue.Choose(wanted, c.Get(fiber.HeaderAcceptLanguage))
	if wanted != "" && l.Code == wanted {
		prefer(c, languageCookie, wanted)
	} else {
		l = s.catalogue.Choose(c.Cookies(languageCookie), c.Get(fiber.HeaderAcceptLanguage))
	}
	c.Locals(localLanguage, l)
	return l
}

// theme returns the look of this device now: ?theme= (remembered), else what was chosen for it.
func (s *Server) theme(c *fiber.Ctx) string {
	switch t := c.Query("theme"); t {
	case "dark", "light":
		prefer(c, themeCookie, t)
		return t
	}
	return deviceOf(c).shownTheme(s.till.DB().Now().In(s.till.DB().Zone()))
}

func prefer(c *fiber.Ctx, cookie, value string) {
	const year = 365 * 24 * 3600
	c.Cookie(&fiber.Cookie{Name: cookie, Value: value, Path: "/", MaxAge: year, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode})
}

// parseMoney reads an amount that a person typed. Error: Invalid amount.invalid on the named field.
func parseMoney(field, text string) (money.Cents, error) {
	c, err := money.Parse(text)
	if err != nil {
		return 0, errAmount.Field(field, "money").Wrap(err)
	}
	return c, nil
}

// local returns an address of this till to go to after signing in; anything else becomes the till.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(next, `\`) {
		return "/"
	}
	return u.RequestURI()
}
