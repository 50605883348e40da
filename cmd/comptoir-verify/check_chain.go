package main

import (
	"cmp"
	"slices"
)

// given is an archive among those that were given together.
type given struct {
	input    string
	manifest *manifest
	sum      string // SHA-256 of its manifest
	chain    *chain
}

// checkTogether (16) holds the inputs against each other: one journal, the same entries wherever they overlap, and the
// hash of an archive's manifest wherever the journal records it.
func (v *verifier) checkTogether() {
	for i, a := range v.chains {
		for _, b := range v.chains[:i] {
			v.overlap(a, b)
		}
	}
	for _, a := range v.archives {
		v.report.input = a.input
		v.recorded(a)
		for _, l := range a.manifest.archives {
			v.report.count(checkArchive)
			if !v.knows(l.seq, l.manifest) {
				v.report.found(checkArchive, nil, "le manifeste annonce l'archive %s à l'écriture %d, qui n'est pas la sienne", shown(l.name), l.seq)
			}
		}
		if p := a.manifest.prev; p != nil && !v.knows(p.seq, p.doc) {
			v.report.found(checkArchive, nil, "le manifeste nomme comme archive précédente l'écriture %d, qui n'est pas celle de l'archive %s", p.seq, short(p.doc))
		}
	}
	v.holes()
	v.partial()
	v.report.input = ""
}

// overlap compares two inputs where they have the same entries.
func (v *verifier) overlap(a, b *chain) {
	if a.rules == nil || b.rules == nil {
		return
	}
	v.report.count(checkArchive)
	if a.id.journal != b.id.journal || a.rules.publicKey != b.rules.publicKey {
		v.report.found(checkArchive, nil, "« %s » et « %s » sont de journaux différents", a.input, b.input)
		return
	}
	for _, pair := range [][2]*chain{{a, b}, {b, a}} {
		for seq, hash := range pair[0].outside {
			if other, known := pair[1].hashAt(seq); known && other != hash {
				v.report.foundAt(checkArchive, seq, "l'écriture n'est pas la même dans « %s » et « %s »", a.input, b.input)
			}
		}
	}
	for seq := max(a.first, b.first, 0); seq < min(a.next, b.next); seq++ {
		x, _ := a.hashAt(seq)
		if y, _ := b.hashAt(seq); x != y {
			v.report.foundAt(checkArchive, seq, "l'écriture n'est pas la même dans « %s » et « %s »", a.input, b.input)
			return
		}
	}
}

// recorded compares the manifest of an archive with the ARCHIVE entries of the same range.
func (v *verifier) recorded(a given) {
	known := false
	for _, c := range v.chains {
		for seq, m := range c.archive.made {
			if m.name != a.manifest.name || m.from != a.manifest.from || m.to != a.manifest.to {
				continue
			}
			known = true
			v.report.count(checkArchive)
			if m.manifest != a.sum {
				v.report.foundAt(checkArchive, seq, "l'archive %s n'est pas celle que le journal a enregistrée à l'écriture %d", shown(m.name), seq)
			}
		}
	}
	if !known && a.manifest.kind != "all" {
		v.report.unchecked(checkArchive, "l'enregistrement de %s par le journal : l'écriture ARCHIVE n'est pas dans ce qui a été donné", shown(a.manifest.name))
	}
}

// knows reports whether no input contradicts that an ARCHIVE entry has the hash of a manifest.
func (v *verifier) knows(seq int64, sum string) bool {
	for _, c := range v.chains {
		if _, here := c.hashAt(seq); here && c.archive.made[seq].manifest != sum {
			return false
		}
	}
	return true
}

// holes tells which entries lie between the archives that were given.
func (v *verifier) holes() {
	all := slices.Clone(v.archives)
	slices.SortFunc(all, func(a, b given) int { return cmp.Compare(a.manifest.from, b.manifest.from) })
	reached := int64(-1)
	for _, a := range all {
		if reached >= 0 && a.manifest.from > reached+1 {
			v.report.unchecked(checkArchive, "les écritures %d à %d : aucune archive donnée ne les contient", reached+1, a.manifest.from-1)
		}
		reached = max(reached, a.manifest.to)
	}
}

// partial tells of the closings whose sums no input allows to compute: their days are not all in one of them.
func (v *verifier) partial() {
	for _, c := range v.chains {
		for _, p := range c.closing.unsummed {
			elsewhere := slices.ContainsFunc(v.chains, func(o *chain) bool {
				_, here := o.hashAt(p.seq)
				return o != c && here && o.first <= p.fromSeq
			})
			if !elsewhere {
				v.report.unchecked(checkClosing, "les sommes de la clôture %s : ses journées ne sont pas toutes dans ce qui a été donné", shown(p.doc))
			}
		}
	}
}
