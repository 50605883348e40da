package caisseap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"comptoir/cmd/comptoir/internal/device/rehearsal"
	"comptoir/cmd/comptoir/internal/device/wire"
)

// Cases of a virtual terminal.
const (
	CaseApproved   = "approved"    // and the connection stays open
	CaseClosed     = "closed"      // approved, and closed
	CaseBytewise   = "bytewise"    // approved, a byte a segment
	CasePaused     = "paused"      // approved, with a pause where a field ends, before the status
	CasePadded     = "padded"      // approved, the amount in twelve digits
	CaseNoEcho     = "no-echo"     // approved, without what the till likes to see again
	CaseTicket     = "ticket"      // approved, with the ticket inside
	CaseLineEnd    = "line-end"    // approved, with the end of a line
	CasePartial    = "partial"     // approved for half
	CaseTaken      = "taken"       // taken into account, then approved
	CaseSlow       = "slow"        // approved when the customer has found the card
	CaseRefused    = "refused"     // by the bank
	CaseAbandoned  = "abandoned"   // by the red key, with another amount in the answer
	CaseTimedOut   = "timed-out"   // no card came
	CaseFormat     = "format"      // the request is not understood
	CaseNotDone    = "not-done"    // and no reason
	CaseUnfinished = "unfinished"  // not done, as it was not brought to an end
	CaseNoReason   = "no-reason"   // not done, and cut off before the reason
	CaseOddReason  = "odd-reason"  // not done, for a reason that is not in the protocol
	CaseNoAnswer   = "no-answer"   // closed without a word
	CaseTruncated  = "truncated"   // closed within a field
	CaseStopped    = "stopped"     // closed where a field ends, before the status
	CaseGarbage    = "garbage"     // HTTP
	CaseFlood      = "flood"       // fields without end
	CaseHang       = "hang"        // nothing, ever
	CaseReset      = "reset"       // the connection is torn down
	CaseDiffers    = "differs"     // approved for more
	CaseNothing    = "nothing"     // approved for an amount of 0
	CaseNoAmount   = "no-amount"   // approved without an amount
	CaseBusy       = "busy"        // with the customer before, whose payment is answered
	CaseWrongEcho  = "wrong-echo"  // approved for another till
	CaseOtherMoney = "other-money" // approved in another currency
	CaseTakenOnly  = "taken-only"  // taken into account, and closed
	CaseTwoEnds    = "two-ends"    // refused, and then approved
	CaseOddStatus  = "odd-status"  // a status that is not in the protocol
)

// Cases lists what a virtual terminal can be told to do.
func Cases() []string {
	return []string{
		CaseApproved, CaseClosed, CaseBytewise, CasePaused, CasePadded, CaseNoEcho, CaseTicket, CaseLineEnd, CasePartial, CaseTaken, CaseSlow,
		CaseRefused, CaseAbandoned, CaseTimedOut, CaseFormat, CaseNotDone, CaseUnfinished, CaseNoReason, CaseOddReason,
		CaseNoAnswer, CaseTruncated, CaseStopped, CaseGarbage, CaseFlood, CaseHang, CaseReset, CaseDiffers, CaseNothing, CaseNoAmount, CaseBusy,
		CaseWrongEcho, CaseOtherMoney, CaseTakenOnly, CaseTwoEnds, CaseOddStatus,
	}
}

// How long a virtual terminal takes.
const (
	boundaryPause = 700 * time.Millisecond // longer than Silence
	slowPause     = 20 * time.Second
	requestQuiet  = 20 * time.Millisecond // behind a request: nothing says where it ends
)

// Virtual is a terminal in memory.
type Virtual struct {
	Cases rehearsal.Chooser
	Pause time.Duration // of a customer, before each answer

	Told func(name string, cents int64) // hears of each case that is played; nil: nobody does

	mu    sync.Mutex
	asked []Message
}

// Asked lists what the terminal was asked for, identifications left out.
func (v *Virtual) Asked() []Message {
	v.mu.Lock()
	defer v.mu.Unlock()
	return append([]Message(nil), v.asked...)
}

// Serve answers tills, one connection at a time as a real one does, until the context ends.
func (v *Virtual) Serve(ctx context.Context, on net.Listener) error {
	defer context.AfterFunc(ctx, func() { _ = on.Close() })()
	for {
		conn, err := on.Accept()
		if ctx.Err() != nil {
			if err == nil {
				_ = conn.Close()
			}
			return nil
		}
		if err != nil {
			return fmt.Errorf("virtual terminal: %w", err)
		}
		v.Answer(ctx, conn)
	}
}

// Answer answers the request of one connection and closes it.
func (v *Virtual) Answer(ctx context.Context, conn io.ReadWriteCloser) {
	s := &session{v: v, ctx: ctx, conn: conn, line: wire.New(conn)}
	defer func() { _ = s.line.Close() }()
	if !s.read() {
		return
	}
	if action, _ := s.request.Get(Action); action == Identify {
		s.say(s.echo(Version, Identifier, Till, Action), Message{{Tag: Status, Value: Done}})
		s.untilClosed()
		return
	}
	v.mu.Lock()
	v.asked = append(v.asked, s.request)
	v.mu.Unlock()
	digits, _ := s.request.Get(Amount)
	s.cents, _ = strconv.ParseInt(digits, 10, 64)
	next := v.Cases.Next(s.cents)
	if v.Told != nil {
		v.Told(next, s.cents)
	}
	s.wait(v.Pause)
	s.play(next)
}

// session is one connection of a virtual terminal.
type session struct {
	v       *Virtual
	ctx     context.Context //nolint:containedctx // a connection of a rehearsal lives as long as its call
	conn    io.ReadWriteCloser
	line    *wire.Wire
	request Message
	cents   int64
}

// read takes the request: what came when it parses and the till is quiet.
func (s *session) read() bool {
	var came []byte
	for len(came) <= SizeMax {
		messages, whole, err := Parse(came)
		whole = whole && len(messages) == 1
		if err != nil {
			s.say(Message{{Tag: Version, Value: "0300"}, {Tag: Status, Value: NotDone}, {Tag: Detail, Value: "09"}})
			return false
		}
		patience := time.Duration(0)
		if whole {
			patience = requestQuiet
		}
		chunk, err := s.line.Next(s.ctx, patience)
		if whole && errors.Is(err, wire.ErrSilence) {
			s.request = messages[0]
			return true
		}
		if err != nil {
			return false
		}
		came = append(came, chunk...)
	}
	return false
}

// play answers as the case says.
func (s *session) play(name string) {
	switch name {
	case CaseClosed:
		s.say(s.approval(s.cents))
		return
	case CaseNoAnswer:
		return
	case CaseTruncated:
		s.part(func(text string) string { return text[:len(text)-3] })
		return
	case CaseStopped:
		s.part(func(text string) string { return text[:strings.Index(text, "AE002")] })
		return
	case CaseNoReason:
		s.say(s.refusal(""))
		return
	case CaseReset:
		if tcp, ok := s.conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		return
	case CaseTakenOnly:
		s.say(s.echo(Version, Identifier, Till), Message{{Tag: Status, Value: Taken}})
		return
	case CaseGarbage:
		s.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
		return
	case CaseFlood:
		s.flood()
		return
	case CaseRefused, CaseAbandoned, CaseTimedOut, CaseFormat, CaseNotDone, CaseUnfinished, CaseOddReason:
		s.refuse(name)
	default:
		s.approve(name)
	}
	s.untilClosed()
}

// refuse answers that nothing was done.
func (s *session) refuse(name string) {
	switch name {
	case CaseRefused:
		s.say(s.refusal("04"))
	case CaseAbandoned:
		s.say(s.refusal("11", Field{Tag: Amount, Value: "00"}))
	case CaseTimedOut:
		s.say(s.refusal("08"))
	case CaseFormat:
		s.say(Message{{Tag: Version, Value: "0320"}, {Tag: Status, Value: NotDone}, {Tag: Detail, Value: "09"}})
	case CaseNotDone:
		s.say(s.refusal("00"))
	case CaseUnfinished:
		s.say(s.refusal("07"))
	case CaseOddReason:
		s.say(s.refusal("77"))
	}
}

// approve answers that it was done, more or less.
func (s *session) approve(name string) {
	switch name {
	case CaseApproved:
		s.say(s.approval(s.cents))
	case CaseBytewise:
		s.bytewise(s.approval(s.cents))
	case CasePaused:
		s.paused()
	case CasePadded:
		s.say(s.approval(s.cents).with(Amount, fmt.Sprintf("%012d", s.cents)))
	case CaseNoEcho:
		s.say(s.approval(s.cents).with(Private, ""))
	case CaseTicket:
		s.say(append(s.approval(s.cents), Field{Tag: Constructed, Inner: Message{{Tag: TicketReturn, Value: "100"}, {Tag: Ticket, Value: "Q0FSVEUgQkFOQ0FJUkU="}}}))
	case CaseLineEnd:
		s.say(s.approval(s.cents))
		s.write("\r\n")
	case CasePartial:
		s.say(s.approval(max(1, s.cents/2)))
	case CaseTaken:
		s.say(s.echo(Version, Identifier, Till), Message{{Tag: Status, Value: Taken}})
		s.wait(boundaryPause)
		s.say(s.approval(s.cents))
	case CaseSlow:
		s.wait(slowPause)
		s.say(s.approval(s.cents))
	case CaseDiffers:
		s.say(s.approval(s.cents + 100))
	case CaseNothing:
		s.say(s.approval(0))
	case CaseNoAmount:
		s.say(s.approval(s.cents).with(Amount, ""))
	case CaseBusy:
		s.say(s.approval(s.cents+250).with(Private, "OTHER"))
	case CaseWrongEcho:
		s.say(s.approval(s.cents).with(Till, "99"))
	case CaseOtherMoney:
		s.say(s.approval(s.cents).with(Currency, "756"))
	case CaseTwoEnds:
		s.say(s.refusal("04"))
		s.say(s.approval(s.cents))
	case CaseOddStatus:
		s.say(s.approval(s.cents).with(Status, "20"))
	case CaseHang:
	}
}

// approval is what a terminal says that was paid, with fields that a till should not keep.
func (s *session) approval(cents int64) Message {
	return append(s.echo(Version, Identifier, Till, Action, Currency, Private),
		Field{Tag: Amount, Value: fmt.Sprintf("%02d", cents)}, Field{Tag: Status, Value: Done}, Field{Tag: Application, Value: "00B"},
		Field{Tag: EntryMode, Value: "2"}, Field{Tag: Authorisation, Value: "166943"},
		Field{Tag: cardNumber, Value: "952713######7451"}, Field{Tag: cardExpiry, Value: "2708"})
}

// refusal is what a terminal says that was not paid, and why.
func (s *session) refusal(detail string, more ...Field) Message {
	m := append(s.echo(Version, Identifier, Till, Action, Currency), more...)
	return append(m, Field{Tag: Status, Value: NotDone}, Field{Tag: Detail, Value: detail})
}

// echo repeats fields of the request.
func (s *session) echo(tags ...string) Message {
	var m Message
	for _, tag := range tags {
		if value, there := s.request.Get(tag); there {
			m = append(m, Field{Tag: tag, Value: value})
		}
	}
	return m
}

// with returns the message with another value in a field; empty: without it.
func (m Message) with(tag, value string) Message {
	changed := append(Message(nil), m...)
	for i := range changed {
		if changed[i].Tag == tag {
			changed[i].Value = value
		}
	}
	return changed
}

// say writes messages as one.
func (s *session) say(parts ...Message) { s.write(encoded(parts...)) }

func encoded(parts ...Message) string {
	var all Message
	for _, p := range parts {
		all = append(all, p...)
	}
	text, err := all.Encode()
	if err != nil {
		return ""
	}
	return text
}

// write sends text. A till that is gone has nobody left to be told.
func (s *session) write(text string) { _ = s.line.Write(s.ctx, []byte(text)) }

// part writes what is left of an approval.
func (s *session) part(cut func(string) string) { s.write(cut(encoded(s.approval(s.cents)))) }

func (s *session) bytewise(m Message) {
	for _, b := range []byte(encoded(m)) {
		s.write(string(rune(b)))
	}
}

func (s *session) paused() {
	text := encoded(s.approval(s.cents))
	at := strings.Index(text, "AE002")
	s.write(text[:at])
	s.wait(boundaryPause)
	s.write(text[at:])
}

// flood writes more than an answer may hold, and never ends a message.
func (s *session) flood() {
	s.write("CZ0040320")
	for i := range 26 * 26 {
		tag := string([]byte{byte('A' + i/26), byte('A' + i%26)})
		if tag == Version || tag == Status || tag == Constructed {
			continue
		}
		s.write(tag + "060" + strings.Repeat("1", 60))
	}
	s.untilClosed()
}

// untilClosed waits for the till to close.
func (s *session) untilClosed() {
	for {
		if _, err := s.line.Next(s.ctx, 0); err != nil {
			return
		}
	}
}

// wait lets time go by.
func (s *session) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
	}
}
