package suspended

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
)

// servedByDay writes the days before one in a line.
func servedByDay(t *testing.T, db *data.DB, before string) string {
	t.Helper()
	days, err := ServedByDay(t.Context(), db.Reader(), "", before)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, d := range days {
		all = append(all, fmt.Sprintf("%s %s %d", d.Day, d.Class, d.Count))
	}
	return strings.Join(all, ", ")
}

// TestADayThatIsOverIsNotChangedByALaterOne: a serving taken back on its own day never took place; one taken back the
// day after stays in the count of its day, for that may have been told.
func TestADayThatIsOverIsNotChangedByALaterOne(t *testing.T) {
	clock := datatest.NewClock() // Saturday 21 November 2026
	db := datatest.Open(t, func(o *data.Options) { o.Clock = clock })
	db.RegisterCheck(Checks()...)
	give(t, db, "coffee", "7.1", 4)
	first, second := serve(t, db, "coffee"), serve(t, db, "coffee")
	undo(t, db, first.ID)
	again := serve(t, db, "coffee") // the same one: the oldest
	const sunday, monday = "2026-11-22", "2026-11-23"
	if got := servedByDay(t, db, "2026-11-21"); got != "" {
		t.Errorf("a day that is not over is counted: %s", got)
	}
	if got := servedByDay(t, db, sunday); got != "2026-11-21 coffee 2" || again.ID != first.ID {
		t.Errorf("got %s", got)
	}
	clock.Advance(24 * time.Hour)
	undo(t, db, second.ID)
	serve(t, db, "coffee")
	if got := servedByDay(t, db, sunday); got != "2026-11-21 coffee 2" {
		t.Errorf("taken back a day later: %s", got)
	}
	if got := servedByDay(t, db, monday); got != "2026-11-21 coffee 2, 2026-11-22 coffee 1" {
		t.Errorf("served again a day later: %s", got)
	}
	fates, err := GiftFates(t.Context(), db.Reader(), "7.1")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range fates {
		got = append(got, fmt.Sprintf("%s %s since %s", f.Given, f.State, f.Since))
	}
	want := "2026-11-21 SERVED since 2026-11-21, 2026-11-21 SERVED since 2026-11-22, 2026-11-21 AVAILABLE since 2026-11-21, 2026-11-21 AVAILABLE since 2026-11-21"
	if all := strings.Join(got, ", "); all != want {
		t.Errorf("fates\n got %s\nwant %s", all, want)
	}
	if others, err := GiftFates(t.Context(), db.Reader(), "7.11"); err != nil || len(others) != 0 {
		t.Errorf("another line has %v, %v", others, err)
	}
}
