package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// listenAsSystem is the socket of an init system; next returns the next thing the service says there.
func listenAsSystem(t *testing.T) (path string, next func() string) {
	t.Helper()
	path = filepath.Join(shortDir(t), "notify")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	return path, func() string {
		t.Helper()
		if err := socket.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		buffer := make([]byte, 1024)
		n, err := socket.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		return string(buffer[:n])
	}
}

func TestTheInitSystemIsToldWhenTheTillIsReadyAliveAndClosing(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	path, next := listenAsSystem(t)
	service := exec.CommandContext(t.Context(), os.Args[0])
	service.Args = []string{"comptoir", "serve", "--data", dir, "--listen", "127.0.0.1:0", "--public", "127.0.0.1:0"}
	service.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "COMPTOIR_") }),
		"NOTIFY_SOCKET="+path, "WATCHDOG_USEC=600000")
	if err := service.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = service.Process.Kill() })
	heard := map[string]bool{}
	for !heard["READY=1"] || !heard["WATCHDOG=1"] {
		heard[next()] = true
	}
	if heard["STOPPING=1"] {
		t.Error("it said that it was closing before anybody asked")
	}
	if err := service.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	for !heard["STOPPING=1"] {
		heard[next()] = true
	}
	if err := service.Wait(); err != nil {
		t.Errorf("it ended badly: %v", err)
	}
}

func TestTheWatchdogHearsNothingWhileTheWriterIsSilent(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	answers := []error{nil, errors.New("no answer"), errors.New("no answer"), nil}
	asked, told := 0, []int{}
	awake(ctx, time.Millisecond, func(context.Context) error {
		if asked++; asked >= len(answers) {
			cancel()
		}
		return answers[asked-1]
	}, func() { told = append(told, asked) }, slog.New(slog.DiscardHandler))
	if !slices.Equal(told, []int{1, 4}) {
		t.Errorf("told after the questions %v, want 1 and 4 only", told)
	}
	hung := answersWithin(t.Context(), time.Millisecond, func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
	if hung == nil {
		t.Error("a writer that hangs counts as alive")
	}
}
