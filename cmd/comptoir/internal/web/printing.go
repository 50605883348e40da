package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/device"
	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/spool"
)

const printingPath = "/printing"

// jobView is one thing that a printer was asked for, and how far it is.
type jobView struct {
	*locale.Language
	ID        string
	What      string // "Ticket T26-000012"
	Says      string // how far it is, and what is in the way
	Ask       string // question to whoever stands at the printer; empty: none
	Answers   []jobAnswer
	Tone      string // good, care, wrong; empty: it goes on
	Icon      string
	Asked     string   // clock
	Elsewhere []string // printers that could print it instead
	Command   string
	Next      string // address to return to
	Over      bool   // nothing changes any more
}

// jobAnswer is one answer to the question of a job.
type jobAnswer struct {
	Value spool.Answer
	Label string
	Go    bool // the usual one
}

// printingView is what waits for printers, and how those are.
type printingView struct {
	base
	List printingList
}

// printingList is the part of that page that follows what happens.
type printingList struct {
	*locale.Language
	Printers []printerStateView
	Asking   []jobView
	Waiting  []jobView
}

// printerStateView is a printer and how it is, in words.
type printerStateView struct {
	Name, Says, Tone, Icon string
	Waiting                string // how much; empty: nothing
}

// printAlarm is what the till is told of its printers: what stands in the way, and what nobody has looked at.
type printAlarm struct {
	*locale.Language
	Lines []string
}

// words of a job's states by tone and icon.
func toneOf(state spool.State) (tone, icon string) {
	switch state {
	case spool.Printed:
		return "good", "check"
	case spool.Unknown, spool.Expired, spool.Failed:
		return "care", "circle-question-mark"
	case spool.SentUnconfirmed, spool.Dropped:
		return "care", "circle-alert"
	case spool.Queued, spool.Sending:
	}
	return "", "printer"
}

// jobView words a job; next is where its answers lead.
func (s *Server) jobView(l *locale.Language, j spool.Job, next string) jobView {
	v := jobView{Language: l, ID: j.ID, Command: newCommandID(), Next: next, Asked: l.Time(j.Created.In(s.till.DB().Zone()))}
	v.Tone, v.Icon = toneOf(j.State)
	v.What = l.T("printing.kind_"+j.Kind, "what", pos.JobSubject(j))
	where := j.Printer
	if j.CameOut != "" {
		where = j.CameOut
	}
	v.Says = l.T("printing.is_"+string(j.State), "printer", where, "time", v.Asked)
	if key := "error." + j.Reason; j.Reason != "" && l.Has(key) && j.State != spool.Printed {
		v.Says += " " + l.T(key)
		if j.State == spool.Queued {
			v.Tone, v.Icon = "care", "circle-alert"
		}
	}
	answer := func(a spool.Answer, usual bool) {
		v.Answers = append(v.Answers, jobAnswer{a, l.T("printing.answer_" + string(j.State) + "_" + string(a)), usual})
	}
	switch j.State {
	case spool.Unknown:
		answer(spool.CameOut, true)
		answer(spool.Again, false)
		answer(spool.Drop, false)
	case spool.Expired, spool.Failed:
		answer(spool.Again, true)
		answer(spool.Drop, false)
	case spool.SentUnconfirmed:
		answer(spool.CameOut, true)
		answer(spool.Again, false)
	case spool.Queued:
		if j.Reason != "" {
			answer(spool.Drop, false)
		}
	case spool.Sending:
	case spool.Printed, spool.Dropped:
		v.Over = true
	}
	if j.State.Asks() {
		v.Ask = l.T("printing.ask_"+string(j.State), "time", v.Asked)
	}
	return v
}

// printerStates are the printers of the café, and how each is. What nobody drives is as it was set up.
func (s *Server) printerStates(ctx context.Context) map[string]device.PrinterState {
	all := map[string]device.PrinterState{}
	if s.devices != nil {
		for _, p := range s.devices.Printers(ctx) {
			all[p.Name] = p
		}
	}
	return all
}

// held gives a job that waits behind another the reason of that one: what is in the way of its printer.
func held(j spool.Job, states map[string]device.PrinterState) spool.Job {
	if p := states[j.Printer]; j.State == spool.Queued && j.Reason == "" && p.Blocked && p.Fallback == "" {
		j.Reason = p.Code
	}
	return j
}

// stateView words how a printer is.
func stateView(l *locale.Language, p device.PrinterState) printerStateView {
	v := printerStateView{Name: p.Name, Says: l.T("printers.ready"), Tone: "good", Icon: "check"}
	if key := "error." + p.Code; p.Code != "" && l.Has(key) {
		v.Says, v.Tone, v.Icon = l.T(key), "care", "circle-alert"
	}
	if p.Blocked {
		v.Tone = "wrong"
	}
	if p.Fallback != "" {
		v.Says += " " + l.T("printers.taken_over", "name", p.Fallback)
	}
	if n := p.Waiting + p.Asking; n > 0 {
		v.Waiting = l.N("printers.waiting", n)
	}
	return v
}

// printingPage serves GET /printing.
func (s *Server) printingPage(c *fiber.Ctx) error {
	list, err := s.printingList(c)
	if err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "printing", printingView{base: s.newBase(c, "printing.title", "till"), List: list})
}

// printingPart serves GET /printing/list.
func (s *Server) printingPart(c *fiber.Ctx) error {
	list, err := s.printingList(c)
	if err != nil {
		return err
	}
	return s.fragment(c, http.StatusOK, "printing-list", list)
}

func (s *Server) printingList(c *fiber.Ctx) (printingList, error) {
	ctx, l := c.UserContext(), s.language(c)
	v := printingList{Language: l}
	printers, err := s.till.Printers(ctx)
	if err != nil {
		return v, err
	}
	states := s.printerStates(ctx)
	var names []string
	for _, p := range printers {
		if !p.Active {
			continue
		}
		names = append(names, p.Name)
		if state, driven := states[p.Name]; driven {
			v.Printers = append(v.Printers, stateView(l, state))
		}
	}
	jobs, err := s.till.PrintJobs(ctx)
	if err != nil {
		return v, err
	}
	for _, j := range jobs {
		one := s.jobView(l, held(j, states), printingPath)
		if j.Kind != pos.JobDrawer {
			one.Elsewhere = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == j.Printer })
		}
		if j.State.Asks() {
			v.Asking = append(v.Asking, one)
		} else {
			v.Waiting = append(v.Waiting, one)
		}
	}
	return v, nil
}

// jobPart serves GET /printing/jobs/{id}: how far one job is.
func (s *Server) jobPart(c *fiber.Ctx) error {
	j, err := s.till.PrintJob(c.UserContext(), param(c, "id"))
	if err != nil {
		return err
	}
	return s.fragment(c, http.StatusOK, "job", s.jobView(s.language(c), held(j, s.printerStates(c.UserContext())), local(c.Query("next"))))
}

// jobOf is the job that a page was led to by its address; nil when it names none.
func (s *Server) jobOf(c *fiber.Ctx) (*jobView, error) {
	id := c.Query("job")
	if id == "" {
		return nil, nil //nolint:nilnil // a page without a job shows none
	}
	j, err := s.till.PrintJob(c.UserContext(), id)
	if err != nil {
		return nil, err
	}
	v := s.jobView(s.language(c), held(j, s.printerStates(c.UserContext())), c.Path()+"?"+string(c.Context().QueryArgs().QueryString()))
	return &v, nil
}

// From is where the state of a job is read again.
func (v jobView) From() string {
	return printingPath + "/jobs/" + url.PathEscape(v.ID) + "?next=" + url.QueryEscape(v.Next)
}

// answerJob serves POST /printing/jobs/{id}.
func (s *Server) answerJob(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if to := c.FormValue("printer"); to != "" {
		_, err = s.till.MoveJob(c.UserContext(), by, param(c, "id"), to)
	} else {
		_, err = s.till.AnswerJob(c.UserContext(), by, param(c, "id"), spool.Answer(c.FormValue("answer")))
	}
	if err != nil && fault.CodeOf(err) != spool.ErrMoved.Code { // somebody was faster: the page says how far it is
		return err
	}
	return c.Redirect(local(c.FormValue("next")), http.StatusSeeOther)
}

// printAlarmPart serves GET /till/printing.
func (s *Server) printAlarmPart(c *fiber.Ctx) error {
	ctx, l := c.UserContext(), s.language(c)
	v := printAlarm{Language: l}
	printers, err := s.till.Printers(ctx)
	if err != nil {
		return err
	}
	if len(printers) == 0 {
		return s.fragment(c, http.StatusOK, "print-alarm", v)
	}
	states := s.printerStates(ctx)
	for _, p := range printers {
		state := states[p.Name]
		if key := "error." + state.Code; state.Blocked && l.Has(key) {
			line := l.T("printing.alarm_printer", "printer", p.Name, "why", l.T(key))
			if state.Fallback != "" {
				line += " " + l.T("printers.taken_over", "name", state.Fallback)
			}
			v.Lines = append(v.Lines, line)
		}
	}
	jobs, err := s.till.PrintJobs(ctx)
	if err != nil {
		return err
	}
	asking := 0
	for _, j := range jobs {
		if j.State.Asks() {
			asking++
		}
	}
	if asking > 0 {
		v.Lines = append(v.Lines, l.N("printing.alarm_asks", asking))
	}
	return s.fragment(c, http.StatusOK, "print-alarm", v)
}

// printsOn is the printer that the papers of the device come out of; empty: the browser prints, as it may always be asked to.
func (s *Server) printsOn(c *fiber.Ctx) string {
	if c.FormValue("browser") != "" || c.FormValue("paper") == paperA4 {
		return ""
	}
	p, there := s.till.ReceiptPrinter(deviceOf(c).Printer)
	if !there {
		return ""
	}
	return p.Name
}

// hasPrinter reports whether papers of this device come out of a printer of the café.
func (s *Server) hasPrinter(c *fiber.Ctx) bool {
	_, there := s.till.ReceiptPrinter(deviceOf(c).Printer)
	return there
}
