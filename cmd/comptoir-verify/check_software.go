package main

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// version is what wrote an entry.
type version struct{ sw, core string }

type versionUse struct{ first, last, n int64 }

// softwareCheck (18): the versions that wrote the journal; a new major version of the fiscal core is told by an event.
type softwareCheck struct {
	seen    map[version]*versionUse
	major   int64
	changed *entry // the first entry of a new major version that no event has told yet
}

// coreMajor is the first number of a version, 0 when it is not readable. A major version changes when one of the four
// conditions of the law may be affected (R3).
func coreMajor(core string) int64 {
	parts := strings.Split(core, ".")
	n, err := strconv.ParseInt(parts[0], 10, 32)
	if err != nil || len(parts) != 3 {
		return 0
	}
	return n
}

func (s *softwareCheck) pass(c *chain, e *entry) {
	v := version{c.words.keep(e.sw), c.words.keep(e.core)}
	use := s.seen[v]
	if use == nil {
		use = &versionUse{first: e.seq}
		s.seen[v] = use
		c.r.count(checkSoftware)
	}
	use.last, use.n = e.seq, use.n+1
	major := coreMajor(e.core)
	if s.major != 0 && major != s.major {
		s.changed = &entry{envelope: e.envelope, row: raw{seq: e.seq}}
	}
	s.major = major
	if b, ok := e.body.(*event); ok && strings.HasPrefix(b.code, "UPDATE") {
		s.changed = nil
	}
}

func (s *softwareCheck) end(c *chain) {
	if s.changed != nil {
		c.r.warn(checkSoftware, s.changed, "la version majeure du noyau fiscal change à cette écriture (%s) sans événement de mise à jour : une nouvelle attestation est nécessaire", shown(s.changed.core))
	}
}

// list is the versions in the order of their first entry.
func (s *softwareCheck) list() []versionLine {
	var all []versionLine
	for _, v := range slices.SortedFunc(maps.Keys(s.seen), func(a, b version) int { return cmp.Compare(s.seen[a].first, s.seen[b].first) }) {
		u := s.seen[v]
		all = append(all, versionLine{v.sw, v.core, u.first, u.last, u.n})
	}
	return all
}

// versionLine is one version in the report.
type versionLine struct {
	Software string `json:"software"`
	Core     string `json:"core"`
	First    int64  `json:"first_seq"`
	Last     int64  `json:"last_seq"`
	Entries  int64  `json:"entries"`
}
