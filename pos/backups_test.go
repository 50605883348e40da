package pos_test

import (
	"strings"
	"testing"
	"time"

	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts"
)

func (c *cafe) backedUp(b pos.Backup) pos.Backup {
	c.tb.Helper()
	made, err := c.RecordBackup(ctx(), pos.System("sys"), b)
	if err != nil {
		c.tb.Fatalf("record %+v: %v", b, err)
	}
	return made
}

func TestBackupsAreJournaledAndFoundAgain(t *testing.T) {
	c := openCafe(t)
	c.backedUp(pos.Backup{What: pos.BackupAsked, Place: "/media/stick", OK: true, Seq: 12})
	c.clock.Advance(time.Minute)
	c.backedUp(pos.Backup{What: pos.BackupRehearsed, Place: strings.Repeat("é", 300), Code: "data.copy_damaged"})
	all, err := c.Backups(ctx(), 10)
	if err != nil || len(all) != 2 || all[0].What != pos.BackupRehearsed || all[0].OK || all[0].Code != "data.copy_damaged" || len([]rune(all[0].Place)) != 200 ||
		!all[1].OK || all[1].Seq != 12 || all[1].Place != "/media/stick" || !all[0].At.After(all[1].At) {
		t.Fatalf("got %+v (%v)", all, err)
	}
	if b, found, err := c.LastBackup(ctx(), pos.BackupAsked); err != nil || !found || b != all[1] {
		t.Errorf("got %+v %v (%v)", b, found, err)
	}
	if b, found, err := c.LastRehearsal(ctx()); err != nil || !found || b != all[0] {
		t.Errorf("got %+v %v (%v)", b, found, err)
	}
	if _, found, err := c.LastBackup(ctx(), pos.BackupOfClosing); err != nil || found {
		t.Errorf("a backup of a closing out of nothing (%v)", err)
	}
	for _, wrong := range []pos.Backup{{What: "something", OK: true}, {What: pos.BackupAsked, OK: true, Code: "data.copy_room"}, {What: pos.BackupAsked}} {
		if _, err := c.RecordBackup(ctx(), pos.System("sys"), wrong); fault.CodeOf(err) != "backup.invalid" {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	c.verify()
}

// TestThePaperOfAClosingSaysWhatBecameOfItsBackup: and whenever it is printed again it says the same.
func TestThePaperOfAClosingSaysWhatBecameOfItsBackup(t *testing.T) {
	said := func(c *cafe, z pos.Closing) string {
		t.Helper()
		d, err := c.ClosingDocument(ctx(), z.Number)
		if err != nil {
			t.Fatal(err)
		}
		return d.Text(receipts.Columns80)
	}
	for name, tc := range map[string]struct {
		after time.Duration
		first pos.Backup
		want  string
	}{
		"verified":          {2 * time.Second, pos.Backup{OK: true, Seq: 9}, "Sauvegarde vérifiée"},
		"not made":          {time.Second, pos.Backup{Code: "data.copy_room"}, "SAUVEGARDE NON FAITE"},
		"not yet":           {15 * time.Second, pos.Backup{Code: pos.BackupPending}, "Sauvegarde en cours"},
		"after the paper":   {pos.PaperWaits + time.Second, pos.Backup{OK: true}, ""},
		"another closing's": {time.Second, pos.Backup{OK: true, Closing: "Z26-000099"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := openCafe(t)
			c.sell("", line("cafe", 1))
			z := c.closeDay()
			if before := said(c, z); strings.Contains(before, "SAUVEGARDE") {
				t.Fatalf("before any backup:\n%s", before)
			}
			c.clock.Advance(tc.after)
			b := tc.first
			b.What, b.Place = pos.BackupOfClosing, "/media/stick"
			if b.Closing == "" {
				b.Closing = z.Number
			}
			c.backedUp(b)
			first := said(c, z)
			if tc.want == "" && strings.Contains(first, "SAUVEGARDE") || !strings.Contains(first, tc.want) {
				t.Errorf("want %q:\n%s", tc.want, first)
			}
			c.clock.Advance(time.Hour)
			b.OK, b.Code = true, ""
			c.backedUp(b)
			if again := said(c, z); again != first {
				t.Errorf("printed again it reads otherwise:\n%s\nthan:\n%s", again, first)
			}
			now, found, err := c.ClosingBackup(ctx(), z.Number)
			if err != nil || found != (b.Closing == z.Number) || found && !now.OK {
				t.Errorf("now: %+v %v (%v)", now, found, err)
			}
		})
	}
}

func TestAPaperWaitsForTheBackupItHasToTell(t *testing.T) {
	c := openCafe(t)
	z := c.closeDay()
	if err := c.AwaitBackup(ctx(), z.Number); err != nil { // none is expected: no waiting
		t.Fatal(err)
	}
	c.ExpectBackups(true)
	told := make(chan error, 1)
	go func() { told <- c.AwaitBackup(ctx(), z.Number) }()
	c.backedUp(pos.Backup{What: pos.BackupOfClosing, OK: true, Closing: z.Number})
	if err := <-told; err != nil {
		t.Fatal(err)
	}
	d, err := c.ClosingDocument(ctx(), z.Number)
	if err != nil || d.Backup == nil || !d.Backup.OK {
		t.Errorf("got %+v (%v)", d.Backup, err)
	}
	c.clock.Advance(24 * time.Hour)
	late := c.closeDay()
	c.clock.Advance(pos.PaperWaits)
	if err := c.AwaitBackup(ctx(), late.Number); err != nil { // its time is over
		t.Fatal(err)
	}
}

func TestARestorationIsJournaledOnceAndShownUntilAManagerHasSeenIt(t *testing.T) {
	c := openCafe(t)
	c.sell("", line("cafe", 1))
	if _, found, err := c.LastRestore(ctx()); err != nil || found {
		t.Fatalf("restored out of nothing (%v)", err)
	}
	last, err := c.NewestNumber(ctx())
	if err != nil || last != "T26-000001" {
		t.Fatalf("newest number %q (%v)", last, err)
	}
	want := pos.Restore{From: "sftp://depot/cafe", Copied: c.clock.Now().Add(-time.Hour).Truncate(time.Second).UTC(), Head: 4, Epoch: 17, Known: true, Lost: 3,
		LostTo: c.clock.Now().Truncate(time.Second).UTC(), Last: last}
	for range 2 {
		if err := c.RecordRestore(ctx(), want); err != nil {
			t.Fatal(err)
		}
	}
	got, found, err := c.LastRestore(ctx())
	if err != nil || !found || got.From != want.From || !got.Copied.Equal(want.Copied) || got.Head != 4 || got.Epoch != 17 || !got.Known || got.Lost != 3 ||
		!got.LostTo.Equal(want.LostTo) || got.Last != last || got.Seen {
		t.Fatalf("got %+v (%v)", got, err)
	}
	alerts, err := c.Alerts(ctx())
	if err != nil || len(alerts) != 1 || alerts[0].Seq != got.Entry {
		t.Fatalf("alerts %+v (%v)", alerts, err)
	}
	if err := c.SeeAlerts(ctx(), c.byManager(), got.Entry); err != nil {
		t.Fatal(err)
	}
	if got, _, err = c.LastRestore(ctx()); err != nil || !got.Seen {
		t.Errorf("seen: %+v (%v)", got, err)
	}
	c.verify()
}

func TestAReplacedCafeIsHeldAndNoManagerGoesOn(t *testing.T) {
	err := pos.Replaced(time.Date(2026, 11, 21, 8, 0, 0, 0, time.UTC), "till-b", 17)
	if fault.CodeOf(err) != "data.replaced" || !pos.IsHeld(err) || pos.CanResume(err) {
		t.Errorf("got %v", err)
	}
}

// TestTheBackupOfAClosingIsFoundHoweverManyCameBetween: it is looked for among the newest, and beside its closing.
func TestTheBackupOfAClosingIsFoundHoweverManyCameBetween(t *testing.T) {
	c := openCafe(t)
	z := c.closeDay()
	asked := func(n int) {
		for range n {
			c.backedUp(pos.Backup{What: pos.BackupAsked, OK: true})
		}
	}
	want := func(ok bool) {
		t.Helper()
		b, found, err := c.ClosingBackup(ctx(), z.Number)
		if err != nil || !found || b.OK != ok {
			t.Errorf("got %+v %v (%v)", b, found, err)
		}
	}
	asked(30)
	if _, found, err := c.ClosingBackup(ctx(), z.Number); err != nil || found {
		t.Errorf("a backup of a closing out of nothing (%v)", err)
	}
	c.backedUp(pos.Backup{What: pos.BackupOfClosing, Closing: z.Number, Code: pos.BackupPending})
	want(false)
	c.backedUp(pos.Backup{What: pos.BackupOfClosing, Closing: z.Number, OK: true})
	want(true)
	asked(30)
	want(true)
}
