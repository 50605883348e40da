package device

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"comptoir/receipts/escpos"
)

// Finding is one thing that is wrong with a device, and how to mend it, in words for whoever stands before it.
type Finding struct {
	Device string `json:"device"`
	Code   string `json:"code"` // stable, such as "printer.paper_out"
	Fix    string `json:"fix"`
}

// Codes of findings that no printer's state has.
const (
	codeMissing  = "device.missing"  // its file is not there
	codeNoRight  = "device.right"    // its file is, and may not be opened
	codeAddress  = "device.uri"      // its address is none
	codeTerminal = "terminal.silent" // nothing listens at its address
	codeQueue    = "cups.queue"
)

// probeLimit bounds each question to a device.
const probeLimit = 2 * time.Second

// Probe looks at what hangs on the till. It prints nothing and asks for no money: a printer is asked for its status only, a terminal
// whether somebody listens. running tells how each printer is, of a till that is being served, by name: it owns its devices, and
// nothing is then connected to; nil: no till is served.
func Probe(ctx context.Context, s Setup, running map[string]string) []Finding {
	var all []Finding
	for _, p := range s.Printers {
		all = append(all, named(p.Name, p.URI, probePrinter(ctx, p, running))...)
	}
	for _, t := range s.Terminals {
		all = append(all, named(t.Name, t.URI, probeTerminal(ctx, t, running != nil))...)
	}
	for _, p := range s.Poles {
		all = append(all, named(p.Till, p.URI, probeFile(p.URI))...)
	}
	return all
}

// named fills in of what device a finding is. A code that is empty is none.
func named(name, uri string, f Finding) []Finding {
	if f.Code == "" {
		return nil
	}
	f.Device = fmt.Sprintf("%s (%s)", name, uri)
	return []Finding{f}
}

func probePrinter(ctx context.Context, p Printer, running map[string]string) Finding {
	at, err := ParseURI(p.URI)
	switch {
	case err != nil:
		return Finding{Code: codeAddress, Fix: "Write its address anew: Gérer, Matériel, Imprimantes."}
	case at.Scheme == USB, at.Scheme == Serial:
		if f := probeFile(p.URI); f.Code != "" {
			return f
		}
	case at.Scheme == CUPS:
		if f := probeQueue(ctx, at.Queue); f.Code != "" {
			return f
		}
	}
	if running != nil {
		return Finding{Code: running[p.Name], Fix: mend(running[p.Name])}
	}
	if at.Scheme == TCP {
		code := askStatus(ctx, at.Host, p.Profile)
		return Finding{Code: code, Fix: mend(code)}
	}
	return Finding{}
}

// mend says what to do about the state of a printer.
func mend(code string) string {
	switch code {
	case "":
		return ""
	case CodeUnreachable:
		return "Is it on, and its cable in? Print its own page (hold its feed button while switching it on) and compare the address with the one that is set up."
	case CodePaperOut:
		return "Put a new roll in; what waits comes out by itself."
	case CodePaperLow:
		return "The roll ends soon: have a new one at hand."
	case CodeCoverOpen:
		return "Close its cover."
	case CodeBusy:
		return "Another program holds it: a second till, CUPS (lpstat -v) or ModemManager. End that, or give the till the address of the other."
	case CodeUnverified:
		return "It never says whether it printed. Nothing to mend; the till asks people when it is in doubt."
	case CodeProfile:
		return "Its settings do not fit it: print the test page (Gérer, Matériel, Imprimantes) and choose the letter that reads right."
	}
	return "Switch it off and on again; its jobs and what they wait for are at /printing."
}

// askStatus asks a printer on the network whether it has paper and its cover closed. Both questions print nothing.
func askStatus(ctx context.Context, host string, p escpos.Profile) (code string) {
	dialer := net.Dialer{Timeout: probeLimit}
	conn, err := dialer.DialContext(ctx, "tcp", host)
	if err != nil {
		return CodeUnreachable
	}
	defer func() { _ = conn.Close() }()
	if !p.Status {
		return ""
	}
	if err := conn.SetDeadline(time.Now().Add(probeLimit)); err != nil { //nolint:forbidigo // a deadline of the system's, of no sale
		return CodeUnreachable
	}
	for _, question := range []byte{2, 4} {
		answer := []byte{0}
		if _, err := conn.Write([]byte{0x10, 0x04, question}); err != nil {
			return CodeUnreachable
		}
		if _, err := conn.Read(answer); err != nil || answer[0]&0x93 != 0x12 {
			return CodeUnverified
		}
		switch b := answer[0]; {
		case question == 2 && b&0x04 != 0:
			return CodeCoverOpen
		case question == 2 && b&0x20 != 0, question == 4 && b&0x60 != 0:
			return CodePaperOut
		case question == 2 && b&0x40 != 0:
			return CodeError
		case question == 4 && b&0x0C != 0:
			return CodePaperLow
		}
	}
	return ""
}

func probeTerminal(ctx context.Context, t TerminalSetup, running bool) Finding {
	at, err := t.line()
	switch {
	case err != nil:
		return Finding{Code: codeAddress, Fix: "Write its address anew: Gérer, Matériel, Terminaux."}
	case at.Scheme == Serial:
		return probeFile(t.URI)
	case at.Scheme != TCP, running: // a customer may be paying on it just now
		return Finding{}
	}
	dialer := net.Dialer{Timeout: probeLimit}
	conn, err := dialer.DialContext(ctx, "tcp", at.Host)
	if err != nil {
		return Finding{Code: codeTerminal, Fix: "Nothing listens there. On the terminal: is it on the café's network, with this address fixed, and its till protocol (Caisse-AP, port 8888) switched on?"}
	}
	_ = conn.Close() // nothing was asked
	return Finding{}
}

// probeFile looks at the file of a device without opening it: opening may reset what is behind.
func probeFile(uri string) Finding {
	at, err := ParseURI(uri)
	if err != nil {
		return Finding{Code: codeAddress, Fix: "Write its address anew: Gérer, Matériel."}
	}
	if at.Path == "" {
		return Finding{}
	}
	group := "dialout"
	if at.Scheme == USB {
		group = "lp"
	}
	info, err := os.Stat(at.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Finding{Code: codeMissing, Fix: at.Path + " is not there. Is the device on, and plugged in? " + present()}
	case errors.Is(err, fs.ErrPermission):
		return Finding{Code: codeNoRight, Fix: at.Path + " lies where this user may not look."}
	case err != nil:
		return Finding{Code: codeMissing, Fix: err.Error()}
	case info.Mode()&os.ModeDevice == 0 && info.Mode()&os.ModeNamedPipe == 0:
		return Finding{Code: codeMissing, Fix: at.Path + " is no device. " + present()}
	}
	const readAndWrite = 6
	if err := syscall.Access(at.Path, readAndWrite); err != nil {
		return Finding{Code: codeNoRight, Fix: fmt.Sprintf("%s may not be opened by this user: it belongs to the group %s. As root: usermod -aG %s USER, then start the service again; comptoir install does so.", at.Path, group, group)}
	}
	return Finding{}
}

// present lists the devices that are there.
func present() string {
	var all []string
	for _, pattern := range []string{"/dev/comptoir/*", "/dev/usb/lp*", "/dev/ttyUSB*", "/dev/ttyACM*"} {
		found, _ := filepath.Glob(pattern) // the patterns are well formed
		all = append(all, found...)
	}
	if len(all) == 0 {
		return "No printer and no serial line is plugged in at all."
	}
	return "There are: " + strings.Join(all, ", ") + "."
}

func probeQueue(ctx context.Context, queue string) Finding {
	lpstat, err := exec.LookPath("lpstat")
	if err != nil {
		return Finding{Code: codeQueue, Fix: "CUPS is not installed: apt install cups cups-client, or give the printer's own address."}
	}
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	if err := exec.CommandContext(ctx, lpstat, "-p", queue).Run(); err != nil { //nolint:gosec // a name that ParseURI let through is no flag
		return Finding{Code: codeQueue, Fix: "CUPS knows no queue of that name, or does not run: lpstat -p lists them."}
	}
	return Finding{}
}
