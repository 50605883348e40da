package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"path/filepath"

	"comptoir/cmd/comptoir/internal/web"
	"comptoir/data/fault"
	"comptoir/pos"
)

type serveCmd struct {
	Listen    string   `default:"127.0.0.1:8080" help:"Address of the till, for staff only." placeholder:"HOST:PORT"`
	Public    string   `default:"127.0.0.1:8081" help:"Address of the public pages: cards, receipts, board." placeholder:"HOST:PORT"`
	PublicURL string   `name:"public-url" help:"Address of the public pages as phones see it." placeholder:"URL"`
	AllowHost []string `name:"allow-host" help:"One more name the till answers to." placeholder:"NAME"`
	Printer   []string `name:"printer" help:"Where a printer is, such as bar=tcp://192.168.1.50:9100; one that is not set up yet is, with the usual profile." placeholder:"NAME=URI" sep:"none"`
	HTTPS     string   `name:"https" help:"Address of the till for tablets, over HTTPS; comptoir vouches for itself." placeholder:"HOST:PORT"`
	Metrics   string   `name:"metrics" help:"Address of figures for Prometheus, such as 127.0.0.1:9090; this machine's own only." placeholder:"HOST:PORT"`
	CopyTo    string   `name:"copy-to" help:"Second place for a copy that is kept all the time: a folder, sftp://user@host/path?key=FILE&known_hosts=FILE or s3://bucket/prefix?endpoint=URL." placeholder:"PLACE"`
	MDNS      string   `name:"mdns" help:"Answer to till.local on the network where Avahi does not (auto), or never (off)." enum:"auto,off" default:"auto"`
}

func (c *serveCmd) run(ctx context.Context, e *env) int {
	spareMemory()
	chosen := e.cafe()
	if chosen.demo {
		if err := foundDemo(ctx, e.config(chosen)); err != nil {
			return e.fail(err)
		}
	}
	printers, err := readPrinters(c.Printer)
	if err != nil {
		e.say("comptoir: %v", err)
		return exitUsage
	}
	config := e.config(chosen)
	config.PublicURL = c.PublicURL
	m := &Main{Config: config, Listen: c.Listen, Public: c.Public, AllowHosts: c.AllowHost, Printers: printers, CopyTo: c.CopyTo, HTTPS: c.HTTPS, Metrics: c.Metrics, Keys: filepath.Join(e.data, keysFolder), Log: e.log}
	if chosen.demo {
		m.Setup = e.setup()
	}
	if err := m.Start(ctx); err != nil {
		if ctx.Err() != nil { // asked to end before it had begun
			return exitOK
		}
		return e.fail(err)
	}
	e.put("%s", m.StaffURL())
	e.put("%s", urlOf(m.public.Addr()))
	if m.secure != nil {
		e.put("%s", m.SecureURL())
	}
	defer c.answer(ctx, e, m)()
	defer tellSystem(ctx, e.log)()
	defer spareCode(ctx)()
	return c.live(ctx, e, m, chosen)
}

// answer answers to the till's name on the network until the function it returns is called. Nobody is told of a till that only
// this machine reaches.
func (c *serveCmd) answer(ctx context.Context, e *env, m *Main) (ended func()) {
	if c.MDNS == "off" || !m.isOpenToTheHouse() {
		return func() {}
	}
	a := &announcer{names: localNames(false), taken: avahiRuns, addresses: localAddresses, log: e.log, answers: answerTo}
	if m.secure != nil {
		a.port, a.secure = portOf(m.secure.Addr()), true
	}
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		a.announce(ctx)
	}()
	return func() { cancel(); <-over }
}

func portOf(a net.Addr) int {
	if tcp, ok := a.(*net.TCPAddr); ok {
		return tcp.Port
	}
	return 0
}

// live serves the café, or keeps it while it is held.
func (c *serveCmd) live(ctx context.Context, e *env, m *Main, chosen cafe) int {
	if m.Held() != nil {
		return c.wait(ctx, e, m, chosen)
	}
	c.greet(e, m, chosen)
	halt := func() {}
	if chosen.demo {
		halt = e.ring(ctx, m, chosen)
	}
	return c.attend(ctx, e, m, chosen, halt)
}

// ring rings the sample day of the demonstration while it is served. The function it returns halts that and waits:
// what is left is rung at the next start.
func (e *env) ring(ctx context.Context, m *Main, demo cafe) (halt func()) {
	ctx, cancel := context.WithCancel(ctx)
	rung := make(chan struct{})
	go func() {
		defer close(rung)
		if err := seedDemo(ctx, m, demo); err != nil && ctx.Err() == nil {
			e.say("comptoir: the sample day could not be rung: %s", firstLine(err.Error()))
		}
	}()
	return func() { cancel(); <-rung }
}

// setup is how the demonstration makes room for a live café: the set-up page makes it, and attend then serves it.
func (e *env) setup() *web.Setup {
	live := e.live()
	return &web.Setup{
		Code: newSetupCode(),
		Open: func() bool { return !live.exists() },
		Found: func(ctx context.Context, f web.Founding) (pos.Session, error) {
			made := founding{identity: f.Identity, manager: f.Manager, sample: f.Sample, menu: f.Menu, enter: true}
			return made.make(ctx, e.config(live))
		},
		Made: make(chan struct{}, 1),
	}
}

// newSetupCode is what lets another machine than this one set up the café, once: 40 random bits to read aloud.
func newSetupCode() string {
	code := rand.Text()
	return code[:4] + "-" + code[4:8]
}

// greet says what a person needs to begin.
func (c *serveCmd) greet(e *env, m *Main, chosen cafe) {
	e.say("%s: %s", m.Till().Identity().Name, chosen.dir)
	e.say("Till:         %s", m.StaffURL())
	e.say("Public pages: %s", m.PublicURL())
	if m.secure != nil {
		e.say("Tablets:      %s (how they come to trust it: %s/manage/network)", m.SecureURL(), m.StaffURL())
	}
	if isLoopback(m.public.Addr()) && c.PublicURL == "" {
		e.say("              Phones reach them once you give --public 0.0.0.0:8081 and --public-url http://ADDRESS-OF-THIS-MACHINE:8081")
	}
	if chosen.demo {
		e.say("PINs:         %s %s, %s %s", demoBaristaPIN, demoBarista, demoManagerPIN, demoManager)
		if m.Setup.Open() {
			e.say("This is a demonstration. A live café is made at %s/setup, or with: comptoir init --help", m.StaffURL())
			e.say("Set-up code:  %s (asked for on any other machine than this one)", m.Setup.Code)
		}
	}
	e.say("Ctrl-C ends it; nothing that was paid is lost.")
}

// outlast keeps the café readable while its disk fails, and serves it when the disk works again.
func (c *serveCmd) outlast(ctx context.Context, e *env, m *Main, chosen cafe) int {
	e.say("comptoir: the disk failed, and nothing more is written: %s", firstLine(m.Till().DB().Err().Error()))
	e.say("What was answered \"paid\" is there; what was not, the till finds out by itself. What can be read is still shown.")
	if fault.CodeOf(m.Till().DB().Trouble()) == "data.damaged" {
		e.say("The data are damaged. Stop the till, keep the folder as it is, and put the newest copy back.")
	} else {
		e.say("Check the disk and its free space. The till goes on by itself when the disk works again.")
	}
	err := m.Outlast(ctx)
	if err == nil {
		return c.resume(ctx, e, m, chosen)
	}
	if m.till != nil {
		err = errors.Join(err, m.Stop(ctx))
	}
	if ctx.Err() == nil {
		e.say("comptoir: %s", firstLine(err.Error()))
	}
	return exitDisk
}

// resume serves what Outlast has opened anew.
func (c *serveCmd) resume(ctx context.Context, e *env, m *Main, chosen cafe) int {
	if m.Held() != nil {
		return c.wait(ctx, e, m, chosen)
	}
	e.say("The disk works again, and %s is open.", m.Till().Identity().Name)
	halt := func() {}
	if chosen.demo {
		halt = e.ring(ctx, m, chosen)
	}
	return c.attend(ctx, e, m, chosen, halt)
}

// isLoopback reports whether only this machine reaches an address.
func isLoopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// attend waits until the service is asked to end, or ends by itself, and returns the exit code. When a live café has
// been set up, it serves that one from then on. halt ends what is still being rung.
func (c *serveCmd) attend(ctx context.Context, e *env, m *Main, chosen cafe, halt func()) int {
	var made chan struct{}
	if m.Setup != nil {
		made = m.Setup.Made
	}
	disk := m.Till().DB().Failed()
	select {
	case <-made:
		halt()
		if err := m.Swap(ctx, e.config(e.live())); err != nil {
			return e.fail(fmt.Errorf("the new café was set up, and could not be opened: %w", err))
		}
		e.say("%s is open; the demonstration is closed.", m.Till().Identity().Name)
		return c.attend(ctx, e, m, e.live(), func() {})
	case <-m.Replaced():
		halt()
		if err := m.Reopen(ctx); err != nil {
			return e.fail(err)
		}
		return c.live(ctx, e, m, chosen)
	case <-ctx.Done():
	case <-disk:
		halt()
		return c.outlast(ctx, e, m, chosen)
	case err := <-m.Ended():
		m.ended <- err // Stop collects it
	}
	halt()
	if err := m.Stop(ctx); err != nil {
		return e.fail(fmt.Errorf("the service ended badly: %w", err))
	}
	return exitOK
}
