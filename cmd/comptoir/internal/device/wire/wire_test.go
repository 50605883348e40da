package wire

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// No test may leave a goroutine behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair is a line and its other end, both of which are closed with the test.
func pair(t *testing.T) (*Wire, net.Conn) {
	t.Helper()
	here, there := net.Pipe()
	w := New(here)
	t.Cleanup(func() {
		_ = there.Close()
		_ = w.Close()
	})
	return w, there
}

func TestWhatComesIsReadByBytesAndByChunks(t *testing.T) {
	t.Parallel()
	w, other := pair(t)
	go func() {
		_, _ = other.Write([]byte("abc"))
		_ = other.Close()
	}()
	if b, err := w.Byte(t.Context(), time.Second); b != 'a' || err != nil {
		t.Errorf("got %q, %v", b, err)
	}
	if rest, err := w.Next(t.Context(), time.Second); string(rest) != "bc" || err != nil {
		t.Errorf("got %q, %v", rest, err)
	}
	for range 2 {
		if _, err := w.Byte(t.Context(), 0); !errors.Is(err, io.EOF) {
			t.Errorf("at the end: %v", err)
		}
	}
}

func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, other := pair(t)
		began := time.Now()
		if _, err := w.Next(t.Context(), 3*time.Second); !errors.Is(err, ErrSilence) || time.Since(began) != 3*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if _, err := w.Byte(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("without patience: %v", err)
		}
		if err := w.Write(ctx, []byte("nobody reads")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("write behind its time: %v", err)
		}
		_ = other
	})
}

func TestAWriteThatNobodyReadsEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, _ := pair(t)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if err := w.Write(ctx, []byte("nobody reads")); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

func TestWhatWasNotTakenIsForgotten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, other := pair(t)
		_, _ = other.Write([]byte("to somebody else"))
		synctest.Wait()
		w.Forget()
		go func() { _, _ = other.Write([]byte("yes")) }()
		if got, err := w.Next(t.Context(), time.Second); string(got) != "yes" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func TestClosingEndsAReaderThatHasSomethingInHand(t *testing.T) {
	t.Parallel()
	here, there := net.Pipe()
	w := New(here)
	_, _ = there.Write([]byte("nobody takes this"))
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	_ = there.Close()
}
