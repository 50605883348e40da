package web

import (
	"fmt"
	"html/template"
	"strings"
)

// testGoods is a code of goods for use inside a shop, which no packaging bears.
const testGoods = "2012345678903"

// eanBars are the bars of an EAN-13 as one SVG element, black on white in every theme: the left half of each digit is drawn
// by one of two sets, and which tells the first digit (ISO/IEC 15420).
func eanBars(code string) picture {
	odd := strings.Fields("0001101 0011001 0010011 0111101 0100011 0110001 0101111 0111011 0110111 0001011")
	first := strings.Fields("OOOOOO OOEOEE OOEEOE OOEEEO OEOOEE OEEOOE OEEEOO OEOEOE OEOEEO OEEOEO")[code[0]-'0']
	turned := func(bars string) string { return strings.NewReplacer("0", "1", "1", "0").Replace(bars) }
	reversed := func(bars string) (out string) {
		for _, b := range bars {
			out = string(b) + out
		}
		return out
	}
	var all strings.Builder
	all.WriteString("101")
	for i, d := range code[1:] {
		bars := odd[d-'0']
		switch {
		case i >= len(first):
			bars = turned(bars)
		case first[i] == 'E':
			bars = reversed(turned(bars))
		}
		if i == len(first) {
			all.WriteString("01010")
		}
		all.WriteString(bars)
	}
	all.WriteString("101")
	drawn := all.String()
	const quiet, height = 11, 60
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-label="%s" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path fill="#000" d="`,
		len(drawn)+2*quiet, height+10, code, len(drawn)+2*quiet, height+10)
	for i, bar := range drawn {
		if bar == '1' {
			fmt.Fprintf(&b, "M%d 5h1v%dh-1z", i+quiet, height)
		}
	}
	b.WriteString(`"/></svg>`)
	return picture(template.HTML(b.String())) //nolint:gosec // digits and numbers of ours
}
