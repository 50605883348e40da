package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/pos"
)

func TestWhereCopiesGoIsSetUpOnAPageThatShowsNoSecret(t *testing.T) {
	c := openCafe(t)
	kept, state := replica.Settings{Nightly: true}, replica.State{}
	c.web.copies = &Copies{
		State:    func() replica.State { return state },
		Settings: func() (replica.Settings, error) { return kept, nil },
		Use:      func(_ context.Context, s replica.Settings) error { kept = s; return nil },
	}
	says(t, c.page(pos.RoleManager, backupPath), "Aucune copie")
	refused := c.form(pos.RoleManager, backupPath, url.Values{"command": {"copies 0"}, "target": {"nulle part"}})
	if refused.status != http.StatusUnprocessableEntity {
		t.Errorf("a place that is none: got %d, want 422", refused.status)
	}
	says(t, string(refused.body), "nulle part") // what was typed is there still
	saved := c.form(pos.RoleManager, backupPath, url.Values{"command": {"copies 1"}, "target": {"s3://bucket/bar"}, "access_key": {"AKEY"}, "secret": {"SECRET"}, "wait": {"1"}})
	if saved.status != http.StatusSeeOther || kept.Secret != "SECRET" || !kept.Wait || kept.Nightly {
		t.Fatalf("got %d and %+v", saved.status, kept)
	}
	if again := c.form(pos.RoleManager, backupPath, url.Values{"command": {"copies 2"}, "target": {"s3://bucket/bar"}}); again.status != http.StatusSeeOther || kept.Secret != "SECRET" {
		t.Errorf("a secret that is not typed again: got %d and %+v, want it kept", again.status, kept)
	}
	state = replica.State{Target: kept.Target, Code: "copy.unreachable", Behind: 3 * time.Minute}
	page := c.page(pos.RoleManager, backupPath)
	says(t, page, "injoignable", "s3://bucket/bar")
	for _, secret := range []string{"AKEY", "SECRET"} {
		if strings.Contains(page, secret) {
			t.Errorf("the page shows %s", secret)
		}
	}
	if moved := c.form(pos.RoleManager, backupPath, url.Values{"command": {"copies 3"}, "target": {"s3://other/bar"}}); moved.status != http.StatusSeeOther || kept.Secret != "" {
		t.Errorf("another place: got %d and %+v, want the old secret gone", moved.status, kept)
	}
	if a := c.do(call{method: http.MethodGet, path: backupPath, role: pos.RoleBarista}); a.status != http.StatusForbidden {
		t.Errorf("a barista got %d, want 403", a.status)
	}
}

func TestAPlaceIsTriedBeforeItIsUsed(t *testing.T) {
	c := openCafe(t)
	c.web.copies = &Copies{
		State:    func() replica.State { return replica.State{} },
		Settings: func() (replica.Settings, error) { return replica.Settings{}, nil },
		Use:      func(context.Context, replica.Settings) error { t.Error("it was set up"); return nil },
	}
	place := t.TempDir()
	if a := c.form(pos.RoleManager, backupPath+"/test", url.Values{"target": {place}}); a.status != http.StatusSeeOther {
		t.Fatalf("got %d", a.status)
	}
	says(t, c.page(pos.RoleManager, backupPath+"?done=place_tried"), place, "répond")
	if a := c.form(pos.RoleManager, backupPath+"/test", url.Values{"target": {place + "/absent"}}); a.status != http.StatusSeeOther {
		t.Fatalf("got %d", a.status)
	}
	page := c.page(pos.RoleManager, backupPath+"?done=place_tried")
	says(t, page, "Ce dossier n’existe pas")
	if strings.Contains(page, "message good") {
		t.Error("a place that does not work is told in green")
	}
}

// The code that opens the sealed keys is on the page that drew it, and on none after; a backup begins by one button.
func TestARecoveryCodeIsShownOnceAndABackupIsAskedFor(t *testing.T) {
	c := openCafe(t)
	const drawn = "AAAA BBBB CCCC DDDD EEEE FFFF"
	begun, sealed := 0, false
	c.web.copies = &Copies{
		State:    func() replica.State { return replica.State{} },
		Settings: func() (replica.Settings, error) { return replica.Settings{}, nil },
		Use:      func(context.Context, replica.Settings) error { return nil },
		BackUp:   func(context.Context, pos.By) error { begun++; return nil },
		Code:     func(context.Context) (string, error) { sealed = true; return drawn, nil },
		HasCode:  func() bool { return sealed },
	}
	shown := c.form(pos.RoleManager, backupPath+"/code", url.Values{"command": {"code 1"}})
	if shown.status != http.StatusOK {
		t.Errorf("drawing a code: got %d, want 200", shown.status)
	}
	says(t, string(shown.body), drawn)
	if page := c.page(pos.RoleManager, backupPath); strings.Contains(page, drawn) || !strings.Contains(page, "Un code existe") {
		t.Error("the page shows the code again, or does not say that there is one")
	}
	if a := c.form(pos.RoleManager, backupPath+"/now", url.Values{"command": {"now 1"}}); a.status != http.StatusSeeOther || begun != 1 {
		t.Errorf("a backup asked for: got %d, begun %d times", a.status, begun)
	}
	if a := c.form(pos.RoleBarista, backupPath+"/code", url.Values{"command": {"code 2"}}); a.status != http.StatusForbidden {
		t.Errorf("a barista got %d, want 403", a.status)
	}
}
