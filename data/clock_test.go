package data_test

import (
	"context"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
)

func TestBusinessDay(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, at string // as the wall clock in the café says it, with its offset
		cutOff   time.Duration
		want     string
	}{
		{"in the morning", "2026-11-21T09:00:00+01:00", 4 * time.Hour, "2026-11-21"},
		{"just before midnight", "2026-11-21T23:59:59+01:00", 4 * time.Hour, "2026-11-21"},
		{"after midnight", "2026-11-22T00:00:00+01:00", 4 * time.Hour, "2026-11-21"},
		{"last moment of the day", "2026-11-22T03:59:59.999+01:00", 4 * time.Hour, "2026-11-21"},
		{"first moment of the next", "2026-11-22T04:00:00+01:00", 4 * time.Hour, "2026-11-22"},
		{"UTC is another day", "2026-06-30T23:30:00Z", time.Minute, "2026-07-01"},
		{"spring forward, before", "2026-03-29T01:59:59+01:00", 4 * time.Hour, "2026-03-28"},
		{"spring forward, after", "2026-03-29T03:00:00+02:00", 4 * time.Hour, "2026-03-28"},
		{"spring forward, still the evening before", "2026-03-29T03:59:59+02:00", 4 * time.Hour, "2026-03-28"},
		{"spring forward, cut-off", "2026-03-29T04:00:00+02:00", 4 * time.Hour, "2026-03-29"},
		{"autumn, two o'clock the first time", "2026-10-25T02:30:00+02:00", 4 * time.Hour, "2026-10-24"},
		{"autumn, two o'clock the second time", "2026-10-25T02:30:00+01:00", 4 * time.Hour, "2026-10-24"},
		{"autumn, four hours after midnight", "2026-10-25T03:00:00+01:00", 4 * time.Hour, "2026-10-24"},
		{"autumn, cut-off", "2026-10-25T04:00:00+01:00", 4 * time.Hour, "2026-10-25"},
		{"autumn, cut-off inside the hour that comes twice", "2026-10-25T02:30:00+01:00", 150 * time.Minute, "2026-10-25"},
		{"New Year's Eve", "2027-01-01T02:15:00+01:00", 4 * time.Hour, "2026-12-31"},
		{"New Year's morning", "2027-01-01T04:00:00+01:00", 4 * time.Hour, "2027-01-01"},
		{"leap day", "2028-03-01T01:00:00+01:00", 4 * time.Hour, "2028-02-29"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339Nano, tc.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := data.BusinessDay(at, paris, tc.cutOff); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestTheBusinessDayNeverGoesBackWhileTimeGoesOn(t *testing.T) {
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	for _, cutOff := range []time.Duration{time.Minute, 2 * time.Hour, 150 * time.Minute, 4 * time.Hour} {
		before := ""
		for at := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC); at.Year() == 2026; at = at.Add(15 * time.Minute) {
			day := data.BusinessDay(at, paris, cutOff)
			if day < before {
				t.Fatalf("cut-off %v: %s after %s at %s", cutOff, day, before, at)
			}
			before = day
		}
	}
}

func TestTimeIsReadOnceAClosureInUTCToTheMillisecond(t *testing.T) {
	clock := datatest.NewClock()
	clock.Set(time.Date(2026, 11, 22, 1, 30, 0, 123_456_789, time.FixedZone("", -3600)))
	db := datatest.Open(t, func(o *data.Options) { o.Clock = clock })
	mustWrite(t, db, func(_ context.Context, tx *data.Tx) error {
		clock.Advance(time.Hour)
		want := time.Date(2026, 11, 22, 2, 30, 0, 123_000_000, time.UTC)
		if got := tx.Now(); got != want {
			t.Errorf("got %v, want %v", got, want)
		}
		if got := tx.Day(); got != "2026-11-21" {
			t.Errorf("got %s, want 2026-11-21", got)
		}
		return nil
	})
}
