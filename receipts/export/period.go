package export

import "time"

// Period is a range of business days, and the day until which it is to be sent.
type Period struct{ From, To, Until string }

// ReportingPeriods proposes the periods of e-reporting around a business day, newest first: the one that runs and the one
// before it (fiscal R105). Normal monthly: three a month, each to be sent within ten days. Quarterly and simplified: by
// month. Franchise: by two months. An association that is exempt has none.
func ReportingPeriods(regime, day string) []Period {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil || regime == "exempt_association" {
		return nil
	}
	running := reportingPeriod(regime, at)
	first, err := time.Parse(time.DateOnly, running.From)
	if err != nil {
		return nil
	}
	return []Period{running, reportingPeriod(regime, first.AddDate(0, 0, -1))}
}

// reportingDays is how long after its end a period may be sent.
const reportingDays = 10

func reportingPeriod(regime string, at time.Time) Period {
	first := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1)
	switch regime {
	case "normal_monthly":
		switch {
		case at.Day() <= 10:
			last = first.AddDate(0, 0, 9)
		case at.Day() <= 20:
			first, last = first.AddDate(0, 0, 10), first.AddDate(0, 0, 19)
		default:
			first = first.AddDate(0, 0, 20)
		}
	case "franchise":
		if at.Month()%2 == 0 {
			first = first.AddDate(0, -1, 0)
		}
		last = first.AddDate(0, 2, -1)
	}
	day := func(t time.Time) string { return t.Format(time.DateOnly) }
	return Period{day(first), day(last), day(last.AddDate(0, 0, reportingDays))}
}
