package web

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/receipts/escpos"
)

// papersShown is how many papers of a printer in memory are shown: as many as somebody who tries a till looks at.
const papersShown = 12

// errNoTray is told of a printer that is a real one: its papers are where it stands.
var errNoTray = fault.New(fault.NotFound, "printer.unknown", "There is no printer in memory of this name.")

// trayView is the page of a printer in memory: its paper as it comes out, and what may happen to it.
type trayView struct {
	base
	Name, Link string
	Tray       tray
}

// tray is the part of that page that follows what happens.
type tray struct {
	*locale.Language
	From   string
	Link   string
	State  []trayState
	Papers []trayPaper
}

// trayState is one thing that a printer can have wrong.
type trayState struct {
	Value, Label string
	On           bool
}

// trayPaper is one paper, as a picture and in words.
type trayPaper struct{ Picture, Text string }

// foundPrinters are devices of this machine that may be printers, as addresses.
func foundPrinters() []string {
	var all []string
	for _, kind := range []struct{ pattern, scheme, rest string }{
		{"/dev/usb/lp*", "usb://", ""}, {"/dev/ttyUSB*", "serial://", "?baud=9600"}, {"/dev/ttyACM*", "serial://", "?baud=9600"},
	} {
		found, err := filepath.Glob(kind.pattern)
		if err != nil {
			continue // the patterns are ours
		}
		for _, path := range found {
			all = append(all, kind.scheme+path+kind.rest)
		}
	}
	slices.Sort(all)
	return all
}

// testPrinter serves POST /manage/printers/{name}/test.
func (s *Server) testPrinter(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	name := param(c, "name")
	ask := s.till.PrintTest
	if c.FormValue("drawer") != "" {
		ask = s.till.PrintKick
	}
	job, err := ask(c.UserContext(), by, name)
	if err != nil {
		return err
	}
	return c.Redirect(printerLink(name)+"?job="+url.QueryEscape(job)+"#test", http.StatusSeeOther)
}

// chooseLetter serves POST /manage/printers/{name}/letter: the line of the test page that reads right, or none of them.
func (s *Server) chooseLetter(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	p, err := s.till.PrinterNamed(c.UserContext(), param(c, "name"))
	if err != nil {
		return err
	}
	pages, letter := escpos.Candidates(), c.FormValue("letter")
	i := slices.IndexFunc(pages, func(page escpos.Page) bool { return page.Letter == letter })
	switch {
	case i >= 0:
		p.Profile.Page, p.Profile.Charmap, p.Profile.Image = pages[i].Number, pages[i].Charmap, false
	case letter == "none": // whatever its letters are, it draws
		p.Profile.Image, p.Profile.QR = true, false
	case letter == "picture": // it prints letters, and no codes of its own
		p.Profile.QR = false
	default:
		return fault.New(fault.Invalid, "printer.invalid", "The test page has no such letter.").Field("letter", "one_of")
	}
	if _, err := s.till.SavePrinter(c.UserContext(), by, p); err != nil {
		return err
	}
	return s.done(c, printerLink(p.Name), "printer_saved")
}

// tray reads what a printer in memory has printed. Refusal: printer.unknown for a real one.
func (s *Server) tray(c *fiber.Ctx) (tray, *escpos.Printer, error) {
	name := param(c, "name")
	printer := s.devices.Virtual(name)
	l := s.language(c)
	v := tray{Language: l, Link: printerLink(name) + "/paper"}
	v.From = v.Link + "/list"
	if printer == nil {
		return v, nil, errNoTray.With("name", name)
	}
	state := printer.Status()
	for _, one := range []struct {
		value string
		on    bool
	}{{"paper_out", state.PaperOut}, {"cover_open", state.CoverOpen}, {"paper_low", state.PaperLow}, {"mute", state.Mute}} {
		v.State = append(v.State, trayState{one.value, l.T("tray." + one.value), one.on})
	}
	papers := printer.Papers()
	for i := len(papers) - 1; i >= max(0, len(papers)-papersShown); i-- {
		sum := fnv.New32a()
		_, _ = sum.Write([]byte(papers[i].Text)) // a hash takes everything
		v.Papers = append(v.Papers, trayPaper{fmt.Sprintf("%s/%d.png?v=%x", v.Link, i, sum.Sum32()), papers[i].Text})
	}
	return v, printer, nil
}

// trayPage serves GET /manage/printers/{name}/paper.
func (s *Server) trayPage(c *fiber.Ctx) error {
	t, _, err := s.tray(c)
	if err != nil {
		return err
	}
	v := trayView{base: s.newBase(c, "tray.title", "manage"), Name: param(c, "name"), Link: printerLink(param(c, "name")), Tray: t}
	v.Section, v.Part = "devices", "printers"
	return s.page(c, http.StatusOK, "manage_tray", v)
}

// trayPart serves GET /manage/printers/{name}/paper/list.
func (s *Server) trayPart(c *fiber.Ctx) error {
	t, _, err := s.tray(c)
	if err != nil {
		return err
	}
	return s.fragment(c, http.StatusOK, "tray", t)
}

// trayPicture serves GET /manage/printers/{name}/paper/{n}.png.
func (s *Server) trayPicture(c *fiber.Ctx) error {
	_, printer, err := s.tray(c)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(c.Params("n"))
	papers := printer.Papers()
	if err != nil || n < 0 || n >= len(papers) {
		return errNoTray.With("n", c.Params("n"))
	}
	picture, err := papers[n].PNG()
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "image/png")
	return c.Send(picture)
}

// setTray serves POST /manage/printers/{name}/paper: what somebody who tries a till does to its printer.
func (s *Server) setTray(c *fiber.Ctx) error {
	t, printer, err := s.tray(c)
	if err != nil {
		return err
	}
	state := printer.Status()
	switch c.FormValue("change") {
	case "paper_out":
		state.PaperOut = !state.PaperOut
	case "cover_open":
		state.CoverOpen = !state.CoverOpen
	case "paper_low":
		state.PaperLow = !state.PaperLow
	case "mute":
		state.Mute = !state.Mute
	}
	printer.Set(state)
	return c.Redirect(t.Link, http.StatusSeeOther)
}
