package escpos

import (
	"strings"
	"unicode"

	"github.com/skip2/go-qrcode"

	"comptoir/data/fault"
)

const (
	qrTextMax   = 300 // bytes: a phone still reads the code off paper
	module      = 6   // dots of a module: 22 mm for the address of a card, read from an arm away
	moduleLeast = 2   // where the paper is too narrow for more
	quiet       = 4   // modules that stay white around a code
)

var errQR = fault.New(fault.Invalid, "qr.text", "A QR code on paper holds 1 to 300 bytes of text.")

// modulesOf returns the code of a text at level M, black being true, without its quiet zone.
func modulesOf(text string, level qrcode.RecoveryLevel) ([][]bool, error) {
	code, err := qrcode.New(text, level)
	if err != nil {
		return nil, errQR.Wrap(err)
	}
	code.DisableBorder = true
	return code.Bitmap(), nil
}

// fitted returns the modules of a text and how many dots wide one may be on this paper.
func (p Profile) fitted(text string) (modules [][]bool, dots int, err error) {
	if text == "" || len(text) > qrTextMax || strings.ContainsFunc(text, unicode.IsControl) {
		return nil, 0, errQR.With("max", qrTextMax)
	}
	if modules, err = modulesOf(text, qrcode.Medium); err != nil {
		return nil, 0, err
	}
	dots = min(module, p.Dots/(len(modules)+2*quiet))
	if dots < moduleLeast {
		return nil, 0, errProfile.Field("dots", "range")
	}
	return modules, dots, nil
}

// drawCode is a code as a picture, its quiet zone included.
func drawCode(modules [][]bool, dots, quiet int) *picture {
	side := (len(modules) + 2*quiet) * dots
	p := newPicture(side)
	p.grow(side)
	for y, row := range modules {
		for x, black := range row {
			if black {
				p.ink((quiet+x)*dots, (quiet+y)*dots, dots, dots)
			}
		}
	}
	return p
}
