package device

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"time"
)

// queueTimeout bounds how long the system's queue may take to accept a job.
const queueTimeout = 30 * time.Second

// cupsQueue is the session of a printer behind the system's own queue: it takes bytes, and never says what became of them.
type cupsQueue struct {
	name  string
	clock timer
}

func (q cupsQueue) status(context.Context) (string, bool, error) { return "", false, nil }

// print hands the bytes to the queue as they are. A refusal of the queue's means that it has taken nothing.
func (q cupsQueue) print(ctx context.Context, paper []byte, _ manner) result {
	ctx, cancel := upTo(ctx, q.clock, queueTimeout)
	defer cancel()
	lp := exec.CommandContext(ctx, "lp", "-s", "-d", q.name, "-o", "raw") //nolint:gosec // ParseURI lets no flag through as a name
	lp.Stdin = bytes.NewReader(paper)
	lp.Env = append(os.Environ(), "LC_ALL=C")
	lp.WaitDelay = time.Second
	err := lp.Run()
	var refused *exec.ExitError
	switch {
	case err == nil:
		return result{fate: fateUnsure, code: CodeUnverified}
	case ctx.Err() != nil:
		return result{fate: fateCutOff, code: CodeCutOff}
	case errors.As(err, &refused) && refused.ExitCode() < 0: // killed, with the job in its hand
		return result{fate: fateCutOff, code: CodeCutOff}
	}
	return result{fate: fateNone, code: CodeUnreachable}
}

func (q cupsQueue) close() {}
