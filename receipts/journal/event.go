package journal

// Code names a technical event (fiscal R57–R65).
type Code string

// The codes of this version.
const (
	EventLogin         Code = "LOGIN"
	EventLogout        Code = "LOGOUT"
	EventLoginFail     Code = "LOGIN_FAIL"
	EventRoleOverride  Code = "ROLE_OVERRIDE"
	EventAppStart      Code = "APP_START"
	EventAppStop       Code = "APP_STOP"
	EventConfigChange  Code = "CONFIG_CHANGE"
	EventInputRejected Code = "INPUT_REJECTED"
	EventClockAnomaly  Code = "CLOCK_ANOMALY"
	EventCartCleared   Code = "CART_CLEARED"
	EventDrawerOpen    Code = "DRAWER_OPEN"
	// A card terminal that did not say whether an amount was paid, and what a person then said (fiscal R18).
	EventTerminalUnknown  Code = "TERMINAL_UNKNOWN"
	EventTerminalAnswered Code = "TERMINAL_ANSWERED"
	EventIntegrityError   Code = "INTEGRITY_ERROR"
	EventRollbackDetected Code = "ROLLBACK_DETECTED"
	EventReprint          Code = "REPRINT"
	EventPrinted          Code = "PRINT"      // the original of a document, given on paper (fiscal R39)
	EventExport           Code = "EXPORT"     // a file for the accountant, with its hash (fiscal R107)
	EventExportTax        Code = "EXPORT_TAX" // the whole history for an inspector (fiscal R61)
	EventArchiveVerified  Code = "ARCHIVE_VERIFIED"
	EventArchiveExported  Code = "ARCHIVE_EXPORTED"
	EventArchiveCopied    Code = "ARCHIVE_COPIED" // somebody says that a copy lies elsewhere (fiscal R75)
	EventTrainingOn       Code = "TRAINING_ON"    // fiscal R62
	EventTrainingOff      Code = "TRAINING_OFF"
	EventIntegrityOK      Code = "INTEGRITY_OK"
	EventIntegritySeen    Code = "INTEGRITY_SEEN" // a manager has taken note of the alerts before it
	EventKeyRotate        Code = "KEY_ROTATE"     // the first entry signed by the new key
	EventKeyLost          Code = "KEY_LOST"       // the same, after the old one was lost
	EventBackup           Code = "BACKUP"         // a copy of the data was written elsewhere and read again, or could not be (fiscal R81)
	EventRestore          Code = "RESTORE"        // the data were put back from a copy (fiscal R80)
	EventResent           Code = "RESENT"         // what the tills still knew after that was carried out again
)

// Severity is how much a technical event matters.
type Severity string

// The severities.
const (
	Info    Severity = "info"
	Warning Severity = "warning"
	Alert   Severity = "alert"
)

// withDefaults fills what follows from the code alone.
func (b EventBody) withDefaults() EventBody {
	if b.Data == nil {
		b.Data = map[string]any{}
	}
	if b.Sev == "" {
		b.Sev = b.Code.severity()
	}
	if b.NF525 == nil && (b.Code == EventAppStop || b.Code == EventLogout) {
		stop := 40 // terminal stop or log-off: of the codes verified in fiscal R56, the one that applies here
		b.NF525 = &stop
	}
	return b
}

func (c Code) severity() Severity {
	switch c {
	case EventIntegrityError, EventRollbackDetected, EventKeyLost:
		return Alert
	case EventLoginFail, EventRoleOverride, EventInputRejected, EventClockAnomaly, EventCartCleared, EventDrawerOpen, EventTrainingOn,
		EventTerminalUnknown, EventRestore, EventResent:
		return Warning
	default:
		return Info
	}
}
