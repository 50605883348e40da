package data_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
)

func TestEventsAreNumberedWithoutGapAndCarryTheirCommand(t *testing.T) {
	clock := datatest.NewClock()
	db := datatest.Open(t, func(o *data.Options) { o.Clock = clock })
	for i := range 5 {
		clock.Advance(time.Hour)
		_, _, err := data.Do(t.Context(), db, data.NewCommand(fmt.Sprint("c", i)), func(ctx context.Context, tx *data.Tx) (int, error) {
			return i, sell(fmt.Sprint(i))(ctx, tx)
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = db.Write(t.Context(), then(sell(fmt.Sprint("refused", i)), refuse))
	}
	got, err := data.All(t.Context(), db.Reader(), func(r *data.Rows) (string, error) {
		var seq, epoch, at int64
		var cmd, day, kind, body string
		err := r.Scan(&seq, &epoch, &cmd, &at, &day, &kind, &body)
		return fmt.Sprint(seq, epoch, cmd, time.UnixMilli(at).UTC().Format(" 15:04 "), day, " ", kind, " ", body), err
	}, `SELECT seq, epoch, cmd, at, day, type, body FROM events ORDER BY seq`)
	want := []string{
		`1 1c0 09:00 2026-11-21 sold {"key":"0"}`, `2 1c1 10:00 2026-11-21 sold {"key":"1"}`,
		`3 1c2 11:00 2026-11-21 sold {"key":"2"}`, `4 1c3 12:00 2026-11-21 sold {"key":"3"}`,
		`5 1c4 13:00 2026-11-21 sold {"key":"4"}`,
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got\n%s\n%v; want\n%s", strings.Join(got, "\n"), err, strings.Join(want, "\n"))
	}
}

func TestTheChainGoesOnAfterARestart(t *testing.T) {
	dir := t.TempDir()
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			db := reopen(t, dir)
			mustWrite(t, db, sell(fmt.Sprint(i)))
			if seq, sum := db.EventHead(); seq != int64(i+1) || sum == [32]byte{} {
				t.Errorf("got head %d %x, want %d", seq, sum, i+1)
			}
		})
	}
}

func TestAClosureMayAskForItsSeqOnlyIfItRecords(t *testing.T) {
	db := datatest.Open(t)
	err := db.Write(t.Context(), then(put("a", ""), func(_ context.Context, tx *data.Tx) error {
		if got := tx.EventSeq(); got != 1 {
			t.Errorf("got seq %d, want 1", got)
		}
		return nil
	}))
	wantCode(t, err, "data.leak")
	wantKeys(t, db)
}

func TestOneCommandRecordsOneEvent(t *testing.T) {
	db := datatest.Open(t)
	twice := func(_ context.Context, tx *data.Tx) error {
		if err := tx.Record(data.Event{Type: "one"}); err != nil {
			return err
		}
		return tx.Record(data.Event{Type: "two"})
	}
	wantCode(t, db.Write(t.Context(), twice), "data.two_events")
	if n := number(t, db.Reader(), `SELECT count(*) FROM events`); n != 0 {
		t.Errorf("%d events remain", n)
	}
}

func TestTheEventLogRefusesToBeChanged(t *testing.T) {
	db := datatest.Open(t)
	mustWrite(t, db, sell("a"))
	for _, query := range []string{`UPDATE events SET body = '{}'`, `DELETE FROM events`, `REPLACE INTO events SELECT * FROM events`} {
		err := db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
			_, err := tx.Exec(ctx, query)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: got %v, want a refusal", query, err)
		}
	}
}

// damage changes the event log behind the kernel's back, with the trigger out of the way, and puts it back.
func damage(t *testing.T, db *data.DB, change string) {
	t.Helper()
	mustWrite(t, db, func(ctx context.Context, tx *data.Tx) error {
		for _, query := range []string{
			`DROP TRIGGER events_keep_update`, `DROP TRIGGER events_keep_delete`, change,
			`CREATE TRIGGER events_keep_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'append-only'); END`,
			`CREATE TRIGGER events_keep_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'append-only'); END`,
		} {
			if _, err := tx.Exec(ctx, query); err != nil {
				return fmt.Errorf("%s: %w", query, err)
			}
		}
		return nil
	})
}

func violations(t *testing.T, db *data.DB, name string) (found []string) {
	t.Helper()
	all, err := db.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.Check == name {
			found = append(found, v.Detail)
		}
	}
	return found
}

func TestCheckFindsEveryDamageToTheEventLog(t *testing.T) {
	columns := number(t, datatest.Open(t).Reader(), `SELECT count(*) FROM pragma_table_info('events')`)
	changes := map[string]string{
		"seq":   `UPDATE events SET seq = 99 WHERE seq = 5`,
		"epoch": `UPDATE events SET epoch = 2 WHERE seq = 3`,
		"cmd":   `UPDATE events SET cmd = 'other' WHERE seq = 3`,
		"at":    `UPDATE events SET at = at + 1 WHERE seq = 3`,
		"day":   `UPDATE events SET day = '2026-11-22' WHERE seq = 3`,
		"type":  `UPDATE events SET type = 'solD' WHERE seq = 3`,
		"body":  `UPDATE events SET body = '{"key": "2"}' WHERE seq = 3`,
		"hash":  `UPDATE events SET hash = randomblob(32) WHERE seq = 3`,
	}
	if int64(len(changes)) != columns {
		t.Errorf("%d columns are tried of %d", len(changes), columns)
	}
	changes["a row taken out"] = `DELETE FROM events WHERE seq = 3`
	changes["the first row taken out"] = `DELETE FROM events WHERE seq = 1`
	changes["two bodies exchanged"] = `UPDATE events SET body = (SELECT body FROM events o WHERE o.seq = 7 - events.seq) WHERE seq IN (3, 4)`
	changes["text moved over a border"] = `UPDATE events SET cmd = 's', type = 'old' WHERE seq = 3`
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			db := start(t, t.TempDir())
			for i := range 5 {
				mustWrite(t, db, sell(fmt.Sprint(i)))
			}
			if found := violations(t, db, "event log"); len(found) != 0 {
				t.Fatalf("before: %q", found)
			}
			damage(t, db, change)
			found := violations(t, db, "event log")
			if len(found) == 0 {
				t.Error("Check finds nothing")
			}
			for _, v := range found {
				if !strings.Contains(v, "seq") {
					t.Errorf("%q names no row", v)
				}
			}
		})
	}
}

func TestCheckSurvivesAHashOfTheWrongLength(t *testing.T) {
	db := start(t, t.TempDir())
	mustWrite(t, db, sell("a"))
	mustWrite(t, db, func(ctx context.Context, tx *data.Tx) error {
		_, err := tx.Exec(ctx, `PRAGMA ignore_check_constraints = ON`)
		return err
	})
	damage(t, db, `UPDATE events SET hash = x'00'`)
	if found := violations(t, db, "event log"); len(found) != 1 {
		t.Errorf("got %q, want one violation", found)
	}
}

func TestCheckFindsACommandWithTwoEvents(t *testing.T) {
	db := start(t, t.TempDir())
	mustWrite(t, db, sell("a"))
	mustWrite(t, db, sell("b"))
	damage(t, db, `UPDATE events SET cmd = 'twice'`)
	if found := violations(t, db, "I13 one command, one event"); len(found) != 1 {
		t.Errorf("got %q, want one violation", found)
	}
}

func TestCheckRunsWhatPackagesRegistered(t *testing.T) {
	db := start(t, t.TempDir())
	db.RegisterCheck(data.Check{Name: "no key is bad", Run: func(ctx context.Context, q data.Querier) ([]string, error) {
		return data.All(ctx, q, func(r *data.Rows) (s string, err error) { err = r.Scan(&s); return s, err },
			`SELECT key FROM meta WHERE key LIKE 'bad%' ORDER BY key`)
	}})
	mustWrite(t, db, then(put("bad1", ""), put("good", ""), put("bad2", "")))
	if got, want := violations(t, db, "no key is bad"), []string{"bad1", "bad2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestListenersAreToldAfterTheCommitInItsOrder(t *testing.T) {
	db := datatest.Open(t)
	var heard []string
	db.OnCommit(func(events []data.Event) {
		for _, e := range events {
			heard = append(heard, fmt.Sprint(e.Seq, e.Topics))
			if number(t, db.Reader(), `SELECT count(*) FROM meta WHERE key = ?`, e.Topics[0]) != 1 {
				t.Errorf("event %d is told before its row can be read", e.Seq)
			}
		}
	})
	mustWrite(t, db, sell("first"))
	mustWrite(t, db, put("silent", ""))
	together(t, db, sell("a"), then(sell("refused"), refuse), sell("b"), sell("c"))
	if want := []string{"1 [first]", "2 [a]", "3 [b]", "4 [c]"}; !slices.Equal(heard, want) {
		t.Errorf("got %q, want %q", heard, want)
	}
}

func TestAListenerIsNotToldOfWhatIsLost(t *testing.T) {
	var faults datatest.FailAt
	db := datatest.Open(t, func(o *data.Options) { o.Fault = faults.Fault })
	told := 0
	db.OnCommit(func(events []data.Event) { told += len(events) })
	faults.Arm(1, "commit")
	wantCode(t, db.Write(t.Context(), sell("a")), "data.unknown")
	if told != 0 {
		t.Errorf("told of %d events, want none", told)
	}
}

func TestAListenerThatPanicsHarmsNobody(t *testing.T) {
	db := datatest.Open(t)
	told := 0
	db.OnCommit(func([]data.Event) { panic("no") })
	db.OnCommit(func(events []data.Event) { told += len(events) })
	mustWrite(t, db, sell("a"))
	mustWrite(t, db, sell("b"))
	if told != 2 {
		t.Errorf("the other listener was told of %d events, want 2", told)
	}
}

func TestADividedClosureRecordsTwoEventsThatNothingJoins(t *testing.T) {
	db := datatest.Open(t)
	var told []string
	db.OnCommit(func(events []data.Event) {
		for _, e := range events {
			told = append(told, e.Type)
		}
	})
	_, _, err := data.Do(t.Context(), db, data.NewCommand("both"), func(ctx context.Context, tx *data.Tx) (int, error) {
		first := tx.EventSeq()
		if err := tx.Divide(ctx); fault.CodeOf(err) != "data.divide" {
			t.Errorf("divided before anything was recorded: %v", err)
		}
		if err := tx.Record(data.Event{Type: "before"}); err != nil {
			return 0, err
		}
		if err := tx.Divide(ctx); err != nil {
			return 0, err
		}
		if second := tx.EventSeq(); second != first+1 || tx.Command() != "" {
			t.Errorf("after the division: event %d after %d, command %q", second, first, tx.Command())
		}
		if err := tx.Record(data.Event{Type: "after"}); err != nil {
			return 0, err
		}
		if err := tx.Divide(ctx); fault.CodeOf(err) != "data.divide" {
			t.Errorf("divided twice: %v", err)
		}
		return 1, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := data.All(t.Context(), db.Reader(), func(r *data.Rows) (string, error) {
		var seq int64
		var cmd, kind string
		err := r.Scan(&seq, &cmd, &kind)
		return fmt.Sprint(seq, cmd, " ", kind), err
	}, `SELECT seq, cmd, type FROM events ORDER BY seq`)
	if want := []string{"1both before", "2 after"}; err != nil || !slices.Equal(rows, want) || !slices.Equal(told, []string{"before", "after"}) {
		t.Errorf("got %q, told %q, %v; want %q", rows, told, err, want)
	}
}

func TestADividedClosureThatFailsLeavesNothing(t *testing.T) {
	db := datatest.Open(t)
	err := db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		if err := errors.Join(tx.Record(data.Event{Type: "before"}), tx.Divide(ctx)); err != nil {
			return err
		}
		return errors.New("no")
	})
	seq, _ := db.EventHead()
	if err == nil || seq != 0 {
		t.Errorf("got head %d, %v", seq, err)
	}
	leak := db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		err := errors.Join(tx.Record(data.Event{Type: "before"}), tx.Divide(ctx))
		tx.EventSeq()
		return err
	})
	wantCode(t, leak, "data.leak")
}
