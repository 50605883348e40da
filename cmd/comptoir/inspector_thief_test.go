package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"path/filepath"
	"testing"

	"comptoir/data/fault"
	"comptoir/receipts/archive"
)

// TestAKeyThatWasPutOutOfForceSignsNoArchive: whoever stole the key before it was changed gives the inspector no notice of
// his own writing.
func TestAKeyThatWasPutOutOfForceSignsNoArchive(t *testing.T) {
	t.Parallel()
	c := archived(t)
	block, _ := pem.Decode(readAll(t, filepath.Join(c.dir, "keys", "k1.pem")))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	var was, is [32]byte
	forged := rewritten(t, c.paths["2026-12"], "LISEZMOI.txt", func(b []byte) []byte {
		was = sha256.Sum256(b)
		b = bytes.Clone(b)
		b[len(b)/2] = '!'
		is = sha256.Sum256(b)
		return b
	})
	var signature []byte
	forged = rewritten(t, forged, "MANIFEST.json", func(b []byte) []byte {
		b = bytes.ReplaceAll(b, []byte(hex.EncodeToString(was[:])), []byte(hex.EncodeToString(is[:])))
		var m map[string]any
		if err := json.Unmarshal(b, &m); err != nil || m["signed_by"] != "k2" {
			t.Fatalf("signed by %v: %v", m["signed_by"], err)
		}
		b = bytes.Replace(b, []byte(`"signed_by":"k2"`), []byte(`"signed_by":"k1"`), 1)
		b = bytes.Replace(b, []byte(`"signed_by": "k2"`), []byte(`"signed_by": "k1"`), 1)
		sum := sha256.Sum256(b)
		if signature, err = ecdsa.SignASN1(rand.Reader, key.(*ecdsa.PrivateKey), sum[:]); err != nil {
			t.Fatal(err)
		}
		return b
	})
	forged = rewritten(t, forged, "MANIFEST.json.sig", func([]byte) []byte { return signature })
	if r := buildInspector(t).run(forged); r.code != 1 || !r.finds("manifest") || len(r.Anomalies) != 1 {
		t.Errorf("exit %d, %v", r.code, r.Anomalies)
	}
	if _, _, err := archive.Verify(t.Context(), forged); fault.CodeOf(err) != "archive.broken" {
		t.Errorf("the till reads it: %v", err)
	}
}
