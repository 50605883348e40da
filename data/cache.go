package data

import (
	"sync"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// cachePiece is the most of a page cache that is asked for at once, in KiB: the largest cache_size there is.
const cachePiece = 4000

// cacheInOnePiece lets every connection take the pages of its cache in one piece (SQLITE_CONFIG_PAGECACHE without a buffer).
// One at a time the allocator gives 8 KiB for each page of 4 and its header, so that half of what a till keeps in memory would
// hold nothing. SQLite takes it before its first use in a process; later it refuses, and the caches are as they were.
//
//nolint:gochecknoglobals // a setting of the process, made once and never changed
var cacheInOnePiece = sync.OnceFunc(func() {
	tls := libc.NewTLS()
	defer tls.Close()
	args := libc.Xmalloc(tls, 3*8) // as C passes them: no buffer, no size of a page, KiB below zero
	if args == 0 {
		return
	}
	defer libc.Xfree(tls, args)
	sqlite3.Xsqlite3_config(tls, sqlite3.SQLITE_CONFIG_PAGECACHE, libc.VaList(args, uintptr(0), int32(0), int32(-cachePiece)))
})
