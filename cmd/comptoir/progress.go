package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/mattn/go-isatty"
)

// progress shows how far a long run is.
type progress interface {
	step() // one more is done; from any goroutine
	end()
}

// quiet shows nothing.
type quiet struct{}

func (quiet) step() {}
func (quiet) end()  {}

// barEvery is how often the bar is drawn.
const barEvery = 100 * time.Millisecond

// barWidth is the bar's length in characters.
const barWidth = 30

// bar draws on one line of a terminal.
type bar struct {
	w     io.Writer
	label string
	total int64
	done  atomic.Int64
	began time.Time
	stop  chan struct{}
	gone  chan struct{}
}

// newProgress returns a bar on a terminal, and nothing where words go to a file.
func newProgress(w io.Writer, label string, total int) progress {
	if !isTerminal(w) || total == 0 {
		return quiet{}
	}
	b := &bar{w: w, label: label, total: int64(total), began: time.Now(), stop: make(chan struct{}), gone: make(chan struct{})}
	go b.run()
	return b
}

func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

func (b *bar) step() { b.done.Add(1) }

func (b *bar) end() {
	close(b.stop)
	<-b.gone
}

func (b *bar) run() {
	defer close(b.gone)
	tick := time.NewTicker(barEvery)
	defer tick.Stop()
	for {
		b.draw()
		select {
		case <-tick.C:
		case <-b.stop:
			b.draw()
			_, _ = fmt.Fprintln(b.w)
			return
		}
	}
}

func (b *bar) draw() {
	done := b.done.Load()
	filled := int(done * barWidth / b.total)
	rate := float64(done) / max(time.Since(b.began).Seconds(), 0.001)
	_, _ = fmt.Fprintf(b.w, "\r%s [%s%s] %d/%d  %.0f/s ", b.label, strings.Repeat("#", filled), strings.Repeat("·", barWidth-filled), done, b.total, rate)
}
