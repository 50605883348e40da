package main

import (
	"net"
	"sync"
	"time"
)

// lease is a listener lent to one café: closing it stops accepting and leaves the address bound, so that the next
// café finds in the queue whoever came in between.
type lease struct {
	net.Listener
	once  sync.Once
	ended chan struct{}
}

// deadliner is a listener whose waiting can be ended without closing it; TCP's is one.
type deadliner interface{ SetDeadline(t time.Time) error }

func newLease(l net.Listener) *lease {
	if d, ok := l.(deadliner); ok {
		_ = d.SetDeadline(time.Time{}) // fails on a closed listener only, which Accept then says
	}
	return &lease{Listener: l, ended: make(chan struct{})}
}

// Accept waits for the next connection; after Close it says net.ErrClosed.
func (l *lease) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	select {
	case <-l.ended:
		if err == nil {
			_ = conn.Close() // it came in the moment of closing: a browser asks again
		}
		return nil, net.ErrClosed
	default:
		return conn, err
	}
}

// Close ends the lease. Twice is once.
func (l *lease) Close() error {
	var err error
	l.once.Do(func() {
		close(l.ended)
		if d, ok := l.Listener.(deadliner); ok {
			err = d.SetDeadline(time.Unix(1, 0))
			return
		}
		err = l.Listener.Close()
	})
	return err
}
