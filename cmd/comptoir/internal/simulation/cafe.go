package simulation

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"comptoir/data"
	"comptoir/data/datatest/faultvfs"
	"comptoir/data/money"
	"comptoir/pos"
)

// product is a thing on the menu of the simulation.
type product struct {
	id, class   string
	price, cost money.Cents
}

// cafe is the café that lives, and what is remembered of it.
type cafe struct {
	plan     Plan
	dir      string
	disk     *faultvfs.FS
	clock    *Clock
	zone     *time.Location
	till     *pos.Till
	manager  pos.Operator
	barista  pos.Operator
	partner  string // id of the association
	menu     map[string]product
	regulars []string         // codes of their cards; "" until they have one
	claims   map[int][]string // receipts whose meals are claimed on a day
	nth      int              // days gone
	commands int
	ledger   ledger
}

const coffeeGift = money.Cents(180)

// found makes the café in a temporary directory: a menu of nine, a manager, a barista, the plan's choices.
func found(ctx context.Context, p Plan, name string) (c *cafe, err error) {
	c = &cafe{plan: p, clock: NewClock(first()), menu: map[string]product{}, claims: map[int][]string{}}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
		}
	}()
	if c.zone, err = time.LoadLocation(data.DefaultZone); err != nil {
		return c, err
	}
	if c.dir, err = os.MkdirTemp("", "comptoir-simulation-"); err != nil {
		return c, err
	}
	if c.disk, err = faultvfs.New("simulation-" + name + filepath.Base(c.dir)); err != nil {
		return c, err
	}
	c.disk.SkipSyncs()
	c.clock.Reach(c.at(0, 7*60))
	config := pos.Config{Dir: filepath.Join(c.dir, "demo"), Software: "comptoir/simulation", VFS: c.disk.Name(), MaxBatch: 1, Clock: c.clock,
		Random: rand.NewChaCha8([32]byte{byte(p.Seed), byte(p.Seed >> 8), 1}), PublicURL: "http://simulation.invalid"}
	id := pos.Identity{Name: "SIMULATION", SIRET: strings.Repeat("0", 14), VATRegime: "simplified", Demo: true}
	if err := pos.Found(ctx, config, id, pos.NewOperator{Name: "Manager", PIN: "9999", Role: pos.RoleManager}); err != nil {
		return c, err
	}
	if c.till, err = pos.Open(ctx, config); err != nil {
		return c, err
	}
	return c, c.furnish(ctx)
}

func (c *cafe) furnish(ctx context.Context) error {
	staff, err := c.till.Operators(ctx)
	if err != nil {
		return err
	}
	c.manager = staff[0]
	if c.barista, err = c.till.AddOperator(ctx, c.byManager(), pos.NewOperator{Name: "Barista", PIN: "1111", Role: pos.RoleBarista}); err != nil {
		return err
	}
	meal, coffee := c.plan.GiftPrice, coffeeGift
	for _, p := range []pos.Product{
		{Name: "cafe", Price: 220, SuspendClass: "coffee", GiftPrice: coffee}, {Name: "the", Price: 350, SuspendClass: "coffee", GiftPrice: coffee},
		{Name: "plat", Price: 1190, SuspendClass: "meal", GiftPrice: meal, MealUnits: 1}, {Name: "vegetarien", Price: 1090, SuspendClass: "meal", GiftPrice: meal, MealUnits: 1},
		{Name: "soupe", Price: 690, SuspendClass: "meal", GiftPrice: meal, MealUnits: 1},
		{Name: "dessert", Price: 450}, {Name: "eau", Price: 250}, {Name: "jus", Price: 390}, {Name: "limonade", Price: 380},
	} {
		p.Category, p.Food, p.Available, p.VATEatIn, p.VATTakeaway = "Carte", true, true, 1000, 1000
		p.Cost = p.Price * money.Cents(c.plan.Cost) / 100
		p, err := c.till.SaveProduct(ctx, c.byManager(), p)
		if err != nil {
			return fmt.Errorf("product %s: %w", p.Name, err)
		}
		c.menu[p.ID] = product{id: p.ID, class: p.SuspendClass, price: p.Price, cost: p.Cost}
	}
	settings, err := c.till.Settings(ctx)
	if err != nil {
		return err
	}
	settings.HouseBudgetDaily = c.plan.scaled(c.plan.HouseLine)
	if _, err := c.till.SaveSettings(ctx, c.byManager(), settings); err != nil {
		return err
	}
	name, met := "Association", true
	partner, err := c.till.AddPartner(ctx, c.byManager(), pos.PartnerForm{Name: &name, PIN: "2468", Introduced: &met})
	if err != nil {
		return fmt.Errorf("association: %w", err)
	}
	c.partner = partner.ID
	chosen := settings.Generosity
	chosen.DialLow, chosen.DialHigh, chosen.PledgeBP, chosen.PledgeTo = c.plan.DialLow, c.plan.DialHigh, c.plan.Pledge, partner.ID
	if _, err := c.till.SaveGenerosity(ctx, c.byManager(), chosen); err != nil {
		return fmt.Errorf("generosity: %w", err)
	}
	c.regulars = make([]string, max(700*c.plan.Scale/100, 7))
	return nil
}

// close takes everything away again.
func (c *cafe) close() error {
	var errs []error
	if c.till != nil {
		errs = append(errs, c.till.Close())
	}
	if c.disk != nil {
		errs = append(errs, c.disk.Close())
	}
	if c.dir != "" {
		errs = append(errs, os.RemoveAll(c.dir))
	}
	return errors.Join(errs...)
}

func (c *cafe) by() pos.By        { return c.as(c.barista) }
func (c *cafe) byManager() pos.By { return c.as(c.manager) }

// as is a command of somebody, with an id that was never used.
func (c *cafe) as(who pos.Operator) pos.By {
	c.commands++
	id := "simulation-" + strconv.Itoa(c.commands)
	return pos.By{Operator: who, Command: data.NewCommand(id, []byte(id))}
}

// at is a minute of a day of the café, by its own wall clock.
func (c *cafe) at(nth, minute int) time.Time {
	y, m, d := first().AddDate(0, 0, nth).Date()
	return time.Date(y, m, d, 0, minute, 0, 0, c.zone)
}
