package crash

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"comptoir/cmd/comptoir/internal/simulation"
	"comptoir/data"
	"comptoir/pos"
)

// software is how a made café names itself in its journal.
const software = "comptoir/crash"

// template is a made café, closed: it is copied for every run.
type template struct {
	dir     string
	menu    []pos.Product
	manager pos.Operator
	cards   []string
	token   string
	at      time.Time // where its clock stood
}

// identity is of a café that exists nowhere.
func identity() pos.Identity {
	return pos.Identity{Name: "LE CRASH", LegalName: "Le Crash SAS", Address: "1 quai des Chutes, 33000 Bordeaux", SIRET: strings.Repeat("0", 14), VATRegime: "normal_monthly", Demo: true}
}

// products is a small menu with everything that falls must not break: meals that stamp, gifts, two rates.
func products() []pos.Product {
	return []pos.Product{
		{Name: "Café", Category: "Chaud", Price: 220, VATEatIn: 1000, VATTakeaway: 1000, SuspendClass: "coffee", GiftPrice: 180, Food: true, Available: true},
		{Name: "Plat", Category: "Repas", Price: 1190, VATEatIn: 1000, VATTakeaway: 1000, MealUnits: 1, SuspendClass: "meal", GiftPrice: 600, Cost: 350, Food: true, Available: true},
		{Name: "Duo", Category: "Repas", Price: 2100, VATEatIn: 1000, VATTakeaway: 1000, MealUnits: 2, Food: true, Available: true},
		{Name: "Eau", Category: "Froid", Price: 200, VATEatIn: 1000, VATTakeaway: 550, Food: true, Available: true},
		{Name: "Bière", Category: "Froid", Price: 450, VATEatIn: 2000, VATTakeaway: 2000, Available: true},
	}
}

// found makes a café with a menu, an open shift, three cards and a token, its clock standing at an instant, and closes it.
func found(ctx context.Context, dir string, at time.Time) (_ *template, err error) {
	config := pos.Config{Dir: dir, Software: software, Clock: simulation.NewClock(at)}
	if err := pos.Found(ctx, config, identity(), pos.NewOperator{Name: "Marie", PIN: "9999", Role: pos.RoleManager}); err != nil {
		return nil, fmt.Errorf("found a café to crash: %w", err)
	}
	t, err := pos.Open(ctx, config)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	made := &template{dir: dir, at: at}
	staff, err := t.Operators(ctx)
	if err != nil {
		return nil, err
	}
	made.manager = staff[0]
	for _, p := range products() {
		if p, err = t.SaveProduct(ctx, pos.System("sys"), p); err != nil {
			return nil, fmt.Errorf("menu of a café to crash: %w", err)
		}
		made.menu = append(made.menu, p)
	}
	if made.token, err = t.CreateToken(ctx, pos.System("sys"), pos.RoleManager, "Crash"); err != nil {
		return nil, err
	}
	by := pos.By{Operator: made.manager}
	if _, err = t.OpenShift(ctx, by, 0); err != nil {
		return nil, err
	}
	for i := range 3 {
		by.Command = data.NewCommand(fmt.Sprint("card-", i), nil)
		card, err := t.NewCard(ctx, by)
		if err != nil {
			return nil, err
		}
		made.cards = append(made.cards, card.Code)
	}
	return made, nil
}

// hands are n people with a name each and chance of their own.
func (t *template) hands(n int, life string, rng *rand.Rand, c *simulation.Clock) []*hand {
	all := make([]*hand, n)
	for i := range all {
		all[i] = &hand{name: fmt.Sprint(life, ".", i), rng: rand.New(rand.NewPCG(rng.Uint64(), rng.Uint64())), //nolint:gosec // one seed, one run
			menu: t.menu, cards: append([]string(nil), t.cards...), clock: c}
	}
	return all
}

// copyCafe copies a closed café. Only its owner may read the key.
func copyCafe(to, from string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return fmt.Errorf("copy café: %w", err)
	}
	return filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chmod(path, 0o600) //nolint:gosec // in a folder that nobody else knows
	})
}
