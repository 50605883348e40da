package pos

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"comptoir/data"
	"comptoir/data/fault"
)

// secret is 32 random bytes beside the signing key, outside the database. Codes that are bearer secrets are drawn
// from it and a command's id, so that the same command answers the same code and the database holds only its hash.
type secret [secretBytes]byte

const secretFile = "codes.key"

// openSecret reads the secret, and makes it at the first start. Losing it costs nothing but the answer to a command
// that is asked again.
func openSecret(dir string) (s secret, err error) {
	path := filepath.Join(dir, "keys", secretFile)
	kept, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		kept = randomBytes(secretBytes)
		err = os.WriteFile(path, kept, 0o600)
	}
	if err == nil && len(kept) != secretBytes {
		err = errors.New("not 32 bytes")
	}
	if err != nil {
		return s, fault.New(fault.Internal, "secret.unusable", "The file of secret codes cannot be used.").With("file", path).Wrap(err)
	}
	return secret(kept), nil
}

// streamBytes is far more than a code and the tries of a number draw.
const streamBytes = 1024

// stream is unguessable without the secret, and the same for the same use and command (HKDF, RFC 5869).
func (s secret) stream(use string, cmd data.Command) (io.Reader, error) {
	drawn, err := hkdf.Key(sha256.New, s[:], cmd.Hash[:], use+" "+cmd.ID, streamBytes)
	return bytes.NewReader(drawn), err
}

// shortBytes is what a code of a sale draws.
const shortBytes = 64

// random is what the codes of a sale are drawn from inside a command: the secret and the command, so that a sale that is
// carried out again after a restore has the receipt its customer holds already. A café with a source of its own draws from it.
func (t *Till) random(tx *data.Tx, use string, cmd data.Command) (io.Reader, error) {
	if t.config.Random != rand.Reader || tx.Command() == "" {
		return t.config.Random, nil
	}
	// The instant too: the id of a command may come back when it is forgotten, the code of a receipt may not.
	drawn, err := hkdf.Key(sha256.New, t.secret[:], cmd.Hash[:], fmt.Sprintf("%s %d %s", use, tx.First().UnixMilli(), cmd.ID), shortBytes)
	return bytes.NewReader(drawn), err
}
