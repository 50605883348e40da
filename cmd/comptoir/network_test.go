package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pion/mdns/v2"
	"golang.org/x/net/ipv4"

	"comptoir/cmd/comptoir/internal/authority"
	"comptoir/cmd/comptoir/internal/health"
	"comptoir/data/fault"
	"comptoir/pos"
)

// house is a café that tablets reach over TLS.
type house struct {
	*Main
	tablet *http.Client // trusts the café's authority, follows nothing
}

func openHouse(t *testing.T) *house {
	t.Helper()
	dir := newCafe(t)
	must(t, "staff", "add", "--data", dir, "--name", "Awa", "--role", "manager", "--pin", "2468")
	m := &Main{Config: pos.Config{Dir: filepath.Join(dir, liveFolder), Software: software}, Listen: "127.0.0.1:0", Public: "127.0.0.1:0",
		HTTPS: "127.0.0.1:0", Keys: filepath.Join(dir, keysFolder), Log: newLog(io.Discard, "text")}
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(m.network.Authority.Root())
	h := &house{m, &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	t.Cleanup(func() {
		h.tablet.CloseIdleConnections()
		if err := m.Stop(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return h
}

// ask sends a request and returns the answer with its body read.
func (h *house) ask(t *testing.T, method, address string, form url.Values, cookies ...*http.Cookie) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, c := range cookies {
		request.AddCookie(c)
	}
	answer, err := h.tablet.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return answer, string(body)
}

// signIn returns the session's cookie.
func (h *house) signIn(t *testing.T, address string) *http.Cookie {
	t.Helper()
	names, err := h.Till().Operators(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(names, func(o pos.Operator) bool { return o.Name == "Awa" })
	answer, body := h.ask(t, http.MethodPost, address+"/login", url.Values{"operator": {names[i].ID}, "pin": {"2468"}})
	for _, c := range answer.Cookies() {
		if strings.HasSuffix(c.Name, "comptoir_session") {
			return c
		}
	}
	t.Fatalf("no session: %d %.200s", answer.StatusCode, body)
	return nil
}

func TestATabletSignsInOverTLSAndItsCookieGoesNowhereElse(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	over, plain := h.SecureURL(), h.StaffURL()
	session := h.signIn(t, over)
	if session.Name != "__Host-comptoir_session" || !session.Secure || !session.HttpOnly || session.SameSite != http.SameSiteLaxMode || session.Path != "/" {
		t.Errorf("over TLS the session is %s", session.Raw)
	}
	if a, body := h.ask(t, http.MethodGet, over+"/shift", nil, session); a.StatusCode != http.StatusOK {
		t.Errorf("signed in over TLS: %d %.200s", a.StatusCode, body)
	}
	if a, _ := h.ask(t, http.MethodGet, plain+"/shift", nil, session); a.StatusCode == http.StatusOK {
		t.Error("the session of TLS opens the plain pages")
	}
	own := h.signIn(t, plain)
	if own.Name != "comptoir_session" || own.Secure {
		t.Errorf("over plain HTTP the session is %s", own.Raw)
	}
	if a, _ := h.ask(t, http.MethodGet, over+"/shift", nil, own); a.StatusCode == http.StatusOK {
		t.Error("the session of the plain pages opens those over TLS")
	}
	if a, _ := h.ask(t, http.MethodGet, over+"/board", nil); a.StatusCode != http.StatusNotFound {
		t.Errorf("the public board on the staff's listener: %d", a.StatusCode)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, over+"/login", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "mabanque.fr"
	a, err := h.tablet.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Body.Close(); err != nil || a.StatusCode != http.StatusMisdirectedRequest {
		t.Errorf("another name: %d %v, want 421", a.StatusCode, err)
	}
}

func TestATabletReadsWhatToDoBeforeItTrustsAnything(t *testing.T) {
	t.Parallel()
	h := openHouse(t)
	public := urlOf(h.public.Addr())
	root := h.network.Authority.Root()
	for _, language := range []string{"fr", "en", "es"} {
		if a, page := h.ask(t, http.MethodGet, public+"/tablet?lang="+language, nil); a.StatusCode != http.StatusOK || !strings.Contains(page, authority.Fingerprint(root)) || !strings.Contains(page, "/certificate.crt") {
			t.Errorf("%s: %d %.300s", language, a.StatusCode, page)
		}
	}
	a, text := h.ask(t, http.MethodGet, public+"/certificate.crt", nil)
	block, _ := pem.Decode([]byte(text))
	if a.Header.Get("Content-Type") != "application/x-x509-ca-cert" || block == nil || !slices.Equal(block.Bytes, root.Raw) {
		t.Errorf("the certificate: %d %s, want the root", a.StatusCode, a.Header.Get("Content-Type"))
	}
	if a, page := h.ask(t, http.MethodGet, h.StaffURL()+"/manage/network", nil, h.signIn(t, h.StaffURL())); a.StatusCode != http.StatusOK || !strings.Contains(page, authority.Fingerprint(root)) {
		t.Errorf("the manager's page: %d %.300s", a.StatusCode, page)
	}
}

func TestWithoutHTTPSThereIsNoWayForTabletsAndThePageSaysHow(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	must(t, "staff", "add", "--data", dir, "--name", "Awa", "--role", "manager", "--pin", "2468")
	h := &house{start(t, pos.Config{Dir: filepath.Join(dir, liveFolder)}), &http.Client{}}
	t.Cleanup(h.tablet.CloseIdleConnections)
	for _, path := range []string{"/tablet", "/certificate.crt"} {
		if a, _ := h.ask(t, http.MethodGet, urlOf(h.public.Addr())+path, nil); a.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", path, a.StatusCode)
		}
	}
	h.tablet.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if _, page := h.ask(t, http.MethodGet, h.StaffURL()+"/manage/network", nil, h.signIn(t, h.StaffURL())); !strings.Contains(page, "comptoir install --https") {
		t.Errorf("the manager's page does not say how: %.300s", page)
	}
	if _, err := os.Stat(filepath.Join(dir, keysFolder)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an authority was made for nobody: %v", err)
	}
}

func TestAHeldCafeSaysSoOverTLSToo(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	if err := os.Remove(filepath.Join(dir, liveFolder, keysFolder, "k1.pem")); err != nil {
		t.Fatal(err)
	}
	if _, err := authority.Open(filepath.Join(dir, keysFolder), "till", time.Now); err != nil { // tablets trust it already
		t.Fatal(err)
	}
	m := &Main{Config: pos.Config{Dir: filepath.Join(dir, liveFolder), Software: software}, Listen: "127.0.0.1:0", Public: "127.0.0.1:0",
		HTTPS: "127.0.0.1:0", Keys: filepath.Join(dir, keysFolder), Log: newLog(io.Discard, "text")}
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if m.Held() == nil {
		t.Fatal("the café is not held")
	}
	if err := m.secureAccepts(t.Context()); err == nil || !strings.Contains(err.Error(), "is not well: 503") {
		t.Errorf("the staff's pages over TLS: got %v, want 503", err)
	}
	if err := m.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestNoTroubleOfTheAuthorityEndsTheTill: the till sells, with its tablets where they can be vouched for.
func TestNoTroubleOfTheAuthorityEndsTheTill(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		born  int    // when the root was made, in years from now
		write string // what both files hold; "keep": what they held
		renew bool
		says  string // its finding under Health
	}{
		{name: "the root has ended", born: -30, write: "keep", renew: true, says: "ok"},
		{name: "the clock fell back before the root was made", born: 1, write: "keep", says: "early"},
		{name: "the power went while it was written", renew: true, says: "ok"},
		{name: "its files are damaged", write: "garbage", says: "unusable"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			dir := newCafe(t)
			keys := filepath.Join(dir, keysFolder)
			was, err := authority.Open(keys, "till", func() time.Time { return time.Now().AddDate(tc.born, 0, 0) })
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"authority.key", "authority.crt"} {
				if tc.write == "keep" {
					break
				}
				if err := os.WriteFile(filepath.Join(keys, name), []byte(tc.write), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			words := &strings.Builder{}
			m := &Main{Config: pos.Config{Dir: filepath.Join(dir, liveFolder), Software: software}, Listen: "127.0.0.1:0", Public: "127.0.0.1:0",
				HTTPS: "127.0.0.1:0", Keys: keys, Log: newLog(words, "text")}
			if err := m.Start(t.Context()); err != nil {
				t.Fatalf("no till: %v", err)
			}
			all := m.server.Health(t.Context())
			i := slices.IndexFunc(all, func(f health.Finding) bool { return f.Matter == health.Certificate })
			if i < 0 || all[i].Code != tc.says || (all[i].State == health.Grave) != (tc.says != "ok") {
				t.Errorf("under Health: %v", all)
			}
			if err := m.secureAccepts(t.Context()); err != nil {
				t.Error(err)
			}
			if shut := m.SecureURL() == ""; shut != (tc.says == "unusable") {
				t.Errorf("the tablets' way in: %q", m.SecureURL())
			} else if renewed := !shut && !m.network.Authority.Root().Equal(was.Root()); renewed != tc.renew {
				t.Errorf("another root: %v", renewed)
			}
			if err := m.Stop(context.WithoutCancel(t.Context())); err != nil {
				t.Error(err)
			}
			if tc.says == "unusable" && !strings.Contains(words.String(), "authority.key") {
				t.Errorf("the log does not name the file: %s", words)
			}
			if told := strings.Contains(words.String(), "each tablet has to trust it"); told != tc.renew {
				t.Errorf("told of another root: %v", told)
			}
		})
	}
}

// TestTheNetworkPageSaysThatTheAuthorityCannotBeUsed, and not how to set up what is set up.
func TestTheNetworkPageSaysThatTheAuthorityCannotBeUsed(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	must(t, "staff", "add", "--data", dir, "--name", "Awa", "--role", "manager", "--pin", "2468")
	m := start(t, pos.Config{Dir: filepath.Join(dir, liveFolder)})
	if err := errors.Join(m.rest(t.Context()), m.closeCafe()); err != nil {
		t.Fatal(err)
	}
	m.network.Trouble = errors.New("damaged")
	if err := m.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	h := &house{m, &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	t.Cleanup(h.tablet.CloseIdleConnections)
	if _, page := h.ask(t, http.MethodGet, h.StaffURL()+"/manage/network", nil, h.signIn(t, h.StaffURL())); !strings.Contains(page, "authority.key") || strings.Contains(page, "comptoir install --https") {
		t.Errorf("the manager's page: %.3000s", page)
	}
}

// TestAClockThatNobodyBelievesEndsNoRoot: the café is held on its page, and the tablets' trust is not thrown away meanwhile.
func TestAClockThatNobodyBelievesEndsNoRoot(t *testing.T) {
	t.Parallel()
	c, clock := newTimedCafe(t, paris(t, "2026-06-10 14:00"))
	c.mustSell("first")
	for _, err := range []error{c.rest(t.Context()), c.closeCafe()} {
		if err != nil {
			t.Fatal(err)
		}
	}
	clock.Jump(11 * 365 * 24 * time.Hour)
	c.HTTPS, c.Keys = "127.0.0.1:0", filepath.Join(c.dir, keysFolder)
	was, err := authority.Open(c.Keys, "till", func() time.Time { return time.Now().AddDate(-11, 0, 0) })
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.bindNetwork(t.Context()), c.openOrHold(t.Context())); err != nil || fault.CodeOf(c.Held()) != "clock.ahead" {
		t.Fatalf("%v, held %v", err, c.Held())
	}
	if root, err := authority.ReadRoot(authority.RootPath(c.Keys)); err != nil || !root.Equal(was.Root()) {
		t.Errorf("the root was replaced by a clock that is years ahead (%v)", err)
	}
}

// voice is an answer to the till's name that can be ended.
type voice struct{ ended *int }

func (v voice) Close() error { *v.ended++; return nil }

func TestTheTillAnswersToItsNameOnlyWhileNobodyElseDoes(t *testing.T) {
	t.Parallel()
	taken, began, ended := false, 0, 0
	at := []net.IP{net.IPv4(192, 168, 1, 2)}
	failing := fault.New(fault.Busy, "test", "no network")
	var trouble error
	a := &announcer{names: []string{tillName}, taken: func() bool { return taken }, addresses: func() []net.IP { return at }, log: slog.New(slog.DiscardHandler),
		answers: func([]string, int, bool) (closer, error) {
			if trouble != nil {
				return nil, trouble
			}
			began++
			return voice{&ended}, nil
		}}
	expect := func(when string, wantBegan, wantEnded int) {
		t.Helper()
		a.look()
		if began != wantBegan || ended != wantEnded {
			t.Errorf("%s: began %d and ended %d times, want %d and %d", when, began, ended, wantBegan, wantEnded)
		}
	}
	trouble = failing
	expect("while the network refuses", 0, 0)
	trouble = nil
	expect("alone", 1, 0)
	expect("and again", 1, 0)
	at = []net.IP{net.IPv4(192, 168, 1, 3)}
	expect("with another address", 2, 1)
	taken = true
	expect("when Avahi has come", 2, 2)
	taken = false
	expect("when it has gone", 3, 2)
	at = nil
	expect("without a network", 3, 3)
	a.end()
	if ended != 3 {
		t.Errorf("at the end: ended %d times", ended)
	}
}

func TestTheTillIsFoundByItsName(t *testing.T) {
	t.Parallel()
	answers, err := answerTo([]string{tillName}, 8443, true)
	if err != nil {
		t.Skipf("no network to answer on: %v", err)
	}
	defer func() { _ = answers.Close() }()
	address, err := net.ResolveUDPAddr("udp4", mdns.DefaultAddressIPv4)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.ListenUDP("udp4", address)
	if err != nil {
		t.Fatal(err)
	}
	tablet, err := mdns.NewServer(ipv4.NewPacketConn(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tablet.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if _, at, err := tablet.QueryAddr(ctx, tillName); err != nil || !at.IsValid() {
		t.Errorf("%s: %v %v", tillName, at, err)
	}
}
