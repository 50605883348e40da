package web

import (
	"html/template"

	"comptoir/receipts"
)

// qrImage is a QR code as one SVG element, black on white in every theme: scanners need it.
type qrImage = template.HTML

// qrSVG draws a QR code. It is one path without style or script, so it may stand in a page.
func qrSVG(text string) (qrImage, error) {
	svg, err := receipts.QRSVG(text)
	return qrImage(svg), err
}
