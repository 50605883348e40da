package replica

import (
	"context"
	"time"

	"github.com/benbjohnson/litestream"
)

// epochKept is how long the copy of a machine that was replaced stays after the newer one began.
const epochKept = 30 * 24 * time.Hour

// Prune removes from a target the copies of older epochs than that of the machine which keeps it. The caller has restored
// got from there just now, and found it good: without that nothing may be removed. Nothing is, while the newest epoch has
// no copy of its own or began less than 30 days before now. It returns how many files went.
func Prune(ctx context.Context, t Target, got Fetched, now time.Time) (files int, err error) {
	if got.Epoch != got.Marker.Epoch || now.Sub(got.Marker.When) < epochKept {
		return 0, nil
	}
	p, err := Open(ctx, t)
	if err != nil {
		return 0, err
	}
	defer func() { _ = p.Close() }()
	if m, err := ReadMarker(ctx, p); err != nil || m != got.Marker {
		return 0, err // it has become another's meanwhile
	}
	epochs, err := epochsOf(ctx, p)
	if err != nil {
		return 0, err
	}
	for _, epoch := range epochs {
		if epoch >= got.Epoch {
			continue
		}
		n, err := pruneEpoch(ctx, p, epochFolder(epoch))
		files += n
		if err != nil {
			return files, err
		}
	}
	return files, nil
}

// pruneEpoch removes the files of one epoch, and the folders that are empty then.
func pruneEpoch(ctx context.Context, p Place, root string) (n int, err error) {
	for level := 0; level <= litestream.SnapshotLevel; level++ {
		folder := litestream.LTXLevelDir(root, level)
		found, err := p.List(ctx, folder)
		if err != nil {
			return n, err
		}
		for _, e := range found {
			if err := p.Delete(ctx, folder+"/"+e.Name); err != nil {
				return n, err
			}
			n++
		}
		_ = p.Delete(ctx, folder) // a folder that is not empty stays
	}
	_ = p.Delete(ctx, root+"/ltx")
	_ = p.Delete(ctx, root)
	return n, nil
}
