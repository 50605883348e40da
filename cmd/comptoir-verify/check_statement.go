package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// mealsPerRelease is how many paid meals make one of a card.
const mealsPerRelease = 9

// published is a statement of solidarity as the café hands it out (receipts/export/FORMAT.md §5).
type published struct {
	Format string `json:"format"`
	Demo   bool   `json:"demo"`
	Cafe   struct {
		Name    string `json:"name"`
		SIRET   string `json:"siret"`
		Journal string `json:"journal"`
	} `json:"cafe"`
	From    string           `json:"from"`
	To      string           `json:"to"`
	Law     string           `json:"law"`
	Classes []publishedClass `json:"classes"`
	Ceiling *struct {
		Meals    int64 `json:"meals"`
		Without  int64 `json:"without"`
		Earned   int64 `json:"earned"`
		Released int64 `json:"released"`
	} `json:"ceiling"`
	Opening *publishedHead `json:"opening"`
	Closing *publishedHead `json:"closing"`
}

type publishedHead struct {
	Number string `json:"number"`
	Day    string `json:"day"`
	Seq    int64  `json:"seq"`
	Hash   string `json:"hash"`
	QR     string `json:"qr"`
}

type publishedClass struct {
	Class     string           `json:"class"`
	Waited    int64            `json:"waited"`
	Given     int64            `json:"given"`
	Cards     int64            `json:"cards"`
	Others    int64            `json:"others"`
	OthersBy  map[string]int64 `json:"others_by"`
	Served    int64            `json:"served"`
	ServedBy  map[string]int64 `json:"served_by"`
	Partners  int64            `json:"partners"`
	PartnerBy map[string]int64 `json:"partners_by"`
	Returned  int64            `json:"returned"`
	Retracted int64            `json:"retracted"`
	Waits     int64            `json:"waits"`
	House     int64            `json:"house"`
}

// statementCheck (22): a statement says what the closings and the entries of its days say.
type statementCheck struct {
	name    string
	says    published
	classes map[string]*publishedClass // added up here
	days    map[string]bool            // closed days of the range that were met
	entries map[int64]bool             // SUSP_ADJUST and SUSP_RELEASE that were met: two files may have the same
	release int64
	whole   bool // the journal was met from its genesis on
	earlier bool // a day before the range was met
	opened  string
	closed  string // hash met at the place of each of the two closings; "" when the place was not met
}

// readStatement reads a statement. An error means that it is none.
func readStatement(name string) (*statementCheck, error) {
	no := func(err error) error {
		return fmt.Errorf("%s : ce n'est pas un relevé de solidarité (.json) : %w", shown(name), err)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s : ce fichier ne peut pas être lu : %w", shown(name), err)
	}
	text, err := io.ReadAll(io.LimitReader(f, smallMax+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, no(err)
	}
	if len(text) > smallMax {
		return nil, no(errors.New("il est trop grand"))
	}
	s := &statementCheck{name: shown(name), classes: map[string]*publishedClass{}, days: map[string]bool{}, entries: map[int64]bool{}}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&s.says); err != nil {
		return nil, no(err)
	}
	if s.says.Format != "comptoir-solidarity/2" {
		return nil, no(fmt.Errorf("format « %s »", shown(s.says.Format)))
	}
	if s.says.Closing == nil || nextDay(s.says.From) == "" || nextDay(s.says.To) == "" || s.says.From > s.says.To {
		return nil, no(errors.New("il n'est d'aucune période"))
	}
	return s, nil
}

// state reads the statements that are to be held against the journal.
func (v *verifier) state(names []string) error {
	for _, name := range names {
		s, err := readStatement(name)
		if err != nil {
			return err
		}
		v.states = append(v.states, s)
	}
	return nil
}

func (v *verifier) endStatements() error {
	for _, s := range v.states {
		if err := s.end(v.report); err != nil {
			return err
		}
	}
	return nil
}

// state hands an entry to the statements.
func (c *chain) state(e *entry, inside bool) {
	for _, s := range c.states {
		s.pass(e, inside)
	}
}

// pass takes an entry of a journal; inside tells the range of an input from what it only remembers.
func (s *statementCheck) pass(e *entry, inside bool) {
	if e.journal != s.says.Cafe.Journal || e.training {
		return
	}
	if e.kind == kindGenesis && inside {
		s.whole = true
	}
	if b, ok := e.body.(*closing); ok && e.kind == kindDay {
		s.closing(e, b, inside)
	}
	b, ok := e.body.(*move)
	if !ok || !inside || s.entries[e.seq] || e.seq > s.says.Closing.Seq {
		return
	}
	switch {
	case e.kind == kindRelease:
		s.entries[e.seq] = true
		s.release += b.qty
	case e.kind == kindAdjust && s.covers(e.day):
		s.entries[e.seq] = true
		c := s.class(b.class)
		if b.cause == "collected" {
			c.PartnerBy[strings.Clone(b.origin)] -= b.qty
		} else {
			c.OthersBy[strings.Clone(b.cause)] += b.qty
		}
	}
}

func (s *statementCheck) covers(day string) bool { return s.says.From <= day && day <= s.says.To }

// closing takes the end of a day.
func (s *statementCheck) closing(e *entry, b *closing, inside bool) {
	switch open := s.says.Opening; {
	case b.toDay < s.says.From:
		s.earlier = true
		if open == nil || open.Seq != e.seq {
			return
		}
		s.opened = e.hex()
		for _, one := range b.suspended {
			s.class(one.class).Waited = one.left
		}
		return
	case !inside || !s.covers(b.toDay) || s.days[b.toDay]:
		return
	}
	if e.seq == s.says.Closing.Seq {
		s.closed = e.hex()
	}
	s.days[strings.Clone(b.toDay)] = true
	for _, one := range b.suspended {
		c := s.class(one.class)
		c.Given, c.Cards, c.Others, c.Partners = c.Given+one.pledged, c.Cards+one.released, c.Others+one.others, c.Partners+one.collected
		c.Returned, c.Retracted, c.Waits = c.Returned+one.returned, c.Retracted+one.retracted, one.left
		for _, served := range one.served {
			if served.origin == "HOUSE" {
				c.House += served.n
				continue
			}
			c.Served += served.n
			c.ServedBy[strings.Clone(served.origin)] += served.n
		}
	}
}

func (s *statementCheck) class(name string) *publishedClass {
	if s.classes[name] == nil {
		name = strings.Clone(name)
		s.classes[name] = &publishedClass{Class: name, OthersBy: map[string]int64{}, ServedBy: map[string]int64{}, PartnerBy: map[string]int64{}}
	}
	return s.classes[name]
}

// end compares, after all inputs. An error means that the files given are not those of its days, so that nothing was compared.
func (s *statementCheck) end(r *report) error {
	missing := func(what string) error {
		return fmt.Errorf("%s : le relevé va du %s au %s ; les fichiers donnés n'ont pas %s", s.name, shown(s.says.From), shown(s.says.To), what)
	}
	switch open := s.says.Opening; {
	case s.closed == "":
		return missing(fmt.Sprintf("la clôture %s, écriture %d du journal %s", shown(s.says.Closing.Number), s.says.Closing.Seq, shown(s.says.Cafe.Journal)))
	case open != nil && s.opened == "":
		return missing(fmt.Sprintf("la clôture %s d'où il part, écriture %d", shown(open.Number), open.Seq))
	case open == nil && !s.whole && !s.earlier:
		return missing("le début du journal, d'où il part")
	}
	defer func(input string) { r.input = input }(r.input)
	r.input = s.name
	s.heads(r)
	s.length(r)
	for _, c := range s.says.Classes {
		s.compare(r, c)
	}
	for _, name := range slices.Sorted(maps.Keys(s.classes)) {
		if !slices.ContainsFunc(s.says.Classes, func(c publishedClass) bool { return c.Class == name }) {
			r.add(checkStatement, nil, "", "la sorte « %s » du journal n'est pas dans le relevé", shown(name))
		}
	}
	s.ceiling(r)
	return nil
}

// heads holds the two closings against what stands at their places.
func (s *statementCheck) heads(r *report) {
	r.count(checkStatement)
	if s.closed != s.says.Closing.Hash {
		r.foundAt(checkStatement, s.says.Closing.Seq, "le relevé donne à sa clôture une autre empreinte que le journal")
	}
	open := s.says.Opening
	if open != nil && s.opened != open.Hash {
		r.foundAt(checkStatement, open.Seq, "le relevé donne à la clôture d'où il part une autre empreinte que le journal")
	}
	if open == nil && s.earlier {
		r.add(checkStatement, nil, "", "le relevé dit que rien n'attendait avant lui ; le journal a des jours plus anciens")
	}
}

// length holds that every day of the range was met: those of a journal that begins in it, from its first day on.
func (s *statementCheck) length(r *report) {
	r.count(checkStatement)
	days := slices.Sorted(maps.Keys(s.days))
	first := s.says.From
	if s.says.Opening == nil && len(days) > 0 {
		first = days[0]
	}
	for day := first; day != "" && day <= s.says.To; day = nextDay(day) {
		if !s.days[day] {
			r.add(checkStatement, nil, "", "le %s est dans le relevé, et sa clôture n'est pas dans les fichiers donnés", day)
			return
		}
	}
}

// compare holds one class against what was added up.
func (s *statementCheck) compare(r *report, c publishedClass) {
	own := s.class(c.Class)
	for _, n := range []struct {
		name         string
		says, counts int64
	}{
		{"waited", c.Waited, own.Waited}, {"given", c.Given, own.Given}, {"cards", c.Cards, own.Cards}, {"others", c.Others, own.Others},
		{"served", c.Served, own.Served}, {"partners", c.Partners, own.Partners}, {"returned", c.Returned, own.Returned},
		{"retracted", c.Retracted, own.Retracted}, {"waits", c.Waits, own.Waits}, {"house", c.House, own.House},
		{"waited + given + cards + others", c.Waited + c.Given + c.Cards + c.Others, c.Served + c.Partners + c.Returned + c.Retracted + c.Waits},
	} {
		r.count(checkStatement)
		if n.says != n.counts {
			r.add(checkStatement, nil, "", "« %s », %s : le relevé dit %d, le journal %d", shown(c.Class), n.name, n.says, n.counts)
		}
	}
	for _, n := range []struct {
		name         string
		says, counts map[string]int64
	}{{"others_by", c.OthersBy, own.OthersBy}, {"served_by", c.ServedBy, own.ServedBy}, {"partners_by", c.PartnerBy, own.PartnerBy}} {
		r.count(checkStatement)
		if !maps.Equal(n.says, n.counts) {
			r.add(checkStatement, nil, "", "« %s », %s : le relevé dit %s, le journal %v", shown(c.Class), n.name, shown(fmt.Sprint(n.says)), n.counts)
		}
	}
}

// ceiling checks one for nine, and the releases where the whole journal was met.
func (s *statementCheck) ceiling(r *report) {
	c := s.says.Ceiling
	if c == nil {
		return
	}
	r.count(checkStatement)
	if c.Meals < 0 || c.Without < 0 || c.Earned != (c.Meals+c.Without)/mealsPerRelease {
		r.add(checkStatement, nil, "", "un repas pour neuf : %d repas et %d tampons sans repas n'en font pas %d", c.Meals, c.Without, c.Earned)
	}
	if !s.whole {
		r.unchecked(checkStatement, "les repas des cartes depuis le premier jour : les fichiers donnés ne commencent pas avec le journal")
		return
	}
	r.count(checkStatement)
	if c.Released != s.release {
		r.add(checkStatement, nil, "", "repas des cartes depuis le premier jour : le relevé dit %d, le journal %d", c.Released, s.release)
	}
}
