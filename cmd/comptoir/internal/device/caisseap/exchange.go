package caisseap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"comptoir/cmd/comptoir/internal/device/wire"
)

// Bounds of an answer.
const (
	Silence = 300 * time.Millisecond // of a terminal that keeps its connection open: then a whole answer is all of it
	SizeMax = 8 << 10                // bytes
	TimeMax = 180 * time.Second      // a customer who looks for a card
)

// What keeps an exchange from a whole answer. Each of them leaves open what the terminal did.
var (
	ErrNoAnswer  = errors.New("caisse-ap: the terminal answered nothing")
	ErrTruncated = errors.New("caisse-ap: the answer was cut off")
	ErrTaken     = errors.New("caisse-ap: the terminal took the request and did not say what came of it")
)

// Request is what is sent: a message as it is written, and what it asks for.
type Request struct {
	Action string
	Text   string
}

// Exchange sends a request over a line that is open and returns the whole answer. The context is its time. Errors: ErrNoAnswer,
// ErrTruncated, ErrTaken, ErrGarbled, the context's; with none of them is it known what the terminal did.
func Exchange(ctx context.Context, line *wire.Wire, request Request) (Message, error) {
	if err := line.Write(ctx, []byte(request.Text)); err != nil {
		return nil, fmt.Errorf("caisse-ap: send: %w", err)
	}
	var came []byte
	for {
		answer, state, err := read(came, request.Action)
		if err != nil {
			return nil, err
		}
		patience := time.Duration(0)
		if state == nil {
			patience = Silence
		}
		chunk, err := line.Next(ctx, patience)
		switch {
		case err == nil && len(came)+len(chunk) > SizeMax:
			return nil, fmt.Errorf("%w: longer than %d bytes", ErrGarbled, SizeMax)
		case err == nil:
			came = append(came, chunk...)
		case ctx.Err() != nil:
			return nil, errors.Join(state, ctx.Err())
		case state == nil: // silent, closed or reset: nothing was missing
			return answer, nil
		case errors.Is(err, io.EOF):
			return nil, state
		default:
			return nil, errors.Join(state, err)
		}
	}
}

// read returns the answer in what came. State says what is still missing; nil: nothing.
func read(came []byte, action string) (answer Message, state, err error) {
	messages, whole, err := Parse(came)
	if err != nil {
		return nil, nil, err
	}
	state = ErrNoAnswer
	if len(came) > 0 {
		state = ErrTruncated
	}
	for i, m := range messages {
		status, said := m.Get(Status)
		last := i == len(messages)-1
		switch {
		case !said && last:
			return nil, state, nil
		case status == Taken:
			state = ErrTaken
		case !last: // an end, and then another message: which of them is ours?
			return nil, nil, ErrGarbled
		case whole && told(m, status, action):
			return m, nil, nil
		}
	}
	return nil, state, nil
}

// told says whether a message tells its end: how much was paid, or why nothing was. The order of fields is free, so that a
// pause behind the status may still be followed by that.
func told(m Message, status, action string) bool {
	needs := Amount
	switch {
	case status == NotDone:
		needs = Detail
	case action == Identify:
		return true
	}
	_, there := m.Get(needs)
	return there
}
