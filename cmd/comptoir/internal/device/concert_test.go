package device

import (
	"context"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"comptoir/cmd/comptoir/internal/device/caisseap"
	"comptoir/cmd/comptoir/internal/device/concert"
)

// concertEnds says how each case of the virtual terminal ends when the private data come back, as they should. No end that
// leaves anything open is a refusal, and what was never asked is said to be so.
func concertEnds() map[string]end {
	unasked := func(code string) end { return end{NotSent, 0, code} }
	return map[string]end{
		concert.CaseApproved:   paid(asked),
		concert.CaseSlow:       paid(asked),
		concert.CasePartial:    paid(asked / 2),
		concert.CaseNoEcho:     left("terminal.other_payment"),
		concert.CaseNoise:      paid(asked),
		concert.CaseNoisyEnd:   paid(asked),
		concert.CaseNak:        paid(asked),
		concert.CaseLateCall:   paid(asked),
		concert.CaseRefused:    no("terminal.not_done"),
		concert.CaseUndecided:  left("terminal.unfinished"),
		concert.CaseOddResult:  left("terminal.garbled"),
		concert.CaseBusy:       unasked("terminal.busy"),
		concert.CaseCalling:    unasked("terminal.busy"),
		concert.CaseDeaf:       unasked("terminal.unreachable"),
		concert.CaseNakAll:     left("terminal.no_answer"),
		concert.CaseGoneEarly:  left("terminal.no_answer"),
		concert.CaseGone:       left("terminal.cut_off"),
		concert.CaseMute:       left("terminal.no_answer"),
		concert.CaseHang:       left("terminal.no_answer"),
		concert.CaseTruncated:  left("terminal.garbled"),
		concert.CaseBadCheck:   left("terminal.garbled"),
		concert.CaseGarbage:    left("terminal.garbled"),
		concert.CaseFlood:      left("terminal.garbled"),
		concert.CaseDiffers:    left("terminal.amount_differs"),
		concert.CaseNothing:    left("terminal.amount_differs"),
		concert.CasePrevious:   left("terminal.other_payment"),
		concert.CaseWrongTill:  left("terminal.other_payment"),
		concert.CaseOtherMoney: left("terminal.other_payment"),
	}
}

// onSerial is a terminal at the other end of a line.
func onSerial(v *concert.Virtual) dialer {
	return inMemory(func(ctx context.Context, till net.Conn) { _ = v.Serve(ctx, till) })
}

func TestEachEndOfAConcertTerminalWithAllItsTime(t *testing.T) {
	t.Parallel()
	ends := concertEnds()
	for _, name := range concert.Cases() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want, there := ends[name]
				if !there {
					t.Fatal("nobody says how this ends")
				}
				v := &concert.Virtual{Cases: script(t, name, concert.Cases()), Pause: 30 * time.Second}
				terminal := &concertTerminal{setup: TerminalSetup{PrivateData: PrivateEchoed}.whole(), dial: onSerial(v)}
				began := time.Now()
				a := terminal.Charge(t.Context(), Charge{Amount: asked, Ref: "0191aaaaR0123456789"})
				if !want.wanted(a) {
					t.Errorf("got %s, want %s", ended(a), want)
				}
				if took := time.Since(began); took > caisseap.TimeMax {
					t.Errorf("it took %v", took)
				}
				synctest.Wait()
				n := len(v.Asked())
				if n > 1 || want.outcome != NotSent && want.outcome != Unknown && n != 1 || want.outcome == NotSent && n != 0 {
					t.Errorf("the terminal was asked %d times", n)
				}
				if n == 1 && v.Asked()[0].Private != "0123456789" {
					t.Errorf("the terminal was told %q", v.Asked()[0].Private)
				}
			})
		})
	}
}

// cut is a line that is pulled out behind so many bytes of either side.
type cut struct {
	io.ReadWriteCloser
	left int
}

func (c *cut) Write(p []byte) (int, error) {
	n := min(c.left, len(p))
	c.left -= n
	n, err := c.ReadWriteCloser.Write(p[:n])
	if err == nil && n < len(p) {
		err = io.ErrClosedPipe
		_ = c.Close()
	}
	return n, err
}

func TestATerminalThatIsUnpluggedWithinARequestWasAskedFromItsFirstByteOn(t *testing.T) {
	t.Parallel()
	const called = 1 // ENQ
	for after := range 40 {
		synctest.Test(t, func(t *testing.T) {
			v := &concert.Virtual{Cases: script(t, "approved", concert.Cases())}
			dial := onSerial(v)
			terminal := &concertTerminal{setup: TerminalSetup{}.whole(), dial: func(ctx context.Context) (io.ReadWriteCloser, error) {
				line, err := dial(ctx)
				return &cut{line, after}, err
			}}
			want := Unknown
			if after < called {
				want = NotSent
			}
			if got := terminal.Charge(t.Context(), Charge{Amount: asked, Ref: "R1"}); got.Outcome != want {
				t.Errorf("after %d bytes: got %+v, want %s", after, got, want)
			}
		})
	}
}

func TestATillThatStopsWhileAConcertTerminalIsAtWorkLeavesItUnknown(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]Answer{
		"slow": {Outcome: Unknown, Code: "terminal.interrupted"},
		"deaf": {Outcome: NotSent, Code: "terminal.stopped"},
	} {
		synctest.Test(t, func(t *testing.T) {
			v := &concert.Virtual{Cases: script(t, name, concert.Cases())}
			terminal := &concertTerminal{setup: TerminalSetup{}.whole(), dial: onSerial(v)}
			ctx, stop := context.WithCancel(t.Context())
			time.AfterFunc(2*time.Second, stop)
			if got := terminal.Charge(ctx, Charge{Amount: asked, Ref: "R1"}); got != want {
				t.Errorf("%s: got %+v, want %+v", name, got, want)
			}
		})
	}
}

func TestAnAnswerThatComesLateIsNotThatOfTheNextCharge(t *testing.T) {
	t.Parallel()
	const ap = "CZ0040300CA00201CB0041470CD0010CE003978AE00210CF"
	e := func(private string) []string {
		a := concert.Answer{Till: "01", Result: concert.Done, Cents: int64(asked), Means: '1', Currency: euro, Private: private}
		return []string{"\x06", "\x06", "\x05", string(concert.Frame(a.Encode())), "\x04"}
	}
	for came, want := range map[string]Outcome{"R1": Unknown, "R2": Approved, "T7": Approved} {
		for protocol, answer := range map[string][]string{ProtocolCaisseAP: {ap + "002" + came}, ProtocolConcert: e(came)} {
			synctest.Test(t, func(t *testing.T) {
				dials := []dialer{saying(), saying(answer...)}
				terminal := speaking(TerminalSetup{Protocol: protocol, Timeout: 9 * time.Second}.whole(), func(ctx context.Context) (io.ReadWriteCloser, error) {
					next := dials[0]
					dials = dials[1:]
					return next(ctx)
				})
				_ = terminal.Charge(t.Context(), Charge{Amount: asked, Ref: "R1"})
				if got := terminal.Charge(t.Context(), Charge{Amount: asked, Ref: "R2"}); got.Outcome != want {
					t.Errorf("%s, answered with %s: got %+v, want %s", protocol, came, got, want)
				}
			})
		}
	}
}
