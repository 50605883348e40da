package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"comptoir/data/fault"
)

// Room on the disk of a data directory, in bytes. A sale adds some 2 KB to the database for good, 1 MB on a busy day; the log
// it goes through first is 73 KB a sale, at most 64 MiB until the writer has moved it (journal_size_limit).
const (
	RoomToSell = 8 << 20   // below it a till that stopped on a full disk is not opened again: the log of some hundred sales
	RoomShort  = 100 << 20 // below it selling may stop within the day: the largest log, and an archive
	RoomLow    = 500 << 20 // below it somebody should look: the copy before an update, a year of sales, archives
)

// Space is what is left on a disk.
type Space struct {
	Free, Total int64 // bytes; Free is what this user may still write
	ReadOnly    bool  // it is mounted so that nothing can be written
}

// Short and Low tell how urgent it is to make room.
func (s Space) Short() bool { return s.Free < RoomShort }

// Low reports whether somebody should make room before long.
func (s Space) Low() bool { return s.Free < RoomLow }

// FreeSpace asks the system what is left on the disk of a folder.
func FreeSpace(dir string) (Space, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return Space{}, fmt.Errorf("room on the disk of %s: %w", dir, err)
	}
	block := s.Frsize
	return Space{Free: int64(s.Bavail) * block, Total: int64(s.Blocks) * block, ReadOnly: s.Flags&syscall.MS_RDONLY != 0}, nil
}

// SpareRoom refuses a copy of so many bytes in a folder on the disk of a café's data when it would leave too little room there
// to sell (RoomShort): a copy can wait. On another disk anything goes. Refusal: data.copy_room.
func SpareRoom(dir, folder string, size int64) error {
	var here, there syscall.Stat_t
	known := syscall.Stat(dir, &here) == nil && syscall.Stat(folder, &there) == nil // what is wrong with either is found by whoever writes there
	if !known || here.Dev != there.Dev {
		return nil
	}
	if space, err := FreeSpace(dir); err == nil && space.Free-size < RoomShort {
		return errNoRoom.With("dir", folder).With("free", space.Free).With("needed", size+RoomShort)
	}
	return nil
}

// probeName is the file that Probe writes beside the data.
const probeName = "probe"

// probeSize is how much Probe writes: more than a file system keeps in its own tables.
const probeSize = 256 << 10

// Probe tries the disk of a data directory without touching the data: room to sell, a file written, synced and taken away again.
//
// Errors: data.full (args free, needed in bytes), data.read_only, data.directory, data.stopped (it answers, and badly).
func Probe(dir string) error {
	space, err := FreeSpace(dir)
	if err != nil {
		return errDir.With("dir", dir).Wrap(err)
	}
	if space.ReadOnly {
		return errReadOnly.With("dir", dir)
	}
	if space.Free < RoomToSell {
		return full(dir, nil)
	}
	if err := probe(filepath.Join(dir, probeName)); err != nil {
		return Trouble(dir, err)
	}
	return nil
}

func probe(name string) (err error) {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(name)) }()
	if _, err := f.Write(make([]byte, probeSize)); err != nil {
		return err
	}
	return f.Sync()
}

// Trouble names what the disk or the file did to an error of opening, reading or writing the database in dir: data.full (args
// free, needed), data.read_only, data.damaged, data.directory or data.stopped (the disk failed in another way). It returns nil
// for an error that comes of neither, and for nil.
func Trouble(dir string, err error) error {
	switch kindOfTrouble(err) {
	case "":
		return nil
	case errFull.Code:
		return full(dir, err)
	case errReadOnly.Code:
		return errReadOnly.With("dir", dir).Wrap(err)
	case errDamaged.Code:
		return errDamaged.With("file", fileName).Wrap(err)
	case errDir.Code:
		return errDir.With("dir", dir).Wrap(err)
	}
	// It cannot be opened or written: the disk itself says why, if it does.
	space, asked := FreeSpace(dir)
	switch {
	case asked != nil:
		return errDir.With("dir", dir).Wrap(err)
	case space.ReadOnly:
		return errReadOnly.With("dir", dir).Wrap(err)
	case space.Free < probeSize:
		return full(dir, err)
	case mayNotWrite(dir):
		return errDir.With("dir", dir).Wrap(err)
	}
	return errStopped.Wrap(err)
}

// mayNotWrite reports whether this user may not change a directory, or the database in it.
func mayNotWrite(dir string) bool {
	const write = 2
	file := syscall.Access(filepath.Join(dir, fileName), write)
	return syscall.Access(dir, write) != nil || file != nil && !errors.Is(file, fs.ErrNotExist)
}

func full(dir string, err error) error {
	e := errFull.With("dir", dir).With("needed", int64(RoomToSell))
	if space, asked := FreeSpace(dir); asked == nil {
		e = e.With("free", space.Free)
	}
	return e.Wrap(err)
}

// kindOfTrouble is the code of what the system or SQLite says went wrong with a disk or a file; data.stopped when it does not
// say what, and "" for anything else.
func kindOfTrouble(err error) string {
	switch {
	case err == nil, fault.CodeOf(err) == errForeign.Code: // a file of somebody else's is not ours that was damaged
		return ""
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return errFull.Code
	case errors.Is(err, syscall.EROFS):
		return errReadOnly.Code
	case errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM), errors.Is(err, syscall.ENOTDIR):
		return errDir.Code
	case errors.Is(err, syscall.EIO), errors.Is(err, errInjected):
		return errStopped.Code
	case errors.Is(err, errUnsound):
		return errDamaged.Code
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return ""
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return errFull.Code
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return errDamaged.Code
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_PROTOCOL:
		return errStopped.Code
	}
	return ""
}

// tellsOfDamage reports whether SQLite found the file to be something else than what it wrote.
func tellsOfDamage(err error) bool {
	_, told := fault.As(err)
	return err != nil && !told && kindOfTrouble(err) == errDamaged.Code
}
