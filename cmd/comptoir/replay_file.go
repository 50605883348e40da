package main

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// Limits of a replay file.
const (
	maxReplayFile   = 64 << 20 // bytes
	maxReplayErrors = 20       // told at once
	maxReplayQty    = 99
)

// replayPlan is a file of sales, read and checked: nothing has been sent yet.
type replayPlan struct {
	id           string // from the file's bytes: the same file gives the same command ids
	transactions []transaction
	cards        []string // labels, in order of appearance
}

// transaction is what was rung together.
type transaction struct {
	line    int // of its first row
	id      string
	at      time.Time
	mode    pos.Mode
	card    string // label
	tenders []plannedTender
	lines   []replayLine
}

// plannedTender is one payment; amount 0 is the rest.
type plannedTender struct {
	means  pos.Means
	amount money.Cents
}

// replayLine is one row.
type replayLine struct {
	item    string
	qty     int
	kind    pos.Kind
	options []string // "Lait: avoine"
	note    string
}

// errReplayFile refuses a whole file; its fields say where and why.
var errReplayFile = fault.New(fault.Invalid, "replay.file", "The file of sales has errors; nothing was sent.")

// errBeyond ends the reading of a file with too many errors.
var errBeyond = errors.New("too many errors")

func replayColumns() (required, optional []string) {
	return []string{"date", "time", "transaction", "item"}, []string{"qty", "mode", "kind", "tender", "card", "options", "note"}
}

// replayReader collects transactions and what is wrong.
type replayReader struct {
	columns []string
	plan    replayPlan
	index   map[string]int // date and transaction → place in the plan
	errs    *fault.Error
	line    int
	row     map[string]string
}

// readReplay reads a file of sales: a header, then one row a line of a transaction, in the columns date, time,
// transaction and item, and as wanted qty (1), mode (eat_in), kind (sale, gift or redemption), tender (card; several
// as meal_voucher:1190+card:380), card (a label: the same card each time), options ("Lait: avoine; Taille: grand")
// and note. Refusal: replay.file, with line, column and reason of each error, 20 at most.
func readReplay(name string, text []byte) (replayPlan, error) {
	hash := sha256.Sum256(text)
	r := &replayReader{index: map[string]int{}, errs: errReplayFile.With("file", name)}
	r.plan.id = hex.EncodeToString(hash[:8])
	r.line = 1
	err := r.read(csvReader(text))
	switch {
	case err != nil && !errors.Is(err, errBeyond):
		return replayPlan{}, err
	case len(r.errs.Fields) > 0:
		return replayPlan{}, r.errs
	case len(r.plan.transactions) == 0:
		return replayPlan{}, r.errs.Field("line 2", "there is no sale in the file")
	}
	return r.plan, nil
}

// csvReader reads comma or semicolon separated text, with or without a byte order mark.
func csvReader(text []byte) *csv.Reader {
	content := strings.TrimPrefix(string(text), "\ufeff")
	r := csv.NewReader(strings.NewReader(content))
	r.FieldsPerRecord = -1
	header, _, _ := strings.Cut(content, "\n")
	if strings.Count(header, ";") > strings.Count(header, ",") {
		r.Comma = ';'
	}
	return r
}

func (r *replayReader) refuse(column, reason string) {
	where := "line " + strconv.Itoa(r.line)
	if column != "" {
		where += ", column " + column
	}
	r.errs = r.errs.Field(where, reason)
}

func (r *replayReader) read(records *csv.Reader) error {
	header, err := records.Read()
	if err != nil {
		r.refuse("", "the file is empty, or its header cannot be read")
		return errBeyond
	}
	if !r.header(header) {
		return errBeyond
	}
	for len(r.errs.Fields) < maxReplayErrors {
		cells, err := records.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			r.line = bad.Line
			r.refuse(strconv.Itoa(bad.Column), ruleWords("quote"))
			return errBeyond
		}
		if err != nil {
			return fmt.Errorf("read the file of sales: %w", err)
		}
		r.line, _ = records.FieldPos(0)
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		if len(cells) != len(r.columns) {
			r.refuse("", fmt.Sprintf("has %d cells, the header has %d", len(cells), len(r.columns)))
			continue
		}
		r.row = map[string]string{}
		for i, c := range r.columns {
			r.row[c] = strings.TrimSpace(cells[i])
			if !utf8.ValidString(cells[i]) {
				r.refuse(c, ruleWords("utf8"))
			}
		}
		r.take()
	}
	return errBeyond
}

func (r *replayReader) header(cells []string) bool {
	required, optional := replayColumns()
	for _, cell := range cells {
		c := strings.ToLower(strings.TrimSpace(cell))
		switch {
		case slices.Contains(r.columns, c):
			r.refuse(c, "is there twice")
		case !slices.Contains(required, c) && !slices.Contains(optional, c):
			r.refuse(c, "is not a column of a file of sales")
		}
		r.columns = append(r.columns, c)
	}
	for _, c := range required {
		if !slices.Contains(r.columns, c) {
			r.refuse(c, "is missing")
		}
	}
	return len(r.errs.Fields) == 0
}

// take adds the row to its transaction.
func (r *replayReader) take() {
	before := len(r.errs.Fields)
	at, err := time.Parse("2006-01-02 15:04:05", r.row["date"]+" "+r.row["time"])
	if err != nil {
		if _, bad := time.Parse(time.DateOnly, r.row["date"]); bad != nil {
			r.refuse("date", "is not a date like 2016-11-05")
		} else {
			r.refuse("time", "is not a time like 09:58:11")
		}
	}
	t := transaction{line: r.line, id: r.row["transaction"], at: at, card: r.row["card"],
		mode: pos.Mode(r.choice("mode", string(pos.EatIn), string(pos.Takeaway)))}
	if t.id == "" {
		r.refuse("transaction", ruleWords("required"))
	}
	t.tenders = r.tenders()
	l := replayLine{item: r.row["item"], qty: r.quantity(), note: r.row["note"],
		kind: pos.Kind(r.choice("kind", string(pos.LineSale), string(pos.LineGift), string(pos.LineRedemption)))}
	if l.item == "" {
		r.refuse("item", ruleWords("required"))
	}
	for o := range strings.SplitSeq(r.row["options"], ";") {
		if o = strings.TrimSpace(o); o != "" {
			l.options = append(l.options, o)
		}
	}
	if len(r.errs.Fields) == before {
		r.join(t, l)
	}
}

// join puts a good row with the others of its transaction, which must agree with it.
func (r *replayReader) join(t transaction, l replayLine) {
	key := r.row["date"] + " " + t.id
	i, known := r.index[key]
	if !known {
		i = len(r.plan.transactions)
		r.index[key] = i
		r.plan.transactions = append(r.plan.transactions, t)
		if t.card != "" && !slices.Contains(r.plan.cards, t.card) {
			r.plan.cards = append(r.plan.cards, t.card)
		}
	}
	first := &r.plan.transactions[i]
	for _, c := range []struct {
		column string
		same   bool
	}{{"mode", first.mode == t.mode}, {"card", first.card == t.card}, {"tender", slices.Equal(first.tenders, t.tenders)}} {
		if !c.same {
			r.refuse(c.column, fmt.Sprintf("differs from line %d, which is of the same transaction", first.line))
			return
		}
	}
	first.lines = append(first.lines, l)
}

// choice reads a cell that is one of a few words; nothing is the first.
func (r *replayReader) choice(column string, words ...string) string {
	cell := r.row[column]
	if cell == "" {
		return words[0]
	}
	if !slices.Contains(words, cell) {
		r.refuse(column, "is not one of "+strings.Join(words, ", "))
	}
	return cell
}

func (r *replayReader) quantity() int {
	cell := r.row["qty"]
	if cell == "" {
		return 1
	}
	n, err := strconv.Atoi(cell)
	if err != nil || n < 1 || n > maxReplayQty {
		r.refuse("qty", fmt.Sprintf("is not a whole number from 1 to %d", maxReplayQty))
	}
	return n
}

func (r *replayReader) tenders() []plannedTender {
	cell := r.row["tender"]
	if cell == "" {
		return []plannedTender{{means: pos.Card}}
	}
	var all []plannedTender
	rests := 0
	for part := range strings.SplitSeq(cell, "+") {
		means, amount, fixed := strings.Cut(strings.TrimSpace(part), ":")
		t := plannedTender{means: pos.Means(means)}
		if !slices.Contains([]pos.Means{pos.Cash, pos.Card, pos.MealVoucher, pos.Cheque, pos.Transfer}, t.means) {
			r.refuse("tender", fmt.Sprintf("%q is not one of cash, card, meal_voucher, cheque, transfer", means))
			return nil
		}
		if fixed {
			cents, err := strconv.ParseInt(amount, 10, 32)
			if err != nil || cents < 1 {
				r.refuse("tender", fmt.Sprintf("%q is not an amount in cents", amount))
				return nil
			}
			t.amount = money.Cents(cents)
		} else {
			rests++
		}
		all = append(all, t)
	}
	if rests > 1 {
		r.refuse("tender", "only one means may be without an amount: it pays the rest")
		return nil
	}
	return all
}
