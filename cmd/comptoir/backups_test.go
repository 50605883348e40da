package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/pos"
)

// openAlone opens a café without what a machine does beside the sales: nobody else looks whether a backup is due.
func openAlone(t *testing.T, dir string) *pos.Till {
	t.Helper()
	till, err := pos.Open(t.Context(), pos.Config{Dir: filepath.Join(dir, liveFolder), Software: software})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = till.Close() })
	return till
}

// TestTheBackupOfAClosingIsMadeOnce: however many were asked for since, before there was a stick.
func TestTheBackupOfAClosingIsMadeOnce(t *testing.T) {
	t.Parallel()
	a, stick := newCafe(t), t.TempDir()
	m, halt := startMachine(t, a)
	ringExpressos(t, m, 1)
	z := closeNow(t, m)
	halt()
	till := openAlone(t, a)
	for range 8 {
		if _, err := till.RecordBackup(t.Context(), pos.System("sys"), pos.Backup{What: pos.BackupAsked, Place: "/elsewhere", OK: true}); err != nil {
			t.Fatal(err)
		}
	}
	settle(t, a, replica.Settings{Stick: stick})
	for range 3 { // as often as it is looked whether one is due
		if err := backUpClosing(t.Context(), till); err != nil {
			t.Fatal(err)
		}
	}
	all, err := till.Backups(t.Context(), 50)
	made := 0
	for _, b := range all {
		if b.Closing == z.Number {
			made++
		}
	}
	if err != nil || made != 1 {
		t.Errorf("%d backups of one closing (%v)", made, err)
	}
}

// TestARehearsalDoesNotFillTheDisk: what a stick holds may be made to look like the newest copy, and far larger than the café is.
func TestARehearsalDoesNotFillTheDisk(t *testing.T) {
	t.Parallel()
	a, stick, file, _ := backedUp(t)
	made, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	prepared := filepath.Join(t.TempDir(), databaseFile)
	if err := os.WriteFile(prepared, made, 0o600); err != nil {
		t.Fatal(err)
	}
	rewrite(t, prepared, fmt.Sprintf(`UPDATE meta SET value = '%d' WHERE key = 'epoch'`, time.Now().AddDate(9, 0, 0).Unix()))
	if err := os.Truncate(prepared, 512<<20); err != nil { // takes no room here, and would where it is copied
		t.Fatal(err)
	}
	if err := os.Rename(prepared, filepath.Join(filepath.Dir(file), "z.db")); err != nil {
		t.Fatal(err)
	}
	did, err := rehearse(t.Context(), openAlone(t, a), replica.Settings{Stick: stick})
	if did.OK || did.Code != "rehearsal.size" {
		t.Errorf("rehearsed: %+v (%v)", did, err)
	}
	if left, err := filepath.Glob(filepath.Join(a, liveFolder, rehearsalPattern)); err != nil || len(left) > 0 {
		t.Errorf("left %q (%v)", left, err)
	}
}
