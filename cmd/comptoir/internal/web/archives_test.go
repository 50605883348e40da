package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptoir/pos"
	"comptoir/receipts/archive"
)

const novemberArchive = "12345678200010_C1_2026-11.zip"

// closedMonth sells something and closes its month.
func (c *cafe) closedMonth() {
	c.tb.Helper()
	c.post("/sales", `{"mode": "eat_in", "lines": [{"product": "plat", "qty": 1}], "tenders": [{"means": "card", "amount": 1190}]}`)
	c.clock.Set(time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC))
	c.post("/shifts/current/cash", `{"amount": 100, "reason": "monnaie"}`)
}

// conform reads an archive that was downloaded.
func conform(tb testing.TB, a answer) archive.Manifest {
	tb.Helper()
	sum := sha256.Sum256(a.body)
	if a.header.Get(hashHeader) != hex.EncodeToString(sum[:]) || a.header.Get("Content-Type") != "application/zip" {
		tb.Errorf("%d %v", a.status, a.header)
	}
	path := filepath.Join(tb.TempDir(), "x.zip")
	if err := os.WriteFile(path, a.body, 0o600); err != nil {
		tb.Fatal(err)
	}
	m, _, err := archive.Verify(tb.Context(), path)
	if err != nil {
		tb.Error(err)
	}
	return m
}

func TestArchiveCalls(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	c.closedMonth()
	ask := func(role pos.Role, key, path, body string) answer {
		return c.do(call{method: http.MethodPost, path: "/api/v1/archives" + path, role: role, key: key, body: body})
	}
	if list := c.do(call{method: http.MethodGet, path: "/api/v1/archives", role: pos.RoleAccountant}); !strings.Contains(string(list.body), `"due":["2026-11"]`) {
		t.Errorf("%s", list.body)
	}
	first := ask(pos.RoleAccountant, "archive-1", "", `{"period": "2026-11"}`)
	if first.status != http.StatusCreated || !strings.Contains(string(first.body), novemberArchive) {
		t.Fatalf("%d %s", first.status, first.body)
	}
	for _, key := range []string{"archive-1", "archive-2"} {
		if again := ask(pos.RoleAccountant, key, "", `{"period": "2026-11"}`); !bytes.Equal(again.body, first.body) {
			t.Errorf("%s: %s, first %s", key, again.body, first.body)
		}
	}
	if a := ask(pos.RoleAccountant, "archive-1", "", `{"period": "2026"}`); a.status != http.StatusConflict {
		t.Errorf("the same id for something else: %d %s", a.status, a.body)
	}
	m := conform(t, c.do(call{method: http.MethodGet, path: "/api/v1/archives/" + novemberArchive, role: pos.RoleAccountant}))
	if m.Period != "2026-11" {
		t.Errorf("%+v", m)
	}
	if a := ask(pos.RoleAccountant, "copy-1", "/"+novemberArchive+"/copied", `{}`); a.status != http.StatusOK || !strings.Contains(string(a.body), `"copied_by"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if m := conform(t, ask(pos.RoleAccountant, "tax-1", "/inspection", "")); m.Kind != archive.KindAll {
		t.Errorf("%+v", m)
	}
	for body, want := range map[string]string{
		`{"period": "2026-12"}`: "archive.open", `{"period": "2020-01"}`: "archive.period", `{"period": "x"}`: "archive.day", `{}`: "archive.day",
		`{"from": "2026-11-21", "to": "2027-12-01"}`: "archive.long", `{"from": "2026-11-30", "to": "2026-11-21"}`: "archive.range", `{"period": 3}`: "body.field",
	} {
		if a := ask(pos.RoleManager, "", "", body); !strings.Contains(string(a.body), want) || a.status < 400 {
			t.Errorf("%s: %d %s, want %s", body, a.status, a.body, want)
		}
	}
	for _, name := range []string{"x.zip", "..%2f..%2ftill.db"} {
		if a := c.do(call{method: http.MethodGet, path: "/api/v1/archives/" + name, role: pos.RoleManager}); a.status != http.StatusNotFound {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if left, err := filepath.Glob(filepath.Join(c.till.DB().Dir(), "archives", "*.new")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestTheManagerSeesWhatIsArchivedAndConfirmsTheCopy(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	page := c.page(pos.RoleManager, archivesPath)
	if !strings.Contains(page, "Rien n’est encore archivé") {
		t.Error("an empty page says nothing")
	}
	c.closedMonth()
	if page = c.page(pos.RoleAccountant, archivesPath); !strings.Contains(page, `name="period" value="2026-11"`) {
		t.Error("what is due is not shown")
	}
	a := c.form(pos.RoleManager, archivesPath, url.Values{"command": {"make-1"}, "period": {"2026-11"}})
	if a.status != http.StatusSeeOther || !strings.Contains(a.header.Get("Location"), "done=archived_period") {
		t.Fatalf("%d %s", a.status, a.body)
	}
	page = c.page(pos.RoleManager, a.header.Get("Location"))
	for _, want := range []string{"novembre 2026", novemberArchive, "1 archive attend sa copie", "du 21 novembre au lundi 30 novembre"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if today := c.page(pos.RoleManager, managePath); !strings.Contains(today, "1 archive attend sa copie hors de la caisse") || !strings.Contains(today, `href="`+archivesPath) {
		t.Error("the day does not remind of the copy")
	}
	if a := c.form(pos.RoleManager, archivesPath+"/"+novemberArchive+"/copied", url.Values{"command": {"copy-1"}}); a.status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.status, a.body)
	}
	if page = c.page(pos.RoleManager, archivesPath); !strings.Contains(page, "Copie hors de la caisse confirmée par") || strings.Contains(page, "attend sa copie") {
		t.Error("the confirmation is not shown")
	}
	conform(t, c.do(call{method: http.MethodGet, path: archivesPath + "/" + novemberArchive, role: pos.RoleManager}))
	if err := os.Remove(filepath.Join(c.till.DB().Dir(), "archives", novemberArchive)); err != nil {
		t.Fatal(err)
	}
	if page = c.page(pos.RoleManager, archivesPath); !strings.Contains(page, "Le fichier n’est plus là") {
		t.Error("that the file is gone is not shown")
	}
	a = c.form(pos.RoleManager, archivesPath, url.Values{"command": {"bad-1"}, "from": {"2026-11-30"}, "to": {"2026-11-21"}})
	if page := string(a.body); a.status != http.StatusUnprocessableEntity || !strings.Contains(page, "Le premier jour est après le dernier") || !strings.Contains(page, `value="2026-11-30"`) {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := c.form(pos.RoleManager, archivesPath, url.Values{"command": {"make-2"}, "period": {"2026-11"}}); a.status != http.StatusSeeOther {
		t.Errorf("made again: %d %s", a.status, a.body)
	}
}
