package main

import (
	"fmt"
	"strconv"
	"strings"
)

// euros writes cents as an amount.
func euros(cents int64) string {
	sign := ""
	if cents < 0 {
		sign = "−"
	}
	c := uint64(abs(cents))
	return fmt.Sprintf("%s%s,%02d €", sign, thousands(c/100), c%100)
}

// percent writes basis points.
func percent(bp int64) string {
	s := fmt.Sprintf("%d,%02d", bp/100, abs(bp)%100)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ",") + " %"
}

// thousands groups digits by no-break spaces.
func thousands(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "\u00a0" + s[i:]
	}
	return s
}

func counted(n int64) string { return thousands(uint64(max(0, n))) }

// short is enough of a hash to know it by.
func short(hex string) string { return shown(hex[:min(len(hex), 12)]) + "…" }

// orNone shows a text, or that there is none.
func orNone(s string) string {
	if s == "" {
		return "aucun"
	}
	return shown(s)
}
