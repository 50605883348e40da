package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"comptoir/cmd/comptoir/internal/simulation"
	"comptoir/data"
	"comptoir/pos"
)

// benchMadeCmd serves a made history for a bench, by a clock that stands where the history needs it. It serves nothing
// else: a clock that can be set has no business near a café's own journal.
type benchMadeCmd struct {
	Dir  string `arg:"" help:"Folder of a history." type:"path"`
	Next bool   `help:"Of the business day after its last; otherwise of that evening."`
}

// servedHistory is what it prints when it answers.
type servedHistory struct {
	Staff  string `json:"staff"`
	Public string `json:"public"`
	Token  string `json:"token"`
	Day    string `json:"day"`
}

// setClock is the machine's clock, moved.
type setClock struct{ by time.Duration }

// Now returns the machine's time, moved.
func (c setClock) Now() time.Time { return time.Now().Add(c.by) }

func (c *benchMadeCmd) run(ctx context.Context, e *env) int {
	spareMemory()
	config, looked, err := madeConfig(ctx, c.Dir, c.Next)
	if err != nil {
		return e.fail(err)
	}
	m := &Main{Config: config, Listen: "127.0.0.1:0", Public: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler)}
	err = m.Start(ctx)
	if err = errors.Join(err, looked.Close()); err != nil {
		return e.fail(err)
	}
	served := servedHistory{Staff: m.StaffURL(), Public: urlOf(m.public.Addr()), Day: m.Till().DB().Today()}
	by := pos.System("sys")
	by.Command = data.NewCommand(newCommandID())
	if served.Token, err = m.Till().CreateToken(ctx, by, pos.RoleManager, "bench"); err == nil {
		err = json.NewEncoder(e.stdout).Encode(served)
	}
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-m.Ended():
			m.ended <- err // Stop collects it
		}
	}
	if err = errors.Join(err, m.Stop(ctx)); err != nil {
		return e.fail(err)
	}
	return exitOK
}

// madeConfig is how the history of a folder is served on the day after its last one, or in the evening of that. What it looked
// with is to be closed when the history is served: a log that a kill left is read by the first who comes, which is to be
// measured once, as it is of a café.
func madeConfig(ctx context.Context, dir string, next bool) (config pos.Config, looked *pos.Till, err error) {
	if h, err := simulation.ReadHistory(dir); err != nil || !h.Done {
		return config, nil, fmt.Errorf("%s holds no history that is done; see comptoir simulate --rows --help", dir)
	}
	config = pos.Config{Dir: filepath.Join(dir, demoFolder), Software: software, Clock: setClock{-simulation.MaxYears * 400 * 24 * time.Hour}}
	if looked, err = pos.OpenReadOnly(ctx, config); err != nil {
		return config, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, looked.Close())
		}
	}()
	who, newest, zone := looked.Identity(), looked.DB().Today(), looked.DB().Zone() // today is the newest day that was written: the clock stands before all of them
	if !who.Demo || who.Name != simulation.HistoryName {
		return config, looked, fmt.Errorf("%s is a café of somebody, no history", dir)
	}
	day, err := time.ParseInLocation(time.DateOnly, newest, zone)
	if err != nil {
		return config, looked, err
	}
	at := day.Add(20 * time.Hour)
	if next {
		at = day.AddDate(0, 0, 1).Add(10 * time.Hour)
	}
	if time.Until(at) > 0 {
		return config, looked, fmt.Errorf("%s has used up its days: make another", dir)
	}
	config.Clock = setClock{time.Until(at)}
	return config, looked, nil
}
