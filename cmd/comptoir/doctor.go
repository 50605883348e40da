package main

import (
	"context"
	"encoding/json"

	"comptoir/data"
	"comptoir/pos"
)

type doctorCmd struct {
	JSON    bool `help:"As JSON."`
	Devices bool `help:"What is wrong with printers, terminals, displays and the machine under the till, and how to mend it. Prints nothing, charges nothing." env:"-"`
}

// diagnosis is the doctor's answer.
type diagnosis struct {
	Clean      bool             `json:"clean"`
	Cafe       string           `json:"cafe"` // its directory
	Violations []data.Violation `json:"violations"`
}

func (c *doctorCmd) run(ctx context.Context, e *env) int {
	if c.Devices {
		return c.devices(ctx, e)
	}
	chosen := e.cafe()
	till, err := pos.OpenReadOnly(ctx, e.config(chosen))
	if err != nil {
		e.fail(err)
		return exitUsage
	}
	defer func() { _ = till.Close() }() // only read
	d := diagnosis{Cafe: chosen.dir}
	if d.Violations, err = till.DB().Check(ctx); err != nil {
		if ctx.Err() != nil {
			e.fail(err)
			return exitUsage
		}
		// A file that cannot be read to its end is broken; how far it could be read is in what was found before.
		d.Violations = append(d.Violations, data.Violation{Check: "reading the file", Detail: firstLine(err.Error())})
	}
	d.Clean = len(d.Violations) == 0
	if d.Violations == nil {
		d.Violations = []data.Violation{}
	}
	if err := c.report(e, d); err != nil {
		e.fail(err)
		return exitUsage
	}
	if !d.Clean {
		return exitFailed
	}
	return exitOK
}

func (c *doctorCmd) report(e *env, d diagnosis) error {
	if c.JSON {
		return json.NewEncoder(e.stdout).Encode(d)
	}
	for _, v := range d.Violations {
		e.put("%s: %s", v.Check, v.Detail)
	}
	if d.Clean {
		e.say("%s: every law holds.", d.Cafe)
		return nil
	}
	e.say("%s: %d breaches. Stop selling on this file, keep it as it is, and go back to the newest backup that is clean.", d.Cafe, len(d.Violations))
	return nil
}
