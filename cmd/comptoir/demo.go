package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"comptoir/data/fault"
	"comptoir/data/seed"
	"comptoir/pos"
)

// Who works in the demonstration.
const (
	demoBarista    = "Barista"
	demoBaristaPIN = "1111"
	demoManager    = "Manager"
	demoManagerPIN = "9999"
	demoPartnerPIN = "2468"
)

// demoFloat is what the drawer of the demonstration holds at first, in cents.
const demoFloat = 15_000

// foundDemo makes the demonstration the first time: identity, key, staff and the sample menu. One that was cut short
// is finished.
func foundDemo(ctx context.Context, config pos.Config) (err error) {
	mark := cafe{dir: config.Dir}.unseeded()
	id := pos.Identity{Name: "DÉMONSTRATION – Café Comptoir", LegalName: "DÉMONSTRATION", Address: "1 place de l'Exemple, 33000 Bordeaux",
		SIRET: strings.Repeat("0", 14), VATRegime: "simplified", Demo: true}
	if !(cafe{dir: config.Dir}).exists() {
		if err := errors.Join(os.MkdirAll(config.Dir, 0o700), os.WriteFile(mark, nil, 0o600)); err != nil {
			return fault.New(fault.Invalid, "data.directory", "The data directory cannot be used.").With("dir", config.Dir).Wrap(err)
		}
	}
	if _, err := os.Stat(mark); err != nil {
		return nil // no mark: the demonstration is whole
	}
	err = pos.Found(ctx, config, id, pos.NewOperator{Name: demoManager, PIN: demoManagerPIN, Role: pos.RoleManager})
	if err != nil && fault.CodeOf(err) != "journal.founded" {
		return err
	}
	till, err := pos.Open(ctx, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, till.Close()) }()
	return furnish(ctx, till)
}

// furnish adds what a demonstration needs and does not have yet.
func furnish(ctx context.Context, till *pos.Till) error {
	for _, o := range []pos.NewOperator{
		{Name: demoManager, PIN: demoManagerPIN, Role: pos.RoleManager},
		{Name: demoBarista, PIN: demoBaristaPIN, Role: pos.RoleBarista},
	} {
		if _, err := till.AddOperator(ctx, pos.System("sys"), o); err != nil && fault.CodeOf(err) != "operator.exists" {
			return err
		}
	}
	name, status, contact, met := "Les Repas du Port", []pos.PartnerStatus{pos.GeneralInterest}, "Nadia, 05 56 00 00 00", true
	if _, err := till.AddPartner(ctx, pos.System("sys"), pos.PartnerForm{Name: &name, Status: &status, Contact: &contact, PIN: demoPartnerPIN, Introduced: &met}); err != nil && fault.CodeOf(err) != "partner.exists" {
		return err
	}
	file, err := pos.ParseMenuCSV(bytes.NewReader(seed.Menu()))
	if err != nil {
		return fmt.Errorf("sample menu: %w", err)
	}
	if _, err = till.ImportMenu(ctx, pos.System("sys"), file); err != nil {
		return err
	}
	if err := planService(ctx, till); err != nil {
		return err
	}
	return proposeLot(ctx, till)
}

// proposeLot keeps a proposal to a sponsor that nobody has paid, so that the page of the funds is alive.
func proposeLot(ctx context.Context, till *pos.Till) error {
	all, err := till.SponsorLots(ctx)
	if err != nil || len(all) > 0 {
		return err
	}
	_, err = till.ProposeLot(ctx, pos.System("sys"), pos.SponsorRequest{Name: "Vins du Port", Address: "12 quai des Chartrons, 33000 Bordeaux", Class: "meal", Qty: 10})
	return err
}

// planService plans a shared table on Sundays, once, and writes down who comes to cook.
func planService(ctx context.Context, till *pos.Till) error {
	all, err := till.Services(ctx)
	if err != nil || len(all) > 0 {
		return err
	}
	service, err := till.AddService(ctx, pos.System("sys"), pos.ServicePlan{Name: "Tablée du dimanche", Dishes: 50, Weekdays: []int{7}, Starts: "19:00", Meets: "16:30",
		Note: "Entrée par la cour, les tabliers sont sur place."})
	if err != nil {
		return err
	}
	evenings, err := till.Evenings(ctx, service.ID, "", "")
	if err != nil {
		return err
	}
	for i, name := range []string{"Awa", "Léon", "Inès"} { // the second evening: the first may have begun
		if _, err := till.AddVolunteer(ctx, pos.System("sys"), service.ID, evenings[1+i/2].Day, name); err != nil {
			return err
		}
	}
	return nil
}

// seedDemo rings the made day through the service's own API, as the barista, and leaves the shift open. It is done
// once; a start that was cut short is taken up where it stopped, for each sale has its own id.
func seedDemo(ctx context.Context, m *Main, c cafe) error {
	if _, err := os.Stat(c.unseeded()); err != nil {
		return nil // it was done
	}
	token, err := m.Till().CreateToken(ctx, pos.System("sys"), pos.RoleBarista, demoBarista)
	if err != nil {
		return fmt.Errorf("token: %w", err)
	}
	plan, err := readReplay("day.csv", seed.Day())
	if err != nil {
		return err
	}
	api := newClient(m.StaffURL(), token, 1)
	api.noPrinter = true // nobody stands at a drawer that would open for every sale of a made day
	defer api.close()
	ringer := &ringer{api: api, plan: plan, tills: 1, float: demoFloat, progress: quiet{}}
	if err := ringer.prepare(ctx); err != nil {
		return err
	}
	if _, err := ringer.ring(ctx); err != nil {
		return err
	}
	if err := os.Remove(c.unseeded()); err != nil {
		return fmt.Errorf("mark the sample day as rung: %w", err)
	}
	return nil
}
