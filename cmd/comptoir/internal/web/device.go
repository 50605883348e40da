package web

import (
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
)

const devicePath = "/device"

// Cookies of what a device is. They hold no person.
const (
	textCookie   = "comptoir_text"
	volumeCookie = "comptoir_volume"
	deviceCookie = "comptoir_device"
	paperCookie  = "comptoir_paper"

	printerCookie  = "comptoir_printer"
	terminalCookie = "comptoir_terminal"
)

// Names of themes besides light and dark, and the hours of daylight.
const (
	themeDevice = ""      // as the device wishes
	themeClock  = "clock" // light by day, dark by night
	dawn, dusk  = 7, 20   // hours
)

// Limits and defaults of a device.
const (
	maxDeviceRunes = 24
	firstTill      = "1"
	defaultText    = "100" // per cent
	defaultVolume  = "2"   // 0 is silent, 3 is loud
)

func themes() []string  { return []string{themeDevice, "light", "dark", themeClock} }
func texts() []string   { return []string{"100", "112", "125"} }
func volumes() []string { return []string{"0", "1", "2", "3"} }
func papers() []string  { return []string{paper80, paper58} }

// Papers of tills, by their width in millimetres.
const (
	paper80 = "80"
	paper58 = "58"
)

// thisDevice is how this till, tablet or phone likes its pages.
type thisDevice struct {
	Theme  string // one of themes
	Text   string // one of texts
	Volume string // one of volumes
	Till   string // name of the till it is, for displays
	Paper  string // one of papers: what its printer has

	Printer  string      // name of the printer that its papers come out of; empty: the café's first
	Scanner  scannerKeys // how its scanner is set
	Terminal string      // name of the card terminal beside it; empty: cards are entered by hand
}

// deviceOf reads the cookies of a device; whatever is not one of ours is the default.
func deviceOf(c *fiber.Ctx) thisDevice {
	d := thisDevice{Theme: c.Cookies(themeCookie), Text: c.Cookies(textCookie), Volume: c.Cookies(volumeCookie), Paper: c.Cookies(paperCookie), Scanner: scannerOf(c)}
	if !slices.Contains(themes(), d.Theme) {
		d.Theme = themeDevice
	}
	if !slices.Contains(texts(), d.Text) {
		d.Text = defaultText
	}
	if !slices.Contains(volumes(), d.Volume) {
		d.Volume = defaultVolume
	}
	if !slices.Contains(papers(), d.Paper) {
		d.Paper = paper80
	}
	if terminal, err := url.QueryUnescape(c.Cookies(terminalCookie)); err == nil {
		d.Terminal = tillName(terminal)
	}
	name, err := url.QueryUnescape(c.Cookies(deviceCookie))
	if d.Till = tillName(name); err != nil || d.Till == "" {
		d.Till = firstTill
	}
	if name, err := url.QueryUnescape(c.Cookies(printerCookie)); err == nil {
		d.Printer = tillName(name)
	}
	return d
}

// tillName cleans the name of a till: one line of letters; empty when it is none.
func tillName(text string) string {
	if !utf8.ValidString(text) || utf8.RuneCountInString(text) > maxDeviceRunes || strings.ContainsFunc(text, unicode.IsControl) {
		return ""
	}
	return strings.Join(strings.Fields(text), " ")
}

// Root is the attributes of a page's root element: language, look, size of text, sounds, training, the machine's life, and when it locks.
func (b base) Root() template.HTMLAttr {
	root := fmt.Sprintf(`lang="%s"`, b.Code)
	if b.Theme != "" {
		root += fmt.Sprintf(` data-theme="%s"`, b.Theme)
	}
	if b.Device.Text != "" && b.Device.Text != defaultText {
		root += fmt.Sprintf(` data-text="%s"`, b.Device.Text)
	}
	if b.Device.Volume != "" {
		root += fmt.Sprintf(` data-volume="%s"`, b.Device.Volume)
	}
	if keys := b.Device.Scanner; keys != (scannerKeys{}) && keys != usualScanner() {
		root += fmt.Sprintf(` data-suffix="%s" data-silence="%d"`, keys.Suffix, keys.Silence)
	}
	if b.Training {
		root += ` data-training="on"`
	}
	if b.Epoch > 0 {
		root += fmt.Sprintf(` data-epoch="%d"`, b.Epoch)
	}
	if b.LockAfter > 0 {
		root += fmt.Sprintf(` data-lock="%d"`, b.LockAfter)
	}
	return template.HTMLAttr(root) //nolint:gosec // each value is one of ours
}

// shownTheme is the look of a page now: dark, light, or empty for the device's own.
func (d thisDevice) shownTheme(now time.Time) string {
	if d.Theme != themeClock {
		return d.Theme
	}
	if hour := now.Hour(); hour >= dawn && hour < dusk {
		return "light"
	}
	return "dark"
}

// deviceView is the page of this device.
type deviceView struct {
	base
	Themes, Texts, Volumes []settingView
	Papers, Tongues        []settingView
	Printers               []settingView // empty: the browser prints
	Terminals              []settingView // by hand, and each terminal; empty: none is linked
	Counter                bool          // whoever asks sells: the screens are theirs
}

// settingView is one of several.
type settingView struct {
	Value, Label string
	Chosen       bool
}

// devicePage serves GET /device.
func (s *Server) devicePage(c *fiber.Ctx) error { return s.showDevice(c, http.StatusOK, nil) }

func (s *Server) showDevice(c *fiber.Ctx, status int, trouble *troubleView) error {
	v := deviceView{base: s.newBase(c, "device.title", "")}
	v.Trouble = trouble
	v.Counter = slices.Contains(counter(), v.Operator.Role)
	v.Themes = v.choices("theme", themes(), v.Device.Theme, "device.theme.")
	v.Texts = v.choices("text", texts(), v.Device.Text, "device.text.")
	v.Volumes = v.choices("volume", volumes(), v.Device.Volume, "device.volume.")
	v.Papers = v.choices("paper", papers(), v.Device.Paper, "device.paper.")
	printers, err := s.till.Printers(c.UserContext())
	if err != nil {
		return err
	}
	v.Printers = v.printerChoices(printers)
	if err := v.offerTerminals(c, s.till); err != nil {
		return err
	}
	for _, l := range s.catalogue.Languages() {
		v.Tongues = append(v.Tongues, settingView{l.Code, l.T("language.name"), l.Code == v.Typed("language", v.Code)})
	}
	return s.page(c, status, "device", v)
}

// offerTerminals lists the terminals that this device can send its cards to.
func (v *deviceView) offerTerminals(c *fiber.Ctx, t *pos.Till) error {
	all, err := t.CardTerminals(c.UserContext())
	if err != nil || len(all) == 0 || !v.Counter {
		return err
	}
	chosen := v.Typed("terminal", v.Device.Terminal)
	v.Terminals = []settingView{{"", v.T("device.terminal_none"), true}}
	for _, x := range all {
		v.Terminals = append(v.Terminals, settingView{x.Name, x.Name, x.Name == chosen})
		v.Terminals[0].Chosen = v.Terminals[0].Chosen && x.Name != chosen
	}
	return nil
}

// choices words the values of a field; what was typed before a refusal stays chosen.
func (v deviceView) choices(field string, values []string, chosen, words string) []settingView {
	all := make([]settingView, len(values))
	for i, value := range values {
		key := value
		if key == themeDevice {
			key = "device"
		}
		all[i] = settingView{value, v.T(words + key), value == v.Typed(field, chosen)}
	}
	return all
}

// printerChoices are the printers that the papers of this device may come out of, after the café's first.
func (v deviceView) printerChoices(printers []pos.Printer) []settingView {
	var all []settingView
	chosen := v.Typed("printer", v.Device.Printer)
	for _, p := range printers {
		if p.Active && p.Receipts {
			all = append(all, settingView{p.Name, p.Name, p.Name == chosen})
		}
	}
	if len(all) == 0 {
		return nil
	}
	none := !slices.ContainsFunc(all, func(v settingView) bool { return v.Chosen })
	return slices.Insert(all, 0, settingView{"", v.T("device.printer.first", "name", all[0].Label), none})
}

var errDevice = fault.New(fault.Invalid, "device.invalid", "A setting of this device is not one of those there are.")

// saveDevice serves POST /device. It changes nothing of the café: the device keeps it.
func (s *Server) saveDevice(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showDevice(c, status, t) })
	refused := errDevice
	for _, f := range []struct {
		name string
		from []string
	}{{"theme", themes()}, {"text", texts()}, {"volume", volumes()}, {"paper", append(papers(), "")}} { // a page from before has no paper
		if !slices.Contains(f.from, c.FormValue(f.name)) {
			refused = refused.Field(f.name, "one_of")
		}
	}
	name := tillName(c.FormValue("till"))
	if name == "" {
		refused = refused.Field("till", "till_name")
	}
	if len(refused.Fields) > 0 {
		return refused
	}
	prefer(c, themeCookie, c.FormValue("theme"))
	prefer(c, textCookie, c.FormValue("text"))
	prefer(c, volumeCookie, c.FormValue("volume"))
	if paper := c.FormValue("paper"); paper != "" {
		prefer(c, paperCookie, paper)
	}
	prefer(c, deviceCookie, url.QueryEscape(name))
	if _, asked := typedIn(c)["printer"]; asked { // there is none to choose while the browser prints
		prefer(c, printerCookie, url.QueryEscape(tillName(c.FormValue("printer"))))
	}
	if _, asked := typedIn(c)["terminal"]; asked { // a page without terminals leaves what was chosen
		prefer(c, terminalCookie, url.QueryEscape(tillName(c.FormValue("terminal"))))
	}
	if l := s.catalogue.Choose(c.FormValue("language"), ""); l.Code == c.FormValue("language") {
		prefer(c, languageCookie, l.Code)
	}
	return s.done(c, devicePath, "device_saved")
}

// minutesToLock is what a page is told of locking: nothing for a screen, nor for whoever is not signed in.
func (s *Server) minutesToLock(c *fiber.Ctx, b base) int {
	if b.Operator.ID == "" || b.Screen || c.Cookies(sessionName(c)) == "" {
		return 0
	}
	minutes, err := s.lockAfter(c.UserContext())
	if err != nil {
		s.log.WarnContext(c.UserContext(), "when devices lock", "error", err) // a page does not fail for it
		return 0
	}
	return minutes
}
