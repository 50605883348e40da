package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
)

// How long to wait before a disk that failed is tried again: twice as long each time. It begins where it stood when the disk
// has failed again within a while.
const (
	firstPause   = time.Second
	longestPause = 30 * time.Second
	pauseForgets = time.Minute
)

// pauses are the waits between two looks at something that is not well.
type pauses struct {
	first, next time.Duration // first 0: firstPause
	last        time.Time     // when the last one was over
}

// wait returns how long to wait now.
func (p *pauses) wait(now time.Time) time.Duration {
	first := p.first
	if first == 0 {
		first = firstPause
	}
	if p.next == 0 || now.Sub(p.last) > pauseForgets {
		p.next = first
	}
	wait := p.next
	p.next = min(2*p.next, longestPause)
	p.last = now.Add(wait)
	return wait
}

// Outlast keeps on the screens what can be read while the disk fails, and opens the café anew on the same addresses when it
// works again: closed as the failure left it and opened as after a crash, its log is rewritten and truncated before the first
// sale. The sync that failed is never tried again. A café that can then not be opened is held. Damaged data are not opened
// anew: somebody has to look.
//
// It returns the error of the context, of serving that ended by itself, or of a café that could neither be opened nor held.
func (m *Main) Outlast(ctx context.Context) error {
	for {
		var again <-chan time.Time
		if fault.CodeOf(m.till.DB().Trouble()) != "data.damaged" {
			again = time.After(m.pauses.wait(time.Now()))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case err := <-m.ended:
			m.ended <- err // Stop collects it
			return err
		case <-again:
		}
		if err := data.Probe(m.Config.Dir); err != nil {
			m.logger().Warn("the disk does not work yet", slog.String("code", fault.CodeOf(err)), slog.Any("error", err))
			continue
		}
		m.logger().Warn("the disk works again; the café is opened anew")
		if err := m.rest(ctx); err != nil {
			m.logger().Warn("the pages ended badly", slog.Any("error", err))
		}
		if err := m.closeCafe(); err != nil { // of what the disk has spoilt nothing is expected
			m.logger().Warn("the café was closed badly", slog.Any("error", err))
		}
		if err := m.openOrHold(ctx); err != nil {
			return errors.Join(err, m.close())
		}
		return nil
	}
}

// toHold returns the refusal with which a café is held rather than left: it is there, and somebody or time can put right what
// is wrong. Nil for any other error, and where there never was a café: --data is mistaken then.
func toHold(dir string, err error) error {
	if err == nil || pos.IsHeld(err) {
		return err
	}
	if (cafe{dir: dir}).leadsNowhere() {
		return data.Probe(dir)
	}
	if !wasCafe(dir) {
		return nil
	}
	switch fault.CodeOf(err) {
	case "data.foreign", "data.newer", "data.held":
		return err
	case "data.locked":
		return nil // the other one has the till; a second page would only confuse
	}
	return data.Trouble(dir, err)
}

// wasCafe reports whether a directory has held a café: what lies beside its database is still there, or may not be looked at.
func wasCafe(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, "keys"))
	return err == nil || errors.Is(err, fs.ErrPermission)
}

// retries reports whether a held café may become well by itself: somebody makes room, or ends the other program.
func retries(reason error) bool {
	switch fault.CodeOf(reason) {
	case "data.full", "data.read_only", "data.stopped", "data.directory", "data.held":
		return true
	}
	return false
}

// Mended is told when it is worth trying a held café again: the disk works. Nil where only a person can put it right.
func (m *Main) mended(ctx context.Context) <-chan struct{} {
	if !retries(m.reason) {
		return nil
	}
	again := make(chan struct{}, 1)
	pause := m.pauses.wait(time.Now())
	if fault.CodeOf(m.reason) == "data.held" {
		pause = max(pause, longestPause) // trying takes as long as SQLite waits for the other program
	}
	m.chores.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-time.After(pause):
			}
			if data.Probe(m.Config.Dir) == nil {
				again <- struct{}{}
				return
			}
			pause = min(2*pause, longestPause)
		}
	})
	return again
}
