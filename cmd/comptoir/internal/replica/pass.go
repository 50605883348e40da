package replica

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"comptoir/data/fault"
)

// pass copies what changed, once.
func (r *Replica) pass(ctx context.Context) error {
	err := r.copy(ctx)
	if err != nil && ctx.Err() == nil {
		r.set(err)
		r.drop() // the next pass reaches for it again
	}
	return err
}

// delivered says that the place has the first n commits, and wakes whoever waits for that.
func (r *Replica) delivered(n uint64, began time.Time) {
	r.mu.Lock()
	r.sent, r.at, r.since = n, r.now(), time.Time{}
	if r.commits.Load() > n {
		r.since = began
	}
	r.mu.Unlock()
	r.set(nil)
}

func (r *Replica) copy(ctx context.Context) error {
	if err := r.reach(ctx); err != nil {
		return err
	}
	n, began := r.commits.Load(), r.now()
	head := r.ownHead() // before the state that is read: it may lag, never lead
	whole, err := r.ship(ctx)
	if err != nil {
		return err
	}
	r.delivered(n, began)
	if err := r.merge(ctx, whole); err != nil {
		return err
	}
	return r.keepHead(ctx, head)
}

// ownHead is the journal's head as its own file says; nothing when it cannot be read.
func (r *Replica) ownHead() []byte {
	text, err := os.ReadFile(filepath.Join(r.config.Dir, headFile))
	if err != nil {
		return nil
	}
	return text
}

// keepHead writes the second head.
func (r *Replica) keepHead(ctx context.Context, head []byte) error {
	if len(head) == 0 || bytes.Equal(head, r.head) || instant().Sub(r.headAt) < headInterval {
		return nil
	}
	if _, err := r.place.Write(ctx, headFile, bytes.NewReader(head)); err != nil {
		return err
	}
	r.head, r.headAt = head, instant()
	return nil
}

// reach opens the place, or looks at it again, and finds out whose it is.
func (r *Replica) reach(ctx context.Context) error {
	if r.place != nil && instant().Sub(r.looked) < lookInterval && r.config.Target.Kind != Folder {
		return nil
	}
	if r.place == nil {
		p, err := Open(ctx, r.config.Target)
		if err != nil {
			return err
		}
		r.place = p
		r.files = files{p, epochFolder(r.config.Epoch)}
		r.txid = 0
	}
	r.keeper.mu.Lock()
	was := r.keeper.now.Copy
	r.keeper.mu.Unlock()
	m, err := r.claim(ctx, was)
	if err != nil {
		return err
	}
	r.looked = instant()
	same := SameDisk(ctx, r.config.Dir, r.config.Target)
	r.mu.Lock()
	r.sameDisk = same
	r.mu.Unlock()
	if m.Copy == was && r.txid > 0 {
		return nil
	}
	return r.resume(ctx, m.Copy, was)
}

// claim makes the place this machine's, or says whose it is. was is the copy that was kept there before.
func (r *Replica) claim(ctx context.Context, was string) (Marker, error) {
	m, err := ReadMarker(ctx, r.place)
	switch {
	case fault.CodeOf(err) == errAbsent.Code:
		if was != "" { // where a stick was mounted there may be a folder, on whichever disk; who saves the settings again means it
			return m, errUnreachable.Wrap(errors.New("the copy that was here is gone: is the stick plugged in?"))
		}
		m = r.newMarker()
	case err != nil:
		return m, err
	case m.Cafe != r.config.Cafe:
		return m, errOther
	case m.Epoch > r.config.Epoch:
		return m, m.newer(r.config.Key)
	case m.Epoch < r.config.Epoch:
		m = r.newMarker()
	case !m.By(r.config.Key): // of an older version, or written by the restoration before there was a key
		m = m.Sealed(r.config.Key)
	default:
		return m, nil
	}
	return m, WriteMarker(ctx, r.place, MarkerFile, m)
}

// newer says what a marker of a newer epoch proves. Whatever it proves, what lies there is not written over.
func (m Marker) newer(key []byte) error {
	switch {
	case m.By(key):
		return errReplaced
	case m.MAC == "":
		return errUnproven
	}
	return errStranger
}

// resume finds out up to where the copy goes. One that lacks more than is known is made anew.
func (r *Replica) resume(ctx context.Context, copied, was string) error {
	r.txid, r.snapshot, r.changes, r.level0 = 0, 0, 0, 0
	for level := 0; level <= snapshotLevel; level++ {
		all, err := r.files.list(ctx, level)
		if err != nil {
			return err
		}
		for _, f := range all {
			r.txid = max(r.txid, f.MaxTXID)
			if level == snapshotLevel {
				r.snapshot = f.Size
				continue
			}
			r.changes += f.Size
		}
		if level == 0 {
			r.level0 = len(all)
		}
	}
	r.keeper.mu.Lock()
	least := r.keeper.now.TXID
	r.keeper.mu.Unlock()
	if copied != was || r.snapshot == 0 || uint64(r.txid) < least {
		r.follower.Lose()
	}
	return r.keeper.begun(copied, uint64(r.txid), r.follower.Pending())
}

// drop gives the connection back.
func (r *Replica) drop() {
	if r.place == nil {
		return
	}
	if err := r.place.Close(); err != nil {
		r.log.Debug("the second place was left", "error", err)
	}
	r.place = nil
}
