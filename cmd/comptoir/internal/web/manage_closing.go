package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts"
)

// Addresses of what is closed.
const (
	closePath    = "/close"
	closingsPath = managePath + "/closings"
	readingPath  = "/shift/x"
)

// closingLink is the page of a closing.
func closingLink(number string) string { return "/closings/" + number }

// closingBlock is what the manager's page says of closing: what is open, what was closed last, what comes.
type closingBlock struct {
	Deadlines pos.Deadlines
	Last      pos.Closing // Number empty: nothing was closed yet
	Late      int         // days of the last month that the till closed by itself, after their end
}

// lateDays is how far back days that were closed late are told.
const lateDays = 31

func (s *Server) closingBlock(c *fiber.Ctx) (b closingBlock, err error) {
	ctx := c.UserContext()
	if b.Deadlines, err = s.till.Deadlines(ctx); err != nil {
		return b, err
	}
	b.Last, err = s.till.LastClosing(ctx, receipts.LevelDay)
	if fault.CodeOf(err) == "journal.closing" {
		return b, nil
	}
	if err != nil {
		return b, err
	}
	days, err := s.till.Closings(ctx, receipts.LevelDay, daysLater(b.Last.ToDay, 1-lateDays), b.Last.ToDay)
	for _, day := range days {
		if day.Late {
			b.Late++
		}
	}
	return b, err
}

// closingView is a closing on a page, as its paper is; or a reading of the day that is open.
type closingView struct {
	base
	Closing  pos.Closing // Number empty: a reading
	Text     string
	QR       qrImage
	Now      bool // it has just been made, and is to be printed
	Next     bool // a shift can be opened
	Deadline pos.Deadlines
	Watch    *watchView  // what is said beside the document
	Saved    *savedView  // the backup made at this closing; nil: none is known
	Dial     *closedDial // nil when none was kept with it
	Job      *jobView    // its printing; nil: none was asked for
	Printer  bool        // the papers of this device come out of a printer of the café
}

// closedDial is the dial as it stood at a closing, in words: management information beside what is signed.
type closedDial struct{ Value, Says, Means string }

// closedDialOf words the dial that was kept with the last day of a closing.
func (s *Server) closedDialOf(c *fiber.Ctx, b base, day string) (*closedDial, error) {
	d, found, err := s.till.DialOf(c.UserContext(), day)
	if err != nil || !found {
		return nil, err
	}
	words := b.dialBlock(pos.Dial{DialSum: d.DialSum, Ratio: d.Ratio, Band: d.Band, Position: d.Position})
	return &closedDial{Value: words.Value, Says: words.Says, Means: words.Means}, nil
}

// savedView is what became of the backup of a day's closing, as it stands now; the paper says what was known when it was made.
type savedView struct {
	Says string
	Good bool
}

// paperWait is how long the page of a closing waits for its backup, so that a paper printed from the page tells of it, too.
const paperWait = 3 * time.Second

// awaitBackup waits for the backup of a closing that was made just now.
func (s *Server) awaitBackup(ctx context.Context, number string) error {
	ctx, cancel := context.WithTimeout(ctx, paperWait)
	defer cancel()
	if err := s.till.AwaitBackup(ctx, number); err != nil && ctx.Err() == nil {
		return err
	}
	return nil
}

// savedOf words the backup of a day's closing.
func (s *Server) savedOf(ctx context.Context, b base, number string) (*savedView, error) {
	made, found, err := s.till.ClosingBackup(ctx, number)
	if err != nil || !found {
		return nil, err
	}
	switch {
	case made.OK:
		return &savedView{b.T("closing.backup_ok", "at", b.When(made.At), "place", made.Place), true}, nil
	case made.Code == pos.BackupPending:
		return &savedView{Says: b.T("closing.backup_pending", "place", made.Place)}, nil
	}
	why := made.Place
	if b.Has("error." + made.Code) {
		why = b.T("error." + made.Code)
	}
	return &savedView{Says: b.T("closing.backup_failed", "why", why)}, nil
}

// Download is the address of the document in a form.
func (v closingView) Download(form string) string {
	return apiPrefix + "/documents/" + v.Closing.Number + "." + form
}

// closingPage serves GET /closings/{number}.
func (s *Server) closingPage(c *fiber.Ctx) error {
	ctx := c.UserContext()
	closing, err := s.till.Closing(ctx, param(c, "number"))
	if err != nil {
		return err
	}
	if closing.Level == receipts.LevelDay {
		if err := s.awaitBackup(ctx, closing.Number); err != nil {
			return err
		}
	}
	document, err := s.till.ClosingDocument(ctx, closing.Number)
	if err != nil {
		return err
	}
	v := closingView{base: s.newBase(c, "closing.title", "manage"), Closing: closing, Text: document.Text(receipts.Columns80), Now: c.Query("print") != ""}
	v.Title = v.T("closing.heading."+closing.Level, "number", closing.Number)
	v.Printer = s.hasPrinter(c) && v.Operator.Role != pos.RoleAccountant
	if v.Job, err = s.jobOf(c); err != nil {
		return err
	}
	if v.QR, err = qrSVG(document.Head); err != nil {
		return err
	}
	if v.Deadline, err = s.till.Deadlines(ctx); err != nil {
		return err
	}
	if v.Dial, err = s.closedDialOf(c, v.base, closing.ToDay); err != nil {
		return err
	}
	_, err = s.till.CurrentShift(ctx)
	v.Next = fault.CodeOf(err) == "shift.none"
	if closing.Level == receipts.LevelDay {
		if v.Saved, err = s.savedOf(ctx, v.base, closing.Number); err != nil {
			return err
		}
		if v.Watch, err = s.dayWatch(c, v.base, closing.FromDay, closing.ToDay); err != nil {
			return err
		}
	}
	return s.page(c, http.StatusOK, "closing", v)
}

// readingPage serves GET /shift/x: the day so far, for a change of shift. It ends nothing (fiscal R47).
func (s *Server) readingPage(c *fiber.Ctx) error {
	reading, err := s.till.XReport(c.UserContext(), s.operator(c))
	if err != nil {
		return err
	}
	v := closingView{base: s.newBase(c, "closing.reading", "shift"), Text: reading.Text(receipts.Columns80)}
	v.Printer = s.hasPrinter(c) && v.Operator.Role != pos.RoleAccountant
	if v.Job, err = s.jobOf(c); err != nil {
		return err
	}
	if v.Deadline, err = s.till.Deadlines(c.UserContext()); err != nil {
		return err
	}
	if v.Watch, err = s.dayWatch(c, v.base, s.today(), s.today()); err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "closing", v)
}

// giveClosing serves POST /closings/{number}/print: the closing comes out of the printer of this device.
func (s *Server) giveClosing(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	made, err := s.till.PrintDocument(c.UserContext(), by, param(c, "number"), pos.PrintRequest{Printer: s.printsOn(c)})
	if err != nil {
		return err
	}
	return c.Redirect(closingLink(made.Number)+"?job="+url.QueryEscape(made.Job), http.StatusSeeOther)
}

// printReading serves POST /shift/x.
func (s *Server) printReading(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	job, err := s.till.PrintReading(c.UserContext(), by)
	if err != nil {
		return err
	}
	return c.Redirect(readingPath+"?job="+url.QueryEscape(job), http.StatusSeeOther)
}

// closingsView lists what was closed.
type closingsView struct {
	base
	Month    string // first day of the month that is shown
	Earlier  string // address of the month before
	Later    string // of the one after; empty when that has not begun
	Level    string
	Levels   []levelView
	Closings []pos.Closing
	Block    closingBlock
}

// levelView is one filter of the list.
type levelView struct {
	Name, Link string
	Here       bool
}

// closingsPage serves GET /manage/closings?month=&level=.
func (s *Server) closingsPage(c *fiber.Ctx) error { return s.showClosings(c, http.StatusOK, nil) }

func (s *Server) showClosings(c *fiber.Ctx, status int, trouble *troubleView) error {
	v := closingsView{base: s.newBase(c, "closings.title", "manage"), Level: c.Query("level")}
	v.Section, v.Trouble = "closings", trouble
	today := s.today()
	first, err := time.Parse("2006-01", c.Query("month"))
	if err != nil {
		first, _ = time.Parse("2006-01", today[:len("2006-01")]) // a business day always has one
	}
	v.Month = first.Format(time.DateOnly)
	last := first.AddDate(0, 1, -1).Format(time.DateOnly)
	link := func(month time.Time, level string) string {
		to := closingsPath + "?month=" + month.Format("2006-01")
		if level != "" {
			to += "&level=" + level
		}
		return to
	}
	v.Earlier = link(first.AddDate(0, -1, 0), v.Level)
	if last < today {
		v.Later = link(first.AddDate(0, 1, 0), v.Level)
	}
	for _, level := range []string{"", receipts.LevelDay, receipts.LevelMonth, receipts.LevelYear} {
		name := v.T("closings.all")
		if level != "" {
			name = v.T("closings.level_" + level)
		}
		v.Levels = append(v.Levels, levelView{name, link(first, level), level == v.Level})
	}
	if v.Closings, err = s.till.Closings(c.UserContext(), v.Level, v.Month, last); err != nil {
		return err
	}
	if v.Block, err = s.closingBlock(c); err != nil {
		return err
	}
	return s.page(c, status, "manage_closings", v)
}

// PeriodOf words the period of a closing.
func (b base) PeriodOf(c pos.Closing) string {
	switch c.Level {
	case receipts.LevelMonth:
		return b.Month(c.ToDay)
	case receipts.LevelYear:
		return b.T("closings.year_of", "from", b.Day(c.FromDay), "to", b.Day(c.ToDay))
	}
	return b.Day(c.ToDay)
}

// closeEarly serves POST /manage/closings: a month or a year that ends before its last day.
func (s *Server) closeEarly(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error {
		t.Rename("approval.pin", "pin", "")
		return s.showClosings(c, status, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if c.FormValue("pin") == "" {
		return errClosePIN
	}
	closing, err := s.till.ClosePeriod(c.UserContext(), by, pos.CloseRequest{Level: c.FormValue("level"),
		Approval: &pos.Approval{Operator: by.Operator.ID, PIN: c.FormValue("pin")}})
	if err != nil {
		return err
	}
	return c.Redirect(closingLink(closing.Number)+"?done=closed", http.StatusSeeOther)
}

// errClosePIN is told to whoever closes without typing the PIN.
var errClosePIN = fault.New(fault.Invalid, "closing.pin", "Type the manager's PIN.").Field("approval.pin", "required")
