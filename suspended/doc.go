// Package suspended keeps the shelf of the solidarity café: coffees and meals given by some and served to others.
//
// It owns the classes, the items, the ledger of their changes of state, and the shelf, a projection of that
// ledger. It changes its ledger inside the caller's transaction and returns what happened; pos writes the fiscal
// journal and records the event.
//
// # Invariants
//
//   - An item moves only along the table of legal transitions (solidarity.md §2.6), each move is a row, no row is
//     ever changed.
//   - I8: per class and at every prefix of the ledger, what was created is what is available, reserved, allotted,
//     served, collected, retracted and converted.
//   - I12: no fund is ever below zero, every item of origin FUND debits the café's fund its gift price, and what was given
//     for an association is what was remitted to it and what is held.
//   - I13 (its part): an id is derived from what caused the item, so that a second issue is refused.
//   - I16: no row names a guest, an operator, a card or a payment. The account of a LOYALTY item is the giver's.
//   - Nobody hears no: serving from an empty shelf makes a HOUSE item and serves it.
//
// # What it must not know
//
// Tickets, prices on the menu, money in the drawer, stamps, the journal. An account is opaque text to it: after a
// move of a LOYALTY item back to the shelf (Undo, Lapse) the caller hands Item.Account to loyalty.Reconcile.
package suspended
