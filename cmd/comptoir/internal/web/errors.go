package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
)

// problemType is the media type of RFC 9457.
const problemType = "application/problem+json"

// outcome is what a kind of refusal becomes over HTTP.
type outcome struct {
	status     int
	retryAfter int  // seconds; 0: none
	alarm      bool // somebody has to look: logged as an error
}

// outcomeOf is the one table from kinds to statuses. A test holds it against fault.Kinds.
func outcomeOf(k fault.Kind) (outcome, bool) {
	switch k {
	case fault.Invalid:
		return outcome{status: http.StatusUnprocessableEntity}, true
	case fault.Unauthenticated:
		return outcome{status: http.StatusUnauthorized}, true
	case fault.Denied:
		return outcome{status: http.StatusForbidden}, true
	case fault.NotFound:
		return outcome{status: http.StatusNotFound}, true
	case fault.Gone:
		return outcome{status: http.StatusGone}, true
	case fault.Conflict:
		return outcome{status: http.StatusConflict}, true
	case fault.TooMany:
		return outcome{status: http.StatusTooManyRequests, retryAfter: 60}, true
	case fault.Busy:
		return outcome{status: http.StatusServiceUnavailable, retryAfter: 1}, true
	case fault.Unknown:
		return outcome{status: http.StatusServiceUnavailable, retryAfter: 2, alarm: true}, true
	case fault.Internal:
		return outcome{status: http.StatusInternalServerError, alarm: true}, true
	}
	return outcome{status: http.StatusInternalServerError, alarm: true}, false
}

// refused is a refusal of the protocol itself, before any rule of the café: its status is not that of a kind.
type refused struct {
	status int
	fault  *fault.Error
}

func (r *refused) Error() string { return r.fault.Error() }

// Unwrap keeps the code readable by fault.CodeOf.
func (r *refused) Unwrap() error { return r.fault }

func refuse(status int, code, detail string) *refused {
	return &refused{status, fault.New(fault.Invalid, code, detail)}
}

// Refusals of the protocol.
var (
	errHost        = refuse(http.StatusMisdirectedRequest, "host.unknown", "This address is not one of the till's; add it with --allow-host.")
	errRoute       = refuse(http.StatusNotFound, "route.unknown", "There is nothing at this address.")
	errMethod      = refuse(http.StatusMethodNotAllowed, "route.method", "This address does not take this method.")
	errTooLarge    = refuse(http.StatusRequestEntityTooLarge, "body.large", "The body is larger than this call takes.")
	errJSON        = refuse(http.StatusBadRequest, "body.json", "The body is not well-formed JSON.")
	errNoCommand   = refuse(http.StatusBadRequest, "command.missing", "Send an Idempotency-Key of 1 to 200 printable ASCII characters.")
	errBadRequest  = refuse(http.StatusBadRequest, "request.malformed", "The request is not well-formed HTTP.")
	errHeaders     = refuse(http.StatusRequestHeaderFieldsTooLarge, "request.headers", "The headers are too large.")
	errSlowRequest = refuse(http.StatusRequestTimeout, "request.timeout", "The request took too long to arrive.")
)

// Refusals of the web layer that have a kind.
var (
	errSession = fault.New(fault.Unauthenticated, "session.none", "Sign in, or send a token.")
	errRole    = fault.New(fault.Denied, "right.missing", "Your role does not allow this.")
	errOrigin  = fault.New(fault.Denied, "origin.foreign", "The request comes from a page of another site.")
	errFields  = fault.New(fault.Invalid, "body.field", "Some fields of the body are unknown or of the wrong type.")
	errParam   = fault.New(fault.Invalid, "query.invalid", "A parameter of the address is not valid.")
	errScans   = fault.New(fault.TooMany, "scan.many", "Too many codes were tried from this address.")
	errStreams = fault.New(fault.Busy, "streams.full", "Too many screens are listening, or the till is stopping.")
	errTopic   = fault.New(fault.Denied, "topic.denied", "Your role does not allow listening to this topic.")
	errLate    = fault.New(fault.Busy, "request.late", "The till was too busy to answer in time; ask again with the same command id.")
	errBug     = fault.New(fault.Internal, "internal", "Something is broken in the till; the log says what.")
)

// problem is an error as it is told: everything in it is safe to show.
type problem struct {
	Status     int
	Code       string         // stable; the catalogue key is "error." + Code
	Detail     string         // English, for developers
	Args       map[string]any // for the sentence; members of the JSON answer
	Fields     []fault.Field
	RetryAfter int // seconds; 0: none

	alarm bool
}

// problemOf turns any error into what is told about it. The cause stays behind.
func problemOf(err error) problem {
	if f, ok := errors.AsType[*fiber.Error](err); ok {
		err = protocolError(f)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		if _, ok := fault.As(err); !ok {
			err = errLate.Wrap(err)
		}
	}
	e, ok := fault.As(err)
	if !ok {
		e = errBug
	}
	o, _ := outcomeOf(e.Kind)
	p := problem{Status: o.status, Code: e.Code, Detail: e.Detail, Args: e.Args, Fields: e.Fields, RetryAfter: o.retryAfter, alarm: o.alarm}
	if r, ok := errors.AsType[*refused](err); ok {
		p.Status, p.RetryAfter, p.alarm = r.status, 0, false
	}
	if p.RetryAfter > 0 {
		if seconds, ok := e.Args["seconds"].(int); ok && seconds > 0 {
			p.RetryAfter = seconds
		}
	}
	return p
}

// protocolError names what Fiber or fasthttp refused by itself.
func protocolError(f *fiber.Error) error {
	switch f.Code {
	case http.StatusNotFound:
		return errRoute
	case http.StatusMethodNotAllowed:
		return errMethod
	case http.StatusRequestEntityTooLarge:
		return errTooLarge
	case http.StatusRequestHeaderFieldsTooLarge:
		return errHeaders
	case http.StatusRequestTimeout:
		return errSlowRequest
	}
	if f.Code < http.StatusInternalServerError {
		return errBadRequest
	}
	return errBug.Wrap(f)
}

// reservedMembers are those of RFC 9457 and ours: an argument never replaces one.
func reservedMembers() map[string]bool {
	return map[string]bool{"type": true, "title": true, "status": true, "code": true, "detail": true, "instance": true, "errors": true}
}

// fieldProblem is one refused field in the JSON answer.
type fieldProblem struct {
	Field string         `json:"field"`
	Code  string         `json:"code"`
	Args  map[string]any `json:"args,omitempty"`
}

// MarshalJSON writes a problem detail of RFC 9457; arguments are members, so that a stale ticket's answer carries
// "total" and "version".
func (p problem) MarshalJSON() ([]byte, error) {
	reserved := reservedMembers()
	members := make(map[string]any, len(p.Args)+len(reserved))
	for k, v := range p.Args {
		if !reserved[k] {
			members[k] = v
		}
	}
	members["type"], members["title"], members["status"] = "about:blank", http.StatusText(p.Status), p.Status
	members["code"], members["detail"] = p.Code, p.Detail
	if len(p.Fields) > 0 {
		fields := make([]fieldProblem, len(p.Fields))
		for i, f := range p.Fields {
			fields[i] = fieldProblem{f.Name, f.Code, f.Args}
		}
		members["errors"] = fields
	}
	return json.Marshal(members)
}

// answerError writes the answer to a failed request in the form its caller reads: problem+json for programs, a
// fragment for the till's island, a page for people.
func (s *Server) answerError(c *fiber.Ctx, p problem) error {
	c.Status(p.Status)
	if p.RetryAfter > 0 {
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(p.RetryAfter))
	}
	c.Set(fiber.HeaderCacheControl, noStore)
	switch {
	case wantsJSON(c):
		if p.Status == http.StatusUnauthorized {
			c.Set(fiber.HeaderWWWAuthenticate, "Bearer")
		}
		return c.JSON(p, problemType)
	case wantsFragment(c):
		return s.errorFragment(c, p)
	default:
		return s.errorPage(c, p)
	}
}

func wantsJSON(c *fiber.Ctx) bool {
	if isAPI(c.Path()) || strings.HasSuffix(c.Path(), ".json") || c.Path() == healthPath {
		return true
	}
	return strings.Contains(c.Get(fiber.HeaderAccept), "json")
}

// fragmentHeader is how the island says that it wants a part of a page.
const fragmentHeader = "X-Fragment"

func wantsFragment(c *fiber.Ctx) bool { return c.Get(fragmentHeader) != "" }

func isAPI(path string) bool { return path == apiPrefix || strings.HasPrefix(path, apiPrefix+"/") }
