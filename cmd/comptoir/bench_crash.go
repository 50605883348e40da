package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"comptoir/cmd/comptoir/internal/crash"
)

type benchCrashCmd struct {
	How    string        `default:"all" enum:"kill,cut,shutdown,fault,plant,all" help:"kill: the process is killed. cut: the power is cut, simulated. shutdown: a mounted file system is shut down (root, Linux). fault: a sync, a write or the room on the disk fails at each call in turn. plant: every planted bug is looked for."`
	For    time.Duration `help:"How long at most for each kind, up to 24h; with it, N is no bound unless given." placeholder:"D"`
	N      int           `short:"n" help:"Falls of each kind at most, up to 1,000,000; 0 with --for: no bound, otherwise 100." placeholder:"N"`
	Seed   uint64        `help:"Where chance begins; 0: another place each time, printed." placeholder:"S"`
	Copy   string        `help:"Of kill: each café keeps a copy in this folder, and what the copy has is looked at after each kill; every other café answers when the copy has it." placeholder:"FOLDER" type:"existingdir"`
	Stride int           `default:"1" help:"Of fault: one write in so many."`
	JSON   bool          `help:"As JSON."`
}

// Limits of the falls.
const (
	maxFalls     = 1_000_000
	usualFalls   = 100
	maxCrashTime = 24 * time.Hour
	plantedCuts  = 2_000 // of each planted bug at most
)

// crashReport is what a run of falls came to.
type crashReport struct {
	Tallies []crash.Tally   `json:"tallies"`
	Planted []crash.Planted `json:"planted,omitempty"`
}

func (c *benchCrashCmd) plan() (crash.Plan, error) {
	p := crash.Plan{Seed: c.Seed, Falls: c.N, For: c.For, Copy: c.Copy}
	switch {
	case c.N < 0 || c.N > maxFalls:
		return p, fmt.Errorf("-n is from 1 to %d", maxFalls)
	case c.For < 0 || c.For > maxCrashTime:
		return p, fmt.Errorf("--for is at most %s", maxCrashTime)
	case c.Stride < 1:
		return p, errors.New("--stride is at least 1")
	case c.N == 0 && c.For == 0:
		p.Falls = usualFalls
		if c.How == "fault" {
			p.Falls = maxFalls
		}
	case c.N == 0:
		p.Falls = maxFalls
	}
	if p.Seed == 0 {
		p.Seed = uint64(time.Now().UnixNano())
	}
	self, err := os.Executable()
	p.Program = []string{self}
	return p, err
}

func (c *benchCrashCmd) run(ctx context.Context, e *env) int {
	plan, err := c.plan()
	if err != nil {
		e.fail(err)
		return exitUsage
	}
	e.say("Made cafés in a temporary directory, which is removed at the end. Seed %d.", plan.Seed)
	report, err := c.fall(ctx, e, plan)
	if err != nil {
		return e.fail(err)
	}
	if code := e.figures(c.JSON, report, func() error { return report.print(e) }); code != exitOK || !report.wrong() {
		return code
	}
	return exitFailed
}

// fall runs what was asked for, one kind after the other.
func (c *benchCrashCmd) fall(ctx context.Context, e *env, plan crash.Plan) (report crashReport, err error) {
	for _, kind := range []struct {
		name string
		run  func(context.Context, crash.Plan) (crash.Tally, error)
	}{
		{"cut", crash.Cuts},
		{"fault", func(ctx context.Context, p crash.Plan) (crash.Tally, error) { return crash.Faults(ctx, p, c.Stride) }},
		{"kill", crash.Kills},
		{"shutdown", crash.Shutdowns},
	} {
		if c.How != kind.name && c.How != "all" {
			continue
		}
		shown := newProgress(e.stderr, kind.name, plan.Falls)
		done := 0
		plan.Step = func(falls int) {
			for ; done < falls; done++ {
				shown.step()
			}
		}
		tally, err := kind.run(ctx, plan)
		shown.end()
		report.Tallies = append(report.Tallies, tally)
		if err != nil {
			return report, err
		}
	}
	if c.How == "plant" || c.How == "all" {
		plan.Falls, plan.Step = plantedCuts, nil
		report.Planted, err = crash.Plants(ctx, plan)
	}
	return report, err
}

// wrong reports whether a café did not come through, or a planted bug was not found.
func (r crashReport) wrong() bool {
	for _, t := range r.Tallies {
		if t.Wrong() {
			return true
		}
	}
	for _, p := range r.Planted {
		if !p.Found {
			return true
		}
	}
	return false
}

func (r crashReport) print(e *env) error {
	w := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	if len(r.Tallies) > 0 {
		_, _ = fmt.Fprintln(w, "how\tfalls\tacknowledged\tlost\tdoubled\tbroken\trefused\tnever answered\tworst restart ms\ttook s\t") // Flush returns the error of each
	}
	for _, t := range r.Tallies {
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%.0f\t%.0f\t\n", t.How, t.Falls, t.Acknowledged, t.Lost, t.Doubled, t.Broken, t.Refused, t.Unanswered,
			milliseconds(t.WorstRestart), t.Took.Seconds())
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, t := range r.Tallies {
		printCopies(e, t.Copies)
		if t.Skipped != "" {
			e.say("%s: skipped: %s", t.How, firstLine(t.Skipped))
		}
		for _, words := range t.Words {
			e.put("%s: %s", t.How, words)
		}
	}
	for _, p := range r.Planted {
		if p.Found {
			e.put("planted: %s: found by cut %d", p.Bug, p.Cuts)
		} else {
			e.put("planted: %s: NOT FOUND in %d cuts", p.Bug, p.Cuts)
		}
	}
	return nil
}

// printCopies says what the copies had that were kept meanwhile.
func printCopies(e *env, all []*crash.Copied) {
	for _, c := range all {
		name := "copy"
		if c.Wait {
			name = "copy, answers wait for it"
		}
		missing, behind := c.Worst()
		e.put("%s: fetched after %d falls, none yet after %d, said to be late in %d; of %d acknowledged it lacked at most %d, the oldest answered %s before, usually %s",
			name, c.Fetched, c.None, c.Late, c.Owed, missing, behind.Round(time.Millisecond), c.Usual().Round(time.Millisecond))
	}
}
