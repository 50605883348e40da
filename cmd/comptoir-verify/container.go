package main

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Limits of an archive. A café's month is some megabytes, its whole history some gigabytes.
const (
	filesMax    = 128
	fileMax     = 16 << 30 // unpacked
	smallMax    = 8 << 20  // unpacked, of what is read into memory: manifest, keys
	ratioMax    = 200      // unpacked over packed: text with signatures packs 3 to 10 times, zeros 1000 times
	ratioFree   = 1 << 20  // unpacked size below which the ratio does not matter
	manifestSig = "MANIFEST.json.sig"
	manifestOf  = "MANIFEST.json"
)

var keyFile = regexp.MustCompile(`^keys/k[1-9][0-9]{0,9}\.pem$`)

// container is the ZIP file around an archive. Nothing is unpacked to disk: names decide nothing.
type container struct {
	file  *os.File
	files map[string]*zip.File
	read  map[string]*measured // files that have been opened
}

// measured reads a file of the archive and measures what it reads.
type measured struct {
	from io.ReadCloser
	hash hash.Hash
	size int64
	most int64
	err  error
}

// openContainer opens a ZIP file and refuses what no archive can be. Found tells what is wrong with an archive that can
// still be read.
func openContainer(name string, found func(format string, args ...any)) (*container, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	k, err := readContainer(f, found)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return k, nil
}

func readContainer(f *os.File, found func(format string, args ...any)) (*container, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(f, info.Size())
	if errors.Is(err, zip.ErrInsecurePath) {
		found("un fichier a un chemin interdit")
	} else if err != nil {
		return nil, fmt.Errorf("ce n'est pas une archive ZIP entière, elle est coupée ou abîmée : %w", err)
	}
	if len(z.File) > filesMax {
		return nil, fmt.Errorf("l'archive a %d fichiers, une archive de caisse en a moins de %d", len(z.File), filesMax)
	}
	k := &container{file: f, files: map[string]*zip.File{}, read: map[string]*measured{}}
	if z.Comment != "" {
		found("l'archive ZIP a un commentaire")
	}
	var packed uint64
	for _, one := range z.File {
		name := one.Name
		if packed += one.CompressedSize64; packed > uint64(info.Size()) {
			return nil, errors.New("les fichiers de l'archive se recouvrent : bombe de décompression")
		}
		if one.UncompressedSize64 > fileMax || one.UncompressedSize64 > ratioFree && one.UncompressedSize64/ratioMax > one.CompressedSize64 {
			return nil, fmt.Errorf("« %s » se décompresserait en %s octets : bombe de décompression", shown(name), thousands(one.UncompressedSize64))
		}
		switch {
		case !allowed(name):
			found("« %s » n'est pas un fichier d'une archive", shown(name))
		case k.files[name] != nil:
			found("« %s » y est deux fois", shown(name))
		case one.Flags&1 != 0 || one.Method != zip.Store && one.Method != zip.Deflate:
			found("« %s » est chiffré ou comprimé d'une manière inconnue", shown(name))
		default:
			k.files[name] = one
		}
	}
	return k, nil
}

// fixedFiles are the files of every archive but its keys, in the order of receipts/archive/FORMAT.md §1.
func fixedFiles() []string {
	all := []string{"LISEZMOI.txt", "journal.jsonl", "signatures.csv", "contexte.jsonl", "contexte_signatures.csv"}
	for _, t := range tableColumns() {
		all = append(all, t.name)
	}
	return append(all, manifestOf, manifestSig)
}

func allowed(name string) bool {
	return slices.Contains(fixedFiles(), name) || keyFile.MatchString(name)
}

// open reads a file of the archive; nil when it is not there.
func (k *container) open(name string) io.Reader {
	f := k.files[name]
	if f == nil || k.read[name] != nil {
		return nil
	}
	m := &measured{hash: sha256.New(), most: int64(f.UncompressedSize64)}
	k.read[name] = m
	if m.from, m.err = f.Open(); m.err != nil {
		m.err = fmt.Errorf("« %s » ne peut pas être ouvert : %w", name, m.err)
	}
	return m
}

func (m *measured) Read(p []byte) (int, error) {
	if m.err != nil {
		return 0, m.err
	}
	n, err := m.from.Read(p)
	if n > 0 {
		_, _ = m.hash.Write(p[:n]) // a hash never fails
	}
	if m.size += int64(n); m.size > m.most {
		err = errors.New("plus d'octets qu'annoncé")
	}
	m.err = err
	return n, err
}

// sum reads a file to its end and returns its hash and size.
func (k *container) sum(name string) (string, int64, error) {
	if k.read[name] == nil {
		k.open(name)
	}
	m := k.read[name]
	if m == nil {
		return "", 0, errors.New("le fichier manque")
	}
	_, _ = io.Copy(io.Discard, m) // its end, or what is wrong, stays in err
	if !errors.Is(m.err, io.EOF) {
		return "", 0, m.err
	}
	return hex.EncodeToString(m.hash.Sum(nil)), m.size, nil
}

// small reads a small file whole.
func (k *container) small(name string) ([]byte, error) {
	f := k.files[name]
	if f == nil {
		return nil, fmt.Errorf("« %s » manque", name)
	}
	if f.UncompressedSize64 > smallMax {
		return nil, fmt.Errorf("« %s » est trop grand", name)
	}
	b, err := io.ReadAll(k.open(name))
	if err != nil {
		return nil, fmt.Errorf("« %s » est abîmé : %w", name, err)
	}
	return b, nil
}

// keyNames lists the key files.
func (k *container) keyNames() []string {
	var all []string
	for name := range k.files {
		if strings.HasPrefix(name, "keys/") {
			all = append(all, name)
		}
	}
	slices.Sort(all)
	return all
}

func (k *container) close() error {
	var all []error
	for _, m := range k.read {
		if m.from != nil {
			all = append(all, m.from.Close())
		}
	}
	return errors.Join(append(all, k.file.Close())...)
}
