package archive

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// FuzzVerify hands bytes to the reader of archives: they are read or refused.
func FuzzVerify(f *testing.F) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"MANIFEST.json", "MANIFEST.json.sig", "journal.jsonl", "../../x"} {
		w, err := z.Create(name)
		if err != nil {
			f.Fatal(err)
		}
		if _, err := w.Write([]byte(`{"format":"` + FormatVersion + `","files":[{"name":"journal.jsonl","size":1}]}`)); err != nil {
			f.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, text []byte) {
		name := filepath.Join(t.TempDir(), "a.zip")
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Verify(t.Context(), name); err == nil {
			t.Fatal("taken for an archive")
		}
	})
}

// FuzzRecord reads manifests and entries as an archive holds them.
func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"format":"` + FormatVersion + `"}`))
	f.Add([]byte(`{"seq":1,"ts":"2026-11-02T09:00:00.000Z","tz":60,"kind":"X","body":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if m, err := readManifest(text); err == nil && m.Format != FormatVersion {
			t.Fatalf("a manifest of format %q", m.Format)
		}
		if r, err := readRecord(text); err == nil {
			if _, err := time.Parse(stampLayout, r.TS); err != nil {
				t.Fatalf("%q: %v", text, err)
			}
		}
	})
}
