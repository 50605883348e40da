package replica

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"
	"time"
)

// markerFile says whose copy a place holds.
const markerFile = "epoch"

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
}

// ReadMarker reads whose copy a place holds. Errors: copy.absent (there is none), copy.damaged, those of a Place.
func ReadMarker(ctx context.Context, p Place) (Marker, error) {
	var m Marker
	text, err := ReadFile(ctx, p, markerFile, maxSmallFile)
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

func writeMarker(ctx context.Context, p Place, m Marker) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	_, err = p.Write(ctx, markerFile, strings.NewReader(string(text)+"\n"))
	return placed(err)
}

// newMarker begins a place.
func (r *Replica) newMarker() Marker {
	machine, err := os.Hostname()
	if err != nil {
		machine = ""
	}
	return Marker{Epoch: r.config.Epoch, Cafe: r.config.Cafe, Copy: rand.Text(), When: r.now(), Machine: machine}
}
