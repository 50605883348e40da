package speed

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"time"
)

// kept is a meter as a file: only the buckets that hold something.
type kept struct {
	Hours []keptHour `json:"hours"`
}

type keptHour struct {
	At    int64                        `json:"at"`     // hours since 1970
	Times map[string]map[string]uint32 `json:"counts"` // by kind and bucket
	Most  map[string]int64             `json:"most"`   // nanoseconds by kind
}

// maxFile bounds what is read back: 25 hours of five kinds of 77 buckets are far below it.
const maxFile = 1 << 20

// Save writes the meter to a file, so that the page of tomorrow morning knows this evening. It is a convenience: nothing is
// synced, and a file that is lost loses measurements only.
func (m *Meter) Save(path string) error {
	var k kept
	for i := range m.ring {
		h := &m.ring[i]
		if h.at.Load() == 0 {
			continue
		}
		out := keptHour{At: h.at.Load(), Times: map[string]map[string]uint32{}, Most: map[string]int64{}}
		for _, kind := range Kinds() {
			counts := map[string]uint32{}
			for b := range h.counts[kind] {
				if n := h.counts[kind][b].Load(); n > 0 {
					counts[strconv.Itoa(b)] = n
				}
			}
			if len(counts) > 0 {
				out.Times[kind.String()], out.Most[kind.String()] = counts, h.most[kind].Load()
			}
		}
		k.Hours = append(k.Hours, out)
	}
	text, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("keep measurements: %w", err)
	}
	if err := os.WriteFile(path+".part", text, 0o600); err != nil {
		return fmt.Errorf("keep measurements: %w", err)
	}
	if err := os.Rename(path+".part", path); err != nil {
		return fmt.Errorf("keep measurements: %w", err)
	}
	return nil
}

// Load adds what a file holds of the last day. A file that is missing is no error; one that cannot be understood is, and
// changes nothing.
func (m *Meter) Load(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read measurements: %w", err)
	}
	if info.Size() > maxFile {
		return fmt.Errorf("read measurements: %s has %d bytes", path, info.Size())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read measurements: %w", err)
	}
	var k kept
	if err := json.Unmarshal(text, &k); err != nil {
		return fmt.Errorf("read measurements: %w", err)
	}
	now := m.now().Unix() / 3600
	for _, h := range k.Hours {
		if h.At > now || h.At <= now-hours {
			continue
		}
		into := m.hour(h.At)
		for _, kind := range Kinds() {
			for name, n := range h.Times[kind.String()] {
				if b, err := strconv.Atoi(name); err == nil && b >= 0 && b < buckets {
					into.counts[kind][b].Add(n)
				}
			}
			into.most[kind].Store(max(into.most[kind].Load(), min(h.Most[kind.String()], int64(time.Hour))))
		}
	}
	return nil
}
