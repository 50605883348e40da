package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

// batchSize is how many entries are in memory at once while the journal is walked.
const batchSize = 1024

// Entries returns up to limit entries from seq on, in order. They are read as stored, not verified. Read outside
// a snapshot it may miss what is being committed, never a part of it.
func Entries(ctx context.Context, q data.Querier, from int64, limit int) ([]Entry, error) {
	rows, err := readRows(ctx, q, from, limit)
	if err != nil {
		return nil, err
	}
	return entriesOf(rows)
}

func entriesOf(rows []row) ([]Entry, error) {
	entries := make([]Entry, len(rows))
	for i, r := range rows {
		var err error
		if entries[i], err = r.entry(); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// ByNumber returns the entry of a document number such as "T26-000001": Invalid "journal.number" when it is not
// the form of one, NotFound "journal.document" when there is none.
func ByNumber(ctx context.Context, q data.Querier, number string) (Entry, error) {
	series, year, n, err := parseNumber(number)
	if err != nil {
		return Entry{}, err
	}
	e, err := scanEntry(q.QueryRow(ctx, `SELECT j.seq, j.canon, j.hash, j.sig FROM documents AS d JOIN journal AS j ON j.seq = d.seq
		WHERE d.series = ? AND d.year = ? AND d.n = ?`, string(series), year, n))
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, fault.New(fault.NotFound, "journal.document", "there is no document with this number").With("number", number)
	}
	return e, err
}

// At returns the entry at seq: NotFound "journal.entry" when the journal has not come so far.
func At(ctx context.Context, q data.Querier, seq int64) (Entry, error) {
	e, err := scanEntry(q.QueryRow(ctx, `SELECT seq, canon, hash, sig FROM journal WHERE seq = ?`, seq))
	if errors.Is(err, sql.ErrNoRows) {
		return Entry{}, fault.New(fault.NotFound, "journal.entry", "there is no such entry").With("seq", seq)
	}
	return e, err
}

// Founding returns the genesis: NotFound "journal.unfounded" when the database has none.
func Founding(ctx context.Context, q data.Querier) (GenesisBody, error) {
	b, _, err := readGenesis(ctx, q)
	return b, err
}

func readGenesis(ctx context.Context, q data.Querier) (GenesisBody, Envelope, error) {
	unfounded := fault.New(fault.NotFound, "journal.unfounded", "this database has no journal yet")
	e, err := At(ctx, q, 0)
	if fault.CodeOf(err) == "journal.entry" {
		return GenesisBody{}, Envelope{}, unfounded
	}
	if err != nil {
		return GenesisBody{}, Envelope{}, err
	}
	env, err := e.Envelope()
	if err != nil {
		return GenesisBody{}, Envelope{}, err
	}
	if env.Kind != KindGenesis {
		return GenesisBody{}, Envelope{}, unfounded.Wrap(fmt.Errorf("entry 0 is a %s", env.Kind))
	}
	var b GenesisBody
	return b, env, e.Decode(&b)
}

// row is one row as stored, of which nothing is believed yet.
type row struct {
	seq              int64
	canon, hash, sig []byte
}

func scanRow(r *data.Rows) (row, error) {
	var w row
	err := r.Scan(&w.seq, &w.canon, &w.hash, &w.sig)
	return w, err
}

func readRows(ctx context.Context, q data.Querier, from int64, limit int) ([]row, error) {
	rows, err := data.All(ctx, q, scanRow, `SELECT seq, canon, hash, sig FROM journal WHERE seq >= ? ORDER BY seq LIMIT ?`, from, limit)
	if err != nil {
		return nil, fmt.Errorf("read the journal from %d: %w", from, err)
	}
	return rows, nil
}

func scanEntry(r *data.Row) (Entry, error) {
	var w row
	if err := r.Scan(&w.seq, &w.canon, &w.hash, &w.sig); err != nil {
		return Entry{}, err
	}
	return w.entry()
}

// entry reads what the bytes say of themselves.
func (w row) entry() (Entry, error) {
	e := Entry{Seq: w.seq, Sig: w.sig, Canon: w.canon}
	env, err := e.Envelope()
	if err != nil {
		return Entry{}, fmt.Errorf("entry %d: %w", w.seq, err)
	}
	e.Kind, e.Day, e.Training = env.Kind, env.Day, env.Training
	if len(w.hash) != len(e.Hash) {
		return Entry{}, fmt.Errorf("entry %d: a hash of %d bytes", w.seq, len(w.hash))
	}
	copy(e.Hash[:], w.hash)
	if env.Doc != nil {
		e.Number = *env.Doc
	}
	if e.At, err = time.Parse(stampLayout, env.TS); err != nil {
		return Entry{}, fmt.Errorf("entry %d: %w", w.seq, err)
	}
	return e, nil
}
