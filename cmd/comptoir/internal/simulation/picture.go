package simulation

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/money"
)

// Measures of the picture, in pixels.
const (
	pictureWide = 960
	pictureHigh = 560
	letterWide  = 7 // of a letter, on the mean
	plotLeft    = 70
	plotRight   = 20
	barsTop     = 60
	barsBottom  = 300
	dialTop     = 350
	dialBottom  = 510
)

// Picture is the report as an SVG file that stands by itself: what was given by month and origin, and the dial over time
// with its band.
func Picture(l *locale.Language, r Result) string {
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" font-family="sans-serif" font-size="13">`, pictureWide, pictureHigh)
	title := html.EscapeString(l.T("sim.title", "years", l.Number(r.Plan.Years), "seed", fmt.Sprint(r.Plan.Seed), "scale", l.Number(r.Plan.Scale)))
	put(`<title>%s</title><rect width="100%%" height="100%%" fill="#fff"/><text x="%d" y="24" font-size="15">%s</text>`, title, plotLeft, title)
	drawBars(l, r, put)
	drawDial(l, r, put)
	put(`</svg>`)
	return b.String()
}

// colours of the origins, light enough apart to be told from one another in grey.
func colour(origin string) string {
	return map[string]string{"PAID": "#0b5c3f", "LOYALTY": "#3c9d73", "SPONSOR": "#c8a13a", "FUND": "#e0c878", "HOUSE": "#b9452f"}[origin]
}

func place(i, of int) (x, wide int) {
	step := (pictureWide - plotLeft - plotRight) * 100 / of
	return plotLeft + i*step/100, max(step*8/1000, 1)
}

func drawBars(l *locale.Language, r Result, put func(string, ...any)) {
	most := 1
	for _, m := range r.Months {
		most = max(most, m.Given())
	}
	x := plotLeft
	for _, o := range origins() {
		name := l.T("origin." + o.name)
		put(`<rect x="%d" y="36" width="12" height="12" fill="%s"/><text x="%d" y="47">%s</text>`, x, colour(o.name), x+17, html.EscapeString(name))
		x += 17 + letterWide*utf8.RuneCountInString(name) + 16
	}
	put(`<text x="%d" y="%d" text-anchor="end">%d</text><text x="%d" y="%d" text-anchor="end">0</text>`, plotLeft-8, barsTop+10, most, plotLeft-8, barsBottom)
	for i, m := range r.Months {
		x, wide := place(i, len(r.Months))
		done := 0
		for _, o := range origins() {
			n := m.Served[o.name]
			if n == 0 {
				continue
			}
			from, to := done*(barsBottom-barsTop)/most, (done+n)*(barsBottom-barsTop)/most
			put(`<rect x="%d" y="%d" width="%d" height="%d" fill="%s"><title>%s %s: %d</title></rect>`, x, barsBottom-to, wide, max(to-from, 0), colour(o.name),
				m.Month, html.EscapeString(l.T("origin."+o.name)), n)
			done += n
		}
		if len(r.Months) <= 12 || i%(len(r.Months)/12) == 0 {
			put(`<text x="%d" y="%d" font-size="11">%s</text>`, x, barsBottom+16, m.Month)
		}
	}
}

func drawDial(l *locale.Language, r Result, put func(string, ...any)) {
	top := 2 * r.Plan.DialHigh
	for _, m := range r.Months {
		top = max(top, m.Dial)
	}
	y := func(v money.BasisPoints) int { return dialBottom - int(int64(v)*(dialBottom-dialTop)/int64(top)) }
	put(`<text x="%d" y="%d">%s</text>`, plotLeft, dialTop-10, html.EscapeString(l.T("sim.dial")))
	put(`<rect x="%d" y="%d" width="%d" height="%d" fill="#dcefe6"/>`, plotLeft, y(r.Plan.DialHigh), pictureWide-plotLeft-plotRight, y(r.Plan.DialLow)-y(r.Plan.DialHigh))
	for _, v := range []money.BasisPoints{0, r.Plan.DialLow, r.Plan.DialHigh} {
		put(`<text x="%d" y="%d" text-anchor="end">%s</text>`, plotLeft-8, y(v)+4, html.EscapeString(l.Rate(v)))
	}
	var points []string
	for i, m := range r.Months {
		x, wide := place(i, len(r.Months))
		points = append(points, fmt.Sprintf("%d,%d", x+wide/2, y(m.Dial)))
		put(`<circle cx="%d" cy="%d" r="3.5" fill="#222"><title>%s: %s</title></circle>`, x+wide/2, y(m.Dial), m.Month, html.EscapeString(l.Rate(m.Dial)))
	}
	put(`<polyline points="%s" fill="none" stroke="#222" stroke-width="2"/>`, strings.Join(points, " "))
}
