package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// recentLines is how many of the last log lines a service keeps in memory for a support bundle.
const recentLines = 500

// recent is a log handler that also keeps the last lines, cut down to what may leave the machine: when, how grave, what, and
// the attributes of toldAttrs. A cause may quote what somebody typed, so that it stays in the machine's own log.
type recent struct {
	slog.Handler

	kept *keptLines
}

// keptLines is shared by a handler and those derived from it.
type keptLines struct {
	mu    sync.Mutex
	lines []string
	next  int
}

func newRecent(h slog.Handler) *recent { return &recent{h, &keptLines{}} }

// toldAttrs are the attributes of a line that hold no text of a person: patterns of routes, stable codes, numbers.
func toldAttrs() []string {
	return []string{"method", "route", "status", "took", "public", "code", "seq", "check", "from", "to", "closings"}
}

// Handle keeps a line and hands it on.
func (r *recent) Handle(ctx context.Context, line slog.Record) error {
	text := line.Time.UTC().Format(time.RFC3339) + " " + line.Level.String() + " " + line.Message
	line.Attrs(func(a slog.Attr) bool {
		if slices.Contains(toldAttrs(), a.Key) {
			text += fmt.Sprintf(" %s=%v", a.Key, a.Value)
		}
		return true
	})
	r.kept.add(text)
	return r.Handler.Handle(ctx, line) //nolint:wrapcheck // it is the handler's own error
}

// WithAttrs and WithGroup keep the lines of what is derived too.
func (r *recent) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &recent{r.Handler.WithAttrs(attrs), r.kept}
}

// WithGroup is part of slog.Handler.
func (r *recent) WithGroup(name string) slog.Handler {
	return &recent{r.Handler.WithGroup(name), r.kept}
}

func (k *keptLines) add(line string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.lines) < recentLines {
		k.lines = append(k.lines, line)
		return
	}
	k.lines[k.next] = line
	k.next = (k.next + 1) % recentLines
}

// all returns the lines kept, the oldest first.
func (k *keptLines) all() []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Concat(k.lines[k.next:], k.lines[:k.next])
}

// recentOf returns what a logger keeps; none of one that keeps nothing.
func recentOf(log *slog.Logger) []string {
	if log == nil {
		return nil
	}
	if r, ok := log.Handler().(*recent); ok {
		return r.kept.all()
	}
	return nil
}
