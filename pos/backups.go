package pos

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts"
	"comptoir/receipts/journal"
)

// What a backup was made for.
const (
	BackupAsked     = "backup"    // somebody asked for it
	BackupOfClosing = "closing"   // a day was closed
	BackupRehearsed = "rehearsal" // a copy was restored into a temporary file, and compared with what the till has
)

// BackupPending is the code of a backup at a closing that takes longer than its paper waits.
const BackupPending = "backup.pending"

// backupsLimit bounds how many backups are listed.
const backupsLimit = 400

// maxPlace bounds, in runes, what the journal keeps of a place.
const maxPlace = 200

// Backup is one copy of the data that was written elsewhere and read again, or could not be (fiscal R81).
type Backup struct {
	Entry   int64     // that says so
	At      time.Time // of that entry
	What    string    // BackupAsked, BackupOfClosing or BackupRehearsed
	Place   string    // where it lies, without secrets
	OK      bool      // it was read again from its first page to its last
	Code    string    // of what went wrong; empty when it is well
	Seq     int64     // newest entry of the copy
	Closing string    // number of the day's closing it was made at; empty: none
}

var errBackup = fault.New(fault.Invalid, "backup.invalid", "A backup was asked for, made at a closing, or rehearsed.")

// RecordBackup journals what became of a backup. Refusals: backup.invalid.
func (t *Till) RecordBackup(ctx context.Context, by By, b Backup) (Backup, error) {
	if b.What != BackupAsked && b.What != BackupOfClosing && b.What != BackupRehearsed || b.OK != (b.Code == "") {
		return b, errBackup
	}
	if r := []rune(b.Place); len(r) > maxPlace {
		b.Place = string(r[:maxPlace])
	}
	facts := map[string]any{"what": b.What, "place": b.Place, "ok": b.OK, "code": b.Code, "seq": b.Seq, "closing": b.Closing}
	err := t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) (err error) {
		if b.Entry, err = t.journalEvent(ctx, tx, by.Operator.Code, journal.EventBackup, facts); err != nil {
			return err
		}
		b.At = tx.Now()
		return tx.Record(data.Event{Type: "backup.made", Topics: []string{topicClosings, "matters"}, Body: map[string]any{"journal": []int64{b.Entry}}})
	})
	if err == nil {
		t.backedUp.ring()
	}
	return b, err
}

// Backups lists the newest backups, the newest first, at most limit.
func (t *Till) Backups(ctx context.Context, limit int) ([]Backup, error) {
	found, err := journal.Marked(ctx, t.db.Reader(), journal.EventBackup, min(limit, backupsLimit))
	if err != nil {
		return nil, err
	}
	all := make([]Backup, 0, len(found))
	for _, e := range found {
		b, err := backupOf(e)
		if err != nil {
			return nil, err
		}
		all = append(all, b)
	}
	return all, nil
}

// LastBackup returns the newest backup made for something; false when there is none among the newest.
func (t *Till) LastBackup(ctx context.Context, what string) (Backup, bool, error) {
	all, err := t.Backups(ctx, backupsLimit)
	for _, b := range all {
		if b.What == what {
			return b, true, err
		}
	}
	return Backup{}, false, err
}

// LastRehearsal returns the newest restore that was rehearsed; false when there was none.
func (t *Till) LastRehearsal(ctx context.Context) (Backup, bool, error) {
	return t.LastBackup(ctx, BackupRehearsed)
}

func backupOf(e journal.Entry) (Backup, error) {
	var body journal.EventBody
	if err := e.Decode(&body); err != nil {
		return Backup{}, fmt.Errorf("backup %d: %w", e.Seq, err)
	}
	b := Backup{Entry: e.Seq, At: e.At, Seq: integer(body.Data["seq"])}
	b.What, _ = body.Data["what"].(string)
	b.Place, _ = body.Data["place"].(string)
	b.OK, _ = body.Data["ok"].(bool)
	b.Code, _ = body.Data["code"].(string)
	b.Closing, _ = body.Data["closing"].(string)
	return b, nil
}

// integer reads a number of an event's facts, as JSON gives it.
func integer(v any) int64 {
	n, ok := v.(float64)
	if !ok || math.Abs(n) > 1<<53 {
		return 0
	}
	return int64(n)
}

// PaperWaits is how long after a closing its paper waits for what became of the backup. Whatever is journaled later is on
// no paper: so the closing reads the same whenever it is printed.
const PaperWaits = 20 * time.Second

// backupsOfClosing bounds how many backups are looked at after a closing for its paper, which waits for one only so long.
const backupsOfClosing = 8

// withBackup adds to a day's closing what its paper says of the backup: the first that names it, when it was known while the
// paper waited.
func withBackup(ctx context.Context, q data.Querier, c receipts.Closing) (receipts.Closing, error) {
	if c.Number == "" || c.Level != receipts.LevelDay {
		return c, nil
	}
	found, err := journal.MarkedAfter(ctx, q, journal.EventBackup, c.Seq, backupsOfClosing)
	if err != nil {
		return c, err
	}
	for _, e := range found {
		b, err := backupOf(e)
		if err != nil {
			return c, err
		}
		if b.Closing != c.Number {
			continue
		}
		if e.At.Sub(c.At) <= PaperWaits {
			c.Backup = &receipts.ClosingBackup{OK: b.OK, Pending: b.Code == BackupPending, Place: b.Place, At: e.At.In(c.At.Location())}
		}
		break
	}
	return c, nil
}

// ClosingBackup returns how the backup of a day's closing stands now: the newest that names it; false when none does. It is looked
// for among the newest of all, where one that was made just now is, and beside its closing.
func (t *Till) ClosingBackup(ctx context.Context, number string) (Backup, bool, error) {
	c, err := t.Closing(ctx, number)
	if err != nil {
		return Backup{}, false, err
	}
	for _, limit := range []int{backupsOfClosing, backupsLimit} { // most often it is among the first
		newest, err := journal.Marked(ctx, t.db.Reader(), journal.EventBackup, limit)
		if err != nil {
			return Backup{}, false, err
		}
		all := len(newest) < limit
		if before := slices.IndexFunc(newest, func(e journal.Entry) bool { return e.Seq <= c.Seq }); before >= 0 {
			newest, all = newest[:before], true
		}
		if b, found, err := naming(newest, number); err != nil || found || all {
			return b, found, err
		}
	}
	beside, err := journal.MarkedAfter(ctx, t.db.Reader(), journal.EventBackup, c.Seq, backupsOfClosing)
	if err != nil {
		return Backup{}, false, err
	}
	slices.Reverse(beside)
	return naming(beside, number)
}

// naming returns the first of some backups that names a closing; false when none does.
func naming(all []journal.Entry, number string) (Backup, bool, error) {
	for _, e := range all {
		if b, err := backupOf(e); err != nil || b.Closing == number {
			return b, err == nil, err
		}
	}
	return Backup{}, false, nil
}

// bell is rung for all who wait.
type bell struct {
	mu   sync.Mutex
	next chan struct{}
}

// wait returns what is closed at the next ring.
func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		b.next = make(chan struct{})
	}
	return b.next
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next != nil {
		close(b.next)
		b.next = nil
	}
}

// ExpectBackups says whether a copy is made at each closing from now on: a paper then waits for what becomes of it.
func (t *Till) ExpectBackups(expected bool) { t.backsUp.Store(expected) }

// AwaitBackup waits until it is known what became of the backup of a day's closing, no longer than its paper waits, and not
// at all when none is due or ctx ends.
func (t *Till) AwaitBackup(ctx context.Context, number string) error {
	if !t.backsUp.Load() {
		return nil
	}
	for {
		told := t.backedUp.wait() // before looking: what is told meanwhile is not missed
		c, err := t.ClosingDocument(ctx, number)
		left := PaperWaits - t.db.Now().Sub(c.At)
		if err != nil || c.Backup != nil || c.Level != receipts.LevelDay || left <= 0 {
			return err
		}
		late := time.NewTimer(left)
		select {
		case <-told:
			late.Stop()
		case <-late.C:
			return nil
		case <-ctx.Done():
			late.Stop()
			return nil
		}
	}
}
