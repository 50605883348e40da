package device

import (
	"context"
	"log/slog"
	"sync"
	"time"

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
	Clock data.Clock   // of waiting; one that also has After(time.Duration) <-chan time.Time is moved by hand. nil: the machine's
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

// PoleSetup is a customer display on a pole.
type PoleSetup struct {
	Till string // whose customer it faces
	URI  string // serial
}

// PrinterState is how a printer is, for pages.
type PrinterState struct {
	Name     string
	URI      string
	Code     string    // what is in the way, or what somebody should know, such as "printer.paper_low"; empty: all is well, as far as is known
	Blocked  bool      // nothing comes out because of Code
	Since    time.Time // when Code came up; zero: never
	Waiting  int       // jobs that come out by themselves
	Asking   int       // jobs that wait for a person's word
	Fallback string    // printer that takes its jobs over now; empty: none does
}

// Devices drives all that hangs on the till.
type Devices struct {
	cfg Config

	mu        sync.Mutex
	setup     Setup
	listeners []func()

	terminals terminals
}

// New returns devices with nothing set up. Nothing is driven before Run.
func New(cfg Config) *Devices { return &Devices{cfg: cfg} }

// Use takes a new set-up over: at the start, and after each change of the settings. What goes on with a device whose
// settings stay the same goes on. Refusals: device.uri, printer.profile; what can be used is used all the same.
func (d *Devices) Use(s Setup) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.setup = s
	return d.terminals.use(s.Terminals)
}

// Run drives the devices until the context ends, and returns once the job in hand is over.
func (d *Devices) Run(ctx context.Context) { <-ctx.Done() }

// OnChange adds a listener that is told when a printer or a job has changed. It must not wait.
func (d *Devices) OnChange(told func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.listeners = append(d.listeners, told)
}

// Printers returns how each printer is, in the order of the settings; none for a till without printers, and for nil.
func (d *Devices) Printers(context.Context) []PrinterState { return nil }
