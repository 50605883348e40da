package suspended

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/data/money"
)

// The classes of item. Their names in a language come from the catalogue.
const (
	Coffee = "coffee" // hot drinks
	Meal   = "meal"   // dish of the day, soup
)

var (
	errClass      = fault.New(fault.NotFound, "class.unknown", "There is no such class of suspended item.")
	errClassVAT   = fault.New(fault.Invalid, "class.vat", "A product at this rate cannot be served as a suspended item.")
	errClassMixed = fault.New(fault.Invalid, "class.mixed", "All products of a class of suspended items have one VAT rate.")
)

// Class is a kind of suspended item. Which products may be served as it is the menu's business; Admit says which
// rates they may have.
type Class struct {
	Code     string
	VATLimit money.BasisPoints // rates of its products stay under it, which keeps alcohol out (case 66)
}

// Admit checks the rates of all the products of the class together: one rate, so that the tax paid with a gift is
// the tax of whatever is served for it (fiscal U1), and under the limit. Errors: Invalid class.vat, class.mixed.
func (c Class) Admit(rates ...money.BasisPoints) error {
	for _, r := range rates {
		if r >= c.VATLimit {
			return errClassVAT.With("class", c.Code).With("bp", int64(r))
		}
		if r != rates[0] {
			return errClassMixed.With("class", c.Code).With("bp", int64(r))
		}
	}
	return nil
}

// Classes lists the classes in the order of the screens.
func Classes(ctx context.Context, q data.Querier) ([]Class, error) {
	return data.All(ctx, q, func(r *data.Rows) (c Class, err error) {
		return c, r.Scan(&c.Code, &c.VATLimit)
	}, `SELECT code, vat_limit FROM classes ORDER BY position LIMIT 100`)
}

// requireClass refuses an unknown class: NotFound class.unknown.
func requireClass(ctx context.Context, q data.Querier, code string) error {
	var one int
	err := q.QueryRow(ctx, `SELECT 1 FROM classes WHERE code = ?`, code).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return errClass.With("class", code)
	}
	if err != nil {
		return fmt.Errorf("class %s: %w", code, err)
	}
	return nil
}
