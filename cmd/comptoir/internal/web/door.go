package web

import (
	"container/list"
	"crypto/tls"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"comptoir/data"
)

// Limits of the connections of one listener. Each listener has its own, so that guests take none of the till's.
const (
	maxOpen       = maxConnections - 32 // kept connections: the server itself refuses at maxConnections, and the newest; we part with the oldest
	maxPerAddress = 64                  // of one address, other than this machine: some ten phones behind one router
	sendTimeout   = 30 * time.Second    // for a visitor to take each piece of an answer
	dripGrace     = 2 * time.Second     // at the end, for a request to come in whole
)

// door is a listener that bounds its connections, and knows which of them have never asked for anything. Browsers
// open some in advance; the server takes them for busy until its read timeout.
//
// Nobody who comes is turned away: at a limit the connection that has been answered longest ago, or never, is hung
// up on. Whoever opens hundreds and asks for nothing (slowloris) loses them to whoever asks.
type door struct {
	net.Listener
	now  func() time.Time
	once sync.Once
	err  error

	mu      sync.Mutex
	silent  map[*visitor]struct{}
	quiet   *list.List // every *visitor, the one that was answered longest ago first
	address map[string]int
}

func newDoor(l net.Listener) *door {
	return &door{Listener: l, now: data.SystemClock{}.Now, silent: map[*visitor]struct{}{}, quiet: list.New(), address: map[string]int{}}
}

// Accept waits for the next connection.
func (d *door) Accept() (net.Conn, error) {
	conn, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	v := &visitor{Conn: conn, door: d}
	for _, one := range d.enter(v) {
		one.cut()
	}
	if secure, ok := conn.(*tls.Conn); ok {
		return &secureVisitor{v, secure}, nil
	}
	return v, nil
}

// enter counts a visitor in and returns those who leave for it.
func (d *door) enter(v *visitor) (leaving []*visitor) {
	if tcp, ok := v.RemoteAddr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		v.from = scanner(tcp.IP)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if v.from != "" && d.address[v.from] >= maxPerAddress {
		leaving = append(leaving, d.oldest(v.from))
	}
	if d.quiet.Len() >= maxOpen {
		leaving = append(leaving, d.oldest(""))
	}
	d.silent[v] = struct{}{}
	v.place = d.quiet.PushBack(v)
	if v.from != "" {
		d.address[v.from]++
	}
	return leaving
}

// oldest counts out the visitor of an address, or of any, that was answered longest ago. There is one.
func (d *door) oldest(from string) *visitor {
	for e := d.quiet.Front(); e != nil; e = e.Next() {
		if v, ok := e.Value.(*visitor); ok && (from == "" || v.from == from) {
			d.leave(v)
			return v
		}
	}
	return nil
}

// leave counts a visitor out; twice is allowed.
func (d *door) leave(v *visitor) {
	delete(d.silent, v)
	if v.place == nil {
		return
	}
	d.quiet.Remove(v.place)
	v.place = nil
	if v.from == "" {
		return
	}
	if d.address[v.from]--; d.address[v.from] == 0 {
		delete(d.address, v.from)
	}
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
		v.cut()
	}
}

// endDrips hangs up on whoever is still asking: half a request is not one, and would hold a shutdown until its timeout.
func (d *door) endDrips() {
	d.mu.Lock()
	var asking []*visitor
	for e := d.quiet.Front(); e != nil; e = e.Next() {
		if v, ok := e.Value.(*visitor); ok && !v.served.Load() {
			asking = append(asking, v)
		}
	}
	d.mu.Unlock()
	for _, v := range asking {
		v.cut()
	}
}

// begin notes that a whole request has come in and is being answered.
func begin(conn net.Conn) {
	switch v := conn.(type) {
	case *visitor:
		v.served.Store(true)
	case *secureVisitor:
		v.served.Store(true)
	}
}

// spoke notes that a visitor has asked for something.
func (d *door) spoke(v *visitor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.silent, v)
}

// answered notes that a visitor is sent something.
func (d *door) answered(v *visitor) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if v.place != nil {
		d.quiet.MoveToBack(v.place)
	}
}

// visitor is one connection.
type visitor struct {
	net.Conn
	door   *door
	spoke  atomic.Bool
	served atomic.Bool // a request of it is being answered

	from  string        // its address; empty: this machine
	place *list.Element // among the door's, under the door's lock; nil: it was counted out
}

// Read reads what the visitor sends. The server has set by when.
func (v *visitor) Read(b []byte) (int, error) {
	v.served.Store(false)
	n, err := v.Conn.Read(b)
	if n > 0 && v.spoke.CompareAndSwap(false, true) {
		v.door.spoke(v)
	}
	return n, err
}

// Write sends a piece of an answer, and gives up on a visitor that does not take it. It is a limit of the piece, not
// of the answer: a live screen's never ends, and an archive takes long on a slow network.
func (v *visitor) Write(b []byte) (int, error) {
	v.door.answered(v)
	if err := v.SetWriteDeadline(v.door.now().Add(sendTimeout)); err != nil {
		return 0, err
	}
	return v.Conn.Write(b)
}

// SetReadDeadline is told by the server, which takes a connection that was closed meanwhile for its own bug and panics:
// the read that follows finds out.
func (v *visitor) SetReadDeadline(t time.Time) error {
	if err := v.Conn.SetReadDeadline(t); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// cut hangs up without a word, which over TLS could take seconds: the server finds the connection closed, and lets go.
func (v *visitor) cut() {
	conn := v.Conn
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	_ = conn.Close() // nobody waits for an answer
}

// Close closes the connection.
func (v *visitor) Close() error {
	v.door.mu.Lock()
	v.door.leave(v)
	v.door.mu.Unlock()
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
