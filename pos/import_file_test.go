package pos_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"comptoir/pos"
	"comptoir/receipts/journal"
)

// service is the folder of the real café's files beside the repository. A clone elsewhere has none; the build
// server must.
func service(t *testing.T, file string) string {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "data", "service", file)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("the real data must be here: %v", err)
		}
		t.Skip("no ../shared beside this clone")
	}
	return path
}

func TestTheRealMenuIsImported(t *testing.T) {
	c := testWholeFile(t, service(t, "menu.csv"), 93)
	if p := c.product("hearty-seasonal"); p.Name != "Hearty & Seasonal" || p.Price != 1090 || p.MealUnits != 1 {
		t.Errorf("got %+v", p)
	}
}

func TestTheSampleMenuIsImported(t *testing.T) {
	testWholeFile(t, filepath.Join("..", "data", "seed", "menu.csv"), 46)
}

// testWholeFile imports a file into an empty café: every line is a product and a journal entry; twice is once.
func testWholeFile(t *testing.T, path string, products int) *cafe {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := emptyCafe(t)
	lines := strings.Count(strings.TrimSpace(string(text)), "\n")
	got, err := c.importCSV(string(text))
	if want := (pos.ImportResult{Added: lines}); err != nil || got != want {
		t.Fatalf("got %+v, %s, want %+v", got, told(err), want)
	}
	if lines != products {
		t.Errorf("%d products, want %d", lines, products)
	}
	if got, err := c.importCSV(string(text)); err != nil || got.Unchanged != lines {
		t.Errorf("again: %+v, %v", got, err)
	}
	if n := len(c.events(journal.EventConfigChange)); n < lines {
		t.Errorf("%d changes in the journal, want one for each of %d products", n, lines)
	}
	return c
}
