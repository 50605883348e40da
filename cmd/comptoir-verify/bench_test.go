package main

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// long is an export of n tickets of three lines, signed by a key of its own.
func (f *forger) long(n int) (name string, hashes [][32]byte, sigs [][]byte, canons []string) {
	f.tb.Helper()
	canons = []string{f.v.Entries[0].Canon}
	for i := range n {
		// The first ticket of the vectors, with the totals that follow from being the i-th of its kind.
		c := strings.Replace(f.v.Entries[3].Canon, `"T26-000001"`, fmt.Sprintf(`"T26-%06d"`, i+1), 1)
		k := int64(i) + 1
		c = strings.NewReplacer(`"perp_abs":1110`, fmt.Sprintf(`"perp_abs":%d`, 1110*k), `"perp_net":1110`, fmt.Sprintf(`"perp_net":%d`, 1110*k),
			`"year_net":1110`, fmt.Sprintf(`"year_net":%d`, 1110*k), `"n":2}]`, fmt.Sprintf(`"n":%d}]`, 2*k),
			`{"abs":660,"bp":1000,"net":660}`, fmt.Sprintf(`{"abs":%d,"bp":1000,"net":%d}`, 660*k, 660*k),
			`{"abs":450,"bp":2000,"net":450}`, fmt.Sprintf(`{"abs":%d,"bp":2000,"net":%d}`, 450*k, 450*k)).Replace(c)
		canons = append(canons, c)
	}
	name = filepath.Join(f.tb.TempDir(), "journal.jsonl")
	var out strings.Builder
	_, id, _ := strings.Cut(canons[0], `"journal":"`)
	id, _, _ = strings.Cut(id, `"`)
	fmt.Fprintf(&out, "%s%s\"}\n", exportHead, id)
	prev := noHash
	for i := range canons {
		c := prevOf.ReplaceAllLiteralString(canons[i], `"prev":"`+prev+`"`)
		c = seqOf.ReplaceAllLiteralString(c, fmt.Sprintf(`"seq":%d,"siret"`, i))
		if i == 0 {
			c = publicOf.ReplaceAllLiteralString(c, `"public_key":"`+f.public+`"`)
		}
		hash := sha256.Sum256([]byte(hashTag + c))
		sig, err := ecdsa.SignASN1(rand.Reader, f.key, hash[:])
		if err != nil {
			f.tb.Fatal(err)
		}
		prev, canons[i] = hex.EncodeToString(hash[:]), c
		hashes, sigs = append(hashes, hash), append(sigs, sig)
		out.WriteString(exportLine(int64(i), c, prev, base64.RawURLEncoding.EncodeToString(sig)) + "\n")
	}
	for i := range n {
		fmt.Fprintf(&out, `{"series":"T","year":2026,"n":%d,"seq":%d}`+"\n", i+1, i+1)
	}
	fmt.Fprintf(&out, `{"end":true,"entries":%d,"documents":%d,"keys":0,"skipped":0,"marks":0}`+"\n", len(canons), n)
	if err := os.WriteFile(name, []byte(out.String()), 0o600); err != nil {
		f.tb.Fatal(err)
	}
	return name, hashes, sigs, canons
}

// bare hashes and verifies the same entries on all processors, and does nothing else.
func (f *forger) bare(hashes [][32]byte, sigs [][]byte, canons []string) {
	workers := runtime.GOMAXPROCS(0)
	var group sync.WaitGroup
	for w := range workers {
		group.Go(func() {
			buffer := []byte(hashTag)
			for i := w; i < len(canons); i += workers {
				buffer = append(buffer[:len(hashTag)], canons[i]...)
				if sum := sha256.Sum256(buffer); sum != hashes[i] || !ecdsa.VerifyASN1(&f.key.PublicKey, sum[:], sigs[i]) {
					f.tb.Error("the bare verification failed")
				}
			}
		})
	}
	group.Wait()
}

// BenchmarkACheckOfEverything prints how much longer a whole check takes than hashing and verifying alone.
func BenchmarkACheckOfEverything(b *testing.B) {
	n := 100_000
	if testing.Short() {
		n = 5_000
	}
	f := newForger(b)
	name, hashes, sigs, canons := f.long(n)
	var ratios []float64
	for b.Loop() {
		began := time.Now()
		f.bare(hashes, sigs, canons)
		bare := time.Since(began)
		began = time.Now()
		if code := run([]string{name}, io.Discard, os.Stderr); code != exitConform {
			b.Fatalf("exit %d", code)
		}
		ratios = append(ratios, float64(time.Since(began))/float64(bare))
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "times_bare")
}
