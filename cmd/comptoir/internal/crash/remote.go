package crash

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"comptoir/data/fault"
	"comptoir/pos"
)

// Limits of a remote door.
const (
	callTimeout = 20 * time.Second
	maxAnswer   = 1 << 20 // bytes
)

// remote is the door of the API of a service that runs as a process of its own.
type remote struct {
	base, token string
	http        *http.Client
}

func newRemote(base, token string) *remote {
	return &remote{base: base, token: token, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: handsOnProcess}, Timeout: callTimeout}}
}

// send asks once. A connection that breaks off and an answer of 5xx leave open what became of the call; a refusal keeps its
// code.
func (r *remote) send(ctx context.Context, c call) (any, error) {
	body := c.body
	switch b := body.(type) {
	case nil:
		body = struct{}{}
	case pos.CloseRequest:
		body = map[string]string{"level": b.Level}
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("write %s: %w", c.id, err)
	}
	path, into := c.route()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, r.base+"/api/v1"+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+r.token)
	request.Header.Set("Accept", "application/json")
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", c.id)
	answer, err := r.http.Do(request)
	if err != nil {
		return nil, errors.Join(errNoAnswer, err)
	}
	text, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return nil, errors.Join(errNoAnswer, err)
	}
	if answer.StatusCode >= http.StatusMultipleChoices {
		var refusal struct{ Code, Detail string }
		_ = json.Unmarshal(text, &refusal) // whatever answers like this is no till: it has no code
		err := fault.New(fault.Invalid, refusal.Code, fmt.Sprint(answer.Status, ": ", refusal.Detail))
		if !decided(answer.StatusCode) {
			return nil, errors.Join(errNoAnswer, err)
		}
		return nil, err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return nil, fmt.Errorf("read the answer of %s: %w", path, err)
	}
	return value(into), nil
}

func (r *remote) close() { r.http.CloseIdleConnections() }
