package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"comptoir/cmd/comptoir/internal/authority"
	"comptoir/cmd/comptoir/internal/device"
	"comptoir/pos"
)

// checkup is what the doctor found on the till's machine.
type checkup struct {
	Well     bool             `json:"well"`
	Findings []device.Finding `json:"findings"` // what is wrong
	Notes    []device.Finding `json:"notes"`    // what somebody should know
}

// Limits of what counts as well.
const (
	leastFree   = 1 << 30             // bytes, on the disk of the data
	rootWarning = 60 * 24 * time.Hour // before the end of what tablets trust
)

// devices looks at what hangs on the till and at the machine under it. It prints nothing, charges nothing, and leaves a till that is
// served its devices.
func (c *doctorCmd) devices(ctx context.Context, e *env) int {
	chosen := e.cafe()
	till, err := pos.OpenReadOnly(ctx, e.config(chosen))
	if err != nil {
		e.fail(err)
		return exitUsage
	}
	defer func() { _ = till.Close() }() // only read
	setup, err := setupOf(ctx, till)
	if err != nil {
		e.fail(err)
		return exitUsage
	}
	var states map[string]string
	if info, ok := running(ctx, chosen); ok {
		if states = info.Printers; states == nil {
			states = map[string]string{}
		}
	}
	found := checkup{Findings: device.Probe(ctx, setup, states), Notes: []device.Finding{}}
	m := machineUnder{data: chosen.dir, keys: filepath.Join(e.data, keysFolder), root: "/", now: time.Now()}
	wrong, notes := m.look()
	found.Findings = append(found.Findings, wrong...)
	found.Notes = append(found.Notes, notes...)
	if found.Findings == nil {
		found.Findings = []device.Finding{}
	}
	found.Well = len(found.Findings) == 0
	if err := c.tell(e, found, len(setup.Printers)+len(setup.Terminals)+len(setup.Poles)); err != nil {
		e.fail(err)
		return exitUsage
	}
	if !found.Well {
		return exitFailed
	}
	return exitOK
}

func (c *doctorCmd) tell(e *env, found checkup, devices int) error {
	if c.JSON {
		return json.NewEncoder(e.stdout).Encode(found)
	}
	for _, f := range found.Findings {
		e.put("%s: %s. %s", f.Device, f.Code, f.Fix)
	}
	for _, f := range found.Notes {
		e.say("To know: %s: %s", f.Device, f.Fix)
	}
	if found.Well {
		e.say("%d devices set up: nothing is wrong that can be seen from here.", devices)
	}
	return nil
}

// machineUnder is the machine that a till runs on.
type machineUnder struct {
	data, keys string
	root       string // of the file system
	now        time.Time
}

func (m machineUnder) at(path string) string { return filepath.Join(m.root, path) }

func (m machineUnder) has(path string) bool {
	_, err := os.Stat(m.at(path))
	return err == nil
}

// look returns what is wrong, and what somebody should know.
func (m machineUnder) look() (wrong, notes []device.Finding) {
	say := func(all *[]device.Finding, what, code, format string, args ...any) {
		*all = append(*all, device.Finding{Device: what, Code: code, Fix: fmt.Sprintf(format, args...)})
	}
	if free, ok := freeBytes(m.data); ok && free < leastFree {
		say(&wrong, "disk", "disk.full", "Only %d MB are left where the café's data are (%s). Make room: a full disk stops the till.", free>>20, m.data)
	}
	if kind := m.card(); kind != "" {
		say(&notes, "disk", "disk.card", "The data lie on an %s card, which power cuts wear out. Better: an SSD, and a copy elsewhere each night.", kind)
	}
	if !isClockSet() {
		say(&notes, "clock", "clock.free", "Nothing keeps it right: timedatectl set-ntp true. Without internet: timedatectl set-time, by a watch.")
	}
	if !m.has("/sys/class/rtc/rtc0") {
		say(&notes, "clock", "clock.battery", "The machine has no clock with a battery: after a power cut it starts in the past, and the till does not sell before its last sale. Add one (a DS3231 on a Raspberry Pi).")
	}
	root, err := authority.ReadRoot(authority.RootPath(m.keys))
	if err == nil && root.NotAfter.Sub(m.now) < rootWarning {
		say(&wrong, "tablets", "certificate.ends", "What they trust ends on %s; the first start after that day makes another. To choose the day: remove authority.key and authority.crt in %s and start the till again. Then let each tablet trust the new one (/manage/network).", root.NotAfter.Format(time.DateOnly), m.keys)
	}
	if err == nil && m.has("/usr/sbin/avahi-daemon") && !m.has(avahiSocket) {
		say(&notes, "network", "avahi.stopped", "Avahi is installed and does not run: systemctl enable --now avahi-daemon. Until then the till answers to %s by itself.", tillName)
	}
	if name := hostName() + ".local"; err == nil && m.has(avahiSocket) && name != tillName {
		say(&notes, "network", "hostname", "Tablets find this machine as %s. For %s: hostnamectl set-hostname till", name, tillName)
	}
	kiosk := m.has("/etc/systemd/system/comptoir-kiosk.service") || m.has("/etc/systemd/system/graphical.target.wants/comptoir-kiosk.service")
	for _, part := range []string{"cage", "chromium"} {
		if kiosk && !m.has("/usr/bin/"+part) {
			say(&wrong, "screen", "kiosk."+part, "The screen is set up, and %s is missing: apt install %s", part, part)
		}
	}
	return wrong, notes
}

// card is the kind of memory card that the data lie on; empty: none.
func (m machineUnder) card() string {
	const memoryCards = 179 // major number of mmcblk
	info, err := os.Stat(m.data)
	if err != nil {
		return ""
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || major(stat.Dev) != memoryCards {
		return ""
	}
	disk, err := filepath.EvalSymlinks(m.at(fmt.Sprintf("/sys/dev/block/%d:%d", major(stat.Dev), minor(stat.Dev))))
	if err != nil {
		return "SD"
	}
	for _, path := range []string{disk, filepath.Dir(disk)} { // a partition, or the whole
		if kind, err := os.ReadFile(filepath.Join(path, "device", "type")); err == nil {
			if string(kind) == "SD\n" {
				return "SD"
			}
			return "" // eMMC is soldered on, and made for it
		}
	}
	return "SD"
}

// major and minor take a device's number apart, as the kernel puts it together.
func major(dev uint64) uint64 { return dev>>8&0xfff | dev>>32&^0xfff }
func minor(dev uint64) uint64 { return dev&0xff | dev>>12&^0xff }

func freeBytes(path string) (uint64, bool) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(path, &s); err != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}

// isClockSet reports whether the kernel has been told the time by somebody who knows it.
func isClockSet() bool {
	const unsynchronised = 0x40
	var t syscall.Timex
	if _, err := syscall.Adjtimex(&t); err != nil {
		return true // not to be known
	}
	return t.Status&unsynchronised == 0
}
