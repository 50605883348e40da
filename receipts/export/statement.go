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

// statement is what became of the suspended items of some months.
type statement struct {
	Format  string           `json:"format"`
	Demo    bool             `json:"demo"`
	Cafe    statementCafe    `json:"cafe"`
	From    string           `json:"from"`
	To      string           `json:"to"`
	Law     string           `json:"law"` // what adds up, in words of this format
	Classes []statementClass `json:"classes"`
	Opening *head            `json:"opening"` // closing of the day before From; null when the journal begins later
	Closing *head            `json:"closing"` // closing of To
}

type statementCafe struct {
	Name    string `json:"name"`
	SIRET   string `json:"siret"`
	Journal string `json:"journal"`
}

// head names a closing so that whoever has the journal can find it, and whoever has the paper can hold it against it.
type head struct {
	Number string `json:"number"`
	Day    string `json:"day"`
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`
	QR     string `json:"qr"`
}

// statementClass is one class, in items: Waited + Given + Cards + Others = Served + Partners + Returned + Retracted + Waits.
type statementClass struct {
	Class     string           `json:"class"`
	Waited    int64            `json:"waited"`    // on the shelf when From began
	Given     int64            `json:"given"`     // bought by customers
	Cards     int64            `json:"cards"`     // earned by nine paid meals
	Others    int64            `json:"others"`    // sponsors, funds and corrections, net
	Served    int64            `json:"served"`    // from the shelf
	ServedBy  map[string]int64 `json:"served_by"` // of those, by origin
	Partners  int64            `json:"partners"`  // collected by associations
	Returned  int64            `json:"returned"`  // gifts refunded
	Retracted int64            `json:"retracted"` // cards' meals taken back with the meals that earned them
	Waits     int64            `json:"waits"`     // on the shelf when To ended
	House     int64            `json:"house"`     // besides: offered by the café, never on the shelf
}

const statementLaw = "waited + given + cards + others = served + partners + returned + retracted + waits"

// state adds up the days asked for, and asserts that every class adds up.
func state(in Input) (statement, error) {
	s := statement{
		Format: "comptoir-solidarity/1", Demo: in.Cafe.Demo, Cafe: statementCafe{in.Cafe.Name, in.Cafe.SIRET, in.Cafe.Journal},
		From: in.From, To: in.To, Law: statementLaw, Classes: []statementClass{},
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
	}
	for _, c := range s.Classes {
		if had, went := c.Waited+c.Given+c.Cards+c.Others, c.Served+c.Partners+c.Returned+c.Retracted+c.Waits; had != went {
			return s, wrong(days[len(days)-1], "class %s: %d came, %d went or wait", c.Class, had, went)
		}
	}
	return s, nil
}

// class returns the row of a class, in the order of their names.
func (s *statement) class(name string, waited map[string]int64) *statementClass {
	at, found := slices.BinarySearchFunc(s.Classes, name, func(c statementClass, n string) int { return bytes.Compare([]byte(c.Class), []byte(n)) })
	if !found {
		s.Classes = slices.Insert(s.Classes, at, statementClass{Class: name, Waited: waited[name], ServedBy: map[string]int64{}})
	}
	return &s.Classes[at]
}

// add counts one day.
func (c *statementClass) add(d journal.CloseSuspended) {
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

func (in Input) headOf(d Day) *head {
	h := hexHash(d.Hash)
	return &head{d.Number, d.Body.ToDay, d.Seq, h, journal.PrintedAnchor(in.Cafe.Journal, d.Seq, d.Hash, d.Number)}
}

func statementJSON(in Input) ([]byte, error) {
	s, err := state(in)
	if err != nil {
		return nil, err
	}
	return pretty(s)
}

func statementCSV(in Input) ([]byte, error) {
	s, err := state(in)
	if err != nil {
		return nil, err
	}
	rows := [][]string{{
		"Du", "Au", "Sorte", "En attente au début", "Offerts par des clients", "Repas des cartes", "Mécènes, fonds, corrections", "Servis", "Remis à des associations",
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
