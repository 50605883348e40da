package main

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// filesBelow lists the files of a folder by their path in it.
func filesBelow(t *testing.T, root string) []string {
	t.Helper()
	all := []string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, path)
		all = append(all, "/"+rel)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestInstallWritesOnceAndUninstallTakesItBack(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	args := []string{"install", "--root", root, "--kiosk", "--https", "0.0.0.0:9443"}
	must(t, args...)
	want := []string{"/etc/avahi/services/comptoir.service", "/etc/default/comptoir", "/etc/pam.d/comptoir-kiosk", "/etc/systemd/system/comptoir-kiosk.service",
		"/etc/systemd/system/comptoir.service", "/etc/udev/rules.d/70-comptoir.rules", "/usr/local/bin/comptoir"}
	if diff := cmp.Diff(want, filesBelow(t, root)); diff != "" {
		t.Errorf("what was written (-want +got):\n%s", diff)
	}
	for path, says := range map[string]string{
		"/etc/default/comptoir":                      "\nCOMPTOIR_HTTPS=0.0.0.0:9443\n",
		"/etc/avahi/services/comptoir.service":       "<port>9443</port>",
		"/etc/systemd/system/comptoir.service":       "\nExecStart=/usr/local/bin/comptoir serve --data /var/lib/comptoir\n",
		"/etc/systemd/system/comptoir-kiosk.service": " --app=http://127.0.0.1:8080/ ",
	} {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil || !strings.Contains(string(text), says) {
			t.Errorf("%s does not say %q: %v\n%s", path, says, err, text)
		}
	}
	if again := must(t, args...); strings.Count(again, "as it is: ") != 6 || strings.Count(again, "wrote") != 1 { // the program is always the newest
		t.Errorf("a second time:\n%s", again)
	}
	if out := must(t, "uninstall", "--root", root); strings.Count(out, "removed ") != len(want) {
		t.Errorf("taken back:\n%s", out)
	}
	if left := filesBelow(t, root); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	must(t, "uninstall", "--root", root)
}

func TestWhatSomebodyChangedStaysTheirs(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	mine := filepath.Join(root, "etc/default/comptoir")
	avahi := filepath.Join(root, "etc/avahi/services/comptoir.service")
	must(t, "install", "--root", root)
	for _, path := range []string{mine, avahi} {
		text, err := os.ReadFile(path)
		if err != nil || !isAsWritten(text) {
			t.Fatalf("%s is not told as ours: %v\n%s", path, err, text)
		}
		if err := os.WriteFile(path, bytes.Replace(text, []byte("8081"), []byte("9081"), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, words := comptoir(t, "install", "--root", root)
	if code != exitOK || strings.Count(out, "left as it is: ") != 2 || !strings.Contains(words, mine) {
		t.Errorf("got exit %d\n%s%s", code, out, words)
	}
	must(t, "uninstall", "--root", root)
	if left := filesBelow(t, root); !slices.Equal(left, []string{"/etc/avahi/services/comptoir.service", "/etc/default/comptoir"}) {
		t.Errorf("left: %v, want what was changed", left)
	}
}

func TestUninstallLeavesTheData(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	must(t, "install", "--root", root)
	data := filepath.Join(root, statePath, liveFolder, databaseFile)
	if err := os.MkdirAll(filepath.Dir(data), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(data, []byte("six years"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, words := comptoir(t, "uninstall", "--root", root)
	if code != exitOK || !strings.Contains(words, filepath.Join(root, statePath)) {
		t.Errorf("it does not say where the data are: %d %s", code, words)
	}
	if _, err := os.Stat(data); err != nil {
		t.Error(err)
	}
}

func TestInstallSaysWhatItWouldDoAndDoesNothing(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	out := must(t, "install", "--root", root, "--dry-run", "--data", "/srv/till")
	if !strings.Contains(out, "\nReadWritePaths=/srv/till\n") || strings.Contains(out, "\nStateDirectory=") {
		t.Errorf("data elsewhere than in /var/lib:\n%s", out)
	}
	if left := filesBelow(t, root); len(left) != 0 {
		t.Errorf("it wrote %v", left)
	}
}

// TestNoFolderThatIsAwayStopsTheService: where a path of a unit is missing the service is not even begun, and nothing says why on a
// screen. Only the café's own folder has to be there. What is mounted for a second copy may be written.
func TestNoFolderThatIsAwayStopsTheService(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(installed, "install/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v (%v)", files, err)
	}
	named := regexp.MustCompile(`(?:ReadWritePaths|ReadOnlyPaths|InaccessiblePaths|ExecPaths|BindPaths|BindReadOnlyPaths|EnvironmentFile)=(.*)`)
	var all []string
	for _, file := range files {
		text, err := fs.ReadFile(installed, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			for path := range strings.FieldsSeq(m[1]) {
				if all = append(all, path); path[0] != '-' && path != "{{.Data}}" {
					t.Errorf("%s: %s stops the service when it is not there", file, m[0])
				}
			}
		}
	}
	for _, media := range []string{"-/media", "-/mnt", "-/run/media"} { // a stick that is mounted at boot
		if !slices.Contains(all, media) {
			t.Errorf("the service may not write to %s: %v", media, all)
		}
	}
}

func TestInstallRefusesWhatItCannotDo(t *testing.T) {
	t.Parallel()
	var words bytes.Buffer
	m := newMachine(&env{stdout: &words, stderr: &words}, "", false)
	m.euid = 1000
	c := installCmd{User: "caisse"}
	if err := c.install(t.Context(), m); !errors.Is(err, errNotRoot) {
		t.Errorf("as somebody else than root: got %v", err)
	}
	if err := (&uninstallCmd{}).uninstall(t.Context(), m); !errors.Is(err, errNotRoot) {
		t.Errorf("uninstall as somebody else than root: got %v", err)
	}
	for _, args := range [][]string{{"--user", "root"}, {"--user", "Caisse du café"}, {"--user", ""}, {"--https", "8443"}, {"--https", "0.0.0.0:0"}, {"--data", "/srv/my till"}, {"--data", "/srv/%h"}, {"--public-url", "http://x\nEXTRA=1"}} {
		code, out, words := comptoir(t, slices.Concat([]string{"install", "--root", t.TempDir(), "--dry-run"}, args)...)
		if code != exitFailed || !strings.Contains(words, "comptoir: ") && words == "" || strings.Contains(out, "[Service]") {
			t.Errorf("%v: got exit %d\n%s%s", args, code, out, words)
		}
	}
	root := t.TempDir()
	must(t, "install", "--root", root, "--package")
	if code, _, words := comptoir(t, "install", "--root", root); code != exitFailed || !strings.Contains(words, "systemctl enable --now comptoir-kiosk") {
		t.Errorf("beside the package: got exit %d, %s", code, words)
	}
}

func TestInstallMakesUsersAndStartsTheService(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for path, text := range map[string]string{"etc/passwd": "root:x:0:0:root:/root:/bin/sh\ncaisse-kiosk:x:998:998::/:/usr/sbin/nologin\n", systemdRuns + "/x": ""} {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	m := newMachine(&env{stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}, root, false)
	var ran []string
	m.do = recordTo(&ran)
	c := installCmd{User: "caisse", Kiosk: true}
	chosen, err := c.chosen(statePath, programPath)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.setUp(t.Context(), chosen, true); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"useradd --system --user-group --groups lp,dialout --home-dir /var/lib/comptoir --no-create-home --shell /usr/sbin/nologin caisse",
		"install -d -m 0700 -o caisse -g caisse /var/lib/comptoir",
		"systemctl daemon-reload", "udevadm control --reload", "udevadm trigger --subsystem-match=usbmisc --subsystem-match=tty",
		"systemctl enable --now comptoir.service", "systemctl restart comptoir.service", "systemctl enable comptoir-kiosk.service",
	}
	if diff := cmp.Diff(want, ran); diff != "" {
		t.Errorf("what was run (-want +got):\n%s", diff)
	}
}

// toolOrSkip returns a tool of Debian's, which CI has to have.
func toolOrSkip(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing", name)
		}
		t.Skipf("%s is missing", name)
	}
	return path
}

// TestTheUnitsAreWhatSystemdTakes: verify knows every setting and every value; security adds up what the sandbox leaves open, from
// 0 to 10 ("exposure"). A service without any scores 9.6.
func TestTheUnitsAreWhatSystemdTakes(t *testing.T) {
	t.Parallel()
	analyze := toolOrSkip(t, "systemd-analyze")
	root := t.TempDir()
	must(t, "install", "--root", root, "--kiosk", "--user", "daemon")
	units := filepath.Join(root, "etc/systemd/system")
	service := filepath.Join(units, "comptoir.service")
	text, err := os.ReadFile(service)
	if err != nil {
		t.Fatal(err)
	}
	// verify looks whether the program is there: on this machine it lies below the root.
	text = bytes.ReplaceAll(text, []byte(programPath), []byte(filepath.Join(root, programPath)))
	if err := os.WriteFile(service, text, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", "--recursive-errors=no", service).CombinedOutput()
	if err != nil || strings.Contains(string(out), service) {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	kiosk := filepath.Join(units, "comptoir-kiosk.service")
	out, _ = exec.CommandContext(t.Context(), analyze, "verify", "--man=no", "--recursive-errors=no", kiosk).CombinedOutput()
	for line := range strings.SplitSeq(string(out), "\n") {
		if strings.Contains(line, kiosk) || strings.Contains(line, "comptoir-kiosk.service:") && !strings.Contains(line, "not executable") { // cage is not here
			t.Errorf("systemd-analyze verify: %s", line)
		}
	}
	const mostExposed = "25" // tenths
	out, err = exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--threshold="+mostExposed, "--no-pager", service).CombinedOutput()
	if err != nil {
		t.Errorf("systemd-analyze security: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	t.Log(lines[len(lines)-1])
}

// recordTo notes what would be run.
func recordTo(ran *[]string) func(context.Context, string, ...string) error {
	return func(_ context.Context, name string, args ...string) error {
		*ran = append(*ran, strings.Join(append([]string{name}, args...), " "))
		return nil
	}
}
