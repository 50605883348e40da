package main_test

import (
	"os"
	"path/filepath"
)

// machineViews are the pages of the machine itself.
func machineViews(c *cafe) []view {
	absent := filepath.Join(c.dir+"-elsewhere", "la-cle-usb-de-la-caisse-du-cafe-associatif-de-la-place-du-marche")
	return []view{
		{"machine-health", c.staff + "/manage/health", nil, false},
		{"machine-speed", c.staff + "/manage/speed", nil, false},
		{"machine-backup", c.staff + "/manage/backup", func(p *tab) { // a place that does not work, which is tried
			p.Helper()
			ask[bool](p, `(document.getElementById("target").value = "`+absent+`", document.querySelector("form[action='/manage/backup'] [formaction]").click(), true)`)
			p.until("it was tried", `document.readyState === "complete" && location.search.includes("place_tried")`)
		}, false},
		{"machine-backup-kept", c.staff + "/manage/backup", func(p *tab) { p.keepCopies(filepath.Join(c.dir, "copies")) }, false},
		{"machine-health-copy", c.staff + "/manage/health", nil, false},
	}
}

// keepCopies sets up a place for copies on the same disk, which the page warns of, backs up, and draws the code that is shown once.
func (p *tab) keepCopies(place string) {
	p.Helper()
	if err := os.MkdirAll(place, 0o700); err != nil {
		p.Fatal(err)
	}
	ask[bool](p, `(document.getElementById("target").value = "`+place+`", document.querySelector("form[action='/manage/backup'] [type=submit]").click(), true)`)
	p.until("the place is saved", `document.readyState === "complete" && location.search.includes("copies_saved")`)
	ask[bool](p, `(document.querySelector("form[action='/manage/backup/now'] [type=submit]").click(), true)`)
	p.until("a backup has begun", `document.readyState === "complete" && location.search.includes("backup_begun")`)
	ask[bool](p, `(document.querySelector("form[action='/manage/backup/code'] [type=submit]").click(), true)`)
	p.until("the code is shown", `document.readyState === "complete" && document.querySelector("#code .figure")`)
}

// heldViews come last: the café that does not sell is another one, and a browser keeps one cookie for all ports of a machine.
func heldViews(c *cafe) []view {
	return []view{{"held", c.staff + "/login", func(p *tab) { p.open(c.damagedCafe().staff) }, true}}
}

// damagedCafe serves a café whose database was cut off. It is put right before the scene audits it.
func (c *cafe) damagedCafe() *cafe {
	c.Helper()
	held := c.openCafe()
	held.stop()
	name := filepath.Join(held.dir, "demo", "till.db")
	whole, err := os.ReadFile(name)
	if err != nil {
		c.Fatal(err)
	}
	if err := os.Truncate(name, 40*4096); err != nil {
		c.Fatal(err)
	}
	held.start()
	c.Cleanup(func() {
		held.kill()
		if err := os.WriteFile(name, whole, 0o600); err != nil {
			c.Error(err)
		}
	})
	return held
}
