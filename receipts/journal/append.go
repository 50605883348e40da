package journal

import (
	"context"
	"fmt"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

// Draft is an entry before it has a place in the journal.
type Draft struct {
	Kind     Kind
	Series   Series // what FORMAT.md gives the kind: T, A, N, R or none; training documents become X by themselves
	Op       string // operator code
	Training bool   // fiscal R66: same chain, series X, in no total and no pool
	Body     any    // the body struct of the kind, by value
	day      string // of a closing: the last day it closes

	// What only this package says.
	signer   *signer // of a KEY_ROTATE: the key that it puts in force
	resuming string  // of a RESUME: the journal
}

// Append writes one entry in the caller's transaction: next seq and number, chained, signed. It fills what only
// the journal knows (gt, pool_after) and checks the arithmetic of the body (fiscal R13, U6): a breach is a fault
// Internal "journal.rule" that must end the transaction, for money that does not add up is never written. Text
// with control characters is Invalid "journal.canon". ts never decreases; when the clock was set back or forward, a
// CLOCK_ANOMALY event comes first, once; a clock far ahead of the open day is Conflict "clock.ahead". Business days that
// are over are closed first, so that nobody can forget it (fiscal R48). The entry lasts only if the transaction commits.
func (j *Journal) Append(ctx context.Context, tx *data.Tx, d Draft) (Entry, error) {
	if _, err := j.CatchUp(ctx, tx); err != nil {
		return Entry{}, err
	}
	s := j.cell.Get(tx)
	if err := j.watch(ctx, tx, &s); err != nil {
		return Entry{}, err
	}
	return j.append(ctx, tx, &s, d)
}

func (j *Journal) append(ctx context.Context, tx *data.Tx, s *state, d Draft) (Entry, error) {
	at := time.UnixMilli(max(tx.Now().UnixMilli(), s.ts)).UTC()
	day := max(s.books.open, s.books.day) // the second of a journal begun without closings only
	if d.day != "" {
		day = d.day
	}
	by := s.signer
	if b, rotation := d.Body.(KeyRotateBody); rotation && b.Lost {
		by = d.signer
	}
	year, err := fiscalYear(day, j.id.fiscalStart)
	if err != nil {
		return Entry{}, err
	}
	env := Envelope{
		V: SchemaVersion, Journal: j.id.journal, Reg: j.id.reg, SIRET: j.id.siret, Seq: s.seq + 1, Prev: hexHash(s.hash),
		Kind: d.Kind, TS: at.Format(stampLayout), TZ: offset(at, j.id.zone), Day: day, Op: d.Op,
		Software: j.software, Core: CoreVersion, Key: by.id, Training: d.Training,
	}
	if err := j.refer(ctx, tx, &d, env.Seq); err != nil {
		return Entry{}, err
	}
	next := *s
	if env.Body, err = next.take(d, year); err != nil {
		return Entry{}, err
	}
	number, err := next.number(ctx, tx, d, year, env.Seq)
	if err != nil {
		return Entry{}, err
	}
	if number != "" {
		env.Doc = &number
	}
	e, err := sign(j.enc, by.key, env)
	if err != nil {
		return Entry{}, err
	}
	if err := insert(ctx, tx, e); err != nil {
		return Entry{}, err
	}
	if err := next.note(ctx, tx, e.Seq, env.Body); err != nil {
		return Entry{}, err
	}
	if d.signer != nil {
		next.signer = d.signer
	}
	next.seq, next.hash, next.ts = e.Seq, e.Hash, at.UnixMilli()
	if c, closing := env.Body.(*CloseBody); closing {
		next.books.closed(d.Kind, c, number, e.Seq)
	} else {
		next.books.sums = next.books.sums.clone()
		next.books.cover(covered{seq: e.Seq, kind: d.Kind, training: d.Training, number: number, day: day, body: env.Body}, s.totals)
	}
	*s = next
	j.cell.Set(tx, next)
	e.Number, e.At = number, at
	return e, nil
}

// number draws the next number of the series, if the draft is a document, and indexes it (fiscal R34, R35).
func (s *state) number(ctx context.Context, tx *data.Tx, d Draft, year int, seq int64) (string, error) {
	series := seriesOf(d.Kind, d.Training)
	if want := seriesOf(d.Kind, false); d.Series != want && d.Series != series {
		return "", broken(d.Kind, fmt.Sprintf("series %q, want %q", d.Series, want))
	}
	if series == NoSeries {
		return "", nil
	}
	c := &s.counters[strings.Index(allSeries, string(series))]
	if c.year != year {
		n, err := lastNumber(ctx, tx, series, year)
		if err != nil {
			return "", err
		}
		*c = counter{year, n}
	}
	c.n++
	if _, err := tx.Exec(ctx, `INSERT INTO documents (series, year, n, seq) VALUES (?, ?, ?, ?)`,
		string(series), year, c.n, seq); err != nil {
		return "", fmt.Errorf("number %s: %w", number(series, year, c.n), err)
	}
	return number(series, year, c.n), nil
}

// take checks the body against its kind and its rules, moves the totals, and returns a pointer to the body as it is
// written.
func (s *state) take(d Draft, year int) (any, error) {
	if c, closing := d.Body.(*CloseBody); closing && d.day != "" {
		return c, nil
	}
	kind, body, breach := s.checked(d, year)
	if kind != d.Kind || body == nil {
		return nil, broken(d.Kind, fmt.Sprintf("a body of type %T", d.Body))
	}
	if breach != "" {
		return nil, broken(d.Kind, breach)
	}
	return body, nil
}

// checked returns the kind that a body is of, the body complete, and what it breaks.
func (s *state) checked(d Draft, year int) (kind Kind, body any, breach string) {
	switch b := d.Body.(type) {
	case TicketBody:
		if breach = checkSale(&b, 1); breach == "" {
			breach = checkTax(&b, nil)
		}
		return KindTicket, s.sale(&b, d.Training, year, &breach), breach
	case RefundBody:
		t := TicketBody(b)
		breach = checkSale(&t, -1)
		return KindRefund, s.sale(&t, d.Training, year, &breach), breach
	case RedeemBody:
		if breach = checkRedeem(&b); breach == "" && !d.Training {
			s.totals, breach = s.totals.redeem(&b)
		}
		b.PoolAfter = s.totals.pool(b.Class)
		return KindSuspRedeem, &b, breach
	case ReleaseBody:
		if breach = checkRelease(&b); breach == "" && !d.Training {
			s.totals, breach = s.totals.release(&b)
		}
		b.PoolAfter = s.totals.pool(b.Class)
		return KindSuspRelease, &b, breach
	case AdjustBody:
		if breach = checkAdjust(&b); breach == "" && !d.Training {
			s.totals, breach = s.totals.adjust(&b)
		}
		b.PoolAfter = s.totals.pool(b.Class)
		return KindSuspAdjust, &b, breach
	case NoteBody:
		breach = checkNote(&b)
		b.Lines, b.Rates = listed(b.Lines), listed(b.Rates)
		return KindNotePrint, &b, breach
	case MinusBody:
		return KindOrderMinus, &b, ""
	case CashBody:
		return KindCash, &b, checkCash(&b)
	case EventBody:
		b = b.withDefaults()
		return KindEvent, &b, ""
	case DuplicateBody:
		return KindDuplicate, &b, checkDuplicate(&b)
	case InvoiceBody:
		return KindInvoice, &b, checkInvoice(&b)
	case PayFixBody:
		return KindPayFix, &b, checkPayFix(&b)
	case ArchiveBody:
		b.Files = listed(b.Files)
		return KindArchive, &b, checkArchive(&b)
	case KeyRotateBody:
		if d.signer != nil { // of Rotate and ReplaceLostKey alone
			return KindKeyRotate, &b, checkRotate(&b)
		}
	case ResumeBody:
		if d.resuming != "" { // of Resume alone
			return KindResume, &b, checkResume(&b, d.resuming)
		}
	}
	return KindGenesis, nil, "" // no draft is a genesis
}

// sale moves the totals by a ticket or refund and returns its body complete: no list is null.
func (s *state) sale(b *TicketBody, training bool, year int, breach *string) *TicketBody {
	if *breach == "" && !training {
		s.totals, *breach = s.totals.sale(b, year)
	}
	c := *b
	c.GT = s.totals.gt()
	c.Lines, c.NonTurnover, c.Notes = listed(c.Lines), listed(c.NonTurnover), listed(c.Notes)
	c.Pay, c.Rates = listed(c.Pay), listed(c.Rates)
	if c.Delivery == "" {
		c.Delivery = "none"
	}
	return &c
}

// listed makes an absent list an empty one: [] and never null.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// broken is the assertion that kills the transaction, not the café.
func broken(kind Kind, breach string) error {
	return fault.New(fault.Internal, "journal.rule", "the entry breaks a rule of the journal").
		With("kind", string(kind)).Wrap(fmt.Errorf("%s: %s", kind, breach))
}

func stamp(ms int64) string { return time.UnixMilli(ms).UTC().Format(stampLayout) }
