package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"comptoir/receipts/escpos"
)

type virtualPrinterCmd struct {
	Listen    string `default:"127.0.0.1:9100" help:"Address of the printer." placeholder:"HOST:PORT" env:"-"`
	Profile   string `default:"80" help:"What it can do: ${printer_profiles}." env:"-"`
	PaperOut  bool   `help:"Its roll is at its end: it prints nothing." env:"-"`
	PaperLow  bool   `help:"Its roll is nearly at its end: it prints, and says so." env:"-"`
	CoverOpen bool   `help:"Its cover is open: it prints nothing." env:"-"`
	Mute      bool   `help:"It prints, and never answers." env:"-"`
	Lenient   bool   `help:"It also does what its profile has not." env:"-"`
	Out       string `help:"Folder for what comes out: a text and a picture of each paper." placeholder:"DIR" env:"-"`
}

func profileNames() string {
	var all []string
	for _, p := range escpos.Profiles() {
		all = append(all, p.Name)
	}
	return strings.Join(all, ", ")
}

// run prints until it is ended. What came out is told once a connection is over.
func (c *virtualPrinterCmd) run(ctx context.Context, e *env) int {
	profile, err := escpos.ProfileNamed(c.Profile)
	if err != nil {
		e.fail(err)
		return exitUsage
	}
	if c.Out != "" {
		if err := os.MkdirAll(c.Out, 0o700); err != nil {
			return e.fail(fmt.Errorf("--out: %w", err))
		}
	}
	var listen net.ListenConfig
	on, err := listen.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return e.fail(fmt.Errorf("virtual printer: %w", err))
	}
	v := escpos.NewPrinter(profile, !c.Lenient)
	v.Set(escpos.State{PaperOut: c.PaperOut, PaperLow: c.PaperLow, CoverOpen: c.CoverOpen, Mute: c.Mute})
	e.put("tcp://%s", on.Addr())
	tray := &paperTray{printer: v, e: e, dir: c.Out}
	err = escpos.Serve(ctx, trayListener{on, tray.empty}, v)
	tray.empty()
	if err != nil {
		return e.fail(err)
	}
	return exitOK
}

// paperTray is where papers of a virtual printer fall.
type paperTray struct {
	printer *escpos.Printer
	e       *env
	dir     string // empty: nothing is kept

	mu     sync.Mutex
	papers int
	told   int // errors
}

// empty tells what came out since the last time, and what was wrong with it.
func (t *paperTray) empty() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range t.printer.Tear() {
		t.papers++
		t.e.say("--- paper %d", t.papers)
		t.e.say("%s", p.Text)
		if t.dir == "" {
			continue
		}
		if err := t.keep(p); err != nil {
			t.e.say("comptoir: paper %d: %v", t.papers, err)
		}
	}
	wrong := t.printer.Errors()
	for _, err := range wrong[min(t.told, len(wrong)):] {
		t.e.say("comptoir: what a printer of this profile does not know: %v", err)
	}
	t.told = len(wrong)
}

// keep writes a paper into the folder, as 0001.txt and 0001.png.
func (t *paperTray) keep(p escpos.Paper) error {
	path := filepath.Join(t.dir, fmt.Sprintf("%04d", t.papers))
	picture, err := p.PNG()
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".txt", []byte(p.Text), 0o600); err != nil {
		return err
	}
	return os.WriteFile(path+".png", picture, 0o600)
}

// trayListener tells when a connection is over.
type trayListener struct {
	net.Listener
	over func()
}

// Accept waits for the next connection.
func (l trayListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	tcp, ok := conn.(*net.TCPConn)
	if err != nil || !ok {
		return conn, err
	}
	return trayConn{tcp, l.over}, nil
}

type trayConn struct {
	*net.TCPConn
	over func()
}

// Close ends the connection.
func (c trayConn) Close() error {
	c.over()
	return c.TCPConn.Close()
}
