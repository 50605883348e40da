package device

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"comptoir/receipts/escpos"
)

// statusPrinter serves a virtual printer on the loopback until the end of the test.
func statusPrinter(t *testing.T, state escpos.State) (address string, printer *escpos.Printer) {
	t.Helper()
	printer = escpos.NewPrinter(escpos.Profiles()[0], true)
	printer.Set(state)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = escpos.Serve(ctx, l, printer)
	}()
	t.Cleanup(func() {
		cancel()
		_ = l.Close()
		<-ended
	})
	return "tcp://" + l.Addr().String(), printer
}

func TestProbeSaysWhatIsWrongAndPrintsNothing(t *testing.T) {
	t.Parallel()
	usual := escpos.Profiles()[0]
	for code, state := range map[string]escpos.State{
		"": {}, CodePaperOut: {PaperOut: true}, CodePaperLow: {PaperLow: true}, CodeCoverOpen: {CoverOpen: true}, CodeUnverified: {Mute: true},
	} {
		uri, printer := statusPrinter(t, state)
		var got string
		for _, f := range Probe(t.Context(), Setup{Printers: []Printer{{Name: "bar", URI: uri, Profile: usual}}}, nil) {
			got = f.Code
			if f.Fix == "" || f.Device != "bar ("+uri+")" {
				t.Errorf("%+v: the finding does not say what to do, or of what: %+v", state, f)
			}
		}
		if got != code {
			t.Errorf("%+v: found %q, want %q", state, got, code)
		}
		if papers := printer.Papers(); len(papers) > 0 && strings.TrimSpace(papers[0].Text) != "" {
			t.Errorf("%+v: it printed %q", state, papers[0].Text)
		}
	}
}

func TestProbeNamesEachDeviceThatIsNotThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	fifo := filepath.Join(dir, "lp0")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := closed.Addr().String()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	found := Probe(t.Context(), Setup{
		Printers: []Printer{
			{Name: "there", URI: "usb://" + fifo}, {Name: "gone", URI: "usb://" + dir + "/lp1"}, {Name: "file", URI: "serial://" + dir},
			{Name: "far", URI: "tcp://" + nobody}, {Name: "memory", URI: "virtual:"}, {Name: "garbage", URI: "lp0"}, {Name: "queue", URI: "cups://no-such-queue"},
		},
		Terminals: []TerminalSetup{{Name: "card", Protocol: ProtocolCaisseAP, URI: "tcp://" + nobody}, {Name: "old", Protocol: ProtocolConcert, URI: "serial://" + dir + "/ttyACM0"}},
		Poles:     []PoleSetup{{Till: "1", URI: "serial://" + dir + "/ttyUSB9"}},
	}, nil)
	var got []string
	for _, f := range found {
		name, _, _ := strings.Cut(f.Device, " ")
		got = append(got, name+" "+f.Code)
		if f.Fix == "" {
			t.Errorf("%s: nothing is said about how to mend it", f.Device)
		}
	}
	want := "gone device.missing, file device.missing, far printer.unreachable, garbage device.uri, queue cups.queue, card terminal.silent, old device.missing, 1 device.missing"
	if strings.Join(got, ", ") != want {
		t.Errorf("found %s\nwant  %s", strings.Join(got, ", "), want)
	}
}

func TestProbeLeavesTheDevicesOfARunningTillAlone(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	uri := "tcp://" + l.Addr().String()
	found := Probe(t.Context(), Setup{Printers: []Printer{{Name: "bar", URI: uri}, {Name: "kitchen", URI: uri}},
		Terminals: []TerminalSetup{{Name: "card", Protocol: ProtocolCaisseAP, URI: uri}}}, map[string]string{"bar": CodePaperOut})
	if len(found) != 1 || found[0].Code != CodePaperOut {
		t.Errorf("found %+v, want the running till's own word on the bar", found)
	}
	connected := make(chan error, 1)
	go func() {
		_, err := l.Accept()
		connected <- err
	}()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if <-connected == nil {
		t.Error("a device of a running till was connected to")
	}
}
