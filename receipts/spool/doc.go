// Package spool is the queue between the till and its printers: one row a job, written in the commit that asks for
// paper, done after it by whoever drives the printer.
//
// It owns the table print_jobs and the life of a job:
//
//	queued ─► sending ─► printed              the printer said that it had done all of it
//	   │         ├─────► sent_unconfirmed     all was sent to a printer that cannot say so
//	   │         ├─────► queued               nothing of it was sent: tried again
//	   │         ├─────► failed               it can never come out as it is (a profile that cannot print it)
//	   │         └─────► unknown              cut off after the first byte: a person looks, and says
//	   ├─► expired                            too old to come out by itself: a person says whether it still should
//	   └─► failed                             no printer has its name any more
//
// failed, unknown and expired ask: a person says that it came out (printed), should again (queued), or need not (dropped). A drawer
// never asks: what opens too late surprises whoever stands there, so that it is dropped instead.
//
// # Invariants
//
//   - A job keeps its id on every try; only a person's word prints one again that may have come out.
//   - A job that was being sent when the till stopped is unknown, never queued.
//   - A full queue (Limit) refuses the new job, never a sale: whoever asks goes on without paper, and says so.
//
// It must not know what is printed, nor how: bodies are the caller's JSON, and printers are names.
package spool
