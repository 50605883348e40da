package main

import (
	"fmt"
	"strconv"
	"time"
)

// fiscalStart reads the MM-DD on which fiscal years begin.
func fiscalStart(s string) (string, error) {
	if _, err := time.Parse(dayForm, "2024-"+s); err != nil || len(s) != 5 {
		return "", fmt.Errorf("« %s » n'est pas un jour de l'année", shown(s))
	}
	return s, nil
}

// fiscalYear is the year in which the fiscal year of a day began; 0 when that is no day.
func fiscalYear(day, start string) int {
	if len(day) != len(dayForm) {
		return 0
	}
	year, err := strconv.Atoi(day[:4])
	if err != nil {
		return 0
	}
	if day[5:] < start {
		year--
	}
	return year
}

// nextDay is the calendar day after one, "" after what is none.
func nextDay(day string) string {
	t, err := time.Parse(dayForm, day)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, 1).Format(dayForm)
}

// monthOf is the calendar month of a day.
func monthOf(day string) string { return day[:min(len(day), len("2006-01"))] }

// dayBy is the business day of a moment on the café's wall clock that ends cutoff minutes after midnight.
func dayBy(local time.Time, cutoff int64) string {
	if int64(local.Hour()*60+local.Minute()) < cutoff {
		local = local.AddDate(0, 0, -1)
	}
	return local.Format(dayForm)
}
