package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"comptoir/cmd/comptoir/internal/replica"
)

type benchCopyCmd struct {
	To     string        `arg:"" help:"Folder on the second disk; what is written there is removed." placeholder:"FOLDER" type:"existingdir"`
	Rounds int           `default:"5" help:"Rounds, 1 to 20."`
	Time   time.Duration `default:"4s" help:"Of each round, at most 30s."`
	JSON   bool          `help:"As JSON."`
}

// copyBlock is how many sales one café makes before the next has its turn: what drifts touches all.
const copyBlock = 20

// copyReport is what a copy costs a sale.
type copyReport struct {
	Sales int        `json:"sales"` // of each café
	Cases []copyCase `json:"cases"`
}

// copyCase is one way of keeping a copy, or none; medians of the rounds.
type copyCase struct {
	Name     string  `json:"name"`
	P50      float64 `json:"p50_ms"`
	P99      float64 `json:"p99_ms"`
	More50   spread  `json:"p50_more_ms"` // than without a copy, in the same round
	More99   spread  `json:"p99_more_ms"`
	Syncs    float64 `json:"syncs_per_sale"` // of the café's own files
	LogBytes float64 `json:"log_bytes_per_sale"`
	Behind50 float64 `json:"behind_p50_ms"` // how old what the second place lacked was, right after each sale
	Behind99 float64 `json:"behind_p99_ms"`
	BehindTo float64 `json:"behind_max_ms"`

	rig      *rig
	copy     *replica.Replica // nil: none is kept
	halt     func()
	p50, p99 []float64
	behind   []time.Duration
}

func (c *benchCopyCmd) run(ctx context.Context, e *env) int {
	if c.Rounds < 1 || c.Rounds > maxRounds || c.Time <= 0 || c.Time > maxCaseTime {
		return e.fail(fmt.Errorf("--rounds is from 1 to %d, --time at most %s", maxRounds, maxCaseTime))
	}
	e.say("Three cafés in a temporary directory: without a copy, with one, and with one that answers wait for; %d rounds of %s.", c.Rounds, c.Time)
	r, err := c.measure(ctx)
	if err != nil {
		return e.fail(err)
	}
	return e.figures(c.JSON, r, func() error {
		for _, k := range r.Cases {
			e.put("%-13s p50 %.2f ms, p99 %.2f ms; more than none: p50 %+.2f ms (%+.2f to %+.2f), p99 %+.2f ms (%+.2f to %+.2f); syncs %.3f, log bytes %.0f a sale", k.Name,
				k.P50, k.P99, k.More50.Median, k.More50.Low, k.More50.High, k.More99.Median, k.More99.Low, k.More99.High, k.Syncs, k.LogBytes)
			if k.BehindTo > 0 {
				e.put("%-13s would have lost the sales of %.0f ms (p50), %.0f ms (p99), %.0f ms (at worst)", "", k.Behind50, k.Behind99, k.BehindTo)
			}
		}
		e.put("%d sales each", r.Sales)
		return nil
	})
}

// measure lets the cafés sell in turn.
func (c *benchCopyCmd) measure(ctx context.Context) (report copyReport, err error) {
	cases := []*copyCase{{Name: "none"}, {Name: "copy"}, {Name: "answers wait"}}
	defer func() {
		for _, k := range cases {
			err = errors.Join(err, k.close())
		}
	}()
	for i, k := range cases {
		if err := k.open(ctx, c.To, i > 0, i > 1); err != nil {
			return report, err
		}
	}
	for range c.Rounds {
		n, err := copyRound(ctx, cases, c.Time)
		if err != nil {
			return report, err
		}
		report.Sales += n
	}
	for _, k := range cases {
		var more50, more99 []float64
		for i := range k.p50 {
			more50, more99 = append(more50, k.p50[i]-cases[0].p50[i]), append(more99, k.p99[i]-cases[0].p99[i])
		}
		k.P50, k.P99, k.More50, k.More99 = median(k.p50), median(k.p99), spreadOf(more50), spreadOf(more99)
		k.Syncs, k.LogBytes = k.Syncs/float64(report.Sales), k.LogBytes/float64(report.Sales)
		if len(k.behind) > 0 {
			k.Behind50, k.Behind99, k.BehindTo = milliseconds(quantile(k.behind, 50)), milliseconds(quantile(k.behind, 99)), milliseconds(slices.Max(k.behind))
		}
		report.Cases = append(report.Cases, *k)
	}
	return report, nil
}

// copyRound is one round: blocks of sales in turn, for so long.
func copyRound(ctx context.Context, cases []*copyCase, during time.Duration) (sales int, err error) {
	took := make([][]time.Duration, len(cases))
	for began := time.Now(); time.Since(began) < during; {
		for i, k := range cases {
			before := k.rig.disk.Counts()
			for range copyBlock {
				from := time.Now()
				if err := k.rig.sell(ctx); err != nil {
					return 0, err
				}
				took[i] = append(took[i], time.Since(from))
				if k.copy != nil {
					k.behind = append(k.behind, k.copy.State().Behind)
				}
			}
			after := k.rig.disk.Counts()
			k.Syncs += float64(after.Syncs() - before.Syncs())
			k.LogBytes += float64(after.WAL.Bytes - before.WAL.Bytes)
		}
	}
	for i, k := range cases {
		k.p50, k.p99 = append(k.p50, milliseconds(quantile(took[i], 50))), append(k.p99, milliseconds(quantile(took[i], 99)))
	}
	return len(took[0]), nil
}

// open makes a café, and lets it keep a copy in a folder of its own, complete from the first sale that is counted.
func (k *copyCase) open(ctx context.Context, to string, kept, wait bool) (err error) {
	k.halt = func() {}
	if k.rig, err = openRig(ctx, k.Name, groupBatch); err != nil || !kept {
		return err
	}
	folder, err := os.MkdirTemp(to, "comptoir-bench-")
	if err != nil {
		return fmt.Errorf("bench: %w", err)
	}
	remove := func() { _ = os.RemoveAll(folder) } // what stays takes room, nothing else
	db := k.rig.till.DB()
	r, err := replica.New(ctx, replica.Config{DB: db, Dir: filepath.Join(k.rig.dir, demoFolder), Cafe: "BENCH", Epoch: db.Epoch(),
		Target: replica.Target{Kind: replica.Folder, Path: folder}, Wait: wait})
	if err != nil {
		remove()
		return err
	}
	run, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); r.Run(run) }()
	k.copy, k.halt = r, func() { cancel(); <-ended; remove() }
	return r.Sync(ctx)
}

func (k *copyCase) close() error {
	if k.rig == nil {
		return nil
	}
	k.halt()
	return k.rig.close()
}
