// Package concert is Concert V2, form E+: how a till speaks to an older card terminal over a serial line (9600 8N1), the two
// messages it knows, and a virtual terminal that can be told to answer in every good and bad way.
//
// Either side that has something to say sends ENQ and waits for ACK, sends STX, its text, ETX and a check byte (the XOR of all
// behind STX), waits for ACK, and ends with EOT.
//
// # Invariants
//
//   - Nothing of a request is on the line before the terminal has acknowledged ENQ; a request is sent again only when the
//     terminal said that it could not read it.
//   - Every byte is waited for three seconds and no longer; noise between messages is skipped, and counted.
//   - No frame is in an error or a log.
//
// It must not know what is paid for, nor what an answer means for a sale.
package concert
