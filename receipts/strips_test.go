package receipts_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"comptoir/receipts"
)

func paperCards() receipts.CardPaper {
	return receipts.CardPaper{Cafe: "Café du Comptoir", Cards: []receipts.PaperCard{
		{Code: "FIDCBDEFGHIJKLNRTUVC", Number: "123456782", Address: cardURL},
		{Code: "FIDVUTRNLKJIHGFEDCBC", Number: "987654321", Address: "HTTP://127.0.0.1:8081/C/FIDVUTRNLKJIHGFEDCBC"},
	}}
}

func slip() receipts.Slip {
	return receipts.Slip{Number: 7, Cafe: "Café du Comptoir", Address: "1 place du Marché, 33000 Bordeaux", Partner: "Maraude des Chartrons",
		At: time.Date(2026, 11, 21, 18, 30, 0, 0, time.FixedZone("", 3600)), Class: "meal", Qty: 12, Temperature: "63,5 °C", Initials: "M. B.",
		Shares: []receipts.SlipShare{{Origin: "PAID", Count: 5}, {Origin: "LOYALTY", Count: 4}, {Origin: "HOUSE", Count: 3}}, Given: 3150, Waiver: true}
}

func TestStripsOnBothPapers(t *testing.T) {
	for _, width := range []int{receipts.Columns80, receipts.Columns58} {
		golden(t, fmt.Sprintf("cards.%d.txt", width), paperCards().Text(width))
		golden(t, fmt.Sprintf("slip.%d.txt", width), slip().Text(width))
	}
}

// A paper card opens its account to whoever holds it: it says nothing of anybody.
func TestAPaperCardSaysWhatOpensItAndNothingElse(t *testing.T) {
	text := paperCards().Text(32)
	for _, want := range []string{"Café du Comptoir", "123 456 782", "FIDC BDEF GHIJ KLNR TUVC", "987 654 321"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q on\n%s", want, text)
		}
	}
}

func TestASlipHasTwoCopiesAndRoomForAHand(t *testing.T) {
	empty := slip()
	empty.Temperature, empty.Initials, empty.Given, empty.Waiver = "", "", 0, false
	text := empty.Text(42)
	if strings.Count(text, "n° 7") != 2 || strings.Count(text, "......") != 6 || !strings.Contains(text, "Exemplaire du café") {
		t.Errorf("got\n%s", text)
	}
	for _, never := range []string{"2041", "attestation", "€"} {
		if strings.Contains(text, never) {
			t.Errorf("%q on the slip of a partner that writes no receipt:\n%s", never, text)
		}
	}
}
