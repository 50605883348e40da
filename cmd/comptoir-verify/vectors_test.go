package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// vectors are those that receipts/journal/FORMAT.md publishes.
type vectors struct {
	Tag       string   `json:"tag"`
	PublicKey string   `json:"public_key"`
	Entries   []vector `json:"entries"`
	Canonical []struct {
		In  string `json:"in"`
		Out string `json:"out"`
	} `json:"canonical"`
	Refused []string `json:"refused"`
	Tax     []struct {
		BP  int64 `json:"bp"`
		TTC int64 `json:"ttc"`
		HT  int64 `json:"ht"`
	} `json:"tax"`
	Allocate []struct {
		Total   int64   `json:"total"`
		Weights []int64 `json:"weights"`
		Shares  []int64 `json:"shares"`
	} `json:"allocate"`
}

type vector struct {
	Canon string `json:"canon"`
	Hash  string `json:"hash"`
	Sig   string `json:"sig"`
}

func readVectors(tb testing.TB) (v vectors) {
	tb.Helper()
	b, err := os.ReadFile("../../receipts/journal/testdata/vectors.json")
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

func forms(tb testing.TB) *nfc {
	tb.Helper()
	n, err := readNFC()
	if err != nil {
		tb.Fatal(err)
	}
	return n
}

// export writes the journal of the vectors as FORMAT.md §10 has it.
func (v vectors) export(tb testing.TB) []string {
	tb.Helper()
	var genesis struct {
		Journal string `json:"journal"`
	}
	if err := json.Unmarshal([]byte(v.Entries[0].Canon), &genesis); err != nil {
		tb.Fatal(err)
	}
	out := []string{fmt.Sprintf(`{"format":"cafe-fiscal/1","journal":"%s"}`, genesis.Journal)}
	var index, keys, skipped, marks []string
	for i, e := range v.Entries {
		out = append(out, exportLine(int64(i), e.Canon, e.Hash, e.Sig))
		var parsed struct {
			Doc  *string `json:"doc"`
			Day  string  `json:"bday"`
			Kind string  `json:"kind"`
			Body struct {
				Code      string   `json:"code"`
				ID        string   `json:"id"`
				PublicKey string   `json:"public_key"`
				Numbers   []string `json:"numbers"`
			} `json:"body"`
		}
		if err := json.Unmarshal([]byte(e.Canon), &parsed); err != nil {
			tb.Fatal(err)
		}
		if parsed.Doc != nil {
			series, _, n, _ := parseNumber(*parsed.Doc)
			index = append(index, fmt.Sprintf(`{"series":"%s","year":%d,"n":%d,"seq":%d}`, series, fiscalYear(parsed.Day, "01-01"), n, i))
		}
		switch {
		case parsed.Kind == kindRotate:
			keys = append(keys, fmt.Sprintf(`{"key":"%s","public":"%s","seq":%d}`, parsed.Body.ID, parsed.Body.PublicKey, i))
		case parsed.Kind == kindResume:
			marks = append(marks, fmt.Sprintf(`{"mark":"RESUME","seq":%d}`, i))
			for _, number := range parsed.Body.Numbers {
				series, year, n, _ := parseNumber(number)
				skipped = append(skipped, fmt.Sprintf(`{"skipped":"%s","year":%d,"n":%d,"seq":%d}`, series, 2000+year, n, i))
			}
		case slices.Contains([]string{"INTEGRITY_OK", "INTEGRITY_ERROR", "INTEGRITY_SEEN", "ROLLBACK_DETECTED", "KEY_LOST", "BACKUP", "RESTORE"}, parsed.Body.Code):
			marks = append(marks, fmt.Sprintf(`{"mark":"%s","seq":%d}`, parsed.Body.Code, i))
		}
	}
	out = slices.Concat(out, index, keys, skipped, marks)
	return append(out, fmt.Sprintf(`{"end":true,"entries":%d,"documents":%d,"keys":%d,"skipped":%d,"marks":%d}`, len(v.Entries), len(index), len(keys), len(skipped), len(marks)))
}

func exportLine(seq int64, canon, hash, sig string) string {
	return fmt.Sprintf(`{"seq":%d,"canon":"%s","hash":"%s","sig":"%s"}`, seq, base64.StdEncoding.EncodeToString([]byte(canon)), hash, sig)
}

// checked verifies an export given as lines.
func checked(tb testing.TB, lines []string, args ...string) (result, int) {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "journal.jsonl")
	if err := os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		tb.Fatal(err)
	}
	var out, words strings.Builder
	code := run(append(append([]string{"--json"}, args...), name), &out, &words)
	var r result
	if err := json.Unmarshal([]byte(out.String()), &r); err != nil && code != exitCannot {
		tb.Fatalf("%v: %s %s", err, out.String(), words.String())
	}
	return r, code
}

func TestTheVectorsOfTheFormatVerify(t *testing.T) {
	t.Parallel()
	v := readVectors(t)
	r, code := checked(t, v.export(t))
	for _, a := range r.Anomalies {
		t.Error(a)
	}
	if code == exitAnomaly || r.Inputs[0].Entries != int64(len(v.Entries)) {
		t.Errorf("exit %d, %d entries of %d", code, r.Inputs[0].Entries, len(v.Entries))
	}
}

func TestCanonicalFormsOfTheVectors(t *testing.T) {
	t.Parallel()
	v, n := readVectors(t), forms(t)
	var tr tree
	for _, c := range v.Canonical {
		if _, err := parseCanonical(&tr, n, c.Out); err != nil {
			t.Errorf("%s: %v", c.Out, err)
		}
		if _, err := parseCanonical(&tr, n, c.In); err == nil && c.In != c.Out {
			t.Errorf("%s is taken for canonical", c.In)
		}
	}
	for _, text := range v.Refused {
		if _, err := parseCanonical(&tr, n, text); err == nil {
			t.Errorf("%s is taken for canonical", text)
		}
	}
}

func TestArithmeticOfTheVectors(t *testing.T) {
	t.Parallel()
	v := readVectors(t)
	for _, c := range v.Tax {
		if ht, ok := net(c.TTC, c.BP); !ok || ht != c.HT {
			t.Errorf("net(%d, %d) = %d, want %d", c.TTC, c.BP, ht, c.HT)
		}
	}
	for _, c := range v.Allocate {
		if shares, ok := allocate(c.Total, c.Weights); !ok || !slices.Equal(shares, c.Shares) {
			t.Errorf("allocate(%d, %v) = %v, want %v", c.Total, c.Weights, shares, c.Shares)
		}
	}
}

func TestEveryByteOfAVectorThatChangesIsFound(t *testing.T) {
	t.Parallel()
	v := readVectors(t)
	lines := v.export(t)
	const seq = 3 // a ticket
	step := 23    // every byte under CI
	if os.Getenv("CI") != "" {
		step = 1
	}
	for i := 0; i < len(v.Entries[seq].Canon); i += step {
		canon := []byte(v.Entries[seq].Canon)
		canon[i] ^= 1
		hash := sha256.Sum256(append([]byte(hashTag), canon...))
		for _, stored := range []string{v.Entries[seq].Hash, hex.EncodeToString(hash[:])} {
			changed := slices.Clone(lines)
			changed[seq+1] = exportLine(seq, string(canon), stored, v.Entries[seq].Sig)
			if r, code := checked(t, changed); code != exitAnomaly || !found(r, seq, checkSignature) {
				t.Fatalf("byte %d %q: exit %d, %v", i, canon[i], code, r.Anomalies)
			}
		}
	}
}

func found(r result, seq int64, check string) bool {
	return slices.ContainsFunc(r.Anomalies, func(a anomaly) bool { return a.Check == check && a.Seq != nil && *a.Seq == seq })
}
