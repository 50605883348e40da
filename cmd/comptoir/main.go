package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// Exit codes. doctor and verify have their own meaning for 1 to 3; --help lists them.
const (
	exitOK       = 0
	exitFailed   = 1 // refused, or what was checked does not hold
	exitUsage    = 2 // not understood, or what was to be checked cannot be read
	exitWarnings = 3 // verify: conform, with warnings
	exitDisk     = 3 // serve: the disk failed; start again
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run is the whole program without the process around it. It returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	e := &env{stdin: stdin, stdout: stdout, stderr: stderr}
	return e.parse(ctx, args)
}
