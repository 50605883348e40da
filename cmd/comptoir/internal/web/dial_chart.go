package web

import (
	"fmt"
	"html"
	"strings"

	"comptoir/data/money"
	"comptoir/pos"
)

// dialDrawing draws the dial: as a rail with the band and a needle, and as a line of thirty days across the band. What it
// shows is said in words beside it; both are of integers only.
type dialDrawing struct {
	Says string
	Band pos.Band
	Now  money.BasisPoints
	Line []pos.DialDay
	Rate func(money.BasisPoints) string
	Day  func(string) string
}

// Measures in tenths of a pixel.
const (
	railHeight = 640
	railTop    = 170
	railThick  = 220
	railSide   = 120
	lineHeight = 2200
)

// top is the end of the scale: so much that band and needle stand well inside it.
func (d dialDrawing) top() money.BasisPoints {
	const least = 100
	top := max(d.Band.High*2, d.Now+d.Now/8, least)
	for _, p := range d.Line {
		top = max(top, p.Ratio+p.Ratio/8)
	}
	return top
}

// Rail draws the gauge some pixels wide.
func (d dialDrawing) Rail(width int) picture {
	right := width*10 - railSide
	top := max(d.Band.High*2, d.Now+d.Now/8, 1)
	x := func(bp money.BasisPoints) int { return railSide + (right-railSide)*int(bp)/int(top) }
	var b strings.Builder
	d.open(&b, width, railHeight)
	fmt.Fprintf(&b, `<rect class="rail" fill="#e2d6c7" x="%s" y="%s" width="%s" height="%s" rx="6"/>`, px(railSide), px(railTop), px(right-railSide), px(railThick))
	fmt.Fprintf(&b, `<rect class="band" fill="#24624a" x="%s" y="%s" width="%s" height="%s"/>`, px(x(d.Band.Low)), px(railTop), px(x(d.Band.High)-x(d.Band.Low)), px(railThick))
	for _, bp := range []money.BasisPoints{d.Band.Low, d.Band.High} {
		fmt.Fprintf(&b, `<text class="tick" fill="#65564a" text-anchor="middle" x="%s" y="%s">%s</text>`, px(x(bp)), px(railTop+railThick+220), html.EscapeString(d.Rate(bp)))
	}
	at := x(d.Now)
	fmt.Fprintf(&b, `<rect class="needle" fill="#2a2019" stroke="#fff" x="%s" y="%s" width="4" height="%s"/><path class="needle" fill="#2a2019" d="M%s %sl-9 -13h18z"/>`,
		px(at-20), px(railTop-30), px(railThick+60), px(at), px(railTop-20))
	b.WriteString("</svg>")
	return picture(b.String()) // every text is escaped above, all else are numbers
}

func (d dialDrawing) open(b *strings.Builder, width, height int) {
	fmt.Fprintf(b, `<svg xmlns="http://www.w3.org/2000/svg" class="chart dial" viewBox="0 0 %d %d" role="img" aria-label="%s" font-family="Figtree, sans-serif" font-size="13">`+"\n",
		width, height/10, html.EscapeString(d.Says))
}

// Thirty draws the line of thirty days some pixels wide; days of which nothing is known leave a gap.
func (d dialDrawing) Thirty(width int) picture {
	top := d.top()
	left := labelWidth(d.Rate(max(d.Band.High, d.Band.Low))) + labelGap/2
	right, foot := width*10-chartRight, lineHeight-chartBottom
	y := func(bp money.BasisPoints) int { return foot - (foot-chartTop)*int(bp)/int(top) }
	x := func(i int) int { return left + (right-left)*(2*i+1)/(2*max(len(d.Line), 1)) }
	var b strings.Builder
	d.open(&b, width, lineHeight)
	fmt.Fprintf(&b, `<rect class="band" fill="#24624a" x="%s" y="%s" width="%s" height="%s"/>`, px(left), px(y(d.Band.High)), px(right-left), px(y(d.Band.Low)-y(d.Band.High)))
	for _, bp := range []money.BasisPoints{0, d.Band.Low, d.Band.High} {
		if bp != 0 || d.Band.Low > top/10 { // no label upon another
			fmt.Fprintf(&b, `<path class="grid" stroke="#e2d6c7" d="M%s %sH%s"/><text class="tick" fill="#65564a" text-anchor="end" x="%s" y="%s">%s</text>`+"\n",
				px(left), px(y(bp)), px(right), px(left-labelGap/3), px(y(bp)+45), html.EscapeString(d.Rate(bp)))
		}
	}
	var path strings.Builder
	pen, last := "M", -1
	for i, p := range d.Line {
		fmt.Fprintf(&b, `<g><title>%s</title><rect class="place" fill="none" pointer-events="all" x="%s" y="%s" width="%s" height="%s"/></g>`, html.EscapeString(d.point(p)),
			px(left+(right-left)*i/len(d.Line)), px(chartTop), px((right-left)/len(d.Line)), px(foot-chartTop))
		if p.Position == pos.DialUnknown {
			pen = "M"
			continue
		}
		path.WriteString(pen + px(x(i)) + " " + px(y(p.Ratio)))
		pen, last = "L", i
	}
	fmt.Fprintf(&b, `<path class="thirty" fill="none" stroke="#a8481f" stroke-width="2.5" stroke-linejoin="round" pointer-events="none" d="%s"/>`, path.String())
	if last >= 0 {
		fmt.Fprintf(&b, `<circle class="mark" fill="#a8481f" stroke="#fff" stroke-width="2" cx="%s" cy="%s" r="5"/>`, px(x(last)), px(y(d.Line[last].Ratio)))
	}
	for _, i := range []int{0, len(d.Line) / 2, len(d.Line) - 1} {
		if i >= 0 && i < len(d.Line) {
			anchor := map[bool]string{true: "end", false: "middle"}[i == len(d.Line)-1 && i > 0]
			if i == 0 {
				anchor = "start"
			}
			fmt.Fprintf(&b, `<text class="tick" fill="#65564a" text-anchor="%s" x="%s" y="%s">%s</text>`, anchor, px(x(i)), px(lineHeight-80), html.EscapeString(d.Day(d.Line[i].Day)))
		}
	}
	b.WriteString("</svg>")
	return picture(b.String())
}

func (d dialDrawing) point(p pos.DialDay) string {
	if p.Position == pos.DialUnknown {
		return d.Day(p.Day)
	}
	return d.Day(p.Day) + " · " + d.Rate(p.Ratio)
}
