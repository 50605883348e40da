package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/escpos"
)

const printersPath = "/manage/printers"

// printersView is the printers of the café.
type printersView struct {
	base
	Printers []printerRow
	Presets  []settingView
	Found    []string // addresses of devices that may be printers
	Trials   []trialPrinter
}

// trialPrinter is a printer to try with that one tap sets up.
type trialPrinter struct {
	Name, Label string
	Receipts    bool
	Stations    []string // keys
}

// printerRow is one of them in a list.
type printerRow struct {
	pos.Printer
	Link string
	Does []string // what comes out of it, in words
	Is   printerStateView
}

// printerView is the page of one printer.
type printerView struct {
	base
	printerRow
	Presets  []settingView
	Stations []statusChoice
	Instead  []settingView // that may print in its place
	Pins     []settingView
	Letters  []settingView // of the test page
	Kick     bool          // a drawer hangs on it
	Job      *jobView      // its test; nil: none was asked for
	Virtual  bool
}

// printerLink is the address of the page of a printer.
func printerLink(name string) string { return printersPath + "/" + url.PathEscape(name) }

// printersPage serves GET /manage/printers.
func (s *Server) printersPage(c *fiber.Ctx) error { return s.showPrinters(c, http.StatusOK, nil) }

func (s *Server) showPrinters(c *fiber.Ctx, status int, trouble *troubleView) error {
	all, err := s.till.Printers(c.UserContext())
	if err != nil {
		return err
	}
	v := printersView{base: s.newBase(c, "printers.title", "manage")}
	v.Section, v.Part, v.Trouble = "devices", "printers", trouble
	states := s.printerStates(c.UserContext())
	for _, p := range all {
		row := v.printerRow(p)
		if is, driven := states[p.Name]; driven {
			row.Is = stateView(v.Language, is)
		}
		v.Printers = append(v.Printers, row)
	}
	v.Presets, v.Found = v.presets(""), foundPrinters()
	if v.Demo {
		stations, err := s.till.KitchenStations(c.UserContext())
		if err != nil {
			return err
		}
		v.Trials = v.trials(all, stations)
	}
	return s.page(c, status, "manage_printers", v)
}

// trials are the printers to try with that a demonstration does not have yet: one for receipts, and one for all the stations
// of its menu, so that kitchen tickets are seen to come out as well.
func (b base) trials(all []pos.Printer, stations []pos.KitchenStation) []trialPrinter {
	receipts := trialPrinter{Name: b.T("printers.demo_name"), Label: b.T("printers.demo"), Receipts: true}
	kitchen := trialPrinter{Name: b.T("printers.demo_kitchen_name"), Label: b.T("printers.demo_kitchen")}
	for _, station := range stations {
		kitchen.Stations = append(kitchen.Stations, station.Key)
	}
	var missing []trialPrinter
	for _, trial := range []trialPrinter{receipts, kitchen} {
		there := func(p pos.Printer) bool {
			return strings.EqualFold(p.Name, trial.Name) || trial.Receipts && p.Receipts || !trial.Receipts && len(p.Stations) > 0
		}
		if (trial.Receipts || len(trial.Stations) > 0) && !slices.ContainsFunc(all, there) {
			missing = append(missing, trial)
		}
	}
	return missing
}

// printerRow words what a printer is for.
func (b base) printerRow(p pos.Printer) printerRow {
	row := printerRow{Printer: p, Link: printerLink(p.Name)}
	if p.Receipts {
		row.Does = append(row.Does, b.T("printers.receipts"))
	}
	for _, s := range p.Stations {
		row.Does = append(row.Does, b.T("printers.station", "name", s))
	}
	if p.HasDrawer() {
		row.Does = append(row.Does, b.T("printers.drawer"))
	}
	return row
}

// presets are the shipped profiles; chosen is the name of one. A profile that the test page has changed keeps its name.
func (b base) presets(chosen string) []settingView {
	chosen = b.Typed("profile", chosen)
	var all []settingView
	for i, p := range escpos.Profiles() {
		all = append(all, settingView{p.Name, b.T("printers.profile." + p.Name), p.Name == chosen || chosen == "" && i == 0})
	}
	return all
}

// addPrinter serves POST /manage/printers.
func (s *Server) addPrinter(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showPrinters(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	name := strings.TrimSpace(c.FormValue("name"))
	if known, err := s.till.PrinterNamed(c.UserContext(), name); err == nil {
		if known.URI != strings.TrimSpace(c.FormValue("uri")) { // not the same form sent twice
			return fault.New(fault.Invalid, "printer.invalid", "There is a printer of that name.").Field("name", "duplicate")
		}
		return s.done(c, printerLink(known.Name), "printer_saved")
	}
	p, err := s.newPrinter(c, name)
	if err != nil {
		return err
	}
	if p, err = s.till.SavePrinter(c.UserContext(), by, p); err != nil {
		return err
	}
	return s.done(c, printerLink(p.Name), "printer_saved")
}

// newPrinter reads the form of a printer that is set up.
func (s *Server) newPrinter(c *fiber.Ctx, name string) (pos.Printer, error) {
	p, err := s.usualPrinter(c, name)
	if err != nil {
		return p, err
	}
	uri, profile := strings.TrimSpace(c.FormValue("uri")), c.FormValue("profile", p.Profile.Name)
	if typed := typedIn(c); len(typed["receipts"]) > 0 {
		p.Receipts, p.Profile.Pin = true, 0
	} else if len(typed["station"]) > 0 { // tickets, and nothing else, though it be the first
		p.Receipts, p.Profile.Pin, p.Stations = false, -1, typed["station"]
	}
	err = printerInput{URI: &uri, Profile: &profile}.apply(&p)
	return p, err
}

// printerPage serves GET /manage/printers/{name}.
func (s *Server) printerPage(c *fiber.Ctx) error { return s.showPrinter(c, http.StatusOK, nil) }

func (s *Server) showPrinter(c *fiber.Ctx, status int, trouble *troubleView) error {
	p, err := s.till.PrinterNamed(c.UserContext(), param(c, "name"))
	if err != nil {
		return err
	}
	all, err := s.till.Printers(c.UserContext())
	if err != nil {
		return err
	}
	stations, err := s.till.KitchenStations(c.UserContext())
	if err != nil {
		return err
	}
	v := printerView{base: s.newBase(c, "printers.title", "manage")}
	v.Section, v.Part, v.Trouble = "devices", "printers", trouble
	v.printerRow, v.Title = v.base.printerRow(p), p.Name
	if is, driven := s.printerStates(c.UserContext())[p.Name]; driven {
		v.Is = stateView(v.Language, is)
	}
	if v.Job, err = s.jobOf(c); err != nil {
		return err
	}
	v.Virtual = s.devices.Virtual(p.Name) != nil
	v.choose(p, all, stations)
	return s.page(c, status, "manage_printer", v)
}

// choose fills in what the form of a printer offers.
func (v *printerView) choose(p pos.Printer, all []pos.Printer, stations []pos.KitchenStation) {
	v.Presets, v.Kick = v.presets(p.Profile.Name), p.HasDrawer()
	for _, station := range stations {
		v.Stations = append(v.Stations, statusChoice{station.Key, station.Name, slices.Contains(p.Stations, station.Key)})
	}
	fallback := v.Typed("fallback", p.Fallback)
	v.Instead = []settingView{{"", v.T("printers.no_fallback"), fallback == ""}}
	for _, o := range all {
		if o.Name != p.Name {
			v.Instead = append(v.Instead, settingView{o.Name, o.Name, o.Name == fallback})
		}
	}
	pin := v.Typed("pin", strconv.Itoa(p.Profile.Pin))
	for _, n := range []string{"-1", "0", "1"} {
		v.Pins = append(v.Pins, settingView{n, v.T("printers.pin." + n), n == pin})
	}
	for _, page := range escpos.Candidates() {
		now := !p.Profile.Image && page.Number == p.Profile.Page && page.Charmap == p.Profile.Charmap
		v.Letters = append(v.Letters, settingView{page.Letter, page.Letter, now})
	}
}

// savePrinter serves POST /manage/printers/{name}.
func (s *Server) savePrinter(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showPrinter(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	p, err := s.till.PrinterNamed(c.UserContext(), param(c, "name"))
	if err != nil {
		return err
	}
	typed := typedIn(c)
	if err := checkURI(strings.TrimSpace(typed.Get("uri"))); err != nil {
		return err
	}
	p.URI, p.Fallback, p.Stations = typed.Get("uri"), typed.Get("fallback"), typed["station"]
	p.Receipts, p.Active = typed.Get("receipts") != "", typed.Get("active") != ""
	if chosen := typed.Get("profile"); chosen != p.Profile.Name { // the same: what the test page has found out stays
		if p.Profile, err = escpos.ProfileNamed(chosen); err != nil {
			return err
		}
	}
	pin, err := strconv.Atoi(typed.Get("pin"))
	if err != nil || pin < -1 || pin > 1 {
		return fault.New(fault.Invalid, "printer.invalid", "There is no such pin of a drawer.").Field("pin", "one_of")
	}
	p.Profile.Pin = pin
	if _, err := s.till.SavePrinter(c.UserContext(), by, p); err != nil {
		return err
	}
	return s.done(c, printerLink(p.Name), "printer_saved")
}

// removePrinter serves POST /manage/printers/{name}/remove.
func (s *Server) removePrinter(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if err := s.till.RemovePrinter(c.UserContext(), by, param(c, "name")); err != nil {
		return err
	}
	return s.done(c, printersPath, "printer_removed")
}
