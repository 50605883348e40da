package device

import (
	"context"
	"io"
	"net"
	"sync"
	"time"

	"comptoir/cmd/comptoir/internal/device/caisseap"
	"comptoir/cmd/comptoir/internal/device/concert"
	"comptoir/cmd/comptoir/internal/device/rehearsal"
)

// trialPause is how long the customer of a terminal to try with takes.
const trialPause = 2 * time.Second

// Amounts in cents of the terminal to try with, by their last two digits, that do not end as they should. All others are paid.
const (
	centsRefused   = 91
	centsAbandoned = 92
	centsPartial   = 93 // half of it is paid
	centsUnknown   = 94 // no answer comes: a person looks
	centsBusy      = 95 // nothing is asked
)

// trial is the terminal of the URI virtual:. It speaks its protocol to the last byte, in memory.
type trial struct{ Terminal }

// Charge pays all amounts but those that end in 91 to 95 cents.
func (t trial) Charge(ctx context.Context, c Charge) Answer {
	if c.Amount%100 == centsBusy {
		return notSent(codeBusy)
	}
	return t.Terminal.Charge(ctx, c)
}

// trialLine is the till's end of a line in memory. Closing it ends the terminal at the other.
type trialLine struct {
	net.Conn
	cancel context.CancelFunc
	other  *sync.WaitGroup
}

// Close ends both ends.
func (l *trialLine) Close() error {
	l.cancel()
	err := l.Conn.Close()
	l.other.Wait()
	return err
}

// inMemory opens lines to a terminal that is served in memory.
func inMemory(serve func(ctx context.Context, till net.Conn)) dialer {
	return func(ctx context.Context) (io.ReadWriteCloser, error) {
		// The line outlives its dialling, and ends when it is closed.
		ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
		till, terminal := net.Pipe()
		line := &trialLine{Conn: till, cancel: cancel, other: &sync.WaitGroup{}}
		line.other.Go(func() { serve(ctx, terminal) })
		return line, nil
	}
}

// dialTrial opens lines to a terminal to try with.
func dialTrial(protocol string, pause time.Duration) dialer {
	if protocol == ProtocolConcert {
		v := &concert.Virtual{Pause: pause, Cases: rehearsal.ByCents{Otherwise: concert.CaseApproved, Cases: map[int64]string{
			centsRefused: concert.CaseRefused, centsAbandoned: concert.CaseRefused, centsPartial: concert.CasePartial, centsUnknown: concert.CaseGone,
		}}}
		return inMemory(func(ctx context.Context, till net.Conn) { _ = v.Serve(ctx, till) })
	}
	v := &caisseap.Virtual{Pause: pause, Cases: rehearsal.ByCents{Otherwise: caisseap.CaseApproved, Cases: map[int64]string{
		centsRefused: caisseap.CaseRefused, centsAbandoned: caisseap.CaseAbandoned, centsPartial: caisseap.CasePartial, centsUnknown: caisseap.CaseNoAnswer,
	}}}
	return inMemory(func(ctx context.Context, till net.Conn) { v.Answer(ctx, till) })
}
