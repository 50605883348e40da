package escpos

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnIndependentClientPrints has receiptio (npm, Apache-2.0), a client of real printers that shares no line with us, print on the virtual
// printer and say how it is. CI installs it and names its command in COMPTOIR_RECEIPTIO. Its port is fixed, so the printer
// takes an address of its own.
func TestAnIndependentClientPrints(t *testing.T) {
	client := os.Getenv("COMPTOIR_RECEIPTIO")
	if client == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("COMPTOIR_RECEIPTIO is not set: .ci/run installs the client and sets it")
		}
		t.Skip("no COMPTOIR_RECEIPTIO")
	}
	const host = "127.0.0.91"
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", net.JoinHostPort(host, "9100"))
	if err != nil {
		t.Fatal(err)
	}
	v := NewPrinter(Profiles()[0], false)
	go func() { _ = Serve(t.Context(), l, v) }()

	receipt := filepath.Join(t.TempDir(), "ticket.receipt")
	markup := "^^CAFÉ ZOÉ\n2 Café crème | 7,00 €\n1 Œufs cocotte | 7,70 €\n---\nTOTAL | 14,70 €\n{code:" + address + "; option:qrcode,6,m}\n"
	if err := os.WriteFile(receipt, []byte(markup), 0o600); err != nil {
		t.Fatal(err)
	}
	said := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), client, append([]string{"-d", host}, args...)...).CombinedOutput()
		if _, ended := errors.AsType[*exec.ExitError](err); err != nil && !ended { // it ends with the number of the state
			t.Errorf("%v: %v", args, err)
		}
		return strings.TrimSpace(string(out))
	}
	for _, c := range []struct {
		state           State
		online, printed string
		papers          int
	}{
		{State{}, "online", "success", 1},
		{State{PaperLow: true}, "online", "success", 2},
		{State{PaperOut: true}, "paperempty", "paperempty", 2},
		{State{CoverOpen: true}, "coveropen", "coveropen", 2},
	} {
		v.Set(c.state)
		if got := said("-q"); got != c.online {
			t.Errorf("%+v: it finds the printer %q, want %q", c.state, got, c.online)
		}
		if got := said("-q", "drawer"); got != "drawerclosed" {
			t.Errorf("%+v: it finds the drawer %q", c.state, got)
		}
		if got := said("-c", "48", "-l", "fr", receipt); got != c.printed {
			t.Errorf("%+v: it says of its print %q, want %q", c.state, got, c.printed)
		}
		if n := len(v.Papers()); n != c.papers {
			t.Errorf("%+v: %d papers came out, want %d", c.state, n, c.papers)
		}
	}
	for _, err := range v.Errors() {
		t.Error(err)
	}
	for _, paper := range v.Papers() {
		if !strings.Contains(paper.Text, "2 Café crème                              7,00 €\n1 Œufs cocotte                            7,70 €\n") {
			t.Errorf("it printed %q", paper.Text)
		}
		if got, err := seen(paper.Image()); err != nil || got != address {
			t.Errorf("its code reads %q, %v", got, err)
		}
	}
}
