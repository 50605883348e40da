package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"time"

	"github.com/pion/logging"
	"github.com/pion/mdns/v2"
	"golang.org/x/net/ipv4"
)

// lookAround is how often it is seen whether the machine has got another address, or Avahi has come or gone.
const lookAround = 30 * time.Second

// announcer answers to the till's name on the network while nobody else does: Avahi is preferred, for it also answers for the rest
// of the machine. What it cannot do is logged once, and tried again.
type announcer struct {
	names     []string
	port      int // of the service it tells of; 0: none
	secure    bool
	taken     func() bool // somebody else answers
	log       *slog.Logger
	addresses func() []net.IP // of this machine
	answers   func(names []string, port int, secure bool) (closer, error)

	running closer
	at      []string // addresses it was started with
	said    string   // the last trouble
}

// closer is what can be ended.
type closer interface{ Close() error }

// announce runs until the context ends.
func (a *announcer) announce(ctx context.Context) {
	tick := time.NewTicker(lookAround)
	defer tick.Stop()
	for {
		a.look()
		select {
		case <-ctx.Done():
			a.end()
			return
		case <-tick.C:
		}
	}
}

// look begins, goes on or ends, as things are now.
func (a *announcer) look() {
	var at []string
	for _, ip := range a.addresses() {
		at = append(at, ip.String())
	}
	if a.taken() || len(at) == 0 {
		a.end()
		return
	}
	if a.running != nil && slices.Equal(at, a.at) {
		return
	}
	a.end()
	running, err := a.answers(a.names, a.port, a.secure)
	if err != nil {
		if err.Error() != a.said {
			a.log.Warn("the till does not answer to its name on the network", "name", tillName, "error", err)
		}
		a.said = err.Error()
		return
	}
	a.running, a.at, a.said = running, at, ""
	a.log.Info("the till answers to its name on the network", "name", tillName)
}

func (a *announcer) end() {
	if a.running == nil {
		return
	}
	if err := a.running.Close(); err != nil {
		a.log.Warn("the answers to the till's name", "error", err)
	}
	a.running = nil
}

// answerTo answers to names by multicast DNS (RFC 6762), and tells of the till as a service (RFC 6763).
func answerTo(names []string, port int, secure bool) (closer, error) {
	address, err := net.ResolveUDPAddr("udp4", mdns.DefaultAddressIPv4)
	if err != nil {
		return nil, fmt.Errorf("multicast DNS: %w", err)
	}
	conn, err := net.ListenUDP("udp4", address)
	if err != nil {
		return nil, fmt.Errorf("multicast DNS: %w", err)
	}
	quiet := logging.NewDefaultLoggerFactory()
	quiet.DefaultLogLevel = logging.LogLevelDisabled
	quiet.ScopeLevels = map[string]logging.LogLevel{}
	options := []mdns.ServerOption{mdns.WithLocalNames(names...), mdns.WithLoggerFactory(quiet)}
	if port > 0 {
		kind := "_http._tcp"
		if secure {
			kind = "_https._tcp"
		}
		options = append(options, mdns.WithService(mdns.ServiceInstance{Instance: "Comptoir", Service: kind, Host: names[0] + ".", Port: uint16(port)}))
	}
	server, err := mdns.NewServer(ipv4.NewPacketConn(conn), nil, options...)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("multicast DNS: %w", err), conn.Close())
	}
	return server, nil
}
