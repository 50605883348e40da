package data

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Sizes in SQLite's log (sqlite.org/fileformat2.html §4).
const (
	logHeaderSize   = 32
	frameHeaderSize = 24
	frameSize       = frameHeaderSize + pageSize
)

// Log names one run of the write-ahead log: its salts. The first is one more in the run that follows. Zero: there is none.
type Log struct {
	Salt1 uint32 `json:"salt1"`
	Salt2 uint32 `json:"salt2"`
}

// LeadsTo reports whether next is the same run of the log, or the one right after it: what was noted with this one, and
// what is in next, are then together all that has changed.
func (l Log) LeadsTo(next Log) bool {
	return l == next || l != Log{} && next.Salt1 == l.Salt1+1
}

// LogPages reads which pages the log of a café that is not open holds, and how it is called; none when there is no log.
// It may name pages of a transaction that was cut short.
func LogPages(dir string) (Log, []uint32, error) {
	t := newLogTail(filepath.Join(dir, fileName+"-wal"))
	t.cut = true
	pages, err := t.read()
	slices.Sort(pages)
	return t.log, slices.Compact(pages), errors.Join(err, t.close())
}

// logTail reads which pages commits have written to the log. The log has no locks that closing could drop.
type logTail struct {
	path   string
	cut    bool // what comes after the last commit counts
	file   *os.File
	log    Log
	frames int // up to the last commit that was read
}

func newLogTail(path string) *logTail { return &logTail{path: path} }

// long reports whether the log may have been moved by SQLite itself.
func (t *logTail) long() bool {
	info, err := os.Stat(t.path)
	return err == nil && info.Size() >= maxLogFrames*frameSize
}

// read returns the pages of the commits since the last reading, with repetitions. Frames behind the last commit are of
// a transaction that was rolled back: the next commit writes over them.
func (t *logTail) read() ([]uint32, error) {
	if t.file == nil {
		var err error
		if t.file, err = os.Open(t.path); errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
	}
	var header [logHeaderSize]byte
	if _, err := t.file.ReadAt(header[:], 0); errors.Is(err, io.EOF) {
		return nil, nil // nothing was written since it was cut
	} else if err != nil {
		return nil, err
	}
	log := Log{binary.BigEndian.Uint32(header[16:]), binary.BigEndian.Uint32(header[20:])}
	if log != t.log {
		t.log, t.frames = log, 0
	}
	var pages, open []uint32
	for at := t.frames; ; at++ {
		var frame [frameHeaderSize]byte
		if _, err := t.file.ReadAt(frame[:], logHeaderSize+int64(at)*frameSize); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if binary.BigEndian.Uint32(frame[8:]) != log.Salt1 || binary.BigEndian.Uint32(frame[12:]) != log.Salt2 {
			break // of the run before
		}
		open = append(open, binary.BigEndian.Uint32(frame[:]))
		if binary.BigEndian.Uint32(frame[4:]) != 0 { // a commit ends here
			pages, open = append(pages, open...), open[:0]
			t.frames = at + 1
		}
	}
	if t.cut {
		pages = append(pages, open...)
	}
	return pages, nil
}

func (t *logTail) close() error {
	if t.file == nil {
		return nil
	}
	err := t.file.Close()
	t.file = nil
	return err
}
