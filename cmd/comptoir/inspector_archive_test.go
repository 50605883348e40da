package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/receipts/archive"
	"comptoir/receipts/journal"
)

// archives are those of a café whose second month goes on from its first: by name of the kind.
type archives struct {
	*journaled
	paths map[string]string
}

// archived is a café of two months and their year, with the archives of all of it. The second month refunds, copies and
// corrects what the first one sold, under another key.
func archived(tb testing.TB) *archives {
	tb.Helper()
	c := &archives{foundJournal(tb), map[string]string{}}
	body := ticketOf(soldLine("cafe", "=Café; \"fort\"", 2, 180, 1000), soldLine("sirop", " sirop", 1, 333, 550), pledgedLine("coffee", 2, 150))
	c.morning()
	first := c.append(saleOf(body))
	refunded := c.append(refundOf(first, body, 1))
	c.append(journal.Draft{Kind: journal.KindDuplicate, Series: journal.SeriesDuplicate, Op: "ana", Body: journal.DuplicateBody{Of: refOf(first), N: 1, Form: "paper", Reason: "customer"}})
	c.clock.Advance(10 * 24 * time.Hour)
	c.append(coffees(1)) // 1 December: November is closed late
	c.write("2026-11", month("2026-11"))
	c.rotate()
	c.clock.Advance(3 * 24 * time.Hour)
	again := refundOf(first, body, 3)
	c.append(again,
		journal.Draft{Kind: journal.KindDuplicate, Series: journal.SeriesDuplicate, Op: "ana", Body: journal.DuplicateBody{Of: refOf(first), N: 2, Form: "email", Reason: "customer"}},
		journal.Draft{Kind: journal.KindDuplicate, Series: journal.SeriesDuplicate, Op: "ana", Body: journal.DuplicateBody{Of: refOf(refunded), N: 1, Form: "paper", Reason: "customer"}},
		journal.Draft{Kind: journal.KindPayFix, Op: "ana", Body: journal.PayFixBody{Of: refOf(first), Amt: 100, From: journal.ByCard, To: journal.ByCash, Reason: "typed", Auth: "zoe"}},
		coffees(2))
	c.clock.Advance(29 * 24 * time.Hour)
	c.append(coffees(5)) // January: December and the year are closed late
	c.write("2026-12", month("2026-12"))
	c.write("2026", year("2026"))
	c.write("days", func(ctx context.Context, q data.Querier) (archive.Range, error) {
		return archive.Days(ctx, q, "2026-11-23", "2026-12-05")
	})
	c.write("complet", archive.All)
	c.close()
	return c
}

func month(period string) func(context.Context, data.Querier) (archive.Range, error) {
	return func(ctx context.Context, q data.Querier) (archive.Range, error) { return archive.Month(ctx, q, period) }
}

// year finds the range of a year that is closed.
func year(period string) func(context.Context, data.Querier) (archive.Range, error) {
	return func(ctx context.Context, q data.Querier) (archive.Range, error) {
		all, err := archive.Closed(ctx, q)
		i := slices.IndexFunc(all, func(r archive.Range) bool { return r.Kind == archive.KindYear && r.Period == period })
		if err != nil || i < 0 {
			return archive.Range{}, errors.Join(err, errors.New("no year "+period))
		}
		return all[i], nil
	}
}

// write makes an archive and enters it in the journal, as the till does.
func (c *archives) write(name string, of func(context.Context, data.Querier) (archive.Range, error)) {
	c.tb.Helper()
	var made archive.Made
	err := c.db.Snapshot(c.tb.Context(), func(ctx context.Context, q data.Querier) error {
		r, err := of(ctx, q)
		if err != nil {
			return err
		}
		req, err := archive.Prepare(ctx, q, r, nil)
		if err != nil {
			return err
		}
		req.SignedBy, req.Sign = c.j.KeyID(), c.j.SignFile
		made, err = archive.Write(ctx, q, c.dir, req)
		return err
	})
	if err != nil {
		c.tb.Fatalf("archive %s: %v", name, err)
	}
	m := made.Manifest
	c.paths[name] = filepath.Join(c.dir, m.Name)
	if err := os.Rename(made.Path, c.paths[name]); err != nil {
		c.tb.Fatal(err)
	}
	if m.Kind == archive.KindAll {
		return
	}
	b := journal.ArchiveBody{Name: m.Name, Period: m.Period, FromSeq: m.FromSeq, ToSeq: m.ToSeq, Manifest: made.Hash, Medium: "disk", NF525: 30, Files: m.Files}
	if m.Kind == archive.KindDays {
		b.NF525 = 20
	}
	if m.Previous != nil {
		b.Prev = &journal.Ref{Doc: m.Previous.Manifest, Seq: m.Previous.Seq}
	}
	err = c.db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) error {
		e, err := c.j.Append(ctx, tx, journal.Draft{Kind: journal.KindArchive, Op: "sys", Body: b})
		if err != nil {
			return err
		}
		_, err = archive.Enter(ctx, tx, e, made)
		return errors.Join(err, tx.Record(data.Event{Type: "test"}))
	})
	if err != nil {
		c.tb.Fatalf("enter %s: %v", name, err)
	}
}

func TestTheInspectorFindsArchivesConform(t *testing.T) {
	t.Parallel()
	c := archived(t)
	inspect := buildInspector(t)
	check := func(names ...string) {
		t.Helper()
		var args []string
		for _, n := range names {
			args = append(args, c.paths[n])
		}
		r := inspect.run(args...)
		for _, a := range r.Anomalies {
			t.Errorf("%v: entry %v %s: %s: %s", names, a.Seq, a.Doc, a.Check, a.Detail)
		}
		if r.code != 0 {
			t.Errorf("%v: exit %d %v %s", names, r.code, r.Warnings, r.words)
		}
		for _, o := range r.Checks {
			if o.Unchecked != "" {
				t.Logf("%v: %s: not checked: %s", names, o.Check, o.Unchecked)
			}
		}
	}
	for _, one := range []string{"2026-11", "2026-12", "2026", "days", "complet"} {
		check(one)
	}
	check("2026-12", "2026-11")
	check("2026", "2026-11", "2026-12", "days", "complet")
}

// rewritten packs an archive anew with one file changed; nil removes it.
func rewritten(t *testing.T, from, name string, change func([]byte) []byte) string {
	t.Helper()
	z, err := zip.OpenReader(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == name {
			if b = change(b); b == nil {
				continue
			}
		}
		if dst, err := w.Create(f.Name); err != nil {
			t.Fatal(err)
		} else if _, err := dst.Write(b); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), filepath.Base(from))
	writeAll(t, path, out.Bytes())
	return path
}

func TestEveryFileOfAnArchiveThatIsAlteredIsFound(t *testing.T) {
	t.Parallel()
	c := archived(t)
	inspect := buildInspector(t)
	z, err := zip.OpenReader(c.paths["2026-12"])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = z.Close() }()
	for _, f := range z.File {
		for how, change := range map[string]func([]byte) []byte{
			"a byte changed": func(b []byte) []byte { b = bytes.Clone(b); b[len(b)/2] ^= 1; return b },
			"cut short":      func(b []byte) []byte { return b[:len(b)-1] },
			"a byte more":    func(b []byte) []byte { return append(bytes.Clone(b), '\n') },
			"removed":        func([]byte) []byte { return nil },
		} {
			t.Run(f.Name+" "+how, func(t *testing.T) {
				if f.UncompressedSize64 == 0 {
					t.Skip("an empty file")
				}
				inspect.tb = t
				r := inspect.run(rewritten(t, c.paths["2026-12"], f.Name, change))
				if r.code != 1 && (f.Name != "MANIFEST.json" || r.code != 2) {
					t.Errorf("exit %d %s", r.code, r.words)
				}
				// Not only by the manifest, which whoever has the key could sign again.
				if strings.HasSuffix(f.Name, ".csv") && how != "removed" && !strings.Contains(f.Name, "signatures") && !r.finds("projection") {
					t.Errorf("not compared with the journal: %v", r.Anomalies)
				}
				if f.Name == "journal.jsonl" && how == "a byte changed" && (!r.finds("hash") || !r.finds("signature")) {
					t.Errorf("not seen in the entries: %v", r.Anomalies)
				}
			})
		}
	}
}

// finds reports whether a check found an anomaly.
func (r inspection) finds(check string) bool {
	return slices.ContainsFunc(r.Anomalies, func(f finding) bool { return f.Check == check })
}

func TestAnArchiveThatIsNoneIsRefused(t *testing.T) {
	t.Parallel()
	c, inspect := archived(t), buildInspector(t)
	whole := readAll(t, c.paths["2026-12"])
	file := func(name string, b []byte) string {
		path := filepath.Join(t.TempDir(), name)
		writeAll(t, path, b)
		return path
	}
	zeros := func(n int) []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		f, err := w.Create("journal.jsonl")
		if err == nil {
			_, err = io.Copy(f, io.LimitReader(zeroReader{}, int64(n)))
		}
		if err = errors.Join(err, w.Close()); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	named := func(name string) []byte {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		if _, err := w.Create(name); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	for name, one := range map[string]struct {
		path string
		says string
	}{
		"cut in the middle":  {file("a.zip", whole[:len(whole)/2]), "coupée"},
		"cut at its end":     {file("a.zip", whole[:len(whole)-1]), "coupée"},
		"a zip bomb":         {file("a.zip", zeros(1<<28)), "bombe"},
		"another zip":        {file("a.zip", named("photo.jpg")), "ce n'est pas une archive de caisse"},
		"a path outside":     {file("a.zip", named("../../etc/passwd")), "ce n'est pas une archive de caisse"},
		"a database":         {filepath.Join(c.dir, "till.db"), "comptoir journal export"},
		"a text":             {file("a.zip", []byte("bonjour")), "ni une archive"},
		"an empty file":      {file("a.zip", nil), "ni une archive"},
		"a folder":           {c.dir, "ce n'est pas un fichier"},
		"nothing":            {filepath.Join(c.dir, "nowhere.zip"), "ne peut pas être lu"},
		"a line without end": {file("a.jsonl", append([]byte(`{"format":"cafe-fiscal/1","journal":"`), bytes.Repeat([]byte("a"), 1<<22)...)), "plus longue"},
	} {
		t.Run(name, func(t *testing.T) {
			inspect.tb = t
			if r := inspect.run(one.path); r.code != 2 || !strings.Contains(r.words, one.says) {
				t.Errorf("exit %d, %q does not say %q", r.code, r.words, one.says)
			}
		})
	}
	t.Run("an archive of another café beside it", func(t *testing.T) {
		inspect.tb = t
		other := archived(t)
		if r := inspect.run(c.paths["2026-11"], other.paths["2026-12"]); r.code != 1 || !r.finds("archive") {
			t.Errorf("exit %d, %v", r.code, r.Anomalies)
		}
	})
	t.Run("the key that was expected, and another", func(t *testing.T) {
		inspect.tb = t
		other := archived(t)
		for from, code := range map[string]int{c.paths["2026-11"]: 0, other.paths["2026-11"]: 1} {
			var key []byte
			rewritten(t, from, "keys/k1.pem", func(b []byte) []byte { key = b; return b })
			if r := inspect.run("--key", file("k1.pem", key), c.paths["2026-11"]); r.code != code {
				t.Errorf("exit %d, want %d: %v", r.code, code, r.Anomalies)
			}
		}
		if r := inspect.run("--key", c.paths["2026-11"], c.paths["2026-11"]); r.code != 2 {
			t.Errorf("a key that is none: exit %d", r.code)
		}
	})
}

// zeroReader is endless zeros.
type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
