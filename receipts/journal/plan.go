package journal

import (
	"bytes"
	"reflect"
	"slices"
)

// Verification reads strictly. A body has exactly the keys of its struct, in their order, and nothing between the tokens. So it is read by walking
// the fields and the bytes side by side: what does not match byte for byte is not canonical, lacks a key or has one too
// many. That takes a fifth of the time of a reader that has to expect anything, and checks more.

// plan is how a type is read.
type plan struct {
	kind   reflect.Kind // Int64 for every integer; Invalid for a value of any type
	fields []field      // of a struct
	elem   *plan        // of a pointer or a slice
}

// field is one member of an object: `{"key":` or `,"key":`, and how its value is read.
type field struct {
	key   []byte
	index int // in the struct
	plan  *plan
	later bool // entries of core 1 do not have it; never the first of its object
}

// bodyType returns the type that the body of a kind is read into; nil for an unknown kind.
func bodyType(kind Kind) reflect.Type {
	switch kind {
	case KindGenesis:
		return reflect.TypeFor[GenesisBody]()
	case KindTicket, KindRefund:
		return reflect.TypeFor[TicketBody]()
	case KindNotePrint:
		return reflect.TypeFor[NoteBody]()
	case KindOrderMinus:
		return reflect.TypeFor[MinusBody]()
	case KindSuspRedeem:
		return reflect.TypeFor[RedeemBody]()
	case KindSuspRelease:
		return reflect.TypeFor[ReleaseBody]()
	case KindCash:
		return reflect.TypeFor[CashBody]()
	case KindEvent:
		return reflect.TypeFor[EventBody]()
	case KindDuplicate:
		return reflect.TypeFor[DuplicateBody]()
	case KindInvoice:
		return reflect.TypeFor[InvoiceBody]()
	case KindPayFix:
		return reflect.TypeFor[PayFixBody]()
	case KindSuspAdjust:
		return reflect.TypeFor[AdjustBody]()
	case KindCloseDay, KindCloseMonth, KindCloseYear:
		return reflect.TypeFor[CloseBody]()
	case KindArchive:
		return reflect.TypeFor[ArchiveBody]()
	case KindKeyRotate:
		return reflect.TypeFor[KeyRotateBody]()
	case KindResume:
		return reflect.TypeFor[ResumeBody]()
	}
	return nil
}

// plans holds the plan of each kind's body.
//
//nolint:gochecknoglobals // made once of the types and never changed, as a regular expression is of its text
var plans = func() map[Kind]*plan {
	all := make(map[Kind]*plan, len(kinds()))
	for _, kind := range kinds() {
		all[kind] = planOf(bodyType(kind))
	}
	return all
}()

// envelopePlan is the plan of an entry, whose body is left as it stands.
//
//nolint:gochecknoglobals // as plans
var envelopePlan = planOf(reflect.TypeFor[Envelope]())

func planOf(t reflect.Type) *plan {
	switch t.Kind() {
	case reflect.Struct:
		p := &plan{kind: reflect.Struct}
		for i := range t.NumField() {
			f := t.Field(i)
			p.fields = append(p.fields, field{[]byte(`,"` + f.Tag.Get("json") + `":`), i, planOf(f.Type), f.Tag.Get("core") == "2"})
		}
		slices.SortFunc(p.fields, func(a, b field) int { return bytes.Compare(a.key, b.key) }) // all of ASCII
		p.fields[0].key[0] = '{'
		return p
	case reflect.Pointer, reflect.Slice:
		return &plan{kind: t.Kind(), elem: planOf(t.Elem())}
	case reflect.Int, reflect.Int64:
		return &plan{kind: reflect.Int64}
	case reflect.String, reflect.Bool, reflect.Map:
		return &plan{kind: t.Kind()}
	default:
		return &plan{kind: reflect.Invalid}
	}
}
