package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"comptoir/data/fault"
	"comptoir/pos"
)

type initCmd struct {
	Name        string `required:"" help:"Name of the café, as on its sign."`
	SIRET       string `required:"" name:"siret" help:"14 digits."`
	VATNumber   string `name:"vat-number" help:"FR, a key of 2, and the SIREN; none under the franchise." placeholder:"FR…"`
	Address     string `required:"" help:"Address, on one line."`
	VATRegime   string `required:"" name:"vat-regime" enum:"normal_monthly,normal_quarterly,simplified,franchise,exempt_association" help:"normal_monthly, normal_quarterly, simplified, franchise or exempt_association."`
	ManagerPIN  string `required:"" name:"manager-pin" help:"PIN of the first manager, 4 to 8 digits."`
	ManagerName string `default:"Manager" help:"Name of the first manager."`
	LegalName   string `help:"Name of the company or association, when it is another."`
	NAF         string `name:"naf" help:"Activity code, such as 56.10A." placeholder:"CODE"`
}

func (c *initCmd) run(ctx context.Context, e *env) int {
	live := e.live()
	if e.demo {
		return e.fail(errors.New("init makes the live café; the demonstration makes itself: comptoir serve --demo"))
	}
	id, warnings, err := c.identity()
	if err != nil {
		return e.fail(err)
	}
	for _, w := range warnings {
		e.say("comptoir: %s", w)
	}
	err = pos.Found(ctx, e.config(live), id, pos.NewOperator{Name: c.ManagerName, PIN: c.ManagerPIN, Role: pos.RoleManager})
	if fault.CodeOf(err) == "journal.founded" {
		return e.fail(fmt.Errorf("there is a café in %s already; a café is set up once. Open it with: comptoir serve", live.dir))
	}
	if err != nil {
		return e.fail(err)
	}
	e.say("%s is set up in %s.", id.Name, live.dir)
	e.say("Its signing key is in %s/keys: keep a copy of that folder somewhere else.", live.dir)
	e.say("Next: comptoir menu import FILE.csv, then comptoir serve (with the same --data).")
	return exitOK
}

// errIdentity refuses an identity; its fields say why. The journal has the last word on the rest.
var errIdentity = fault.New(fault.Invalid, "init.identity", "The café cannot be set up like this; nothing was made.")

// identity reads the flags. Warnings are for the person to check; they refuse nothing.
func (c *initCmd) identity() (id pos.Identity, warnings []string, err error) {
	siret := strings.Join(strings.Fields(c.SIRET), "")
	vat := strings.ToUpper(strings.Join(strings.Fields(c.VATNumber), ""))
	refused := errIdentity
	switch {
	case !digits14.MatchString(siret):
		refused = refused.Field("--siret", "must have 14 digits")
	case siret == strings.Repeat("0", 14):
		refused = refused.Field("--siret", "is that of a demonstration")
	case strings.HasPrefix(siret, laPoste):
		warnings = append(warnings, "--siret is one of La Poste's, whose digits follow a rule of their own: check it.")
	case !luhn(siret):
		refused = refused.Field("--siret", "has a mistyped digit (its check sum does not hold)")
	}
	switch {
	case vat == "":
	case !frenchVAT.MatchString(vat):
		refused = refused.Field("--vat-number", "must be FR, 2 characters, and the 9 digits of the SIREN")
	case !strings.HasSuffix(vat, siret[:min(len(siret), 9)]):
		warnings = append(warnings, "--vat-number does not end with the SIREN, the first 9 digits of the SIRET: check both.")
	case !vatKey(vat):
		warnings = append(warnings, "--vat-number has a key that does not fit its SIREN: check it.")
	}
	if len(refused.Fields) > 0 {
		return id, nil, refused
	}
	if vat == "" && strings.HasPrefix(c.VATRegime, "normal_") {
		warnings = append(warnings, "no --vat-number: a café under this regime has one, and its documents show it.")
	}
	return pos.Identity{Name: c.Name, LegalName: c.LegalName, Address: c.Address, SIRET: siret, VATNumber: vat, NAF: c.NAF,
		VATRegime: c.VATRegime}, warnings, nil
}

var (
	digits14  = regexp.MustCompile(`^[0-9]{14}$`)
	frenchVAT = regexp.MustCompile(`^FR[0-9A-HJ-NP-Z]{2}[0-9]{9}$`)
)

// laPoste is the SIREN whose establishments have numbers that Luhn's sum does not check.
const laPoste = "356000000"

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
