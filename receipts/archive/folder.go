package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
)

// Folder is where the archives of a café lie: <data>/archives.
func Folder(data string) string { return filepath.Join(data, "archives") }

// MakeFolder makes the folder of the archives when it is not there.
func MakeFolder(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of the archives: %w", err)
	}
	return data.SyncFile(filepath.Dir(folder))
}

// Place gives an archive its name, when its entry is committed.
func Place(folder string, a Archive) error {
	path := filepath.Join(folder, a.Name)
	if err := os.Rename(path+unfinished, path); err != nil {
		return fmt.Errorf("put archive %s in its place: %w", a.Name, err)
	}
	return data.SyncFile(folder)
}

// Aside is a path for an unfinished file that nothing else is written to; like any other it is removed at the next start.
func Aside(path, sum string) string {
	return strings.TrimSuffix(path, unfinished) + "." + sum[:16] + unfinished
}

// Settle finishes what a power cut interrupted: an archive whose entry is committed gets its name, whatever else is
// unfinished is removed. Nothing else may be writing archives.
func Settle(folder string, made []Archive) error {
	left, err := filepath.Glob(filepath.Join(folder, "*"+unfinished))
	if err != nil || len(left) == 0 {
		return err
	}
	for _, path := range left {
		name := strings.TrimSuffix(filepath.Base(path), unfinished)
		i := slices.IndexFunc(made, func(a Archive) bool { return a.Name == name })
		if i >= 0 && Present(folder, made[i]) != nil {
			if sum, _, err := sumOf(path); err == nil && sum == made[i].SHA256 {
				if err := Place(folder, made[i]); err != nil {
					return err
				}
				continue
			}
		}
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("remove what is left of an archive: %w", err)
		}
	}
	return data.SyncFile(folder)
}

// errMissing is told of an archive whose file is gone.
var errMissing = fault.New(fault.NotFound, "archive.missing", "The file of this archive is not there; it can be made again.")

// Present looks whether there is a file under the name of an archive: archive.missing when there is none. What is in it
// is the question of [Intact].
func Present(folder string, a Archive) error {
	info, err := os.Stat(filepath.Join(folder, a.Name))
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
		return errMissing.With("name", a.Name)
	}
	return err
}

// Intact reads the file of an archive: it must be the one that was written or, made again by another build of the program,
// one with the same manifest. Refusals: archive.missing, archive.broken.
func Intact(ctx context.Context, folder string, a Archive) error {
	if err := Present(folder, a); err != nil {
		return err
	}
	path := filepath.Join(folder, a.Name)
	if sum, _, err := sumOf(path); err != nil || sum == a.SHA256 {
		return err
	}
	_, hash, err := Verify(ctx, path)
	if err == nil && hash != a.Manifest {
		err = broken(fileManifest, "is of another archive")
	}
	return err
}

// FolderCheck returns the invariant that every archive lies in its folder as it was written.
func FolderCheck(folder string) data.Check {
	return data.Check{Name: "archives lie in their folder", Run: func(ctx context.Context, q data.Querier) ([]string, error) {
		made, err := List(ctx, q)
		if err != nil {
			return nil, err
		}
		var bad []string
		for _, a := range made {
			err := Intact(ctx, folder, a)
			if sum, _, unfinishedErr := sumOf(filepath.Join(folder, a.Name+unfinished)); err != nil && unfinishedErr == nil && sum == a.SHA256 {
				err = nil // committed, and about to get its name
			}
			if err != nil {
				bad = append(bad, fmt.Sprintf("%s: %v; comptoir archive %s makes it again", filepath.Join(folder, a.Name), err, a.asked()))
			}
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		return bad, nil
	}}
}

// asked is how the archive is asked for on the command line.
func (a Archive) asked() string {
	switch a.Kind {
	case KindDays:
		return "--from " + a.FromDay + " --to " + a.ToDay
	case KindYear:
		return "--year " + a.Period
	default:
		return "--month " + a.Period
	}
}

// sumOf is the SHA-256, in hex, and the size of a file.
func sumOf(path string) (string, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)), n, errors.Join(err, f.Close())
}
