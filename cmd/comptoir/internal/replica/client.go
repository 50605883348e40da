package replica

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"github.com/benbjohnson/litestream"
	"github.com/superfly/ltx"
)

// files are Litestream's files of one epoch in a place, as its merging and restoring code wants to have them.
type files struct {
	place Place
	root  string // such as e7
}

var _ litestream.ReplicaClient = files{}

// epochFolder is where the files of an epoch are.
func epochFolder(epoch int64) string { return fmt.Sprintf("e%d", epoch) }

func (files) Type() string               { return "comptoir" }
func (files) Init(context.Context) error { return nil }
func (files) SetLogger(*slog.Logger)     {}

// DeleteAll is what this program never does.
func (files) DeleteAll(context.Context) error { return errors.ErrUnsupported }

func (c files) name(level int, first, last ltx.TXID) string {
	return litestream.LTXFilePath(c.root, level, first, last)
}

func (c files) LTXFiles(ctx context.Context, level int, seek ltx.TXID, _ bool) (ltx.FileIterator, error) {
	all, err := c.list(ctx, level)
	if err != nil {
		return nil, err
	}
	from := 0
	for from < len(all) && all[from].MinTXID < seek {
		from++
	}
	return ltx.NewFileInfoSliceIterator(all[from:]), nil
}

// list is what a level holds, in order.
func (c files) list(ctx context.Context, level int) ([]*ltx.FileInfo, error) {
	found, err := c.place.List(ctx, litestream.LTXLevelDir(c.root, level))
	if err != nil {
		return nil, err
	}
	var all []*ltx.FileInfo
	for _, e := range found {
		first, last, err := ltx.ParseFilename(e.Name)
		if err != nil || e.Folder {
			continue // not one of ours
		}
		all = append(all, &ltx.FileInfo{Level: level, MinTXID: first, MaxTXID: last, Size: e.Size, CreatedAt: e.At.UTC()})
	}
	return all, nil
}

func (c files) OpenLTXFile(ctx context.Context, level int, first, last ltx.TXID, offset, size int64) (io.ReadCloser, error) {
	r, err := c.place.Open(ctx, c.name(level, first, last), offset, size)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.Join(os.ErrNotExist, err)
	}
	if err != nil {
		return nil, err
	}
	return coded{r}, nil
}

// coded gives a place that goes away in the middle of a file its code: what could not be read is not damaged.
type coded struct{ io.ReadCloser }

// Read reads as the place does.
func (c coded) Read(b []byte) (int, error) {
	n, err := c.ReadCloser.Read(b)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, err
	}
	return n, placed(err)
}

func (c files) WriteLTXFile(ctx context.Context, level int, first, last ltx.TXID, r io.Reader) (*ltx.FileInfo, error) {
	n, err := c.place.Write(ctx, c.name(level, first, last), r)
	if err != nil {
		return nil, err
	}
	return &ltx.FileInfo{Level: level, MinTXID: first, MaxTXID: last, Size: n}, nil
}

func (c files) DeleteLTXFiles(ctx context.Context, all []*ltx.FileInfo) error {
	for _, f := range all {
		if err := c.place.Delete(ctx, c.name(f.Level, f.MinTXID, f.MaxTXID)); err != nil {
			return err
		}
	}
	return nil
}

// logger is what Litestream's code writes to: nothing of it is for a café.
func logger() *slog.Logger { return slog.New(slog.DiscardHandler) }
