package device

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"

	"comptoir/cmd/comptoir/internal/device/wire"
)

// terminals are the card terminals of a café, by name.
type terminals struct {
	mu    sync.Mutex
	named map[string]*linked
	busy  map[URI]bool // two names may share a terminal
}

// linked is a terminal that is set up.
type linked struct {
	at URI // two spellings of one address are one terminal
	Terminal
}

// use replaces what is set up. A charge that runs goes on with what it began with. What can be used is, and the refusals of
// TerminalSetup.Check say what cannot.
func (ts *terminals) use(setups []TerminalSetup) error {
	named := make(map[string]*linked, len(setups))
	var refused []error
	for _, s := range setups {
		l, err := newTerminal(s)
		if err != nil {
			refused = append(refused, fmt.Errorf("terminal %s: %w", s.Name, err))
			continue
		}
		named[s.Name] = l
	}
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.named = named
	return errors.Join(refused...)
}

// newTerminal makes a terminal out of its settings.
func newTerminal(s TerminalSetup) (*linked, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	s = s.whole()
	at, err := s.line()
	if err != nil {
		return nil, err
	}
	l := &linked{at: at, Terminal: speaking(s, dial(at))}
	if at.Scheme == Virtual {
		l.Terminal = trial{speaking(s, dialTrial(s.Protocol, trialPause))}
	}
	return l, nil
}

// speaking is a terminal that speaks the protocol of its settings over a line.
func speaking(s TerminalSetup, dial dialer) Terminal {
	if s.Protocol == ProtocolConcert {
		return &concertTerminal{setup: s, dial: dial}
	}
	return &caisseAP{setup: s, dial: dial}
}

// dial returns how a line is opened.
func dial(at URI) dialer {
	return func(ctx context.Context) (io.ReadWriteCloser, error) {
		switch at.Scheme {
		case Serial:
			port, err := wire.OpenSerial(at.Path, at.Baud)
			if err != nil {
				return nil, err
			}
			return port, nil
		case TCP:
			var d net.Dialer
			return d.DialContext(ctx, "tcp", at.Host)
		default:
			return nil, fmt.Errorf("terminal: no line of kind %q", at.Scheme)
		}
	}
}

// take makes a terminal its caller's until release is called. Code says why it cannot be; empty: it is.
func (ts *terminals) take(name string) (t Terminal, release func(), code string) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	l := ts.named[name]
	switch {
	case l == nil:
		return nil, nil, codeNoTerminal
	case ts.busy[l.at]:
		return nil, nil, codeBusy
	case ts.busy == nil:
		ts.busy = map[URI]bool{}
	}
	ts.busy[l.at] = true
	return l, func() {
		ts.mu.Lock()
		defer ts.mu.Unlock()
		delete(ts.busy, l.at)
	}, ""
}

// Charge asks the terminal of that name for money, as Terminal.Charge, and never twice. One that is at work is not sent a
// second charge: NotSent, "terminal.busy".
func (d *Devices) Charge(ctx context.Context, name string, c Charge) Answer {
	if d == nil {
		return notSent(codeNoTerminal)
	}
	t, release, code := d.terminals.take(name)
	if code != "" {
		return notSent(code)
	}
	defer release()
	return t.Charge(ctx, c)
}

// Ping asks the terminal of that name who it is, as Terminal.Ping.
func (d *Devices) Ping(ctx context.Context, name string) error {
	if d == nil {
		return refusal(codeNoTerminal)
	}
	t, release, code := d.terminals.take(name)
	if code != "" {
		return refusal(code)
	}
	defer release()
	return t.Ping(ctx)
}
