package replica

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/benbjohnson/litestream"

	"comptoir/data"
	"comptoir/data/fault"
)

// snapshotLevel is where whole copies are.
const snapshotLevel = litestream.SnapshotLevel

// Fetched says what a copy was.
type Fetched struct {
	Epoch  int64
	At     time.Time // of the newest change in it
	Marker Marker    // of the place
}

// Fetch makes a database file of the copy at a target: of the newest epoch that has one. The file is new, whole, and was
// found sound by data.CheckFile. Errors: those of Open and of data.CheckFile, copy.absent (there is no copy), copy.damaged (there is one
// that no database can be made of; nothing is left).
func Fetch(ctx context.Context, t Target, intoFile string) (Fetched, error) {
	return FetchWithin(ctx, t, intoFile, func(int64) error { return nil })
}

// FetchWithin is Fetch where room is asked first whether so many bytes may be written; what it refuses with is the error.
func FetchWithin(ctx context.Context, t Target, intoFile string, room func(size int64) error) (Fetched, error) {
	p, err := Open(ctx, t)
	if err != nil {
		return Fetched{}, err
	}
	got, err := fetchFrom(ctx, p, intoFile, room)
	return got, errors.Join(err, p.Close())
}

// FetchFrom is Fetch at a place that is open.
func FetchFrom(ctx context.Context, p Place, intoFile string) (Fetched, error) {
	return fetchFrom(ctx, p, intoFile, func(int64) error { return nil })
}

func fetchFrom(ctx context.Context, p Place, intoFile string, room func(size int64) error) (Fetched, error) {
	m, err := ReadMarker(ctx, p)
	if err != nil {
		return Fetched{}, err
	}
	epochs, err := epochsOf(ctx, p)
	if err != nil {
		return Fetched{}, err
	}
	for _, epoch := range slices.Backward(epochs) {
		got := Fetched{Epoch: epoch, Marker: m}
		got.At, err = rebuild(ctx, files{p, epochFolder(epoch)}, intoFile, room)
		if errors.Is(err, litestream.ErrTxNotAvailable) {
			continue // a machine that had copied nothing yet
		}
		return got, err
	}
	return Fetched{}, errAbsent
}

// epochsOf lists the epochs of which a place has files, oldest first.
func epochsOf(ctx context.Context, p Place) ([]int64, error) {
	found, err := p.List(ctx, "")
	if err != nil {
		return nil, err
	}
	var all []int64
	for _, e := range found {
		number, isEpoch := strings.CutPrefix(e.Name, "e")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil && isEpoch && e.Folder {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, nil
}

// rebuild makes a database of the files of one epoch.
func rebuild(ctx context.Context, f files, intoFile string, room func(size int64) error) (time.Time, error) {
	if _, err := os.Stat(intoFile); !errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, fmt.Errorf("fetch a copy: %s is there already: %w", intoFile, fs.ErrExist)
	}
	plan, err := litestream.CalcRestorePlan(ctx, f, 0, time.Time{}, logger())
	if errors.Is(err, litestream.ErrTxNotAvailable) {
		return time.Time{}, err
	}
	if err == nil && plan[0].MinTXID != 1 {
		err = fmt.Errorf("the copy begins with change %s", plan[0].MinTXID)
	}
	if err != nil {
		return time.Time{}, damaged(ctx, err)
	}
	header, err := litestream.FetchLTXHeader(ctx, f, plan[len(plan)-1])
	if err != nil {
		return time.Time{}, damaged(ctx, err)
	}
	if err := room(int64(header.Commit) * int64(header.PageSize)); err != nil {
		return time.Time{}, err
	}
	r := litestream.NewReplicaWithClient(nil, f)
	err = r.Restore(ctx, litestream.RestoreOptions{OutputPath: intoFile, Parallelism: 1})
	if err == nil {
		_, err = data.CheckFile(ctx, intoFile)
	}
	if err != nil {
		for _, left := range []string{"", ".tmp", "-shm", "-wal"} {
			_ = os.Remove(intoFile + left) // a half of it must not be taken for a whole one
		}
		return time.Time{}, damaged(ctx, err)
	}
	return time.UnixMilli(header.Timestamp).UTC(), nil
}

// damaged tells a place that could not be read from one whose files are no copy.
func damaged(ctx context.Context, err error) error {
	if refused, ok := fault.As(err); ok && refused.Code != "data.copy_damaged" && refused.Code != "data.foreign" {
		return refused
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errDamaged.Wrap(err)
}
