package main_test

// What a tablet sees that has come to trust the café's authority, and what a thief of its key could not do.

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/chromedp"
)

// networkViews are the pages by which a tablet comes to the till.
func networkViews(c *cafe) []view {
	return []view{
		{"network", c.staff + "/manage/network", nil, false},
		{"tablet", c.public + "/tablet", nil, false},
	}
}

// trustOnATablet: a browser that trusts the authority takes till.local for a secure context, with its camera; and refuses a bank whose
// certificate was signed with the very key of that authority.
func trustOnATablet(s *scene) {
	certutil, err := exec.LookPath("certutil")
	if err != nil {
		if os.Getenv("CI") != "" {
			s.Fatal("certutil of libnss3-tools is missing")
		}
		s.Skip("certutil of libnss3-tools is missing")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") // a free port, to know it before the till has it
	if err != nil {
		s.Fatal(err)
	}
	at := l.Addr().String()
	if err := l.Close(); err != nil {
		s.Fatal(err)
	}
	c := s.openCafe("--https", at)
	_, port, _ := strings.Cut(at, ":")
	keys := filepath.Join(c.dir, "keys")
	home := c.dir + "-home"
	for _, store := range []string{".pki/nssdb", ".local/share/pki/nssdb"} {
		db := filepath.Join(home, store)
		if err := os.MkdirAll(db, 0o700); err != nil {
			s.Fatal(err)
		}
		for _, args := range [][]string{{"-N", "--empty-password"}, {"-A", "-t", "C,,", "-n", "till", "-i", filepath.Join(keys, "authority.crt")}} {
			if out, err := exec.Command(certutil, append([]string{"-d", "sql:" + db}, args...)...).CombinedOutput(); err != nil {
				s.Fatalf("certutil %v: %v\n%s", args, err, out)
			}
		}
	}
	bank := s.serveBank(keys)
	tablet := s.startTablet(home)
	ask := func(address, expression string) (string, error) {
		if err := chromedp.Do(tablet, chromedp.Navigate(address)); err != nil {
			return "", err
		}
		return chromedp.Run(tablet, chromedp.Evaluate[string](expression))
	}
	if got, err := ask("https://till.local:"+port+"/login", `String(isSecureContext && "mediaDevices" in navigator)`); err != nil || got != "true" {
		s.Errorf("https://till.local: secure, with a camera: %q %v", got, err)
	}
	if got, err := ask("https://mabanque.fr:"+bank+"/", `document.body.innerText`); err == nil || !strings.Contains(err.Error(), "ERR_CERT_INVALID") {
		s.Errorf("https://mabanque.fr: got %q %v, want ERR_CERT_INVALID", got, err)
	}
}

// startTablet starts a browser whose own store of authorities lies in a home of its own.
func (s *scene) startTablet(home string) context.Context {
	s.Helper()
	path, err := findBrowser()
	if err != nil {
		s.Fatal(err)
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.UserDataDir(filepath.Join(home, "profile")), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("host-resolver-rules", "MAP till.local 127.0.0.1,MAP mabanque.fr 127.0.0.1"),
		chromedp.Env("HOME="+home, "XDG_DATA_HOME=", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent", "DBUS_SESSION_BUS_ADDRESS=unix:path=/nonexistent"))
	allocator, freed := chromedp.NewExecAllocator(context.Background(), options...)
	s.Cleanup(freed)
	tablet, closed := chromedp.NewContext(allocator)
	s.Cleanup(closed)
	if err := chromedp.Do(tablet); err != nil {
		s.Fatalf("start the tablet's browser: %v", err)
	}
	limited, cancel := context.WithTimeout(tablet, sceneLimit)
	s.Cleanup(cancel)
	return limited
}

// serveBank answers as mabanque.fr, with a certificate of the café's own authority: what a thief of its key would try.
func (s *scene) serveBank(keys string) (port string) {
	s.Helper()
	pair, err := tls.LoadX509KeyPair(filepath.Join(keys, "authority.crt"), filepath.Join(keys, "authority.key"))
	if err != nil {
		s.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(keys, "authority.crt"))
	if err != nil {
		s.Fatal(err)
	}
	block, _ := pem.Decode(text)
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		s.Fatal(err)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(99), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), DNSNames: []string{"mabanque.fr"},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	der, err := x509.CreateCertificate(rand.Reader, leaf, root, &key.PublicKey, pair.PrivateKey)
	if err != nil {
		s.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "your money") })}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der, root.Raw}, PrivateKey: key}}}))
	}()
	s.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
	_, port, _ = strings.Cut(l.Addr().String(), ":")
	return port
}
