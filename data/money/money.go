package money

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Cents is an amount in euro cents, tax included unless the name says otherwise. Negative amounts are refunds.
type Cents int64

// BasisPoints is a rate: 1000 is 10 %.
type BasisPoints int64

// whole is 100 % in basis points.
const whole = 10_000

// MaxAmount bounds what Parse accepts, in cents: ten million euros is no price in a café.
const MaxAmount Cents = 1_000_000_000

// Net returns the amount without tax of a gross amount: round half up of gross*10000/(10000+rate),
// once per rate and document (fiscal R84). It is symmetric: Net(-x) = -Net(x), so that a refund mirrors its sale.
func (bp BasisPoints) Net(gross Cents) Cents {
	if gross < 0 {
		return -bp.Net(-gross)
	}
	d := int64(whole + bp)
	return Cents((int64(gross)*whole*2 + d) / (2 * d))
}

// Tax returns the tax inside a gross amount: gross minus Net(gross).
func (bp BasisPoints) Tax(gross Cents) Cents { return gross - bp.Net(gross) }

// Allocate shares total over weights by the largest remainder: the shares always add up to total, equal weights
// differ by at most one cent, and earlier shares win ties. Weights must not be negative. If all are zero, the
// first share takes everything; without weights there is nothing to share and the result is empty.
func Allocate(total Cents, weights []int64) []Cents {
	if total < 0 {
		shares := Allocate(-total, weights)
		for i := range shares {
			shares[i] = -shares[i]
		}
		return shares
	}
	shares := make([]Cents, len(weights))
	var sum int64
	for _, w := range weights {
		sum += max(w, 0)
	}
	if sum == 0 {
		if len(shares) > 0 {
			shares[0] = total
		}
		return shares
	}
	remainders := make([]int64, len(weights))
	order := make([]int, len(weights))
	left := total
	for i, w := range weights {
		product := int64(total) * max(w, 0)
		shares[i] = Cents(product / sum)
		remainders[i] = product % sum
		order[i] = i
		left -= shares[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return int(min(max(remainders[b]-remainders[a], -1), 1)) })
	for _, i := range order[:left] {
		shares[i]++
	}
	return shares
}

// errAmount is the only way Parse fails.
var errAmount = errors.New("money: want an amount such as 12,40 with at most two decimals")

// Parse reads an amount in euros as a person types it: "12", "12,4", "12.40", "-3,00", with or without spaces
// and a euro sign. More than two decimals is an error: cents are never guessed.
func Parse(s string) (Cents, error) {
	clean := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "€", "", ",", ".").Replace(s)
	negative := strings.HasPrefix(clean, "-")
	euros, decimals, dotted := strings.Cut(strings.TrimPrefix(clean, "-"), ".")
	if dotted && decimals == "" || len(decimals) > 2 || euros == "" && decimals == "" {
		return 0, errAmount
	}
	for len(decimals) < 2 {
		decimals += "0"
	}
	var c Cents
	for _, r := range euros + decimals {
		if r < '0' || r > '9' || c > MaxAmount {
			return 0, errAmount
		}
		c = c*10 + Cents(r-'0')
	}
	if c > MaxAmount {
		return 0, errAmount
	}
	if negative {
		c = -c
	}
	return c, nil
}

// String returns the amount as plain decimal euros, "12.40": for logs and files. Pages format money with
// internal/locale.
func (c Cents) String() string {
	sign := ""
	if c < 0 {
		sign, c = "-", -c
	}
	return fmt.Sprintf("%s%d.%02d", sign, c/100, c%100)
}
