// Package archive takes a part of the fiscal journal out of the till, as one file that proves itself without the till
// (fiscal R70–R77, §6.7). FORMAT.md describes its bytes; FormatVersion is the version of that description.
//
// It owns the table archives, the folder <data>/archives and the French notice inside each archive. It reads the
// journal through package journal, which alone knows its tables, and it signs nothing itself: it is handed who signs.
//
// # Invariants
//
//   - The entries are the stored bytes. The tables beside them are projections, computed from those bytes alone.
//   - What was written is read again and verified before anything names it: hashes, signatures, links, tables.
//   - A file under its own name in the folder has its ARCHIVE entry. Until then it ends in ".new": the entry is committed
//     first, the file renamed after it. A file that was left behind by a power cut is put in its place at the next start
//     when its entry is there, and removed otherwise.
//   - Nothing in an archive depends on when it is made: made again of the same range, its manifest is the same.
//   - It never holds the writer: reading, packing and verifying happen on a snapshot, beside a selling till.
//   - Memory does not grow with the range.
//
// # What it must not know
//
// Who may ask for an archive, when one is due, pages, HTTP, and anything of a sale but its signed entry.
package archive
