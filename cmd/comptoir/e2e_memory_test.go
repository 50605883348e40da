package main_test

// The memory of the tills: what a machine has lost is given back by the pages that did it.

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// kept is what the browser's memory holds of one command.
type kept struct{ ID, Copy, Epoch string }

// remembers reads all that pages have put aside in this browser, whatever it is called.
func (p *tab) remembers() (copies []kept) {
	p.Helper()
	ask[bool](p, `(globalThis.found = null, (async () => {
	  const done = (r) => new Promise((yes, no) => { r.onsuccess = () => yes(r.result); r.onerror = () => no(r.error); });
	  const names = (await indexedDB.databases()).map((d) => d.name);
	  if (String(names) !== "comptoir") { found = JSON.stringify(names); return; }
	  const db = await done(indexedDB.open("comptoir"));
	  found = JSON.stringify(await done(db.transaction("copies").objectStore("copies").index("at").getAll()));
	  db.close();
	})(), true)`)
	p.until("the memory is read", `globalThis.found !== null`)
	text := ask[string](p, `found`)
	if err := json.Unmarshal([]byte(text), &copies); err != nil {
		p.Fatalf("memory of the browser: %v in %s", err, text)
	}
	return copies
}

// sellMuch rings what a till rings: a meal on a new card with a gift and a discount that a manager approves, in cash; an order
// that is paid in two parts. It returns the first order, which has the card.
func (p *tab) sellMuch(c *cafe) (first string) {
	p.Helper()
	p.tap(tile("plat-du-jour"))
	p.settled(1)
	first = p.orderOf()
	p.tap("#stamps")
	p.tap(`#card-sheet[open] [data-kind="new-card"]`)
	p.until("the new card is shown", `document.querySelector("#new-card[open] .qr svg")`)
	p.tap("#new-card [data-close]")
	p.quiet()
	p.tap("#give")
	p.settled(2)
	p.tap("#line-1-what")
	p.tap("#line-sheet .fold-more > summary")
	p.tap(`#line-sheet .choice:has([value="percent"])`)
	p.tap("#discount-value-1")
	p.write("60")
	p.tap(`#line-sheet .choice:has([value="quality"])`)
	p.tap(`#line-sheet form[data-kind="discount"] [type="submit"]`)
	p.until("a manager is asked for", `document.querySelector("#line-sheet[open] .approve").checkVisibility()`)
	p.tap("#discount-pin-1")
	p.write("9999")
	p.tap(`#line-sheet form[data-kind="discount"] [type="submit"]`)
	p.quiet()
	p.until("it is dearer by 60 percent no more", `document.querySelector("#total").innerText.includes("6,76")`)
	p.tap("#quick-exact")
	p.until("the till says paid", `document.querySelector("#paid")`)

	p.open(c.staff + "/")
	p.tap(tile("expresso"))
	p.settled(1)
	order := p.orderOf()
	p.open(c.staff + "/pay/" + order)
	p.tap(`.shares [href*="share=2"]`)
	p.until("half of it is proposed", `document.getElementById("amount").value === "1,00"`)
	p.tap(`#pay [value="card"]`)
	p.until("a part is paid", `document.readyState === "complete" && document.querySelector(".part")`)
	p.tap(`#pay [value="card"]`)
	p.until("all is paid", `document.querySelector("#paid")`)
	return first
}

// restore puts the café back from the newest backup of a folder, as whoever runs it does, and starts it on the same address.
func (c *cafe) restore(from string) {
	c.Helper()
	r := c.command("restore", from, "--manager", "Manager", "--reason", "the disk was changed")
	r.Stdin = strings.NewReader("9999\n\n")
	if out, err := r.CombinedOutput(); err != nil {
		c.Fatalf("restore: %v\n%s", err, out)
	}
	c.restored = true
	c.start()
}

// giveBackWhatWasLost: a page sells, the machine is lost and comes back from an older copy under the same address. The page
// notices by itself, gives back what it did, and says so; each sale is there once, with the receipt that its customer holds.
func giveBackWhatWasLost(s *scene) {
	c := s.openCafe()
	p := s.openTab(screenTill())
	p.expect("net::ERR_", "403 (Forbidden)") // while the machine is away; a barista's discount
	p.signIn(c.staff, "Barista", "1111")
	p.tap(tile("expresso"))
	p.settled(1)
	p.tap("#quick-exact")
	p.until("the till says paid", `document.querySelector("#paid")`)
	stick := filepath.Join(c.dir, "stick")
	if err := os.Mkdir(stick, 0o700); err != nil {
		s.Fatal(err)
	}
	if out, err := c.command("backup", stick).CombinedOutput(); err != nil {
		s.Fatalf("backup: %v\n%s", err, out)
	}

	before := c.sales()
	order := p.sellMuch(c)
	want, shelf, carded := c.sales(), c.shelf("coffee"), c.ticket(order)
	if carded.Card == nil {
		s.Fatal("the order has no card")
	}
	if len(want) != len(before)+2 {
		s.Fatalf("sales made: got %d, want 2", len(want)-len(before))
	}
	sealed := regexp.MustCompile(`^[A-Za-z0-9_-]{100,}$`)
	was := p.remembers()
	for _, one := range was {
		if !sealed.MatchString(one.Copy) || one.ID == "" || one.Epoch == "" {
			s.Errorf("the browser keeps %+v, want a seal", one)
		}
	}
	if held := ask[string](p, `JSON.stringify([{ ...localStorage }, { ...sessionStorage }])`); strings.Contains(held, "9999") {
		s.Errorf("the browser keeps a PIN: %s", held)
	}
	p.open(c.staff + "/")
	p.until("the till is ready", `document.querySelector("#till.ready")`)

	c.kill()
	c.restore(stick)
	p.until("the till says what it gave back", `document.getElementById("resent")?.checkVisibility() && document.getElementById("resent").innerText.trim() !== ""`)
	p.until("it has given back everything", `document.querySelector('#resending[aria-busy="false"]')`) // on a slow machine, in several calls
	p.lookAt(view{"memory-given-back", "", nil, true}, look{"fr", "light"})
	manager := s.openTab(screenTill())
	manager.open(c.staff + "/login?lang=en&theme=dark")
	manager.signInHere("Manager", "9999")
	manager.open(c.staff + "/manage/resent")
	manager.lookAt(view{"memory-resent", "", nil, false}, look{"en", "dark"})
	got := c.sales()
	for i := range got { // a number that was given before is given to nobody else
		got[i].Number = want[min(i, len(want)-1)].Number
	}
	if !slices.Equal(got, want) {
		s.Errorf("after giving back there are %d sales, the newest %+v; want %d, the newest %+v", len(got), got[:2], len(want), want[:2])
	}
	if now := c.shelf("coffee"); now != shelf {
		s.Errorf("the shelf after giving back: %+v, want %+v", now, shelf)
	}
	if again := c.ticket(order); again.Card == nil || again.Card.Number != carded.Card.Number {
		s.Errorf("the order has the card %+v, want the one that its guest holds", again.Card)
	}
	for _, one := range want[:2] {
		guest := s.openTab(screenPhone())
		guest.open(one.ReceiptURL)
		guest.until("the receipt is there", `document.querySelector(".slip")`)
	}
	now := p.remembers()
	if len(now) != len(was) {
		s.Errorf("the browser keeps %d copies, want the %d it had", len(now), len(was))
	}
	p.open(c.staff + "/") // everything is known to this machine: nothing more to give back
	p.until("the till is ready", `document.querySelector("#till.ready")`)
	p.tap(tile("expresso"))
	p.settled(1)
	p.tap("#quick-exact")
	p.until("the till says paid", `document.querySelector("#paid")`)
	c.soldSince(want, coffeePrice)
}

// warned reports whether a command has ended as one that has something to say.
func warned(err error) bool {
	const exitWarnings = 3
	ended, is := err.(*exec.ExitError) //nolint:errorlint // exec returns it as it is
	return is && ended.ExitCode() == exitWarnings
}
