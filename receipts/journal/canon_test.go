package journal_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"comptoir/receipts/journal"
)

func TestCanonicalForm(t *testing.T) {
	for src, want := range map[string]string{
		` { "b" : 1 , "a" : [ true , null , "x" ] } `: `{"a":[true,null,"x"],"b":1}`,
		`{"peach":1,"péché":2,"pêche":3}`:             `{"peach":1,"péché":2,"pêche":3}`,
		"{\"\uf8ff\":1,\"\U0001f600\":2,\"a\":3}":     "{\"a\":3,\"\U0001f600\":2,\"\uf8ff\":1}", // UTF-16 order, not that of the bytes
		"{\"\U0001f600b\":1,\"\U0001f600a\":2}":       "{\"\U0001f600a\":2,\"\U0001f600b\":1}",
		`{"a\"":1,"a":2,"a!":3}`:                      `{"a":2,"a!":3,"a\"":1}`,
		`"caf\u0065\u0301 \u2028\/\\\""`:              "\"café \u2028/\\\\\\\"\"",
		`"\ud83d\ude00"`:                              "\"\U0001f600\"",
		`9007199254740991`:                            `9007199254740991`,
		`[-9007199254740991,0,{},[]]`:                 `[-9007199254740991,0,{},[]]`,
	} {
		got, err := journal.Canonicalize([]byte(src))
		if err != nil || string(got) != want {
			t.Errorf("%s: got %s (%v), want %s", src, got, err, want)
		}
		if !journal.IsCanonical([]byte(want)) {
			t.Errorf("%s is not canonical", want)
		}
	}
}

func TestWhatHasNoCanonicalForm(t *testing.T) {
	for _, src := range []string{
		``, ` `, `{`, `[1`, `[1,]`, `{"a":1,}`, `{"a"}`, `{a:1}`, `{"a":1 "b":2}`, `1 2`, `[] x`, `tru`, `nul`,
		`1.0`, `1e3`, `-0`, `01`, `+1`, `-`, `9007199254740992`, `-9007199254740992`, `99999999999999999999`,
		`{"a":1,"a":2}`, `{"b":1,"a":2,"b":3}`, "{\"\u00e9\":1,\"e\u0301\":2}",
		`"\n"`, `"\u0000"`, "\"\t\"", "\"\x7f\"", "\"\u0085\"", `"\ud83d"`, `"\ude00\ud83d"`, `"\ud83dx"`, `"\u12g4"`, `"\u12`, `"\`, `"a`,
		"\"\xff\"", `"\x"`, strings.Repeat("[", 40) + strings.Repeat("]", 40),
	} {
		if got, err := journal.Canonicalize([]byte(src)); err == nil {
			t.Errorf("%q: got %s", src, got)
		}
	}
}

func TestCanonicalizeIsIdempotentAndKeepsTheMeaning(t *testing.T) {
	text := rapid.StringOf(rapid.RuneFrom([]rune("abé\"\\/œ€ \u2028\uf8ff\U0001f600e\u0301\u0327")))
	var value func(depth int) *rapid.Generator[any]
	value = func(depth int) *rapid.Generator[any] {
		leaves := []*rapid.Generator[any]{text.AsAny(), rapid.Int64Range(-1<<53+1, 1<<53-1).AsAny(), rapid.Bool().AsAny(), rapid.Just(any(nil))}
		if depth > 0 {
			leaves = append(leaves, rapid.SliceOfN(value(depth-1), 0, 5).AsAny(),
				rapid.MapOfN(rapid.StringMatching(`[a-e"\\é]{0,3}`), value(depth-1), 0, 6).AsAny())
		}
		return rapid.OneOf(leaves...)
	}
	rapid.Check(t, func(t *rapid.T) {
		src, err := json.Marshal(value(4).Draw(t, "value"))
		if err != nil {
			t.Fatal(err)
		}
		once, err := journal.Canonicalize(src)
		if err != nil {
			t.Fatalf("%s: %v", src, err)
		}
		if twice, err := journal.Canonicalize(once); err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("once %s, twice %s (%v)", once, twice, err)
		}
	})
}

func FuzzCanonicalize(f *testing.F) {
	for _, seed := range []string{`{"b":1,"a":[true,null,"x\u0065"]}`, `"\ud83d\ude00"`, "\"e\u0301\"", `{"a":{"a":{"a":-1}}}`, `[1.5]`, `{"a\"":1,"a\\":2}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		got, err := journal.Canonicalize(src)
		if err != nil {
			return
		}
		if !journal.IsCanonical(got) {
			t.Fatalf("%q gives %q, which is not canonical", src, got)
		}
		var a, b any
		if err := json.Unmarshal(got, &b); err != nil {
			t.Fatalf("%q is not JSON: %v", got, err)
		}
		if err := json.Unmarshal(src, &a); err == nil && len(src) == len(got) && !bytes.Contains(src, []byte("\\")) &&
			isASCII(src) && !reflect.DeepEqual(a, b) {
			t.Fatalf("%q became %q", src, got)
		}
	})
}

func isASCII(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return false
		}
	}
	return true
}
