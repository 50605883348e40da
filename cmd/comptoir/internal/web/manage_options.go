package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
)

// optionsView is how far the café's generosity goes (solidarity.md §4b).
type optionsView struct {
	base
	Form     map[string]string // by the names of the choices; a box that is ticked is "1"
	Seen     string            // the same as the form showed them first
	Groups   []optionGroup
	RoundUps []pickView
	Pledges  []pickView
	Below    []belowView // what is given below its cost
}

// optionGroup is a section of the form.
type optionGroup struct {
	Icon, Name string
	Options    []optionView
}

// optionView is one choice: its field, its default in words and why it is so.
type optionView struct {
	Name, Kind string // kind: percent, number, box, round_up or pledge
	Default    string
}

// pickView is one entry of a list to pick from, and whether it is picked.
type pickView struct {
	Value, Name string
	Here        bool
}

// belowView is a product whose gift price does not cover its cost.
type belowView struct{ Link, Text string }

// optionsPage serves GET /manage/solidarity/options.
func (s *Server) optionsPage(c *fiber.Ctx) error {
	chosen, err := s.till.Settings(c.UserContext())
	if err != nil {
		return err
	}
	form := optionsForm(s.language(c), chosen.Generosity)
	return s.showOptions(c, http.StatusOK, form, form, nil)
}

func (s *Server) showOptions(c *fiber.Ctx, status int, form, seen map[string]string, trouble *troubleView) error {
	v := optionsView{base: s.newBase(c, "options.title", "manage"), Form: form}
	v.Section, v.Part, v.Trouble = "solidarity", "dial", trouble
	text, err := json.Marshal(seen)
	if err != nil {
		return errBug.Wrap(err)
	}
	v.Seen = string(text)
	partners, err := s.till.Partners(c.UserContext())
	if err != nil {
		return err
	}
	v.RoundUps = []pickView{{"", v.T("options.nowhere"), false}, {"fund", v.T("options.fund"), false}}
	v.Pledges = []pickView{{"", v.T("options.nobody"), false}}
	for _, p := range partners {
		if p.Active || p.ID == form["round_up"] || p.ID == form["pledge_to"] {
			v.RoundUps, v.Pledges = append(v.RoundUps, pickView{p.ID, p.Name, false}), append(v.Pledges, pickView{p.ID, p.Name, false})
		}
	}
	for i := range v.RoundUps {
		v.RoundUps[i].Here = v.RoundUps[i].Value == form["round_up"]
	}
	for i := range v.Pledges {
		v.Pledges[i].Here = v.Pledges[i].Value == form["pledge_to"]
	}
	v.groups()
	if err := s.belowCost(c, &v); err != nil {
		return err
	}
	return s.page(c, status, "manage_options", v)
}

// groups lays the choices out, each with its default.
func (v *optionsView) groups() {
	was := optionsForm(v.Language, pos.DefaultSettings().Generosity)
	group := func(icon, name string, options ...optionView) {
		for i := range options {
			o := &options[i]
			switch o.Kind {
			case "percent":
				o.Default = v.T("options.default", "value", was[o.Name]+" %")
			case "number":
				o.Default = v.T("options.default", "value", was[o.Name])
			default:
				o.Default = v.T("options.default", "value", v.T("options.off"))
			}
		}
		v.Groups = append(v.Groups, optionGroup{icon, v.T("options.group_" + name), options})
	}
	group("heart-handshake", "dial", optionView{Name: "dial_low", Kind: "percent"}, optionView{Name: "dial_high", Kind: "percent"})
	group("id-card", "cards", optionView{Name: "claim_days", Kind: "number"}, optionView{Name: "gifts_stamp", Kind: "box"},
		optionView{Name: "counter_card", Kind: "box"}, optionView{Name: "goodwill_monthly", Kind: "number"})
	group("hand-heart", "shelf", optionView{Name: "ageing_days", Kind: "number"}, optionView{Name: "pace_percent", Kind: "number"}, optionView{Name: "reserve_minutes", Kind: "number"})
	group("banknote", "money", optionView{Name: "round_up", Kind: "round_up"}, optionView{Name: "pledge_bp", Kind: "percent"}, optionView{Name: "pledge_to", Kind: "pledge"})
}

// Option hands one choice to its template.
func (v optionsView) Option(o optionView) optionRow { return optionRow{v, o} }

// optionRow is a choice with the page it stands on.
type optionRow struct {
	optionsView
	optionView
}

// Value is what the field holds.
func (r optionRow) Value() string { return r.Form[r.Name] }

// Choices are the entries of a list.
func (r optionRow) Choices() []pickView {
	if r.Kind == "pledge" {
		return r.Pledges
	}
	return r.RoundUps
}

// belowCost names the products whose gift costs the café more than it brings (solidarity.md §4b).
func (s *Server) belowCost(c *fiber.Ctx, v *optionsView) error {
	menu, err := s.till.Menu(c.UserContext())
	if err != nil {
		return err
	}
	for _, p := range menu.Products {
		if p.GiftBelowCost() {
			v.Below = append(v.Below, belowView{menuPath + "/" + p.ID, v.T("options.below", "name", p.Name, "gift", v.Money(p.GiftPrice), "cost", v.Money(p.Cost))})
		}
	}
	return nil
}

// optionsForm is the choices as they are typed.
func optionsForm(l *locale.Language, g pos.Generosity) map[string]string {
	box := map[bool]string{true: "1"}
	return map[string]string{
		"dial_low": percentText(l, g.DialLow), "dial_high": percentText(l, g.DialHigh), "claim_days": strconv.Itoa(g.ClaimDays),
		"gifts_stamp": box[g.GiftsStamp], "counter_card": box[g.CounterCard], "goodwill_monthly": strconv.Itoa(g.GoodwillMonthly),
		"ageing_days": strconv.Itoa(g.AgeingDays), "pace_percent": strconv.Itoa(g.PacePercent), "reserve_minutes": strconv.Itoa(g.ReserveMinutes),
		"round_up": g.RoundUp, "pledge_bp": percentText(l, g.PledgeBP), "pledge_to": g.PledgeTo,
	}
}

// generosity reads the form. Errors: settings.invalid with every field that cannot be read.
func generosity(form map[string]string) (pos.Generosity, error) {
	r := reading{refusal: fault.New(fault.Invalid, "settings.invalid", "Some settings cannot be read.")}
	text := func(field string) string {
		if form[field] == "" {
			return "?" // an empty field is no zero
		}
		return form[field]
	}
	number := func(field string) int { return r.number(field, text(field)) }
	percent := func(field string) money.BasisPoints { // hundredths of a percent are basis points, as cents are of an euro
		bp, err := money.Parse(text(field))
		if err != nil {
			r.refusal = r.refusal.Field(field, "number")
		}
		return money.BasisPoints(bp)
	}
	g := pos.Generosity{
		DialLow: percent("dial_low"), DialHigh: percent("dial_high"), ClaimDays: number("claim_days"), GiftsStamp: form["gifts_stamp"] != "",
		CounterCard: form["counter_card"] != "", GoodwillMonthly: number("goodwill_monthly"), AgeingDays: number("ageing_days"),
		PacePercent: number("pace_percent"), ReserveMinutes: number("reserve_minutes"), RoundUp: form["round_up"], PledgeBP: percent("pledge_bp"), PledgeTo: form["pledge_to"],
	}
	if len(r.refusal.Fields) > 0 {
		return g, r.refusal
	}
	return g, nil
}

// saveOptions serves POST /manage/solidarity/options. What this manager did not touch stays as it is now.
func (s *Server) saveOptions(c *fiber.Ctx) error {
	now, err := s.till.Settings(c.UserContext())
	if err != nil {
		return err
	}
	l := s.language(c)
	is := optionsForm(l, now.Generosity)
	seen := is
	if text := c.FormValue("seen"); text != "" {
		seen = map[string]string{}
		if err := json.Unmarshal([]byte(text), &seen); err != nil {
			return errParam.Field("seen", "invalid")
		}
	}
	typed, form := typedIn(c), map[string]string{}
	for name, value := range is {
		form[name] = value
		box := slices.Contains([]string{"gifts_stamp", "counter_card"}, name)
		if said := typed.Get(name); (typed.Has(name) || box) && said != seen[name] {
			form[name] = said
		}
	}
	onRefusal(c, func(status int, t *troubleView) error { return s.showOptions(c, status, form, is, t) })
	by, err := s.by(c)
	if err != nil {
		return err
	}
	wanted, err := generosity(form)
	if err != nil {
		return err
	}
	if _, err := s.till.SaveGenerosity(c.UserContext(), by, wanted); err != nil {
		return err
	}
	return s.done(c, optionsPath, "settings_saved")
}
