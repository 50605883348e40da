package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

type benchScaleCmd struct {
	In     []string `required:"" help:"Histories made by simulate --rows, the smallest first." placeholder:"DIR,…" type:"path"`
	Rounds int      `default:"3" help:"Every case is run once a round, 1 to 20 rounds. A round uses up a day of each history, of which there are thirty."`
	Sales  int      `default:"600" help:"Sales of a round on each, 50 to 5000."`
	Reads  int      `default:"30" help:"Requests of each kind in a round, 1 to 1000."`
	NoKill bool     `name:"no-kill" help:"Leave out the restart after kill -9 with a log of 64 MB."`
	JSON   bool     `help:"As JSON."`
}

// Limits of the bench of scale.
const (
	scaleBlock = 25       // sales on one history before the next has its turn
	killLog    = 64 << 20 // bytes of the log that a kill leaves
)

// scaleSample is one case on one history in one round, in milliseconds.
type scaleSample struct {
	Round int     `json:"round"`
	Rows  int     `json:"rows"`
	Case  string  `json:"case"`
	MS    float64 `json:"ms"`
}

// scaleCase is a case over all rounds.
type scaleCase struct {
	Case   string   `json:"case"`
	MS     []spread `json:"ms"`     // of each history
	Ratios []spread `json:"ratios"` // to the smallest, of the same round; or to another case of the same history
	To     string   `json:"to"`     // that case
	Limit  float64  `json:"limit"`  // of the ratio; 0: told only
	Plus   float64  `json:"plus"`   // milliseconds that come on top of it
	Met    bool     `json:"met"`
}

// scaleReport is what was measured.
type scaleReport struct {
	Rows    []int         `json:"rows"`
	Bytes   []int64       `json:"bytes"`
	RSS     []int64       `json:"rss"` // the most of the service on each history, bytes
	Rounds  int           `json:"rounds"`
	Cases   []scaleCase   `json:"cases"`
	Samples []scaleSample `json:"samples"`
}

func (c *benchScaleCmd) check() error {
	switch {
	case len(c.In) < 2 || len(c.In) > 8:
		return errors.New("--in names two to eight histories")
	case c.Rounds < 1 || c.Rounds > maxRounds:
		return fmt.Errorf("--rounds is from 1 to %d", maxRounds)
	case c.Sales < 50 || c.Sales > 5000:
		return errors.New("--sales is from 50 to 5000")
	case c.Reads < 1 || c.Reads > 1000:
		return errors.New("--reads is from 1 to 1000")
	}
	return nil
}

func (c *benchScaleCmd) run(ctx context.Context, e *env) int {
	if err := c.check(); err != nil {
		e.say("comptoir: %v", err)
		return exitUsage
	}
	report, err := c.measure(ctx, e)
	if err != nil {
		return e.fail(err)
	}
	return e.figures(c.JSON, report, func() error { return report.print(e) })
}

// measure runs every case on every history once a round. What can be is done in small turns, so that whatever else
// the machine does touches all of them.
func (c *benchScaleCmd) measure(ctx context.Context, e *env) (r scaleReport, err error) {
	program, err := os.Executable()
	if err != nil {
		return r, err
	}
	var sites []*site
	defer func() {
		for _, s := range sites {
			err = errors.Join(err, s.stop())
		}
	}()
	for _, dir := range c.In {
		s, err := newSite(program, dir)
		if err != nil {
			return r, err
		}
		sites = append(sites, s)
		if slices.Contains(r.Rows, s.history.Sold) {
			return r, fmt.Errorf("%s: another history has as many sales", dir)
		}
		r.Rows, r.Bytes = append(r.Rows, s.history.Sold), append(r.Bytes, s.history.Bytes)
	}
	r.Rounds = c.Rounds
	for round := range c.Rounds {
		turn := slices.Clone(sites)
		if round%2 == 1 {
			slices.Reverse(turn)
		}
		if err := c.round(ctx, e, round, turn); err != nil {
			return r, err
		}
	}
	for _, s := range sites {
		r.RSS = append(r.RSS, s.peak)
		r.Samples = append(r.Samples, s.samples...)
	}
	r.Cases = r.summarise()
	return r, nil
}

// round is one day of each history.
func (c *benchScaleCmd) round(ctx context.Context, e *env, round int, turn []*site) error {
	each := func(do func(*site) error) error {
		for _, s := range turn {
			s.round = round
			if err := do(s); err != nil {
				return fmt.Errorf("%s: %w", s.dir, err)
			}
		}
		return nil
	}
	steps := []func(*site) error{
		func(s *site) error { return s.start(ctx, true, "open") },
		func(s *site) error { return s.settle(ctx) }, // what a start verifies beside the selling is over
		func(s *site) error { return s.morning(ctx) },
	}
	for range c.Sales / scaleBlock {
		steps = append(steps, func(s *site) error { return s.sellBlock(ctx, scaleBlock) })
	}
	for range c.Reads {
		steps = append(steps, func(s *site) error { return s.readAll(ctx) })
	}
	steps = append(steps, func(s *site) error { return s.summary() }, func(s *site) error { return s.besideBackup(ctx) }, func(s *site) error { return s.closeDay(ctx) })
	if !c.NoKill {
		steps = append(steps, func(s *site) error { return s.kill(ctx) }, func(s *site) error { return s.start(ctx, false, "open after kill -9, 64 MB log") })
	}
	steps = append(steps, func(s *site) error { return s.stop() }, func(s *site) error { return s.verify(ctx) })
	for _, step := range steps {
		if err := each(step); err != nil {
			return err
		}
	}
	e.say("round %d of %d", round+1, c.Rounds)
	return nil
}

// limits are the targets of the ratios, in the order of the table.
func limits() []scaleCase {
	return []scaleCase{
		{Case: "open", Limit: 1.5, Plus: 100}, {Case: "open after kill -9, 64 MB log", Limit: 1.5, Plus: 100},
		{Case: "checkout p50", Limit: 1.2}, {Case: "checkout p99"},
		{Case: "checkout p99 beside a backup", To: "checkout p99", Limit: 4}, {Case: "card page", Limit: 1.5}, {Case: "day report", Limit: 1.5},
		{Case: "till page", Limit: 1.5}, {Case: "sale by number", Limit: 1.5}, {Case: "sales of a year by amount"}, {Case: "manager's day", Limit: 1.5}, {Case: "board", Limit: 1.5}, {Case: "statements"},
		{Case: "Z", Limit: 1.5}, {Case: "verify, default depth"},
	}
}

func (r scaleReport) summarise() []scaleCase {
	var all []scaleCase
	of := func(what string, rows, round int) (float64, bool) {
		i := slices.IndexFunc(r.Samples, func(s scaleSample) bool { return s.Case == what && s.Rows == rows && s.Round == round })
		if i < 0 {
			return 0, false
		}
		return r.Samples[i].MS, true
	}
	for _, c := range limits() {
		c.Met = true
		for _, rows := range r.Rows {
			var ms, ratios, over []float64
			for round := range r.Rounds {
				base, ok1 := of(c.Case, r.Rows[0], round)
				if c.To != "" {
					base, ok1 = of(c.To, rows, round)
				}
				v, ok2 := of(c.Case, rows, round)
				if ok1 && ok2 {
					ms, ratios, over = append(ms, v), append(ratios, v/base), append(over, v-base*c.Limit-c.Plus)
				}
			}
			if len(ms) == 0 {
				continue
			}
			c.MS, c.Ratios = append(c.MS, spreadOf(ms)), append(c.Ratios, spreadOf(ratios))
			c.Met = c.Met && (c.Limit == 0 || median(over) <= 0)
		}
		if len(c.MS) > 0 {
			all = append(all, c)
		}
	}
	return all
}

func (r scaleReport) print(e *env) error {
	t := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	head := []string{"ms, median (range)"}
	for _, n := range r.Rows {
		head = append(head, fmt.Sprintf("%d sales", n))
	}
	_, _ = fmt.Fprintln(t, strings.Join(append(head, "to the smallest", "target"), "\t")) // Flush returns the error of each
	for _, c := range r.Cases {
		row := []string{c.Case}
		var ratios []string
		for i, s := range c.MS {
			row = append(row, fmt.Sprintf("%.3g (%.3g–%.3g)", s.Median, s.Low, s.High))
			if i > 0 || c.To != "" {
				ratios = append(ratios, fmt.Sprintf("%.2f", c.Ratios[i].Median))
			}
		}
		target := "told"
		if c.Limit > 0 {
			target = fmt.Sprintf("<= %g", c.Limit)
			if c.Plus > 0 {
				target += fmt.Sprintf(" + %g ms", c.Plus)
			}
			if c.To != "" {
				target += " × " + c.To
			}
			target += " " + met(c.Met)
		}
		_, _ = fmt.Fprintln(t, strings.Join(append(row, strings.Join(ratios, " "), target), "\t"))
	}
	row := []string{"bytes a sale"}
	for i, b := range r.Bytes {
		row = append(row, fmt.Sprintf("%.0f", float64(b)/float64(r.Rows[i])))
	}
	_, _ = fmt.Fprintln(t, strings.Join(row, "\t"))
	row = []string{"RSS, MiB"}
	for _, b := range r.RSS {
		row = append(row, fmt.Sprintf("%.1f", float64(b)/(1<<20)))
	}
	_, _ = fmt.Fprintln(t, strings.Join(row, "\t"))
	return t.Flush()
}

// timed is how long something takes, in milliseconds.
func timed(do func() error) (float64, error) {
	from := time.Now()
	err := do()
	return milliseconds(time.Since(from)), err
}
