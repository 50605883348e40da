// Package data is the kernel of Comptoir: the only door to the café's database.
//
// It owns the SQLite file and its one writer, migrations, the clock, ids, the event log, idempotent commands,
// and the running of every invariant (Check). It knows nothing of coffee, stamps or tax.
//
// # Invariants
//
//   - One process holds the lock of a data directory; inside it one goroutine owns the only write connection.
//   - Whoever gets nil from Write has a durable commit: COMMIT returned with synchronous=FULL before the answer.
//   - A closure that returns an error leaves nothing: no row, no number, no event, no memory of a Cell.
//   - A failed COMMIT or a failing disk stops all writing. The outcome of that batch is unknown, never "not done";
//     the caller asks again with the same command id after the restart.
//   - The log is truncated into the database at every start, before the first write: what a failed sync left
//     behind must not lie under what is acknowledged later.
//   - One command records at most one event; events have no gap and chain by hash; ledger rows carry their seq.
//
// # Traps this package exists to close
//
// Pragmas live in the DSN, never run on a pool (they would reach one connection only). The writer begins
// IMMEDIATE (a deferred read-then-write fails without waiting). Write refuses to nest (one connection would
// wait for itself). A request's cancellation never reaches the writer (it would interrupt another's batch).
package data
