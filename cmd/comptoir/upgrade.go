package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"comptoir/cmd/comptoir/internal/web"
	"comptoir/data"
	"comptoir/pos"
)

// openTill opens the café's data. Those of an older version are brought up to date first, which on a large café takes minutes: the
// addresses that are bound answer meanwhile with a page that says so.
func (m *Main) openTill(ctx context.Context) (err error) {
	gone := func() {}
	defer func() { gone() }()
	config := m.Config
	config.Upgrading = func() {
		gone = m.showUpgrade(ctx)
		if m.Config.Upgrading != nil {
			m.Config.Upgrading()
		}
	}
	m.till, err = pos.Open(ctx, config)
	return err
}

// showUpgrade serves the page of an upgrade, until the function it returns has ended it. The init system is told that the till is
// ready, so that whatever waits for it, such as its screen, shows the page. Without the page the upgrade goes on all the same.
func (m *Main) showUpgrade(ctx context.Context) (gone func()) {
	var clock data.Clock = data.SystemClock{}
	if m.Config.Clock != nil {
		clock = m.Config.Clock
	}
	here := pos.Identity{Zone: time.Local.String()} // the café's own zone is in data that cannot be read yet
	page, err := web.NewStopped(web.StoppedConfig{Cafe: here, Reason: web.Upgrading(clock.Now()), Retries: true,
		Staff: newLease(m.staff), Public: newLease(m.public), PublicURL: m.Config.PublicURL, AllowHosts: slices.Concat(m.network.Names, m.AllowHosts), Network: m.lent(),
		Clock: m.Config.Clock, Log: m.Log})
	if err != nil {
		m.logger().Warn("the page of the upgrade", "error", err)
		return func() {}
	}
	served, stop := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- page.Serve(served) }()
	notify(m.logger(), daemon.SdNotifyReady)
	return func() {
		stop()
		if err := <-ended; err != nil {
			m.logger().Warn("the page of the upgrade ended badly", "error", err)
		}
	}
}

// The init system ends a start that is silent for longer than openGrace; it is told more often than that.
const (
	openEvery = 10 * time.Second
	openGrace = 2 * time.Minute
)

// working tells the init system that the café is still being opened, until the function it returns is called: a large one is
// verified, or brought up to date, for longer than any limit that would tell work from a fault, and a start that is ended begins
// again from nothing.
func working(ctx context.Context, log *slog.Logger) (done func()) {
	every := openEvery
	if within, err := daemon.SdWatchdogEnabled(false); err == nil && within > 0 { // a café that is opened anew is watched already
		every = min(every, within/3)
	}
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	go func() {
		defer close(over)
		awake(ctx, every, nil, func() {
			notify(log, fmt.Sprintf("EXTEND_TIMEOUT_USEC=%d\n%s", openGrace.Microseconds(), daemon.SdNotifyWatchdog))
		}, log)
	}()
	return func() { cancel(); <-over }
}
