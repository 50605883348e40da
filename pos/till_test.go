package pos_test

import (
	"context"
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

// cafe is a café open for a test, with a manager, a barista, a small menu and a clock moved by hand.
type cafe struct {
	*pos.Till
	tb      testing.TB
	config  pos.Config
	clock   *datatest.Clock
	manager pos.Operator
	barista pos.Operator
	command atomic.Int64
}

const managerPIN = "9999"

func identity() pos.Identity {
	return pos.Identity{Name: "Le Fil", LegalName: "Le Fil SAS", Address: "1 quai des Tests, 33000 Bordeaux", SIRET: "12345678200010", VATRegime: "normal_monthly"}
}

// openCafe founds and opens a café with a shift. At the end of the test every invariant is checked.
func openCafe(tb testing.TB, configure ...func(*pos.Config)) *cafe {
	tb.Helper()
	c := foundCafe(tb, configure...)
	if _, err := c.OpenShift(ctx(), c.by(), 10000); err != nil {
		tb.Fatalf("open shift: %v", err)
	}
	return c
}

// foundCafe is openCafe without a shift. The café that everybody starts from is founded once and copied: to make its tables,
// its key and two PINs takes longer than most tests.
func foundCafe(tb testing.TB, configure ...func(*pos.Config)) *cafe {
	tb.Helper()
	if len(configure) > 0 {
		return furnishedCafe(tb, configure...)
	}
	founded.once.Do(func() {
		found := furnishedCafe(tb)
		founded.manager, founded.barista, founded.commands = found.manager, found.barista, found.command.Load()
		if err := found.Close(); err != nil {
			tb.Fatalf("close café: %v", err)
		}
		if err := os.CopyFS(founded.dir, os.DirFS(found.config.Dir)); err != nil {
			tb.Fatalf("keep café: %v", err)
		}
		found.open()
	})
	c := &cafe{tb: tb, clock: datatest.NewClock(), manager: founded.manager, barista: founded.barista}
	c.command.Store(founded.commands)
	c.config = pos.Config{Dir: tb.TempDir(), Clock: c.clock, PublicURL: "http://till.local:8081", Software: "comptoir/test"}
	if err := copyCafe(c.config.Dir, founded.dir); err != nil {
		tb.Fatalf("copy café: %v", err)
	}
	c.open()
	c.auditAtEnd()
	return c
}

// founded is the café of foundCafe, closed. TestMain says where it is.
var founded struct {
	once             sync.Once
	dir              string
	manager, barista pos.Operator
	commands         int64
}

// copyCafe copies a closed café. Only its owner may read the key.
func copyCafe(to, from string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return filepath.WalkDir(to, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		return os.Chmod(path, 0o600)
	})
}

// furnishedCafe is founded for one test.
func furnishedCafe(tb testing.TB, configure ...func(*pos.Config)) *cafe {
	tb.Helper()
	c := emptyCafe(tb, configure...)
	for _, p := range menu() {
		if _, err := c.SaveProduct(ctx(), c.byManager(), p); err != nil {
			tb.Fatalf("save %s: %v", p.Name, err)
		}
	}
	return c
}

// emptyCafe is foundCafe without a menu: it has a manager and a barista.
func emptyCafe(tb testing.TB, configure ...func(*pos.Config)) *cafe {
	tb.Helper()
	return emptyCafeOf(tb, identity(), configure...)
}

// emptyCafeOf is emptyCafe with an identity of its own.
func emptyCafeOf(tb testing.TB, id pos.Identity, configure ...func(*pos.Config)) *cafe {
	tb.Helper()
	c := &cafe{tb: tb, clock: datatest.NewClock()}
	c.config = pos.Config{Dir: tb.TempDir(), Clock: c.clock, PublicURL: "http://till.local:8081", Software: "comptoir/test"}
	for _, f := range configure {
		f(&c.config)
	}
	if err := pos.Found(ctx(), c.config, id, pos.NewOperator{Name: "Marie", PIN: managerPIN, Role: pos.RoleManager}); err != nil {
		tb.Fatalf("found café: %v", err)
	}
	c.open()
	c.auditAtEnd()
	operators, err := c.Operators(ctx())
	if err != nil || len(operators) != 1 {
		tb.Fatalf("operators after founding: %v, %v", operators, err)
	}
	c.manager = operators[0]
	if c.barista, err = c.AddOperator(ctx(), c.byManager(), pos.NewOperator{Name: "Awa", PIN: "1111", Role: pos.RoleBarista}); err != nil {
		tb.Fatalf("add barista: %v", err)
	}
	return c
}

func (c *cafe) auditAtEnd() {
	c.tb.Cleanup(func() {
		datatest.Audit(c.tb, c.DB())
		if err := c.Close(); err != nil && c.DB().Err() == nil {
			c.tb.Errorf("close café: %v", err)
		}
	})
}

func (c *cafe) open() {
	c.tb.Helper()
	var err error
	if c.Till, err = pos.Open(ctx(), c.config); err != nil {
		c.tb.Fatalf("open café: %v", err)
	}
}

// reopen closes the café, whatever its state, and opens it again: a restart.
func (c *cafe) reopen() {
	c.tb.Helper()
	_ = c.Close() // it may have failed on purpose
	c.open()
}

// menu is small, and has every kind of product: ids are the slugs of the names.
func menu() []pos.Product {
	return []pos.Product{
		{Name: "Café", Category: "Chaud", Price: 220, VATEatIn: 1000, VATTakeaway: 1000, SuspendClass: "coffee", GiftPrice: 180, Food: true, Available: true},
		{Name: "Plat", Category: "Repas", Price: 1190, VATEatIn: 1000, VATTakeaway: 1000, MealUnits: 1, SuspendClass: "meal", GiftPrice: 600, Cost: 350, Food: true, Available: true},
		{Name: "Duo", Category: "Repas", Price: 2100, VATEatIn: 1000, VATTakeaway: 1000, MealUnits: 2, Food: true, Available: true},
		{Name: "Eau", Category: "Froid", Price: 200, VATEatIn: 1000, VATTakeaway: 550, Food: true, Available: true},
		{Name: "Bière", Category: "Froid", Price: 450, VATEatIn: 2000, VATTakeaway: 2000, Available: true},
		{Name: "Offert", Category: "Repas", Price: 0, VATEatIn: 1000, VATTakeaway: 1000, MealUnits: 1, Food: true, Available: true},
		{Name: "Crème", Category: "Chaud", Price: 300, VATEatIn: 1000, VATTakeaway: 1000, SuspendClass: "coffee", Food: true, Available: true,
			Options: []pos.OptionGroup{{Name: "Lait", Required: true, Max: 1, Choices: []pos.Choice{{Name: "vache"}, {Name: "avoine", Price: 50}}}}},
		{Name: "Formule", Category: "Repas", Price: 1400, VATEatIn: 1000, VATTakeaway: 1000, MealUnits: 1, Available: true,
			Components: []pos.Component{{Name: "plat", Price: 1200, VATEatIn: 1000, VATTakeaway: 1000}, {Name: "verre de vin", Price: 400, VATEatIn: 2000, VATTakeaway: 2000}}},
	}
}

// cmd returns a command id never used before.
func (c *cafe) cmd() data.Command {
	id := "cmd-" + strconv.FormatInt(c.command.Add(1), 10)
	return data.Command{ID: id, Hash: sha256.Sum256([]byte(id))}
}

func (c *cafe) by() pos.By        { return pos.By{Operator: c.barista, Command: c.cmd()} }
func (c *cafe) byManager() pos.By { return pos.By{Operator: c.manager, Command: c.cmd()} }

func ctx() context.Context { return context.Background() }

// line is one of a product.
func line(product string, qty int) pos.LineRequest {
	return pos.LineRequest{Product: product, Qty: qty}
}

func gift(product string, qty int) pos.LineRequest {
	return pos.LineRequest{Product: product, Qty: qty, Kind: pos.LineGift}
}

// sell pays lines by card, whatever they cost, and fails the test on a refusal.
func (c *cafe) sell(card string, lines ...pos.LineRequest) pos.SaleResult {
	c.tb.Helper()
	r, err := c.trySell(card, lines...)
	if err != nil {
		c.tb.Fatalf("sell: %v", err)
	}
	return r
}

func (c *cafe) trySell(card string, lines ...pos.LineRequest) (pos.SaleResult, error) {
	request := pos.SellRequest{Mode: pos.EatIn, Lines: lines, Card: card}
	_, err := c.Sell(ctx(), c.by(), request) // refused with the total, unless nothing is due
	if e, ok := fault.As(err); ok && e.Code == "tenders.sum" {
		request.Tenders = []pos.Tender{{Means: pos.Card, Amount: e.Args["total"].(money.Cents)}}
		return c.Sell(ctx(), c.by(), request)
	}
	return pos.SaleResult{}, err
}

func (c *cafe) newCard() string {
	c.tb.Helper()
	card, err := c.NewCard(ctx(), c.by())
	if err != nil {
		c.tb.Fatalf("new card: %v", err)
	}
	return card.Code
}

func (c *cafe) view(card string) pos.CardView {
	c.tb.Helper()
	v, err := c.Card(ctx(), card)
	if err != nil {
		c.tb.Fatalf("card: %v", err)
	}
	return v
}

// refund refunds qty of a line, with the proof of its gifts when there are any.
func (c *cafe) refund(sale string, lineID, qty int) pos.RefundResult {
	c.tb.Helper()
	r, err := c.Refund(ctx(), c.by(), sale, pos.RefundRequest{Lines: []pos.RefundLine{{Line: lineID, Qty: qty}}, Tender: pos.Card, Reason: "erreur", Proof: c.proofOf(sale)})
	if err != nil {
		c.tb.Fatalf("refund: %v", err)
	}
	return r
}

// proofOf is the code of the gifts of a sale; empty without any.
func (c *cafe) proofOf(sale string) string {
	c.tb.Helper()
	s, err := c.Sale(ctx(), sale)
	if err != nil {
		c.tb.Fatalf("sale: %v", err)
	}
	return s.GiftCode
}

func (c *cafe) serve(product string) pos.RedeemResult {
	c.tb.Helper()
	r, err := c.Redeem(ctx(), c.by(), pos.RedeemRequest{Product: product})
	if err != nil {
		c.tb.Fatalf("redeem: %v", err)
	}
	return r
}

// waiting is how many items of a class are on the shelf.
func (c *cafe) waiting(class string) int {
	c.tb.Helper()
	shelf, err := c.Shelf(ctx())
	if err != nil {
		c.tb.Fatalf("shelf: %v", err)
	}
	for _, s := range shelf.Classes {
		if s.Class == class {
			return s.Available
		}
	}
	return 0
}

// refused fails the test unless err is a refusal with this code.
func refused(tb testing.TB, err error, code string) fault.Error {
	tb.Helper()
	e, ok := fault.As(err)
	if !ok || e.Code != code {
		tb.Fatalf("got %v, want the refusal %s", err, code)
	}
	return *e
}

// verify fails the test unless the journal verifies in full.
func (c *cafe) verify() {
	c.tb.Helper()
	report, err := journal.Verify(ctx(), c.DB().Reader(), journal.VerifyOptions{Full: true})
	if err != nil {
		c.tb.Fatalf("verify: %v", err)
	}
	for _, a := range report.Anomalies {
		c.tb.Errorf("journal: %+v", a)
	}
}

// day is one day of the test clock.
const day = 24 * time.Hour
