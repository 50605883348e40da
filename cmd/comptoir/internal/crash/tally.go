package crash

import (
	"fmt"
	"sync"
	"time"
)

// Tally is what a row of falls came to.
type Tally struct {
	How          string        `json:"how"`
	Seed         uint64        `json:"seed"`
	Falls        int           `json:"falls"`
	Acknowledged int           `json:"acknowledged"` // commands that were answered, and looked for after a fall
	Refused      int           `json:"refused"`      // commands that must have left nothing
	Unanswered   int           `json:"unanswered"`   // carried out, and nobody was told
	Lost         int           `json:"lost"`
	Doubled      int           `json:"doubled"`
	Broken       int           `json:"broken"`
	WorstRestart time.Duration `json:"worst_restart_ns"` // from the start of the process, or of the opening, to the first answer
	Took         time.Duration `json:"took_ns"`
	Copies       []*Copied     `json:"copies,omitempty"`  // that were kept meanwhile
	Words        []string      `json:"words,omitempty"`   // what was wrong
	Skipped      string        `json:"skipped,omitempty"` // why this machine cannot do it
}

// Wrong reports whether anything was lost, doubled or broken.
func (t *Tally) Wrong() bool { return t.Lost+t.Doubled+t.Broken > 0 }

// tallied is a tally that several auditors write to.
type tallied struct {
	mu sync.Mutex
	*Tally
}

// fell adds one fall and what was found after it.
func (t *tallied) fell(where string, f finding, acknowledged, unanswered int, restart time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.Falls++
	t.Acknowledged += acknowledged
	t.Unanswered += unanswered
	t.Lost, t.Doubled, t.Broken = t.Lost+f.lost, t.Doubled+f.doubled, t.Broken+f.broken
	t.WorstRestart = max(t.WorstRestart, restart)
	for _, w := range f.words {
		if len(t.Words) < maxWords {
			t.Words = append(t.Words, fmt.Sprint(where, ": ", w))
		}
	}
}

// falls is how many there were so far.
func (t *tallied) falls() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.Falls
}

// Plan bounds a row of falls: the first of the bounds that is reached ends it.
type Plan struct {
	Seed    uint64           // of chance: one seed, one run, but for what the scheduler decides
	Falls   int              // at most
	For     time.Duration    // 0: as long as Falls take
	Dir     string           // of the temporary folder; empty: the system's
	Copy    string           // folder for the copies that cafés keep meanwhile, of Kills; empty: they keep none
	Program []string         // the service that is killed, such as comptoir; its arguments follow
	Step    func(falls int)  // told after each fall; nil: nobody
	Now     func() time.Time // nil: the machine's clock
}

func (p Plan) now() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}

// left reports whether the plan has another fall.
func (p Plan) left(began time.Time, falls int) bool {
	if p.Step != nil && falls > 0 {
		p.Step(falls)
	}
	return falls < p.Falls && (p.For == 0 || p.now().Sub(began) < p.For)
}
