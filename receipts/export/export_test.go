package export_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"pgregory.net/rapid"

	"comptoir/data/fault"
	"comptoir/receipts/export"
	"comptoir/receipts/journal"
)

var update = flag.Bool("update", false, "write the golden files anew, to be looked at before they are committed")

// month is a small month of every kind of day: a busy one, one with nothing, one with more refunds than sales, one with a
// part of an order in the drawer and a gap, and the one on which the order is paid.
func month(plan export.Plan) []export.Day {
	shelf := map[string]int64{}
	busy := newSheet("2026-11-02", shelf)
	busy.sale("S", 1000, 1150, "CARD", "", 0)
	busy.sale("S", 1000, 690, "CASH", "tip", 50)
	busy.sale("G", 550, 250, "CASH", "", 0)
	busy.sale("S", 2000, 900, "TR", "tr_excess", 100)
	busy.sale("S", 1000, 540, "CARD", "", 0) // three suspended coffees
	busy.body.Counts.Redemptions = 0
	busy.body.Cash.Float, busy.body.Cash.Expected, busy.body.Cash.Counted, busy.body.Cash.Counts = 10000, 10990, 10990, 1
	busy.body.Discounts = []journal.CloseDiscount{{Reason: "promo", Mode: "eat_in", N: 1, Amt: 100}, {Reason: "staff_meal", Mode: "eat_in", N: 1, Amt: 1190, Offered: true}}
	busy.body.Sales.N++ // the staff's meal, of nothing
	busy.body.Total.N++
	coffee := busy.class("coffee")
	coffee.Pledged, coffee.Served = 3, []journal.CloseServed{{Origin: "PAID", Mode: "eat_in", N: 1, Memo: 220}}
	quiet := newSheet("2026-11-03", shelf)
	back := newSheet("2026-11-04", shelf)
	back.sale("S", 1000, -1150, "CARD", "", 0)
	back.sale("G", 550, 200, "CASH", "", 0)
	back.body.Cash.Float, back.body.Cash.Out, back.body.Cash.Expected, back.body.Cash.Counted = 10990, -5000, 6190, 6190
	part := newSheet("2026-11-05", shelf)
	part.body.Cash = journal.CloseCash{Float: 6190, In: 1000, Expected: 7190, Counted: 7170, Difference: -20, Counts: 1, Reasons: []string{"une pièce tombée"}}
	meal := part.class("meal")
	meal.Released, meal.Served = 2, []journal.CloseServed{{Origin: "LOYALTY", Mode: "takeaway", N: 1, Memo: 1190}, {Origin: "HOUSE", Mode: "eat_in", N: 1, Memo: 1190}}
	paid := newSheet("2026-11-06", shelf)
	paid.sale("S", 1000, 2500, "CASH", "", 0)
	paid.body.Cash.Float, paid.body.Cash.Out, paid.body.Cash.Expected, paid.body.Cash.Counted, paid.body.Cash.Difference = 7170, -1000, 8670, 8690, 20
	paid.class("coffee").Served = []journal.CloseServed{{Origin: "PAID", Mode: "eat_in", N: 1, Memo: 220}}
	paid.class("coffee").Returned = 1
	days := closed(plan, busy.close(), quiet.close(), back.close(), part.close(), paid.close())
	days[0].ZeroTickets = 1
	days[0].Gifts = []export.Gift{{Class: "coffee", Sold: 3, HT: 491}}
	days[4].Gifts = []export.Gift{{Class: "coffee", Refunded: 1}}
	return days
}

func input(days []export.Day) export.Input {
	return export.Input{Cafe: cafe(), From: days[0].Body.ToDay, To: days[len(days)-1].Body.ToDay, Days: days,
		Ceiling: &export.Ceiling{Meals: 52, Without: 3, Earned: 6, Released: 7}}
}

func made(tb testing.TB, kind export.Kind, form string, in export.Input) export.File {
	tb.Helper()
	f, err := export.Make(kind, form, in)
	if err != nil {
		tb.Fatalf("make %s.%s: %v", kind, form, err)
	}
	return f
}

func TestFilesAreTheGoldenOnes(t *testing.T) {
	t.Parallel()
	deferred := export.DefaultPlan()
	deferred.Suspended = export.SuspendedDeferred
	for name, file := range map[string]export.File{
		"deferred": made(t, export.FEC, "txt", input(month(deferred))),
		"later":    made(t, export.Solidarity, "txt", export.Input{Cafe: cafe(), From: "2026-11-05", To: "2026-11-06", Days: month(export.DefaultPlan())}),
	} {
		golden(t, name+"_"+file.Name, file.Bytes)
	}
	for _, kind := range export.Kinds() {
		for _, form := range export.Forms(kind) {
			f := made(t, kind, form, input(month(export.DefaultPlan())))
			golden(t, f.Name, f.Bytes)
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

// lines reads a FEC-type file: 18 cells a line.
func lines(tb rapid.TB, f export.File) [][]string {
	text, err := charmap.ISO8859_15.NewDecoder().Bytes(f.Bytes)
	if err != nil {
		tb.Fatal(err)
	}
	var all [][]string
	for line := range strings.SplitSeq(strings.TrimSuffix(string(text), "\r\n"), "\r\n") {
		cells := strings.Split(line, "\t")
		if len(cells) != 18 {
			tb.Fatalf("a line of %d cells: %q", len(cells), line)
		}
		all = append(all, cells)
	}
	return all[1:]
}

func cents(tb rapid.TB, cell string) int64 {
	euros, rest, ok := strings.Cut(cell, ",")
	n, err := strconv.ParseInt(euros+rest, 10, 64)
	if err != nil || !ok || len(rest) != 2 || n < 0 {
		tb.Fatalf("amount %q", cell)
	}
	return n
}

// fiscal R109: Σ debit = Σ credit for 365 random days, each entry by itself and with every plan.
func TestR109EveryEntryBalancesOnAnyOf365Days(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		deferred := export.DefaultPlan()
		deferred.Suspended = export.SuspendedDeferred
		days := randomDays(t, 365, func(i int) export.Plan {
			if i/50%2 == 1 { // the plan changes now and then
				return deferred
			}
			return export.DefaultPlan()
		})
		f, err := export.Make(export.FEC, "txt", input(days))
		if err != nil {
			t.Fatal(err)
		}
		off := map[string]int64{}
		for _, l := range lines(t, f) {
			off[l[2]] += cents(t, l[11]) - cents(t, l[12])
		}
		for number, by := range off {
			if by != 0 {
				t.Fatalf("%s is off by %d", number, by)
			}
		}
	})
}

// What the entries say of turnover and tax is what the closings say, to the cent (fiscal R112).
func TestR112TheEntriesSayWhatTheClosingsSay(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days := randomDays(t, 20, func(int) export.Plan { return export.DefaultPlan() })
		f, err := export.Make(export.FEC, "txt", input(days))
		if err != nil {
			t.Fatal(err)
		}
		var vat, sales, gap, moved, want [4]int64
		for _, l := range lines(t, f) {
			amount := cents(t, l[12]) - cents(t, l[11])
			switch {
			case strings.HasPrefix(l[4], "44571"):
				vat[0] += amount
			case strings.HasPrefix(l[4], "70"):
				sales[0] += amount
			case l[4] == "658" || strings.Contains(l[10], "Écart de caisse") && l[4] == "758":
				gap[0] += amount
			case l[4] == "580":
				moved[0] += amount
			}
		}
		for _, d := range days {
			want[0] += int64(d.Body.Total.VAT)
			want[1] += int64(d.Body.Total.HT)
			want[2] += int64(d.Body.Cash.Difference)
			want[3] += int64(d.Body.Cash.In + d.Body.Cash.Out)
		}
		if got := [4]int64{vat[0], sales[0], gap[0], moved[0]}; got != want {
			t.Fatalf("tax, turnover, gaps, moves: %v, want %v", got, want)
		}
	})
}

// What is revenue in advance is what was sold and has not gone, and comes to nothing when nothing waits (fiscal R113).
func TestR113DeferredRevenueIsEarnedWhenItIsServed(t *testing.T) {
	t.Parallel()
	plan := export.DefaultPlan()
	plan.Suspended = export.SuspendedDeferred
	var balance []int64
	day := ""
	for _, l := range lines(t, made(t, export.FEC, "txt", input(month(plan)))) {
		if l[4] != "487" {
			continue
		}
		if l[3] != day {
			balance, day = append(balance, 0), l[3]
		}
		balance[len(balance)-1] += cents(t, l[12]) - cents(t, l[11])
	}
	// 4,91 for three; one served on the first day: 1,64; one served and one refunded on the last: what is left.
	if want := []int64{491 - 164, -(491 - 164)}; !slices.Equal(balance, want) {
		t.Errorf("487 moves by %v, want %v", balance, want)
	}
}

func TestADayWithoutMovementHasNoEntry(t *testing.T) {
	t.Parallel()
	for _, l := range lines(t, made(t, export.FEC, "txt", input(month(export.DefaultPlan())))) {
		if l[3] == "20261103" {
			t.Errorf("an entry of the day on which nothing was sold: %v", l)
		}
	}
}

// A part of an order is put into the drawer on one day, and taken out of it when the ticket takes its place.
func TestAPartOfAnOrderNetsToNothingOnTheAccountOfTheDrawer(t *testing.T) {
	t.Parallel()
	var sum int64
	for _, l := range lines(t, made(t, export.FEC, "txt", export.Input{Cafe: cafe(), From: "2026-11-05", To: "2026-11-06", Days: month(export.DefaultPlan())})) {
		if l[4] == "580" {
			sum += cents(t, l[11]) - cents(t, l[12])
		}
	}
	if sum != 0 {
		t.Errorf("580 is left with %d", sum)
	}
}

// fiscal R53 and the statement's promise: whatever happened, what came is what went and what waits, and the statement of a
// later month begins with what the one before left.
func TestTheStatementAlwaysAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days := randomDays(t, 40, func(int) export.Plan { return export.DefaultPlan() })
		type class struct {
			Class                                                                      string
			Waited, Given, Cards, Others, Served, Partners, Returned, Retracted, Waits int64
			ServedBy                                                                   map[string]int64 `json:"served_by"`
			OthersBy                                                                   map[string]int64 `json:"others_by"`
			PartnersBy                                                                 map[string]int64 `json:"partners_by"`
		}
		read := func(from, to string, days []export.Day) (s struct{ Classes []class }) {
			f, err := export.Make(export.Solidarity, "json", export.Input{Cafe: cafe(), From: from, To: to, Days: days})
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(f.Bytes, &s); err != nil {
				t.Fatal(err)
			}
			return s
		}
		first := read("2026-11-01", "2026-11-30", days[:30])
		second := read("2026-12-01", days[39].Body.ToDay, days)
		for i, c := range second.Classes {
			if c.Waited+c.Given+c.Cards+c.Others != c.Served+c.Partners+c.Returned+c.Retracted+c.Waits {
				t.Fatalf("%+v does not add up", c)
			}
			if c.Waited != first.Classes[i].Waits {
				t.Fatalf("%+v begins with %d, the month before left %d", c, c.Waited, first.Classes[i].Waits)
			}
			var by int64
			for _, n := range c.ServedBy {
				by += n
			}
			if by != c.Served || c.OthersBy["fund"] != c.Others || c.PartnersBy["PAID"] != c.Partners {
				t.Fatalf("%+v: by origin %d", c, by)
			}
		}
	})
}

// fiscal R103: the aggregates of a range are those of its days, whatever the range is cut into.
func TestR103AggregatesOfARangeAreThoseOfItsDays(t *testing.T) {
	t.Parallel()
	days := month(export.DefaultPlan())
	var all struct {
		Days   []json.RawMessage
		Totals struct{ HT, VAT, Transactions int64 }
	}
	whole := made(t, export.EReporting, "json", input(days))
	if err := json.Unmarshal(whole.Bytes, &all); err != nil {
		t.Fatal(err)
	}
	at, ht := 0, int64(0)
	for i, d := range days {
		one := all
		f := made(t, export.EReporting, "json", export.Input{Cafe: cafe(), From: d.Body.ToDay, To: d.Body.ToDay, Days: days[:i+1]})
		if err := json.Unmarshal(f.Bytes, &one); err != nil {
			t.Fatal(err)
		}
		for _, day := range one.Days {
			if !bytes.Equal(day, all.Days[at]) {
				t.Errorf("%s alone differs", d.Body.ToDay)
			}
			at++
		}
		ht += one.Totals.HT
	}
	if at != len(all.Days) || ht != all.Totals.HT {
		t.Errorf("%d days of %d, %d without tax of %d", at, len(all.Days), ht, all.Totals.HT)
	}
}

// fiscal U16: documents of zero value are no transactions, unless the plan counts them.
func TestU16DocumentsOfZeroValueCountOnlyWhenThePlanSaysSo(t *testing.T) {
	t.Parallel()
	counting := export.DefaultPlan()
	counting.CountZero = true
	for _, c := range []struct {
		plan export.Plan
		want string
	}{{export.DefaultPlan(), `"transactions": 5,`}, {counting, `"transactions": 7,`}} {
		f := made(t, export.EReporting, "json", export.Input{Cafe: cafe(), From: "2026-11-02", To: "2026-11-02", Days: month(c.plan)[:1]})
		if !strings.Contains(string(f.Bytes), c.want) {
			t.Errorf("want %s in\n%s", c.want, f.Bytes)
		}
	}
}

// fiscal R106: payments are told for services whose tax is due when they are paid.
func TestR106PaymentsOfServicesUnlessTheTaxIsPaidOnDebits(t *testing.T) {
	t.Parallel()
	debits := export.DefaultPlan()
	debits.OnDebits = true
	for plan, want := range map[string]bool{"receipts": true, "debits": false} {
		p := export.DefaultPlan()
		if plan == "debits" {
			p = debits
		}
		f := made(t, export.EReporting, "json", input(month(p)))
		if got := strings.Contains(string(f.Bytes), `"amount": 2380`); got != want {
			t.Errorf("on %s: payments told %v, want %v\n%s", plan, got, want, f.Bytes)
		}
	}
}

// fiscal R111: each line of the cash book adds up, and the drawer that one day leaves is what the next begins with.
func TestR111TheCashBookAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		days := randomDays(t, 12, func(int) export.Plan { return export.DefaultPlan() })
		f, err := export.Make(export.CashBook, "csv", input(days))
		if err != nil {
			t.Fatal(err)
		}
		r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(f.Bytes, []byte("\ufeff"))))
		r.Comma = ';'
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		before := ""
		for _, row := range rows[1:] {
			n := make([]int64, len(row))
			for i, cell := range row {
				if strings.Contains(cell, ",") {
					n[i], err = strconv.ParseInt(strings.Replace(cell, ",", "", 1), 10, 64)
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			if n[2]+n[3]+n[4]+n[5]+n[6] != n[7]+n[12] || n[8]-n[7] != n[9] {
				t.Fatalf("does not add up: %v", row)
			}
			if before != "" && row[2] != before {
				t.Fatalf("begins with %s, the day before left %s", row[2], before)
			}
			before = row[12]
		}
	})
}

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	for _, kind := range export.Kinds() {
		for _, form := range export.Forms(kind) {
			first := sha256.Sum256(made(t, kind, form, input(month(export.DefaultPlan()))).Bytes)
			if again := sha256.Sum256(made(t, kind, form, input(month(export.DefaultPlan()))).Bytes); again != first {
				t.Errorf("%s.%s differs the second time", kind, form)
			}
		}
	}
}

func TestAClosingThatDoesNotAddUpIsNeverHandedOut(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*journal.CloseBody){
		"a rate":    func(b *journal.CloseBody) { b.Rates[0].HT++ },
		"a nature":  func(b *journal.CloseBody) { b.Natures[0].VAT++ },
		"a means":   func(b *journal.CloseBody) { b.Means[0].Amt++ },
		"the total": func(b *journal.CloseBody) { b.Total.TTC++ },
	} {
		days := month(export.DefaultPlan())
		spoil(&days[0].Body)
		for _, kind := range export.Kinds() {
			if _, err := export.Make(kind, export.Forms(kind)[0], input(days)); fault.CodeOf(err) != "export.sums" {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
		}
	}
	days := month(export.DefaultPlan())
	days[4].Body.Suspended[0].Shelf++
	if _, err := export.Make(export.Solidarity, "txt", input(days)); fault.CodeOf(err) != "export.sums" {
		t.Errorf("a shelf that does not add up: %v", err)
	}
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	t.Parallel()
	for _, no := range [][2]string{{"fec", "csv"}, {"", ""}, {"solidarity", "pdf"}, {"tax", "zip"}, {"csv", "json"}} {
		if _, err := export.Make(export.Kind(no[0]), no[1], input(month(export.DefaultPlan()))); fault.CodeOf(err) != "export.kind" {
			t.Errorf("%s.%s: %v", no[0], no[1], err)
		}
	}
}

func TestADemonstrationIsCalledOne(t *testing.T) {
	t.Parallel()
	in := input(month(export.DefaultPlan()))
	in.Cafe.Demo = true
	for _, kind := range export.Kinds() {
		f := made(t, kind, export.Forms(kind)[0], in)
		if !strings.HasPrefix(f.Name, "DEMONSTRATION_") {
			t.Errorf("%s is called %s", kind, f.Name)
		}
	}
}

func TestMoneyOfAKindUnknownWaitsToBeToldApart(t *testing.T) {
	t.Parallel()
	p := export.DefaultPlan()
	for role, want := range map[string]string{
		"means.CREDIT": "471", "other.later": "471", "sales.S.210": "706", "sales.G.210": "707", "vat.210": "44571", "sales.S.1000": "7061", "vat.1000": "4457110", "drawer": "580",
	} {
		if got := p.Account(role).Number; got != want {
			t.Errorf("%s is booked on %s, want %s", role, got, want)
		}
	}
	for _, role := range export.Roles(210) {
		if _, found := p.Accounts[role]; !found && !strings.HasSuffix(role, ".210") {
			t.Errorf("the default plan has no account for %s", role)
		}
	}
}
