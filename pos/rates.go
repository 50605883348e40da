package pos

import (
	"slices"

	"comptoir/data/money"
)

// vatRate is a rate of VAT and the first day it may be charged (fiscal R82, R88). A rate that ends gets an until.
type vatRate struct {
	bp   money.BasisPoints
	from string // business day
}

// vatRates returns the rates of mainland France that fiscal R82 lists for a café, with 2.1 % (newspapers) and
// none (franchise en base, R87). All of them have stood since 1 January 2014.
func vatRates() []vatRate {
	return []vatRate{
		{0, "2014-01-01"},    // franchise, CGI art. 293 B
		{210, "2014-01-01"},  // CGI art. 298 septies
		{550, "2014-01-01"},  // CGI art. 278-0 bis: food and drink that can be kept
		{1000, "2014-01-01"}, // CGI art. 279: eaten here, or at once
		{2000, "2014-01-01"}, // CGI art. 278: alcohol, and what is not food
	}
}

// rateInForce reports whether a rate may be charged on a business day.
func rateInForce(bp money.BasisPoints, day string) bool {
	return slices.ContainsFunc(vatRates(), func(r vatRate) bool { return r.bp == bp && day >= r.from })
}

// normalRate is the rate from which a product is no food and cannot be suspended: alcohol and things (R82).
const normalRate money.BasisPoints = 2000
