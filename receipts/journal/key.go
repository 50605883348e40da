package journal

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"comptoir/data"
	"comptoir/data/fault"
)

// The keys of a journal (fiscal R23, R24). Their custody is the lowest level, "file": whoever is root on the till can copy
// them. The genesis, and each KEY_ROTATE, says so.
const (
	firstKey   = "k1" // of the genesis
	keyCustody = "file"
	keyDir     = "keys"
	pemType    = "PRIVATE KEY"
)

func keyPath(dir, id string) string { return filepath.Join(dir, keyDir, id+".pem") }

// createKey makes a key of a journal and writes it durably. It never replaces a file: of a key that has
// signed there must be no second version.
func createKey(dir, id string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("encode key: %w", err)
	}
	folder := filepath.Join(dir, keyDir)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make key folder: %w", err)
	}
	f, err := os.OpenFile(keyPath(dir, id), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create key: %w", err)
	}
	err = pem.Encode(f, &pem.Block{Type: pemType, Bytes: der})
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("write key: %w", err)
	}
	if err := errors.Join(data.SyncFile(folder), data.SyncFile(dir)); err != nil {
		return nil, fmt.Errorf("write key: %w", err)
	}
	return key, nil
}

// openKey reads a key, and refuses one that others on the machine can read: fault Denied "journal.key_exposed".
// A missing file is NotFound "journal.key_missing", an unreadable one Internal "journal.key_broken".
func openKey(dir, id string) (*ecdsa.PrivateKey, error) {
	path := keyPath(dir, id)
	broken := fault.New(fault.Internal, "journal.key_broken", "the signing key cannot be read").With("file", path)
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.New(fault.NotFound, "journal.key_missing", "the signing key is missing").With("file", path).Wrap(err)
	case err != nil:
		return nil, broken.Wrap(err)
	case info.Mode().Perm()&0o077 != 0:
		return nil, fault.New(fault.Denied, "journal.key_exposed",
			"the signing key can be read by others on this machine: set its mode to 0600").
			With("file", path).With("mode", fmt.Sprintf("%04o", info.Mode().Perm()))
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, broken.Wrap(err)
	}
	block, _ := pem.Decode(text)
	if block == nil || block.Type != pemType {
		return nil, broken.Wrap(errors.New("no PEM block " + pemType))
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, broken.Wrap(err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, broken.Wrap(errors.New("not an ECDSA P-256 key"))
	}
	return key, nil
}

// encodePublic returns the SPKI form written in the genesis.
func encodePublic(key *ecdsa.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", fmt.Errorf("encode public key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(der), nil
}

func decodePublic(text string) (*ecdsa.PublicKey, error) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("public key: %w", err)
	}
	key, ok := parsed.(*ecdsa.PublicKey)
	if !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("public key: not ECDSA P-256")
	}
	return key, nil
}
