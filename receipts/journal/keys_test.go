package journal_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// rotate puts another key in force and returns the KEY_ROTATE.
func (c *cafe) rotate(reason string) (e journal.Entry) {
	c.tb.Helper()
	k, err := c.j.NewKey(context.Background(), c.db.Reader())
	if err != nil {
		c.tb.Fatalf("new key: %v", err)
	}
	err = c.db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) error {
		e, err = c.j.Rotate(ctx, tx, k, "mag", reason)
		return err
	})
	if err != nil {
		c.tb.Fatalf("rotate: %v", err)
	}
	return e
}

// keyFile is where a key lies.
func (c *cafe) keyFile(id string) string { return filepath.Join(c.dir, "keys", id+".pem") }

// keyNamed reads a private key.
func (c *cafe) keyNamed(id string) *ecdsa.PrivateKey {
	c.tb.Helper()
	text, err := os.ReadFile(c.keyFile(id))
	if err != nil {
		c.tb.Fatal(err)
	}
	block, _ := pem.Decode(text)
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		c.tb.Fatal(err)
	}
	return key.(*ecdsa.PrivateKey)
}

// signedBy returns the key id of each entry, as its envelope says it.
func (c *cafe) signedBy() []string {
	c.tb.Helper()
	var ids []string
	for _, e := range c.entries() {
		env, err := e.Envelope()
		if err != nil {
			c.tb.Fatal(err)
		}
		ids = append(ids, env.Key)
	}
	return ids
}

func TestR26ARotationIsSignedByTheOldKeyAndFollowedByTheNew(t *testing.T) {
	c := found(t)
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	rotated := c.rotate("the till was repaired")
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	if got := c.signedBy(); !slices.Equal(got, []string{"k1", "k1", "k1", "k2", "k2"}) {
		t.Errorf("keys %v", got)
	}
	var b journal.KeyRotateBody
	if err := rotated.Decode(&b); err != nil || b.ID != "k2" || b.Lost || b.Anchor != nil {
		t.Errorf("%+v (%v)", b, err)
	}
	c.close()
	c.open()
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	c.rotate("again")
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	c.close()
	c.open()
	r := c.mustConform()
	if len(r.Warnings) != 0 {
		t.Errorf("warnings %v", r.Warnings)
	}
	for _, full := range []bool{true, false} {
		if found := c.look(full); len(found) != 0 {
			t.Errorf("full %v: %v", full, found)
		}
	}
	keys, err := journal.Keys(t.Context(), c.db.Reader())
	if err != nil || len(keys) != 3 || keys[1].ID != "k2" || keys[1].From() != 3 || keys[2].From() != 7 {
		t.Errorf("keys %+v (%v)", keys, err)
	}
}

// look verifies against the head file and returns what is found, "seq check" each.
func (c *cafe) look(full bool) []string {
	c.tb.Helper()
	c.close()
	defer c.open()
	return c.lookClosed(full)
}

func (c *cafe) lookClosed(full bool) []string {
	c.tb.Helper()
	head, err := journal.ReadHead(c.dir)
	if err != nil {
		c.tb.Fatal(err)
	}
	r := c.verifyWith(journal.VerifyOptions{Full: full, Head: &head})
	var all []string
	for _, a := range r.Anomalies {
		all = append(all, strings.Join([]string{a.Check, a.Detail}, ": "))
	}
	return all
}

func (c *cafe) verifyWith(opts journal.VerifyOptions) (r journal.Report) {
	c.tb.Helper()
	err := c.db.Snapshot(context.Background(), func(ctx context.Context, q data.Querier) (err error) {
		r, err = journal.Verify(ctx, q, opts)
		return err
	})
	if err != nil {
		c.tb.Fatalf("verify: %v", err)
	}
	return r
}

func TestAKeyLeftByARotationCutShortIsTakenUp(t *testing.T) {
	c := found(t)
	if _, err := c.j.NewKey(t.Context(), c.db.Reader()); err != nil { // killed before the commit
		t.Fatal(err)
	}
	left, err := os.ReadFile(c.keyFile("k2"))
	if err != nil {
		t.Fatal(err)
	}
	c.close()
	c.open()
	c.rotate("again")
	if now, err := os.ReadFile(c.keyFile("k2")); err != nil || string(now) != string(left) {
		t.Errorf("the file was not taken up (%v)", err)
	}
	c.close()
	c.open()
	c.mustConform()
}

func TestADamagedOrKnownFileOfALaterKeyIsPassedOver(t *testing.T) {
	c := found(t)
	k1, err := os.ReadFile(c.keyFile("k1"))
	if err != nil {
		t.Fatal(err)
	}
	for id, text := range map[string][]byte{"k2": []byte("cut sho"), "k3": k1} {
		if err := os.WriteFile(c.keyFile(id), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.rotate("new year")
	if got := c.signedBy(); !slices.Equal(got, []string{"k1", "k1", "k4"}) {
		t.Errorf("keys %v", got)
	}
	if text, err := os.ReadFile(c.keyFile("k2")); err != nil || string(text) != "cut sho" {
		t.Errorf("the damaged file was touched: %q (%v)", text, err)
	}
	c.close()
	c.open()
	c.mustConform()
}

func TestARefusedRotationKeepsTheOldKey(t *testing.T) {
	c := found(t)
	k, err := c.j.NewKey(t.Context(), c.db.Reader())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		if _, err := c.j.Rotate(ctx, tx, k, "mag", "why not"); err != nil {
			return err
		}
		return errChanged
	}); err == nil {
		t.Fatal("accepted")
	}
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	if got := c.signedBy(); !slices.Equal(got, []string{"k1", "k1"}) {
		t.Errorf("keys %v", got)
	}
}

// resign signs every entry from seq on with the key that its envelope names, after mutate has changed one of them.
func (c *cafe) resign(from int64, mutate func(seq int64, fields map[string]any)) {
	t := c.tb.(*testing.T)
	t.Helper()
	var prev [32]byte
	for _, e := range c.entries() {
		if e.Seq >= from {
			fields := tree(t, e.Canon).(map[string]any)
			fields["prev"] = hex.EncodeToString(prev[:])
			mutate(e.Seq, fields)
			e.Canon = canonical(t, fields)
			e.Hash = journal.HashOf(e.Canon)
			var err error
			if e.Sig, err = ecdsa.SignASN1(rand.Reader, c.keyNamed(fields["key"].(string)), e.Hash[:]); err != nil {
				t.Fatal(err)
			}
			c.store(e)
		}
		prev = e.Hash
	}
}

// TestEveryBreachOfTheKeysIsFound alters a journal of 0 genesis, 1 sale, 2 KEY_ROTATE, 3 its EVENT, 4 sale; with all keys
// in hand, and with the tables made to fit.
func TestEveryBreachOfTheKeysIsFound(t *testing.T) {
	for name, m := range map[string]struct {
		change func(c *cafe)
		want   string
	}{
		"the rotation signed by the new key": {func(c *cafe) {
			c.resign(2, func(seq int64, f map[string]any) {
				if seq == 2 {
					f["key"] = "k2"
				}
			})
		}, "2 signature"},
		"the old key used after its time": {func(c *cafe) {
			c.resign(4, func(_ int64, f map[string]any) { f["key"] = "k1" })
		}, "4 signature"},
		"the new key used before its time": {func(c *cafe) {
			c.resign(1, func(seq int64, f map[string]any) {
				if seq == 1 {
					f["key"] = "k2"
				}
			})
		}, "1 signature"},
		"another key said than used": {func(c *cafe) {
			e := c.entries()[4]
			fields := tree(t, e.Canon).(map[string]any)
			fields["key"] = "k1"
			e.Canon = canonical(t, fields)
			e.Hash = journal.HashOf(e.Canon)
			e.Sig, _ = ecdsa.SignASN1(rand.Reader, c.keyNamed("k2"), e.Hash[:])
			c.store(e)
		}, "4 envelope"},
		"no event of the new key": {func(c *cafe) {
			c.resign(3, func(seq int64, f map[string]any) {
				if seq == 3 {
					f["body"].(map[string]any)["code"] = "LOGIN"
				}
			})
		}, "3 keys"},
		"cut after the rotation": {func(c *cafe) {
			exec(t, c.db, `DELETE FROM journal WHERE seq > 2`, `DELETE FROM documents WHERE seq > 2`)
		}, "2 keys"},
		"another public key": {func(c *cafe) {
			c.resign(2, func(seq int64, f map[string]any) {
				if seq == 2 {
					f["body"].(map[string]any)["public_key"] = foundingOf(t, c).PublicKey
				}
			})
		}, "2 keys"},
		"an id of before":       {func(c *cafe) { c.resign(2, rename("k1")) }, "2 keys"},
		"no id":                 {func(c *cafe) { c.resign(2, rename("key")) }, "2 keys"},
		"a row taken out":       {func(c *cafe) { exec(t, c.db, `DELETE FROM journal_keys`) }, "2 documents"},
		"a row bent":            {func(c *cafe) { exec(t, c.db, `UPDATE journal_keys SET seq = 1`) }, "1 documents"},
		"a row with other text": {func(c *cafe) { exec(t, c.db, `UPDATE journal_keys SET public = 'x'`) }, "2 documents"},
		"a row too many":        {func(c *cafe) { exec(t, c.db, `INSERT INTO journal_keys (seq, id, public) VALUES (4, 'k3', 'y')`) }, "4 documents"},
		"a mark too many":       {func(c *cafe) { exec(t, c.db, `INSERT INTO journal_marks (seq, code) VALUES (4, 'RESUME')`) }, "4 documents"},
		"numbers left out": {func(c *cafe) {
			exec(t, c.db, `INSERT INTO journal_skipped (seq, series, year, n) VALUES (4, 'T', 2026, 9)`)
		}, "4 documents"},
	} {
		t.Run(name, func(t *testing.T) {
			c := foundUnaudited(t)
			c.append(sale(line("cafe", "Café", 1, 180, 1000)))
			c.rotate("repair")
			c.append(sale(line("cafe", "Café", 1, 180, 1000)))
			c.close()
			exec(t, c.db, unlock...)
			exec(t, c.db, unlockKeys...)
			m.change(c)
			for _, full := range []bool{true, false} {
				found := c.flawsOf(c.verifyWith(journal.VerifyOptions{Full: full}))
				if !slices.Contains(found, m.want) {
					t.Errorf("full %v: found %v, want %s", full, found, m.want)
				}
			}
		})
	}
}

var unlockKeys = []string{`DROP TRIGGER journal_keys_keep_insert`, `DROP TRIGGER journal_keys_keep_update`, `DROP TRIGGER journal_keys_keep_delete`,
	`DROP TRIGGER journal_marks_keep_insert`, `DROP TRIGGER journal_marks_keep_update`, `DROP TRIGGER journal_marks_keep_delete`,
	`DROP TRIGGER journal_skipped_keep_insert`, `DROP TRIGGER journal_skipped_keep_update`, `DROP TRIGGER journal_skipped_keep_delete`}

func rename(id string) func(int64, map[string]any) {
	return func(seq int64, f map[string]any) {
		if seq == 2 {
			f["body"].(map[string]any)["id"] = id
		}
	}
}

func foundingOf(t *testing.T, c *cafe) journal.GenesisBody {
	t.Helper()
	b, err := journal.Founding(t.Context(), c.db.Reader())
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (c *cafe) flawsOf(r journal.Report) []string {
	var all []string
	for _, a := range r.Anomalies {
		all = append(all, strings.Join([]string{strconv.FormatInt(a.Seq, 10), a.Check}, " "))
	}
	return all
}

func TestALostKeyIsReplacedAndEveryVerificationSaysSo(t *testing.T) {
	c := found(t)
	e := c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	c.close()
	if err := os.Remove(c.keyFile("k1")); err != nil {
		t.Fatal(err)
	}
	if _, err := journal.Open(t.Context(), c.db, c.config()); fault.CodeOf(err) != "journal.key_missing" {
		t.Fatalf("open: %v", err)
	}
	if err := journal.ReplaceLostKey(t.Context(), c.db, c.config(), journal.LostKey{Op: "mag", Reason: "the disk died"}); err != nil {
		t.Fatal(err)
	}
	c.open()
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	if got := c.signedBy(); !slices.Equal(got, []string{"k1", "k1", "k2", "k2", "k2"}) {
		t.Errorf("keys %v", got)
	}
	var b journal.KeyRotateBody
	if err := c.entries()[2].Decode(&b); err != nil || !b.Lost || b.Anchor == nil || b.Anchor.Seq != e.Seq {
		t.Errorf("%+v (%v)", b, err)
	}
	c.close()
	c.open()
	for _, full := range []bool{true, false} {
		head, err := journal.ReadHead(c.dir)
		if err != nil {
			t.Fatal(err)
		}
		r := c.verifyWith(journal.VerifyOptions{Full: full, Head: &head})
		if !r.Conform || !slices.ContainsFunc(r.Warnings, func(s string) bool { return strings.HasPrefix(s, "entry 2: the signing key was lost") }) {
			t.Errorf("full %v: %+v", full, r)
		}
	}
	if unseen, err := journal.Unseen(t.Context(), c.db.Reader()); err != nil || len(unseen) != 1 || unseen[0].Code != journal.EventKeyLost {
		t.Errorf("unseen %v (%v)", unseen, err)
	}
	c.append(event(journal.EventIntegritySeen))
	if unseen, err := journal.Unseen(t.Context(), c.db.Reader()); err != nil || len(unseen) != 0 {
		t.Errorf("unseen after a manager has seen it: %v (%v)", unseen, err)
	}
}

func TestAKeyThatIsThereIsNotReplaced(t *testing.T) {
	lost := journal.LostKey{Op: "mag", Reason: "why"}
	c := found(t)
	c.close()
	if err := journal.ReplaceLostKey(t.Context(), c.db, c.config(), lost); fault.CodeOf(err) != "journal.key_there" {
		t.Errorf("there: %v", err)
	}
	if err := os.Chmod(c.keyFile("k1"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := journal.ReplaceLostKey(t.Context(), c.db, c.config(), lost); fault.CodeOf(err) != "journal.key_exposed" {
		t.Errorf("exposed: %v", err)
	}
	lost.Anchor = &journal.Anchor{Seq: 77}
	if err := os.WriteFile(c.keyFile("k1"), []byte("noise"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(c.keyFile("k1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := journal.ReplaceLostKey(t.Context(), c.db, c.config(), lost); fault.CodeOf(err) != "journal.anchor_unmet" {
		t.Errorf("an anchor that is not met: %v", err)
	}
	if len(c.entries()) != 1 {
		t.Errorf("%d entries after refusals", len(c.entries()))
	}
	lost.Anchor = nil
	if err := journal.ReplaceLostKey(t.Context(), c.db, c.config(), lost); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(c.keyFile("k1")); err != nil || string(text) != "noise" {
		t.Errorf("the damaged file was touched: %q (%v)", text, err)
	}
	c.open()
	c.mustConform()
}
