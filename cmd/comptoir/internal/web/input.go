package web

import (
	"encoding/json"
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"comptoir/data/fault"
	"comptoir/pos"
)

// decode reads the JSON body into a struct. It is strict: a misspelt field would otherwise be a wish that nobody
// hears. An absent body is an empty object; null leaves a field as it is.
//
// Errors: body.json, status 400, for what is not JSON; body.field with every unknown or mistyped field by its path.
func decode(c *fiber.Ctx, into any) error {
	body := c.BodyRaw() // never decompressed: a small body cannot become a large one
	if len(body) == 0 {
		body = []byte("{}")
	}
	if !json.Valid(body) {
		return errJSON
	}
	var d decoder
	d.value("", body, reflect.ValueOf(into).Elem())
	if len(d.fields) > 0 {
		e := *errFields
		e.Fields = d.fields
		return &e
	}
	return nil
}

// decoder walks valid JSON beside the Go value it fills, collecting what does not fit.
type decoder struct{ fields []fault.Field }

// maxFieldProblems bounds how many are told.
const maxFieldProblems = 50

func (d *decoder) refuse(path, code string) {
	if path == "" {
		path = "body"
	}
	if len(d.fields) < maxFieldProblems {
		d.fields = append(d.fields, fault.Field{Name: path, Code: code})
	}
}

func (d *decoder) value(path string, raw json.RawMessage, v reflect.Value) {
	if string(raw) == "null" {
		return
	}
	_, custom := reflect.TypeAssert[json.Unmarshaler](v.Addr())
	switch {
	case custom:
		d.leaf(path, raw, v)
	case v.Kind() == reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(path, raw, v.Elem())
	case v.Kind() == reflect.Struct:
		d.object(path, raw, v)
	case v.Kind() == reflect.Slice:
		d.list(path, raw, v)
	default:
		d.leaf(path, raw, v)
	}
}

func (d *decoder) leaf(path string, raw json.RawMessage, v reflect.Value) {
	if err := json.Unmarshal(raw, v.Addr().Interface()); err != nil {
		d.refuse(path, "type")
	}
}

func (d *decoder) object(path string, raw json.RawMessage, v reflect.Value) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		d.refuse(path, "type")
		return
	}
	prefix := path
	if prefix != "" {
		prefix += "."
	}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if m, ok := members[name]; ok && name != "" && name != "-" {
			d.value(prefix+name, m, v.Field(i))
			delete(members, name)
		}
	}
	unknown := make([]string, 0, len(members))
	for name := range members {
		unknown = append(unknown, name)
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		d.refuse(prefix+name, "unknown")
	}
}

func (d *decoder) list(path string, raw json.RawMessage, v reflect.Value) {
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		d.refuse(path, "type")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(elements), len(elements)))
	for i, e := range elements {
		d.value(path+"["+strconv.Itoa(i)+"]", e, v.Index(i))
	}
}

// command is the shape of a call that changes something: who asks and under which id, then the body, then one use
// case of pos, whose answer is stored with the id.
func command[In, Out any](s *Server, status int, do func(c *fiber.Ctx, by pos.By, in In) (Out, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		by, err := s.by(c)
		if err != nil {
			return err
		}
		var in In
		if err := decode(c, &in); err != nil {
			return errors.Join(err, s.rejected(c, by, err))
		}
		out, err := do(c, by, in)
		if err != nil {
			return err
		}
		return c.Status(status).JSON(out)
	}
}

// rejected journals what was meant to be money and could not be read (fiscal R32).
func (s *Server) rejected(c *fiber.Ctx, by pos.By, why error) error {
	pattern, _ := c.Locals(localPattern).(string)
	switch strings.TrimPrefix(pattern, apiPrefix) {
	case "/sales", "/sales/:id/refund", "/tickets/:id/checkout", "/tickets/:id/payments":
		return s.till.RejectInput(c.UserContext(), by, fault.CodeOf(why), c.BodyRaw())
	}
	return nil
}

// read is the shape of a call that changes nothing.
func read[Out any](do func(c *fiber.Ctx) (Out, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		out, err := do(c)
		if err != nil {
			return err
		}
		return c.JSON(out)
	}
}

// none is the body of a call that takes no argument.
type none struct{}

// param returns a decoded part of the path.
func param(c *fiber.Ctx, name string) string {
	raw := c.Params(name)
	if decoded, err := url.PathUnescape(raw); err == nil {
		return decoded
	}
	return raw
}

// intParam reads a number of the path. Error: query.invalid naming it.
func intParam(c *fiber.Ctx, name string) (int, error) {
	n, err := strconv.Atoi(c.Params(name))
	if err != nil || n < 0 {
		return 0, errParam.Field(name, "number")
	}
	return n, nil
}

// queryInt reads a number of the query within limits; fallback when it is absent. Error: query.invalid naming it.
func queryInt(c *fiber.Ctx, name string, fallback, least, most int64) (int64, error) {
	text := c.Query(name)
	if text == "" {
		return fallback, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errParam.Field(name, "number")
	}
	if n < least || n > most {
		return 0, errParam.With("min", least).With("max", most).Field(name, "range")
	}
	return n, nil
}

// queryDay reads a business day of the query, YYYY-MM-DD; today when it is absent. Error: query.invalid naming it.
func (s *Server) queryDay(c *fiber.Ctx, name string) (string, error) {
	text := c.Query(name)
	if text == "" {
		return s.today(), nil
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return "", errParam.Field(name, "date")
	}
	return text, nil
}

// today is the business day that is open.
func (s *Server) today() string { return s.till.DB().Today() }
