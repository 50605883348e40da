package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
)

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

// sort puts what was found in the order of the journal.
func (r *report) sort() {
	order := func(a, b anomaly) int {
		return cmp.Or(strings.Compare(a.Input, b.Input), cmp.Compare(a.at(), b.at()))
	}
	slices.SortStableFunc(r.anomalies, order)
	slices.SortStableFunc(r.warnings, order)
}

func (a anomaly) at() int64 {
	if a.Seq == nil {
		return -1
	}
	return *a.Seq
}

// result is the report for programs.
type result struct {
	Verifier  string     `json:"verifier"`
	Result    string     `json:"result"` // conform, warnings or anomaly
	Conform   bool       `json:"conform"`
	Inputs    []subject  `json:"inputs"`
	Checks    []*outcome `json:"checks"`
	Anomalies []anomaly  `json:"anomalies"`
	More      int64      `json:"more"` // anomalies beyond those listed
	Warnings  []anomaly  `json:"warnings"`
	Unlisted  int64      `json:"more_warnings"`
}

// subject is one input in the report. Amounts are cents.
type subject struct {
	File     string           `json:"file"`
	Journal  string           `json:"journal"`
	Reg      string           `json:"reg"`
	SIRET    string           `json:"siret"`
	Name     string           `json:"name"`
	Demo     bool             `json:"demo"`
	Custody  string           `json:"custody"`
	Entries  int64            `json:"entries"`
	From     int64            `json:"from_seq"`
	To       int64            `json:"to_seq"`
	FromTime string           `json:"from_time"`
	ToTime   string           `json:"to_time"`
	FromDay  string           `json:"from_day"`
	ToDay    string           `json:"to_day"`
	Head     string           `json:"head_hash"`
	PerpNet  int64            `json:"perp_net"`
	PerpAbs  int64            `json:"perp_abs"`
	YearNet  int64            `json:"year_net"`
	Kinds    map[string]int64 `json:"kinds"`
	Versions []versionLine    `json:"versions"`
	Keys     []string         `json:"keys"`
	Prints   []string         `json:"key_hashes"`   // SHA-256 of each key as DER, hex
	Expected bool             `json:"key_expected"` // --key said which key the first has to be
	Clock    int64            `json:"clock_anomalies"`
}

func (c *chain) subject() subject {
	s := subject{File: c.input, Entries: c.passed, From: c.begun, To: c.next - 1, Kinds: c.byKind, Versions: c.soft.list(), Clock: c.custody.clock,
		PerpNet: c.totals.net, PerpAbs: c.totals.abs, YearNet: c.totals.yearNet, Journal: c.id.journal, Reg: c.id.reg, SIRET: c.id.siret}
	if c.rules != nil {
		s.Name, s.Demo, s.Custody = c.rules.name, c.rules.demo, c.rules.custody
	}
	if c.last != nil {
		s.Head, s.ToTime, s.ToDay = c.last.hex(), c.last.stamp, c.last.day
		s.FromTime, s.FromDay = c.fromTime, c.fromDay
	}
	for _, k := range c.keys.keys {
		der, _ := base64.StdEncoding.DecodeString(k.text) // what is no key has been reported
		sum := sha256.Sum256(der)
		s.Keys, s.Prints = append(s.Keys, k.id), append(s.Prints, hex.EncodeToString(sum[:]))
	}
	s.Expected = c.keys.expected != ""
	return s
}

func (v *verifier) result() result {
	r := v.report
	out := result{Verifier: programVersion, Conform: r.conform(), Anomalies: r.anomalies, More: r.more, Warnings: r.warnings, Unlisted: r.unlisted,
		Result: map[int]string{exitConform: "conform", exitAnomaly: "anomaly", exitWarnings: "warnings"}[r.exit()], Inputs: []subject{}}
	for _, c := range v.chains {
		out.Inputs = append(out.Inputs, c.subject())
	}
	for _, t := range checkTitles() {
		out.Checks = append(out.Checks, r.outcomes[t.id])
	}
	if out.Anomalies == nil {
		out.Anomalies = []anomaly{}
	}
	if out.Warnings == nil {
		out.Warnings = []anomaly{}
	}
	return out
}

// print writes the report for people.
func (v *verifier) print(w io.Writer) error {
	var b bytes.Buffer
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put("comptoir-verify %s — vérification indépendante d'un journal de caisse", programVersion)
	for _, c := range v.chains {
		c.subject().print(put)
	}
	put("\nContrôles")
	for i, t := range checkTitles() {
		v.report.outcomes[t.id].print(put, i+1)
	}
	v.report.printFindings(put)
	_, err := w.Write(b.Bytes())
	return err
}

func (s subject) print(put func(string, ...any)) {
	put("\nFichier        %s", s.File)
	put("Établissement  %s, SIRET %s, caisse %s", orNone(s.Name), orNone(s.SIRET), orNone(s.Reg))
	if s.Demo {
		put("               DÉMONSTRATION : ce journal n'est pas celui d'un commerce")
	}
	put("Journal        %s, clé conservée : %s", orNone(s.Journal), orNone(s.Custody))
	if s.Entries == 0 {
		put("Écritures      aucune")
		return
	}
	put("Écritures      %s, de la %d à la %d", counted(s.Entries), s.From, s.To)
	put("Période        du %s (%s UTC) au %s (%s UTC)", s.FromDay, s.FromTime, s.ToDay, s.ToTime)
	var kinds []string
	for _, k := range []struct{ kind, one string }{
		{kindTicket, "tickets"}, {kindRefund, "avoirs"}, {kindNote, "notes"}, {kindDuplicate, "duplicatas"}, {kindInvoice, "factures"}, {kindRedeem, "suspendus servis"},
		{kindDay, "clôtures de jour"}, {kindMonth, "de mois"}, {kindYear, "d'exercice"}, {kindArchive, "archives"}, {kindEvent, "événements"},
	} {
		if n := s.Kinds[k.kind]; n > 0 {
			kinds = append(kinds, counted(n)+" "+k.one)
		}
	}
	put("Dont           %s", strings.Join(kinds, ", "))
	put("Totaux         perpétuel net %s, perpétuel absolu %s, exercice %s", euros(s.PerpNet), euros(s.PerpAbs), euros(s.YearNet))
	for _, l := range s.Versions {
		put("Logiciel       %s, noyau fiscal %s : écritures %d à %d", shown(l.Software), shown(l.Core), l.First, l.Last)
	}
	for i, id := range s.Keys {
		put("Clé            %s, SHA-256 %s", id, s.Prints[i])
	}
	if !s.Expected {
		put("               aucune clé attendue n'a été donnée (--key) : un journal entièrement refait avec une autre clé serait")
		put("               conforme aussi ; comparez l'empreinte de la première avec celle d'une archive plus ancienne")
	}
	if s.Clock > 0 {
		put("Horloge        %s anomalie(s) d'horloge enregistrée(s)", counted(s.Clock))
	}
	put("Dernière       écriture %d, empreinte %s", s.To, s.Head)
}

func (o *outcome) print(put func(string, ...any), n int) {
	state := fmt.Sprintf("conforme, %s contrôle(s)", counted(o.Checked))
	switch {
	case o.Anomalies > 0:
		state = fmt.Sprintf("%s ANOMALIE(S)", counted(o.Anomalies))
	case o.Checked == 0:
		state = "sans objet"
	}
	put("%3d. %s : %s", n, o.Title, state)
	if o.Unchecked != "" {
		put("     Non contrôlé : %s", o.Unchecked)
	}
}

func (r *report) printFindings(put func(string, ...any)) {
	for _, list := range []struct {
		title string
		all   []anomaly
		more  int64
	}{{"Anomalies", r.anomalies, r.more}, {"Réserves", r.warnings, r.unlisted}} {
		if len(list.all) == 0 {
			continue
		}
		put("\n%s", list.title)
		for _, a := range list.all {
			put("  - %s", a)
		}
		if list.more > 0 {
			put("  et %s autres", counted(list.more))
		}
	}
	put("\nRésultat : %s", map[int]string{
		exitConform:  "CONFORME. Rien n'a été modifié, retiré ni ajouté depuis la signature de chaque écriture.",
		exitAnomaly:  "NON CONFORME. Conservez ce fichier tel quel : les anomalies ci-dessus disent où et quoi.",
		exitWarnings: "CONFORME AVEC RÉSERVES. Rien n'a été modifié ; les réserves ci-dessus demandent une explication.",
	}[r.exit()])
}

// String writes a finding as a sentence.
func (a anomaly) String() string {
	where := ""
	if a.Seq != nil {
		where = fmt.Sprintf("Écriture %d", *a.Seq)
	}
	if a.Doc != "" {
		where += ", document " + a.Doc
	}
	if a.Input != "" {
		where = strings.TrimPrefix(where+" ("+a.Input+")", " ")
	}
	return strings.TrimPrefix(where+" : "+a.Detail+" ["+a.Check+"]", " : ")
}
