package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"
)

// hashTag stands before the canonical bytes in what is hashed (FORMAT.md §4).
const hashTag = "cafe-fiscal/1\n"

const (
	stampForm = "2006-01-02T15:04:05.000Z" // ts
	dayForm   = "2006-01-02"               // bday
)

// raw is one entry as an input hands it over. Nothing of it is believed.
type raw struct {
	seq   int64 // as the input has it, beside the entry
	canon string
	hash  string // bytes
	sig   []byte
	key   string // id of the key, where the input names it beside the entry
}

// envelope is what every entry says of itself (FORMAT.md §3).
type envelope struct {
	v, seq, tz                                       int64
	journal, reg, siret, prev, kind, doc, stamp, day string
	op, sw, core, by                                 string // by: id of the key that signed
	numbered, training                               bool
	ts                                               time.Time
}

// entry is one entry after the checks that need no other.
type entry struct {
	envelope
	row      raw
	digest   [32]byte // computed
	content  string   // the bytes of body
	data     string   // the bytes of data of an EVENT
	body     any      // a pointer to a struct of bodies.go; nil when it cannot be read
	readable bool     // its envelope could be read
	flaws    []flaw
	signed   signatureGuess
}

// flaw is what a check found in one entry.
type flaw struct {
	check  string
	detail string
}

// examiner looks at entries by themselves. One belongs to one goroutine.
type examiner struct {
	book *book
	nfc  *nfc
	tree tree
	tag  []byte
}

func newExaminer(b *book, forms *nfc) *examiner {
	return &examiner{book: b, nfc: forms, tag: []byte(hashTag)}
}

// hashOf is the hash of canonical bytes (FORMAT.md §4).
func (x *examiner) hashOf(canon string) [32]byte {
	x.tag = append(x.tag[:len(hashTag)], canon...)
	return sha256.Sum256(x.tag)
}

// look does every check that needs nothing but the entry, its signature left out: the key is known only in order.
func (x *examiner) look(e *entry) {
	e.digest = x.hashOf(e.row.canon)
	checkHashOf(e)
	root, err := parseCanonical(&x.tree, x.nfc, e.row.canon)
	if err == nil {
		err = x.book.envelope.match(root, "écriture")
	}
	if err == nil {
		e.envelope, err = readEnvelope(root)
	}
	if err != nil {
		e.flaw(checkCanonical, "les octets ne sont pas une écriture canonique : %v", err)
		return
	}
	e.readable = true
	e.content, e.data = root.get("body").bytes(), root.get("body").get("data").bytes()
	checkEnvelopeOf(e)
	form, known := x.book.bodies[e.kind]
	if !known {
		e.flaw(checkCanonical, "le genre « %s » est inconnu de ce format", shown(e.kind))
		return
	}
	body := root.get("body")
	if err := form.match(body, "body"); err != nil {
		e.flaw(checkCanonical, "le contenu n'a pas la forme de son genre %s : %v", e.kind, err)
		return
	}
	e.body = readBody(e.kind, body)
	checkBody(e)
}

func readEnvelope(v value) (e envelope, err error) {
	e = envelope{
		v: v.get("v").int(), seq: v.get("seq").int(), tz: v.get("tz").int(), journal: v.get("journal").str(), reg: v.get("reg").str(),
		siret: v.get("siret").str(), prev: v.get("prev").str(), kind: v.get("kind").str(), doc: v.get("doc").str(), stamp: v.get("ts").str(),
		day: v.get("bday").str(), op: v.get("op").str(), sw: v.get("sw").str(), core: v.get("core").str(), by: v.get("key").str(),
		numbered: !v.get("doc").null(), training: v.get("training").bool(),
	}
	if e.ts, err = time.Parse(stampForm, e.stamp); err != nil || len(e.stamp) != len(stampForm) {
		return e, fmt.Errorf("« ts » n'est pas un instant UTC à la milliseconde : « %s »", shown(e.stamp))
	}
	if _, err = time.Parse(dayForm, e.day); err != nil {
		return e, fmt.Errorf("« bday » n'est pas un jour : « %s »", shown(e.day))
	}
	return e, nil
}

// flaw notes what a check found.
func (e *entry) flaw(check, format string, args ...any) {
	e.flaws = append(e.flaws, flaw{check, fmt.Sprintf(format, args...)})
}

// hex is the computed hash as the next entry's prev has it.
func (e *entry) hex() string { return hex.EncodeToString(e.digest[:]) }

// local is ts on the wall clock of the café.
func (e *entry) local() time.Time { return e.ts.Add(time.Duration(e.tz) * time.Minute) }
