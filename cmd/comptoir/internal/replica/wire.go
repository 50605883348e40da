package replica

import (
	"context"
	"net"
	"time"
)

// wire is a connection that is given up when no byte has moved for a while, however long a whole file takes: a store that
// stops in the middle of a body would hold the copy up for ever.
type wire struct {
	net.Conn
	silence time.Duration
}

// dialWire connects to an address within dialLimit.
func dialWire(silence time.Duration) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{Timeout: dialLimit}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return wire{conn, silence}, nil
	}
}

func (w wire) Read(b []byte) (int, error) {
	if err := w.SetReadDeadline(instant().Add(w.silence)); err != nil {
		return 0, err
	}
	return w.Conn.Read(b)
}

// Write gives the answer its time too: whoever reads may have begun to wait before.
func (w wire) Write(b []byte) (int, error) {
	if err := w.SetDeadline(instant().Add(w.silence)); err != nil {
		return 0, err
	}
	return w.Conn.Write(b)
}
