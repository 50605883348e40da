package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

type benchCmd struct {
	Sale      benchSaleCmd      `cmd:"" help:"The whole checkout: group commit against one commit a sale."`
	Printer   benchPrinterCmd   `cmd:"" help:"The whole checkout beside a printer that is dead, against none."`
	Copy      benchCopyCmd      `cmd:"" help:"The whole checkout beside a continuous copy, and with answers that wait for it, against none."`
	Crash     benchCrashCmd     `cmd:"" help:"Made cafés fall again and again (killed, power cut, disk failed), and everything that was answered is looked for."`
	Slowloris benchSlowlorisCmd `cmd:"" help:"A checkout beside five hundred guests that never finish asking, against none."`
	Scale     benchScaleCmd     `cmd:"" help:"What ten years of sales cost: histories of different sizes, each served by a process of its own."`
	Peers     benchPeersCmd     `cmd:"" help:"The same sales to this till and to PocketBase, in the same rounds."`
	Targets   benchTargetsCmd   `cmd:"" help:"What the till promises of its speed, row by row, with gate and goal; what needs ten years of sales is told by scale."`
	Made      benchMadeCmd      `cmd:"" hidden:"" help:"Serve a made history, by a clock of its own."`
}

type benchSaleCmd struct {
	Clients   string        `default:"1,4,16,64" help:"Tills that sell at once." placeholder:"N,…"`
	SyncDelay string        `name:"syncdelay" default:"0,2ms,10ms" help:"Added to each sync: an emulated slower disk." placeholder:"D,…"`
	Rounds    int           `default:"3" help:"Every case is run once a round, 1 to 20 rounds."`
	Time      time.Duration `default:"1s" help:"Of each case in each round, at most 30s."`
	JSON      bool          `help:"As JSON."`
}

// Limits of a bench.
const (
	maxRounds    = 20
	maxCaseTime  = 30 * time.Second
	maxSyncDelay = time.Second
)

// benchPlan is what is measured.
type benchPlan struct {
	clients []int
	delays  []time.Duration
	rounds  int
	time    time.Duration
}

func (c *benchSaleCmd) plan() (p benchPlan, err error) {
	p.rounds, p.time = c.Rounds, c.Time
	for text := range strings.SplitSeq(c.Clients, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil || n < 1 || n > maxTills {
			return p, fmt.Errorf("--clients: %q is not a number from 1 to %d", text, maxTills)
		}
		p.clients = append(p.clients, n)
	}
	for text := range strings.SplitSeq(c.SyncDelay, ",") {
		d, err := time.ParseDuration(strings.TrimSpace(text))
		if err != nil || d < 0 || d > maxSyncDelay {
			return p, fmt.Errorf("--syncdelay: %q is not a time such as 2ms, at most %s", text, maxSyncDelay)
		}
		p.delays = append(p.delays, d)
	}
	if p.rounds < 1 || p.rounds > maxRounds {
		return p, fmt.Errorf("--rounds is from 1 to %d", maxRounds)
	}
	if p.time <= 0 || p.time > maxCaseTime {
		return p, fmt.Errorf("--time is at most %s", maxCaseTime)
	}
	slices.Sort(p.clients)
	slices.Sort(p.delays)
	p.clients, p.delays = slices.Compact(p.clients), slices.Compact(p.delays)
	return p, nil
}

func (c *benchSaleCmd) run(ctx context.Context, e *env) int {
	plan, err := c.plan()
	if err != nil {
		e.fail(err)
		return exitUsage
	}
	e.say("Two cafés in a temporary directory, %d rounds, about %s. Clients and till share this machine's cores.",
		plan.rounds, plan.length().Round(time.Second))
	measured, err := measure(ctx, e, plan)
	if err != nil {
		return e.fail(err)
	}
	return e.figures(c.JSON, measured, func() error { return printBench(e, measured) })
}

// figures writes what was measured, as JSON or for people, and returns the exit code.
func (e *env) figures(asJSON bool, measured any, tell func() error) int {
	write := tell
	if asJSON {
		write = func() error { return json.NewEncoder(e.stdout).Encode(measured) }
	}
	if err := write(); err != nil {
		return e.fail(fmt.Errorf("write the figures: %w", err))
	}
	return exitOK
}

// length is about how long it takes.
func (p benchPlan) length() time.Duration {
	cases := len(p.clients)*len(p.delays)*2 + len(p.delays)*2
	return time.Duration(p.rounds*cases) * p.time
}

// measure runs every case once a round, and turns the order round each time: what drifts during a run touches both
// sides of a ratio.
func measure(ctx context.Context, e *env, plan benchPlan) (_ benchReport, err error) {
	group, err := openRig(ctx, "group", groupBatch)
	if err != nil {
		return benchReport{}, err
	}
	defer func() { err = errors.Join(err, group.close()) }()
	one, err := openRig(ctx, "one", 1)
	if err != nil {
		return benchReport{}, err
	}
	defer func() { err = errors.Join(err, one.close()) }()

	shown := newProgress(e.stderr, "bench", plan.rounds*len(plan.delays)*(len(plan.clients)*2+1))
	defer shown.end()
	report := benchReport{Rounds: plan.rounds, CaseTime: plan.time.String()}
	for round := range plan.rounds {
		for _, delay := range plan.delays {
			for _, clients := range plan.clients {
				pair := []*rig{group, one}
				if round%2 == 1 {
					slices.Reverse(pair)
				}
				for _, r := range pair {
					s, err := r.run(ctx, clients, delay, plan.time)
					if err != nil {
						return report, err
					}
					s.Round = round
					report.Samples = append(report.Samples, s)
					shown.step()
				}
			}
			ratios, err := group.againstBareWrites(ctx, delay, plan.time)
			if err != nil {
				return report, err
			}
			report.Bare = append(report.Bare, bareSample{round, milliseconds(delay), ratios})
			shown.step()
		}
	}
	report.Cases = summarise(report.Samples)
	report.Rows = rows(report)
	return report, nil
}

func printBench(e *env, b benchReport) error {
	t := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(t, "delay ms\tclients\tcommit\tsales/s\trange\tp50 ms\tp99 ms\tsyncs/sale\tlog KB/sale\t") // Flush returns the error of each
	for _, c := range b.Cases {
		_, _ = fmt.Fprintf(t, "%g\t%d\t%s\t%.0f\t%.0f–%.0f\t%.2f\t%.2f\t%.3f\t%.1f\t\n", c.Delay, c.Clients, c.Commit,
			c.PerSecond.Median, c.PerSecond.Low, c.PerSecond.High, c.P50, c.P99, c.Syncs, c.LogBytes/1000)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	e.put("")
	return printRows(e, b.Rows)
}

// printRows tells rows with their gates and goals.
func printRows(e *env, all []benchRow) error {
	t := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(t, "row\twhat\tmedian\trange\tgate\tgoal\t")
	for _, r := range all {
		sign := ">="
		if r.Most {
			sign = "<="
		}
		_, _ = fmt.Fprintf(t, "%d\t%s\t%.3g\t%.3g–%.3g\t%s %g %s\t%s %g %s\t\n", r.Row, r.What, r.Value.Median, r.Value.Low, r.Value.High,
			sign, r.Gate, met(r.GateMet), sign, r.Goal, met(r.GoalMet))
	}
	return t.Flush()
}

func met(yes bool) string {
	if yes {
		return "met"
	}
	return "MISSED"
}
