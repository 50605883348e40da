package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// ErrSilence is what a read returns when nothing came in time.
var ErrSilence = errors.New("the line was silent")

// chunkSize is how much is taken from a line at a time.
const chunkSize = 1024

// Wire is one line to a device, for one reader and writer at a time.
type Wire struct {
	line   io.ReadWriteCloser
	chunks chan []byte // closed when the line ended; why is then in ended
	ended  error
	stop   chan struct{}
	reader sync.WaitGroup
	rest   []byte // came, and was not taken yet
}

// New reads the line from now on. Closing it is the Wire's from now on, too.
func New(line io.ReadWriteCloser) *Wire {
	w := &Wire{line: line, chunks: make(chan []byte), stop: make(chan struct{})}
	w.reader.Go(w.read)
	return w
}

func (w *Wire) read() {
	defer close(w.chunks)
	buf := make([]byte, chunkSize)
	for {
		n, err := w.line.Read(buf)
		if n > 0 {
			select {
			case w.chunks <- append([]byte(nil), buf[:n]...):
			case <-w.stop:
				w.ended = io.ErrClosedPipe
				return
			}
		}
		if err != nil {
			w.ended = err
			return
		}
	}
}

// Next returns what came next. Errors: ErrSilence when nothing came within patience (0: as long as the context lasts), the
// context's, io.EOF when the other side closed, and whatever ended the line.
func (w *Wire) Next(ctx context.Context, patience time.Duration) ([]byte, error) {
	if rest := w.rest; len(rest) > 0 {
		w.rest = nil
		return rest, nil
	}
	var over <-chan time.Time
	if patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case chunk, open := <-w.chunks:
		if !open {
			return nil, w.ended
		}
		return chunk, nil
	case <-over:
		return nil, ErrSilence
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Byte returns the next byte. Errors as Next.
func (w *Wire) Byte(ctx context.Context, patience time.Duration) (byte, error) {
	chunk, err := w.Next(ctx, patience)
	if err != nil {
		return 0, err
	}
	w.rest = chunk[1:]
	return chunk[0], nil
}

// Forget drops what came and was not taken: an answer to somebody else.
func (w *Wire) Forget() {
	w.rest = nil
	for {
		select {
		case _, open := <-w.chunks:
			if !open {
				return
			}
		default:
			return
		}
	}
}

// Write sends all of p, or says why not.
func (w *Wire) Write(ctx context.Context, p []byte) error {
	if bounded, ok := w.line.(interface{ SetWriteDeadline(time.Time) error }); ok {
		// Any time that has passed ends a write that waits.
		defer context.AfterFunc(ctx, func() { _ = bounded.SetWriteDeadline(time.Unix(1, 0)) })()
	}
	n, err := w.line.Write(p)
	switch {
	case ctx.Err() != nil && err != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("write to the line: %w", err)
	case n < len(p):
		return io.ErrShortWrite
	}
	return nil
}

// Close ends the line and waits for its reader. Once is enough.
func (w *Wire) Close() error {
	close(w.stop)
	err := w.line.Close()
	w.reader.Wait()
	return err
}
