package pos

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"comptoir/data/fault"
)

// errText is the refusal of a text; its field says which, and why: "required", "too_long" (args max), "control".
var errText = fault.New(fault.Invalid, "text.invalid", "The text is missing, too long, or has characters that cannot be printed.")

// cleanText returns a person's words as they are stored and printed: in NFC, without white space around them, at
// most limit runes. It refuses control characters, line breaks, marks that turn the direction of writing around
// (they make a name look like another), and what is not UTF-8. Empty text is allowed: see requireName.
func cleanText(field, s string, limit int) (string, error) {
	if !utf8.ValidString(s) {
		return "", errText.Field(field, "control")
	}
	s = norm.NFC.String(strings.TrimSpace(s))
	if strings.ContainsFunc(s, unprintable) {
		return "", errText.Field(field, "control")
	}
	if utf8.RuneCountInString(s) > limit {
		return "", errText.Field(field, "too_long").With("max", limit)
	}
	return s, nil
}

// requireName is cleanText for a name: it may not be empty, and has 60 runes at most.
func requireName(field, s string) (string, error) {
	s, err := cleanText(field, s, maxNameRunes)
	if err == nil && s == "" {
		return "", errText.Field(field, "required")
	}
	return s, err
}

func unprintable(r rune) bool {
	switch {
	case unicode.IsControl(r), r == '\u2028', r == '\u2029', r == '\ufeff', r == utf8.RuneError:
		return true
	case unicode.Is(unicode.Cf, r) && r != '\u200d': // what cannot be seen or turns writing around; a joiner holds emoji together
		return true
	}
	return false
}

// plain spells the letters that do not come apart into a letter and its accent.
func plain(s string) string {
	return strings.NewReplacer("œ", "oe", "æ", "ae", "ß", "ss", "ø", "o", "ł", "l", "đ", "d", "’", "'").Replace(s)
}

// fold returns the text under which two names are the same: no case, no accents, single spaces.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(plain(b.String())), " ")
}

// maxSlug bounds an id made of a name, in bytes.
const maxSlug = 60

// slug makes an id of a name: "Hearty & Seasonal" is "hearty-seasonal", "Crème brûlée" is "creme-brulee". A name
// without any Latin letter or digit gives instead.
func slug(name, instead string) string {
	words := strings.FieldsFunc(fold(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	id := strings.Join(words, "-")
	if len(id) > maxSlug {
		id = strings.TrimRight(id[:maxSlug], "-")
	}
	if id == "" {
		return instead
	}
	return id
}

// isSlug reports whether id has the form of one that slug and free make.
func isSlug(id string) bool {
	return id != "" && len(id) <= maxSlug+len("-9999") && strings.Trim(id, "-") == id &&
		!strings.ContainsFunc(id, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') && (r < '0' || r > '9') })
}

// free returns the first of id, id-2, id-3… that is not taken.
func free(id string, taken func(string) bool) string {
	next := id
	for n := 2; taken(next); n++ {
		next = id + "-" + strconv.Itoa(n)
	}
	return next
}
