package main

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"comptoir/cmd/comptoir/internal/health"
	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/cmd/comptoir/internal/web"
	"comptoir/pos"
)

// Main is one café being served: database, control socket and both listeners. Tests start the real program with it,
// on port 0.
type Main struct {
	Config     pos.Config  // PublicURL empty: the address of the public listener
	Listen     string      // address of the staff listener; port 0 takes a free one
	Public     string      // address of the public listener
	HTTPS      string      // address of the staff's pages over TLS; empty: none
	Keys       string      // folder of the authority that vouches for them
	AllowHosts []string    // more names the till answers to
	Printers   []printerAt // where printers are, whatever the settings said
	CopyTo     string      // where the copy in a second place goes, whatever the settings said; empty: as they say
	Setup      *web.Setup  // how a live café is set up from a page; nil: it cannot be
	Metrics    string      // address of the figures for Prometheus, on the loopback only; empty: none
	Log        *slog.Logger

	gauges        *gauges      // the listener of Metrics; nil: none
	staff, public net.Listener // kept while one café makes room for another
	secure        net.Listener // nil: without HTTPS
	network       web.Network  // how other machines reach the till, without the listener
	till          *pos.Till
	copies        *copies  // the copy in a second place; nil: the till is held
	devices       *devices // what hangs on the till; nil: it is held
	server        *web.Server
	control       *control
	stopped       *web.Stopped // its page, while the café is held
	reason        error        // why it is held; nil: it is open
	held          *pos.Held    // who decides about it, and has to wait after a wrong PIN; nil: it was never held
	stop          context.CancelFunc
	ended         chan error
	chores        sync.WaitGroup  // what is due by the clock
	replaced      chan struct{}   // told when another machine has the café's data by now
	well          <-chan struct{} // told when a held café is worth trying again; nil: only a person can tell
	pauses        pauses          // before a disk that failed is tried again
}

// Start binds both listeners, opens the café and returns once both accept. The context is of the start only; Stop
// ends the service. Nothing is left open when Start fails.
//
// A café that is there and must not sell as it is (pos.IsHeld) is held: see Held. Other refusals: those of pos.Open. An address that cannot be taken is an error that names its flag.
func (m *Main) Start(ctx context.Context) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, m.close())
		}
	}()
	if m.staff, err = bind(ctx, "--listen", m.Listen); err != nil {
		return err
	}
	if m.public, err = bind(ctx, "--public", m.Public); err != nil {
		return err
	}
	if err = m.bindNetwork(ctx); err != nil {
		return err
	}
	if m.Config.PublicURL == "" {
		m.Config.PublicURL = urlOf(m.public.Addr())
	}
	if m.gauges, err = serveGauges(ctx, m.Metrics, m.logger()); err != nil {
		return err
	}
	return m.openOrHold(ctx)
}

// open opens the café and serves it on the addresses that are bound.
func (m *Main) open(ctx context.Context) (err error) {
	defer working(ctx, m.logger())()
	hash := make(chan string, 1)
	go func() { hash <- binaryHash() }() // beside the log, which waits for the disk
	go web.Prepare()
	found := replica.Find(m.Config.Dir)
	if err = m.openTill(ctx); err != nil {
		return err
	}
	first := &lookout{till: m.till, log: m.logger()}
	if err := first.look(ctx); err != nil {
		return err
	}
	m.vouch()
	if err = placeCopies(ctx, m.till, m.CopyTo); err != nil {
		return fmt.Errorf("--copy-to: %w", err)
	}
	m.copies = openCopies(ctx, m.till, found, m.logger())
	if err := recordRestored(ctx, m.till); err != nil {
		return fmt.Errorf("record the restoration: %w", err)
	}
	if _, err := m.till.CloseDue(ctx); err != nil {
		return fmt.Errorf("close the days that are over: %w", err)
	}
	if err := m.till.ResumeCharges(ctx); err != nil {
		return fmt.Errorf("look up what card terminals were asked: %w", err)
	}
	if err := m.till.Started(ctx, <-hash); err != nil {
		return fmt.Errorf("record the start: %w", err)
	}
	if err = placePrinters(ctx, m.till, m.Printers); err != nil {
		return err
	}
	if m.devices, err = openDevices(ctx, m.till, m.logger()); err != nil {
		return err
	}
	examined := newExaminer(m.till.DB(), m.logger())
	m.server, err = web.New(web.Config{Till: m.till, Devices: m.devices.all, Staff: newLease(m.staff), Public: newLease(m.public),
		PublicURL: m.Config.PublicURL, AllowHosts: slices.Concat(m.network.Names, m.AllowHosts), Network: m.lent(), Setup: m.Setup, Copies: m.copies.lent(first), Health: []health.Source{examined.health}, Log: m.Log})
	if err != nil {
		return fmt.Errorf("prepare pages: %w", err)
	}
	if m.control, err = listenControl(ctx, m.Config.Dir, m.till, m.StaffURL(), m.devices.states, m.facts(), m.Log); err != nil {
		return err
	}
	m.gauges.show(m.server.Metrics())
	served, stop := context.WithCancel(context.WithoutCancel(ctx))
	m.stop, m.ended = stop, make(chan error, 1)
	go func() { m.ended <- m.server.Serve(served) }()
	m.devices.run(context.WithoutCancel(ctx))
	if err := errors.Join(accepts(ctx, m.StaffURL()), accepts(ctx, urlOf(m.public.Addr()))); err != nil {
		return err
	}
	if err := m.secureAccepts(ctx); err != nil { // the till sells without its tablets
		m.logger().Error("--https", "error", err)
	}
	m.besides(served, examined, first)
	return nil
}

// besides does what is done beside the selling until the context ends; it begins when the till has answered.
func (m *Main) besides(ctx context.Context, examined *examiner, first *lookout) {
	log := m.logger()
	m.chores.Go(func() { keepArchives(ctx, m.till, log) })
	m.chores.Go(func() { keepBackups(ctx, m.till, log) })
	m.replaced = make(chan struct{}, 1)
	m.chores.Go(func() { first.keepFirst(ctx, m.replaced) })
	m.chores.Go(func() { duties(ctx, m.till, log) })
	m.chores.Go(func() { keepSpeed(ctx, m.server.Speed(), m.till.DB().Dir(), log) })
	m.chores.Go(func() {
		keepVerified(ctx, m.till, log, func() { examined.run(ctx, examineLimit) })
	})
	ready := answering(m.till.DB())
	m.chores.Go(func() { keepAwake(ctx, ready, log) })
}

// logger is where the service writes what nobody is told on a page.
func (m *Main) logger() *slog.Logger {
	if m.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return m.Log
}

// Replaced is told when another machine was seen to have the café's data: Reopen then holds it.
func (m *Main) Replaced() <-chan struct{} { return m.replaced }

// Till returns the open café.
func (m *Main) Till() *pos.Till { return m.till }

// StaffURL returns the address of the till, reachable from this machine.
func (m *Main) StaffURL() string { return urlOf(m.staff.Addr()) }

// PublicURL returns the address of the public pages as phones see it.
func (m *Main) PublicURL() string { return m.Config.PublicURL }

// Ended returns a channel that gives the one error with which serving ended by itself, such as a failed disk.
func (m *Main) Ended() <-chan error { return m.ended }

// Stop ends the service in the order of architecture.md §4: no new requests, those in flight answered, the end
// recorded, the log moved into the database, the lock given back. A context that has ended already does not stop it.
func (m *Main) Stop(ctx context.Context) error {
	return errors.Join(m.rest(ctx), m.close())
}

// rest ends serving and records it; what is open stays open.
func (m *Main) rest(ctx context.Context) error {
	if m.stop == nil {
		return nil
	}
	if m.till != nil { // it is not held
		m.till.HaltArchives() // a page may be waiting for one
	}
	m.stop()
	err := <-m.ended
	m.stop = nil
	if m.till == nil {
		m.chores.Wait()
		m.stopped, m.reason = nil, nil
		return err
	}
	m.chores.Wait()
	m.devices.halt()
	if m.till.DB().Err() == nil {
		err = errors.Join(err, m.till.Stopping(context.WithoutCancel(ctx)))
	}
	return err
}

// Swap ends the café that is served and serves another on the same addresses: whoever connects meanwhile waits. When
// the other cannot be opened nothing is served any more.
func (m *Main) Swap(ctx context.Context, config pos.Config) error {
	if err := errors.Join(m.rest(ctx), m.closeCafe()); err != nil {
		return errors.Join(err, m.close())
	}
	config.PublicURL = m.Config.PublicURL
	m.Config, m.Setup, m.held = config, nil, nil
	if err := m.open(ctx); err != nil {
		return errors.Join(err, m.close())
	}
	return nil
}

// binaryHash is the SHA-256 of the running program in hex, for the journal (fiscal R63); "" where the system does not
// let a program read itself.
func binaryHash() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	sum, err := hashFile(path)
	if err != nil {
		return ""
	}
	return sum
}

// hashFile is the SHA-256 of a file in hex.
func hashFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	_, err = io.Copy(hash, f)
	if err := errors.Join(err, f.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// close gives back whatever is open, in the reverse order of Start.
func (m *Main) close() error {
	err := errors.Join(m.endServing(), m.closeCafe(), m.gauges.close())
	m.gauges = nil
	for _, l := range []net.Listener{m.staff, m.public, m.secure} {
		if l == nil {
			continue
		}
		if closing := l.Close(); closing != nil && !errors.Is(closing, net.ErrClosed) { // the server may have closed it
			err = errors.Join(err, closing)
		}
	}
	m.staff, m.public, m.secure = nil, nil, nil
	return err
}

// endServing ends what Start began before it failed.
func (m *Main) endServing() error {
	if m.stop == nil {
		return nil
	}
	m.stop()
	err := <-m.ended
	m.stop = nil
	m.chores.Wait()
	m.devices.halt()
	return err
}

// closeCafe closes the café, and keeps the addresses.
func (m *Main) closeCafe() error {
	var err error
	m.gauges.show(nil)
	if m.control != nil {
		err = m.control.close()
	}
	m.copies.end() // before the log is moved into the database
	if m.till != nil {
		err = errors.Join(err, m.till.Close(), replica.Seal(m.Config.Dir))
	}
	m.control, m.till, m.devices, m.copies = nil, nil, nil, nil
	return err
}

// bind takes an address, and says which flag gave it when it cannot.
func bind(ctx context.Context, flag, address string) (net.Listener, error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", address)
	switch {
	case err == nil:
		return l, nil
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s %s: the port is in use; stop what uses it, or give another one with %s HOST:PORT (port 0 takes a free one)", flag, address, flag)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("%s %s: this port is reserved to the system; give one above 1023", flag, address)
	}
	return nil, fmt.Errorf("%s %s: this is not an address of this machine, written HOST:PORT", flag, address)
}

// urlOf is where this machine reaches a listener: one that takes every address is reached by the loopback.
func urlOf(a net.Addr) string {
	if tcp, ok := a.(*net.TCPAddr); ok && tcp.IP.IsUnspecified() {
		return fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
	}
	return "http://" + a.String()
}

// acceptTimeout bounds the first answer of a listener that is already bound.
const acceptTimeout = 10 * time.Second

// accepts asks a listener whether it is well, and so waits until it accepts.
func accepts(ctx context.Context, url string) error {
	return acceptsBy(ctx, http.DefaultClient, url)
}

// acceptsTLS is accepts for the staff's pages over TLS, by the name they vouch for.
func acceptsTLS(ctx context.Context, n web.Network, at net.Addr, port string) error {
	roots := x509.NewCertPool()
	roots.AddCert(n.Authority.Root())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Time: n.Authority.Ends, MinVersion: tls.VersionTLS12}} // at that time the certificate that was shown is valid, whatever the clock says
	transport.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, strings.TrimPrefix(urlOf(at), "http://"))
	}
	return acceptsBy(ctx, &http.Client{Transport: transport}, "https://"+net.JoinHostPort(n.Names[0], port))
}

func acceptsBy(ctx context.Context, client *http.Client, url string) error {
	ctx, cancel := context.WithTimeout(ctx, acceptTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("%s: %w", url, err)
	}
	request.Close = true // no connection is kept: the shutdown would wait for it
	answer, err := client.Do(request)
	if err != nil {
		return fmt.Errorf("the service does not answer at %s: %w", url, err)
	}
	_, err = io.Copy(io.Discard, answer.Body)
	if answer.StatusCode != http.StatusOK {
		err = errors.Join(err, fmt.Errorf("the service at %s is not well: %s", url, strings.ToLower(answer.Status)))
	}
	return errors.Join(err, answer.Body.Close())
}
