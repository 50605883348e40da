package pos

import (
	"context"
	"fmt"
	"strings"

	"comptoir/data"
	"comptoir/data/fault"
)

// Lengths of the codes that goods bear.
const (
	ean8, upcA, ean13 = 8, 12, 13
)

var errBarcode = fault.New(fault.Invalid, "barcode.invalid", "A code of goods has 8, 12 or 13 digits, of which the last checks the others.")

// ErrNoBarcode is the refusal of a code of goods that no product on the menu has.
var ErrNoBarcode = fault.New(fault.NotFound, "barcode.unknown", "No product on the menu has this code.")

// ParseBarcode reads the code of goods: EAN-13, EAN-8, or UPC-A, which is an EAN-13 that begins with 0 and is returned as
// one. Spaces and hyphens, with which codes are printed, are left out. Refusal: barcode.invalid (its field says "digits_ean"
// or "check_digit").
func ParseBarcode(text string) (string, error) {
	code := strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(text)
	for _, r := range code {
		if r < '0' || r > '9' {
			return "", errBarcode.Field("barcode", "digits_ean")
		}
	}
	switch len(code) {
	case ean8, ean13:
	case upcA:
		code = "0" + code
	default:
		return "", errBarcode.Field("barcode", "digits_ean")
	}
	if checkDigit(code[:len(code)-1]) != code[len(code)-1] {
		return "", errBarcode.Field("barcode", "check_digit")
	}
	return code, nil
}

// checkDigit is the last digit of a code of goods: the others weigh 3 and 1 by turns, from the right, and all of them add
// up to a multiple of ten (GS1 General Specifications, 7.9).
func checkDigit(digits string) byte {
	sum, weight := 0, 3
	for i := len(digits) - 1; i >= 0; i-- {
		sum += int(digits[i]-'0') * weight
		weight = 4 - weight
	}
	return byte('0' + (10-sum%10)%10)
}

// barcode cleans the code of a product; it may have none.
func (c *checker) barcode(code *string) {
	if strings.TrimSpace(*code) == "" {
		*code = ""
		return
	}
	clean, err := ParseBarcode(*code)
	c.take(code, clean, err)
}

// ProductByBarcode returns the product on the menu that bears a code of goods, sold out or not. Refusals:
// barcode.invalid, barcode.unknown (args code, as it is kept).
func (t *Till) ProductByBarcode(ctx context.Context, text string) (Product, error) {
	code, err := ParseBarcode(text)
	if err != nil {
		return Product{}, err
	}
	menu, err := t.Menu(ctx)
	if err != nil {
		return Product{}, err
	}
	for _, p := range menu.Products {
		if p.Barcode == code {
			return p, nil
		}
	}
	return Product{}, ErrNoBarcode.With("code", code)
}

// twice returns the changed products whose code another product on the menu has.
func (d *menuDraft) twice() []Product {
	bearers := map[string]int{}
	for _, p := range d.products {
		if p.Barcode != "" && !p.Archived {
			bearers[p.Barcode]++
		}
	}
	var bad []Product
	for _, c := range d.changes {
		if c.new.Barcode != "" && !c.new.Archived && bearers[c.new.Barcode] > 1 {
			bad = append(bad, c.new)
		}
	}
	return bad
}

// freeBarcodes takes their old codes off the products that change them: two may change theirs for each other's.
func (d *menuDraft) freeBarcodes(ctx context.Context, tx *data.Tx) error {
	for _, c := range d.changes {
		if c.old == nil || c.old.Barcode == "" || c.old.Barcode == c.new.Barcode && c.old.Archived == c.new.Archived {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE products SET barcode = '' WHERE id = ?`, c.old.ID); err != nil {
			return fmt.Errorf("barcode of %s: %w", c.old.ID, err)
		}
	}
	return nil
}

// barcodeTaken refuses to bring back a product whose code another one on the menu has meanwhile: barcode.taken (args
// product, its name).
func barcodeTaken(ctx context.Context, q data.Querier, p Product) error {
	if p.Barcode == "" {
		return nil
	}
	names, err := data.All(ctx, q, func(r *data.Rows) (name string, err error) { return name, r.Scan(&name) },
		`SELECT name FROM products WHERE barcode = ? AND archived = 0 AND id <> ? ORDER BY id LIMIT 1`, p.Barcode, p.ID)
	if err != nil {
		return fmt.Errorf("barcode of %s: %w", p.ID, err)
	}
	if len(names) > 0 {
		return errBarcodeTaken.With("product", names[0])
	}
	return nil
}

var errBarcodeTaken = fault.New(fault.Conflict, "barcode.taken", "Another product on the menu bears this code.")

// checkBarcodes: codes of goods are whole, and on the menu each is one product's.
func checkBarcodes(ctx context.Context, q data.Querier) ([]string, error) {
	type bearer struct {
		id, code string
		archived bool
	}
	all, err := data.All(ctx, q, func(r *data.Rows) (b bearer, err error) { return b, r.Scan(&b.id, &b.code, &b.archived) },
		`SELECT id, barcode, archived FROM products WHERE barcode <> '' ORDER BY id LIMIT -1`)
	first := map[string]string{}
	var bad []string
	for _, b := range all {
		if clean, err := ParseBarcode(b.code); err != nil || clean != b.code {
			bad = append(bad, fmt.Sprintf("product %s has the code %q, which is none", b.id, b.code))
		}
		if b.archived {
			continue
		}
		if other := first[b.code]; other != "" {
			bad = append(bad, fmt.Sprintf("products %s and %s have the same code %s", other, b.id, b.code))
		}
		first[b.code] = b.id
	}
	return bad, err
}
