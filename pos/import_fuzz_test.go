package pos

import (
	"bytes"
	"testing"

	"comptoir/data/fault"
)

// FuzzParseMenuJSON: a file is a menu or is refused with reasons.
func FuzzParseMenuJSON(f *testing.F) {
	f.Add([]byte(`{"products":[{"name":"Café","category":"Chaud","price":220,"vat_eat_in":1000,"vat_takeaway":1000}]}`))
	f.Add([]byte(`{"products":[{}]}`))
	f.Add([]byte(`[]`))
	f.Add([]byte("\xef\xbb\xbf{}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, err := ParseMenuJSON(bytes.NewReader(text))
		if err != nil && fault.CodeOf(err) == "" {
			t.Fatalf("refused without a code: %v", err)
		}
		if err == nil && len(file.Products) == 0 {
			t.Fatalf("%q is a menu of nothing", text)
		}
	})
}
