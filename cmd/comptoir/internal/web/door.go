package web

import (
	"crypto/tls"
	"net"
	"sync"
	"sync/atomic"
)

// door is a listener that knows which of its connections have never asked for anything. Browsers open some in
// advance; the server takes them for busy until its read timeout.
type door struct {
	net.Listener
	once sync.Once
	err  error

	mu     sync.Mutex
	silent map[*visitor]struct{}
}

func newDoor(l net.Listener) *door {
	return &door{Listener: l, silent: map[*visitor]struct{}{}}
}

// Accept waits for the next connection.
func (d *door) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	v := &visitor{Conn: conn, door: d}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.silent[v] = struct{}{}
	if secure, ok := conn.(*tls.Conn); ok {
		return &secureVisitor{v, secure}, nil
	}
	return v, nil
}

// Close stops accepting. Closing again repeats the first answer: the server closes too, and takes an error for a
// failed shutdown.
func (d *door) Close() error {
	d.once.Do(func() { d.err = d.Listener.Close() })
	return d.err
}

// hangUp closes the connections that have never asked for anything.
func (d *door) hangUp() {
	d.mu.Lock()
	silent := d.silent
	d.silent = map[*visitor]struct{}{}
	d.mu.Unlock()
	for v := range silent {
		_ = v.Conn.Close() // nobody waits for an answer
	}
}

func (d *door) forget(v *visitor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.silent, v)
}

// visitor is one connection.
type visitor struct {
	net.Conn
	door  *door
	spoke atomic.Bool
}

// Read reads what the visitor sends.
func (v *visitor) Read(b []byte) (int, error) {
	n, err := v.Conn.Read(b)
	if n > 0 && v.spoke.CompareAndSwap(false, true) {
		v.door.forget(v)
	}
	return n, err
}

// Close closes the connection.
func (v *visitor) Close() error {
	v.door.forget(v)
	return v.Conn.Close()
}

// secureVisitor is a connection over TLS, which the server knows by these two methods.
type secureVisitor struct {
	*visitor
	tls *tls.Conn
}

// Handshake agrees on keys before anything is asked.
func (v *secureVisitor) Handshake() error { return v.tls.Handshake() } //nolint:noctx // bounded by the read timeout, as the server sets it

// ConnectionState tells what was agreed on.
func (v *secureVisitor) ConnectionState() tls.ConnectionState { return v.tls.ConnectionState() }
