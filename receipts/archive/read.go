package archive

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/csv"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strconv"
	"strings"

	"comptoir/data/fault"
	"comptoir/receipts/journal"
	"comptoir/receipts/table"
)

// Limits of what is read into memory.
const (
	smallFile = 4 << 20 // manifest, keys, notice
	lineLimit = 8 << 20 // one entry
)

// errBroken is told of a file that is not what was written.
var errBroken = fault.New(fault.Internal, "archive.broken", "The archive is not what it should be.")

// broken says what is wrong with the archive, and where.
func broken(file, format string, args ...any) error {
	return errBroken.With("file", file).With("what", fmt.Sprintf(format, args...))
}

// Verify reads the archive at path and checks everything that it says of itself: which files there are, the signature of
// the manifest, the hash of each file, and of each entry its canonical form, hash, signature, place and link; and that the
// tables are those that the entries give. It returns the manifest and its hash. Fault: archive.broken, with args file and
// what.
func Verify(ctx context.Context, path string) (Manifest, string, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return Manifest{}, "", errBroken.With("what", "no ZIP file").Wrap(err)
	}
	v := &verification{ctx: ctx, files: map[string]*zip.File{}, public: map[string]*ecdsa.PublicKey{}, sums: map[string]string{}}
	for _, f := range z.File {
		if v.files[f.Name] != nil {
			return Manifest{}, "", errors.Join(broken(f.Name, "is there twice"), z.Close())
		}
		v.files[f.Name] = f
	}
	for _, step := range []func() error{v.manifest, v.contents, v.context, v.entries, v.tables} {
		if err := step(); err != nil {
			return v.m, v.hash, errors.Join(err, z.Close())
		}
	}
	return v.m, v.hash, z.Close()
}

// verification is one archive being read.
type verification struct {
	ctx    context.Context //nolint:containedctx // of this one call of Verify
	files  map[string]*zip.File
	m      Manifest
	hash   string                      // of the manifest
	public map[string]*ecdsa.PublicKey // by id
	pems   map[string]string           // what the files of the keys hold
	sums   map[string]string           // of the tables that the entries give, by name
	before string                      // hash of the entry before the range, when the context has it
}

// small reads a file of the archive that fits in memory.
func (v *verification) small(name string) ([]byte, error) {
	f := v.files[name]
	if f == nil {
		return nil, broken(name, "is missing")
	}
	r, err := f.Open()
	if err != nil {
		return nil, errBroken.With("file", name).Wrap(err)
	}
	text, err := io.ReadAll(io.LimitReader(r, smallFile+1))
	if err := errors.Join(err, r.Close()); err != nil {
		return nil, errBroken.With("file", name).Wrap(err)
	}
	if len(text) > smallFile {
		return nil, broken(name, "is too large")
	}
	return text, nil
}

// manifest reads the manifest and checks its signature, by a key that the entries are held against later.
func (v *verification) manifest() error {
	text, err := v.small(fileManifest)
	if err != nil {
		return err
	}
	if v.m, err = readManifest(text); err != nil {
		return broken(fileManifest, "%v", err)
	}
	v.hash, v.pems = hashOf(text), map[string]string{}
	for _, k := range v.m.Keys {
		text, err := v.small(k.File)
		if err != nil {
			return err
		}
		block, rest := pem.Decode(text)
		if block == nil || len(rest) > 0 {
			return broken(k.File, "no public key")
		}
		parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
		key, ok := parsed.(*ecdsa.PublicKey)
		if err != nil || !ok {
			return broken(k.File, "no public key")
		}
		v.public[k.ID], v.pems[k.ID] = key, string(text)
	}
	sig, err := v.small(fileManifestSign)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	if key := v.public[v.m.SignedBy]; key == nil || !ecdsa.VerifyASN1(key, sum[:], sig) {
		return broken(fileManifestSign, "not signed by %s", v.m.SignedBy)
	}
	for _, k := range v.m.Keys[slices.IndexFunc(v.m.Keys, func(k Key) bool { return k.ID == v.m.SignedBy })+1:] {
		if k.FromSeq <= v.m.ToSeq {
			return broken(fileManifestSign, "signed by %s, which was out of force by then", v.m.SignedBy)
		}
	}
	return nil
}

// contents checks that there are the files that the manifest names, with their hashes, and no other.
func (v *verification) contents() error {
	want := v.m.names()
	if len(v.m.Files) != len(want) || len(v.files) != len(want)+2 {
		return broken(fileManifest, "%d files, the archive has %d", len(v.m.Files), len(v.files))
	}
	for i, f := range v.m.Files {
		if f.Name != want[i] {
			return broken(f.Name, "want %s", want[i])
		}
		entry := v.files[f.Name]
		if entry == nil {
			return broken(f.Name, "is missing")
		}
		r, err := entry.Open()
		if err != nil {
			return errBroken.With("file", f.Name).Wrap(err)
		}
		sum := sha256.New()
		n, err := io.Copy(sum, io.LimitReader(r, f.Size+1))
		if err := errors.Join(err, r.Close()); err != nil {
			return errBroken.With("file", f.Name).Wrap(err)
		}
		if n != f.Size || hex.EncodeToString(sum.Sum(nil)) != f.SHA256 {
			return broken(f.Name, "is not what the manifest says")
		}
	}
	return v.ctx.Err()
}

// context checks the entries from outside the range.
func (v *verification) context() error {
	last, n := int64(-1), int64(0)
	err := v.walk(fileContext, fileContextSigns, func(r *record, _ []byte) error {
		if r.Seq <= last || r.Seq >= v.m.FromSeq && r.Seq <= v.m.ToSeq || r.Seq > v.m.ToSeq && r.Kind != journal.KindKeyRotate {
			return broken(fileContext, "entry %d does not belong here", r.Seq)
		}
		if last = r.Seq; last == v.m.FromSeq-1 {
			v.before = r.hash
		}
		n++
		return nil
	})
	if err == nil && n != v.m.Context {
		err = broken(fileContext, "%d entries, the manifest says %d", n, v.m.Context)
	}
	return err
}

// entries checks the range, and makes its tables again.
func (v *verification) entries() error {
	sums := map[string]hash.Hash{}
	p := newProjector(func(name string) io.Writer {
		sums[name] = sha256.New()
		return sums[name]
	})
	seq, prev := v.m.FromSeq-1, v.before
	err := v.walk(fileJournal, fileSignatures, func(r *record, _ []byte) error {
		if r.Seq != seq+1 {
			return broken(fileJournal, "entry %d after %d", r.Seq, seq)
		}
		if prev != "" && r.Prev != prev {
			return broken(fileJournal, "entry %d does not follow from the one before", r.Seq)
		}
		seq, prev = r.Seq, r.hash
		return p.take(r)
	})
	if err := errors.Join(err, p.end()); err != nil {
		return err
	}
	if seq != v.m.ToSeq || v.m.Head != (journal.Head{Seq: seq, Hash: prev}) || v.m.Entries != seq-v.m.FromSeq+1 {
		return broken(fileJournal, "ends at entry %d, the manifest says %d", seq, v.m.ToSeq)
	}
	for name, sum := range sums {
		v.sums[name] = hex.EncodeToString(sum.Sum(nil))
	}
	return nil
}

func (v *verification) tables() error {
	for _, f := range v.m.Files {
		if sum, projected := v.sums[f.Name]; projected && sum != f.SHA256 {
			return broken(f.Name, "is not what the entries give")
		}
	}
	return nil
}

// walk checks each entry of a file by itself, in batches spread over the processors, and hands it over in order.
func (v *verification) walk(name, signs string, take func(r *record, canon []byte) error) (err error) {
	f, err := v.files[name].Open()
	if err != nil {
		return errBroken.With("file", name).Wrap(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	s, err := v.files[signs].Open()
	if err != nil {
		return errBroken.With("file", signs).Wrap(err)
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	rows, err := signatureRows(s)
	if err != nil {
		return broken(signs, "%v", err)
	}
	text := bufio.NewReaderSize(f, 1<<20)
	for {
		batch, err := v.batch(text, rows, name)
		if err != nil || len(batch) == 0 {
			return err
		}
		for i := range batch {
			if batch[i].flaw != "" {
				return broken(name, "entry %d: %s", batch[i].Seq, batch[i].flaw)
			}
			if err := take(&batch[i].record, batch[i].canon); err != nil {
				return err
			}
		}
		if err := v.ctx.Err(); err != nil {
			return err
		}
	}
}

// signatureRows opens a table of signatures behind its head.
func signatureRows(r io.Reader) (*csv.Reader, error) {
	b := bufio.NewReader(r)
	if mark, err := b.Peek(len(table.Mark)); err != nil || string(mark) != table.Mark {
		return nil, errors.New("no byte order mark")
	}
	if _, err := b.Discard(len(table.Mark)); err != nil {
		return nil, err
	}
	rows := csv.NewReader(b)
	rows.Comma, rows.FieldsPerRecord = ';', len(signatureColumns())
	head, err := rows.Read()
	if err != nil || !slices.Equal(head, signatureColumns()) {
		return nil, fmt.Errorf("columns %v: %w", head, err)
	}
	return rows, nil
}

// checked is one entry after the checks that need nothing else.
type checked struct {
	record
	canon []byte
	cells []string
	flaw  string
}

// batch reads the next entries with their signatures.
func (v *verification) batch(text *bufio.Reader, rows *csv.Reader, name string) ([]checked, error) {
	var all []checked
	for len(all) < batch {
		line, err := readLine(text)
		if errors.Is(err, io.EOF) {
			if _, err := rows.Read(); !errors.Is(err, io.EOF) {
				return nil, broken(name, "more signatures than entries")
			}
			break
		}
		if err != nil {
			return nil, broken(name, "%v", err)
		}
		cells, err := rows.Read()
		if err != nil {
			return nil, broken(name, "fewer signatures than entries")
		}
		all = append(all, checked{canon: line, cells: cells})
	}
	spread(len(all), func(i int) { v.check(&all[i]) })
	return all, nil
}

// readLine reads up to a line feed, which must be there.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case len(line) > lineLimit:
			return nil, errors.New("a line is too long")
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF) && len(line) == 0:
			return nil, io.EOF
		case errors.Is(err, io.EOF):
			return nil, io.ErrUnexpectedEOF
		default:
			return nil, err
		}
	}
}

func (v *verification) check(c *checked) {
	var err error
	if c.record, err = readRecord(c.canon); err != nil || !journal.IsCanonical(c.canon) {
		c.flaw = fmt.Sprintf("not canonical (%v)", err)
		return
	}
	sig, err := base64.StdEncoding.DecodeString(c.cells[2])
	switch key := v.keyAt(c.Seq); {
	case c.cells[0] != strconv.FormatInt(c.Seq, 10) || c.cells[1] != c.hash || c.cells[3] != c.Key || err != nil:
		c.flaw = "its signature is in another row"
	case c.Journal != v.m.Journal || c.Reg != v.m.Reg || c.SIRET != v.m.SIRET:
		c.flaw = "of another journal"
	case key != c.Key || !journal.Signed(v.public[key], journal.HashOf(c.canon), sig):
		c.flaw = "not signed by the key in force"
	default:
		c.flaw = v.checkKey(&c.record)
	}
}

// keyAt is the id of the key in force at an entry.
func (v *verification) keyAt(seq int64) string {
	id := ""
	for _, k := range v.m.Keys {
		if k.FromSeq <= seq {
			id = k.ID
		}
	}
	return id
}

// checkKey holds a key that an entry states against its file.
func (v *verification) checkKey(r *record) string {
	var b struct {
		ID        string `json:"id"`
		PublicKey string `json:"public_key"`
	}
	switch r.Kind {
	case journal.KindGenesis:
		b.ID = "k1"
	case journal.KindKeyRotate:
	default:
		return ""
	}
	id := b.ID
	if err := r.decode(&b); err != nil {
		return err.Error()
	}
	if id == "" {
		id = b.ID
	}
	text, err := pemOf(b.PublicKey)
	if err != nil || v.pems[id] != string(text) {
		return "the file of its key " + strings.TrimSpace(id) + " holds another"
	}
	return ""
}
