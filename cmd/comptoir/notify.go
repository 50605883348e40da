package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"comptoir/data"
)

// tellSystem tells the init system that the café is served, and, when the context ends, that it is being closed. Where nobody
// asked to be told nothing happens. It returns a function that forgets the second.
func tellSystem(ctx context.Context, log *slog.Logger) (forget func() bool) {
	notify(log, daemon.SdNotifyReady)
	return context.AfterFunc(ctx, func() { notify(log, daemon.SdNotifyStopping) })
}

// notify sends one line to the init system.
func notify(log *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		log.Warn("the init system could not be told", "state", state, "error", err)
	}
}

// answering is what the init system's watchdog asks of a till: that its writer answers, be it that the disk has failed. A till
// that waits for its disk shows what can be read; to end it would take that away.
func answering(db *data.DB) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := db.Ready(ctx); err != nil && db.Trouble() == nil {
			return err
		}
		return nil
	}
}

// keepAwake tells the init system again and again that the till works, for as long as it does: a writer that answers nobody is
// ended and started again, which is what a person would do. ready nil: there is no writer, the page of a held café is enough.
func keepAwake(ctx context.Context, ready func(context.Context) error, log *slog.Logger) {
	within, err := daemon.SdWatchdogEnabled(false)
	if err != nil {
		log.Warn("the init system's watchdog", "error", err)
	}
	if within <= 0 {
		return
	}
	awake(ctx, within/3, ready, func() { notify(log, daemon.SdNotifyWatchdog) }, log)
}

// awake calls told every interval in which ready answers well.
func awake(ctx context.Context, every time.Duration, ready func(context.Context) error, told func(), log *slog.Logger) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for ctx.Err() == nil { // a tick and the end may come at once
		if err := answersWithin(ctx, every, ready); err == nil {
			told()
		} else if ctx.Err() == nil {
			log.Error("the writer does not answer; unless it does again, the init system starts the till anew", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func answersWithin(ctx context.Context, limit time.Duration, ready func(context.Context) error) error {
	if ready == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return ready(ctx)
}
