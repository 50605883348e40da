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

// errSecret is told of a file of the secret that is neither whole nor empty: somebody may have the right one.
var errSecret = fault.New(fault.Internal, "secret.unusable", "The file of secret codes has not the length it should have.")

// openSecret reads the secret, and makes it at the first start. A file that a power cut or a full disk has left empty holds none,
// and is made anew: what it was is not to be had. Codes that were given stay good, as the database knows their hashes. Lost are
// the answer to a command that is asked again, the way from a contact to its cards until it is left anew, the volunteers' links as
// the café prints them, and what was sealed: the tills' memory of commands, and the cards that wait for a printer.
//
// Refusal: secret.unusable. Other errors are the disk's.
func openSecret(dir string) (s secret, err error) {
	path := filepath.Join(dir, "keys", secretFile)
	kept, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(kept) == 0 {
		kept = randomBytes(secretBytes)
		err = data.ReplaceFile(path, kept)
	}
	switch {
	case err != nil:
		return s, fmt.Errorf("secret of codes: %w", err)
	case len(kept) != secretBytes:
		return s, errSecret.With("file", path)
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
