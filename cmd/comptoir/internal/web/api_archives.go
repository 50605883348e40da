package web

import (
	"context"
	"net/http"
	"os"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
	"comptoir/receipts/archive"
)

// archiveDeadline bounds the making of an archive that somebody waits for: longer than any other handler, for an archive of a
// year is large. It is not cut off when the person goes away.
const archiveDeadline = 10 * time.Minute

func (s *Server) archiveCalls() []route {
	const archives = apiPrefix + "/archives"
	return []route{
		{http.MethodGet, archives, books(), read(s.getArchives)},
		{http.MethodPost, archives, books(), command(s, http.StatusCreated, s.postArchive)},
		{http.MethodPost, archives + "/inspection", books(), s.inspection},
		{http.MethodGet, archives + "/:name", books(), s.archiveFile},
		{http.MethodPost, archives + "/:name/copied", books(), command(s, http.StatusOK, s.postCopied)},
	}
}

// archiveList is what was made, newest first, and what is due.
type archiveList struct {
	Archives []pos.KeptArchive `json:"archives"`
	Due      []string          `json:"due"` // periods
}

func (s *Server) getArchives(c *fiber.Ctx) (archiveList, error) {
	made, due, err := s.till.Archives(c.UserContext())
	l := archiveList{Archives: append([]pos.KeptArchive{}, made...), Due: []string{}}
	for _, r := range due {
		l.Due = append(l.Due, r.Period)
	}
	return l, err
}

func (s *Server) postArchive(c *fiber.Ctx, by pos.By, in pos.ArchiveRequest) (archive.Archive, error) {
	ctx, cancel := patiently(c)
	defer cancel()
	return s.till.Archive(ctx, by, in)
}

func (s *Server) postCopied(c *fiber.Ctx, by pos.By, _ none) (archive.Archive, error) {
	return s.till.ConfirmCopy(c.UserContext(), by, c.Params("name"))
}

// patiently is the context of a handler that makes an archive.
func patiently(c *fiber.Ctx) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(c.UserContext()), archiveDeadline)
}

// archiveFile serves GET /archives/{name}, of the API and of the pages: the file, journaled with who took it.
func (s *Server) archiveFile(c *fiber.Ctx) error {
	op, err := s.identify(c)
	if err != nil {
		return err
	}
	path, a, err := s.till.TakeArchive(c.UserContext(), pos.By{Operator: op}, c.Params("name"))
	if err != nil {
		return err
	}
	return sendZip(c, path, a.Name, a.SHA256, func() {})
}

// inspection serves POST /archives/inspection, of the API and of the pages: the whole history, made for whoever asks and
// removed when it was sent (fiscal R77).
func (s *Server) inspection(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	ctx, cancel := patiently(c)
	defer cancel()
	f, err := s.till.ExportTax(ctx, by)
	if err != nil {
		return err
	}
	return sendZip(c.Status(http.StatusCreated), f.Path, f.Name, f.SHA256, func() { _ = os.Remove(f.Path) }) // else the next start does
}

// sentFile is a file on its way to a browser.
type sentFile struct {
	*os.File

	sent func()
}

// Close is called when it was sent, or cannot be.
func (f sentFile) Close() error {
	defer f.sent()
	return f.File.Close()
}

// sendZip streams a file to be kept.
func sendZip(c *fiber.Ctx, path, name, sum string, sent func()) error {
	f, err := os.Open(path)
	if err != nil {
		sent()
		return errBug.Wrap(err)
	}
	info, err := f.Stat()
	if err != nil {
		_ = sentFile{f, sent}.Close()
		return errBug.Wrap(err)
	}
	c.Set(fiber.HeaderContentType, "application/zip")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	c.Set(hashHeader, sum)
	return c.SendStream(sentFile{f, sent}, int(info.Size()))
}
