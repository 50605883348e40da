package data

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// lockDir takes the lock of a data directory. It lasts until unlock, or until the kernel closes
// the file when the process ends, so that a kill -9 leaves no stale lock.
func lockDir(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, errDir.With("dir", dir).Wrap(err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if !errors.Is(err, syscall.EWOULDBLOCK) { // a file system without locks is no place for a till
			return nil, errors.Join(errDir.With("dir", dir).Wrap(err), f.Close())
		}
		holder, _ := os.ReadFile(f.Name())
		return nil, errors.Join(errLocked.With("pid", strings.TrimSpace(string(holder))).Wrap(err), f.Close())
	}
	if err = f.Truncate(0); err == nil {
		_, err = fmt.Fprintf(f, "%d\n", os.Getpid()) // told to whoever finds the lock taken; nothing depends on it
	}
	if err != nil {
		return nil, errors.Join(errDir.With("dir", dir).Wrap(err), f.Close())
	}
	return f, nil
}

// unlock gives the lock back. Closing the file is not enough: a child that is being started shares it until it runs
// its own program, and a printer's command starts one at any moment.
func unlock(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}

// Lock takes the lock of a café's directory without opening it, so that nobody opens it meanwhile; give gives it back.
// Refusals: data.locked, data.directory.
func Lock(dir string) (give func(), err error) {
	f, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	return func() { _ = unlock(f) }, nil // the kernel gives it back in any case when the process ends
}
