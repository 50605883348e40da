package web

import (
	"encoding/json"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/pos"
	"comptoir/receipts/journal"
)

func TestTheManualsAreServedInFrenchWithTheVersionTheyAreOf(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	list := c.page(pos.RoleAccountant, manualsPath)
	for _, name := range manuals() {
		says(t, list, `href="/manuals/`+name+`"`)
		p := c.page(pos.RoleAccountant, manualsPath+"/"+name)
		says(t, p, `<article class="manual" lang="fr">`, "noyau fiscal "+journal.CoreVersion, "data-print")
	}
	says(t, c.page(pos.RoleManager, manualsPath+"/closing"), "4\u00a0h du matin", "1er\u00a0janvier")
	if a := c.do(call{method: http.MethodGet, path: manualsPath + "/none", role: pos.RoleManager}); a.status != http.StatusNotFound {
		t.Errorf("no such manual: %d", a.status)
	}
}

func TestHoursAndDaysInFrench(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{"4\u00a0h": hourFR(4 * time.Hour), "4\u00a0h\u00a030": hourFR(4*time.Hour + 30*time.Minute), "0\u00a0h": hourFR(0),
		"1er\u00a0juillet": dayFR("07-01"), "15\u00a0avril": dayFR("04-15")} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTheManualsNameThingsAsThePagesDo(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../locale/fr.json")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]any
	if err := json.Unmarshal(raw, &words); err != nil {
		t.Fatal(err)
	}
	plain := strings.NewReplacer("’", "'", "\u00a0", " ", "\u202f", " ")
	var shown []string
	for _, sentence := range words {
		if text, ok := sentence.(string); ok {
			shown = append(shown, plain.Replace(text))
		}
	}
	quoted := regexp.MustCompile(`«\s*([^»]*?)\s*»`)
	onPaper := []string{"tardive", "fichier", "SIMULATION — MODE ÉCOLE — FACTICE"} // words of documents and of the journal
	for _, name := range manuals() {
		text, err := templateFiles.ReadFile("templates/pages/manual_" + name + ".html")
		if err != nil {
			t.Fatal(err)
		}
		found := quoted.FindAllStringSubmatch(plain.Replace(string(text)), -1)
		for _, q := range found {
			if !slices.Contains(onPaper, q[1]) && !slices.ContainsFunc(shown, func(s string) bool { return s == q[1] || strings.HasPrefix(s, q[1]+" ") }) {
				t.Errorf("manual %s: no page shows « %s »", name, q[1])
			}
		}
		if len(found) == 0 {
			t.Errorf("manual %s names nothing", name)
		}
	}
}
