package archive

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// Archive is one that was made: its ARCHIVE entry stands in the journal.
type Archive struct {
	Seq      int64     `json:"seq"` // of its ARCHIVE entry
	Name     string    `json:"name"`
	Kind     Kind      `json:"kind"`
	Period   string    `json:"period"`
	FromDay  string    `json:"from_day"`
	ToDay    string    `json:"to_day"`
	FromSeq  int64     `json:"from_seq"`
	ToSeq    int64     `json:"to_seq"`
	Manifest string    `json:"manifest"` // SHA-256 of MANIFEST.json, hex
	SHA256   string    `json:"sha256"`   // of the ZIP file, hex
	Size     int64     `json:"size"`     // of the ZIP file, bytes
	CopiedAt time.Time `json:"copied_at,omitzero"`
	CopiedBy string    `json:"copied_by,omitempty"` // operator code

	previous int64
	key      string
	sig      []byte
}

// Range is what the archive covers.
func (a Archive) Range() Range {
	return Range{Kind: a.Kind, Period: a.Period, FromDay: a.FromDay, ToDay: a.ToDay, FromSeq: a.FromSeq, ToSeq: a.ToSeq}
}

const selectArchives = `SELECT a.seq, a.name, a.kind, a.period, a.from_day, a.to_day, a.from_seq, a.to_seq, a.manifest, a.sha256, a.size, a.previous, a.key, a.sig,
	coalesce(c.at, 0), coalesce(c.op, '') FROM archives AS a LEFT JOIN archive_copies AS c ON c.archive = a.seq`

func scanArchive(scan func(...any) error) (Archive, error) {
	var a Archive
	var copied int64
	err := scan(&a.Seq, &a.Name, &a.Kind, &a.Period, &a.FromDay, &a.ToDay, &a.FromSeq, &a.ToSeq, &a.Manifest, &a.SHA256, &a.Size, &a.previous, &a.key, &a.sig,
		&copied, &a.CopiedBy)
	if copied != 0 {
		a.CopiedAt = time.UnixMilli(copied).UTC()
	}
	return a, err
}

// List returns every archive that was made, the newest first.
func List(ctx context.Context, q data.Querier) ([]Archive, error) {
	return data.All(ctx, q, func(r *data.Rows) (Archive, error) { return scanArchive(r.Scan) }, selectArchives+` ORDER BY a.seq DESC LIMIT -1`)
}

// errUnknown is told to whoever names an archive that was never made.
var errUnknown = fault.New(fault.NotFound, "archive.unknown", "There is no such archive.")

// ByName returns the archive with this file name: archive.unknown when there is none.
func ByName(ctx context.Context, q data.Querier, name string) (Archive, error) {
	a, err := scanArchive(q.QueryRow(ctx, selectArchives+` WHERE a.name = ?`, name).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Archive{}, errUnknown.With("name", name)
	}
	return a, err
}

// ByPeriod returns the archive of a period, and whether there is one.
func ByPeriod(ctx context.Context, q data.Querier, period string) (Archive, bool, error) {
	a, err := scanArchive(q.QueryRow(ctx, selectArchives+` WHERE a.period = ?`, period).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return Archive{}, false, nil
	}
	return a, err == nil, err
}

// Due returns the ranges of the closed months and years that have no archive, in the order of their closings.
func Due(ctx context.Context, q data.Querier) ([]Range, error) {
	closed, err := Closed(ctx, q)
	if err != nil || len(closed) == 0 {
		return nil, err
	}
	made, err := data.All(ctx, q, func(r *data.Rows) (period string, err error) { err = r.Scan(&period); return period, err },
		`SELECT period FROM archives ORDER BY seq LIMIT -1`)
	return slices.DeleteFunc(closed, func(r Range) bool { return slices.Contains(made, r.Period) }), err
}

// Prepare says what the next archive states of the earlier ones, or, made again, stated when it was made.
func Prepare(ctx context.Context, q data.Querier, r Range, again *Archive) (Request, error) {
	req := Request{Range: r}
	made, err := List(ctx, q)
	if err != nil {
		return req, err
	}
	for _, a := range slices.Backward(made) {
		if again != nil && a.Seq >= again.Seq {
			break
		}
		req.Previous = &Previous{Manifest: a.Manifest, Seq: a.Seq}
		if r.Kind == KindYear && a.Kind == KindMonth && a.FromSeq >= r.FromSeq && a.ToSeq <= r.ToSeq {
			req.Archives = append(req.Archives, Listed{Manifest: a.Manifest, Name: a.Name, Period: a.Period, Seq: a.Seq})
		}
	}
	if again != nil {
		req.SignedBy = again.key
		req.Sign = func([]byte) ([]byte, error) { return again.sig, nil }
	}
	return req, nil
}

// Body is the ARCHIVE entry of an archive that was written and verified (fiscal R73).
func (m Made) Body() journal.ArchiveBody {
	b := journal.ArchiveBody{Files: m.Manifest.Files, FromSeq: m.Manifest.FromSeq, Manifest: m.Hash, Medium: "disk", Name: m.Manifest.Name,
		NF525: 30, Period: m.Manifest.Period, ToSeq: m.Manifest.ToSeq}
	if m.Manifest.Kind == KindDays {
		b.NF525 = 20
	}
	if p := m.Manifest.Previous; p != nil {
		b.Prev = &journal.Ref{Doc: p.Manifest, Seq: p.Seq}
	}
	return b
}

// Enter writes down an archive whose ARCHIVE entry is e, in the same transaction.
func Enter(ctx context.Context, tx *data.Tx, e journal.Entry, m Made) (Archive, error) {
	a := Archive{Seq: e.Seq, Name: m.Manifest.Name, Kind: m.Manifest.Kind, Period: m.Manifest.Period, FromDay: m.Manifest.FromDay, ToDay: m.Manifest.ToDay,
		FromSeq: m.Manifest.FromSeq, ToSeq: m.Manifest.ToSeq, Manifest: m.Hash, SHA256: m.SHA256, Size: m.Size, key: m.Manifest.SignedBy, sig: m.Sig}
	if p := m.Manifest.Previous; p != nil {
		a.previous = p.Seq
	}
	if _, err := tx.Exec(ctx, `INSERT INTO archives (seq, name, kind, period, from_day, to_day, from_seq, to_seq, manifest, sha256, size, previous, key, sig)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, a.Seq, a.Name, string(a.Kind), a.Period, a.FromDay, a.ToDay, a.FromSeq, a.ToSeq, a.Manifest, a.SHA256,
		a.Size, a.previous, a.key, a.sig); err != nil {
		return Archive{}, fmt.Errorf("enter archive %s: %w", a.Name, err)
	}
	return a, nil
}

// Copied writes down that somebody says a copy lies elsewhere; e is the EVENT that says so.
func Copied(ctx context.Context, tx *data.Tx, a Archive, e journal.Entry, op string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO archive_copies (archive, seq, at, op) VALUES (?, ?, ?, ?)`, a.Seq, e.Seq, tx.Now().UnixMilli(), op); err != nil {
		return fmt.Errorf("copy of archive %s: %w", a.Name, err)
	}
	return nil
}

// Checks returns the invariants of the archives' rows: each is what its ARCHIVE entry says, and each confirmation has its
// EVENT.
func Checks() []data.Check {
	return []data.Check{{Name: "archives are what their entries say", Run: checkRows}, {Name: "copies of archives are what their entries say", Run: checkCopies}}
}

func checkCopies(ctx context.Context, q data.Querier) ([]string, error) {
	type confirmed struct {
		archive, seq int64
		op           string
	}
	said, err := data.All(ctx, q, func(r *data.Rows) (c confirmed, err error) { err = r.Scan(&c.archive, &c.seq, &c.op); return c, err },
		`SELECT archive, seq, op FROM archive_copies ORDER BY archive`)
	if err != nil {
		return nil, fmt.Errorf("copies of archives: %w", err)
	}
	var bad []string
	for _, c := range said {
		e, err := journal.At(ctx, q, c.seq)
		if err != nil {
			bad = append(bad, fmt.Sprintf("copy of archive %d: entry %d: %v", c.archive, c.seq, err))
			continue
		}
		env, err := e.Envelope()
		if of, is := copiedBy(e); err != nil || !is || of != c.archive || env.Op != c.op {
			bad = append(bad, fmt.Sprintf("copy of archive %d is not what entry %d says", c.archive, c.seq))
		}
	}
	return bad, nil
}

// copiedBy reads the archive that an entry says was copied.
func copiedBy(e journal.Entry) (seq int64, is bool) {
	var b journal.EventBody
	if e.Kind != journal.KindEvent || e.Decode(&b) != nil || b.Code != journal.EventArchiveCopied {
		return 0, false
	}
	n, is := b.Data["archive"].(float64)
	return int64(n), is
}

func checkRows(ctx context.Context, q data.Querier) ([]string, error) {
	made, err := List(ctx, q)
	if err != nil {
		return nil, err
	}
	var bad []string
	for _, a := range made {
		e, err := journal.At(ctx, q, a.Seq)
		if err != nil {
			bad = append(bad, fmt.Sprintf("archive %s: entry %d: %v", a.Name, a.Seq, err))
			continue
		}
		var b journal.ArchiveBody
		if err := e.Decode(&b); e.Kind != journal.KindArchive || err != nil {
			bad = append(bad, fmt.Sprintf("archive %s: entry %d is no ARCHIVE", a.Name, a.Seq))
			continue
		}
		var previous int64
		if b.Prev != nil {
			previous = b.Prev.Seq
		}
		if b.Name != a.Name || b.Period != a.Period || b.Manifest != a.Manifest || b.FromSeq != a.FromSeq || b.ToSeq != a.ToSeq || previous != a.previous {
			bad = append(bad, fmt.Sprintf("archive %s is not what entry %d says", a.Name, a.Seq))
		}
	}
	return bad, nil
}
