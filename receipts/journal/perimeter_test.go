package journal_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/build"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"comptoir/receipts/journal"
)

// root leads from this package to the module.
const root = "../.."

// sources lists the files of the fiscal core, as paths inside the module.
func sources(t *testing.T) []string {
	t.Helper()
	seen := map[string]bool{}
	var files []string
	for todo := []string{"receipts/journal"}; len(todo) > 0; todo = todo[1:] {
		if seen[todo[0]] {
			continue
		}
		seen[todo[0]] = true
		p, err := build.ImportDir(filepath.Join(root, todo[0]), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range slices.Concat(p.GoFiles, p.IgnoredGoFiles) {
			if !strings.HasSuffix(f, "_test.go") {
				files = append(files, todo[0]+"/"+f)
			}
		}
		for _, path := range p.Imports {
			if inside, ok := strings.CutPrefix(path, "comptoir/"); ok {
				todo = append(todo, inside)
			}
		}
	}
	for _, need := range []string{"data", "data/fault", "data/money"} {
		if !seen[need] {
			t.Errorf("%s is no part of the fiscal core any more: is that meant? %v", need, slices.Sorted(maps.Keys(seen)))
		}
	}
	tables, err := fs.Glob(os.DirFS(root), "data/migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range tables {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		if fiscalTable.Match(comment.ReplaceAll(text, nil)) {
			files = append(files, file)
		}
	}
	return files
}

var (
	fiscalTable = regexp.MustCompile(`\b(journal|documents|journal_keys)\b`)
	comment     = regexp.MustCompile(`--.*`)
)

// fingerprint is the SHA-256 of the sources, as PERIMETER says.
func fingerprint(t *testing.T) string {
	t.Helper()
	var lines []string
	for _, file := range sources(t) {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(text)
		lines = append(lines, fmt.Sprintf("%s %x\n", file, sum))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(sum[:])
}

func TestThePerimeterDoesNotChangeWithoutItsVersion(t *testing.T) {
	got, want := fingerprint(t), journal.SourceHash(journal.CoreVersion)
	if want == "" && os.Getenv("PERIMETER") == "write" {
		f, err := os.OpenFile("PERIMETER", os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Fprintf(f, "%s %s\n", journal.CoreVersion, got); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		t.Fatalf("PERIMETER has a line for %s now; run again without PERIMETER=write", journal.CoreVersion)
	}
	if got != want {
		t.Errorf("the sources of the fiscal core have the hash\n%s, those of version %s\n%s: raise CoreVersion by the rule in PERIMETER, and add its line", got, journal.CoreVersion, want)
	}
}

func TestEachVersionOfTheCoreStandsOnceInThePerimeter(t *testing.T) {
	text, err := os.ReadFile("PERIMETER")
	if err != nil {
		t.Fatal(err)
	}
	seen, last := map[string]bool{}, ""
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Fields(line)
		if len(fields) != 2 || len(fields[1]) != 64 || strings.Trim(fields[1], "0123456789abcdef") != "" {
			t.Fatalf("not a version and a hash: %q", line)
		}
		if seen[fields[0]] {
			t.Errorf("%s stands twice", fields[0])
		}
		seen[fields[0]], last = true, fields[0]
	}
	if last != journal.CoreVersion {
		t.Errorf("the last line is of %s, CoreVersion is %s", last, journal.CoreVersion)
	}
}
