package device

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Patience with a printer.
const (
	statusTimeout = time.Second      // for an answer in real time
	askTimeout    = 5 * time.Second  // for the question to be taken
	leastTimeout  = 15 * time.Second // for a job: real printers take up to 8 s before they answer
	repairTimeout = 5 * time.Minute  // for a hand with a new roll, in the middle of a job
	pollEvery     = 2 * time.Second  // how it is, while its last answer is awaited
	learnt        = 2 * time.Second  // for the last answer of one that never gave one
	slowest       = 1000             // bytes a second of a printer that prints as it reads
	endTimeout    = 3 * time.Second  // for the other side to close: what it has not read yet must not be lost
)

// fate is what became of the bytes of a job.
type fate int

// The fates.
const (
	fateNone    fate = iota // not one of them was sent
	fatePrinted             // the printer said that it had done them all
	fateUnsure              // all were sent, and it cannot say
	fateCutOff              // some may have come out
)

// result is how a job ended at its printer.
type result struct {
	fate fate
	code string // of what was in the way; empty: nothing
	low  bool   // paper will soon be out
}

// session is one job's time with its printer.
type session interface {
	// status asks how the printer is. knows: it answered. An error is of the connection, and nothing was printed.
	status(ctx context.Context) (code string, knows bool, err error)
	// print sends a paper and waits for its end. A context that ends makes of it what it is by then.
	print(ctx context.Context, paper []byte, m manner) result
	// close ends the connection, so that what was sent last is printed.
	close()
}

// manner is how a printer is dealt with.
type manner struct {
	marked bool          // an answer at the end is asked for
	wait   time.Duration // for that answer
	send   time.Duration // for all bytes to be taken
	tail   []byte        // sent after the job
	said   func(code string)
	knows  bool // it has answered how it is
}

// line is the session of a printer at the end of a wire.
type line struct {
	conn    io.ReadWriteCloser
	clock   timer
	replies chan reply // closed when the connection is over
	broke   error      // why, once replies is closed; nil: its end
}

// newLine listens to a connection.
func newLine(conn io.ReadWriteCloser, clock timer) *line {
	l := &line{conn: conn, clock: clock, replies: make(chan reply, 64)}
	go l.listen()
	return l
}

func (l *line) listen() {
	defer close(l.replies)
	var e ear
	for b := make([]byte, 256); ; {
		n, err := l.conn.Read(b)
		for _, c := range b[:n] {
			if r, ok := e.hear(c); ok {
				select {
				case l.replies <- r:
				default: // it says more than anybody asked: none of it is an answer
				}
			}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				l.broke = err
			}
			return
		}
	}
}

var errTooSlow = errors.New("not taken in time")

// write sends b, within d. n is how much of it may have arrived.
func (l *line) write(ctx context.Context, b []byte, d time.Duration) (n int, err error) {
	type written struct {
		n   int
		err error
	}
	done := make(chan written, 1)
	go func() {
		n, err := l.conn.Write(b)
		done <- written{n, err}
	}()
	over, stop := l.clock.Timer(d)
	defer stop()
	select {
	case w := <-done:
		return w.n, w.err
	case <-over:
		err = errTooSlow
	case <-ctx.Done():
		err = ctx.Err()
	}
	_ = l.conn.Close() // it ends the write, if anything does
	return len(b), fmt.Errorf("write: %w", err)
}

// forget drops answers to what was asked before.
func (l *line) forget() {
	for {
		select {
		case _, open := <-l.replies:
			if !open {
				return
			}
		default:
			return
		}
	}
}

// ask asks one thing in real time. ok: it was answered in time. An error is of the connection.
func (l *line) ask(ctx context.Context, what byte) (b byte, ok bool, err error) {
	l.forget()
	if _, err := l.write(ctx, []byte{0x10, 0x04, what}, askTimeout); err != nil {
		return 0, false, err
	}
	over, stop := l.clock.Timer(statusTimeout)
	defer stop()
	for {
		select {
		case r, open := <-l.replies:
			if !open {
				return 0, false, l.ended()
			}
			if r.kind == replyStatus && answers(what, r.b) {
				return r.b, true, nil
			}
		case <-over:
			return 0, false, nil
		case <-ctx.Done():
			return 0, false, ctx.Err()
		}
	}
}

// ended is why the connection is over.
func (l *line) ended() error {
	if l.broke != nil {
		return l.broke
	}
	return io.EOF
}

func (l *line) status(ctx context.Context) (code string, knows bool, err error) {
	for _, what := range []byte{askOffline, askPaper} {
		b, ok, err := l.ask(ctx, what)
		if err != nil {
			return "", knows, err
		}
		if !ok {
			break
		}
		knows = true
		if code = codeOfStatus(what, b); code != "" {
			break
		}
	}
	return code, knows, nil
}

func (l *line) print(ctx context.Context, paper []byte, m manner) result {
	l.forget()
	if n, err := l.write(ctx, paper, m.send); err != nil {
		if n == 0 {
			return result{fate: fateNone, code: CodeUnreachable}
		}
		return result{fate: fateCutOff, code: CodeCutOff}
	}
	l.forget() // whatever it said meanwhile, it was not asked yet whether it is done
	if len(m.tail) > 0 {
		if _, err := l.write(ctx, m.tail, m.send); err != nil {
			return result{fate: fateCutOff, code: CodeCutOff}
		}
	}
	if !m.marked {
		return result{fate: fateUnsure, code: CodeUnverified}
	}
	return l.end(ctx, m)
}

// close ends the line from this side first, and reads to its end: a connection that is closed over bytes nobody has read is reset,
// and some printers throw away what they had not printed yet.
func (l *line) close() {
	if half, ok := l.conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		over, stop := l.clock.Timer(endTimeout)
		defer stop()
		for open := true; open; {
			select {
			case _, open = <-l.replies:
			case <-over:
				open = false
			}
		}
	}
	_ = l.conn.Close()
}
