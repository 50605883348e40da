package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Files of an authority, in its folder.
const (
	keyFile  = "authority.key"
	rootFile = "authority.crt"
)

// How long certificates last. Browsers refuse more than 397 days of anything but a root.
const (
	day        = 24 * time.Hour
	rootLife   = 3650 * day
	leafLife   = 90 * day
	renewAhead = 30 * day // before its end a certificate is replaced
	backdate   = 2 * day  // a tablet's clock may be behind the till's
)

// Authority vouches for this till. It is safe for concurrent use.
type Authority struct {
	root *x509.Certificate
	key  *ecdsa.PrivateKey
	now  func() time.Time

	mu   sync.Mutex
	leaf *tls.Certificate
}

// Open reads the authority of a folder, or makes one where there is none. holder tells tills apart in a tablet's list of
// authorities, such as the machine's name.
//
// Errors: a file that cannot be read or written, a key that others may read, a pair that does not belong together, a root that has
// ended. Each names the file.
func Open(dir, holder string, now func() time.Time) (*Authority, error) {
	a, err := read(dir, now)
	if errors.Is(err, fs.ErrNotExist) {
		if err = found(dir, holder, now); err == nil {
			a, err = read(dir, now)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("local authority: %w", err)
	}
	return a, nil
}

// Root returns the certificate that a tablet is asked to trust.
func (a *Authority) Root() *x509.Certificate { return a.root }

// Fingerprint is the SHA-256 of a certificate in groups of four digits, for people to compare.
func Fingerprint(c *x509.Certificate) string {
	digits := strings.ToUpper(fmt.Sprintf("%x", sha256.Sum256(c.Raw)))
	var b strings.Builder
	for i := 0; i < len(digits); i += 4 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(digits[i : i+4])
	}
	return b.String()
}

func read(dir string, now func() time.Time) (*Authority, error) {
	keyPath, rootPath := filepath.Join(dir, keyFile), filepath.Join(dir, rootFile)
	info, err := os.Stat(keyPath)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s may be read by others than its owner (%o): chmod 600 it", keyPath, info.Mode().Perm())
	}
	key, err := readKey(keyPath)
	if err != nil {
		return nil, err
	}
	root, err := ReadRoot(rootPath)
	if err != nil {
		return nil, err
	}
	if public, ok := root.PublicKey.(*ecdsa.PublicKey); !ok || !public.Equal(&key.PublicKey) {
		return nil, fmt.Errorf("%s and %s do not belong together", keyPath, rootPath)
	}
	if now().After(root.NotAfter) {
		return nil, fmt.Errorf("%s ended on %s: remove it and the key beside it, start again, and let each tablet trust the new one", rootPath, root.NotAfter.Format(time.DateOnly))
	}
	return &Authority{root: root, key: key, now: now}, nil
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no key", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds another kind of key", path)
	}
	return key, nil
}

// ReadRoot reads the root of an authority from its file.
func ReadRoot(path string) (*x509.Certificate, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no certificate", path)
	}
	root, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return root, nil
}

// RootPath is where the root of a folder lies.
func RootPath(dir string) string { return filepath.Join(dir, rootFile) }

// found makes the root and its key. The key is written last: without it there is no authority, and the next start makes one.
func found(dir, holder string, now func() time.Time) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("draw a key: %w", err)
	}
	serial, err := newSerial()
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "Comptoir " + holder, Organization: []string{"Comptoir"}},
		NotBefore: now().Add(-backdate), NotAfter: now().Add(rootLife),
		IsCA: true, BasicConstraintsValid: true, MaxPathLenZero: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		PermittedDNSDomainsCritical: true, PermittedDNSDomains: []string{"local"}, PermittedIPRanges: privateRanges(),
	}
	root, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return fmt.Errorf("make the root: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return fmt.Errorf("write the key: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, rootFile), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root}), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, keyFile), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600)
}

func newSerial() (*big.Int, error) {
	const bits = 127 // positive, and at most 20 bytes
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), bits))
	if err != nil {
		return nil, fmt.Errorf("draw a serial number: %w", err)
	}
	return serial, nil
}

// privateRanges are the addresses that no router of the internet carries (RFC 1918, 3927, 4193, 4291), and the machine's own.
func privateRanges() []*net.IPNet {
	mask := func(ones, bits int) net.IPMask { return net.CIDRMask(ones, bits) }
	return []*net.IPNet{
		{IP: net.IPv4(10, 0, 0, 0).To4(), Mask: mask(8, 32)}, {IP: net.IPv4(172, 16, 0, 0).To4(), Mask: mask(12, 32)},
		{IP: net.IPv4(192, 168, 0, 0).To4(), Mask: mask(16, 32)}, {IP: net.IPv4(169, 254, 0, 0).To4(), Mask: mask(16, 32)},
		{IP: net.IPv4(127, 0, 0, 0).To4(), Mask: mask(8, 32)},
		{IP: net.ParseIP("fc00::"), Mask: mask(7, 128)}, {IP: net.ParseIP("fe80::"), Mask: mask(10, 128)}, {IP: net.IPv6loopback, Mask: mask(128, 128)},
	}
}

// Covers reports whether the authority may vouch for an address.
func Covers(ip net.IP) bool {
	for _, r := range privateRanges() {
		if r.Contains(ip) {
			return true
		}
	}
	return false
}
