// Package receipts turns an entry of the fiscal journal into the document a person reads: ticket, refund,
// provisional note, redemption, the closing of a day, a month or a year; as data, as text for paper, and the QR codes
// beside it.
//
// It owns no table and writes nothing. A document is a pure function of the signed entry, the genesis and what
// the caller adds to it ([Extra]); asking twice gives the same document, whatever became of the menu (fiscal R12,
// R38).
//
// # Invariants
//
//   - Nothing is computed: every amount stands in the entry. What the entry does not say, the document does not.
//   - The paper of a guest has the layout of any other: header, lines, the same closing words. It shows no amount,
//     no origin and no class (solidarity G2, fiscal U3). Its JSON does not have them either.
//   - Documents are in French, the language of the law they answer to (fiscal R91, R93); pages around them speak
//     the visitor's.
//   - Text is never wider than asked and contains no control character but the line break.
//   - No document claims a certificate the till does not have, nor a tax reduction (fiscal R4, U9).
//
// # What it must not know
//
// Open tickets, the menu, cards, stamps, the shelf, HTTP, HTML and printers. It reads the journal through package
// journal and knows none of its tables.
package receipts
