package device

import (
	"context"
	"errors"

	"comptoir/cmd/comptoir/internal/device/concert"
	"comptoir/cmd/comptoir/internal/device/wire"
	"comptoir/data/money"
)

// concertTerminal is a terminal that speaks Concert E+.
type concertTerminal struct {
	setup TerminalSetup
	dial  dialer
	refs  references
}

// Charge keeps the rules of Terminal. The line is open once the terminal has acknowledged the call: nothing of a request is on
// it before, so that until then nothing was asked.
func (t *concertTerminal) Charge(ctx context.Context, c Charge) Answer {
	request, code := t.request(c)
	if code != "" {
		return notSent(code)
	}
	t.refs.ask(private(c.Ref))
	ctx, cancel := context.WithTimeout(ctx, t.setup.Timeout)
	defer cancel()
	text, sent, err := t.exchange(ctx, request)
	switch {
	case err != nil && !sent:
		return notSent(unsent(ctx, err))
	case err != nil:
		return unknown(unheard(ctx, err))
	}
	return t.outcome(c, text)
}

// Ping calls the terminal and hangs up.
func (t *concertTerminal) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, min(pingTime, t.setup.Timeout))
	defer cancel()
	conn, code := open(ctx, t.dial)
	if code != "" {
		return refusal(code)
	}
	line := wire.New(conn)
	defer func() { _ = line.Close() }()
	if err := concert.Hello(ctx, line); err != nil {
		return refusal(unsent(ctx, err))
	}
	return nil
}

// exchange opens the line, asks and waits. Sent says that the terminal may have read what was asked.
func (t *concertTerminal) exchange(ctx context.Context, request string) (text string, sent bool, err error) {
	conn, code := open(ctx, t.dial)
	if code != "" {
		return "", false, refusal(code)
	}
	line := wire.New(conn)
	defer func() { _ = line.Close() }()
	if sent, err = concert.Send(ctx, line, request); err != nil {
		return "", sent, err
	}
	text, err = concert.Receive(ctx, line)
	return text, true, err
}

// request writes what is asked, or says why it cannot be. The line takes the last ten signs of the reference.
func (t *concertTerminal) request(c Charge) (string, string) {
	r := concert.Request{Till: t.setup.Till, Cents: int64(c.Amount), Type: concert.Debit, Currency: euro}
	if c.Refund {
		if t.setup.RefundAction == "" {
			return "", codeNoRefund
		}
		r.Type = t.setup.RefundAction[0]
	}
	if c.Amount <= 0 || c.Amount > concert.AmountMax {
		return "", codeAmount
	}
	if !refForm.MatchString(c.Ref) {
		return "", codeRef
	}
	if t.setup.PrivateData != PrivateNone {
		r.Private = private(c.Ref)
	}
	text, err := r.Encode()
	if err != nil {
		return "", codeRef
	}
	return text, ""
}

// private is what of a reference the line can carry.
func private(ref string) string { return ref[max(0, len(ref)-concert.PrivateSize):] }

// unsent says why nothing was asked.
func unsent(ctx context.Context, err error) string {
	switch {
	case errors.Is(err, concert.ErrBusy):
		return codeBusy
	case errors.Is(ctx.Err(), context.Canceled):
		return codeStopped
	default:
		return codeUnreachable
	}
}

// unheard says why nobody knows what came of it.
func unheard(ctx context.Context, err error) string {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return codeInterrupted
	case ctx.Err() != nil:
		return codeNoAnswer
	case errors.Is(err, concert.ErrTroubled):
		return codeGarbled
	case errors.Is(err, concert.ErrUnheard):
		return codeNoAnswer
	default:
		return codeCutOff
	}
}

// outcome reads an answer that came whole.
func (t *concertTerminal) outcome(c Charge, text string) Answer {
	a, err := concert.ReadAnswer(text)
	if err != nil {
		return unknown(codeGarbled)
	}
	paid := money.Cents(a.Cents)
	switch a.Result {
	case concert.NotDone: // the rest of it may be anything
		if a.Till != t.setup.Till {
			return unknown(codeOther)
		}
		return declined(codeNotDone)
	case concert.Undecided:
		return unknown(codeUnfinished)
	case concert.Done:
	default:
		return unknown(codeGarbled)
	}
	switch {
	case a.Till != t.setup.Till || a.Currency != euro:
		return unknown(codeOther)
	case paid <= 0 || paid > c.Amount:
		return unknown(codeDiffers)
	case t.refs.other(t.setup.PrivateData, a.Private):
		return unknown(codeOther)
	}
	return Answer{Outcome: Approved, Amount: paid}
}
