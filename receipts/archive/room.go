package archive

import (
	"errors"
	"fmt"
	"io"
	"syscall"

	"comptoir/data/fault"
)

// Reserve is what an archive leaves free on the disk, in bytes: a till that cannot write a sale stops. It is worth years of
// sales.
const Reserve = 256 << 20

// roomStep is after how many bytes the disk is asked again.
const roomStep = 1 << 20

// errDisk is told when an archive would leave too little room.
var errDisk = fault.New(fault.Internal, "archive.disk", "There is too little room on the disk for the archive; make room, it is made by itself then.")

// room returns the question whether there is still room in dir.
func (r Request) room(dir string) func() error {
	free := r.Free
	if free == nil {
		free = freeBytes
	}
	return func() error {
		n, err := free(dir)
		if err != nil {
			return fmt.Errorf("free space: %w", err)
		}
		if n < Reserve {
			return errDisk.With("free", n>>20).With("wanted", Reserve>>20)
		}
		return nil
	}
}

// freeBytes asks the system.
func freeBytes(dir string) (int64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil
}

// careful asks for room while it writes.
type careful struct {
	to   io.Writer
	room func() error
	left int // bytes until the next question
}

func (c *careful) Write(text []byte) (int, error) {
	if c.left -= len(text); c.left < 0 {
		if err := c.room(); err != nil {
			return 0, err
		}
		c.left = roomStep
	}
	return c.to.Write(text)
}

// diskFull makes of the system's "no space left" the refusal that says what to do.
func diskFull(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return errDisk.Wrap(err)
	}
	return err
}
