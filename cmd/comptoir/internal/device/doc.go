// Package device drives what hangs on the till: printers with their drawers, card terminals, displays on a pole.
//
// Jobs in, bytes out, and nothing here is ever waited for by a sale: a printer has a worker over the rows of package spool, a
// terminal answers whoever asks it within bounds, a pole shows what it is told or nothing.
//
// # Invariants
//
//   - One worker and one connection a printer; each job has its own connection, which is closed so that its end is printed.
//   - What may have come out is never sent again by itself; what may have been paid is never asked for again.
//   - Every read and write has a deadline, every answer a greatest size; no byte from a wire ends the program.
//   - Frames of terminals are in no log: they hold numbers of cards.
//
// It must not know what a sale is: whoever starts it says how a job becomes bytes, and what an answer means.
package device
