package web

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/pos"
)

// served is a café whose two listeners really serve.
type served struct {
	*cafe
	client *http.Client
	stop   context.CancelFunc
	ended  chan error
}

// serve starts both listeners; the test must end them with stopped.
func serve(t *testing.T, c *cafe) *served {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	s := &served{cafe: c, client: &http.Client{Transport: &http.Transport{}}, stop: cancel, ended: make(chan error, 1)}
	go func() { s.ended <- c.web.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		s.client.CloseIdleConnections()
	})
	return s
}

func (s *served) stopped(t *testing.T) {
	t.Helper()
	s.stop()
	if err := <-s.ended; err != nil {
		t.Errorf("Serve ended with %v", err)
	}
}

// open sends a GET to the staff listener and leaves the answer open.
func (s *served) open(t *testing.T, path string) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.web.StaffAddr().String()+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+s.tokens[pos.RoleBarista])
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestBothListenersAcceptBeforeTheirAddressesAreTold(t *testing.T) {
	t.Parallel()
	s := serve(t, openCafe(t))
	for _, addr := range []string{s.web.StaffAddr().String(), s.web.PublicAddr().String()} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+healthPath, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := s.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err != nil || res.StatusCode != http.StatusOK || string(body) != `{"status":"ok"}` {
			t.Errorf("%s: %d %s %v", addr, res.StatusCode, body, err)
		}
	}
	s.stopped(t)
}

func TestAScreenHearsOfASaleAndIsClosedFirstAtTheEnd(t *testing.T) {
	t.Parallel()
	s := serve(t, openCafe(t))
	res := s.open(t, "/api/v1/events?topic=sales,menu")
	defer func() { _ = res.Body.Close() }()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("Content-Type %q", got)
	}
	lines := bufio.NewScanner(res.Body)
	if !lines.Scan() || lines.Text() != "retry: 2000" {
		t.Fatalf("the stream begins with %q, %v", lines.Text(), lines.Err())
	}
	s.post("/sales", aMeal)
	s.post("/menu/products/eau/availability", `{"available": false}`)
	head, _ := s.till.DB().EventHead()
	var got []string
	for len(got) < 2 && lines.Scan() {
		if hint, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			got = append(got, hint)
		}
	}
	if len(got) != 2 || !strings.HasPrefix(got[0], `{"topic":"sales","version":`) || !strings.HasPrefix(got[1], `{"topic":"menu","version":`) {
		t.Errorf("heard %v at version %d", got, head)
	}
	began := time.Now()
	s.stopped(t)
	for lines.Scan() {
		if lines.Text() != "" {
			t.Errorf("after the end: %q", lines.Text())
		}
	}
	if took := time.Since(began); took >= shutdownTimeout {
		t.Errorf("an open stream held the shutdown up: %v", took)
	}
}

func TestAConnectionOpenedInAdvanceDoesNotHoldTheEndUp(t *testing.T) {
	t.Parallel()
	s := serve(t, openCafe(t))
	early, err := net.Dial("tcp", s.web.StaffAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = early.Close() }()
	res := s.open(t, healthPath) // the server has met the early one by now
	_ = res.Body.Close()
	began := time.Now()
	s.stopped(t)
	if took := time.Since(began); took >= shutdownTimeout {
		t.Errorf("it took %v", took)
	}
}

// TestTheStreetHearsNothingLive: a hint at every serving would tell who was served (I15), and a stream for everybody
// would take the places of the tills.
func TestTheStreetHearsNothingLive(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	for _, path := range []string{"/events", "/api/v1/events"} {
		if a := c.do(call{method: http.MethodGet, path: path, nobody: true, public: true}); a.status != http.StatusNotFound {
			t.Errorf("%s on the public listener: %d", path, a.status)
		}
	}
}

func TestTopicsBeyondOnesRightsAreRefused(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	get := call{method: http.MethodGet, path: "/api/v1/events?topic=menu&topic=tickets", role: pos.RoleAccountant}
	refusedWith(t, c.do(get), http.StatusForbidden, "topic.denied")
	get.path = "/api/v1/events?topic=" + strings.Repeat("menu,", maxTopics+1)
	refusedWith(t, c.do(get), http.StatusUnprocessableEntity, "query.invalid")
}

// TestAFailingDiskIsToldAsUnknownAndTheServiceGoesOn: what can be read is served; whoever looks after the process is told by healthz.
func TestAFailingDiskIsToldAsUnknownAndTheServiceGoesOn(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	cause := errors.New("sector 7 of the disk")
	c := closedCafe(t, func(config *pos.Config) {
		config.Fault = func(step data.Step) error {
			if broken.Load() && step.Op == "commit" {
				return data.DiskFailure(cause)
			}
			return nil
		}
	})
	s := serve(t, c)
	broken.Store(true)
	a := c.do(call{method: http.MethodPost, path: "/api/v1/shifts", body: `{}`})
	refusedWith(t, a, http.StatusServiceUnavailable, "data.unknown")
	if strings.Contains(string(a.body), "sector") || a.header.Get("Retry-After") == "" {
		t.Errorf("the answer of an unknown outcome: %s, Retry-After %q", a.body, a.header.Get("Retry-After"))
	}
	if n := strings.Count(requestLines(c.log.String()), "sector 7"); n != 1 {
		t.Errorf("the cause is logged %d times with the request, want once", n)
	}
	if err := c.till.DB().Err(); !errors.Is(err, cause) {
		t.Errorf("the database says %v, want the disk's failure", err)
	}
	if a := c.do(call{method: http.MethodGet, path: "/api/v1/menu"}); a.status != http.StatusOK {
		t.Errorf("the menu after the failure: %d %s", a.status, a.body)
	}
	if a := c.do(call{method: http.MethodGet, path: healthPath}); a.status != http.StatusServiceUnavailable {
		t.Errorf("healthz after the failure: %d", a.status)
	}
	s.stopped(t)
}

// requestLines keeps the lines of requests: the kernel has one of its own about the disk.
func requestLines(log string) string {
	var kept []string
	for line := range strings.SplitSeq(log, "\n") {
		if strings.Contains(line, `"msg":"request"`) {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}

func TestABugIsAnsweredWithoutItsWords(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.web.healthy.ready = func(context.Context) error { panic("secret of the till") }
	a := c.do(call{method: http.MethodGet, path: healthPath})
	refusedWith(t, a, http.StatusInternalServerError, "internal")
	if strings.Contains(string(a.body), "secret") || !strings.Contains(c.log.String(), "secret of the till") {
		t.Errorf("answer %s; the log must have the panic: %v", a.body, strings.Contains(c.log.String(), "secret"))
	}
}

func TestHealthIsLookedAtOnceASecond(t *testing.T) {
	t.Parallel()
	clock := datatest.NewClock()
	asked := 0
	var sick error
	h := &healthCheck{now: clock.Now, ready: func(context.Context) error { asked++; return sick }}
	for range 5 {
		if err := h.check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	sick = errors.New("ill")
	clock.Advance(healthFor - time.Millisecond)
	if err := h.check(t.Context()); err != nil || asked != 1 {
		t.Errorf("within a second: %v, asked %d times", err, asked)
	}
	clock.Advance(time.Millisecond)
	if err := h.check(t.Context()); !errors.Is(err, sick) || asked != 2 {
		t.Errorf("after a second: %v, asked %d times", err, asked)
	}
}
