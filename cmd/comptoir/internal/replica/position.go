package replica

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"comptoir/data"
)

// Files in the café's folder.
const (
	positionFile = "copy.position"
	databaseFile = "till.db"
)

// position is what has to outlast a power cut so that not the whole database is copied again: up to where which copy
// was kept, and which pages have changed since.
type position struct {
	Target string   `json:"target"`
	Copy   string   `json:"copy"` // Marker.Copy; empty: nothing was copied yet
	Epoch  int64    `json:"epoch"`
	TXID   uint64   `json:"txid"`   // the copy has at least this
	Schema int64    `json:"schema"` // version of the tables: a migration writes unseen
	Log    data.Log `json:"log"`
	Pages  []uint32 `json:"pages"`
	Lost   bool     `json:"lost"`
	Sealed *seal    `json:"sealed,omitempty"` // the database as it was closed; nil: it is open, or was not closed
}

// seal is how a closed database looks from outside. Whoever opens it to write leaves another.
type seal struct {
	Size     int64 `json:"size"`
	Modified int64 `json:"modified"` // Unix nanoseconds
}

// Found is what a copy lacks when the café is opened, as the files of the last run say.
type Found struct {
	position position
	known    bool // pages are all that the copy lacks
}

// Find looks at what the last run left of the copy. It is called while the café in dir is not open: opening it moves
// the log.
func Find(dir string) Found {
	var f Found
	text, err := os.ReadFile(filepath.Join(dir, positionFile))
	if err != nil || json.Unmarshal(text, &f.position) != nil || f.position.Lost {
		return f
	}
	log, pages, err := data.LogPages(dir)
	if err != nil {
		return f
	}
	if f.position.Sealed != nil {
		now, err := look(dir)
		f.known = err == nil && *f.position.Sealed == now && len(pages) == 0
		return f
	}
	f.position.Pages = append(f.position.Pages, pages...)
	slices.Sort(f.position.Pages)
	f.position.Pages = slices.Compact(f.position.Pages)
	f.known = log != data.Log{} && f.position.Log.LeadsTo(log)
	return f
}

// Seal notes how the database looks now that it is closed: the next run finds out whether anybody wrote to it meanwhile.
// Without a note of a copy nothing happens.
func Seal(dir string) error {
	name := filepath.Join(dir, positionFile)
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	var p position
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	var now seal
	if err == nil {
		now, err = look(dir)
	}
	if err != nil {
		return fmt.Errorf("seal the copy: %w", err)
	}
	p.Sealed = &now
	return p.write(dir)
}

func look(dir string) (seal, error) {
	info, err := os.Stat(filepath.Join(dir, databaseFile))
	if err != nil {
		return seal{}, err
	}
	return seal{info.Size(), info.ModTime().UnixNano()}, nil
}

func (p position) write(dir string) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return data.ReplaceFile(filepath.Join(dir, positionFile), text)
}

// keeper writes the position: the writer has it note what the copy lacks, the replica says what the copy has.
type keeper struct {
	dir string

	mu  sync.Mutex
	now position
}

// note is data.FollowOptions.Note. What the copy has may have grown since n was taken: then n says too much.
func (k *keeper) note(n data.FollowNote) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now.Log, k.now.Pages, k.now.Lost, k.now.Sealed = n.Log, n.Pages, n.Lost, nil
	return k.now.write(k.dir)
}

// reached says what the copy has. It is written with the next note.
func (k *keeper) reached(txid uint64) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now.TXID = txid
}

// begun says which copy is kept from now on, at once: the pages noted for another would be wrong for it.
func (k *keeper) begun(copied string, txid uint64, n data.FollowNote) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.now.Copy, k.now.TXID = copied, txid
	k.now.Log, k.now.Pages, k.now.Lost, k.now.Sealed = n.Log, n.Pages, n.Lost, nil
	return k.now.write(k.dir)
}

// Forget removes what is known of a copy: the café keeps none any more.
func Forget(dir string) error {
	if err := os.Remove(filepath.Join(dir, positionFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("copies: %w", err)
	}
	return nil
}

// sweep removes what copies that were cut short have left in the café's folder.
func sweep(dir string) {
	old, err := filepath.Glob(filepath.Join(dir, stagedPattern))
	if err != nil {
		return
	}
	for _, name := range old {
		_ = os.Remove(name) // it takes room, nothing else
	}
}
