package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"comptoir/pos"
	"comptoir/receipts/escpos"
)

type benchPrinterCmd struct {
	Rounds int           `default:"5" help:"Rounds, 1 to 20."`
	Time   time.Duration `default:"4s" help:"Of each round, at most 30s."`
	JSON   bool          `help:"As JSON."`
}

// printerBlock is how many sales one café makes before the other has its turn: what drifts touches both.
const printerBlock = 25

// printerGoal is how much a dead printer may cost: the p99 of a checkout against that without printers.
const printerGoal = 1.2

// printerReport is what a dead printer costs a sale.
type printerReport struct {
	Sales  int     `json:"sales"`       // on each side
	Jobs   int     `json:"jobs"`        // that wait, or ask, at the end
	None   float64 `json:"p99_none_ms"` // median of the rounds
	Dead   float64 `json:"p99_dead_ms"`
	Ratio  spread  `json:"p99_ratio"`
	Goal   float64 `json:"goal"`
	Met    bool    `json:"met"`
	P50    float64 `json:"p50_none_ms"`
	Median spread  `json:"p50_ratio"`
}

func (c *benchPrinterCmd) run(ctx context.Context, e *env) int {
	if c.Rounds < 1 || c.Rounds > maxRounds || c.Time <= 0 || c.Time > maxCaseTime {
		return e.fail(fmt.Errorf("--rounds is from 1 to %d, --time at most %s", maxRounds, maxCaseTime))
	}
	e.say("Two cafés in a temporary directory, one with a printer nobody answers at, for kitchen and drawer; %d rounds of %s.", c.Rounds, c.Time)
	r, err := c.measure(ctx)
	if err != nil {
		return e.fail(err)
	}
	return e.figures(c.JSON, r, func() error {
		e.put("p99 of a checkout: %.2f ms without printers, %.2f ms with a dead one; %d sales each, %d jobs left", r.None, r.Dead, r.Sales, r.Jobs)
		e.put("dead / none: p99 %.3g (%.3g–%.3g), goal <= %g %s; p50 %.3g, of %.2f ms", r.Ratio.Median, r.Ratio.Low, r.Ratio.High, r.Goal, met(r.Met), r.Median.Median, r.P50)
		return nil
	})
}

// measure lets both cafés sell in turn.
func (c *benchPrinterCmd) measure(ctx context.Context) (_ printerReport, err error) {
	var both [2]*rig // without printers, with a dead one
	for i, name := range []string{"none", "dead"} {
		r, err := openRig(ctx, name, groupBatch)
		if err != nil {
			return printerReport{}, err
		}
		defer func() { err = errors.Join(err, r.close()) }()
		r.order.Tenders[0].Means = pos.Cash
		both[i] = r
	}
	halt, err := breakPrinter(ctx, both[1].till)
	if err != nil {
		return printerReport{}, err
	}
	defer halt()
	report := printerReport{Goal: printerGoal}
	var p99, p50 [2][]float64
	var ratios, medians []float64
	for range c.Rounds {
		var took [2][]time.Duration
		for began := time.Now(); time.Since(began) < c.Time; {
			for i, r := range both {
				for range printerBlock {
					from := time.Now()
					if err := r.sell(ctx); err != nil {
						return report, err
					}
					took[i] = append(took[i], time.Since(from))
				}
			}
		}
		report.Sales += len(took[0])
		for i := range both {
			p99[i] = append(p99[i], milliseconds(quantile(took[i], 99)))
			p50[i] = append(p50[i], milliseconds(quantile(took[i], 50)))
		}
		last := len(p99[0]) - 1
		ratios, medians = append(ratios, p99[1][last]/p99[0][last]), append(medians, p50[1][last]/p50[0][last])
	}
	jobs, err := both[1].till.PrintJobs(ctx)
	report.Jobs, report.None, report.Dead = len(jobs), median(p99[0]), median(p99[1])
	report.Ratio, report.Median, report.P50 = spreadOf(ratios), spreadOf(medians), median(p50[0])
	report.Met = report.Ratio.Median <= printerGoal
	return report, err
}

// breakPrinter sets up a printer for receipts, drawer and kitchen at an address nobody answers at, and drives it.
func breakPrinter(ctx context.Context, t *pos.Till) (halt func(), err error) {
	var config net.ListenConfig
	l, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	at := l.Addr().String()
	if err := l.Close(); err != nil {
		return nil, fmt.Errorf("bench: %w", err)
	}
	stations, err := t.KitchenStations(ctx)
	if err != nil {
		return nil, err
	}
	p := pos.Printer{Name: "dead", URI: "tcp://" + at, Profile: escpos.Profiles()[0], Receipts: true, Active: true}
	for _, s := range stations {
		p.Stations = append(p.Stations, s.Key)
	}
	if _, err := t.SavePrinter(ctx, pos.System("sys"), p); err != nil {
		return nil, err
	}
	d, err := openDevices(ctx, t, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	d.run(ctx)
	return d.halt, nil
}
