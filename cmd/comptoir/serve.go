package main

import (
	"context"
	"fmt"
	"net"
)

type serveCmd struct {
	Listen    string   `default:"127.0.0.1:8080" help:"Address of the till, for staff only." placeholder:"HOST:PORT"`
	Public    string   `default:"127.0.0.1:8081" help:"Address of the public pages: cards, receipts, board." placeholder:"HOST:PORT"`
	PublicURL string   `name:"public-url" help:"Address of the public pages as phones see it." placeholder:"URL"`
	AllowHost []string `name:"allow-host" help:"One more name the till answers to." placeholder:"NAME"`
}

func (c *serveCmd) run(ctx context.Context, e *env) int {
	chosen := e.cafe()
	if chosen.demo {
		if err := foundDemo(ctx, e.config(chosen)); err != nil {
			return e.fail(err)
		}
	}
	config := e.config(chosen)
	config.PublicURL = c.PublicURL
	m := &Main{Config: config, Listen: c.Listen, Public: c.Public, AllowHosts: c.AllowHost, Log: e.log}
	if err := m.Start(ctx); err != nil {
		if ctx.Err() != nil { // asked to end before it had begun
			return exitOK
		}
		return e.fail(err)
	}
	e.put("%s", m.StaffURL())
	e.put("%s", urlOf(m.public.Addr()))
	c.greet(e, m, chosen)
	if chosen.demo {
		if err := seedDemo(ctx, m, chosen); err != nil && ctx.Err() == nil {
			e.say("comptoir: the sample day could not be rung: %s", firstLine(err.Error()))
		}
	}
	return e.attend(ctx, m)
}

// greet says what a person needs to begin.
func (c *serveCmd) greet(e *env, m *Main, chosen cafe) {
	e.say("%s: %s", m.Till().Identity().Name, chosen.dir)
	e.say("Till:         %s", m.StaffURL())
	e.say("Public pages: %s", m.PublicURL())
	if isLoopback(m.public.Addr()) && c.PublicURL == "" {
		e.say("              Phones reach them once you give --public 0.0.0.0:8081 and --public-url http://ADDRESS-OF-THIS-MACHINE:8081")
	}
	if chosen.demo {
		e.say("PINs:         %s %s, %s %s", demoBaristaPIN, demoBarista, demoManagerPIN, demoManager)
		e.say("This is a demonstration. A live café is made with: comptoir init --help")
	}
	e.say("Ctrl-C ends it; nothing that was paid is lost.")
}

// isLoopback reports whether only this machine reaches an address.
func isLoopback(a net.Addr) bool {
	tcp, ok := a.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// attend waits until the service is asked to end, or ends by itself, and returns the exit code.
func (e *env) attend(ctx context.Context, m *Main) int {
	disk := m.Till().DB().Failed()
	select {
	case <-ctx.Done():
	case <-disk:
	case err := <-m.Ended():
		m.ended <- err // Stop collects it
	}
	var broken error
	select {
	case <-disk:
		broken = m.Till().DB().Err()
	default:
	}
	err := m.Stop(ctx)
	if broken != nil {
		e.say("comptoir: the disk failed, and nothing more is written: %s", firstLine(broken.Error()))
		e.say("Check the disk and its free space, then start again. What was answered \"paid\" is there; what was not, the till finds out by itself.")
		return exitDisk
	}
	if err != nil {
		return e.fail(fmt.Errorf("the service ended badly: %w", err))
	}
	return exitOK
}
