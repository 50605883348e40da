package spool_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/receipts/spool"
)

func open(t *testing.T) (*data.DB, *datatest.Clock) {
	t.Helper()
	clock := datatest.NewClock()
	db := datatest.Open(t, func(o *data.Options) { o.Clock = clock })
	db.RegisterCheck(spool.Checks()...)
	return db, clock
}

// do runs one write and returns what it returned.
func do[T any](t *testing.T, db *data.DB, fn func(context.Context, *data.Tx) (T, error)) (T, error) {
	t.Helper()
	var got T
	err := db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) (err error) {
		got, err = fn(ctx, tx)
		return err
	})
	return got, err
}

func add(t *testing.T, db *data.DB, printer, kind string) string {
	t.Helper()
	id, err := do(t, db, func(ctx context.Context, tx *data.Tx) (string, error) {
		return spool.Add(ctx, tx, spool.Request{Printer: printer, Kind: kind, Body: map[string]int{"number": 1}})
	})
	if err != nil {
		t.Fatalf("add: %v", err)
	}
	return id
}

// edge is one step of a job's life.
type edge func(ctx context.Context, tx *data.Tx, id string) (spool.Job, error)

func send(to string) edge {
	return func(ctx context.Context, tx *data.Tx, id string) (spool.Job, error) {
		return spool.Send(ctx, tx, id, to)
	}
}

func with(f func(context.Context, *data.Tx, string, string) (spool.Job, error), reason string) edge {
	return func(ctx context.Context, tx *data.Tx, id string) (spool.Job, error) { return f(ctx, tx, id, reason) }
}

func done(confirmed bool) edge {
	return func(ctx context.Context, tx *data.Tx, id string) (spool.Job, error) {
		return spool.Done(ctx, tx, id, confirmed, "printer.unverified")
	}
}

func say(a spool.Answer) edge {
	return func(ctx context.Context, tx *data.Tx, id string) (spool.Job, error) {
		return spool.Say(ctx, tx, id, a, "ana")
	}
}

// edges lists every step by name. "expire" lets the job grow old first.
func edges() map[string]edge {
	return map[string]edge{
		"send": send("bar"), "printed": done(true), "unconfirmed": done(false), "back": with(spool.Back, "printer.unreachable"),
		"hold": with(spool.Hold, "printer.paper_out"), "fail": with(spool.Fail, "printer.profile"), "cut": with(spool.CutOff, "printer.cut_off"),
		"expire": with(spool.Expire, "printer.late"), "came out": say(spool.CameOut), "again": say(spool.Again), "drop": say(spool.Drop),
		"move": with(spool.Move, "kitchen"),
	}
}

// ways leads a new job into each state.
func ways() map[spool.State][]string {
	return map[spool.State][]string{
		spool.Queued: {}, spool.Sending: {"send"}, spool.Printed: {"send", "printed"}, spool.SentUnconfirmed: {"send", "unconfirmed"},
		spool.Failed: {"fail"}, spool.Unknown: {"send", "cut"}, spool.Expired: {"expire"}, spool.Dropped: {"drop"},
	}
}

func TestAJobHasExactlyTheEdgesOfItsLife(t *testing.T) {
	t.Parallel()
	allowed := map[spool.State]map[string]spool.State{
		spool.Queued: {"send": spool.Sending, "hold": spool.Queued, "fail": spool.Failed, "expire": spool.Expired, "drop": spool.Dropped, "move": spool.Queued},
		spool.Sending: {
			"printed": spool.Printed, "unconfirmed": spool.SentUnconfirmed, "back": spool.Queued, "fail": spool.Failed, "cut": spool.Unknown,
		},
		spool.Printed: {}, spool.Dropped: {},
		spool.SentUnconfirmed: {"came out": spool.Printed, "again": spool.Queued},
		spool.Failed:          {"came out": spool.Printed, "again": spool.Queued, "drop": spool.Dropped, "move": spool.Failed},
		spool.Unknown:         {"came out": spool.Printed, "again": spool.Queued, "drop": spool.Dropped, "move": spool.Unknown},
		spool.Expired:         {"came out": spool.Printed, "again": spool.Queued, "drop": spool.Dropped, "move": spool.Expired},
	}
	db, clock := open(t)
	for from, way := range ways() {
		for name, step := range edges() {
			id := add(t, db, "bar", "document")
			for _, before := range way {
				if before == "expire" {
					clock.Advance(spool.Life)
				}
				if _, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return edges()[before](ctx, tx, id) }); err != nil {
					t.Fatalf("%s, on the way to %s: %v", before, from, err)
				}
			}
			if name == "expire" {
				clock.Advance(spool.Life)
			}
			got, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return step(ctx, tx, id) })
			want, ok := allowed[from][name]
			if !ok {
				want = from
			}
			if (err == nil) != ok || err != nil && !errors.Is(err, spool.ErrMoved) && fault.CodeOf(err) != "print.moved" {
				t.Errorf("%s of a job that is %s: %v, want allowed: %t", name, from, err, ok)
			}
			kept, err := spool.Get(t.Context(), db.Reader(), id)
			if err != nil || kept.State != want || got.ID != id || kept.ID != id {
				t.Errorf("%s of a job that was %s leaves it %s (%v), want %s", name, from, kept.State, err, want)
			}
		}
		drain(t, db)
	}
}

// drain drops whatever waits, so that the next test finds room.
func drain(t *testing.T, db *data.DB) {
	t.Helper()
	jobs, err := spool.Open(t.Context(), db.Reader(), "", spool.Limit)
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		if j.State == spool.Sending {
			_, _ = do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return spool.Back(ctx, tx, j.ID, "") })
		}
		if _, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return say(spool.Drop)(ctx, tx, j.ID) }); err != nil {
			t.Fatal(err)
		}
	}
}

func TestADrawerNeverAsks(t *testing.T) {
	t.Parallel()
	db, clock := open(t)
	for _, way := range [][]string{{"fail"}, {"send", "cut"}, {"expire"}, {"send", "fail"}} {
		id := add(t, db, "bar", spool.Drawer)
		for _, name := range way {
			if name == "expire" {
				clock.Advance(spool.DrawerLife)
			}
			if _, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return edges()[name](ctx, tx, id) }); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if j, err := spool.Get(t.Context(), db.Reader(), id); err != nil || j.State != spool.Dropped {
			t.Errorf("a drawer after %v is %s, %v; want dropped", way, j.State, err)
		}
	}
	id := add(t, db, "bar", spool.Drawer)
	if _, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return spool.Send(ctx, tx, id, "kitchen") }); fault.CodeOf(err) != "print.moved" {
		t.Errorf("another printer opens the drawer of this one: %v", err)
	}
	if _, found, err := spool.HeadPaper(t.Context(), db.Reader(), "bar"); found || err != nil {
		t.Errorf("a drawer is handed to another printer: %t, %v", found, err)
	}
}

func TestADrawerGoesBeforeThePaperThatWaits(t *testing.T) {
	t.Parallel()
	db, clock := open(t)
	first := add(t, db, "bar", "document")
	clock.Advance(time.Second)
	second := add(t, db, "bar", "document")
	add(t, db, "kitchen", "kitchen")
	drawer := add(t, db, "bar", spool.Drawer)
	for i, want := range []string{drawer, first, second} {
		j, found, err := spool.Head(t.Context(), db.Reader(), "bar")
		if err != nil || !found || j.ID != want {
			t.Fatalf("the head is %s (%t, %v), want %s (%d)", j.ID, found, err, want, i)
		}
		if _, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return spool.Send(ctx, tx, j.ID, "bar") }); err != nil {
			t.Fatal(err)
		}
	}
	if _, found, err := spool.Head(t.Context(), db.Reader(), "bar"); found || err != nil {
		t.Errorf("something is left: %t, %v", found, err)
	}
	if _, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) {
		return spool.CutOff(ctx, tx, drawer, "printer.cut_off")
	}); err != nil {
		t.Error(err)
	}
}

// Two printers that want the same job: the write decides, and one of them gets it.
func TestAJobIsTakenByOnePrinterOnly(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	id := add(t, db, "kitchen", "kitchen")
	if j, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return spool.Send(ctx, tx, id, "bar") }); err != nil || j.CameOut != "bar" || j.Tries != 1 {
		t.Fatalf("the fallback takes it: %+v, %v", j, err)
	}
	if _, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return spool.Send(ctx, tx, id, "kitchen") }); fault.CodeOf(err) != "print.moved" {
		t.Errorf("its own printer takes it too: %v", err)
	}
	back, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) {
		return spool.Back(ctx, tx, id, "printer.busy")
	})
	if err != nil || back.CameOut != "" || back.Reason != "printer.busy" || back.ID != id {
		t.Errorf("put back: %+v, %v", back, err)
	}
	if again, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return spool.Send(ctx, tx, id, "kitchen") }); err != nil || again.Tries != 2 || again.CameOut != "" {
		t.Errorf("tried again: %+v, %v", again, err)
	}
}

// A new job is never taken for one that was there: what looks the same was asked for twice.
func TestTheSameRequestTwiceIsTwoJobs(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	first, second := add(t, db, "bar", "kitchen"), add(t, db, "bar", "kitchen")
	jobs, err := spool.Open(t.Context(), db.Reader(), "bar", 10)
	if err != nil || len(jobs) != 2 || first == second || jobs[0].ID != first || jobs[1].ID != second {
		t.Errorf("open: %v, %v", jobs, err)
	}
}

func TestAnOldJobIsNotTaken(t *testing.T) {
	t.Parallel()
	db, clock := open(t)
	id := add(t, db, "bar", "document")
	if _, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) {
		return spool.Hold(ctx, tx, id, "printer.unreachable")
	}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(spool.Life)
	if _, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return spool.Send(ctx, tx, id, "bar") }); fault.CodeOf(err) != "print.moved" {
		t.Errorf("a job of ten minutes ago comes out by itself: %v", err)
	}
	j, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) {
		return spool.Expire(ctx, tx, id, "printer.late")
	})
	if err != nil || j.State != spool.Expired || j.Reason != "printer.unreachable" || !j.State.Asks() {
		t.Fatalf("expired: %+v, %v", j, err)
	}
	clock.Jump(-time.Hour) // whoever corrects the date does not break it
	again, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) {
		return spool.Say(ctx, tx, id, spool.Again, "ana")
	})
	if err != nil || again.State != spool.Queued || again.Op != "ana" || !again.Expires.Equal(j.Created.Add(spool.Life)) {
		t.Errorf("again: %+v, %v", again, err)
	}
}

func TestAllOldJobsOfAPrinterEndTheirWaitAtOnce(t *testing.T) {
	t.Parallel()
	db, clock := open(t)
	paper, drawer, other := add(t, db, "bar", "document"), add(t, db, "bar", spool.Drawer), add(t, db, "kitchen", "document")
	clock.Advance(spool.Life)
	young := add(t, db, "bar", "document")
	n, err := do(t, db, func(ctx context.Context, tx *data.Tx) (int64, error) {
		return spool.ExpireAll(ctx, tx, "bar", "printer.late")
	})
	if err != nil || n != 2 {
		t.Fatalf("expired %d, %v; want 2", n, err)
	}
	for id, want := range map[string]spool.State{paper: spool.Expired, drawer: spool.Dropped, other: spool.Queued, young: spool.Queued} {
		if j, err := spool.Get(t.Context(), db.Reader(), id); err != nil || j.State != want {
			t.Errorf("a %s of %s is %s, %v; want %s", j.Kind, j.Printer, j.State, err, want)
		}
	}
}

func TestWhatWasBeingSentAtAStopIsUnknown(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	paper, drawer, waits := add(t, db, "bar", "document"), add(t, db, "bar", spool.Drawer), add(t, db, "bar", "document")
	for _, id := range []string{paper, drawer} {
		if _, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return spool.Send(ctx, tx, id, "bar") }); err != nil {
			t.Fatal(err)
		}
	}
	n, err := do(t, db, func(ctx context.Context, tx *data.Tx) (int64, error) {
		return spool.Restart(ctx, tx, "printer.restarted")
	})
	if err != nil || n != 2 {
		t.Fatalf("restart: %d, %v; want 2", n, err)
	}
	for id, want := range map[string]spool.State{paper: spool.Unknown, drawer: spool.Dropped, waits: spool.Queued} {
		if j, err := spool.Get(t.Context(), db.Reader(), id); err != nil || j.State != want {
			t.Errorf("after a restart %s is %s, %v; want %s", j.Kind, j.State, err, want)
		}
	}
}

func TestAnAnswerThatIsNoneAndAJobThatIsNotThereAreRefused(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	id := add(t, db, "bar", "document")
	_, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) {
		return spool.Say(ctx, tx, id, "perhaps", "ana")
	})
	if fault.CodeOf(err) != "print.answer" {
		t.Errorf("an answer that is none: %v", err)
	}
	for name, step := range edges() {
		if _, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return step(ctx, tx, "nothing") }); fault.CodeOf(err) != "print.no_job" {
			t.Errorf("%s of a job that is not there: %v", name, err)
		}
	}
}

func TestAFullQueueRefusesTheNewJob(t *testing.T) {
	t.Parallel()
	db, _ := open(t)
	_, err := do(t, db, func(ctx context.Context, tx *data.Tx) (int, error) {
		for i := range spool.Limit {
			if _, err := spool.Add(ctx, tx, spool.Request{Printer: fmt.Sprint("p", i%3), Kind: "document", Body: i}); err != nil {
				return i, err
			}
		}
		return spool.Limit, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = do(t, db, func(ctx context.Context, tx *data.Tx) (string, error) {
		return spool.Add(ctx, tx, spool.Request{Printer: "p0", Kind: "document"})
	})
	if fault.CodeOf(err) != "print.full" {
		t.Errorf("one too many: %v", err)
	}
	counts, err := spool.Counts(t.Context(), db.Reader())
	if err != nil || len(counts) != 3 || counts[0] != (spool.Count{Printer: "p0", State: spool.Queued, Jobs: 167}) {
		t.Errorf("counts: %v, %v", counts, err)
	}
}

func TestWhatIsLongOverIsForgotten(t *testing.T) {
	t.Parallel()
	db, clock := open(t)
	ids := make(map[spool.State]string)
	for state, way := range ways() {
		id := add(t, db, "bar", "document")
		for _, name := range way {
			if name == "expire" {
				clock.Advance(spool.Life)
			}
			if _, err := do(t, db, func(ctx context.Context, tx *data.Tx) (spool.Job, error) { return edges()[name](ctx, tx, id) }); err != nil {
				t.Fatal(err)
			}
		}
		ids[state] = id
	}
	prune := func() {
		t.Helper()
		if more, err := do(t, db, spool.Prune); err != nil || more {
			t.Fatalf("prune: %t, %v", more, err)
		}
	}
	prune()
	clock.Advance(spool.Kept + time.Hour)
	prune()
	for state, id := range ids {
		want := state
		switch {
		case state.Asks():
			want = spool.Dropped // nobody has answered for a month
		case slices.Contains([]spool.State{spool.Printed, spool.SentUnconfirmed, spool.Dropped}, state):
			want = ""
		}
		j, err := spool.Get(t.Context(), db.Reader(), id)
		if j.State != want || (err == nil) != (want != "") {
			t.Errorf("a month later what was %q is %q, %v; want %q", state, j.State, err, want)
		}
	}
}
