package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/benbjohnson/litestream"
	"github.com/superfly/ltx"

	"comptoir/data"
)

const (
	pageSize      = 4096
	stagedPattern = "copy-*.part"
	stagedPages   = 1024 // changes of more pages than these are staged in a file, not in memory

	mergeAt    = 32       // files of a level are merged into one of the next
	topLevel   = 3        // merging ends here
	renewFloor = 64 << 20 // bytes of changes below which the whole database is not copied again
)

// staged is a file for the second place, made at the speed of this machine: however slow the place is, the state that is
// read holds the log for no longer than that.
type staged struct {
	memory bytes.Buffer
	file   *os.File // instead of memory
}

func (s *staged) Write(b []byte) (int, error) {
	if s.file != nil {
		return s.file.Write(b)
	}
	return s.memory.Write(b)
}

// reader reads it from its beginning.
func (s *staged) reader() (io.Reader, error) {
	if s.file == nil {
		return bytes.NewReader(s.memory.Bytes()), nil
	}
	_, err := s.file.Seek(0, io.SeekStart)
	return s.file, err
}

func (s *staged) close() error {
	if s.file == nil {
		return nil
	}
	return errors.Join(s.file.Close(), os.Remove(s.file.Name()))
}

// stage makes the LTX file of a state: what changed as transaction n, or all as what 1 to n have made.
func (r *Replica) stage(ctx context.Context, s data.State, n ltx.TXID) (_ *staged, err error) {
	made := &staged{}
	if s.Lost || len(s.Changed) > stagedPages {
		if s.Lost { // as large as the database: it may not take the room that selling needs
			if err := data.SpareRoom(r.config.Dir, r.config.Dir, int64(s.Size)*pageSize); err != nil {
				return nil, err
			}
		}
		if made.file, err = os.CreateTemp(r.config.Dir, stagedPattern); err != nil {
			return nil, fmt.Errorf("stage the copy: %w", err)
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, made.close())
		}
	}()
	enc, err := ltx.NewEncoder(made)
	if err != nil {
		return nil, err
	}
	first := n
	if s.Lost {
		first = 1
	}
	err = enc.EncodeHeader(ltx.Header{Version: ltx.Version, Flags: ltx.HeaderFlagNoChecksum, PageSize: pageSize, Commit: s.Size,
		MinTXID: first, MaxTXID: n, Timestamp: r.now().UnixMilli()})
	if err != nil {
		return nil, fmt.Errorf("stage the copy: %w", err)
	}
	lock := ltx.LockPgno(pageSize)
	err = s.Each(ctx, func(number uint32, page []byte) error {
		if number == lock { // SQLite keeps its locks there, and no data
			return nil
		}
		return enc.EncodePage(ltx.PageHeader{Pgno: number}, page)
	})
	if err != nil {
		return nil, fmt.Errorf("stage the copy: %w", err)
	}
	if err := enc.Close(); err != nil {
		return nil, fmt.Errorf("stage the copy: %w", err)
	}
	return made, nil
}

// ship hands over what changed since the last time, and tells whether the whole database went.
func (r *Replica) ship(ctx context.Context) (whole bool, err error) {
	next := r.txid + 1
	var made *staged
	err = r.follower.Read(ctx, func(ctx context.Context, s data.State) (err error) {
		r.size.Store(int64(s.Size) * pageSize)
		if !s.Lost && len(s.Changed) == 0 {
			return nil
		}
		whole = s.Lost
		made, err = r.stage(ctx, s, next)
		return err
	}, func() error {
		if made == nil {
			return nil
		}
		return r.send(ctx, made, next, whole)
	})
	if made != nil {
		err = errors.Join(err, made.close())
	}
	return whole, err
}

// send writes what was staged to the second place.
func (r *Replica) send(ctx context.Context, made *staged, n ltx.TXID, whole bool) error {
	in, err := made.reader()
	if err != nil {
		return fmt.Errorf("stage the copy: %w", err)
	}
	level, first := 0, n
	if whole {
		level, first = litestream.SnapshotLevel, 1
	}
	sent, err := r.files.WriteLTXFile(ctx, level, first, n, in)
	if err != nil {
		return err
	}
	r.txid = n
	if whole {
		r.snapshot, r.changes, r.level0 = sent.Size, 0, 0
	} else {
		r.changes += sent.Size
		r.level0++
	}
	r.keeper.reached(uint64(n))
	return nil
}

// merge keeps the number of files small, and what a restore has to read in proportion to the database. Old files go when
// what replaces them is on the disk there.
func (r *Replica) merge(ctx context.Context, whole bool) error {
	if whole {
		return r.superseded(ctx)
	}
	if r.level0 < mergeAt {
		return nil
	}
	compactor := litestream.NewCompactor(r.files, logger())
	for level := 1; level <= topLevel; level++ {
		below, err := r.files.list(ctx, level-1)
		if err != nil {
			return err
		}
		if len(below) < mergeAt {
			break
		}
		made, err := compactor.Compact(ctx, level)
		if err != nil && !errors.Is(err, litestream.ErrNoCompaction) {
			return placed(err)
		}
		if made == nil {
			continue
		}
		var old []*ltx.FileInfo
		for _, f := range below {
			if f.MaxTXID <= made.MaxTXID {
				old = append(old, f)
			}
		}
		if err := r.files.DeleteLTXFiles(ctx, old); err != nil {
			return err
		}
	}
	r.level0 = 0
	if r.changes > max(r.snapshot, renewFloor) {
		r.follower.Lose()
	}
	return nil
}

// superseded removes what the newest copy of the whole database has made superfluous.
func (r *Replica) superseded(ctx context.Context) error {
	for level := 0; level <= litestream.SnapshotLevel; level++ {
		all, err := r.files.list(ctx, level)
		if err != nil {
			return err
		}
		var old []*ltx.FileInfo
		for _, f := range all {
			if f.MaxTXID < r.txid || level != litestream.SnapshotLevel && f.MaxTXID <= r.txid {
				old = append(old, f)
			}
		}
		if err := r.files.DeleteLTXFiles(ctx, old); err != nil {
			return err
		}
	}
	return nil
}
