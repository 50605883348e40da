package loyalty

import (
	"bytes"
	"crypto/rand"
	"strings"
	"testing"

	"comptoir/data/fault"
)

func wantCode(t *testing.T, err error, kind fault.Kind, code string) {
	t.Helper()
	if fault.KindOf(err) != kind || fault.CodeOf(err) != code {
		t.Errorf("got %v (%s %s), want %s %s", err, fault.KindOf(err), fault.CodeOf(err), kind, code)
	}
}

func TestACodeIsDrawnFromTheSourceAndEndsWithItsCheckLetter(t *testing.T) {
	// By hand: the letters are worth 0 to 15 in the order of the alphabet. From the right, doubled and plain in turn:
	// F 4→8, E 3, D 2→4, B 1: sum 16, so that nothing is missing and the check letter is worth 0.
	code, err := NewCode(bytes.NewReader([]byte{1, 0x12, 0x23, 0xf4}), 4)
	if err != nil || code != "BDEFC" {
		t.Errorf("got %q, %v; want BDEFC", code, err)
	}
	// V 15→30→1+14=15, sum 15: one is missing.
	code, err = NewCode(bytes.NewReader([]byte{15}), 1)
	if err != nil || code != "VB" {
		t.Errorf("got %q, %v; want VB", code, err)
	}
	if _, err := NewCode(bytes.NewReader(nil), 12); err == nil {
		t.Error("a code was drawn from a source that is dry")
	}
}

func TestOneWrongLetterIsAlwaysSeenAndAlmostEverySwap(t *testing.T) {
	code, err := NewCode(rand.Reader, 16)
	if err != nil || len(code) != 17 || !CheckCode(code) {
		t.Fatalf("got %q, %v; want 17 letters that check", code, err)
	}
	for i := range code {
		for _, letter := range Alphabet {
			wrong := code[:i] + string(letter) + code[i+1:]
			if wrong != code && CheckCode(wrong) {
				t.Errorf("%s passes for %s", wrong, code)
			}
		}
	}
	for i := range len(code) - 1 {
		a, b := code[i], code[i+1]
		swapped := code[:i] + string(b) + string(a) + code[i+2:]
		if a != b && strings.Trim(string([]byte{a, b}), "CV") != "" && CheckCode(swapped) {
			t.Errorf("%s passes for %s", swapped, code)
		}
	}
	for _, s := range []string{"", "C", "bb", "B1", "ÀC"} {
		if CheckCode(s) {
			t.Errorf("%q passes for a code", s)
		}
	}
}

// The alphabet itself, by hand: the odd values doubled are 15, 11, 7, 3, 14, 10, 6, 2, the even ones stay 14, 12, 10,
// 8, 6, 4, 2, 0: sum 124, four short of 128, and the letter worth 4 is F.
const goodCode = "FIDCBDEFGHIJKLNRTUVF"

func TestCase54ACodeIsReadFromWhatScannersAndHandsGive(t *testing.T) {
	for name, c := range map[string]struct{ in, code string }{
		"plain":                           {goodCode, ""},
		"lower case with spaces":          {" fid cbde fghi jklnrtuv f\r\n", ""},
		"address":                         {"HTTPS://CAFE.EXAMPLE/C/" + goodCode, ""},
		"address, lower case":             {"http://127.0.0.1:8081/c/" + strings.ToLower(goodCode), ""},
		"address, US scanner on AZERTY":   {"HTTPSM!!CQFE:EXQ;PLE!C!" + goodCode, ""},
		"address, US scanner on QWERTZ":   {"HTTPSÖ--CAFE.EXAMPLE-C-" + goodCode, ""},
		"address, caps lock on AZERTY":    {"https/§§cafe§c§" + strings.ToLower(goodCode), ""},
		"one letter wrong":                {"FIDCBDEFGHIJKLNRTUVC", "card.code"},
		"one letter of another alphabet":  {"FIDCBDEFGHIJKLNRTUWF", "card.code"},
		"address, one letter wrong":       {"https://cafe.example/C/FIDBBDEFGHIJKLNRTUVF", "card.code"},
		"nothing":                         {"", "card.unreadable"},
		"a letter short":                  {goodCode[:19], "card.unreadable"},
		"a letter long":                   {goodCode + "F", "card.unreadable"},
		"letters before it":               {"C" + goodCode, "card.unreadable"},
		"another page":                    {"https://cafe.example/R/" + goodCode, "card.unreadable"},
		"another page that ends in C":     {"https://cafe.example/ABC/" + goodCode, "card.unreadable"},
		"no prefix":                       {goodCode[3:] + "CCC", "card.unreadable"},
		"an article's bar code":           {"3017620422003", "card.unreadable"},
		"digits of a US scanner, AZERTY":  {"_à'é(&è&\"ç--éà'-", "card.unreadable"},
		"half a letter before it":         {"\xffC\xff" + goodCode, ""},
		"far too long":                    {strings.Repeat("/C/", 200) + goodCode, "card.unreadable"},
		"a question after the code":       {"https://cafe.example/C/" + goodCode + "?x=1", "card.unreadable"},
		"digits where letters should be":  {"FID0123456789ABCDEFG", "card.unreadable"},
		"another café's prefix":           {"FOD" + goodCode[3:], "card.unreadable"},
		"letters from outside the ASCII":  {"FIDÀBDEFGHIJKLNRTUVF", "card.unreadable"},
		"an address and nothing after it": {"https://cafe.example/C/", "card.unreadable"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseCode(c.in)
			if c.code != "" {
				wantCode(t, err, fault.Invalid, c.code)
			} else if err != nil || got != goodCode {
				t.Errorf("got %q, %v; want %q", got, err, goodCode)
			}
		})
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add(goodCode)
	f.Add("https://cafe.example/C/" + goodCode)
	f.Add("FIDCBDEFGHIJKLNRTUVC")
	f.Add("\xff\xfe/C/")
	f.Fuzz(func(t *testing.T, s string) {
		code, err := ParseCode(s)
		if err != nil {
			if c := fault.CodeOf(err); c != "card.code" && c != "card.unreadable" {
				t.Errorf("%q: unexpected %v", s, err)
			}
			return
		}
		again, err := ParseCode(code)
		if err != nil || again != code || len(code) != cardLen || !CheckCode(code[3:]) {
			t.Errorf("%q gives %q, which gives %q, %v", s, code, again, err)
		}
	})
}

func TestANumberHasEightDigitsAndLuhnsCheckDigit(t *testing.T) {
	// 2_147_483_648 ends in 47483648. By hand, from the right, doubled and plain in turn:
	// 8→7, 4, 6→3, 3, 8→7, 4, 7→5, 4: sum 37, check digit 3. The first draw is beyond the last whole hundred million.
	number, err := newNumber(bytes.NewReader([]byte{0xff, 0xff, 0xff, 0xff, 0x80, 0, 0, 0}))
	if err != nil || number != "474836483" {
		t.Errorf("got %q, %v; want 474836483", number, err)
	}
	if _, err := newNumber(bytes.NewReader(nil)); err == nil {
		t.Error("a number was drawn from a source that is dry")
	}
	for in, want := range map[string]string{"474836483": "", " 4748 3648 3": "", "474836484": "card.code"} {
		got, looks, err := parseNumber(in)
		if !looks || fault.CodeOf(err) != want || want == "" && got != "474836483" {
			t.Errorf("%q: got %q, %v, %v", in, got, looks, err)
		}
	}
	for _, in := range []string{"", "47483648", "4748364833", "47483648X", goodCode} {
		if _, looks, _ := parseNumber(in); looks {
			t.Errorf("%q passes for a number", in)
		}
	}
}
