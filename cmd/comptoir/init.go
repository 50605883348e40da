package main

import (
	"context"
	"errors"
	"fmt"
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
	id, doubts, err := pos.CheckIdentity(pos.Identity{Name: c.Name, LegalName: c.LegalName, Address: c.Address, SIRET: c.SIRET,
		VATNumber: c.VATNumber, NAF: c.NAF, VATRegime: c.VATRegime})
	if err != nil {
		return e.fail(asFlags(err))
	}
	for _, d := range doubts {
		e.say("comptoir: %s", doubtWords(d.Code))
	}
	f := founding{identity: id, manager: pos.NewOperator{Name: c.ManagerName, PIN: c.ManagerPIN, Role: pos.RoleManager}}
	_, err = f.make(ctx, e.config(live))
	if fault.CodeOf(err) == errFounded.Code {
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

// asFlags names the fields of a refusal as the command line does.
func asFlags(err error) error {
	e, ok := fault.As(err)
	if !ok {
		return err
	}
	named := *e
	named.Fields = nil
	for _, f := range e.Fields {
		f.Name = "--" + strings.ReplaceAll(f.Name, "_", "-")
		named.Fields = append(named.Fields, f)
	}
	return &named
}

// doubtWords says what a person should look at. It refuses nothing.
func doubtWords(code string) string {
	switch code {
	case "siret_post":
		return "--siret is one of La Poste's, whose digits follow a rule of their own: check it."
	case "vat_siren":
		return "--vat-number does not end with the SIREN, the first 9 digits of the SIRET: check both."
	case "vat_key":
		return "--vat-number has a key that does not fit its SIREN: check it."
	case "vat_missing":
		return "no --vat-number: a café under this regime has one, and its documents show it."
	}
	return code
}
