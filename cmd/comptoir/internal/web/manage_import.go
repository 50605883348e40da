package web

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// importView is what importing a file would do.
type importView struct {
	base
	File      string // its name
	Preview   pos.ImportPreview
	Rows      []importRow // what changes; the rest is a number
	Orders    []string    // names of the orders that change
	Packed    string      // the file, for the form that confirms
	Confirmed bool        // there is something to confirm
}

// importRow is one product of the file.
type importRow struct {
	Line        int
	Name, Price string
	Added       bool
	Changes     []importChange
}

// importChange is one field that changes, in words.
type importChange struct{ Field, Old, New string }

// importMenu serves POST /manage/import. With a file it shows what would happen, and changes nothing; with that page's
// form it does it: all of the file or nothing.
func (s *Server) importMenu(c *fiber.Ctx) error {
	if packed := c.FormValue("packed"); packed != "" {
		return s.applyImport(c, packed)
	}
	onRefusal(c, func(status int, t *troubleView) error { return s.showMenu(c, status, t) })
	header, err := c.FormFile("file")
	if err != nil {
		return errParam.Field("file", "required")
	}
	text, err := readUpload(header)
	if err != nil {
		return errBug.Wrap(err)
	}
	return s.previewImport(c, http.StatusOK, path.Base(header.Filename), text, nil)
}

func parseMenuFile(name string, text []byte) (pos.MenuFile, error) {
	if strings.EqualFold(path.Ext(name), ".json") {
		return pos.ParseMenuJSON(bytes.NewReader(text))
	}
	return pos.ParseMenuCSV(bytes.NewReader(text))
}

// previewImport shows what a file would do.
func (s *Server) previewImport(c *fiber.Ctx, status int, name string, text []byte, trouble *troubleView) error {
	file, err := parseMenuFile(name, text)
	if err != nil {
		return err
	}
	preview, err := s.till.PreviewImport(c.UserContext(), pos.By{Operator: s.operator(c)}, file)
	if err != nil {
		return err
	}
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return err
	}
	v := importView{base: s.newBase(c, "menu.title", "manage"), File: name, Preview: preview}
	v.Section, v.Trouble = "menu", trouble
	v.Confirmed = preview.Added+preview.Changed+preview.Reordered > 0
	if v.Packed, err = pack(text); err != nil {
		return errBug.Wrap(err)
	}
	for _, row := range preview.Rows {
		if row.Status != pos.ImportKeeps {
			v.Rows = append(v.Rows, v.row(menu, row))
		}
	}
	for _, id := range preview.Orders {
		v.Orders = append(v.Orders, v.order(menu, file, id))
	}
	return s.page(c, status, "manage_import", v)
}

func (v importView) row(menu pos.Menu, row pos.ImportRow) importRow {
	r := importRow{Line: row.Line, Name: row.New.Name, Price: v.Money(row.New.Price), Added: row.Status == pos.ImportAdds}
	for _, change := range row.Changes {
		field := v.Place(change.Field)
		r.Changes = append(r.Changes, importChange{field, v.plain(menu, change.Field, change.Old), v.plain(menu, change.Field, change.New)})
	}
	return r
}

// plain words one value of a product.
func (v importView) plain(menu pos.Menu, field string, value any) string {
	switch x := value.(type) {
	case bool:
		if x {
			return v.T("product.yes")
		}
		return v.T("product.no")
	case int64:
		if strings.HasSuffix(field, "_bp") {
			return v.Rate(money.BasisPoints(x))
		}
		return v.Money(money.Cents(x))
	case int:
		return v.Number(x)
	case string:
		if field == "category" {
			return categoryName(menu, x)
		}
		if x != "" {
			return x
		}
	}
	return "–"
}

// order names an order: of the categories, of the favourites, or of the products of a category.
func (v importView) order(menu pos.Menu, file pos.MenuFile, id string) string {
	switch id {
	case "categories":
		return v.T("import.order_categories")
	case favourites:
		return v.T("rail.favourites")
	}
	if name := categoryName(menu, id); name != id {
		return name
	}
	for _, c := range file.Categories { // one that the file brings
		if c.ID == id {
			return c.Name
		}
	}
	return id
}

// applyImport does what was previewed. If the menu has changed since, the preview is shown again as it is now.
func (s *Server) applyImport(c *fiber.Ctx, packed string) error {
	name := c.FormValue("name")
	text, err := unpack(packed)
	if err != nil {
		return errParam.Field("file", "invalid").Wrap(err)
	}
	onRefusal(c, func(status int, t *troubleView) error { return s.previewImport(c, status, name, text, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	file, err := parseMenuFile(name, text)
	if err != nil {
		return err
	}
	if file.Seen, err = strconv.ParseInt(c.FormValue("seen"), 10, 64); err != nil {
		return errParam.Field("seen", "number")
	}
	if _, err := s.till.ImportMenu(c.UserContext(), by, file); err != nil {
		return err
	}
	return s.done(c, menuPath, "imported")
}

var errPacked = fault.New(fault.Invalid, "menu.too_large", "The menu file is too large.")

// pack puts a file into a form: the browser holds it between the preview and the confirmation, the till does not.
func pack(text []byte) (string, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write(text)
	if err = errors.Join(err, z.Close()); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// unpack is the inverse of pack; it reads no more than a menu file may have.
func unpack(packed string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(packed)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(z, maxMenuBody+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxMenuBody {
		return nil, errPacked
	}
	return text, nil
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
