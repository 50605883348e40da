package journal

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
)

// printedAnchor begins the line that a printed closing has in its QR code: CZ1 <journal> <seq> <hash> <number>.
const printedAnchor = "CZ1"

// PrintedAnchor is the line of an entry for the QR code of a closing, so that paper outside the house says where the
// journal stood (fiscal R28 b). ParseAnchor reads it.
func PrintedAnchor(journal string, seq int64, hash [32]byte, number string) string {
	return strings.Join([]string{printedAnchor, journal, strconv.FormatInt(seq, 10), hexHash(hash), number}, " ")
}

// ParseAnchor reads a head seen outside: a head file, an object of seq and hash, or the line of a printed closing
// (FORMAT.md §1). Journal is "" and At zero when the text does not say them. Invalid "journal.anchor" for anything else.
func ParseAnchor(text string) (Anchor, error) {
	bad := fault.New(fault.Invalid, "journal.anchor", `this is no anchor; it is a copy of the file head, or reads {"seq": 12, "hash": "64 hexadecimal digits"}, or is the line CZ1 … of a printed closing`)
	var f anchorFile
	if words := strings.Fields(text); len(words) == 5 && words[0] == printedAnchor {
		seq, err := strconv.ParseInt(words[2], 10, 64)
		if err != nil {
			return Anchor{}, bad.Wrap(err)
		}
		f = anchorFile{Journal: words[1], Seq: seq, Hash: words[3]}
	} else {
		f.Seq = -1
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			return Anchor{}, bad.Wrap(err)
		}
	}
	a := Anchor{Journal: f.Journal, Seq: f.Seq}
	hash, err := hex.DecodeString(f.Hash)
	if err != nil || len(hash) != len(a.Hash) || f.Seq < 0 {
		return Anchor{}, bad.Wrap(err)
	}
	copy(a.Hash[:], hash)
	if f.At != "" {
		if a.At, err = time.Parse(stampLayout, f.At); err != nil {
			return Anchor{}, bad.Wrap(err)
		}
	}
	return a, nil
}

// MaxLost is how many entries may be missing between a database and an anchor: twice what ten years of a café hold. Each
// number that one of them may have had is left out, and who writes a head file by hand could burn as many as there are.
const MaxLost = 10_000_000

// Reachable refuses an anchor that is further from the entry a database ends with than any till can have come: Invalid
// "journal.anchor_far". It is not taken for what was lost; whoever looks after the till takes it away.
func (a Anchor) Reachable(end int64) error {
	if a.Seq-end <= MaxLost {
		return nil
	}
	return fault.New(fault.Invalid, "journal.anchor_far", fmt.Sprintf("the anchor names entry %d, and the database ends with %d: no till has written so many since. It is not genuine; keep it aside, and go on without it", a.Seq, end)).
		With("anchor_seq", a.Seq).With("seq", end).With("most", MaxLost)
}

// own fills in the journal of an anchor that names none.
func (j *Journal) own(a Anchor) Anchor {
	if a.Journal == "" {
		a.Journal = j.id.journal
	}
	return a
}

// heads returns the head files that can be read.
func (j *Journal) heads() []Anchor {
	var all []Anchor
	if a, err := ReadAnchor(j.first.path); err == nil {
		all = append(all, a)
	}
	if j.second == nil {
		return all
	}
	if a, err := j.second.readInTime(); err == nil {
		all = append(all, a)
	}
	return all
}

// unmet is an anchor that the database does not have.
type unmet struct {
	Anchor
	cause string // of the RESUME that would declare it
}

// meets compares an anchor with the database: "" when the entry is there, or a RESUME declares that it is not; otherwise
// the cause of the RESUME that would.
func (j *Journal) meets(ctx context.Context, q data.Querier, a Anchor) (cause string, err error) {
	head := j.cell.Committed()
	switch {
	case a.Journal != j.id.journal:
		cause = ResumeForeign
	case a.Seq > head.seq:
		cause = ResumeBehind
	default:
		e, err := At(ctx, q, a.Seq)
		if err != nil {
			return "", err
		}
		if HashOf(e.Canon) == a.Hash {
			return "", nil
		}
		cause = ResumeDiffers
	}
	resumes, err := marked(ctx, q, markResume)
	if err != nil {
		return "", err
	}
	for _, e := range resumes {
		var b ResumeBody
		if err := e.Decode(&b); err != nil {
			return "", err
		}
		if b.declares(j.id.journal, e.At, a) {
			return "", nil
		}
	}
	return cause, nil
}

// declares reports whether a RESUME, written at an instant, says that an anchor is of what was lost (FORMAT.md §1). What
// was seen after the RESUME is not: then the database was put back once more.
func (b *ResumeBody) declares(journal string, at time.Time, a Anchor) bool {
	if b.Anchor == nil {
		return false
	}
	if a.Journal == b.AnchorOf && a.Seq == b.Anchor.Seq && hexHash(a.Hash) == b.Anchor.Hash {
		return true
	}
	return b.Cause == ResumeBehind && a.Journal == journal && a.Seq > b.Head.Seq && a.Seq < b.Anchor.Seq &&
		!a.At.After(at)
}

// found returns the anchor that the database does not have, nil when it has them all: the furthest of this journal's that
// it has not reached first. A given one counts as the head files do.
func (j *Journal) found(ctx context.Context, q data.Querier, given *Anchor) (*unmet, error) {
	all := j.heads()
	if given != nil {
		all = append(all, j.own(*given))
	}
	rank := func(u *unmet) int {
		if u == nil {
			return 0
		}
		return map[string]int{ResumeForeign: 1, ResumeDiffers: 2, ResumeBehind: 3}[u.cause]
	}
	var worst *unmet
	for _, a := range all {
		cause, err := j.meets(ctx, q, a)
		if err != nil {
			return nil, err
		}
		if cause == "" {
			continue
		}
		u := &unmet{a, cause}
		if rank(u) > rank(worst) || rank(u) == rank(worst) && u.Seq > worst.Seq {
			worst = u
		}
	}
	return worst, nil
}

// reach compares the database with the head files (fiscal §6.6).
func (j *Journal) reach(ctx context.Context, q data.Querier) error {
	u, err := j.found(ctx, q, nil)
	if err != nil || u == nil {
		return err
	}
	return j.rollback(u)
}

// rollback is the refusal to sell on a database older than, or other than, what an anchor remembers (fiscal R28).
func (j *Journal) rollback(u *unmet) error {
	head := j.cell.Committed()
	return fault.New(fault.Internal, "journal.rollback",
		fmt.Sprintf("the database is not the one the head file remembers: the head file has entry %d (%s) of journal %s, the database entry %d (%s) of journal %s",
			u.Seq, short(u.Hash), u.Journal, head.seq, short(head.hash), j.id.journal)).
		With("cause", u.cause).With("anchor_journal", u.Journal).With("anchor_seq", u.Seq).With("anchor_hash", hexHash(u.Hash)).
		With("journal", j.id.journal).With("seq", head.seq).With("hash", hexHash(head.hash))
}

// missed records that the head file is not there, or is no head file. What is in the database may be all there ever was.
func (j *Journal) missed(ctx context.Context, db *data.DB) error {
	_, err := ReadAnchor(j.first.path)
	if err == nil {
		return nil
	}
	what := strings.TrimPrefix(fault.CodeOf(err), "journal.")
	j.log.Warn("the head file is not there: a cut of the journal's tail before now could go unseen", "error", err)
	return db.Write(ctx, func(ctx context.Context, tx *data.Tx) error {
		s := j.cell.Get(tx) // days that are over are closed by who knows what is open: not by a journal that is being opened
		if err := j.watch(ctx, tx, &s); err != nil {
			return err
		}
		_, err := j.append(ctx, tx, &s, Draft{Kind: KindEvent, Op: systemOp,
			Body: EventBody{Code: EventIntegrityError, Data: map[string]any{"what": what}}})
		return err
	})
}
