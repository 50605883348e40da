package suspended

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"comptoir/data"
)

// Checks are the invariants this package can see by itself.
func Checks() []data.Check {
	return []data.Check{
		{Name: "I8 every item moves along the legal transitions and is counted once", Run: checkLedger},
		{Name: "I8 the shelf is what the ledger says", Run: checkShelf},
		{Name: "I12 the funds hold what their movements say, and every item of the fund was debited", Run: checkFund},
		{Name: "I8 what was converted became one item of its origin and its worth", Run: checkConversions},
		{Name: "I13 every item is issued once, under the id of its source", Run: checkIDs},
	}
}

// tally counts the items of one class while the ledger is replayed.
type tally struct {
	created int
	states  map[State]int
}

// replay is the ledger read from its beginning.
type replay struct {
	last    int64
	state   map[string]State
	classes map[string]*tally
	bad     []string
}

func (p *replay) say(format string, args ...any) { p.bad = append(p.bad, fmt.Sprintf(format, args...)) }

// step replays one row and asserts I8 for the prefix of the ledger that ends with it.
func (p *replay) step(seq int64, item, class string, was, became State) {
	if seq != p.last+1 {
		p.say("item_events: seq %d follows %d", seq, p.last)
	}
	p.last = seq
	if is := p.state[item]; is != was {
		p.say("item_events: seq %d moves item %s from %q, but it is %q", seq, item, was, is)
	}
	if !slices.Contains(next(was), became) {
		p.say("item_events: seq %d moves item %s from %q to %q, which is not allowed", seq, item, was, became)
	}
	p.state[item] = became
	t := p.classes[class]
	if t == nil {
		t = &tally{states: make(map[State]int)}
		p.classes[class] = t
	}
	if was == unborn {
		t.created++
	} else {
		t.states[was]--
	}
	t.states[became]++
	sum := 0
	for s, n := range t.states {
		sum += n
		if n < 0 {
			p.say("item_events: after seq %d class %s counts %d items %s", seq, class, n, s)
		}
	}
	if sum != t.created {
		p.say("item_events: after seq %d class %s has created %d items and counts %d", seq, class, t.created, sum)
	}
}

// checkLedger replays the ledger: each move legal, and I8 at every prefix.
func checkLedger(ctx context.Context, q data.Querier) ([]string, error) {
	p := replay{state: map[string]State{}, classes: map[string]*tally{}}
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var seq int64
		var item, class string
		var was, became State
		err := r.Scan(&seq, &item, &class, &was, &became)
		if err == nil {
			p.step(seq, item, class, was, became)
		}
		return err
	}, `SELECT e.seq, e.item, COALESCE(i.class, ''), e.was, e.became
		FROM item_events e LEFT JOIN items i ON i.id = e.item
		ORDER BY e.seq LIMIT -1`)
	if err != nil {
		return nil, err
	}
	err = data.Each(ctx, q, func(r *data.Rows) error {
		var id string
		var origin Origin
		err := r.Scan(&id, &origin)
		switch state := p.state[id]; {
		case err != nil:
		case state == unborn:
			p.say("items: %s has no event", id)
		case origin == House && state != Served && state != Retracted && state != Collected:
			p.say("items: %s is of the house and %s: it is made to be served, or collected, at once", id, state)
		}
		return err
	}, `SELECT id, origin FROM items ORDER BY id LIMIT -1`)
	return p.bad, err
}

// checkShelf compares the projection with what the ledger says, row by row, both ways; each by its key, for a full join of
// two such lists takes the square of ten years.
func checkShelf(ctx context.Context, q data.Querier) ([]string, error) {
	return data.All(ctx, q, func(r *data.Rows) (string, error) {
		var id, got, want string
		err := r.Scan(&id, &got, &want)
		return fmt.Sprintf("shelf: item %s is %s, the ledger says %s", id, got, want), err
	}, `
		WITH both AS (
			SELECT i.id AS item, i.class || ' ' || i.origin || ' ' || e.became || ' since ' || (SELECT MIN(seq) FROM item_events WHERE item = i.id) AS ledger,
				s.class || ' ' || s.origin || ' ' || s.state || ' since ' || s.created AS shelf
			FROM items i LEFT JOIN item_events e ON e.seq = (SELECT MAX(seq) FROM item_events WHERE item = i.id) LEFT JOIN shelf s ON s.item = i.id
			UNION ALL
			SELECT item, NULL, class || ' ' || origin || ' ' || state || ' since ' || created FROM shelf WHERE item NOT IN (SELECT id FROM items)
		)
		SELECT item, COALESCE(shelf, 'missing'), COALESCE(ledger, 'nothing') FROM both WHERE ledger IS NOT shelf
		ORDER BY 1 LIMIT -1`)
}

// checkIDs verifies that each id follows from its source, and that the releases of an account are 1, 2, 3… without
// a gap.
func checkIDs(ctx context.Context, q data.Querier) ([]string, error) {
	type release struct{ last, count int }
	releases := map[string]release{}
	var accounts []string
	var bad []string
	err := data.Each(ctx, q, func(r *data.Rows) error {
		var id, account, day string
		var origin Origin
		var nth int
		var event int64
		if err := r.Scan(&id, &origin, &account, &nth, &event, &day); err != nil {
			return err
		}
		if !wellNamed(id, origin, account, nth, event, day) {
			bad = append(bad, fmt.Sprintf("items: %s does not follow from its source (%s, number %d, event %d)", id, origin, nth, event))
		}
		if origin == Loyalty {
			seen, known := releases[account]
			if !known {
				accounts = append(accounts, account)
			}
			releases[account] = release{max(seen.last, nth), seen.count + 1}
		}
		return nil
	}, `SELECT i.id, i.origin, i.account, i.nth, i.event, COALESCE(e.day, '')
		FROM items i
		LEFT JOIN shelf s ON s.item = i.id
		LEFT JOIN item_events e ON e.seq = s.created
		ORDER BY i.id LIMIT -1`)
	for _, account := range accounts {
		if r := releases[account]; r.last != r.count {
			bad = append(bad, fmt.Sprintf("items: account %s has %d releases, the last is number %d", account, r.count, r.last))
		}
	}
	return bad, err
}

// wellNamed reports whether an id is the one its source gives.
func wellNamed(id string, origin Origin, account string, nth int, event int64, day string) bool {
	if isConverted(id) {
		return origin != Loyalty && origin != House && id == fmt.Sprintf("%s%d.%d", conversionPrefix, event, nth)
	}
	switch origin {
	case Paid:
		rest, ok := strings.CutPrefix(id, "gift:")
		return ok && strings.HasSuffix(rest, "."+strconv.Itoa(nth))
	case Loyalty:
		return id == releasePrefix(account)+strconv.Itoa(nth)
	case House:
		return id == fmt.Sprintf("%s%d.%d", housePrefix(day), event, nth)
	case Sponsor:
		rest, ok := strings.CutPrefix(id, "sponsor:")
		return ok && strings.HasSuffix(rest, "."+strconv.Itoa(nth))
	case Fund:
		return id == fundItem(event, nth)
	}
	return false
}
