package replica_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"comptoir/cmd/comptoir/internal/replica"
	"comptoir/data/fault"
)

// hang makes a name in a folder one that is waited for: opening it to write comes back when let is called, or the test ends.
func hang(t *testing.T, path string) (let func()) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o700))
	must(t, syscall.Mkfifo(path, 0o600))
	let = func() {
		if f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NONBLOCK, 0); err == nil { // a reader: whoever waits goes on
			for end := time.Now().Add(10 * time.Second); replica.Stuck(filepath.Dir(path)) && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
			_ = f.Close()
		}
		_ = os.Remove(path)
	}
	t.Cleanup(let)
	return let
}

// A folder that does not answer is left when the context ends, is not asked again before it has come back, and is then as any other.
func TestAFolderThatDoesNotAnswerIsLeft(t *testing.T) {
	target := folderTarget(t)
	p, err := replica.Open(t.Context(), target)
	must(t, err)
	let := hang(t, filepath.Join(target.Path, "epoch.part"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Write(ctx, "epoch", strings.NewReader("x")); fault.CodeOf(err) != "copy.unreachable" {
		t.Fatalf("written: %v", err)
	}
	if _, err := replica.ReadFile(t.Context(), p, "head", 100); fault.CodeOf(err) != "copy.unreachable" {
		t.Errorf("asked while an earlier call hangs: %v", err)
	}
	if _, err := replica.Open(t.Context(), target); fault.CodeOf(err) != "copy.unreachable" {
		t.Errorf("opened while an earlier call hangs: %v", err)
	}
	let()
	if text, err := replica.ReadFile(t.Context(), p, "epoch", 100); err == nil {
		t.Errorf("what nobody waited for was written: %q", text)
	}
	_, err = p.Write(t.Context(), "epoch", strings.NewReader("later"))
	must(t, err)
}

// A pipe with the name of a file is not waited for.
func TestWhatIsNoFileIsNotRead(t *testing.T) {
	target := folderTarget(t)
	p, err := replica.Open(t.Context(), target)
	must(t, err)
	must(t, syscall.Mkfifo(filepath.Join(target.Path, "epoch"), 0o600))
	if _, err := replica.ReadMarker(t.Context(), p); fault.CodeOf(err) != "copy.damaged" {
		t.Errorf("got %v, want copy.damaged", err)
	}
}

// A folder that hangs holds up neither a sale nor the stop.
func TestAFolderThatHangsHoldsNoStopUp(t *testing.T) {
	target := folderTarget(t)
	hang(t, filepath.Join(target.Path, "epoch.part"))
	c := newCafe(t, target, func(config *replica.Config) { config.Wait = true })
	c.sell(0, 3)
	began := time.Now()
	c.close()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the stop took %s", took)
	}
}
