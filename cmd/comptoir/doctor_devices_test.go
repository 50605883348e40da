package main

import (
	"encoding/json"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/authority"
	"comptoir/cmd/comptoir/internal/device"
	"comptoir/pos"
)

func codesOf(all []device.Finding) []string {
	codes := []string{}
	for _, f := range all {
		codes = append(codes, f.Code)
	}
	return codes
}

func TestTheDoctorSaysWhatIsWrongWithTheDevices(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	if _, out, words := comptoir(t, "doctor", "--devices", "--data", dir); strings.Contains(out, "printer.") || !strings.Contains(words+out, "disk") && !strings.Contains(words, "0 devices set up") {
		t.Errorf("without devices:\n%s%s", out, words)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "tcp://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	till, err := pos.Open(t.Context(), pos.Config{Dir: filepath.Join(dir, liveFolder), Software: software})
	if err != nil {
		t.Fatal(err)
	}
	if err := placePrinters(t.Context(), till, []printerAt{{"bar", nobody}, {"cuisine", "usb:///dev/usb/lp77"}}); err != nil {
		t.Fatal(err)
	}
	if err := till.Close(); err != nil {
		t.Fatal(err)
	}
	code, out, words := comptoir(t, "doctor", "--devices", "--data", dir)
	for _, want := range []string{"bar (" + nobody + "): printer.unreachable. Is it on", "cuisine (usb:///dev/usb/lp77): device.missing. /dev/usb/lp77 is not there"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q:\n%s%s", want, out, words)
		}
	}
	if code != exitFailed {
		t.Errorf("got exit %d, want %d", code, exitFailed)
	}
	start(t, pos.Config{Dir: filepath.Join(dir, liveFolder)})
	var beside checkup
	_, text, _ := comptoir(t, "doctor", "--devices", "--json", "--data", dir)
	if err := json.Unmarshal([]byte(text), &beside); err != nil || !slices.Contains(codesOf(beside.Findings), "device.missing") || beside.Well {
		t.Errorf("beside a running till: %v\n%s", err, text)
	}
	if code, _, _ := comptoir(t, "doctor", "--devices", "--data", t.TempDir()); code != exitUsage {
		t.Errorf("without a café: got exit %d, want %d", code, exitUsage)
	}
}

func TestTheDoctorLooksAtTheMachineUnderTheTill(t *testing.T) {
	t.Parallel()
	root, keys := t.TempDir(), t.TempDir()
	if _, err := authority.Open(keys, "test", time.Now); err != nil {
		t.Fatal(err)
	}
	m := machineUnder{data: root, keys: keys, root: root, now: time.Now()}
	for _, path := range []string{"/etc/systemd/system/comptoir-kiosk.service", "/usr/bin/cage", "/usr/sbin/avahi-daemon"} {
		if err := os.MkdirAll(filepath.Dir(m.at(path)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(m.at(path), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	wrong, notes := m.look()
	if got := codesOf(wrong); !slices.Contains(got, "kiosk.chromium") || slices.Contains(got, "kiosk.cage") || slices.Contains(got, "certificate.ends") {
		t.Errorf("wrong: %v", got)
	}
	if got := codesOf(notes); !slices.Contains(got, "clock.battery") || !slices.Contains(got, "avahi.stopped") {
		t.Errorf("to know: %v", got)
	}
	m.now = time.Now().AddDate(9, 11, 0)
	if wrong, _ := m.look(); !slices.Contains(codesOf(wrong), "certificate.ends") {
		t.Errorf("a month before the end of what tablets trust: %v", codesOf(wrong))
	}
	if major(0xb302) != 179 || minor(0xb302) != 2 {
		t.Errorf("the number of mmcblk0p2: %d:%d", major(0xb302), minor(0xb302))
	}
}
