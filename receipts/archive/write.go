package archive

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"comptoir/data"
	"comptoir/receipts/journal"
	"comptoir/receipts/table"
)

// unfinished ends the name of whatever is not an archive yet.
const unfinished = ".new"

// batch is how many entries are in memory at once.
const batch = 1024

// Request says what is to be archived, and what of it the journal does not say.
type Request struct {
	Range    Range
	Previous *Previous // the newest archive; nil: none
	Archives []Listed  // of the months of a year
	SignedBy string    // id of the key that signs the manifest
	Sign     func(manifest []byte) ([]byte, error)
	Free     func(folder string) (int64, error) // bytes free on the disk of a folder; nil: asks the system
}

// Made is an archive that was written to Path, which ends in ".new": it is not in its place yet.
type Made struct {
	Path     string
	Manifest Manifest
	Hash     string // SHA-256 of the manifest, hex
	Sig      []byte // of the manifest
	SHA256   string // of the ZIP file, hex
	Size     int64  // of the ZIP file, bytes
}

// Write writes an archive into dir from q, which must be one snapshot. Nothing is left behind when it fails, and nothing
// there is named as an archive when it succeeds: see [Made].
//
// It leaves room on the disk for what the café sells meanwhile. Refusal: archive.disk.
func Write(ctx context.Context, q data.Querier, dir string, req Request) (made Made, err error) {
	defer func() { err = diskFull(err) }()
	b, err := newBundle(dir, req.room(dir))
	if err != nil {
		return Made{}, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	g := &gathering{ctx: ctx, q: q, req: req, bundle: b, refs: map[int64]bool{}, m: Manifest{
		Format: FormatVersion, Kind: req.Range.Kind, Period: req.Range.Period, FromDay: req.Range.FromDay, ToDay: req.Range.ToDay,
		FromSeq: req.Range.FromSeq, ToSeq: req.Range.ToSeq, Previous: req.Previous, Archives: req.Archives, SignedBy: req.SignedBy,
	}}
	for _, step := range []func() error{g.identity, g.entries, g.context, g.keys, g.seal} {
		if err := step(); err != nil {
			return Made{}, err
		}
	}
	made = Made{Path: filepath.Join(dir, g.m.Name+unfinished), Manifest: g.m, Hash: hashOf(g.text), Sig: g.sig}
	if err := b.zip(made.Path, append(g.m.names(), fileManifest, fileManifestSign)); err != nil {
		_ = os.Remove(made.Path) // it may not have been made at all
		return Made{}, err
	}
	made.SHA256, made.Size, err = sumOf(made.Path)
	return made, err
}

// gathering is one archive being written.
type gathering struct {
	ctx    context.Context //nolint:containedctx // of this one call of Write
	q      data.Querier
	req    Request
	bundle *bundle
	m      Manifest

	genesis journal.GenesisBody
	refs    map[int64]bool  // earlier entries that the range refers to
	rotated []journal.Entry // KEY_ROTATE of range and context
	text    []byte          // of the manifest
	sig     []byte
}

func (g *gathering) identity() error {
	first, err := journal.At(g.ctx, g.q, 0)
	if err != nil {
		return err
	}
	env, err := first.Envelope()
	if err != nil {
		return err
	}
	if g.genesis, err = journal.Founding(g.ctx, g.q); err != nil {
		return err
	}
	b := g.genesis
	g.m.Journal, g.m.Reg, g.m.SIRET = env.Journal, env.Reg, env.SIRET
	g.m.Name = fmt.Sprintf("%s_%s_%s.zip", env.SIRET, env.Reg, g.m.Period)
	g.m.Identity = Identity{Address: b.Address, CutOff: b.CutOff, Demo: b.Demo, FiscalStart: b.FiscalStart, LegalName: b.LegalName, NAF: b.NAF,
		Name: b.Name, VATNumber: b.VATNumber, VATRegime: b.VATRegime, Zone: b.Zone}
	return nil
}

// lines writes entries with their signatures, as FORMAT.md §3 has them.
type lines struct {
	canon io.Writer
	signs *table.Writer
}

func (g *gathering) lines(name, signs string) (*lines, error) {
	canon, err := g.bundle.add(name)
	if err != nil {
		return nil, err
	}
	sheet, err := g.bundle.add(signs)
	if err != nil {
		return nil, err
	}
	l := &lines{canon, table.New(sheet)}
	return l, l.signs.Row(signatureColumns()...)
}

func signatureColumns() []string { return []string{"seq", "hash_hex", "sig_der_b64", "key_id"} }

func (l *lines) put(e journal.Entry, key string) error {
	if _, err := l.canon.Write(append(slices.Clip(e.Canon), '\n')); err != nil {
		return err
	}
	return l.signs.Row(strconv.FormatInt(e.Seq, 10), hex.EncodeToString(e.Hash[:]), base64.StdEncoding.EncodeToString(e.Sig), key)
}

// entries walks the range once and writes it in every form.
func (g *gathering) entries() error {
	evidence, err := g.lines(fileJournal, fileSignatures)
	if err != nil {
		return err
	}
	var failed error
	p := newProjector(func(name string) io.Writer {
		part, err := g.bundle.add(name)
		failed = errors.Join(failed, err)
		return part
	})
	if failed != nil {
		return failed
	}
	for from := g.m.FromSeq; from <= g.m.ToSeq; {
		entries, err := journal.Entries(g.ctx, g.q, from, int(min(batch, g.m.ToSeq-from+1)))
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return fmt.Errorf("entry %d is missing", from)
		}
		for _, e := range entries {
			if err := g.entry(e, evidence, p); err != nil {
				return err
			}
		}
		from = entries[len(entries)-1].Seq + 1
	}
	return errors.Join(evidence.signs.Flush(), p.end())
}

func (g *gathering) entry(e journal.Entry, evidence *lines, p *projector) error {
	r, err := readRecord(e.Canon)
	if err != nil {
		return err
	}
	if err := errors.Join(evidence.put(e, r.Key), p.take(&r)); err != nil {
		return err
	}
	g.m.Entries++
	g.m.version(&r)
	g.m.AsOf, g.m.Head = r.TS, journal.Head{Seq: e.Seq, Hash: r.hash}
	if e.Kind == journal.KindKeyRotate {
		g.rotated = append(g.rotated, e)
	}
	refs, err := r.refersTo()
	for _, ref := range refs {
		if ref.Seq < g.m.FromSeq {
			g.refs[ref.Seq] = true
		}
	}
	return err
}

// refersTo returns the documents that an entry names.
func (r *record) refersTo() ([]journal.Ref, error) {
	switch r.Kind {
	case journal.KindTicket, journal.KindRefund, journal.KindSuspRedeem, journal.KindDuplicate, journal.KindInvoice, journal.KindPayFix:
	default:
		return nil, nil
	}
	var b struct {
		Notes []journal.Ref `json:"notes"`
		Of    *journal.Ref  `json:"of"`
		Ref   *journal.Ref  `json:"ref"`
	}
	if err := r.decode(&b); err != nil {
		return nil, err
	}
	for _, ref := range []*journal.Ref{b.Of, b.Ref} {
		if ref != nil {
			b.Notes = append(b.Notes, *ref)
		}
	}
	return b.Notes, nil
}

// context writes what the range needs from outside (FORMAT.md §4).
func (g *gathering) context() error {
	wanted := map[int64]journal.Entry{}
	keep := func(all []journal.Entry, err error) error {
		for _, e := range all {
			wanted[e.Seq] = e
		}
		return err
	}
	if from := g.m.FromSeq; from > 0 {
		archives, err := journal.OfKinds(g.ctx, g.q, 0, from-1, journal.KindArchive)
		first, err1 := journal.At(g.ctx, g.q, 0)
		err = errors.Join(err, err1, keep([]journal.Entry{first}, nil), keep(archives[max(0, len(archives)-1):], nil),
			keep(journal.OfKinds(g.ctx, g.q, 0, from-1, journal.KindKeyRotate, journal.KindResume)),
			keep(journal.NewestDocuments(g.ctx, g.q, from)), keep(g.referred()))
		if err != nil {
			return err
		}
	}
	if err := keep(g.laterKeys()); err != nil {
		return err
	}
	l, err := g.lines(fileContext, fileContextSigns)
	if err != nil {
		return err
	}
	for _, seq := range slices.Sorted(maps.Keys(wanted)) {
		e := wanted[seq]
		r, err := readRecord(e.Canon)
		if err != nil {
			return err
		}
		if err := l.put(e, r.Key); err != nil {
			return err
		}
		if e.Kind == journal.KindKeyRotate {
			g.rotated = append(g.rotated, e)
		}
		g.m.Context++
	}
	return l.signs.Flush()
}

// referred returns the earlier entries that the range refers to, and what else refers to these before the range.
func (g *gathering) referred() ([]journal.Entry, error) {
	if len(g.refs) == 0 {
		return nil, nil
	}
	var found []journal.Entry
	first := g.m.FromSeq
	for seq := range g.refs {
		e, err := journal.At(g.ctx, g.q, seq)
		if err != nil {
			return nil, err
		}
		found, first = append(found, e), min(first, seq)
	}
	others, err := journal.OfKinds(g.ctx, g.q, first, g.m.FromSeq-1, journal.KindRefund, journal.KindSuspRedeem, journal.KindDuplicate, journal.KindInvoice, journal.KindPayFix)
	if err != nil {
		return nil, err
	}
	for _, e := range others {
		r, err := readRecord(e.Canon)
		if err != nil {
			return nil, err
		}
		refs, err := r.refersTo()
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(refs, func(ref journal.Ref) bool { return g.refs[ref.Seq] }) {
			found = append(found, e)
		}
	}
	return found, nil
}

// laterKeys returns the changes of the key after the range, up to the key that signs the manifest.
func (g *gathering) laterKeys() ([]journal.Entry, error) {
	head, err := journal.Newest(g.ctx, g.q)
	if err != nil {
		return nil, err
	}
	later, err := journal.OfKinds(g.ctx, g.q, g.m.ToSeq+1, head.Seq, journal.KindKeyRotate)
	if err != nil {
		return nil, err
	}
	for i, e := range later {
		var b journal.KeyRotateBody
		if err := e.Decode(&b); err != nil {
			return nil, err
		}
		if b.ID == g.req.SignedBy {
			return later[:i+1], nil
		}
	}
	return nil, nil
}

// keys writes the public keys.
func (g *gathering) keys() error {
	if err := g.key("k1", 0, g.genesis.PublicKey); err != nil {
		return err
	}
	slices.SortFunc(g.rotated, func(a, b journal.Entry) int { return int(a.Seq - b.Seq) })
	for _, e := range g.rotated {
		var b journal.KeyRotateBody
		if err := e.Decode(&b); err != nil {
			return err
		}
		from := e.Seq + 1
		if b.Lost {
			from = e.Seq
		}
		if err := g.key(b.ID, from, b.PublicKey); err != nil {
			return err
		}
	}
	return nil
}

func (g *gathering) key(id string, from int64, public string) error {
	text, err := pemOf(public)
	if err != nil {
		return fmt.Errorf("key %s: %w", id, err)
	}
	k := Key{ID: id, File: "keys/" + id + ".pem", FromSeq: from}
	g.m.Keys = append(g.m.Keys, k)
	return g.bundle.put(k.File, text)
}

// pemOf writes a public key, as an entry states it, as a file that openssl reads.
func pemOf(public string) ([]byte, error) {
	der, err := base64.StdEncoding.DecodeString(public)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// seal writes the notice and the manifest, and has it signed.
func (g *gathering) seal() error {
	words, err := notice(g.m)
	if err != nil {
		return err
	}
	if err := g.bundle.put(fileNotice, words); err != nil {
		return err
	}
	for _, name := range g.m.names() {
		p := g.bundle.named(name)
		g.m.Files = append(g.m.Files, journal.ArchiveFile{Name: name, SHA256: p.hash(), Size: p.size})
	}
	if g.text, err = g.m.text(); err != nil {
		return err
	}
	if g.sig, err = g.req.Sign(g.text); err != nil {
		return err
	}
	return errors.Join(g.bundle.put(fileManifest, g.text), g.bundle.put(fileManifestSign, g.sig))
}
