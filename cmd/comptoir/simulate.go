package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/cmd/comptoir/internal/simulation"
	"comptoir/data/money"
)

type simulateCmd struct {
	Years        int    `help:"How long the café lives, 1 to 10 years: one, with --rows ten."`
	Seed         uint64 `default:"1" help:"Of all that is left to chance: the same seed, the same report."`
	Scale        int    `default:"100" help:"Size of the café in percent, 1 to 100: a smaller one lives faster."`
	Guests       int    `default:"20" help:"Items given on an open day, on the mean."`
	GiftPrice    int64  `name:"gift-price" default:"500" help:"Of a suspended meal, in cents."`
	HouseLine    int    `name:"house-line" default:"6" help:"Items a day that the house offers before nobody is invited any more."`
	PartnerMeals int    `name:"partner-meals" default:"12" help:"Meals a week that an association asks for."`
	SponsorMeals int    `name:"sponsor-meals" default:"0" help:"Meals a month that a company pays for."`
	Cost         int    `default:"32" help:"What a product costs, in percent of its price."`
	Band         []int  `default:"200,500" help:"The band of the dial in basis points." placeholder:"LOW,HIGH"`
	Pledge       int    `default:"200" help:"Share of the turnover for an association, in basis points."`
	Levers       bool   `help:"Live again once for each lever, and tell which one brings the dial back."`
	Lang         string `default:"fr" enum:"fr,en,es" help:"Of the report: fr, en or es."`
	JSON         bool   `help:"As JSON."`
	Rows         int    `help:"Make a café with so many sales behind it instead, and keep it: 100 to 5000000, spread over --years." placeholder:"N"`
	Out          string `help:"Draw the report as an SVG picture, too; with --rows, the folder of the café: an empty one, or one to go on with." placeholder:"FILE.svg|DIR" type:"path"`
}

// plan is what the flags say.
func (c *simulateCmd) plan() (simulation.Plan, error) {
	if len(c.Band) != 2 {
		return simulation.Plan{}, fmt.Errorf("--band is two numbers of basis points, the lower first")
	}
	p := simulation.Plan{Years: c.Years, Seed: c.Seed, Scale: c.Scale, Guests: c.Guests, GiftPrice: money.Cents(c.GiftPrice), HouseLine: c.HouseLine,
		PartnerMeals: c.PartnerMeals, SponsorMeals: c.SponsorMeals, Cost: c.Cost,
		DialLow: money.BasisPoints(c.Band[0]), DialHigh: money.BasisPoints(c.Band[1]), Pledge: money.BasisPoints(c.Pledge)}
	return p, p.Check()
}

func (c *simulateCmd) run(ctx context.Context, e *env) int {
	if c.Years == 0 {
		c.Years = 1
		if c.Rows != 0 {
			c.Years = simulation.MaxYears
		}
	}
	if c.Rows != 0 {
		if c.Out == "" {
			e.say("comptoir: --rows needs --out, the folder the café is kept in")
			return exitUsage
		}
		return c.makeHistory(ctx, e)
	}
	plan, err := c.plan()
	if err != nil {
		e.fail(err)
		return exitUsage
	}
	lives := 1
	if c.Levers {
		lives += simulation.Lives(plan)
	}
	shown := newProgress(e.stderr, "simulate", lives*plan.Years*12)
	defer shown.end()
	told := func(string) { shown.step() }
	result, err := simulation.Run(ctx, plan, told)
	if err != nil {
		return e.fail(err)
	}
	levers := []simulation.Lever{}
	if c.Levers {
		if levers, err = simulation.Levers(ctx, result, told); err != nil {
			return e.fail(err)
		}
	}
	if err := c.tell(e, result, levers); err != nil {
		return e.fail(err)
	}
	breaches := len(result.Breaches)
	for _, l := range levers {
		breaches += len(l.Result.Breaches)
	}
	if breaches > 0 {
		return exitFailed
	}
	return exitOK
}

// tell prints the report, and draws it where it was asked for.
func (c *simulateCmd) tell(e *env, result simulation.Result, levers []simulation.Lever) error {
	catalogue, err := locale.Load()
	if err != nil {
		return err
	}
	l := catalogue.Choose(c.Lang, "")
	if c.Out != "" {
		if err := os.WriteFile(c.Out, []byte(simulation.Picture(l, result)), 0o644); err != nil { //nolint:gosec // a picture for whoever wants to see it
			return fmt.Errorf("draw the report: %w", err)
		}
	}
	if c.JSON {
		return json.NewEncoder(e.stdout).Encode(map[string]any{"result": result, "levers": levers})
	}
	_, err = fmt.Fprint(e.stdout, simulation.Report(l, result, levers))
	return err
}
