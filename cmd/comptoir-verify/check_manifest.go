package main

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

const manifestShape = `{format s, kind s, period s, name s, journal s, reg s, siret s,
	identity {address s, cutoff i, demo b, fiscal_start s, legal_name s, naf s, name s, vat_number s, vat_regime s, zone s},
	from_seq i, to_seq i, from_day s, to_day s, entries i, context i, head {seq i, hash s}, as_of s, versions [{sw s, core s}],
	keys [{id s, file s, from_seq i}], signed_by s, prev_archive ?{manifest s, seq i},
	archives [{manifest s, name s, period s, seq i}], files [{name s, sha256 s, size i}]}`

// manifest is what an archive says that it is (receipts/archive/FORMAT.md §7).
type manifest struct {
	format, kind, period, name, journal, reg, siret string
	identity                                        genesis
	from, to, entries, context                      int64
	fromDay, toDay, asOf, signedBy                  string
	head                                            head
	versions                                        []version
	keys                                            []manifestKey
	prev                                            *ref // doc: the manifest's hash
	archives                                        []listedArchive
	files                                           []fileSum
}

type manifestKey struct {
	id, file string
	from     int64
}

type listedArchive struct {
	manifest, name, period string
	seq                    int64
}

// readManifest reads the manifest. An error means that this is no archive of a till.
func (v *verifier) readManifest(a *archive) error {
	b, err := a.zip.small(manifestOf)
	if err != nil {
		return fmt.Errorf("ce n'est pas une archive de caisse : %w", err)
	}
	sum := sha256.Sum256(b)
	a.digest = hex.EncodeToString(sum[:])
	var t tree
	root, err := parseLoose(&t, v.nfc, string(b))
	if err != nil {
		return fmt.Errorf("le manifeste n'est pas lisible : %w", err)
	}
	if f := root.get("format").str(); f != "cafe-archive/1" {
		return fmt.Errorf("le format « %s » n'est pas celui d'une archive de caisse", shown(f))
	}
	form := readShape(manifestShape)
	if err := form.match(root, "manifeste"); err != nil {
		return fmt.Errorf("le manifeste n'a pas la forme prévue : %w", err)
	}
	a.manifest = readManifestBody(root)
	return nil
}

func readManifestBody(v value) manifest {
	m := manifest{
		format: v.get("format").str(), kind: v.get("kind").str(), period: v.get("period").str(), name: v.get("name").str(),
		journal: v.get("journal").str(), reg: v.get("reg").str(), siret: v.get("siret").str(), identity: *readGenesis(v.get("identity")),
		from: v.get("from_seq").int(), to: v.get("to_seq").int(), entries: v.get("entries").int(), context: v.get("context").int(),
		fromDay: v.get("from_day").str(), toDay: v.get("to_day").str(), asOf: v.get("as_of").str(), signedBy: v.get("signed_by").str(),
		head: *readHead(v.get("head")),
	}
	for s := range v.get("versions").items() {
		m.versions = append(m.versions, version{s.get("sw").str(), s.get("core").str()})
	}
	for k := range v.get("keys").items() {
		m.keys = append(m.keys, manifestKey{k.get("id").str(), k.get("file").str(), k.get("from_seq").int()})
	}
	if p := v.get("prev_archive"); !p.null() {
		m.prev = &ref{p.get("manifest").str(), p.get("seq").int()}
	}
	for l := range v.get("archives").items() {
		m.archives = append(m.archives, listedArchive{l.get("manifest").str(), l.get("name").str(), l.get("period").str(), l.get("seq").int()})
	}
	for f := range v.get("files").items() {
		m.files = append(m.files, fileSum{f.get("name").str(), f.get("sha256").str(), f.get("size").int()})
	}
	return m
}

// checkManifest (1) holds the manifest against the files and the entries, once these have been read.
func (v *verifier) checkManifest(a *archive, c *chain) {
	m := &a.manifest
	found := func(format string, args ...any) { v.report.found(checkManifest, nil, format, args...) }
	v.keysEqual(a, c)
	v.manifestSignature(a, c)
	v.manifestFiles(a, c)
	if c.rules == nil {
		found("l'archive n'a pas l'acte de fondation du journal")
		return
	}
	if m.journal != c.id.journal || m.reg != c.id.reg || m.siret != c.id.siret {
		found("le manifeste nomme un autre journal, une autre caisse ou un autre établissement que les écritures")
	}
	own, id := *c.rules, m.identity
	own.siret, own.publicKey, own.custody, own.perpNet, own.perpAbs = "", "", "", 0, 0
	if id != own {
		found("l'identité du café n'est pas celle de l'acte de fondation")
	}
	if c.last != nil && (m.head.seq != c.last.row.seq || m.head.hash != c.last.hex() || m.asOf != c.last.stamp) {
		found("la tête nommée par le manifeste n'est pas la dernière écriture de l'archive")
	}
	var seen []version
	for _, l := range c.soft.list() {
		seen = append(seen, version{l.Software, l.Core})
	}
	if !slices.Equal(seen, m.versions) {
		found("les versions du logiciel ne sont pas celles des écritures")
	}
	if m.name != m.siret+"_"+m.reg+"_"+m.period+".zip" {
		found("le nom « %s » n'est pas celui de cette période", shown(m.name))
	}
	if why := m.span(c); why != "" {
		found("la période « %s » n'est pas celle des écritures : %s", shown(m.period), why)
	}
}

// span says what is wrong with the range of a kind, "" for nothing.
func (m *manifest) span(c *chain) string {
	last := c.ending
	switch m.kind {
	case "all":
		if m.from != 0 || m.period != "complet" {
			return "un export complet commence à l'écriture 0"
		}
		return ""
	case "month", "year", "days":
	default:
		return "le genre « " + shown(m.kind) + " » est inconnu"
	}
	want := map[string]string{"month": kindMonth, "year": kindYear, "days": kindDay}[m.kind]
	if c.last == nil || last == nil || last.seq != c.last.row.seq || last.kind != want {
		return "l'archive ne finit pas par la clôture de sa période"
	}
	period := last.period
	if m.kind == "days" {
		period = m.fromDay + "--" + last.toDay
	} else {
		if last.fromSeq != m.from || last.fromDay != m.fromDay {
			return "elle ne commence pas où commence sa clôture"
		}
		if base, k, again := strings.Cut(m.period, "_"); again && base == period && len(k) < 4 && strings.Trim(k, "0123456789") == "" {
			if n, err := strconv.Atoi(k); err == nil && n >= 2 {
				period = m.period
			}
		}
	}
	if period != m.period || last.toDay != m.toDay {
		return "sa clôture est celle de " + shown(period)
	}
	return ""
}

// manifestSignature checks the signature of the manifest by the key that it names, as the entries know it.
func (v *verifier) manifestSignature(a *archive, c *chain) {
	v.report.count(checkManifest)
	sig, err := a.zip.small(manifestSig)
	if err != nil {
		v.report.found(checkManifest, nil, "%v", err)
		return
	}
	key := c.keys.byID(a.manifest.signedBy)
	sum, err := hex.DecodeString(a.digest)
	if err != nil || key == nil || key.public == nil || len(sig) > signatureMax || !ecdsa.VerifyASN1(key.public, sum, sig) {
		v.report.found(checkManifest, nil, "la signature du manifeste n'est pas celle de la clé « %s » du journal", shown(a.manifest.signedBy))
	}
	if key != nil && slices.ContainsFunc(slices.Concat(c.keys.keys, c.keys.later), func(k *signingKey) bool { return k.n > key.n && k.from <= a.manifest.to }) {
		v.report.found(checkManifest, nil, "le manifeste est signé par la clé « %s », qui n'était plus en service à la fin de la période", shown(key.id))
	}
	var own []manifestKey
	for _, k := range slices.Concat(c.keys.keys, c.keys.later) {
		own = append(own, manifestKey{k.id, "keys/" + k.id + ".pem", k.from})
	}
	if !slices.Equal(own, a.manifest.keys) {
		v.report.found(checkManifest, nil, "les clés nommées par le manifeste ne sont pas celles des écritures")
	}
}

// manifestFiles checks that exactly the files of an archive are there, with the hashes that the manifest states.
func (v *verifier) manifestFiles(a *archive, c *chain) {
	var want []string
	for _, name := range fixedFiles()[:len(fixedFiles())-2] {
		want = append(want, name)
		if name == "contexte_signatures.csv" {
			for _, k := range slices.Concat(c.keys.keys, c.keys.later) {
				want = append(want, "keys/"+k.id+".pem")
			}
		}
	}
	var got []string
	for _, f := range a.manifest.files {
		got = append(got, f.name)
		v.report.count(checkManifest)
		switch sum, size, err := a.zip.sum(f.name); {
		case err != nil:
			v.report.found(checkManifest, nil, "« %s » : %v", shown(f.name), err)
		case sum != f.sha256 || size != f.size:
			v.report.found(checkManifest, nil, "« %s » n'a pas l'empreinte ou la taille que le manifeste annonce", shown(f.name))
		}
	}
	if !slices.Equal(want, got) {
		v.report.found(checkManifest, nil, "le manifeste ne nomme pas exactement les fichiers d'une archive, dans leur ordre")
	}
	for name := range a.zip.files {
		if !slices.Contains(got, name) && name != manifestOf && name != manifestSig {
			v.report.found(checkManifest, nil, "« %s » n'est pas nommé par le manifeste", shown(name))
		}
	}
}
