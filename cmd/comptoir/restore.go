package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"comptoir/cmd/comptoir/internal/recovery"
	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// restoreCmd puts a café back from the newest copy there is.
type restoreCmd struct {
	From    string `arg:"" help:"File of a backup, folder of backups such as a memory stick, or address of the continuous copy: a folder, sftp://…, s3://…" placeholder:"FROM"`
	Into    string `help:"Data directory to restore into, instead of --data." placeholder:"DIR" env:"-"`
	Manager string `help:"Name or code of a manager who goes on at once; the PIN is read from the standard input, then the recovery code, a line each. Without: the page of the till asks." placeholder:"CODE" env:"-"`
	Reason  string `help:"Why, in a sentence. The journal keeps it." default:"restored from a copy" env:"-"`
	Anchor  string `help:"Head of the journal as it was seen elsewhere: a file, or the line CZ1 … of a printed closing." placeholder:"FILE|TEXT" env:"-"`

	Unverified bool `help:"Restore a copy even though its signed books are not as they were signed: for a café that has nothing better. The till says so ever after." env:"-"`
}

// restoredFile says in a café's folder that it was restored and has not been opened since.
const restoredFile = "restored.json"

// restored is what a restoration knows of itself; the journal keeps it at the next opening.
type restored struct {
	From   string    `json:"from"`
	Copied time.Time `json:"copied"`
	Head   int64     `json:"head"`
	Epoch  int64     `json:"epoch"`
	Known  bool      `json:"known"`
	Lost   int64     `json:"lost"`
	LostTo time.Time `json:"lost_to"`
	Last   string    `json:"last"`
}

var (
	errOtherCafe = fault.New(fault.Conflict, "restore.other_cafe", "This copy is of another café than the one in this folder.")
	errRoom      = fault.New(fault.Internal, "restore.disk", "The disk is full: nothing was changed. Make room, or restore into another directory.")
)

func (c *restoreCmd) run(ctx context.Context, e *env) int {
	if c.Into != "" {
		into, err := dataDir(c.Into)
		if err != nil {
			return e.fail(err)
		}
		e.data, e.dataGiven = into, true
	}
	r := &restoration{env: e, root: e.data, from: c.From, anchor: c.Anchor, unverified: c.Unverified, input: bufio.NewReader(io.LimitReader(e.stdin, maxPINLine*2))}
	if c.Manager != "" {
		e.say("PIN of %s:", c.Manager)
		r.pin = r.line()
	}
	placed, err := r.do(ctx)
	if err != nil {
		return e.fail(err)
	}
	if c.Manager != "" {
		if err := r.goOn(ctx, placed, c.Manager, c.Reason); err != nil {
			code := e.fail(err)
			e.say("The café is restored all the same. Open it with: %s; its page asks for a manager when something is missing.", r.opening(placed))
			return code
		}
	}
	e.put("%s", placed.dir)
	e.say("Restored. Open it with: %s", r.opening(placed))
	return exitOK
}

// opening is the command that opens the restored café, whatever directory it was restored into.
func (r *restoration) opening(placed cafe) string {
	command := "comptoir --data " + r.root
	if strings.ContainsAny(r.root, " '\"$&()") {
		command = "comptoir --data '" + strings.ReplaceAll(r.root, "'", `'\''`) + "'"
	}
	if placed.demo {
		command += " --demo"
	}
	return command
}

// restoration is one café on its way back.
type restoration struct {
	env    *env
	root   string // data directory
	from   string
	anchor string // given by hand
	input  *bufio.Reader
	pin    string

	unverified bool // signed books that are not as they were signed are taken too

	work     string         // folder that becomes the café's, beside it
	place    replica.Target // where the copy and what lies beside it were found
	copy     recovery.Copy
	key      []byte         // of the café's markers; nil: the keys did not come back
	there    journal.Anchor // where the database ends that is replaced; zero: none, or it cannot be read
	found    restored
	settings replica.Settings // for the next copies
	head     *journal.Anchor  // newest entry seen outside the copy
}

func (r *restoration) line() string {
	text, _ := r.input.ReadString('\n') // what is not there is empty
	return strings.TrimSpace(text)
}

// do brings the copy into a folder of its own, and that folder into its place. Nothing of the café that is there is touched
// before the copy was read from its first page to its last.
func (r *restoration) do(ctx context.Context) (placed cafe, err error) {
	if err := os.MkdirAll(r.root, 0o700); err != nil {
		return placed, err
	}
	give, err := r.alone()
	if err != nil {
		return placed, roomOr(err)
	}
	defer give()
	if r.work, err = os.MkdirTemp(r.root, workName); err != nil {
		return placed, roomOr(err)
	}
	defer func() { err = roomOr(errors.Join(err, os.RemoveAll(r.work))) }()
	if err := r.bring(ctx); err != nil {
		return placed, err
	}
	if r.copy, err = recovery.Look(ctx, filepath.Join(r.work, databaseFile)); err != nil {
		return placed, err
	}
	target := cafe{dir: filepath.Join(r.root, liveFolder)}
	if r.copy.Demo {
		target = cafe{dir: filepath.Join(r.root, demoFolder), demo: true}
	}
	if err := r.sameCafe(ctx, target); err != nil {
		return placed, err
	}
	if err := r.keys(ctx, target); err != nil {
		return placed, err
	}
	if err := r.state(ctx, target); err != nil {
		return placed, err
	}
	if err := r.swap(target); err != nil {
		return placed, err
	}
	if err := r.mark(ctx); err != nil {
		r.env.say("The place of the copy could not be told (%s): never start the old machine again.", firstLine(err.Error()))
	}
	r.tell()
	return target, nil
}

// roomOr says of a full disk that it is one.
func roomOr(err error) error {
	if isNoRoom(err) {
		return errRoom.Wrap(err)
	}
	return err
}

// sameCafe refuses to put a café in the place of another.
func (r *restoration) sameCafe(ctx context.Context, target cafe) error {
	if !target.exists() {
		return nil
	}
	// What cannot be read is what is being replaced; it is kept aside.
	there, err := recovery.Look(ctx, filepath.Join(target.dir, databaseFile))
	if err == nil && there.Head.Journal != r.copy.Head.Journal {
		return errOtherCafe.With("here", there.Cafe).With("copy", r.copy.Cafe)
	}
	r.there = there.Head
	return nil
}

// keys brings the keys: those of the folder that is replaced, or those that were sealed, with the recovery code.
func (r *restoration) keys(ctx context.Context, target cafe) error {
	p, err := replica.Open(ctx, r.place)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }() // only read
	sealed, err := replica.ReadFile(ctx, p, recovery.KeysFile(r.copy.Head.Journal), recovery.MaxSealed)
	if err != nil {
		sealed, err = replica.ReadFile(ctx, p, recovery.SharedKeysFile, recovery.MaxSealed)
	}
	if err == nil {
		r.env.say("Recovery code (24 letters; an empty line goes without it):")
		if code := r.line(); code != "" {
			return recovery.OpenKeys(sealed, code, r.work)
		}
	}
	kept := filepath.Join(target.dir, "keys")
	if _, err := os.Stat(kept); err == nil {
		if recovery.HasCode(target.dir) { // it seals what later keys there are, too
			if err := copyFile(filepath.Join(target.dir, recovery.SealFile), filepath.Join(r.work, recovery.SealFile)); err != nil {
				return err
			}
		}
		return copyKeys(kept, filepath.Join(r.work, "keys"))
	}
	r.env.say("The keys do not come back without the recovery code. Put the folder keys beside the database, or go on with a new key: comptoir key replace.")
	return os.Mkdir(filepath.Join(r.work, "keys"), 0o700)
}

// copyKeys copies the files of a folder of keys, for their owner only.
func copyKeys(from, to string) error {
	files, err := os.ReadDir(from)
	if err == nil {
		err = os.Mkdir(to, 0o700)
	}
	if err != nil {
		return err
	}
	for _, f := range files {
		if f.Type().IsRegular() {
			if err := copyFile(filepath.Join(from, f.Name()), filepath.Join(to, f.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// state gives the copy its new epoch, and writes beside it what is known to be lost.
func (r *restoration) state(ctx context.Context, target cafe) error {
	newest, known, err := r.seen(ctx, target)
	if err != nil {
		return err
	}
	epoch, err := data.NewEpoch(ctx, r.work, time.Unix(max(time.Now().Unix(), r.epochSeen(ctx, target)+1), 0))
	if err != nil {
		return err
	}
	last, err := r.lastNumber(ctx)
	if err != nil {
		return err
	}
	r.found = restored{From: r.place.String(), Copied: r.copy.Head.At, Head: r.copy.Head.Seq, Epoch: epoch, Known: known, Last: last}
	if known {
		r.head = &newest
		if newest.Seq > r.copy.Head.Seq {
			r.found.Lost, r.found.LostTo = newest.Seq-r.copy.Head.Seq, newest.At
		}
	}
	text, err := json.Marshal(r.found)
	if err != nil {
		return err
	}
	if err := data.ReplaceFile(filepath.Join(r.work, restoredFile), text); err != nil {
		return err
	}
	if r.settings != (replica.Settings{}) {
		if kept, err := replica.ReadSettings(target.dir); err == nil && kept.Target+kept.Stick != "" {
			r.settings = kept
		}
		if err := replica.WriteSettings(r.work, r.settings); err != nil {
			return err
		}
	}
	return r.writeHead()
}

// lastNumber asks the copy for the newest number it knows; a copy of an earlier release is not asked.
func (r *restoration) lastNumber(ctx context.Context) (number string, err error) {
	till, err := pos.OpenReadOnly(ctx, pos.Config{Dir: r.work})
	if fault.CodeOf(err) == "data.older" {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, till.Close()) }()
	return till.NewestNumber(ctx)
}
