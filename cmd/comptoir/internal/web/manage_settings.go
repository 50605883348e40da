package web

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"comptoir/cmd/comptoir/internal/locale"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts"
)

// settingsView is what the café has chosen.
type settingsView struct {
	base
	Form  settingsForm
	Seen  string // the settings as the form showed them first, for who saves them
	Modes []pos.Mode

	Policies []pos.ReceiptPolicy
	NoVAT    bool   // the café prints a mention instead of VAT columns
	Mention  string // the law's own, while the café has chosen none
}

// settingsForm is the settings as they are typed. Its fields are named as the settings are.
type settingsForm struct {
	HouseBudget, DiscountAlone, Hours, LockAfter, KitchenSoon, KitchenLate string
	BoardExact, VoucherAnyDay, DrawerAlone                                 bool
	DefaultMode                                                            pos.Mode
	FixAlone, VATMention                                                   string
	Policy                                                                 pos.ReceiptPolicy
}

const settingsPath = "/manage/settings"

// settingsPage serves GET /manage/settings.
func (s *Server) settingsPage(c *fiber.Ctx) error {
	chosen, err := s.till.Settings(c.UserContext())
	if err != nil {
		return err
	}
	return s.showSettings(c, http.StatusOK, settingsFormOf(s.language(c), chosen), chosen, nil)
}

func (s *Server) showSettings(c *fiber.Ctx, status int, form settingsForm, seen pos.Settings, trouble *troubleView) error {
	v := settingsView{base: s.newBase(c, "settings.title", "manage"), Form: form, Modes: []pos.Mode{pos.EatIn, pos.Takeaway}, Policies: pos.ReceiptPolicies()}
	switch s.till.Identity().VATRegime {
	case "franchise":
		v.NoVAT, v.Mention = true, receipts.FranchiseMention
	case "exempt_association":
		v.NoVAT = true
	}
	v.Section, v.Trouble = "settings", trouble
	text, err := json.Marshal(seen)
	if err != nil {
		return errBug.Wrap(err)
	}
	v.Seen = string(text)
	return s.page(c, status, "manage_settings", v)
}

func settingsFormOf(l *locale.Language, s pos.Settings) settingsForm {
	return settingsForm{
		HouseBudget: strconv.Itoa(s.HouseBudgetDaily), BoardExact: s.BoardExact, DiscountAlone: l.Amount(s.DiscountAlone), DefaultMode: s.DefaultMode,
		Hours: s.Hours, LockAfter: strconv.Itoa(s.LockAfter), KitchenSoon: strconv.Itoa(s.KitchenSoon), KitchenLate: strconv.Itoa(s.KitchenLate),
		VoucherAnyDay: s.VoucherAnyDay, DrawerAlone: s.DrawerAlone,
		FixAlone: l.Amount(s.FixAlone), VATMention: s.VATMention, Policy: s.ReceiptPolicy,
	}
}

// typedSettings reads the form. What it does not have is as it was; a box that is not ticked is not sent.
func typedSettings(c *fiber.Ctx, was settingsForm) settingsForm {
	typed := typedIn(c)
	value := func(name, was string) string {
		if typed.Has(name) {
			return typed.Get(name)
		}
		return was
	}
	return settingsForm{
		HouseBudget: value("house_budget_daily", was.HouseBudget), BoardExact: typed.Get("board_exact") != "",
		DiscountAlone: value("discount_alone", was.DiscountAlone), DefaultMode: pos.Mode(value("default_mode", string(was.DefaultMode))),
		Hours: value("hours", was.Hours), LockAfter: value("lock_after", was.LockAfter),
		KitchenSoon: value("kitchen_soon", was.KitchenSoon), KitchenLate: value("kitchen_late", was.KitchenLate),
		VoucherAnyDay: typed.Get("voucher_any_day") != "", DrawerAlone: typed.Get("drawer_alone") != "",
		FixAlone: value("fix_alone", was.FixAlone), VATMention: value("vat_mention", was.VATMention), Policy: pos.ReceiptPolicy(value("receipt_policy", string(was.Policy))),
	}
}

// settings reads what was typed. Errors: settings.invalid with every field that cannot be read.
func (f settingsForm) settings() (pos.Settings, error) {
	r := reading{refusal: fault.New(fault.Invalid, "settings.invalid", "Some settings cannot be read.")}
	number := func(field, text string) int {
		if text == "" {
			text = "?" // an empty field is no zero
		}
		return r.number(field, text)
	}
	s := pos.Settings{
		HouseBudgetDaily: number("house_budget_daily", f.HouseBudget), BoardExact: f.BoardExact, DiscountAlone: r.money("discount_alone", f.DiscountAlone, true),
		DefaultMode: f.DefaultMode, Hours: f.Hours, LockAfter: number("lock_after", f.LockAfter),
		KitchenSoon: number("kitchen_soon", f.KitchenSoon), KitchenLate: number("kitchen_late", f.KitchenLate),
		VoucherAnyDay: f.VoucherAnyDay, DrawerAlone: f.DrawerAlone,
		FixAlone: r.money("fix_alone", f.FixAlone, true), VATMention: f.VATMention, ReceiptPolicy: f.Policy,
	}
	if len(r.refusal.Fields) > 0 {
		return s, r.refusal
	}
	return s, nil
}

// saveSettings serves POST /manage/settings.
func (s *Server) saveSettings(c *fiber.Ctx) error {
	l := s.language(c)
	now, err := s.till.Settings(c.UserContext())
	if err != nil {
		return err
	}
	seen := now
	if text := c.FormValue("seen"); text != "" {
		if err := json.Unmarshal([]byte(text), &seen); err != nil {
			return errParam.Field("seen", "invalid")
		}
	}
	form := typedSettings(c, settingsFormOf(l, seen))
	onRefusal(c, func(status int, t *troubleView) error {
		if t.Code == "settings.stale" {
			form, seen = tellStaleSettings(l, t, form, seen, now), now
		}
		return s.showSettings(c, status, form, seen, t)
	})
	by, err := s.by(c)
	if err != nil {
		return err
	}
	wanted, err := form.settings()
	if err != nil {
		return err
	}
	if _, err := s.till.ChangeSettings(c.UserContext(), by, seen, wanted); err != nil {
		return err
	}
	return s.done(c, settingsPath, "settings_saved")
}

// tellStaleSettings says beside each field that both changed what it holds now, and returns the form with what this
// manager typed, the rest as it is now.
func tellStaleSettings(l *locale.Language, t *troubleView, typed settingsForm, seen, now pos.Settings) settingsForm {
	t.Aloud = true
	for i := range t.Fields {
		t.Fields[i].Text = l.T("product.now", "value", settingWords(l, now, t.Fields[i].Name))
	}
	was, is := settingsFormOf(l, seen), settingsFormOf(l, now)
	for _, field := range []struct{ typed, was, is *string }{
		{&typed.HouseBudget, &was.HouseBudget, &is.HouseBudget}, {&typed.DiscountAlone, &was.DiscountAlone, &is.DiscountAlone},
		{&typed.Hours, &was.Hours, &is.Hours}, {&typed.LockAfter, &was.LockAfter, &is.LockAfter},
		{&typed.KitchenSoon, &was.KitchenSoon, &is.KitchenSoon}, {&typed.KitchenLate, &was.KitchenLate, &is.KitchenLate},
		{&typed.FixAlone, &was.FixAlone, &is.FixAlone}, {&typed.VATMention, &was.VATMention, &is.VATMention},
	} {
		if *field.typed == *field.was {
			*field.typed = *field.is
		}
	}
	if typed.BoardExact == was.BoardExact {
		typed.BoardExact = is.BoardExact
	}
	if typed.VoucherAnyDay == was.VoucherAnyDay {
		typed.VoucherAnyDay = is.VoucherAnyDay
	}
	if typed.DrawerAlone == was.DrawerAlone {
		typed.DrawerAlone = is.DrawerAlone
	}
	if typed.DefaultMode == was.DefaultMode {
		typed.DefaultMode = is.DefaultMode
	}
	if typed.Policy == was.Policy {
		typed.Policy = is.Policy
	}
	return typed
}

// settingWords words one setting by its name.
func settingWords(l *locale.Language, s pos.Settings, name string) string {
	form := settingsFormOf(l, s)
	switch name {
	case "house_budget_daily":
		return form.HouseBudget
	case "discount_alone":
		return l.Money(money.Cents(s.DiscountAlone))
	case "hours":
		return form.Hours
	case "lock_after":
		return form.LockAfter
	case "kitchen_soon":
		return form.KitchenSoon
	case "kitchen_late":
		return form.KitchenLate
	case "fix_alone":
		return l.Money(s.FixAlone)
	case "vat_mention":
		return form.VATMention
	case "receipt_policy":
		return l.T("policy." + string(s.ReceiptPolicy))
	case "default_mode":
		return l.T("mode." + string(s.DefaultMode))
	}
	if name == "voucher_any_day" && s.VoucherAnyDay || name == "board_exact" && s.BoardExact || name == "drawer_alone" && s.DrawerAlone {
		return l.T("product.yes")
	}
	return l.T("product.no")
}
