package journal

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// CheckClosing names what closings break: every day closed once and recomputed (fiscal R45, R48, R53).
const CheckClosing = "closing"

// changeOfClock is the most that a zone's clock is moved in a night.
const changeOfClock = 60 // minutes

// calendar is what a walk knows of the business days. It needs envelopes only.
type calendar struct {
	books  books  // of which only the rules are used
	open   string // the business day that is open
	closed string // the last one closed
	due    []Kind // closings that must follow at once
}

// begin takes the first day from the genesis.
func (c *calendar) begin(rules *GenesisBody, day string) {
	c.books, c.open = newBooks(rules, day), day
}

// follows checks that what must follow at once does.
func (c *calendar) follows(kind Kind) string {
	if len(c.due) == 0 {
		return ""
	}
	want := c.due[0]
	c.due = c.due[1:]
	if kind != want {
		c.due = nil
		return fmt.Sprintf("a %s where a %s must be", kind, want)
	}
	return ""
}

// date checks the business day of an entry (FORMAT.md §9), and moves on.
func (c *calendar) date(it *item, ts time.Time) string {
	e := &it.env
	switch {
	case isClosing(e.Kind) && e.Training:
		return "a closing in training"
	case e.Kind == KindCloseDay:
		return c.close(e.Day)
	case isClosing(e.Kind):
		if e.Day != c.closed {
			return fmt.Sprintf("a %s of %s, the last day closed is %q", e.Kind, e.Day, c.closed)
		}
		if _, year := c.books.ends(e.Day); year && e.Kind == KindCloseMonth {
			c.due = []Kind{KindCloseYear}
		}
		return ""
	case e.Day < c.open:
		return fmt.Sprintf("dated %s, which is closed: %s is open", e.Day, c.open)
	case strings.HasPrefix(e.Core, "1."), c.closed == "" && mayBeLate(e):
		return "" // core 1 had no closings, and what may be late comes before the first
	case e.Day > c.open:
		breach := fmt.Sprintf("dated %s, but %s is open", e.Day, c.open)
		c.open = e.Day
		return breach
	}
	if day := wallDay(ts, e.TZ, c.books.cutOff+changeOfClock); day > e.Day && !mayBeLate(e) {
		return fmt.Sprintf("written on %s, dated %s", day, e.Day)
	}
	return ""
}

// mayBeLate reports whether an entry may belong to a day that was over when it was written: training ends in the day that
// it was in, and a journal is resumed, or given a new key, before its days are closed.
func mayBeLate(e *Envelope) bool {
	if b, event := e.Body.(*EventBody); event {
		return slices.Contains([]Code{EventTrainingOff, EventRollbackDetected, EventIntegrityError, EventKeyLost}, b.Code)
	}
	return e.Kind == KindResume || e.Kind == KindKeyRotate
}

// close closes a day, in its turn or not.
func (c *calendar) close(day string) string {
	breach := ""
	if day != c.open {
		breach = fmt.Sprintf("closes %s, but %s is open", day, c.open)
	}
	c.closed, c.open, c.due = day, nextDay(day), nil
	if month, _ := c.books.ends(day); month {
		c.due = []Kind{KindCloseMonth}
	}
	return breach
}

// account adds an entry to the closings to come, or holds a closing against what they came to. before are the totals
// before the entry.
func (w *walker) account(it *item, before totals) {
	b := &w.books
	if it.seq == 0 {
		*b = newBooks(&w.rules, it.env.Day)
	}
	c := covered{seq: it.seq, kind: it.env.Kind, training: it.env.Training, day: it.env.Day, body: it.body}
	if it.env.Doc != nil {
		c.number = *it.env.Doc
	}
	got, closing := it.body.(*CloseBody)
	if !closing {
		b.cover(c, before)
		return
	}
	if _, err := time.Parse(dayLayout, it.env.Day); err != nil || c.number == "" {
		return // reported
	}
	if it.env.Kind == KindCloseDay {
		b.open = it.env.Day // another one was reported; each closing is held against its own entries
	}
	want := b.closing(it.env.Kind, it.seq, before)
	want.Late = wallDay(w.ts, it.env.TZ, want.CutOff) > want.ToDay
	want.Open, want.Events = got.Open, got.Events
	if want.Days == 0 {
		w.report.add(it.seq, CheckClosing, "nothing was closed that it could cover")
		return
	}
	if breach := differ(got, want); breach != "" {
		w.report.add(it.seq, CheckClosing, "%s", breach)
	}
	if breach := stated(got, it.env.Day); breach != "" {
		w.report.add(it.seq, CheckClosing, "%s", breach)
	}
	b.closed(it.env.Kind, want, c.number, it.seq)
}

// differ names the first fields of a closing that are not what the entries it covers add up to.
func differ(got, want *CloseBody) string {
	a, b := reflect.ValueOf(*got), reflect.ValueOf(*want)
	var found []string
	for i := range a.NumField() {
		if x, y := a.Field(i).Interface(), b.Field(i).Interface(); !reflect.DeepEqual(x, y) && len(found) < 3 {
			found = append(found, fmt.Sprintf("%s is %s, the entries add up to %s", a.Type().Field(i).Tag.Get("json"), text(x), text(y)))
		}
	}
	return strings.Join(found, "; ")
}

// stated checks what no entry says.
func stated(c *CloseBody, day string) string {
	switch {
	case c.ToDay != day:
		return fmt.Sprintf("of %s, dated %s", c.ToDay, day)
	case c.Open.Tickets < 0 || c.Open.Tickets == 0 && c.Open.Amount != 0:
		return fmt.Sprintf("%d open tickets of %d", c.Open.Tickets, c.Open.Amount)
	case c.Events.Seq < 0 || !isDigest(c.Events.Hash) || (c.Events.Seq == 0) != (c.Events.Hash == noPrev):
		return fmt.Sprintf("head %d of the log of events is %q", c.Events.Seq, c.Events.Hash)
	}
	return ""
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(b)
}
