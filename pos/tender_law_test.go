package pos

import "testing"

// TestHolidaysAreThoseOfTheLaw is fiscal R98: the eleven holidays, three of which follow Easter.
func TestHolidaysAreThoseOfTheLaw(t *testing.T) {
	for day, want := range map[string]bool{
		"2026-12-24": false, "2026-12-25": true, "2027-01-01": true, "2027-03-28": true /* Easter, a Sunday */, "2027-03-29": true,
		"2027-05-06": true, "2027-05-08": true, "2027-05-17": true, "2027-05-18": false, "2027-07-14": true, "2027-11-11": true,
		"2024-04-01": true, "2024-05-09": true, "2024-05-20": true, "2024-05-21": false, "2038-04-26": true, "no day": false,
	} {
		if got := voucherDayOff(day); got != want {
			t.Errorf("%s: got %t, want %t", day, got, want)
		}
	}
}
