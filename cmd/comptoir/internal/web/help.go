package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

const helpPath = "/help"

// testCode is a card code that bears every letter a code may have, with its check letter: who can scan it can scan
// them all. No card has it, for codes are drawn: that it could be drawn is one in 2^64.
const testCode = "FIDCBDEFGHIJKLNRTUVF"

// helpButton is a button that a sentence names: by the very word of the catalogue that the button itself shows, and
// its icon, so that the help cannot drift from the till. A test finds each of them in the pages.
type helpButton struct{ blank, icon, word string }

// helpSteps are the ten things a newcomer needs, in the order in which they need them.
func helpSteps() []struct {
	name    string
	buttons []helpButton
} {
	return []struct {
		name    string
		buttons []helpButton
	}{
		{"sell", []helpButton{{"card", "credit-card", "means.card"}, {"cash", "banknote", "cart.exact"}}},
		{"line", []helpButton{{"remove", "trash-2", "line.remove"}, {"undo", "undo-2", "cart.undo"}}},
		{"order", []helpButton{
			{"here", "utensils", "mode.eat_in"}, {"away", "shopping-bag", "mode.takeaway"}, {"hold", "pause", "cart.hold"}, {"held", "pause", "chips.held"},
			{"send", "send", "ticket.send"},
		}},
		{"pay", []helpButton{{"pay", "", "cart.pay"}, {"voucher", "ticket", "means.meal_voucher"}, {"shares", "", "pay.shares"}, {"split", "split", "ticket.split"}}},
		{"card", []helpButton{{"card", "id-card", "cart.card"}}},
		{"give", []helpButton{{"give", "heart", "line.give"}}},
		{"serve", []helpButton{{"shelf", "hand-heart", "chips.shelf"}}},
		{"refund", []helpButton{{"sales", "list", "nav.sales"}, {"refund", "undo-2", "refund.do"}}},
		{"offline", []helpButton{{"offline", "wifi-off", "cart.offline"}}},
		{"shift", []helpButton{{"open", "store", "shift.open"}, {"drawer", "banknote", "nav.shift"}, {"close", "lock", "shift.close"}, {"lock", "lock", "till.lock"}}},
	}
}

// helpView is the page of help.
type helpView struct {
	base
	Steps    []stepView
	Scan     picture
	ScanText string // what a scanner that is set up well types
	ScanCode string
}

// stepView is one thing to know.
type stepView struct {
	Title string
	Parts []pieceView
}

// pieceView is a piece of a sentence, or a button named in it.
type pieceView struct {
	Text   string
	Button *namedView
}

// namedView is a button as a sentence shows it.
type namedView struct {
	Drawn bool // it has an icon
	Icon  string
	Word  string
}

// helpPage serves GET /help.
func (s *Server) helpPage(c *fiber.Ctx) error {
	v := helpView{base: s.newBase(c, "help.title", "help"), ScanCode: testCode, ScanText: s.till.CardURL(testCode)}
	for _, step := range helpSteps() {
		v.Steps = append(v.Steps, v.step(step.name, step.buttons))
	}
	var err error
	if v.Scan, err = qrSVG(v.ScanText); err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "help", v)
}

// step words one thing to know. The blanks of its sentence are filled with marks, at which it is then cut: so a
// language may name the buttons in an order of its own.
func (v helpView) step(name string, buttons []helpButton) stepView {
	const mark = "\x00"
	args := make([]any, 0, 2*len(buttons))
	for i, b := range buttons {
		args = append(args, b.blank, mark+strconv.Itoa(i)+mark)
	}
	step := stepView{Title: v.T("help." + name + ".title")}
	for i, piece := range strings.Split(v.T("help."+name+".text", args...), mark) {
		if i%2 == 0 {
			step.Parts = append(step.Parts, pieceView{Text: piece})
			continue
		}
		n, err := strconv.Atoi(piece)
		if err != nil || n >= len(buttons) {
			continue // no catalogue can do this: the marks are ours
		}
		b := buttons[n]
		word := strings.TrimRight(v.T(b.word), "\u00a0:") // a word that announces something on the till
		step.Parts = append(step.Parts, pieceView{Button: &namedView{Drawn: b.icon != "", Icon: b.icon, Word: word}})
	}
	return step
}
