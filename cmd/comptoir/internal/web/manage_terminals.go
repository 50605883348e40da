package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/device"
	"comptoir/data/fault"
	"comptoir/pos"
)

const terminalsPath = "/manage/terminals"

// terminalsView is the card terminals of the café.
type terminalsView struct {
	base
	Terminals []terminalRow
	Makes     []settingView
}

// terminalRow is one of them in a list.
type terminalRow struct {
	pos.CardTerminal
	Link, Speaks string
}

// terminalView is the page of one terminal.
type terminalView struct {
	base
	terminalRow
	Concert  bool
	Versions []settingView
	Privates []settingView
	Tickets  []settingView // what becomes of the card's slip
	Shortest int           // seconds that it may be given to answer
	Longest  int
}

// trialMake is the terminal to try with, which a demonstration has.
const trialMake = "trial"

// makes are the kinds of terminal that a café meets, with what each of them wants.
func makes() []struct {
	name string
	pos.CardTerminal
} {
	return []struct {
		name string
		pos.CardTerminal
	}{
		{"ingenico", pos.CardTerminal{Protocol: pos.ProtocolCaisseAP, TerminalSettings: pos.TerminalSettings{Version: "0300", PrivateData: "sent"}}},
		{"nepting", pos.CardTerminal{Protocol: pos.ProtocolCaisseAP, TerminalSettings: pos.TerminalSettings{Version: "0320", EndOfLine: true, PrivateData: "echoed"}}},
		{"other", pos.CardTerminal{Protocol: pos.ProtocolCaisseAP, TerminalSettings: pos.TerminalSettings{Version: "0300", PrivateData: "none"}}},
		{"concert", pos.CardTerminal{Protocol: pos.ProtocolConcert}},
		{trialMake, pos.CardTerminal{Protocol: pos.ProtocolCaisseAP, URI: "virtual:"}},
	}
}

// terminalLink is the address of the page of a terminal.
func terminalLink(name string) string { return terminalsPath + "/" + url.PathEscape(name) }

// terminalsPage serves GET /manage/terminals.
func (s *Server) terminalsPage(c *fiber.Ctx) error { return s.showTerminals(c, http.StatusOK, nil) }

func (s *Server) showTerminals(c *fiber.Ctx, status int, trouble *troubleView) error {
	all, err := s.till.CardTerminals(c.UserContext())
	if err != nil {
		return err
	}
	v := terminalsView{base: s.newBase(c, "terminals.title", "manage")}
	v.Section, v.Part, v.Trouble = "devices", "terminals", trouble
	for _, t := range all {
		v.Terminals = append(v.Terminals, v.terminalRow(t))
	}
	for i, m := range makes() {
		if m.name == trialMake && !v.Demo {
			continue
		}
		chosen := v.Typed("make", "")
		v.Makes = append(v.Makes, settingView{m.name, v.T("terminals.make." + m.name), m.name == chosen || chosen == "" && i == 0})
	}
	return s.page(c, status, "manage_terminals", v)
}

func (b base) terminalRow(t pos.CardTerminal) terminalRow {
	return terminalRow{t, terminalLink(t.Name), b.T("terminals.protocol." + t.Protocol)}
}

// terminalNamed is the terminal of the address. Refusal: terminal.unknown.
func (s *Server) terminalNamed(c *fiber.Ctx, name string) (pos.CardTerminal, error) {
	all, err := s.till.CardTerminals(c.UserContext())
	if err != nil {
		return pos.CardTerminal{}, err
	}
	for _, t := range all {
		if t.Name == name {
			return t, nil
		}
	}
	return pos.CardTerminal{}, fault.New(fault.NotFound, "terminal.unknown", "There is no terminal of this name.").With("terminal", name)
}

// addTerminal serves POST /manage/terminals: the make says what the vendor wants.
func (s *Server) addTerminal(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showTerminals(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	name, uri := strings.TrimSpace(c.FormValue("name")), strings.TrimSpace(c.FormValue("uri"))
	for _, m := range makes() {
		if m.name != c.FormValue("make") {
			continue
		}
		t := m.CardTerminal
		if t.Name = name; t.URI == "" {
			t.URI = uri
		}
		if known, err := s.terminalNamed(c, name); err == nil {
			if known.URI != t.URI { // not the same form sent twice
				return fault.New(fault.Invalid, "terminal.invalid", "There is a terminal of that name.").Field("name", "duplicate")
			}
			return s.done(c, terminalLink(name), "terminal_saved")
		}
		if err := checkTerminal(t); err != nil {
			return err
		}
		if t, err = s.till.SaveTerminal(c.UserContext(), by, t); err != nil {
			return err
		}
		return s.done(c, terminalLink(t.Name), "terminal_saved")
	}
	return fault.New(fault.Invalid, "terminal.invalid", "There is no such make of terminal.").Field("make", "one_of")
}

// terminalPage serves GET /manage/terminals/{name}.
func (s *Server) terminalPage(c *fiber.Ctx) error { return s.showTerminal(c, http.StatusOK, nil) }

func (s *Server) showTerminal(c *fiber.Ctx, status int, trouble *troubleView) error {
	t, err := s.terminalNamed(c, param(c, "name"))
	if err != nil {
		return err
	}
	v := terminalView{base: s.newBase(c, "terminals.title", "manage"), Concert: t.Protocol == pos.ProtocolConcert}
	v.Section, v.Part, v.Trouble = "devices", "terminals", trouble
	v.terminalRow, v.Title = v.base.terminalRow(t), t.Name
	for _, version := range pos.TerminalVersions() {
		v.Versions = append(v.Versions, settingView{version, version, version == v.Typed("version", t.Version)})
	}
	for _, private := range pos.PrivateDatas() {
		v.Privates = append(v.Privates, settingView{private, v.T("terminals.private." + private), private == v.Typed("private_data", t.PrivateData)})
	}
	for _, ticket := range pos.TicketReturns() {
		v.Tickets = append(v.Tickets, settingView{ticket, v.T("terminals.ticket." + cmp.Or(ticket, "unsaid")), ticket == v.Typed("ticket_return", t.TicketReturn)})
	}
	v.Shortest, v.Longest = pos.TerminalTimes()
	return s.page(c, status, "manage_terminal", v)
}

// saveTerminal serves POST /manage/terminals/{name}.
func (s *Server) saveTerminal(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showTerminal(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	t, err := s.terminalNamed(c, param(c, "name"))
	if err != nil {
		return err
	}
	typed := typedIn(c)
	t.URI, t.Till = strings.TrimSpace(typed.Get("uri")), strings.TrimSpace(typed.Get("till"))
	if t.Protocol == pos.ProtocolCaisseAP {
		t.Version, t.Identifier, t.PrivateData = typed.Get("version"), strings.TrimSpace(typed.Get("identifier")), typed.Get("private_data")
		t.EndOfLine, t.TicketReturn = typed.Get("end_of_line") != "", typed.Get("ticket_return")
	}
	var wrong []fault.Field
	if text := strings.TrimSpace(typed.Get("timeout")); text == "" {
		t.Timeout = 0
	} else if t.Timeout, err = strconv.Atoi(text); err != nil || t.Timeout == 0 {
		t.Timeout = 0
		low, high := pos.TerminalTimes()
		wrong = append(wrong, fault.Field{Name: "timeout", Code: "terminal_time", Args: map[string]any{"min": low, "max": high}})
	}
	if err := checkTerminal(t, wrong...); err != nil {
		return err
	}
	if _, err := s.till.SaveTerminal(c.UserContext(), by, t); err != nil {
		return err
	}
	return s.done(c, terminalLink(t.Name), "terminal_saved")
}

// checkTerminal refuses what cannot be kept, and an address that the driver could not reach, every field at once; wrong are
// those that could not even be read.
func checkTerminal(t pos.CardTerminal, wrong ...fault.Field) error {
	refusal := fault.New(fault.Invalid, "terminal.invalid", "Something of the terminal is not as it should be; the fields say what.")
	refusal.Fields = wrong
	if e, refused := fault.As(t.Check()); refused {
		refusal.Fields = append(refusal.Fields, e.Fields...)
	}
	isURI := func(f fault.Field) bool { return f.Name == "uri" }
	driven, refused := fault.As(device.TerminalSetup{Name: t.Name, Protocol: t.Protocol, URI: t.URI}.Check())
	if refused && slices.ContainsFunc(driven.Fields, isURI) && !slices.ContainsFunc(refusal.Fields, isURI) {
		refusal = refusal.Field("uri", "terminal_uri")
	}
	if len(refusal.Fields) == 0 {
		return nil
	}
	return refusal
}

// removeTerminal serves POST /manage/terminals/{name}/remove.
func (s *Server) removeTerminal(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showTerminal(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if _, err := s.till.RemoveTerminal(c.UserContext(), by, param(c, "name")); err != nil {
		return err
	}
	return s.done(c, terminalsPath, "terminal_removed")
}

// tryTerminal serves POST /manage/terminals/{name}/test: the terminal is asked who it is, which no customer sees.
func (s *Server) tryTerminal(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showTerminal(c, status, t) })
	t, err := s.terminalNamed(c, param(c, "name"))
	if err != nil {
		return err
	}
	if s.devices == nil {
		return fault.New(fault.Conflict, "terminal.unreachable", "Nothing is linked to this till.")
	}
	if err := s.devices.Ping(c.UserContext(), t.Name); err != nil {
		return err
	}
	return s.done(c, terminalLink(t.Name), "terminal_answers")
}
