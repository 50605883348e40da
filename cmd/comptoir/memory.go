package main

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

// A café's machine may be an old one with little memory, and a till has time: garbage is collected when a half of what is in use
// has come on top of it (a hundredth of the processor's time more), and sooner from heapLimit on, which is twice what is in use after
// hours of selling with what the runtime itself takes. What a verification or an archive needed for a minute is not kept.
const (
	heapLimit  = 40 << 20
	heapGrowth = 50
	codeKept   = 2 * time.Minute // code that was not run for so long is let go of
)

// spareMemory sets that, but for who has set it otherwise (GOMEMLIMIT, GOGC). Where memory went is not counted: that takes 2 MB.
func spareMemory() {
	runtime.MemProfileRate = 0
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(heapLimit)
	}
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(heapGrowth)
	}
}

// spareCode lets go, now and then, of the pages of the program that only its start or a night's work has run, until the
// function it returns is called. The system would take them away when it is short of memory; until then they count as ours.
func spareCode(ctx context.Context) (halt func()) {
	ctx, halt = context.WithCancel(ctx)
	go func() {
		tick := time.NewTicker(codeKept)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				letGoOfCode()
			}
		}
	}()
	return halt
}
