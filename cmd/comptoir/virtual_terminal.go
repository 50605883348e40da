package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"comptoir/cmd/comptoir/internal/device/caisseap"
	"comptoir/cmd/comptoir/internal/device/concert"
	"comptoir/cmd/comptoir/internal/device/rehearsal"
	"comptoir/cmd/comptoir/internal/device/wire"
)

type virtualCaisseAPCmd struct {
	Listen string        `default:"127.0.0.1:8888" help:"Address of the terminal." placeholder:"HOST:PORT" env:"-"`
	Script string        `default:"approved" help:"What it does with each charge, parted by commas, the last again and again: ${caisse_ap_cases}." placeholder:"CASE,…" env:"-"`
	Pause  time.Duration `default:"0s" help:"Of a customer who looks for a card, before each answer." env:"-"`
}

func (c *virtualCaisseAPCmd) run(ctx context.Context, e *env) int {
	script, err := rehearsal.Read(c.Script, caisseap.Cases())
	if err != nil {
		e.fail(err)
		return exitUsage
	}
	var listen net.ListenConfig
	on, err := listen.Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return e.fail(fmt.Errorf("virtual terminal: %w", err))
	}
	e.put("tcp://%s", on.Addr())
	v := caisseap.Virtual{Cases: script, Pause: c.Pause, Told: e.told}
	if err := v.Serve(ctx, on); err != nil {
		return e.fail(err)
	}
	return exitOK
}

type virtualConcertCmd struct {
	Port   string        `required:"" help:"Serial line to the till, such as an end of a pair made by socat." placeholder:"PATH" env:"-"`
	Baud   int           `default:"9600" help:"Bits a second." env:"-"`
	Script string        `default:"approved" help:"What it does with each charge, parted by commas, the last again and again: ${concert_cases}." placeholder:"CASE,…" env:"-"`
	Pause  time.Duration `default:"0s" help:"Of a customer who looks for a card, before each answer." env:"-"`
}

// run answers until it is ended. A terminal that the script unplugs is plugged in again.
func (c *virtualConcertCmd) run(ctx context.Context, e *env) int {
	script, err := rehearsal.Read(c.Script, concert.Cases())
	if err != nil {
		e.fail(err)
		return exitUsage
	}
	v := concert.Virtual{Cases: script, Pause: c.Pause, Told: e.told}
	for first := true; ctx.Err() == nil; first = false {
		port, err := wire.OpenSerial(c.Port, c.Baud)
		if err != nil {
			return e.fail(fmt.Errorf("virtual terminal: %w", err))
		}
		if first {
			e.put("serial://%s?baud=%d", c.Port, c.Baud)
		}
		if err := v.Serve(ctx, port); err != nil {
			return e.fail(fmt.Errorf("virtual terminal: %w", err))
		}
	}
	return exitOK
}

// told says what a virtual terminal does with a charge.
func (e *env) told(name string, cents int64) { e.say("%d cents: %s", cents, name) }
