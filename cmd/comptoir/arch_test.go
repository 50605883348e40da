package main_test

// The shape of the house, held by a test: who may import whom and why, what lies at the top, how
// long a function may be. A row is changed with its reason, or not at all.

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	module           = "comptoir"
	functionLinesMax = 70  // a function fits a screen
	fileLinesMax     = 600 // beyond that it is split along a word of the glossary
)

// root is the module's folder, seen from this package's.
const root = "../.."

// packageRow says what one of our packages may import of ours. Dependencies point down only: the
// rows stand in that order, and no row names one above itself.
type packageRow struct {
	path   string
	uses   []string // by the product
	tests  []string // besides, by its tests
	reason string
}

// testKit is what any test above the kernel may use.
var testKit = []string{"data", "data/datatest", "data/datatest/faultvfs", "data/fault", "data/money", "data/seed"}

var packageTable = []packageRow{
	{
		path: "cmd/comptoir",
		uses: []string{
			"cmd/comptoir/internal/web", "cmd/comptoir/internal/device", "cmd/comptoir/internal/simulation", "cmd/comptoir/internal/locale", "cmd/comptoir/internal/authority", "cmd/comptoir/internal/health", "cmd/comptoir/internal/recovery", "cmd/comptoir/internal/speed",
			"cmd/comptoir/internal/replica", "cmd/comptoir/internal/crash",
			"cmd/comptoir/internal/device/caisseap", "cmd/comptoir/internal/device/concert", "cmd/comptoir/internal/device/rehearsal", "cmd/comptoir/internal/device/wire",
			"pos", "receipts", "receipts/archive", "receipts/export", "receipts/journal", "receipts/spool", "receipts/escpos",
			"data", "data/datatest/faultvfs", "data/fault", "data/money", "data/seed",
		},
		tests:  []string{"data/datatest", "loyalty", "suspended"},
		reason: "main wires everything, and `bench` slows the disk down; rules stay below it",
	},
	{
		path:   "cmd/comptoir-verify",
		reason: "the independent verifier shares no line with what it verifies: one checks the other",
	},
	{
		path:   "cmd/comptoir/internal/crash",
		uses:   []string{"cmd/comptoir/internal/replica", "cmd/comptoir/internal/simulation", "pos", "receipts", "receipts/archive", "receipts/journal", "data", "data/datatest/faultvfs", "data/fault", "data/money"},
		tests:  testKit,
		reason: "made cafés fall through the use cases of pos, or as a process; it alone plants weaknesses (TestOnlyTheCrashHarnessWeakensTheKernel)",
	},
	{
		path:   "cmd/comptoir/internal/simulation",
		uses:   []string{"cmd/comptoir/internal/locale", "pos", "data", "data/datatest/faultvfs", "data/fault", "data/money"},
		tests:  testKit,
		reason: "a made café lives through the use cases of pos; its disk skips the syncs, which no real one may",
	},
	{
		path: "cmd/comptoir/internal/web",
		uses: []string{
			"cmd/comptoir/internal/device", "cmd/comptoir/internal/authority", "cmd/comptoir/internal/health", "cmd/comptoir/internal/speed", "cmd/comptoir/internal/locale", "pos", "loyalty", "suspended", "receipts", "receipts/archive", "receipts/export", "receipts/journal", "receipts/table",
			"cmd/comptoir/internal/replica",
			"receipts/spool", "receipts/escpos", "data", "data/fault", "data/money",
		},
		tests:  testKit,
		reason: "pages and API call use cases of pos and show the values these return, and how the devices are",
	},
	{
		path: "cmd/comptoir/internal/device",
		uses: []string{
			"cmd/comptoir/internal/device/caisseap", "cmd/comptoir/internal/device/concert", "cmd/comptoir/internal/device/rehearsal", "cmd/comptoir/internal/device/wire",
			"receipts/spool", "receipts/escpos", "data", "data/fault", "data/money",
		},
		tests:  testKit,
		reason: "a device is handed bytes: it knows no sale",
	},
	{path: "cmd/comptoir/internal/speed", reason: "a leaf: kinds and durations, and a file"},
	{path: "cmd/comptoir/internal/health", reason: "a leaf: findings that one part makes, and pages, metrics and bundle repeat"},
	{
		path:   "cmd/comptoir/internal/replica",
		uses:   []string{"data", "data/fault"},
		tests:  testKit,
		reason: "a copy is of pages: it knows nothing of what is in them",
	},
	{
		path:   "cmd/comptoir/internal/recovery",
		uses:   []string{"receipts/journal", "data", "data/fault"},
		tests:  testKit,
		reason: "files that a café is restored from: it reads databases and heads, and knows no till",
	},
	{path: "cmd/comptoir/internal/authority", uses: []string{"data"}, reason: "certificates of the café's own network: crypto/x509, and files that are replaced in one step"},
	{
		path:   "cmd/comptoir/internal/device/caisseap",
		uses:   []string{"cmd/comptoir/internal/device/rehearsal", "cmd/comptoir/internal/device/wire"},
		reason: "messages of a terminal and a virtual one: the same code reads both ends",
	},
	{
		path:   "cmd/comptoir/internal/device/concert",
		uses:   []string{"cmd/comptoir/internal/device/rehearsal", "cmd/comptoir/internal/device/wire"},
		reason: "as caisseap, over a serial line",
	},
	{path: "cmd/comptoir/internal/device/rehearsal", reason: "a leaf: what a virtual device is told to do"},
	{path: "cmd/comptoir/internal/device/wire", reason: "a leaf: a line that is read with patience"},
	{
		path:   "cmd/comptoir/internal/locale",
		uses:   []string{"data/fault", "data/money"},
		tests:  testKit,
		reason: "words, amounts and dates; an error's code is a key of the catalogue",
	},
	{
		path: "pos",
		uses: []string{
			"loyalty", "suspended", "receipts", "receipts/archive", "receipts/export", "receipts/journal", "receipts/spool", "receipts/escpos",
			"data", "data/fault", "data/money", "data/seed",
		},
		tests:  testKit,
		reason: "the only orchestrator: the only one to know loyalty, suspended and receipts at once",
	},
	{
		path:   "loyalty",
		uses:   []string{"suspended", "data", "data/fault", "data/money"},
		tests:  testKit,
		reason: "puts a release on the shelf; the one import that crosses sideways",
	},
	{
		path:   "suspended",
		uses:   []string{"data", "data/fault", "data/money"},
		tests:  testKit,
		reason: "knows items, never cards, persons or payments",
	},
	{
		path:   "receipts",
		uses:   []string{"receipts/journal", "receipts/escpos", "data", "data/fault", "data/money"},
		tests:  testKit,
		reason: "freezes a plain draft: knows neither pos nor loyalty nor suspended",
	},
	{
		path:   "receipts/archive",
		uses:   []string{"receipts/journal", "receipts/table", "data", "data/fault", "data/money"},
		tests:  testKit,
		reason: "the journal taken out of the house: it reads signed entries and writes files, and knows no use case",
	},
	{
		path:   "receipts/export",
		uses:   []string{"receipts/journal", "receipts/table", "data/fault", "data/money"},
		tests:  testKit,
		reason: "files for the accountant: a pure function of closings, without a database",
	},
	{
		path:   "receipts/journal",
		uses:   []string{"data", "data/fault", "data/money"},
		tests:  testKit,
		reason: "the fiscal core changes for no other reason than the law",
	},
	{
		path:   "receipts/spool",
		uses:   []string{"data", "data/fault"},
		tests:  testKit,
		reason: "the queue of paper: pos adds in its commit, devices take; no fiscal fact, so no part of the core",
	},
	{
		path:   "receipts/escpos",
		uses:   []string{"data/fault", "data/money"},
		reason: "bytes for a printer",
	},
	{path: "receipts/table", uses: []string{"data/money"}, reason: "rows of cells, for archives, exports and lists alike"},
	{
		path:   "data/datatest",
		uses:   []string{"data", "data/fault", "data/datatest/faultvfs"},
		reason: "opens the kernel for the tests of all others",
	},
	{
		path:   "data",
		uses:   []string{"data/migrations", "data/fault", "data/money"},
		tests:  []string{"data/datatest", "data/datatest/faultvfs", "data/seed"},
		reason: "the kernel knows nothing of a café",
	},
	{path: "data/migrations", reason: "embedded SQL"},
	{path: "data/money", uses: []string{"data/fault"}, reason: "a leaf: amounts and their refusals"},
	{path: "data/seed", tests: []string{"data/money"}, reason: "embedded sample files"},
	{path: "data/datatest/faultvfs", reason: "a leaf: files, offsets, syncs"},
	{path: "data/fault", reason: "a leaf: every package speaks it"},
}

// foreignTable says which of our packages may import a package of others, product code only. An
// entry covers the packages below it.
var foreignTable = []struct {
	imports string
	by      []string
	reason  string
}{
	{"modernc.org/sqlite", []string{"data", "data/datatest/faultvfs"}, "only the kernel opens a database; faultvfs wraps the driver's file layer"},
	{"modernc.org/libc", []string{"data", "data/datatest/faultvfs"}, "SQLite's C interface: page caches in one piece, and the file layer"},
	{"github.com/pressly/goose", []string{"data"}, "only the kernel migrates"},
	{"github.com/gofiber/fiber", []string{"cmd/comptoir/internal/web"}, "only web knows HTTP"},
	{"github.com/valyala/fasthttp", []string{"cmd/comptoir/internal/web"}, "only web knows HTTP"},
	{"html/template", []string{"cmd/comptoir/internal/web"}, "only web renders pages"},
	{"net/http", []string{"cmd/comptoir", "cmd/comptoir/internal/crash", "cmd/comptoir/internal/replica", "cmd/comptoir/internal/web", "cmd/comptoir/internal/device"}, "the domain speaks no HTTP; `load`, devices and a copy in an S3 store are clients"},
	{"github.com/alecthomas/kong", []string{"cmd/comptoir"}, "flags belong to main"},
	{"github.com/nicksnyder/go-i18n", []string{"cmd/comptoir/internal/locale"}, "one catalogue"},
	{"go.bug.st/serial", []string{"cmd/comptoir/internal/device", "cmd/comptoir/internal/device/wire"}, "wires belong to devices"},
	{"unsafe", []string{"data/datatest/faultvfs"}, "nothing a café runs is unsafe"},
	{"testing", []string{"data/datatest"}, "test code stays out of the product"},
}

// listed is what `go list -json` says of a package.
type listed struct {
	ImportPath   string
	Dir          string
	GoFiles      []string
	Imports      []string
	TestImports  []string
	XTestImports []string
}

// name is the package's path inside the module.
func (p listed) name() string { return ours(p.ImportPath) }

// ours is an import path without the module's name, "" for the package of others.
func ours(path string) string {
	rest, ok := strings.CutPrefix(path, module+"/")
	if !ok {
		return ""
	}
	return rest
}

// goJSON runs the go command in the module's root and decodes the values it prints.
func goJSON[T any](t *testing.T, args ...string) (all []T) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = root
	out, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, failed.Stderr)
	}
	if err != nil {
		t.Fatalf("go %s: %v", strings.Join(args, " "), err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var v T
		switch err := d.Decode(&v); {
		case errors.Is(err, io.EOF):
			return all
		case err != nil:
			t.Fatalf("go %s: %v", strings.Join(args, " "), err)
		}
		all = append(all, v)
	}
}

// packages lists the packages of the module that exist today.
func packages(t *testing.T) []listed {
	t.Helper()
	all := goJSON[listed](t, "list", "-e", "-json=ImportPath,Dir,GoFiles,Imports,TestImports,XTestImports", "-deps=false", "./...")
	if len(all) == 0 {
		t.Fatal("go list found no package")
	}
	return all
}

// row is the table's row of a package.
func row(name string) (packageRow, bool) {
	i := slices.IndexFunc(packageTable, func(r packageRow) bool { return r.path == name })
	if i < 0 {
		return packageRow{}, false
	}
	return packageTable[i], true
}

func TestEveryPackageImportsOnlyWhatItsRowAllows(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		r, ok := row(p.name())
		if !ok {
			t.Errorf("%s has no row in packageTable: say what it may import, and why", p.name())
			continue
		}
		for _, path := range p.Imports {
			if name := ours(path); name != "" && !slices.Contains(r.uses, name) {
				t.Errorf("%s imports %s: %s", p.name(), name, r.reason)
			}
		}
		for _, path := range slices.Concat(p.TestImports, p.XTestImports) {
			name := ours(path)
			if name != "" && name != p.name() && !slices.Contains(r.uses, name) && !slices.Contains(r.tests, name) {
				t.Errorf("the tests of %s import %s: %s", p.name(), name, r.reason)
			}
		}
	}
}

func TestForeignPackagesAreImportedOnlyWhereTheyBelong(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for _, path := range p.Imports {
			for _, f := range foreignTable {
				covered := path == f.imports || strings.HasPrefix(path, f.imports+"/")
				if covered && !slices.Contains(f.by, p.name()) {
					t.Errorf("%s imports %s: %s", p.name(), path, f.reason)
				}
			}
		}
	}
}

func TestTheTableItselfPointsDownOnly(t *testing.T) {
	t.Parallel()
	for i, r := range packageTable {
		if r.reason == "" {
			t.Errorf("%s has no reason", r.path)
		}
		for _, name := range r.uses {
			at := slices.IndexFunc(packageTable, func(o packageRow) bool { return o.path == name })
			if at <= i {
				t.Errorf("row %s uses %s, which has no row below it", r.path, name)
			}
		}
	}
}

func TestTheTopLevelHoldsNothingElse(t *testing.T) {
	t.Parallel()
	want := []string{"cmd", "pos", "loyalty", "suspended", "receipts", "data", "go.mod", "go.sum", "README.md", "LICENSE"}
	built := []string{"comptoir", "comptoir-verify", "bin"} // what .gitignore keeps out
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, ".") && !slices.Contains(want, name) && !slices.Contains(built, name) {
			t.Errorf("%s lies at the top level", name)
		}
	}
}

func TestNoPackageIsNamedAfterNothing(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		for word := range strings.SplitSeq(p.name(), "/") {
			if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "types", "models", "misc"}, word) {
				t.Errorf("%s: %q says nothing; use a word of the café", p.name(), word)
			}
		}
	}
}

func TestEveryPackageIsExplainedOnceInItsDocFile(t *testing.T) {
	t.Parallel()
	eachFile(t, parser.ParseComments|parser.PackageClauseOnly, func(p listed, file string, _ *token.FileSet, f *ast.File) {
		switch has := f.Doc != nil && strings.TrimSpace(f.Doc.Text()) != ""; {
		case file == "doc.go" && !has:
			t.Errorf("%s/doc.go has no package comment", p.name())
		case file != "doc.go" && has:
			t.Errorf("%s/%s has a package comment: it belongs in doc.go", p.name(), file)
		}
	})
	for _, p := range packages(t) {
		if len(p.GoFiles) > 0 && !slices.Contains(p.GoFiles, "doc.go") {
			t.Errorf("%s has no doc.go", p.name())
		}
	}
}

func TestNothingRunsBeforeMain(t *testing.T) {
	t.Parallel()
	eachFile(t, parser.SkipObjectResolution, func(p listed, file string, set *token.FileSet, f *ast.File) {
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s/%s:%d: func init", p.name(), file, set.Position(fn.Pos()).Line)
			}
		}
	})
}

func TestFunctionsAndFilesAreShortEnoughToRead(t *testing.T) {
	t.Parallel()
	eachFile(t, parser.SkipObjectResolution, func(p listed, file string, set *token.FileSet, f *ast.File) {
		if n := set.File(f.Pos()).LineCount(); n > fileLinesMax {
			t.Errorf("%s/%s has %d lines, over %d", p.name(), file, n, fileLinesMax)
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			first, last := set.Position(fn.Pos()).Line, set.Position(fn.End()).Line
			if n := last - first - 1; n > functionLinesMax {
				t.Errorf("%s/%s:%d: %s has %d lines, over %d", p.name(), file, first, fn.Name.Name, n, functionLinesMax)
			}
		}
	})
}

// eachFile parses every file of the product, tests left out.
func eachFile(t *testing.T, mode parser.Mode, visit func(p listed, file string, set *token.FileSet, f *ast.File)) {
	t.Helper()
	for _, p := range packages(t) {
		for _, file := range p.GoFiles {
			set := token.NewFileSet()
			f, err := parser.ParseFile(set, filepath.Join(p.Dir, file), nil, mode)
			if err != nil {
				t.Errorf("%s/%s: %v", p.name(), file, err)
				continue
			}
			visit(p, file, set, f)
		}
	}
}

// weaknesses are the words that plant a bug in the kernel.
var weaknesses = []string{
	"Weakness", "Weaknesses", "SyncAtCheckpoints", "NeverSync", "AnswerBeforeCommit", "SellBehindTheOldLog", "TrustTheCache", "KeepRefusedCells", "TellRewrites",
}

func TestOnlyTheCrashHarnessWeakensTheKernel(t *testing.T) {
	t.Parallel()
	seen := 0
	eachFile(t, parser.SkipObjectResolution, func(p listed, file string, set *token.FileSet, f *ast.File) {
		if p.name() == "data" && file == "weakness.go" || p.name() == "cmd/comptoir/internal/crash" || p.name() == "pos" && file == "till.go" {
			seen++
			return
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && slices.Contains(weaknesses, id.Name) {
				t.Errorf("%s/%s:%d: %s: no part of the product may weaken the kernel", p.name(), file, set.Position(id.Pos()).Line, id.Name)
			}
			return true
		})
	})
	if seen < 3 {
		t.Errorf("%d files that may name a weakness were seen: the test looks past them", seen)
	}
}

func TestTheModuleReplacesNothingAndKeepsItsPins(t *testing.T) {
	t.Parallel()
	type version struct{ Path, Version string }
	mod := goJSON[struct {
		Module  version
		Require []version
		Replace []struct{ Old, New version }
		Tool    []version
	}](t, "mod", "edit", "-json")[0]
	if mod.Module.Path != module {
		t.Errorf("module is %s, want %s", mod.Module.Path, module)
	}
	for _, r := range mod.Replace {
		t.Errorf("go.mod replaces %s: a clone elsewhere would build something else", r.Old.Path)
	}
	for _, tool := range mod.Tool {
		t.Errorf("go.mod names the tool %s: tools live in .ci/tools.mod", tool.Path)
	}
	for _, pin := range []struct{ path, version, reason string }{
		{"modernc.org/sqlite", "v1.60.1", "newer breaks go mod tidy, older than v1.46.2 has the WAL-reset bug"},
		{"modernc.org/libc", "v1.77.1", "what that driver was built with; it does not follow semantic versions"},
		{"github.com/gofiber/fiber/v2", "v2.52.15", "given"},
	} {
		if want := (version{pin.path, pin.version}); !slices.Contains(mod.Require, want) {
			t.Errorf("go.mod does not require %s: %s", fmt.Sprint(want.Path, "@", want.Version), pin.reason)
		}
	}
}
