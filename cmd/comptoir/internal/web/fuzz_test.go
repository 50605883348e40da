package web

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/datatest"
	"comptoir/pos"
)

// FuzzRequest sends anything to both listeners: addresses, queries with days and numbers, cookies, languages, ids of events,
// forms and JSON. It is answered or refused, and never with a bug.
func FuzzRequest(f *testing.F) {
	for _, s := range []struct{ path, cookie, language, body string }{
		{"/api/v1/reports/day?date=2026-11-02", sessionCookie + "=x", "fr", ""},
		{"/api/v1/reports/range?from=2026-02-30&to=9999-99-99", "", "de;q=0.5,*", ""},
		{"/api/v1/sales", "", "", aMeal}, {"/api/v1/tickets", "comptoir_till=%zz; comptoir_printer=\x01", "en", `{"mode":"eat_in","name":"Zoé"}`},
		{"/till/commands", "", "", `{"kind":"add","ticket":"","args":{"product":"cafe"}}`}, {"/sales?q=23,80&page=-1", "", "", ""},
		{"/manage/menu", "", "", "name=A&price=1%2C10&command=x&category=Chaud"}, {"/C/FIDCBDEFGHIJKLNRTUVC", "", "", ""}, {"/scan", "", "", "code=3017620422003&command=1"},
		{"/R/CBDEFGHIJKLNC?card=FID", "", "", "card=1"}, {"/statement/2026-11", "", "", ""}, {"/api/v1/journal?from=-1&limit=99999999999", "", "", ""},
		{"/P/" + strings.Repeat("x", 43), "", "", "pin=2468"}, {"/manage/exports", "", "", "kind=fec&from=2026-01-01&to=2026-01-31&command=e"},
	} {
		f.Add(s.path, s.cookie, s.language, s.body, uint8(len(s.path)))
	}
	c := openCafe(f)
	c.web.hub.close() // so that calls for hints answer at once
	f.Fuzz(func(t *testing.T, path, cookie, language, body string, how uint8) {
		if !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " \x00\r\n\t") || strings.ContainsAny(cookie+language, "\r\n\x00") {
			return // no client of HTTP sends these
		}
		u, err := url.ParseRequestURI(path)
		if err != nil || len(path) > 2000 || len(cookie) > 2000 || u.Path == "/api/v1/events" {
			return
		}
		method, app := http.MethodGet, c.web.staff
		if how&1 != 0 {
			method = http.MethodPost
		}
		if how&2 != 0 {
			app = c.web.public
		}
		req := httptest.NewRequest(method, "/", strings.NewReader(body))
		req.URL, req.RequestURI, req.Host = u, path, "localhost"
		req.Header.Set("Cookie", cookie)
		req.Header.Set(fiber.HeaderAcceptLanguage, language)
		req.Header.Set("Last-Event-ID", language)
		req.Header.Set(fiber.HeaderContentType, []string{fiber.MIMEApplicationJSON, fiber.MIMEApplicationForm, "multipart/form-data; boundary=" + url.QueryEscape(language)}[how/4%3])
		req.Header.Set(commandHeader, language)
		if how&128 == 0 {
			req.Header.Set(fiber.HeaderAuthorization, "Bearer "+c.tokens[pos.RoleManager])
		}
		res, err := app.Test(req, -1)
		if err != nil {
			return // refused before it is a request
		}
		_ = res.Body.Close()
		if res.StatusCode >= http.StatusInternalServerError && res.StatusCode != http.StatusServiceUnavailable {
			t.Fatalf("%s %s: %d\n%s", method, path, res.StatusCode, lastLine(c.log.String()))
		}
		if to := res.Header.Get(fiber.HeaderLocation); strings.HasPrefix(to, "//") || strings.HasPrefix(to, `/\`) {
			t.Fatalf("%s %s leads to %s", method, path, to)
		}
	})
}

func lastLine(log string) string {
	lines := strings.Split(strings.TrimSpace(log), "\n")
	return lines[len(lines)-1]
}

// FuzzPhoto hands bytes to the reader of photographs.
func FuzzPhoto(f *testing.F) {
	small := image.NewGray(image.Rect(0, 0, 24, 24))
	for i := range small.Pix {
		small.SetGray(i%24, i/24, color.Gray{Y: uint8(i * 37)})
	}
	var asPNG, asJPEG bytes.Buffer
	if png.Encode(&asPNG, small) != nil || jpeg.Encode(&asJPEG, small, nil) != nil {
		f.Fatal("no picture")
	}
	f.Add(asPNG.Bytes())
	f.Add(asJPEG.Bytes())
	f.Add([]byte("\xff\xd8\xff\xe0"))
	r := newPhotoReader(datatest.NewClock().Now)
	f.Fuzz(func(t *testing.T, picture []byte) {
		if len(picture) > maxPhoto {
			return
		}
		if head, _, err := image.DecodeConfig(bytes.NewReader(picture)); err == nil && head.Width*head.Height > 256*256 {
			return // read as any other, only slower
		}
		began := time.Now()
		if text, err := r.read(t.Context(), picture); err != nil && text != "" {
			t.Fatalf("refused and read: %q %v", text, err)
		}
		if took := time.Since(began); took > 20*time.Second {
			t.Fatalf("it took %v", took)
		}
	})
}

// FuzzLocal: whatever a link asks for, signing in leads to this till.
func FuzzLocal(f *testing.F) {
	for _, next := range []string{"/", "/sales?q=1", "//evil.example", `/\evil.example`, "https://evil.example/", "javascript:alert(1)", "/%2f%2fevil", "/.//evil", "/\t/evil", "/x#//y", "?a", ""} {
		f.Add(next)
	}
	base, err := url.Parse("http://till.local/login")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, next string) {
		to := local(next)
		u, err := base.Parse(to)
		if err != nil || u.Host != base.Host || u.Scheme != base.Scheme || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n\t") {
			t.Fatalf("%q leads to %q", next, to)
		}
	})
}

// FuzzHost: only names without a mark are names, and a name is read the same twice.
func FuzzHost(f *testing.F) {
	for _, host := range []string{"localhost:8080", "[::1]:80", "till.local.", "LOCALHOST", "a:b:c", "[", "]:1", "127.0.0.1.evil.example"} {
		f.Add(host)
	}
	list := newHostList(publicURL, nil)
	f.Fuzz(func(t *testing.T, host string) {
		name := hostname(host)
		if list.names[name] && hostname(name) != name && !strings.Contains(name, ":") {
			t.Fatalf("%q is %q, and then %q", host, name, hostname(name))
		}
		if list.names[name] && strings.Contains(strings.ToLower(host), "evil") {
			t.Fatalf("%q is let in as %q", host, name)
		}
	})
}
