package main_test

// The program as a person meets it: the real binary in a process of its own, a real browser, real fingers and keys.
// What needs no browser is tested without one.

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// sceneLimit bounds one behaviour, start of the café and audit included: how long a hang may last, nothing that a slow machine meets.
const sceneLimit = 5 * time.Minute

// lookLimit bounds the look at every page in one language.
const lookLimit = 15 * time.Minute

// TestInTheBrowser plays each behaviour in a tab of its own on a café of its own.
func TestInTheBrowser(t *testing.T) {
	path, err := findBrowser()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI must have a browser: %v", err)
		}
		t.Skipf("no browser: %v", err)
	}
	s := raiseStage(t, path)
	for _, b := range []struct {
		name string
		play func(*scene)
	}{
		{"a newcomer sells a coffee in two taps", sellByTouch},
		{"a newcomer sells a coffee with the keyboard alone", sellByKeyboard},
		{"a tablet on plain http sells", sellOverPlainHTTP},
		{"a scanned card goes to the ticket whatever has the focus", scanInTheSearchBox},
		{"the heart gives a suspended coffee and serves one in two taps", giveAndServe},
		{"eight quick taps on a slow network are eight coffees", tapQuicklyOnASlowNetwork},
		{"taps while the service is down are sold once it is back", tapWhileTheServiceIsDown},
		{"a reload shows what the server has", reloadWhileTheServiceIsDown},
		{"an answer lost on the way is asked for again and rings nothing twice", loseAnAnswer},
		{"paying is refused with the new total when another till has added", payAnOrderThatHasChanged},
		{"a table pays in parts, by lines and in equal shares", payInParts},
		{"a payment whose answer is lost is paid once and said so", loseThePayment},
		{"the payment page hears what another till has added", payWhileTheOtherAdds},
		{"the drawer is counted and closed", closeTheDrawer},
		{"a day is closed in four steps, counted blind", closeTheDay},
		{"after a power cut the till tells the last sale", findTheSaleAfterAPowerCut},
		{"a customer gets a card in one gesture and claims the stamps of a receipt", getACardAndClaim},
		{"a donor follows a gift", followAGift},
		{"the board in the window follows without a stream", watchTheBoard},
		{"a card and a receipt are printed", printCardAndReceipt},
		{"paper cards are printed on one sheet and each is read", printPaperCards},
		{"two cards share an order, and a lost one comes back by its contact", shareTheMeals},
		{"papers are printed once as the original, then as numbered duplicates", printPapers},
		{"papers of a company are an invoice on one sheet", makeAnInvoice},
		{"papers stay as they are when a means of payment is put right", fixAMeans},
		{"seven tills in one browser stay alive", sevenTabs},
		{"the first paint of the till waits for no script", paintWithoutScript},
		{"the kitchen has an order within a second, does it and calls it back", cookAnOrder},
		{"the kitchen reads what was added and taken off", readWhatIsTakenOff},
		{"the till is alarmed when no screen shows an order", alarmTheTill},
		{"the kitchen follows across a restart", cookAcrossARestart},
		{"the customer's display follows the till within a second", followTheTill},
		{"a tablet reserved to its screen is no way into the till", faceTheCustomer},
		{"a live café is set up in one go and sells", openACafe},
		{"the dashboard tells the numbers of the report", readTheDashboard},
		{"the dial is read first and follows the band", turnTheDial},
		{"the accountant takes the files of a closed day", takeTheFiles},
		{"an account that cannot stand is refused beside its field", changeAnAccount},
		{"the help fits one sheet of paper and tests a scanner", readTheHelp},
		{"locking and unlocking keep the order", lockAndUnlock},
		{"the till weighs at most sixty kilobytes", weighTheTill},
		{"a walk through a day", walkThrough},
		{"a volunteer signs up on a phone, and the manager prints the evening", signUpToCook},
		{"a manager arranges the menu, asks a question and sells out, and the till follows", arrangeTheMenu},
		{"the menu is arranged without a script", arrangeWithoutScript},
		{"a line is changed in place, typed, and taken back", changeALineInPlace},
		{"a large discount asks for a manager in the same dialog", discountWithAnotherPair},
		{"digits, function keys, undo and Enter sell by keyboard", sellByKeys},
		{"a scanner works on three layouts with a dialog open", scanOnThreeLayouts},
		{"a scan on another page goes to the till or opens its sale", scanElsewhere},
		{"a photograph of a card is read", photographACard},
		{"a card held before the camera goes to the ticket", holdACardBefore},
		{"a scan is understood in nine cells of layouts and presses nothing", scanInNineCells},
		{"keys that hands strike are left alone, and goods are scanned", scanGoodsAndNonsense},
		{"a manager tries a scanner, which says what is wrong", tryAScanner},
		{"an order is found among many, with a long name and an emoji", manyOrders},
		{"a session that ends in the middle loses no order and says what was lost", loseTheSession},
		{"a newcomer learns to sell in training, and the day is what it was", learnToSell},
		{"a month that is ended is archived, and its copy confirmed", archiveAMonth},
		{"the shelf says yes or that one will manage, and becomes meals", mindTheShelf},
		{"an association asks on its phone, and collects with a slip", collectForAnAssociation},
		{"a round-up is proposed once, and a company pays a lot", roundUpAndSponsor},
		{"a coffee asked for with a token is counted apart", serveByToken},
		{"a card is sent to the terminal in one tap and the till goes on", payByTerminal},
		{"a till killed while the terminal is asked leaves it to a person", loseTheTerminal},
		{"a tablet trusts the till over HTTPS, and no bank of the same authority", trustOnATablet},
		{"paper: an unknown printer is set up by its test page", chooseTheLetter},
		{"paper that ran out is seen on the till, and prints once", runOutOfPaper},
		{"what a machine has lost is given back by the page that did it", giveBackWhatWasLost},
		{"every page fits every screen in both languages and both looks", lookAtEveryPage},
	} {
		t.Run(b.name, func(t *testing.T) {
			t.Parallel()
			s.ran.Add(1)
			b.play(&scene{TB: t, stage: s})
		})
	}
}

// stage is what all behaviours share: the program, a demonstration as a newcomer finds it, and one browser.
type stage struct {
	dir     string // everything lies below it
	program string
	demo    string          // data directory to copy
	token   string          // of a manager of the demonstration
	film    string          // what the browser's camera sees: a card of the demonstration
	browser context.Context //nolint:containedctx // chromedp's handle of a browser is a context
	ran     atomic.Int32
	cafes   atomic.Int32
}

// scene is one behaviour being played, by a test or by a benchmark.
type scene struct {
	testing.TB
	*stage
	limit time.Duration // of a tab; 0: sceneLimit
}

// beside plays a part of a behaviour side by side with its other parts, each on a stage place of its own.
func (s *scene) beside(name string, limit time.Duration, play func(*scene)) {
	t, ok := s.TB.(*testing.T)
	if !ok {
		s.Fatalf("%s: only a test plays several parts at once", name)
	}
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		play(&scene{TB: t, stage: s.stage, limit: limit})
	})
}

// raiseStage builds the program, opens a demonstration once, and starts the browser. All of it is gone after the
// last behaviour.
func raiseStage(tb testing.TB, browser string) *stage {
	tb.Helper()
	// Not t.TempDir: a café's control socket needs a short path, and the browser writes until it has ended.
	dir, err := os.MkdirTemp("", "comptoir-e2e-") //nolint:usetesting // see above
	if err != nil {
		tb.Fatal(err)
	}
	s := &stage{dir: dir, program: filepath.Join(dir, "comptoir"), demo: filepath.Join(dir, "demo")}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Errorf("clean up: %v", err)
		}
		fmt.Fprintf(os.Stdout, "browser tests: %d run\n", s.ran.Load())
	})
	build := exec.CommandContext(tb.Context(), "go", "build", "-o", s.program, ".")
	if out, err := build.CombinedOutput(); err != nil {
		tb.Fatalf("build the program: %v\n%s", err, out)
	}
	s.foundDemo(tb)
	s.browser = startBrowser(tb, browser, filepath.Join(dir, "profile"), s.film)
	return s
}

// foundDemo opens a demonstration as `comptoir` does for a newcomer, waits until its sample day has been rung, and
// ends it.
func (s *stage) foundDemo(tb testing.TB) {
	tb.Helper()
	c := &cafe{scene: &scene{TB: tb, stage: s}, dir: s.demo}
	c.start()
	mark := filepath.Join(s.demo, "demo", "unseeded")
	eventually(tb, "the sample day has been rung", func() bool {
		_, err := os.Stat(mark)
		return errors.Is(err, os.ErrNotExist)
	})
	out, err := c.command("token", "create", "--role", "manager", "--name", "Tester").Output()
	if err != nil {
		tb.Fatalf("create a token: %v", err)
	}
	s.token = strings.TrimSpace(string(out))
	s.film = filepath.Join(s.dir, "camera.y4m")
	if err := os.WriteFile(s.film, filmOf(tb, c.codeOf(api[card](c, http.MethodPost, "/cards", struct{}{}))), 0o600); err != nil {
		tb.Fatal(err)
	}
	c.stop()
}

// eventually waits until a state is reached, and fails the test when it is not within the limit of a scene.
func eventually(tb testing.TB, what string, reached func() bool) {
	tb.Helper()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	limit := time.NewTimer(sceneLimit)
	defer limit.Stop()
	for !reached() {
		select {
		case <-look.C:
		case <-limit.C:
			tb.Fatalf("never happened: %s", what)
		}
	}
}
