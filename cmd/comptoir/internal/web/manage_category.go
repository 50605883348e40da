package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
)

// categoryView is the form of one category.
type categoryView struct {
	base
	Category pos.Category // as it is; without an id a new one
	Action   string
	Tint     string // as it is, or was chosen
	Version  int64  // of the category that the form shows
	Tints    []tintView
}

// tintView is one colour of the palette.
type tintView struct {
	Value, Class, Icon, Name string
}

var errNoCategory = fault.New(fault.NotFound, "category.unknown", "There is no such category on the menu.")

// newCategoryPage serves GET /manage/category.
func (s *Server) newCategoryPage(c *fiber.Ctx) error {
	return s.showCategory(c, http.StatusOK, pos.Category{}, nil)
}

// categoryPage serves GET /manage/categories/{id}.
func (s *Server) categoryPage(c *fiber.Ctx) error {
	category, err := s.categoryHere(c)
	if err != nil {
		return err
	}
	return s.showCategory(c, http.StatusOK, category, nil)
}

// categoryHere is the category that the address names; none for a new one.
func (s *Server) categoryHere(c *fiber.Ctx) (pos.Category, error) {
	id := param(c, "id")
	if id == "" {
		return pos.Category{}, nil
	}
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return pos.Category{}, err
	}
	for _, category := range menu.Categories {
		if category.ID == id {
			return category, nil
		}
	}
	return pos.Category{}, errNoCategory
}

func (s *Server) showCategory(c *fiber.Ctx, status int, category pos.Category, trouble *troubleView) error {
	v := categoryView{base: s.newBase(c, "menu.title", "manage"), Category: category, Action: categoryPath, Version: category.Version}
	v.Section, v.Trouble = "menu", trouble
	if category.ID != "" {
		v.Action += "/" + url.PathEscape(category.ID)
	}
	v.Tint = v.Typed("tint", category.Tint)
	for _, tint := range pos.Tints() {
		v.Tints = append(v.Tints, tintView{tint, tintClass(tint), tintIcon(tint), v.T("tint." + tint)})
	}
	return s.page(c, status, "manage_category", v)
}

// saveCategory serves POST /manage/categories and POST /manage/categories/{id}.
func (s *Server) saveCategory(c *fiber.Ctx) error {
	category, err := s.categoryHere(c)
	if err != nil {
		return err
	}
	onRefusal(c, func(status int, t *troubleView) error {
		if t.Code == "menu.stale" {
			t.Aloud = true
			now := map[string]string{"name": category.Name, "tint": s.language(c).T("tint." + category.Tint)}
			for i, f := range t.Fields {
				t.Fields[i].Text = s.language(c).T("product.now", "value", now[f.Name])
			}
		}
		return s.showCategory(c, status, category, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	wanted := pos.Category{ID: category.ID, Name: c.FormValue("name"), Tint: c.FormValue("tint"), Version: versionOf(c)}
	if _, err := s.till.SaveCategory(c.UserContext(), by, wanted); err != nil {
		return err
	}
	return s.done(c, menuPath, "category_saved")
}

// versionOf is the version that a form was opened on; 0 when it says none.
func versionOf(c *fiber.Ctx) int64 {
	n, err := strconv.ParseInt(c.FormValue("version"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// moveCategory serves POST /manage/categories/{id}/move: move=up, down or top.
func (s *Server) moveCategory(c *fiber.Ctx) error {
	by, err := s.by(c)
	if err != nil {
		return err
	}
	id, move := param(c, "id"), c.FormValue("move")
	if err := s.till.MoveCategory(c.UserContext(), by, id, pos.Move(move)); err != nil {
		return err
	}
	return s.backTo(c, move, "category-"+id, "category-"+id)
}
