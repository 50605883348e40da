package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"comptoir/cmd/comptoir/internal/speed"
	"comptoir/cmd/comptoir/internal/web"
)

// gauges is the listener of --metrics. It outlives a café that makes room for another, and says so while one is held.
type gauges struct {
	at      net.Addr
	handler atomic.Pointer[http.Handler]
	end     func() error
}

// figuresTimeout bounds one reading from its first byte to its last.
const figuresTimeout = 10 * time.Second

// serveGauges binds an address of the loopback and answers there. An empty address: nothing is bound, and nil is returned.
func serveGauges(ctx context.Context, address string, log *slog.Logger) (*gauges, error) {
	if address == "" {
		return nil, nil
	}
	l, err := bind(ctx, "--metrics", address)
	if err != nil {
		return nil, err
	}
	if !isLoopback(l.Addr()) {
		return nil, errors.Join(fmt.Errorf("--metrics %s: gauges are for this machine only; give an address such as 127.0.0.1:9090", address), l.Close())
	}
	f := &gauges{at: l.Addr()}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", web.LocalOnly(http.HandlerFunc(f.answer)))
	server := &http.Server{Handler: mux, ReadTimeout: figuresTimeout, WriteTimeout: figuresTimeout, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	f.end = func() error {
		err := server.Close()
		if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		return err
	}
	return f, nil
}

func (f *gauges) answer(w http.ResponseWriter, r *http.Request) {
	if h := f.handler.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	_, _ = io.WriteString(w, "# HELP comptoir_open Whether the café is open: 0 while it is held, started or ended.\n# TYPE comptoir_open gauge\ncomptoir_open 0\n")
}

// show hands over the gauges of the café that is open; nil: there is none.
func (f *gauges) show(h http.Handler) {
	switch {
	case f == nil:
	case h == nil:
		f.handler.Store(nil)
	default:
		f.handler.Store(&h)
	}
}

// close ends it. Nothing was bound: nothing happens.
func (f *gauges) close() error {
	if f == nil {
		return nil
	}
	return f.end()
}

// speedFile is where the measurements of the last day are kept, in the café's folder.
const speedFile = "speed.json"

// speedEvery is how often they are kept: what a power cut takes are a quarter of an hour of measurements.
const speedEvery = 15 * time.Minute

// keepSpeed brings the measurements of the last day back, and keeps those that come, until the context ends.
func keepSpeed(ctx context.Context, m *speed.Meter, dir string, log *slog.Logger) {
	path := filepath.Join(dir, speedFile)
	if err := m.Load(path); err != nil {
		log.InfoContext(ctx, "the measurements of the last day begin anew", "error", err)
	}
	tick := time.NewTicker(speedEvery)
	defer tick.Stop()
	for ended := false; !ended; {
		select {
		case <-ctx.Done():
			ended = true
		case <-tick.C:
		}
		if err := m.Save(path); err != nil {
			log.Warn("the measurements of the day could not be kept", "error", err)
		}
	}
}
