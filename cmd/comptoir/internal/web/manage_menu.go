package web

import (
	"bytes"
	"io"
	"net/http"
	"path"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

const menuPath = "/manage/menu"

// menuView is the menu, by category.
type menuView struct {
	base
	Importing bool // a file has just been refused
	Sections  []menuSection
}

// menuSection is one category.
type menuSection struct {
	Name     string
	Products []pos.Product
}

// menuPage serves GET /manage/menu.
func (s *Server) menuPage(c *fiber.Ctx) error { return s.showMenu(c, http.StatusOK, nil) }

func (s *Server) showMenu(c *fiber.Ctx, status int, trouble *troubleView) error {
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return err
	}
	v := menuView{base: s.newBase(c, "menu.title", "manage"), Importing: trouble != nil}
	v.Section, v.Trouble = "menu", trouble
	for _, category := range menu.Categories {
		section := menuSection{Name: category.Name}
		for _, p := range menu.Products {
			if p.Category == category.ID {
				section.Products = append(section.Products, p)
			}
		}
		if len(section.Products) > 0 {
			v.Sections = append(v.Sections, section)
		}
	}
	return s.page(c, status, "manage_menu", v)
}

// setAvailable serves POST /manage/menu/{product}/availability.
func (s *Server) setAvailable(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	p, err := s.till.SetAvailable(c.UserContext(), by, c.Params("product"), c.FormValue("available") == "true", "")
	if err != nil {
		return err
	}
	if p.Available {
		return s.done(c, menuPath, "available")
	}
	return s.done(c, menuPath, "sold_out")
}

// importMenu serves POST /manage/menu/import: a CSV or JSON file, all of it or nothing.
func (s *Server) importMenu(c *fiber.Ctx) error {
	onRefusal(c, func(status int, t *troubleView) error { return s.showMenu(c, status, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	header, err := c.FormFile("file")
	if err != nil {
		return errParam.Field("file", "required")
	}
	opened, err := header.Open()
	if err != nil {
		return errBug.Wrap(err)
	}
	defer func() { _ = opened.Close() }() // read only
	text, err := io.ReadAll(io.LimitReader(opened, maxMenuBody))
	if err != nil {
		return errBug.Wrap(err)
	}
	parse := pos.ParseMenuCSV
	if strings.EqualFold(path.Ext(header.Filename), ".json") {
		parse = pos.ParseMenuJSON
	}
	file, err := parse(bytes.NewReader(text))
	if err != nil {
		return err
	}
	if _, err := s.till.ImportMenu(c.UserContext(), by, file); err != nil {
		return err
	}
	return s.done(c, menuPath, "imported")
}

// exportCSV serves GET /manage/menu/export.csv.
func (s *Server) exportCSV(c *fiber.Ctx) error {
	return s.exportMenu(c, "menu.csv", "text/csv; charset=utf-8", pos.MenuFile.WriteCSV)
}

// exportJSON serves GET /manage/menu/export.json.
func (s *Server) exportJSON(c *fiber.Ctx) error {
	return s.exportMenu(c, "menu.json", fiber.MIMEApplicationJSONCharsetUTF8, pos.MenuFile.WriteJSON)
}

func (s *Server) exportMenu(c *fiber.Ctx, name, kind string, write func(pos.MenuFile, io.Writer) error) error {
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := write(menu.File(), &b); err != nil {
		return errBug.Wrap(err)
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="`+name+`"`)
	return c.Send(b.Bytes())
}
