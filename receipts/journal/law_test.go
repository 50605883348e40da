package journal_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// signingKey reads the café's own key: what follows is signed, but wrong, as a defect of the till would be.
func (c *cafe) signingKey() *ecdsa.PrivateKey {
	c.tb.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, "keys", "k1.pem"))
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

// rewrite changes one entry and chains and signs the journal anew from there on, without a head to compare it with.
func (c *cafe) rewrite(seq int64, mutate func(entry map[string]any)) []string {
	t := c.tb.(*testing.T)
	t.Helper()
	key, entries := c.signingKey(), c.entries()
	prev := [32]byte{}
	if seq > 0 {
		prev = entries[seq-1].Hash
	}
	var changed []journal.Entry
	for _, e := range entries[seq:] {
		fields := tree(t, e.Canon).(map[string]any)
		if e.Seq == seq {
			mutate(fields)
		}
		if e.Seq > 0 {
			fields["prev"] = hex.EncodeToString(prev[:])
		}
		e.Canon = canonical(t, fields)
		e.Hash = journal.HashOf(e.Canon)
		var err error
		if e.Sig, err = ecdsa.SignASN1(rand.Reader, key, e.Hash[:]); err != nil {
			t.Fatal(err)
		}
		prev = e.Hash
		changed = append(changed, e)
	}
	c.store(changed...)
	found := c.flaws()
	c.store(entries[seq:]...)
	return slices.DeleteFunc(found, func(s string) bool { return s == fmt.Sprintf("%d anchor", len(entries)-1) })
}

// at follows a path of keys and indexes into a JSON value.
func at(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.(map[string]any)[p]
		case int:
			v = v.([]any)[p]
		}
	}
	return v
}

// set returns a mutation that replaces one value.
func set(value any, path ...any) func(map[string]any) {
	return func(entry map[string]any) {
		at(entry, path[:len(path)-1]...).(map[string]any)[path[len(path)-1].(string)] = value
	}
}

// TestEverySignedBreachOfALawIsFound proves that each check of Verify can fail. The entries: 0 genesis, 1 event,
// 2 cash, 3 ticket T1, 4 redemption R1, 5 note N1, 6 minus, 7 ticket T2, 8 release, 9 refund A1 of T1,
// 10 redemption R2, 11 its undo R3, 12 house R4, 13 release taken back, 14 cash count.
func TestEverySignedBreachOfALawIsFound(t *testing.T) {
	c := served(t)
	if found := c.rewrite(3, func(map[string]any) {}); len(found) != 0 {
		t.Fatalf("signed anew without a change: %v", found)
	}
	for name, m := range map[string]struct {
		seq    int64
		mutate func(map[string]any)
		want   string
	}{
		"clock back":               {7, set("2026-11-20T08:00:00.000Z", "ts"), "7 clock"},
		"business day back":        {7, set("2026-11-20", "bday"), "7 clock"},
		"a clock in another form":  {7, set("2026-11-21T08:00:00Z", "ts"), "7 clock"},
		"a number left out":        {7, set("T26-000003", "doc"), "7 series"},
		"a number on an event":     {1, set("T26-000003", "doc"), "1 series"},
		"a ticket without number":  {7, set(nil, "doc"), "7 series"},
		"another till":             {4, set("C2", "reg"), "4 envelope"},
		"another key":              {4, set("k2", "key"), "4 envelope"},
		"another version":          {4, set(2, "v"), "4 envelope"},
		"an unknown kind":          {1, set("RUMOUR", "kind"), "1 envelope"},
		"nobody did it":            {4, set("", "op"), "4 envelope"},
		"an unknown key":           {4, set(1, "note"), "4 canonical"},
		"an unknown key in a body": {4, set("Ana", "body", "guest"), "4 canonical"},
		"a missing key":            {4, func(e map[string]any) { delete(e, "tz") }, "4 canonical"},
		"tax per line":             {3, func(e map[string]any) { tilt(e, 1) }, "3 arithmetic"},
		"a line not in the sum":    {3, set(451, "body", "lines", 1, "ttc"), "3 arithmetic"},
		"payment short":            {3, set(1109, "body", "pay", 0, "amt"), "3 arithmetic"},
		"totals of the year":       {7, set(2311, "body", "gt", "year_net"), "7 totals"},
		"perpetual total":          {9, set(0, "body", "gt", "perp_abs"), "9 totals"},
		"perpetual total per rate": {7, set(1, "body", "gt", "rates", 0, "net"), "7 totals"},
		"pools in a ticket":        {7, set(9, "body", "gt", "pools", 0, "n"), "7 totals"},
		"pool after a redemption":  {4, set(7, "body", "pool_after"), "4 pool"},
		"pool after a release":     {8, set(7, "body", "pool_after"), "8 pool"},
		"served from nothing":      {12, set("PAID", "body", "origin"), "12 pool"},
		"refund of no ticket":      {9, set(5, "body", "ref", "seq"), "9 refund"},
		"refund of a later ticket": {9, set(12, "body", "ref", "seq"), "9 refund"},
		"refund of another line":   {9, set(2, "body", "lines", 0, "ref_n"), "9 refund"},
		"refund at another price":  {9, set("the", "body", "lines", 0, "sku"), "9 refund"},
		"refund of no line":        {9, set(7, "body", "lines", 0, "ref_n"), "9 refund"},
		"undo of nothing":          {11, set(5, "body", "ref", "seq"), "11 refund"},
		"undo of another class":    {11, set("coffee", "body", "class"), "11 refund"},
		"note that adds up wrong":  {5, set(1201, "body", "total"), "5 arithmetic"},
		"note that is none":        {7, set(6, "body", "notes", 0, "seq"), "7 arithmetic"},
		"cash that adds up wrong":  {14, set(1, "body", "difference"), "14 arithmetic"},
		"redemption of two":        {4, set(2, "body", "qty"), "4 arithmetic"},
		"release without a cause":  {8, set("", "body", "cause"), "8 arithmetic"},
	} {
		if found := c.rewrite(m.seq, m.mutate); !slices.Contains(found, m.want) {
			t.Errorf("%s: found %v, want %s", name, found, m.want)
		}
	}
	c.mustConform()
}

// tilt moves one cent between HT and VAT everywhere it must balance: only the rounding rule can tell.
func tilt(entry map[string]any, by int) {
	for _, path := range [][]any{{"body", "lines", 0}, {"body", "rates", 0}, {"body", "total"}} {
		m := at(entry, path...).(map[string]any)
		for key, sign := range map[string]int{"ht": 1, "vat": -1} {
			var n int
			_, _ = fmt.Sscan(fmt.Sprint(m[key]), &n)
			m[key] = n + sign*by
		}
	}
}

func TestARefundBeyondWhatWasSoldIsFound(t *testing.T) {
	c := foundUnaudited(t)
	b := ticket(line("cafe", "Café", 2, 180, 1000))
	of := c.append(journal.Draft{Kind: journal.KindTicket, Series: "T", Op: "ana", Body: b})
	c.append(refund(of, b, left(b), map[int]int64{1: 2}), refund(of, b, left(b), map[int]int64{1: 1}))
	c.close()
	r := c.verify()
	if r.Conform || !flagged(r, journal.CheckRefund) || r.Anomalies[len(r.Anomalies)-1].Seq != 3 {
		t.Errorf("found %v", r.Anomalies)
	}
}

func TestARefundRoundedByItselfIsFound(t *testing.T) {
	c := foundUnaudited(t)
	b := ticket(line("cafe", "Café", 4, 104, 1000)) // 104 → 94.55 each, rounded 95; together 378.18, rounded 378
	of := c.append(journal.Draft{Kind: journal.KindTicket, Series: "T", Op: "ana", Body: b})
	var r journal.Report
	for range 4 { // each as if it were a ticket of its own: 4 × 95 is 380, two cents of HT out of nothing
		c.append(refund(of, b, map[money.BasisPoints]money.Cents{1000: 104}, map[int]int64{1: 1}))
	}
	c.close()
	if r = c.verify(); r.Conform || !flagged(r, journal.CheckArithmetic) {
		t.Errorf("found %v", r.Anomalies)
	}
}

func TestARedemptionUndoneTwiceIsFound(t *testing.T) {
	c := foundUnaudited(t)
	c.append(sale(gift("coffee", 1, 150)))
	e := c.append(redeem("coffee", "PAID"))
	c.append(undo(e, "coffee", "PAID"), undo(e, "coffee", "PAID"))
	c.close()
	if found := c.flaws(); !slices.Equal(found, []string{"4 refund"}) {
		t.Errorf("found %v", found)
	}
}

func TestTaxVectorsR84(t *testing.T) {
	b := ticket(line("plat", "Plat", 1, 500, 1000), line("biere", "Bière", 1, 450, 2000), line("eau", "Eau", 1, 200, 550))
	want := []journal.Rate{{BP: 550, TTC: 200, HT: 190, VAT: 10}, {BP: 1000, TTC: 500, HT: 455, VAT: 45}, {BP: 2000, TTC: 450, HT: 375, VAT: 75}}
	if !slices.Equal(b.Rates, want) || b.Total != (journal.Total{TTC: 1150, HT: 1020, VAT: 130, Lines: 3}) {
		t.Errorf("rates %v, total %v", b.Rates, b.Total)
	}
}

func TestTaxVectorsR86(t *testing.T) {
	shares := money.Allocate(1400, []int64{1200, 400})
	b := ticket(line("plat", "Menu : plat", 1, shares[0], 1000), line("verre", "Menu : verre", 1, shares[1], 2000))
	want := []journal.Rate{{BP: 1000, TTC: 1050, HT: 955, VAT: 95}, {BP: 2000, TTC: 350, HT: 292, VAT: 58}}
	if !slices.Equal(b.Rates, want) || b.Total.TTC != 1400 {
		t.Errorf("rates %v, total %v", b.Rates, b.Total)
	}
}

func BenchmarkAppend(b *testing.B) {
	c := foundUnaudited(b)
	d := sale(line("cafe", "Café", 2, 180, 1000), line("plat", "Plat du jour", 1, 1200, 1000), line("biere", "Bière", 1, 450, 2000))
	b.ReportAllocs()
	for b.Loop() {
		c.append(d)
	}
}

func BenchmarkVerify(b *testing.B) {
	c := foundUnaudited(b)
	for range 2000 {
		c.append(sale(line("cafe", "Café", 2, 180, 1000), line("plat", "Plat du jour", 1, 1200, 1000), line("biere", "Bière", 1, 450, 2000)))
	}
	c.close()
	b.ReportAllocs()
	for b.Loop() {
		if r := c.verify(); !r.Conform {
			b.Fatal(r.Anomalies)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/2001, "µs/entry")
}
