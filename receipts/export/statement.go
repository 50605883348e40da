package export

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strconv"

	"comptoir/receipts/journal"
	"comptoir/receipts/table"
)

// originHouse is an item that the café offered: it was never on the shelf.
const originHouse = journal.OriginHouse

// Statement is what became of the suspended items of some months.
type Statement struct {
	Format  string           `json:"format"`
	Demo    bool             `json:"demo"`
	Cafe    StatementCafe    `json:"cafe"`
	From    string           `json:"from"`
	To      string           `json:"to"`
	Law     string           `json:"law"` // what adds up, in words of this format
	Classes []StatementClass `json:"classes"`
	Ceiling *Ceiling         `json:"ceiling"` // of the meals that cards have put on the shelf, as the till states it; null: it does not
	Opening *Head            `json:"opening"` // closing of the day before From; null when the journal begins later
	Closing *Head            `json:"closing"` // closing of To
}

// StatementCafe is whose statement it is.
type StatementCafe struct {
	Name    string `json:"name"`
	SIRET   string `json:"siret"`
	Journal string `json:"journal"`
}

// Head names a closing so that whoever has the journal can find it, and whoever has the paper can hold it against it.
type Head struct {
	Number string `json:"number"`
	Day    string `json:"day"`
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`
	QR     string `json:"qr"`
}

// StatementClass is one class, in items: Waited + Given + Cards + Others = Served + Partners + Returned + Retracted + Waits.
type StatementClass struct {
	Class     string           `json:"class"`
	Waited    int64            `json:"waited"`      // on the shelf when From began
	Given     int64            `json:"given"`       // bought by customers
	Cards     int64            `json:"cards"`       // earned by nine paid meals
	Others    int64            `json:"others"`      // funds, items of the house for associations, conversions and corrections, net
	OthersBy  map[string]int64 `json:"others_by"`   // of those, by cause
	Served    int64            `json:"served"`      // from the shelf
	ServedBy  map[string]int64 `json:"served_by"`   // of those, by origin
	Partners  int64            `json:"partners"`    // collected by associations
	PartnerBy map[string]int64 `json:"partners_by"` // of those, by origin
	Returned  int64            `json:"returned"`    // gifts refunded
	Retracted int64            `json:"retracted"`   // cards' meals taken back with the meals that earned them
	Waits     int64            `json:"waits"`       // on the shelf when To ended
	House     int64            `json:"house"`       // besides: offered by the café, never on the shelf
}

const statementLaw = "waited + given + cards + others = served + partners + returned + retracted + waits"

// Ceiling is how many meals cards may have put on the shelf in all, since the first day (I6): one for nine that were paid. What
// is released beyond it was advanced by the house: a meal was eaten before one of the nine was refunded.
type Ceiling struct {
	Meals    int64 `json:"meals"`    // paid for and not refunded, whether a card was stamped or not
	Without  int64 `json:"without"`  // stamps without a meal: taken over from paper cards, and given as an apology
	Earned   int64 `json:"earned"`   // ⌊(meals + without) ÷ 9⌋
	Released int64 `json:"released"` // less those taken back
}

// Adjust is what moved a pool and is neither a sale, a release nor a serving.
type Adjust struct {
	Class, Cause, Origin string
	Qty                  int64
}

// State adds up the days asked for, and asserts that every class adds up.
func State(in Input) (Statement, error) {
	s := Statement{
		Format: "comptoir-solidarity/2", Demo: in.Cafe.Demo, Cafe: StatementCafe{in.Cafe.Name, in.Cafe.SIRET, in.Cafe.Journal},
		From: in.From, To: in.To, Law: statementLaw, Classes: []StatementClass{}, Ceiling: in.Ceiling,
	}
	days := in.asked()
	waited := map[string]int64{}
	if before := len(in.Days) - len(days); before > 0 {
		last := in.Days[before-1]
		s.Opening = in.headOf(last)
		for _, c := range last.Body.Suspended {
			waited[c.Class] = c.Shelf
		}
	}
	for _, d := range days {
		s.Closing = in.headOf(d)
		for _, c := range d.Body.Suspended {
			s.class(c.Class, waited).add(c)
		}
		for _, a := range d.Adjusts {
			s.class(a.Class, waited).adjust(a)
		}
	}
	for _, c := range s.Classes {
		if had, went := c.Came(), c.Went(); had != went {
			return s, wrong(days[len(days)-1], "class %s: %d came, %d went or wait", c.Class, had, went)
		}
		if others, partners := sum(c.OthersBy), sum(c.PartnerBy); others != c.Others || partners != c.Partners {
			return s, wrong(days[len(days)-1], "class %s: %d others by cause, %d in all; %d to partners by origin, %d in all", c.Class, others, c.Others, partners, c.Partners)
		}
	}
	return s, nil
}

// class returns the row of a class, in the order of their names.
func (s *Statement) class(name string, waited map[string]int64) *StatementClass {
	at, found := slices.BinarySearchFunc(s.Classes, name, func(c StatementClass, n string) int { return bytes.Compare([]byte(c.Class), []byte(n)) })
	if !found {
		s.Classes = slices.Insert(s.Classes, at, StatementClass{Class: name, Waited: waited[name], OthersBy: map[string]int64{}, ServedBy: map[string]int64{}, PartnerBy: map[string]int64{}})
	}
	return &s.Classes[at]
}

// Came is one side of the law: what waited and what came in.
func (c StatementClass) Came() int64 { return c.Waited + c.Given + c.Cards + c.Others }

// Went is the other: what went and what waits.
func (c StatementClass) Went() int64 {
	return c.Served + c.Partners + c.Returned + c.Retracted + c.Waits
}

// add counts one day.
func (c *StatementClass) add(d journal.CloseSuspended) {
	c.Given += d.Pledged
	c.Cards += d.Released
	c.Others += d.Others
	c.Partners += d.Collected
	c.Returned += d.Returned
	c.Retracted += d.Retracted
	c.Waits = d.Shelf
	for _, s := range d.Served {
		if s.Origin == originHouse {
			c.House += s.N
			continue
		}
		c.Served += s.N
		c.ServedBy[s.Origin] += s.N
	}
}

// adjust counts one entry apart by its cause, or by the origin of what an association has taken.
func (c *StatementClass) adjust(a Adjust) {
	if a.Cause == journal.AdjustCollected {
		c.PartnerBy[a.Origin] -= a.Qty
		return
	}
	c.OthersBy[a.Cause] += a.Qty
}

func sum(by map[string]int64) (n int64) {
	for _, k := range by {
		n += k
	}
	return n
}

func (in Input) headOf(d Day) *Head {
	h := hexHash(d.Hash)
	return &Head{d.Number, d.Body.ToDay, d.Seq, h, journal.PrintedAnchor(in.Cafe.Journal, d.Seq, d.Hash, d.Number)}
}

func statementJSON(in Input) ([]byte, error) {
	s, err := State(in)
	if err != nil {
		return nil, err
	}
	return pretty(s)
}

func statementCSV(in Input) ([]byte, error) {
	s, err := State(in)
	if err != nil {
		return nil, err
	}
	rows := [][]string{{
		"Du", "Au", "Sorte", "En attente au début", "Offerts par des clients et des mécènes", "Repas des cartes", "Fonds, maison, conversions, corrections", "Servis", "Remis à des associations",
		"Offerts remboursés", "Repas des cartes repris", "En attente à la fin", "Servis en plus par la maison", "Clôture", "Écriture", "Empreinte",
	}}
	for _, c := range s.Classes {
		row := []string{s.From, s.To, className(c.Class)}
		for _, n := range []int64{c.Waited, c.Given, c.Cards, c.Others, c.Served, c.Partners, c.Returned, c.Retracted, c.Waits, c.House} {
			row = append(row, integer(n))
		}
		rows = append(rows, append(row, s.Closing.Number, integer(s.Closing.Seq), s.Closing.Hash))
	}
	var b bytes.Buffer
	return written(table.New(&b), &b, rows)
}

// className is what a class is called where files are read.
func className(class string) string {
	switch class {
	case "coffee":
		return "Cafés"
	case "meal":
		return "Repas"
	}
	return class
}

func hexHash(hash [32]byte) string { return hex.EncodeToString(hash[:]) }

func integer(n int64) string { return strconv.FormatInt(n, 10) }
