package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
)

func TestEveryKindOfRefusalHasItsStatus(t *testing.T) {
	t.Parallel()
	want := map[fault.Kind]int{
		fault.Invalid: 422, fault.Unauthenticated: 401, fault.Denied: 403, fault.NotFound: 404, fault.Gone: 410,
		fault.Conflict: 409, fault.TooMany: 429, fault.Busy: 503, fault.Unknown: 503, fault.Internal: 500,
	}
	for _, k := range fault.Kinds() {
		o, known := outcomeOf(k)
		if !known || o.status != want[k] {
			t.Errorf("%s: got %d (known %v), want %d", k, o.status, known, want[k])
		}
		if wait := o.status == http.StatusTooManyRequests || o.status == http.StatusServiceUnavailable; (o.retryAfter > 0) != wait {
			t.Errorf("%s: Retry-After %d with status %d", k, o.retryAfter, o.status)
		}
	}
	if o, known := outcomeOf("made up"); known || o.status != 500 {
		t.Errorf("a kind that does not exist: %d, known %v", o.status, known)
	}
}

func TestACauseIsNeverToldAndACodeAlwaysIs(t *testing.T) {
	t.Parallel()
	secret := errors.New("disk /dev/sda1 sector 7")
	for _, c := range []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"a refusal", fault.New(fault.Conflict, "shift.none", "Open a shift first.").Wrap(secret), 409, "shift.none"},
		{"a wrapped refusal", fmt.Errorf("sell: %w", fault.New(fault.Gone, "receipt.expired", "Too late.").Wrap(secret)), 410, "receipt.expired"},
		{"an outcome nobody knows", fault.New(fault.Unknown, "data.unknown", "Ask again.").Wrap(secret), 503, "data.unknown"},
		{"a bug", secret, 500, "internal"},
		{"a deadline", fmt.Errorf("query: %w", context.DeadlineExceeded), 503, "request.late"},
		{"a refusal of the protocol", errNoCommand, 400, "command.missing"},
		{"what Fiber did not find", fiber.NewError(404, "Cannot GET /C/FIDSECRET"), 404, "route.unknown"},
		{"what Fiber could not read", fiber.NewError(400, "sector 7"), 400, "request.malformed"},
	} {
		p := problemOf(c.err)
		b, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if p.Status != c.status || p.Code != c.code {
			t.Errorf("%s: got %d %s, want %d %s", c.name, p.Status, p.Code, c.status, c.code)
		}
		if strings.Contains(string(b), "sector") || strings.Contains(string(b), "SECRET") {
			t.Errorf("%s: the cause is told: %s", c.name, b)
		}
	}
}

func TestArgumentsAreMembersAndReplaceNoneOfTheStandard(t *testing.T) {
	t.Parallel()
	p := problemOf(fault.New(fault.Conflict, "ticket.stale", "It has changed.").With("total", 440).With("version", 7).With("status", "lie").
		Field("lines[0].qty", "range"))
	b, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"code":"ticket.stale","detail":"It has changed.","errors":[{"field":"lines[0].qty","code":"range"}],` +
		`"status":409,"title":"Conflict","total":440,"type":"about:blank","version":7}`
	if string(b) != want {
		t.Errorf("got  %s\nwant %s", b, want)
	}
}

func TestWhoMustWaitIsToldHowLong(t *testing.T) {
	t.Parallel()
	p := problemOf(fault.New(fault.TooMany, "pin.wait", "Wait.").With("seconds", 8))
	if p.RetryAfter != 8 {
		t.Errorf("Retry-After %d, want 8", p.RetryAfter)
	}
}
