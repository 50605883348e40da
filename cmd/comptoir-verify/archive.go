package main

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// archive is one archive in hand.
type archive struct {
	zip      *container
	manifest manifest
	digest   string // SHA-256 of the manifest
	late     []*entry
}

// pairSource reads a .jsonl and its table of signatures side by side.
type pairSource struct {
	canons, sigs *lines
	name         string
	seq          int64 // of the next line; −1: the entry says
}

const sigColumns = "seq;hash_hex;sig_der_b64;key_id"

// newPairs begins to read; a file that is not there is empty.
func (a *archive) newPairs(canons, sigs string, seq int64) (*pairSource, error) {
	p := &pairSource{name: canons, seq: seq}
	c, s := a.zip.open(canons), a.zip.open(sigs)
	if c == nil || s == nil {
		return nil, fmt.Errorf("« %s » ou « %s » manque", canons, sigs)
	}
	p.canons, p.sigs = newLines(c, canonMax), newLines(s, 1024)
	first, err := p.sigs.next()
	if err != nil || string(first) != mark+sigColumns+"\r" {
		return nil, fmt.Errorf("« %s » n'a pas les colonnes prévues", sigs)
	}
	return p, nil
}

func (p *pairSource) next() (record, error) {
	canon, err := p.canons.next()
	if err != nil {
		if _, more := p.sigs.next(); errors.Is(err, io.EOF) && !errors.Is(more, io.EOF) {
			return record{}, fmt.Errorf("les signatures sont plus nombreuses que les écritures de « %s »", p.name)
		}
		return record{}, err
	}
	r := record{line: p.canons.n, canon: string(canon), seq: p.seq, decode: decodePair}
	sig, err := p.sigs.next()
	if err != nil {
		return record{}, fmt.Errorf("la signature de la ligne %d de « %s » manque", r.line, p.name)
	}
	r.packed = string(sig)
	if p.seq >= 0 {
		p.seq++
	}
	return r, nil
}

// decodePair reads seq;hash_hex;sig_der_b64;key_id.
func decodePair(r record) (raw, error) {
	f := strings.Split(strings.TrimSuffix(r.packed, "\r"), ";")
	if len(f) != 4 || !strings.HasSuffix(r.packed, "\r") {
		return raw{}, errors.New("la ligne de la signature n'a pas quatre colonnes")
	}
	seq, err := wholeNumber(f[0])
	if err != nil {
		return raw{}, err
	}
	hash, err := hex.DecodeString(f[1])
	if err != nil || !isHash(f[1]) {
		return raw{}, fmt.Errorf("écriture %d : l'empreinte n'est pas de l'hexadécimal", seq)
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(f[2])
	if err != nil {
		return raw{}, fmt.Errorf("écriture %d : la signature n'est pas du base64", seq)
	}
	return raw{seq: seq, canon: r.canon, hash: string(hash), sig: sig, key: f[3]}, nil
}

// verifyArchive checks one archive. An error means that it is none.
func (v *verifier) verifyArchive(name string) (c *chain, err error) {
	k, err := openContainer(name, func(format string, args ...any) { v.report.found(checkManifest, nil, format, args...) })
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, k.close()) }()
	a := &archive{zip: k}
	if err := v.readManifest(a); err != nil {
		return nil, err
	}
	m := &a.manifest
	c = v.newChain(span{whole: m.from == 0, head: m.kind == "all"})
	c.begin = m.from
	v.archives = append(v.archives, given{v.report.input, m, a.digest, c})
	v.context(a, c)
	c.tables = newProjection(c, a.zip.open)
	v.entries(a, c)
	c.tables.end(c)
	for _, e := range a.late {
		c.learn(e)
	}
	c.end()
	v.checkManifest(a, c)
	return c, nil
}

// context learns what is outside the range. What stands behind it waits until the range has been passed.
func (v *verifier) context(a *archive, c *chain) {
	src, err := a.newPairs("contexte.jsonl", "contexte_signatures.csv", -1)
	if err != nil {
		v.report.found(checkManifest, nil, "%v", err)
		return
	}
	before := int64(-1)
	err = walk(src, v.book, v.nfc, c.keys, func(e *entry) {
		if e.row.seq <= before || e.row.seq >= a.manifest.from && e.row.seq <= a.manifest.to {
			v.report.found(checkManifest, e, "contexte.jsonl n'est pas dans l'ordre, ou entre dans la période")
		}
		before = e.row.seq
		if e.readable && e.seq != e.row.seq {
			v.report.found(checkLink, e, "l'écriture dit être la %d", e.seq)
		}
		if e.row.seq > a.manifest.to {
			a.late = append(a.late, e)
			return
		}
		c.learn(e)
	}, func(r record, err error) {
		v.report.found(checkCanonical, nil, "contexte.jsonl, ligne %d : %v", r.line, err)
	})
	if err != nil {
		v.report.found(checkManifest, nil, "contexte.jsonl est coupé ou abîmé : %v", err)
	}
	if src.canons.n != a.manifest.context {
		v.report.found(checkManifest, nil, "contexte.jsonl a %d lignes, le manifeste en annonce %d", src.canons.n, a.manifest.context)
	}
}

// entries passes the range.
func (v *verifier) entries(a *archive, c *chain) {
	m := &a.manifest
	src, err := a.newPairs("journal.jsonl", "signatures.csv", m.from)
	if err != nil {
		v.report.found(checkManifest, nil, "%v", err)
		return
	}
	err = walk(src, v.book, v.nfc, c.keys, c.pass, func(r record, err error) {
		v.report.foundAt(checkCanonical, r.seq, "journal.jsonl, ligne %d : %v", r.line, err)
	})
	if err != nil {
		v.report.found(checkManifest, nil, "journal.jsonl est coupé ou abîmé : %v", err)
	}
	if c.passed != m.entries || c.passed == 0 || c.begun != m.from || c.next-1 != m.to {
		v.report.found(checkManifest, nil, "journal.jsonl a %d écritures (%d à %d), le manifeste en annonce %d (%d à %d)", c.passed, c.begun, c.next-1, m.entries, m.from, m.to)
	}
}

// keysEqual compares the key files with the keys of the entries.
func (v *verifier) keysEqual(a *archive, c *chain) {
	var want []string
	for _, key := range slices.Concat(c.keys.keys, c.keys.later) {
		name := "keys/" + key.id + ".pem"
		want = append(want, name)
		der, err := base64.StdEncoding.DecodeString(key.text)
		if err != nil {
			continue // reported with the entry
		}
		if b, err := a.zip.small(name); err != nil {
			v.report.found(checkManifest, nil, "%v", err)
		} else if string(b) != pemOf(der) {
			v.report.found(checkManifest, nil, "« %s » n'est pas la clé du journal", name)
		}
	}
	for _, name := range a.zip.keyNames() {
		if !slices.Contains(want, name) {
			v.report.found(checkManifest, nil, "« %s » n'est la clé d'aucune écriture", name)
		}
	}
}

// pemOf writes a public key as an archive has it.
func pemOf(der []byte) string {
	const width = 64
	var b strings.Builder
	b.WriteString("-----BEGIN PUBLIC KEY-----\n")
	for text := base64.StdEncoding.EncodeToString(der); text != ""; {
		n := min(width, len(text))
		b.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	b.WriteString("-----END PUBLIC KEY-----\n")
	return b.String()
}
