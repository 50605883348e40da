package archive

import (
	"archive/zip"
	"bufio"
	"compress/flate"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
)

// bundle collects the files of an archive while the journal is walked once: each is packed into a temporary file of its
// own, so that neither memory nor a second walk is needed. Everything of it is in one folder, which close removes.
type bundle struct {
	dir   string
	room  func() error // refuses to fill the disk
	parts []*part
}

// part is one file of the archive in the making.
type part struct {
	name string
	file *os.File
	out  *bufio.Writer
	pack *flate.Writer
	sum  hash.Hash
	crc  hash.Hash32
	size int64
}

func newBundle(dir string, room func() error) (*bundle, error) {
	if err := room(); err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(dir, "parts-*"+unfinished)
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	return &bundle{dir: folder, room: room}, nil
}

// add begins a file.
func (b *bundle) add(name string) (*part, error) {
	f, err := os.OpenFile(filepath.Join(b.dir, fmt.Sprintf("%03d", len(b.parts))), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", name, err)
	}
	p := &part{name: name, file: f, out: bufio.NewWriterSize(&careful{to: f, room: b.room}, 64<<10), sum: sha256.New(), crc: crc32.NewIEEE()}
	b.parts = append(b.parts, p)
	p.pack, err = flate.NewWriter(p.out, flate.DefaultCompression)
	return p, err
}

// put adds a file that is in memory.
func (b *bundle) put(name string, text []byte) error {
	p, err := b.add(name)
	if err != nil {
		return err
	}
	_, err = p.Write(text)
	return err
}

// Write packs what is written.
func (p *part) Write(text []byte) (int, error) {
	_, _ = p.sum.Write(text) // a hash never fails
	_, _ = p.crc.Write(text)
	p.size += int64(len(text))
	return p.pack.Write(text)
}

// finish packs what is still in memory.
func (p *part) finish() error {
	if p.pack == nil {
		return nil
	}
	err := errors.Join(p.pack.Close(), p.out.Flush())
	p.pack = nil
	if err != nil {
		return fmt.Errorf("pack %s: %w", p.name, err)
	}
	return nil
}

func (p *part) hash() string { return hex.EncodeToString(p.sum.Sum(nil)) }

// named returns the part with a name that was added before.
func (b *bundle) named(name string) *part {
	for _, p := range b.parts {
		if p.name == name {
			return p
		}
	}
	return nil
}

// zip writes the parts into one file, in the order of names, and syncs it. The same parts give the same bytes.
func (b *bundle) zip(path string, names []string) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out := bufio.NewWriterSize(&careful{to: f, room: b.room}, 64<<10)
	w := zip.NewWriter(out)
	for _, name := range names {
		if err := b.named(name).copyTo(w); err != nil {
			return err
		}
	}
	if err := errors.Join(w.Close(), out.Flush(), f.Sync()); err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(path), err)
	}
	return nil
}

// newYear1980 is the first day that a ZIP file can name, in its own form.
const newYear1980 = 1<<5 | 1

func (p *part) copyTo(w *zip.Writer) error {
	if err := p.finish(); err != nil {
		return err
	}
	packed, err := p.file.Seek(0, io.SeekCurrent)
	if err != nil {
		return fmt.Errorf("pack %s: %w", p.name, err)
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("pack %s: %w", p.name, err)
	}
	head := &zip.FileHeader{Name: p.name, Method: zip.Deflate, CRC32: p.crc.Sum32(),
		CompressedSize64: uint64(packed), UncompressedSize64: uint64(p.size)}
	head.ModifiedDate = newYear1980 //nolint:staticcheck // Modified would add a field that is no part of FORMAT.md
	to, err := w.CreateRaw(head)
	if err != nil {
		return fmt.Errorf("pack %s: %w", p.name, err)
	}
	if _, err := io.Copy(to, p.file); err != nil {
		return fmt.Errorf("pack %s: %w", p.name, err)
	}
	return nil
}

// close removes everything temporary.
func (b *bundle) close() error {
	var err error
	for _, p := range b.parts {
		err = errors.Join(err, p.file.Close())
	}
	return errors.Join(err, os.RemoveAll(b.dir))
}
