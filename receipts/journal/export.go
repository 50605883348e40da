package journal

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"

	"comptoir/data"
)

// Export writes the whole journal as it is stored to w, one JSON object a line, in the form of FORMAT.md §10: what a
// verifier that cannot read the database reads instead. q should be one snapshot. Nothing is verified and nothing is
// left out: a row that was altered is written as it is. Memory does not grow with the journal.
func Export(ctx context.Context, q data.Querier, w io.Writer) error {
	x := &exporter{ctx: ctx, q: q, w: bufio.NewWriterSize(w, 1<<16)}
	var id string
	if _, env, err := readGenesis(ctx, q); err == nil {
		id = env.Journal // else a verifier finds what is wrong with entry 0
	}
	x.line(`{"format":"cafe-fiscal/1","journal":%s}`, id)
	entries := x.entries()
	documents := x.documents()
	keys := x.rows(`{"key":%s,"public":%s,"seq":%d}`, `SELECT id, public, seq FROM journal_keys ORDER BY seq`,
		func(r *data.Rows) ([]any, error) {
			var id, public string
			var seq int64
			err := r.Scan(&id, &public, &seq)
			return []any{id, public, seq}, err
		})
	skipped := x.rows(`{"skipped":%s,"year":%d,"n":%d,"seq":%d}`, `SELECT series, year, n, seq FROM journal_skipped ORDER BY series, year, n`, scanIndexed)
	marks := x.rows(`{"mark":%s,"seq":%d}`, `SELECT code, seq FROM journal_marks ORDER BY seq`,
		func(r *data.Rows) ([]any, error) {
			var code string
			var seq int64
			err := r.Scan(&code, &seq)
			return []any{code, seq}, err
		})
	x.line(`{"end":true,"entries":%d,"documents":%d,"keys":%d,"skipped":%d,"marks":%d}`, entries, documents, keys, skipped, marks)
	if x.err != nil {
		return fmt.Errorf("export the journal: %w", x.err)
	}
	return x.w.Flush()
}

// exporter writes lines until the first error.
type exporter struct {
	ctx context.Context //nolint:containedctx // it lives for one call of Export, which takes it
	q   data.Querier
	w   *bufio.Writer
	err error
}

// line writes one object; a text stands in it as JSON has it.
func (x *exporter) line(form string, args ...any) {
	if x.err != nil {
		return
	}
	for i, a := range args {
		if text, ok := a.(string); ok {
			var quoted []byte
			if quoted, x.err = json.Marshal(text); x.err != nil {
				return
			}
			args[i] = string(quoted)
		}
	}
	_, x.err = fmt.Fprintf(x.w, form+"\n", args...)
}

func (x *exporter) entries() (n int64) {
	for from := int64(math.MinInt64); x.err == nil; {
		var rows []row
		if rows, x.err = readRows(x.ctx, x.q, from, batchSize); len(rows) == 0 {
			break
		}
		for _, r := range rows {
			x.line(`{"seq":%d,"canon":%s,"hash":%s,"sig":%s}`, r.seq, base64.StdEncoding.EncodeToString(r.canon),
				hex.EncodeToString(r.hash), base64.RawURLEncoding.EncodeToString(r.sig))
		}
		n, from = n+int64(len(rows)), rows[len(rows)-1].seq+1
	}
	return n
}

// documents writes the index of numbers, some at a time: it grows with the journal.
func (x *exporter) documents() (n int64) {
	series, year, last := "", int64(math.MinInt64), int64(math.MinInt64)
	for x.err == nil {
		var rows [][]any
		if rows, x.err = data.All(x.ctx, x.q, scanIndexed, `SELECT series, year, n, seq FROM documents
			WHERE (series, year, n) > (?, ?, ?) ORDER BY series, year, n LIMIT ?`, series, year, last, batchSize); len(rows) == 0 {
			break
		}
		end := rows[len(rows)-1]
		series, year, last = end[0].(string), end[1].(int64), end[2].(int64)
		for _, r := range rows {
			x.line(`{"series":%s,"year":%d,"n":%d,"seq":%d}`, r...)
		}
		n += int64(len(rows))
	}
	return n
}

func scanIndexed(r *data.Rows) ([]any, error) {
	var series string
	var year, n, seq int64
	err := r.Scan(&series, &year, &n, &seq)
	return []any{series, year, n, seq}, err
}

// rows writes a small table.
func (x *exporter) rows(form, query string, scan func(*data.Rows) ([]any, error)) int64 {
	if x.err != nil {
		return 0
	}
	var all [][]any
	all, x.err = data.All(x.ctx, x.q, scan, query)
	for _, r := range all {
		x.line(form, r...)
	}
	return int64(len(all))
}
