package faultvfs

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// ErrInUse is returned, wrapped, by [FS.Close] while a file is still open through the FS.
var ErrInUse = errors.New("faultvfs: file system is in use")

// ErrName is returned, wrapped, by [New] for a name that is empty or already taken.
var ErrName = errors.New("faultvfs: name empty or taken")

// FS is one named file layer with its own faults, counters and record. Its methods may be called
// from any goroutine, while databases are open through it.
type FS struct {
	name string

	tls     *libc.TLS
	under   lib.Tsqlite3_vfs    // the layer that does the work
	vfs     uintptr             // our lib.Tsqlite3_vfs, in SQLite's memory
	cname   uintptr             // its name, in SQLite's memory
	methods map[uintptr]uintptr // method table of the layer below → our copy; under registry.mu

	// order is held during each change and its entry in the record, so that both have one order.
	order sync.Mutex

	mu     sync.Mutex // guards what follows
	plan   plan
	met    bool // something was made to fail since a fault was asked for
	counts Counts
	rec    *Record // nil: not recording
	sleep  func(time.Duration)
}

// New registers a VFS called name, on top of SQLite's default one, without making it the default.
// Names are global to the process: a test derives its own from t.Name(). It returns [ErrName] when
// a VFS of that name exists. The caller closes the FS after the databases opened through it.
func New(name string) (*FS, error) {
	tls := libc.NewTLS()
	fs := &FS{name: name, tls: tls, methods: map[uintptr]uintptr{}, sleep: time.Sleep}
	if err := fs.register(); err != nil {
		tls.Close()
		return nil, err
	}
	return fs, nil
}

// Name is what goes into the `vfs=` parameter of a data source name.
func (fs *FS) Name() string { return fs.name }

// Close takes the VFS out of SQLite's list and frees it. While a file is open through it, it does
// nothing and returns [ErrInUse]. It must not run beside an open through the same FS.
func (fs *FS) Close() error {
	if n := filesOpen(fs); n > 0 {
		return fmt.Errorf("%w: %s has %d files open", ErrInUse, fs.name, n)
	}
	return fs.unregister()
}

// change runs one change of a file and returns SQLite's result code. fault is the code to answer
// instead of doing it (0: do it); op is recorded when the change succeeded, or when a sync failed.
func (fs *FS) change(op Op, fault int32, do func() int32) int32 {
	rc := fault
	if rc == lib.SQLITE_OK {
		rc = do()
	}
	if rc != lib.SQLITE_OK && op.Kind != Sync {
		return rc
	}
	op.Failed = rc != lib.SQLITE_OK
	fs.add(op)
	return rc
}

// write performs, counts and perhaps refuses one write of data at off.
func (fs *FS) write(f *file, off int64, data []byte, do func() int32) int32 {
	fs.order.Lock()
	defer fs.order.Unlock()
	fault := fs.planWrite(f.kind, int64(len(data)))
	op := Op{Kind: Write, File: f.name, Off: off}
	if fault == lib.SQLITE_OK && fs.recording() {
		op.Data = append([]byte(nil), data...)
	}
	return fs.change(op, fault, do)
}

// sync performs, counts, delays and perhaps refuses one sync. While it is delayed the record goes on: whoever is answered
// too early is answered then.
func (fs *FS) sync(f *file, do func() int32) int32 {
	fault, delay := fs.planSync(f.kind)
	if delay > 0 {
		fs.sleep(delay)
	}
	fs.order.Lock()
	defer fs.order.Unlock()
	if fs.idle() {
		do = func() int32 { return lib.SQLITE_OK }
	}
	return fs.change(Op{Kind: Sync, File: f.name}, fault, do)
}

// truncate performs one truncation to size bytes.
func (fs *FS) truncate(f *file, size int64, do func() int32) int32 {
	fs.order.Lock()
	defer fs.order.Unlock()
	return fs.change(Op{Kind: Truncate, File: f.name, Off: size}, fs.planOther(lib.SQLITE_IOERR_TRUNCATE), do)
}

// remove performs one deletion; durable says that SQLite asked for the directory to be synced.
func (fs *FS) remove(name string, durable bool, do func() int32) int32 {
	fs.order.Lock()
	defer fs.order.Unlock()
	op := Op{Kind: Delete, File: name}
	if durable {
		op.Off = 1
	}
	return fs.change(op, fs.planOther(lib.SQLITE_IOERR_DELETE), do)
}
