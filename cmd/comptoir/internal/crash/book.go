package crash

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"comptoir/data/fault"
)

// entry is one command that was sent, and what is known of it.
type entry struct {
	call    call
	state   state
	answer  any
	told    string
	unknown bool // at some time nobody knew what had become of it

	asked, answered time.Time // answered: the first time
}

// state is what is known of a command.
type state int

const (
	sent    state = iota // no answer came: it happened, or it did not
	acked                // it was answered: it is there for ever
	refused              // it was refused: it is not there
)

// book is what the outside remembers of a café: the tills' side of every command.
type book struct {
	mu      sync.Mutex
	entries []*entry
	byDoc   map[string]string // command, by the document that it was answered with
	doubled []string
	strange []string // refusals that nobody meant
	onAck   func(index int)
}

func newBook() *book { return &book{byDoc: map[string]string{}} }

// begin notes a command before it is sent.
func (b *book) begin(c call) (index int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = append(b.entries, &entry{call: c, asked: time.Now()})
	return len(b.entries) - 1
}

// end notes what became of a command; asked again, an open one is settled.
func (b *book) end(index int, answer any, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := b.entries[index]
	switch {
	case err == nil:
		e.state, e.answer, e.told = acked, answer, told(answer)
		if e.answered.IsZero() {
			e.answered = time.Now()
		}
		if doc := number(answer); doc != "" {
			if other, taken := b.byDoc[doc]; taken && other != e.call.id {
				b.doubled = append(b.doubled, fmt.Sprintf("%s answers both %s and %s", doc, other, e.call.id))
			}
			b.byDoc[doc] = e.call.id
		}
		if b.onAck != nil {
			b.onAck(index)
		}
	case open(err):
		e.unknown = true
	default:
		e.state = refused
		if code := fault.CodeOf(err); (code == "" || code == "internal") && !errors.Is(err, errStumble) {
			b.strange = append(b.strange, fmt.Sprintf("%s: %v", e.call.id, err))
		}
	}
}

// forget takes back the answers that are not among the owed: they came while the power went, and no till had them before.
func (b *book) forget(owed []int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, e := range b.entries {
		if e.state == acked && !slices.Contains(owed, i) {
			delete(b.byDoc, number(e.answer))
			e.state, e.answer, e.told, e.unknown = sent, nil, "", true
		}
	}
}

// pending lists the commands whose outcome nobody knows.
func (b *book) pending() (all []int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, e := range b.entries {
		if e.state == sent {
			all = append(all, i)
		}
	}
	return all
}

// is lists the commands in a state.
func (b *book) is(s state) (all []int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, e := range b.entries {
		if e.state == s {
			all = append(all, i)
		}
	}
	return all
}

// at returns a copy of an entry.
func (b *book) at(i int) entry {
	b.mu.Lock()
	defer b.mu.Unlock()
	return *b.entries[i]
}

// report adds what the tills saw themselves: a document that answers two commands, a refusal for no reason of theirs. It is
// told once.
func (b *book) report(f *finding) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, words := range b.doubled {
		f.add(&f.doubled, "%s", words)
	}
	for _, words := range b.strange {
		f.add(&f.broken, "refused for no reason: %s", words)
	}
	b.doubled, b.strange = nil, nil
}
