package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// clock is a time that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func newClock() *clock { return &clock{at: time.Now()} }

func openAuthority(t *testing.T, dir string, c *clock) *Authority {
	t.Helper()
	a, err := Open(dir, "test", c.now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func pool(a *Authority) *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.Root())
	return p
}

// forge signs a certificate for any name with the authority's own key, as a thief of that key would.
func forge(t *testing.T, a *Authority, names []string, addresses ...net.IP) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "forged"}, NotBefore: a.now().Add(-time.Hour), NotAfter: a.now().Add(time.Hour),
		DNSNames: names, IPAddresses: addresses, KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, template, a.root, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der, a.root.Raw}, PrivateKey: key, Leaf: leaf}
}

func TestItVouchesForTheTillAndForNobodyElse(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := openAuthority(t, t.TempDir(), c)
	for _, want := range []struct {
		host  string
		names []string
		ips   []net.IP
		ok    bool
	}{
		{"till.local", []string{"till.local"}, nil, true},
		{"192.168.1.20", nil, []net.IP{net.IPv4(192, 168, 1, 20)}, true},
		{"10.1.2.3", nil, []net.IP{net.IPv4(10, 1, 2, 3)}, true},
		{"mabanque.fr", []string{"mabanque.fr"}, nil, false},
		{"till.local", []string{"till.local", "mabanque.fr"}, nil, false}, // one foreign name spoils it all
		{"local.mabanque.fr", []string{"local.mabanque.fr"}, nil, false},
		{"notlocal", []string{"notlocal"}, nil, false},
		{"8.8.8.8", nil, []net.IP{net.IPv4(8, 8, 8, 8)}, false},
		{"2001:db8::1", nil, []net.IP{net.ParseIP("2001:db8::1")}, false},
	} {
		leaf := forge(t, a, want.names, want.ips...)
		_, err := leaf.Leaf.Verify(x509.VerifyOptions{Roots: pool(a), DNSName: want.host, CurrentTime: c.at})
		if (err == nil) != want.ok {
			t.Errorf("%s as %v %v: got %v, want accepted: %v", want.host, want.names, want.ips, err, want.ok)
		}
		var invalid x509.CertificateInvalidError
		if !want.ok && (!errors.As(err, &invalid) || invalid.Reason != x509.CANotAuthorizedForThisName) {
			t.Errorf("%s was refused for another reason: %v", want.host, err)
		}
	}
	if !a.Root().PermittedDNSDomainsCritical || !a.Root().MaxPathLenZero {
		t.Error("the root's constraints are not critical, or it may have authorities below it")
	}
}

// serveTLS answers over TLS on the loopback until the end of the test.
func serveTLS(t *testing.T, config *tls.Config) (port string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "coffee") })}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(tls.NewListener(l, config)) }()
	t.Cleanup(func() {
		_ = server.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	_, port, err = net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestCurlTrustsTheTillAndRefusesABankOfTheSameRoot(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("curl is missing")
		}
		t.Skip("curl is missing")
	}
	dir := t.TempDir()
	a := openAuthority(t, dir, newClock())
	bank := forge(t, a, []string{"mabanque.fr"})
	for _, want := range []struct {
		name   string
		config *tls.Config
		ok     bool
	}{
		{"till.local", a.TLS([]string{"till.local"}), true},
		{"127.0.0.1", a.TLS(nil), true},
		{"mabanque.fr", &tls.Config{Certificates: []tls.Certificate{bank}}, false},
	} {
		port := serveTLS(t, want.config)
		cmd := exec.CommandContext(t.Context(), curl, "--silent", "--show-error", "--noproxy", "*", "--cacert", RootPath(dir),
			"--resolve", want.name+":"+port+":127.0.0.1", "https://"+want.name+":"+port+"/")
		out, err := cmd.CombinedOutput()
		if ok := err == nil && string(out) == "coffee"; ok != want.ok {
			t.Errorf("curl https://%s: %v %s, want accepted: %v", want.name, err, out, want.ok)
		}
		if !want.ok && !strings.Contains(string(out), "subtree") {
			t.Errorf("curl refused %s for another reason: %s", want.name, out)
		}
	}
}

func TestTheRootStaysAndItsKeyIsForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	dir, c := filepath.Join(t.TempDir(), "keys"), newClock()
	first := openAuthority(t, dir, c)
	if again := openAuthority(t, dir, c); !again.Root().Equal(first.Root()) {
		t.Error("another root at the second start: every tablet would have to trust again")
	}
	path := filepath.Join(dir, keyFile)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: got %v %v, want mode 0600", info.Mode(), err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir, "test", c.now); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("a key that others may read: got %v, want a refusal that names the file", err)
	}
}

func TestADamagedAuthorityIsRefusedAndNeverReplacedSilently(t *testing.T) {
	t.Parallel()
	c := newClock()
	other := t.TempDir()
	openAuthority(t, other, c)
	foreign, err := os.ReadFile(filepath.Join(other, rootFile))
	if err != nil {
		t.Fatal(err)
	}
	garbage := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("garbage")})
	for _, damage := range []struct {
		file string
		text []byte
	}{{keyFile, []byte("x")}, {keyFile, garbage}, {rootFile, garbage}, {rootFile, foreign}} {
		dir := t.TempDir()
		openAuthority(t, dir, c)
		path := filepath.Join(dir, damage.file)
		if err := os.WriteFile(path, damage.text, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(dir, "test", c.now); err == nil || !strings.Contains(err.Error(), damage.file) {
			t.Errorf("%s holding %.20q: got %v, want a refusal that names it", damage.file, damage.text, err)
		}
		if left, err := os.ReadFile(path); err != nil || !slices.Equal(left, damage.text) {
			t.Errorf("%s was written over (%v)", damage.file, err)
		}
	}
}

// TestARootIsMadeAnewWhereNoneIsLeft: none was made, a power cut left an empty file, or it has ended.
func TestARootIsMadeAnewWhereNoneIsLeft(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		empty string
		later time.Duration
		made  bool
	}{
		{"it is good", "", 0, false},
		{"the clock fell back", "", -rootBefore - day, false},
		{"its key is empty", keyFile, 0, true},
		{"it is empty", rootFile, 0, true},
		{"it has ended", "", rootLife + day, true},
	} {
		c, dir := newClock(), t.TempDir()
		first := openAuthority(t, dir, c)
		if tc.empty != "" {
			if err := os.Truncate(filepath.Join(dir, tc.empty), 0); err != nil {
				t.Fatal(err)
			}
		}
		c.at = c.at.Add(tc.later)
		if _, err := Read(dir, c.now); (tc.empty != "") != errors.Is(err, errEmpty) {
			t.Errorf("%s: read: %v", tc.name, err)
		}
		second := openAuthority(t, dir, c)
		if !first.Made() || second.Made() != tc.made || second.Root().Equal(first.Root()) == tc.made {
			t.Errorf("%s: made anew: %v", tc.name, second.Made())
		}
		leaf, err := second.certificate([]string{"till.local"}, nil)
		if err != nil {
			t.Fatalf("%s: %v", tc.name, err)
		}
		if _, err := leaf.Leaf.Verify(x509.VerifyOptions{Roots: pool(second), DNSName: "till.local", CurrentTime: leaf.Leaf.NotBefore}); err != nil {
			t.Errorf("%s: %v", tc.name, err)
		}
		if again := openAuthority(t, dir, c); again.Made() || !again.Root().Equal(second.Root()) {
			t.Errorf("%s: made anew at every start", tc.name)
		}
	}
}

func TestCertificatesAreShortAndReplacedByThemselves(t *testing.T) {
	t.Parallel()
	c := newClock()
	a := openAuthority(t, t.TempDir(), c)
	names := []string{"till.local"}
	first, err := a.certificate(names, nil)
	if err != nil {
		t.Fatal(err)
	}
	if life := first.Leaf.NotAfter.Sub(first.Leaf.NotBefore); life > 397*day {
		t.Errorf("it lasts %s, over the 397 days that browsers accept", life)
	}
	if same, _ := a.certificate(names, nil); same != first {
		t.Error("another certificate for the next visitor")
	}
	c.at = first.Leaf.NotAfter.Add(-renewAhead + time.Minute)
	second, err := a.certificate(names, nil)
	if err != nil || second == first || !second.Leaf.NotAfter.After(first.Leaf.NotAfter) {
		t.Errorf("30 days before its end: got %v, %v; want another certificate", second, err)
	}
	home := net.IPv4(192, 168, 1, 4)
	moved, err := a.certificate(names, home)
	if err != nil || moved == second || moved.Leaf.VerifyHostname(home.String()) != nil {
		t.Errorf("a visitor at another address of the machine: got %v, %v; want a certificate that names it", moved, err)
	}
	if same, _ := a.certificate(names, net.IPv4(8, 8, 8, 8)); same != moved {
		t.Error("a public address is vouched for, or asked for again and again")
	}
	for i := range 40 {
		if moved, err = a.certificate(names, net.IPv4(10, 0, 0, byte(i))); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(moved.Leaf.IPAddresses); n > maxAddresses {
		t.Errorf("it names %d addresses, over %d", n, maxAddresses)
	}
	if a.Ends() != moved.Leaf.NotAfter {
		t.Errorf("it ends %s, said to end %s", moved.Leaf.NotAfter, a.Ends())
	}
}
