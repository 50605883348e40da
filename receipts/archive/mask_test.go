package archive_test

import (
	"regexp"
	"strings"

	"comptoir/receipts/journal"
)

// mask replaces what differs from run to run, and from version to version, so that a table can be compared and looked at.
func mask(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n") // in the repository a golden file has the line ends of the others
	text = strings.ReplaceAll(text, ";"+journal.CoreVersion+";", ";<noyau>;")
	text = regexp.MustCompile(`[0-9a-f]{64}`).ReplaceAllString(text, "<empreinte>")
	return regexp.MustCompile(`MFkwEw[A-Za-z0-9+/=]+`).ReplaceAllString(text, "<clé>")
}
