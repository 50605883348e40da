package replica

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
	"time"
)

// leaveAfter is how long after its context a call on files still has to end by itself: most do, and tidy up.
const leaveAfter = 500 * time.Millisecond

// stuck counts, by folder, the calls that were left and have not come back.
var stuck struct { //nolint:gochecknoglobals // a share hangs for the whole process, whoever asks it
	sync.Mutex
	calls map[string]int
}

var errStuck = errors.New("an earlier call has not come back")

// Within works on the files of a folder, and comes back when ctx ends, whether the work has or not: the system gives up no call
// on a share whose machine is gone, or on a stick that is dying. While such work has not come back, nothing else is begun there:
// that is copy.unreachable. What do returns is its result alone, and it changes nothing that the caller goes on with.
func Within[T any](ctx context.Context, folder string, do func(context.Context) (T, error)) (none T, err error) {
	stuck.Lock()
	busy := stuck.calls[folder] > 0
	stuck.Unlock()
	if busy {
		return none, errUnreachable.Wrap(errStuck)
	}
	type result struct {
		got T
		err error
	}
	done := make(chan result, 1)
	go func() {
		got, err := do(ctx)
		done <- result{got, err}
	}()
	select {
	case r := <-done:
		return r.got, r.err
	case <-ctx.Done():
	}
	late := time.NewTimer(leaveAfter)
	defer late.Stop()
	select {
	case r := <-done:
		return r.got, r.err
	case <-late.C:
	}
	countStuck(folder, 1)
	go func() { <-done; countStuck(folder, -1) }()
	return none, errUnreachable.Wrap(ctx.Err())
}

func countStuck(folder string, n int) {
	stuck.Lock()
	defer stuck.Unlock()
	if stuck.calls == nil {
		stuck.calls = map[string]int{}
	}
	if stuck.calls[folder] += n; stuck.calls[folder] == 0 {
		delete(stuck.calls, folder)
	}
}

// do is Within for what returns nothing.
func (p folder) do(ctx context.Context, work func(context.Context) error) error {
	_, err := Within(ctx, p.root, func(ctx context.Context) (struct{}, error) { return struct{}{}, work(ctx) })
	return err
}

// readAhead is how much of a file is read at once.
const readAhead = 32 << 10

// folderFile is read within the context that it was opened with. It reads into a buffer of its own: a call that was left may
// write there later.
type folderFile struct {
	ctx  context.Context //nolint:containedctx // of the file
	in   folder
	f    *os.File
	text []byte
	rest []byte // of text, not handed on yet
	left error  // with which it was left
}

func (f *folderFile) Read(b []byte) (int, error) {
	if f.left != nil {
		return 0, f.left
	}
	if len(f.rest) == 0 {
		n, err := Within(f.ctx, f.in.root, func(context.Context) (int, error) {
			n, err := f.f.Read(f.text)
			if errors.Is(err, io.EOF) {
				n, err = 0, nil
			}
			return n, err
		})
		switch {
		case err != nil:
			f.left = err
			return 0, err
		case n == 0:
			return 0, io.EOF
		}
		f.rest = f.text[:n]
	}
	n := copy(b, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

func (f *folderFile) Close() error {
	if f.left != nil {
		go func() { _ = f.f.Close() }() // it may wait for the call that was left
		return nil                      //nolint:nilerr // Read has told it
	}
	return f.in.do(f.ctx, func(context.Context) error { return f.f.Close() })
}
