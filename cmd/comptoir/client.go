package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"comptoir/pos"
)

// Limits of the API's client.
const (
	callTimeout = 30 * time.Second
	callTries   = 6                     // a call is sent again with the same id when nobody knows what became of it
	callPause   = 50 * time.Millisecond // before the second try; it doubles
	maxAnswer   = 8 << 20               // bytes
)

// client calls the API of a service as one operator.
type client struct {
	base, token string
	noPrinter   bool // it is no till: its cash opens no drawer
	http        *http.Client
}

// newClient returns a client that keeps a connection for each of the tills.
func newClient(base, token string, tills int) *client {
	transport := &http.Transport{MaxIdleConns: tills, MaxIdleConnsPerHost: tills, IdleConnTimeout: callTimeout}
	return &client{base: strings.TrimSuffix(base, "/"), token: token, http: &http.Client{Transport: transport, Timeout: callTimeout}}
}

// close gives the kept connections back, so that a service that stops does not wait for them.
func (c *client) close() { c.http.CloseIdleConnections() }

// apiError is an answer that refuses.
type apiError struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
	Errors []struct {
		Field string `json:"field"`
		Code  string `json:"code"`
	} `json:"errors"`
}

// Error tells the refusal and its fields.
func (e *apiError) Error() string {
	var s strings.Builder
	_, _ = fmt.Fprintf(&s, "%d %s: %s", e.Status, e.Code, e.Detail)
	for _, f := range e.Errors {
		_, _ = fmt.Fprintf(&s, " [%s: %s]", f.Field, f.Code)
	}
	return s.String()
}

// refusal returns the code with which the API refused; "" for anything else.
func refusal(err error) string {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e.Code
	}
	return ""
}

// get reads a resource.
func (c *client) get(ctx context.Context, path string, into any) error {
	return c.call(ctx, http.MethodGet, path, "", nil, into)
}

// post sends a command under an id. Sent again under the same id, it changes nothing more.
func (c *client) post(ctx context.Context, path, id string, body, into any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return c.call(ctx, http.MethodPost, path, id, text, into)
}

// call repeats a call whose fate is unknown, and one that the service was too busy for.
func (c *client) call(ctx context.Context, method, path, id string, body []byte, into any) error {
	pause := callPause
	for try := 1; ; try++ {
		err := c.once(ctx, method, path, id, body, into)
		refused, answered := errors.AsType[*apiError](err)
		if err == nil || answered && refused.Status != http.StatusServiceUnavailable || try == callTries || ctx.Err() != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause *= 2
	}
}

func (c *client) once(ctx context.Context, method, path, id string, body []byte, into any) error {
	request, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("%s: %w", c.base, err)
	}
	request.Header.Set("Authorization", "Bearer "+c.token)
	request.Header.Set("Accept", "application/json")
	if c.noPrinter {
		request.Header.Set("Cookie", "comptoir_printer="+pos.NoPrinter)
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("Idempotency-Key", id)
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return fmt.Errorf("the service at %s does not answer: %w", c.base, err)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return fmt.Errorf("the answer of %s broke off: %w", path, err)
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		refused := &apiError{}
		if json.Unmarshal(text, refused) != nil || refused.Code == "" {
			refused.Code, refused.Detail = "unexpected", "the service at "+c.base+" is not a Comptoir, or is another version"
		}
		refused.Status = answer.StatusCode
		return refused
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("read the answer of %s: %w", path, err)
	}
	return nil
}

// segment writes a part of a path.
func segment(s string) string { return url.PathEscape(s) }
