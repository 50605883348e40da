package web

import (
	"net/http"
	"testing"
)

func TestAManifestNamesTheCafeAndItsIcons(t *testing.T) {
	c := openCafe(t)
	for public, start := range map[bool]string{false: "/", true: ""} {
		a := c.do(call{method: http.MethodGet, path: manifestPath, nobody: true, public: public})
		m := a.json(t)
		if got, _ := m["start_url"].(string); a.status != http.StatusOK || got != start || text(t, m, "name") != "Le Fil" || text(t, m, "display") != "standalone" {
			t.Errorf("public %v: %d %s", public, a.status, a.body)
		}
		for _, n := range []string{"0", "1"} {
			icon := c.do(call{method: http.MethodGet, path: text(t, m, "icons."+n+".src"), nobody: true, public: public})
			if icon.status != http.StatusOK || icon.header.Get("Content-Type") != "image/png" {
				t.Errorf("public %v, icon %s: %d %s", public, n, icon.status, icon.header.Get("Content-Type"))
			}
		}
	}
}
