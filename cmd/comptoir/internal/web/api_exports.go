package web

import (
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
	"comptoir/receipts/export"
)

// exportsListed is how many exports a list tells.
const exportsListed = 100

func (s *Server) exportCalls() []route {
	const exports, accounting = apiPrefix + "/exports", apiPrefix + "/accounting"
	return []route{
		{http.MethodGet, exports, books(), read(s.getExports)},
		{http.MethodPost, exports, books(), s.postExport},
		{http.MethodGet, exports + "/:n", books(), s.getExport},
		{http.MethodGet, accounting, books(), read(s.getAccounting)},
		{http.MethodPost, accounting, books(), command(s, http.StatusOK, s.postAccounting)},
	}
}

// exportList is what was handed out, newest first.
type exportList struct {
	Exports []pos.Exported `json:"exports"`
}

func (s *Server) getExports(c *fiber.Ctx) (exportList, error) {
	all, err := s.till.Exports(c.UserContext(), exportsListed)
	return exportList{all}, err
}

// postExport serves POST /exports: the answer is the file itself, and its address. Sent again under the same id, it is the
// same file.
func (s *Server) postExport(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	var r pos.ExportRequest
	if err := decode(c, &r); err != nil {
		return err
	}
	f, err := s.till.Export(c.UserContext(), by, r)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderLocation, apiPrefix+"/exports/"+strconv.FormatInt(f.N, 10))
	return sendExport(c.Status(http.StatusCreated), f)
}

func (s *Server) getExport(c *fiber.Ctx) error {
	f, err := s.exported(c)
	if err != nil {
		return err
	}
	return sendExport(c, f)
}

// exported makes the file that the path names by its number.
func (s *Server) exported(c *fiber.Ctx) (pos.ExportedFile, error) {
	n, err := intParam(c, "n")
	if err != nil {
		return pos.ExportedFile{}, err
	}
	return s.till.ExportedFile(c.UserContext(), int64(n))
}

// hashHeader tells the SHA-256 of the file, as the journal has it.
const hashHeader = "X-Content-Sha256"

// sendExport sends a file to be kept.
func sendExport(c *fiber.Ctx, f pos.ExportedFile) error {
	c.Set(fiber.HeaderContentType, f.Type)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+f.Name+`"`)
	c.Set(hashHeader, f.SHA256)
	return c.Send(f.Bytes)
}

func (s *Server) getAccounting(c *fiber.Ctx) (pos.Accounting, error) {
	return s.till.Accounting(c.UserContext())
}

type accountingRequest struct {
	Seen int64       `json:"seen"` // number of the plan that was read
	Plan export.Plan `json:"plan"`
}

func (s *Server) postAccounting(c *fiber.Ctx, by pos.By, in accountingRequest) (pos.Accounting, error) {
	return s.till.SaveAccounting(c.UserContext(), by, in.Seen, in.Plan)
}
