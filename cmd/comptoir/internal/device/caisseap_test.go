package device

import (
	"context"
	"fmt"
	"io"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"comptoir/cmd/comptoir/internal/device/caisseap"
	"comptoir/cmd/comptoir/internal/device/rehearsal"
	"comptoir/data/money"
)

const asked money.Cents = 1470

// end is how a charge should end.
type end struct {
	outcome Outcome
	amount  money.Cents
	code    string
}

func paid(amount money.Cents) end  { return end{Approved, amount, ""} }
func no(code string) end           { return end{Declined, 0, code} }
func left(code string) end         { return end{Unknown, 0, code} }
func (e end) wanted(a Answer) bool { return e == end{a.Outcome, a.Amount, a.Code} }
func ended(a Answer) string        { return fmt.Sprintf("%s %d %q", a.Outcome, a.Amount, a.Code) }
func (e end) String() string       { return fmt.Sprintf("%s %d %q", e.outcome, e.amount, e.code) }

// caisseAPEnds says how each case of the virtual terminal ends. No end that leaves anything open is a refusal.
func caisseAPEnds() map[string]end {
	return map[string]end{
		caisseap.CaseApproved:   paid(asked),
		caisseap.CaseClosed:     paid(asked),
		caisseap.CaseBytewise:   paid(asked),
		caisseap.CasePaused:     paid(asked),
		caisseap.CasePadded:     paid(asked),
		caisseap.CaseNoEcho:     paid(asked),
		caisseap.CaseTicket:     paid(asked),
		caisseap.CaseLineEnd:    paid(asked),
		caisseap.CasePartial:    paid(asked / 2),
		caisseap.CaseTaken:      paid(asked),
		caisseap.CaseSlow:       paid(asked),
		caisseap.CaseRefused:    no("terminal.refused"),
		caisseap.CaseAbandoned:  no("terminal.abandoned"),
		caisseap.CaseTimedOut:   no("terminal.input_timeout"),
		caisseap.CaseFormat:     no("terminal.format"),
		caisseap.CaseNotDone:    no("terminal.not_done"),
		caisseap.CaseUnfinished: left("terminal.unfinished"),
		caisseap.CaseNoReason:   left("terminal.cut_off"),
		caisseap.CaseOddReason:  left("terminal.garbled"),
		caisseap.CaseNoAnswer:   left("terminal.no_answer"),
		caisseap.CaseTruncated:  left("terminal.cut_off"),
		caisseap.CaseStopped:    left("terminal.cut_off"),
		caisseap.CaseGarbage:    left("terminal.garbled"),
		caisseap.CaseFlood:      left("terminal.garbled"),
		caisseap.CaseHang:       left("terminal.no_answer"),
		caisseap.CaseReset:      left("terminal.no_answer"),
		caisseap.CaseDiffers:    left("terminal.amount_differs"),
		caisseap.CaseNothing:    left("terminal.amount_differs"),
		caisseap.CaseNoAmount:   left("terminal.cut_off"),
		caisseap.CaseBusy:       left("terminal.amount_differs"),
		caisseap.CaseWrongEcho:  left("terminal.other_payment"),
		caisseap.CaseOtherMoney: left("terminal.other_payment"),
		caisseap.CaseTakenOnly:  left("terminal.taken"),
		caisseap.CaseTwoEnds:    left("terminal.garbled"),
		caisseap.CaseOddStatus:  left("terminal.garbled"),
	}
}

func script(t *testing.T, text string, known []string) *rehearsal.Script {
	t.Helper()
	s, err := rehearsal.Read(text, known)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// charge asks devices with one terminal for money.
func charge(t *testing.T, s TerminalSetup, c Charge) Answer {
	t.Helper()
	d := New(Config{})
	if err := d.Use(Setup{Terminals: []TerminalSetup{s}}); err != nil {
		t.Fatal(err)
	}
	return d.Charge(t.Context(), s.Name, c)
}

// listening starts a virtual terminal on loopback and returns its address.
func listening(t *testing.T, v *caisseap.Virtual) string {
	t.Helper()
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- v.Serve(ctx, on) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return "tcp://" + on.Addr().String()
}

func TestEachEndOfACaisseAPTerminalOnLoopback(t *testing.T) {
	t.Parallel()
	for name, want := range caisseAPEnds() {
		if name == caisseap.CaseSlow {
			continue // twenty seconds: in the test without a clock
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v := &caisseap.Virtual{Cases: script(t, name, caisseap.Cases())}
			s := TerminalSetup{Name: "TPE", Protocol: ProtocolCaisseAP, URI: listening(t, v), Timeout: 2 * time.Second}
			a := charge(t, s, Charge{Amount: asked, Ref: "R0123456789"})
			if !want.wanted(a) {
				t.Errorf("got %s, want %s", ended(a), want)
			}
			if n := len(v.Asked()); n != 1 {
				t.Errorf("the terminal was asked %d times, want once", n)
			}
		})
	}
}

// within is a terminal at the other end of a pipe.
func within(v *caisseap.Virtual) dialer {
	return inMemory(func(ctx context.Context, till net.Conn) { v.Answer(ctx, till) })
}

func TestEachEndOfACaisseAPTerminalWithAllItsTime(t *testing.T) {
	t.Parallel()
	ends := caisseAPEnds()
	for _, name := range caisseap.Cases() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want, there := ends[name]
				if !there {
					t.Fatal("nobody says how this ends")
				}
				v := &caisseap.Virtual{Cases: script(t, name, caisseap.Cases()), Pause: 30 * time.Second}
				terminal := &caisseAP{setup: TerminalSetup{}.whole(), dial: within(v)}
				began := time.Now()
				a := terminal.Charge(t.Context(), Charge{Amount: asked, Ref: "R0123456789"})
				if !want.wanted(a) {
					t.Errorf("got %s, want %s", ended(a), want)
				}
				if took := time.Since(began); took > caisseap.TimeMax {
					t.Errorf("it took %v", took)
				}
				synctest.Wait()
				if n := len(v.Asked()); n != 1 {
					t.Errorf("the terminal was asked %d times, want once", n)
				}
			})
		})
	}
}

func TestAnApprovalTellsWhatTheBankSaidAndNothingOfTheCard(t *testing.T) {
	t.Parallel()
	v := &caisseap.Virtual{Cases: script(t, "approved", caisseap.Cases())}
	terminal := &caisseAP{setup: TerminalSetup{}.whole(), dial: within(v)}
	got := terminal.Charge(t.Context(), Charge{Amount: asked, Ref: "R1"})
	want := Answer{Outcome: Approved, Amount: asked, Authorisation: "166943", Application: "00B", Entry: "contactless"}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestNothingIsAskedThatTheProtocolCannotWrite(t *testing.T) {
	t.Parallel()
	never := func(context.Context) (io.ReadWriteCloser, error) {
		t.Error("the line was opened")
		return nil, net.ErrClosed
	}
	ap := &caisseAP{setup: TerminalSetup{}.whole(), dial: never}
	serial := &concertTerminal{setup: TerminalSetup{}.whole(), dial: never}
	for _, c := range []struct {
		on   Terminal
		c    Charge
		code string
	}{
		{ap, Charge{Amount: 0, Ref: "R1"}, "terminal.amount"},
		{ap, Charge{Amount: -5, Ref: "R1"}, "terminal.amount"},
		{ap, Charge{Amount: 1_000_000_000_000, Ref: "R1"}, "terminal.amount"},
		{ap, Charge{Amount: 1, Ref: ""}, "terminal.ref"},
		{ap, Charge{Amount: 1, Ref: "é"}, "terminal.ref"},
		{ap, Charge{Amount: 1, Ref: "012345678901234567890123456789012"}, "terminal.ref"},
		{ap, Charge{Amount: 1, Ref: "R1", Refund: true}, "terminal.no_refund"},
		{serial, Charge{Amount: 0, Ref: "R1"}, "terminal.amount"},
		{serial, Charge{Amount: 100_000_000, Ref: "R1"}, "terminal.amount"},
		{serial, Charge{Amount: 1, Ref: "\x05"}, "terminal.ref"},
		{serial, Charge{Amount: 1, Ref: "R1", Refund: true}, "terminal.no_refund"},
	} {
		if got := c.on.Charge(t.Context(), c.c); got != (Answer{Outcome: NotSent, Code: c.code}) {
			t.Errorf("%T %+v: got %+v, want %s", c.on, c.c, got, c.code)
		}
	}
}

// requested returns the request that a setup writes.
func requested(t *testing.T, s TerminalSetup, c Charge) string {
	t.Helper()
	request, code := (&caisseAP{setup: s.whole()}).request(c)
	if code != "" {
		t.Fatal(code)
	}
	return request.Text
}

func TestTheSettingsOfAMakerAreInTheRequest(t *testing.T) {
	t.Parallel()
	c := Charge{Amount: 1470, Ref: "V20261121-000042"}
	for _, setting := range []struct {
		s    TerminalSetup
		c    Charge
		want string
	}{
		{TerminalSetup{Version: "0320"}, c, "CZ0040320CJ012012345678901CA00201CB0041470CD0010CE003978CF016V20261121-000042"},
		{TerminalSetup{PrivateData: PrivateNone}, c, "CZ0040300CJ012012345678901CA00201CB0041470CD0010CE003978"},
		{TerminalSetup{EndOfLine: true, PrivateData: PrivateNone}, c, "CZ0040300CJ012012345678901CA00201CB0041470CD0010CE003978\r\n"},
		{TerminalSetup{Identifier: "ABCDEF012345", Till: "07", PrivateData: PrivateNone}, c, "CZ0040300CJ012ABCDEF012345CA00207CB0041470CD0010CE003978"},
		{TerminalSetup{TicketReturn: "100", PrivateData: PrivateNone}, c, "CZ0040300CJ012012345678901CA00201CB0041470CD0010CE003978CK003100"},
		{TerminalSetup{RefundAction: "1", PrivateData: PrivateNone}, Charge{Amount: 5, Ref: "R", Refund: true}, "CZ0040300CJ012012345678901CA00201CB00205CD0011CE003978"},
		{TerminalSetup{PrivateData: PrivateNone}, Charge{Amount: 999_999_999_999, Ref: "R"}, "CZ0040300CJ012012345678901CA00201CB012999999999999CD0010CE003978"},
	} {
		if got := requested(t, setting.s, setting.c); got != setting.want {
			t.Errorf("got  %q\nwant %q", got, setting.want)
		}
	}
}

func TestAnEchoOfAnotherReferenceIsAnotherPaymentWhereItIsAlwaysEchoed(t *testing.T) {
	t.Parallel()
	for private, want := range map[string]end{PrivateSent: paid(asked), PrivateEchoed: left("terminal.other_payment")} {
		v := &caisseap.Virtual{Cases: script(t, "no-echo", caisseap.Cases())}
		terminal := &caisseAP{setup: TerminalSetup{PrivateData: private}.whole(), dial: within(v)}
		if a := terminal.Charge(t.Context(), Charge{Amount: asked, Ref: "R1"}); !want.wanted(a) {
			t.Errorf("%s: got %s, want %s", private, ended(a), want)
		}
	}
}

func TestNothingListensAndNothingWasAsked(t *testing.T) {
	t.Parallel()
	on, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := TerminalSetup{Name: "TPE", Protocol: ProtocolCaisseAP, URI: "tcp://" + on.Addr().String()}
	_ = on.Close()
	if got := charge(t, s, Charge{Amount: asked, Ref: "R1"}); got != (Answer{Outcome: NotSent, Code: "terminal.unreachable"}) {
		t.Errorf("got %+v", got)
	}
}

func TestAContextThatEndsInTheMiddleLeavesItUnknown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		v := &caisseap.Virtual{Cases: script(t, "slow", caisseap.Cases())}
		terminal := &caisseAP{setup: TerminalSetup{}.whole(), dial: within(v)}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		stopped, stop := context.WithCancel(ctx)
		defer cancel()
		time.AfterFunc(3*time.Second, stop)
		if got := terminal.Charge(stopped, Charge{Amount: asked, Ref: "R1"}); got != (Answer{Outcome: Unknown, Code: "terminal.interrupted"}) {
			t.Errorf("stopped: got %+v", got)
		}
		if got := terminal.Charge(stopped, Charge{Amount: asked, Ref: "R2"}); got != (Answer{Outcome: NotSent, Code: "terminal.stopped"}) {
			t.Errorf("stopped before: got %+v", got)
		}
		synctest.Wait()
		if n := len(v.Asked()); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}

func TestASecondChargeOfATerminalAtWorkIsNotSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		d := New(Config{})
		trial := TerminalSetup{Protocol: ProtocolCaisseAP, URI: "virtual:"}
		one, two := trial, trial
		one.Name, two.Name = "one", "the same by another name"
		if err := d.Use(Setup{Terminals: []TerminalSetup{one, two}}); err != nil {
			t.Fatal(err)
		}
		first := make(chan Answer)
		go func() { first <- d.Charge(t.Context(), one.Name, Charge{Amount: 500, Ref: "R1"}) }()
		synctest.Wait()
		for _, name := range []string{one.Name, two.Name} {
			if got := d.Charge(t.Context(), name, Charge{Amount: 500, Ref: "R2"}); got != (Answer{Outcome: NotSent, Code: "terminal.busy"}) {
				t.Errorf("%s: got %+v", name, got)
			}
		}
		if err := d.Ping(t.Context(), one.Name); err == nil {
			t.Error("a terminal at work was asked who it is")
		}
		// Settings that change meanwhile change nothing of what runs, and free nothing.
		if err := d.Use(Setup{Terminals: []TerminalSetup{one}}); err != nil {
			t.Fatal(err)
		}
		if got := d.Charge(t.Context(), one.Name, Charge{Amount: 500, Ref: "R3"}); got.Code != "terminal.busy" {
			t.Errorf("behind a change: got %+v", got)
		}
		if got := <-first; got.Outcome != Approved {
			t.Errorf("the first: got %+v", got)
		}
		if got := d.Charge(t.Context(), one.Name, Charge{Amount: 500, Ref: "R4"}); got.Outcome != Approved {
			t.Errorf("then: got %+v", got)
		}
		if got := d.Charge(t.Context(), "nobody", Charge{Amount: 500, Ref: "R5"}); got != (Answer{Outcome: NotSent, Code: "terminal.unknown"}) {
			t.Errorf("nobody: got %+v", got)
		}
	})
}

func TestTheTerminalToTryWithEndsByTheCents(t *testing.T) {
	t.Parallel()
	for _, protocol := range []string{ProtocolCaisseAP, ProtocolConcert} {
		for cents, want := range map[int64]Outcome{500: Approved, 591: Declined, 592: Declined, 593: Approved, 594: Unknown, 595: NotSent} {
			amount := money.Cents(cents)
			synctest.Test(t, func(t *testing.T) {
				s := TerminalSetup{Name: "Terminal d’essai", Protocol: protocol, URI: "virtual:"}
				got := charge(t, s, Charge{Amount: amount, Ref: "R1"})
				if got.Outcome != want || got.Outcome == Approved && got.Amount > amount {
					t.Errorf("%s %d: got %+v, want %s", protocol, amount, got, want)
				}
				if amount == 593 && got.Amount != 296 {
					t.Errorf("%s: half of 593 is %d", protocol, got.Amount)
				}
			})
		}
	}
}

func TestATerminalSaysWhoItIs(t *testing.T) {
	t.Parallel()
	v := &caisseap.Virtual{Cases: script(t, "hang", caisseap.Cases())}
	d := New(Config{})
	terminals := []TerminalSetup{
		{Name: "ip", Protocol: ProtocolCaisseAP, URI: listening(t, v)},
		{Name: "serial", Protocol: ProtocolConcert, URI: "virtual:"},
		{Name: "gone", Protocol: ProtocolConcert, URI: "serial:///dev/nothing-hangs-here"},
	}
	if err := d.Use(Setup{Terminals: terminals}); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ip", "serial"} {
		if err := d.Ping(t.Context(), name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantRefusal(t, d.Ping(t.Context(), "gone"), "terminal.unreachable")
	wantRefusal(t, d.Ping(t.Context(), "nobody"), "terminal.unknown")
	if n := len(v.Asked()); n != 0 {
		t.Errorf("saying who it is was a charge, %d times", n)
	}
}

func TestASetupThatCannotBeIsRefusedByItsFields(t *testing.T) {
	t.Parallel()
	good := TerminalSetup{Name: "TPE", Protocol: ProtocolCaisseAP, URI: "tcp://192.0.2.7"}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	if at, _ := good.line(); at.Host != "192.0.2.7:8888" {
		t.Errorf("without a port it is %q", at.Host)
	}
	for field, spoil := range map[string]func(*TerminalSetup){
		"name":          func(s *TerminalSetup) { s.Name = " " },
		"protocol":      func(s *TerminalSetup) { s.Protocol = "telepathy" },
		"uri":           func(s *TerminalSetup) { s.URI = "serial:///dev/ttyACM0" },
		"version":       func(s *TerminalSetup) { s.Version = "0400" },
		"identifier":    func(s *TerminalSetup) { s.Identifier = "1" },
		"till":          func(s *TerminalSetup) { s.Till = "1" },
		"private_data":  func(s *TerminalSetup) { s.PrivateData = "all of it" },
		"ticket_return": func(s *TerminalSetup) { s.TicketReturn = "999" },
		"refund_action": func(s *TerminalSetup) { s.RefundAction = "7" },
		"timeout":       func(s *TerminalSetup) { s.Timeout = time.Hour },
	} {
		s := good
		spoil(&s)
		if got := fields(t, s.Check()); !slices.Equal(got, []string{field}) {
			t.Errorf("%s: refused for %q", field, got)
		}
	}
	for _, uri := range []string{"tcp://192.0.2.7:8888", "cups://queue", "", "usb:///dev/usb/lp0"} {
		s := TerminalSetup{Name: "TPE", Protocol: ProtocolConcert, URI: uri}
		if got := fields(t, s.Check()); !slices.Equal(got, []string{"uri"}) {
			t.Errorf("concert over %q: refused for %q", uri, got)
		}
	}
}

// The answers of another maker's simulator: it repeats the request, puts its own words where the reference was, and adds the
// contract, the application and the number of the card.
func TestTheAnswersOfAnIndependentSimulatorAreUnderstood(t *testing.T) {
	t.Parallel()
	const echoed = "CZ0040300CJ012012345678901CA00201CB0041470CD0010CE003978"
	for answer, want := range map[string]end{
		echoed + "CF0101010000000AE00210CC003001CI0011AC006483920AA016497355######1234CG006424242AI015A00000000123456AB0042711": paid(asked),
		echoed + "CF0101010000000AE00210CC00300BCI0012AC006483920AA016497355######1234CG006424242AI015A00000000123456AB0042711": paid(asked),
		echoed + "CF002R1AE00201AF00211": no("terminal.abandoned"),
		echoed + "CF002R1AE00201AF00204": no("terminal.refused"),
		echoed + "CF002R1AE00201AF00205": no("terminal.forbidden"),
		echoed + "CF002R1AE00201AF00208": no("terminal.input_timeout"),
		echoed + "CF002R1AE00211":        left("terminal.taken"),
	} {
		terminal := &caisseAP{setup: TerminalSetup{}.whole(), dial: saying(answer)}
		if a := terminal.Charge(t.Context(), Charge{Amount: asked, Ref: "R1"}); !want.wanted(a) {
			t.Errorf("%q: got %s, want %s", answer, ended(a), want)
		}
	}
}
