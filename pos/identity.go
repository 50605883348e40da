package pos

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"comptoir/data/fault"
)

// maxAddressRunes bounds an address and a legal name, which stand on one line of every document.
const maxAddressRunes = 140

// VATRegimes lists the codes of the VAT regimes a café may be under (fiscal R87).
func VATRegimes() []string {
	return []string{"normal_monthly", "normal_quarterly", "simplified", "franchise", "exempt_association"}
}

var (
	errIdentity = fault.New(fault.Invalid, "cafe.identity", "The café cannot be set up like this; nothing was made.")
	errPINWeak  = fault.New(fault.Invalid, "pin.weak", "This PIN is one of the first that anybody tries; choose another.").Field("pin", "pin_weak")
)

var (
	digits14  = regexp.MustCompile(`^[0-9]{14}$`)
	frenchVAT = regexp.MustCompile(`^FR[0-9A-HJ-NP-Z]{2}[0-9]{9}$`)
)

// laPoste is the SIREN whose establishments have numbers that Luhn's sum does not check.
const laPoste = "356000000"

// CheckIdentity returns the identity of a live café as its genesis will state it for ever: texts cleaned, numbers
// without spaces. Doubts are for a person to look at, and refuse nothing: siret_post, vat_siren, vat_key, vat_missing.
//
// Refusal: cafe.identity, with every field that cannot stand: required, too_long, control, digits_14, siret_sum,
// siret_demo, vat_form, one_of.
func CheckIdentity(id Identity) (clean Identity, doubts []fault.Field, err error) {
	var c checker
	c.name("name", &id.Name)
	c.optional("legal_name", &id.LegalName, maxAddressRunes)
	c.optional("address", &id.Address, maxAddressRunes)
	if id.Address == "" {
		c.add("address", "required", nil)
	}
	c.optional("naf", &id.NAF, maxNameRunes)
	id.SIRET = strings.Join(strings.Fields(id.SIRET), "")
	id.VATNumber = strings.ToUpper(strings.Join(strings.Fields(id.VATNumber), ""))
	switch {
	case !digits14.MatchString(id.SIRET):
		c.add("siret", "digits_14", nil)
	case id.SIRET == strings.Repeat("0", 14):
		c.add("siret", "siret_demo", nil)
	case strings.HasPrefix(id.SIRET, laPoste):
		doubts = append(doubts, fault.Field{Name: "siret", Code: "siret_post"})
	case !luhn(id.SIRET):
		c.add("siret", "siret_sum", nil)
	}
	switch {
	case id.VATNumber == "":
		if strings.HasPrefix(id.VATRegime, "normal_") {
			doubts = append(doubts, fault.Field{Name: "vat_number", Code: "vat_missing"})
		}
	case !frenchVAT.MatchString(id.VATNumber):
		c.add("vat_number", "vat_form", nil)
	case !strings.HasSuffix(id.VATNumber, id.SIRET[:min(len(id.SIRET), 9)]):
		doubts = append(doubts, fault.Field{Name: "vat_number", Code: "vat_siren"})
	case !vatKey(id.VATNumber):
		doubts = append(doubts, fault.Field{Name: "vat_number", Code: "vat_key"})
	}
	if !slices.Contains(VATRegimes(), id.VATRegime) {
		c.add("vat_regime", "one_of", nil)
	}
	return id, doubts, c.refusal(errIdentity)
}

// CheckFirstManager refuses whoever cannot be the first manager of a live café: text.invalid, role.invalid,
// pin.invalid, and pin.weak for a PIN that anybody tries first.
func CheckFirstManager(n NewOperator) error {
	if err := checkNewOperator(n); err != nil {
		return err
	}
	if strings.Trim(n.PIN, n.PIN[:1]) == "" || strings.HasPrefix("123456789", n.PIN) {
		return errPINWeak
	}
	return nil
}

// luhn checks the sum that a SIREN and a SIRET carry (ISO/IEC 7812-1).
func luhn(digits string) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// vatKey checks the key of a French VAT number: (12 + 3 × (SIREN mod 97)) mod 97. A key with a letter follows
// another rule, and is let through.
func vatKey(vat string) bool {
	key, err := strconv.Atoi(vat[2:4])
	if err != nil {
		return true
	}
	siren, err := strconv.Atoi(vat[4:])
	return err == nil && key == (12+3*(siren%97))%97
}
