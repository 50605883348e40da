package concert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"comptoir/cmd/comptoir/internal/device/wire"
)

// The bytes that steer.
const (
	stx = 0x02
	etx = 0x03
	eot = 0x04
	enq = 0x05
	ack = 0x06
	nak = 0x15
)

// Bounds of the link.
const (
	byteTime = 3 * time.Second
	tries    = 3
	tryPause = time.Second
	noiseMax = 256 // bytes between messages
	textMax  = 512
)

// What keeps a message from its end. Behind ErrDeaf and ErrBusy nothing of it was sent.
var (
	ErrDeaf     = errors.New("concert: nobody answers on the line")
	ErrBusy     = errors.New("concert: the other side is busy")
	ErrUnheard  = errors.New("concert: the message was not acknowledged")
	ErrSilent   = errors.New("concert: no message came")
	ErrTroubled = errors.New("concert: no message came that could be read")
)

// Send opens the line and sends a text. Sent says that something of it may have been read: errors ErrDeaf and ErrBusy come
// before that, ErrUnheard and the line's own behind it.
func Send(ctx context.Context, line *wire.Wire, text string) (sent bool, err error) {
	if err := call(ctx, line); err != nil {
		return false, err
	}
	frame := Frame(text)
	for range tries {
		if err := line.Write(ctx, frame); err != nil {
			return true, fmt.Errorf("concert: send: %w", err)
		}
		switch heard, err := steering(ctx, line, ack, nak, eot); {
		case err != nil:
			return true, errors.Join(ErrUnheard, err)
		case heard == ack:
			return true, line.Write(ctx, []byte{eot})
		case heard == eot:
			return true, ErrUnheard
		}
	}
	// It said each time that it could not read it. Whether the third was lost on the way back, nobody knows.
	return true, errors.Join(ErrUnheard, line.Write(ctx, []byte{eot}))
}

// call asks for the line, some times.
func call(ctx context.Context, line *wire.Wire) error {
	said := ErrDeaf
	for try := range tries {
		if try > 0 {
			if err := pause(ctx, tryPause); err != nil {
				return err
			}
		}
		line.Forget()
		if err := line.Write(ctx, []byte{enq}); err != nil {
			return errors.Join(ErrDeaf, err)
		}
		heard, err := steering(ctx, line, ack, nak, enq, eot)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil && !errors.Is(err, wire.ErrSilence) && !errors.Is(err, ErrTroubled):
			return errors.Join(ErrDeaf, err)
		case err == nil && heard == ack:
			return nil
		case err == nil:
			said = ErrBusy // it has something to say to somebody, or wants to hear nothing
		}
	}
	return said
}

// Hello asks for the line and gives it back: somebody is there. Errors: ErrDeaf, ErrBusy, the context's.
func Hello(ctx context.Context, line *wire.Wire) error {
	if err := call(ctx, line); err != nil {
		return err
	}
	return line.Write(ctx, []byte{eot})
}

// Receive waits for a text of the other side, as long as the context lasts. Errors: ErrSilent, ErrTroubled, the context's.
func Receive(ctx context.Context, line *wire.Wire) (string, error) {
	if _, err := await(ctx, line, 0, enq); err != nil {
		return "", errors.Join(ErrSilent, err)
	}
	if err := line.Write(ctx, []byte{ack}); err != nil {
		return "", errors.Join(ErrSilent, err)
	}
	for range tries {
		text, err := frame(ctx, line)
		if err == nil {
			thank(ctx, line)
			return text, nil
		}
		if !errors.Is(err, ErrTroubled) {
			return "", err
		}
		if err := line.Write(ctx, []byte{nak}); err != nil {
			return "", errors.Join(ErrTroubled, err)
		}
	}
	return "", ErrTroubled
}

// thank acknowledges a text that is whole and checked, and lets the other side end. That it may not hear so changes nothing.
func thank(ctx context.Context, line *wire.Wire) {
	if line.Write(ctx, []byte{ack}) == nil {
		_, _ = steering(ctx, line, eot)
	}
}

// frame reads a text and its check. Errors: ErrTroubled for one that may be asked for again, the line's own.
func frame(ctx context.Context, line *wire.Wire) (string, error) {
	if err := begin(ctx, line); err != nil {
		return "", err
	}
	return body(ctx, line)
}

// body reads what stands behind STX. Errors: as frame.
func body(ctx context.Context, line *wire.Wire) (string, error) {
	var text []byte
	check := byte(0)
	for len(text) <= textMax {
		b, err := line.Byte(ctx, byteTime)
		if errors.Is(err, wire.ErrSilence) {
			return "", ErrTroubled
		}
		if err != nil {
			return "", errors.Join(ErrSilent, err)
		}
		switch check ^= b; b {
		case etx:
			sum, err := line.Byte(ctx, byteTime)
			if errors.Is(err, wire.ErrSilence) || err == nil && sum != check {
				return "", ErrTroubled
			}
			if err != nil {
				return "", errors.Join(ErrSilent, err)
			}
			return string(text), nil
		case stx: // the one before was lost half-way
			text, check = nil, 0
		default:
			text = append(text, b)
		}
	}
	return "", ErrTroubled
}

// begin waits for the first byte of a text. A second ENQ says that the first was not seen to be acknowledged.
func begin(ctx context.Context, line *wire.Wire) error {
	for range tries {
		switch heard, err := steering(ctx, line, stx, enq); {
		case errors.Is(err, wire.ErrSilence):
			return ErrTroubled
		case err != nil:
			return errors.Join(ErrSilent, err)
		case heard == stx:
			return nil
		}
		if err := line.Write(ctx, []byte{ack}); err != nil {
			return errors.Join(ErrSilent, err)
		}
	}
	return ErrTroubled
}

// steering skips noise until one of the bytes comes, each byte in its time. Errors: ErrTroubled when it is all noise, the line's.
func steering(ctx context.Context, line *wire.Wire, wanted ...byte) (byte, error) {
	return await(ctx, line, byteTime, wanted...)
}

// await is steering with another time for each byte; 0: as long as the context lasts.
func await(ctx context.Context, line *wire.Wire, patience time.Duration, wanted ...byte) (byte, error) {
	for range noiseMax {
		b, err := line.Byte(ctx, patience)
		if err != nil {
			return 0, err
		}
		if slices.Contains(wanted, b) {
			return b, nil
		}
	}
	return 0, ErrTroubled
}

// Frame puts a text into what goes over the line: STX, the text, ETX and its check.
func Frame(text string) []byte {
	check := byte(etx)
	for i := range len(text) {
		check ^= text[i]
	}
	return append(append([]byte{stx}, text...), etx, check)
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
