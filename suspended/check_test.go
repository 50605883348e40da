package suspended

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"comptoir/data"
)

// Every statement here is what a bad program or a bad disk could leave; the check of that name must see it.
func TestChecksSeeDamage(t *testing.T) {
	for name, c := range map[string]struct{ check, damage, says string }{
		"a row of the ledger is missing": {
			"I8 every", `DELETE FROM item_events WHERE seq = 2`, "seq 3 follows 1"},
		"an event tells another story": {
			"I8 every", `UPDATE item_events SET became = 'RETRACTED' WHERE seq = 5`, `moves item gift:1.1.1 from "RESERVED" to "RETRACTED"`},
		"an event starts where the item is not": {
			"I8 every", `UPDATE item_events SET was = 'SERVED' WHERE seq = 4`, `it is "AVAILABLE"`},
		"more served than reserved": {
			"I8 every", `UPDATE item_events SET was = 'RESERVED', became = 'SERVED' WHERE seq = 4`, "class coffee counts -1 items RESERVED"},
		"an item without event": {
			"I8 every", `INSERT INTO items VALUES ('gift:8.1.1', 'coffee', 'PAID', 1, 0, '', 1, 1)`, "gift:8.1.1 has no event"},
		"an item of the house waits": {
			"I8 every", `INSERT INTO item_events SELECT 11, id, 'SERVED', 'AVAILABLE', 'UNDO', '2026-11-21', 9 FROM items WHERE origin = 'HOUSE'`, "is of the house and AVAILABLE"},
		"the shelf says available": {
			"I8 the shelf", `UPDATE shelf SET state = 'AVAILABLE' WHERE item = 'gift:1.1.1'`, "coffee PAID AVAILABLE since 1, the ledger says coffee PAID SERVED since 1"},
		"the shelf has lost an item": {
			"I8 the shelf", `DELETE FROM shelf WHERE item = 'gift:1.1.1'`, "gift:1.1.1 is missing"},
		"the shelf has another order": {
			"I8 the shelf", `UPDATE shelf SET created = 77 WHERE item = 'gift:1.1.2'`, "since 77"},
		"the shelf has an item of nowhere": {
			"I8 the shelf", `INSERT INTO items VALUES ('gift:4.4.4', 'coffee', 'PAID', 1, 0, '', 4, 1); INSERT INTO shelf VALUES ('gift:4.4.4', 'coffee', 'PAID', 'AVAILABLE', 4)`, "the ledger says nothing"},
		"an item of a fund that is not": {
			"I12", `UPDATE items SET origin = 'FUND' WHERE id = 'gift:1.1.2'`, "gift:1.1.2 is of origin FUND"},
		"a gift under a name that is not its own": {
			"I13", `UPDATE items SET nth = 9 WHERE id = 'gift:1.1.2'`, "gift:1.1.2 does not follow from its source"},
		"an item of the house of another event": {
			"I13", `UPDATE items SET event = 99 WHERE origin = 'HOUSE'`, "does not follow from its source"},
		"a release left out": {
			"I13", `UPDATE items SET id = 'rel:anna:3', nth = 3 WHERE id = 'rel:anna:1'; UPDATE item_events SET item = 'rel:anna:3' WHERE item = 'rel:anna:1'; UPDATE shelf SET item = 'rel:anna:3' WHERE item = 'rel:anna:1'`, "account anna has 1 releases, the last is number 3"},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t) // without our checks: the damage is the point
			give(t, db, Coffee, "1.1", 2)
			do(t, db, func(ctx context.Context, tx *data.Tx) error {
				_, err := Release(ctx, tx, "anna", Meal, 300)
				return err
			})
			serve(t, db, Coffee)
			serve(t, db, "meal")
			house(t, db)
			if got := run(t, db, ""); got != nil {
				t.Fatalf("before the damage: %q", got)
			}
			restore := damage(t, db, c.damage)
			found := run(t, db, c.check)
			if !strings.Contains(strings.Join(found, "\n"), c.says) {
				t.Errorf("check %s says %q, want %q", c.check, found, c.says)
			}
			restore()
		})
	}
}

// house serves one item of the house beside a shelf that is not empty.
func house(t *testing.T, db *data.DB) {
	t.Helper()
	if it := serve(t, db, Meal); it.Origin != House {
		t.Fatalf("served %+v, want an item of the house", it)
	}
}

// damage runs statements past every guard, and returns how to make the file whole enough for the end of the test.
func damage(t *testing.T, db *data.DB, statements string) (restore func()) {
	t.Helper()
	write := func(statements ...string) {
		t.Helper()
		err := db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
			for _, s := range statements {
				if _, err := tx.Exec(ctx, s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatalf("damage: %v", err)
		}
	}
	for _, trigger := range []string{"items_keep_update", "items_keep_delete", "item_events_keep_update", "item_events_keep_delete"} {
		write(`DROP TRIGGER ` + trigger)
	}
	write(append([]string{`PRAGMA defer_foreign_keys = ON`}, strings.Split(statements, ";")...)...)
	return func() { write(`DELETE FROM shelf`, `DELETE FROM item_events`, `DELETE FROM items`) }
}

// run returns what the checks whose name begins so have to say.
func run(t *testing.T, db *data.DB, name string) (said []string) {
	t.Helper()
	err := db.Snapshot(t.Context(), func(ctx context.Context, q data.Querier) error {
		for _, c := range Checks() {
			if !strings.HasPrefix(c.Name, name) {
				continue
			}
			found, err := c.Run(ctx, q)
			if err != nil {
				return err
			}
			said = append(said, found...)
		}
		return nil
	})
	if err != nil {
		t.Fatalf("check: %v", err)
	}
	return said
}

func TestTheLedgersRefuseToBeChanged(t *testing.T) {
	db := open(t, Checks()...)
	give(t, db, Coffee, "1.1", 1)
	for _, statement := range []string{
		`UPDATE items SET funded = 1`, `DELETE FROM items`,
		`UPDATE item_events SET cause = 'NONE'`, `DELETE FROM item_events`,
	} {
		err := try(db, func(ctx context.Context, tx *data.Tx) error { _, err := tx.Exec(ctx, statement); return err })
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: got %v, want a refusal", statement, err)
		}
	}
}

func TestI16NoColumnHasRoomForAGuest(t *testing.T) {
	db := open(t)
	want := map[string][]string{
		"items":       {"id", "class", "origin", "funded", "cost", "account", "nth", "event"},
		"item_events": {"seq", "item", "was", "became", "cause", "day", "event"},
		"shelf":       {"item", "class", "origin", "state", "created"},
	}
	for table, columns := range want {
		got, err := data.All(t.Context(), db.Reader(), scanID, `SELECT name FROM pragma_table_info(?) ORDER BY cid`, table)
		if diff := cmp.Diff(columns, got); err != nil || diff != "" {
			t.Errorf("columns of %s (-want +got): %v\n%s", table, err, diff)
		}
	}
	for _, cause := range []string{"asked by Paul", "asked", "", strings.Repeat("A", 17)} {
		give := func(ctx context.Context, tx *data.Tx) error {
			_, err := create(ctx, tx, Item{ID: "gift:1.1.1", Class: Coffee, Origin: Paid, Funded: 1}, 1, Cause(cause))
			return err
		}
		if err := try(db, give); err == nil {
			t.Errorf("the cause %q was written down", cause)
		}
	}
}
