package web

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/authority"
	"comptoir/data/fault"
	"comptoir/pos"
)

const privilegesFile = "testdata/privileges.txt"

// privileges is who may ask for each address of a listener, as its table says; what the tables say is held against
// what is answered by TestEachCallIsForItsRolesOnly, TestPagesAreForTheirRoles and TestAReservedDeviceOpensItsScreenAlone.
func privileges(rows []route) string {
	var lines []string
	mark := func(may bool) string {
		if may {
			return "x"
		}
		return "."
	}
	for _, r := range rows {
		cells := []string{mark(r.roles == nil)}
		for _, role := range []pos.Role{pos.RoleBarista, pos.RoleManager, pos.RoleAccountant} {
			cells = append(cells, mark(r.roles == nil || slices.Contains(r.roles, role)))
		}
		for _, screen := range []pos.Scope{pos.ScopeDisplay, pos.ScopeKitchen} {
			cells = append(cells, mark(r.roles == nil || onScreen(screen, r.path)))
		}
		lines = append(lines, fmt.Sprintf("%s  %-6s %s", strings.Join(cells, " "), r.method, r.path))
	}
	slices.SortFunc(lines, func(a, b string) int { return strings.Compare(a[19:]+a, b[19:]+b) })
	return strings.Join(lines, "\n") + "\n"
}

// TestPrivilegesAreWrittenDown: a new address, or another right to one, shows in a file that people read.
func TestPrivilegesAreWrittenDown(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	got := "Who may ask for what: nobody signed in, barista, manager, accountant, a customer display, a kitchen screen.\n" +
		"Written by: PRIVILEGES=write go test ./cmd/comptoir/internal/web -run TestPrivilegesAreWrittenDown\n\n" +
		"STAFF, over HTTP and over TLS\n? B M A D K\n" + privileges(c.web.staffRoutes()) +
		"\nPUBLIC, where nobody is ever signed in\n? B M A D K\n" + privileges(c.web.publicRoutes())
	if os.Getenv("PRIVILEGES") == "write" {
		if err := os.WriteFile(filepath.FromSlash(privilegesFile), []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(filepath.FromSlash(privilegesFile))
	if err != nil {
		t.Fatal(err)
	}
	if string(kept) == got {
		return
	}
	old := strings.Split(string(kept), "\n")
	for line := range strings.SplitSeq(got, "\n") {
		if !slices.Contains(old, line) {
			t.Errorf("not in %s: %s", privilegesFile, line)
		}
	}
	t.Errorf("%s is not what the routes say: look at each line above, then write it with PRIVILEGES=write", privilegesFile)
}

// TestNothingIsServedOutsideTheTables: what a listener answers to is a row with a rule, and nothing else.
func TestNothingIsServedOutsideTheTables(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	secured := newSecured(t, c)
	for name, l := range map[string]struct {
		app  *fiber.App
		rows []route
	}{
		"staff": {c.web.staff, c.web.staffRoutes()}, "public": {c.web.public, c.web.publicRoutes()}, "TLS": {secured.secure.app, secured.staffRoutes()},
	} {
		var served, named []string
		for _, r := range l.app.GetRoutes(true) {
			served = append(served, r.Method+" "+r.Path)
		}
		for _, r := range l.rows {
			named = append(named, r.method+" "+r.path)
			if r.roles != nil && len(r.roles) == 0 {
				t.Errorf("%s %s is for nobody", r.method, r.path)
			}
		}
		slices.Sort(served)
		slices.Sort(named)
		if !slices.Equal(served, named) || len(slices.Compact(slices.Clone(named))) != len(named) {
			t.Errorf("%s serves %d addresses and has %d rows:\n%v\n%v", name, len(served), len(named), served, named)
		}
	}
	for _, r := range c.web.publicRoutes() {
		if r.roles != nil {
			t.Errorf("%s %s asks on the public listener who is there", r.method, r.path)
		}
	}
}

// newSecured is the same till behind a third entrance.
func newSecured(t *testing.T, c *cafe) *Server {
	t.Helper()
	config := Config{Till: c.till, PublicURL: publicURL}
	for _, l := range []*net.Listener{&config.Staff, &config.Public, &config.Network.Secure} {
		var err error
		if *l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = (*l).Close() })
	}
	var err error
	if config.Network.Authority, err = authority.Open(t.TempDir(), "test", time.Now); err != nil {
		t.Fatal(err)
	}
	s, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestAHeldTillOpensNothing: every address of every listener answers the one page, but for two forms of the staff.
func TestAHeldTillOpensNothing(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	config := StoppedConfig{Cafe: c.till.Identity(), Reason: fault.New(fault.Conflict, "journal.rollback", "The file is old."), PublicURL: publicURL}
	for _, l := range []*net.Listener{&config.Staff, &config.Public} {
		var err error
		if *l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = (*l).Close() })
	}
	u, err := NewStopped(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, app := range []*fiber.App{u.staff, u.public} {
		for _, r := range slices.Concat(c.web.staffRoutes(), c.web.publicRoutes(), []route{{http.MethodPost, resumePath, nil, nil}, {http.MethodPost, againPath, nil, nil}}) {
			if r.path == staticPath || app == u.staff && r.path == againPath {
				continue
			}
			res, err := app.Test(c.request(call{method: r.method, path: r.path, role: pos.RoleManager}), -1)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != http.StatusServiceUnavailable && res.StatusCode != http.StatusNotFound {
				t.Errorf("%s %s of a held till: %d", r.method, r.path, res.StatusCode)
			}
		}
	}
}
