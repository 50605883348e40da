package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
)

// Addresses of the held till's two forms.
const (
	resumePath = "/stopped/resume"
	againPath  = "/stopped/again"
)

// stoppedRetry is in how many seconds a program may ask a held till again.
const stoppedRetry = 30

// errHeldTill is what everything but its own page answers while a café is held.
var errHeldTill = fault.New(fault.Busy, "till.held", "The till does not sell: what it found is not what it last saw. A manager decides at the till how to go on.")

// errUpgrading is what everything but its own page answers while the data are brought up to date.
var errUpgrading = fault.New(fault.Busy, "till.upgrading", "The data are being brought up to date for a new version. The till opens by itself.")

// Upgrading is the reason for which a café is held while its data are brought up to date.
func Upgrading(since time.Time) error {
	return errUpgrading.With("since", since.UTC().Format(time.RFC3339))
}

// StoppedConfig is what the face of a held café needs: one that is there, and must not sell as it is (pos.IsHeld).
type StoppedConfig struct {
	Cafe       pos.Identity
	Managers   []pos.Operator
	Reason     error // what pos.Open refused
	Resume     func(context.Context, pos.HeldAnswer) error
	Retries    bool // it is tried again without being asked
	Staff      net.Listener
	Public     net.Listener
	PublicURL  string
	AllowHosts []string
	Network    Network
	Clock      data.Clock   // nil: the machine's
	Log        *slog.Logger // nil: discarded
}

// Stopped serves a café that is held: one page for the staff, that says what was found and what to do, and lets a manager go
// on; a word for the public; 503 for programs. It reads and writes nothing by itself.
type Stopped struct {
	*Server

	cafe     pos.Identity
	managers []pos.Operator
	why      string // key of its words
	reason   problem
	refusal  *fault.Error // of everything but the page
	resume   func(context.Context, pos.HeldAnswer) error
	retries  bool
	asked    atomic.Bool
	again    chan struct{} // room for one
}

// NewStopped wires the page of a held café.
func NewStopped(cfg StoppedConfig) (*Stopped, error) {
	catalogue, err := words()
	if err != nil {
		return nil, fmt.Errorf("load catalogue: %w", err)
	}
	pages, err := compiled()
	if err != nil {
		return nil, fmt.Errorf("load pages: %w", err)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Clock == nil {
		cfg.Clock = data.SystemClock{}
	}
	u := &Stopped{retries: cfg.Retries, cafe: cfg.Cafe, managers: cfg.Managers, why: whyStopped(cfg.Reason), reason: problemOf(cfg.Reason), again: make(chan struct{}, 1)}
	u.refusal = errHeldTill
	if u.reason.Code == errUpgrading.Code {
		u.refusal = errUpgrading
	}
	u.refusal = u.refusal.With("reason", u.reason.Code)
	if pos.CanResume(cfg.Reason) {
		u.resume = cfg.Resume
	}
	u.Server = &Server{
		catalogue: catalogue, pages: pages, hub: newHub(), clock: cfg.Clock, log: cfg.Log,
		hosts:   newHostList(cfg.PublicURL, cfg.AllowHosts, cfg.Staff, cfg.Public),
		staffLn: newDoor(cfg.Staff), publicLn: newDoor(cfg.Public),
	}
	u.staff, u.public = u.newStoppedApp(false), u.newStoppedApp(true)
	if cfg.Network.Secure != nil {
		u.secure = &entrance{u.newStoppedApp(false), cfg.Network.door()}
	}
	return u, nil
}

// whyStopped is the last part of the keys that word a reason.
func whyStopped(reason error) string {
	code := fault.CodeOf(reason)
	if f, ok := fault.As(reason); ok && code == "journal.rollback" {
		if cause, ok := f.Args["cause"].(string); ok {
			return cause
		}
	}
	if what, ok := strings.CutPrefix(code, "data."); ok && code != "data.replaced" {
		return "data_" + what // of the disk or the file
	}
	return code[strings.LastIndexByte(code, '.')+1:]
}

// Again is told when somebody wants the café to be opened: a manager has decided, or a file was put right.
func (u *Stopped) Again() <-chan struct{} { return u.again }

// Serve answers until the context ends or a listener fails; then it stops as Server.Serve does.
func (u *Stopped) Serve(ctx context.Context) error {
	return u.accept(ctx)
}

func (u *Stopped) newStoppedApp(public bool) *fiber.App {
	app := fiber.New(fiber.Config{
		AppName: "comptoir", Immutable: true, DisableStartupMessage: true, CaseSensitive: true, StrictRouting: true,
		BodyLimit: maxBody, Concurrency: maxConnections, ReadTimeout: readTimeout, IdleTimeout: idleTimeout, ReadBufferSize: headerLimit,
		ErrorHandler: func(c *fiber.Ctx, err error) error {
			return c.Status(problemOf(err).Status).JSON(problemOf(err), problemType)
		},
	})
	headers := securityHeaders()
	app.Use(func(c *fiber.Ctx) error {
		began := u.clock.Now()
		begin(c.Context().Conn())
		for _, header := range headers {
			c.Set(header[0], header[1])
		}
		c.Locals(localPublic, public)
		c.Locals(localPattern, "/*")
		ctx, cancel := context.WithTimeout(c.UserContext(), time.Minute) // a manager's word may have many days to close
		defer cancel()
		c.SetUserContext(ctx)
		err := u.answer(c, public)
		var p problem
		if err != nil {
			p = problemOf(err)
			if answer := u.tell(c, p); answer != nil {
				err = errors.Join(err, answer)
				c.Status(http.StatusInternalServerError)
			}
		}
		u.logRequest(c, public, began, p, err)
		return nil
	})
	app.Get(staticPath, u.static)
	return app
}

// answer is the whole of what a held till does.
func (u *Stopped) answer(c *fiber.Ctx, public bool) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errBug.Wrap(fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
		}
	}()
	if !u.hosts.allow(c) {
		return errHost
	}
	if err := sameOrigin(c); err != nil {
		return err
	}
	path := c.Path()
	switch {
	case strings.HasPrefix(path, "/static/"):
		return c.Next()
	case path == manifestPath, public && isAPI(path):
		return errRoute
	case c.Method() == http.MethodPost && !public && path == resumePath:
		return u.goOn(c)
	case c.Method() == http.MethodPost && !public && path == againPath && !u.upgrades():
		return u.tryAgain(c)
	}
	return u.refusal
}

// upgrades reports whether the café opens by itself: there is nothing to decide.
func (u *Stopped) upgrades() bool { return u.refusal.Code == errUpgrading.Code }

// goOn serves POST /held/resume: the manager's name, PIN and reason. What was typed stays when it is refused.
func (u *Stopped) goOn(c *fiber.Ctx) error {
	if u.resume == nil {
		return u.refusal
	}
	a := pos.HeldAnswer{Operator: c.FormValue("operator"), PIN: c.FormValue("pin"), Reason: c.FormValue("reason")}
	if a.Operator == "" {
		return errNobody
	}
	if err := u.resume(c.UserContext(), a); err != nil {
		return err
	}
	return u.tryAgain(c)
}

// tryAgain serves POST /held/again: the café is opened, or this page comes back with what is wrong now. The browser asks
// again on a connection of its own, which waits until whoever then serves this address accepts.
func (u *Stopped) tryAgain(c *fiber.Ctx) error {
	if u.asked.CompareAndSwap(false, true) {
		u.again <- struct{}{}
	}
	c.Context().SetConnectionClose()
	return c.Redirect("/", http.StatusSeeOther)
}

// stoppedView is the page of a held café.
type stoppedView struct {
	base
	Why      string
	Facts    []string
	Managers []pos.Operator
	Chosen   string
	Resumes  bool
	Retries  bool   // it is tried again by itself
	Code     string // of the reason
	Pad      padView
}

// Disk reports whether it is the disk or the file that is not well: the café itself is as it was.
func (v stoppedView) Disk() bool { return strings.HasPrefix(v.Why, "data_") }

// What words what was found.
func (v stoppedView) What() string { return v.T("stopped.what." + v.Why) }

// Do words what to do about it.
func (v stoppedView) Do() string { return v.T("stopped.do." + v.Why) }

// tell answers everything that is no form sent well: with the page, or, for programs, with the problem.
func (u *Stopped) tell(c *fiber.Ctx, p problem) error {
	c.Status(p.Status)
	c.Set(fiber.HeaderCacheControl, noStore)
	if p.Code == u.refusal.Code {
		c.Set(fiber.HeaderRetryAfter, fmt.Sprint(stoppedRetry))
	}
	if wantsJSON(c) {
		return c.JSON(p, problemType)
	}
	l := u.language(c)
	v := stoppedView{base: u.stoppedBase(c, l), Why: u.why, Code: u.reason.Code, Resumes: u.resume != nil, Retries: u.retries, Managers: u.managers, Chosen: c.FormValue("operator")}
	if isPublic(c) {
		return u.page(c, p.Status, "stopped_public", v)
	}
	if u.upgrades() {
		return u.page(c, p.Status, "upgrading", u.upgrading(v.base))
	}
	if p.Code != u.refusal.Code {
		v.Trouble = troubleOf(l, p)
		v.Trouble.typed = typedIn(c)
	}
	if len(u.managers) == 1 {
		v.Chosen = u.managers[0].ID
	}
	v.Pad = v.DigitPad("pin")
	v.Facts = u.facts(v.base)
	return u.page(c, p.Status, "stopped", v)
}

// upgradingView is the page while the data are brought up to date.
type upgradingView struct {
	base
	Since time.Time
	Code  string
}

func (u *Stopped) upgrading(b base) upgradingView {
	v := upgradingView{base: b, Code: u.reason.Code}
	v.Title = v.T("upgrading.title")
	if text, ok := u.reason.Args["since"].(string); ok {
		v.Since, _ = time.Parse(time.RFC3339, text) // as Upgrading wrote it
	}
	return v
}

// facts are what whoever looks after the till wants to know.
func (u *Stopped) facts(b base) []string {
	l, args := b.Language, u.reason.Args
	said := []any{}
	for _, name := range []string{"seq", "anchor_seq", "file", "mode", "day", "open", "days", "since", "machine", "dir", "free", "needed", "version", "known", "found", "count"} {
		value := args[name]
		if size, ok := value.(int64); ok && (name == "free" || name == "needed") {
			value = b.Size(size)
		}
		if day, ok := value.(string); ok && (name == "day" || name == "open") {
			value = l.Day(day)
		}
		if text, ok := value.(string); ok && name == "since" {
			if at, err := time.Parse(time.RFC3339, text); err == nil {
				value = b.When(at)
			}
		}
		said = append(said, name, value)
	}
	facts := []string{}
	if key := "stopped.fact." + u.why; l.Has(key) {
		facts = append(facts, l.T(key, said...))
	}
	return append(facts, l.T("stopped.code", "code", u.reason.Code))
}

// stoppedBase is what the page shares with others; a held café has no session, no settings and no second page.
func (u *Stopped) stoppedBase(c *fiber.Ctx, l *locale.Language) base {
	zone, err := time.LoadLocation(u.cafe.Zone)
	if err != nil {
		zone = time.UTC
	}
	b := base{Language: l, Title: l.T("stopped.title"), Cafe: cmp.Or(cafeName(u.cafe), l.T("stopped.no_name")), Demo: u.cafe.Demo, Device: deviceOf(c), zone: zone}
	b.Theme = b.Device.shownTheme(u.clock.Now().In(zone))
	if t := c.Query("theme"); t == "dark" || t == "light" {
		prefer(c, themeCookie, t)
		b.Theme = t
	}
	b.Other.Theme = "dark"
	if b.Theme == "dark" {
		b.Other.Theme = "light"
	}
	here := address(c)
	b.Other.Link = with(here, "theme", b.Other.Theme)
	for _, o := range u.catalogue.Languages() {
		b.Others = append(b.Others, otherLanguage{Code: o.Code, Short: strings.ToUpper(o.Code), Name: o.T("language.name"), Link: with(here, "lang", o.Code), Here: o.Code == l.Code})
	}
	return b
}
