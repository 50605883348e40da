// Package table writes the tables that leave the house: files for a spreadsheet, an accountant, an inspector.
//
// # Invariants
//
//   - UTF-8 with its mark, semicolons between cells, CRLF after each row: what a French spreadsheet opens by itself.
//   - The same rows give the same bytes, on every machine.
//   - No cell is run as a formula by the program that opens it, whatever somebody typed as a name or a label.
//
// It knows no sale, no journal and no language: whoever calls it brings the words.
package table
