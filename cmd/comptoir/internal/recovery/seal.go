package recovery

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"filippo.io/age"

	"comptoir/data"
	"comptoir/data/fault"
)

// KeysFile is the name of a café's sealed keys, in a target and beside backups: one stick may serve several cafés, whose journals
// have different ids.
func KeysFile(journal string) string { return journal + "." + SharedKeysFile }

// SharedKeysFile is the name that earlier releases gave the sealed keys of every café.
const SharedKeysFile = "keys.age"

// SealFile keeps, beside the folder of keys, what is needed to seal them again without the code.
const SealFile = "recovery.json"

// Limits of sealed keys: a café has a handful of small files.
const (
	MaxSealed  = 1 << 20 // bytes
	maxKeys    = 200
	maxKeyFile = 64 << 10
	codeWork   = 14 // of scrypt, as a power of two: 96 random bits need no slow lock
	maxWork    = 16 // a foreign file must not take the machine's memory: 64 MiB
)

// codeLetters stand in the same place on every keyboard we know, as those of a card do; none is taken for another aloud.
const codeLetters = "CBDEFGHIJKLNRTUV"

const codeLength = 24 // letters: 96 random bits

var (
	errCode   = fault.New(fault.Denied, "recovery.code", "This is not the recovery code of these keys.")
	errSealed = fault.New(fault.Invalid, "recovery.keys", "The file of sealed keys is damaged, or is none.")
	errUnset  = fault.New(fault.NotFound, "recovery.unset", "There is no recovery code yet.")
)

// NewCode draws a recovery code: 24 letters in groups of four, to be read aloud and written down.
func NewCode() string {
	drawn := make([]byte, codeLength)
	_, _ = rand.Read(drawn) // never fails
	var code strings.Builder
	for i, b := range drawn {
		if i > 0 && i%4 == 0 {
			code.WriteByte(' ')
		}
		code.WriteByte(codeLetters[int(b)%len(codeLetters)])
	}
	return code.String()
}

// letters are those of a code as somebody has typed it, whatever stands between them.
func letters(code string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(codeLetters, r) {
			return r
		}
		return -1
	}, strings.ToUpper(code))
}

// seal is what the café keeps of a recovery code: a key of its own to seal with, and that key's other half, which only the
// code opens.
type seal struct {
	Recipient string `json:"recipient"`
	Wrapped   []byte `json:"wrapped"`
}

// sealedKeys is the content of a KeysFile.
type sealedKeys struct {
	Wrapped []byte `json:"wrapped"`
	Sealed  []byte `json:"sealed"`
}

// SetCode makes a recovery code the one of the café in dir; what was sealed with an older one stays readable with that.
func SetCode(dir, code string) error {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("recovery code: %w", err)
	}
	lock, err := age.NewScryptRecipient(letters(code))
	if err != nil {
		return errCode.Wrap(err)
	}
	lock.SetWorkFactor(codeWork)
	wrapped, err := encrypt([]byte(identity.String()), lock)
	if err != nil {
		return err
	}
	text, err := json.Marshal(seal{identity.Recipient().String(), wrapped})
	if err != nil {
		return fmt.Errorf("recovery code: %w", err)
	}
	return data.ReplaceFile(filepath.Join(dir, SealFile), text)
}

// HasCode reports whether the café in dir has a recovery code.
func HasCode(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, SealFile))
	return err == nil
}

// SealKeys returns the keys of the café in dir, sealed with its recovery code. Refusal: recovery.unset.
func SealKeys(dir string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(dir, SealFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errUnset
	}
	var s seal
	if err := errors.Join(err, json.Unmarshal(text, &s)); err != nil {
		return nil, errSealed.With("file", SealFile).Wrap(err)
	}
	recipient, err := age.ParseX25519Recipient(s.Recipient)
	if err != nil {
		return nil, errSealed.With("file", SealFile).Wrap(err)
	}
	keys, err := readKeys(dir)
	if err != nil {
		return nil, err
	}
	if keys[SealFile], err = os.ReadFile(filepath.Join(dir, SealFile)); err != nil { // so that the code holds on the next machine
		return nil, fmt.Errorf("seal the keys: %w", err)
	}
	plain, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("seal the keys: %w", err)
	}
	sealed, err := encrypt(plain, recipient)
	if err != nil {
		return nil, err
	}
	return json.Marshal(sealedKeys{s.Wrapped, sealed})
}

// SameCode reports whether keys were sealed with one code, and so are of one café.
func SameCode(one, another []byte) bool {
	var a, b sealedKeys
	return json.Unmarshal(one, &a) == nil && json.Unmarshal(another, &b) == nil && len(a.Wrapped) > 0 && bytes.Equal(a.Wrapped, b.Wrapped)
}

func keysFolder(dir string) string { return filepath.Join(dir, "keys") }

func readKeys(dir string) (map[string][]byte, error) {
	files, err := os.ReadDir(keysFolder(dir))
	if err != nil {
		return nil, fmt.Errorf("seal the keys: %w", err)
	}
	keys := map[string][]byte{}
	for _, f := range files {
		if !f.Type().IsRegular() {
			continue
		}
		if keys[f.Name()], err = os.ReadFile(filepath.Join(keysFolder(dir), f.Name())); err != nil {
			return nil, fmt.Errorf("seal the keys: %w", err)
		}
	}
	return keys, nil
}

// OpenKeys writes the keys that were sealed into the folder of a café that has none. Refusals: recovery.code (another code),
// recovery.keys (damaged, too large, or names that lead elsewhere).
func OpenKeys(sealed []byte, code, dir string) error {
	var k sealedKeys
	if err := json.Unmarshal(sealed, &k); err != nil || len(sealed) > MaxSealed || len(k.Wrapped) == 0 || len(k.Sealed) == 0 {
		return errSealed.Wrap(err)
	}
	if len(letters(code)) != codeLength {
		return errCode
	}
	lock, err := age.NewScryptIdentity(letters(code))
	if err != nil {
		return errCode.Wrap(err)
	}
	lock.SetMaxWorkFactor(maxWork)
	text, err := decrypt(k.Wrapped, lock)
	if err != nil {
		if _, wrong := errors.AsType[*age.NoIdentityMatchError](err); wrong {
			return errCode.Wrap(err)
		}
		return errSealed.Wrap(err)
	}
	identity, err := age.ParseX25519Identity(string(text))
	if err != nil {
		return errSealed.Wrap(err)
	}
	plain, err := decrypt(k.Sealed, identity)
	if err != nil {
		return errSealed.Wrap(err)
	}
	var keys map[string][]byte
	if err := json.Unmarshal(plain, &keys); err != nil {
		return errSealed.Wrap(err)
	}
	return writeKeys(keys, dir)
}

func writeKeys(keys map[string][]byte, dir string) error {
	if len(keys) > maxKeys {
		return errSealed
	}
	for name, text := range keys {
		if filepath.Base(name) != name || !filepath.IsLocal(name) || strings.ContainsAny(name, `/\`) || strings.HasPrefix(name, ".") || len(text) > maxKeyFile {
			return errSealed.With("name", name)
		}
	}
	if err := os.MkdirAll(keysFolder(dir), 0o700); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	for name, text := range keys {
		path := filepath.Join(keysFolder(dir), name)
		if name == SealFile {
			path = filepath.Join(dir, name)
		}
		if err := data.ReplaceFile(path, text); err != nil {
			return err
		}
	}
	return nil
}

func encrypt(plain []byte, to age.Recipient) ([]byte, error) {
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	_, err = w.Write(plain)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return out.Bytes(), nil
}

func decrypt(sealed []byte, with age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), with)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, MaxSealed))
}
