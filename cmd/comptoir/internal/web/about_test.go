package web

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"comptoir/pos"
	"comptoir/receipts/journal"
)

// TestTheVersionIsTheSameOnAllItsDisplays: the page, the closing, the archive and the receipt name one core and one hash
// of its sources (fiscal R3).
func TestTheVersionIsTheSameOnAllItsDisplays(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.closedMonth()
	source := journal.SourceHash(journal.CoreVersion)
	if len(source) != 64 {
		t.Fatalf("the sources of core %s have the hash %q", journal.CoreVersion, source)
	}
	says(t, c.page(pos.RoleAccountant, aboutPath), journal.CoreVersion, source)
	receipt := string(c.do(call{method: http.MethodGet, path: "/api/v1/documents/T26-000001.txt"}).body)
	says(t, receipt, "comptoir/test, noyau "+journal.CoreVersion, "Sources "+source[:16])
	closing := string(c.do(call{method: http.MethodGet, path: "/api/v1/documents/Z26-000001.txt"}).body)
	says(t, closing, "comptoir/test, noyau "+journal.CoreVersion)
	if plain := strings.Join(strings.Fields(closing), ""); !strings.Contains(plain, source) {
		t.Errorf("the closing does not name the sources %s:\n%s", source, closing)
	}
	c.ok(call{method: http.MethodPost, path: "/api/v1/archives", role: pos.RoleAccountant, body: `{"period": "2026-11"}`})
	taken := c.do(call{method: http.MethodGet, path: "/api/v1/archives/" + novemberArchive, role: pos.RoleAccountant})
	z, err := zip.NewReader(bytes.NewReader(taken.body), int64(len(taken.body)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("LISEZMOI.txt")
	if err != nil {
		t.Fatal(err)
	}
	notice, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	says(t, string(notice), "comptoir/test (noyau fiscal "+journal.CoreVersion+", sources "+source+")")
}
