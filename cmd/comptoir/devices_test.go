package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptoir/data/datatest"
	"comptoir/pos"
	"comptoir/receipts/spool"
)

// printsOn starts a café whose printer bar is at an address, until the test ends.
func printsOn(t *testing.T, dir string, flags ...string) *Main {
	t.Helper()
	printers, err := readPrinters(flags)
	if err != nil {
		t.Fatal(err)
	}
	m := &Main{Config: pos.Config{Dir: filepath.Join(dir, "cafe"), Software: software}, Listen: "127.0.0.1:0", Public: "127.0.0.1:0", Printers: printers}
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m
}

// became waits until a job is in a state.
func became(t *testing.T, m *Main, id string, want spool.State) {
	t.Helper()
	told := make(chan struct{}, 1)
	tell := func() {
		select {
		case told <- struct{}{}:
		default:
		}
	}
	m.devices.all.OnChange(tell)
	over := time.After(20 * time.Second)
	for {
		j, err := m.Till().PrintJob(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if j.State == want {
			return
		}
		select {
		case <-told:
		case <-over:
			t.Fatalf("job is %+v, want %s; printers: %+v", j, want, m.devices.all.Printers(t.Context()))
		}
	}
}

func TestAPrinterOfTheCommandLinePrints(t *testing.T) {
	t.Parallel()
	dir, tray := newCafe(t), t.TempDir()
	address := virtually(t, "printer", "--listen", "127.0.0.1:0", "--out", tray)
	m := printsOn(t, dir, "bar="+address)
	id, err := m.Till().PrintTest(t.Context(), pos.System("sys"), "bar")
	if err != nil {
		t.Fatal(err)
	}
	became(t, m, id, spool.Printed)
	if err := m.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(tray, "0001.txt"))
	if err != nil || !strings.Contains(string(text), "é è à ç") {
		t.Errorf("what came out: %q, %v", text, err)
	}
	if picture, err := os.ReadFile(filepath.Join(tray, "0001.png")); err != nil || len(picture) < 100 {
		t.Errorf("its picture: %d bytes, %v", len(picture), err)
	}

	moved := virtually(t, "printer", "--listen", "127.0.0.1:0", "--paper-out")
	m = printsOn(t, dir, "bar="+moved)
	defer func() {
		if err := m.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	all, err := m.Till().Printers(t.Context())
	if err != nil || len(all) != 1 || all[0].URI != moved || !all[0].Receipts {
		t.Errorf("after a start with another address: %+v, %v", all, err)
	}
	if _, err := m.Till().PrintTest(t.Context(), pos.System("sys"), "bar"); err != nil {
		t.Fatal(err)
	}
	told := make(chan struct{}, 1)
	m.devices.all.OnChange(func() { told <- struct{}{} })
	over := time.After(20 * time.Second)
	for m.devices.all.Printers(t.Context())[0].Code != "printer.paper_out" {
		select {
		case <-told:
		case <-over:
			t.Fatalf("a printer without paper: %+v", m.devices.all.Printers(t.Context()))
		}
	}
}

// A printer that was not there at the start is driven as soon as it is set up, and its jobs ask once it is gone.
func TestDevicesFollowTheSettings(t *testing.T) {
	t.Parallel()
	m := printsOn(t, newCafe(t))
	defer func() {
		if err := m.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	}()
	if err := placePrinters(t.Context(), m.Till(), []printerAt{{"bar", "virtual:"}}); err != nil {
		t.Fatal(err)
	}
	id, err := m.Till().PrintTest(t.Context(), pos.System("sys"), "bar")
	if err != nil {
		t.Fatal(err)
	}
	became(t, m, id, spool.Printed)
	v := m.devices.all.Virtual("bar")
	if v == nil || len(v.Papers()) != 1 { // a test page tries letters that no profile has: the printer complains
		t.Fatal("the page did not come out of the virtual printer")
	}
	s := v.Status()
	s.PaperOut = true
	v.Set(s)
	id, err = m.Till().PrintTest(t.Context(), pos.System("sys"), "bar")
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Till().RemovePrinter(t.Context(), pos.System("sys"), "bar"); err != nil {
		t.Fatal(err)
	}
	became(t, m, id, spool.Failed)
	datatest.Audit(t, m.Till().DB())
}

func TestAFlagOfAPrinterThatCannotBeReadIsRefused(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"bar", "=tcp://h:9100", "bar=http://h", "bar=", "bar=usb:///etc/../passwd"} {
		code, _, words := comptoir(t, "serve", "--data", shortDir(t), "--printer", flag)
		if code != exitUsage || !strings.Contains(words, "--printer") {
			t.Errorf("--printer %q: exit %d, %q", flag, code, words)
		}
	}
}

// TestEveryTerminalThatCanBeKeptCanBeDriven: its settings reach the driver, and it takes them.
func TestEveryTerminalThatCanBeKeptCanBeDriven(t *testing.T) {
	t.Parallel()
	shortest, longest := pos.TerminalTimes()
	for _, version := range pos.TerminalVersions() {
		for _, private := range pos.PrivateDatas() {
			for _, ticket := range pos.TicketReturns() {
				for _, seconds := range []int{shortest, longest} {
					kept := pos.CardTerminal{Name: "Bar", Protocol: pos.ProtocolCaisseAP, URI: "tcp://192.168.1.30", TerminalSettings: pos.TerminalSettings{
						Version: version, PrivateData: private, TicketReturn: ticket, Timeout: seconds}}
					if err := kept.Check(); err != nil {
						t.Fatal(err)
					}
					driven := terminalOf(kept)
					if err := driven.Check(); err != nil || driven.TicketReturn != ticket || driven.Timeout != time.Duration(seconds)*time.Second {
						t.Errorf("%+v: %+v, %v", kept, driven, err)
					}
				}
			}
		}
	}
}
