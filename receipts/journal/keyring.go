package journal

import (
	"context"
	"crypto/ecdsa"
	"fmt"
	"strconv"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
)

// keyAttempts bounds how many damaged key files a rotation passes over.
const keyAttempts = 100

// Key is one key of a journal: the one of the genesis, or one that a KEY_ROTATE put in force (fiscal R26).
type Key struct {
	ID     string // k1, k2…
	Public string // SubjectPublicKeyInfo in DER, base64
	Seq    int64  // of the entry that carries it: 0, the genesis, or a KEY_ROTATE
	Lost   bool   // the key before it was lost: nothing in the chain vouches for this one

	public *ecdsa.PublicKey
}

// From returns the seq of the first entry that the key signs.
func (k Key) From() int64 {
	if k.Seq == 0 || k.Lost {
		return k.Seq
	}
	return k.Seq + 1
}

// signer is a key in use.
type signer struct {
	id  string
	key *ecdsa.PrivateKey
}

// Keys returns the keys of a journal in the order in which they came into force. It trusts the table that leads to them;
// Verify does not. NotFound "journal.unfounded" when there is no journal.
func Keys(ctx context.Context, q data.Querier) ([]Key, error) {
	b, _, err := readGenesis(ctx, q)
	if err != nil {
		return nil, err
	}
	first := Key{ID: firstKey, Public: b.PublicKey}
	if first.public, err = decodePublic(b.PublicKey); err != nil {
		return nil, err
	}
	keys := []Key{first}
	rotations, err := data.All(ctx, q, scanRow, `SELECT j.seq, j.canon, j.hash, j.sig FROM journal_keys AS k JOIN journal AS j ON j.seq = k.seq ORDER BY k.seq LIMIT -1`)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	for _, r := range rotations {
		k, err := r.rotation()
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// rotation reads the key of a KEY_ROTATE.
func (r row) rotation() (Key, error) {
	e, err := r.entry()
	if err != nil {
		return Key{}, err
	}
	var b KeyRotateBody
	if err := e.Decode(&b); e.Kind != KindKeyRotate || err != nil {
		return Key{}, fmt.Errorf("entry %d is no %s: %w", r.seq, KindKeyRotate, err)
	}
	k := Key{ID: b.ID, Public: b.PublicKey, Seq: e.Seq, Lost: b.Lost}
	k.public, err = decodePublic(b.PublicKey)
	return k, err
}

// checkedKeys returns the keys after it has checked that each was put in force by the one before it: whoever bends the
// table cannot make the till sign with another key.
func checkedKeys(ctx context.Context, q data.Querier) ([]Key, error) {
	keys, err := Keys(ctx, q)
	if err != nil || len(keys) == 1 {
		return keys, err
	}
	for i, k := range keys[1:] {
		e, err := At(ctx, q, k.Seq)
		if err != nil {
			return nil, err
		}
		by := keys[i].public
		if k.Lost {
			by = k.public
		}
		if HashOf(e.Canon) != e.Hash || !Signed(by, e.Hash, e.Sig) {
			return nil, errBroken.With("seq", k.Seq)
		}
	}
	return keys, nil
}

var errBroken = fault.New(fault.Internal, "journal.broken", "the newest entry of the journal, or one that put a key in force, is not what was signed")

// keyNumber returns n of an id k<n> in its shortest form, 0 for anything else.
func keyNumber(id string) int {
	n, err := strconv.Atoi(strings.TrimPrefix(id, "k"))
	if err != nil || n < 1 || keyName(n) != id {
		return 0
	}
	return n
}

func keyName(n int) string { return "k" + strconv.Itoa(n) }

// NewKey is a key that is on the disk and has signed nothing.
type NewKey struct {
	signer *signer
	public string
}

// ID returns the id it will have in the journal.
func (k NewKey) ID() string { return k.signer.id }

// NewKey makes the key that a Rotate will put in force, and writes it durably first: it is slow, never call it inside a
// write. A file that a rotation cut short has left is taken up; a damaged one is left as it is, and its number not used.
func (j *Journal) NewKey(ctx context.Context, q data.Querier) (NewKey, error) {
	keys, err := Keys(ctx, q)
	if err != nil {
		return NewKey{}, err
	}
	return newKey(j.dir, keys)
}

func newKey(dir string, keys []Key) (NewKey, error) {
	last := keyNumber(keys[len(keys)-1].ID)
	for n := last + 1; n <= last+keyAttempts; n++ {
		id := keyName(n)
		key, err := openKey(dir, id)
		if fault.CodeOf(err) == "journal.key_missing" {
			if key, err = createKey(dir, id); err != nil {
				return NewKey{}, err
			}
		}
		if err != nil || isKeyOf(keys, &key.PublicKey) {
			continue // damaged, seen by others, or a copy of a key that has signed
		}
		public, err := encodePublic(&key.PublicKey)
		if err != nil {
			return NewKey{}, err
		}
		return NewKey{&signer{id, key}, public}, nil
	}
	return NewKey{}, fault.New(fault.Internal, "journal.key_broken", "the signing key cannot be read").With("file", keyPath(dir, keyName(last+1)))
}

// isKeyOf reports whether a public key is one of the journal's.
func isKeyOf(keys []Key, public *ecdsa.PublicKey) bool {
	for _, k := range keys {
		if k.public.Equal(public) {
			return true
		}
	}
	return false
}

// Rotate puts a key in force (fiscal R26): a KEY_ROTATE signed by the key that ends, then an EVENT signed by the new one,
// in the caller's transaction. op is the operator who asked for it; reason is required. It returns the KEY_ROTATE.
func (j *Journal) Rotate(ctx context.Context, tx *data.Tx, k NewKey, op, reason string) (Entry, error) {
	previous := j.cell.Get(tx).signer.id
	if keyNumber(k.ID()) <= keyNumber(previous) {
		return Entry{}, fault.New(fault.Conflict, "journal.key_past", "this key was put in force already").With("key", k.ID())
	}
	e, err := j.Append(ctx, tx, Draft{Kind: KindKeyRotate, Op: op, signer: k.signer,
		Body: KeyRotateBody{Custody: keyCustody, ID: k.ID(), PublicKey: k.public, Reason: reason}})
	if err != nil {
		return Entry{}, err
	}
	s := j.cell.Get(tx)
	_, err = j.append(ctx, tx, &s, Draft{Kind: KindEvent, Op: op,
		Body: EventBody{Code: EventKeyRotate, Data: map[string]any{"key": k.ID(), "previous": previous}}})
	return e, err
}

// LostKey is what ReplaceLostKey needs to know.
type LostKey struct {
	Op     string  // the manager
	Reason string  // required
	Anchor *Anchor // the newest entry seen outside; nil: that of the head file, when the database has reached it
}

// ReplaceLostKey puts a new key in force when the one in force cannot be read any more (fiscal R26): a KEY_ROTATE that
// says so, signed by the new key, with the anchor outside, and an EVENT KEY_LOST. Every verification warns of it from then
// on. The damaged file, if there is one, stays as it is. The journal must not be open.
//
// Refusals: Conflict "journal.key_there" (the key can be read), Denied "journal.key_exposed" (so it can once its mode is
// right), Invalid "journal.anchor_unmet" (the database does not have that entry), and those of Open.
func ReplaceLostKey(ctx context.Context, db *data.DB, cfg Config, lost LostKey) error {
	keys, err := checkedKeys(ctx, db.Reader())
	if err != nil {
		return err
	}
	current := keys[len(keys)-1]
	key, err := openKey(cfg.Dir, current.ID)
	switch code := fault.CodeOf(err); {
	case err == nil && key.PublicKey.Equal(current.public):
		return fault.New(fault.Conflict, "journal.key_there", "the signing key is there and can be used").With("file", keyPath(cfg.Dir, current.ID))
	case code == "journal.key_exposed":
		return err
	}
	k, err := newKey(cfg.Dir, keys)
	if err != nil {
		return err
	}
	j, err := prepare(ctx, db, cfg, k.signer)
	if err != nil {
		return err
	}
	seen, err := j.lastSeen(ctx, db.Reader(), lost.Anchor)
	if err != nil {
		return err
	}
	return db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		s := j.cell.Get(tx)
		if _, err := j.append(ctx, tx, &s, Draft{Kind: KindKeyRotate, Op: lost.Op, signer: k.signer, Body: KeyRotateBody{
			Anchor: seen, Custody: keyCustody, ID: k.ID(), Lost: true, PublicKey: k.public, Reason: lost.Reason}}); err != nil {
			return err
		}
		_, err := j.append(ctx, tx, &s, Draft{Kind: KindEvent, Op: lost.Op,
			Body: EventBody{Code: EventKeyLost, Data: map[string]any{"key": k.ID(), "previous": current.ID}}})
		return err
	})
}

// lastSeen returns the place of the newest entry that was seen outside and that the database has; nil when there is none.
func (j *Journal) lastSeen(ctx context.Context, q data.Querier, given *Anchor) (*Head, error) {
	if given != nil {
		a := j.own(*given)
		cause, err := j.meets(ctx, q, a)
		if err == nil && cause != "" {
			err = fault.New(fault.Invalid, "journal.anchor_unmet", "the database does not have the entry of this anchor").With("anchor_seq", a.Seq)
		}
		return &Head{hexHash(a.Hash), a.Seq}, err
	}
	var newest *Head
	for _, a := range j.heads() {
		cause, err := j.meets(ctx, q, a)
		if err != nil {
			return nil, err
		}
		if cause == "" && (newest == nil || a.Seq > newest.Seq) {
			newest = &Head{hexHash(a.Hash), a.Seq}
		}
	}
	return newest, nil
}

// useKey reads the key in force.
func useKey(dir string, keys []Key) (*signer, error) {
	current := keys[len(keys)-1]
	key, err := openKey(dir, current.ID)
	if err != nil {
		return nil, err
	}
	if !key.PublicKey.Equal(current.public) {
		return nil, fault.New(fault.Internal, "journal.key_other", "the signing key is not the one of this journal").With("file", keyPath(dir, current.ID))
	}
	return &signer{current.ID, key}, nil
}

// checkRotate checks what a KEY_ROTATE says of itself; whether its key is new and its anchor met, the walk knows.
func checkRotate(b *KeyRotateBody) string {
	switch {
	case keyNumber(b.ID) < 2:
		return fmt.Sprintf("key %q", b.ID)
	case b.Reason == "" || b.Custody == "":
		return "no reason or no custody"
	case b.Anchor != nil && !b.Lost:
		return "an anchor, and the key was not lost"
	}
	if _, err := decodePublic(b.PublicKey); err != nil {
		return err.Error()
	}
	return ""
}
