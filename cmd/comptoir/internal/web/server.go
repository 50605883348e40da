package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/device"
	"comptoir/cmd/comptoir/internal/health"
	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/cmd/comptoir/internal/speed"
	"comptoir/data"
	"comptoir/pos"
	"comptoir/receipts/spool"
)

// Limits of a listener.
const (
	maxConnections  = 512
	readTimeout     = 10 * time.Second // of one request
	idleTimeout     = 60 * time.Second // of a kept connection
	headerLimit     = 16 << 10         // bytes
	shutdownTimeout = 5 * time.Second  // for requests in flight
)

// Config is what the till's face needs. Both listeners are bound before New, so that whoever prints their addresses
// knows that they accept.
type Config struct {
	Till       *pos.Till
	Devices    *device.Devices // printers and what else hangs on the till; nil: nothing does
	Staff      net.Listener
	Public     net.Listener
	PublicURL  string       // address of the public pages as phones see it; its host is allowed
	AllowHosts []string     // more names the till answers to
	Clock      data.Clock   // of limits and log lines, never of a sale; nil: the machine's
	Log        *slog.Logger // nil: discarded
	Setup      *Setup       // nil: no café can be set up here
	Copies     *Copies      // the copy in a second place; nil: none can be kept
	Network    Network      // how other machines of the house reach the staff's pages; zero: not at all

	Health []health.Source // what others know of the machine's state, for the page of its health
}

// Server serves the staff and the public listener of one café.
type Server struct {
	till      *pos.Till
	devices   *device.Devices
	catalogue *locale.Catalogue
	pages     *renderer
	kept      keptBlocks // of the till's page
	hub       *hub
	hosts     *hostList
	scans     *scanLimit
	places    *places
	photos    *photoReader
	healthy   *healthCheck
	displays  *displays
	charges   *charges
	setup     *Setup
	copies    *Copies
	trial     atomic.Pointer[placeTrial] // of the place that was tried last
	idle      *idleWatch
	recovered recovered
	painter   *cardPainter
	poles     *poleWriter
	memory    map[string]memory // what tills remember
	resends   chan struct{}     // one page gives back at a time
	clock     data.Clock
	log       *slog.Logger

	network Network
	sources []health.Source
	room    func(dir string) (data.Space, error) // what is left on its disk
	speed   *speed.Meter
	meters  *meters

	staff, public     *fiber.App
	staffLn, publicLn *door
	secure            *entrance // the staff's pages over TLS; nil: none
}

// New wires the pages and the API around a till. From then on screens are told of every commit.
func New(cfg Config) (*Server, error) {
	catalogue, err := words()
	if err != nil {
		return nil, fmt.Errorf("load catalogue: %w", err)
	}
	pages, err := compiled()
	if err != nil {
		return nil, fmt.Errorf("load pages: %w", err)
	}
	painter, err := newCardPainter()
	if err != nil {
		return nil, fmt.Errorf("load fonts: %w", err)
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Clock == nil {
		cfg.Clock = data.SystemClock{}
	}
	s := &Server{
		till: cfg.Till, devices: cfg.Devices, catalogue: catalogue, pages: pages, painter: painter, hub: newHub(), setup: cfg.Setup, copies: cfg.Copies, clock: cfg.Clock, log: cfg.Log,
		hosts:   newHostList(cfg.PublicURL, cfg.AllowHosts, cfg.Staff, cfg.Public),
		scans:   newScanLimit(cfg.Clock.Now),
		places:  newPlaces(),
		photos:  newPhotoReader(cfg.Clock.Now),
		healthy: &healthCheck{ready: cfg.Till.DB().Ready, now: cfg.Clock.Now},
		staffLn: newDoor(cfg.Staff), publicLn: newDoor(cfg.Public), network: cfg.Network, sources: cfg.Health, room: data.FreeSpace,
	}
	s.speed, s.meters = speed.New(cfg.Clock.Now), newMeters(s)
	s.charges = newCharges(cfg.Till, cfg.Devices, cfg.Log)
	s.poles = newPoleWriter(s)
	s.displays = newDisplays(s.tellDisplays, cfg.Clock.Now)
	s.idle, s.memory, s.resends = newIdleWatch(), remembered(), make(chan struct{}, 1)
	s.recovered.started = cfg.Till.DB().Now()
	s.staff, s.public = s.newApp(false), s.newApp(true)
	s.mount(s.staff, s.staffRoutes())
	s.mount(s.public, s.publicRoutes())
	if cfg.Network.Secure != nil {
		s.secure = &entrance{s.newApp(false), cfg.Network.door()}
		s.mount(s.secure.app, s.staffRoutes())
	}
	cfg.Till.DB().OnCommit(s.hub.publish)
	cfg.Till.DB().OnCommit(s.displays.listen)
	cfg.Till.DB().OnCommit(s.idle.listen)
	if s.devices != nil {
		s.devices.OnChange(func() { s.tellScreens(spool.Topic) })
	}
	return s, nil
}

// newApp returns one listener's application. Immutable: Fiber's strings are views of a buffer it uses again.
// No WriteTimeout: it would cut live screens; the deadline of a handler bounds the work instead, and the door each piece sent.
func (s *Server) newApp(public bool) *fiber.App {
	largest := maxMenuBody
	if public {
		largest = maxBody // a body is in memory before anybody asks whose it is: guests import no menu
	}
	app := fiber.New(fiber.Config{
		AppName: "comptoir", Immutable: true, DisableStartupMessage: true, CaseSensitive: true, StrictRouting: true,
		BodyLimit: largest, Concurrency: maxConnections, ReadTimeout: readTimeout, IdleTimeout: idleTimeout, ReadBufferSize: headerLimit,
		ErrorHandler: func(c *fiber.Ctx, err error) error { // what fasthttp refuses before any handler
			return s.answerError(c, problemOf(err))
		},
	})
	app.Use(s.around(public))
	return app
}

// Speed is the meter of how fast the till answers.
func (s *Server) Speed() *speed.Meter { return s.speed }

// StaffAddr is where the staff listener accepts.
func (s *Server) StaffAddr() net.Addr { return s.staffLn.Addr() }

// PublicAddr is where the public listener accepts.
func (s *Server) PublicAddr() net.Addr { return s.publicLn.Addr() }

// Serve answers requests until the context ends or a listener fails; while the disk has failed it goes on showing what can be
// read. It then stops in this order: no new connections, live screens closed, requests in flight answered. Printers and the database are the caller's.
//
// It returns nil when the context ended it and every request was answered.
func (s *Server) Serve(ctx context.Context) error {
	return s.accept(ctx)
}

// entrance is an application and the listener it answers on.
type entrance struct {
	app  *fiber.App
	door *door
}

// entrances are all there are.
func (s *Server) entrances() []entrance {
	all := []entrance{{s.staff, s.staffLn}, {s.public, s.publicLn}}
	if s.secure != nil {
		all = append(all, *s.secure)
	}
	return all
}

// accept answers at every entrance until the context ends or a listener fails.
func (s *Server) accept(ctx context.Context) error {
	all := s.entrances()
	ended := make(chan error, len(all))
	for _, e := range all {
		go func() { ended <- e.app.Listener(e.door) }()
	}
	running := len(all)
	var err error
	select {
	case <-ctx.Done():
	case err = <-ended:
		running--
		if err == nil {
			err = errors.New("a listener closed by itself")
		}
	}
	err = errors.Join(err, s.shutdown())
	for range running {
		err = errors.Join(err, <-ended)
	}
	return err
}

// shutdown stops every listener. The hub closes between, and whoever has connected without asking is hung up on: an
// open stream, or a connection a browser opened in advance, would hold the shutdown until its timeout.
func (s *Server) shutdown() error {
	all := s.entrances()
	var err error
	for _, e := range all {
		err = errors.Join(err, e.door.Close())
	}
	s.hub.close()
	var wg sync.WaitGroup
	errs := make([]error, len(all))
	for i, e := range all {
		e.door.hangUp()
		drips := time.AfterFunc(dripGrace, e.door.endDrips)
		wg.Go(func() {
			defer drips.Stop()
			errs[i] = e.app.ShutdownWithTimeout(shutdownTimeout)
		})
	}
	wg.Wait()
	s.charges.close() // no request can begin one any more
	return errors.Join(err, errors.Join(errs...))
}
