package data

import (
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"comptoir/data/fault"
)

// errInjected marks a failure of the disk made up by Options.Fault.
var errInjected = errors.New("data: injected disk failure")

// DiskFailure wraps a cause so that the writer takes it for a failing disk. For tests.
func DiskFailure(cause error) error { return errors.Join(errInjected, cause) }

// fatal reports whether an error means that the disk or the file can no longer be trusted. SQLite has then
// rolled the transaction back by itself, or does not know: the whole batch is lost or unknown.
func fatal(err error) bool {
	if errors.Is(err, errInjected) {
		return true
	}
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOMEM,
		sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PROTOCOL,
		sqlite3.SQLITE_INTERRUPT:
		return true
	}
	return false
}

// held reports whether another program kept the file for longer than busyTimeout.
func held(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// unusable turns SQLite's refusal to open or to write the file into one of the directory.
func (o Options) unusable(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return errDir.With("dir", o.Dir).Wrap(err)
	}
	return err
}

// IsDuplicate reports whether err is the breach of a UNIQUE or PRIMARY KEY constraint.
func IsDuplicate(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}

func isNotADatabase(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code()&0xff == sqlite3.SQLITE_NOTADB
}

// isHalfDone reports whether a transaction was cut short whose undoing needs the right to write.
func isHalfDone(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == sqlite3.SQLITE_READONLY_ROLLBACK
}

// Refusals of the kernel.
var (
	errBusy     = fault.New(fault.Busy, "data.busy", "Too much is waiting to be written; try again.")
	errStopped  = fault.New(fault.Busy, "data.stopped", "The disk failed, and nothing more is written until it works again.")
	errFull     = fault.New(fault.Busy, "data.full", "The disk is full, and nothing more is written until there is room.")
	errReadOnly = fault.New(fault.Busy, "data.read_only", "The disk can only be read, and nothing is written.")
	errDamaged  = fault.New(fault.Busy, "data.damaged", "The database is damaged, and nothing more is written to it.")
	errUnknown  = fault.New(fault.Unknown, "data.unknown", "The disk failed while this was being saved; ask again with the same command id after the restart.")
	errNested   = fault.New(fault.Internal, "data.nested", "A write was begun inside a write.")
	errEnded    = fault.New(fault.Internal, "data.ended", "A write was used after its closure had returned.")
	errLeak     = fault.New(fault.Internal, "data.leak", "A closure left a query open or reserved an event it did not record.")
	errPanic    = fault.New(fault.Internal, "data.panic", "A closure panicked; nothing of it was kept.")
	errReplay   = fault.New(fault.Conflict, "command.reused", "This command id was used before with another input.")
	errForeign  = fault.New(fault.Invalid, "data.foreign", "The file is not a Comptoir database.")
	errNewer    = fault.New(fault.Invalid, "data.newer", "The database was written by a newer Comptoir; start that version or a later one.")
	errOlder    = fault.New(fault.Conflict, "data.older", "The database is of an older Comptoir; start the service once to migrate it.")
	errHeld     = fault.New(fault.Busy, "data.held", "Another program is reading this database; end it and start again.")
	errLocked   = fault.New(fault.Conflict, "data.locked", "Another Comptoir is running on this data directory.")
	errDir      = fault.New(fault.Invalid, "data.directory", "The data directory cannot be used.")
	errAhead    = fault.New(fault.Conflict, "clock.ahead", "The clock of this machine is far ahead of the last business day. Nothing is written until a manager says that its date is right.")
	errCopy     = fault.New(fault.Invalid, "data.copy_damaged", "This copy of the data is damaged, or not whole.")
	errNoRoom   = fault.New(fault.Internal, "data.copy_room", "There is too little room for a copy of the data.")
	errAbsent   = fault.New(fault.NotFound, "data.absent", "There is no Comptoir database here; run comptoir init first.")
)
