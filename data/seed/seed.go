package seed

import (
	"bytes"
	_ "embed" // for the two files
)

//go:embed menu.csv
var menu []byte

//go:embed day.csv
var day []byte

// Menu returns the sample menu as CSV, UTF-8. The caller may change the bytes.
func Menu() []byte { return bytes.Clone(menu) }

// Day returns the made day of sales as CSV, UTF-8, over the products of [Menu]. The caller may
// change the bytes.
func Day() []byte { return bytes.Clone(day) }
