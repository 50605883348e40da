package data

import "time"

// Clock tells the time. Tests move it by hand; nothing in the domain calls time.Now.
type Clock interface {
	Now() time.Time
}

// SystemClock is the machine's clock.
type SystemClock struct{}

// Now returns the machine's time.
func (SystemClock) Now() time.Time { return time.Now() }

// DefaultCutOff is when a business day ends: a table that pays at two in the morning belongs to the evening
// before (fiscal R47).
const DefaultCutOff = 4 * time.Hour

// DefaultZone is the zone of the business day when a café names none.
const DefaultZone = "Europe/Paris"

// dayLayout is how a business day is written everywhere.
const dayLayout = "2006-01-02"

// BusinessDay returns the business day of an instant: the local date, counted from the cut-off hour. The cut-off
// is an hour of the wall clock, so that a day of 23 or 25 hours ends at the same hour as any other; it is reached
// once a day, also when the clock strikes it twice, so that no day comes back.
func BusinessDay(at time.Time, zone *time.Location, cutOff time.Duration) string {
	year, month, day := at.In(zone).Date()
	if at.Before(time.Date(year, month, day, 0, 0, 0, int(cutOff), zone)) {
		day--
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Format(dayLayout)
}
