package suspended

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// FundName names a fund: a purse whose every cent is in the ledger (solidarity.md §2.2).
type FundName string

// The funds. Each association has its own of the last two; what customers gave and what the café owes are never mixed.
const (
	CafeFund    FundName = "CAFE_FUND"    // round-ups and open amounts: it buys suspended items
	PassThrough FundName = "PASS_THROUGH" // given by customers for an association, outside turnover and VAT
	Pledge      FundName = "PLEDGE"       // of the café's own turnover, owed to an association
)

// FundCause is why a fund has more or less.
type FundCause string

// The causes.
const (
	FundGiven    FundCause = "GIVEN"    // paid at the till; ref: number of the document
	FundReturned FundCause = "RETURNED" // refunded; ref: number of the refund
	FundMinted   FundCause = "MINTED"   // an item was put on the shelf for it; ref: the item
	FundRemitted FundCause = "REMITTED" // paid out to the association; ref: number of the remittance
	FundPledged  FundCause = "PLEDGED"  // owed of a month's turnover; ref: the month
)

// FundEntry is one movement of a fund.
type FundEntry struct {
	Seq     int64       `json:"seq"`
	Fund    FundName    `json:"fund"`
	Partner string      `json:"partner,omitempty"` // id of the association; "" of the café's fund
	Name    string      `json:"name,omitempty"`    // of the association when it was given
	Cents   money.Cents `json:"amount"`            // below 0: out
	Balance money.Cents `json:"balance"`           // of the fund after it, never below 0 (I12)
	Cause   FundCause   `json:"cause"`
	Ref     string      `json:"ref"`
	Day     string      `json:"day"`
}

var (
	errFundSpent  = fault.New(fault.Conflict, "fund.spent", "The fund no longer holds that much.")
	errFundAmount = fault.New(fault.Internal, "fund.amount", "A movement of a fund is of some cents, for a cause and with what it refers to.")
)

// MoveFund appends a movement of a fund, of which Seq, Balance and Day are its own to fill, and returns the fund's balance
// after it. Refusal: Conflict fund.spent (args left) when the fund does not hold what would leave it (I12).
func MoveFund(ctx context.Context, tx *data.Tx, e FundEntry) (money.Cents, error) {
	if e.Cents == 0 || e.Ref == "" || (e.Partner == "") != (e.Fund == CafeFund) {
		return 0, errFundAmount.With("fund", string(e.Fund)).With("cents", int64(e.Cents))
	}
	was, err := FundBalance(ctx, tx, e.Fund, e.Partner)
	if err != nil {
		return 0, err
	}
	balance := was + e.Cents
	if balance < 0 {
		return was, errFundSpent.With("left", was)
	}
	_, err = tx.Exec(ctx, `INSERT INTO fund_entries (seq, fund, partner, name, cents, balance, cause, ref, day, event)
		VALUES ((SELECT COALESCE(MAX(seq), 0) + 1 FROM fund_entries), ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(e.Fund), e.Partner, e.Name, int64(e.Cents), int64(balance), string(e.Cause), e.Ref, tx.Day(), tx.EventSeq())
	if err != nil {
		return 0, fmt.Errorf("fund %s: %w", e.Fund, err)
	}
	return balance, nil
}

// FundBalance is what a fund holds, in cents; 0 of one that nothing was ever put into. partner is "" for CafeFund.
func FundBalance(ctx context.Context, q data.Querier, f FundName, partner string) (balance money.Cents, err error) {
	err = q.QueryRow(ctx, `SELECT balance FROM fund_entries WHERE fund = ? AND partner = ? ORDER BY seq DESC LIMIT 1`, string(f), partner).Scan(&balance)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("balance of %s: %w", f, err)
	}
	return balance, nil
}

// FundState is how one fund stands: In − Out = Balance, all in cents.
type FundState struct {
	Fund    FundName    `json:"fund"`
	Partner string      `json:"partner,omitempty"`
	In      money.Cents `json:"in"`  // given or pledged, what was returned deducted
	Out     money.Cents `json:"out"` // minted or remitted
	Balance money.Cents `json:"balance"`
	Since   string      `json:"since,omitempty"` // day of the first cent that is still held; "" of an empty fund
}

// Funds returns how every fund that was ever used stands, the café's own first; that one also when nothing was ever in it.
func Funds(ctx context.Context, q data.Querier) ([]FundState, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (FundState, error) {
		var s FundState
		err := r.Scan(&s.Fund, &s.Partner, &s.In, &s.Out, &s.Balance, &s.Since)
		return s, err
	}, `SELECT f.fund, f.partner, SUM(IIF(f.cause IN ('GIVEN', 'PLEDGED', 'RETURNED'), f.cents, 0)), -SUM(IIF(f.cause IN ('MINTED', 'REMITTED'), f.cents, 0)), SUM(f.cents),
			COALESCE((SELECT MIN(l.day) FROM fund_entries l WHERE l.fund = f.fund AND l.partner = f.partner AND l.cents > 0
				AND l.seq > COALESCE((SELECT MAX(z.seq) FROM fund_entries z WHERE z.fund = f.fund AND z.partner = f.partner AND z.balance = 0), 0)), '')
		FROM fund_entries f GROUP BY f.fund, f.partner ORDER BY f.fund, f.partner LIMIT -1`)
	if err != nil {
		return nil, fmt.Errorf("funds: %w", err)
	}
	if len(all) == 0 || all[0].Fund != CafeFund {
		all = append([]FundState{{Fund: CafeFund}}, all...)
	}
	return all, nil
}

// FundEntries returns movements of all funds on the business days from one to another, the oldest first; limit of them,
// the newest.
func FundEntries(ctx context.Context, q data.Querier, from, to string, limit int) ([]FundEntry, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (FundEntry, error) {
		var e FundEntry
		err := r.Scan(&e.Seq, &e.Fund, &e.Partner, &e.Name, &e.Cents, &e.Balance, &e.Cause, &e.Ref, &e.Day)
		return e, err
	}, `SELECT seq, fund, partner, name, cents, balance, cause, ref, day FROM (SELECT * FROM fund_entries WHERE day BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?) ORDER BY seq`,
		from, to, limit)
	if err != nil {
		return nil, fmt.Errorf("entries of the funds: %w", err)
	}
	return all, nil
}

// FundSums adds up what came into the funds by the till, refunds deducted: the café's fund, and all that was given for
// associations. For I12, which pos holds against its sales.
func FundSums(ctx context.Context, q data.Querier) (own, through money.Cents, err error) {
	err = q.QueryRow(ctx, `SELECT COALESCE(SUM(IIF(fund = 'CAFE_FUND', cents, 0)), 0), COALESCE(SUM(IIF(fund = 'PASS_THROUGH', cents, 0)), 0)
		FROM fund_entries WHERE cause IN ('GIVEN', 'RETURNED')`).Scan(&own, &through)
	if err != nil {
		return 0, 0, fmt.Errorf("sums of the funds: %w", err)
	}
	return own, through, nil
}

// FundGivenFor lists what a document has given for associations, in the order in which it says so.
func FundGivenFor(ctx context.Context, q data.Querier, document string) ([]FundEntry, error) {
	all, err := data.All(ctx, q, func(r *data.Rows) (FundEntry, error) {
		e := FundEntry{Fund: PassThrough, Cause: FundGiven, Ref: document}
		err := r.Scan(&e.Seq, &e.Partner, &e.Name, &e.Cents, &e.Balance, &e.Day)
		return e, err
	}, `SELECT seq, partner, name, cents, balance, day FROM fund_entries WHERE ref = ? AND fund = 'PASS_THROUGH' AND cause = 'GIVEN' ORDER BY seq LIMIT 100`, document)
	if err != nil {
		return nil, fmt.Errorf("given by %s: %w", document, err)
	}
	return all, nil
}

// Minting is what the café's fund is to be turned into.
type Minting struct {
	Class string
	Price money.Cents // gift price of one, tax included: what the fund is debited (I12)
	Cost  money.Cents // standard cost, a memo
	Most  int         // at most so many
}

// Mint puts items on the shelf for as long as the café's fund holds the price of one, and debits it for each; the rest stays
// in the fund, to be seen (cases 20, 69). Errors: NotFound class.unknown.
func Mint(ctx context.Context, tx *data.Tx, m Minting) ([]Item, error) {
	if m.Price <= 0 {
		return nil, nil
	}
	balance, err := FundBalance(ctx, tx, CafeFund, "")
	if err != nil {
		return nil, err
	}
	var minted []Item
	for balance >= m.Price && len(minted) < m.Most {
		nth := len(minted) + 1
		it := Item{ID: fundItem(tx.EventSeq(), nth), Class: m.Class, Origin: Fund, Funded: m.Price, Cost: m.Cost}
		if balance, err = MoveFund(ctx, tx, FundEntry{Fund: CafeFund, Cents: -m.Price, Cause: FundMinted, Ref: it.ID}); err != nil {
			return nil, err
		}
		if it, err = create(ctx, tx, it, nth, ByFund); err != nil {
			return nil, err
		}
		minted = append(minted, it)
	}
	return minted, nil
}

func fundItem(event int64, nth int) string { return fmt.Sprintf("fund:%d.%d", event, nth) }

// checkFund replays the ledger of the funds (I12): no gap, each balance what came before and the movement, never below
// zero; every item of origin FUND debited once, at what it was funded with, and nothing debited for no item.
func checkFund(ctx context.Context, q data.Querier) ([]string, error) {
	var bad []string
	var last int64
	balances := map[string]money.Cents{}
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var e FundEntry
		if err := r.Scan(&e.Seq, &e.Fund, &e.Partner, &e.Cents, &e.Balance); err != nil {
			return err
		}
		if e.Seq != last+1 {
			bad = append(bad, fmt.Sprintf("fund_entries: seq %d follows %d", e.Seq, last))
		}
		last = e.Seq
		of := string(e.Fund) + " " + e.Partner
		if balances[of] += e.Cents; balances[of] != e.Balance || e.Balance < 0 {
			bad = append(bad, fmt.Sprintf("fund_entries: seq %d says that %s holds %d, its movements say %d", e.Seq, of, e.Balance, balances[of]))
		}
		return nil
	}, `SELECT seq, fund, partner, cents, balance FROM fund_entries ORDER BY seq LIMIT -1`)
	if err != nil {
		return nil, err
	}
	more, err := data.All(ctx, q, func(r *data.Rows) (s string, err error) { return s, r.Scan(&s) }, `
		WITH made AS (SELECT id, funded FROM items WHERE origin = 'FUND' AND NOT (id >= 'conv:' AND id < 'conv;')), -- what came of a conversion was debited before
			debited AS (SELECT ref AS id, -cents AS funded FROM fund_entries WHERE cause = 'MINTED')
		SELECT 'items: ' || id || ' is of origin FUND, and no fund was debited ' || funded || ' for it' FROM (SELECT * FROM made EXCEPT SELECT * FROM debited)
		UNION ALL SELECT 'fund_entries: ' || funded || ' debited for ' || id || ', which is no item at that price' FROM (SELECT * FROM debited EXCEPT SELECT * FROM made)
		ORDER BY 1 LIMIT -1`)
	if err != nil {
		return nil, err
	}
	rest, err := checkRemittances(ctx, q)
	return append(append(bad, more...), rest...), err
}
