package journal_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// foundAs is found with another identity or configuration.
func foundAs(tb testing.TB, configure func(*journal.Identity, *journal.Config)) *cafe {
	tb.Helper()
	c := &cafe{tb: tb, dir: tb.TempDir(), clock: datatest.NewClock()}
	id, cfg := identity(), c.config()
	configure(&id, &cfg)
	c.db = datatest.Open(tb, func(o *data.Options) { o.Dir, o.Clock, o.CutOff = c.dir, c.clock, id.CutOff })
	if err := journal.Found(tb.Context(), c.db, cfg, id); err != nil {
		tb.Fatalf("found: %v", err)
	}
	var err error
	if c.j, err = journal.Open(context.WithoutCancel(tb.Context()), c.db, cfg); err != nil {
		tb.Fatalf("open journal: %v", err)
	}
	tb.Cleanup(func() { c.close() })
	c.db.RegisterCheck(journal.Checks()...)
	return c
}

// end closes a day, a month or a year by hand.
func (c *cafe) end(level journal.Kind) (e journal.Entry, b journal.CloseBody, made bool) {
	c.tb.Helper()
	err := c.db.Write(context.Background(), func(ctx context.Context, tx *data.Tx) (err error) {
		closing := c.j.CloseDay
		switch level {
		case journal.KindCloseMonth:
			closing = c.j.CloseMonth
		case journal.KindCloseYear:
			closing = c.j.CloseYear
		default:
		}
		e, made, err = closing(ctx, tx, "zoe")
		return errors.Join(err, tx.Record(data.Event{Type: "closing"}))
	})
	if err != nil {
		c.tb.Fatalf("%s: %v", level, err)
	}
	return e, closingBody(c.tb, e), made
}

func closingBody(tb testing.TB, e journal.Entry) (b journal.CloseBody) {
	tb.Helper()
	if err := e.Decode(&b); err != nil {
		tb.Fatal(err)
	}
	return b
}

// kinds lists the entries from seq on, closings with the day they close.
func (c *cafe) kinds(from int64) string {
	var all []string
	for _, e := range c.entries()[from:] {
		if text := string(e.Kind); strings.HasPrefix(text, "CLOSE") {
			all = append(all, text+":"+e.Day)
		} else {
			all = append(all, text)
		}
	}
	return strings.Join(all, " ")
}

func coffee() journal.Draft { return sale(line("cafe", "Café", 1, 180, 1000)) }

func TestADayClosedAtSixLeavesTheEveningToTheNextR45(t *testing.T) {
	c := found(t)
	c.append(coffee(), coffee())
	c.clock.Advance(9 * time.Hour)
	e, b, made := c.end(journal.KindCloseDay)
	if !made || e.Number != "Z26-000001" || e.Day != "2026-11-21" || b.Sales.N != 2 || b.Total.TTC != 360 || b.Late || b.FromSeq != 0 || b.ToSeq != 2 {
		t.Errorf("%s of %s, made %v: %+v", e.Number, e.Day, made, b)
	}
	evening := c.append(coffee())
	if evening.Day != "2026-11-22" || c.db.Today() != "2026-11-22" {
		t.Errorf("the evening is dated %s, today is %s", evening.Day, c.db.Today())
	}
	if again, _, made := c.end(journal.KindCloseDay); made || again.Seq != e.Seq {
		t.Errorf("a second tap closed %s of %s", again.Number, again.Day)
	}
	c.close()
	c.open() // what is open is read from the entries
	c.clock.Advance(16 * time.Hour)
	c.append(coffee())
	next, b, made := c.end(journal.KindCloseDay)
	if !made || next.Day != "2026-11-22" || b.Sales.N != 2 || b.PrevClose == nil || b.PrevClose.Seq != e.Seq || b.GT.PerpNet != 720 {
		t.Errorf("%s, made %v: %+v", next.Day, made, b)
	}
	c.mustConform()
}

func TestThreeDaysOffAreClosedLateR48(t *testing.T) {
	c := found(t)
	c.append(coffee())
	c.clock.Advance(4 * 24 * time.Hour)
	first := c.append(coffee())
	if got, want := c.kinds(1), "TICKET CLOSE_DAY:2026-11-21 CLOSE_DAY:2026-11-22 CLOSE_DAY:2026-11-23 CLOSE_DAY:2026-11-24 TICKET"; got != want {
		t.Fatalf("entries %s, want %s", got, want)
	}
	if first.Day != "2026-11-25" {
		t.Errorf("the first sale is dated %s", first.Day)
	}
	for i, e := range c.entries()[2:6] {
		b := closingBody(t, e)
		if !b.Late || b.Days != 1 || b.Period != e.Day || (i > 0) != (b.Sales.N == 0) || (i > 0) != (b.ToSeq == b.FromSeq-1) || b.GT.PerpNet != 180 {
			t.Errorf("%s: %+v", e.Day, b)
		}
		if env, err := e.Envelope(); err != nil || env.Op != "sys" {
			t.Errorf("closed by %q", env.Op)
		}
	}
	c.mustConform()
}

func TestMonthsAndFiscalYearsEndWithTheirLastDayR49(t *testing.T) {
	c := foundAs(t, func(id *journal.Identity, _ *journal.Config) { id.FiscalStart = "07-01" })
	c.clock.Set(time.Date(2027, 6, 29, 10, 0, 0, 0, time.UTC))
	c.append(coffee())
	c.clock.Set(time.Date(2027, 7, 2, 10, 0, 0, 0, time.UTC))
	c.append(coffee())
	tail := c.kinds(0)
	want := "TICKET CLOSE_DAY:2027-06-29 CLOSE_DAY:2027-06-30 CLOSE_MONTH:2027-06-30 CLOSE_YEAR:2027-06-30 CLOSE_DAY:2027-07-01 TICKET"
	if !strings.HasSuffix(tail, want) {
		t.Fatalf("entries %s, want them to end %s", tail, want)
	}
	y, err := journal.LastClosing(t.Context(), c.db.Reader(), journal.KindCloseYear)
	if err != nil {
		t.Fatal(err)
	}
	b := closingBody(t, y)
	if y.Number != "Y26-000001" || b.Period != "2026" || b.FromDay != "2026-11-21" || b.ToDay != "2027-06-30" || b.Sales.N != 1 || b.GT.YearNet != 180 || b.Days != 222 {
		t.Errorf("%s: %+v", y.Number, b)
	}
	if got := fmt.Sprint(b.Documents); got != "[{M26-000001 M26-000008 8 M} {T26-000001 T26-000001 1 T} {Z26-000001 Z26-000222 222 Z}]" {
		t.Errorf("documents %s", got)
	}
	var july journal.CloseBody
	for _, e := range c.closings(journal.KindCloseDay, "2027-07-01", "2027-07-01") {
		july = closingBody(t, e)
	}
	if july.GT.YearNet != 0 || july.GT.PerpNet != 180 {
		t.Errorf("the new year begins with %+v", july.GT)
	}
	c.mustConform()
}

func (c *cafe) closings(level journal.Kind, from, to string) []journal.Entry {
	c.tb.Helper()
	found, err := journal.Closings(c.tb.Context(), c.db.Reader(), level, from, to)
	if err != nil {
		c.tb.Fatal(err)
	}
	return found
}

func TestAMonthMayEndEarly(t *testing.T) {
	c := found(t)
	c.append(coffee())
	m, b, made := c.end(journal.KindCloseMonth)
	if !made || m.Number != "M26-000001" || b.Period != "2026-11" || b.Days != 1 || b.Sales.N != 1 || c.kinds(2) != "CLOSE_DAY:2026-11-21 CLOSE_MONTH:2026-11-21" {
		t.Fatalf("%s, made %v: %+v; %s", m.Number, made, b, c.kinds(2))
	}
	if again, _, made := c.end(journal.KindCloseMonth); made || again.Seq != m.Seq {
		t.Errorf("a second tap made %s", again.Number)
	}
	c.append(coffee()) // the same evening
	c.clock.Set(time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC))
	rest, b, made := c.end(journal.KindCloseMonth) // November was due: December is not ended as well
	if !made || rest.Number != "M26-000002" || b.Period != "2026-11" || b.FromDay != "2026-11-22" || b.ToDay != "2026-11-30" || b.Days != 9 || b.Sales.N != 1 || !b.Late {
		t.Errorf("%s, made %v: %+v", rest.Number, made, b)
	}
	y, b, made := c.end(journal.KindCloseYear)
	if !made || y.Number != "Y26-000001" || b.Period != "2026" || b.Days != 11 || b.Sales.N != 2 || b.ToDay != "2026-12-01" {
		t.Errorf("%s, made %v: %+v", y.Number, made, b)
	}
	if again, _, made := c.end(journal.KindCloseYear); made || again.Seq != y.Seq {
		t.Errorf("a second tap made %s", again.Number)
	}
	c.mustConform()
}

// TestAMonthEndedInTheEveningLeavesTheEveningOut: the day is closed at six, sold on, and the month ended at eight.
func TestAMonthEndedInTheEveningLeavesTheEveningOut(t *testing.T) {
	c := found(t)
	c.append(coffee())
	z, _, _ := c.end(journal.KindCloseDay)
	c.append(coffee())
	_, b, made := c.end(journal.KindCloseMonth)
	if !made || b.Sales.N != 1 || b.ToSeq != z.Seq || b.ToDay != "2026-11-21" {
		t.Errorf("made %v: %+v", made, b)
	}
	c.clock.Advance(48 * time.Hour)
	c.append(coffee())
	if next := closingBody(t, c.closings(journal.KindCloseDay, "2026-11-22", "2026-11-22")[0]); next.Sales.N != 1 || next.FromSeq != z.Seq+1 {
		t.Errorf("the day after: %+v", next)
	}
	c.mustConform()
}

func TestARefusedClosingLeavesNothing(t *testing.T) {
	c := found(t)
	c.append(coffee())
	seq, hash := c.j.Head()
	err := c.db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		if _, _, err := c.j.CloseYear(ctx, tx, "zoe"); err != nil {
			return err
		}
		return errChanged
	})
	if after, same := c.j.Head(); !errors.Is(err, errChanged) || after != seq || same != hash {
		t.Errorf("the head went from %d to %d: %v", seq, after, err)
	}
	if e := c.append(coffee()); e.Day != "2026-11-21" || c.db.Today() != "2026-11-21" {
		t.Errorf("the day went on to %s", e.Day)
	}
	if z, _, made := c.end(journal.KindCloseDay); !made || z.Number != "Z26-000001" {
		t.Errorf("%s, made %v", z.Number, made)
	}
	c.mustConform()
}

func TestWhatNoEntrySaysComesFromTheTill(t *testing.T) {
	var c *cafe
	asked := 0
	c = foundAs(t, func(_ *journal.Identity, cfg *journal.Config) {
		cfg.Facts = func(ctx context.Context, tx *data.Tx) (journal.CloseFacts, error) {
			asked++
			_, err := c.j.Append(ctx, tx, event(journal.EventTrainingOff)) // training ends with the day (fiscal R67)
			return journal.CloseFacts{Open: journal.CloseOpen{Amount: 2400, Tickets: 2}}, err
		}
	})
	c.append(coffee())
	c.clock.Advance(48 * time.Hour)
	c.append(coffee())
	if got, want := c.kinds(1), "TICKET EVENT CLOSE_DAY:2026-11-21 CLOSE_DAY:2026-11-22 TICKET"; got != want || asked != 1 {
		t.Fatalf("asked %d times; entries %s, want %s", asked, got, want)
	}
	if b := closingBody(t, c.entries()[3]); b.Open.Tickets != 2 || b.Open.Amount != 2400 || b.Events.Seq != 0 || b.Events.Hash != strings.Repeat("0", 64) {
		t.Errorf("%+v %+v", b.Open, b.Events)
	}
	c.mustConform()
}

func TestThePreviewIsTheClosingToCome(t *testing.T) {
	c := found(t)
	c.service()
	want, err := journal.Preview(t.Context(), c.db.Reader())
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.j.Preview(t.Context(), c.db.Reader())
	if err != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("%+v (%v)", again, err)
	}
	_, got, _ := c.end(journal.KindCloseDay)
	got.Events = want.Events
	if !reflect.DeepEqual(got, want) {
		t.Errorf("closed\n%+v, announced\n%+v", got, want)
	}
	if after, err := journal.Preview(t.Context(), c.db.Reader()); err != nil || after.Period != "2026-11-22" || after.Sales.N != 0 || after.Counts.Entries != 0 {
		t.Errorf("%+v (%v)", after, err)
	}
}

func TestThereIsNoClosingBeforeTheFirst(t *testing.T) {
	c := found(t)
	for _, level := range []journal.Kind{journal.KindCloseDay, journal.KindCloseMonth, journal.KindCloseYear} {
		if _, err := journal.LastClosing(t.Context(), c.db.Reader(), level); fault.CodeOf(err) != "journal.closing" {
			t.Errorf("%s: %v", level, err)
		}
		if all := c.closings(level, "2026-01-01", "2027-12-31"); len(all) != 0 {
			t.Errorf("%s: %v", level, all)
		}
	}
}

// TestAClockSetBackBeforeTheGenesisStillCloses: no rule of the café refuses a closing.
func TestAClockSetBackBeforeTheGenesisStillCloses(t *testing.T) {
	c := found(t)
	c.clock.Jump(-72 * time.Hour)
	if e, _, made := c.end(journal.KindCloseDay); !made || e.Day != "2026-11-21" {
		t.Errorf("%s, made %v", e.Day, made)
	}
	if e, _, made := c.end(journal.KindCloseDay); made || e.Number != "Z26-000001" {
		t.Errorf("%s, made %v", e.Number, made)
	}
	if e := c.append(coffee()); e.Day != "2026-11-22" {
		t.Errorf("sold in the closed day: %s", e.Day)
	}
	c.mustConform()
}

// TestClosingsOfAPeriodAreInOrder reads over a change of the fiscal year.
func TestClosingsOfAPeriodAreInOrder(t *testing.T) {
	c := found(t)
	c.clock.Set(time.Date(2027, 1, 4, 10, 0, 0, 0, time.UTC))
	c.append(coffee())
	var days []string
	for _, e := range c.closings(journal.KindCloseDay, "2026-12-30", "2027-01-02") {
		days = append(days, e.Number+" "+e.Day)
	}
	if want := []string{"Z26-000040 2026-12-30", "Z26-000041 2026-12-31", "Z27-000001 2027-01-01", "Z27-000002 2027-01-02"}; !slices.Equal(days, want) {
		t.Errorf("%v, want %v", days, want)
	}
	if months := c.closings(journal.KindCloseMonth, "2026-12-01", "2026-12-31"); len(months) != 1 || months[0].Number != "M26-000002" {
		t.Errorf("%v", months)
	}
	c.mustConform()
}
