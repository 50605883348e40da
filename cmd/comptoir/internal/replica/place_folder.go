package replica

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"comptoir/data"
)

// folder is a place on this machine. Its root is never made: where a stick is not plugged in there is no root, or one
// without the files that were there. No call outlasts its context: see Within.
type folder struct{ root string }

func openFolder(ctx context.Context, t Target) (Place, error) {
	p := folder{t.Path}
	if err := p.do(ctx, func(context.Context) error { return p.there() }); err != nil {
		return nil, err
	}
	return p, nil
}

// there reports a folder that is gone, or is none.
func (p folder) there() error {
	info, err := os.Stat(p.root)
	if err != nil {
		return errUnreachable.Wrap(err)
	}
	if !info.IsDir() {
		return errUnreachable.Wrap(fmt.Errorf("%s is no folder", p.root))
	}
	return nil
}

func (p folder) path(name string) string { return filepath.Join(p.root, filepath.FromSlash(name)) }

func (p folder) Open(ctx context.Context, name string, offset, size int64) (io.ReadCloser, error) {
	f, err := Within(ctx, p.root, func(ctx context.Context) (*os.File, error) { return p.open(ctx, name, offset) })
	if err != nil {
		return nil, err
	}
	return limited(&folderFile{ctx: ctx, in: p, f: f, text: make([]byte, readAhead)}, size), nil
}

// open opens a file, and nothing that only has the name of one: a pipe or a device would be waited for.
func (p folder) open(ctx context.Context, name string, offset int64) (*os.File, error) {
	full := p.path(name)
	info, err := os.Stat(full)
	if err == nil && !info.Mode().IsRegular() {
		return nil, errDamaged.Wrap(fmt.Errorf("%s is no file", full))
	}
	var f *os.File
	if err == nil {
		f, err = os.Open(full)
	}
	if err != nil {
		return nil, errors.Join(p.there(), placed(err))
	}
	if _, err = f.Seek(offset, io.SeekStart); err == nil {
		err = ctx.Err() // nobody waits for it any more
	}
	if err != nil {
		return nil, errors.Join(placed(err), f.Close())
	}
	return f, nil
}

// part is a file that ends before its end.
type part struct {
	io.Reader
	io.Closer
}

// limited reads size bytes; 0: to the end.
func limited(r io.ReadCloser, size int64) io.ReadCloser {
	if size <= 0 {
		return r
	}
	return part{io.LimitReader(r, size), r}
}

func (p folder) Write(ctx context.Context, name string, r io.Reader) (int64, error) {
	return Within(ctx, p.root, func(ctx context.Context) (int64, error) { return p.write(ctx, name, r) })
}

func (p folder) write(ctx context.Context, name string, r io.Reader) (n int64, err error) {
	if err := p.there(); err != nil {
		return 0, err
	}
	full := p.path(name)
	if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
		return 0, placed(err)
	}
	f, err := os.OpenFile(full+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return 0, placed(err)
	}
	n, err = io.Copy(f, patient{ctx, r})
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = ctx.Err() // what nobody waits for any more must not come later than what was written since
	}
	if err == nil {
		err = os.Rename(full+".part", full)
	}
	if err == nil {
		err = data.SyncFile(filepath.Dir(full))
	}
	if err != nil {
		_ = os.Remove(full + ".part") // what it takes is missing elsewhere
		return 0, placed(err)
	}
	return n, nil
}

// patient reads until its context ends.
type patient struct {
	ctx context.Context //nolint:containedctx // of one call
	r   io.Reader
}

func (p patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

func (p folder) List(ctx context.Context, name string) ([]Entry, error) {
	return Within(ctx, p.root, func(context.Context) ([]Entry, error) { return p.list(name) })
}

func (p folder) list(name string) ([]Entry, error) {
	found, err := os.ReadDir(p.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, p.there()
	}
	if err != nil {
		return nil, placed(err)
	}
	var all []Entry
	for _, d := range found {
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) || strings.HasSuffix(d.Name(), ".part") {
			continue
		}
		if err != nil {
			return nil, placed(err)
		}
		all = append(all, Entry{d.Name(), info.Size(), info.ModTime(), d.IsDir()})
	}
	sortEntries(all)
	return all, nil
}

func sortEntries(all []Entry) {
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
}

func (p folder) Delete(ctx context.Context, name string) error {
	return p.do(ctx, func(context.Context) error {
		if err := os.Remove(p.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return placed(err)
		}
		return p.there()
	})
}

func (folder) Close() error { return nil }

// SameDisk reports whether a target is on the disk that the folder dir is on: such a copy is lost with the original. Of one that
// does not answer before ctx ends it is not known, and false.
func SameDisk(ctx context.Context, dir string, t Target) bool {
	if t.Kind != Folder {
		return false
	}
	same, err := Within(ctx, t.Path, func(context.Context) (bool, error) {
		a, err := os.Stat(dir)
		b, err2 := os.Stat(t.Path)
		if err := errors.Join(err, err2); err != nil {
			return false, err
		}
		x, ok := a.Sys().(*syscall.Stat_t)
		y, ok2 := b.Sys().(*syscall.Stat_t)
		return ok && ok2 && x.Dev == y.Dev, nil
	})
	return err == nil && same
}
