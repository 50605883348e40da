package loyalty

import (
	"context"
	"strings"
	"testing"

	"comptoir/data"
	"comptoir/data/datatest"
)

// Every statement here is what a bad program or a bad disk could leave; the check of that name must see it.
// ANNA has nine stamps, BERT two, of which one was moved from her and one was reversed; CLEO is merged into BERT.
func TestChecksSeeDamage(t *testing.T) {
	for name, c := range map[string]struct{ check, damage, says string }{
		"a stamp is missing from the middle of its unit": {
			"I1", `DELETE FROM stamps WHERE unit = '1.1.10' AND nth = 2`, "unit 1.1.10 has number 3 after 1"},
		"a unit was given twice": {
			"I1", `DELETE FROM stamps WHERE unit = '1.1.10' AND nth = 2`, "unit 1.1.10 sums to 2 at number 3"},
		"a unit was only taken": {
			"I1", `DELETE FROM stamps WHERE unit = '2.1.2' AND nth = 1`, "unit 2.1.2 sums to -1"},
		"a stamp was taken from somebody else": {
			"I1", `UPDATE stamps SET account = 'ANNA' WHERE unit = '2.1.2' AND nth = 2`, `takes from account ANNA what account "BERT" has`},
		"an account has lost more than it had": {
			"I3", `UPDATE stamps SET account = 'CLEO' WHERE unit = '2.1.2' AND nth = 2`, "account CLEO sums to -1"},
		"a stamp was given without reconciling": {
			"I4", `DELETE FROM stamps WHERE unit = '1.1.1'`, "account ANNA: 8 stamps earn 0 releases, 0 are irrevocable, but 1 are in force"},
		"a release came from nowhere": {
			"I4", `INSERT INTO items VALUES ('rel:BERT:1', 'meal', 'LOYALTY', 0, 0, 'BERT', 1, 1); INSERT INTO shelf VALUES ('rel:BERT:1', 'meal', 'LOYALTY', 'AVAILABLE', 9)`,
			"account BERT: 2 stamps earn 0 releases"},
		"an advance that could be taken back": {
			"I5", `DELETE FROM stamps WHERE unit = '1.1.1'`, "account ANNA: an advance of 1 with 1 releases in force, 0 of them irrevocable"},
		"a release was forgotten": {
			"I5", `UPDATE shelf SET state = 'RETRACTED'`, "account ANNA: an advance of -1"},
		"fewer releases than earned": {
			"I7", `UPDATE shelf SET state = 'RETRACTED'`, "0 releases in force, but 1 earned and 0 advanced"},
		"a release of nobody": {
			"I7", `INSERT INTO items VALUES ('rel:DORA:1', 'meal', 'LOYALTY', 0, 0, 'DORA', 1, 1); INSERT INTO shelf VALUES ('rel:DORA:1', 'meal', 'LOYALTY', 'AVAILABLE', 9)`,
			"1 releases in force name account DORA, which does not exist"},
		"an account points elsewhere": {
			"merges", `UPDATE accounts SET root = 'ANNA' WHERE id = 'CLEO'`, "the root of CLEO is ANNA, the merges say BERT"},
		"a merge was forgotten": {
			"merges", `DELETE FROM merges`, "the root of CLEO is BERT, the merges say CLEO"},
		"merges run in a circle": {
			"merges", `INSERT INTO merges VALUES ('BERT', 'CLEO', 1)`, "account BERT runs in a circle"},
		"a dead card lives": {
			"merges", `UPDATE cards SET state = 'ACTIVE'`, "is alive on account CLEO, which was merged away"},
		"a number that no one could type": {
			"card numbers", `UPDATE cards SET number = '123456789' WHERE account = 'ANNA'`, "number 123456789 does not end with its check digit"},
	} {
		t.Run(name, func(t *testing.T) {
			h := &house{t: t, db: datatest.Open(t), units: map[string][]string{}} // without our checks: the damage is the point
			people := annaBertAndCleo(h)
			if got := run(t, h.db, ""); got != nil {
				t.Fatalf("before the damage: %q", got)
			}
			damage(t, h.db, people.Replace(c.damage))
			found := strings.Join(run(t, h.db, c.check), "\n")
			if says := people.Replace(c.says); !strings.Contains(found, says) {
				t.Errorf("check %s says\n%s\nwant %s", c.check, found, says)
			}
		})
	}
}

// annaBertAndCleo sets the scene and returns what puts account ids in the place of names.
func annaBertAndCleo(h *house) *strings.Replacer {
	h.t.Helper()
	anna, bert, cleo := h.card().Account, h.card().Account, h.card().Account
	h.pay(anna, 10)
	h.pay(bert, 2)
	h.move(bert, "1.1.10")
	h.reverse("2.1.2")
	h.merge(cleo, bert)
	return strings.NewReplacer("ANNA", anna, "BERT", bert, "CLEO", cleo)
}

// damage runs statements past every guard.
func damage(t *testing.T, db *data.DB, statements string) {
	t.Helper()
	err := db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) error {
		guards, err := data.All(ctx, tx, func(r *data.Rows) (s string, err error) { return s, r.Scan(&s) },
			`SELECT 'DROP TRIGGER ' || name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN ('stamps', 'merges')`)
		if err != nil {
			return err
		}
		for _, s := range append(guards, strings.Split(statements, ";")...) {
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

func TestTheTablesThemselvesRefuseDamage(t *testing.T) {
	h := open(t)
	people := annaBertAndCleo(h)
	for statement, says := range map[string]string{
		`UPDATE stamps SET day = '2026-01-01'`: "append-only",
		`DELETE FROM stamps`:                   "append-only",
		`UPDATE merges SET event = 9`:          "append-only",
		`DELETE FROM merges`:                   "append-only",
		`INSERT INTO stamps VALUES ('9.1.1', 2, 'ANNA', -1, 'REFUND', '2026-11-21', 1)`:                              "must follow",
		`INSERT INTO stamps VALUES ('9.1.1', 3, 'ANNA', 1, 'EARN', '2026-11-21', 1)`:                                 "must follow",
		`INSERT INTO stamps VALUES ('1.1.1', 2, 'BERT', -1, 'REFUND', '2026-11-21', 1)`:                              "must follow",
		`INSERT INTO stamps VALUES ('1.1.1', 1, 'BERT', 1, 'EARN', '2026-11-21', 1)`:                                 "must follow",
		`INSERT INTO stamps VALUES ('1.1.1', 2, 'ANNA', 1, 'EARN', '2026-11-21', 1)`:                                 "CHECK",
		`INSERT INTO stamps VALUES ('9.1.1', 1, 'ANNA', 1, 'REFUND', '2026-11-21', 1)`:                               "CHECK",
		`INSERT INTO stamps VALUES ('1.1.1', 2, 'ANNA', -1, 'EARN', '2026-11-21', 1)`:                                "CHECK",
		`INSERT INTO stamps VALUES ('9.1.1', 1, 'DORA', 1, 'EARN', '2026-11-21', 1)`:                                 "FOREIGN KEY",
		`INSERT INTO merges VALUES ('CLEO', 'ANNA', 1)`:                                                              "UNIQUE",
		`INSERT INTO merges VALUES ('ANNA', 'ANNA', 1)`:                                                              "CHECK",
		`UPDATE accounts SET root = 'DORA'`:                                                                          "FOREIGN KEY",
		`UPDATE cards SET number = '12345678X'`:                                                                      "CHECK",
		`INSERT OR REPLACE INTO stamps SELECT unit, nth, account, delta, 'GOODWILL', day, event FROM stamps LIMIT 1`: "must follow",
	} {
		err := command(h.db, func(ctx context.Context, tx *data.Tx) error {
			_, err := tx.Exec(ctx, people.Replace(statement))
			return err
		})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want a refusal that says %s", statement, err, says)
		}
	}
}
