package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
)

// Cookies that hold the token of a signed-in person. Over plain HTTP, on the machine itself, it cannot be Secure. Over TLS it
// is, and has a name of its own: a browser lets no plain page replace a Secure cookie, and cookies ignore ports.
const (
	sessionCookie = "comptoir_session"
	secureCookie  = "__Host-comptoir_session"
)

// sessionName is the cookie of the listener a request came to.
func sessionName(c *fiber.Ctx) string {
	if isSecure(c) {
		return secureCookie
	}
	return sessionCookie
}

// isSecure reports whether a request came over TLS: by its connection, not by a header that anybody can send.
func isSecure(c *fiber.Ctx) bool { return c.Context().IsTLS() }

// commandHeader carries the id the client gave to what it asks; commandField is its name in a form.
const (
	commandHeader = "Idempotency-Key"
	commandField  = "command"
	maxCommandID  = 200 // characters
)

// identify returns who asks: by token, else by session. It asks the till once per request.
//
// Errors: session.none when there is neither, and what the till says of a bad one.
func (s *Server) identify(c *fiber.Ctx) (pos.Operator, error) {
	if op, ok := c.Locals(localOperator).(pos.Operator); ok {
		return op, nil
	}
	if isPublic(c) {
		return pos.Operator{}, errSession // cookies ignore ports: the public listener never looks at one
	}
	who, bearer, err := s.lookUp(c)
	if err != nil {
		return pos.Operator{}, err
	}
	c.Locals(localBearer, bearer)
	c.Locals(localOperator, who.Operator)
	c.Locals(localScope, who.Scope)
	return who.Operator, nil
}

func (s *Server) lookUp(c *fiber.Ctx) (_ pos.Session, bearer bool, err error) {
	if header := c.Get(fiber.HeaderAuthorization); header != "" {
		scheme, token, _ := strings.Cut(header, " ")
		if !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) == "" {
			return pos.Session{}, true, errSession
		}
		op, err := s.till.TokenOperator(c.UserContext(), strings.TrimSpace(token))
		return pos.Session{Operator: op}, true, err
	}
	token := c.Cookies(sessionName(c))
	if token == "" {
		return pos.Session{}, false, errSession
	}
	session, err := s.till.SessionOf(c.UserContext(), token)
	if err != nil {
		return pos.Session{}, false, err
	}
	return session, false, s.watchIdle(c, session)
}

// authorise lets the roles of a row through, nil lets everyone; a screen's session goes to its screen alone.
func (s *Server) authorise(c *fiber.Ctx, r route) error {
	if r.roles == nil {
		return nil
	}
	op, err := s.identify(c)
	if err != nil {
		return err
	}
	if isScreen(c) && !onScreen(scopeOf(c), r.path) {
		return errScreen
	}
	if !slices.Contains(r.roles, op.Role) {
		return errRole
	}
	return nil
}

// operator returns who is signed in; the zero Operator when nobody is.
func (s *Server) operator(c *fiber.Ctx) pos.Operator {
	op, err := s.identify(c)
	if err != nil {
		return pos.Operator{}
	}
	return op
}

// by returns who asks and under which command id, from the Idempotency-Key or the form field "command". The hash
// covers method, path, body and operator: the same id with anything else is refused with command.reused.
//
// Errors: session.none; command.missing, status 400.
func (s *Server) by(c *fiber.Ctx) (pos.By, error) {
	by := pos.System("public")
	if !isPublic(c) {
		op, err := s.identify(c)
		if err != nil {
			return pos.By{}, err
		}
		by.Operator, by.Printer = op, deviceOf(c).Printer
	}
	id := c.Get(commandHeader)
	if id == "" {
		id = c.FormValue(commandField)
	}
	if !isCommandID(id) {
		return pos.By{}, errNoCommand
	}
	by.Command = data.NewCommand(id, []byte(c.Method()), []byte(c.Path()), askedOf(c), []byte(by.Operator.ID))
	keepCommand(c, &by)
	return by, nil
}

// askedOf is what the body of a request asks, as it is hashed. A form with a file is told by its fields and its files: a
// browser draws another boundary each time it sends it.
func askedOf(c *fiber.Ctx) []byte {
	form, err := c.MultipartForm()
	if err != nil { // it is no such form
		return c.BodyRaw()
	}
	parts := struct {
		Values map[string][]string
		Files  map[string][]string
	}{form.Value, map[string][]string{}}
	for name, files := range form.File {
		for _, header := range files {
			text, err := readUpload(header)
			if err != nil {
				return c.BodyRaw()
			}
			sum := sha256.Sum256(text)
			parts.Files[name] = append(parts.Files[name], header.Filename, hex.EncodeToString(sum[:]))
		}
	}
	body, err := json.Marshal(parts) // keys sorted
	if err != nil {
		return c.BodyRaw()
	}
	return body
}

// readUpload returns the bytes of a file that was sent with a form.
func readUpload(header *multipart.FileHeader) (text []byte, err error) {
	f, err := header.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return io.ReadAll(f) // the body was bounded already
}

func isCommandID(id string) bool {
	if id == "" || len(id) > maxCommandID {
		return false
	}
	return strings.IndexFunc(id, func(r rune) bool { return r < ' ' || r > '~' }) < 0
}

// signIn checks a PIN and sets the session cookie. Errors: those of pos.Till.SignInAt.
func (s *Server) signIn(c *fiber.Ctx, operator, pin string) error {
	session, err := s.till.SignInAt(c.UserContext(), s.places.of(c), operator, pin)
	if err != nil {
		return err
	}
	s.places.learn(c)
	if old := c.Cookies(sessionName(c)); old != "" { // this browser has one session: the one before ends with it
		if err := s.till.SignOut(c.UserContext(), old); err != nil {
			return err
		}
	}
	c.Locals(localOperator, session.Operator)
	c.Locals(localScope, session.Scope)
	setSession(c, session.Token, session.Expires)
	return nil
}

// signOut ends the session of this browser; without one it does nothing.
func (s *Server) signOut(c *fiber.Ctx) error {
	token := c.Cookies(sessionName(c))
	setSession(c, "", time.Unix(0, 0))
	if token == "" {
		return nil
	}
	err := s.till.SignOut(c.UserContext(), token)
	if fault.KindOf(err) == fault.Unauthenticated {
		return nil // it had ended already
	}
	return err
}

func setSession(c *fiber.Ctx, token string, expires time.Time) {
	c.Cookie(&fiber.Cookie{
		Name: sessionName(c), Value: token, Path: "/", Expires: expires, HTTPOnly: true, SameSite: fiber.CookieSameSiteLaxMode, Secure: isSecure(c),
	})
}
