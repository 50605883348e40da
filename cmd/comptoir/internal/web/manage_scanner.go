package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/device"
	"comptoir/data/fault"
	"comptoir/pos"
)

const scannerPath = "/manage/scanner"

// scannerView is the page of what reads codes, and of what customers read on a pole.
type scannerView struct {
	base
	Code, Text string  // of the test code, and what a scanner that is set up well types
	Drawn      picture // of the test code
	Goods      string  // code of goods to try
	Bars       picture // of it
	Suffixes   []settingView
	Silence    string
	Poles      []poleRow
	Kinds      []settingView
	Pages      []settingView
}

// poleRow is one pole in the list.
type poleRow struct {
	pos.Pole
	Link, Speaks, Trouble string
}

// polePages are the pages of letters that poles have: n of ESC t, and what it means. The numbers are those of the ESC/POS
// printer database, which lists poles among printers.
func polePages() []pos.Pole {
	return []pos.Pole{{Page: 16, Charmap: "windows-1252"}, {Page: 19, Charmap: "cp858"}, {Page: 2, Charmap: "cp850"}, {Page: 0, Charmap: "cp437"}}
}

// scannerPage serves GET /manage/scanner.
func (s *Server) scannerPage(c *fiber.Ctx) error { return s.showScanner(c, http.StatusOK, nil) }

func (s *Server) showScanner(c *fiber.Ctx, status int, trouble *troubleView) error {
	v := scannerView{base: s.newBase(c, "scanner.title", "manage"), Code: testCode, Text: s.till.CardURL(testCode), Goods: testGoods, Bars: eanBars(testGoods)}
	v.Section, v.Part, v.Trouble = "devices", "scanner", trouble
	var err error
	if v.Drawn, err = qrSVG(v.Text); err != nil {
		return err
	}
	keys := v.Device.Scanner
	v.Silence = v.Typed("silence", strconv.Itoa(keys.Silence))
	v.Suffixes = v.settings("suffix", suffixes(), keys.Suffix, "scanner.suffix.")
	v.Kinds = v.settings("protocol", []string{device.PoleEPSON, device.PoleCD5220}, device.PoleEPSON, "pole.protocol.")
	for i, p := range polePages() {
		value := strconv.Itoa(p.Page)
		chosen := v.Typed("page", "")
		v.Pages = append(v.Pages, settingView{value, v.T("pole.page", "n", p.Page, "charmap", p.Charmap), value == chosen || chosen == "" && i == 0})
	}
	all, err := s.till.Poles(c.UserContext())
	if err != nil {
		return err
	}
	states := s.devices.Poles()
	for _, p := range all {
		row := poleRow{Pole: p, Link: scannerPath + "/poles/" + url.PathEscape(p.Name), Speaks: v.T("pole.protocol." + p.Protocol)}
		if code := states[p.Name].Code; code != "" {
			row.Trouble = v.T("error." + code)
		}
		v.Poles = append(v.Poles, row)
	}
	return s.page(c, status, "manage_scanner", v)
}

// settings words the values of a field; what was typed before a refusal stays chosen.
func (v scannerView) settings(field string, values []string, chosen, words string) []settingView {
	all := make([]settingView, len(values))
	for i, value := range values {
		all[i] = settingView{value, v.T(words + value), value == v.Typed(field, chosen)}
	}
	return all
}

var errScanner = fault.New(fault.Invalid, "scanner.invalid", "A setting of the scanner is out of range.").With("min", leastSilence).With("max", mostSilence)

// saveScanner serves POST /manage/scanner: how this device's scanner is set. The device keeps it.
func (s *Server) saveScanner(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showScanner(c, status, t) })
	silence, err := strconv.Atoi(strings.TrimSpace(c.FormValue("silence")))
	if err != nil {
		return errScanner.Field("silence", "number")
	}
	keys := scannerKeys{c.FormValue("suffix"), silence}
	if !keys.valid() {
		return errScanner.Field("silence", "range")
	}
	prefer(c, scannerCookie, keys.cookie())
	return s.done(c, scannerPath, "scanner_saved")
}

// savePole serves POST /manage/scanner/poles.
func (s *Server) savePole(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showScanner(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	p := pos.Pole{Name: strings.TrimSpace(c.FormValue("name")), URI: strings.TrimSpace(c.FormValue("uri")), Protocol: c.FormValue("protocol"), Till: tillName(c.FormValue("till"))}
	for _, page := range polePages() {
		if strconv.Itoa(page.Page) == c.FormValue("page") {
			p.Page, p.Charmap = page.Page, page.Charmap
		}
	}
	set := device.PoleSetup{Name: p.Name, Till: p.Till, URI: p.URI, Protocol: p.Protocol, Page: p.Page, Charmap: p.Charmap}
	if err := set.Check(); err != nil && p.URI != "" && p.Name != "" {
		return err
	}
	if _, err := s.till.SavePole(c.UserContext(), by, p); err != nil {
		return err
	}
	return s.done(c, scannerPath, "pole_saved")
}

// poleNamed is the pole of the address. Refusal: pole.unknown.
func (s *Server) poleNamed(c *fiber.Ctx) (pos.Pole, error) {
	all, err := s.till.Poles(c.UserContext())
	if err != nil {
		return pos.Pole{}, err
	}
	for _, p := range all {
		if p.Name == param(c, "name") {
			return p, nil
		}
	}
	return pos.Pole{}, fault.New(fault.NotFound, "pole.unknown", "There is no pole of that name.")
}

// removePole serves POST /manage/scanner/poles/{name}/remove.
func (s *Server) removePole(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	p, err := s.poleNamed(c)
	if err != nil {
		return err
	}
	if err := s.till.RemovePole(c.UserContext(), by, p.Name); err != nil {
		return err
	}
	return s.done(c, scannerPath, "pole_removed")
}

// tryPole serves POST /manage/scanner/poles/{name}/test: letters and an amount, until its till shows something else.
func (s *Server) tryPole(c *fiber.Ctx) error {
	p, err := s.poleNamed(c)
	if err != nil {
		return err
	}
	if s.devices != nil {
		s.devices.Show(p.Till, "éèàçêïôùœ €", device.PoleRow(p.Name, s.language(c).Money(1234)))
	}
	return s.done(c, scannerPath, "pole_tried")
}

// scannerRoutes are the pages of this file.
func (s *Server) scannerRoutes() []route {
	manager := []pos.Role{pos.RoleManager}
	return []route{
		{http.MethodGet, scannerPath, manager, s.scannerPage}, {http.MethodPost, scannerPath, manager, s.saveScanner},
		{http.MethodPost, scannerPath + "/poles", manager, s.savePole}, {http.MethodPost, scannerPath + "/poles/:name/remove", manager, s.removePole},
		{http.MethodPost, scannerPath + "/poles/:name/test", manager, s.tryPole},
	}
}
