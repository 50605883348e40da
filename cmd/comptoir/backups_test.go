package main

import (
	"testing"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/pos"
)

// TestTheBackupOfAClosingIsMadeOnce: however many were asked for since, before there was a stick.
func TestTheBackupOfAClosingIsMadeOnce(t *testing.T) {
	t.Parallel()
	a, stick := newCafe(t), t.TempDir()
	m, _ := startMachine(t, a)
	ringExpressos(t, m, 1)
	z := closeNow(t, m)
	for range 8 {
		if _, err := m.Till().RecordBackup(t.Context(), pos.System("sys"), pos.Backup{What: pos.BackupAsked, Place: "/elsewhere", OK: true}); err != nil {
			t.Fatal(err)
		}
	}
	settle(t, a, replica.Settings{Stick: stick})
	for range 3 { // as often as it is looked whether one is due
		if err := backUpClosing(t.Context(), m.Till()); err != nil {
			t.Fatal(err)
		}
	}
	all, err := m.Till().Backups(t.Context(), 50)
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
