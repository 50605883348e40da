package main

import (
	"math/bits"
	"slices"
)

// mulDiv is ⌊a × b / c⌋ and the remainder, for a and b ≥ 0 and c > 0. It reports false beyond 64 bits: hostile amounts only.
func mulDiv(a, b, c int64) (quotient, remainder int64, ok bool) {
	high, low := bits.Mul64(uint64(a), uint64(b))
	if high >= uint64(c) {
		return 0, 0, false
	}
	q, r := bits.Div64(high, low, uint64(c))
	if q >= 1<<63 {
		return 0, 0, false
	}
	return int64(q), int64(r), true
}

// rounded is a × b / c rounded half up, symmetric for negative numbers, for c > 0.
func rounded(a, b, c int64) (int64, bool) {
	negative := (a < 0) != (b < 0)
	q, r, ok := mulDiv(abs(a), abs(b), c)
	if !ok {
		return 0, false
	}
	if r >= c-r {
		q++
	}
	if negative {
		q = -q
	}
	return q, true
}

// net is what is left of an amount without its tax (FORMAT.md §7, rule 4).
func net(ttc, bp int64) (int64, bool) {
	if bp < 0 {
		return 0, false
	}
	return rounded(ttc, 10000, 10000+bp)
}

// allocate shares total over weights ≥ 0 by largest remainder, the earlier winning a tie. When all weights are 0 the
// first gets all, as the vectors have it; no weights, nothing.
func allocate(total int64, weights []int64) ([]int64, bool) {
	shares := make([]int64, len(weights))
	var sum int64
	for _, w := range weights {
		sum += w
	}
	if sum <= 0 {
		if len(shares) > 0 {
			shares[0] = total
		}
		return shares, true
	}
	rest, order, left := make([]int64, len(weights)), make([]int, len(weights)), abs(total)
	for i, w := range weights {
		q, r, ok := mulDiv(abs(total), w, sum)
		if !ok {
			return nil, false
		}
		shares[i], rest[i], order[i] = q, r, i
		left -= q
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(1, max(-1, rest[b]-rest[a]))) })
	for _, i := range order[:left] {
		shares[i]++
	}
	if total < 0 {
		for i := range shares {
			shares[i] = -shares[i]
		}
	}
	return shares, true
}

func abs(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
