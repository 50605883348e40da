package web

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

// TestGuessingFromTheNetworkLocksNobodyOutOfTheTill: wrong PINs of a device that nobody has signed in at keep neither the till nor
// a known tablet waiting, and take longer and longer: a quarter of an hour each.
func TestGuessingFromTheNetworkLocksNobodyOutOfTheTill(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	at := func(place pos.Door, pin string) error {
		_, err := c.till.SignInAt(t.Context(), place, "Marie", pin)
		return err
	}
	const tablet = pos.Door("192.168.1.20")
	for range 12 {
		if err := at(pos.DoorUnknown, "0000"); err == nil {
			t.Fatal("a wrong PIN is taken")
		}
		c.clock.Advance(16 * time.Minute)
	}
	if err := at(pos.DoorUnknown, "0000"); !strings.Contains(fmt.Sprint(err), "pin.wrong") && err == nil {
		t.Fatal(err)
	}
	c.clock.Advance(14 * time.Minute)
	if err := at(pos.DoorUnknown, managerPIN); err == nil {
		t.Error("after thirteen wrong ones the right one is taken within a quarter of an hour")
	}
	for _, place := range []pos.Door{pos.DoorTill, tablet} {
		if err := at(place, managerPIN); err != nil {
			t.Errorf("at %q: %v", place, err)
		}
	}
	if err := at(tablet, "0000"); err == nil {
		t.Error("a wrong PIN is taken at a known tablet")
	}
	if err := at(pos.DoorTill, managerPIN); err != nil {
		t.Errorf("the till waits for the tablet: %v", err)
	}
}

// TestADeviceIsKnownFromTheFirstRightPIN: until then it waits with all strangers, from then on alone.
func TestADeviceIsKnownFromTheFirstRightPIN(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	app := fiber.New()
	var before, after pos.Door
	app.Get("/", func(f *fiber.Ctx) error {
		before = c.web.places.of(f)
		c.web.places.learn(f)
		after = c.web.places.of(f)
		return nil
	})
	res, err := app.Test(c.request(call{method: http.MethodGet, path: "/"}))
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if before != pos.DoorUnknown || after == pos.DoorUnknown || after == pos.DoorTill {
		t.Errorf("known as %q before and as %q after", before, after)
	}
}

// TestASignInNeverKeepsTheSessionItWasGiven: a cookie planted before signing in opens nothing after (session fixation), and the
// session before ends.
func TestASignInNeverKeepsTheSessionItWasGiven(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	victim := c.browser()
	victim.cookies[sessionCookie] = "planted-by-somebody"
	victim.signedIn("Marie")
	first := victim.cookies[sessionCookie]
	if first == "" || first == "planted-by-somebody" {
		t.Fatalf("signed in under %q", first)
	}
	thief := c.browser()
	thief.cookies[sessionCookie] = "planted-by-somebody"
	if a := thief.ask(http.MethodGet, "/", nil); a.status != http.StatusSeeOther {
		t.Errorf("the planted cookie: %d", a.status)
	}
	victim.signedIn("Marie")
	thief.cookies[sessionCookie] = first
	if a := thief.ask(http.MethodGet, "/", nil); a.status != http.StatusSeeOther {
		t.Errorf("the session before the last signing in: %d", a.status)
	}
	for _, where := range []string{"/?" + sessionCookie + "=", "/?session=", "/?token="} {
		if a := c.do(call{method: http.MethodGet, path: where + victim.cookies[sessionCookie], nobody: true}); a.status != http.StatusSeeOther {
			t.Errorf("a session in an address (%s): %d", where, a.status)
		}
	}
}

// TestASessionOfTheStaffIsNothingOnThePublicListener: cookies ignore ports.
func TestASessionOfTheStaffIsNothingOnThePublicListener(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	who := c.browser().signedIn("Marie")
	cookie := sessionCookie + "=" + who.cookies[sessionCookie]
	for _, r := range c.web.staffRoutes() {
		if publicHas(c.web, r) {
			continue
		}
		for name, header := range map[string]map[string]string{"a session": {"Cookie": cookie}, "a token": {"Authorization": "Bearer " + c.tokens[pos.RoleManager]}} {
			a := c.do(call{method: r.method, path: r.path, nobody: true, public: true, header: header})
			if a.status < 400 {
				t.Errorf("%s %s with %s on the public listener: %d", r.method, r.path, name, a.status)
			}
		}
	}
}

func publicHas(s *Server, r route) bool {
	for _, p := range s.publicRoutes() {
		if p.method == r.method && p.path == r.path {
			return true
		}
	}
	return false
}

// TestNoPathLeadsOutOfItsFolder: names of files in addresses are looked up, never opened.
func TestNoPathLeadsOutOfItsFolder(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	for _, folder := range []string{"/static/x/", "/manage/archives/", "/api/v1/archives/", "/manage/exports/", "/api/v1/exports/", "/manage/manuals/", "/statement/", "/api/v1/documents/", "/till/sheet/", "/C/", "/R/", "/manage/printers/"} {
		for _, name := range []string{
			"../../go.mod", "..%2f..%2fgo.mod", "%2e%2e/%2e%2e/till.db", "..%5c..%5ctill.db", "/etc/passwd", "%2fetc%2fpasswd", "till.db%00.zip", "....//till.db",
			url.PathEscape(filepath.Join(t.TempDir(), "x")), "keys/k1.pem", "..%252f..%252ftill.db",
		} {
			for _, public := range []bool{false, true} {
				a := c.do(call{method: http.MethodGet, path: folder + name, role: pos.RoleManager, public: public})
				if a.status == http.StatusOK || a.status >= http.StatusInternalServerError || bytes.Contains(a.body, []byte("SQLite format")) || bytes.Contains(a.body, []byte("PRIVATE KEY")) || bytes.Contains(a.body, []byte("root:")) {
					t.Errorf("%s%s (public %v): %d", folder, name, public, a.status)
				}
			}
		}
	}
}

// TestAPictureBombIsRefusedByItsHeader: few bytes that would become many pixels are not decoded.
func TestAPictureBombIsRefusedByItsHeader(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	var small bytes.Buffer
	if err := png.Encode(&small, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	bomb := bytes.Clone(small.Bytes())
	copy(bomb[16:24], []byte{0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff}) // 65,535 × 65,535; its sum is wrong too, which the header alone says
	var wide bytes.Buffer
	if err := png.Encode(&wide, image.NewGray(image.Rect(0, 0, maxPhotoSide+1, 1))); err != nil {
		t.Fatal(err)
	}
	for name, picture := range map[string][]byte{"a bomb": bomb, "too wide": wide.Bytes(), "half a picture": small.Bytes()[:40], "no picture": []byte("GIF89a")} {
		c.web.photos = newPhotoReader(c.clock.Now)
		a := c.do(call{method: http.MethodPost, path: photoPath, body: string(picture), header: map[string]string{fiber.HeaderContentType: "image/png"}})
		if a.status != http.StatusUnprocessableEntity && a.status != http.StatusNoContent && a.status != http.StatusSeeOther {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if _, err := c.web.photos.read(t.Context(), picture); err == nil {
			t.Errorf("%s is read", name)
		}
	}
}

// TestEveryRowOfTheThreatsNamesItsTest: a threat without a test that shows it is a hope.
func TestEveryRowOfTheThreatsNamesItsTest(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..", "..")
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	tests := testNames(t, root)
	for _, section := range []struct {
		head string
		name *regexp.Regexp
		rows int
	}{
		{"\n## Threats\n", regexp.MustCompile("`(Test\\w+)`"), 35},
		{"\n### Fuzz\n", regexp.MustCompile("`(Fuzz\\w+)`"), 20},
	} {
		_, rest, found := strings.Cut(string(readme), section.head)
		if !found {
			t.Fatalf("README.md has no section%s", section.head)
		}
		rest, _, _ = strings.Cut(rest, "\n## ")
		rows := 0
		for line := range strings.SplitSeq(rest, "\n") {
			if strings.HasPrefix(line, "### ") && section.head != "\n"+line+"\n" {
				break
			}
			if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| id |") || strings.HasPrefix(line, "| target |") {
				continue
			}
			rows++
			named := section.name.FindAllStringSubmatch(line, -1)
			if len(named) == 0 {
				t.Errorf("no test is named: %s", line)
			}
			for _, n := range named {
				if !tests[n[1]] {
					t.Errorf("%s is named and does not exist: %s", n[1], line)
				}
			}
		}
		if rows < section.rows {
			t.Errorf("%d rows under%s, want %d at least", rows, section.head, section.rows)
		}
	}
}

// testNames are all tests and fuzz targets of the module.
func testNames(t *testing.T, root string) map[string]bool {
	t.Helper()
	names, declared := map[string]bool{}, regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	err := filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(text), -1) {
			names[m[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}
