package replica_test

import (
	"bytes"
	"context"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh/knownhosts"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data/fault"
)

// deaf listens and never answers.
func deaf(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	var mu sync.Mutex
	var all []net.Conn
	var served sync.WaitGroup
	served.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			all = append(all, conn)
			mu.Unlock()
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		served.Wait()
		for _, c := range all {
			_ = c.Close()
		}
	})
	return l.Addr().String()
}

// A machine that takes the connection and says nothing holds up neither a sale, even where answers wait for the second
// place, nor the stop.
func TestAPlaceThatHangsHoldsNothingUp(t *testing.T) {
	remote := sftpServer(t)
	remote.Host = deaf(t)
	store := s3Server(t)
	store.Endpoint = "http://" + deaf(t)
	for kind, target := range map[string]replica.Target{"sftp": remote, "s3": store} {
		t.Run(kind, func(t *testing.T) {
			c := newCafe(t, target, func(config *replica.Config) { config.Wait = true })
			began := time.Now()
			c.sell(0, 20)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("twenty sales took %s", took)
			}
			began = time.Now()
			c.close()
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("the stop took %s", took)
			}
		})
	}
}

// A place that comes and goes costs no answer more than the limit, each time; when it stays, it has everything.
func TestAPlaceThatComesAndGoesHoldsNoAnswerLongerThanTheLimit(t *testing.T) {
	c := newCafe(t, folderTarget(t), func(config *replica.Config) { config.Wait = true })
	c.sell(0, 1)
	c.sync()
	away := c.target.Path + ".away"
	for i := 1; i < 31; i += 2 {
		must(t, os.Rename(c.target.Path, away))
		for n := i; n < i+2; n++ {
			began := time.Now()
			c.sell(n, n+1)
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("sale %d was answered after %s", n, took)
			}
		}
		c.await("copy.unreachable")
		must(t, os.RemoveAll(c.target.Path)) // a folder of the same name that somebody made meanwhile is not taken for it
		must(t, os.Rename(away, c.target.Path))
	}
	c.sync()
	wantSales(t, c.target, 31)
}

// stalling is the way to a machine on which no answer comes any more once it is told to stall, though the connection stays.
func stalling(t *testing.T, to replica.Target) (slow replica.Target, stall func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	var stalled atomic.Bool
	var served sync.WaitGroup
	served.Go(func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to.Host)
			if err != nil {
				_ = in.Close()
				return
			}
			served.Go(func() { relay(in, out, nil) })
			served.Go(func() { relay(out, in, &stalled) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); served.Wait() })
	known, err := os.ReadFile(to.KnownHosts)
	must(t, err)
	slow = to
	slow.Host, slow.KnownHosts = l.Addr().String(), filepath.Join(t.TempDir(), "known_hosts")
	must(t, os.WriteFile(slow.KnownHosts, bytes.Replace(known, []byte(knownhosts.Normalize(to.Host)), []byte(knownhosts.Normalize(slow.Host)), 1), 0o600))
	return slow, func() { stalled.Store(true) }
}

// relay carries what one side says to the other until either leaves; once it is stalled, nowhere.
func relay(from, to net.Conn, stalled *atomic.Bool) {
	defer func() { _, _ = from.Close(), to.Close() }()
	text := make([]byte, 4096)
	for {
		n, err := from.Read(text)
		if err != nil {
			return
		}
		if stalled != nil && stalled.Load() {
			continue
		}
		if _, err := to.Write(text[:n]); err != nil {
			return
		}
	}
}

// A machine that stops in the middle of a file is given up: when nothing has come for a while, and when the context ends.
func TestAMachineThatStopsInTheMiddleOfAFileIsGivenUp(t *testing.T) {
	for name, tc := range map[string]struct {
		patience time.Duration
		ends     bool // the context
		code     string
	}{
		"nothing comes":    {200 * time.Millisecond, false, "copy.unreachable"},
		"the context ends": {time.Hour, true, "copy.unreachable"},
	} {
		t.Run(name, func(t *testing.T) {
			slow, stall := stalling(t, sftpServer(t))
			p, err := replica.Open(t.Context(), slow)
			must(t, err)
			defer func() { _ = p.Close() }()
			replica.Impatient(p, time.Hour)
			_, err = p.Write(t.Context(), "epoch", bytes.NewReader(make([]byte, 1<<20)))
			must(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r, err := p.Open(ctx, "epoch", 0, 0)
			must(t, err)
			_, err = r.Read(make([]byte, 100))
			must(t, err)
			replica.Impatient(p, tc.patience)
			stall()
			ended := make(chan error, 1)
			go func() {
				_, err := r.Read(make([]byte, 100))
				_ = r.Close() // what it says of a connection that has ended is nothing new
				ended <- err
			}()
			if tc.ends {
				cancel()
			}
			select {
			case err := <-ended:
				if err == nil || fault.CodeOf(replica.Placed(err)) != tc.code {
					t.Errorf("ended with %v, want %s", err, tc.code)
				}
			case <-time.After(20 * time.Second):
				t.Error("the reading still waits")
			}
		})
	}
}
