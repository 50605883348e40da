package pos

import (
	"crypto/hkdf"
	"crypto/sha256"
	"os"
	"path/filepath"
)

// MarkerKey is what the café seals its markers with, which say in the places of its copies which of its machines is the newest. It
// is drawn from the secret beside the signing key: a machine that was restored with the keys has it, and a stranger has not.
func (t *Till) MarkerKey() ([]byte, error) { return t.secret.marker() }

// MarkerKey is that of the café in a folder, open or not. One that has no secret yet has none: fs.ErrNotExist.
func MarkerKey(dir string) ([]byte, error) {
	kept, err := os.ReadFile(filepath.Join(dir, "keys", secretFile))
	if err != nil {
		return nil, err
	}
	if len(kept) != secretBytes {
		return nil, os.ErrNotExist // a file that was cut short proves nothing
	}
	return secret(kept).marker()
}

func (s secret) marker() ([]byte, error) {
	return hkdf.Key(sha256.New, s[:], nil, "marker of the newest machine", sha256.Size)
}
