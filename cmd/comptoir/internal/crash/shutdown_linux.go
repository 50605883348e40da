package crash

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// The file system that is shut down.
const (
	imageSize   = 96 << 20   // bytes; sparse
	goingDown   = 0x8004587d // EXT4_IOC_SHUTDOWN
	withoutLog  = 2          // EXT4_GOING_FLAGS_NOLOGFLUSH: neither its log nor anything else is written
	imageFolder = "mounted"
)

// errNoMount is why a machine cannot do it.
var errNoMount = errors.New("this machine lets nobody mount a file system (it takes root, a loop device and mkfs.ext4)")

// Shutdowns serves cafés on a file system of their own, an image that is loop-mounted, and shuts it down without flushing in
// the middle of the work, as a power cut does; the kernel then recovers it at the next mount. Where the machine cannot mount,
// the tally says so and counts nothing.
func Shutdowns(ctx context.Context, p Plan) (Tally, error) {
	tally, err := inFolder(p, "shutdown", func(dir string, tally *tallied) error {
		m := mount{image: filepath.Join(dir, "image"), at: filepath.Join(dir, imageFolder)}
		if err := m.make(ctx); err != nil {
			return errors.Join(errNoMount, err)
		}
		defer m.down(context.WithoutCancel(ctx))
		return serveAndFall(ctx, p, tally, func(n int) (*served, error) {
			s := &served{plan: p, dir: filepath.Join(m.at, strconv.Itoa(n)), outlived: true}
			s.fall = func(p *process) error {
				err := m.shut()
				p.kill()
				return errors.Join(err, m.again(ctx))
			}
			s.ready = func(string) error { return m.sync() }
			if n > 0 { // the last one has had its falls
				if err := os.RemoveAll(filepath.Join(m.at, strconv.Itoa(n-1))); err != nil {
					return nil, err
				}
			}
			return s, os.MkdirAll(s.dir, 0o700)
		})
	})
	if errors.Is(err, errNoMount) {
		tally.Skipped = err.Error()
		return tally, nil
	}
	return tally, err
}

// mount is an ext4 file system in a file.
type mount struct{ image, at string }

// make makes the file system and mounts it.
func (m mount) make(ctx context.Context) error {
	f, err := os.Create(m.image)
	if err != nil {
		return err
	}
	if err := errors.Join(f.Truncate(imageSize), f.Close(), os.Mkdir(m.at, 0o700)); err != nil {
		return err
	}
	if err := run(ctx, "mkfs.ext4", "-q", "-F", m.image); err != nil {
		return err
	}
	return m.up(ctx)
}

func (m mount) up(ctx context.Context) error { return run(ctx, "mount", "-o", "loop", m.image, m.at) }

// down unmounts; what is left of the image goes with its folder.
func (m mount) down(ctx context.Context) {
	_ = run(ctx, "umount", m.at) // it may not be mounted any more
}

// again unmounts what was shut down and mounts it again, which recovers it.
func (m mount) again(ctx context.Context) error {
	if err := run(ctx, "umount", m.at); err != nil {
		return err
	}
	return m.up(ctx)
}

// shut shuts the file system down as it is.
func (m mount) shut() error {
	f, err := os.Open(m.at)
	if err != nil {
		return err
	}
	return errors.Join(unix.IoctlSetPointerInt(int(f.Fd()), goingDown, withoutLog), f.Close())
}

// sync puts all on the image: what was founded is no part of what is tried.
func (m mount) sync() error {
	f, err := os.Open(m.at)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(f.Fd())), f.Close())
}

// run runs a tool of the system and tells what it said when it failed.
func run(ctx context.Context, name string, args ...string) error {
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput() //nolint:gosec // the names are above, the paths our own
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}
