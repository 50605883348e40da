package main

// The auditor's gesture (fiscal R33): the file is altered behind the till's back, in every column of every protected
// table and in every class of bytes of an entry. Each row says where it is found, by both verifiers, and whether the
// quick verification of the till sees it as well.

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/receipts/journal"
)

// stored is one row of the journal.
type stored struct {
	seq              int64
	canon, hash, sig []byte
}

// victim is a copy of the café's files that a mutation alters.
type victim struct {
	tb   testing.TB
	dir  string
	db   *data.DB
	rows []stored
}

func (v *victim) exec(statement string, args ...any) {
	v.tb.Helper()
	err := v.db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) error {
		_, err := tx.Exec(ctx, statement, args...)
		return err
	})
	if err != nil {
		v.tb.Fatalf("%s: %v", statement, err)
	}
}

// put writes a row as it is in rows.
func (v *victim) put(seq int64) {
	v.tb.Helper()
	r := v.rows[seq]
	v.exec(`UPDATE journal SET canon = ?, hash = ?, sig = ? WHERE seq = ?`, r.canon, r.hash, r.sig, seq)
}

// at finds the first entry of a kind.
func (v *victim) at(kind string) int64 {
	v.tb.Helper()
	for _, r := range v.rows {
		if bytes.Contains(r.canon, []byte(`"kind":"`+kind+`"`)) {
			return r.seq
		}
	}
	v.tb.Fatalf("no %s", kind)
	return 0
}

var prevInCanon = regexp.MustCompile(`"prev":"[0-9a-f]{64}"`)

// rechain makes the links after a row right again, as somebody without the key can.
func (v *victim) rechain(from int64) {
	v.tb.Helper()
	for seq := from; seq < int64(len(v.rows)); seq++ {
		r := &v.rows[seq]
		if seq > 0 {
			r.canon = prevInCanon.ReplaceAll(r.canon, []byte(`"prev":"`+hex.EncodeToString(v.rows[seq-1].hash)+`"`))
		}
		hash := journal.HashOf(r.canon)
		r.hash = hash[:]
		v.put(seq)
	}
}

// mutation is one alteration, and where both verifiers must see it.
type mutation struct {
	name  string
	alter func(v *victim) (seq int64)
	quick bool // the default verification of the till sees it too
}

// replaced changes the bytes of an entry, and leaves hash and signature as they were.
func replaced(seq func(*victim) int64, old, new string) func(*victim) int64 {
	return func(v *victim) int64 {
		at := seq(v)
		if !bytes.Contains(v.rows[at].canon, []byte(old)) {
			v.tb.Fatalf("entry %d has no %s: %s", at, old, v.rows[at].canon)
		}
		v.rows[at].canon = bytes.Replace(v.rows[at].canon, []byte(old), []byte(new), 1)
		v.put(at)
		return at
	}
}

// rehashed is replaced with the stored hash made right.
func rehashed(alter func(*victim) int64) func(*victim) int64 {
	return func(v *victim) int64 {
		at := alter(v)
		hash := journal.HashOf(v.rows[at].canon)
		v.rows[at].hash = hash[:]
		v.put(at)
		return at
	}
}

// relinked is replaced with every hash and link after it made right.
func relinked(alter func(*victim) int64) func(*victim) int64 {
	return func(v *victim) int64 {
		at := alter(v)
		v.rechain(at)
		return at
	}
}

func fixed(seq int64) func(*victim) int64 { return func(*victim) int64 { return seq } }

func first(kind string) func(*victim) int64 { return func(v *victim) int64 { return v.at(kind) } }

// byteClasses are alterations of each class of bytes that an entry has, of the first ticket.
func byteClasses() []struct{ name, old, new string } {
	return []struct{ name, old, new string }{
		{"a key of the body renamed", `"mode":`, `"mods":`},
		{"a key of the envelope renamed", `"tz":`, `"ty":`},
		{"a key left out", `"tz":60,`, ``},
		{"a key added", `"tz":60,`, `"tz":60,"u":0,`},
		{"a key twice", `"tz":60,`, `"tz":60,"tz":60,`},
		{"two keys swapped", `"kind":"TICKET","op":"ana"`, `"op":"ana","kind":"TICKET"`},
		{"a letter of a text", `Bière`, `Biere`},
		{"a letter of a code", `"op":"ana"`, `"op":"anb"`},
		{"a digit of an amount", `"ttc":450`, `"ttc":451`},
		{"a digit before an amount", `"disc":0`, `"disc":10`},
		{"a sign", `"ht":375`, `"ht":-375`},
		{"a leading zero", `"disc":0`, `"disc":00`},
		{"a fraction", `"ttc":450`, `"ttc":450.0`},
		{"an exponent", `"ttc":450`, `"ttc":45e1`},
		{"a boolean", `"training":false`, `"training":true`},
		{"a null", `"ref":null`, `"ref":{}`},
		{"a number for a text", `"op":"ana"`, `"op":0`},
		{"a colon", `"tz":60`, `"tz";60`},
		{"a comma", `"tz":60,`, `"tz":60;`},
		{"a bracket", `"notes":[]`, `"notes":{}`},
		{"an escape of JSON", `Café`, `Caf\u00e9`},
		{"an escape taken out", `\"allong`, `'allong`},
		{"a quote not escaped", `\"allong`, `"allong`},
		{"a blank", `"tz":60`, `"tz": 60`},
		{"a line feed", `,"v":1}`, ",\n\"v\":1}"},
		{"a byte behind the end", `,"v":1}`, `,"v":1} `},
		{"the end cut off", `,"v":1}`, `,"v":1`},
		{"a byte order mark", `{"bday"`, "\ufeff{\"bday\""},
		{"a letter in two characters", `Café`, "Cafe\u0301"},
		{"bytes that are no UTF-8", `Café`, "Caf\xe9"},
		{"a control character", `Bière`, "Bi\u0085re"},
		{"a number of a document", `T26-000001`, `T26-000009`},
		{"a date", `"bday":"2026-11-21"`, `"bday":"2026-11-20"`},
		{"a time", `T08:01:30.000Z`, `T07:01:30.000Z`},
		{"the sequence", `"seq":3`, `"seq":4`},
		{"the kind", `"kind":"TICKET"`, `"kind":"REFUND"`},
		{"the version of the format", `"v":1`, `"v":2`},
		{"the version of the core", `"core":"`, `"core":"9`},
		{"the key that signs", `"key":"k1"`, `"key":"k2"`},
		{"the journal", `"journal":"`, `"journal":"f`},
		{"the café", `"siret":"12345678900012"`, `"siret":"12345678900013"`},
		{"the till", `"reg":"C1"`, `"reg":"C2"`},
		{"the link", `"prev":"`, `"prev":"0`},
	}
}

// columns are alterations of every column of every protected table.
func columnMutations() []mutation {
	sqlAt := func(seq func(*victim) int64, statement string) func(*victim) int64 {
		return func(v *victim) int64 {
			at := seq(v)
			v.exec(statement, at)
			return at
		}
	}
	return []mutation{
		{"journal.seq", func(v *victim) int64 { v.exec(`UPDATE journal SET seq = 9000 WHERE seq = 3`); return 4 }, true},
		{"journal.canon emptied", sqlAt(fixed(3), `UPDATE journal SET canon = x'7b7d' WHERE seq = ?`), true},
		{"journal.hash", sqlAt(fixed(3), `UPDATE journal SET hash = zeroblob(32) WHERE seq = ?`), true},
		{"journal.hash of another", sqlAt(fixed(3), `UPDATE journal SET hash = (SELECT hash FROM journal WHERE seq = 4) WHERE seq = ?`), true},
		{"journal.sig in a closed day", sqlAt(fixed(3), `UPDATE journal SET sig = x'3006020101020101' WHERE seq = ?`), false},
		{"journal.sig of another", sqlAt(fixed(3), `UPDATE journal SET sig = (SELECT sig FROM journal WHERE seq = 4) WHERE seq = ?`), false},
		{"journal.sig of a closing", sqlAt(first("CLOSE_DAY"), `UPDATE journal SET sig = x'3006020101020101' WHERE seq = ?`), true},
		{"journal.sig of the genesis", sqlAt(fixed(0), `UPDATE journal SET sig = x'3006020101020101' WHERE seq = ?`), true},
		{"journal.sig in the open day", func(v *victim) int64 {
			at := int64(len(v.rows)) - 1
			v.exec(`UPDATE journal SET sig = x'3006020101020101' WHERE seq = ?`, at)
			return at
		}, true},
		{"documents.series", sqlAt(fixed(3), `UPDATE documents SET series = 'Q' WHERE seq = ?`), false},
		{"documents.year", sqlAt(fixed(3), `UPDATE documents SET year = 2031 WHERE seq = ?`), false},
		{"documents.n", sqlAt(fixed(3), `UPDATE documents SET n = 777 WHERE seq = ?`), false},
		{"documents.seq", func(v *victim) int64 { v.exec(`UPDATE documents SET seq = 2 WHERE seq = 3`); return 3 }, false},
		{"documents: a row deleted", sqlAt(fixed(3), `DELETE FROM documents WHERE seq = ?`), false},
		{"documents: a row added", func(v *victim) int64 {
			v.exec(`INSERT INTO documents (series, year, n, seq) VALUES ('T', 2030, 1, 5)`)
			return 5
		}, false},
		{"journal_keys.id", sqlAt(first("KEY_ROTATE"), `UPDATE journal_keys SET id = 'k7' WHERE seq = ?`), true},
		{"journal_keys.public", sqlAt(first("KEY_ROTATE"), `UPDATE journal_keys SET public = 'AAAA' WHERE seq = ?`), true},
		{"journal_keys.seq", func(v *victim) int64 { v.exec(`UPDATE journal_keys SET seq = 2`); return v.at("KEY_ROTATE") }, true},
		{"journal_keys: the row deleted", sqlAt(first("KEY_ROTATE"), `DELETE FROM journal_keys WHERE seq = ?`), true},
		{"journal_skipped.n", sqlAt(first("RESUME"), `UPDATE journal_skipped SET n = n + 1 WHERE seq = ? AND series = 'T'`), true},
		{"journal_skipped.series", sqlAt(first("RESUME"), `UPDATE journal_skipped SET series = 'Q' WHERE seq = ? AND series = 'T'`), true},
		{"journal_skipped.year", sqlAt(first("RESUME"), `UPDATE journal_skipped SET year = 2031 WHERE seq = ? AND series = 'T'`), true},
		{"journal_skipped.seq", func(v *victim) int64 {
			v.exec(`UPDATE journal_skipped SET seq = 2 WHERE series = 'T'`)
			return v.at("RESUME")
		}, true},
		{"journal_skipped: a row deleted", sqlAt(first("RESUME"), `DELETE FROM journal_skipped WHERE seq = ? AND series = 'T'`), true},
		{"journal_marks.code", sqlAt(first("RESUME"), `UPDATE journal_marks SET code = 'INTEGRITY_OK' WHERE seq = ?`), true},
		{"journal_marks.seq", func(v *victim) int64 {
			v.exec(`UPDATE journal_marks SET seq = 2 WHERE code = 'RESUME'`)
			return v.at("RESUME")
		}, true},
		{"journal_marks: a row deleted", sqlAt(first("RESUME"), `DELETE FROM journal_marks WHERE seq = ?`), true},
	}
}

// rowMutations delete, insert and swap whole entries, and make the chain right again.
func rowMutations() []mutation {
	return []mutation{
		{"an entry deleted", func(v *victim) int64 { v.exec(`DELETE FROM journal WHERE seq = 5`); return 6 }, true},
		{"an entry deleted, the rest moved down and linked", func(v *victim) int64 {
			v.rows = slices.Delete(v.rows, 3, 4)
			v.exec(`DELETE FROM journal`)
			for i := range v.rows {
				r := &v.rows[i]
				if r.seq = int64(i); i >= 3 {
					r.canon = regexp.MustCompile(`,"seq":\d+,"siret"`).ReplaceAll(r.canon, []byte(`,"seq":`+strconv.Itoa(i)+`,"siret"`))
				}
				v.exec(`INSERT INTO journal (seq, canon, hash, sig) VALUES (?, ?, ?, ?)`, r.seq, r.canon, r.hash, r.sig)
			}
			v.rechain(3)
			return 3
		}, true},
		{"an entry inserted again at the end", func(v *victim) int64 {
			at := int64(len(v.rows))
			v.exec(`INSERT INTO journal (seq, canon, hash, sig) SELECT ?, canon, hash, sig FROM journal WHERE seq = 3`, at)
			return at
		}, true},
		{"two entries swapped", func(v *victim) int64 {
			v.rows[3].canon, v.rows[4].canon = v.rows[4].canon, v.rows[3].canon
			v.rows[3].hash, v.rows[4].hash = v.rows[4].hash, v.rows[3].hash
			v.rows[3].sig, v.rows[4].sig = v.rows[4].sig, v.rows[3].sig
			v.put(3)
			v.put(4)
			return 3
		}, true},
		{"the tail cut off, the head file kept", func(v *victim) int64 {
			at := int64(len(v.rows)) - 1
			v.exec(`DELETE FROM journal WHERE seq = ?`, at)
			return at
		}, true},
		{"everything but the genesis cut off, the head file kept", func(v *victim) int64 {
			for _, t := range []string{"journal WHERE seq > 0", "documents", "journal_keys", "journal_skipped", "journal_marks"} {
				v.exec(`DELETE FROM ` + t)
			}
			return int64(len(v.rows)) - 1
		}, true},
		{"the whole chain signed again by another key", func(v *victim) int64 {
			v.resign(0)
			return int64(len(v.rows)) - 1 // the head file
		}, true},
		{"the chain signed again from a ticket on by another key", func(v *victim) int64 {
			v.rows[3].canon = bytes.Replace(v.rows[3].canon, []byte("Bière"), []byte("Biere"), 1)
			v.resign(3)
			return 3
		}, true},
	}
}

// resign writes a key of its own into the genesis, when it begins there, and signs every entry from one on by it.
func (v *victim) resign(from int64) {
	v.tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		v.tb.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		v.tb.Fatal(err)
	}
	if from == 0 {
		v.rows[0].canon = regexp.MustCompile(`"public_key":"[^"]*"`).ReplaceAll(v.rows[0].canon, []byte(`"public_key":"`+base64.StdEncoding.EncodeToString(der)+`"`))
	}
	v.rechain(from)
	for seq := from; seq < int64(len(v.rows)); seq++ {
		if v.rows[seq].sig, err = ecdsa.SignASN1(rand.Reader, key, v.rows[seq].hash); err != nil {
			v.tb.Fatal(err)
		}
		v.put(seq)
	}
}

func allMutations() []mutation {
	all := slices.Concat(columnMutations(), rowMutations())
	for _, b := range byteClasses() {
		alter := replaced(fixed(3), b.old, b.new)
		all = append(all, mutation{b.name, alter, true}, mutation{b.name + ", hash made right", rehashed(alter), true})
		if b.name != "the link" { // linking anew takes it back
			all = append(all, mutation{b.name + ", hashes and links made right", relinked(alter), true})
		}
	}
	for _, kind := range []string{
		"GENESIS", "CASH", "REFUND", "NOTE_PRINT", "ORDER_MINUS", "SUSP_REDEEM", "SUSP_RELEASE", "SUSP_ADJUST", "EVENT", "DUPLICATE", "INVOICE", "PAY_FIX",
		"CLOSE_DAY", "CLOSE_MONTH", "CLOSE_YEAR", "ARCHIVE", "KEY_ROTATE", "RESUME",
	} {
		alter := replaced(first(kind), `"tz":60`, `"tz":0`)
		all = append(all, mutation{"a digit of a " + kind, alter, true}, mutation{"a digit of a " + kind + ", hashes and links made right", relinked(alter), true})
	}
	return all
}

func TestEveryAlterationIsFoundByBothVerifiers(t *testing.T) {
	t.Parallel()
	c := everyKind(t)
	file, head := readAll(t, filepath.Join(c.dir, "till.db")), readAll(t, filepath.Join(c.dir, "head"))
	seen, err := journal.ReadHead(c.dir)
	if err != nil {
		t.Fatal(err)
	}
	inspect := buildInspector(t)
	var table []string
	for _, m := range allMutations() {
		t.Run(m.name, func(t *testing.T) {
			v := openVictim(t, c, file, head)
			defer func() { _ = v.db.Close() }()
			seq := m.alter(v)
			opts := journal.VerifyOptions{Full: true, Head: &seen}
			full := verifyFile(t, v.db, opts)
			opts.Full = false
			quick := verifyFile(t, v.db, opts)
			inspect.tb = t
			inspected := inspect.run("--anchor", filepath.Join(v.dir, "head"), exportTo(t, v.db))
			at := slices.IndexFunc(full.Anomalies, func(a journal.Anomaly) bool {
				return a.Seq == seq || m.name == "documents: a row added" && a.Check == journal.CheckDocuments // it counts the rows
			})
			if at < 0 {
				t.Errorf("comptoir verify --full does not name entry %d: %v", seq, full.Anomalies)
				at = 0
			}
			if inspected.code != 1 || !inspected.names(seq) {
				t.Errorf("comptoir-verify: exit %d, does not name entry %d: %v", inspected.code, seq, inspected.Anomalies)
			}
			if quick.Conform == m.quick {
				t.Errorf("the default verification finds it: %v, want %v", !quick.Conform, m.quick)
			}
			if len(full.Anomalies) > at && len(inspected.Anomalies) > 0 {
				table = append(table, fmt.Sprintf("%-75s entry %4d | %-11s | %-11s | default: %v", m.name, seq, full.Anomalies[at].Check, inspected.check(seq), m.quick))
			}
		})
	}
	t.Logf("alteration, comptoir verify --full, comptoir-verify, default verification:\n%s", strings.Join(table, "\n"))
}

// TestAnOlderFileIsSeenByAHeadKeptElsewhere puts yesterday's file back. Nothing in it is wrong, so only what lies outside
// can tell: the head file, unless it was put back too, or the line of a printed closing.
func TestAnOlderFileIsSeenByAHeadKeptElsewhere(t *testing.T) {
	t.Parallel()
	c := foundJournal(t)
	c.append(coffees(1), coffees(2))
	c.close()
	yesterday, yesterdaysHead := readAll(t, filepath.Join(c.dir, "till.db")), readAll(t, filepath.Join(c.dir, "head"))
	c.reopen()
	c.append(coffees(3))
	c.clock.Advance(10 * time.Hour)
	closing := c.end(c.j.CloseDay)
	env, err := closing.Envelope()
	if err != nil {
		t.Fatal(err)
	}
	printed := journal.PrintedAnchor(env.Journal, closing.Seq, closing.Hash, closing.Number)
	c.close()
	head := readAll(t, filepath.Join(c.dir, "head"))
	inspect := buildInspector(t)
	for _, put := range []struct {
		name   string
		head   []byte
		anchor string
		seen   bool
	}{
		{"with the side head", head, "", true},
		{"without the side head", nil, "", false},
		{"with the side head put back too", yesterdaysHead, "", false},
		{"with the side head put back too, and a printed closing", yesterdaysHead, printed, true},
		{"with a head of another journal", head, strings.Replace(printed, "CZ1 0", "CZ1 f", 1), true},
	} {
		t.Run(put.name, func(t *testing.T) {
			inspect.tb = t
			dir := t.TempDir()
			writeAll(t, filepath.Join(dir, "till.db"), yesterday)
			db := openFile(t, dir, c.clock)
			defer func() { _ = db.Close() }()
			opts, args := journal.VerifyOptions{Full: true}, []string{}
			if put.head != nil {
				writeAll(t, filepath.Join(dir, "head"), put.head)
				seen, err := journal.ReadHead(dir)
				if err != nil {
					t.Fatal(err)
				}
				opts.Head, args = &seen, []string{"--anchor", filepath.Join(dir, "head")}
			}
			if put.anchor != "" {
				a, err := journal.ParseAnchor(put.anchor)
				if err != nil {
					t.Fatal(err)
				}
				opts.Anchors, args = append(opts.Anchors, a), append(args, "--anchor", put.anchor)
			}
			for _, full := range []bool{true, false} {
				opts.Full = full
				if report := verifyFile(t, db, opts); report.Conform == put.seen {
					t.Errorf("comptoir verify, full %v: conform %v: %v", full, report.Conform, report.Anomalies)
				}
			}
			if r := inspect.run(append(args, exportTo(t, db))...); r.Conform == put.seen || put.seen && !r.names(closing.Seq) {
				t.Errorf("comptoir-verify: conform %v: %v", r.Conform, r.Anomalies)
			}
		})
	}
}

// check is the first check that named a seq.
func (r inspection) check(seq int64) string {
	for _, f := range r.Anomalies {
		if f.Seq != nil && *f.Seq == seq {
			return f.Check
		}
	}
	return ""
}

// openVictim copies a café's files, and takes away what keeps its tables.
func openVictim(t *testing.T, c *journaled, file, head []byte) *victim {
	t.Helper()
	v := &victim{tb: t, dir: t.TempDir()}
	writeAll(t, filepath.Join(v.dir, "till.db"), file)
	writeAll(t, filepath.Join(v.dir, "head"), head)
	v.db = openFile(t, v.dir, c.clock)
	triggers, err := data.All(t.Context(), v.db.Reader(), func(r *data.Rows) (name string, err error) { return name, r.Scan(&name) },
		`SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN ('journal', 'documents', 'journal_keys', 'journal_skipped', 'journal_marks')`)
	if err != nil || len(triggers) < 12 {
		t.Fatalf("triggers %v: %v", triggers, err)
	}
	for _, name := range triggers {
		v.exec(`DROP TRIGGER ` + name)
	}
	v.rows, err = data.All(t.Context(), v.db.Reader(), func(r *data.Rows) (s stored, err error) {
		return s, r.Scan(&s.seq, &s.canon, &s.hash, &s.sig)
	}, `SELECT seq, canon, hash, sig FROM journal ORDER BY seq`)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
