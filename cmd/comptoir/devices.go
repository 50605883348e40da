package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"comptoir/cmd/comptoir/internal/device"
	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/escpos"
	"comptoir/receipts/spool"
)

// topicDevices is of commands that changed what hangs on the till.
const topicDevices = "devices"

// devices drives what the settings of one café say hangs on its till, and follows them.
type devices struct {
	all     *device.Devices
	till    *pos.Till
	log     *slog.Logger
	changed chan struct{} // of one: the settings are to be read again
	stop    context.CancelFunc
	ended   sync.WaitGroup
}

// openDevices reads what hangs on the till. Nothing is driven yet.
func openDevices(ctx context.Context, t *pos.Till, log *slog.Logger) (*devices, error) {
	d := &devices{till: t, log: log, changed: make(chan struct{}, 1), stop: func() {}}
	d.all = device.New(device.Config{DB: t.DB(), Paper: d.paper, Log: log})
	if err := d.reload(ctx); err != nil {
		return nil, fmt.Errorf("read what hangs on the till: %w", err)
	}
	t.DB().OnCommit(d.listen)
	return d, nil
}

// listen is called by the writer after each commit: it never waits.
func (d *devices) listen(events []data.Event) {
	if !slices.ContainsFunc(events, func(e data.Event) bool { return slices.Contains(e.Topics, topicDevices) }) {
		return
	}
	select {
	case d.changed <- struct{}{}:
	default: // they are about to be read
	}
}

// run drives the devices until halt.
func (d *devices) run(ctx context.Context) {
	ctx, d.stop = context.WithCancel(ctx)
	d.ended.Go(func() { d.all.Run(ctx) })
	d.ended.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-d.changed:
				if err := d.reload(ctx); err != nil {
					d.log.Error("what hangs on the till could not be read", "error", err)
				}
			}
		}
	})
}

// halt ends it: the job in hand is finished, nothing else is begun. Nothing was run: nothing happens.
func (d *devices) halt() {
	if d == nil {
		return
	}
	d.stop()
	d.ended.Wait()
}

// reload hands the settings over. A device that they describe badly is the settings page's to show: the others work.
func (d *devices) reload(ctx context.Context) error {
	s, err := setupOf(ctx, d.till)
	if err != nil {
		return err
	}
	if err := d.all.Use(s); err != nil {
		d.log.Warn("a device cannot be used as it is set up", "error", err)
	}
	return nil
}

// setupOf is what the settings of a café say hangs on its till.
func setupOf(ctx context.Context, till *pos.Till) (device.Setup, error) {
	printers, err := till.Printers(ctx)
	if err != nil {
		return device.Setup{}, err
	}
	terminals, err := till.CardTerminals(ctx)
	if err != nil {
		return device.Setup{}, err
	}
	s := device.Setup{Printers: printersOf(printers)}
	for _, t := range terminals {
		s.Terminals = append(s.Terminals, terminalOf(t))
	}
	poles, err := till.Poles(ctx)
	for _, p := range poles {
		s.Poles = append(s.Poles, device.PoleSetup{Name: p.Name, Till: p.Till, URI: p.URI, Protocol: p.Protocol, Page: p.Page, Charmap: p.Charmap})
	}
	return s, err
}

// printersOf leaves out what is set aside: nothing is sent there, in nobody's place either.
func printersOf(settings []pos.Printer) []device.Printer {
	active := func(name string) bool {
		return slices.ContainsFunc(settings, func(p pos.Printer) bool { return p.Name == name && p.Active })
	}
	var all []device.Printer
	for _, p := range settings {
		if !p.Active {
			continue
		}
		set := device.Printer{Name: p.Name, URI: p.URI, Profile: p.Profile}
		if active(p.Fallback) {
			set.Fallback = p.Fallback
		}
		all = append(all, set)
	}
	return all
}

func terminalOf(t pos.CardTerminal) device.TerminalSetup {
	return device.TerminalSetup{Name: t.Name, Protocol: t.Protocol, URI: t.URI, Till: t.Till, Version: t.Version,
		Identifier: t.Identifier, EndOfLine: t.EndOfLine, PrivateData: t.PrivateData,
		TicketReturn: t.TicketReturn, Timeout: time.Duration(t.Timeout) * time.Second}
}

// paper turns a job into bytes.
func (d *devices) paper(ctx context.Context, j spool.Job, p escpos.Profile) ([]byte, error) {
	paper, err := d.till.Paper(ctx, j)
	if err != nil {
		return nil, err
	}
	return paper.ESCPOS(p)
}

// printerAt is where a printer is, as the command line says.
type printerAt struct{ name, uri string }

// readPrinters reads NAME=URI.
func readPrinters(flags []string) ([]printerAt, error) {
	var all []printerAt
	for _, flag := range flags {
		name, uri, found := strings.Cut(flag, "=")
		if !found || strings.TrimSpace(name) == "" {
			return nil, fmt.Errorf("--printer %s: write NAME=URI, such as bar=tcp://192.168.1.50:9100", flag)
		}
		if _, err := device.ParseURI(uri); err != nil {
			return nil, fmt.Errorf("--printer %s: %s", flag, firstLine(err.Error()))
		}
		all = append(all, printerAt{strings.TrimSpace(name), strings.TrimSpace(uri)})
	}
	return all, nil
}

// placePrinters changes where printers are, and sets up those that are not there yet: they print receipts, with the usual profile.
func placePrinters(ctx context.Context, t *pos.Till, printers []printerAt) error {
	for _, at := range printers {
		p, err := t.PrinterNamed(ctx, at.name)
		if fault.KindOf(err) == fault.NotFound {
			p, err = pos.Printer{Name: at.name, Profile: escpos.Profiles()[0], Receipts: true, Active: true}, nil
		}
		if err != nil {
			return fmt.Errorf("--printer %s: %w", at.name, err)
		}
		if p.URI == at.uri {
			continue
		}
		p.URI = at.uri
		if _, err := t.SavePrinter(ctx, pos.System("sys"), p); err != nil {
			return fmt.Errorf("--printer %s=%s: %w", at.name, at.uri, err)
		}
	}
	return nil
}

// states tells how each printer is, by name: those that have nothing to do are asked now.
func (d *devices) states(ctx context.Context) map[string]string {
	d.all.Look(ctx)
	all := map[string]string{}
	for _, p := range d.all.Printers(ctx) {
		all[p.Name] = p.Code
	}
	return all
}
