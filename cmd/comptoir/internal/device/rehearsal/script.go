package rehearsal

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Chooser says which case comes next, for a charge of so many cents.
type Chooser interface {
	Next(cents int64) string
	Peek() string // what comes next, as far as it can be said before the amount is known
}

// Script is a list of cases, for one terminal.
type Script struct {
	mu   sync.Mutex
	left []string
}

// Read reads cases parted by commas, each of which must be known.
func Read(text string, known []string) (*Script, error) {
	s := &Script{}
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		if !slices.Contains(known, word) {
			return nil, fmt.Errorf("no case %q: there are %s", word, strings.Join(known, ", "))
		}
		s.left = append(s.left, word)
	}
	return s, nil
}

// Next returns the next case; the last one again and again.
func (s *Script) Next(int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.left[0]
	if len(s.left) > 1 {
		s.left = s.left[1:]
	}
	return next
}

// Peek returns what Next will.
func (s *Script) Peek() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.left[0]
}

// ByCents chooses by the last two digits of the amount; any other is the one of Otherwise.
type ByCents struct {
	Cases     map[int64]string
	Otherwise string
}

// Next returns the case of the amount.
func (b ByCents) Next(cents int64) string {
	if c, there := b.Cases[cents%100]; there {
		return c
	}
	return b.Otherwise
}

// Peek returns the case of most amounts.
func (b ByCents) Peek() string { return b.Otherwise }
