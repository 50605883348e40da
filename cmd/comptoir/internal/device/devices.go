package device

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"comptoir/data"
	"comptoir/receipts/escpos"
	"comptoir/receipts/spool"
)

// Config is what devices need of the café.
type Config struct {
	DB *data.DB

	// Paper turns a job into the bytes of its paper. A job whose CameOut is set is printed there in the place of its own
	// printer, and its paper says so. An error is final: such a job can never come out as it is.
	Paper func(ctx context.Context, j spool.Job, p escpos.Profile) ([]byte, error)

	Log   *slog.Logger // nil: discarded
	Clock data.Clock   // of waiting; one that also has Timer(d) (over, stop) is moved by hand. nil: the machine's
}

// Setup is what hangs on the till, as its settings say.
type Setup struct {
	Printers  []Printer
	Terminals []TerminalSetup
	Poles     []PoleSetup
}

// Printer is a receipt printer.
type Printer struct {
	Name     string
	URI      string
	Profile  escpos.Profile
	Fallback string // name of the printer that prints while this one cannot; empty: none
}

// Devices drives all that hangs on the till.
type Devices struct {
	cfg   Config
	clock timer
	log   *slog.Logger
	woken chan struct{}                   // of one: the queue is to be looked at now
	added chan struct{}                   // of one: jobs were added, or have changed
	bells atomic.Pointer[[]chan struct{}] // one a printer: there may be something to do

	mu        sync.Mutex
	setup     Setup
	workers   map[string]*worker                           // by the name of the printer
	leaving   map[string]<-chan struct{}                   // by the name of a printer that is gone: closed when its worker has let go of it
	fork      func() (context.Context, context.CancelFunc) // of the context of Run; nil outside it
	listeners []func()
	driven    sync.WaitGroup // workers, those of printers that are gone included

	terminals terminals
	poles     poles
}

// New returns devices with nothing set up. Nothing is driven before Run.
func New(cfg Config) *Devices {
	d := &Devices{cfg: cfg, clock: timerOf(cfg.Clock), log: cfg.Log, woken: make(chan struct{}, 1), added: make(chan struct{}, 1), workers: map[string]*worker{}, leaving: map[string]<-chan struct{}{}}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if cfg.DB != nil {
		cfg.DB.OnCommit(d.listen)
	}
	return d
}

// listen is called by the database's writer after each commit: it never waits, and reads nothing.
func (d *Devices) listen(events []data.Event) {
	if !slices.ContainsFunc(events, func(e data.Event) bool { return slices.Contains(e.Topics, spool.Topic) }) {
		return
	}
	if bells := d.bells.Load(); bells != nil {
		for _, bell := range *bells {
			signal(bell)
		}
	}
	signal(d.added)
}

// signal wakes whoever waits on a channel of one. It never waits.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it is about to wake
	}
}

// Use takes a new set-up over: at the start, and after each change of the settings. What goes on with a device whose
// settings stay the same goes on. Refusals: device.uri, printer.profile; what can be used is used all the same.
func (d *Devices) Use(s Setup) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.setup = s
	err := errors.Join(d.usePrinters(s.Printers), d.terminals.use(s.Terminals), d.poles.use(s.Poles))
	signal(d.woken)
	return err
}

// Run drives the devices until the context ends, and returns once the job in hand is over.
func (d *Devices) Run(ctx context.Context) {
	d.begin(ctx)
	d.mu.Lock()
	d.fork = func() (context.Context, context.CancelFunc) { return context.WithCancel(ctx) }
	for _, w := range d.workers {
		d.start(w)
	}
	d.mu.Unlock()
	halt := d.poles.run(ctx, d.clock, d.log)
	defer halt()
	d.dispatch(ctx)
	d.mu.Lock()
	d.fork = nil // nothing begins any more
	d.mu.Unlock()
	d.driven.Wait()
}

// OnChange adds a listener that is told when a printer or a job has changed. It must not wait.
func (d *Devices) OnChange(told func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listeners = append(d.listeners, told)
}

// changed tells the listeners.
func (d *Devices) changed() {
	d.mu.Lock()
	told := slices.Clone(d.listeners)
	d.mu.Unlock()
	for _, tell := range told {
		tell()
	}
}
