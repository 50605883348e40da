package web

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/health"
	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data"
	"comptoir/pos"
)

// The page tells every matter with what to do, the worst first; a source that has no words yet is told by its code.
func TestTheHealthPageTellsEveryMatterAndTheWorstFirst(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	page := string(c.do(call{method: http.MethodGet, path: healthPagePath, role: pos.RoleManager}).body)
	says(t, page, "Quelque chose est à voir", "aucune sauvegarde", "Imprimantes", "Horloge", "comptoir/test")
	c.web.sources = append(c.web.sources, func(context.Context) []health.Finding {
		return []health.Finding{
			{Matter: health.Printers, State: health.Grave, Code: "blocked", Args: map[string]any{"which": "bar"}},
			{Matter: health.Disk, State: health.Look, Code: "of_tomorrow", Args: map[string]any{"free": health.Bytes(412_000_000), "for": 3 * time.Minute}},
		}
	})
	page = string(c.do(call{method: http.MethodGet, path: healthPagePath, role: pos.RoleManager}).body)
	says(t, page, "Quelque chose demande quelqu’un maintenant", "Rien ne sort de\u00a0: bar", "of_tomorrow", "Regardez papier")
	day := string(c.do(call{method: http.MethodGet, path: managePath, role: pos.RoleManager}).body)
	says(t, day, "Espace sur le disque, Imprimantes", `href="`+healthPagePath+`"`)
	for _, role := range []pos.Role{pos.RoleBarista, pos.RoleAccountant} {
		if a := c.do(call{method: http.MethodGet, path: healthPagePath, role: role}); a.status != http.StatusForbidden {
			t.Errorf("%s: %d", role, a.status)
		}
	}
}

func TestSizesAndTimesAreWrittenForAPerson(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	l := c.web.catalogue.Choose("fr", "")
	b := base{Language: l}
	for _, x := range []struct{ got, want string }{
		{b.Size(0), "0\u00a0o"}, {b.Size(999), "999\u00a0o"}, {b.Size(1536), "1,5\u00a0ko"}, {b.Size(512_000_000), "512\u00a0Mo"}, {b.Size(5e13), "50\u00a0To"},
		{b.Span(400 * time.Microsecond), "0,4\u00a0ms"}, {b.Span(41 * time.Millisecond), "41\u00a0ms"}, {b.Span(90 * time.Second), "90\u00a0s"},
		{b.Span(3 * time.Minute), "3\u00a0min"}, {b.Span(26 * time.Hour), "26\u00a0h"}, {b.Span(80 * time.Hour), "3\u00a0j"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
}

// The copy in a second place is told as it stands, to people and to Prometheus; a code never stands alone.
func TestHowTheCopyIsIsToldOnThePageOfHealth(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	for _, x := range []struct {
		state replica.State
		says  string
		is    health.State
	}{
		{replica.State{}, "Choisissez un second endroit", health.Look},
		{replica.State{Target: "/media/caisse"}, "Elle est à jour", health.Good},
		{replica.State{Target: "/srv/copie", SameDisk: true}, "sur le disque de la caisse", health.Look},
		{replica.State{Target: "/media/caisse", Behind: time.Minute}, "En retard de 60\u00a0s", health.Look},
		{replica.State{Target: "/media/caisse", Code: "copy.begun"}, "La première copie est en cours", health.Look},
		{replica.State{Target: "/media/caisse", Code: "copy.unreachable", Behind: time.Hour}, "Le second endroit est injoignable", health.Look},
		{replica.State{Target: "/media/caisse", Code: "copy.unreachable", Behind: 30 * time.Hour}, "En retard de 30\u00a0h", health.Grave},
	} {
		c.web.copies = &Copies{State: func() replica.State { return x.state }}
		says(t, c.page(pos.RoleManager, healthPagePath), x.says)
		if f := c.web.copyHealth(); f.State != x.is || f.Args["behind"] != x.state.Behind {
			t.Errorf("%+v: got %+v, want %s", x.state, f, x.is)
		}
	}
}

// Copies without a recovery code bring the keys back on no other machine: somebody should look at it, but where nothing is copied.
func TestACafeWithCopiesAndNoRecoveryCodeIsTold(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	for _, x := range []struct {
		plan replica.Settings
		code bool
		is   health.State // empty: nothing is told
	}{
		{replica.Settings{}, false, ""},
		{replica.Settings{Target: "/media/caisse"}, false, health.Look},
		{replica.Settings{Stick: "/media/cle"}, false, health.Look},
		{replica.Settings{Stick: "/media/cle"}, true, health.Good},
	} {
		c.web.copies = &Copies{State: func() replica.State { return replica.State{Target: x.plan.Target} }, Settings: func() (replica.Settings, error) { return x.plan, nil },
			HasCode: func() bool { return x.code }}
		told := c.web.codeHealth()
		if len(told) == 0 != (x.is == "") || len(told) > 0 && told[0].State != x.is {
			t.Errorf("%+v, code %t: %+v", x.plan, x.code, told)
		}
		if page := c.page(pos.RoleManager, healthPagePath); strings.Contains(page, "les clés de la caisse ne reviendraient pas") != (x.is == health.Look) {
			t.Errorf("%+v, code %t:\n%s", x.plan, x.code, page)
		}
	}
}

// A disk that is nearly full is told to whoever sells, before it ends the selling; earlier only on the page of the day.
func TestADiskThatFillsUpIsToldBeforeItIsFull(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	const banner = `class="sick short`
	for _, x := range []struct {
		free      int64
		till, day string // what they say; empty: nothing
	}{
		{1 << 30, "", ""},
		{412_000_000, "", "Il reste 412\u00a0Mo"},
		{90_000_000, "Il ne reste que 90\u00a0Mo", "Il ne reste que 90\u00a0Mo"},
	} {
		c.web.room = func(string) (data.Space, error) { return data.Space{Free: x.free, Total: 1 << 40}, nil }
		till, day := c.page(pos.RoleBarista, "/"), c.page(pos.RoleManager, managePath)
		says(t, till, x.till)
		says(t, day, x.day)
		if got := strings.Contains(till, banner); got != (x.till != "") {
			t.Errorf("%d bytes free: the till tells it: %t", x.free, got)
		}
		if got := strings.Contains(day, "Disque de la caisse"); got != (x.day != "") {
			t.Errorf("%d bytes free: the day tells it: %t", x.free, got)
		}
		if strings.Contains(c.page(pos.RoleBarista, "/display"), banner) {
			t.Error("it is told to customers")
		}
	}
}

// A backup was read again, and the folder it lies in is on the till's own disk: where a stick is missing there is one of its name.
func TestABackupOnTheTillsOwnDiskIsToldSo(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	backup := func(place string) {
		t.Helper()
		if _, err := c.till.RecordBackup(t.Context(), pos.System("sys"), pos.Backup{What: pos.BackupAsked, Place: place, OK: true}); err != nil {
			t.Fatal(err)
		}
	}
	here := ""
	c.web.copies = &Copies{State: func() replica.State { return replica.State{} }, OnThisDisk: func() string { return here }}
	for _, x := range []struct {
		made, here string
		is         health.State
	}{
		{"/media/stick", "", health.Good},
		{"/media/stick", "/media/stick", health.Look},
		{"sftp://u@host/x", "/media/stick", health.Good},
	} {
		backup(x.made)
		here = x.here
		if f := c.web.backupHealth(t.Context())[0]; f.State != x.is || x.is == health.Look && f.Code != "same_disk" {
			t.Errorf("%+v: told as %+v", x, f)
		}
	}
	backup("/media/stick")
	says(t, c.page(pos.RoleManager, healthPagePath), "à présent sur le disque de la caisse")
}
