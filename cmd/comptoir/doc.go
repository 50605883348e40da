// Command comptoir is the till of a solidarity café: one program, one file per subcommand.
//
// It parses flags, wires the packages below it and owns lifetimes. Rules live in pos and below, pages and the API in
// internal/web.
//
// # Invariants
//
//   - Only main ends the process. Everything else returns an exit code.
//   - Data go to stdout, words to stderr; where a program may read the answer there is --json.
//   - One process writes a café: a subcommand that changes something, beside a running service, is carried out by
//     that service (control.go).
//   - A demo and a live café never share a directory, and one never becomes the other (product.md, decision 9).
//   - An error says what is wrong, where, and what to do. The cause goes to the log.
//
// It must not know SQL, nor how a sale is settled.
package main
