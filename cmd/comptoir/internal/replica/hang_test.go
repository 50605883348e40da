package replica_test

import (
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/replica"
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
