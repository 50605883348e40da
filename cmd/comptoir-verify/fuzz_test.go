package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzCanonical holds the reader of entries against the standard library: what it takes is valid JSON that says the
// same, and nothing makes it fall over.
func FuzzCanonical(f *testing.F) {
	v := readVectors(f)
	for _, e := range v.Entries[:4] {
		f.Add(e.Canon)
	}
	for _, c := range v.Canonical {
		f.Add(c.In)
		f.Add(c.Out)
	}
	for _, text := range v.Refused {
		f.Add(text)
	}
	f.Add(strings.Repeat("[", 40) + strings.Repeat("]", 40))
	n := forms(f)
	x := newExaminer(newBook(), n)
	f.Fuzz(func(t *testing.T, text string) {
		var tr tree
		root, err := parseCanonical(&tr, n, text)
		if err == nil {
			if !json.Valid([]byte(text)) || !utf8.ValidString(text) {
				t.Fatalf("taken for canonical: %q", text)
			}
			if root.bytes() != text {
				t.Fatalf("the root is %q of %q", root.bytes(), text)
			}
		}
		if _, loose := parseLoose(&tr, n, text); err == nil && loose != nil {
			t.Fatalf("canonical, and not loosely: %q: %v", text, loose)
		}
		x.look(&entry{row: raw{canon: text}})
	})
}

// FuzzExport hands whole exports to the program: it reports or refuses, and never falls over.
func FuzzExport(f *testing.F) {
	lines := readVectors(f).export(f)
	f.Add([]byte(strings.Join(lines, "\n") + "\n"))
	f.Add([]byte(strings.Join(lines[:5], "\n") + "\n"))
	f.Add([]byte(exportHead + "\"}\n" + `{"end":true,"entries":0,"documents":0,"keys":0,"skipped":0,"marks":0}` + "\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		name := filepath.Join(t.TempDir(), "journal.jsonl")
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		var out, words bytes.Buffer
		if code := run([]string{name}, &out, &words); code == exitCannot && words.Len() == 0 {
			t.Fatal("refused without a word")
		}
	})
}

// FuzzAnchor reads heads as somebody types them.
func FuzzAnchor(f *testing.F) {
	f.Add(`CZ1 01a1fc5b-718d-79ee-b0a3-3bb4940567ba 812 ` + noHash + ` Z26-000004`)
	f.Add(`{"seq":1,"hash":"` + noHash + `"}`)
	f.Add(`{"journal":"x","seq":1,"hash":"` + noHash + `","at":""}`)
	f.Fuzz(func(t *testing.T, text string) {
		a, err := readAnchor(text)
		if err == nil && (!isHash(a.hash) || a.seq < 0) {
			t.Fatalf("%q is taken for an anchor: %+v", text, a)
		}
	})
}

// FuzzArchive hands bytes to the reader of archives.
func FuzzArchive(f *testing.F) {
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, b []byte) {
		name := filepath.Join(t.TempDir(), "a.zip")
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		var out, words bytes.Buffer
		run([]string{name}, &out, &words)
	})
}

// FuzzStatement reads published statements.
func FuzzStatement(f *testing.F) {
	f.Add([]byte(`{"format":"comptoir-solidarity/2","from":"2026-10-01","to":"2026-10-31","closing":{},"classes":[]}`))
	f.Add([]byte(`{"format":"comptoir-solidarity/2","from":"2026-13-01"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		name := filepath.Join(t.TempDir(), "statement.json")
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := readStatement(name)
		if err == nil && (s.says.Closing == nil || s.says.From > s.says.To) {
			t.Fatalf("%q is taken for a statement", text)
		}
	})
}

func TestNormalFormC(t *testing.T) {
	t.Parallel()
	n := forms(t)
	for text, want := range map[string]bool{
		"": true, "café": true, "cafe\u0301": false, "\u1100\u1161": false, "\uac00": true, "\uac00\u11a8": false, "\uac01": true,
		"a\u0323\u0302": false, "\u1ead": true, "a\u0302\u0323": false, "\u0340": false, "\u2126": false, "Ω": true, "q\u0307\u0323": false, "q\u0323\u0307": true,
		"\u0344": false, "\u0958": false, "\u0915\u093c": true, "\U0001d15e": false, "e\u0334\u0301": false, "é\u0334": true, "\u00e9\u0327\u0334": false, "e\u0334": true, "日本": true, "\U0001f600": true, "\u0301": true,
	} {
		if got := n.holds(text); got != want {
			t.Errorf("%+q: %v, want %v", text, got, want)
		}
	}
}
