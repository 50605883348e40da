package loyalty

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"comptoir/data/fault"
)

// Alphabet has the sixteen letters that sit in the same place on AZERTY, QWERTY and QWERTZ keyboards, so that a
// scanner set for one and plugged into another still types them right (product.md, decision 4).
const Alphabet = "CBDEFGHIJKLNRTUV"

const (
	cardPrefix   = "FID"
	cardLetters  = 16 // 64 random bits
	cardLen      = len(cardPrefix) + cardLetters + 1
	numberDigits = 8
	readLimit    = 512 // bytes of a scan worth looking at
)

var (
	errUnreadable = fault.New(fault.Invalid, "card.unreadable", "This is neither a card code nor a card number.")
	errMistyped   = fault.New(fault.Invalid, "card.code", "The check letter of the card code, or the check digit of its number, is wrong.")
)

// NewCode draws a code of so many random letters, four bits each, followed by its check letter. The randomness is
// the caller's: crypto/rand.Reader, or a fixed source in a test. The error is the source's.
func NewCode(random io.Reader, letters int) (string, error) {
	drawn := make([]byte, letters)
	if _, err := io.ReadFull(random, drawn); err != nil {
		return "", fmt.Errorf("draw a code: %w", err)
	}
	for i, b := range drawn {
		drawn[i] = Alphabet[b%byte(len(Alphabet))] // 256 is a multiple of 16: no letter is favoured
	}
	return string(drawn) + string(checkLetter(string(drawn))), nil
}

// CheckCode reports whether a code of any length is of the alphabet, in capitals, and ends with its check letter.
// One wrong letter is always seen, and so is a swap of two neighbours, but for the pair C and V.
func CheckCode(code string) bool {
	last := len(code) - 1
	if last < 1 || strings.Trim(code, Alphabet) != "" {
		return false
	}
	return code[last] == checkLetter(code[:last])
}

// checkLetter is Luhn mod 16 over the alphabet.
func checkLetter(letters string) byte {
	const n = len(Alphabet)
	sum := 0
	for i := range len(letters) {
		v := strings.IndexByte(Alphabet, letters[len(letters)-1-i])
		if i%2 == 0 {
			v *= 2
		}
		sum += v/n + v%n
	}
	return Alphabet[(n-sum%n)%n]
}

// ParseCode reads the code of a card from what a scanner, a phone or a hand gives: the code, or an address that
// ends in /C/<CODE>, in any case, with spaces anywhere, and with the signs of the address mangled by a scanner set
// for another keyboard. Errors: Invalid card.code (a letter is wrong), card.unreadable (anything else, case 54).
func ParseCode(s string) (string, error) {
	s, ok := fold(s)
	if !ok || len(s) < cardLen {
		return "", errUnreadable
	}
	before, code := s[:len(s)-cardLen], s[len(s)-cardLen:]
	if !strings.HasPrefix(code, cardPrefix) || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "", errUnreadable
	}
	if before != "" && !endsInC(before) {
		return "", errUnreadable
	}
	if !CheckCode(code[len(cardPrefix):]) {
		return "", errMistyped
	}
	return code, nil
}

// endsInC reports whether an address ends in "/C/", whatever a foreign keyboard has made of the slashes.
func endsInC(s string) bool {
	rest, ok := cutSign(s)
	if !ok || !strings.HasSuffix(rest, "C") {
		return false
	}
	_, ok = cutSign(strings.TrimSuffix(rest, "C"))
	return ok
}

// cutSign takes one rune that is neither letter nor digit off the end.
func cutSign(s string) (string, bool) {
	r, size := utf8.DecodeLastRuneInString(s)
	if size == 0 || unicode.IsLetter(r) || unicode.IsDigit(r) {
		return s, false
	}
	return s[:len(s)-size], true
}

// fold removes white space and turns ASCII letters into capitals. It reports false for what is too long to be read.
func fold(s string) (string, bool) {
	if len(s) > readLimit {
		return "", false
	}
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, s), true
}

// newNumber draws the short number of a card: eight digits and a check digit.
func newNumber(random io.Reader) (string, error) {
	const numbers = 100_000_000
	for {
		var b [4]byte
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return "", fmt.Errorf("draw a number: %w", err)
		}
		n := binary.BigEndian.Uint32(b[:])
		if n >= math.MaxUint32/numbers*numbers {
			continue // beyond the last whole hundred million: keeping it would favour the low numbers
		}
		digits := fmt.Sprintf("%0*d", numberDigits, n%numbers)
		return digits + string(checkDigit(digits)), nil
	}
}

// parseNumber reads a card number with spaces anywhere. It reports false for what does not look like one.
func parseNumber(s string) (number string, looks bool, err error) {
	s, ok := fold(s)
	if !ok || len(s) != numberDigits+1 || strings.Trim(s, "0123456789") != "" {
		return "", false, nil
	}
	if s[numberDigits] != checkDigit(s[:numberDigits]) {
		return "", true, errMistyped
	}
	return s, true, nil
}

// checkDigit is Luhn's.
func checkDigit(digits string) byte {
	sum := 0
	for i := range len(digits) {
		v := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			v *= 2
		}
		sum += v/10 + v%10
	}
	return byte('0' + (10-sum%10)%10)
}

// hashOf is all that is kept of a code.
func hashOf(code string) [sha256.Size]byte { return sha256.Sum256([]byte(code)) }
