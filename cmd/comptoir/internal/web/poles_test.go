package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comptoir/pos"
)

// TestAPoleFollowsItsTillAsTheDisplayDoes: the last line and what is due, the change, thanks, the café; what is served from
// the shelf has the words of whatever is offered, and no amount.
func TestAPoleFollowsItsTillAsTheDisplayDoes(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	rows := func() string {
		t.Helper()
		rows, _, err := c.web.poleRows(t.Context(), firstTill)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(strings.ReplaceAll(rows[0]+"|"+rows[1], "\u00a0", " "), "\u202f", " ")
	}
	want := func(want string) {
		t.Helper()
		if got := rows(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	want("Le Fil|Bienvenue")
	id := find(t, c.tapped(c.key(), "", "new", `{"mode":"eat_in"}`), `data-ticket="([^"]+)"`)
	c.tapped(c.key(), id, "add", `{"product":"plat"}`)
	want("Plat         11,90 €|Total        11,90 €")
	c.tapped(c.key(), id, "add", `{"product":"cafe","qty":2}`)
	want("2 Café        4,40 €|Total        16,30 €")
	c.tapped(c.key(), id, "pay", `{"means":"cash","total":1630,"given":2000}`)
	want("Total        16,30 €|Rendu         3,70 €")
	id = find(t, c.tapped(c.key(), "", "new", `{"mode":"eat_in"}`), `data-ticket="([^"]+)"`)
	c.tapped(c.key(), id, "add", `{"product":"cafe"}`)
	c.tapped(c.key(), id, "pay", `{"means":"card","total":220}`)
	want("Total         2,20 €|Merci !")
	c.tapped(c.key(), "", "serve", `{"product":"cafe","mode":"eat_in"}`)
	want("Merci !|")
	c.clock.Advance(thanksShown)
	if got := rows(); got != "Merci !|" && got != "Le Fil|Bienvenue" { // the server's clock is the machine's here
		t.Errorf("got %q", got)
	}
}

func TestAScannerAndAPoleAreSetUpOnOnePage(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	page := c.page(pos.RoleManager, scannerPath)
	says(t, page, "data-trial", testGoods, `href="/manage/network"`)
	send := func(path string, fields url.Values) answer {
		fields.Set("command", c.key())
		return c.form(pos.RoleManager, path, fields)
	}
	if a := send(scannerPath, url.Values{"suffix": {"none"}, "silence": {"9"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `id="silence-wrong"`) {
		t.Errorf("a silence of nine milliseconds: %d", a.status)
	}
	if a := send(scannerPath, url.Values{"suffix": {"none"}, "silence": {"80"}}); a.status != http.StatusSeeOther || !strings.Contains(strings.Join(a.header["Set-Cookie"], " "), "80-none") {
		t.Errorf("saved: %d %v", a.status, a.header)
	}
	pole := url.Values{"name": {"Comptoir"}, "till": {"1"}, "uri": {"tcp://pole"}, "protocol": {"escpos"}, "page": {"16"}}
	if a := send(scannerPath+"/poles", pole); a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `value="tcp://pole"`) {
		t.Errorf("a pole on a network: %d", a.status)
	}
	pole.Set("uri", "serial:///dev/ttyUSB0")
	if a := send(scannerPath+"/poles", pole); a.status != http.StatusSeeOther {
		t.Fatalf("a pole: %d %s", a.status, a.body)
	}
	says(t, c.page(pos.RoleManager, scannerPath), "serial:///dev/ttyUSB0", "Suit la caisse 1")
	if a := send(scannerPath+"/poles/Comptoir/test", url.Values{}); a.status != http.StatusSeeOther {
		t.Errorf("tried: %d", a.status)
	}
	if a := send(scannerPath+"/poles/nobody/remove", url.Values{}); a.status != http.StatusNotFound {
		t.Errorf("nobody's: %d", a.status)
	}
	if a := send(scannerPath+"/poles/Comptoir/remove", url.Values{}); a.status != http.StatusSeeOther {
		t.Errorf("removed: %d", a.status)
	}
}
