// Package loyalty keeps the cards of the regulars: every paid meal stamps one, and each ninth stamp puts a
// suspended meal on the shelf for somebody else.
//
// It owns accounts, cards, their contacts, stamps and merges, changes them inside the caller's transaction and returns what
// happened; pos writes the fiscal journal and records the event.
//
// # Invariants
//
// For an account with S stamps and R releases in force, of which U are promised or eaten:
//
//   - I1: a meal unit has at most one live stamp; by the table's own constraints its stamps are +1, -1, +1, …
//   - I3: S is never negative, since each -1 takes back a live +1 from the account that has it.
//   - I4, the release law: R = max(⌊S/9⌋, U). It is made true by Reconcile and asserted after every change.
//   - I5: the house advance D = R - ⌊S/9⌋ is never negative, and above zero only when every release is irrevocable.
//   - I7: all releases in force are those earned and those advanced, counted over all accounts.
//
// A merge makes one account answer for another: S, R, U and D are those of the whole group, whose root is the
// account kept. Nothing is rewritten: stamps and releases keep the account they were written for.
//
// # What it must not know
//
// Tickets, prices, receipts, people. A unit is opaque text ("<sale seq>.<line>.<k>"), whether it is paid is for
// pos to know. A card's code is a bearer secret: it is returned once by Issue, and only its SHA-256 is kept.
package loyalty
