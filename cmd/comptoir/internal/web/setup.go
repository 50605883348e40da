package web

import (
	"bytes"
	"context"
	"crypto/subtle"
	"io"
	"net"
	"net/http"
	"path"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
)

const setupPath = "/setup"

// Setup is how a demonstration makes room for a live café. It is for whoever sits at the machine, or knows the code
// that the service has printed there.
type Setup struct {
	Code  string        // for other machines; void after maxSetupTries wrong ones
	Open  func() bool   // there is no live café yet
	Made  chan struct{} // told once the café is made and its manager has been answered; room for one
	Found func(ctx context.Context, f Founding) (pos.Session, error)

	mu    sync.Mutex // one founding at a time
	wrong int        // codes tried
	done  atomic.Bool
}

// Founding is what a live café begins with: who it is, its first manager, and its menu: the sample, one from a file, or
// none.
type Founding struct {
	Identity pos.Identity
	Manager  pos.NewOperator
	Sample   bool
	Menu     *pos.MenuFile
}

// maxSetupTries is how many wrong codes are heard: eight letters do not withstand a machine that tries.
const maxSetupTries = 10

// Menus that a new café may begin with.
const (
	menuSample = "sample"
	menuFile   = "file"
	menuEmpty  = "empty"
)

// Refusals of the set-up page.
var (
	errSetup      = fault.New(fault.Invalid, "setup.invalid", "The café cannot be set up like this; nothing was made.")
	errSetupCode  = fault.New(fault.Denied, "setup.code", "Type the set-up code that the service has printed where it was started.").Field("code", "setup_code")
	errSetupTries = fault.New(fault.TooMany, "setup.tries", "Too many codes were tried: set the café up on the machine itself, or start the service again.")
	errSetupDone  = fault.New(fault.Conflict, "setup.done", "There is a live café already.")
	errOpening    = fault.New(fault.Busy, "cafe.opening", "The live café is being opened at this address; ask again in a second.")
)

// setupView is the set-up page. What was typed stays when something is refused; a PIN does not.
type setupView struct {
	base
	NeedsCode bool
	Regimes   []settingView
	Menus     []settingView
	Kept      string // the menu file that was read before a refusal
	KeptName  string
	Doubts    bool // numbers that look wrong, and may be right
	Pad       padView
}

// setupPage serves GET /setup.
func (s *Server) setupPage(c *fiber.Ctx) error {
	if err := s.setupOpen(); err != nil {
		return err
	}
	return s.showSetup(c, http.StatusOK, nil, keptMenu{}, false)
}

// setupOpen refuses when there is nothing to set up here: not the demonstration, or a live café is there.
func (s *Server) setupOpen() error {
	switch {
	case s.setup == nil:
		return errRoute
	case !s.setup.Open():
		return errSetupDone
	}
	return nil
}

// keptMenu is a menu file between two tries.
type keptMenu struct{ name, text string }

func (s *Server) showSetup(c *fiber.Ctx, status int, trouble *troubleView, menu keptMenu, doubts bool) error {
	v := setupView{base: s.newBase(c, "setup.title", ""), NeedsCode: !isHere(c), Kept: menu.text, KeptName: menu.name, Doubts: doubts}
	v.Trouble = trouble
	chosen := v.Typed("vat_regime", "")
	for _, r := range pos.VATRegimes() {
		v.Regimes = append(v.Regimes, settingView{r, v.T("setup.regime." + r), r == chosen})
	}
	chosen = v.Typed("menu", menuSample)
	for _, m := range []string{menuSample, menuFile, menuEmpty} {
		v.Menus = append(v.Menus, settingView{m, v.T("setup.menu." + m), m == chosen})
	}
	v.Pad = v.DigitPad("pin", "pin_again")
	return s.page(c, status, "setup", v)
}

// Why explains a regime in one sentence.
func (v setupView) Why(regime string) string { return v.T("setup.regime_why." + regime) }

// foundCafe serves POST /setup: the whole café or nothing. The manager is signed in to it, and finds it at the same
// address a moment later.
func (s *Server) foundCafe(c *fiber.Ctx) error {
	if err := s.setupOpen(); err != nil {
		return err
	}
	menu, doubts := keptMenu{}, false
	onRefusal(c, func(status int, t *troubleView) error { return s.showSetup(c, status, t, menu, doubts) })
	if err := s.setup.admit(c); err != nil {
		return err
	}
	var err error
	if menu, err = readMenu(c); err != nil {
		return err
	}
	f, dubious, err := founding(c, menu)
	doubts = dubious || c.FormValue("sure") != ""
	if err != nil {
		return err
	}
	session, err := s.setup.found(c.UserContext(), f)
	if err != nil {
		return onPage(err)
	}
	setSession(c, session.Token, session.Expires)
	return c.Redirect("/", http.StatusSeeOther)
}

// found makes the café, once, and tells that it is there. Whoever asks a second time meanwhile waits, and is told that
// it has been done.
func (u *Setup) found(ctx context.Context, f Founding) (pos.Session, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.done.Load() || !u.Open() {
		return pos.Session{}, errSetupDone
	}
	session, err := u.Found(context.WithoutCancel(ctx), f) // a café half made is of no use to somebody who has left
	if err == nil {
		u.done.Store(true)
		u.Made <- struct{}{}
	}
	return session, err
}

// makesWay refuses what comes to the demonstration once the live café is made: it does not know the manager's session,
// and would ask for a PIN. The form sent twice is told that it has been done. A browser asks again by itself, and is answered by the live café.
func (u *Setup) makesWay(c *fiber.Ctx) error {
	if u == nil || !u.done.Load() || c.Path() == setupPath || strings.HasPrefix(c.Path(), "/static/") {
		return nil
	}
	c.Set("Refresh", "1")
	c.Set(fiber.HeaderRetryAfter, "1")
	c.Context().SetConnectionClose()
	return errOpening
}

// admit lets whoever sits at the machine in, and whoever knows its code.
func (u *Setup) admit(c *fiber.Ctx) error {
	if isHere(c) {
		return nil
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.wrong >= maxSetupTries {
		return errSetupTries
	}
	if subtle.ConstantTimeCompare([]byte(plainCode(c.FormValue("code"))), []byte(plainCode(u.Code))) != 1 {
		u.wrong++
		return errSetupCode
	}
	return nil
}

func plainCode(code string) string {
	return strings.ToUpper(strings.NewReplacer(" ", "", "-", "").Replace(code))
}

// isHere reports whether a request comes from this machine. One that a proxy has passed on may come from anywhere.
func isHere(c *fiber.Ctx) bool {
	peer, ok := c.Context().RemoteAddr().(*net.TCPAddr)
	return ok && peer.IP.IsLoopback() && c.Get(fiber.HeaderXForwardedFor) == "" && c.Get("Forwarded") == ""
}

// readMenu reads the menu file of the form: the one that is sent, else the one that was kept.
func readMenu(c *fiber.Ctx) (keptMenu, error) {
	kept := keptMenu{c.FormValue("menu_name"), c.FormValue("menu_text")}
	header, err := c.FormFile("file")
	if err != nil || header.Size == 0 {
		return kept, nil // no file was chosen: the one before stands
	}
	opened, err := header.Open()
	if err != nil {
		return kept, errBug.Wrap(err)
	}
	defer func() { _ = opened.Close() }() // read only
	text, err := io.ReadAll(io.LimitReader(opened, maxMenuBody))
	if err != nil {
		return kept, errBug.Wrap(err)
	}
	return keptMenu{header.Filename, string(text)}, nil
}

// founding reads the form, all of it: every field that is wrong is told at once. dubious: some numbers look wrong.
func founding(c *fiber.Ctx, menu keptMenu) (f Founding, dubious bool, err error) {
	refused := *errSetup
	take := func(err error, rename ...string) {
		e, ok := fault.As(err)
		if !ok {
			return
		}
		for _, field := range e.Fields {
			if len(rename) == 1 {
				field.Name = rename[0]
			}
			refused.Fields = append(refused.Fields, field)
		}
	}
	id, doubts, err := pos.CheckIdentity(pos.Identity{
		Name: c.FormValue("name"), LegalName: c.FormValue("legal_name"), Address: c.FormValue("address"), SIRET: c.FormValue("siret"),
		VATNumber: c.FormValue("vat_number"), VATRegime: c.FormValue("vat_regime"),
	})
	take(err)
	if len(doubts) > 0 && c.FormValue("sure") == "" {
		refused.Fields = append(refused.Fields, doubts...)
	}
	f = Founding{Identity: id, Manager: pos.NewOperator{Name: c.FormValue("manager"), PIN: c.FormValue("pin"), Role: pos.RoleManager}}
	someone := f.Manager
	if strings.TrimSpace(someone.Name) == "" {
		refused.Fields = append(refused.Fields, fault.Field{Name: "manager", Code: "required"})
		someone.Name = "x" // so that the PIN is looked at as well
	}
	if err := pos.CheckFirstManager(someone); fault.CodeOf(err) == "text.invalid" {
		take(err, "manager")
	} else {
		take(err)
	}
	if f.Manager.PIN != c.FormValue("pin_again") {
		refused.Fields = append(refused.Fields, fault.Field{Name: "pin_again", Code: "pin_again"})
	}
	switch c.FormValue("menu") {
	case menuSample:
		f.Sample = true
	case menuEmpty:
	case menuFile:
		f.Menu, err = parsedMenu(menu)
		take(err)
	default:
		refused.Fields = append(refused.Fields, fault.Field{Name: "menu", Code: "one_of"})
	}
	if len(refused.Fields) > 0 {
		return f, len(doubts) > 0, &refused
	}
	return f, len(doubts) > 0, nil
}

// parsedMenu reads a menu file. Every error of it says where; the first field is that of the file itself.
func parsedMenu(menu keptMenu) (*pos.MenuFile, error) {
	if menu.text == "" {
		return nil, errSetup.Field("file", "required")
	}
	parse := pos.ParseMenuCSV
	if strings.EqualFold(path.Ext(menu.name), ".json") {
		parse = pos.ParseMenuJSON
	}
	file, err := parse(bytes.NewReader([]byte(menu.text)))
	if err != nil {
		return nil, withFile(err)
	}
	return &file, nil
}

// withFile puts the field of the file before the places in it.
func withFile(err error) error {
	e, ok := fault.As(err)
	if !ok {
		return err
	}
	marked := *e
	marked.Fields = append([]fault.Field{{Name: "file", Code: "menu_file"}}, e.Fields...)
	return &marked
}

// onPage says a refusal of the making where its field stands on the page.
func onPage(err error) error {
	if code := fault.CodeOf(err); code == "menu.file" || code == "menu.invalid" {
		return withFile(err)
	}
	if fault.CodeOf(err) == "journal.founded" {
		return errSetupDone
	}
	return err
}
