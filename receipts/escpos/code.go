package escpos

// QR prints a code of text at error correction M, in the middle, with white around it: drawn by the printer where its profile says
// that it can, else sent as a picture. Modules are 6 dots wide, less where the paper is too narrow. Refusal: qr.text for text that is
// empty, longer than 300 bytes or holds a control character.
func (e *Encoder) QR(text string) {
	if e.p.QR && !e.p.Image {
		e.QRNative(text)
		return
	}
	e.QRPicture(text)
}

// QRNative has the printer draw the code whatever its profile says: for the page that finds out whether it can. Refusals: those of QR.
func (e *Encoder) QRNative(text string) {
	_, dots, err := e.p.fitted(text)
	if err != nil {
		e.fail(err)
		return
	}
	e.flush()
	e.loose = true
	store := len(text) + 3
	e.out = append(e.out, 0x1b, 'd', 1, 0x1b, 'a', 1) // printers draw no quiet zone
	e.out = append(e.out, 0x1d, '(', 'k', 4, 0, 49, 65, 50, 0)
	e.out = append(e.out, 0x1d, '(', 'k', 3, 0, 49, 67, byte(dots))
	e.out = append(e.out, 0x1d, '(', 'k', 3, 0, 49, 69, 49)
	e.out = append(e.out, 0x1d, '(', 'k', byte(store), byte(store>>8), 49, 80, 48)
	e.out = append(e.out, text...)
	e.out = append(e.out, 0x1d, '(', 'k', 3, 0, 49, 81, 48)
	e.out = append(e.out, 0x1b, 'a', 0, 0x1b, 'd', 1)
}

// QRPicture sends the code as a picture whatever the profile says. Refusals: those of QR.
func (e *Encoder) QRPicture(text string) {
	modules, dots, err := e.p.fitted(text)
	if err != nil {
		e.fail(err)
		return
	}
	e.picture(drawCode(modules, dots, quiet))
}

// TextIn prints one line in another page than the profile's, by the printer's own letters: for the page that finds out which one reads right.
// A printer that lacks the page stays in the one in force, so page 0, which all have and where no € is, is put in force before it.
// Refusal: printer.profile for a page that is not a number of one byte or a charmap that nobody knows.
func (e *Encoder) TextIn(page int, charmap, text string) {
	q := e.p
	q.Page, q.Charmap, q.Image = page, charmap, false
	if err := q.Check(); err != nil {
		e.fail(err)
		return
	}
	e.flush()
	e.loose = true
	line := q.Printable(text)
	if len([]rune(line)) > e.columns() {
		e.fail(errWide.With("line", line).With("columns", e.columns()))
		return
	}
	e.out = append(e.out, 0x1b, 't', 0, 0x1b, 't', byte(page))
	e.out = append(e.out, q.letters().bytes(line)...)
	e.out = append(e.out, '\n', 0x1b, 't', byte(e.p.Page))
}

// Page is a page of letters that a printer may have.
type Page struct {
	Letter  string // by which a person names it
	Number  int    // n of ESC t
	Charmap string
}

// Candidates lists the pages to try on a printer that nobody knows, the commonest first.
func Candidates() []Page {
	return []Page{
		{"A", 16, "windows-1252"},
		{"B", 19, "cp858"},
		{"C", 32, "windows-1252"},
		{"D", 4, "cp858"},
		{"E", 8, "windows-1252"},
		{"F", 14, "cp858"},
	}
}
