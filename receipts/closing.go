package receipts

import (
	"context"
	"encoding/hex"
	"time"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/receipts/journal"
)

// Closing is the document of a day, a month or a year that was closed (fiscal R46, R50), or a reading of the day that is
// open, which is none (R47). Its figures are those of the signed entry; nothing is computed.
type Closing struct {
	Number   string   `json:"number"` // "Z26-000001"; empty for a reading
	Level    string   `json:"level"`  // day, month, year or reading
	Title    string   `json:"title"`  // French
	Marks    []string `json:"marks"`
	Identity Identity `json:"identity"`

	At       time.Time `json:"at"` // in the café's zone as it was: its offset is part of it
	Register string    `json:"register"`
	Operator string    `json:"operator"` // operator code; sys is the till itself

	Body journal.CloseBody `json:"body"`

	Charges []TerminalCharge `json:"charges,omitempty"` // that terminals did not answer; whoever keeps them fills them in

	Backup *ClosingBackup `json:"backup,omitempty"` // made at it; nil: none was due, or none was known in time; whoever makes it fills it in

	Software string `json:"software"`
	Core     string `json:"core"`
	Source   string `json:"core_sources"`      // SHA-256 of the sources of that core, hexadecimal (fiscal R3); empty: unknown to this program
	Journal  string `json:"journal"`           // UUID
	Seq      int64  `json:"seq"`               // of its entry
	Extract  string `json:"signature_extract"` // as Document
	Hash     string `json:"hash"`              // of its entry, hexadecimal, whole
	// Head is the text of its QR code: whoever keeps the paper can prove later that nothing was cut off or put back
	// (fiscal R28).
	Head string `json:"head"`
}

// ClosingBackup is what the paper of a day's closing says of the copy of the data that was made at it (fiscal R81). It is not
// signed with the closing: an entry of its own, later, says the same.
type ClosingBackup struct {
	OK      bool      `json:"ok"`
	Pending bool      `json:"pending,omitempty"` // it was still being made when the paper was printed
	Place   string    `json:"place"`
	At      time.Time `json:"at"` // in the café's zone
}

// Levels of a closing.
const (
	LevelDay     = "day"
	LevelMonth   = "month"
	LevelYear    = "year"
	LevelReading = "reading"
)

// LevelOf returns the level of an entry's kind; empty for what closes nothing.
func LevelOf(kind journal.Kind) string {
	switch kind {
	case journal.KindCloseDay:
		return LevelDay
	case journal.KindCloseMonth:
		return LevelMonth
	case journal.KindCloseYear:
		return LevelYear
	default:
		return ""
	}
}

// LoadClosing reads the document of a closing by its number. Refusals: those of Load.
func LoadClosing(ctx context.Context, q data.Querier, number string) (Closing, error) {
	e, err := journal.ByNumber(ctx, q, number)
	if err != nil {
		return Closing{}, err
	}
	id, err := journal.Founding(ctx, q)
	if err != nil {
		return Closing{}, err
	}
	return RenderClosing(e, id)
}

// RenderClosing makes the document of a CLOSE_DAY, CLOSE_MONTH or CLOSE_YEAR entry of the café whose genesis is id. Any
// other kind is Invalid "document.kind"; an entry that cannot be read is Internal "document.unreadable".
func RenderClosing(e journal.Entry, id journal.GenesisBody) (Closing, error) {
	level := LevelOf(e.Kind)
	if level == "" {
		return Closing{}, fault.New(fault.Invalid, "document.kind", "an entry of this kind is no document").With("kind", string(e.Kind))
	}
	env, err := e.Envelope()
	if err != nil {
		return Closing{}, unreadable(e, err)
	}
	c := Closing{
		Number: e.Number, Level: level, Title: closingTitle(level), Marks: marks(e, id, Extra{}), Identity: identityOf(id),
		At: e.At.In(time.FixedZone("", env.TZ*60)), Register: env.Reg, Operator: env.Op,
		Software: env.Software, Core: env.Core, Source: journal.SourceHash(env.Core), Journal: env.Journal, Seq: e.Seq, Extract: extract(e.Sig), Hash: hex.EncodeToString(e.Hash[:]),
	}
	if err := e.Decode(&c.Body); err != nil {
		return Closing{}, unreadable(e, err)
	}
	c.Head = journal.PrintedAnchor(c.Journal, c.Seq, e.Hash, c.Number)
	return c, nil
}

// Reading is a look at the day that is open, in the form of its closing: no document, no number, nothing signed
// (fiscal R47). at carries the café's offset.
func Reading(body journal.CloseBody, id journal.GenesisBody, at time.Time, operator string) Closing {
	c := Closing{Level: LevelReading, Title: closingTitle(LevelReading), Marks: []string{}, Identity: identityOf(id), At: at, Operator: operator, Body: body,
		Core: journal.CoreVersion}
	if id.Demo {
		c.Marks = append(c.Marks, markDemo)
	}
	return c
}

func identityOf(id journal.GenesisBody) Identity {
	return Identity{Name: id.Name, LegalName: id.LegalName, Address: id.Address, SIRET: id.SIRET, VATNumber: id.VATNumber, NAF: id.NAF}
}
