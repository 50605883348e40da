package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"
)

// TLS returns how a listener proves that it is this till: under the given names, of which those that do not end in .local are
// left out, and under whatever private address a visitor has come to.
func (a *Authority) TLS(names []string) *tls.Config {
	var own []string
	for _, name := range names {
		name = strings.ToLower(strings.TrimSuffix(name, "."))
		if strings.HasSuffix(name, ".local") && !slices.Contains(own, name) {
			own = append(own, name)
		}
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return a.certificate(own, addressOf(hello.Conn))
		},
	}
}

// addressOf is the address of this machine that a visitor has come to; nil: unknown.
func addressOf(c net.Conn) net.IP {
	if c == nil {
		return nil
	}
	if tcp, ok := c.LocalAddr().(*net.TCPAddr); ok {
		return tcp.IP
	}
	return nil
}

// certificate returns the one in use, or makes another when that ends soon or does not name the address.
func (a *Authority) certificate(names []string, came net.IP) (*tls.Certificate, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var addresses []net.IP
	if a.leaf != nil {
		addresses = a.leaf.Leaf.IPAddresses
	}
	named := came == nil || !Covers(came) || slices.ContainsFunc(addresses, came.Equal)
	if a.leaf != nil && named && a.now().Before(a.leaf.Leaf.NotAfter.Add(-renewAhead)) && !a.now().Before(a.leaf.Leaf.NotBefore) {
		return a.leaf, nil
	}
	if !named {
		addresses = append(slices.Clone(addresses), came)
	}
	if over := len(addresses) - maxAddresses; over > 0 {
		addresses = addresses[over:]
	}
	leaf, err := a.issue(names, addresses)
	if err != nil {
		return nil, err
	}
	a.leaf = leaf
	return leaf, nil
}

// maxAddresses bounds what one certificate names: a machine on a network that hands out addresses gathers some.
const maxAddresses = 16

// issue makes a certificate with a key of its own.
func (a *Authority) issue(names []string, addresses []net.IP) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("local authority: draw a key: %w", err)
	}
	serial, err := newSerial()
	if err != nil {
		return nil, err
	}
	begins := within(a.root, a.now().Add(-backdate)) // by a clock that is wrong it lasts for no time, and another is made once it is right
	ends := within(a.root, a.now().Add(leafLife))
	subject := "till"
	if len(names) > 0 {
		subject = names[0]
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: subject},
		NotBefore: begins, NotAfter: ends,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true,
		DNSNames: names, IPAddresses: addresses,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.root, &key.PublicKey, a.key)
	if err != nil {
		return nil, fmt.Errorf("local authority: make a certificate: %w", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("local authority: read a certificate: %w", err)
	}
	return &tls.Certificate{Certificate: [][]byte{der, a.root.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

// Ends returns when the certificate in use ends; the zero time while none was asked for.
func (a *Authority) Ends() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.leaf == nil {
		return time.Time{}
	}
	return a.leaf.Leaf.NotAfter
}

// within is the instant of a certificate's life that is nearest to another.
func within(c *x509.Certificate, at time.Time) time.Time {
	if at.Before(c.NotBefore) {
		return c.NotBefore
	}
	if at.After(c.NotAfter) {
		return c.NotAfter
	}
	return at
}
