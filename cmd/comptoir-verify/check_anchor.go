package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// anchor is the place of an entry as something outside the till remembers it (FORMAT.md §1).
type anchor struct {
	text    string // as it was given
	journal string // "": of the journal that is verified
	seq     int64
	hash    string
	at      time.Time // of that entry; zero: it does not say
	met     bool
}

// anchorCheck (15): the journal reaches what was seen outside, and has there what was seen.
type anchorCheck struct {
	list []*anchor
}

// anchorFileMax is more than any head file has.
const anchorFileMax = 4096

// readAnchor reads an anchor: a head file, its JSON, or the line of a printed closing.
func readAnchor(given string) (*anchor, error) {
	content := given
	if info, err := os.Stat(given); err == nil && !info.IsDir() {
		if info.Size() > anchorFileMax {
			return nil, fmt.Errorf("%s : ce fichier est trop grand pour une tête de journal", shown(given))
		}
		b, err := os.ReadFile(given)
		if err != nil {
			return nil, fmt.Errorf("%s : ce fichier ne peut pas être lu : %w", shown(given), err)
		}
		content = string(b)
	}
	content = strings.TrimSpace(content)
	a := &anchor{text: shown(given)}
	if f := strings.Split(content, " "); len(f) == 5 && f[0] == "CZ1" {
		seq, err := strconv.ParseInt(f[2], 10, 64)
		if err != nil {
			return nil, badAnchor(given)
		}
		a.journal, a.seq, a.hash = f[1], seq, f[3]
	} else if err := a.fromJSON(content); err != nil {
		return nil, badAnchor(given)
	}
	if !isHash(a.hash) || a.seq < 0 {
		return nil, badAnchor(given)
	}
	return a, nil
}

func badAnchor(given string) error {
	return fmt.Errorf(`« %s » n'est pas une tête de journal : un fichier head, {"seq": 12, "hash": "64 chiffres hexadécimaux"}, ou la ligne CZ1 d'un ticket Z`, shown(given))
}

func (a *anchor) fromJSON(text string) error {
	var f struct {
		Journal string `json:"journal"`
		Seq     *int64 `json:"seq"`
		Hash    string `json:"hash"`
		At      string `json:"at"`
	}
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return err
	}
	if f.Seq == nil {
		return fmt.Errorf("seq manque")
	}
	a.journal, a.seq, a.hash = f.Journal, *f.Seq, f.Hash
	if f.At == "" {
		return nil
	}
	at, err := time.Parse(stampForm, f.At)
	a.at = at
	return err
}

func isHash(s string) bool {
	return len(s) == len(noHash) && strings.Trim(s, "0123456789abcdef") == ""
}

// pass meets the anchors of an entry.
func (l *anchorCheck) pass(e *entry) {
	for _, a := range l.list {
		if a.seq == e.row.seq && a.hash == e.hex() && (a.journal == "" || a.journal == e.journal) {
			a.met = true
		}
	}
}

// end judges the anchors that were not met, after all inputs.
func (l *anchorCheck) end(r *report, chains []*chain) {
	if len(l.list) == 0 && slices.ContainsFunc(chains, func(c *chain) bool { return c.span.head }) {
		r.unchecked(checkAnchor, "la fin du journal : aucune tête relevée hors de la caisse n'a été donnée (--anchor), une fin retirée ne se verrait pas")
	}
	for _, a := range l.list {
		r.count(checkAnchor)
		if !a.met {
			a.judge(r, chains)
		}
	}
}

// judge tells an anchor that a RESUME declares, one that no input could hold, and one that is broken.
func (a *anchor) judge(r *report, chains []*chain) {
	for _, c := range chains {
		for _, s := range c.resumes {
			if s.declares(a, c.id.journal) {
				r.warn(checkAnchor, nil, "la tête « %s » n'est pas dans le journal ; la reprise de l'écriture %d le déclare", a.text, s.seq)
				return
			}
		}
	}
	for _, c := range chains {
		_, here := c.hashAt(a.seq)
		switch {
		case a.journal != "" && c.id.journal != "" && a.journal != c.id.journal:
			r.foundAt(checkAnchor, a.seq, "la tête « %s » est d'un autre journal, %s", a.text, shown(a.journal))
			return
		case here:
			r.foundAt(checkAnchor, a.seq, "l'écriture %d n'est pas celle qui a été vue hors de la caisse (%s) : le journal a été remplacé", a.seq, short(a.hash))
			return
		case c.span.head && a.seq >= c.next:
			r.foundAt(checkAnchor, a.seq, "le journal s'arrête à l'écriture %d, mais la %d (%s) a été vue hors de la caisse : la fin manque", c.next-1, a.seq, short(a.hash))
			return
		}
	}
	r.warn(checkAnchor, nil, "la tête « %s » (écriture %d) est hors de ce qui a été donné à vérifier : elle n'a pas pu être comparée", a.text, a.seq)
}

// declares reports whether a RESUME says that an anchor is not met (FORMAT.md §1). What was seen after it is not what was
// lost before it: then the journal was put back once more.
func (s resumed) declares(a *anchor, journal string) bool {
	if s.anchor == nil {
		return false
	}
	of := a.journal
	if of == "" {
		of = journal
	}
	if of == s.of && a.seq == s.anchor.seq && a.hash == s.anchor.hash {
		return true
	}
	return s.cause == "behind" && of == journal && a.seq > s.head.seq && a.seq < s.anchor.seq && !a.at.After(s.at)
}
