package device

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"time"

	"comptoir/cmd/comptoir/internal/device/caisseap"
	"comptoir/cmd/comptoir/internal/device/wire"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// Bounds of what the till asks for.
const (
	caisseAPAmountMax money.Cents = 999_999_999_999 // twelve digits
	euro                          = "978"           // ISO number
	dialTime                      = 5 * time.Second
	pingTime                      = 10 * time.Second
)

// refForm is a reference of an attempt that every protocol can write.
var refForm = regexp.MustCompile(`^[0-9A-Za-z-]{1,32}$`)

// dialer opens the line to a terminal. An error means that not one byte was sent.
type dialer func(ctx context.Context) (io.ReadWriteCloser, error)

// caisseAP is a terminal that speaks Caisse-AP. Its status request (CD=T) is never used: few terminals know it, and what one
// says of its last transaction is no proof of what became of this one. Partial payment is not asked for either (BF): newer
// terminals stumble over it.
type caisseAP struct {
	setup TerminalSetup
	dial  dialer
	refs  references
}

// Charge keeps the rules of Terminal: NotSent only while the line never opened; from then on only a whole valid answer says
// that something was paid or not.
func (t *caisseAP) Charge(ctx context.Context, c Charge) Answer {
	request, code := t.request(c)
	if code != "" {
		return notSent(code)
	}
	t.refs.ask(c.Ref)
	answer, code, asked := t.exchange(ctx, request, t.setup.Timeout)
	switch {
	case !asked:
		return notSent(code)
	case code != "":
		return unknown(code)
	}
	return t.outcome(c, answer)
}

// Ping asks the terminal who it is. One that answers that it cannot say is there, too.
func (t *caisseAP) Ping(ctx context.Context) error {
	text, err := append(t.head(), caisseap.Field{Tag: caisseap.Action, Value: caisseap.Identify}).Encode()
	if err != nil {
		return err
	}
	request := caisseap.Request{Action: caisseap.Identify, Text: text + t.end()}
	if _, code, _ := t.exchange(ctx, request, min(pingTime, t.setup.Timeout)); code != "" {
		return refusal(code)
	}
	return nil
}

// exchange opens the line, asks and waits. Asked says that the line was open; code, why there is no whole answer.
func (t *caisseAP) exchange(ctx context.Context, request caisseap.Request, within time.Duration) (answer caisseap.Message, code string, asked bool) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	conn, code := open(ctx, t.dial)
	if code != "" {
		return nil, code, false
	}
	line := wire.New(conn)
	defer func() { _ = line.Close() }()
	answer, err := caisseap.Exchange(ctx, line, request)
	switch {
	case err == nil:
		return answer, "", true
	case errors.Is(err, context.Canceled):
		code = codeInterrupted
	case errors.Is(err, caisseap.ErrGarbled):
		code = codeGarbled
	case errors.Is(err, caisseap.ErrTaken):
		code = codeTaken
	case errors.Is(err, caisseap.ErrTruncated):
		code = codeCutOff
	default:
		code = codeNoAnswer
	}
	return nil, code, true
}

// open opens the line, or says why not.
func open(ctx context.Context, dial dialer) (io.ReadWriteCloser, string) {
	if ctx.Err() != nil {
		return nil, codeStopped
	}
	dialing, cancel := context.WithTimeout(ctx, dialTime)
	defer cancel()
	conn, err := dial(dialing)
	switch {
	case err == nil:
		return conn, ""
	case errors.Is(ctx.Err(), context.Canceled):
		return nil, codeStopped
	default:
		return nil, codeUnreachable
	}
}

// request writes what is asked, or says why it cannot be.
func (t *caisseAP) request(c Charge) (caisseap.Request, string) {
	action := caisseap.Debit
	if c.Refund {
		if action = t.setup.RefundAction; action == "" {
			return caisseap.Request{}, codeNoRefund
		}
	}
	if c.Amount <= 0 || c.Amount > caisseAPAmountMax {
		return caisseap.Request{}, codeAmount
	}
	if !refForm.MatchString(c.Ref) {
		return caisseap.Request{}, codeRef
	}
	m := append(t.head(),
		caisseap.Field{Tag: caisseap.Amount, Value: fmt.Sprintf("%02d", int64(c.Amount))},
		caisseap.Field{Tag: caisseap.Action, Value: action},
		caisseap.Field{Tag: caisseap.Currency, Value: euro},
		caisseap.Field{Tag: caisseap.TicketReturn, Value: t.setup.TicketReturn})
	if t.setup.PrivateData != PrivateNone {
		m = append(m, caisseap.Field{Tag: caisseap.Private, Value: c.Ref})
	}
	text, err := m.Encode()
	if err != nil {
		return caisseap.Request{}, codeRef
	}
	return caisseap.Request{Action: action, Text: text + t.end()}, ""
}

// head are the fields that each request begins with.
func (t *caisseAP) head() caisseap.Message {
	return caisseap.Message{
		{Tag: caisseap.Version, Value: t.setup.Version},
		{Tag: caisseap.Identifier, Value: t.setup.Identifier},
		{Tag: caisseap.Till, Value: t.setup.Till},
	}
}

func (t *caisseAP) end() string {
	if t.setup.EndOfLine {
		return "\r\n"
	}
	return ""
}

// outcome reads a whole answer.
func (t *caisseAP) outcome(c Charge, m caisseap.Message) Answer {
	switch status, _ := m.Get(caisseap.Status); status {
	case caisseap.Done:
		return t.approval(c, m)
	case caisseap.NotDone: // echoes of a payment that was not made may be missing or another's
		return refused(m)
	default:
		return unknown(codeGarbled)
	}
}

// approval checks that what was done is what was asked. The amount may be lower: a card that had no more.
func (t *caisseAP) approval(c Charge, m caisseap.Message) Answer {
	digits, _ := m.Get(caisseap.Amount)
	amount, err := strconv.ParseUint(digits, 10, 63)
	paid := money.Cents(amount)
	switch {
	case err != nil:
		return unknown(codeGarbled)
	case paid <= 0 || paid > c.Amount:
		return unknown(codeDiffers)
	}
	action := caisseap.Debit
	if c.Refund {
		action = t.setup.RefundAction
	}
	for _, echo := range []struct{ tag, asked string }{{caisseap.Till, t.setup.Till}, {caisseap.Action, action}, {caisseap.Currency, euro}} {
		if said, there := m.Get(echo.tag); there && said != echo.asked {
			return unknown(codeOther)
		}
	}
	if came, _ := m.Get(caisseap.Private); t.refs.other(t.setup.PrivateData, came) {
		return unknown(codeOther)
	}
	a := Answer{Outcome: Approved, Amount: paid, Entry: entries(m)}
	a.Authorisation, _ = m.Get(caisseap.Authorisation)
	a.Application, _ = m.Get(caisseap.Application)
	return a
}

// entries is how the card was read.
func entries(m caisseap.Message) string {
	switch mode, _ := m.Get(caisseap.EntryMode); mode {
	case "1":
		return "contact"
	case "2":
		return "contactless"
	case "3":
		return "stripe"
	case "4":
		return "manual"
	default:
		return ""
	}
}

// refused reads why nothing was done. A detail that the protocol does not have tells nothing, and a transaction that did not
// come to its end may have been paid.
func refused(m caisseap.Message) Answer {
	detail, _ := m.Get(caisseap.Detail)
	if len(detail) < 2 {
		return unknown(codeGarbled)
	}
	switch detail[:2] {
	case "00":
		return declined(codeNotDone)
	case "04":
		return declined(codeRefused)
	case "05":
		return declined(codeForbidden)
	case "06", "11":
		return declined(codeAbandoned)
	case "07":
		return unknown(codeUnfinished)
	case "08":
		return declined(codeTimedOut)
	case "09":
		return declined(codeFormat)
	case "10":
		return declined(codeSelection)
	case "12":
		return declined(codeAction)
	case "13":
		return declined(codeCurrency)
	default:
		return unknown(codeGarbled)
	}
}

// refusal is a code as an error.
func refusal(code string) error {
	return fault.New(fault.Busy, code, "The terminal did not answer as one should.")
}
