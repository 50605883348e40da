package main_test

// What a manager reads at the end of the day, and what a newcomer reads before the first.

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// dayReport is what the scene reads of the API's report.
type dayReport struct {
	Total    int64 `json:"total"`
	Sales    int   `json:"sales"`
	Refunds  int   `json:"refunds"`
	Refunded int64 `json:"refunded"`
	Hours    []struct {
		Total int64 `json:"total"`
	} `json:"hours"`
	Tenders []struct {
		Amount int64 `json:"amount"`
	} `json:"tenders"`
}

// inEuros writes cents as French pages do.
func inEuros(cents int64) string {
	whole := fmt.Sprint(cents / 100)
	if len(whole) > 3 {
		whole = whole[:len(whole)-3] + "\u202f" + whole[len(whole)-3:]
	}
	return fmt.Sprintf("%s,%02d\u00a0€", whole, cents%100)
}

// readTheDashboard: after sales and a refund, the page says what the report says; a week and a month that hold only this
// day say the same.
func readTheDashboard(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Manager", "9999")
	before := api[dayReport](c, http.MethodGet, "/reports/day", nil)
	sold := c.meals(3, "")
	c.meals(1, "")
	api[struct{}](c, http.MethodPost, "/sales/"+sold.ID+"/refund", map[string]any{"lines": []map[string]any{{"line": 1, "qty": 1}}, "tender": "cash", "reason": "erreur"})
	r := api[dayReport](c, http.MethodGet, "/reports/day", nil)
	if r.Sales != before.Sales+2 || r.Refunds != before.Refunds+1 || r.Refunded != before.Refunded+mealPrice {
		p.Fatalf("the report went from %+v to %+v", before, r)
	}
	for _, span := range []string{"day", "week", "month"} {
		p.open(c.staff + "/manage?span=" + span)
		got := ask[[]string](p, `[...document.querySelectorAll(".figure b")].map((b) => b.textContent)`)
		if len(got) != 4 || got[0] != inEuros(r.Total) || got[1] != fmt.Sprint(r.Sales) {
			p.Errorf("%s: the cards say %q, want %s and %d sales", span, got, inEuros(r.Total), r.Sales)
		}
		rows := ask[[]string](p, `[...document.querySelectorAll("[aria-labelledby=tenders] td.amount")].map((b) => b.textContent)`)
		for i, t := range r.Tenders {
			if i >= len(rows) || rows[i] != inEuros(t.Amount) {
				p.Errorf("%s: the means of payment say %q, want %s in line %d", span, rows, inEuros(t.Amount), i)
			}
		}
	}

	p.open(c.staff + "/manage")
	bars := ask[int](p, `document.querySelectorAll(".wide-chart rect.now").length`)
	if bars != len(r.Hours) {
		p.Errorf("%d bars for %d hours", bars, len(r.Hours))
	}
	p.tap(".hours summary")
	table := ask[[]string](p, `[...document.querySelectorAll(".hours tbody td.amount")].filter((td) => td.checkVisibility()).map((td) => td.textContent)`)
	for _, h := range r.Hours {
		if !strings.Contains(strings.Join(table, "|"), inEuros(h.Total)) {
			p.Errorf("the table says %q, want %s among them", table, inEuros(h.Total))
		}
	}
	p.tap(`.segments a[href*="span=week"]`)
	p.until("the week is shown", `document.querySelector(".segments [aria-current]")?.href.includes("span=week")`)
	p.tap(`a[aria-label="Période précédente"]`)
	p.until("the week before is shown, without anything to look at", `document.querySelector(".figure b")?.textContent.startsWith("0,00") && !document.querySelector(".look")`)
}

// readTheHelp: one sheet of A4, and a scanner that is set up well, for another keyboard, and badly.
func readTheHelp(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.open(c.staff + "/help")
	p.do("print it", chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		out, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PreferCSSPageSize: new(true), PrintBackground: new(true)})
		if err != nil {
			return err
		}
		if pages := bytes.Count(out.Data, []byte("/Type /Page\n")); pages != 1 {
			return fmt.Errorf("the help takes %d sheets", pages)
		}
		return nil
	}))
	if keepsPictures() {
		onPaper := func(medium string) chromedp.Action[chromedp.Void] {
			return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
				_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium})
				return err
			})
		}
		p.do("look at the paper", onPaper("print"))
		p.show(size{688, 1017}) // A4 less its margins, in pixels of CSS
		p.photograph("help-paper")
		p.do("look at the screen", onPaper(""))
		p.show(screenTill())
	}

	says := func(what string) {
		p.Helper()
		p.until("the page says "+what, fmt.Sprintf(`document.querySelector("[data-says=%s]").checkVisibility()`, what))
	}
	says("waiting")
	code := ask[string](p, `document.querySelector("[data-calibrate]").dataset.calibrate`)
	p.scan(code)
	says("right")
	if got := ask[string](p, `document.getElementById("scanned").value`); got != code {
		p.Errorf("the field shows %q, want %q", got, code)
	}
	var burst []chromedp.Action[chromedp.Void]
	for _, r := range code {
		burst = append(burst, strike(asTypedInFrance(r)))
	}
	p.do("scan with a keyboard of another country", append(burst, strike(namedKey("Enter")))...)
	says("foreign")
	p.write("HELLOWORLDHELLO")
	says("wrong")
	if at := ask[string](p, "location.pathname"); at != "/help" {
		p.Errorf("the test code led to %s", at)
	}
}

// asTypedInFrance is what a computer set to AZERTY makes of the keys of a scanner set to QWERTY: the letters of cards
// stay, digits and signs do not.
func asTypedInFrance(r rune) key {
	k := keyOf(r)
	if other, ok := map[rune]string{':': "M", '/': "!", '.': ":", '-': ")", '0': "à", '1': "&", '2': "é", '7': "è", '8': "_", '9': "ç"}[r]; ok {
		k.name, k.types = other, other
	}
	return k
}
