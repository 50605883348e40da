package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/device"
)

// virtually runs `comptoir virtual …` until the test ends and returns the address that it prints.
func virtually(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	read, write := io.Pipe()
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"virtual"}, args...), strings.NewReader(""), write, io.Discard)
		_ = write.Close()
	}()
	t.Cleanup(func() {
		cancel()
		if got := <-code; got != exitOK {
			t.Errorf("comptoir virtual %v: exit %d", args, got)
		}
	})
	address, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("comptoir virtual %v printed no address: %v", args, err)
	}
	return strings.TrimSpace(address)
}

// outcomes charges a terminal once for each want.
func outcomes(t *testing.T, s device.TerminalSetup, wants ...device.Outcome) {
	t.Helper()
	d := device.New(device.Config{})
	if err := d.Use(device.Setup{Terminals: []device.TerminalSetup{s}}); err != nil {
		t.Fatal(err)
	}
	for i, want := range wants {
		if got := d.Charge(t.Context(), s.Name, device.Charge{Amount: 1470, Ref: "R1"}); got.Outcome != want {
			t.Errorf("charge %d: got %+v, want %s", i, got, want)
		}
	}
}

func TestAVirtualCaisseAPTerminalFollowsItsScript(t *testing.T) {
	t.Parallel()
	address := virtually(t, "caisse-ap", "--listen", "127.0.0.1:0", "--script", "approved,refused,no-answer,approved")
	s := device.TerminalSetup{Name: "TPE", Protocol: device.ProtocolCaisseAP, URI: address}
	outcomes(t, s, device.Approved, device.Declined, device.Unknown, device.Approved, device.Approved)
}

func TestAVirtualConcertTerminalFollowsItsScriptAndIsPluggedInAgain(t *testing.T) {
	t.Parallel()
	till, terminal := serialLine(t)
	virtually(t, "concert", "--port", terminal, "--script", "approved,gone,refused")
	s := device.TerminalSetup{Name: "TPE", Protocol: device.ProtocolConcert, URI: "serial://" + till, Timeout: 2 * time.Second}
	outcomes(t, s, device.Approved, device.Unknown, device.Declined)
}

func TestAScriptWithACaseThatThereIsNotIsRefused(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"caisse-ap", "--listen", "127.0.0.1:0", "--script", "approved,generous"},
		{"concert", "--port", "/dev/null", "--script", ""},
	} {
		var said strings.Builder
		if code := run(t.Context(), append([]string{"virtual"}, args...), strings.NewReader(""), io.Discard, &said); code != exitUsage {
			t.Errorf("%v: exit %d", args, code)
		}
		if !strings.Contains(said.String(), "approved") {
			t.Errorf("%v: it does not say what there is: %q", args, said.String())
		}
	}
}

// serialLine returns the two ends of a serial line made by socat.
func serialLine(t *testing.T) (one, other string) {
	t.Helper()
	if _, err := exec.LookPath("socat"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("socat is missing")
		}
		t.Skip("socat is missing")
	}
	dir := t.TempDir()
	one, other = filepath.Join(dir, "one"), filepath.Join(dir, "other")
	ctx, cancel := context.WithCancel(t.Context())
	socat := exec.CommandContext(ctx, "socat", "pty,raw,echo=0,link="+one, "pty,raw,echo=0,link="+other)
	if err := socat.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	t.Cleanup(func() { cancel(); _ = socat.Wait() })
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		_, err := os.Stat(one)
		if _, missing := os.Stat(other); err == nil && missing == nil {
			return one, other
		}
		<-tick.C
	}
	t.Fatal("socat made no line")
	return "", ""
}
