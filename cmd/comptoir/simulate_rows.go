package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"syscall"
	"time"

	"comptoir/cmd/comptoir/internal/simulation"
)

// historyAge is how many days before today a made history ends: a bench may then let its days pass one by one, and the
// clock stands less far ahead than a till believes.
const historyAge = 30

// historyGC lets the heap of a process that makes a history, and does nothing else, grow to five times what is in use.
const historyGC = 400

// makeHistory makes a café with many years of sales behind it, or goes on making it.
func (c *simulateCmd) makeHistory(ctx context.Context, e *env) int {
	p := simulation.HistoryPlan{Sales: c.Rows, Years: c.Years, Seed: c.Seed, Until: time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, -historyAge)}
	debug.SetGCPercent(historyGC)
	dir := c.Out
	if there, err := simulation.ReadHistory(dir); err == nil {
		p.Until = there.Plan.Until // gone on with on another day
	} else if err := hasRoom(dir, p.Space()); err != nil {
		return e.fail(err)
	}
	began, already := time.Now(), -1
	h, err := simulation.Make(ctx, p, dir, func(h simulation.History) {
		if already < 0 {
			already = h.Sold
			began = time.Now()
		}
		rate := float64(h.Sold-already) / max(time.Since(began).Seconds(), 0.001)
		e.say("%s  %d of %d sales, %d entries, %d MB, %.0f sales/s", p.Until.AddDate(-p.Years, 0, h.Days+1).Format("2006-01"), h.Sold, p.Sales, h.Entries, h.Bytes>>20, rate)
	})
	if err != nil {
		return e.fail(err)
	}
	h.Cards = nil // nobody reads ten thousand codes
	return e.figures(c.JSON, h, func() error {
		e.put("%d sales over %d days, %d entries, %d bytes, %.0f bytes a sale: %s", h.Sold, h.Days, h.Entries, h.Bytes, float64(h.Bytes)/float64(h.Sold), dir)
		return nil
	})
}

// hasRoom refuses a folder whose disk has less free than is needed.
func hasRoom(dir string, need int64) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("--out %s: %w", dir, err)
	}
	var disk syscall.Statfs_t
	if err := syscall.Statfs(filepath.Clean(dir), &disk); err != nil {
		return fmt.Errorf("--out %s: %w", dir, err)
	}
	if free := int64(disk.Bavail) * disk.Bsize; free < need {
		return fmt.Errorf("--out %s: %d MB are free, %d are needed", dir, free>>20, need>>20)
	}
	return nil
}
