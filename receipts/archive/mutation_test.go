package archive_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"comptoir/data/fault"
	"comptoir/receipts/archive"
)

// pack writes files into a ZIP file, in the order of the archive at path, then what is left.
func pack(tb testing.TB, path string, files map[string]string) string {
	tb.Helper()
	z, err := zip.OpenReader(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	put := func(name, text string) {
		to, err := w.Create(name)
		if err == nil {
			_, err = io.WriteString(to, text)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	for _, f := range z.File {
		if text, kept := files[f.Name]; kept {
			put(f.Name, text)
		}
		delete(files, f.Name)
	}
	for name, text := range files {
		put(name, text)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	altered := filepath.Join(tb.TempDir(), "altered.zip")
	if err := os.WriteFile(altered, b.Bytes(), 0o600); err != nil {
		tb.Fatal(err)
	}
	return altered
}

// reseal makes the manifest name the files as they are now, and signs it with the café's key: what only who holds the
// key could do.
func (c *cafe) reseal(files map[string]string) {
	c.tb.Helper()
	var m archive.Manifest
	if err := json.Unmarshal([]byte(files["MANIFEST.json"]), &m); err != nil {
		c.tb.Fatal(err)
	}
	for i, f := range m.Files {
		sum := sha256.Sum256([]byte(files[f.Name]))
		m.Files[i].SHA256, m.Files[i].Size = hex.EncodeToString(sum[:]), int64(len(files[f.Name]))
	}
	text, err := json.Marshal(m)
	if err != nil {
		c.tb.Fatal(err)
	}
	sig, err := c.j.SignFile(text)
	if err != nil {
		c.tb.Fatal(err)
	}
	files["MANIFEST.json"], files["MANIFEST.json.sig"] = string(text), string(sig)
}

// swap replaces the first old text, and fails when there is none.
func swap(tb testing.TB, files map[string]string, name, old, new string) {
	tb.Helper()
	if !strings.Contains(files[name], old) {
		tb.Fatalf("%s has no %q", name, old)
	}
	files[name] = strings.Replace(files[name], old, new, 1)
}

func TestWhateverIsAlteredInAnArchiveIsFound(t *testing.T) {
	t.Parallel()
	c := found(t)
	c.everyKind()
	path := c.write(archive.All).Path
	second := func(text string) string { return strings.SplitAfter(text, "\n")[1] }
	for name, tc := range map[string]struct {
		change func(f map[string]string)
		sealed bool // by who holds the key
		file   string
	}{
		"a file is missing":               {change: func(f map[string]string) { delete(f, "tva.csv") }, file: "MANIFEST.json"},
		"a file is too many":              {change: func(f map[string]string) { f["autre.txt"] = "x" }, file: "MANIFEST.json"},
		"the manifest":                    {change: func(f map[string]string) { swap(t, f, "MANIFEST.json", "Le Comptoir", "La Caisse") }, file: "MANIFEST.json.sig"},
		"the signature of the manifest":   {change: func(f map[string]string) { f["MANIFEST.json.sig"] = "x" }, file: "MANIFEST.json.sig"},
		"an unknown key in the manifest":  {change: func(f map[string]string) { swap(t, f, "MANIFEST.json", `"format"`, `"form"`) }, file: "MANIFEST.json"},
		"an amount of an entry":           {change: func(f map[string]string) { swap(t, f, "journal.jsonl", `"ttc":1110`, `"ttc":1111`) }, file: "journal.jsonl"},
		"the notice":                      {change: func(f map[string]string) { f["LISEZMOI.txt"] += "x" }, file: "LISEZMOI.txt"},
		"the notice, cut":                 {change: func(f map[string]string) { f["LISEZMOI.txt"] = "" }, file: "LISEZMOI.txt"},
		"a table, sealed":                 {change: func(f map[string]string) { swap(t, f, "tickets.csv", "1110;11,10", "1010;10,10") }, sealed: true, file: "tickets.csv"},
		"an entry, sealed":                {change: func(f map[string]string) { swap(t, f, "journal.jsonl", `"ttc":1110`, `"ttc":1111`) }, sealed: true, file: "journal.jsonl"},
		"white space in an entry, sealed": {change: func(f map[string]string) { swap(t, f, "journal.jsonl", `"v":1`, `"v": 1`) }, sealed: true, file: "journal.jsonl"},
		"an entry taken out, sealed": {change: func(f map[string]string) {
			swap(t, f, "journal.jsonl", second(f["journal.jsonl"]), "")
			rows := strings.SplitAfter(f["signatures.csv"], "\n")
			f["signatures.csv"] = rows[0] + rows[1] + strings.Join(rows[3:], "")
		}, sealed: true, file: "journal.jsonl"},
		"a signature too few, sealed":  {change: func(f map[string]string) { swap(t, f, "signatures.csv", second(f["signatures.csv"]), "") }, sealed: true, file: "journal.jsonl"},
		"a signature too many, sealed": {change: func(f map[string]string) { f["signatures.csv"] += second(f["signatures.csv"]) }, sealed: true, file: "journal.jsonl"},
		"no mark, sealed":              {change: func(f map[string]string) { swap(t, f, "signatures.csv", "\ufeff", "") }, sealed: true, file: "signatures.csv"},
		"the last line cut, sealed":    {change: func(f map[string]string) { f["journal.jsonl"] = strings.TrimSuffix(f["journal.jsonl"], "\n") }, sealed: true, file: "journal.jsonl"},
		"an entry in the context, sealed": {change: func(f map[string]string) {
			f["contexte.jsonl"] = second(f["journal.jsonl"])
			f["contexte_signatures.csv"] += strings.SplitAfter(f["signatures.csv"], "\n")[2]
		}, sealed: true, file: "contexte.jsonl"},
		"no key": {change: func(f map[string]string) { f["keys/k1.pem"] = "x" }, file: "keys/k1.pem"},
	} {
		t.Run(name, func(t *testing.T) {
			files := contents(t, path)
			tc.change(files)
			if tc.sealed {
				c.reseal(files)
			}
			_, _, err := archive.Verify(t.Context(), pack(t, path, files))
			e, ok := fault.As(err)
			if !ok || e.Code != "archive.broken" || e.Args["file"] != tc.file {
				t.Errorf("got %v %v, want archive.broken in %s", err, e, tc.file)
			}
		})
	}
}

func TestAnArchiveCutShortIsBroken(t *testing.T) {
	t.Parallel()
	c := found(t)
	c.everyKind()
	text, err := os.ReadFile(c.write(archive.All).Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 100, len(text) / 2, len(text) - 1} {
		path := filepath.Join(t.TempDir(), "cut.zip")
		if err := os.WriteFile(path, text[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := archive.Verify(t.Context(), path); fault.CodeOf(err) != "archive.broken" {
			t.Errorf("%d bytes of %d: %v", n, len(text), err)
		}
	}
}
