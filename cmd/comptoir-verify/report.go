package main

import "fmt"

// Limits of a report: what is beyond is counted.
const (
	anomaliesMax = 1000
	warningsMax  = 200
)

// The checks, by the numbers of fiscal §6.8. The last two are of an export's index, which no archive has, and of the statements given.
const (
	checkManifest   = "manifest"
	checkCanonical  = "canonical"
	checkHash       = "hash"
	checkSignature  = "signature"
	checkLink       = "link"
	checkSeries     = "series"
	checkArithmetic = "arithmetic"
	checkRefund     = "refund"
	checkPool       = "pool"
	checkTotals     = "totals"
	checkClosing    = "closing"
	checkClosedDay  = "closed_day"
	checkDuplicate  = "duplicate"
	checkTraining   = "training"
	checkAnchor     = "anchor"
	checkArchive    = "archive"
	checkProjection = "projection"
	checkSoftware   = "software"
	checkKey        = "key"
	checkCustody    = "custody"
	checkIndex      = "index"
	checkStatement  = "statement"
)

// checkTitle says in words what a check looks at.
type checkTitle struct{ id, title string }

// checkTitles lists the checks in the order of the report.
func checkTitles() []checkTitle {
	return []checkTitle{
		{checkManifest, "Manifeste de l'archive : signature, empreintes et tailles des fichiers"},
		{checkCanonical, "Octets de chaque écriture : forme canonique et contenu complet de son genre"},
		{checkHash, "Empreinte SHA-256 de chaque écriture"},
		{checkSignature, "Signature de chaque écriture par la clé en vigueur"},
		{checkLink, "Enchaînement : numéros sans trou, lien avec l'écriture précédente, identité, dates croissantes"},
		{checkSeries, "Numéros de documents sans trou par série et exercice"},
		{checkArithmetic, "Arithmétique des tickets : lignes, taux, TVA, totaux, paiements"},
		{checkRefund, "Avoirs, corrections et factures : jamais plus que le document d'origine"},
		{checkPool, "Suspendus : jamais moins que zéro en attente"},
		{checkTotals, "Totaux perpétuels et cumuls portés par chaque document"},
		{checkClosing, "Clôtures recalculées ; chaque jour, mois et exercice clos une seule fois"},
		{checkClosedDay, "Rien de daté d'un jour déjà clos"},
		{checkDuplicate, "Duplicatas numérotés sans trou"},
		{checkTraining, "Mode école exclu de tout total"},
		{checkAnchor, "Têtes relevées hors de la caisse (tickets Z, fichiers de tête)"},
		{checkArchive, "Chaînage des archives"},
		{checkProjection, "Tableaux CSV égaux au journal"},
		{checkSoftware, "Versions du logiciel"},
		{checkKey, "Changements de clé signés par la clé précédente"},
		{checkCustody, "Événements de sécurité à examiner"},
		{checkIndex, "Index des numéros et tables dérivées égaux au journal"},
		{checkStatement, "Relevés de solidarité : chaque nombre est celui des clôtures et des écritures"},
	}
}

// anomaly is one thing that is not as it was signed, or breaks a rule of the format.
type anomaly struct {
	Input  string `json:"input,omitempty"`
	Check  string `json:"check"`
	Seq    *int64 `json:"seq"` // null: of no entry
	Doc    string `json:"doc,omitempty"`
	Detail string `json:"detail"`
}

// outcome is what became of one check.
type outcome struct {
	Check     string `json:"check"`
	Title     string `json:"title"`
	Checked   int64  `json:"checked"` // how many things were looked at
	Anomalies int64  `json:"anomalies"`
	Unchecked string `json:"unchecked,omitempty"` // what could not be checked, and why
}

// report collects what the checks find.
type report struct {
	input     string // in hand
	outcomes  map[string]*outcome
	anomalies []anomaly
	more      int64 // beyond anomaliesMax
	warnings  []anomaly
	unlisted  int64 // warnings beyond warningsMax
}

func newReport() *report {
	r := &report{outcomes: map[string]*outcome{}}
	for _, t := range checkTitles() {
		r.outcomes[t.id] = &outcome{Check: t.id, Title: t.title}
	}
	return r
}

// count says that a check looked at one more thing.
func (r *report) count(check string) { r.outcomes[check].Checked++ }

// found adds an anomaly of an entry; e may be nil.
func (r *report) found(check string, e *entry, format string, args ...any) {
	if e == nil {
		r.add(check, nil, "", format, args...)
		return
	}
	r.add(check, &e.row.seq, e.doc, format, args...)
}

// foundAt adds an anomaly at a place where no entry is.
func (r *report) foundAt(check string, seq int64, format string, args ...any) {
	r.add(check, &seq, "", format, args...)
}

func (r *report) add(check string, seq *int64, doc, format string, args ...any) {
	r.outcomes[check].Anomalies++
	if len(r.anomalies) == anomaliesMax {
		r.more++
		return
	}
	r.anomalies = append(r.anomalies, r.finding(check, seq, doc, format, args...))
}

func (r *report) finding(check string, seq *int64, doc, format string, args ...any) anomaly {
	if seq != nil {
		own := *seq // the entry it stands in is used again
		seq = &own
	}
	return anomaly{Input: r.input, Check: check, Seq: seq, Doc: shown(doc), Detail: fmt.Sprintf(format, args...)}
}

// warn adds what is no anomaly and must be seen all the same.
func (r *report) warn(check string, e *entry, format string, args ...any) {
	if len(r.warnings) == warningsMax {
		r.unlisted++
		return
	}
	var seq *int64
	doc := ""
	if e != nil {
		seq, doc = &e.row.seq, e.doc
	}
	r.warnings = append(r.warnings, r.finding(check, seq, doc, format, args...))
}

// unchecked says what a check could not look at. The first reason stands.
func (r *report) unchecked(check, format string, args ...any) {
	if o := r.outcomes[check]; o.Unchecked == "" {
		o.Unchecked = fmt.Sprintf(format, args...)
	}
}

func (r *report) conform() bool { return len(r.anomalies) == 0 }

// Exit codes of the program.
const (
	exitConform  = 0
	exitAnomaly  = 1
	exitCannot   = 2
	exitWarnings = 3
)

func (r *report) exit() int {
	switch {
	case !r.conform():
		return exitAnomaly
	case len(r.warnings) > 0:
		return exitWarnings
	}
	return exitConform
}
