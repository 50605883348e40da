package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/device"
	"comptoir/cmd/comptoir/internal/locale"
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
	Network    Network      // how other machines of the house reach the staff's pages; zero: not at all
}

// Server serves the staff and the public listener of one café.
type Server struct {
	till      *pos.Till
	devices   *device.Devices
	catalogue *locale.Catalogue
	pages     *renderer
	hub       *hub
	hosts     *hostList
	scans     *scanLimit
	photos    *photoReader
	healthy   *healthCheck
	displays  *displays
	charges   *charges
	setup     *Setup
	idle      *idleWatch
	recovered recovered
	painter   *cardPainter
	poles     *poleWriter
	clock     data.Clock
	log       *slog.Logger

	network Network

	staff, public     *fiber.App
	staffLn, publicLn *door
	secure            *entrance // the staff's pages over TLS; nil: none
}

// New wires the pages and the API around a till. From then on screens are told of every commit.
func New(cfg Config) (*Server, error) {
	catalogue, err := locale.Load()
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
		till: cfg.Till, devices: cfg.Devices, catalogue: catalogue, pages: pages, painter: painter, hub: newHub(), setup: cfg.Setup, clock: cfg.Clock, log: cfg.Log,
		hosts:   newHostList(cfg.PublicURL, cfg.AllowHosts, cfg.Staff, cfg.Public),
		scans:   newScanLimit(cfg.Clock.Now),
		photos:  newPhotoReader(cfg.Clock.Now),
		healthy: &healthCheck{ready: cfg.Till.DB().Ready, now: cfg.Clock.Now},
		staffLn: newDoor(cfg.Staff), publicLn: newDoor(cfg.Public), network: cfg.Network,
	}
	s.charges = newCharges(cfg.Till, cfg.Devices, cfg.Log)
	s.poles = newPoleWriter(s)
	s.displays = newDisplays(s.tellDisplays, cfg.Clock.Now)
	s.idle = newIdleWatch()
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
// No WriteTimeout: it would cut live screens; the deadline of a handler bounds the work instead.
func (s *Server) newApp(public bool) *fiber.App {
	app := fiber.New(fiber.Config{
		AppName: "comptoir", Immutable: true, DisableStartupMessage: true, CaseSensitive: true, StrictRouting: true,
		BodyLimit: maxMenuBody, Concurrency: maxConnections, ReadTimeout: readTimeout, IdleTimeout: idleTimeout, ReadBufferSize: headerLimit,
		ErrorHandler: func(c *fiber.Ctx, err error) error { // what fasthttp refuses before any handler
			return s.answerError(c, problemOf(err))
		},
	})
	app.Use(s.around(public))
	return app
}

// StaffAddr is where the staff listener accepts.
func (s *Server) StaffAddr() net.Addr { return s.staffLn.Addr() }

// PublicAddr is where the public listener accepts.
func (s *Server) PublicAddr() net.Addr { return s.publicLn.Addr() }

// Serve answers requests until the context ends, a listener fails or the disk does. It then stops in this order:
// no new connections, live screens closed, requests in flight answered. Printers and the database are the caller's.
//
// It returns nil when the context ended it and every request was answered.
func (s *Server) Serve(ctx context.Context) error {
	return s.accept(ctx, s.till.DB().Failed(), s.till.DB().Err)
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

// accept answers at every entrance until the context ends, a listener fails or broken is closed, of which cause says why.
func (s *Server) accept(ctx context.Context, broken <-chan struct{}, cause func() error) error {
	all := s.entrances()
	ended := make(chan error, len(all))
	for _, e := range all {
		go func() { ended <- e.app.Listener(e.door) }()
	}
	running := len(all)
	var err error
	select {
	case <-ctx.Done():
	case <-broken:
		err = cause()
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
		wg.Go(func() { errs[i] = e.app.ShutdownWithTimeout(shutdownTimeout) })
	}
	wg.Wait()
	s.charges.close() // no request can begin one any more
	return errors.Join(err, errors.Join(errs...))
}
