package device

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"comptoir/cmd/comptoir/internal/device/wire"
	"comptoir/data/fault"
	"comptoir/receipts/escpos"
)

// PoleColumns is how many letters a row of a pole has; it has two rows.
const PoleColumns = 20

// What poles speak.
const (
	PoleEPSON  = "escpos" // Epson DM-D, Aures OCD and their kin: text after form feed
	PoleCD5220 = "cd5220" // ESC Q A …CR for the upper row, ESC Q B …CR for the lower
)

// How long a pole is waited for.
const (
	poleRetry = 5 * time.Second // between two tries of one that is away
	poleGrace = time.Second     // that the end of the service waits for what a pole is being told
)

// PoleSetup is a customer display on a pole: two rows of twenty letters.
type PoleSetup struct {
	Name     string
	Till     string // whose customer it faces
	URI      string // serial
	Protocol string // PoleEPSON or PoleCD5220
	Page     int    // of letters, as ESC t asks for it
	Charmap  string // what that page means: one of escpos.Charmaps
}

var errPole = fault.New(fault.Invalid, "pole.invalid", "What is said of the pole breaks a rule; the fields say which.")

// Check refuses what no pole is: device.uri, pole.invalid (fields uri, protocol, page, charmap).
func (s PoleSetup) Check() error {
	at, err := ParseURI(s.URI)
	if err != nil {
		return err
	}
	e := errPole
	if at.Scheme != Serial {
		e = e.Field("uri", "pole_serial")
	}
	if s.Protocol != PoleEPSON && s.Protocol != PoleCD5220 {
		e = e.Field("protocol", "one_of")
	}
	if s.Page < 0 || s.Page > 255 {
		e = e.Field("page", "range")
	}
	if pageOf(s.Charmap) == nil {
		e = e.Field("charmap", "one_of")
	}
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

func pageOf(name string) *charmap.Charmap {
	return map[string]*charmap.Charmap{"windows-1252": charmap.Windows1252, "cp858": charmap.CodePage858, "iso-8859-15": charmap.ISO8859_15,
		"cp437": charmap.CodePage437, "cp850": charmap.CodePage850}[name]
}

// bytes are what make a pole show two rows, whatever it showed before. Nothing in a row is a command.
func (s PoleSetup) bytes(rows [2]string) []byte {
	out := []byte{0x1b, '@', 0x1b, 'R', 0, 0x1b, 't', byte(s.Page)} // as new, the signs of ASCII, the page
	row := func(text string) []byte {
		var b []byte
		for _, r := range (escpos.Profile{Charmap: s.Charmap}).Printable(text) {
			if c, ok := pageOf(s.Charmap).EncodeRune(r); ok && c >= ' ' && len(b) < PoleColumns {
				b = append(b, c)
			}
		}
		for len(b) < PoleColumns {
			b = append(b, ' ')
		}
		return b
	}
	if s.Protocol == PoleCD5220 {
		for i, which := range []byte{'A', 'B'} {
			out = append(append(append(out, 0x1b, 'Q', which), row(rows[i])...), '\r')
		}
		return out
	}
	out = append(out, 0x1f, 0x01, 0x0c) // what is written goes on in the lower row; nothing is there
	return append(append(out, row(rows[0])...), row(rows[1])...)
}

// PoleState is how a pole is, for pages.
type PoleState struct {
	Name string
	Code string // what is in the way: "pole.unreachable"; empty: all is well, as far as is known
}

// poles are the displays of a café, by name.
type poles struct {
	mu      sync.Mutex
	log     *slog.Logger
	clock   timer
	running context.Context //nolint:containedctx // of Run; nil before it
	named   map[string]*pole
	shown   map[string][2]string // by till: a pole that is set up later, or comes back, shows it at once
	ended   sync.WaitGroup
}

// pole is one display and what it was told last.
type pole struct {
	setup PoleSetup
	news  chan struct{} // of one
	stop  context.CancelFunc
	away  bool
}

// use replaces what is set up; a pole that stays as it is keeps its line. What can be used is.
func (ps *poles) use(setups []PoleSetup) error {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	old := ps.named
	ps.named = make(map[string]*pole, len(setups))
	var refused []error
	for _, s := range setups {
		if err := s.Check(); err != nil {
			refused = append(refused, fmt.Errorf("pole %s: %w", s.Name, err))
			continue
		}
		p := old[s.Name]
		if p == nil || p.setup != s {
			p = &pole{setup: s, news: make(chan struct{}, 1), stop: func() {}}
			ps.start(p)
		} else {
			delete(old, s.Name)
		}
		ps.named[s.Name] = p
	}
	for _, gone := range old {
		gone.stop()
	}
	return errors.Join(refused...)
}

// run drives the poles until the context ends, and then waits for them a little: a line that takes nothing holds nobody up.
func (ps *poles) run(ctx context.Context, clock timer, log *slog.Logger) (halt func()) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	ps.running, ps.clock, ps.log = ctx, clock, log
	for _, p := range ps.named {
		ps.start(p)
	}
	return func() {
		over := make(chan struct{})
		go func() { ps.ended.Wait(); close(over) }()
		patience, enough := clock.Timer(poleGrace)
		defer enough()
		select {
		case <-over:
		case <-patience:
		}
	}
}

// start drives one pole; not before run. The lock is held.
func (ps *poles) start(p *pole) {
	if ps.running == nil || ps.running.Err() != nil {
		return
	}
	ctx, cancel := context.WithCancel(ps.running)
	p.stop = cancel
	signal(p.news)
	ps.ended.Go(func() { ps.drive(ctx, p) })
}

// drive writes to a pole what its till shows, the newest only, and looks for its line again while it is away.
func (ps *poles) drive(ctx context.Context, p *pole) {
	var line *wire.Serial
	defer func() {
		if line != nil {
			_ = line.Close()
		}
	}()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.news:
		}
		for ctx.Err() == nil {
			var err error
			if line == nil {
				line, err = openPole(p.setup.URI)
			}
			if err == nil {
				_, err = line.Write(p.setup.bytes(ps.rows(p.setup.Till)))
			}
			ps.tell(p, err)
			if err == nil {
				break
			}
			if line != nil {
				_ = line.Close()
				line = nil
			}
			again, stop := ps.clock.Timer(poleRetry)
			select {
			case <-again:
			case <-p.news: // somebody is before it: now rather than later
			case <-ctx.Done():
			}
			stop()
		}
	}
}

func openPole(uri string) (*wire.Serial, error) {
	at, err := ParseURI(uri)
	if err != nil {
		return nil, err
	}
	return wire.OpenSerial(at.Path, at.Baud)
}

func (ps *poles) rows(till string) [2]string {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	return ps.shown[till]
}

// tell keeps whether a pole is there, and logs when that changes.
func (ps *poles) tell(p *pole, err error) {
	ps.mu.Lock()
	changed := p.away != (err != nil)
	p.away = err != nil
	ps.mu.Unlock()
	if changed && err != nil {
		ps.log.Warn("a customers' display is away", "pole", p.setup.Name, "error", err)
	}
}

// Show makes the poles of a till show two rows. It never waits, and an error is nobody's: what a pole shows is memory.
func (d *Devices) Show(till, top, bottom string) {
	if d == nil {
		return
	}
	ps := &d.poles
	ps.mu.Lock()
	defer ps.mu.Unlock()
	rows := [2]string{top, bottom}
	if ps.shown[till] == rows {
		return
	}
	if ps.shown == nil {
		ps.shown = map[string][2]string{}
	}
	ps.shown[till] = rows
	for _, p := range ps.named {
		if p.setup.Till == till {
			signal(p.news)
		}
	}
}

// Poles returns how each pole is; none for nil.
func (d *Devices) Poles() map[string]PoleState {
	if d == nil {
		return nil
	}
	ps := &d.poles
	ps.mu.Lock()
	defer ps.mu.Unlock()
	all := make(map[string]PoleState, len(ps.named))
	for name, p := range ps.named {
		s := PoleState{Name: name}
		if p.away {
			s.Code = "pole.unreachable"
		}
		all[name] = s
	}
	return all
}

// PoleRow is a name and an amount in one row: the amount is whole, the name is cut to what is left.
func PoleRow(left, right string) string {
	room := PoleColumns - utf8.RuneCountInString(right)
	if right != "" {
		room--
	}
	name := []rune(left)
	if len(name) > room {
		name = name[:max(room, 0)]
	}
	for row := string(name); ; row += " " {
		if utf8.RuneCountInString(row)+utf8.RuneCountInString(right) >= PoleColumns {
			return row + right
		}
	}
}
