package journal

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"comptoir/data"
)

// Config says where a journal keeps what is not in the database.
type Config struct {
	Dir      string       // data directory of the café: head and keys/k1.pem live here
	Software string       // product name, version and build, written in each entry (fiscal R2)
	Log      *slog.Logger // nil: discarded

	// Facts tells what a closing states that no entry says; nil: nothing is open, no log of events. It is called in the
	// transaction of the closing, before it, never by Open. It may append, to the day that is to be closed; an error of it
	// ends the transaction, so it must not refuse.
	Facts func(ctx context.Context, tx *data.Tx) (CloseFacts, error)

	// HeadDir is a folder on another medium for a second head file, so that putting the whole data directory back is seen
	// too. Empty: none. It is kept as well as it can be: a stick that is not there never stops a sale.
	HeadDir string
}

// identity is what every entry repeats of the genesis.
type identity struct {
	journal, reg, siret string
	rules               GenesisBody
	day                 string // of the genesis
	fiscalStart         string
	zone                *time.Location
	keys                []Key // in the order in which they came into force
}

// state is the writer's memory of the journal. It lives in a data.Cell, so that a closure which fails leaves no
// number used and no total moved. It is copied by assignment.
type state struct {
	seq      int64
	hash     [32]byte
	ts       int64 // Unix milliseconds
	behind   bool  // the clock is behind ts, and an entry says so (fiscal R31)
	ran      pace
	signer   *signer
	counters [len(allSeries)]counter
	totals   totals
	books    books
}

// counter is the last number of a series. Fiscal years do not come back, so the newest is enough.
type counter struct {
	year int
	n    int64
}

// Journal is the open journal of one café. Append belongs to the writer's closures; everything else may be called
// from any goroutine.
type Journal struct {
	id       identity
	dir      string
	software string
	log      *slog.Logger
	signer   *signer  // when the journal was opened; the one in force is in state
	enc      *encoder // used by the one writer only
	facts    func(context.Context, *data.Tx) (CloseFacts, error)
	asking   bool // facts is being called; of the writer
	cell     *data.Cell[state]

	first  *headFile
	second *headFile // nil: none
	stop   chan struct{}
	close  sync.Once
}

// Open opens a founded journal and begins to keep its head files. It refuses, as faults:
// NotFound "journal.unfounded" (no genesis), "journal.key_missing", Denied "journal.key_exposed",
// Internal "journal.key_broken", "journal.key_other" (not the key in force), "journal.broken" (the newest entry is not
// what was signed), "journal.rollback" (the database is not the one a head file remembers: an older file was put back,
// or its tail is lost; fiscal R28), and Conflict "clock.ahead". Resume and ReplaceLostKey are the ways out. A missing or
// unreadable head file is recorded as an INTEGRITY_ERROR event, and selling goes on. Close it before the database.
func Open(ctx context.Context, db *data.DB, cfg Config) (*Journal, error) {
	keys, err := checkedKeys(ctx, db.Reader())
	if err != nil {
		return nil, err
	}
	key, err := useKey(cfg.Dir, keys)
	if err != nil {
		return nil, err
	}
	j, err := prepare(ctx, db, cfg, key)
	if err != nil {
		return nil, err
	}
	if err := j.reach(ctx, db.Reader()); err != nil {
		return nil, err
	}
	if err := db.ClockAhead(); err != nil {
		return nil, err
	}
	if err := j.missed(ctx, db); err != nil {
		return nil, err
	}
	j.keep()
	return j, nil
}

// prepare reads what Append needs; it compares nothing with what was seen outside, and keeps no head file yet.
func prepare(ctx context.Context, db *data.DB, cfg Config, key *signer) (*Journal, error) {
	j := &Journal{dir: cfg.Dir, software: cfg.Software, log: cfg.Log, enc: newEncoder(), facts: cfg.Facts, signer: key, stop: make(chan struct{})}
	if j.log == nil {
		j.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if j.id, err = readIdentity(ctx, db.Reader()); err != nil {
		return nil, err
	}
	j.first = newHeadFile(filepath.Join(cfg.Dir, headName), headInterval)
	if cfg.HeadDir != "" {
		j.second = newHeadFile(filepath.Join(cfg.HeadDir, SecondHeadName(j.id.journal)), secondInterval)
	}
	j.cell, err = data.NewCell(ctx, db, j.load)
	return j, err
}

// readIdentity reads the genesis.
func readIdentity(ctx context.Context, q data.Querier) (identity, error) {
	b, env, err := readGenesis(ctx, q)
	if err != nil {
		return identity{}, err
	}
	id := identity{journal: env.Journal, reg: env.Reg, siret: env.SIRET, rules: b, day: env.Day, fiscalStart: b.FiscalStart}
	if id.zone, err = time.LoadLocation(b.Zone); err != nil {
		return identity{}, fmt.Errorf("zone of the genesis: %w", err)
	}
	id.keys, err = Keys(ctx, q)
	return id, err
}

// load reads the heads: the newest entry, the last number of each series, and what has been closed and what has been
// written since. It walks the open day, not the journal.
func (j *Journal) load(ctx context.Context, q data.Querier) (state, error) {
	var s state
	head, err := scanEntry(q.QueryRow(ctx, `SELECT seq, canon, hash, sig FROM journal ORDER BY seq DESC LIMIT 1`))
	if err != nil {
		return s, fmt.Errorf("newest entry: %w", err)
	}
	if HashOf(head.Canon) != head.Hash || !Signed(j.id.keys[len(j.id.keys)-1].public, head.Hash, head.Sig) {
		return s, errBroken.With("seq", head.Seq)
	}
	s.signer = j.signer
	s.seq, s.hash, s.ts = head.Seq, head.Hash, head.At.UnixMilli()
	for i, series := range allSeries {
		err := q.QueryRow(ctx, `SELECT year, n FROM documents WHERE series = ? ORDER BY year DESC, n DESC LIMIT 1`, string(series)).
			Scan(&s.counters[i].year, &s.counters[i].n)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return s, fmt.Errorf("last number of %c: %w", series, err)
		}
	}
	if err := s.loadSkipped(ctx, q); err != nil {
		return s, err
	}
	s.books, s.totals, err = j.id.loadBooks(ctx, q)
	return s, err
}

// hexHash is how prev and the public texts write a hash.
func hexHash(h [32]byte) string { return hex.EncodeToString(h[:]) }
