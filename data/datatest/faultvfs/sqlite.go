package faultvfs

// The one file that speaks to SQLite in its own terms. The driver offers a supported way to add a
// read-only VFS (modernc.org/sqlite/vfs) and none to wrap a writing one, so this follows the C
// interface as the driver's library lays it out: a VFS is a struct of function pointers, an open
// file begins with a pointer to another one, and both live outside the memory of Go.

import (
	"fmt"
	"sync"
	"unsafe"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// file is a file open through an FS.
type file struct {
	fs      *FS
	name    string // path as SQLite gave it, "" for a temporary file
	kind    FileKind
	methods lib.Tsqlite3_io_methods // of the layer below
}

// registry finds our own values back from the addresses SQLite calls with. It has to be a package
// variable: the function pointers in SQLite's tables are plain functions, and carry nothing of ours.
//
//nolint:gochecknoglobals // see above: the C interface leaves no other place
var registry = struct {
	mu    sync.RWMutex
	vfs   map[uintptr]*FS
	files map[uintptr]*file
}{vfs: map[uintptr]*FS{}, files: map[uintptr]*file{}}

// The types of the C functions that are replaced.
type (
	openFunc     = func(tls *libc.TLS, vfs, path, f uintptr, flags int32, out uintptr) int32
	deleteFunc   = func(tls *libc.TLS, vfs, path uintptr, syncDir int32) int32
	closeFunc    = func(tls *libc.TLS, f uintptr) int32
	readFunc     = func(tls *libc.TLS, f, buf uintptr, n int32, off int64) int32
	writeFunc    = readFunc
	truncateFunc = func(tls *libc.TLS, f uintptr, size int64) int32
	syncFunc     = func(tls *libc.TLS, f uintptr, flags int32) int32
	sizeFunc     = func(tls *libc.TLS, f, size uintptr) int32
)

// at is the C value at address p, which lies outside Go's heap and so never moves.
func at[T any](p uintptr) *T {
	return (*T)(*(*unsafe.Pointer)(unsafe.Pointer(&p)))
}

// funcPtr is what a transpiled C function pointer holds for the top-level Go function f.
func funcPtr[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// funcAt is the Go function behind a transpiled C function pointer.
func funcAt[F any](p uintptr) F { return *(*F)(unsafe.Pointer(&p)) }

// register makes SQLite know the FS under its name.
func (fs *FS) register() error {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	cname, err := libc.CString(fs.name)
	if err != nil {
		return fmt.Errorf("name %q: %w", fs.name, err)
	}
	if fs.name == "" || lib.Xsqlite3_vfs_find(fs.tls, cname) != 0 {
		libc.Xfree(fs.tls, cname)
		return fmt.Errorf("%w: %q", ErrName, fs.name)
	}
	fs.under = *at[lib.Tsqlite3_vfs](lib.Xsqlite3_vfs_find(fs.tls, 0))
	fs.cname = cname
	fs.vfs = libc.Xmalloc(fs.tls, lib.Tsize_t(unsafe.Sizeof(fs.under)))
	v := at[lib.Tsqlite3_vfs](fs.vfs)
	*v = fs.under
	v.FpNext = 0
	v.FzName = cname
	v.FxOpen = funcPtr[openFunc](xOpen)
	v.FxDelete = funcPtr[deleteFunc](xDelete)
	if rc := lib.Xsqlite3_vfs_register(fs.tls, fs.vfs, 0); rc != lib.SQLITE_OK {
		libc.Xfree(fs.tls, fs.vfs)
		libc.Xfree(fs.tls, cname)
		return fmt.Errorf("register VFS %s: code %d", fs.name, rc)
	}
	registry.vfs[fs.vfs] = fs
	return nil
}

// unregister undoes register and frees what it and the opened files took.
func (fs *FS) unregister() error {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	if registry.vfs[fs.vfs] != fs {
		return nil // closed before
	}
	if rc := lib.Xsqlite3_vfs_unregister(fs.tls, fs.vfs); rc != lib.SQLITE_OK {
		return fmt.Errorf("unregister VFS %s: code %d", fs.name, rc)
	}
	delete(registry.vfs, fs.vfs)
	for _, m := range fs.methods {
		libc.Xfree(fs.tls, m)
	}
	libc.Xfree(fs.tls, fs.vfs)
	libc.Xfree(fs.tls, fs.cname)
	fs.tls.Close()
	return nil
}

// filesOpen counts the files open through fs.
func filesOpen(fs *FS) (n int) {
	registry.mu.RLock()
	defer registry.mu.RUnlock()
	for _, f := range registry.files {
		if f.fs == fs {
			n++
		}
	}
	return n
}

// openFiles lists the files open through fs with their addresses.
func openFiles(fs *FS) map[uintptr]*file {
	registry.mu.RLock()
	defer registry.mu.RUnlock()
	open := map[uintptr]*file{}
	for p, f := range registry.files {
		if f.fs == fs {
			open[p] = f
		}
	}
	return open
}

// fileAt is the open file at address p.
func fileAt(p uintptr) *file {
	registry.mu.RLock()
	defer registry.mu.RUnlock()
	return registry.files[p]
}

// fsAt is the FS whose VFS is at address p.
func fsAt(p uintptr) *FS {
	registry.mu.RLock()
	defer registry.mu.RUnlock()
	return registry.vfs[p]
}

// adopt puts our functions in the place of those of the file just opened at p.
func (fs *FS) adopt(p uintptr, name string, kind FileKind) *file {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	c := at[lib.Tsqlite3_file](p)
	f := &file{fs: fs, name: name, kind: kind, methods: *at[lib.Tsqlite3_io_methods](c.FpMethods)}
	ours, ok := fs.methods[c.FpMethods]
	if !ok {
		ours = libc.Xmalloc(fs.tls, lib.Tsize_t(unsafe.Sizeof(f.methods)))
		m := at[lib.Tsqlite3_io_methods](ours)
		*m = f.methods
		m.FxClose = funcPtr[closeFunc](xClose)
		m.FxWrite = funcPtr[writeFunc](xWrite)
		m.FxTruncate = funcPtr[truncateFunc](xTruncate)
		m.FxSync = funcPtr[syncFunc](xSync)
		fs.methods[c.FpMethods] = ours
	}
	c.FpMethods = ours
	registry.files[p] = f
	return f
}

// content reads the whole file at p through the layer below. Reading the path instead would, on
// closing it again, drop the locks this process holds on the file.
func (f *file) content(tls *libc.TLS, p uintptr) ([]byte, error) {
	const chunk = 1 << 16
	buf := libc.Xmalloc(tls, 8+chunk)
	defer libc.Xfree(tls, buf)
	if rc := funcAt[sizeFunc](f.methods.FxFileSize)(tls, p, buf); rc != lib.SQLITE_OK {
		return nil, fmt.Errorf("size of %s: code %d", f.name, rc)
	}
	all := make([]byte, 0, *at[int64](buf))
	for len(all) < cap(all) {
		n := min(chunk, cap(all)-len(all))
		rc := funcAt[readFunc](f.methods.FxRead)(tls, p, buf+8, int32(n), int64(len(all)))
		if rc != lib.SQLITE_OK {
			return nil, fmt.Errorf("read %s at %d: code %d", f.name, len(all), rc)
		}
		all = append(all, unsafe.Slice(at[byte](buf+8), n)...)
	}
	return all, nil
}

// kindOf tells what a file is opened for from SQLite's flags.
func kindOf(flags int32) FileKind {
	switch {
	case flags&lib.SQLITE_OPEN_MAIN_DB != 0:
		return Main
	case flags&lib.SQLITE_OPEN_WAL != 0:
		return WAL
	}
	return Other
}

func xOpen(tls *libc.TLS, vfs, path, p uintptr, flags int32, out uintptr) int32 {
	fs := fsAt(vfs)
	rc := funcAt[openFunc](fs.under.FxOpen)(tls, vfs, path, p, flags, out)
	if rc != lib.SQLITE_OK {
		return rc
	}
	name := ""
	if path != 0 {
		name = libc.GoString(path)
	}
	f := fs.adopt(p, name, kindOf(flags))
	fs.order.Lock()
	defer fs.order.Unlock()
	if err := fs.addBase(tls, p, f); err != nil {
		fs.spoil(err)
	}
	return lib.SQLITE_OK
}

func xDelete(tls *libc.TLS, vfs, path uintptr, syncDir int32) int32 {
	fs := fsAt(vfs)
	return fs.remove(libc.GoString(path), syncDir != 0, func() int32 {
		return funcAt[deleteFunc](fs.under.FxDelete)(tls, vfs, path, syncDir)
	})
}

func xClose(tls *libc.TLS, p uintptr) int32 {
	f := fileAt(p)
	registry.mu.Lock()
	delete(registry.files, p)
	registry.mu.Unlock()
	return funcAt[closeFunc](f.methods.FxClose)(tls, p)
}

func xWrite(tls *libc.TLS, p, buf uintptr, n int32, off int64) int32 {
	f := fileAt(p)
	return f.fs.write(f, off, unsafe.Slice(at[byte](buf), n), func() int32 {
		return funcAt[writeFunc](f.methods.FxWrite)(tls, p, buf, n, off)
	})
}

func xTruncate(tls *libc.TLS, p uintptr, size int64) int32 {
	f := fileAt(p)
	return f.fs.truncate(f, size, func() int32 {
		return funcAt[truncateFunc](f.methods.FxTruncate)(tls, p, size)
	})
}

func xSync(tls *libc.TLS, p uintptr, flags int32) int32 {
	f := fileAt(p)
	return f.fs.sync(f, func() int32 {
		return funcAt[syncFunc](f.methods.FxSync)(tls, p, flags)
	})
}
