package archive_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/archive"
	"comptoir/receipts/journal"
)

func month(period string) func(context.Context, data.Querier) (archive.Range, error) {
	return func(ctx context.Context, q data.Querier) (archive.Range, error) { return archive.Month(ctx, q, period) }
}

func days(from, to string) func(context.Context, data.Querier) (archive.Range, error) {
	return func(ctx context.Context, q data.Querier) (archive.Range, error) {
		return archive.Days(ctx, q, from, to)
	}
}

// at moves the clock to nine in the morning of a day, café time.
func (c *cafe) at(day string) {
	c.tb.Helper()
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		c.tb.Fatal(err)
	}
	c.clock.Set(d.Add(8 * time.Hour))
}

// seqs are the places of the entries in a file of lines.
func seqs(tb testing.TB, text string) []int64 {
	tb.Helper()
	var all []int64
	for l := range strings.Lines(text) {
		var e struct {
			Seq int64 `json:"seq"`
		}
		if err := json.Unmarshal([]byte(l), &e); err != nil {
			tb.Fatal(err)
		}
		all = append(all, e.Seq)
	}
	return all
}

func TestAMonthBringsWhatItNeedsFromBefore(t *testing.T) {
	t.Parallel()
	c := found(t)
	note := c.append(journal.Draft{Kind: journal.KindNotePrint, Series: journal.SeriesNote, Op: "AWA", Body: noted()})
	old := c.append(sale(line("cafe", "Café", 2, 180, 1000), line("the", "Thé", 1, 200, 1000)))
	copied := c.append(journal.Draft{Kind: journal.KindDuplicate, Series: journal.SeriesDuplicate, Op: "AWA", Body: journal.DuplicateBody{Form: "paper", N: 1, Of: *ref(old), Reason: "lost"}})
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	fixed := c.append(journal.Draft{Kind: journal.KindPayFix, Op: "MARIE", Body: journal.PayFixBody{Amt: 100, From: journal.ByCard, To: journal.ByCash, Of: *ref(old), Reason: "typed wrong"}})
	third := c.append(sale(line("cafe", "Café", 3, 180, 1000)))
	c.at("2026-12-01")
	c.append(event(journal.EventDrawerOpen, nil))
	late := sale(line("cafe", "Café", 1, 180, 1000))
	body := late.Body.(journal.TicketBody)
	body.Notes = []journal.Ref{*ref(note)}
	late.Body = body
	c.append(late, refund(old))
	c.at("2027-01-02")
	c.append(event(journal.EventDrawerOpen, nil))

	made := c.write(month("2026-12"))
	files := contents(t, made.Path)
	closed := made.Manifest.FromSeq
	want := []int64{0, note.Seq, old.Seq, copied.Seq, fixed.Seq, third.Seq, closed - 1}
	if got := seqs(t, files["contexte.jsonl"]); !slices.Equal(got, want) {
		t.Errorf("context %v, want %v: genesis, the note, the ticket refunded, its duplicate, its correction, the newest ticket, the closing of the day before", got, want)
	}
	if _, _, err := archive.Verify(t.Context(), made.Path); err != nil {
		t.Error(err)
	}
	all := seqs(t, files["journal.jsonl"])
	if first, last := all[0], all[len(all)-1]; first != made.Manifest.FromSeq || last != made.Manifest.ToSeq || !strings.Contains(files["clotures.csv"], "M26-000002") {
		t.Errorf("entries %d to %d of %+v\n%s", first, last, made.Manifest, files["clotures.csv"])
	}
}

func TestEveryPeriodThatIsClosedHasItsArchive(t *testing.T) {
	t.Parallel()
	c := found(t)
	c.append(sale(line("cafe", "Café", 1, 180, 1000)))
	c.at("2026-12-20")
	c.append(event(journal.EventDrawerOpen, nil))
	c.at("2027-01-10")
	c.append(event(journal.EventDrawerOpen, nil))
	closed, err := archive.Closed(t.Context(), c.db.Reader())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range closed {
		got = append(got, string(r.Kind)+" "+r.Period)
		made := c.write(func(context.Context, data.Querier) (archive.Range, error) { return r, nil })
		if _, _, err := archive.Verify(t.Context(), made.Path); err != nil {
			t.Errorf("%s: %v", r.Period, err)
		}
	}
	if want := []string{"month 2026-11", "month 2026-12", "year 2026"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	made := c.write(days("2026-11-25", "2026-12-24"))
	if m, _, err := archive.Verify(t.Context(), made.Path); err != nil || m.Name != "12345678900012_C1_2026-11-25--2026-12-24.zip" {
		t.Errorf("%s: %v", m.Name, err)
	}
}

func TestAMonthEndedEarlyHasTwoArchives(t *testing.T) {
	t.Parallel()
	c := found(t)
	err := c.db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		_, _, err := c.j.CloseMonth(ctx, tx, "MARIE")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	c.at("2026-12-01")
	c.append(event(journal.EventDrawerOpen, nil))
	for period, want := range map[string]string{"2026-11": "2026-11-21 2026-11-21", "2026-11_2": "2026-11-22 2026-11-30"} {
		r, err := archive.Month(t.Context(), c.db.Reader(), period)
		if got := r.FromDay + " " + r.ToDay; err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", period, got, err, want)
		}
		if _, _, err := archive.Verify(t.Context(), c.write(month(period)).Path); err != nil {
			t.Errorf("%s: %v", period, err)
		}
	}
}

func TestAPeriodThatCannotBeArchivedIsRefused(t *testing.T) {
	t.Parallel()
	c := found(t)
	c.at("2026-12-02")
	c.append(event(journal.EventDrawerOpen, nil))
	for _, tc := range []struct {
		pick func(context.Context, data.Querier) (archive.Range, error)
		code string
	}{
		{month("2026-12"), "archive.open"}, {month("2027-01"), "archive.open"}, {month("2026"), "archive.open"}, {month("2027"), "archive.open"},
		{month("2026-10"), "archive.period"}, {month("2025"), "archive.period"}, {month("2026-11_2"), "archive.period"},
		{month(""), "archive.day"}, {month("novembre"), "archive.day"}, {month("2026-13"), "archive.day"}, {month("2026-11-21"), "archive.day"},
		{month("2026-11_"), "archive.day"}, {month("2026-11_02"), "archive.day"}, {month("../2026-11"), "archive.day"},
		{days("2026-11-21", "2026-12-02"), "archive.open"}, {days("2026-11-01", "2026-11-30"), "archive.period"}, {days("2025-11-01", "2025-11-30"), "archive.open"},
		{days("2026-11-30", "2026-11-21"), "archive.range"}, {days("2026-11-21", "2027-11-21"), "archive.long"}, {days("hier", "2026-11-30"), "archive.day"},
		{days("2026-11-21", ""), "archive.day"},
	} {
		if _, err := c.tryWrite(c.dir, tc.pick); fault.CodeOf(err) != tc.code {
			t.Errorf("got %v, want %s", err, tc.code)
		}
	}
	if left := leftovers(t, c.dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
