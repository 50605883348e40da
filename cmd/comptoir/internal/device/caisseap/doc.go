// Package caisseap is the French "protocole caisse" (Caisse-AP, once Concert V3) over IP: its messages, the exchange of one
// with a terminal, and a virtual terminal that can be told to answer in every good and bad way.
//
// The till is the client and the terminal the server, on TCP port 8888 as a rule: one connection, one request, one answer.
// A message is a run of fields, two letters, three digits of length, the value; nothing says where it ends.
//
// # Invariants
//
//   - An answer is whole when it parses to its last byte, says what came of the request, and the terminal has closed or kept
//     silent for a while. Anything else is an error, and never a refusal.
//   - The number of a card and its date (AA, AB) are dropped while they are read; no frame is in an error or a log.
//   - Greatest size and greatest time of an answer are capped.
//
// It must not know what is paid for, nor what an answer means for a sale.
package caisseap
