package journal

import (
	"context"
	"crypto/ecdsa"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

// Config says where a journal keeps what is not in the database.
type Config struct {
	Dir      string       // data directory of the café: head and keys/k1.pem live here
	Software string       // product name, version and build, written in each entry (fiscal R2)
	Log      *slog.Logger // nil: discarded

	// Facts tells what a closing states that no entry says; nil: nothing is open, no log of events. It is called in the
	// transaction of the closing, before it, also by Open. It may append, to the day that is to be closed; an error of it
	// ends the transaction, so it must not refuse.
	Facts func(ctx context.Context, tx *data.Tx) (CloseFacts, error)
}

// identity is what every entry repeats of the genesis.
type identity struct {
	journal, reg, siret string
	rules               GenesisBody
	day                 string // of the genesis
	fiscalStart         string
	zone                *time.Location
	public              *ecdsa.PublicKey
}

// state is the writer's memory of the journal. It lives in a data.Cell, so that a closure which fails leaves no
// number used and no total moved. It is copied by assignment.
type state struct {
	seq      int64
	hash     [32]byte
	ts       int64 // Unix milliseconds
	behind   bool  // the clock is behind ts, and an entry says so (fiscal R31)
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
	key      *ecdsa.PrivateKey
	enc      *encoder // used by the one writer only
	facts    func(context.Context, *data.Tx) (CloseFacts, error)
	asking   bool // facts is being called; of the writer
	cell     *data.Cell[state]

	anchored int64 // seq in the head file; of the goroutine that keeps it
	stop     chan struct{}
	stopped  chan struct{}
	closing  sync.Once
	closeErr error
}

// Open opens a founded journal and begins to keep its head file. It refuses, as faults:
// NotFound "journal.unfounded" (no genesis), "journal.key_missing", Denied "journal.key_exposed",
// Internal "journal.key_other" (not the key of the genesis), "journal.broken" (the newest entry is not what was
// signed), and "journal.rollback" (the database has not reached the head file: an older file was put back, or
// its tail is lost; fiscal R28). A missing or unreadable head file is recorded as an INTEGRITY_ERROR event, and
// selling goes on. Close it before the database.
func Open(ctx context.Context, db *data.DB, cfg Config) (*Journal, error) {
	j := &Journal{dir: cfg.Dir, software: cfg.Software, log: cfg.Log, enc: newEncoder(), facts: cfg.Facts, anchored: -1,
		stop: make(chan struct{}), stopped: make(chan struct{})}
	if j.log == nil {
		j.log = slog.New(slog.DiscardHandler)
	}
	var err error
	if j.id, err = readIdentity(ctx, db.Reader()); err != nil {
		return nil, err
	}
	if j.key, err = openKey(cfg.Dir); err != nil {
		return nil, err
	}
	if !j.key.PublicKey.Equal(j.id.public) {
		return nil, fault.New(fault.Internal, "journal.key_other", "the signing key is not the one of this journal").With("file", keyPath(cfg.Dir))
	}
	if j.cell, err = data.NewCell(ctx, db, j.load); err != nil {
		return nil, err
	}
	if err := j.reach(ctx, db); err != nil {
		return nil, err
	}
	go j.follow(headInterval)
	return j, nil
}

// Close writes the head file a last time and stops keeping it.
func (j *Journal) Close() error {
	j.closing.Do(func() { close(j.stop) })
	<-j.stopped
	return j.closeErr
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
	if id.public, err = decodePublic(b.PublicKey); err != nil {
		return identity{}, err
	}
	return id, nil
}

// load reads the heads: the newest entry, the last number of each series, and what has been closed and what has been
// written since. It walks the open day, not the journal.
func (j *Journal) load(ctx context.Context, q data.Querier) (state, error) {
	var s state
	head, err := scanEntry(q.QueryRow(ctx, `SELECT seq, canon, hash, sig FROM journal ORDER BY seq DESC LIMIT 1`))
	if err != nil {
		return s, fmt.Errorf("newest entry: %w", err)
	}
	if HashOf(head.Canon) != head.Hash || !Signed(j.id.public, head.Hash, head.Sig) {
		return s, fault.New(fault.Internal, "journal.broken", "the newest entry of the journal is not what was signed").With("seq", head.Seq)
	}
	s.seq, s.hash, s.ts = head.Seq, head.Hash, head.At.UnixMilli()
	for i, series := range allSeries {
		err := q.QueryRow(ctx, `SELECT year, n FROM documents WHERE series = ? ORDER BY year DESC, n DESC LIMIT 1`, string(series)).
			Scan(&s.counters[i].year, &s.counters[i].n)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return s, fmt.Errorf("last number of %c: %w", series, err)
		}
	}
	s.books, s.totals, err = j.id.loadBooks(ctx, q)
	return s, err
}

// reach compares the database with the head file (fiscal §6.6).
func (j *Journal) reach(ctx context.Context, db *data.DB) error {
	head := j.cell.Committed()
	anchor, err := ReadHead(j.dir)
	if err != nil {
		what := strings.TrimPrefix(fault.CodeOf(err), "journal.")
		j.log.Warn("the head file is not there: a cut of the journal's tail before now could go unseen", "error", err)
		return db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
			_, err := j.Append(ctx, tx, Draft{Kind: KindEvent, Op: systemOp,
				Body: EventBody{Code: EventIntegrityError, Data: map[string]any{"what": what}}})
			return err
		})
	}
	hash := head.hash
	if anchor.Seq < head.seq {
		e, err := At(ctx, db.Reader(), anchor.Seq)
		if err != nil {
			return err
		}
		hash = HashOf(e.Canon)
	}
	if anchor.Journal != j.id.journal || anchor.Seq > head.seq || anchor.Hash != hash {
		return rollback(anchor, j.id.journal, head.seq, head.hash)
	}
	j.anchored = anchor.Seq
	return nil
}

// hexHash is how prev and the public texts write a hash.
func hexHash(h [32]byte) string { return hex.EncodeToString(h[:]) }
