package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"comptoir/receipts/journal"
)

// FormatVersion is the version of FORMAT.md that this package writes and reads.
const FormatVersion = "cafe-archive/1"

// Names of the files of an archive that are no projection.
const (
	fileNotice       = "LISEZMOI.txt"
	fileJournal      = "journal.jsonl"
	fileSignatures   = "signatures.csv"
	fileContext      = "contexte.jsonl"
	fileContextSigns = "contexte_signatures.csv"
	fileManifest     = "MANIFEST.json"
	fileManifestSign = "MANIFEST.json.sig"
)

// Kind says what an archive covers.
type Kind string

// The kinds, FORMAT.md §2.
const (
	KindMonth Kind = "month"
	KindYear  Kind = "year"
	KindDays  Kind = "days"
	KindAll   Kind = "all"
)

// Manifest says what an archive is (FORMAT.md §7). Its fields stand in the order of their keys.
type Manifest struct {
	Archives []Listed              `json:"archives"`
	AsOf     string                `json:"as_of"`
	Context  int64                 `json:"context"`
	Entries  int64                 `json:"entries"`
	Files    []journal.ArchiveFile `json:"files"`
	Format   string                `json:"format"`
	FromDay  string                `json:"from_day"`
	FromSeq  int64                 `json:"from_seq"`
	Head     journal.Head          `json:"head"`
	Identity Identity              `json:"identity"`
	Journal  string                `json:"journal"`
	Keys     []Key                 `json:"keys"`
	Kind     Kind                  `json:"kind"`
	Name     string                `json:"name"`
	Period   string                `json:"period"`
	Previous *Previous             `json:"prev_archive"`
	Reg      string                `json:"reg"`
	SignedBy string                `json:"signed_by"`
	SIRET    string                `json:"siret"`
	ToDay    string                `json:"to_day"`
	ToSeq    int64                 `json:"to_seq"`
	Versions []Version             `json:"versions"`
}

// Identity is the café as its genesis states it.
type Identity struct {
	Address     string `json:"address"`
	CutOff      int    `json:"cutoff"` // minutes after midnight
	Demo        bool   `json:"demo"`
	FiscalStart string `json:"fiscal_start"`
	LegalName   string `json:"legal_name"`
	NAF         string `json:"naf"`
	Name        string `json:"name"`
	VATNumber   string `json:"vat_number"`
	VATRegime   string `json:"vat_regime"`
	Zone        string `json:"zone"`
}

// Key is one public key of the archive.
type Key struct {
	File    string `json:"file"`
	FromSeq int64  `json:"from_seq"` // the first entry that it signs
	ID      string `json:"id"`
}

// Listed is the archive of a month in the manifest of its year.
type Listed struct {
	Manifest string `json:"manifest"` // SHA-256, hex
	Name     string `json:"name"`
	Period   string `json:"period"`
	Seq      int64  `json:"seq"` // of its ARCHIVE entry
}

// Previous is the archive that was made before.
type Previous struct {
	Manifest string `json:"manifest"` // SHA-256, hex
	Seq      int64  `json:"seq"`      // of its ARCHIVE entry
}

// Version is a pair of versions that wrote entries.
type Version struct {
	Core     string `json:"core"`
	Software string `json:"sw"`
}

// Source is the SHA-256 of the sources of that fiscal core (fiscal R3); empty for one that this program does not know.
func (v Version) Source() string { return journal.SourceHash(v.Core) }

// text is the manifest as it is written, hashed and signed.
func (m Manifest) text() ([]byte, error) {
	m.Archives, m.Files, m.Keys, m.Versions = listed(m.Archives), listed(m.Files), listed(m.Keys), listed(m.Versions)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(m); err != nil {
		return nil, fmt.Errorf("write the manifest: %w", err)
	}
	return b.Bytes(), nil
}

// listed makes an absent list an empty one.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// readManifest refuses unknown keys and whatever follows.
func readManifest(text []byte) (Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil {
		return m, fmt.Errorf("read the manifest: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return m, errors.New("read the manifest: text after the value")
	}
	if m.Format != FormatVersion {
		return m, fmt.Errorf("read the manifest: format %q", m.Format)
	}
	return m, nil
}

// names are the files of the archive, in their order.
func (m Manifest) names() []string {
	all := []string{fileNotice, fileJournal, fileSignatures, fileContext, fileContextSigns}
	for _, k := range m.Keys {
		all = append(all, k.File)
	}
	for _, s := range sheets() {
		all = append(all, s.name)
	}
	return all
}

// version remembers the versions of one more entry.
func (m *Manifest) version(r *record) {
	if v := (Version{Core: r.Core, Software: r.Software}); !slices.Contains(m.Versions, v) {
		m.Versions = append(m.Versions, v)
	}
}

// hashOf is a SHA-256 in the form in which manifests and entries name it.
func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
