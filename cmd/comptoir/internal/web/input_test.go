package web

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestTheDecoderNamesEveryFieldItDoesNotKnowOrCannotRead(t *testing.T) {
	t.Parallel()
	type inner struct {
		Qty  int    `json:"qty"`
		Note string `json:"note"`
	}
	type body struct {
		Name  *string `json:"name"`
		Lines []inner `json:"lines"`
		Total int64   `json:"total"`
	}
	for _, c := range []struct{ in, want string }{
		{`{}`, ""},
		{`{"name": "A", "lines": [{"qty": 2, "note": "x"}], "total": 5}`, ""},
		{`{"name": null, "lines": null}`, ""},
		{`{"nmae": "A"}`, "nmae unknown"},
		{`{"Name": "A"}`, "Name unknown"},
		{`{"lines": [{"qty": 1}, {"qty": "2", "price": 1}]}`, "lines[1].qty type, lines[1].price unknown"},
		{`{"lines": {}}`, "lines type"},
		{`{"total": 1.5}`, "total type"},
		{`{"total": 1e3}`, "total type"},
		{`{"total": 9223372036854775808}`, "total type"},
		{`[]`, "body type"},
		{`"x"`, "body type"},
	} {
		var b body
		var d decoder
		d.value("", json.RawMessage(c.in), reflect.ValueOf(&b).Elem())
		var got []string
		for _, f := range d.fields {
			got = append(got, f.Name+" "+f.Code)
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: got %q, want %q", c.in, strings.Join(got, ", "), c.want)
		}
	}
}

func TestTheDecoderTellsNoMoreThanFiftyFields(t *testing.T) {
	t.Parallel()
	var d decoder
	var b struct {
		Lines []int `json:"lines"`
	}
	many := strings.TrimSuffix(strings.Repeat(`"x",`, 1000), ",")
	d.value("", json.RawMessage(`{"lines": [`+many+`]}`), reflect.ValueOf(&b).Elem())
	if len(d.fields) != maxFieldProblems {
		t.Errorf("%d fields told, want %d", len(d.fields), maxFieldProblems)
	}
}

func FuzzTheDecoderReadsWhatTheStandardLibraryReads(f *testing.F) {
	type line struct {
		Product string   `json:"product"`
		Qty     int      `json:"qty"`
		Options []string `json:"options"`
	}
	type body struct {
		Mode  string `json:"mode"`
		Lines []line `json:"lines"`
		Card  *int   `json:"card"`
	}
	f.Add([]byte(`{"mode":"eat_in","lines":[{"product":"p","qty":2,"options":["a"]}],"card":3}`))
	f.Add([]byte(`{"mode":1}`))
	f.Add([]byte(`{"lines":[null,{}]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		if !json.Valid(in) {
			return
		}
		var ours, theirs body
		var d decoder
		d.value("", in, reflect.ValueOf(&ours).Elem())
		if len(d.fields) > 0 {
			return
		}
		if err := json.Unmarshal(in, &theirs); err != nil {
			t.Fatalf("accepted what encoding/json refuses: %v", err)
		}
		if !reflect.DeepEqual(ours, theirs) {
			t.Fatalf("read %+v, encoding/json reads %+v", ours, theirs)
		}
	})
}

func TestACommandIDIsPrintableAndShort(t *testing.T) {
	t.Parallel()
	var bad []string
	for _, id := range []string{"a", "0190-é", "01908f2c-7d1e", strings.Repeat("x", 200), strings.Repeat("x", 201), "", "a\tb", "a\x7f"} {
		if !isCommandID(id) {
			bad = append(bad, id)
		}
	}
	want := []string{"0190-é", strings.Repeat("x", 201), "", "a\tb", "a\x7f"}
	if !slices.Equal(bad, want) {
		t.Errorf("refused %q, want %q", bad, want)
	}
}
