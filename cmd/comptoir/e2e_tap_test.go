package main_test

// How long a finger waits: from its lift to the frame that shows the new line, on the till and on a bare page that does
// nothing but append one line. Both are measured in turn, in one run, for machines differ and ratios do not.
//
//	go test -run '^$' -bench Tap ./cmd/comptoir

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// tapsARound is how often each page is tapped in one round: enough for a 95th percentile.
const tapsARound = 60

// tapLimit bounds the tabs of one cell.
const tapLimit = 10 * time.Minute

// BenchmarkTap reports, for each speed of the processor and delay of the network, the median and the 95th percentile
// from the lift of the finger to the frame after the one in which the new line exists, on the till with ten lines and
// on the bare page, and the ratio of the medians.
func BenchmarkTap(b *testing.B) {
	path, err := findBrowser()
	if err != nil {
		b.Skipf("no browser: %v", err)
	}
	s := raiseStage(b, path)
	bare := httptest.NewServer(http.HandlerFunc(barePage))
	defer bare.Close()
	for _, at := range []struct{ slower, latency float64 }{{1, 0}, {1, 20}, {6, 0}, {6, 20}} {
		b.Run(fmt.Sprintf("cpu=%gx/latency=%gms", at.slower, at.latency), func(b *testing.B) {
			own := &scene{TB: b, stage: s, limit: tapLimit}
			c := own.openCafe()
			till, page := own.openTab(screenTill()), own.openTab(screenTill())
			till.signIn(c.staff, "Barista", "1111")
			till.open(c.staff + "/?ticket=" + c.tenLines())
			till.until("the till is ready", `document.querySelector("#till.ready")`)
			page.open(bare.URL)
			for _, p := range []*tab{till, page} {
				p.do("slow the machine down", delay(at.latency), slowDown(at.slower))
				ask[bool](p, watchTaps)
			}
			for range tapsARound / 10 { // fonts, caches and the compiler of the browser are warm
				till.timeTap(tile("expresso"))
				page.timeTap("button")
			}
			var tillTook, pageTook []float64
			for b.Loop() {
				for range tapsARound {
					tillTook = append(tillTook, till.timeTap(tile("expresso")))
					pageTook = append(pageTook, page.timeTap("button"))
				}
			}
			report(b, "till", tillTook)
			report(b, "bare", pageTook)
			b.ReportMetric(quantile(tillTook, 50)/quantile(pageTook, 50), "p50-ratio")
			b.ReportMetric(0, "ns/op") // of a round: it says nothing
		})
	}
}

// tenLines opens an order of ten lines.
func (c *cafe) tenLines() string {
	c.Helper()
	return c.newOrder("allonge", "decafeine", "noisette", "double-expresso", "croissant", "plat-du-jour", "quiche-et-salade", "tarte-aux-pommes",
		"jus-de-pomme-fermier-25-cl", "eau-minerale-50-cl")
}

// barePage is the least a page can do on a tap.
func barePage(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/append.js" {
		w.Header().Set("Content-Type", "text/javascript")
		fmt.Fprint(w, `document.querySelector("button").addEventListener("click", () => {
			const line = document.createElement("li");
			line.className = "pending";
			line.textContent = "Expresso 2,00 €";
			document.getElementById("lines").append(line);
		});`)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, `<!doctype html><html lang="fr"><title>Bare</title><meta name="viewport" content="width=device-width">
		<link rel="icon" href="data:,"><ul id="lines"></ul><button type="button">Expresso</button><script src="/append.js" defer></script>`)
}

// watchTaps notes how long each tap took: from the lift of the finger to the task after the frame in which a pending
// line is there.
const watchTaps = `(() => {
  let lifted = 0;
  window.tapsTook = [];
  addEventListener("pointerup", (event) => { lifted = event.timeStamp; }, true);
  new MutationObserver(() => {
    if (!lifted || !document.querySelector("#lines .pending")) return;
    const from = lifted;
    lifted = 0;
    requestAnimationFrame(() => {
      const next = new MessageChannel();
      next.port1.onmessage = () => tapsTook.push(performance.now() - from);
      next.port2.postMessage(0);
    });
  }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
  return true;
})()`

// timeTap taps once, waits until nothing is on its way, and returns the milliseconds until the line was painted.
func (p *tab) timeTap(selector string) float64 {
	p.Helper()
	before := ask[int](p, `tapsTook.length`)
	p.tap(selector)
	p.until("the tap is painted, and the page at rest", fmt.Sprintf(`tapsTook.length === %d && !document.querySelector("#till.waiting")`, before+1))
	return ask[float64](p, `tapsTook.at(-1)`)
}

// slowDown makes the processor seem that many times slower.
func slowDown(times float64) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetCPUThrottlingRate, emulation.SetCPUThrottlingRateParams{Rate: times})
		return err
	})
}

func report(b *testing.B, page string, took []float64) {
	b.Helper()
	b.ReportMetric(quantile(took, 50), page+"-p50-ms")
	b.ReportMetric(quantile(took, 95), page+"-p95-ms")
}

// quantile returns the percentile of what was measured.
func quantile(took []float64, percent int) float64 {
	sorted := slices.Sorted(slices.Values(took))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}
