package journal_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// vectors is testdata/vectors.json: what a verifier in another language can be tested with.
type vectors struct {
	Tag       string             `json:"tag"`
	PublicKey string             `json:"public_key"` // SPKI DER, base64
	Entries   []vector           `json:"entries"`
	Canonical []canonicalVector  `json:"canonical"`
	Refused   []string           `json:"refused"`
	Tax       []journal.Rate     `json:"tax"`
	Allocate  []allocationVector `json:"allocate"`
}

type vector struct {
	Canon string `json:"canon"`
	Hash  string `json:"hash"`
	Sig   string `json:"sig"` // DER, base64url without padding
}

type canonicalVector struct {
	In  string `json:"in"`
	Out string `json:"out"`
}

type allocationVector struct {
	Total   money.Cents   `json:"total"`
	Weights []int64       `json:"weights"`
	Shares  []money.Cents `json:"shares"`
}

var vectorFile = filepath.Join("testdata", "vectors.json")

func readVectors(t *testing.T) vectors {
	t.Helper()
	return vectorsIn(t, vectorFile)
}

func vectorsIn(t *testing.T, file string) vectors {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// TestWriteVectors makes the vectors anew, under a new key, when JOURNAL_VECTORS=write; FORMAT.md quotes them.
func TestWriteVectors(t *testing.T) {
	if os.Getenv("JOURNAL_VECTORS") != "write" {
		t.Skip("set JOURNAL_VECTORS=write to make testdata/vectors.json anew")
	}
	c := found(t)
	c.days()
	b, err := journal.Founding(t.Context(), c.db.Reader())
	if err != nil {
		t.Fatal(err)
	}
	v := vectors{Tag: "cafe-fiscal/1\n", PublicKey: b.PublicKey, Refused: []string{`1.0`, `-0`, `1e3`, `9007199254740992`,
		`{"a":1,"a":2}`, `"\n"`, `"\u0085"`, `"\ud83d"`, `{"a":1,}`}}
	for _, e := range c.entries() {
		v.Entries = append(v.Entries, vector{string(e.Canon), hex.EncodeToString(e.Hash[:]), base64.RawURLEncoding.EncodeToString(e.Sig)})
	}
	for _, in := range []string{` { "b" : 1 , "a" : [ true , null ] } `, `{"a\"":1,"a":2,"a!":3}`, `"caf\u0065\u0301 \u2028\/\\\""`,
		"{\"\uf8ff\":1,\"\U0001f600\":2,\"a\":3}", `"\ud83d\ude00"`} {
		out, err := journal.Canonicalize([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		v.Canonical = append(v.Canonical, canonicalVector{in, string(out)})
	}
	for bp, amounts := range map[money.BasisPoints][]money.Cents{550: {200, 1, 9, 999}, 1000: {500, 1050, 11, 6}, 2000: {450, 350, 3}} {
		for _, ttc := range amounts {
			v.Tax = append(v.Tax, journal.Rate{BP: bp, TTC: ttc, HT: bp.Net(ttc), VAT: ttc - bp.Net(ttc)})
		}
	}
	for _, a := range []allocationVector{{Total: 1400, Weights: []int64{1200, 400}}, {Total: 455, Weights: []int64{180, 180, 140}}, {Total: 100, Weights: []int64{1, 1, 1}}, {Total: 5, Weights: []int64{0, 0}}} {
		a.Shares = money.Allocate(a.Total, a.Weights)
		v.Allocate = append(v.Allocate, a)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	old := readVectors(t).Entries
	text := format(t) // its quotes follow where the position of an entry has not changed
	for i, e := range old[:min(len(old), len(v.Entries))] {
		text = strings.NewReplacer(e.Canon, v.Entries[i].Canon, e.Hash, v.Entries[i].Hash, e.Sig, v.Entries[i].Sig).Replace(text)
	}
	if err := errors.Join(os.WriteFile(vectorFile, out.Bytes(), 0o644), os.WriteFile("FORMAT.md", []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

func TestVectorsVerify(t *testing.T) {
	v := readVectors(t)
	der, err := base64.StdEncoding.DecodeString(v.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		t.Fatal(err)
	}
	public := parsed.(*ecdsa.PublicKey)
	prev := strings.Repeat("0", 64)
	for seq, e := range v.Entries {
		hash := journal.HashOf([]byte(e.Canon))
		sig, err := base64.RawURLEncoding.DecodeString(e.Sig)
		if err != nil || hex.EncodeToString(hash[:]) != e.Hash || !journal.Signed(public, hash, sig) || !journal.IsCanonical([]byte(e.Canon)) {
			t.Errorf("entry %d does not verify (%v)", seq, err)
		}
		if !strings.Contains(e.Canon, `"prev":"`+prev+`"`) {
			t.Errorf("entry %d does not follow", seq)
		}
		prev = e.Hash
	}
	for _, c := range v.Canonical {
		if out, err := journal.Canonicalize([]byte(c.In)); err != nil || string(out) != c.Out {
			t.Errorf("%s: got %s (%v), want %s", c.In, out, err, c.Out)
		}
	}
	for _, in := range v.Refused {
		if out, err := journal.Canonicalize([]byte(in)); fault.CodeOf(err) != "journal.canon" {
			t.Errorf("%s: got %s (%v)", in, out, err)
		}
	}
	for _, r := range v.Tax {
		if r.BP.Net(r.TTC) != r.HT || r.HT+r.VAT != r.TTC {
			t.Errorf("tax %+v", r)
		}
	}
	for _, a := range v.Allocate {
		if got := money.Allocate(a.Total, a.Weights); !reflect.DeepEqual(got, a.Shares) {
			t.Errorf("shares of %d over %v: %v, want %v", a.Total, a.Weights, got, a.Shares)
		}
	}
}

// TestAJournalOfTheFirstVersionStaysConform guards the evidence of every café already open: the vectors were
// written once, and every later version must still read them.
func TestAJournalOfTheFirstVersionStaysConform(t *testing.T) {
	db := datatest.Open(t)
	db.RegisterCheck(journal.Checks()...)
	err := db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		for seq, e := range vectorsIn(t, filepath.Join("testdata", "vectors-core1.json")).Entries {
			hash, _ := hex.DecodeString(e.Hash)
			sig, _ := base64.RawURLEncoding.DecodeString(e.Sig)
			if _, err := tx.Exec(ctx, `INSERT INTO journal (seq, canon, hash, sig) VALUES (?, ?, ?, ?)`, seq, []byte(e.Canon), hash, sig); err != nil {
				return err
			}
			m := regexp.MustCompile(`"doc":"([A-Z])26-0*(\d+)"`).FindStringSubmatch(`"doc":` + string(object(t, []byte(e.Canon))["doc"]))
			if m == nil {
				continue
			}
			n, _ := strconv.Atoi(m[2])
			if _, err := tx.Exec(ctx, `INSERT INTO documents (series, year, n, seq) VALUES (?, 2026, ?, ?)`, m[1], n, seq); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := journal.Verify(t.Context(), db.Reader(), journal.VerifyOptions{Full: true})
	if err != nil || !r.Conform || r.Entries != 15 || len(r.Warnings) != 1 {
		t.Errorf("report %+v (%v)", r, err)
	}
}

func TestFormatQuotesTheVectors(t *testing.T) {
	known := map[string]bool{}
	for _, e := range readVectors(t).Entries {
		known[e.Canon] = true
		known[string(object(t, []byte(e.Canon))["body"])] = true
	}
	blocks := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(format(t), -1)
	if len(blocks) < 9 {
		t.Fatalf("%d examples", len(blocks))
	}
	for _, b := range blocks {
		canon, err := journal.Canonicalize([]byte(b[1]))
		if err != nil || !known[string(canon)] {
			t.Errorf("this example is in no vector (%v):\n%s", err, b[1])
		}
	}
	for _, e := range readVectors(t).Entries[:1] {
		for _, text := range []string{e.Canon, e.Hash, e.Sig} {
			if !strings.Contains(format(t), text) {
				t.Errorf("the genesis of the vectors is not quoted: %s", text)
			}
		}
	}
}

func TestFormatDescribesEveryKeyAndEveryKind(t *testing.T) {
	text := format(t)
	for heading, body := range map[string]reflect.Type{
		"## 3. ":                      reflect.TypeFor[journal.Envelope](),
		"### GENESIS":                 reflect.TypeFor[journal.GenesisBody](),
		"### TICKET and REFUND":       reflect.TypeFor[journal.TicketBody](),
		"### NOTE_PRINT":              reflect.TypeFor[journal.NoteBody](),
		"### ORDER_MINUS":             reflect.TypeFor[journal.MinusBody](),
		"### SUSP_REDEEM":             reflect.TypeFor[journal.RedeemBody](),
		"### SUSP_RELEASE":            reflect.TypeFor[journal.ReleaseBody](),
		"### CASH":                    reflect.TypeFor[journal.CashBody](),
		"### EVENT":                   reflect.TypeFor[journal.EventBody](),
		"### CLOSE_DAY, CLOSE_MONTH":  reflect.TypeFor[journal.CloseBody](),
		"### DUPLICATE":               reflect.TypeFor[journal.DuplicateBody](),
		"### INVOICE":                 reflect.TypeFor[journal.InvoiceBody](),
		"### PAY_FIX":                 reflect.TypeFor[journal.PayFixBody](),
		"### SUSP_ADJUST":             reflect.TypeFor[journal.AdjustBody](),
		"### ARCHIVE":                 reflect.TypeFor[journal.ArchiveBody](),
		"## 9. Business days":         nil,
		"## 6. Documents and numbers": nil,
	} {
		_, section, found := strings.Cut(text, "\n"+heading)
		if !found {
			t.Errorf("no heading %q", heading)
			continue
		}
		section, _, _ = strings.Cut(section, "\n##")
		_, refs, _ := strings.Cut(text, "\n## 7. ")
		refs, _, _ = strings.Cut(refs, "\n##")
		_, totals, _ := strings.Cut(text, "\n## 8. ")
		section += refs + totals // what several kinds share
		for _, key := range keys(body) {
			if !strings.Contains(section, "`"+key+"`") {
				t.Errorf("%s: key %q is not described", heading, key)
			}
		}
	}
	if !strings.Contains(text, "core "+journal.CoreVersion) {
		t.Errorf("FORMAT.md does not name core %s", journal.CoreVersion)
	}
}

// keys lists the JSON keys of a body and of everything inside it.
func keys(t reflect.Type) []string {
	if t == nil {
		return nil
	}
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var all []string
	if t.Kind() == reflect.Struct {
		for f := range t.Fields() {
			all = append(append(all, f.Tag.Get("json")), keys(f.Type)...)
		}
	}
	return all
}

func format(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
