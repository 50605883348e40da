package replica

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"syscall"
	"time"

	"comptoir/data/fault"
)

// Place reads and writes files at a target. Names have slashes and no beginning slash. What a place cannot do is told
// with one of the codes of this package; fs.ErrNotExist is in the chain of a file that is not there.
type Place interface {
	// Open reads size bytes of a file from offset; 0: to its end. The caller closes it.
	Open(ctx context.Context, name string, offset, size int64) (io.ReadCloser, error)
	// Write makes or replaces a file, whole or not at all, and returns its size once it is on the disk there.
	Write(ctx context.Context, name string, r io.Reader) (int64, error)
	// List names the files and folders right in a folder, in order; none when there is no such folder.
	List(ctx context.Context, folder string) ([]Entry, error)
	// Delete removes a file; one that is not there is no error.
	Delete(ctx context.Context, name string) error
	// Close gives the connection back.
	Close() error
}

// Entry is a file or a folder in a place.
type Entry struct {
	Name   string // without the folder's
	Size   int64
	At     time.Time // when it was written
	Folder bool
}

// What can be wrong with a place.
var (
	errUnreachable = fault.New(fault.Busy, "copy.unreachable", "The second place cannot be reached.")
	errFull        = fault.New(fault.Busy, "copy.full", "The second place is full.")
	errReadOnly    = fault.New(fault.Denied, "copy.read_only", "The second place may not be written to.")
	errCredentials = fault.New(fault.Denied, "copy.credentials", "The second place does not accept these credentials.")
	errHostKey     = fault.New(fault.Denied, "copy.host_key", "The machine that answered is not the one that was set up.")
	errOther       = fault.New(fault.Conflict, "copy.other", "The second place holds the copy of another café.")
	errReplaced    = fault.New(fault.Conflict, "copy.replaced", "The second place holds the copy of a machine that has replaced this one.")
	errUnproven    = fault.New(fault.Conflict, "copy.unproven", "The second place names a newer machine, and nothing proves that there is one.")
	errStranger    = fault.New(fault.Conflict, "copy.stranger", "The second place holds the copy of a newer machine of this café that has other keys.")
	errDamaged     = fault.New(fault.Invalid, "copy.damaged", "What is in the second place is no whole copy.")
	errAbsent      = fault.New(fault.NotFound, "copy.absent", "There is no copy in this place.")
)

// Open reaches a place. Errors: copy.target, copy.unreachable, copy.credentials, copy.host_key.
func Open(ctx context.Context, t Target) (Place, error) {
	switch t.Kind {
	case Folder:
		return openFolder(ctx, t)
	case SFTP:
		return openSFTP(ctx, t)
	case S3:
		return openS3(t)
	}
	return nil, errTarget.Field("path", "invalid")
}

// ReadFile reads a small file of a place, at most limit bytes.
func ReadFile(ctx context.Context, p Place, name string, limit int64) ([]byte, error) {
	r, err := p.Open(ctx, name, 0, 0)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, placed(err)
	}
	if int64(len(text)) > limit {
		return nil, errDamaged.Wrap(fmt.Errorf("%s is longer than %d bytes", name, limit))
	}
	return text, nil
}

// placed gives an error of a place its code. One that has a code keeps it.
func placed(err error) error {
	if _, coded := fault.As(err); coded || err == nil {
		return err
	}
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return errFull.Wrap(err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		return errReadOnly.Wrap(err)
	case errors.Is(err, fs.ErrNotExist):
		return err
	}
	return errUnreachable.Wrap(err)
}
