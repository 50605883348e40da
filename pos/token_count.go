package pos

import (
	"context"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/suspended"
)

// maxTokens bounds one count of tokens, and one bundle.
const maxTokens = 9999

var errTokens = fault.New(fault.Invalid, "tokens.invalid", "Count the tokens in whole pieces, 0 to 9999.")

// TokenCount is what was counted of the tokens in a shift. What is nil was not counted: nothing is asked for.
type TokenCount struct {
	Out  *int `json:"out,omitempty"`  // put out in the bowl
	Left *int `json:"left,omitempty"` // left in the bowl
	Box  *int `json:"box,omitempty"`  // given in at the counter
}

func (c TokenCount) none() bool { return c.Out == nil && c.Left == nil && c.Box == nil }

// check refuses what is no count; field stands before the names of its fields.
func (c TokenCount) check(field string) error {
	e := errTokens
	for _, x := range []struct {
		name string
		n    *int
	}{{"out", c.Out}, {"left", c.Left}, {"box", c.Box}} {
		if x.n != nil && (*x.n < 0 || *x.n > maxTokens) {
			e = e.Field(field+x.name, codeRange).With("max", maxTokens)
		}
	}
	if len(e.Fields) > 0 {
		return e
	}
	return nil
}

// Tokens sets what was counted beside what was served (I17): box = served by token = out − left + home. Neither difference is
// ever corrected, and neither keeps a shift from being closed.
type Tokens struct {
	TokenCount
	Served      int  `json:"served"`               // servings asked for with a token, those taken back left out
	Difference  *int `json:"difference,omitempty"` // box minus served; nil: the box was not counted
	Home        *int `json:"home,omitempty"`       // tokens of the box that came from outside, box − (out − left); below zero, so many went out with somebody
	Outstanding int  `json:"outstanding"`          // out of the house now: with partners, and with whoever took one along
}

// CountTokens records what was counted of the tokens in the open shift. A number counted again takes the place of the first;
// what is not told stays. Refusals: right.missing, tokens.invalid (fields out, left, box), shift.none.
func (t *Till) CountTokens(ctx context.Context, by By, c TokenCount) (Tokens, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (Tokens, error) {
		if err := c.check(""); err != nil {
			return Tokens{}, err
		}
		if c.none() {
			return Tokens{}, errTokens.Field("box", "required")
		}
		s, err := t.openShift(ctx, tx)
		if err != nil {
			return Tokens{}, err
		}
		if err := c.keep(ctx, tx, s.ID); err != nil {
			return Tokens{}, err
		}
		if err := tx.Record(data.Event{Type: "tokens.counted", Topics: []string{topicShift, "shelf"}, Body: map[string]any{"shift": s.ID, "tokens": c}}); err != nil {
			return Tokens{}, err
		}
		return tokensOf(ctx, tx, s.ID)
	})
}

// keep writes the count of a shift, under the event that this write will record; nothing when nothing was counted.
func (c TokenCount) keep(ctx context.Context, tx *data.Tx, shift string) error {
	if c.none() {
		return nil
	}
	if _, err := tx.Exec(ctx, `INSERT INTO token_counts (event, shift, out, rest, box) VALUES (?, ?, ?, ?, ?)`,
		tx.EventSeq(), shift, c.Out, c.Left, c.Box); err != nil {
		return fmt.Errorf("count tokens: %w", err)
	}
	return nil
}

// told adds the count to the body of the event that tells of it.
func (c TokenCount) told(body map[string]any) map[string]any {
	if !c.none() {
		body["tokens"] = c
	}
	return body
}

// tokensOf sets what was counted of the tokens of a shift beside what was served in it.
func tokensOf(ctx context.Context, q data.Querier, shift string) (v Tokens, err error) {
	newest := func(column string) string {
		return `(SELECT ` + column + ` FROM token_counts WHERE shift = ?1 AND ` + column + ` IS NOT NULL ORDER BY event DESC LIMIT 1)`
	}
	if err := q.QueryRow(ctx, `SELECT `+newest("out")+`, `+newest("rest")+`, `+newest("box")+`,
		(SELECT count(*) FROM redemptions AS r JOIN token_servings AS k ON k.redemption = r.seq
			WHERE r.shift = ?1 AND NOT EXISTS (SELECT 1 FROM redemptions AS u WHERE u.undoes = r.seq))`, shift).
		Scan(&v.Out, &v.Left, &v.Box, &v.Served); err != nil {
		return v, fmt.Errorf("tokens of shift %s: %w", shift, err)
	}
	if v.Box != nil {
		v.Difference = new(*v.Box - v.Served)
		if v.Out != nil && v.Left != nil {
			v.Home = new(*v.Box - (*v.Out - *v.Left))
		}
	}
	v.Outstanding, err = TokensOutstanding(ctx, q)
	return v, err
}

// TokensOutstanding is how many tokens are out of the house (I17): handed to partners and not brought back, or taken out of
// the bowl and not given in. They reserve nothing on the shelf; whoever brings one is served, by the house if need be.
func TokensOutstanding(ctx context.Context, q data.Querier) (n int, err error) {
	err = q.QueryRow(ctx, `WITH counted AS (SELECT s.id,
			(SELECT out FROM token_counts WHERE shift = s.id AND out IS NOT NULL ORDER BY event DESC LIMIT 1) AS out,
			(SELECT rest FROM token_counts WHERE shift = s.id AND rest IS NOT NULL ORDER BY event DESC LIMIT 1) AS rest,
			(SELECT box FROM token_counts WHERE shift = s.id AND box IS NOT NULL ORDER BY event DESC LIMIT 1) AS box
			FROM (SELECT DISTINCT shift AS id FROM token_counts) AS s)
		SELECT coalesce((SELECT sum(n) FROM token_moves), 0) + coalesce((SELECT sum(out - rest - box) FROM counted), 0)`).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("tokens outstanding: %w", err)
	}
	return n, nil
}

// Tokens returns the tokens of the open shift. Refusal: shift.none.
func (t *Till) Tokens(ctx context.Context) (v Tokens, err error) {
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		s, err := t.openShift(ctx, q)
		if err == nil {
			v, err = tokensOf(ctx, q, s.ID)
		}
		return err
	})
	return v, err
}

// TokenMove is a bundle of tokens that was handed to a partner, or brought back.
type TokenMove struct {
	Partner     string `json:"partner"`
	N           int    `json:"n"`           // above zero: handed out
	Outstanding int    `json:"outstanding"` // out of the house now
}

// MoveTokens records n tokens handed to a partner, or brought back by it when n is below zero. They are everybody's tokens: no
// colour, no number, no name (solidarity.md §5.4). Refusals: right.missing, training.real,
// tokens.invalid (field n), partner.unknown, and partner.ended when they are handed out.
func (t *Till) MoveTokens(ctx context.Context, by By, partnerID string, n int) (TokenMove, error) {
	return command(ctx, t, by, func(ctx context.Context, tx *data.Tx) (TokenMove, error) {
		if err := t.forReal(tx, by); err != nil {
			return TokenMove{}, err
		}
		if n == 0 || n < -maxTokens || n > maxTokens {
			return TokenMove{}, errTokens.Field("n", codeRange).With("max", maxTokens)
		}
		find := suspended.FindPartner // one that is ended still brings back what it has
		if n > 0 {
			find = suspended.ActivePartner
		}
		if _, err := find(ctx, tx, partnerID); err != nil {
			return TokenMove{}, err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO token_moves (event, day, partner, n) VALUES (?, ?, ?, ?)`, tx.EventSeq(), tx.Day(), partnerID, n); err != nil {
			return TokenMove{}, fmt.Errorf("move tokens: %w", err)
		}
		out, err := TokensOutstanding(ctx, tx)
		if err != nil {
			return TokenMove{}, err
		}
		return TokenMove{partnerID, n, out}, tx.Record(data.Event{Type: "tokens.moved", Topics: []string{"shelf"}, Body: map[string]any{"partner": partnerID, "n": n}})
	})
}

// byToken notes that a serving was asked for with a token: nothing else of it.
func (s *settlement) byToken(ctx context.Context, tx *data.Tx, redemption int64) error {
	if _, err := tx.Exec(ctx, `INSERT INTO token_servings (redemption, event) VALUES (?, ?)`, redemption, tx.EventSeq()); err != nil {
		return fmt.Errorf("serving by token: %w", err)
	}
	s.tokens = append(s.tokens, redemption)
	return nil
}

// checkTokens holds the counts, the bundles and the servings by token against the events that told of them.
func checkTokens(ctx context.Context, q data.Querier) ([]string, error) {
	var bad []string
	for _, query := range []string{
		`WITH told AS (SELECT e.seq AS event, k.value AS redemption FROM events AS e, json_each(e.body, '$.by_token') AS k WHERE instr(e.body, '"by_token"') > 0),
			kept AS (SELECT event, redemption FROM token_servings)
		SELECT 'serving ' || redemption || ' by token: not told by event ' || event FROM (SELECT * FROM kept EXCEPT SELECT * FROM told)
		UNION ALL SELECT 'event ' || event || ' tells of serving ' || redemption || ' by token: it is gone' FROM (SELECT * FROM told EXCEPT SELECT * FROM kept)`,
		`WITH told AS (SELECT seq AS event, body ->> '$.shift' AS shift, body ->> '$.tokens.out' AS out, body ->> '$.tokens.left' AS rest, body ->> '$.tokens.box' AS box
				FROM events WHERE instr(body, '"tokens":{') > 0),
			kept AS (SELECT event, shift, out, rest, box FROM token_counts)
		SELECT 'tokens counted in event ' || event || ': not as they were told' FROM (SELECT * FROM kept EXCEPT SELECT * FROM told)
		UNION ALL SELECT 'event ' || event || ' tells of tokens counted: they are gone' FROM (SELECT * FROM told EXCEPT SELECT * FROM kept)`,
		`WITH told AS (SELECT seq AS event, day, body ->> '$.partner' AS partner, body ->> '$.n' AS n FROM events WHERE type = 'tokens.moved'),
			kept AS (SELECT event, day, partner, n FROM token_moves)
		SELECT 'tokens moved in event ' || event || ': not as they were told' FROM (SELECT * FROM kept EXCEPT SELECT * FROM told)
		UNION ALL SELECT 'event ' || event || ' tells of tokens moved: they are gone' FROM (SELECT * FROM told EXCEPT SELECT * FROM kept)`,
		`WITH told AS (SELECT body ->> '$.flag' AS flag, seq AS event FROM events WHERE type = 'flag.seen'),
			kept AS (SELECT flag, event FROM flags_seen)
		SELECT 'flag ' || flag || ' is seen by an event that did not say so' FROM (SELECT * FROM kept EXCEPT SELECT * FROM told)
		UNION ALL SELECT 'flag ' || flag || ' was seen, and no longer is' FROM (SELECT * FROM told EXCEPT SELECT * FROM kept)`,
	} {
		some, err := breaches(ctx, q, query)
		if err != nil {
			return nil, err
		}
		bad = append(bad, some...)
	}
	return bad, nil
}

// shiftTokens are those of a shift for its answer: nil while nothing was counted and nothing served by one.
func shiftTokens(ctx context.Context, q data.Querier, shift string) (*Tokens, error) {
	v, err := tokensOf(ctx, q, shift)
	if err != nil || v.none() && v.Served == 0 {
		return nil, err
	}
	return &v, nil
}

// tokensBetween are the tokens of the shifts that were closed on the business days from one to another: what a closing shows.
func tokensBetween(ctx context.Context, q data.Querier, from, to int64) ([]Tokens, error) {
	shifts, err := data.All(ctx, q, func(r *data.Rows) (id string, err error) { err = r.Scan(&id); return id, err },
		`SELECT id FROM shifts WHERE closed_at >= ? AND closed_at < ? ORDER BY closed_at LIMIT -1`, from, to)
	if err != nil {
		return nil, err
	}
	var all []Tokens
	for _, id := range shifts {
		v, err := shiftTokens(ctx, q, id)
		if err != nil {
			return nil, err
		}
		if v != nil {
			all = append(all, *v)
		}
	}
	return all, nil
}
