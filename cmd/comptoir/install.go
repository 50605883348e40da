package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

type installCmd struct {
	User      string `default:"caisse" help:"System user that the till runs as; made when it is not there." env:"-"`
	Kiosk     bool   `help:"The till on this machine's own screen too: Chromium alone, from the start." env:"-"`
	HTTPS     string `name:"https" help:"Open the till to tablets, over HTTPS, on this address." placeholder:"HOST:PORT" env:"-"`
	PublicURL string `name:"public-url" help:"Address of the public pages as phones see it." placeholder:"URL" env:"-"`
	Root      string `help:"Write below this folder, and do nothing else." placeholder:"DIR" env:"-"`
	DryRun    bool   `name:"dry-run" help:"Print what would be written and done." env:"-"`
	Package   bool   `help:"As a distribution's package has it." hidden:"" env:"-"`
}

// Where the program and its data go on a till.
const (
	programPath = "/usr/local/bin/comptoir"
	statePath   = "/var/lib/comptoir"
)

// machine is what is set up: a folder that stands for its root, and what may be run on it.
type machine struct {
	*env
	root string // "": the machine itself
	dry  bool
	euid int
	do   func(ctx context.Context, name string, args ...string) error
}

func newMachine(e *env, root string, dry bool) *machine {
	return &machine{env: e, root: root, dry: dry, euid: os.Geteuid(), do: func(ctx context.Context, name string, args ...string) error {
		out, err := exec.CommandContext(ctx, name, args...).CombinedOutput() //nolint:gosec // the steps below, which quote nothing of others
		if err != nil {
			return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, firstLine(string(out)))
		}
		return nil
	}}
}

// errNotRoot is told to whoever may not write into /etc.
var errNotRoot = errors.New("this writes into /etc and makes a user, which only root may: sudo comptoir …, or look at what it would do with --dry-run")

// allowed refuses what would fail half-way.
func (m *machine) allowed() error {
	if m.root == "" && !m.dry && m.euid != 0 {
		return errNotRoot
	}
	return nil
}

// at is where a path of the machine lies.
func (m *machine) at(path string) string { return filepath.Join("/", m.root, path) }

// run makes this machine a till: a service, its user, names for its devices, and, with --kiosk, its screen. Done again it changes
// what is to be changed and nothing else; a file that somebody has changed stays theirs.
func (c *installCmd) run(ctx context.Context, e *env) int {
	m := newMachine(e, c.Root, c.DryRun)
	if err := c.install(ctx, m); err != nil {
		return e.fail(err)
	}
	return exitOK
}

func (c *installCmd) install(ctx context.Context, m *machine) error {
	if err := m.allowed(); err != nil {
		return err
	}
	if c.Root != "" {
		var err error
		if m.root, err = filepath.Abs(c.Root); err != nil {
			return fmt.Errorf("--root: %w", err)
		}
	}
	if err := m.packaged(); err != nil && !c.Package {
		return err
	}
	data := statePath
	if m.dataGiven {
		data = m.data
	}
	program, err := c.program()
	if err != nil {
		return err
	}
	chosen, err := c.chosen(data, program.to)
	if err != nil {
		return err
	}
	if !c.Package {
		if err := m.copyProgram(program); err != nil {
			return err
		}
	}
	for _, p := range placesOf(chosen, c.Kiosk || c.Package) {
		text, err := p.text(chosen)
		if err == nil {
			err = m.place(p, text)
		}
		if err != nil {
			return err
		}
	}
	if m.root != "" {
		return nil
	}
	if err := m.setUp(ctx, chosen, c.Kiosk); err != nil {
		return err
	}
	m.hints(chosen, c.Kiosk)
	return nil
}

// packaged refuses on a machine where the distribution's package has done the work.
func (m *machine) packaged() error {
	const unit = "/usr/lib/systemd/system/comptoir.service"
	if _, err := os.Stat(m.at(unit)); err == nil {
		return fmt.Errorf("the package comptoir has set this machine up (%s): choose in /etc/default/comptoir, and for the screen: apt install cage chromium && systemctl enable --now comptoir-kiosk", unit)
	}
	return nil
}

// ofProgram says where the running program lies, and where it belongs.
type ofProgram struct{ from, to string }

func (c *installCmd) program() (ofProgram, error) {
	if c.Package {
		return ofProgram{to: "/usr/bin/comptoir"}, nil
	}
	self, err := os.Executable()
	if err == nil {
		self, err = filepath.EvalSymlinks(self)
	}
	if err != nil {
		return ofProgram{}, fmt.Errorf("where this program lies: %w", err)
	}
	if dir := filepath.Dir(self); dir == "/usr/bin" || dir == filepath.Dir(programPath) {
		return ofProgram{self, self}, nil
	}
	return ofProgram{self, programPath}, nil
}

// copyProgram puts the program where the service starts it, whole or not at all: a running till keeps the one it has.
func (m *machine) copyProgram(p ofProgram) (err error) {
	to := m.at(p.to)
	if to == p.from {
		return nil
	}
	if m.dry {
		m.put("copy %s to %s", p.from, to)
		return nil
	}
	from, err := os.Open(p.from)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // a folder of programs
		return err
	}
	partial, err := os.CreateTemp(filepath.Dir(to), ".comptoir-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(partial, from)
	err = errors.Join(err, partial.Chmod(0o755), partial.Sync(), partial.Close())
	if err == nil {
		err = os.Rename(partial.Name(), to)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("copy the program: %w", err), os.Remove(partial.Name()))
	}
	m.put("wrote %s", to)
	return nil
}

// place writes a file, unless it is there already as it is to be, or is somebody's own by now.
func (m *machine) place(p placed, text []byte) error {
	to := m.at(p.to)
	was, err := os.ReadFile(to)
	switch {
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	case err == nil && bytes.Equal(was, text):
		m.put("as it is: %s", to)
		return nil
	case err == nil && !isAsWritten(was):
		m.put("left as it is: %s", to)
		m.say("%s was written or changed by somebody else: it stays theirs. Move it away to have it written anew.", to)
		return nil
	case m.dry:
		m.put("write %s:\n%s", to, text)
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil { //nolint:gosec // a folder of the system's
		return err
	}
	if err := os.WriteFile(to, text, 0o644); err != nil { //nolint:gosec // everybody may read it: it holds no secret
		return err
	}
	m.put("wrote %s", to)
	return nil
}

// systemdRuns is there while systemd is the init system.
const systemdRuns = "/run/systemd/system"

// setUp makes users and folders, and has the system read what was written.
func (m *machine) setUp(ctx context.Context, c choices, kiosk bool) error {
	users := [][]string{{c.User, c.Data, "lp,dialout"}}
	if kiosk {
		users = append(users, []string{c.Screen, "/var/lib/comptoir-kiosk", "video,audio"})
	}
	for _, u := range users {
		if err := m.addUser(ctx, u[0], u[1], u[2]); err != nil {
			return err
		}
	}
	steps := [][]string{{"install", "-d", "-m", "0700", "-o", c.User, "-g", c.User, c.Data}}
	if _, err := os.Stat(m.at(systemdRuns)); err == nil || m.dry {
		steps = append(steps, []string{"systemctl", "daemon-reload"}, []string{"udevadm", "control", "--reload"}, []string{"udevadm", "trigger", "--subsystem-match=usbmisc", "--subsystem-match=tty"},
			[]string{"systemctl", "enable", "--now", "comptoir.service"}, []string{"systemctl", "restart", "comptoir.service"})
		if kiosk {
			steps = append(steps, []string{"systemctl", "enable", "comptoir-kiosk.service"})
		}
	} else {
		m.say("systemd does not run here: the till starts with the machine's next start, or now with: %s serve --data %s", c.Program, c.Data)
	}
	return m.each(ctx, steps)
}

func (m *machine) addUser(ctx context.Context, name, home, groups string) error {
	passwd, err := os.ReadFile(m.at("/etc/passwd"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if slices.ContainsFunc(strings.Split(string(passwd), "\n"), func(line string) bool { return strings.HasPrefix(line, name+":") }) {
		return nil
	}
	return m.each(ctx, [][]string{{"useradd", "--system", "--user-group", "--groups", groups, "--home-dir", home, "--no-create-home", "--shell", "/usr/sbin/nologin", name}})
}

func (m *machine) each(ctx context.Context, steps [][]string) error {
	for _, s := range steps {
		m.put("run %s", strings.Join(s, " "))
		if m.dry {
			continue
		}
		if err := m.do(ctx, s[0], s[1:]...); err != nil {
			return err
		}
	}
	return nil
}

// hints say what is left for a person to do.
func (m *machine) hints(c choices, kiosk bool) {
	if kiosk {
		for _, part := range []string{"cage", "chromium"} {
			if _, err := os.Stat("/usr/bin/" + part); err != nil {
				m.say("The screen needs %s: apt install %s, then start the machine again.", part, part)
			}
		}
	}
	if name := hostName() + ".local"; name != tillName {
		m.say("Tablets find this machine as %s. For %s: hostnamectl set-hostname till", name, tillName)
	}
	m.say("Choices: /etc/default/comptoir. Data: %s. What is wrong, and how to mend it: comptoir doctor --devices --data %s", c.Data, c.Data)
}

type uninstallCmd struct {
	Root   string `help:"What was written below this folder." placeholder:"DIR" env:"-"`
	DryRun bool   `name:"dry-run" help:"Print what would be removed." env:"-"`
}

// run takes back what comptoir install wrote, and nothing else: data, users and files that somebody has changed stay.
func (c *uninstallCmd) run(ctx context.Context, e *env) int {
	m := newMachine(e, c.Root, c.DryRun)
	if err := c.uninstall(ctx, m); err != nil {
		return e.fail(err)
	}
	return exitOK
}

func (c *uninstallCmd) uninstall(ctx context.Context, m *machine) error {
	if err := m.allowed(); err != nil {
		return err
	}
	if err := m.packaged(); err != nil {
		return errors.New("the package comptoir has set this machine up: apt remove comptoir")
	}
	_, systemd := os.Stat(systemdRuns)
	if m.root == "" && (systemd == nil || m.dry) {
		for _, unit := range []string{"comptoir-kiosk.service", "comptoir.service"} {
			if _, err := os.Stat("/etc/systemd/system/" + unit); err != nil {
				continue
			}
			if err := m.each(ctx, [][]string{{"systemctl", "disable", "--now", unit}}); err != nil {
				return err
			}
		}
	}
	for _, p := range placesOf(choices{}, true) {
		if err := m.takeBack(p.to); err != nil {
			return err
		}
	}
	if err := m.takeProgramBack(); err != nil {
		return err
	}
	if m.root == "" && (systemd == nil || m.dry) {
		if err := m.each(ctx, [][]string{{"systemctl", "daemon-reload"}, {"udevadm", "control", "--reload"}}); err != nil {
			return err
		}
	}
	m.say("The café's data stay where they are, %s unless another place was chosen: the law wants them for six years.", m.at(statePath))
	return nil
}

// takeBack removes a file of ours that nobody has changed.
func (m *machine) takeBack(path string) error {
	at := m.at(path)
	text, err := os.ReadFile(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !isAsWritten(text):
		m.put("left: %s", at)
		m.say("%s was written or changed by somebody else: it stays.", at)
		return nil
	case m.dry:
		m.put("remove %s", at)
		return nil
	}
	m.put("removed %s", at)
	return os.Remove(at)
}

// takeProgramBack removes the copy of this very program.
func (m *machine) takeProgramBack() error {
	at := m.at(programPath)
	mine := binaryHash()
	other, err := hashFile(at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if other != mine {
		m.put("left: %s", at)
		m.say("%s is another version of the program: it stays.", at)
		return nil
	}
	if m.dry {
		m.put("remove %s", at)
		return nil
	}
	m.put("removed %s", at)
	return os.Remove(at)
}
