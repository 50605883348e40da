package seed_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"testing"

	"comptoir/data/seed"
)

// table reads a CSV file into rows by column name.
func table(t *testing.T, file []byte) (rows []map[string]string) {
	t.Helper()
	all, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range all[1:] {
		row := map[string]string{}
		for i, column := range all[0] {
			row[column] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func TestTheDayNamesOnlyWhatIsOnTheMenu(t *testing.T) {
	t.Parallel()
	class := map[string]string{}
	for _, p := range table(t, seed.Menu()) {
		if _, twice := class[p["name"]]; twice {
			t.Errorf("%s is on the menu twice", p["name"])
		}
		class[p["name"]] = p["suspend_class"]
	}
	for i, l := range table(t, seed.Day()) {
		c, ok := class[l["item"]]
		if !ok {
			t.Errorf("line %d: %q is not on the menu", i+2, l["item"])
		}
		if l["kind"] != "sale" && c == "" {
			t.Errorf("line %d: %s of %q, which is in no suspended class", i+2, l["kind"], l["item"])
		}
	}
}

func TestTheDayHasItsSalesGiftsAndRedemptions(t *testing.T) {
	t.Parallel()
	sold, served := map[string]bool{}, map[string]bool{}
	kinds := map[string]int{}
	for _, l := range table(t, seed.Day()) {
		kinds[l["kind"]]++
		if l["kind"] == "redemption" {
			served[l["transaction"]] = true
		} else {
			sold[l["transaction"]] = true
		}
	}
	if got, want := []int{len(sold), kinds["gift"], len(served)}, []int{150, 12, 9}; !slices.Equal(got, want) {
		t.Errorf("got %v sales, gifts and redemptions, want %v", got, want)
	}
}

func TestTheFilesCannotBeChangedByTheirReaders(t *testing.T) {
	t.Parallel()
	clear(seed.Menu())
	clear(seed.Day())
	if !bytes.HasPrefix(seed.Menu(), []byte("name,")) || !bytes.HasPrefix(seed.Day(), []byte("date,")) {
		t.Error("a caller changed the embedded bytes")
	}
}
