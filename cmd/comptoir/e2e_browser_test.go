package main_test

// The browser, its tabs, and the verbs by which a behaviour is played: open, tap, press, scan, wait.

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// plainHTTPHost is a name of this machine that is not the loopback's: over plain http it is no secure context.
const plainHTTPHost = "cafe.lan"

// findBrowser returns the browser to use: the one that is asked for, else one that is installed.
func findBrowser() (string, error) {
	if path := os.Getenv("COMPTOIR_CHROME"); path != "" {
		return exec.LookPath(path)
	}
	names := []string{"chromium", "chromium-browser", "google-chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("none of " + strings.Join(names, ", ") + " is installed, and COMPTOIR_CHROME names none")
}

// startBrowser starts the one browser of the test binary under a context without a limit, for its life is bound to
// that context. It has ended before the stage is cleared.
func startBrowser(tb testing.TB, path, profile, film string) context.Context {
	tb.Helper()
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-video-capture", film),
		chromedp.Flag("host-resolver-rules", "MAP "+plainHTTPHost+" 127.0.0.1"),
		// Without these, one start in fifty dies for want of a D-Bus.
		chromedp.Env("DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent"),
	)
	allocator, freed := chromedp.NewExecAllocator(context.Background(), options...) //nolint:usetesting // it ends in a clean-up, after tb.Context
	tb.Cleanup(freed)
	browser, closed := chromedp.NewContext(allocator)
	tb.Cleanup(closed)
	if err := chromedp.Do(browser); err != nil {
		tb.Fatalf("start the browser: %v", err)
	}
	return browser
}

// size is the inside of a browser's window.
type size struct{ width, height int64 }

// Screens of a till, a tablet and a phone.
func screenTill() size   { return size{1280, 800} }
func screenTablet() size { return size{1024, 768} }
func screenPhone() size  { return size{390, 844} }

// tab is a browser of its own: no cookie is shared with another tab.
type tab struct {
	*scene
	ctx      context.Context //nolint:containedctx // chromedp's handle of a tab is a context
	taps     int             // since the tab was opened
	mu       sync.Mutex
	troubles []string
	expected []string // parts of troubles that belong to the behaviour
}

// watchPolicy reports what the content security policy has stopped, from before the page's own first script.
const watchPolicy = `addEventListener("securitypolicyviolation", (e) =>
  console.error("policy: " + e.violatedDirective + " stopped " + (e.blockedURI || "inline") + " " + e.sourceFile + ":" + e.lineNumber));`

// openTab opens a tab with a touch screen.
func (s *scene) openTab(screen size) *tab {
	s.Helper()
	return s.openAnyTab(screen, chromedp.EmulateTouch)
}

// openAnyTab opens a tab. When the scene ends, whatever its pages have complained of fails the test.
func (s *scene) openAnyTab(screen size, options ...chromedp.EmulateViewportOption) *tab {
	s.Helper()
	ctx, closed := chromedp.NewContext(s.browser, chromedp.WithNewBrowserContext())
	p := &tab{scene: s}
	s.Cleanup(func() {
		if s.Failed() {
			p.keepPicture()
		}
		closed()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, trouble := range p.troubles {
			s.Errorf("the page complained: %s", trouble)
		}
	})
	if err := chromedp.Do(ctx); err != nil { // the tab's life is bound to this context, which has no limit
		s.Fatalf("open a tab: %v", err)
	}
	limit := s.limit
	if limit == 0 {
		limit = sceneLimit
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	s.Cleanup(cancel)
	p.ctx = limited
	if err := chromedp.Listen(ctx, p.hear); err != nil {
		s.Fatalf("listen to the tab: %v", err)
	}
	watch := page.AddScriptToEvaluateOnNewDocumentParams{Source: watchPolicy}
	p.do("prepare the tab", chromedp.EmulateViewport(screen.width, screen.height, options...),
		chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, watch)
			return err
		}))
	return p
}

// hear collects the complaints of a page: console errors, exceptions, failed requests, policy violations.
func (p *tab) hear(event any) {
	var trouble string
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		if e.Type != runtime.ConsoleAPICalledTypeError && e.Type != runtime.ConsoleAPICalledTypeAssert {
			return
		}
		for _, arg := range e.Args {
			trouble += string(arg.Value) + arg.Description + " "
		}
	case *runtime.EventExceptionThrown:
		trouble = e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			trouble += " " + e.ExceptionDetails.Exception.Description
		}
	case *log.EventEntryAdded:
		if e.Entry.Level != log.EntryLevelError {
			return
		}
		trouble = e.Entry.Text + " " + e.Entry.URL
	default:
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.ContainsFunc(p.expected, func(part string) bool { return strings.Contains(trouble, part) }) {
		p.troubles = append(p.troubles, trouble)
	}
}

// expect says which complaint belongs to the behaviour, before it comes.
func (p *tab) expect(parts ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = append(p.expected, parts...)
}

// expectAway says that the till goes away: a connection is lost or refused, and so may be what the browser asks first of the one
// that comes back, over a connection it has kept. Nothing else is.
func (p *tab) expectAway() {
	p.expect("net::ERR_CONNECTION_REFUSED", "net::ERR_INCOMPLETE_CHUNKED_ENCODING", "net::ERR_CONNECTION_RESET", "net::ERR_EMPTY_RESPONSE", "net::ERR_SOCKET_NOT_CONNECTED")
}

// do runs steps that answer nothing.
func (p *tab) do(what string, steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.Fatalf("%s: %v", what, err)
	}
}

// open goes to an address and waits until the page is there.
func (p *tab) open(address string) {
	p.Helper()
	p.do("open "+address, chromedp.Navigate(address))
}

// ask evaluates an expression in the page.
func ask[T any](p *tab, expression string) T {
	p.Helper()
	v, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.Fatalf("ask the page %s: %v", expression, err)
	}
	return v
}

// until waits for a state of the page, across navigations; what is not read to its end has none.
func (p *tab) until(what, expression string) {
	p.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		v, err := chromedp.Run(p.ctx, chromedp.Evaluate[bool](`document.readyState !== "loading" && Boolean(`+expression+`)`))
		if err == nil && v {
			return
		}
		select {
		case <-look.C: // an error here is a page that is being left
		case <-p.ctx.Done():
			p.Fatalf("never happened: %s: %s (last error: %v)", what, expression, err)
		}
	}
}

// text returns what an element says, with plain spaces.
func (p *tab) text(selector string) string {
	p.Helper()
	raw := ask[string](p, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ""`, selector))
	return strings.Join(strings.Fields(raw), " ")
}

// pictures is where screenshots go; nothing in it is committed.
const pictures = "testdata/screenshots"

// keepPicture saves what a failed scene showed last.
func (p *tab) keepPicture() {
	p.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.ctx), 5*time.Second)
	defer cancel()
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		name := strings.NewReplacer("/", "-", " ", "-").Replace(strings.TrimPrefix(p.Name(), "TestInTheBrowser/"))
		err = savePicture("failed-"+name+".png", png)
	}
	if err != nil {
		p.Logf("no picture of the failure: %v", err)
	}
}

func savePicture(name string, png []byte) error {
	if err := os.MkdirAll(pictures, 0o750); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(pictures, name), png, 0o600)
}
