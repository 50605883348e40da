package web

import (
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"comptoir/pos"
	"comptoir/receipts/export"
)

const (
	statementPath       = "/statement" // of the public listener
	manageStatementPath = "/manage/statement"
)

// statementsView lists the months that everybody may read.
type statementsView struct {
	base
	Months []statementMonth
	Public string // address of the list as phones see it
	Head   headView
}

// statementMonth is one of them.
type statementMonth struct {
	Title, Address, File string
}

// headView is the newest closing of a day: whoever writes it down can see later that nothing before it was changed.
type headView struct {
	Day, Number, Hash string
}

// statementPageView is one statement: an addition a class.
type statementPageView struct {
	base
	Heading string
	Sums    []statementSum
	Ceiling string // one meal for nine, in a sentence
	Advance string // what the house has advanced; "" when nothing
	Opening string // the closing it starts from, in words; "" for the first
	Closing string
	Journal string
	Seq     int64
	Hash    []string // in eights
	QR      qrImage
	File    string // address of the file that can be checked
}

// statementSum is the addition of one class.
type statementSum struct {
	Name, Icon string
	Came, Went []statementRow
	Total      string
	House      string // besides: never on the shelf; "" for none
}

// statementRow is one line of an addition; one that is Of another stands below it and is not added.
type statementRow struct {
	Name, Number string
	Of           bool
}

// statementsPage serves GET /statement of the public listener.
func (s *Server) statementsPage(c *fiber.Ctx) error {
	v := statementsView{base: s.newBase(c, "statement.title", "")}
	if err := s.listStatements(c, &v, statementPath); err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "statements", v)
}

// manageStatementsPage serves GET /manage/statement.
func (s *Server) manageStatementsPage(c *fiber.Ctx) error {
	v := statementsView{base: s.newBase(c, "statement.title", "manage")}
	v.Section, v.Part = "solidarity", "statement"
	v.Public = s.till.PublicURL() + statementPath
	if err := s.listStatements(c, &v, v.Public); err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "manage_statement", v)
}

func (s *Server) listStatements(c *fiber.Ctx, v *statementsView, at string) error {
	all, err := s.till.Statements(c.UserContext())
	if err != nil {
		return err
	}
	for _, p := range all {
		v.Months = append(v.Months, statementMonth{v.periodOf(p.From, p.To), at + "/" + p.Month, at + "/" + p.Month + ".json"})
	}
	head, found, err := s.till.LastHead(c.UserContext())
	if found {
		v.Head = headView{v.Day(head.Day), head.Number, hex.EncodeToString(head.Hash[:])}
	}
	return err
}

// periodOf names the months between two days: one, or the first and the last.
func (b base) periodOf(from, to string) string {
	if from[:7] == to[:7] {
		return b.Month(to)
	}
	return b.T("statement.months", "from", b.Month(from), "to", b.Month(to))
}

// statementPage serves GET /statement/{YYYY-MM} of the public listener, and with .json behind it the file that a stranger holds
// against the archive.
func (s *Server) statementPage(c *fiber.Ctx) error {
	name, file := strings.CutSuffix(param(c, "month"), ".json")
	stated, err := s.till.Statement(c.UserContext(), name)
	if err != nil {
		return err
	}
	if file {
		c.Attachment(stated.File.Name)
		c.Set(fiber.HeaderContentType, stated.File.Type)
		return c.Send(stated.File.Bytes)
	}
	v := statementPageView{base: s.newBase(c, "statement.title", ""), File: statementPath + "/" + name + ".json"}
	if err := v.fill(stated); err != nil {
		return err
	}
	return s.page(c, http.StatusOK, "statement", v)
}

func (v *statementPageView) fill(s pos.Stated) (err error) {
	v.Heading = v.periodOf(s.From, s.To)
	for _, c := range s.Classes {
		v.Sums = append(v.Sums, v.sum(c))
	}
	if m := s.Ceiling; m != nil {
		v.Ceiling = v.T("statement.ceiling", "meals", v.Number(int(m.Meals)), "earned", v.Number(int(m.Earned)), "released", v.Number(int(m.Released)))
		if m.Without > 0 {
			v.Ceiling = v.T("statement.ceiling_without", "meals", v.Number(int(m.Meals)), "without", v.Number(int(m.Without)), "earned", v.Number(int(m.Earned)), "released", v.Number(int(m.Released)))
		}
		if more := m.Released - m.Earned; more > 0 {
			v.Advance = v.N("statement.advance", int(more))
		}
	}
	if open := s.Opening; open != nil {
		v.Opening = v.T("statement.closing", "number", open.Number, "day", v.Day(open.Day))
	}
	v.Closing = v.T("statement.closing", "number", s.Closing.Number, "day", v.Day(s.Closing.Day))
	v.Journal, v.Seq = s.Cafe.Journal, s.Closing.Seq
	for part := range slices.Chunk([]byte(s.Closing.Hash), 8) {
		v.Hash = append(v.Hash, string(part))
	}
	v.QR, err = qrSVG(s.Closing.QR)
	return err
}

// sum words the addition of one class.
func (v *statementPageView) sum(c export.StatementClass) statementSum {
	row := func(key string, n int64) statementRow {
		return statementRow{v.T("statement.row." + key), v.Number(int(n)), false}
	}
	sum := statementSum{Name: v.T("class.many." + c.Class), Icon: classIcon(c.Class), Total: v.Number(int(c.Came()))}
	sum.Came = []statementRow{row("waited", c.Waited), row("given", c.Given), row("cards", c.Cards)}
	if len(c.OthersBy) > 0 {
		sum.Came = append(sum.Came, row("others", c.Others))
		sum.Came = append(sum.Came, v.split("statement.cause.", c.OthersBy)...)
	}
	sum.Went = append([]statementRow{row("served", c.Served)}, v.split("origin.", c.ServedBy)...)
	sum.Went = append(sum.Went, row("partners", c.Partners))
	sum.Went = append(sum.Went, v.split("origin.", c.PartnerBy)...)
	sum.Went = append(sum.Went, row("returned", c.Returned), row("retracted", c.Retracted), row("waits", c.Waits))
	if c.House > 0 {
		sum.House = v.T("statement.house", "n", v.Number(int(c.House)))
	}
	return sum
}

// split words the parts of a row, in the order of their codes.
func (v *statementPageView) split(prefix string, by map[string]int64) (rows []statementRow) {
	for _, code := range slices.Sorted(maps.Keys(by)) {
		name := code
		if v.Has(prefix + code) {
			name = v.T(prefix + code)
		}
		rows = append(rows, statementRow{name, v.Number(int(by[code])), true})
	}
	return rows
}
