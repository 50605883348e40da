package escpos

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
)

// Serve answers on a network port as a printer does: one connection at a time, the next one waits. It returns once ctx ends, with nil, or
// when the port fails. The listener is closed.
func Serve(ctx context.Context, l net.Listener, p *Printer) error {
	stop := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer stop()
	defer func() { _ = l.Close() }()
	for {
		conn, err := l.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("virtual printer: %w", err)
		}
		p.converse(ctx, conn)
	}
}

// converse serves a connection until its other end is done. A broken one is as good as ended: real printers say nothing about it either.
func (p *Printer) converse(ctx context.Context, conn net.Conn) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	defer func() { _ = conn.Close() }()
	if err := p.Talk(conn); err != nil {
		return
	}
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite() // the other end reads the last answers, then the end
	}
}

// Talk takes jobs from a wire and answers on it until it ends: a connection, a serial line, a file of a device. What was begun and not ended
// is then thrown away. A second wire waits until the first has ended. It returns what broke the wire, nil at its end.
func (p *Printer) Talk(wire io.ReadWriter) error {
	p.taken.Lock()
	defer p.taken.Unlock()
	ended, told := make(chan struct{}), make(chan error, 1)
	go func() { told <- p.tellOn(wire, ended) }()
	var err error
	for b := make([]byte, 4096); err == nil; {
		var n int
		n, err = wire.Read(b)
		_, _ = p.Write(b[:n]) // never fails
	}
	close(ended)
	silent := <-told
	p.hangUp()
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return errors.Join(err, silent)
}

// tellOn writes answers on the wire as they come, and those that are left once it has ended.
func (p *Printer) tellOn(wire io.Writer, ended <-chan struct{}) error {
	for over := false; ; {
		if b := p.Answers(); len(b) > 0 {
			if _, err := wire.Write(b); err != nil {
				return fmt.Errorf("answer: %w", err)
			}
		}
		if over {
			return nil
		}
		select {
		case <-p.woken:
		case <-ended:
			over = true
		}
	}
}
