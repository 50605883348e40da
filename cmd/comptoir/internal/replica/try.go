package replica

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"time"
)

// trialSize is about what a sale changes.
const trialSize = 72 << 10

// Try writes a file to a place, reads it again and removes it, and tells how long writing and reading took, what it takes to get there
// left out. Errors: those of Open and of a Place; copy.damaged when other bytes came back.
func Try(ctx context.Context, t Target) (write, read time.Duration, err error) {
	p, err := Open(ctx, t)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	sent := make([]byte, trialSize)
	_, _ = rand.Read(sent) // it never fails
	name := "trial-" + rand.Text()
	begun := instant()
	if _, err := p.Write(ctx, name, bytes.NewReader(sent)); err != nil {
		return 0, 0, placed(err)
	}
	write = instant().Sub(begun)
	begun = instant()
	got, err := ReadFile(ctx, p, name, trialSize)
	read = instant().Sub(begun)
	err = errors.Join(err, p.Delete(ctx, name))
	if err == nil && !bytes.Equal(got, sent) {
		err = errDamaged
	}
	return write, read, placed(err)
}
