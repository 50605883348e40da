package archive

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"comptoir/data/money"
	"comptoir/receipts/journal"
	"comptoir/receipts/table"
)

// record is one entry as the projections read it: from its bytes, wherever they come from.
type record struct {
	journal.Envelope
	body  json.RawMessage
	hash  string // hex
	local string // ts on the café's wall clock
}

// stampLayout is the form of ts.
const stampLayout = "2006-01-02T15:04:05.000Z"

func readRecord(canon []byte) (record, error) {
	r := record{}
	r.Body = &r.body
	if err := json.Unmarshal(canon, &r.Envelope); err != nil {
		return record{}, fmt.Errorf("read entry: %w", err)
	}
	at, err := time.Parse(stampLayout, r.TS)
	if err != nil {
		return record{}, fmt.Errorf("read entry %d: %w", r.Seq, err)
	}
	hash := journal.HashOf(canon)
	r.hash = hex.EncodeToString(hash[:])
	r.local = at.Add(time.Duration(r.TZ) * time.Minute).Format("2006-01-02 15:04:05")
	return r, nil
}

func (r *record) decode(into any) error {
	if err := json.Unmarshal(r.body, into); err != nil {
		return fmt.Errorf("read body of entry %d: %w", r.Seq, err)
	}
	return nil
}

// number is the document number, "" for none.
func (r *record) number() string {
	if r.Doc == nil {
		return ""
	}
	return *r.Doc
}

// cells is a row in the making.
type cells []string

// head begins a row with the columns of headColumns, place with those of placeColumns.
func (r *record) head() cells {
	return cells{strconv.FormatInt(r.Seq, 10), r.number(), string(r.Kind), r.local, r.TS, r.Day, r.Op}
}

func (r *record) place() cells {
	return cells{strconv.FormatInt(r.Seq, 10), r.number(), string(r.Kind), r.Day}
}

func (c cells) text(texts ...string) cells { return append(c, texts...) }

// blank adds empty cells.
func (c cells) blank(n int) cells { return append(c, make([]string, n)...) }

func (c cells) num(numbers ...int64) cells {
	for _, n := range numbers {
		c = append(c, strconv.FormatInt(n, 10))
	}
	return c
}

// money adds two cells for each amount: cents and euros.
func (c cells) money(amounts ...money.Cents) cells {
	for _, a := range amounts {
		c = append(c, strconv.FormatInt(int64(a), 10), table.Euros(a))
	}
	return c
}

func (c cells) yes(b bool) cells {
	if b {
		return append(c, "oui")
	}
	return append(c, "non")
}

// doc is the number in a ref, "" for none.
func doc(ref *journal.Ref) string {
	if ref == nil {
		return ""
	}
	return ref.Doc
}
