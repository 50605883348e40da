package device

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/device/concert"
	"comptoir/cmd/comptoir/internal/device/wire"
)

// lines are the two ends of a serial line made by socat, which pull unplugs.
func lines(t *testing.T) (till, terminal string, pull func()) {
	t.Helper()
	if _, err := exec.LookPath("socat"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("socat is missing")
		}
		t.Skip("socat is missing")
	}
	dir := t.TempDir()
	till, terminal = filepath.Join(dir, "till"), filepath.Join(dir, "terminal")
	ctx, cancel := context.WithCancel(t.Context())
	socat := exec.CommandContext(ctx, "socat", "pty,raw,echo=0,link="+till, "pty,raw,echo=0,link="+terminal)
	if err := socat.Start(); err != nil {
		cancel()
		t.Fatal(err)
	}
	pull = func() { cancel(); _ = socat.Wait() }
	t.Cleanup(pull)
	patience := time.NewTicker(10 * time.Millisecond)
	defer patience.Stop()
	for range 1000 {
		_, here := os.Stat(till)
		if _, there := os.Stat(terminal); here == nil && there == nil {
			return till, terminal, pull
		}
		<-patience.C
	}
	t.Fatal("socat made no line")
	return "", "", nil
}

// plugged serves a virtual terminal on a line until the test ends.
func plugged(t *testing.T, path string, v *concert.Virtual) {
	t.Helper()
	port, err := wire.OpenSerial(path, 9600)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = v.Serve(ctx, port)
	}()
	t.Cleanup(func() { cancel(); <-ended })
}

func TestAConcertTerminalOnASerialLine(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		concert.CaseApproved, concert.CasePartial, concert.CaseNoise, concert.CaseNoisyEnd, concert.CaseNak, concert.CaseRefused,
		concert.CaseUndecided, concert.CaseBusy, concert.CaseNakAll, concert.CaseHang, concert.CaseBadCheck, concert.CaseGarbage,
		concert.CaseDiffers, concert.CasePrevious,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			till, terminal, _ := lines(t)
			v := &concert.Virtual{Cases: script(t, name, concert.Cases())}
			plugged(t, terminal, v)
			s := TerminalSetup{Name: "TPE", Protocol: ProtocolConcert, URI: "serial://" + till, PrivateData: PrivateEchoed, Timeout: 3 * time.Second}
			want := concertEnds()[name]
			if a := charge(t, s, Charge{Amount: asked, Ref: "R0123456789"}); !want.wanted(a) {
				t.Errorf("got %s, want %s", ended(a), want)
			}
			if n := len(v.Asked()); n > 1 {
				t.Errorf("the terminal was asked %d times", n)
			}
		})
	}
}

func TestChargesFollowEachOtherOnASerialLine(t *testing.T) {
	t.Parallel()
	till, terminal, _ := lines(t)
	v := &concert.Virtual{Cases: script(t, "approved,refused,hang,approved", concert.Cases())}
	plugged(t, terminal, v)
	d := New(Config{})
	s := TerminalSetup{Name: "TPE", Protocol: ProtocolConcert, URI: "serial://" + till + "?baud=115200", Timeout: time.Second}
	if err := d.Use(Setup{Terminals: []TerminalSetup{s}}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []Outcome{Approved, Declined, Unknown, Approved} {
		if got := d.Charge(t.Context(), "TPE", Charge{Amount: asked, Ref: "R1"}); got.Outcome != want {
			t.Errorf("charge %d: got %+v, want %s", i, got, want)
		}
		if err := d.Ping(t.Context(), "TPE"); err != nil {
			t.Errorf("behind charge %d: %v", i, err)
		}
	}
	if n := len(v.Asked()); n != 4 {
		t.Errorf("the terminal was asked %d times", n)
	}
}

// paying is a customer who looks for a card until the line is pulled.
type paying struct{ asked chan struct{} }

func (p paying) Peek() string { return concert.CaseSlow }

func (p paying) Next(int64) string {
	close(p.asked)
	return concert.CaseSlow
}

func TestASerialLineThatIsPulledOutWhileACustomerPaysLeavesItUnknown(t *testing.T) {
	t.Parallel()
	till, terminal, pull := lines(t)
	p := paying{make(chan struct{})}
	plugged(t, terminal, &concert.Virtual{Cases: p})
	d := New(Config{})
	s := TerminalSetup{Name: "TPE", Protocol: ProtocolConcert, URI: "serial://" + till}
	if err := d.Use(Setup{Terminals: []TerminalSetup{s}}); err != nil {
		t.Fatal(err)
	}
	answered := make(chan Answer)
	go func() { answered <- d.Charge(t.Context(), "TPE", Charge{Amount: asked, Ref: "R1"}) }()
	<-p.asked
	pull()
	if got := <-answered; got.Outcome != Unknown {
		t.Errorf("got %+v", got)
	}
	if got := d.Charge(t.Context(), "TPE", Charge{Amount: asked, Ref: "R2"}); got != (Answer{Outcome: NotSent, Code: "terminal.unreachable"}) {
		t.Errorf("then: got %+v", got)
	}
}
