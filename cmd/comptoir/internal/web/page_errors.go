package web

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
)

// errAmount is told when what was typed is no amount.
var errAmount = fault.New(fault.Invalid, "amount.invalid", "Type an amount such as 12,40.")

// localAgain is the key under which a handler leaves how to show its form again.
const localAgain = "again"

// again shows a form once more with what was typed and why it was refused.
type again func(status int, trouble *troubleView) error

// onRefusal tells errorPage to show the form again instead of a page of its own, so that nothing typed is lost.
func onRefusal(c *fiber.Ctx, show again) { c.Locals(localAgain, show) }

// errorView is the page of an error that belongs to no form.
type errorView struct {
	base
	Status    int
	ErrorCode string
	Home      string
}

// errorPage answers a failed request with a page: the form again, the sign-in page, or a sentence with a way on.
func (s *Server) errorPage(c *fiber.Ctx, p problem) error {
	trouble := troubleOf(s.language(c), p)
	trouble.typed = typedIn(c)
	if show, ok := c.Locals(localAgain).(again); ok {
		c.Locals(localAgain, nil)
		if err := show(p.Status, trouble); err == nil {
			return nil
		}
	}
	if !isPublic(c) && (p.Status == http.StatusUnauthorized || p.Code == errScreen.Code) {
		return s.toLogin(c, p.Code)
	}
	v := errorView{base: s.newBase(c, "failed.title", ""), Status: p.Status, ErrorCode: p.Code, Home: "/"}
	name := "error"
	if isPublic(c) {
		v.Home, name = "/board", "error_public"
	} else if s.operator(c).Role == pos.RoleAccountant {
		v.Home = managePath // the till is not theirs: it would send them back here
	}
	v.Trouble = trouble
	return s.page(c, p.Status, name, v)
}

// toLogin sends to the sign-in page, and back here afterwards.
func (s *Server) toLogin(c *fiber.Ctx, code string) error {
	next, why := address(c).String(), "" // of a form: the page it was sent from
	switch code {
	case errScreen.Code:
		why = "screen"
	case errLocked.Code:
		why = "locked"
	}
	return c.Redirect(loginAt(next, why), http.StatusSeeOther)
}

// loginAt is the address of the sign-in page: where to go afterwards, and why somebody has to sign in.
func loginAt(next, why string) string {
	q := url.Values{}
	if next != "/" {
		q.Set("next", next)
	}
	if why != "" {
		q.Set("why", why)
	}
	return (&url.URL{Path: loginPath, RawQuery: q.Encode()}).String()
}

// errorFragment answers a failed command of the island: a toast in words.
func (s *Server) errorFragment(c *fiber.Ctx, p problem) error {
	trouble := troubleOf(s.language(c), p)
	v := toastView{Language: s.language(c), Text: trouble.Said(), Wrong: true, Code: p.Code}
	if len(trouble.Fields) > 0 {
		v.Field = trouble.Fields[0].Name
	}
	return s.fragment(c, p.Status, "toast", v)
}

// newCommandID is 128 random bits.
func newCommandID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return hex.EncodeToString(b[:])
}
