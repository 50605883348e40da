package faultvfs

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// sectorSize is what a disk writes whole or not at all.
const sectorSize = 512

// Disk is what a power cut left.
type Disk struct {
	Files map[string][]byte // by path as recorded
	Marks []int64           // numbers acknowledged before the cut, in order
}

// Image rebuilds the files as a power cut after the first cutAt entries of r could have left them;
// rng chooses among the possibilities, so that the same seed gives the same disk. cutAt is between
// 0 and len(r.Ops).
func Image(r *Record, cutAt int, rng *rand.Rand) Disk {
	sim := map[string]*simFile{}
	for name, data := range r.base {
		sim[name] = newSimFile(data)
	}
	d := Disk{Files: map[string][]byte{}}
	for _, op := range r.Ops[:cutAt] {
		if op.Kind == Mark {
			d.Marks = append(d.Marks, op.Off)
			continue
		}
		f, ok := sim[op.File]
		if !ok {
			f = newSimFile(nil)
			sim[op.File] = f
		}
		if op.Kind == Sync && !op.Failed && f.fresh() && isLog(op.File) {
			for _, other := range sim {
				other.forget()
			}
		}
		f.apply(op)
	}
	for _, name := range slices.Sorted(maps.Keys(sim)) { // in order, so that rng's choices are the same again
		if content, exists := sim[name].cut(rng); exists {
			d.Files[name] = content
		}
	}
	return d
}

// Save writes the files into dir under their base names.
func (d Disk) Save(dir string) error {
	for path, content := range d.Files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(path)), content, 0o600); err != nil {
			return fmt.Errorf("save %s: %w", filepath.Base(path), err)
		}
	}
	return nil
}

// version is a sector as a write left it: its bytes up to the end the file had then.
type version []byte

// simFile is one file seen twice: as the programs see it, and as the disk has it.
type simFile struct {
	cache, disk []byte
	onDisk      bool                // the disk's directory names it
	removed     bool                // deleted, and the disk may not know yet
	cuts        []int64             // truncations since the last sync
	pending     map[int64][]version // by sector, since the last sync
}

// newSimFile is a file with this content on the disk; an empty one may not be there at all.
func newSimFile(data []byte) *simFile {
	return &simFile{
		cache: slices.Clone(data), disk: slices.Clone(data), onDisk: len(data) > 0,
		pending: map[int64][]version{},
	}
}

// isLog tells the files whose first sync makes SQLite sync their directory too, and with it every
// deletion in it.
func isLog(name string) bool {
	return strings.HasSuffix(name, "-wal") || strings.HasSuffix(name, "-journal")
}

// fresh tells whether the disk's directory does not name this file, or names the one before it.
func (f *simFile) fresh() bool { return !f.onDisk || f.removed }

// forget makes a deletion known to the directory.
func (f *simFile) forget() {
	if f.removed {
		f.disk, f.onDisk, f.removed = nil, false, false
	}
}

// apply brings one recorded change into the file.
func (f *simFile) apply(op Op) {
	switch op.Kind {
	case Write:
		f.cache = put(f.cache, op.Off, op.Data)
		for s := op.Off / sectorSize; s*sectorSize < op.Off+int64(len(op.Data)); s++ {
			end := min(int64(len(f.cache)), (s+1)*sectorSize)
			f.pending[s] = append(f.pending[s], slices.Clone(f.cache[s*sectorSize:end]))
		}
	case Truncate:
		f.cache = cutTo(f.cache, op.Off)
		f.cuts = append(f.cuts, op.Off)
		f.trim(op.Off)
	case Sync:
		f.sync(op.Failed)
	case Delete:
		f.cache, f.cuts, f.pending = nil, nil, map[int64][]version{}
		f.removed = true
		if op.Off == 1 {
			f.disk, f.onDisk, f.removed = nil, false, false
		}
	case Mark:
		// belongs to no file: Image keeps it
	}
}

// trim takes out of what is pending what a truncation to size cut off.
func (f *simFile) trim(size int64) {
	for s, vs := range f.pending {
		left := size - s*sectorSize
		if left <= 0 {
			delete(f.pending, s)
			continue
		}
		for i, v := range vs {
			vs[i] = v[:min(int64(len(v)), left)]
		}
	}
}

// sync puts all that is pending on the disk, or, failed, forgets that it was pending.
func (f *simFile) sync(failed bool) {
	if !failed {
		if f.removed {
			f.disk, f.removed = nil, false // it is another file by now, known to the directory
		}
		for _, size := range f.cuts {
			f.disk = cutTo(f.disk, size)
		}
		for s, vs := range f.pending {
			f.disk = put(f.disk, s*sectorSize, vs[len(vs)-1])
		}
		f.onDisk = true
	}
	f.cuts, f.pending = nil, map[int64][]version{}
}

// cut is the file after the power went: some of what was pending is there, some is not.
func (f *simFile) cut(rng *rand.Rand) (content []byte, exists bool) {
	content, exists = slices.Clone(f.disk), f.onDisk
	if f.removed {
		if rng.IntN(2) == 0 {
			return content, exists // the directory still names the old file, whatever the new one got
		}
		content, exists = nil, false
	}
	for _, size := range f.cuts[:rng.IntN(len(f.cuts)+1)] {
		content = cutTo(content, size)
	}
	sectors := make([]int64, 0, len(f.pending))
	for s := range f.pending {
		sectors = append(sectors, s)
	}
	slices.Sort(sectors)
	for _, s := range sectors {
		vs := f.pending[s]
		if k := rng.IntN(len(vs) + 1); k > 0 {
			content, exists = put(content, s*sectorSize, vs[k-1]), true
		}
	}
	return content, exists
}

// put writes data at off, filling a gap with zeros as a file system does.
func put(b []byte, off int64, data []byte) []byte {
	if need := off + int64(len(data)); int64(len(b)) < need {
		b = append(b, make([]byte, need-int64(len(b)))...)
	}
	copy(b[off:], data)
	return b
}

// cutTo is b at most size bytes long.
func cutTo(b []byte, size int64) []byte { return b[:min(int64(len(b)), size)] }
