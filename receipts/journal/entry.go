package journal

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"comptoir/data/fault"
)

// The versions written in every entry. CoreVersion is the fiscal core's own (fiscal R2, R3): its first number
// changes with anything that can touch one of the four legal conditions, the others with the rest.
const (
	SchemaVersion = 1
	CoreVersion   = "2.3.0"
)

// domain separates these hashes from any other use of SHA-256 (fiscal R22).
const domain = "cafe-fiscal/1\n"

// stampLayout is the one form of an instant: UTC, milliseconds.
const stampLayout = "2006-01-02T15:04:05.000Z"

// Kind says what an entry records (fiscal §6.2).
type Kind string

// The kinds of this version.
const (
	KindGenesis     Kind = "GENESIS"
	KindTicket      Kind = "TICKET"
	KindRefund      Kind = "REFUND"
	KindNotePrint   Kind = "NOTE_PRINT"
	KindOrderMinus  Kind = "ORDER_MINUS"
	KindSuspRedeem  Kind = "SUSP_REDEEM"
	KindSuspRelease Kind = "SUSP_RELEASE"
	KindCash        Kind = "CASH"
	KindEvent       Kind = "EVENT"
	KindDuplicate   Kind = "DUPLICATE"
	KindInvoice     Kind = "INVOICE"
	KindPayFix      Kind = "PAY_FIX"
	KindSuspAdjust  Kind = "SUSP_ADJUST"
	KindCloseDay    Kind = "CLOSE_DAY"
	KindCloseMonth  Kind = "CLOSE_MONTH"
	KindCloseYear   Kind = "CLOSE_YEAR"
	KindArchive     Kind = "ARCHIVE"
	KindKeyRotate   Kind = "KEY_ROTATE"
	KindResume      Kind = "RESUME"
)

// Envelope is what every entry says of itself; FORMAT.md §3 gives each key its meaning. Fields stand in the order
// of their keys so that encoding writes them sorted.
type Envelope struct {
	Day      string  `json:"bday"` // business day YYYY-MM-DD, never decreasing
	Body     any     `json:"body"` // one of the bodies; when read back see Entry.Envelope and parse
	Core     string  `json:"core"`
	Doc      *string `json:"doc"` // document number, nil when the entry is no document
	Journal  string  `json:"journal"`
	Key      string  `json:"key"`
	Kind     Kind    `json:"kind"`
	Op       string  `json:"op"`   // operator code; "sys" for the till itself
	Prev     string  `json:"prev"` // hash of seq-1, hex; 64 zeros for the genesis
	Reg      string  `json:"reg"`
	Seq      int64   `json:"seq"`
	SIRET    string  `json:"siret"`
	Software string  `json:"sw"`
	Training bool    `json:"training"`
	TS       string  `json:"ts"` // UTC, milliseconds, never decreasing
	TZ       int     `json:"tz"` // minutes east of UTC in the café's zone at ts
	V        int     `json:"v"`
}

// Entry is one signed row of the journal.
type Entry struct {
	Seq      int64
	Kind     Kind
	Number   string // document number such as "T26-000001"; empty when the entry is no document
	Hash     [32]byte
	Sig      []byte    // ASN.1 DER, ECDSA P-256 over Hash
	Canon    []byte    // the exact bytes that were hashed
	At       time.Time // ts: UTC, milliseconds
	Day      string    // business day, YYYY-MM-DD
	Training bool
}

// Envelope reads the stored bytes; Body is then a json.RawMessage, for Decode.
func (e Entry) Envelope() (Envelope, error) {
	env, _, err := e.read()
	return env, err
}

// Decode reads the body of the entry into one of the body structs.
func (e Entry) Decode(into any) error {
	_, body, err := e.read()
	if err != nil {
		return err
	}
	if err := decodeStrict(body, into); err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	return nil
}

// read reads the bytes whatever their form: who shows a document must bear any. Verification reads by parse.
func (e Entry) read() (Envelope, json.RawMessage, error) {
	var body json.RawMessage
	env := Envelope{Body: &body}
	if err := decodeStrict(e.Canon, &env); err != nil {
		return Envelope{}, nil, fmt.Errorf("read entry: %w", err)
	}
	env.Body = body
	return env, body, nil
}

// decodeStrict refuses keys that the struct does not know.
func decodeStrict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("text after the value")
	}
	return nil
}

// encoder turns envelopes into hashed bytes, keeping its buffer. One goroutine at a time.
type encoder struct {
	buf bytes.Buffer
	enc *json.Encoder
}

func newEncoder() *encoder {
	e := &encoder{}
	e.enc = json.NewEncoder(&e.buf)
	e.enc.SetEscapeHTML(false)
	return e
}

// seal returns the canonical bytes of env and their hash.
func (e *encoder) seal(env Envelope) ([]byte, [32]byte, error) {
	e.buf.Reset()
	if err := e.enc.Encode(env); err != nil {
		return nil, [32]byte{}, fault.New(fault.Internal, "journal.canon", "the entry cannot be written in canonical JSON").Wrap(err)
	}
	tagged := append(make([]byte, 0, len(domain)+e.buf.Len()), domain...)
	tagged, err := appendCanonical(tagged, e.buf.Bytes())
	if err != nil {
		return nil, [32]byte{}, err
	}
	return tagged[len(domain):], sha256.Sum256(tagged), nil
}

// HashOf returns SHA-256("cafe-fiscal/1\n" ‖ canon) (fiscal R22).
func HashOf(canon []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte(domain))
	h.Write(canon)
	var sum [32]byte
	h.Sum(sum[:0])
	return sum
}

// Signed reports whether sig is the signature of hash under public (fiscal R23).
func Signed(public *ecdsa.PublicKey, hash [32]byte, sig []byte) bool {
	return public != nil && ecdsa.VerifyASN1(public, hash[:], sig)
}
