package pos

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// ParseMenuJSON reads a menu as WriteJSON and GET /menu write it: an object with products, and as wanted
// categories. A product needs name, category, price, vat_eat_in_bp and vat_takeaway_bp.
//
// Refusals: menu.too_large; menu.file with the errors of the file, at most 50, each with its line and path.
func ParseMenuJSON(r io.Reader) (MenuFile, error) {
	text, err := readMenuFile(r)
	if err != nil {
		return MenuFile{}, err
	}
	p := jsonMenu{text: text, in: json.NewDecoder(strings.NewReader(text)), file: MenuFile{lines: map[string]int{}}}
	p.in.UseNumber()
	if err := p.read(); err != nil {
		p.errs.add(p.line(p.offset(err)), "", "json", map[string]any{"problem": err.Error()})
	} else if p.errs.total == 0 && len(p.file.Products) == 0 {
		p.errs.add(1, "products[0]", "empty", nil)
	}
	return p.file, p.errs.err()
}

// jsonMenu reads the file value by value, so that every error has a line.
type jsonMenu struct {
	text string
	in   *json.Decoder
	file MenuFile
	errs fileErrors
}

// line returns the line of a byte, counting from 1.
func (m *jsonMenu) line(offset int64) int {
	return 1 + strings.Count(m.text[:min(int(offset), len(m.text))], "\n")
}

// offset is where reading stopped.
func (m *jsonMenu) offset(err error) int64 {
	if bad, ok := errors.AsType[*json.SyntaxError](err); ok {
		return bad.Offset
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return int64(len(strings.TrimSpace(m.text))) // where it was cut short
	}
	return m.in.InputOffset()
}

func (m *jsonMenu) read() error {
	if err := m.delim('{'); err != nil {
		return err
	}
	for m.in.More() {
		key, err := m.in.Token()
		if err != nil {
			return err
		}
		switch key {
		case "products":
			err = m.each(m.product)
		case "categories":
			err = m.each(m.category)
		case "version":
			_, err = m.in.Token()
		default:
			m.errs.add(m.line(m.in.InputOffset()), fmt.Sprint(key), "unknown_column", nil)
			var skipped json.RawMessage
			err = m.in.Decode(&skipped)
		}
		if err != nil {
			return err
		}
	}
	if err := m.delim('}'); err != nil {
		return err
	}
	if _, err := m.in.Token(); !errors.Is(err, io.EOF) {
		return errors.New("text after the menu")
	}
	return nil
}

func (m *jsonMenu) delim(want json.Delim) error {
	token, err := m.in.Token()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	if err == nil && token != want {
		err = fmt.Errorf("want %s", want)
	}
	return err
}

// each hands every value of an array to take, with its place and the offset at which it begins.
func (m *jsonMenu) each(take func(i int, raw []byte, start int64)) error {
	if err := m.delim('['); err != nil {
		return err
	}
	for i := 0; m.in.More(); i++ {
		if i == maxProducts {
			m.errs.add(m.line(m.in.InputOffset()), "", codeTooMany, map[string]any{"max": maxProducts})
			return errors.New("too many")
		}
		var raw json.RawMessage
		if err := m.in.Decode(&raw); err != nil {
			return err
		}
		take(i, raw, m.in.InputOffset()-int64(len(raw)))
	}
	return m.delim(']')
}

func (m *jsonMenu) product(i int, raw []byte, start int64) {
	var p Product
	o := origin{line: m.line(start), path: fmt.Sprintf("products[%d].", i), given: map[string]bool{}}
	if !m.value(raw, start, o.path, &p) {
		return
	}
	var keys map[string]json.RawMessage
	if json.Unmarshal(raw, &keys) == nil { // it is an object: it was just read as one
		for k := range keys {
			o.given[strings.ToLower(k)] = true
		}
	}
	failed := map[string]bool{}
	for _, c := range menuColumns() {
		if c.required && !o.given[c.field] {
			failed[c.field] = true
			m.errs.breach(o, breach{c.field, codeRequired, nil})
		}
	}
	if !o.given["food"] {
		p.Food = foodByRate(p)
	}
	if !o.given["available"] {
		p.Available = true
	}
	if p.Options == nil {
		p.Options = []OptionGroup{}
	}
	m.file.add(o, p, failed, &m.errs)
}

func (m *jsonMenu) category(i int, raw []byte, start int64) {
	var c Category
	if m.value(raw, start, fmt.Sprintf("categories[%d].", i), &c) {
		m.file.Categories = append(m.file.Categories, c)
	}
}

// value reads one object strictly and reports what does not fit, with its own line.
func (m *jsonMenu) value(raw []byte, start int64, path string, into any) bool {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		return true
	}
	if bad, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		m.errs.add(m.line(start+bad.Offset), path+bad.Field, "type", map[string]any{"got": bad.Value})
		return false
	}
	m.errs.add(m.line(start), strings.TrimSuffix(path, "."), "unknown_column", map[string]any{"problem": strings.TrimPrefix(err.Error(), "json: ")})
	return false
}

// WriteJSON writes everything the menu has, in the form of GET /menu without the version.
func (f MenuFile) WriteJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	out.SetEscapeHTML(false)
	if f.Categories == nil {
		f.Categories = []Category{}
	}
	if f.Products == nil {
		f.Products = []Product{}
	}
	if err := out.Encode(f); err != nil {
		return fmt.Errorf("write menu: %w", err)
	}
	return nil
}
