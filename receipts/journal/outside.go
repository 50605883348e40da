package journal

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
)

// What is taken out of the house needs a few entries from far back, and a signature beside those of the entries.

// seldom are the kinds that an index keeps (journal_seldom): so few that whoever needs them must not read ten years of sales.
func seldom(k Kind) bool {
	return k == KindArchive || k == KindKeyRotate || k == KindResume || k == KindSuspAdjust
}

// OfKinds returns the entries of some kinds from seq from to seq to, both included, in order, as stored. For a kind that is
// not seldom it looks at every entry between them: for reading in the background.
func OfKinds(ctx context.Context, q data.Querier, from, to int64, wanted ...Kind) ([]Entry, error) {
	var found []Entry
	look := func(index string, kinds ...Kind) error {
		var named []string
		for _, k := range kinds {
			named = append(named, fmt.Sprintf("instr(canon, x'%x') > 0", `"kind":"`+string(k)+`"`)) // as it stands in the index: a parameter would not be seen to match
		}
		all, err := data.All(ctx, q, scanned, `SELECT seq, canon, hash, sig FROM journal `+index+`
			WHERE seq BETWEEN ? AND ? AND (`+strings.Join(named, " OR ")+`) ORDER BY seq`, from, to)
		if err != nil {
			return fmt.Errorf("look for %s: %w", kinds, err)
		}
		found = append(found, slices.DeleteFunc(all, func(e Entry) bool { return !slices.Contains(kinds, e.Kind) })...) // a text may say it too
		return nil
	}
	var often []Kind
	for _, k := range wanted {
		if !seldom(k) {
			often = append(often, k)
		} else if err := look("INDEXED BY journal_seldom", k); err != nil {
			return nil, err
		}
	}
	if len(often) > 0 {
		if err := look("NOT INDEXED", often...); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(found, func(a, b Entry) int { return int(a.Seq - b.Seq) })
	return found, nil
}

func scanned(r *data.Rows) (Entry, error) {
	var w row
	if err := r.Scan(&w.seq, &w.canon, &w.hash, &w.sig); err != nil {
		return Entry{}, err
	}
	return w.entry()
}

// NewestDocuments returns the newest document of each series before a seq, in the order of their seqs: the next number
// of a series follows from it.
func NewestDocuments(ctx context.Context, q data.Querier, before int64) ([]Entry, error) {
	var found []Entry
	for _, series := range allSeries {
		e, err := scanEntry(q.QueryRow(ctx, `SELECT j.seq, j.canon, j.hash, j.sig FROM documents AS d JOIN journal AS j ON j.seq = d.seq
			WHERE d.series = ? AND d.seq < ? ORDER BY d.year DESC, d.n DESC LIMIT 1`, string(series), before))
		switch {
		case errors.Is(err, sql.ErrNoRows):
		case err != nil:
			return nil, fmt.Errorf("newest document of %c: %w", series, err)
		default:
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b Entry) int { return int(a.Seq - b.Seq) })
	return found, nil
}

// Newest returns the newest entry as stored: NotFound "journal.entry" when there is none.
func Newest(ctx context.Context, q data.Querier) (Entry, error) {
	e, err := scanEntry(q.QueryRow(ctx, `SELECT seq, canon, hash, sig FROM journal ORDER BY seq DESC LIMIT 1`))
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, fault.New(fault.NotFound, "journal.entry", "there is no such entry")
	}
	return e, err
}

// ReadPublicKey reads a public key as a genesis or a KEY_ROTATE states it.
func ReadPublicKey(text string) (*ecdsa.PublicKey, error) { return decodePublic(text) }

// errEntry is told to whoever wants to have an entry signed as a file.
var errEntry = fault.New(fault.Internal, "journal.rule", "an entry is signed by appending it, not as a file")

// SignFile signs the SHA-256 of a text that leaves the house, such as the manifest of an archive (fiscal R73), with the
// key in force; [Journal.KeyID] names it. Nothing that begins as the bytes of an entry do is signed in this way. It may be
// called from any goroutine.
func (j *Journal) SignFile(text []byte) ([]byte, error) {
	if bytes.HasPrefix(text, []byte(domain)) {
		return nil, errEntry
	}
	sum := sha256.Sum256(text)
	sig, err := ecdsa.SignASN1(rand.Reader, j.cell.Committed().signer.key, sum[:])
	if err != nil {
		return nil, fmt.Errorf("sign a file: %w", err)
	}
	return sig, nil
}

// KeyID returns the id of the key in force.
func (j *Journal) KeyID() string { return j.cell.Committed().signer.id }
