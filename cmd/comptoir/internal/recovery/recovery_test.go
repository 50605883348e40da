package recovery

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
)

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if fault.CodeOf(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

// keyed is the folder of a café with its keys.
func keyed(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(keysFolder(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"k1.pem": "signs", "codes.key": "draws"} {
		if err := os.WriteFile(filepath.Join(keysFolder(dir), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestTheKeysComeBackWithTheCodeAsItIsTypedAndWithNoOther(t *testing.T) {
	dir := keyed(t)
	if _, err := SealKeys(dir); fault.CodeOf(err) != "recovery.unset" {
		t.Errorf("sealed without a code: %v", err)
	}
	code := NewCode()
	if len(letters(code)) != 24 || code == NewCode() {
		t.Fatalf("code %q", code)
	}
	if err := SetCode(dir, code); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(keysFolder(dir), "k2.pem"), []byte("signs from now on"), 0o600); err != nil { // the code is not known any more
		t.Fatal(err)
	}
	sealed, err := SealKeys(dir)
	if err != nil || bytes.Contains(sealed, []byte("signs")) || !HasCode(dir) {
		t.Fatalf("sealed: %v", err)
	}
	into := t.TempDir()
	if err := OpenKeys(sealed, " "+strings.ToLower(strings.ReplaceAll(code, " ", "-")), into); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"keys/k1.pem": "signs", "keys/codes.key": "draws", "keys/k2.pem": "signs from now on"} {
		info, err := os.Stat(filepath.Join(into, name))
		if got, _ := os.ReadFile(filepath.Join(into, name)); err != nil || string(got) != want || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %q (%v)", name, got, err)
		}
	}
	if again, err := SealKeys(into); err != nil || OpenKeys(again, code, t.TempDir()) != nil {
		t.Errorf("the code does not hold on the next machine: %v", err)
	}
	other := t.TempDir()
	wantCode(t, OpenKeys(sealed, NewCode(), other), "recovery.code")
	wantCode(t, OpenKeys(sealed, "CBDE", other), "recovery.code")
	for name, spoil := range map[string]func() []byte{
		"nothing":     func() []byte { return nil },
		"a text":      func() []byte { return []byte("keys") },
		"cut":         func() []byte { return sealed[:len(sealed)/2] },
		"a bent byte": func() []byte { return bent(t, sealed) },
		"too large":   func() []byte { return append(bytes.Clone(sealed), bytes.Repeat([]byte(" "), MaxSealed)...) },
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, OpenKeys(spoil(), code, other), "recovery.keys") })
	}
	if files, err := os.ReadDir(other); err != nil || len(files) != 0 {
		t.Errorf("left after refusals: %v (%v)", files, err)
	}
}

// bent turns one byte of what was sealed.
func bent(t *testing.T, sealed []byte) []byte {
	t.Helper()
	var k sealedKeys
	if err := json.Unmarshal(sealed, &k); err != nil {
		t.Fatal(err)
	}
	k.Sealed[len(k.Sealed)-1] ^= 1
	text, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestSealedKeysCannotBeWrittenElsewhere(t *testing.T) {
	for _, name := range []string{"../k1.pem", "/etc/passwd", "a/b", ".hidden", "", "..", `a\b`} {
		dir := t.TempDir()
		wantCode(t, writeKeys(map[string][]byte{name: []byte("x")}, dir), "recovery.keys")
		if files, _ := os.ReadDir(dir); len(files) != 0 {
			t.Errorf("%q wrote %v", name, files)
		}
	}
	wantCode(t, writeKeys(map[string][]byte{"k1.pem": make([]byte, maxKeyFile+1)}, t.TempDir()), "recovery.keys")
}

func TestBackupsAreKeptThirtyDaysAndOneAMonth(t *testing.T) {
	folder := t.TempDir()
	cafe := "Café de l'Étoile"
	now := time.Date(2026, 11, 21, 22, 0, 0, 0, time.UTC)
	day := func(d string, n string) string { return Name(cafe, d, n) }
	if got := day("2026-11-21", "Z26-000001"); got != "cafe-de-l-etoile-2026-11-21-Z26-000001.db" {
		t.Fatalf("named %q", got)
	}
	kept := []string{
		day("2026-11-21", "Z26-000009"), day("2026-10-22", "Z26-000008"), day("2026-09-30", "Z26-000005"), day("2026-08-02", "Z26-000002"),
		day("2026-08-01", "120000"), Name("Another", "2026-08-01", "Z26-000001"), "letter.txt",
	}
	gone := []string{day("2026-09-01", "Z26-000003"), day("2026-09-29", "Z26-000004"), day("2026-08-01", "Z26-000001")}
	for _, name := range slices.Concat(kept, gone, []string{day("2026-10-21", "Z26-000007")}) {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	removed, err := Prune(folder, cafe, now)
	slices.Sort(removed)
	slices.Sort(gone)
	if err != nil || !slices.Equal(removed, gone) {
		t.Errorf("removed %q, want %q (%v)", removed, gone, err)
	}
}

func TestWhatIsNoCopyIsNotTakenForOne(t *testing.T) {
	folder := t.TempDir()
	_, _, err := Find(t.Context(), folder, "")
	wantCode(t, err, "restore.nothing")
	_, _, err = Find(t.Context(), filepath.Join(folder, "unplugged"), "")
	wantCode(t, err, "restore.nothing")
	if err := os.WriteFile(filepath.Join(folder, "letter.db"), []byte("a letter"), 0o600); err != nil {
		t.Fatal(err)
	}
	db := datatest.Open(t)
	if _, err := data.Backup(t.Context(), db, filepath.Join(folder, "unfounded.db")); err != nil {
		t.Fatal(err)
	}
	_, unreadable, err := Find(t.Context(), folder, "")
	wantCode(t, err, "restore.nothing")
	if len(unreadable) != 2 {
		t.Errorf("unreadable: %v", unreadable)
	}
}
