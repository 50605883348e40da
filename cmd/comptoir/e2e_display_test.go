package main_test

// What faces the customer, and what must not: the display beside the till, the tablet reserved to it, the lock, and
// the first minutes of a café.

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
)

// followTheTill: the customer sees each tap, what is owed, what comes back, and the same thanks as anybody.
func followTheTill(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	screen := s.openTab(screenTablet())
	screen.signIn(c.staff, "Manager", "9999")
	screen.open(c.staff + "/display?till=1")
	screen.until("the display is idle", `document.querySelector("#display.idle")`)
	ask[bool](screen, `(window.seen = {}, new MutationObserver(() => {
		const text = document.querySelector("#display").innerText;
		for (const word of ["Expresso", "Rendu"]) if (text.includes(word)) window.seen[word] ??= performance.timeOrigin + performance.now();
	}).observe(document.body, { subtree: true, childList: true, characterData: true }), true)`)
	late := func(word string, since float64) {
		screen.until("the display says "+word, fmt.Sprintf(`window.seen[%q]`, word))
		s.Logf("the display says %s after %.0f ms", word, ask[float64](screen, fmt.Sprintf(`window.seen[%q]`, word))-since)
	}
	now := `performance.timeOrigin + performance.now()`
	tapped := ask[float64](p, now)
	p.tap(tile("expresso"))
	late("Expresso", tapped)
	p.settled(1)
	paid := ask[float64](p, now)
	p.tap("#quick-note-1")
	late("Rendu", paid)
	if said := screen.text("#display"); !strings.Contains(said, "C’est réglé, merci") || !strings.Contains(said, "Rendu 3,00 €") {
		s.Errorf("the display says %q", said)
	}
	p.tap(tile("croissant"))
	screen.until("the thanks end with the next tap", `document.querySelector("#display.order") && document.querySelector("#display").innerText.includes("Croissant")`)
}

// faceTheCustomer: a tablet that stands on the counter opens nothing but its screen.
func faceTheCustomer(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTablet())
	p.signIn(c.staff, "Manager", "9999")
	p.open(c.staff + "/display?till=1")
	p.tap(".corner summary")
	p.tap(`.corner form [type="submit"]`)
	p.until("the display again, reserved", `document.querySelector("#display") && !document.querySelector(".corner form")`)
	for _, address := range []string{"/", "/sales", "/manage", "/shift", "/pay/x", "/device", "/manage/staff", "/kitchen"} {
		p.open(c.staff + address)
		if at := ask[string](p, "location.pathname"); at != "/login" {
			s.Errorf("%s from the screen leads to %s", address, at)
		}
	}
	p.open(c.staff + "/login")
	p.signInHere("Barista", "1111")
}

// openACafe: from the demonstration to the first sale of a café of one's own, without another start.
func openACafe(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.open(c.staff + "/login?lang=fr")
	p.expect("422 (Unprocessable Entity)") // the mistyped digit
	p.tap(`a.demo[href="/setup"]`)
	p.until("the set-up page", `document.querySelector("#siret")`)
	fill := func(id, text string) {
		p.tap("#" + id)
		p.until("the field has the focus", fmt.Sprintf("document.activeElement.id === %q", id))
		p.rest()
		p.write(text)
		p.until("the field has the text", fmt.Sprintf("document.activeElement.value === %q", text))
	}
	fill("name", "Levrai")
	fill("address", "Bordeaux")
	fill("siret", "73282932000075")
	fill("manager", "Awa")
	p.tap(`label.pick:has([value="franchise"])`)
	p.rest() // a second tap within a moment of this one would be a double tap
	fill("pin", "4821")
	fill("pin_again", "4821")
	p.tap(`form [type="submit"]`)
	p.until("the mistyped digit is told beside it", `document.querySelector("#siret-wrong")`)
	if name := ask[string](p, `document.querySelector("#name").value`); name != "Levrai" {
		s.Errorf("what was typed is lost: %q", name)
	}
	ask[bool](p, `(document.querySelector("#siret").value = "", true)`)
	fill("siret", "73282932000074")
	fill("pin", "4821")
	fill("pin_again", "4821")
	p.tap(`form [type="submit"]`)
	p.until("the live café asks for its first float", `document.querySelector("#float")`)
	if title := ask[string](p, "document.title"); !strings.Contains(title, "Levrai") {
		s.Errorf("the page is called %q", title)
	}
	fill("float", "100")
	p.tap(`form[action="/shift/open"] [type="submit"]`)
	p.until("the till is ready", `document.querySelector("#till.ready")`)
	p.tap(tile("expresso"))
	p.settled(1)
	p.tap("#quick-card")
	p.until("the till says paid", `document.querySelector("#paid")`)
	if said := p.text("#paid"); !strings.Contains(said, "T26-000001") {
		s.Errorf("the first sale says %q", said)
	}

	for _, check := range []string{"doctor", "verify"} {
		live := exec.Command(c.program, check, "--data", c.dir)
		if out, err := live.CombinedOutput(); err != nil {
			s.Errorf("comptoir %s on %s: %v\n%s", check, filepath.Join(c.dir, "cafe"), err, out)
		}
	}
}

// lockAndUnlock: the order on the screen is there for whoever comes next.
func lockAndUnlock(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.signIn(c.staff, "Barista", "1111")
	p.tap(tile("expresso"))
	p.settled(1)
	order := p.orderOf()
	p.open(c.staff + "/?ticket=" + order)
	p.until("the till is ready", `document.querySelector("#till.ready")`)
	p.expect("401 (Unauthorized)") // what the page had asked for when it was locked
	ask[bool](p, `(document.querySelector('form[action="/lock"]').requestSubmit(), true)`)
	p.until("the sign-in page says why", `location.pathname === "/login" && document.body.innerText.includes("Verrouillé")`)
	p.signInHere("Manager", "9999")
	p.settled(1)
	if got := p.orderOf(); got != order {
		s.Errorf("after unlocking the till shows order %q, want %q", got, order)
	}
}
