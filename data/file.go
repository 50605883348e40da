package data

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// SyncFile puts a file, or the names in a folder, on the disk.
func SyncFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// ReplaceFile writes a small file for its owner only, in one step: after a power cut there is the old one or the new one.
// Nobody else may be replacing it.
func ReplaceFile(name string, text []byte) error {
	partial := name + ".new"
	f, err := os.OpenFile(partial, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(partial, name)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", filepath.Base(name), errors.Join(err, os.Remove(partial)))
	}
	return SyncFile(filepath.Dir(name))
}
