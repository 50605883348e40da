package device

// Codes of what is in a printer's way, or was, or should be known: each has words in the catalogues.
const (
	CodeUnreachable = "printer.unreachable" // no connection: off, unplugged, elsewhere
	CodePaperOut    = "printer.paper_out"
	CodePaperLow    = "printer.paper_low" // prints still
	CodeCoverOpen   = "printer.cover_open"
	CodeError       = "printer.error"      // it says so itself: knife, heat
	CodeBusy        = "printer.busy"       // another program holds it
	CodeUnverified  = "printer.unverified" // it cannot say whether it printed
	CodeCutOff      = "printer.cut_off"    // the connection broke with a job half sent
	CodeProfile     = "printer.profile"    // cannot print this as it is set up
	CodeURI         = "printer.uri"        // its address is none
	CodeUnknown     = "printer.unknown"    // no printer has this name any more
	CodeRestarted   = "printer.restarted"  // the till stopped while it printed
	CodeLate        = "printer.late"       // too old to come out by itself
)
