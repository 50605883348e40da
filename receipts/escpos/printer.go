package escpos

import (
	"errors"
	"fmt"
	"slices"
	"sync"
)

// State is how a printer is.
type State struct {
	PaperOut  bool // nothing is printed, and what is sent waits
	PaperLow  bool // prints, and says that its roll is nearly empty
	CoverOpen bool // nothing is printed, and what is sent waits
	Mute      bool // prints and never answers, as some clones
}

// idle reports that nothing is printed now.
func (s State) idle() bool { return s.PaperOut || s.CoverOpen }

// Limits of the virtual printer, so that no bytes make it grow without end.
const (
	waitMax   = 1 << 20 // bytes that wait, or that one command has
	rowsMax   = 80_000  // of a paper: ten metres, more than an order of 100 lines with all their notes
	keptMost  = 64      // papers
	eventsMax = 1_000
	errorsMax = 100
	answerMax = 4_096
)

// Printer is a virtual printer: it takes the bytes of a job as they come and turns them into papers. It is strict on demand: whatever is
// not in its profile is then an error. An unknown or unfinished command is one always. All its methods may be called at any time from
// anywhere.
type Printer struct {
	taken sync.Mutex // by a wire

	mu      sync.Mutex
	profile Profile
	strict  bool
	state   State

	buf     []byte // commands that wait, then the start of one that is not whole
	ready   int    // how much of buf is whole commands
	need    int    // bytes that the one after them has; 0: not known
	skip    int    // bytes of a command too long to keep that are still to come
	heard   []byte // start of a real-time command
	inside  bool   // it stands inside another command
	answers []byte
	asb     bool // tells how it is on every change
	woken   chan struct{}

	head   machine
	papers []Paper
	events []Event
	errs   []error
}

// NewPrinter returns a printer of a profile, with paper and closed.
func NewPrinter(p Profile, strict bool) *Printer {
	if p.Check() != nil {
		p = Profiles()[0]
	}
	v := &Printer{profile: p, strict: strict, woken: make(chan struct{}, 1)}
	v.head.paper.width = p.Dots
	v.reset()
	return v
}

// Write takes bytes of jobs, however they are split. It never fails: what is wrong with them is in Errors.
func (p *Printer) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range b {
		p.listen(c)
		p.take(c)
		p.work()
	}
	return len(b), nil
}

// take keeps a byte and finds out whether it ends a command.
func (p *Printer) take(c byte) {
	switch {
	case p.skip > 0:
		p.skip--
		return
	case len(p.buf) >= 2*waitMax:
		p.problem("more than %d bytes wait: the rest is lost", 2*waitMax)
		return
	}
	p.buf = append(p.buf, c)
	rest := p.buf[p.ready:]
	if len(rest) < p.need {
		return
	}
	n, known := size(rest)
	switch {
	case !known:
		p.problem("unknown command % x", rest)
		p.buf, p.need = p.buf[:p.ready], 0
		if n < len(rest) { // DLE alone: the byte after it stands for itself
			p.take(c)
		}
	case n > waitMax:
		p.problem("command % x of %d bytes", rest[:2], n)
		p.skip, p.buf, p.need = n-len(rest), p.buf[:p.ready], 0
	case n > 0 && n <= len(rest):
		p.ready, p.need = p.ready+n, 0
	default:
		p.need = n
	}
}

// work does what waits, unless something is in the way.
func (p *Printer) work() {
	done := 0
	for done < p.ready && !p.state.idle() {
		n, _ := size(p.buf[done:p.ready])
		p.do(p.buf[done : done+n])
		done += n
	}
	if done > 0 {
		p.buf = append(p.buf[:0], p.buf[done:]...)
		p.ready -= done
	}
}

// Status returns how the printer is.
func (p *Printer) Status() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// Set changes how the printer is: what waited is printed once nothing is in the way.
func (p *Printer) Set(s State) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s == p.state {
		return
	}
	p.state = s
	if p.asb {
		p.tellAll()
	}
	p.work()
}

// Answers takes the status bytes that the printer has for whoever is connected.
func (p *Printer) Answers() []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := p.answers
	p.answers = nil
	return out
}

// Papers returns what came out, the oldest first, at most the last 64; the one that is not cut yet is the last.
func (p *Printer) Papers() []Paper {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := slices.Clone(p.papers)
	if p.head.paper.height > 0 {
		all = append(all, p.current())
	}
	return all
}

// Tear takes the papers that are cut away, or can be torn off, and returns them, the oldest first.
func (p *Printer) Tear() []Paper {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.atTheEdge() {
		p.finish(true)
	}
	torn := p.papers
	p.papers = nil
	return torn
}

// Events returns what happened to all papers and to the drawer, at most the last 1,000.
func (p *Printer) Events() []Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.events)
}

// Errors returns what was wrong with the bytes, at most the first 100; a command that is not whole yet is the last.
func (p *Printer) Errors() []error {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := slices.Clone(p.errs)
	if len(p.buf) > p.ready || p.skip > 0 {
		all = append(all, p.unfinished())
	}
	return all
}

var errUnfinished = errors.New("unfinished command")

func (p *Printer) unfinished() error {
	return fmt.Errorf("%w % x", errUnfinished, p.buf[p.ready:min(len(p.buf), p.ready+8)])
}

// hangUp ends a connection: what was begun is thrown away, nobody is told anything any more.
func (p *Printer) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.buf) > p.ready || p.skip > 0 {
		p.problem("%w", p.unfinished())
	}
	p.buf, p.need, p.skip, p.heard = p.buf[:p.ready], 0, 0, nil
	p.answers, p.asb = nil, false
}

func (p *Printer) problem(format string, args ...any) {
	if len(p.errs) < errorsMax {
		p.errs = append(p.errs, fmt.Errorf(format, args...))
	}
}

// breach is a problem only for a strict printer: its profile does not have it.
func (p *Printer) breach(format string, args ...any) {
	if p.strict {
		p.problem(format, args...)
	}
}

func (p *Printer) event(e Event) {
	p.events = append(p.events, e)
	if len(p.events) > eventsMax {
		p.events = slices.Delete(p.events, 0, 1)
	}
	if on := &p.head.paper; len(on.Events) < eventsMax {
		on.Events = append(on.Events, e)
	}
}
