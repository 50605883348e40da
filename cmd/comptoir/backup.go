package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"

	"comptoir/cmd/comptoir/internal/recovery"
	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/archive"
	"comptoir/receipts/journal"
)

// backupCmd writes the whole café into one file elsewhere, and reads it again.
type backupCmd struct {
	To string `arg:"" help:"Folder, such as a memory stick, or address of a place: sftp://…, s3://…" placeholder:"TO"`
}

func (c *backupCmd) run(ctx context.Context, e *env) int {
	to, err := placeNamed(c.To)
	if err != nil {
		return e.fail(err)
	}
	return e.do(ctx, order{Task: "backup", Args: []string{to.String()}})
}

// placeNamed reads a place as somebody types it: a folder may be relative.
func placeNamed(text string) (replica.Target, error) {
	if t, err := replica.ParseTarget(text); err == nil {
		return t, nil
	} else if bytes.Contains([]byte(text), []byte("://")) {
		return t, err
	}
	folder, err := filepath.Abs(text)
	if err != nil {
		return replica.Target{}, err
	}
	return replica.ParseTarget(folder)
}

// backupTask is the task backup: the place. It prints where the file is.
func backupTask(ctx context.Context, t *pos.Till, o order, stdout, stderr io.Writer) error {
	if len(o.Args) != 1 {
		return errOrder(o)
	}
	made, name, err := backUpNow(ctx, t, pos.System("sys"), o.Args[0])
	if err != nil {
		return err
	}
	_, err1 := fmt.Fprintln(stdout, name)
	_, err2 := fmt.Fprintf(stderr, "Backup verified: up to entry %d of the journal, read again from its first page to its last, every law checked.\n", made.Seq)
	return errors.Join(err1, err2)
}

// backUpNow makes the backup that somebody asked for, and journals what became of it.
func backUpNow(ctx context.Context, t *pos.Till, by pos.By, to string) (pos.Backup, string, error) {
	b := pos.Backup{What: pos.BackupAsked, Place: to}
	place, err := withSecrets(t.DB().Dir(), to)
	if err != nil {
		return b, "", err
	}
	name := recovery.Name(t.Identity().Name, t.DB().Today(), t.DB().Now().In(t.DB().Zone()).Format("150405"))
	name, b.Seq, err = writeBackup(ctx, t, place, name, auditCopy)
	b.OK, b.Code = err == nil, codeOf(err)
	recorded, recording := t.RecordBackup(context.WithoutCancel(ctx), by, b)
	return recorded, name, errors.Join(err, recording)
}

// codeOf is the code of a failure, for the journal; "backup.failed" for what has none.
func codeOf(err error) string {
	if code := fault.CodeOf(err); err == nil || code != "" && code != "internal" {
		return code
	}
	return "backup.failed"
}

// withSecrets is a place with the secrets that the café keeps for it, if it is the one of its copy.
func withSecrets(dir, to string) (replica.Target, error) {
	place, err := replica.ParseTarget(to)
	if err != nil {
		return place, err
	}
	s, err := replica.ReadSettings(dir)
	if err != nil {
		return place, err
	}
	if kept, err := s.Place(); err == nil && kept.String() == place.String() {
		return kept, nil
	}
	return place, nil
}

// copyLaw looks at a copy of the café before it counts as one.
type copyLaw func(ctx context.Context, file string) error

// writeBackup writes a backup with its keys and its head into a place, and returns its name there and its newest entry. It comes
// back when ctx ends, also from a stick that does not answer.
func writeBackup(ctx context.Context, t *pos.Till, to replica.Target, name string, check copyLaw) (where string, seq int64, err error) {
	if to.Kind != replica.Folder {
		return writeBackupAt(ctx, t, to, name, check)
	}
	type made struct {
		where string
		seq   int64
	}
	m, err := replica.Within(ctx, to.Path, func(ctx context.Context) (m made, err error) {
		m.where, m.seq, err = writeBackupAt(ctx, t, to, name, check)
		return m, err
	})
	return m.where, m.seq, err
}

func writeBackupAt(ctx context.Context, t *pos.Till, to replica.Target, name string, check copyLaw) (where string, seq int64, err error) {
	folder := t.DB().Dir()
	if to.Kind == replica.Folder {
		if _, err := os.Stat(to.Path); err != nil { // a stick that is not there must not become a folder of this disk
			return "", 0, errNoPlace.With("place", to.String()).Wrap(err)
		}
		folder = filepath.Join(to.Path, recovery.BackupsFolder)
		if err := os.MkdirAll(folder, 0o700); err != nil {
			return "", 0, errNoPlace.With("place", to.String()).Wrap(err)
		}
	}
	file := filepath.Join(folder, name)
	if _, err := data.Backup(ctx, t.DB(), file); err != nil {
		return "", 0, err
	}
	defer func() {
		if err != nil || to.Kind != replica.Folder {
			err = errors.Join(err, os.Remove(file))
		}
	}()
	looked, err := recovery.Look(ctx, file)
	if err == nil {
		err = check(ctx, file)
	}
	if err != nil {
		return "", 0, err
	}
	p, err := replica.Open(ctx, to)
	if err != nil {
		return "", 0, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	where = path.Join(recovery.BackupsFolder, name)
	if to.Kind != replica.Folder {
		if err := carry(ctx, p, file, where); err != nil {
			return "", 0, err
		}
	}
	return to.String() + "/" + where, looked.Head.Seq, layBeside(ctx, p, t.DB().Dir(), looked.Head)
}

var errNoPlace = fault.New(fault.NotFound, "backup.place", "The place for backups is not there, or cannot be written.")

// carry copies a file to a place and reads it again.
func carry(ctx context.Context, p replica.Place, file, name string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	sent := sha256.New()
	size, err := p.Write(ctx, name, io.TeeReader(f, sent))
	if err != nil {
		return err
	}
	r, err := p.Open(ctx, name, 0, 0)
	if err != nil {
		return err
	}
	there := sha256.New()
	n, err := io.Copy(there, r)
	if err := errors.Join(err, r.Close()); err != nil {
		return err
	}
	if n != size || !bytes.Equal(there.Sum(nil), sent.Sum(nil)) {
		return errors.Join(errDamagedThere.With("file", name), p.Delete(ctx, name))
	}
	return nil
}

var errDamagedThere = fault.New(fault.Internal, "backup.damaged", "What lies there is not what was written; try another place.")

// layBeside lays the sealed keys, and the journal's head, beside backups: with them a restoration needs nothing else, and says
// exactly what is lost.
func layBeside(ctx context.Context, p replica.Place, dir string, head journal.Anchor) error {
	if recovery.HasCode(dir) {
		if err := layKeys(ctx, p, dir, head.Journal); err != nil {
			return err
		}
	}
	name := journal.SecondHeadName(head.Journal)
	if kept, err := replica.ReadFile(ctx, p, name, maxAnchorFile); err == nil {
		if a, err := journal.ParseAnchor(string(kept)); err == nil && a.Seq >= head.Seq {
			return nil // the till keeps it there itself, newer
		}
	}
	text, err := head.Text()
	if err == nil {
		_, err = p.Write(ctx, name, bytes.NewReader(text))
	}
	return err
}

// auditCopy checks every law and the journal of a copy, as doctor and verify do; where the archives lie is no part of it.
func auditCopy(ctx context.Context, file string) (err error) {
	beside, err := os.MkdirTemp("", "comptoir-copy-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(beside)) }()
	file, err = filepath.Abs(file)
	if err == nil {
		err = os.Symlink(file, filepath.Join(beside, databaseFile))
	}
	if err != nil {
		return err
	}
	till, err := pos.OpenReadOnly(ctx, pos.Config{Dir: beside})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, till.Close()) }()
	found, err := till.DB().Check(ctx)
	if err != nil {
		return err
	}
	for _, v := range found {
		if v.Check != archive.FolderCheck("").Name {
			return errLaw.With("check", v.Check).With("detail", v.Detail)
		}
	}
	report, err := verifyBooks(ctx, till, journal.VerifyOptions{Gentle: true})
	if err == nil && !report.Conform {
		err = errLaw.With("check", report.Anomalies[0].Check).With("detail", report.Anomalies[0].Detail)
	}
	return err
}

// verifyBooks verifies the signed books of a copy. No head is asked: a copy ends where it ends.
func verifyBooks(ctx context.Context, till *pos.Till, opts journal.VerifyOptions) (report journal.Report, err error) {
	err = till.DB().Snapshot(ctx, func(ctx context.Context, q data.Querier) (err error) {
		report, err = journal.Verify(ctx, q, opts)
		return err
	})
	return report, err
}

var errLaw = fault.New(fault.Internal, "backup.law", "The copy can be read, and a law does not hold in it: run comptoir doctor and comptoir verify on the café.")

// layKeys lays the sealed keys of a café in a place. Those of its own that an earlier release has laid there under the name of all
// cafés go; of another café's nobody has to know.
func layKeys(ctx context.Context, p replica.Place, dir, id string) error {
	sealed, err := recovery.SealKeys(dir)
	if err == nil {
		_, err = p.Write(ctx, recovery.KeysFile(id), bytes.NewReader(sealed))
	}
	if err != nil {
		return err
	}
	if shared, err := replica.ReadFile(ctx, p, recovery.SharedKeysFile, recovery.MaxSealed); err == nil && recovery.SameCode(shared, sealed) {
		return p.Delete(ctx, recovery.SharedKeysFile)
	}
	return nil
}

// sealAtPlaces lays the sealed keys where the café's copies go. A place that holds another café's copy is left alone.
func sealAtPlaces(ctx context.Context, dir string) error {
	s, err := replica.ReadSettings(dir)
	if err != nil || s.Target+s.Stick == "" {
		return err
	}
	cafe, err := recovery.Look(ctx, filepath.Join(dir, databaseFile))
	if err != nil {
		return err
	}
	target, err := s.Place()
	if err == nil && target.Kind != "" {
		err = sealAt(ctx, target, dir, cafe.Head.Journal, true)
	}
	if s.Stick != "" {
		err = errors.Join(err, sealAt(ctx, replica.Target{Kind: replica.Folder, Path: s.Stick}, dir, cafe.Head.Journal, false))
	}
	return err
}

// sealAt lays the sealed keys in one place, if it is there. One of a copy has room for one café.
func sealAt(ctx context.Context, to replica.Target, dir, id string, ofCopy bool) (err error) {
	p, err := replica.Open(ctx, to)
	if to.Kind == replica.Folder && fault.CodeOf(err) == "copy.unreachable" {
		return nil // a stick that is out, or does not answer
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	if m, err := replica.ReadMarker(ctx, p); ofCopy && err == nil && m.MustBe(id) != nil {
		return m.MustBe(id)
	}
	return layKeys(ctx, p, dir, id)
}
