package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"comptoir/cmd/comptoir/internal/recovery"
	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts"
)

// ringExpressos rings expressos on an open café, and returns the number of the last.
func ringExpressos(t *testing.T, m *Main, n int) (last string) {
	t.Helper()
	till := m.Till()
	ctx := t.Context()
	staff, err := till.AllStaff(ctx)
	if err != nil {
		t.Fatal(err)
	}
	by := pos.By{Operator: staff[0].Operator}
	command := func() pos.By {
		by.Command = data.NewCommand(uuid.NewString(), nil)
		return by
	}
	if _, err := till.CurrentShift(ctx); fault.CodeOf(err) == "shift.none" {
		if _, err := till.OpenShift(ctx, command(), 0); err != nil {
			t.Fatal(err)
		}
	}
	menu, err := till.Menu(ctx)
	if err != nil {
		t.Fatal(err)
	}
	var expresso string
	for _, p := range menu.Products {
		if p.Name == "Expresso" {
			expresso = p.ID
		}
	}
	for range n {
		sale, err := till.Sell(ctx, command(), pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{{Product: expresso, Qty: 1}},
			Tenders: []pos.Tender{{Means: pos.Cash, Amount: 200, Given: 200}}})
		if err != nil {
			t.Fatal(err)
		}
		last = sale.Number
	}
	return last
}

// startMachine serves a café until halt is called.
func startMachine(t *testing.T, dir string) (m *Main, halt func()) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	m = &Main{Config: pos.Config{Dir: filepath.Join(dir, liveFolder), Software: software}, Listen: "127.0.0.1:0", Public: "127.0.0.1:0"}
	if err := m.Start(ctx); err != nil {
		t.Fatal(err)
	}
	stopped := false
	halt = func() {
		if stopped {
			return
		}
		stopped = true
		if err := m.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	}
	t.Cleanup(halt)
	return m, halt
}

// settle writes where copies of a café go.
func settle(t *testing.T, dir string, s replica.Settings) {
	t.Helper()
	if err := replica.WriteSettings(filepath.Join(dir, liveFolder), s); err != nil {
		t.Fatal(err)
	}
}

// restoreInto restores with a PIN and a recovery code on the standard input.
func restoreInto(t *testing.T, from, into, code string) (words string) {
	t.Helper()
	var out, words2 strings.Builder
	exit := run(t.Context(), []string{"restore", from, "--into", into, "--manager", "Manager", "--reason", "the machine was stolen"}, strings.NewReader("4321\n"+code+"\n"), &out, &words2)
	if exit != exitOK {
		t.Fatalf("restore: exit %d\n%s%s", exit, out.String(), words2.String())
	}
	return words2.String()
}

// TestADrillFromTheContinuousCopy: till A sells and is lost with its directory; till B is made of the copy, resumes, says what
// was lost, proves itself, sells. What is put back of A sells no more.
func TestADrillFromTheContinuousCopy(t *testing.T) {
	t.Parallel()
	a, b, place := newCafe(t), shortDir(t), t.TempDir()
	settle(t, a, replica.Settings{Target: place, Nightly: true})
	code := drawCode(t, a)
	m, halt := startMachine(t, a)
	copied := ringExpressos(t, m, 3)
	if err := m.copies.running.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	sealKeysAt(t, a, place)
	saved := t.TempDir()
	if err := os.CopyFS(saved, os.DirFS(place)); err != nil { // the place as it was: what comes after is lost
		t.Fatal(err)
	}
	ringExpressos(t, m, 2)
	halt()
	head, err := os.ReadFile(filepath.Join(a, liveFolder, "head"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(saved, "head"), head, 0o600); err != nil { // it is the smallest file, and the newest there
		t.Fatal(err)
	}
	kept := shortDir(t)
	putAside(t, a, kept)
	if err := os.RemoveAll(a); err != nil {
		t.Fatal(err)
	}
	words := restoreInto(t, saved, b, code)
	if !strings.Contains(words, "the continuous copy") || !strings.Contains(words, "Last number in the copy: "+copied) {
		t.Errorf("words:\n%s", words)
	}
	again, haltB := startMachine(t, b)
	if again.Held() != nil {
		t.Fatalf("held: %v", again.Held())
	}
	r, found, err := again.Till().LastRestore(t.Context())
	if err != nil || !found || !r.Known || r.Lost < 2 || r.Last != copied || r.Seen || len(r.LeftOut) == 0 {
		t.Errorf("restored: %+v %v (%v)", r, found, err)
	}
	if number := ringExpressos(t, again, 1); number <= "T26-000005" {
		t.Errorf("%s was given before", number)
	}
	haltB()
	must(t, "doctor", "--data", b)
	if code, _, words := comptoir(t, "verify", "--full", "--data", b); code != exitWarnings || !strings.Contains(words, "ROLLBACK_DETECTED") {
		t.Errorf("verify: %d\n%s", code, words)
	}
	settle(t, kept, replica.Settings{Target: saved, Nightly: true})
	wantReplaced(t, kept)
	if err := os.RemoveAll(saved); err != nil { // and it remembers, whatever becomes of the place
		t.Fatal(err)
	}
	wantReplaced(t, kept)
}

// putAside copies the café of one data directory into another.
func putAside(t *testing.T, from, to string) {
	t.Helper()
	_ = os.Remove(filepath.Join(from, liveFolder, socketFile)) // a file that no copy has
	if err := os.CopyFS(filepath.Join(to, liveFolder), os.DirFS(filepath.Join(from, liveFolder))); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(to, liveFolder, "keys", "k1.pem"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// drawCode gives a café its recovery code.
func drawCode(t *testing.T, dir string) string {
	t.Helper()
	code := recovery.NewCode()
	if err := recovery.SetCode(filepath.Join(dir, liveFolder), code); err != nil {
		t.Fatal(err)
	}
	return code
}

func sealKeysAt(t *testing.T, dir, place string) {
	t.Helper()
	sealed, err := recovery.SealKeys(filepath.Join(dir, liveFolder))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(place, recovery.KeysFile(readHead(t, dir).Journal)), sealed, 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantReplaced starts a machine that another has replaced.
func wantReplaced(t *testing.T, dir string) {
	t.Helper()
	m, halt := startMachine(t, dir)
	defer halt()
	if fault.CodeOf(m.Held()) != "data.replaced" {
		t.Fatalf("held: %v", m.Held())
	}
	status, _, page := browse(t, http.MethodGet, m.StaffURL()+"/", nil)
	if status != http.StatusServiceUnavailable || !strings.Contains(page, "This machine was replaced") || strings.Contains(page, "/stopped/resume") {
		t.Errorf("%d\n%s", status, page)
	}
}

// TestADrillFromTheStickOfTheClosing is the same from the backup that was made at the closing.
func TestADrillFromTheStickOfTheClosing(t *testing.T) {
	t.Parallel()
	a, b, stick := newCafe(t), shortDir(t), t.TempDir()
	settle(t, a, replica.Settings{Stick: stick, Nightly: true})
	code := drawCode(t, a)
	m, halt := startMachine(t, a)
	ringExpressos(t, m, 3)
	z := closeNow(t, m)
	made := awaitBackup(t, m, z)
	if !made.OK || made.Place != stick {
		t.Fatalf("backup %+v", made)
	}
	d, err := m.Till().ClosingDocument(t.Context(), z.Number)
	if err != nil || !strings.Contains(d.Text(receipts.Columns80), "Sauvegarde vérifiée") {
		t.Errorf("paper without its backup (%v)", err)
	}
	s, err := replica.ReadSettings(filepath.Join(a, liveFolder))
	if err != nil {
		t.Fatal(err)
	}
	if did, err := rehearse(t.Context(), m.Till(), s); err != nil || !did.OK || did.Seq < z.Seq {
		t.Errorf("rehearsal %+v (%v)", did, err)
	}
	ringExpressos(t, m, 2) // the next morning: nothing on the stick knows of them
	halt()
	kept := shortDir(t)
	putAside(t, a, kept)
	if err := os.RemoveAll(a); err != nil {
		t.Fatal(err)
	}
	words := restoreInto(t, stick, b, code)
	if !strings.Contains(words, z.Number+".db") || !strings.Contains(words, "nobody knows how much") || strings.Contains(words, "Nothing is lost") {
		t.Errorf("words:\n%s", words)
	}
	again, haltB := startMachine(t, b)
	if again.Held() != nil {
		t.Fatalf("held: %v", again.Held())
	}
	if r, found, err := again.Till().LastRestore(t.Context()); err != nil || !found || r.Known || r.Lost != 0 || r.Seen {
		t.Errorf("restored: %+v %v (%v)", r, found, err)
	}
	ringExpressos(t, again, 1)
	closeNow(t, again)
	haltB()
	must(t, "doctor", "--data", b)
	if code, _, words := comptoir(t, "verify", "--full", "--data", b); code != exitWarnings || !strings.Contains(words, "put back") || !strings.Contains(words, "is not known") {
		t.Errorf("verify: %d\n%s", code, words)
	}
	exported := filepath.Join(t.TempDir(), "journal.jsonl")
	must(t, "journal", "export", "--out", exported, "--data", b)
	if found := buildInspector(t).run(exported); found.code != exitWarnings || !strings.Contains(fmt.Sprint(found.Warnings), "RESTORE") {
		t.Errorf("comptoir-verify: %d %v %s", found.code, found.Warnings, found.words)
	}
	wantReplaced(t, kept)
}

// closeNow closes the day as the manager.
func closeNow(t *testing.T, m *Main) pos.Closing {
	t.Helper()
	staff, err := m.Till().AllStaff(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	z, err := m.Till().CloseDay(t.Context(), pos.By{Operator: staff[0].Operator, Command: data.NewCommand(uuid.NewString(), nil)})
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// awaitBackup waits until it is known what became of the backup of a closing.
func awaitBackup(t *testing.T, m *Main, z pos.Closing) pos.Backup {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if err := m.Till().AwaitBackup(t.Context(), z.Number); err != nil {
			t.Fatal(err)
		}
		if b, found, err := m.Till().ClosingBackup(t.Context(), z.Number); err != nil {
			t.Fatal(err)
		} else if found && b.Code != pos.BackupPending {
			return b
		}
	}
	t.Fatal("nothing became of the backup")
	return pos.Backup{}
}

// TestAStickThatIsNotThereStopsNoClosing: the closing is made, and its paper says loudly that the backup is not.
func TestAStickThatIsNotThereStopsNoClosing(t *testing.T) {
	t.Parallel()
	a := newCafe(t)
	settle(t, a, replica.Settings{Stick: filepath.Join(t.TempDir(), "unplugged")})
	m, _ := startMachine(t, a)
	ringExpressos(t, m, 1)
	z := closeNow(t, m)
	if b := awaitBackup(t, m, z); b.OK || b.Code != "backup.place" {
		t.Errorf("backup %+v", b)
	}
	d, err := m.Till().ClosingDocument(t.Context(), z.Number)
	if err != nil || !strings.Contains(d.Text(receipts.Columns80), "SAUVEGARDE NON FAITE") {
		t.Errorf("paper (%v):\n%s", err, d.Text(receipts.Columns80))
	}
}
