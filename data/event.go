package data

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"time"

	"comptoir/data/fault"
)

// Event is what one command did, for the log and for screens.
type Event struct {
	Seq    int64     // 1, 2, 3… without gap
	Cmd    string    // id of the command, "" when the café acted by itself
	At     time.Time // UTC
	Day    string    // business day
	Type   string    // such as "sale.paid"
	Body   any       // journal seqs, and what is not fiscal; stored as JSON
	Topics []string  // what screens may want to read again; not stored
}

// eventHead is the newest event's place in the chain.
type eventHead struct {
	seq  int64
	hash [32]byte
	day  string // business day, never decreasing
}

var (
	errTwoEvents = fault.New(fault.Internal, "data.two_events", "A closure recorded two events; one command records one.")
	errDivide    = fault.New(fault.Internal, "data.divide", "A closure is divided once, after it has recorded an event.")
)

// EventSeq returns the seq of the event that this closure will record: its ledger rows carry it. A closure that
// asks for it must Record, or it is rolled back.
func (tx *Tx) EventSeq() int64 {
	tx.reserved = true
	return tx.db.log.Get(tx).seq + 1
}

// Record names what this command did. It may be called once, and once more after Divide; the row is appended when the closure succeeds.
func (tx *Tx) Record(e Event) error {
	if tx.recorded != nil {
		return errTwoEvents
	}
	tx.recorded = &e
	return nil
}

// Divide appends the event recorded so far; the closure goes on and records another, which carries no command: so that
// nothing stored leads from what was done before to what is done after (I16), though both are committed or neither.
func (tx *Tx) Divide(ctx context.Context) error {
	if tx.recorded == nil || tx.divided {
		return errDivide
	}
	if err := tx.appendEvent(ctx); err != nil {
		return err
	}
	tx.told, tx.recorded = append(tx.told, *tx.recorded), nil
	tx.reserved, tx.divided, tx.cmd, tx.of.ID = false, true, "", ""
	return nil
}

func (tx *Tx) appendEvent(ctx context.Context) error {
	if err := tx.ClockAhead(); err != nil {
		return err
	}
	body, err := json.Marshal(tx.recorded.Body)
	if err != nil {
		return fmt.Errorf("event %s: %w", tx.recorded.Type, err)
	}
	head := tx.db.log.Get(tx)
	e := tx.recorded
	e.Seq, e.Cmd, e.At, e.Day = head.seq+1, tx.cmd, tx.now, tx.Day()
	sum := eventHash(head.hash, tx.db.epoch, *e, body)
	if _, err := tx.Exec(ctx, `INSERT INTO events (seq, epoch, cmd, at, day, type, body, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		e.Seq, tx.db.epoch, e.Cmd, e.At.UnixMilli(), e.Day, e.Type, string(body), sum[:]); err != nil {
		return fmt.Errorf("append event: %w", err)
	}
	tx.db.log.Set(tx, eventHead{e.Seq, sum, e.Day})
	return nil
}

// eventHash covers the previous hash and every stored field, each with its length, so that no two rows share bytes.
func eventHash(prev [32]byte, epoch int64, e Event, body []byte) [32]byte {
	h := sha256.New()
	h.Write(prev[:])
	hashInt(h, epoch)
	hashInt(h, e.Seq)
	hashInt(h, e.At.UnixMilli())
	for _, field := range [][]byte{[]byte(e.Cmd), []byte(e.Day), []byte(e.Type), body} {
		hashInt(h, int64(len(field)))
		h.Write(field)
	}
	return [32]byte(h.Sum(nil))
}

func hashInt(h hash.Hash, n int64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n)) // the bits are hashed, the sign does not matter
	h.Write(b[:])
}

func loadEventHead(ctx context.Context, q Querier) (eventHead, error) {
	var head eventHead
	var sum []byte
	err := q.QueryRow(ctx, `SELECT seq, hash, day FROM events ORDER BY seq DESC LIMIT 1`).Scan(&head.seq, &sum, &head.day)
	if errors.Is(err, sql.ErrNoRows) {
		return head, nil
	}
	copy(head.hash[:], sum)
	return head, err
}

// OnCommit adds a listener for events, called after the commit, in commit order, on the writer's goroutine: it
// must not wait. Events are hints; whoever misses one reads again.
func (db *DB) OnCommit(listen func([]Event)) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.onCommit = append(db.onCommit, listen)
}

// EventHead returns the seq and hash of the newest committed event.
func (db *DB) EventHead() (seq int64, hash [32]byte) {
	h := db.log.Committed()
	return h.seq, h.hash
}

// EventHead returns the seq and hash of the newest event before this write: what a closing states of the log.
func (tx *Tx) EventHead() (seq int64, hash [32]byte) {
	h := tx.db.log.Get(tx)
	return h.seq, h.hash
}

// checkEvents walks the whole event log: no gap, every hash follows from the row before.
func checkEvents(ctx context.Context, q Querier) (bad []string, err error) {
	rows, err := q.Query(ctx, `SELECT seq, epoch, cmd, at, day, type, body, hash FROM events ORDER BY seq`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var prev [32]byte
	var life int64
	for want := int64(1); rows.Next(); want++ {
		var e Event
		var epoch, at int64
		var body string
		var sum []byte
		if err := rows.Scan(&e.Seq, &epoch, &e.Cmd, &at, &e.Day, &e.Type, &body, &sum); err != nil {
			return nil, err
		}
		e.At = time.UnixMilli(at)
		if e.Seq != want {
			bad = append(bad, fmt.Sprintf("events: seq %d where %d was due", e.Seq, want))
			want = e.Seq
		}
		if epoch < life {
			bad = append(bad, fmt.Sprintf("events: epoch %d of seq %d after epoch %d", epoch, e.Seq, life))
		}
		life = epoch
		if got := eventHash(prev, epoch, e, []byte(body)); !bytes.Equal(got[:], sum) {
			bad = append(bad, fmt.Sprintf("events: hash of seq %d does not follow from its row and the one before", e.Seq))
		}
		prev = [32]byte{} // a hash of the wrong length must not stop the walk
		copy(prev[:], sum)
	}
	return bad, rows.Err()
}
