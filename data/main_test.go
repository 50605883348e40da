package data_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
)

// No test may leave a goroutine behind: the writer's, a pool's, or a caller that nobody answers.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var errSorry = errors.New("sorry")

type closure = func(context.Context, *data.Tx) error

// put writes one row of the only table the kernel leaves to everybody.
func put(key, value string) closure {
	return func(ctx context.Context, tx *data.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO meta (key, value) VALUES (?, ?)`, key, value)
		return err
	}
}

// sell is the smallest command: a row that carries the seq of its event, and the event.
func sell(key string) closure {
	return func(ctx context.Context, tx *data.Tx) error {
		if err := put(key, fmt.Sprint(tx.EventSeq()))(ctx, tx); err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "sold", Body: map[string]string{"key": key}, Topics: []string{key}})
	}
}

// then runs closures one after the other, in one.
func then(fns ...closure) closure {
	return func(ctx context.Context, tx *data.Tx) error {
		for _, fn := range fns {
			if err := fn(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	}
}

func refuse(context.Context, *data.Tx) error { return errSorry }

// keys lists what was put, the kernel's own rows left out.
func keys(t *testing.T, q data.Querier) []string {
	t.Helper()
	all, err := data.All(t.Context(), q, func(r *data.Rows) (s string, err error) { err = r.Scan(&s); return s, err },
		`SELECT key FROM meta WHERE key <> 'epoch' ORDER BY key`)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func wantKeys(t *testing.T, db *data.DB, want ...string) {
	t.Helper()
	if got := keys(t, db.Reader()); !slices.Equal(got, want) {
		t.Errorf("got rows %q, want %q", got, want)
	}
}

func number(t *testing.T, q data.Querier, query string, args ...any) (n int64) {
	t.Helper()
	if err := q.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if got := fault.CodeOf(err); got != code {
		t.Errorf("got %q (%v), want %q", got, err, code)
	}
}

func mustWrite(t *testing.T, db *data.DB, fn closure) {
	t.Helper()
	if err := db.Write(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}

// hold keeps the writer inside a closure until the function it returns is called.
func hold(t *testing.T, db *data.DB) (release func()) {
	t.Helper()
	release, err := tryHold(t, db)
	if err != nil {
		t.Fatalf("the writer refused the closure that holds it: %v", err)
	}
	return release
}

// tryHold is hold of a writer that may have stopped.
func tryHold(t *testing.T, db *data.DB) (release func(), err error) {
	t.Helper()
	in, out, refused := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var held sync.WaitGroup
	held.Go(func() {
		entered := false
		err := db.Write(t.Context(), func(context.Context, *data.Tx) error {
			entered = true
			close(in)
			<-out
			return nil
		})
		switch {
		case !entered:
			refused <- err
		case err != nil:
			t.Errorf("the closure that holds the writer: %v", err)
		}
	})
	select {
	case <-in:
	case err := <-refused:
		return nil, err
	}
	once := sync.OnceFunc(func() { close(out); held.Wait() })
	t.Cleanup(once)
	return once, nil
}

// together has the closures carried out in one batch and returns their errors, in their order.
func together(t *testing.T, db *data.DB, fns ...closure) []error {
	t.Helper()
	release := hold(t, db)
	errs := make([]error, len(fns))
	var all sync.WaitGroup
	for i, fn := range fns {
		all.Go(func() { errs[i] = db.Write(t.Context(), fn) })
		data.AwaitQueue(db, i+1)
	}
	release()
	all.Wait()
	return errs
}

// reopen opens the directory of a database again, as the next process would.
func reopen(t *testing.T, dir string, configure ...func(*data.Options)) *data.DB {
	t.Helper()
	return datatest.Open(t, append([]func(*data.Options){func(o *data.Options) { o.Dir = dir }}, configure...)...)
}

// start opens a directory for a test that closes or damages it, so that no audit follows.
func start(t *testing.T, dir string, configure ...func(*data.Options)) *data.DB {
	t.Helper()
	opts := data.Options{Dir: dir, Clock: datatest.NewClock()}
	for _, c := range configure {
		c(&opts)
	}
	db, err := data.Open(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
