package concert

import (
	"bytes"
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"comptoir/cmd/comptoir/internal/device/rehearsal"
	"comptoir/cmd/comptoir/internal/device/wire"
)

// Cases of a virtual terminal.
const (
	CaseApproved   = "approved"
	CaseSlow       = "slow"        // approved when the customer has found the card
	CasePartial    = "partial"     // approved for half
	CaseNoEcho     = "no-echo"     // approved, without what the till likes to see again
	CaseNoise      = "noise"       // approved, with noise around each message
	CaseNoisyEnd   = "noisy-end"   // approved, at the second try: the first is spoilt on the line
	CaseNak        = "nak"         // approved, after a request that it did not read the first time
	CaseLateCall   = "late-call"   // approved, after a call that it did not hear the first time
	CaseRefused    = "refused"     // by the bank, the customer or the red key: E+ does not say
	CaseUndecided  = "undecided"   // the terminal does not know either
	CaseOddResult  = "odd-result"  // a result that is not in the protocol
	CaseBusy       = "busy"        // with the customer before: no call is taken
	CaseCalling    = "calling"     // it calls the till with the answer to somebody else
	CaseDeaf       = "deaf"        // no call is heard
	CaseNakAll     = "nak-all"     // no request is read
	CaseGoneEarly  = "gone-early"  // unplugged before it acknowledged the request
	CaseGone       = "gone"        // unplugged behind the request
	CaseMute       = "mute"        // the request is not acknowledged
	CaseHang       = "hang"        // nothing behind the request, ever
	CaseTruncated  = "truncated"   // half an answer, again and again
	CaseBadCheck   = "bad-check"   // an answer whose check is wrong, again and again
	CaseGarbage    = "garbage"     // an answer that is no message
	CaseFlood      = "flood"       // noise without end
	CaseDiffers    = "differs"     // approved for more
	CaseNothing    = "nothing"     // approved for an amount of 0
	CasePrevious   = "previous"    // the answer to the customer before
	CaseWrongTill  = "wrong-till"  // approved for another till
	CaseOtherMoney = "other-money" // approved in another currency
)

// Cases lists what a virtual terminal can be told to do.
func Cases() []string {
	return []string{
		CaseApproved, CaseSlow, CasePartial, CaseNoEcho, CaseNoise, CaseNoisyEnd, CaseNak, CaseLateCall, CaseRefused, CaseUndecided, CaseOddResult,
		CaseBusy, CaseCalling, CaseDeaf, CaseNakAll, CaseGoneEarly, CaseGone, CaseMute, CaseHang, CaseTruncated, CaseBadCheck, CaseGarbage, CaseFlood,
		CaseDiffers, CaseNothing, CasePrevious, CaseWrongTill, CaseOtherMoney,
	}
}

// slowPause is how long a customer looks for a card.
const slowPause = 20 * time.Second

// noise has no byte that steers.
const noise = "\x00\xff~U\x1b\x80"

// Virtual is a terminal in memory.
type Virtual struct {
	Cases rehearsal.Chooser
	Pause time.Duration // of a customer, before each answer

	Told func(name string, cents int64) // hears of each case that is played; nil: nobody does

	mu    sync.Mutex
	asked []Request
}

// Asked lists what the terminal was asked for.
func (v *Virtual) Asked() []Request {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]Request(nil), v.asked...)
}

// Serve answers the till at the other end of a line until the line or the context ends.
func (v *Virtual) Serve(ctx context.Context, conn io.ReadWriteCloser) error {
	s := &session{v: v, ctx: ctx, line: wire.New(conn)}
	defer func() { _ = s.line.Close() }()
	for {
		switch _, err := await(ctx, s.line, 0, enq); {
		case errors.Is(err, ErrTroubled): // noise
		case ctx.Err() != nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe):
			return nil
		case err != nil:
			return err
		case !s.take():
			return nil
		}
	}
}

// session is the line of a virtual terminal.
type session struct {
	v    *Virtual
	ctx  context.Context //nolint:containedctx // a line of a rehearsal lives as long as its call
	line *wire.Wire

	calls int // not taken yet, for the next charge
}

// take takes one call. False: the terminal is unplugged.
func (s *session) take() bool {
	s.calls++
	switch next := s.v.Cases.Peek(); {
	case next == CaseDeaf, next == CaseLateCall && s.calls == 1:
		return s.missed(next, nil)
	case next == CaseBusy:
		return s.missed(next, []byte{nak})
	case next == CaseCalling:
		return s.missed(next, []byte{enq})
	case next == CaseNoise:
		s.write([]byte(noise))
	}
	s.write([]byte{ack})
	for range tries {
		if heard, err := steering(s.ctx, s.line, stx, eot); err != nil || heard == eot {
			return !errors.Is(err, io.EOF)
		}
		text, err := body(s.ctx, s.line)
		request, wrong := ReadRequest(text)
		if err != nil || wrong != nil {
			s.write([]byte{nak})
			continue
		}
		return s.asked(request)
	}
	return true
}

// missed answers a call that is not taken. The till has given up after some.
func (s *session) missed(next string, said []byte) bool {
	s.write(said)
	if s.calls == tries && next != CaseLateCall {
		s.calls = 0
		s.v.Cases.Next(0)
	}
	return true
}

// asked plays the case of a request that came whole. False: the terminal is unplugged.
func (s *session) asked(r Request) bool {
	s.calls = 0
	next := s.v.Cases.Next(r.Cents)
	if s.v.Told != nil {
		s.v.Told(next, r.Cents)
	}
	switch next {
	case CaseGoneEarly:
		return false
	case CaseMute:
		return true
	case CaseNakAll:
		for range tries {
			s.write([]byte{nak})
			_, _ = steering(s.ctx, s.line, etx, eot)
		}
		return true
	case CaseNak:
		s.write([]byte{nak})
		if _, err := frame(s.ctx, s.line); err != nil {
			return true
		}
	}
	s.v.mu.Lock()
	s.v.asked = append(s.v.asked, r)
	s.v.mu.Unlock()
	s.write([]byte{ack})
	if _, err := steering(s.ctx, s.line, eot); err != nil {
		return true
	}
	if err := pause(s.ctx, s.v.Pause); err != nil || next == CaseGone {
		return false
	}
	s.play(next, r)
	return true
}

// play answers as the case says.
func (s *session) play(next string, r Request) {
	paid := Answer{Till: r.Till, Result: Done, Cents: r.Cents, Means: card, Currency: r.Currency, Private: r.Private}
	whole := Frame(paid.Encode())
	spoilt := append([]byte(nil), whole...)
	spoilt[len(spoilt)-1] ^= 0xff
	half := whole[:len(whole)/2]
	switch next {
	case CaseSlow:
		_ = pause(s.ctx, slowPause)
	case CasePartial:
		paid.Cents = max(1, r.Cents/2)
	case CaseNoEcho:
		paid.Private = ""
	case CaseRefused:
		paid.Result = NotDone
	case CaseUndecided:
		paid.Result = Undecided
	case CaseOddResult:
		paid.Result = '4'
	case CaseDiffers:
		paid.Cents += 100
	case CaseNothing:
		paid.Cents = 0
	case CasePrevious:
		paid.Private = "0000000000"
	case CaseWrongTill:
		paid.Till = "99"
	case CaseOtherMoney:
		paid.Currency = "756"
	case CaseHang:
		return
	case CaseNoise:
		s.write([]byte(noise))
		s.say(append([]byte(noise), whole...))
		return
	case CaseNoisyEnd:
		s.say(spoilt, whole)
		return
	case CaseBadCheck:
		s.say(spoilt, spoilt, spoilt)
		return
	case CaseTruncated:
		s.say(half, half, half)
		return
	case CaseGarbage:
		s.say(Frame("HTTP/1.1 400 Bad Request"))
		return
	case CaseFlood:
		s.write(bytes.Repeat([]byte(noise), noiseMax))
		return
	}
	s.say(Frame(paid.Encode()))
}

// say calls the till and sends frames until one is acknowledged.
func (s *session) say(frames ...[]byte) {
	if call(s.ctx, s.line) != nil {
		return
	}
	for _, f := range frames {
		s.write(f)
		if heard, err := steering(s.ctx, s.line, ack, nak); err != nil || heard == ack {
			break
		}
	}
	s.write([]byte{eot})
}

// write sends bytes. A till that is gone has nobody left to be told.
func (s *session) write(bytes []byte) {
	if len(bytes) > 0 {
		_ = s.line.Write(s.ctx, bytes)
	}
}
