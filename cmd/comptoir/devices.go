package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"comptoir/cmd/comptoir/internal/device"
	"comptoir/data"
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
	terminals, err := d.till.CardTerminals(ctx)
	if err != nil {
		return err
	}
	setup := device.Setup{}
	for _, t := range terminals {
		setup.Terminals = append(setup.Terminals, device.TerminalSetup{Name: t.Name, Protocol: t.Protocol, URI: t.URI, Till: t.Till, Version: t.Version,
			Identifier: t.Identifier, EndOfLine: t.EndOfLine, PrivateData: t.PrivateData})
	}
	if err := d.all.Use(setup); err != nil {
		d.log.Warn("a device cannot be used as it is set up", "error", err)
	}
	return nil
}

// paper turns a job into bytes.
func (d *devices) paper(context.Context, spool.Job, escpos.Profile) ([]byte, error) {
	return nil, spool.ErrUnknown
}
