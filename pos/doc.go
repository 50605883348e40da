// Package pos is the till: menu, tickets, checkout, refunds, redemptions, claims, shifts, staff and reports.
//
// It is the only orchestrator and the only package that journals. Each use case is a method on *Till and one
// command: one closure on the writer, in which it calls loyalty, suspended and the journal, and after which
// either everything of it is on the disk or nothing is.
//
// # Invariants
//
//   - What the customer pays is a line; lines, rates and tenders of a document add up to its total, to the cent,
//     and are checked before the commit and again by Check.
//   - A sale, its stamps, its releases, its gifts and its journal entries share one commit.
//   - Nothing paid is ever changed: a refund is a new document with the original cents and rates.
//   - A suspended item is served by a document of its own, of zero value, that names nobody (R series).
//   - Stamps exist only for meal units that are paid now (I2); releases follow the law of package loyalty.
//   - The kitchen is told of a served item what it is told of a bought one, byte for byte, and has rows only for stations
//     that some screen shows.
//
// It knows neither HTTP nor pages, and no device: printing, drawers and screens act after the commit.
package pos
