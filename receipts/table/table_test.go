package table_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"comptoir/data/money"
	"comptoir/receipts/table"
)

func TestATableIsTheBytesASpreadsheetOpens(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	w := table.New(&b)
	for _, row := range [][]string{{"numéro", "libellé", "total"}, {"T26-000001", `Café "allongé"; serré`, "-1,50"}, {"", " bord", "=1+1"}} {
		if err := w.Row(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	want := "\ufeffnuméro;libellé;total\r\nT26-000001;\"Café \"\"allongé\"\"; serré\";-1,50\r\n;\" bord\";'=1+1\r\n"
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error("the table differs (-want +got):\n" + diff)
	}
}

func TestATableWithoutRowsIsItsMark(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := table.New(&b).Flush(); err != nil || b.String() != table.Mark {
		t.Errorf("%q, %v", b.String(), err)
	}
}

func TestACellIsNeverRunAsAFormula(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "", "Awa": "Awa", "a=b": "a=b", "=1+1": "'=1+1", "+33": "'+33", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1", "\r=1": "'\r=1", "\n=1": "'\n=1",
		"-1": "-1", "-1,50": "-1,50", "-12.40": "-12.40", "12": "12", "-": "'-", "-1+1": "'-1+1", "--1": "'--1", "-1,5,0": "'-1,5,0", "-1,": "'-1,",
		"-cmd|' /C calc'!A0": "'-cmd|' /C calc'!A0", "＝1+1": "'＝1+1", "＋1": "'＋1", "－1": "'－1", "＠A": "'＠A", "-,5": "'-,5", "'=1": "'=1",
	} {
		if got := table.Cell(text); got != want {
			t.Errorf("Cell(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestEurosHaveTwoDecimalsAndAComma(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]money.Cents{"0,00": 0, "0,05": 5, "-0,05": -5, "12345,67": 1234567, "-1,00": -100} {
		if got := table.Euros(c); got != want {
			t.Errorf("Euros(%d) = %q, want %q", c, got, want)
		}
	}
}

// What is written is read back cell by cell by any reader of the format.
func TestEveryTableIsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(rapid.StringMatching(`[ -~éà€;"=+@\-]{0,12}`), 3, 3), 1, 5).Draw(t, "rows")
		var b bytes.Buffer
		w := table.New(&b)
		want := make([][]string, len(rows))
		for i, row := range rows {
			if err := w.Row(row...); err != nil {
				t.Fatal(err)
			}
			for _, c := range row {
				want[i] = append(want[i], table.Cell(c))
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b.Bytes(), []byte(table.Mark))))
		r.Comma = ';'
		got, err := r.ReadAll()
		if err != nil || !cmp.Equal(want, got) {
			t.Fatalf("%v %s", err, cmp.Diff(want, got))
		}
	})
}

type full struct{ left int }

var errFull = errors.New("no space left")

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestAFullDiskIsToldAtTheEndAtTheLatest(t *testing.T) {
	t.Parallel()
	for _, left := range []int{0, 10, 5000} {
		w := table.New(&full{left})
		var err error
		for range 2000 {
			if err = w.Row("un", "deux"); err != nil {
				break
			}
		}
		if err == nil {
			err = w.Flush()
		}
		if !errors.Is(err, errFull) {
			t.Errorf("after %d bytes: %v", left, err)
		}
	}
}
