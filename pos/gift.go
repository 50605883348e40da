package pos

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/loyalty"
	"comptoir/suspended"
)

// Proof is what a donor may know of the gifts of one sale: nothing of the sale itself, no amount, no person.
type Proof struct {
	Code  string
	Day   string // business day they were given
	Gifts []Outcome
}

var errNoGift = fault.New(fault.NotFound, "gift.unknown", "There is no gift with this code.")

// GiftProof returns what became of the gifts under a code. It leads to no receipt and no card. Refusal: gift.unknown.
func (t *Till) GiftProof(ctx context.Context, code string) (p Proof, err error) {
	p.Code = strings.ToUpper(strings.Join(strings.Fields(code), ""))
	if len(p.Code) != receiptLetters+1 || !loyalty.CheckCode(p.Code) {
		return Proof{}, errNoGift
	}
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		var seq int64
		err := q.QueryRow(ctx, `SELECT seq, day FROM sales WHERE gift_code = ? AND gift_code <> ''`, p.Code).Scan(&seq, &p.Day)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoGift
		}
		if err != nil {
			return err
		}
		lines, err := data.All(ctx, q, func(r *data.Rows) (n int, err error) { err = r.Scan(&n); return n, err },
			`SELECT n FROM sale_lines WHERE seq = ? AND kind = 'gift' ORDER BY n`, seq)
		if err != nil {
			return err
		}
		told, err := t.published(ctx, q)
		if err != nil {
			return err
		}
		for _, n := range lines {
			fates, err := suspended.GiftFates(ctx, q, lineID(seq, n))
			if err != nil {
				return err
			}
			p.Gifts = append(p.Gifts, told.outcomes(fates)...)
		}
		return nil
	})
	return p, err
}

// CardStory returns what became of the meals a card has put on the shelf, the newest first; of a card that was merged
// with others, of theirs too. It takes the code only: it is for the card's holder. Refusals: those of CardOfPublic.
func (t *Till) CardStory(ctx context.Context, code string) (story []Outcome, err error) {
	code, err = loyalty.ParseCode(code)
	if err != nil {
		return nil, err
	}
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		ref, err := loyalty.Find(ctx, q, code)
		if err != nil {
			return err
		}
		fates, err := loyalty.ReleaseFates(ctx, q, ref.Account)
		if err != nil {
			return err
		}
		told, err := t.published(ctx, q)
		story = told.outcomes(fates)
		return err
	})
	return story, err
}

func (p publication) outcomes(fates []suspended.Fate) []Outcome {
	all := make([]Outcome, len(fates))
	for i, f := range fates {
		all[i] = p.outcome(f)
	}
	return all
}

// checkProofs holds that a proof is of a gift, and its code well made; and that since there are proofs every gift has one.
func checkProofs(ctx context.Context, q data.Querier) ([]string, error) {
	bad, err := breaches(ctx, q, `SELECT 'sale ' || number || ' has the code of a gift and no gift' FROM sales AS s
		WHERE gift_code <> '' AND NOT EXISTS (SELECT 1 FROM sale_lines AS l WHERE l.seq = s.seq AND l.kind = 'gift')
		UNION ALL SELECT 'sale ' || number || ' has a gift and no code of it' FROM sales AS s
		WHERE gift_code = '' AND refunds IS NULL AND seq > (SELECT min(seq) FROM sales WHERE gift_code <> '')
			AND EXISTS (SELECT 1 FROM sale_lines AS l WHERE l.seq = s.seq AND l.kind = 'gift' AND (l.product <> '`+sponsorSKU+`' OR l.category <> ''))`)
	if err != nil {
		return nil, err
	}
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var number, code string
		if err := r.Scan(&number, &code); err != nil {
			return err
		}
		if len(code) != receiptLetters+1 || !loyalty.CheckCode(code) {
			bad = append(bad, "sale "+number+" has a gift code that cannot be read")
		}
		return nil
	}, `SELECT number, gift_code FROM sales WHERE gift_code <> ''`)
	return bad, err
}
