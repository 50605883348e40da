package web

import (
	"fmt"
	"html"
	"html/template"
	"strconv"
	"strings"
	"unicode/utf8"

	"comptoir/data/money"
)

// picture is an SVG element without style or script: it may stand in a page.
type picture = template.HTML

// chart is a row of bars from zero, and a line for what they are compared with. Its colours
// as written are those of a file looked at by itself, a page gives its own.
type chart struct {
	Says string // the conclusion in words, for who does not see the picture
	Bars []bar
	Euro func(money.Cents) string // writes a tick
}

// bar is one place on the axis.
type bar struct {
	Label  string      // under it
	Says   string      // all about it, in words
	Value  money.Cents // below zero when more was given back than sold
	Before money.Cents // of the line
	Was    bool        // the line has a point here
}

// Measures of a chart in tenths of a pixel: no float is needed, and none could differ from one machine to another.
const (
	chartHeight = 2400
	chartTop    = 100
	chartBottom = 280 // for the labels under the bars
	chartRight  = 80
	letter      = 76 // the width of a digit in the labels, and what is between two of them
	labelGap    = 140
	chartTicks  = 5   // about so many lines
	thickest    = 560 // a bar
)

// axis is the scale of a chart: from the lowest tick to the highest.
type axis struct {
	ticks     []money.Cents
	low, high money.Cents
}

// niceAxis begins at zero, or below it for what is below, and has steps of 1, 2 or 5 times a power of ten.
func niceAxis(low, high money.Cents) axis {
	low, high = min(low, 0), max(high, 0)
	const oneEuro = money.Cents(100)
	step := oneEuro
	for i := 0; (high-low)/step >= chartTicks; i++ {
		if i%3 == 1 { // 1, 2, 5, 10, 20, 50…
			step = step / 2 * 5
		} else {
			step *= 2
		}
	}
	a := axis{low: low / step * step, high: (high + step - 1) / step * step}
	if a.low > low {
		a.low -= step
	}
	a.high = max(a.high, a.low+step)
	for v := a.low; v <= a.high; v += step {
		a.ticks = append(a.ticks, v)
	}
	return a
}

// y is where a value stands, in tenths of a pixel from above.
func (a axis) y(v money.Cents) int {
	return chartTop + int((a.high-v)*money.Cents(chartHeight-chartTop-chartBottom)/(a.high-a.low))
}

// SVG draws the chart some pixels wide.
func (c chart) SVG(width int) picture {
	var low, high money.Cents
	for _, b := range c.Bars {
		low, high = min(low, b.Value), max(high, b.Value)
		if b.Was {
			low, high = min(low, b.Before), max(high, b.Before)
		}
	}
	a := niceAxis(low, high)
	left := 0
	for _, v := range a.ticks {
		left = max(left, labelWidth(c.Euro(v))+labelGap/2)
	}
	right := width*10 - chartRight
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox="0 0 %d %d" role="img" aria-label="%s" font-family="Figtree, sans-serif" font-size="13">`+"\n",
		width, chartHeight/10, html.EscapeString(c.Says))
	for _, v := range a.ticks {
		y := a.y(v)
		fmt.Fprintf(&b, `<path class="grid" stroke="#e2d6c7" d="M%s %sH%s"/><text class="tick" fill="#65564a" text-anchor="end" x="%s" y="%s">%s</text>`+"\n",
			px(left), px(y), px(right), px(left-labelGap/3), px(y+45), html.EscapeString(c.Euro(v)))
	}
	c.bars(&b, a, left, right)
	c.line(&b, a, left, right)
	b.WriteString("</svg>")
	return picture(b.String()) // every text is escaped above, all else are numbers
}

// place returns where the i-th bar begins and how wide its place is.
func (c chart) place(i, left, right int) (x, wide int) {
	x = left + (right-left)*i/len(c.Bars)
	return x, left + (right-left)*(i+1)/len(c.Bars) - x
}

// bars draws the bars, each with its words, and as many labels as have room.
func (c chart) bars(b *strings.Builder, a axis, left, right int) {
	longest := 0
	for _, r := range c.Bars {
		longest = max(longest, labelWidth(r.Label)+labelGap)
	}
	every := 1
	if len(c.Bars) > 0 {
		every = (longest*len(c.Bars) + right - left - 1) / (right - left)
	}
	for i, r := range c.Bars {
		x, wide := c.place(i, left, right)
		top, foot := a.y(max(r.Value, 0)), a.y(min(r.Value, 0))
		fmt.Fprintf(b, `<g><title>%s</title><rect class="place" fill="none" pointer-events="all" x="%s" y="%s" width="%s" height="%s"/>`,
			html.EscapeString(r.Says), px(x), px(chartTop), px(wide), px(chartHeight-chartTop-chartBottom))
		if r.Value != 0 {
			thick := min(wide-wide/4, thickest)
			fmt.Fprintf(b, `<rect class="now" fill="#24624a" x="%s" y="%s" width="%s" height="%s" rx="2"/>`, px(x+(wide-thick)/2), px(top), px(thick), px(max(foot-top, 10)))
		}
		if i%max(every, 1) == 0 {
			fmt.Fprintf(b, `<text class="tick" fill="#65564a" text-anchor="middle" x="%s" y="%s">%s</text>`, px(x+wide/2), px(chartHeight-80), html.EscapeString(r.Label))
		}
		b.WriteString("</g>\n")
	}
}

// line draws what the bars are compared with: a broken line with a diamond at each point, so that it differs from the
// bars in shape and not in colour alone.
func (c chart) line(b *strings.Builder, a axis, left, right int) {
	const half = 40
	var path, marks strings.Builder
	pen := "M"
	for i, r := range c.Bars {
		if !r.Was {
			pen = "M"
			continue
		}
		x, wide := c.place(i, left, right)
		x += wide / 2
		y := a.y(r.Before)
		path.WriteString(pen + px(x) + " " + px(y))
		marks.WriteString("M" + px(x) + " " + px(y-half) + "l4 4-4 4-4-4z")
		pen = "L"
	}
	if path.Len() == 0 {
		return
	}
	fmt.Fprintf(b, `<path class="halo" fill="none" stroke="#fff" stroke-width="5" pointer-events="none" d="%s"/>`+"\n", path.String())
	fmt.Fprintf(b, `<path class="before" fill="none" stroke="#a8481f" stroke-width="2" stroke-dasharray="6 4" pointer-events="none" d="%s"/>`+"\n", path.String())
	fmt.Fprintf(b, `<path class="mark" fill="#a8481f" stroke="#fff" stroke-width="1.5" paint-order="stroke" pointer-events="none" d="%s"/>`+"\n", marks.String())
}

// labelWidth is about what a label takes, in tenths of a pixel.
func labelWidth(s string) int { return utf8.RuneCountInString(s) * letter }

// px writes tenths of a pixel.
func px(tenths int) string {
	if tenths%10 == 0 {
		return strconv.Itoa(tenths / 10)
	}
	return strconv.Itoa(tenths/10) + "." + strconv.Itoa(tenths%10)
}
