// Package journal keeps the fiscal journal of a till: one append-only chain of signed entries.
//
// It owns the tables journal and documents, the signing key and the head file. FORMAT.md describes its bytes so
// that anyone can verify them without this code; CoreVersion is the version of that description and of this code.
// It knows nothing of open tickets, stamps, cards or items: it is handed finished bodies.
//
// # Invariants
//
//   - seq starts at 0, the genesis, and has no gap; prev is the hash of the entry before; ts never decreases.
//   - Business days are closed once each, in order, before anything of a later one is written; nothing is dated in a
//     closed day. A closing is the sum of the entries it covers and reads none of them.
//   - The stored bytes are what was hashed and signed. Nothing is ever changed or removed, and verification never
//     writes them anew.
//   - A number belongs to a committed entry. Each series counts 1, 2, 3… within a fiscal year.
//   - Money that does not add up is not written: a breach ends the transaction.
//   - A pool is never below zero: gifts sold − gifts refunded + releases + adjustments − redemptions from the shelf.
//   - The head file may lag behind the last commit by less than a second; it never leads.
//   - No entry names a guest, a card or a card number.
//
// # What it does not promise
//
// Whoever is root on the machine can use the key while the till runs (fiscal §6.1). The triggers of the tables are
// defence in depth, not the security: the signature and the heads kept elsewhere are.
package journal
