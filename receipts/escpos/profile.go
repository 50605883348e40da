package escpos

import (
	"slices"

	"comptoir/data/fault"
)

// Cut is how a printer cuts its paper.
type Cut string

// The cuts.
const (
	CutFeed   Cut = "feed"   // feed to the knife and cut in part: GS V 66
	CutOld    Cut = "old"    // older clones: ESC i
	CutByHand Cut = "byhand" // no knife: paper is fed far enough to be torn off
)

// Profile is what a printer can do.
type Profile struct {
	Name    string `json:"name"`    // such as "80"
	Columns int    `json:"columns"` // of letters of the usual size
	Dots    int    `json:"dots"`    // width of the head
	Page    int    `json:"page"`    // n of ESC t
	Charmap string `json:"charmap"` // what that page means: one of Charmaps
	QR      bool   `json:"qr"`      // draws a code by itself; else a picture of it is sent
	Image   bool   `json:"image"`   // everything is sent as a picture: for whatever printer there is
	Cut     Cut    `json:"cut"`
	Status  bool   `json:"status"` // answers when asked how it is
	Pin     int    `json:"pin"`    // the pin of its drawer, 0 or 1; -1: none hangs on it
}

// Charmaps lists what a page of a profile can mean.
func Charmaps() []string { return []string{"windows-1252", "cp858", "iso-8859-15", "cp437", "cp850"} }

// Profiles lists the profiles that are shipped, the usual one first. Numbers of pages are those of the ESC/POS printer
// database (receipt-print-hq/escpos-printer-db, CC BY 4.0).
func Profiles() []Profile {
	usual := Profile{Name: "80", Columns: 48, Dots: 576, Page: 16, Charmap: "windows-1252", QR: true, Cut: CutFeed, Status: true}
	with := func(name string, change func(*Profile)) Profile {
		p := usual
		p.Name = name
		change(&p)
		return p
	}
	return []Profile{
		usual,
		with("80-858", func(p *Profile) { p.Page, p.Charmap = 19, "cp858" }),
		with("80-180dpi", func(p *Profile) { p.Columns, p.Dots = 42, 512 }),
		with("80-star", func(p *Profile) { p.Page = 32 }),
		with("58", func(p *Profile) { p.Columns, p.Dots, p.QR, p.Cut = 32, 384, false, CutByHand }),
		with("58-858", func(p *Profile) {
			p.Columns, p.Dots, p.QR, p.Cut, p.Page, p.Charmap = 32, 384, false, CutByHand, 19, "cp858"
		}),
		with("image-80", func(p *Profile) { p.Image, p.QR = true, false }),
		with("image-58", func(p *Profile) {
			p.Columns, p.Dots, p.QR, p.Image, p.Cut = 32, 384, false, true, CutByHand
		}),
	}
}

var errProfile = fault.New(fault.Invalid, "printer.profile", "This is no profile of a printer.")

// ProfileNamed returns a shipped profile. Refusal: printer.profile.
func ProfileNamed(name string) (Profile, error) {
	all := Profiles()
	if i := slices.IndexFunc(all, func(p Profile) bool { return p.Name == name }); i >= 0 {
		return all[i], nil
	}
	return Profile{}, errProfile.Field("profile", "one_of").With("name", name)
}

// Check refuses a profile that no printer has: printer.profile, naming each field and the rule it breaks.
func (p Profile) Check() error {
	err := errProfile
	rule := func(holds bool, field, code string) {
		if !holds {
			err = err.Field(field, code)
		}
	}
	rule(p.Columns >= columnsLeast && p.Columns <= columnsMost, "columns", "range")
	rule(p.Dots >= dotsLeast && p.Dots <= dotsMost && p.Dots%8 == 0, "dots", "range")
	rule(p.Columns*cellWidth <= p.Dots || !p.Image && p.Columns*cellLeast <= p.Dots, "columns", "range")
	rule(p.Page >= 0 && p.Page <= 255, "page", "range")
	rule(slices.Contains(Charmaps(), p.Charmap), "charmap", "one_of")
	rule(p.Cut == CutFeed || p.Cut == CutOld || p.Cut == CutByHand, "cut", "one_of")
	rule(p.Pin >= -1 && p.Pin <= 1, "pin", "range")
	if len(err.Fields) > 0 {
		return err.With("name", p.Name)
	}
	return nil
}

// Limits of a profile. Documents need 24 columns; 832 dots are the widest head (104 mm).
const (
	columnsLeast = 24
	columnsMost  = 69
	dotsLeast    = 192
	dotsMost     = 832
	cellLeast    = 8 // dots of the narrowest letter
)

// cell is how wide a usual letter is, in dots.
func (p Profile) cell() int { return p.Dots / max(p.Columns, 1) }
