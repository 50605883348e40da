package replica

import (
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"comptoir/data/fault"
)

// TestAStoreThatStopsInTheMiddleIsGivenUp: in what it sends and in what it takes. One that is slow and goes on is waited for.
func TestAStoreThatStopsInTheMiddleIsGivenUp(t *testing.T) {
	const silence = 200 * time.Millisecond
	large := 64 << 20 // more than the buffers of a connection
	for name, tc := range map[string]struct {
		serve  func(conn net.Conn, halt <-chan struct{})
		sent   int
		stalls bool
	}{
		"its answer": {func(c net.Conn, halt <-chan struct{}) {
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
			<-halt
		}, 0, true},
		"our file": {func(_ net.Conn, halt <-chan struct{}) { <-halt }, large, true},
		"every piece": {func(c net.Conn, halt <-chan struct{}) {
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
			for range 9 {
				pause := time.NewTimer(silence / 3)
				select {
				case <-pause.C:
				case <-halt:
				}
				say(c, "x")
			}
		}, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			halt := make(chan struct{})
			var served sync.WaitGroup
			served.Go(func() {
				c, err := l.Accept()
				if err != nil {
					return
				}
				if tc.sent == 0 {
					_, _ = c.Read(make([]byte, 4096))
				}
				tc.serve(c, halt)
				_ = c.Close()
			})
			transport := &http.Transport{DialContext: dialWire(silence)}
			defer func() { close(halt); _ = l.Close(); served.Wait(); transport.CloseIdleConnections() }()
			began := time.Now()
			got, err := (&http.Client{Transport: transport}).Post("http://"+l.Addr().String()+"/", "", bytes.NewReader(make([]byte, tc.sent)))
			if err == nil {
				_, err = io.ReadAll(got.Body)
				_ = got.Body.Close()
			}
			gone := errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed) // whichever of its two sides notices first ends the other
			if tc.stalls != gone {
				t.Errorf("ended with %v", err)
			}
			if tc.stalls && fault.CodeOf(placed(err)) != "copy.unreachable" {
				t.Errorf("told as %v", placed(err))
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func say(c net.Conn, words string) { _, _ = c.Write([]byte(words)) }
