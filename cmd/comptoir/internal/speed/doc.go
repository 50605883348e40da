// Package speed measures how fast this till was in the last day: how long it took to answer a tap, a payment, a scan, a page.
//
// A meter is a ring of 24 hours and the one that runs, each a histogram with fixed buckets: to observe costs two atomic adds and
// no lock, to read is rare. It knows no request, no person and no product, only a kind and a duration, and nothing of it
// leaves the machine.
package speed
