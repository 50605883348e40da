package main

import "crypto/ecdsa"

// signatureGuess is a signature checked ahead of its turn, by the key that was in force when it was read.
type signatureGuess struct {
	by *signingKey
	ok bool
}

// guess checks a signature in parallel: whether the key was the right one is seen in order.
func (e *entry) guess(k *signingKey) {
	if k != nil {
		e.signed = signatureGuess{k, k.signed(e.digest, e.row.sig)}
	}
}

// signed reports whether sig, in DER, is a signature of the digest by the key.
func (k *signingKey) signed(digest [32]byte, sig []byte) bool {
	return k.public != nil && len(sig) <= signatureMax && ecdsa.VerifyASN1(k.public, digest[:], sig)
}

// signatureMax is the longest DER of two numbers of 33 bytes, and a little.
const signatureMax = 80

// checkSignature checks (4) that an entry is signed by the key in force at its place.
func (c *chain) checkSignature(e *entry) {
	k := c.keys.inForce(c, e)
	c.r.count(checkSignature)
	if k == nil {
		c.r.found(checkSignature, e, "aucune clé publique n'est connue pour vérifier la signature")
		return
	}
	if e.signed.by != k {
		e.guess(k)
	}
	switch {
	case !e.signed.ok:
		c.r.found(checkSignature, e, "la signature n'est pas celle de la clé %s, en vigueur à cette écriture", k.id)
	case e.readable && e.by != k.id:
		c.r.found(checkSignature, e, "l'écriture nomme la clé « %s », mais %s est en vigueur", shown(e.by), k.id)
	case e.row.key != "" && e.row.key != e.by:
		c.r.found(checkSignature, e, "le fichier des signatures nomme la clé « %s », l'écriture « %s »", shown(e.row.key), shown(e.by))
	}
}
