package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
)

// Limits of one request (architecture.md §6).
const (
	maxBody         = 64 << 10 // bytes
	maxMenuBody     = 1 << 20  // bytes, of a menu import only
	handlerDeadline = 5 * time.Second
)

// importPath is the one route that takes a larger body.
const importPath = "/manage/import"

const noStore = "no-store"

// Keys of what a request carries between the layers.
const (
	localPattern  = "pattern"
	localOperator = "operator"
	localScope    = "scope"
	localPublic   = "public"
	localBearer   = "bearer"
)

// securityHeaders are on every answer (till-pages.md §1.7). Under this policy no inline script or style runs.
func securityHeaders() [][2]string {
	return [][2]string{
		{fiber.HeaderContentSecurityPolicy, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
			"connect-src 'self'; media-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
		{fiber.HeaderPermissionsPolicy, "camera=(self), microphone=(), geolocation=(), payment=()"},
		{fiber.HeaderReferrerPolicy, "same-origin"},
		{fiber.HeaderXContentTypeOptions, "nosniff"},
		{fiber.HeaderCacheControl, noStore}, // a page or file that may be kept says so itself, later
	}
}

// around is the outermost layer: it logs one line per request, answers every error and survives every panic.
func (s *Server) around(public bool) fiber.Handler {
	headers := securityHeaders()
	return func(c *fiber.Ctx) error {
		began := s.clock.Now()
		begin(c.Context().Conn())
		for _, h := range headers {
			c.Set(h[0], h[1])
		}
		c.Locals(localPublic, public)
		ctx, cancel := context.WithTimeout(c.UserContext(), handlerDeadline)
		defer cancel()
		c.SetUserContext(ctx)

		err := s.checked(c)
		var p problem
		if err != nil {
			p = problemOf(err)
			if r, again := resentOf(c); again {
				r.code = p.Code
			}
			if answer := s.answerError(c, p); answer != nil {
				err = errors.Join(err, answer)
				c.Status(http.StatusInternalServerError)
			}
		}
		s.logRequest(c, public, began, p, err)
		return nil
	}
}

// checked lets a request through to its route if it comes to a known host and from no foreign page.
func (s *Server) checked(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errBug.Wrap(fmt.Errorf("panic: %v\n%s", r, debug.Stack()))
		}
	}()
	if !s.hosts.allow(c) {
		return errHost
	}
	if err := s.setup.makesWay(c); err != nil {
		return err
	}
	if !isPublic(c) && isAPI(c.Path()) && !isOpen(c) {
		if _, err := s.identify(c); err != nil {
			return err
		}
	}
	if err := sameOrigin(c); err != nil {
		return err
	}
	return c.Next()
}

// isOpen names the two calls of the API that nobody has to sign in for.
func isOpen(c *fiber.Ctx) bool {
	return c.Method() == http.MethodPost && c.Path() == sessionPath || c.Method() == http.MethodGet && c.Path() == openAPIPath
}

// logRequest writes the one line of a request. It shows the pattern, never the path: paths hold codes (I16).
func (s *Server) logRequest(c *fiber.Ctx, public bool, began time.Time, p problem, err error) {
	pattern, _ := c.Locals(localPattern).(string)
	if pattern == "" {
		pattern = "-"
	}
	level, took := slog.LevelInfo, s.clock.Now().Sub(began)
	s.measure(c, public, pattern, took, p.Code)
	attrs := []slog.Attr{
		slog.String("method", c.Method()), slog.String("route", pattern), slog.Int("status", c.Response().StatusCode()),
		slog.Duration("took", took), slog.Bool("public", public),
	}
	if c.Response().StatusCode() == http.StatusNotModified {
		level = slog.LevelDebug // a screen that asks again and again, and a file that is kept
	}
	if err != nil {
		attrs = append(attrs, slog.String("code", p.Code))
		switch {
		case p.alarm:
			level = slog.LevelError
		case p.Status == http.StatusServiceUnavailable:
			level = slog.LevelWarn
		}
		if cause := causeOf(err); cause != nil {
			attrs = append(attrs, slog.String("cause", cause.Error()))
		}
	}
	s.log.LogAttrs(c.UserContext(), level, "request", attrs...)
}

// causeOf returns the private part of an error: all of it when it is no refusal, which is a bug.
func causeOf(err error) error {
	if e, ok := fault.As(err); ok {
		return e.Err
	}
	if _, ok := errors.AsType[*fiber.Error](err); ok {
		return nil // its text repeats the address
	}
	return err
}

// sameOrigin refuses an unsafe request that a page of another site sent with our visitor's cookie. Programs that
// send a token are exempt: a browser never adds a token by itself. A request without either header is no browser's.
func sameOrigin(c *fiber.Ctx) error {
	switch c.Method() {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil
	}
	if bearer, _ := c.Locals(localBearer).(bool); bearer {
		return nil
	}
	switch site := c.Get("Sec-Fetch-Site"); site {
	case "same-origin", "none":
		return nil
	case "":
	default:
		return errOrigin
	}
	origin := c.Get(fiber.HeaderOrigin)
	if origin == "" {
		return nil
	}
	if u, err := url.Parse(origin); err == nil && u.Host == string(c.Context().Host()) {
		return nil
	}
	return errOrigin
}

// hostList is which names the till answers to: a page of another site cannot reach it by pointing a name of its own
// at this machine (DNS rebinding).
type hostList struct{ names map[string]bool }

func newHostList(publicURL string, extra []string, listeners ...net.Listener) *hostList {
	h := &hostList{names: map[string]bool{"localhost": true, "127.0.0.1": true, "::1": true, "till.local": true}}
	if u, err := url.Parse(publicURL); err == nil && u.Hostname() != "" {
		h.names[strings.ToLower(u.Hostname())] = true
	}
	for _, name := range extra {
		h.names[hostname(name)] = true
	}
	for _, l := range listeners {
		if a, ok := l.Addr().(*net.TCPAddr); ok && !a.IP.IsUnspecified() {
			h.names[a.IP.String()] = true
		}
	}
	return h
}

// allow also takes the very address the connection came in on: a till that listens on every address is reached by
// the one its router gave it, and a number cannot be rebound.
func (h *hostList) allow(c *fiber.Ctx) bool {
	name := hostname(string(c.Context().Host()))
	if h.names[name] {
		return true
	}
	ip := net.ParseIP(name)
	local, ok := c.Context().LocalAddr().(*net.TCPAddr)
	return ip != nil && ok && !local.IP.IsUnspecified() && ip.Equal(local.IP)
}

// hostname strips port and brackets of a Host header.
func hostname(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

func bodyLimit(pattern string) int {
	switch pattern {
	case importPath, setupPath:
		return maxMenuBody
	case resendPath:
		return maxMenuBody
	case photoPath:
		return maxPhoto
	}
	return maxBody
}

func isPublic(c *fiber.Ctx) bool {
	public, _ := c.Locals(localPublic).(bool)
	return public
}
