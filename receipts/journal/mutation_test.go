package journal_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"comptoir/data"
	"comptoir/receipts/journal"
)

// unlock is the first thing someone does who changes the journal behind its back.
var unlock = []string{`DROP TRIGGER journal_keep_insert`, `DROP TRIGGER journal_keep_update`, `DROP TRIGGER journal_keep_delete`,
	`DROP TRIGGER documents_keep_insert`, `DROP TRIGGER documents_keep_update`, `DROP TRIGGER documents_keep_delete`}

// served is a café after a morning, its journal closed and its triggers gone.
func served(tb testing.TB) *cafe {
	tb.Helper()
	c := foundUnaudited(tb)
	c.service()
	c.close()
	exec(tb, c.db, unlock...)
	return c
}

func (c *cafe) entries() []journal.Entry {
	c.tb.Helper()
	entries, err := journal.Entries(context.Background(), c.db.Reader(), 0, 1000)
	if err != nil {
		c.tb.Fatal(err)
	}
	return entries
}

// store replaces rows, hash and signature as given.
func (c *cafe) store(entries ...journal.Entry) {
	c.tb.Helper()
	err := c.db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) error {
		for _, e := range entries {
			if _, err := tx.Exec(ctx, `UPDATE journal SET canon = ?, hash = ?, sig = ? WHERE seq = ?`, e.Canon, e.Hash[:], e.Sig, e.Seq); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		c.tb.Fatal(err)
	}
}

// flaws returns what verify finds, one "seq check" each.
func (c *cafe) flaws() []string {
	c.tb.Helper()
	var all []string
	for _, a := range c.verify().Anomalies {
		all = append(all, fmt.Sprintf("%d %s", a.Seq, a.Check))
	}
	return all
}

func TestTriggersRefuseToChangeTheJournal(t *testing.T) {
	c := found(t)
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	for _, s := range []string{
		`UPDATE journal SET sig = x'00'`, `DELETE FROM journal WHERE seq = 1`,
		`INSERT OR REPLACE INTO journal (seq, canon, hash, sig) SELECT seq, canon, hash, x'00' FROM journal WHERE seq = 1`,
		`INSERT INTO journal (seq, canon, hash, sig) SELECT 9, canon, hash, sig FROM journal WHERE seq = 1`,
		`UPDATE documents SET seq = 7`, `DELETE FROM documents`,
		`INSERT OR REPLACE INTO documents (series, year, n, seq) VALUES ('T', 2026, 1, 7)`,
		`INSERT INTO documents (series, year, n, seq) VALUES ('T', 2026, 3, 7)`,
	} {
		err := c.db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
			_, err := tx.Exec(ctx, s)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", s, err)
		}
	}
}

// TestEveryFieldIsProtected changes each field of each entry, as the auditor does: directly in the database
// (fiscal R33), leaving hash and signature. Twice: the second time with the hash made to fit.
func TestEveryFieldIsProtected(t *testing.T) {
	c := served(t)
	for _, e := range c.entries() {
		for i, path := range leaves(t, e.Canon) {
			if testing.Short() && i%9 != 0 {
				continue // under the race detector a few; whole in every other run
			}
			changed := change(t, e.Canon, path)
			bad := e
			bad.Canon = changed
			c.store(bad)
			if found := c.flaws(); !slices.Contains(found, fmt.Sprintf("%d hash", e.Seq)) {
				t.Errorf("entry %d: %s changed: found %v", e.Seq, path, found)
			}
			bad.Hash = journal.HashOf(changed)
			c.store(bad)
			if found := c.flaws(); !slices.Contains(found, fmt.Sprintf("%d signature", e.Seq)) {
				t.Errorf("entry %d: %s changed with its hash: found %v", e.Seq, path, found)
			}
			c.store(e)
		}
	}
	c.mustConform()
}

func TestEveryChangeOfARowIsFound(t *testing.T) {
	for name, m := range map[string]struct {
		sql  string
		want string
	}{
		"hash":             {`UPDATE journal SET hash = zeroblob(32) WHERE seq = 4`, "4 hash"},
		"sig":              {`UPDATE journal SET sig = (SELECT sig FROM journal WHERE seq = 5) WHERE seq = 4`, "4 signature"},
		"deletion":         {`DELETE FROM journal WHERE seq = 6`, "7 link"},
		"deleted genesis":  {`DELETE FROM journal WHERE seq = 0`, "0 envelope"},
		"insertion at end": {`INSERT INTO journal (seq, canon, hash, sig) SELECT 15, canon, hash, sig FROM journal WHERE seq = 14`, "15 link"},
		"tail cut":         {`DELETE FROM journal WHERE seq > 12`, "14 anchor"},
		"everything cut":   {`DELETE FROM journal`, "14 anchor"},
		"garbage":          {`UPDATE journal SET canon = x'7b' WHERE seq = 4`, "4 canonical"},
		"white space":      {`UPDATE journal SET canon = CAST(canon || ' ' AS BLOB) WHERE seq = 4`, "4 canonical"},
		"index emptied":    {`DELETE FROM documents WHERE series = 'T' AND n = 2`, "7 documents"},
		"index turned":     {`UPDATE documents SET seq = 4 WHERE series = 'T' AND n = 1`, "3 documents"},
		"index grown":      {`INSERT INTO documents (series, year, n, seq) VALUES ('T', 2026, 3, 8)`, "14 documents"},
	} {
		t.Run(name, func(t *testing.T) {
			c := served(t)
			exec(t, c.db, m.sql)
			if found := c.flaws(); !slices.Contains(found, m.want) {
				t.Errorf("found %v, want %s", found, m.want)
			}
		})
	}
}

func TestReorderedAndInsertedEntriesAreFound(t *testing.T) {
	c := served(t)
	exec(t, c.db, `UPDATE journal SET seq = 99 WHERE seq = 5`, `UPDATE journal SET seq = 5 WHERE seq = 6`, `UPDATE journal SET seq = 6 WHERE seq = 99`)
	if found := c.flaws(); !slices.Contains(found, "5 link") || !slices.Contains(found, "6 link") {
		t.Errorf("reordered: found %v", found)
	}
	c = served(t)
	for seq := 14; seq >= 5; seq-- {
		exec(t, c.db, fmt.Sprintf(`UPDATE journal SET seq = %d WHERE seq = %d`, seq+1, seq))
	}
	exec(t, c.db, `INSERT INTO journal (seq, canon, hash, sig) SELECT 5, canon, hash, sig FROM journal WHERE seq = 4`)
	if found := c.flaws(); !slices.Contains(found, "5 link") {
		t.Errorf("inserted: found %v", found)
	}
}

// TestAJournalChainedAnewFailsOnItsSignatures drops one sale and rebuilds every later seq, prev, number, hash:
// without the key only the signatures give it away; with another key in the genesis the head file does.
func TestAJournalChainedAnewFailsOnItsSignatures(t *testing.T) {
	c := served(t)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	entries := c.entries()
	entries = slices.Delete(entries, 12, 13) // the HOUSE redemption: no total depends on it
	exec(t, c.db, `DELETE FROM journal`, `DELETE FROM documents WHERE series = 'R' AND n = 4`)
	var prev [32]byte
	for i := range entries {
		e := &entries[i]
		fields := object(t, e.Canon)
		fields["seq"] = json.RawMessage(fmt.Sprint(i))
		if i > 0 {
			fields["prev"] = json.RawMessage(`"` + hex.EncodeToString(prev[:]) + `"`)
		}
		e.Canon = canonical(t, fields)
		e.Hash = journal.HashOf(e.Canon)
		if e.Sig, err = ecdsa.SignASN1(rand.Reader, key, e.Hash[:]); err != nil {
			t.Fatal(err)
		}
		prev = e.Hash
		exec(t, c.db, fmt.Sprintf(`INSERT INTO journal (seq, canon, hash, sig) VALUES (%d, x'%x', x'%x', x'%x')`, i, e.Canon, e.Hash, e.Sig))
	}
	exec(t, c.db, `UPDATE documents SET seq = seq - 1 WHERE seq > 12`)
	r := c.verify()
	for _, a := range r.Anomalies {
		if a.Check != journal.CheckSignature && a.Check != journal.CheckAnchor {
			t.Errorf("the forger was clumsy: entry %d: %s: %s", a.Seq, a.Check, a.Detail)
		}
	}
	if !flagged(r, journal.CheckSignature) || !flagged(r, journal.CheckAnchor) {
		t.Errorf("found %v", r.Anomalies)
	}
}

func TestTheCheckOfTheDoctorSeesTheChain(t *testing.T) {
	c := served(t)
	exec(t, c.db, `DELETE FROM journal WHERE seq = 6`)
	found, err := journal.Checks()[0].Run(t.Context(), c.db.Reader())
	if err != nil || len(found) == 0 || !strings.Contains(found[0], "entry 7") {
		t.Errorf("found %v (%v)", found, err)
	}
}

// object reads the members of a JSON object.
func object(t *testing.T, src []byte) map[string]json.RawMessage {
	t.Helper()
	var m map[string]json.RawMessage
	if err := json.Unmarshal(src, &m); err != nil {
		t.Fatal(err)
	}
	return m
}

func canonical(t *testing.T, v any) []byte {
	t.Helper()
	src, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	b, err := journal.Canonicalize(src)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// leaves lists the paths to every value of a JSON text that holds no other: "body.lines.0.ttc".
func leaves(t *testing.T, src []byte) []string {
	t.Helper()
	var paths []string
	var visit func(prefix string, v any)
	visit = func(prefix string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				visit(prefix+"."+k, v[k])
			}
		case []any:
			for i := range v {
				visit(fmt.Sprintf("%s.%d", prefix, i), v[i])
			}
		default:
			paths = append(paths, strings.TrimPrefix(prefix, "."))
		}
	}
	visit("", tree(t, src))
	return paths
}

func tree(t *testing.T, src []byte) any {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(string(src)))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// change gives the value at path another value of its type, and returns canonical bytes.
func change(t *testing.T, src []byte, path string) []byte {
	t.Helper()
	keys := strings.Split(path, ".")
	root := tree(t, src)
	at := root
	for i, k := range keys {
		last := i == len(keys)-1
		switch v := at.(type) {
		case map[string]any:
			if last {
				v[k] = other(v[k])
			}
			at = v[k]
		case []any:
			var n int
			_, _ = fmt.Sscan(k, &n)
			if last {
				v[n] = other(v[n])
			}
			at = v[n]
		}
	}
	return canonical(t, root)
}

func other(v any) any {
	switch v := v.(type) {
	case string:
		return v + "0"
	case json.Number:
		if strings.HasPrefix(string(v), "-") {
			return json.RawMessage(string(v) + "1")
		}
		return json.RawMessage("1" + string(v))
	case bool:
		return !v
	default:
		return "null"
	}
}
