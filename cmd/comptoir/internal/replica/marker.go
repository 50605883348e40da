package replica

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"
)

// MarkerFile says whose copy a place holds.
const MarkerFile = "epoch"

// headFile is the journal's head as the copy has it, or a little older; in the café's folder and in the place.
const headFile = "head"

// maxSmallFile is more than the small files of a place ever are.
const maxSmallFile = 64 << 10

// Marker says whose copy a place holds and of which epoch the newest is.
type Marker struct {
	Epoch   int64     `json:"epoch"`
	Cafe    string    `json:"cafe"` // id of its journal
	Copy    string    `json:"copy"` // drawn when the place was begun: two sticks of one café are two copies
	When    time.Time `json:"when"`
	Machine string    `json:"machine"`
	MAC     string    `json:"mac,omitempty"` // see Sealed; empty: of an older version, or of a machine without the café's keys
}

// MaxEpoch bounds what a marker says, in seconds: a later one leaves no number for the next machine.
const MaxEpoch = 1 << 40

// Sealed is the marker with the proof that a machine wrote it which has the café's key. Whoever can write to a place could
// otherwise stop the machine that sells, with one line.
func (m Marker) Sealed(key []byte) Marker {
	m.Machine = strings.ToValidUTF8(m.Machine, "") // as JSON gives it back
	m.MAC = m.mac(key)
	return m
}

// By reports whether a machine with this key wrote the marker.
func (m Marker) By(key []byte) bool {
	return m.Epoch < MaxEpoch && hmac.Equal([]byte(m.MAC), []byte(m.mac(key)))
}

func (m Marker) mac(key []byte) string {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%d %q %q %d %q", m.Epoch, m.Cafe, m.Copy, m.When.UnixNano(), m.Machine)
	return hex.EncodeToString(h.Sum(nil))
}

// MustBe refuses the place of another café's copy (copy.other).
func (m Marker) MustBe(cafe string) error {
	if m.Cafe != cafe {
		return errOther
	}
	return nil
}

// ReadMarker reads whose copy a place holds. Errors: copy.absent (there is none), copy.damaged, those of a Place.
func ReadMarker(ctx context.Context, p Place) (Marker, error) {
	return ReadMarkerNamed(ctx, p, MarkerFile)
}

// ReadMarkerNamed is ReadMarker for a marker of another name: a stick may hold the backups of several cafés.
func ReadMarkerNamed(ctx context.Context, p Place, name string) (Marker, error) {
	var m Marker
	text, err := ReadFile(ctx, p, name, maxSmallFile)
	if errors.Is(err, fs.ErrNotExist) {
		return m, errAbsent.Wrap(err)
	}
	if err != nil {
		return m, placed(err)
	}
	if err := json.Unmarshal(text, &m); err != nil || m.Epoch <= 0 || m.Cafe == "" {
		return m, errDamaged.Wrap(err)
	}
	return m, nil
}

// WriteMarker writes a marker as it is. Errors: those of a Place.
func WriteMarker(ctx context.Context, p Place, name string, m Marker) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = p.Write(ctx, name, bytes.NewReader(append(text, '\n')))
	return placed(err)
}

// newMarker begins a place.
func (r *Replica) newMarker() Marker {
	machine, err := os.Hostname()
	if err != nil {
		machine = ""
	}
	return Marker{Epoch: r.config.Epoch, Cafe: r.config.Cafe, Copy: rand.Text(), When: r.now(), Machine: machine}.Sealed(r.config.Key)
}
