package pos

import (
	"cmp"
	"context"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/suspended"
)

// Where the money of a remittance comes from.
const (
	FromCollected = "collected" // what customers gave for the association: the default
	FromPledge    = "pledge"    // what the café owes it of its own turnover
	FromOwn       = "own"       // what is left in the café's fund, when it closes for good (case 74)
)

// RemitRequest pays money out to an association.
type RemitRequest struct {
	To     string      `json:"to"`     // id of the partner
	From   string      `json:"from"`   // FromCollected, FromPledge or FromOwn; "": the first
	Amount money.Cents `json:"amount"` // 0: all that is held for it
	Means  Means       `json:"means"`  // cash, out of the drawer; cheque or transfer
}

// Remittance is money paid out to an association, with its name.
type Remittance struct {
	suspended.Remittance
	Name string `json:"name"`
}

// eventRemitted is the technical event of money paid out to an association. Cash has its CASH entry beside it.
const eventRemitted journal.Code = "FUND_REMITTED"

var errRemit = fault.New(fault.Invalid, "remittance.invalid", "The remittance is not in order; the fields say what is wrong.")

// remittedFrom is the fund behind the word of a request.
func remittedFrom(word string) (suspended.FundName, bool) {
	switch word {
	case "", FromCollected:
		return suspended.PassThrough, true
	case FromPledge:
		return suspended.Pledge, true
	case FromOwn:
		return suspended.CafeFund, true
	}
	return "", false
}

// Remit pays money out to an association and journals it; cash leaves the drawer. What was collected, what is owed and what
// is the café's own are never mixed (I12). Refusals: right.missing, training.real, remittance.invalid (fields from, to,
// means, amount), partner.unknown, fund.spent (args left), shift.none for cash.
func (t *Till) Remit(ctx context.Context, by By, r RemitRequest) (Remittance, error) {
	if err := by.mustManage(); err != nil {
		return Remittance{}, err
	}
	fund, known := remittedFrom(r.From)
	switch {
	case !known:
		return Remittance{}, errRemit.Field("from", "one_of")
	case r.To == "":
		return Remittance{}, errRemit.Field("to", codeRequired)
	case r.Means != Cash && r.Means != Cheque && r.Means != Transfer:
		return Remittance{}, errRemit.Field("means", "one_of")
	case r.Amount < 0 || r.Amount > maxTendered:
		return Remittance{}, errRemit.Field("amount", codeRange).With("max", int64(maxTendered))
	}
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Remittance, error) {
		if err := t.forReal(tx, by); err != nil {
			return Remittance{}, err
		}
		return t.remit(ctx, tx, by, fund, r)
	})
}

func (t *Till) remit(ctx context.Context, tx *data.Tx, by By, fund suspended.FundName, r RemitRequest) (Remittance, error) {
	name, err := partnerName(ctx, tx, r.To)
	if err != nil {
		return Remittance{}, err
	}
	holder := r.To
	if fund == suspended.CafeFund {
		holder = ""
	}
	held, err := suspended.FundBalance(ctx, tx, fund, holder)
	if err != nil {
		return Remittance{}, err
	}
	amount := cmp.Or(r.Amount, held)
	if amount == 0 {
		return Remittance{}, errRemit.Field("amount", "empty")
	}
	made, err := suspended.Remit(ctx, tx, suspended.Remittance{Fund: fund, Partner: r.To, Cents: amount, Means: string(r.Means), Operator: by.Operator.Code})
	if err != nil {
		return Remittance{}, err
	}
	seq, err := t.journalEvent(ctx, tx, by.Operator.Code, eventRemitted, map[string]any{
		"n": made.N, "fund": string(fund), "partner": r.To, "amount": int64(amount), "means": string(r.Means)})
	if err != nil {
		return Remittance{}, err
	}
	journaled, topics := []int64{seq}, []string{topicFunds}
	if r.Means == Cash {
		shift, err := t.openShift(ctx, tx)
		if err != nil {
			return Remittance{}, err
		}
		out, err := t.moveDrawer(ctx, tx, by, shift, -amount, made.Ref())
		if err != nil {
			return Remittance{}, err
		}
		journaled, topics = append(journaled, out), append(topics, topicShift)
	}
	return Remittance{Remittance: made, Name: name}, tx.Record(data.Event{Type: "fund.remitted", Topics: topics, Body: map[string]any{"journal": journaled, "n": made.N}})
}

// remittancesLimit bounds the list.
const remittancesLimit = 500

// Remittances lists what was paid out, the newest first.
func (t *Till) Remittances(ctx context.Context) ([]Remittance, error) {
	all := []Remittance{}
	err := t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		made, err := suspended.Remittances(ctx, q, remittancesLimit)
		if err != nil {
			return err
		}
		for _, r := range made {
			name, err := partnerName(ctx, q, r.Partner)
			if err != nil {
				return err
			}
			all = append(all, Remittance{Remittance: r, Name: name})
		}
		return nil
	})
	return all, err
}

// RemittanceStatement is what goes with the money: what came in since the first cent that it settles.
type RemittanceStatement struct {
	Remittance
	Entries []suspended.FundEntry `json:"entries"` // of its fund, from that day to its own, the remittance last
}

// RemittanceStatement returns the statement of a remittance. Refusal: remittance.unknown.
func (t *Till) RemittanceStatement(ctx context.Context, n int) (st RemittanceStatement, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		r, err := suspended.FindRemittance(ctx, q, n)
		if err != nil {
			return err
		}
		st.Remittance.Remittance = r
		if st.Name, err = partnerName(ctx, q, r.Partner); err != nil {
			return err
		}
		st.Entries, err = suspended.EntriesOf(ctx, q, r)
		return err
	})
	return st, err
}

// Pledges lists the closed months of which the café owes something, the newest first.
func (t *Till) Pledges(ctx context.Context) ([]suspended.MonthPledge, error) {
	all, err := suspended.Pledges(ctx, t.db.Reader(), remittancesLimit)
	return nonNil(all), err
}

// noMonth stands for the time before the first closed month that a pledge looks at.
const noMonth = "0000-00"

// OweMonths records what each closed month makes the café owe to the association it has chosen: a share of the net turnover,
// without VAT and refunds deducted, once a month (§6). The first time it only marks where it begins: what was closed before the
// café chose it owes nothing. A month closed while nothing is pledged owes nothing for ever. It returns how many months it
// looked at.
func (t *Till) OweMonths(ctx context.Context) (done int, err error) {
	months, chosen, err := t.pledgeDue(ctx, t.db.Reader())
	if err != nil || len(months) == 0 {
		return 0, err
	}
	err = t.db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		if months, chosen, err = t.pledgeDue(ctx, tx); err != nil || len(months) == 0 {
			return err
		}
		for _, m := range months {
			if m.Month != noMonth && chosen.PledgeTo != "" && m.BP > 0 {
				m.Partner, m.Cents = chosen.PledgeTo, (max(m.Turnover, 0)*money.Cents(m.BP)+5000)/10000
			}
			if err := suspended.Owe(ctx, tx, m); err != nil {
				return err
			}
		}
		done = len(months)
		return tx.Record(data.Event{Type: "fund.pledged", Topics: []string{topicFunds}, Body: map[string]any{"months": len(months)}})
	})
	return done, err
}

// pledgeDue lists the closed months that nobody has looked at yet, the first first; before any was, the mark of the beginning.
func (t *Till) pledgeDue(ctx context.Context, q data.Querier) ([]suspended.MonthPledge, Settings, error) {
	chosen, err := loadSettings(ctx, q)
	if err != nil {
		return nil, chosen, err
	}
	last, err := suspended.LastPledge(ctx, q)
	if err != nil || last == "" && (chosen.PledgeBP == 0 || chosen.PledgeTo == "") {
		return nil, chosen, err
	}
	newest := noMonth
	e, err := journal.LastClosing(ctx, q, journal.KindCloseMonth)
	if err != nil && fault.CodeOf(err) != "journal.closing" {
		return nil, chosen, err
	}
	if err == nil {
		var b journal.CloseBody
		if err := e.Decode(&b); err != nil {
			return nil, chosen, err
		}
		newest = b.Period
	}
	if last == "" {
		return []suspended.MonthPledge{{Month: newest}}, chosen, nil
	}
	if newest <= last {
		return nil, chosen, nil
	}
	from := firstDay
	if last != noMonth {
		from = last + "-01"
	}
	entries, err := journal.Closings(ctx, q, journal.KindCloseMonth, from, t.db.Today())
	if err != nil {
		return nil, chosen, err
	}
	var due []suspended.MonthPledge
	for _, e := range entries {
		var b journal.CloseBody
		if err := e.Decode(&b); err != nil {
			return nil, chosen, err
		}
		if _, err := time.Parse("2006-01", b.Period); err == nil && b.Period > last {
			due = append(due, suspended.MonthPledge{Month: b.Period, BP: chosen.PledgeBP, Turnover: b.Total.HT})
		}
	}
	return due, chosen, nil
}
