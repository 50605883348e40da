package export

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts/journal"
)

// Account is a number of the chart of accounts and what it is called.
type Account struct {
	Number string `json:"number"`
	Label  string `json:"label"`
}

// When the price of a suspended item becomes turnover (fiscal R113). Its tax is due when it is sold, either way.
const (
	SuspendedImmediate = "immediate"    // when it is sold
	SuspendedDeferred  = "deferred_487" // when it is served: until then it is revenue in advance
)

// Plan is how the café's figures are told to its accountant. A plan is in force from a business day on; a day already
// closed keeps the one it had.
type Plan struct {
	Journal   Account            `json:"journal"`    // code and label of the accounting journal
	Accounts  map[string]Account `json:"accounts"`   // by role, see [Roles]
	Suspended string             `json:"suspended"`  // SuspendedImmediate or SuspendedDeferred
	OnDebits  bool               `json:"on_debits"`  // the café pays the tax of services when it invoices them (fiscal R103)
	CountZero bool               `json:"count_zero"` // documents of zero value count as transactions (fiscal U16)
}

// Roles of accounts that are in every plan.
const (
	roleMeans   = "means."         // and a means of payment
	roleSales   = "sales."         // and a nature, or a nature, a point and a rate
	roleVAT     = "vat"            // tax at a rate without a role of its own; or with a point and a rate
	roleOther   = "other."         // and a kind of money received that is no sale
	roleWaiting = "waiting"        // what has no account
	roleDrawer  = "drawer"         // the other side of money put into the drawer and taken out of it
	roleLoss    = "difference.out" // missing in the drawer
	roleGain    = "difference.in"  // too much in it
	roleAhead   = "suspended.ahead"
	roleEarned  = "suspended.earned"
)

// The limits of a plan.
const (
	maxLabelRunes = 60
	maxRoles      = 200
)

// DefaultPlan is that of fiscal R109, for the accountant to adapt. Money put into the drawer and taken out of it has one
// account, so that a part of an order paid in cash, which goes in on one day and out when the ticket takes its place,
// nets to nothing there.
func DefaultPlan() Plan {
	return Plan{
		Journal:   Account{"CA", "Caisse"},
		Suspended: SuspendedImmediate,
		Accounts: map[string]Account{
			roleMeans + string(journal.ByCash): {"530", "Caisse"}, roleMeans + string(journal.ByCard): {"5115", "Cartes bancaires à encaisser"},
			roleMeans + string(journal.ByMealVoucher): {"5116", "Titres-restaurant à encaisser"}, roleMeans + string(journal.ByCheque): {"5112", "Chèques à encaisser"},
			roleMeans + string(journal.ByTransfer): {"5117", "Virements à recevoir"},
			"sales.S.1000":                         {"7061", "Restauration 10 %"}, "sales.S.2000": {"7072", "Boissons alcoolisées 20 %"}, "sales.S.0": {"7060", "Restauration sans TVA"}, "sales.S": {"706", "Prestations de services"},
			"sales.G.550": {"7071", "Ventes à emporter 5,5 %"}, "sales.G.1000": {"7073", "Ventes à emporter 10 %"}, "sales.G.2000": {"7072", "Boissons alcoolisées 20 %"}, "sales.G.0": {"7070", "Ventes à emporter sans TVA"}, "sales.G": {"707", "Ventes de marchandises"},
			"vat.550": {"4457105", "TVA collectée 5,5 %"}, "vat.1000": {"4457110", "TVA collectée 10 %"}, "vat.2000": {"4457120", "TVA collectée 20 %"}, "vat": {"44571", "TVA collectée"},
			"other.tip": {"467", "Pourboires à reverser"}, "other.tr_excess": {"758", "Excédents de titres-restaurant"}, "other.bum_issue": {"4191", "Bons à usages multiples"}, "other.deposit": {"4191", "Acomptes reçus"}, "other.pass_through": {"4671", "Dons à reverser"},
			roleWaiting: {"471", "Compte d'attente"}, roleDrawer: {"580", "Virements internes"}, roleLoss: {"658", "Écarts de caisse (manquants)"}, roleGain: {"758", "Écarts de caisse (excédents)"},
			roleAhead: {"487", "Produits constatés d'avance"}, roleEarned: {"7061", "Restauration 10 %"},
		},
	}
}

// Roles lists what a plan has accounts for, in the order of an entry: the means, the sales and the tax at the usual
// rates and at those given, and the rest.
func Roles(rates ...money.BasisPoints) []string {
	all := slices.Sorted(slices.Values(append([]money.BasisPoints{0, 550, 1000, 2000}, rates...)))
	all = slices.Compact(all)
	var roles []string
	for _, m := range means() {
		roles = append(roles, roleMeans+string(m))
	}
	for _, nature := range []string{journal.Service, journal.Goods} {
		for _, bp := range all {
			if nature == journal.Service && bp == 550 && !slices.Contains(rates, bp) {
				continue // what is eaten here is never at the rate of what can be kept (fiscal R82)
			}
			roles = append(roles, salesRole(nature, bp))
		}
		roles = append(roles, roleSales+nature)
	}
	for _, bp := range all {
		if bp > 0 {
			roles = append(roles, vatRole(bp))
		}
	}
	return append(roles, roleVAT, "other.tip", "other.tr_excess", "other.bum_issue", "other.deposit", "other.pass_through",
		roleDrawer, roleLoss, roleGain, roleAhead, roleEarned, roleWaiting)
}

func salesRole(nature string, bp money.BasisPoints) string {
	return roleSales + nature + "." + strconv.FormatInt(int64(bp), 10)
}

func vatRole(bp money.BasisPoints) string { return roleVAT + "." + strconv.FormatInt(int64(bp), 10) }

// means are the means of payment in the order of an entry.
func means() []journal.Means {
	return []journal.Means{journal.ByCash, journal.ByCard, journal.ByMealVoucher, journal.ByCheque, journal.ByTransfer}
}

// Account returns the account of a role: its own, else that of the role it is a part of, else the one of what waits to
// be told apart. An entry never fails for an account.
func (p Plan) Account(role string) Account {
	for {
		if a, found := p.Accounts[role]; found {
			return a
		}
		cut := strings.LastIndexByte(role, '.')
		if cut < 0 {
			break
		}
		role = role[:cut]
	}
	if a, found := p.Accounts[roleWaiting]; found {
		return a
	}
	return DefaultPlan().Accounts[roleWaiting]
}

// Equal reports whether two plans say the same.
func (p Plan) Equal(o Plan) bool {
	return p.Journal == o.Journal && p.Suspended == o.Suspended && p.OnDebits == o.OnDebits && p.CountZero == o.CountZero && maps.Equal(p.Accounts, o.Accounts)
}

var (
	accountNumber = regexp.MustCompile(`^[1-8][0-9]{2,11}$`)
	journalCode   = regexp.MustCompile(`^[A-Z0-9]{1,5}$`)
	roleName      = regexp.MustCompile(`^[a-z]+(\.[A-Za-z0-9_]+){0,2}$`)
)

// errPlan is told when a plan cannot stand; its fields say what: accounts.<role>.number, accounts.<role>.label,
// journal.number, journal.label, suspended, accounts.
var errPlan = fault.New(fault.Invalid, "accounting.invalid", "The accounts cannot stand like this; the fields say which.")

// Check returns the plan with its texts cleaned, or accounting.invalid with every field that cannot stand: account
// (3 to 12 digits, the first 1 to 8), journal_code, required, too_long, control, latin (a letter that the accountant's
// character set does not have), one_of, many.
func (p Plan) Check() (Plan, error) {
	clean := p
	clean.Accounts = make(map[string]Account, len(p.Accounts))
	refused := errPlan
	if len(p.Accounts) > maxRoles {
		return p, refused.Field("accounts", "many")
	}
	clean.Journal.Number = strings.ToUpper(strings.TrimSpace(p.Journal.Number))
	if !journalCode.MatchString(clean.Journal.Number) {
		refused = refused.Field("journal.number", "journal_code")
	}
	refused = cleanLabel(refused, "journal.label", &clean.Journal.Label)
	for _, role := range slices.Sorted(maps.Keys(p.Accounts)) {
		a := p.Accounts[role]
		if !roleName.MatchString(role) {
			refused = refused.Field("accounts", "unknown")
			continue
		}
		a.Number = strings.Join(strings.Fields(a.Number), "")
		if !accountNumber.MatchString(a.Number) {
			refused = refused.Field("accounts."+role+".number", "account")
		}
		refused = cleanLabel(refused, "accounts."+role+".label", &a.Label)
		clean.Accounts[role] = a
	}
	if p.Suspended != SuspendedImmediate && p.Suspended != SuspendedDeferred {
		refused = refused.Field("suspended", "one_of")
	}
	if len(refused.Fields) > 0 {
		return p, refused
	}
	return clean, nil
}

// cleanLabel cleans the words of an account where they stand.
func cleanLabel(refused *fault.Error, field string, label *string) *fault.Error {
	if !utf8.ValidString(*label) || strings.ContainsFunc(*label, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }) {
		return refused.Field(field, "control")
	}
	*label = norm.NFC.String(strings.Join(strings.Fields(*label), " "))
	switch {
	case *label == "":
		return refused.Field(field, "required")
	case utf8.RuneCountInString(*label) > maxLabelRunes:
		refused = refused.Field(field, "too_long")
		refused.Fields[len(refused.Fields)-1].Args = map[string]any{"max": maxLabelRunes}
		return refused
	}
	if _, lost := latin(*label); lost > 0 {
		return refused.Field(field, "latin")
	}
	return refused
}

// Changes returns what two plans differ in, old and new, by name: what the event of a change says.
func (p Plan) Changes(to Plan) (before, after map[string]any) {
	was, is := p.flat(), to.flat()
	before, after = map[string]any{}, map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(is)) {
		if was[key] != is[key] {
			before[key], after[key] = was[key], is[key]
		}
	}
	for key, value := range was {
		if _, kept := is[key]; !kept {
			before[key], after[key] = value, nil
		}
	}
	return before, after
}

func (p Plan) flat() map[string]any {
	all := map[string]any{
		"journal": p.Journal.String(), "suspended": p.Suspended, "on_debits": p.OnDebits, "count_zero": p.CountZero,
	}
	for role, a := range p.Accounts {
		all["accounts."+role] = a.String()
	}
	return all
}

// String is the account as a person writes it: "530 Caisse".
func (a Account) String() string { return fmt.Sprintf("%s %s", a.Number, a.Label) }
