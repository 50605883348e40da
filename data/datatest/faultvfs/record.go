package faultvfs

import (
	"fmt"
	"os"

	"modernc.org/libc"
)

// OpKind says what an [Op] did.
type OpKind byte

// The kinds of entry in a record.
const (
	Write    OpKind = iota // Data at Off
	Truncate               // to Off bytes
	Sync                   // Failed: what it should have written never reaches the disk
	Delete                 // Off 1: with its directory synced
	Mark                   // Off is the caller's number: what had been acknowledged when
)

// Op is one entry of a record.
type Op struct {
	Kind   OpKind
	File   string // path as SQLite gave it
	Off    int64
	Data   []byte
	Failed bool // of a Sync
}

// Record is every change made through an FS between [FS.StartRecord] and [FS.StopRecord], in the
// order the disk saw. Its positions, from 0 to len(Ops), are the moments at which [Image] can cut.
type Record struct {
	Ops []Op

	base map[string][]byte // by path: what a file held when it came into the record
	err  error             // the record misses something
}

// StartRecord begins a new record with the present content of the files open through the FS; a
// file opened later comes in with its content of that moment. Both are taken as synced: start
// before the database is made, or after a checkpoint.
func (fs *FS) StartRecord() error {
	fs.order.Lock()
	defer fs.order.Unlock()
	fs.mu.Lock()
	fs.rec = &Record{base: map[string][]byte{}}
	fs.mu.Unlock()
	for p, f := range openFiles(fs) {
		if err := fs.addBase(fs.tls, p, f); err != nil {
			return fmt.Errorf("start record: %w", err)
		}
	}
	return nil
}

// Mark notes in the record that the caller has acknowledged number n, a sale say. Without a record
// it does nothing.
func (fs *FS) Mark(n int64) {
	fs.order.Lock()
	defer fs.order.Unlock()
	fs.add(Op{Kind: Mark, Off: n})
}

// Rewrote notes in the record that the program has written the file at path over itself and synced it, past
// SQLite: what stands in it now is on the disk. Not for the database itself, whose locks reading it would drop.
func (fs *FS) Rewrote(path string) error {
	fs.order.Lock()
	defer fs.order.Unlock()
	content, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("note rewriting: %w", err)
	}
	fs.add(Op{Kind: Write, File: path, Data: content})
	fs.add(Op{Kind: Sync, File: path})
	return nil
}

// StopRecord ends the record and returns it, or an error when a file could not be read into it.
func (fs *FS) StopRecord() (*Record, error) {
	fs.order.Lock()
	defer fs.order.Unlock()
	fs.mu.Lock()
	defer fs.mu.Unlock()
	r := fs.rec
	fs.rec = nil
	if r == nil {
		return &Record{}, nil
	}
	return r, r.err
}

// recording tells whether changes are being kept.
func (fs *FS) recording() bool {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	return fs.rec != nil
}

// add keeps op while recording. Temporary files have no name and do not outlive a power cut.
func (fs *FS) add(op Op) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.rec == nil || op.File == "" && op.Kind != Mark {
		return
	}
	fs.rec.Ops = append(fs.rec.Ops, op)
}

// addBase brings the file at address p into the record, once.
func (fs *FS) addBase(tls *libc.TLS, p uintptr, f *file) error {
	if !fs.recording() || f.name == "" {
		return nil
	}
	data, err := f.content(tls, p)
	if err != nil {
		return err
	}
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.rec == nil {
		return nil
	}
	if _, known := fs.rec.base[f.name]; !known {
		fs.rec.base[f.name] = data
	}
	return nil
}

// spoil makes [FS.StopRecord] return err: SQLite's open could not.
func (fs *FS) spoil(err error) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if fs.rec != nil && fs.rec.err == nil {
		fs.rec.err = err
	}
}
