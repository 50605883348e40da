package pos

import (
	"cmp"
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/receipts"
	"comptoir/receipts/journal"
)

// chargesWithin lists, for a closing, the payments whose terminal did not say what came of them: those that became unknown, or were
// answered by a person, within a range of journal entries, as things stood at its end. So a closing that is printed again says what
// it said (hardware rule: a Z lists them).
func (t *Till) chargesWithin(ctx context.Context, q data.Querier, from, to int64) ([]receipts.TerminalCharge, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (Charge, error) { return scanCharge(r.Scan) },
		`SELECT `+chargeColumns+` FROM terminal_payments
		WHERE unknown_seq BETWEEN ?1 AND ?2 OR apart_seq BETWEEN ?1 AND ?2 OR answered_seq BETWEEN ?1 AND ?2 OR returned_seq BETWEEN ?1 AND ?2
		ORDER BY at, id LIMIT ?3`, from, to, maxCharges)
	if err != nil {
		return nil, err
	}
	var told []receipts.TerminalCharge
	for _, c := range all {
		told = append(told, c.asOf(to, t))
	}
	return told, nil
}

// asOf is a charge as it stood when an entry was made.
func (c Charge) asOf(seq int64, t *Till) receipts.TerminalCharge {
	by := func(n int64) bool { return n > 0 && n <= seq }
	told := receipts.TerminalCharge{ID: c.ID, At: c.At.In(t.db.Zone()), Order: c.No, Terminal: c.Terminal, Amount: c.Amount, State: receipts.ChargeOpen}
	if c.State == ChargeApproved {
		told.State, told.Over = receipts.ChargePaid, c.Paid-c.Kept
	}
	if by(c.seqs.apart) {
		told.State = receipts.ChargeApart
	}
	if by(c.seqs.answered) {
		told.State, told.By, told.Authorisation = receipts.ChargeNotPaid, c.AnsweredBy, c.Authorisation
		if c.State == ChargePaid {
			told.State, told.Over = receipts.ChargePaid, c.Paid-c.Kept
		}
	}
	told.Returned = by(c.seqs.returned)
	return told
}

// withCharges adds to a closing, or to a reading of the open day, what its terminals did not say.
func (t *Till) withCharges(ctx context.Context, q data.Querier, c receipts.Closing) (receipts.Closing, error) {
	var err error
	c.Charges, err = t.chargesWithin(ctx, q, c.Body.FromSeq, c.Body.ToSeq)
	return c, err
}

// checkCharges holds what terminals were asked against the tickets that wait for them, the parts that they paid, and the journal.
func checkCharges(ctx context.Context, q data.Querier) ([]string, error) {
	bad, err := breaches(ctx, q, `WITH
		waits AS (SELECT id AS ticket, body ->> '$.charge.id' AS charge, body ->> '$.charge.amount' AS amount, coalesce(body ->> '$.charge.unknown', 0) AS unknown
			FROM tickets WHERE state = 'open' AND body -> '$.charge' IS NOT NULL),
		open AS (SELECT ticket, id AS charge, amount, state = 'unknown' AS unknown FROM terminal_payments WHERE state IN ('requested', 'unknown') AND apart_seq IS NULL),
		told AS (SELECT body ->> '$.charge' AS charge, body ->> '$.ticket' AS ticket, body ->> '$.amount' AS kept FROM events
			WHERE type = 'ticket.payment' AND body ->> '$.charge' IS NOT NULL
			EXCEPT SELECT body ->> '$.charge', body ->> '$.ticket', body ->> '$.amount' FROM events
			WHERE type = 'ticket.payment_removed' AND body ->> '$.charge' IS NOT NULL),
		landed AS (SELECT id AS charge, ticket, kept FROM terminal_payments WHERE kept > 0)
		SELECT 'ticket ' || ticket || ' waits for charge ' || charge || ', which is not open' FROM (SELECT * FROM waits EXCEPT SELECT * FROM open)
		UNION ALL SELECT 'charge ' || charge || ' is open, and ticket ' || ticket || ' does not wait for it' FROM (SELECT * FROM open EXCEPT SELECT * FROM waits)
		UNION ALL SELECT 'charge ' || charge || ' has paid ' || kept || ' of ticket ' || ticket || ', no part of it says so' FROM (SELECT * FROM landed EXCEPT SELECT * FROM told)
		UNION ALL SELECT 'a part of ' || kept || ' of ticket ' || ticket || ' was paid by charge ' || charge || ', which says otherwise' FROM (SELECT * FROM told EXCEPT SELECT * FROM landed)`)
	if err != nil {
		return nil, err
	}
	told, err := checkChargeEntries(ctx, q)
	return append(bad, told...), err
}

// checkChargeEntries reads again what the journal says of each charge.
func checkChargeEntries(ctx context.Context, q data.Querier) (bad []string, err error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (Charge, error) { return scanCharge(r.Scan) },
		`SELECT `+chargeColumns+` FROM terminal_payments WHERE unknown_seq IS NOT NULL OR returned_seq IS NOT NULL ORDER BY id LIMIT -1`)
	if err != nil {
		return nil, err
	}
	of := map[int64]string{}
	for _, c := range all {
		answer := "not_paid"
		if c.State == ChargePaid {
			answer = "paid"
		}
		for _, e := range []struct {
			seq    int64
			code   journal.Code
			answer string
			amount money.Cents
		}{
			{c.seqs.unknown, journal.EventTerminalUnknown, "", c.Amount}, {c.seqs.apart, journal.EventTerminalAnswered, "apart", c.Amount},
			{c.seqs.answered, journal.EventTerminalAnswered, answer, c.Amount}, {c.seqs.returned, journal.EventTerminalAnswered, "returned", c.Paid - c.Kept},
		} {
			if e.seq == 0 {
				continue
			}
			of[e.seq] = c.ID
			says, err := chargeEntry(ctx, q, e.seq)
			if err != nil {
				return nil, err
			}
			if want := fmt.Sprint(e.code, " ", c.ID, " ", int64(e.amount), " ", e.answer); says != want {
				bad = append(bad, fmt.Sprintf("entry %d says %q of a charge, want %q", e.seq, says, want))
			}
		}
	}
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var seq int64
		err := r.Scan(&seq)
		if of[seq] == "" {
			bad = append(bad, fmt.Sprintf("entry %d is of a charge that is gone", seq))
		}
		return err
	}, `SELECT j.value FROM events AS e, json_each(e.body, '$.journal') AS j WHERE e.type IN ('charge.unknown', 'charge.said') ORDER BY 1 LIMIT -1`)
	return bad, err
}

// chargeEntry is what an entry says of a charge, in one line.
func chargeEntry(ctx context.Context, q data.Querier, seq int64) (string, error) {
	e, err := journal.At(ctx, q, seq)
	if err != nil {
		return "", err
	}
	var b journal.EventBody
	if err := e.Decode(&b); err != nil {
		return "", err
	}
	text := func(key string) string { return fmt.Sprint(cmp.Or(b.Data[key], any(""))) }
	return fmt.Sprint(b.Code, " ", text("charge"), " ", text("amount"), " ", text("answer")), nil
}
