package main

import "strings"

// linkCheck (5): the chain of hashes, without a gap, of one journal, in time.
type linkCheck struct {
	day string // bday of the newest entry but closings
}

const noHash = "0000000000000000000000000000000000000000000000000000000000000000"

func (l *linkCheck) pass(c *chain, e *entry) {
	c.r.count(checkLink)
	at := e.row.seq
	switch {
	case c.last == nil:
		c.next = at
		if c.span.whole && at != 0 {
			c.r.found(checkLink, e, "le journal commence à l'écriture %d : ce qui précède manque", at)
		}
		if hash, known := c.hashAt(at - 1); known {
			c.prev = hash
		} else if at == 0 {
			c.prev = noHash
		}
	case at > c.next:
		c.r.found(checkLink, e, "il manque %s écriture(s) avant celle-ci : %d était attendue", counted(at-c.next), c.next)
	case at < c.next:
		c.r.found(checkLink, e, "l'écriture %d est en double ou n'est pas à sa place : %d était attendue", at, c.next)
	}
	if !e.readable {
		return
	}
	if e.seq != at {
		c.r.found(checkLink, e, "l'écriture dit être la %d", e.seq)
	}
	switch {
	case c.prev != "" && e.prev != c.prev:
		c.r.found(checkLink, e, "« prev » n'est pas l'empreinte de l'écriture précédente : la chaîne est rompue ici")
	case c.prev == "":
		c.r.unchecked(checkLink, "le lien de la première écriture (%d) : celle d'avant n'est pas dans l'archive", at)
	}
	if (e.kind == kindGenesis) != (at == 0) {
		c.r.found(checkLink, e, "l'acte de fondation est l'écriture 0, et aucune autre")
	}
	if c.last != nil && e.ts.Before(c.last.ts) {
		c.r.found(checkLink, e, "l'horodatage %s est antérieur à celui de l'écriture précédente", e.stamp)
	}
	if !isClosing(e.kind) {
		if e.day < l.day {
			c.r.found(checkLink, e, "la journée %s est antérieure à celle d'une écriture précédente, %s", e.day, l.day)
		}
		l.day = strings.Clone(e.day)
	}
}

func isClosing(kind string) bool { return kind == kindDay || kind == kindMonth || kind == kindYear }

// checkEnvelopeOf checks what an envelope must be by itself.
func checkEnvelopeOf(e *entry) {
	e.must(checkCanonical, e.v == 1, "la version %d du format est inconnue", e.v)
	e.must(checkCanonical, e.op != "", "l'opérateur manque")
	e.must(checkCanonical, abs(e.tz) <= 14*60, "le fuseau horaire de %d minutes n'existe pas", e.tz)
	e.must(checkCanonical, coreMajor(e.core) > 0, "la version du noyau fiscal « %s » n'est pas lisible", shown(e.core))
	series := seriesOf(e.kind, e.training)
	e.must(checkSeries, series != "" || !e.numbered, "une écriture %s ne porte pas de numéro de document", shown(e.kind))
	e.must(checkSeries, series == "" || e.numbered, "le numéro de document manque")
}

// checkIdentity checks that an entry is of the journal, the till and the café of the genesis.
func (c *chain) checkIdentity(e *entry) {
	if c.rules == nil {
		c.r.unchecked(checkLink, "l'identité de la caisse : l'acte de fondation manque ou est illisible")
		return
	}
	if e.journal != c.id.journal || e.reg != c.id.reg || e.siret != c.id.siret {
		c.r.found(checkLink, e, "l'écriture est d'un autre journal, d'une autre caisse ou d'un autre établissement")
	}
}
