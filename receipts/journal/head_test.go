package journal_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

func TestTheHeadFileFollowsTheCommitsByItself(t *testing.T) {
	c := found(t)
	e := c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	for deadline := time.Now().Add(5 * time.Second); ; {
		head, err := journal.ReadHead(c.dir)
		if err != nil {
			t.Fatalf("a head file is there at every moment: %v", err)
		}
		if head.Seq == e.Seq {
			if head.Hash != e.Hash || !head.At.Equal(e.At) {
				t.Errorf("head %+v, entry %+v", head, e)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the head file is still at %d", head.Seq)
		}
	}
}

func TestTheHeadFileIsWrittenAtClose(t *testing.T) {
	c := found(t)
	e := c.append(event(journal.EventLogin), event(journal.EventLogout))
	c.close()
	if head, err := journal.ReadHead(c.dir); err != nil || head.Seq != e.Seq || head.Hash != e.Hash {
		t.Errorf("head %+v (%v), want %d", head, err, e.Seq)
	}
}

func TestTheHeadFileNeverLeadsAFailedWrite(t *testing.T) {
	c := found(t)
	e := c.append(event(journal.EventLogin))
	_ = c.db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		_, err := c.j.Append(ctx, tx, event(journal.EventLogout))
		return errors.Join(err, errChanged)
	})
	c.close()
	if head, err := journal.ReadHead(c.dir); err != nil || head.Seq != e.Seq {
		t.Errorf("head %+v (%v), want %d", head, err, e.Seq)
	}
}

func TestAMissingOrBrokenHeadFileIsRecordedAndSellingGoesOn(t *testing.T) {
	for what, spoil := range map[string]func(path string) error{
		"head_missing": os.Remove,
		"head_broken":  func(path string) error { return os.WriteFile(path, []byte(`{"seq":1}`), 0o600) },
	} {
		c := found(t)
		c.append(event(journal.EventLogin))
		c.close()
		if err := spoil(filepath.Join(c.dir, "head")); err != nil {
			t.Fatal(err)
		}
		c.open()
		seq, _ := c.j.Head()
		e, err := journal.At(t.Context(), c.db.Reader(), seq)
		if err != nil {
			t.Fatal(err)
		}
		var b journal.EventBody
		if err := e.Decode(&b); err != nil || b.Code != journal.EventIntegrityError || b.Data["what"] != what || b.Sev != journal.Alert {
			t.Errorf("%s: %+v (%v)", what, b, err)
		}
		c.append(sale(line("cafe", "Café", 1, 180, 1000)))
		c.close()
		c.open()
		c.mustConform()
	}
}

// copyDatabase copies the file as someone would with the till switched off.
func copyDatabase(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(from, "till.db"))
	if err := errors.Join(err, os.WriteFile(filepath.Join(to, "till.db"), b, 0o600)); err != nil {
		t.Fatal(err)
	}
}

func TestAnOlderFilePutBackIsRefusedAtOpenAndFoundByVerify(t *testing.T) {
	dir, yesterday := t.TempDir(), t.TempDir()
	cfg := journal.Config{Dir: dir, Software: "comptoir/test"}
	session := func(sales int, opened func(db *data.DB, err error)) {
		db, err := data.Open(t.Context(), data.Options{Dir: dir, Clock: datatest.NewClock()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := journal.Founding(t.Context(), db.Reader()); fault.CodeOf(err) == "journal.unfounded" {
			if err := journal.Found(t.Context(), db, cfg, identity()); err != nil {
				t.Fatal(err)
			}
		}
		j, err := journal.Open(t.Context(), db, cfg)
		if err == nil {
			c := &cafe{tb: t, dir: dir, db: db, j: j}
			for range sales {
				c.append(sale(line("cafe", "Café", 1, 180, 1000)))
			}
			c.close()
		}
		opened(db, err)
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	fine := func(_ *data.DB, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	refused := func(db *data.DB, err error) {
		t.Helper()
		e, ok := fault.As(err)
		if !ok || e.Code != "journal.rollback" || e.Args["anchor_seq"] != int64(5) {
			t.Errorf("open: %v", err)
		}
		if r := verify(t, db, dir); !flagged(r, journal.CheckAnchor) {
			t.Errorf("verify: %+v", r)
		}
	}
	session(3, fine)
	copyDatabase(t, dir, yesterday)
	session(2, fine)
	copyDatabase(t, yesterday, dir)
	session(0, refused) // behind
	head, err := os.ReadFile(filepath.Join(dir, "head"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "head")); err != nil {
		t.Fatal(err)
	}
	session(2, fine) // without its head file the older file grows another end
	if err := os.WriteFile(filepath.Join(dir, "head"), head, 0o600); err != nil {
		t.Fatal(err)
	}
	session(0, refused) // as long, or longer, but with another entry there
}

func TestAHeadOfAnotherJournalIsRefused(t *testing.T) {
	c, other := found(t), found(t)
	c.close()
	other.close()
	text, err := os.ReadFile(filepath.Join(other.dir, "head"))
	if err := errors.Join(err, os.WriteFile(filepath.Join(c.dir, "head"), text, 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Open(t.Context(), c.db, c.config()); fault.CodeOf(err) != "journal.rollback" {
		t.Errorf("open: %v", err)
	}
}

// flagged reports whether a check of the report found something.
func flagged(r journal.Report, check string) bool {
	for _, a := range r.Anomalies {
		if a.Check == check {
			return true
		}
	}
	return false
}
