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

	"comptoir/data"
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
	rootBefore = 60 * day // the till's clock may have been ahead on the day the root was made
)

// Authority vouches for this till. It is safe for concurrent use.
type Authority struct {
	root *x509.Certificate
	key  *ecdsa.PrivateKey
	now  func() time.Time
	made bool

	mu   sync.Mutex
	leaf *tls.Certificate
}

// errEmpty is told of a file that a power cut or a full disk has left without its text.
var errEmpty = errors.New("the file is empty")

// Open reads the authority of a folder. Where there is none, where a file was left empty and where the root has ended by now, it
// makes one, which every tablet has to be told of: so it is asked only when the clock can be believed. holder tells tills apart in
// a tablet's list of authorities, such as the machine's name.
//
// Errors: those of Read but these, and a file that cannot be written.
func Open(dir, holder string, now func() time.Time) (*Authority, error) {
	a, err := Read(dir, now)
	if !isNone(err) && (err != nil || !now().After(a.root.NotAfter)) {
		return a, err
	}
	if err := found(dir, holder, now); err != nil {
		return nil, fmt.Errorf("local authority: %w", err)
	}
	if a, err = Read(dir, now); err != nil {
		return nil, err
	}
	a.made = true
	return a, nil
}

// Read reads the authority of a folder, also one that has ended: whoever it vouches to is told so by their browser.
//
// Errors, each naming the file: one that is not there (fs.ErrNotExist), empty or unreadable, a key that others may read, a pair that
// does not belong together.
func Read(dir string, now func() time.Time) (*Authority, error) {
	a, err := read(dir, now)
	if err != nil {
		return nil, fmt.Errorf("local authority: %w", err)
	}
	return a, nil
}

// isNone reports whether an error of Read says that there is no authority to speak of.
func isNone(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errEmpty) }

// Made reports whether Open has made the root now: no tablet trusts it yet.
func (a *Authority) Made() bool { return a.made }

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
	return &Authority{root: root, key: key, now: now}, nil
}

// readText reads a file, which is never meant to be empty.
func readText(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err == nil && len(text) == 0 {
		err = fmt.Errorf("%s: %w", path, errEmpty)
	}
	return text, err
}

func readKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := readText(path)
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
	text, err := readText(path)
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

// found makes the root and its key, in place of those that were. A key of before goes first and the new one is written last:
// without it there is no authority, and the next start makes one.
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
		NotBefore: now().Add(-rootBefore), NotAfter: now().Add(rootLife),
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
	keyPath := filepath.Join(dir, keyFile)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Remove(keyPath); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := data.ReplaceFile(RootPath(dir), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root})); err != nil {
		return err
	}
	return data.ReplaceFile(keyPath, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
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
