package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/recovery"
	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/receipts/journal"
)

// backedUp is a café with three sales and the file of a backup on a stick.
func backedUp(t *testing.T) (dir, stick, file, code string) {
	t.Helper()
	dir, stick = newCafe(t), t.TempDir()
	settle(t, dir, replica.Settings{Stick: stick, Nightly: true})
	code = drawCode(t, dir)
	m, halt := startMachine(t, dir)
	ringExpressos(t, m, 3)
	halt()
	file = strings.TrimSpace(must(t, "backup", stick, "--data", dir))
	return dir, stick, file, code
}

// readHead reads the head of a café.
func readHead(t *testing.T, dir string) journal.Anchor {
	t.Helper()
	head, err := journal.ReadHead(filepath.Join(dir, liveFolder))
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func writeHead(t *testing.T, file string, head journal.Anchor) {
	t.Helper()
	text, err := head.Text()
	if err := errors.Join(err, os.WriteFile(file, text, 0o600)); err != nil {
		t.Fatal(err)
	}
}

// wantSelling opens a café, sells and returns the number of the sale.
func wantSelling(t *testing.T, dir string) (number string) {
	t.Helper()
	m, halt := startMachine(t, dir)
	defer halt()
	if m.Held() != nil {
		t.Fatalf("held: %v", m.Held())
	}
	return ringExpressos(t, m, 1)
}

// wantNoneLeft fails when a restoration left something that is half a café.
func wantNoneLeft(t *testing.T, root string) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(root, ".restore-*")); err != nil || len(left) > 0 {
		t.Errorf("left: %q (%v)", left, err)
	}
}

// TestTheFolderOfBackupsRestoresLikeTheStickItIsOn: the sealed keys and the head lie one folder up.
func TestTheFolderOfBackupsRestoresLikeTheStickItIsOn(t *testing.T) {
	t.Parallel()
	_, stick, file, code := backedUp(t)
	b := shortDir(t)
	restoreInto(t, filepath.Dir(file), b, code)
	wantSelling(t, b)
	if settings, err := replica.ReadSettings(filepath.Join(b, liveFolder)); err != nil || settings.Stick != stick {
		t.Errorf("the next backups go to %+v (%v), want %s", settings, err, stick)
	}
}

// TestAHeadWrittenByHandBurnsNoNumbersInARestoration: beside the copy it is passed over, and given by hand it is refused.
func TestAHeadWrittenByHandBurnsNoNumbersInARestoration(t *testing.T) {
	t.Parallel()
	a, stick, _, code := backedUp(t)
	crafted := readHead(t, a)
	crafted.Seq += journal.MaxLost * 100
	text, err := crafted.Text()
	if err != nil {
		t.Fatal(err)
	}
	b := shortDir(t)
	if exit, _, words := comptoir(t, "restore", stick, "--into", b, "--anchor", string(text)); exit == exitOK || !strings.Contains(words, "not genuine") {
		t.Errorf("given by hand: %d %s", exit, words)
	}
	wantNoneLeft(t, b)
	writeHead(t, filepath.Join(stick, journal.SecondHeadName(crafted.Journal)), crafted)
	if words := restoreInto(t, stick, b, code); !strings.Contains(words, "no till can have reached") {
		t.Errorf("words:\n%s", words)
	}
	if number := wantSelling(t, b); number != "T26-000004" {
		t.Errorf("the next number is %s", number)
	}
}

// TestACopyThatSomebodyHasChangedIsPassedOver: the newest backup has a trigger more, and an older one is taken.
func TestACopyThatSomebodyHasChangedIsPassedOver(t *testing.T) {
	t.Parallel()
	_, stick, file, code := backedUp(t)
	made, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	forge := t.TempDir()
	forged := filepath.Join(forge, databaseFile)
	if err := os.WriteFile(forged, made, 0o600); err != nil {
		t.Fatal(err)
	}
	rewrite(t, forged, `CREATE TRIGGER cheaper AFTER INSERT ON sale_lines BEGIN UPDATE products SET price = 1; END`)
	newer := filepath.Join(filepath.Dir(file), "z.db") // of two that know as much, the last by name
	if err := os.Rename(forged, newer); err != nil {
		t.Fatal(err)
	}
	b := shortDir(t)
	if exit, _, words := comptoir(t, "restore", newer, "--into", b); exit == exitOK || !strings.Contains(words, "not those that Comptoir makes") {
		t.Errorf("named: %d %s", exit, words)
	}
	wantNoneLeft(t, b)
	if words := restoreInto(t, stick, b, code); !strings.Contains(words, newer+" is passed over: The tables or triggers") {
		t.Errorf("words:\n%s", words)
	}
	wantSelling(t, b)
}

// TestAMachineThatWasReplacedSellsAgainOnceItIsRestored: also when the clock of the one that replaced it was years ahead.
func TestAMachineThatWasReplacedSellsAgainOnceItIsRestored(t *testing.T) {
	t.Parallel()
	a, stick, file, code := backedUp(t)
	b := shortDir(t)
	restoreInto(t, stick, b, code)
	wantReplaced(t, a)
	id, epoch := readHead(t, a).Journal, time.Now().AddDate(3, 0, 0).Unix()
	rewrite(t, filepath.Join(b, liveFolder, databaseFile), fmt.Sprintf(`UPDATE meta SET value = '%d' WHERE key = 'epoch'`, epoch))
	ahead, err := json.Marshal(replica.Marker{Cafe: id, Epoch: epoch, Machine: "b"})
	if err != nil {
		t.Fatal(err)
	}
	for _, marker := range []string{filepath.Join(stick, stickMarker(id)), filepath.Join(a, liveFolder, replacedFile)} {
		if err := os.WriteFile(marker, ahead, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	restoreInto(t, file, a, code)
	wantSelling(t, a)
	wantSelling(t, a) // and at the next start
	settle(t, b, replica.Settings{Stick: stick, Nightly: true})
	wantReplaced(t, b)
}

// TestARestorationOntoAFullDiskLeavesWhatWasThere: nothing half-written is taken for a café, and a second try works when there is room.
func TestARestorationOntoAFullDiskLeavesWhatWasThere(t *testing.T) {
	t.Parallel()
	a, stick, _, code := backedUp(t)
	place := t.TempDir()
	settle(t, a, replica.Settings{Target: place})
	m, halt := startMachine(t, a)
	if err := m.copies.running.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	halt()
	sealKeysAt(t, a, place)
	disk := smallDisk(t, 24)
	putAside(t, a, disk)
	there := readHead(t, disk)
	freed := fill(t, disk)
	for _, from := range []string{stick, place} {
		exit, _, words := comptoir(t, "restore", from, "--into", disk)
		if exit == exitOK || !strings.Contains(words, "disk is full") {
			t.Errorf("%s: exit %d\n%s", from, exit, words)
		}
		wantNoneLeft(t, disk)
		if asides, err := filepath.Glob(filepath.Join(disk, "*.before-*")); err != nil || len(asides) > 0 || readHead(t, disk) != there {
			t.Errorf("moved aside: %q (%v)", asides, err)
		}
	}
	freed()
	if err := os.MkdirAll(filepath.Join(disk, ".restore-cut-short", "keys"), 0o700); err != nil { // by a kill
		t.Fatal(err)
	}
	restoreInto(t, place, disk, code)
	wantNoneLeft(t, disk)
	wantSelling(t, disk)
}

// TestARestoredFolderThatCannotTakeItsPlaceLeavesTheOneThatWasThere puts it back under its name.
func TestARestoredFolderThatCannotTakeItsPlaceLeavesTheOneThatWasThere(t *testing.T) {
	t.Parallel()
	a := newCafe(t)
	r := &restoration{env: &env{stderr: io.Discard}, root: a, work: filepath.Join(a, "gone")}
	if err := r.swap(cafe{dir: filepath.Join(a, liveFolder)}); err == nil {
		t.Fatal("nothing took its place")
	}
	if asides, err := filepath.Glob(filepath.Join(a, "*.before-*")); err != nil || len(asides) > 0 {
		t.Errorf("moved aside: %q (%v)", asides, err)
	}
	wantSelling(t, a)
}

// forgedCopy is a copy of a backup under another name, in whose signed books an article is called otherwise, and no trigger is missing.
func forgedCopy(t *testing.T, backup, into string) {
	t.Helper()
	made, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	forged := filepath.Join(t.TempDir(), databaseFile)
	if err := os.WriteFile(forged, made, 0o600); err != nil {
		t.Fatal(err)
	}
	rewrite(t, forged, `DROP TRIGGER journal_keep_update`)
	rewrite(t, forged, `UPDATE journal SET canon = CAST(replace(CAST(canon AS TEXT), 'Expresso', 'Expressa') AS BLOB) WHERE seq < (SELECT max(seq) FROM journal)`)
	rewrite(t, forged, `CREATE TRIGGER journal_keep_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'append-only'); END`)
	if err := os.Rename(forged, into); err != nil {
		t.Fatal(err)
	}
}

// TestACopyWhoseSignedBooksWereChangedIsPassedOver (N18): the next one is tried; when there is no other it is refused, and a person
// may say that it is taken all the same: a café may have nothing else.
func TestACopyWhoseSignedBooksWereChangedIsPassedOver(t *testing.T) {
	t.Parallel()
	_, stick, sound, code := backedUp(t)
	newer := filepath.Join(filepath.Dir(sound), "z.db") // of two that know as much, the last by name
	forgedCopy(t, sound, newer)
	b := shortDir(t)
	if words := restoreInto(t, stick, b, code); !strings.Contains(words, newer+" is passed over: The signed books") || !strings.Contains(words, "Found: "+sound) {
		t.Errorf("words:\n%s", words)
	}
	wantSelling(t, b)
	b = shortDir(t)
	if exit, _, words := comptoir(t, "restore", newer, "--into", b); exit == exitOK || !strings.Contains(words, "signed books") || !strings.Contains(words, "--unverified") {
		t.Errorf("named: %d %s", exit, words)
	}
	wantNoneLeft(t, b)
	if err := os.Remove(sound); err != nil {
		t.Fatal(err)
	}
	if exit, _, words := comptoir(t, "restore", stick, "--into", b); exit == exitOK {
		t.Errorf("the only one: %d %s", exit, words)
	}
	if exit, _, words := comptoir(t, "restore", stick, "--into", b, "--unverified"); exit != exitOK || !strings.Contains(words, "hash") {
		t.Errorf("all the same: %d %s", exit, words)
	}
	if exit, _, words := comptoir(t, "verify", "--data", b); exit != exitFailed {
		t.Errorf("verify: %d %s", exit, words)
	}
}

// TestAContinuousCopyWhoseSignedBooksWereChangedIsPassedOver: for the backup beside it, although that has less.
func TestAContinuousCopyWhoseSignedBooksWereChangedIsPassedOver(t *testing.T) {
	t.Parallel()
	a, place := newCafe(t), t.TempDir()
	code := drawCode(t, a)
	m, halt := startMachine(t, a)
	ringExpressos(t, m, 2)
	halt()
	backup := strings.TrimSpace(must(t, "backup", place, "--data", a))
	live := filepath.Join(a, liveFolder, databaseFile)
	forgedCopy(t, live, live)
	settle(t, a, replica.Settings{Target: place})
	copyOnce(t, a, 1)
	b := shortDir(t)
	if words := restoreInto(t, place, b, code); !strings.Contains(words, "The continuous copy is passed over: The signed books") || !strings.Contains(words, "Found: "+backup) {
		t.Errorf("words:\n%s", words)
	}
	wantSelling(t, b)
}

// copyOnce serves a café that keeps a copy, sells and waits until the copy has it.
func copyOnce(t *testing.T, dir string, sales int) {
	t.Helper()
	m, halt := startMachine(t, dir)
	defer halt()
	ringExpressos(t, m, sales)
	if err := m.copies.running.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// besideOlderCopy is a place whose continuous copy was given up, with a backup that knows three sales more.
func besideOlderCopy(t *testing.T) (place, backup, code string) {
	t.Helper()
	a, place := newCafe(t), t.TempDir()
	settle(t, a, replica.Settings{Target: place})
	code = drawCode(t, a)
	copyOnce(t, a, 1)
	settle(t, a, replica.Settings{Stick: place})
	m, halt := startMachine(t, a)
	ringExpressos(t, m, 3)
	halt()
	return place, strings.TrimSpace(must(t, "backup", place, "--data", a)), code
}

// TestABackupThatHasMoreThanTheContinuousCopyBesideItIsRestored: all that it has is there.
func TestABackupThatHasMoreThanTheContinuousCopyBesideItIsRestored(t *testing.T) {
	t.Parallel()
	place, backup, code := besideOlderCopy(t)
	b := shortDir(t)
	if words := restoreInto(t, place, b, code); !strings.Contains(words, "Found: "+backup) {
		t.Errorf("words:\n%s", words)
	}
	if number := wantSelling(t, b); number != "T26-000005" {
		t.Errorf("the next number is %s", number)
	}
}

// TestAForgedBackupThatHasMoreThanTheContinuousCopyIsPassedOver: the copy that was fetched is what there is.
func TestAForgedBackupThatHasMoreThanTheContinuousCopyIsPassedOver(t *testing.T) {
	t.Parallel()
	place, backup, code := besideOlderCopy(t)
	forgedCopy(t, backup, backup)
	b := shortDir(t)
	if words := restoreInto(t, place, b, code); !strings.Contains(words, backup+" is passed over") || !strings.Contains(words, "Found: the continuous copy") {
		t.Errorf("words:\n%s", words)
	}
	if number := wantSelling(t, b); number <= "T26-000002" {
		t.Errorf("the next number is %s", number)
	}
}

// TestADamagedContinuousCopyIsPassedOverAloud: a backup of another café beside it, whatever epoch it claims, never takes its place.
func TestADamagedContinuousCopyIsPassedOverAloud(t *testing.T) {
	t.Parallel()
	place, backup, code := besideOlderCopy(t)
	pieces, err := filepath.Glob(filepath.Join(place, "e*", "ltx", "9", "*"))
	if err != nil || len(pieces) == 0 {
		t.Fatal(pieces, err)
	}
	overwrite(t, pieces[0], 200, []byte("not what was written there"))
	b := shortDir(t)
	if words := restoreInto(t, place, b, code); !strings.Contains(words, "The continuous copy is passed over") || !strings.Contains(words, "Found: "+backup) {
		t.Errorf("words:\n%s", words)
	}
	if err := os.Remove(backup); err != nil {
		t.Fatal(err)
	}
	must(t, "backup", place, "--data", newCafe(t))
	if exit, _, words := comptoir(t, "restore", place, "--into", shortDir(t)); exit == exitOK {
		t.Errorf("another café's backup took its place:\n%s", words)
	}
}

// TestTheRecoveryCodeHoldsAfterARestorationWithTheKeysThatAreThere: keys that come later are sealed with it too.
func TestTheRecoveryCodeHoldsAfterARestorationWithTheKeysThatAreThere(t *testing.T) {
	t.Parallel()
	a, stick, _, _ := backedUp(t)
	restoreInto(t, stick, a, "")
	if !recovery.HasCode(filepath.Join(a, liveFolder)) {
		t.Error("the café has no recovery code any more")
	}
	wantSelling(t, a)
}
