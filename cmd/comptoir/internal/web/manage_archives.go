package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
	"comptoir/receipts/archive"
)

const archivesPath = "/manage/archives"

// archivesView is what was archived, what is due, and what an inspector is given.
type archivesView struct {
	base
	Made     []keptView
	Due      []dueView
	From, To string // days typed
	Open     string // the day that is open: it is in no archive
	Fresh    string // name of the one just made
	Uncopied int    // archives of months and years without a copy elsewhere
}

// keptView is one archive.
type keptView struct {
	pos.KeptArchive

	Title  string
	Size   string
	Asks   bool // for a copy elsewhere
	Copied string
}

// dueView is a period whose archive is not made yet.
type dueView struct{ Period, Title string }

// archivesPage serves GET /manage/archives.
func (s *Server) archivesPage(c *fiber.Ctx) error { return s.showArchives(c, http.StatusOK, nil) }

func (s *Server) showArchives(c *fiber.Ctx, status int, trouble *troubleView) error {
	made, due, err := s.till.Archives(c.UserContext())
	if err != nil {
		return err
	}
	v := archivesView{base: s.newBase(c, "archives.title", "manage"), Open: s.till.DB().Today(), Fresh: c.Query("made")}
	v.Section, v.Trouble = "exports", trouble
	v.From, v.To = v.Typed("from", ""), v.Typed("to", "")
	for _, a := range made {
		k := keptView{KeptArchive: a, Title: v.title(a.Range()), Size: v.T("exports.size", "n", v.Number(int((a.Size+999)/1000)))}
		switch {
		case !a.CopiedAt.IsZero():
			k.Copied = v.T("archives.copied", "who", v.Who(a.CopiedBy), "day", v.Date(a.CopiedAt))
		case a.Kind != archive.KindDays && !a.Gone:
			k.Asks = true
			v.Uncopied++
		}
		v.Made = append(v.Made, k)
	}
	for _, r := range due {
		v.Due = append(v.Due, dueView{r.Period, v.title(r)})
	}
	return s.page(c, status, "manage_archives", v)
}

// title names what an archive covers.
func (v archivesView) title(r archive.Range) string {
	switch r.Kind {
	case archive.KindMonth:
		return v.Month(r.FromDay)
	case archive.KindYear:
		return v.T("archives.year", "year", r.Period)
	case archive.KindDays, archive.KindAll:
	}
	return v.T("archives.some_days")
}

// makeArchive serves POST /manage/archives: a period that is due or was lost, or some days.
func (s *Server) makeArchive(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showArchives(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	ctx, cancel := patiently(c)
	defer cancel()
	ask := pos.ArchiveRequest{Period: c.FormValue("period"), From: c.FormValue("from"), To: c.FormValue("to")}
	a, err := s.till.Archive(ctx, by, ask)
	if err != nil {
		return err
	}
	return s.done(c, archivesPath+"?made="+a.Name, "archived_period")
}

// confirmCopy serves POST /manage/archives/{name}/copied.
func (s *Server) confirmCopy(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showArchives(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	if _, err := s.till.ConfirmCopy(c.UserContext(), by, c.Params("name")); err != nil {
		return err
	}
	return s.done(c, archivesPath, "archive_copied")
}
