package loyalty

import (
	"fmt"
	"testing"

	"comptoir/suspended"
)

// The stories of solidarity.md §2.4, row by row, and cases 29 to 31 and 33 of §2.7.
func TestTheReleaseLawTellsTheStoriesOfTheReference(t *testing.T) {
	for _, story := range []struct {
		name     string
		steps    []string
		last     string // what the last step did
		stands   string
		releases string
	}{
		{"9th meal paid",
			[]string{"pay 8", "pay 1"},
			"+1 released 1, S=9 D=0", "S=9 filled=0 R=1 served=0 D=0", "1:AVAILABLE"},
		{"case 29: 9th refunded, X still on the shelf",
			[]string{"pay 9", "refund 1"},
			"-1 retracted 1, S=8 D=0", "S=8 filled=8 R=0 served=0 D=0", "1:RETRACTED"},
		{"then a new meal",
			[]string{"pay 9", "refund 1", "pay 1"},
			"+1 released 1, S=9 D=0", "S=9 filled=0 R=1 served=0 D=0", "1:RETRACTED 2:AVAILABLE"},
		{"case 30: 9th refunded, X already served",
			[]string{"pay 9", "serve", "refund 1"},
			"-1, S=8 D=1", "S=8 filled=8 R=1 served=1 D=1", "1:SERVED"},
		{"then a new meal: nothing released, already given",
			[]string{"pay 9", "serve", "refund 1", "pay 1"},
			"+1, S=9 D=0", "S=9 filled=0 R=1 served=1 D=0", "1:SERVED"},
		{"nine more",
			[]string{"pay 9", "serve", "refund 1", "pay 1", "pay 9"},
			"+9 released 1, S=18 D=0", "S=18 filled=0 R=2 served=1 D=0", "1:SERVED 2:AVAILABLE"},
		{"group of 12 on one card",
			[]string{"pay 12"},
			"+12 released 1, S=12 D=0", "S=12 filled=3 R=1 served=0 D=0", "1:AVAILABLE"},
		{"4 of the 12 refunded, X served",
			[]string{"pay 12", "serve", "refund 4"},
			"-4, S=8 D=1", "S=8 filled=8 R=1 served=1 D=1", "1:SERVED"},
		{"9th refunded while X is reserved for a partner",
			[]string{"pay 9", "allot", "refund 1"},
			"-1, S=8 D=1", "S=8 filled=8 R=1 served=0 D=1", "1:ALLOTTED"},
		{"the allotment lapses unused",
			[]string{"pay 9", "allot", "refund 1", "lapse"},
			"+0 retracted 1, S=8 D=0", "S=8 filled=8 R=0 served=0 D=0", "1:RETRACTED"},
		{"case 31: the 3rd of 9 refunded instead",
			[]string{"pay 2", "pay 1", "pay 6", "refund the 3rd"},
			"-1 retracted 1, S=8 D=0", "S=8 filled=8 R=0 served=0 D=0", "1:RETRACTED"},
		{"case 2: 27 meals at once release three",
			[]string{"pay 27"},
			"+27 released 3, S=27 D=0", "S=27 filled=0 R=3 served=0 D=0", "1:AVAILABLE 2:AVAILABLE 3:AVAILABLE"},
		{"a refund of 20 takes the latest two, the served one stays",
			[]string{"pay 27", "serve", "refund 20"},
			"-20 retracted 2, S=7 D=1", "S=7 filled=7 R=1 served=1 D=1", "1:SERVED 2:RETRACTED 3:RETRACTED"},
		{"case 41: a serving undone after the refund takes the meal back",
			[]string{"pay 9", "serve", "refund 1", "undo"},
			"+0 retracted 1, S=8 D=0", "S=8 filled=8 R=0 served=0 D=0", "1:RETRACTED"},
		{"case 41: a serving undone without a refund leaves it on the shelf",
			[]string{"pay 9", "serve", "undo"},
			"+0, S=9 D=0", "S=9 filled=0 R=1 served=0 D=0", "1:AVAILABLE"},
	} {
		t.Run(story.name, func(t *testing.T) {
			h := open(t)
			card := h.card()
			last := tell(h, card.Account, story.steps)
			wantDid(t, last, card.Account, story.last)
			h.stands(card.Account, story.stands)
			if got := h.releases(card.Account); got != story.releases {
				t.Errorf("releases: got %s, want %s", got, story.releases)
			}
		})
	}
}

// tell plays the steps of a story on one account and returns what the last one changed.
func tell(h *house, account string, steps []string) (last Change) {
	h.t.Helper()
	first := "rel:" + account + ":1"
	for _, step := range steps {
		var n int
		switch {
		case step == "serve":
			if it := h.serve(); it.ID != first {
				h.t.Fatalf("served %s, want %s", it.ID, first)
			}
		case step == "undo":
			last = h.back(suspended.Undo, first)
		case step == "allot":
			h.allot(first)
		case step == "lapse":
			last = h.back(suspended.Lapse, first)
		case step == "refund the 3rd":
			last = h.reverse(h.units[account][2])[0]
		case scan(step, "pay %d", &n):
			last = h.pay(account, n)
		case scan(step, "refund %d", &n):
			last = h.refund(account, n)
		default:
			h.t.Fatalf("unknown step %q", step)
		}
	}
	return last
}

func scan(step, format string, n *int) bool {
	_, err := fmt.Sscanf(step, format, n)
	return err == nil
}
