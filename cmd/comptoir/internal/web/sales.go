package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
)

const (
	// salesOnPage is how many documents one page of the list shows.
	salesOnPage = 50
	// widerDays is how far back a search that found nothing today is offered to go.
	widerDays = 30
)

// salesView is the list of the café's documents: which, what they come to, and where to go on.
type salesView struct {
	base
	Form   salesForm
	Found  pos.SalesFound
	Days   []salesDay
	Means  []pos.Means
	Kinds  []string
	People []person
	First  int // of the documents shown, counted from 1
	Last   int
	Before string // address of the page before; empty: none
	After  string
	Export string // address of the list as a file; empty: not for this role
	Wider  string // address of the same search over more days; empty: no use
}

// salesForm is what was asked for, as it was typed.
type salesForm struct{ From, To, Text, Means, Operator, Kind string }

// salesDay is the documents of one business day.
type salesDay struct {
	Day   string
	Sales []pos.FoundSale
}

// person is somebody whose documents may be listed.
type person struct{ Code, Name string }

// query is the form as an address, without what is empty.
func (f salesForm) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"from": f.From, "to": f.To, "q": f.Text, "means": f.Means, "by": f.Operator, "kind": f.Kind} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

func (f salesForm) search(offset int) pos.SalesQuery {
	return pos.SalesQuery{From: f.From, To: f.To, Text: f.Text, Means: pos.Means(f.Means), Operator: f.Operator, Kind: f.Kind, Offset: offset, Limit: salesOnPage}
}

// salesAsked reads the form out of the address. ?day= is one day; one end of a range alone is that day too.
func (s *Server) salesAsked(c *fiber.Ctx) salesForm {
	f := salesForm{c.Query("from", c.Query("day")), c.Query("to", c.Query("day")), c.Query("q"), c.Query("means"), c.Query("by"), c.Query("kind")}
	f.From = cmp.Or(f.From, f.To, s.today())
	f.To = cmp.Or(f.To, f.From)
	return f
}

// salesPage serves GET /sales?from=&to=&q=&means=&by=&kind=&page=. What names one document leads straight to it.
func (s *Server) salesPage(c *fiber.Ctx) error {
	form := s.salesAsked(c)
	onRefusal(c, func(status int, t *troubleView) error { return s.showSales(c, status, form, pos.SalesFound{}, t) })
	page, err := queryInt(c, "page", 1, 1, 1<<30)
	if err != nil {
		return err
	}
	found, err := s.till.FindSales(c.UserContext(), form.search(int(page-1)*salesOnPage))
	if err != nil {
		return err
	}
	if named := found.Understood == pos.AsNumber || found.Understood == pos.AsReceipt; named && found.Count == 1 {
		return c.Redirect("/sales/"+url.PathEscape(found.Sales[0].ID), http.StatusSeeOther)
	}
	return s.showSales(c, http.StatusOK, form, found, nil)
}

func (s *Server) showSales(c *fiber.Ctx, status int, form salesForm, found pos.SalesFound, trouble *troubleView) error {
	names, err := s.till.Names(c.UserContext())
	if err != nil {
		return err
	}
	v := salesView{base: s.newBase(c, "sales.title", "sales"), Form: form, Found: found, Kinds: []string{"sale", "refund", "gift"},
		Means: []pos.Means{pos.Card, pos.Cash, pos.MealVoucher, pos.Cheque, pos.Transfer}}
	v.Trouble = trouble
	for code, name := range names {
		v.People = append(v.People, person{code, name})
	}
	slices.SortFunc(v.People, func(a, b person) int { return cmp.Compare(a.Name, b.Name) })
	for _, sale := range found.Sales {
		if len(v.Days) == 0 || v.Days[len(v.Days)-1].Day != sale.Day {
			v.Days = append(v.Days, salesDay{Day: sale.Day})
		}
		v.Days[len(v.Days)-1].Sales = append(v.Days[len(v.Days)-1].Sales, sale)
	}
	v.goOn()
	if slices.Contains(books(), v.Operator.Role) && found.Count > 0 {
		v.Export = "/sales/export.csv?" + form.query().Encode()
	}
	if found.Count == 0 && trouble == nil && form.From == form.To {
		v.Wider = s.wider(form)
	}
	return s.page(c, status, "sales", v)
}

// goOn finds the pages around the one that is shown.
func (v *salesView) goOn() {
	from := v.Found.Query.Offset
	v.First, v.Last = from+1, from+len(v.Found.Sales)
	link := func(offset int) string {
		q := v.Form.query()
		if offset > 0 {
			q.Set("page", strconv.Itoa(offset/salesOnPage+1))
		}
		return "/sales?" + q.Encode()
	}
	if from > 0 {
		v.Before = link(max(0, from-salesOnPage))
	}
	if v.Last < v.Found.Count && len(v.Found.Sales) > 0 {
		v.After = link(from + salesOnPage)
	}
}

// wider is the same search over the days before as well.
func (s *Server) wider(form salesForm) string {
	last, err := time.Parse(time.DateOnly, form.To)
	if err != nil || form.Text+form.Means+form.Operator+form.Kind == "" {
		return ""
	}
	form.From = last.AddDate(0, 0, 1-widerDays).Format(time.DateOnly)
	return "/sales?" + form.query().Encode()
}

// dayOf is the business day of ?day=, else today's.
func (s *Server) dayOf(c *fiber.Ctx) string {
	if _, err := time.Parse(time.DateOnly, c.Query("day")); err == nil {
		return c.Query("day")
	}
	return s.today()
}
