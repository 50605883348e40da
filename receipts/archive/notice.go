package archive

import (
	"bytes"
	_ "embed" // the words of the notice
	"fmt"
	"strings"
	"text/template"
)

//go:embed LISEZMOI.tmpl
var noticeText string

// notice is LISEZMOI.txt: the French explanation that the law asks for in each archive (fiscal R71). It says nothing but
// what the manifest does.
func notice(m Manifest) ([]byte, error) {
	t, err := template.New(fileNotice).Option("missingkey=error").Parse(noticeText)
	if err != nil {
		return nil, fmt.Errorf("notice: %w", err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		Manifest
		What    string
		CutTime string
	}{m, what(m), fmt.Sprintf("%02d h %02d", m.Identity.CutOff/60, m.Identity.CutOff%60)})
	if err != nil {
		return nil, fmt.Errorf("notice: %w", err)
	}
	return []byte(strings.ReplaceAll(b.String(), "\n", "\r\n")), nil
}

// what names the range for a French reader.
func what(m Manifest) string {
	switch m.Kind {
	case KindMonth:
		return "Archive mensuelle, période " + m.Period
	case KindYear:
		return "Archive annuelle, exercice " + m.Period
	case KindDays:
		return "Archive à la demande, du " + m.FromDay + " au " + m.ToDay
	default:
		return "Historique complet remis sur demande, journée en cours comprise"
	}
}
