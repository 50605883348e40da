package recovery

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// BackupsFolder holds the files of backups, in a target as on a stick.
const BackupsFolder = "backups"

// How long the backups of closings are kept: all of so many days, and the newest of each month before.
const keepDays = 30

// Name is that of a backup: the café, the business day, and the number of the day's closing or the time.
func Name(cafe, day, which string) string { return slug(cafe) + "-" + day + "-" + which + ".db" }

// slug is a café's name as a part of a file name.
func slug(name string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(name)) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			out.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
		default:
			if s := out.String(); s != "" && s[len(s)-1] != '-' {
				out.WriteByte('-')
			}
		}
	}
	const longest = 40
	text := strings.Trim(out.String(), "-")
	return cmp.Or(strings.Trim(text[:min(len(text), longest)], "-"), "cafe")
}

var closingName = regexp.MustCompile(`^([a-z0-9-]+)-(\d{4}-\d\d)-(\d\d)-Z\d\d-\d{6,}\.db$`)

// Prune removes the backups of a café's closings that are older than thirty days, but for the newest of each month. What
// somebody asked for stays. It returns the names it removed.
func Prune(folder, cafe string, now time.Time) ([]string, error) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("old backups: %w", err)
	}
	first := now.AddDate(0, 0, -keepDays).Format(time.DateOnly)
	newest := map[string]string{} // of each month
	var old []string
	for _, f := range files {
		m := closingName.FindStringSubmatch(f.Name())
		if m == nil || m[1] != slug(cafe) || !f.Type().IsRegular() || m[2]+"-"+m[3] >= first {
			continue
		}
		old = append(old, f.Name())
		newest[m[2]] = max(newest[m[2]], f.Name())
	}
	var gone []string
	for _, name := range old {
		if newest[closingName.FindStringSubmatch(name)[2]] == name {
			continue
		}
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			return gone, fmt.Errorf("old backups: %w", err)
		}
		gone = append(gone, name)
	}
	return gone, nil
}

// Copy is a file of a café's database, as it says of itself; nothing of it is checked but that it can be opened.
type Copy struct {
	Path    string
	Cafe    string // name of the café
	Demo    bool
	Head    journal.Anchor // its newest entry
	Epoch   int64
	Size    int64
	ModTime time.Time
}

var (
	errNothing = fault.New(fault.NotFound, "restore.nothing", "There is no backup and no copy of a café there.")
	errSeveral = fault.New(fault.Conflict, "restore.several", "Copies of several cafés lie there: name the file.")
)

// Look opens a copy and says what it is. Refusals: those of data.OpenCopy, and journal.unfounded.
func Look(ctx context.Context, file string) (c Copy, err error) {
	info, err := os.Stat(file)
	if err != nil {
		return c, errNothing.With("from", file).Wrap(err)
	}
	db, err := data.OpenCopy(ctx, file)
	if err != nil {
		return c, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	c = Copy{Path: file, Epoch: db.Epoch(), Size: info.Size(), ModTime: info.ModTime()}
	genesis, err := journal.Founding(ctx, db.Reader())
	if err != nil {
		return c, err
	}
	c.Cafe, c.Demo = genesis.Name, genesis.Demo
	c.Head, err = journal.NewestAnchor(ctx, db.Reader())
	return c, err
}

// Find lists the copies of one café in a folder or a file, the newest first: by epoch, then by the number of entries. What
// cannot be opened is left out and named. mine is the journal wanted; empty: whichever is alone there. A file that was named is
// told for what it is, whosever it is. Refusals: restore.nothing, restore.several.
func Find(ctx context.Context, from, mine string) (found []Copy, unreadable []string, err error) {
	files, err := candidates(from)
	if err != nil {
		return nil, nil, err
	}
	for _, file := range files {
		c, err := Look(ctx, file)
		if err != nil {
			if ctx.Err() != nil {
				return nil, nil, err
			}
			unreadable = append(unreadable, file)
			continue
		}
		if mine == "" || c.Head.Journal == mine || file == from {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return nil, unreadable, errNothing.With("from", from)
	}
	slices.SortFunc(found, func(a, b Copy) int {
		return cmp.Or(cmp.Compare(b.Epoch, a.Epoch), cmp.Compare(b.Head.Seq, a.Head.Seq), strings.Compare(b.Path, a.Path))
	})
	for _, c := range found {
		if c.Head.Journal != found[0].Head.Journal {
			return nil, unreadable, errSeveral.With("one", found[0].Cafe).With("another", c.Cafe)
		}
	}
	return found, unreadable, nil
}

// candidates are the files that may be copies: the one named, or those of a folder and of its folder of backups.
func candidates(from string) ([]string, error) {
	info, err := os.Stat(from)
	if err != nil {
		return nil, errNothing.With("from", from).Wrap(err)
	}
	if !info.IsDir() {
		return []string{from}, nil
	}
	var files []string
	for _, folder := range []string{from, filepath.Join(from, BackupsFolder)} {
		entries, err := os.ReadDir(folder)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, errNothing.With("from", from).Wrap(err)
		}
		for _, e := range entries {
			if e.Type().IsRegular() && strings.HasSuffix(e.Name(), ".db") {
				files = append(files, filepath.Join(folder, e.Name()))
			}
		}
	}
	return files, nil
}

// Beside returns the folder in which the heads, the keys and the epoch of a copy lie: the target or the stick.
func Beside(from string) string {
	if info, err := os.Stat(from); err == nil && !info.IsDir() {
		from = filepath.Dir(from)
	}
	if filepath.Base(from) == BackupsFolder {
		return filepath.Dir(from)
	}
	return from
}

// maxHead bounds a file that may be a head, in bytes.
const maxHead = 4 << 10

// NewestHead returns the newest head of a journal among files; false when none is of it. Files come from sticks: what is no small file is
// not opened, and far names those that lead further from a copy's end than any till can have come, which are passed over.
func NewestHead(id string, end int64, files ...string) (newest journal.Anchor, found bool, far []string) {
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() || info.Size() > maxHead {
			continue
		}
		a, err := journal.ReadAnchor(file)
		switch {
		case err != nil || a.Journal != id:
		case a.Reachable(end) != nil:
			far = append(far, file)
		case !found || a.Seq > newest.Seq:
			newest, found = a, true
		}
	}
	return newest, found, far
}
