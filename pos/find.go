package pos

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/loyalty"
	"comptoir/receipts/journal"
)

// SalesQuery says which documents are looked for, and which part of the list is wanted.
type SalesQuery struct {
	From, To string // business days, both included, 400 at most; both empty: the current one
	Text     string // what somebody remembers of it: see FindSales
	Means    Means  // paid with it, in part at least; empty: any
	Operator string // code; empty: anybody
	Kind     string // sale, refund, or gift (a sale with something suspended); empty: any
	Offset   int    // documents to leave out, the newest first
	Limit    int    // documents wanted, 1 to 1,000
}

// Understood is how FindSales read its text.
type Understood string

// The ways to read the text of a search.
const (
	AsNothing Understood = ""
	AsNumber  Understood = "number"  // a document number: looked for on every day
	AsReceipt Understood = "receipt" // a receipt code: looked for on every day
	AsAmount  Understood = "amount"  // a total; a whole number also is the end of a document number
	AsTime    Understood = "time"    // an hour of the clock, give or take findAround
)

// FoundSale is one document of the list, with its tenders and without its lines.
type FoundSale struct {
	Sale
	Refunded     money.Cents // of a sale: what was given back of it so far, positive
	Gifts        int         // suspended items in it; negative in a refund of them
	ReceiptAsked bool        // it was given out
}

// SalesFound is a part of a list, and what the whole list comes to.
type SalesFound struct {
	Query      SalesQuery // as it was carried out: its days filled in
	Understood Understood
	Sales      []FoundSale // newest first
	Count      int         // documents of the whole list
	Sold       money.Cents // sales of the whole list
	Refunded   money.Cents // refunds of the whole list, positive
	Tenders    []TenderTotal
}

// Total is what the sales of the list come to, its refunds deducted.
func (f SalesFound) Total() money.Cents { return f.Sold - f.Refunded }

const (
	// findAround is how far from the hour that somebody remembers a document is still meant.
	findAround = 5 * time.Minute
	// maxFound bounds one part of a list.
	maxFound = 1000
)

// saleKinds are those a list may be narrowed to.
const (
	kindSale   = "sale"
	kindRefund = "refund"
	kindGift   = "gift"
)

var errSearch = fault.New(fault.Invalid, "search.unclear", "This is no document number, amount, time or receipt code.").Field("q", "search")

// FindSales lists sales and refunds, newest first. The text is what somebody remembers: a document number ("T26-000123",
// "t26-123"), a receipt code or the address it is scanned as, an amount ("22", "22,00", "22.00 €"), or a time ("14:05",
// "14 h 05": documents of five minutes before and after; "14 h": of that hour). A number or a code finds its document on
// whatever day, and the other conditions do not count then. Refusals: report.range, search.unclear (field q),
// query.invalid (kind, means).
func (t *Till) FindSales(ctx context.Context, r SalesQuery) (found SalesFound, err error) {
	w, err := t.where(ctx, &r)
	if err != nil {
		return found, err
	}
	found.Query, found.Understood, found.Sales = r, w.understood, []FoundSale{}
	err = t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error {
		if err := t.eachFound(ctx, q, w, func(s FoundSale) error {
			found.Sales = append(found.Sales, s)
			return nil
		}); err != nil {
			return fmt.Errorf("find sales: %w", err)
		}
		return found.addUp(ctx, q, w)
	})
	return found, err
}

// EachSale hands over every document of a list, newest first, whatever the limit of the query. Refusals: as FindSales.
func (t *Till) EachSale(ctx context.Context, r SalesQuery, row func(FoundSale) error) error {
	w, err := t.where(ctx, &r)
	if err != nil {
		return err
	}
	w.offset, w.limit = 0, -1
	return t.db.Snapshot(ctx, func(ctx context.Context, q data.Querier) error { return t.eachFound(ctx, q, w, row) })
}

// where is a query as its statements take it.
type where struct {
	understood Understood
	from, to   string
	spans      string // JSON [[day, from, to], …]; [] when no hour is looked for
	amount     any    // cents, or nil
	seqs       string // JSON list of entries that a number or a code names
	means      string
	operator   string
	kind       string
	offset     int
	limit      int
}

// args are the parameters of the statements, in their order.
func (w where) args() []any {
	return []any{w.from, w.to, w.spans, w.amount, w.seqs, w.means, w.operator, w.kind}
}

// The two ways into the sales: by day, which also is their order, or by the entries that a number or a code names.
// An hour is looked for day by day, once: a span for each row would be read again for each row.
const (
	whereDays = `WHERE s.day BETWEEN ?1 AND ?2
		AND (?3 = '[]' OR s.seq IN (SELECT d.seq FROM json_each(?3) AS h CROSS JOIN sales AS d
			WHERE d.day = h.value ->> 0 AND d.at >= h.value ->> 1 AND d.at < h.value ->> 2))
		AND (?4 IS NULL OR abs(s.total + s.outside) = ?4 OR abs(s.total) = ?4 OR s.seq IN (SELECT value FROM json_each(?5)))
		AND (?6 = '' OR EXISTS (SELECT 1 FROM sale_tenders AS p WHERE p.seq = s.seq AND p.means = ?6)
			OR EXISTS (SELECT 1 FROM payment_fixes AS p WHERE p.sale = s.seq AND p.to_means = ?6))
		AND (?7 = '' OR s.operator = ?7)
		AND (?8 = '' OR ?8 = iif(s.refunds IS NULL, 'sale', 'refund')
			OR ?8 = 'gift' AND EXISTS (SELECT 1 FROM sale_lines AS g WHERE g.seq = s.seq AND g.kind = 'gift'))`
	whereSeqs = `WHERE s.seq IN (SELECT value FROM json_each(?5))`
)

func (w where) clause() string {
	if w.understood == AsNumber || w.understood == AsReceipt {
		return whereSeqs
	}
	return whereDays
}

// eachFound reads the list in its order, which is that of the index on the day.
func (t *Till) eachFound(ctx context.Context, q data.Querier, w where, row func(FoundSale) error) error {
	return data.Each(ctx, q, func(r *data.Rows) error {
		var f FoundSale
		var tenders, fixes string
		var err error
		f.Sale, err = t.scanSale(func(into ...any) error {
			return r.Scan(append(into, &tenders, &fixes, &f.Refunded, &f.Gifts, &f.ReceiptAsked)...)
		})
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(tenders), &f.Tenders); err != nil {
			return fmt.Errorf("tenders of %s: %w", f.Number, err)
		}
		if err := json.Unmarshal([]byte(fixes), &f.Fixes); err != nil {
			return fmt.Errorf("corrections of %s: %w", f.Number, err)
		}
		return row(f)
	}, `SELECT `+saleFields+`,
		(SELECT json_group_array(json_object('means', p.means, 'amount', p.amount, 'given', p.given, 'change', p.change) ORDER BY p.n)
			FROM sale_tenders AS p WHERE p.seq = s.seq),
		(SELECT json_group_array(json_object('from', p.from_means, 'to', p.to_means, 'amount', p.amount) ORDER BY p.seq)
			FROM payment_fixes AS p WHERE p.sale = s.seq),
		coalesce((SELECT -sum(a.total) FROM sales AS a WHERE a.refunds = s.seq), 0),
		coalesce((SELECT sum(g.qty) FROM sale_lines AS g WHERE g.seq = s.seq AND g.kind = 'gift'), 0),
		EXISTS (SELECT 1 FROM receipts_asked AS w WHERE w.seq = s.seq) OR EXISTS (SELECT 1 FROM prints AS w WHERE w.document = s.seq)
		`+saleFrom+` `+w.clause()+` ORDER BY s.day DESC, s.seq DESC LIMIT ?9 OFFSET ?10`,
		append(w.args(), w.limit, w.offset)...)
}

// addUp totals the whole list.
func (f *SalesFound) addUp(ctx context.Context, q data.Querier, w where) (err error) {
	if err := q.QueryRow(ctx, `SELECT count(*), coalesce(sum(iif(s.refunds IS NULL, s.total, 0)), 0), coalesce(-sum(iif(s.refunds IS NULL, 0, s.total)), 0)
		FROM sales AS s `+w.clause(), w.args()...).Scan(&f.Count, &f.Sold, &f.Refunded); err != nil {
		return fmt.Errorf("total of the sales found: %w", err)
	}
	f.Tenders, err = data.All(ctx, q, func(rows *data.Rows) (TenderTotal, error) {
		var x TenderTotal
		err := rows.Scan(&x.Means, &x.Amount, &x.Count)
		return x, err
	}, `SELECT x.means, sum(x.amount), count(*) FROM sales AS s JOIN sale_tenders AS x ON x.seq = s.seq `+w.clause()+
		` GROUP BY x.means ORDER BY sum(x.amount) DESC, x.means`, w.args()...)
	if err != nil {
		return err
	}
	f.Tenders, err = fixTenders(ctx, q, f.Tenders, `SELECT x.from_means, x.to_means, x.amount
		FROM sales AS s JOIN payment_fixes AS x ON x.sale = s.seq `+w.clause(), w.args()...)
	return err
}

// where checks a query, fills in its days and reads its text.
func (t *Till) where(ctx context.Context, r *SalesQuery) (where, error) {
	if r.From == "" && r.To == "" {
		r.From = t.db.Today()
		r.To = r.From
	}
	first, last, err := days(r.From, r.To)
	if err != nil {
		return where{}, err
	}
	wrong := fault.New(fault.Invalid, "query.invalid", "A parameter of the search is not valid.")
	if _, known := r.Means.journal(); r.Means != "" && !known {
		return where{}, wrong.Field("means", "one_of")
	}
	switch r.Kind {
	case "", kindSale, kindRefund, kindGift:
	default:
		return where{}, wrong.Field("kind", "one_of")
	}
	r.Offset, r.Limit = max(0, r.Offset), min(max(1, r.Limit), maxFound)
	w := where{from: r.From, to: r.To, spans: "[]", seqs: "[]", means: string(r.Means), operator: r.Operator, kind: r.Kind, offset: r.Offset, limit: r.Limit}
	return w, w.read(ctx, t, strings.TrimSpace(r.Text), first, last)
}

// days reads the two ends of a range.
func days(from, to string) (first, last time.Time, err error) {
	bad := fault.New(fault.Invalid, "report.range", "Give two days as YYYY-MM-DD, the first not after the last.")
	first, err = time.Parse(time.DateOnly, from)
	if err != nil {
		return first, last, bad.Field("from", "date")
	}
	last, err = time.Parse(time.DateOnly, to)
	if err != nil {
		return first, last, bad.Field("to", "date")
	}
	if last.Before(first) || last.Sub(first) >= reportDays*24*time.Hour {
		return first, last, bad.Field("to", "range").With("max", reportDays)
	}
	return first, last, nil
}

// read finds out what the text of a search is.
func (w *where) read(ctx context.Context, t *Till, text string, first, last time.Time) error {
	if text == "" {
		return nil
	}
	if number, ok := documentNumber(text); ok {
		w.understood = AsNumber
		return w.name(ctx, t, number)
	}
	if code := receiptCode(text); isReceiptCode(code) {
		w.understood = AsReceipt
		return w.name(ctx, t, code)
	}
	if at, span, ok := clockTime(text); ok {
		w.understood = AsTime
		return w.around(t, at, span, first, last)
	}
	amount, err := money.Parse(strings.TrimSpace(strings.TrimRight(strings.TrimSpace(text), "€")))
	if err != nil {
		return errSearch.Wrap(err)
	}
	w.understood = AsAmount
	w.amount = int64(max(amount, -amount))
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return w.numbered(ctx, t, n, first.Year(), last.Year())
	}
	return nil
}

var numberTyped = regexp.MustCompile(`^(?i)([TAX])(\d\d)-?(\d{1,6})$`)

// documentNumber completes the number of a sale or refund as it was typed: "t26-12" is T26-000012.
func documentNumber(text string) (string, bool) {
	m := numberTyped.FindStringSubmatch(strings.Join(strings.Fields(text), ""))
	if m == nil {
		return "", false
	}
	n, err := strconv.Atoi(m[3])
	return fmt.Sprintf("%s%s-%06d", strings.ToUpper(m[1]), m[2], n), err == nil
}

// receiptCode is the code in what was printed, typed or scanned: the code alone, or the address of its page.
func receiptCode(text string) string {
	code := strings.ToUpper(strings.Join(strings.Fields(text), ""))
	if i := strings.LastIndex(code, "/R/"); i >= 0 {
		code = code[i+len("/R/"):]
	}
	code, _, _ = strings.Cut(code, "/") // what follows in the code on paper says what was paid (fiscal R91)
	return code
}

func isReceiptCode(code string) bool { return len(code) == receiptLetters+1 && loyalty.CheckCode(code) }

var timeTyped = regexp.MustCompile(`^([01]?\d|2[0-3])(?::|[hH])([0-5]\d)?$`)

// clockTime reads an hour of the clock and how long a span is meant; an hour without minutes is that whole hour.
func clockTime(text string) (at, span time.Duration, ok bool) {
	m := timeTyped.FindStringSubmatch(strings.Join(strings.Fields(text), ""))
	if m == nil {
		return 0, 0, false
	}
	hours, _ := strconv.Atoi(m[1])
	at = time.Duration(hours) * time.Hour
	if m[2] == "" {
		return at, time.Hour, true
	}
	minutes, _ := strconv.Atoi(m[2])
	return at + time.Duration(minutes)*time.Minute - findAround, 2*findAround + time.Minute, true
}

// around is the span of the clock on each of the days. The hours before the cut-off belong to the night of a business
// day: they are those of the next morning.
func (w *where) around(t *Till, at, span time.Duration, first, last time.Time) error {
	var spans [][3]any
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		for _, morning := range []int{0, 1} {
			y, m, d := day.AddDate(0, 0, morning).Date()
			from := time.Date(y, m, d, 0, int(at/time.Minute), 0, 0, t.db.Zone()) // by the clock: right on the nights it is changed
			spans = append(spans, [3]any{day.Format(time.DateOnly), from.UnixMilli(), from.Add(span).UnixMilli()})
		}
	}
	b, err := json.Marshal(spans)
	w.spans = string(b)
	return err
}

// name looks up the one document of a number or a code; none is an empty list.
func (w *where) name(ctx context.Context, t *Till, name string) error {
	q := t.db.Reader()
	var s Sale
	var err error
	if w.understood == AsReceipt {
		s, err = t.saleByCode(ctx, q, name)
	} else {
		s, err = t.loadSale(ctx, q, name)
	}
	if fault.KindOf(err) == fault.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	return w.setSeqs(s.seq)
}

// numbered looks up the documents whose number ends with n, in the years of the search.
func (w *where) numbered(ctx context.Context, t *Till, n, from, to int) error {
	const largest = 999_999
	if n > largest {
		return nil
	}
	var seqs []int64
	for year := from; year <= to; year++ {
		for _, series := range []journal.Series{journal.SeriesTicket, journal.SeriesRefund} {
			e, err := journal.ByNumber(ctx, t.db.Reader(), fmt.Sprintf("%s%02d-%06d", series, year%100, n))
			if fault.KindOf(err) == fault.NotFound {
				continue
			}
			if err != nil {
				return err
			}
			seqs = append(seqs, e.Seq)
		}
	}
	return w.setSeqs(seqs...)
}

func (w *where) setSeqs(seqs ...int64) error {
	b, err := json.Marshal(nonNil(seqs))
	w.seqs = string(b)
	return err
}
