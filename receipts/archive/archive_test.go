package archive_test

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"comptoir/receipts/archive"
	"comptoir/receipts/journal"
)

// contents unpacks an archive into memory.
func contents(tb testing.TB, path string) map[string]string {
	tb.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			tb.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			tb.Fatal(err)
		}
		all[f.Name] = string(text)
	}
	return all
}

func TestAnArchiveIsReadAgainAndConform(t *testing.T) {
	t.Parallel()
	c := found(t)
	c.everyKind()
	made := c.write(archive.All)
	m, hash, err := archive.Verify(t.Context(), made.Path)
	if err != nil {
		t.Fatal(err)
	}
	if hash != made.Hash || m.Head.Seq != made.Manifest.ToSeq || m.Name != "12345678900012_C1_complet.zip" {
		t.Errorf("got %s %+v, made %s", hash, m, made.Hash)
	}
	if left := leftovers(t, c.dir); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// The tables, looked at by a person: testdata/tables holds what they are for one journal of every kind. ARCHIVE=write
// writes them anew.
func TestTheTablesOfEveryKindOfEntry(t *testing.T) {
	t.Parallel()
	c := found(t)
	c.everyKind()
	c.clock.Set(time.Date(2026, 12, 2, 9, 0, 0, 0, time.UTC))
	c.append(event(journal.EventDrawerOpen, nil)) // closes what is due: ten days, a month, a day
	files := contents(t, c.write(archive.All).Path)
	for name, text := range files {
		if !strings.HasSuffix(name, ".csv") || strings.Contains(name, "signatures") {
			continue
		}
		text = mask(text)
		golden := filepath.Join("testdata", "tables", name)
		if os.Getenv("ARCHIVE") == "write" {
			if err := os.WriteFile(golden, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), text); diff != "" {
			t.Errorf("%s differs (-want +got):\n%s", name, diff)
		}
	}
}

func TestAnArchiveMadeAgainHasTheSameBytes(t *testing.T) {
	t.Parallel()
	c := found(t)
	c.everyKind()
	first := contents(t, c.write(archive.All).Path)
	again := contents(t, c.write(archive.All).Path)
	delete(first, "MANIFEST.json.sig")
	delete(again, "MANIFEST.json.sig")
	if diff := cmp.Diff(first, again); diff != "" {
		t.Error(diff)
	}
}
