package web

import (
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/device"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/escpos"
	"comptoir/receipts/spool"
)

// printerCalls are the calls of printers and of what they are asked for.
func (s *Server) printerCalls() []route {
	const printers, jobs = apiPrefix + "/printers", apiPrefix + "/print-jobs"
	manager := []pos.Role{pos.RoleManager}
	get, post := http.MethodGet, http.MethodPost
	return []route{
		{get, printers, anyone(), read(s.getPrinters)},
		{post, printers, manager, command(s, http.StatusCreated, s.postPrinter)},
		{post, printers + "/:name/test", manager, command(s, http.StatusCreated, s.postPrinterTest)},
		{post, printers + "/:name/remove", manager, command(s, http.StatusOK, s.postPrinterRemove)},
		{get, jobs, counter(), read(s.getPrintJobs)},
		{get, jobs + "/:id", counter(), read(s.getPrintJob)},
		{post, jobs + "/:id/answer", counter(), command(s, http.StatusOK, s.postJobAnswer)},
	}
}

// printerInput sets a printer up, or changes the one of that name: what is absent stays, or is the usual.
type printerInput struct {
	Name     string    `json:"name"`
	URI      *string   `json:"uri"`
	Profile  *string   `json:"profile"` // name of one of escpos.Profiles
	Page     *int      `json:"page"`    // of its letters, as the test page found out
	Charmap  *string   `json:"charmap"`
	Pin      *int      `json:"pin"` // of its drawer; -1: none
	Receipts *bool     `json:"receipts"`
	Stations *[]string `json:"stations"`
	Fallback *string   `json:"fallback"`
	Active   *bool     `json:"active"`
}

// apply writes what was said over what is there. Refusal: printer.profile.
func (in printerInput) apply(p *pos.Printer) (err error) {
	if in.Profile != nil {
		pin := p.Profile.Pin
		if p.Profile, err = escpos.ProfileNamed(*in.Profile); err != nil {
			return err
		}
		p.Profile.Pin = pin
	}
	set(&p.URI, in.URI)
	set(&p.Profile.Page, in.Page)
	set(&p.Profile.Charmap, in.Charmap)
	set(&p.Profile.Pin, in.Pin)
	set(&p.Receipts, in.Receipts)
	set(&p.Stations, in.Stations)
	set(&p.Fallback, in.Fallback)
	set(&p.Active, in.Active)
	return checkURI(p.URI)
}

// set writes a value that was said.
func set[T any](to, from *T) {
	if from != nil {
		*to = *from
	}
}

// checkURI refuses what no printer is reached at, beside its field.
func checkURI(uri string) error {
	if _, err := device.ParseURI(uri); err != nil {
		return fault.New(fault.Invalid, "printer.invalid", "This is no address of a printer.").Field("uri", "printer_uri").Wrap(err)
	}
	return nil
}

// printerState is a printer, and how it is.
type printerState struct {
	pos.Printer
	Code    string `json:"code"` // what is in the way, or should be known; empty: nothing
	Blocked bool   `json:"blocked"`
	Waiting int    `json:"waiting"`
	Asking  int    `json:"asking"`
}

type printerList struct {
	Printers []printerState `json:"printers"`
}

func (s *Server) getPrinters(c *fiber.Ctx) (printerList, error) {
	all, err := s.till.Printers(c.UserContext())
	states, list := s.printerStates(c.UserContext()), printerList{[]printerState{}}
	for _, p := range all {
		is := states[p.Name]
		list.Printers = append(list.Printers, printerState{p, is.Code, is.Blocked, is.Waiting, is.Asking})
	}
	return list, err
}

func (s *Server) postPrinter(c *fiber.Ctx, by pos.By, in printerInput) (pos.Printer, error) {
	p, err := s.till.PrinterNamed(c.UserContext(), in.Name)
	if fault.CodeOf(err) == "printer.unknown" {
		p, err = s.usualPrinter(c, in.Name)
	}
	if err != nil {
		return p, err
	}
	if err := in.apply(&p); err != nil {
		return p, err
	}
	return s.till.SavePrinter(c.UserContext(), by, p)
}

// usualPrinter is a printer that is set up now: the first of the café prints its receipts, and has the drawer. A kick
// that no drawer hears does no harm.
func (s *Server) usualPrinter(c *fiber.Ctx, name string) (pos.Printer, error) {
	all, err := s.till.Printers(c.UserContext())
	p := pos.Printer{Name: name, Profile: escpos.Profiles()[0], Receipts: len(all) == 0, Stations: []string{}, Active: true}
	if p.Profile.Pin = -1; p.Receipts {
		p.Profile.Pin = 0
	}
	return p, err
}

// jobAsked is the id of a job that was added.
type jobAsked struct {
	Job string `json:"job"`
}

func (s *Server) postPrinterTest(c *fiber.Ctx, by pos.By, _ struct{}) (jobAsked, error) {
	id, err := s.till.PrintTest(c.UserContext(), by, param(c, "name"))
	return jobAsked{id}, err
}

func (s *Server) postPrinterRemove(c *fiber.Ctx, by pos.By, _ struct{}) (struct{}, error) {
	return struct{}{}, s.till.RemovePrinter(c.UserContext(), by, param(c, "name"))
}

// printJob is a job as the API tells it: never what is printed.
type printJob struct {
	ID      string      `json:"id"`
	Printer string      `json:"printer"`
	Kind    string      `json:"kind"`
	What    string      `json:"what"` // number of a document, station and number of an order
	State   spool.State `json:"state"`
	Reason  string      `json:"reason"`
	Asks    bool        `json:"asks"` // it waits for a person's word
	Tries   int         `json:"tries"`
	CameOut string      `json:"came_out"`
	Created time.Time   `json:"created"`
	Expires time.Time   `json:"expires"`
}

type printJobList struct {
	Jobs []printJob `json:"jobs"`
}

func toldJob(j spool.Job) printJob {
	return printJob{j.ID, j.Printer, j.Kind, pos.JobSubject(j), j.State, j.Reason, j.State.Asks(), j.Tries, j.CameOut, j.Created, j.Expires}
}

func (s *Server) getPrintJobs(c *fiber.Ctx) (printJobList, error) {
	all, err := s.till.PrintJobs(c.UserContext())
	list := printJobList{[]printJob{}}
	for _, j := range all {
		list.Jobs = append(list.Jobs, toldJob(j))
	}
	return list, err
}

func (s *Server) getPrintJob(c *fiber.Ctx) (printJob, error) {
	j, err := s.till.PrintJob(c.UserContext(), param(c, "id"))
	return toldJob(j), err
}

// answerInput is what a person says about a job.
type answerInput struct {
	Answer spool.Answer `json:"answer"`
}

func (s *Server) postJobAnswer(c *fiber.Ctx, by pos.By, in answerInput) (printJob, error) {
	j, err := s.till.AnswerJob(c.UserContext(), by, param(c, "id"), in.Answer)
	return toldJob(j), err
}
