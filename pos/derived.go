package pos

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// told is what the entries of the drawer say that spans more than one of them.
type told struct {
	shifts map[string]Shift       // by id
	parts  map[string]money.Cents // cash in the drawer for parts of tickets, by what names the ticket

	training *int64           // seq of the TRAINING_ON entry that no TRAINING_OFF has followed; 0: none
	vat      map[string]int64 // rates that were changed, by what rateName says of them
}

// derivedBatch is how many journal entries are compared at once.
const derivedBatch = 1000

// rows are derived rows written as text, one a line of a table, so that what the journal asks for and what the tables
// hold can be compared whole.
type rows map[string]int

func (r rows) add(format string, args ...any) { r[fmt.Sprintf(format, args...)]++ }

// checkDerived rebuilds the derived rows from the entries they come from and compares them whole, column by column.
// Only what no entry says is left out: the id, the receipt code, the meals (see checkMeals) and the food of a line.
func checkDerived(ctx context.Context, q data.Querier) ([]string, error) {
	var bad []string
	read := told{shifts: map[string]Shift{}, parts: map[string]money.Cents{}, training: new(int64), vat: map[string]int64{}}
	for from := int64(0); ; {
		entries, err := journal.Entries(ctx, q, from, derivedBatch)
		if err != nil {
			return nil, err
		}
		if len(entries) == 0 {
			more, err := checkShifts(ctx, q, read.shifts)
			if err != nil {
				return nil, err
			}
			parts, err := checkParts(ctx, q, read.parts)
			if err != nil {
				return nil, err
			}
			training, err := checkTraining(ctx, q, *read.training)
			if err != nil {
				return nil, err
			}
			rates, err := checkVAT(ctx, q, read.vat)
			return slices.Concat(bad, more, parts, training, rates), err
		}
		to := entries[len(entries)-1].Seq
		want, got := rows{}, rows{}
		for _, e := range entries {
			if err := want.entry(e, read); err != nil {
				return nil, err
			}
		}
		if err := got.tables(ctx, q, from, to); err != nil {
			return nil, err
		}
		bad = append(bad, want.differ(got)...)
		from = to + 1
	}
}

// differ names what one side has and the other has not.
func (r rows) differ(got rows) []string {
	var bad []string
	for row, n := range r {
		if got[row] < n {
			bad = append(bad, "the journal says, and no row: "+row)
		}
	}
	for row, n := range got {
		if r[row] < n {
			bad = append(bad, "a row says, and no entry: "+row)
		}
	}
	slices.Sort(bad)
	return bad
}

// entry adds the rows that one journal entry asks for.
func (r rows) entry(e journal.Entry, read told) error {
	env, err := e.Envelope()
	if err != nil {
		return err
	}
	if e.Training {
		return r.training(e)
	}
	switch e.Kind {
	case journal.KindTicket, journal.KindRefund:
		var b journal.TicketBody
		if err := e.Decode(&b); err != nil {
			return err
		}
		r.sale(e, env.Op, b)
	case journal.KindSuspRedeem:
		var b journal.RedeemBody
		if err := e.Decode(&b); err != nil {
			return err
		}
		var undoes int64
		if b.Ref != nil {
			undoes = b.Ref.Seq
		}
		r.add("redemption %d %s undoes %d %s [%s] %s %s %d %s %s %d %s", e.Seq, e.Number, undoes, b.SKU, b.Label, b.Class, b.Origin, b.Memo, b.Mode, e.Day, e.At.UnixMilli(), env.Op)
	case journal.KindCash:
		var b journal.CashBody
		if err := e.Decode(&b); err != nil {
			return err
		}
		r.cash(e, env.Op, b, read)
	case journal.KindDuplicate, journal.KindPayFix, journal.KindInvoice:
		return r.paper(e, env.Op)
	case journal.KindEvent:
		var b journal.EventBody
		if err := e.Decode(&b); err != nil {
			return err
		}
		r.event(e, env.Op, b, read)
	default: // no other kind has derived rows
	}
	return nil
}

// event adds what technical events ask for: whether the till is in training, files that were written, accounts that changed.
func (r rows) event(e journal.Entry, op string, b journal.EventBody, read told) {
	switch b.Code {
	case journal.EventTrainingOn:
		*read.training = e.Seq
	case journal.EventTrainingOff:
		*read.training = 0
	case journal.EventExport:
		r.add("export %d %s %d", e.Seq, op, e.At.UnixMilli())
	case journal.EventConfigChange:
		switch b.Data["what"] {
		case configAccounting:
			r.add("accounting %d %s", e.Seq, e.Day)
		case configVAT:
			read.rates(b)
		}
		r.mention(e, b)
	case journal.EventPrinted, journal.EventReprint:
		r.printed(e, op, b)
	default: // nothing else is kept beside the journal
	}
}

func (r rows) sale(e journal.Entry, op string, b journal.TicketBody) {
	var refunds int64
	if b.Ref != nil {
		refunds = b.Ref.Seq
	}
	r.add("sale %d %s refunds %d %s %d %s %s %d outside %d", e.Seq, e.Number, refunds, e.Day, e.At.UnixMilli(), op, b.Mode, b.Total.TTC, outside(b))
	for _, l := range b.Lines {
		if l.Parent != 0 {
			continue
		}
		unit, disc, total, reason := l.PU, l.Disc, l.TTC, ""
		for _, part := range b.Lines {
			if part.Parent == l.N {
				unit, disc, total = unit+part.PU, disc+part.Disc, total+part.TTC
			}
			if (part.N == l.N || part.Parent == l.N) && part.Disc > 0 {
				reason = part.Reason
			}
		}
		kind, class := LineSale, ""
		if l.K == journal.LineGift {
			kind, class = LineGift, l.Class
		}
		r.add("line %d.%d %s %s %s %s %d x %d - %d %s = %d at %d of %d", e.Seq, l.N, l.SKU, l.Cat, kind, class, l.Qty/1000, unit, disc, reason, total, l.BP, l.RefN)
	}
	for _, x := range b.Rates {
		r.add("tax %d at %d: %d %d %d", e.Seq, x.BP, x.HT, x.VAT, x.TTC)
	}
	cause := drawerSale
	if refunds != 0 {
		cause = drawerRefund
	}
	for _, p := range b.Pay {
		r.add("tender %d.%d %s %d given %d change %d", e.Seq, p.N, meansOf(p.Means), p.Amt, p.Given, p.Change)
		if p.Means == journal.ByCash {
			r.add("drawer %d %s %d", e.Seq, cause, p.Amt)
		}
	}
}

func (r rows) cash(e journal.Entry, op string, b journal.CashBody, read told) {
	s := read.shifts[b.Shift]
	if part, _, _ := strings.Cut(b.Reason, ":"); strings.HasPrefix(part, partPaid("")) && (b.Type == journal.CashIn || b.Type == journal.CashOut) {
		read.parts[part] += b.Amount
	}
	switch b.Type {
	case journal.CashFloat:
		s = Shift{ID: b.Shift, OpenedAt: e.At, OpenedBy: op, Float: b.Amount}
		r.add("drawer %d %s %d", e.Seq, drawerFloat, b.Amount)
	case journal.CashIn:
		r.add("drawer %d %s %d", e.Seq, drawerIn, b.Amount)
	case journal.CashOut:
		r.add("drawer %d %s %d", e.Seq, drawerOut, b.Amount)
	case journal.CashCount:
		if b.Reason != drawerCheck { // such a count ends no shift
			s.ClosedBy, s.Expected, s.Counted = op, b.Expected, b.Counted
		}
	}
	read.shifts[b.Shift] = s
}

// tables adds the rows that the tables hold for a range of entries.
func (r rows) tables(ctx context.Context, q data.Querier, from, to int64) error {
	for _, query := range []string{
		`SELECT 'sale ' || seq || ' ' || number || ' refunds ' || coalesce(refunds, 0) || ' ' || day || ' ' || at || ' ' || operator || ' ' || mode || ' ' || total || ' outside ' || outside
			FROM sales WHERE seq BETWEEN ? AND ?`,
		`SELECT 'line ' || seq || '.' || n || ' ' || product || ' ' || category || ' ' || kind || ' ' || class || ' ' || qty || ' x ' || unit_price || ' - ' || disc || ' ' || reason || ' = ' || total ||
			' at ' || vat_bp || ' of ' || of_n FROM sale_lines WHERE seq BETWEEN ? AND ?`,
		`SELECT 'tax ' || seq || ' at ' || bp || ': ' || ht || ' ' || vat || ' ' || ttc FROM sale_taxes WHERE seq BETWEEN ? AND ?`,
		`SELECT 'tender ' || seq || '.' || n || ' ' || means || ' ' || amount || ' given ' || given || ' change ' || change FROM sale_tenders WHERE seq BETWEEN ? AND ?`,
		`SELECT 'drawer ' || seq || ' ' || cause || ' ' || amount FROM drawer WHERE seq BETWEEN ? AND ?`,
		`SELECT 'redemption ' || seq || ' ' || number || ' undoes ' || coalesce(undoes, 0) || ' ' || product || ' [' || name || '] ' || class || ' ' || origin || ' ' ||
			memo || ' ' || mode || ' ' || day || ' ' || at || ' ' || operator FROM redemptions WHERE seq BETWEEN ? AND ?`,
		`SELECT 'export ' || seq || ' ' || op || ' ' || at FROM exports WHERE seq BETWEEN ? AND ?`,
		`SELECT 'accounting ' || seq || ' ' || day FROM accounting WHERE seq BETWEEN ? AND ?`,
		`SELECT 'print ' || seq || ' of ' || document || ' n ' || n || ' [' || number || '] ' || form || ' [' || reason || '] ' || at || ' ' || operator FROM prints WHERE seq BETWEEN ? AND ?`,
		`SELECT 'fix ' || seq || ' of ' || sale || ' ' || day || ' ' || at || ' ' || operator || ' [' || auth || '] ' || from_means || ' to ' || to_means || ' ' || amount || ' ' || reason
			FROM payment_fixes WHERE seq BETWEEN ? AND ?`,
		`SELECT 'invoice ' || seq || ' ' || number || ' of ' || sale || ' ' || at || ' ' || operator || ' ' || buyer FROM invoices WHERE seq BETWEEN ? AND ?`,
		`SELECT 'mention ' || seq || ' [' || mention || ']' FROM vat_mentions WHERE seq BETWEEN ? AND ?`,
		`SELECT 'training ' || seq || ' reverses ' || coalesce(reverses, 0) FROM training_documents WHERE seq BETWEEN ? AND ?`,
	} {
		if err := data.Each(ctx, q, func(row *data.Rows) error {
			var s string
			err := row.Scan(&s)
			r.add("%s", s)
			return err
		}, query, from, to); err != nil {
			return err
		}
	}
	return nil
}

// checkShifts compares the shifts with the floats and counts of the journal.
func checkShifts(ctx context.Context, q data.Querier, journaled map[string]Shift) ([]string, error) {
	var bad []string
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var s Shift
		var opened int64
		if err := r.Scan(&s.ID, &opened, &s.OpenedBy, &s.Float, &s.ClosedBy, &s.Expected, &s.Counted); err != nil {
			return err
		}
		s.OpenedAt = time.UnixMilli(opened).UTC()
		want := journaled[s.ID]
		delete(journaled, s.ID)
		if !want.OpenedAt.Equal(s.OpenedAt) && !want.OpenedAt.After(s.OpenedAt) { // the journal's instant is never before the clock's
			bad = append(bad, fmt.Sprintf("shift %s: opened at %s, the journal says %s", s.ID, s.OpenedAt, want.OpenedAt))
		}
		s.OpenedAt, want.OpenedAt = time.Time{}, time.Time{}
		if s != want {
			bad = append(bad, fmt.Sprintf("shift %s: %s", s.ID, strings.Join([]string{
				differs("float", s.Float, want.Float), differs("expected", s.Expected, want.Expected), differs("counted", s.Counted, want.Counted)}, "")))
		}
		return nil
	}, `SELECT id, opened_at, opened_by, float, closed_by, expected, counted FROM shifts ORDER BY id LIMIT -1`)
	for id := range journaled {
		bad = append(bad, fmt.Sprintf("shift %s is in the journal only", id))
	}
	return bad, err
}

func differs(what string, got, want money.Cents) string {
	if got == want {
		return ""
	}
	return fmt.Sprintf("%s %d, the journal says %d; ", what, got, want)
}

// checkParts holds the cash that was paid for parts of tickets against the tickets that are still open: when one is
// settled its cash moves to the sale, and when a part is given back it is gone.
func checkParts(ctx context.Context, q data.Querier, inDrawer map[string]money.Cents) ([]string, error) {
	var bad []string
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var id string
		var cash money.Cents
		if err := r.Scan(&id, &cash); err != nil {
			return err
		}
		if got := inDrawer[partPaid(id)]; got != cash {
			bad = append(bad, fmt.Sprintf("ticket %s: %d paid in cash, the drawer has %d for it", id, cash, got))
		}
		delete(inDrawer, partPaid(id))
		return nil
	}, `SELECT t.id, sum(p.value ->> '$.amount') FROM tickets AS t, json_each(t.body, '$.payments') AS p
		WHERE t.state = 'open' AND t.body ->> '$.training' IS NULL AND p.value ->> '$.means' = 'cash' GROUP BY t.id ORDER BY t.id LIMIT -1`)
	for _, part := range slices.Sorted(maps.Keys(inDrawer)) {
		if inDrawer[part] != 0 {
			bad = append(bad, fmt.Sprintf("%s: the drawer has %d for it, and no open ticket does", part, inDrawer[part]))
		}
	}
	return bad, err
}
