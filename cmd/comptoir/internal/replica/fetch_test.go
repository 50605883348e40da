package replica_test

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data/fault"
)

// pulled is a place that is pulled out after so many bytes, as a stick is.
type pulled struct {
	replica.Place
	left int
}

func (p *pulled) Open(ctx context.Context, name string, offset, size int64) (io.ReadCloser, error) {
	r, err := p.Place.Open(ctx, name, offset, size)
	if err != nil {
		return nil, err
	}
	return &pulledFile{r, p}, nil
}

type pulledFile struct {
	io.ReadCloser
	place *pulled
}

func (f *pulledFile) Read(b []byte) (int, error) {
	if f.place.left <= 0 {
		return 0, syscall.EIO
	}
	n, err := f.ReadCloser.Read(b[:min(len(b), f.place.left)])
	f.place.left -= n
	return n, err
}

// A place that goes away while a copy is fetched is told as one that cannot be reached, wherever that happens; nothing of a
// file is left, and the next try makes it.
func TestAPlaceThatGoesAwayWhileACopyIsFetched(t *testing.T) {
	c := newCafe(t, folderTarget(t))
	c.sell(0, 40)
	c.sync()
	c.close()
	place, err := replica.Open(t.Context(), c.target)
	must(t, err)
	defer func() { must(t, place.Close()) }()
	for _, left := range []int{0, 50, 500, 5_000, 50_000} {
		into := filepath.Join(t.TempDir(), "till.db")
		if _, err := replica.FetchFrom(t.Context(), &pulled{place, left}, into); fault.CodeOf(err) != "copy.unreachable" {
			t.Errorf("pulled out after %d bytes: %v, want copy.unreachable", left, err)
		}
		if found, err := os.ReadDir(filepath.Dir(into)); err != nil || len(found) > 0 {
			t.Errorf("pulled out after %d bytes: %v left, %v", left, found, err)
		}
		if _, err := replica.FetchFrom(t.Context(), place, into); err != nil {
			t.Errorf("the next try: %v", err)
		}
	}
}

// What a place holds may unpack to far more than it takes there: who fetches is asked first whether there is room.
func TestACopyIsNotUnpackedWhereItHasNoRoom(t *testing.T) {
	c := newCafe(t, folderTarget(t))
	c.sell(0, 40)
	c.sync()
	c.close()
	into := filepath.Join(t.TempDir(), "till.db")
	refused := fault.New(fault.Internal, "test.room", "No room.")
	var asked int64
	_, err := replica.FetchWithin(t.Context(), c.target, into, func(size int64) error { asked = size; return refused })
	if fault.CodeOf(err) != refused.Code {
		t.Errorf("got %v, want the refusal", err)
	}
	if left, err := os.ReadDir(filepath.Dir(into)); err != nil || len(left) > 0 {
		t.Errorf("%v left, %v", left, err)
	}
	_, err = replica.FetchWithin(t.Context(), c.target, into, func(int64) error { return nil })
	must(t, err)
	if info, err := os.Stat(into); err != nil || info.Size() != asked {
		t.Errorf("asked for %d bytes, and it takes %v (%v)", asked, info, err)
	}
}
