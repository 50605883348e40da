package replica_test

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"comptoir/cmd/comptoir/internal/replica"
)

// smallStick is a file system of a few megabytes.
func smallStick(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size)
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		t.Skip("this machine lets nobody mount a file system")
	}
	must(t, err)
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fill takes the room that is left.
func fill(t *testing.T, dir string) (name string) {
	t.Helper()
	name = filepath.Join(dir, "photos.zip")
	f, err := os.Create(name)
	must(t, err)
	for err == nil {
		_, err = f.Write(make([]byte, 4096))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	must(t, f.Close())
	return name
}

// A stick that is full is said so; selling goes on, and what it lacks is brought when there is room again. What it had
// until then stays a whole copy.
func TestAStickThatIsFullIsCaughtUpWith(t *testing.T) {
	for name, wait := range map[string]bool{"behind": false, "answers wait": true} {
		t.Run(name, func(t *testing.T) {
			stick := smallStick(t, "8m")
			target := replica.Target{Kind: replica.Folder, Path: stick}
			c := newCafe(t, target, func(config *replica.Config) { config.Wait = wait })
			c.sell(0, 20)
			c.sync()
			photos := fill(t, stick)
			c.sell(20, 120)
			c.await("copy.full")
			c.sell(120, 140)
			wantSales(t, target, 20)
			must(t, os.Remove(photos))
			c.sync()
			wantSales(t, target, 140)
			if n := len(wholes(t, target)); n != 1 {
				t.Errorf("%d copies of the whole database, want the first", n)
			}
			if left, _ := filepath.Glob(filepath.Join(stick, "e*", "ltx", "*", "*.part")); len(left) > 0 {
				t.Errorf("%q is left", left)
			}
		})
	}
}

// One on which the first copy finds no room is said to be full from the beginning.
func TestAStickThatIsTooSmallIsSaidSo(t *testing.T) {
	stick := smallStick(t, "64k")
	target := replica.Target{Kind: replica.Folder, Path: stick}
	c := newCafe(t, target)
	c.sell(0, 200)
	c.await("copy.full")
	c.sell(200, 220)
}
