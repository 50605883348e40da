package locale

import (
	"strings"
	"testing"
)

// FuzzChoose: whatever a browser asks for, some language is spoken.
func FuzzChoose(f *testing.F) {
	for _, accept := range []string{"fr-FR,fr;q=0.9", "es", "*;q=0.1", "en;q=nan", strings.Repeat("a-", 90), "x-\x00", "zh-Hant-u-co-stroke,de"} {
		f.Add("", accept)
	}
	f.Add("en", "fr")
	c, err := Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, code, accept string) {
		l := c.Choose(code, accept)
		if l == nil || l.T("language.name") == "language.name" {
			t.Fatalf("%q %q: %+v", code, accept, l)
		}
	})
}
