// Package export makes the files that the café hands to its accountant, to its e-reporting platform and to whoever asks
// what became of the suspended items: the entries of the closings (fiscal R108–R113), the aggregates of e-reporting
// (R103–R107), a table of takings, the cash book and the statement of solidarity. FORMAT.md describes each, byte by byte.
//
// It owns no table and writes nothing: a file is a function of the closings of days, the café and the [Plan] that was in
// force on each day. The same input gives the same bytes, on every machine and for ever (fiscal R76, R107).
//
// # Invariants
//
//   - What is written was signed: amounts come from the bodies of closings. The two numbers that no closing has, zero-value
//     tickets and what gifts were sold for, are handed in, and move no sum of turnover, tax or money.
//   - Every entry balances to the cent, on any day: one with more refunds than sales, with nothing but a part of an order in
//     the drawer, with a difference in the count.
//   - What the statement of solidarity gives adds up, class by class: what waited and what came in is what went out and what
//     waits.
//   - No file names a guest, a card, a giver or an operator (fiscal R104, R115).
//   - Words are French, the language of those who read these files.
//
// It knows neither pos nor the database, and no page: whoever calls it brings the days.
package export
