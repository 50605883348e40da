package web

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// caller is a connection from an address, that remembers whether it was hung up on.
type caller struct {
	net.Conn
	from   string
	closed bool
	taken  time.Time // by when what is sent has to be taken
}

func (c *caller) RemoteAddr() net.Addr {
	return &net.TCPAddr{IP: net.ParseIP(c.from), Port: 40000}
}
func (c *caller) Close() error { c.closed = true; return nil }
func (c *caller) SetWriteDeadline(t time.Time) error {
	c.taken = t
	return nil
}
func (c *caller) Write(b []byte) (int, error) { return len(b), nil }

// street hands out callers, one after the other.
type street struct{ callers []*caller }

func (s *street) Accept() (net.Conn, error) {
	if len(s.callers) == 0 {
		return nil, io.EOF
	}
	c := s.callers[0]
	s.callers = s.callers[1:]
	return c, nil
}
func (s *street) Close() error   { return nil }
func (s *street) Addr() net.Addr { return &net.TCPAddr{} }

// comeIn lets n callers of an address in and returns them with the connections the server has of them.
func comeIn(t *testing.T, d *door, from string, n int) (callers []*caller, conns []net.Conn) {
	t.Helper()
	for range n {
		c := &caller{from: from}
		d.Listener = &street{[]*caller{c}}
		conn, err := d.Accept()
		if err != nil {
			t.Fatal(err)
		}
		callers, conns = append(callers, c), append(conns, conn)
	}
	return callers, conns
}

func TestAnAddressThatOpensTooManyConnectionsLosesTheOneAnsweredLongestAgo(t *testing.T) {
	t.Parallel()
	d := newDoor(&street{})
	many, conns := comeIn(t, d, "192.168.1.50", maxPerAddress)
	other, _ := comeIn(t, d, "192.168.1.51", 1)
	if _, err := conns[0].Write([]byte("an answer")); err != nil {
		t.Fatal(err)
	}
	last, _ := comeIn(t, d, "192.168.1.50", 1)
	if many[0].closed || !many[1].closed || many[2].closed || last[0].closed || other[0].closed {
		t.Errorf("hung up on the answered one %v, the oldest unanswered %v, the next %v, the newest %v, another address %v; want only the second",
			many[0].closed, many[1].closed, many[2].closed, last[0].closed, other[0].closed)
	}
	if conns[1].Close() != nil || d.address["192.168.1.50"] != maxPerAddress {
		t.Errorf("%d connections are counted of it, want %d", d.address["192.168.1.50"], maxPerAddress)
	}
	for _, c := range conns {
		_ = c.Close()
	}
	if d.address["192.168.1.50"] != 1 || d.quiet.Len() != 2 {
		t.Errorf("after they left %d of the address and %d in all are counted, want 1 and 2", d.address["192.168.1.50"], d.quiet.Len())
	}
}

func TestAFullHouseMakesRoomForWhoComes(t *testing.T) {
	t.Parallel()
	d := newDoor(&street{})
	many, _ := comeIn(t, d, "127.0.0.1", maxOpen+10) // this machine has no limit of its own
	for i, c := range many {
		if c.closed != (i < 10) {
			t.Fatalf("connection %d of %d hung up on: %v", i, len(many), c.closed)
		}
	}
	if d.quiet.Len() != maxOpen || len(d.address) != 0 {
		t.Errorf("%d are counted, want %d", d.quiet.Len(), maxOpen)
	}
}

func TestAnAnswerNobodyTakesIsGivenUp(t *testing.T) {
	t.Parallel()
	d := newDoor(&street{})
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	d.now = func() time.Time { return now }
	callers, conns := comeIn(t, d, "127.0.0.1", 1)
	if _, err := conns[0].Write([]byte("x")); err != nil || !callers[0].taken.Equal(now.Add(sendTimeout)) {
		t.Errorf("it has until %v, %v; want %v", callers[0].taken, err, now.Add(sendTimeout))
	}
}

// TestSlowRequestsEndOnBothListeners: headers byte by byte, a body that never ends, a kept connection that asks nothing more.
func TestSlowRequestsEndOnBothListeners(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	for _, e := range c.web.entrances() {
		server := e.app.Server()
		if server.ReadTimeout != readTimeout || server.IdleTimeout != idleTimeout || server.Concurrency != maxConnections {
			t.Errorf("a listener waits %v for a request and %v for the next, and serves %d", server.ReadTimeout, server.IdleTimeout, server.Concurrency)
		}
		server.ReadTimeout, server.IdleTimeout = 300*time.Millisecond, 300*time.Millisecond
	}
	s := serve(t, c)
	for _, addr := range []net.Addr{s.web.StaffAddr(), s.web.PublicAddr()} {
		for name, sent := range map[string]string{
			"half a header": "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-A",
			"a body":        "POST /C HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\nx",
			"chunks":        "POST /C HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nx",
			"nothing":       "",
			"a kept one":    "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
		} {
			if err := drip(addr.String(), sent); err != nil {
				t.Errorf("%s to %s: %v", name, addr, err)
			}
		}
	}
	s.stopped(t)
}

// drip sends the beginning of a request, and then a byte now and then as long as the other side listens.
func drip(addr, sent string) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, sent); err != nil {
		return err
	}
	for range 100 {
		if err := conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond)); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, conn)
		if err == nil || !errors.Is(err, os.ErrDeadlineExceeded) {
			return nil // it hung up
		}
		if sent == "" || strings.HasSuffix(sent, "\r\n\r\n") {
			continue
		}
		if _, err := io.WriteString(conn, "x"); err != nil {
			return nil
		}
	}
	return errors.New("still connected after five seconds")
}

// TestTheTillSellsWhileGuestsHoldEveryConnection: the listeners share no limit.
func TestTheTillSellsWhileGuestsHoldEveryConnection(t *testing.T) {
	t.Parallel()
	s := serve(t, openCafe(t))
	for i := range maxOpen + 20 {
		conn, err := net.Dial("tcp", s.web.PublicAddr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := fmt.Fprintf(conn, "GET /board HTTP/1.1\r\nHost: localhost\r\nX-%d: ", i); err != nil && i >= maxOpen {
			t.Fatal(err)
		}
	}
	res := s.open(t, "/api/v1/menu")
	_ = res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("the till: %d", res.StatusCode)
	}
	conn, err := net.Dial("tcp", s.web.PublicAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
		t.Errorf("a guest who comes after them: %q %v", line, err)
	}
	s.stopped(t)
}

func TestAGuestSendsNoLargeBody(t *testing.T) {
	t.Parallel()
	s := serve(t, openCafe(t))
	for addr, most := range map[string]int{s.web.StaffAddr().String(): maxMenuBody, s.web.PublicAddr().String(): maxBody} {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := fmt.Fprintf(conn, "POST /C HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n", most+1); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(line, "413") {
			t.Errorf("a body of %d bytes announced: %q %v", most+1, line, err)
		}
	}
	s.stopped(t)
}
