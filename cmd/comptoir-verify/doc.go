// Command comptoir-verify checks a fiscal journal without the till that wrote it.
//
// It is written from two texts alone, receipts/journal/FORMAT.md and receipts/archive/FORMAT.md, and shares no line
// with the program that it checks: the standard library only, its own reader of JSON, of CSV and of archives. It needs
// no secret, no network and no database; it writes nothing but its report. Each check of fiscal §6.8 is a file of its
// own, check_*.go.
//
// # Invariants
//
//   - Nothing of an input is believed: sizes, names, counts and depths are limited before they are used.
//   - Memory grows with the documents that later ones may still refer to, not with the bytes read.
//   - What could not be checked is said, never passed over in silence.
//
// Words are French, for an inspector; --json is for programs.
package main
