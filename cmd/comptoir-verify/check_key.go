package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
)

// signingKey is one key of the journal.
type signingKey struct {
	id     string
	n      int64  // the number in its id
	text   string // SubjectPublicKeyInfo, base64, as the entry has it
	public *ecdsa.PublicKey
	from   int64 // seq of the first entry that it signs
	lost   bool
}

// keyring knows which key is in force (19): that of the genesis, then those that a KEY_ROTATE puts in its place.
type keyring struct {
	keys     []*signingKey
	later    []*signingKey // put in force after the range, to sign its manifest
	latest   atomic.Pointer[signingKey]
	expected string // what k1 must be, base64 of its DER; "" when nothing is expected
	awaited  string // code of the EVENT that must come next
	rotated  int64  // seq of the KEY_ROTATE before it
}

func newKeyring(expected string) *keyring { return &keyring{expected: expected} }

// readKey reads a public key as entries have it.
func readKey(text string) (*ecdsa.PublicKey, error) {
	der, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("la clé publique n'est pas du base64 : %w", err)
	}
	return publicKey(der)
}

func publicKey(der []byte) (*ecdsa.PublicKey, error) {
	any, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("ce n'est pas une clé publique : %w", err)
	}
	key, ok := any.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, fmt.Errorf("la clé publique n'est pas une clé ECDSA P-256")
	}
	return key, nil
}

// inForce is the key by which an entry must be signed; nil when none is known. A genesis and a KEY_ROTATE of a lost key
// are signed by the key that they carry.
func (k *keyring) inForce(c *chain, e *entry) *signingKey {
	switch b := e.body.(type) {
	case *genesis:
		if len(k.keys) == 0 {
			k.add(c, e, "k1", b.publicKey, e.seq, false)
		}
	case *rotation:
		if b.lost {
			k.add(c, e, b.id, b.publicKey, e.seq, true)
		}
	}
	for _, key := range slices.Backward(k.later) {
		if key.from <= e.row.seq {
			return key
		}
	}
	for _, key := range slices.Backward(k.keys) {
		if key.from <= e.row.seq {
			return key
		}
	}
	return nil
}

// byID is the key of a name, nil when it is not known.
func (k *keyring) byID(id string) *signingKey {
	for _, key := range slices.Concat(k.keys, k.later) {
		if key.id == id {
			return key
		}
	}
	return nil
}

func (k *keyring) add(c *chain, e *entry, id, text string, from int64, lost bool) {
	public, err := readKey(text)
	if err != nil {
		c.r.found(checkKey, e, "%v", err)
	}
	if len(k.keys) == 0 && k.expected != "" && text != k.expected {
		c.r.found(checkKey, e, "la clé de l'acte de fondation n'est pas la clé attendue")
	}
	key := &signingKey{id: strings.Clone(id), text: strings.Clone(text), public: public, from: from, lost: lost}
	n, err := strconv.ParseInt(strings.TrimPrefix(id, "k"), 10, 32)
	if key.n = n; err != nil || id != "k"+strconv.FormatInt(n, 10) {
		c.r.found(checkKey, e, "« %s » n'est pas un nom de clé", shown(id))
	}
	for _, before := range k.keys {
		if before.n >= key.n {
			c.r.found(checkKey, e, "la clé %s ne suit pas la clé %s", shown(id), before.id)
		}
		if before.text == key.text {
			c.r.found(checkKey, e, "la clé %s est la même que la clé %s", shown(id), before.id)
		}
	}
	k.keys = append(k.keys, key)
	k.latest.Store(key)
}

// pass takes note of a change of the key, whose signature has been checked.
func (k *keyring) pass(c *chain, e *entry) {
	if k.awaited != "" && e.seq == k.rotated+1 {
		b, ok := e.body.(*event)
		if !ok || b.code != k.awaited {
			c.r.found(checkKey, e, "après le changement de clé de l'écriture %d doit suivre l'événement %s, signé par la nouvelle clé", k.rotated, k.awaited)
		}
		k.awaited = ""
	}
	b, ok := e.body.(*rotation)
	if !ok {
		return
	}
	c.r.count(checkKey)
	k.rotated, k.awaited = e.seq, "KEY_ROTATE"
	if b.reason == "" {
		c.r.found(checkKey, e, "le changement de clé n'a pas de motif")
	}
	if !b.lost {
		k.add(c, e, b.id, b.publicKey, e.seq+1, false)
		if b.anchor != nil {
			c.r.found(checkKey, e, "un changement de clé signé par l'ancienne clé n'a pas de tête extérieure")
		}
		return
	}
	k.awaited = "KEY_LOST"
	k.lost(c, e, b)
}

// lost warns of a key that nothing vouches for, and compares the head that was seen outside.
func (k *keyring) lost(c *chain, e *entry, b *rotation) {
	if b.anchor == nil {
		c.r.warn(checkKey, e, "la clé a été perdue et remplacée par %s, que rien dans la chaîne n'atteste ; aucune tête extérieure ne dit combien d'écritures manquent avant", shown(b.id))
		return
	}
	c.r.warn(checkKey, e, "la clé a été perdue et remplacée par %s, que rien dans la chaîne n'atteste ; dernière tête vue hors de la caisse : écriture %d", shown(b.id), b.anchor.seq)
	if hash, known := c.hashAt(b.anchor.seq); b.anchor.seq >= e.seq || known && hash != b.anchor.hash {
		c.r.found(checkKey, e, "la tête vue hors de la caisse à la perte de la clé n'est pas une écriture antérieure de ce journal")
	}
}

// learnLater takes a KEY_ROTATE that stands after the range: its key signs the manifest.
func (k *keyring) learnLater(c *chain, e *entry) {
	b, ok := e.body.(*rotation)
	if !ok || b.lost {
		return // a lost one has been added by inForce
	}
	public, err := readKey(b.publicKey)
	if err != nil {
		c.r.found(checkKey, e, "%v", err)
	}
	k.later = append(k.later, &signingKey{id: strings.Clone(b.id), text: strings.Clone(b.publicKey), public: public, from: e.seq + 1})
}

// end notes a journal that was cut right behind a change of its key.
func (k *keyring) end(c *chain) {
	if k.awaited != "" && c.span.head && c.last != nil && c.last.row.seq == k.rotated {
		c.r.foundAt(checkKey, k.rotated, "le journal s'arrête à un changement de clé : la suite manque")
	}
}
