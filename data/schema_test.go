package data_test

import (
	"path/filepath"
	"testing"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
)

func TestTheNewestSchemaIsTheOneWrittenDown(t *testing.T) {
	parts, err := data.MadeSchema(t.Context(), newest(t))
	if err != nil {
		t.Fatal(err)
	}
	if made := data.SchemaDigest(parts); made != data.NewestSchema {
		t.Errorf("newestSchema is %q, and the migrations make %q", data.NewestSchema, made)
	}
	db := datatest.Open(t)
	if err := data.CheckSchema(t.Context(), db.Reader()); err != nil {
		t.Error(err)
	}
}

// TestACopyWithTablesOrTriggersOfSomebodyElseIsRefused: whoever can write to a stick could add what changes money later.
func TestACopyWithTablesOrTriggersOfSomebodyElseIsRefused(t *testing.T) {
	db := datatest.Open(t)
	mustWrite(t, db, sell("a"))
	for name, tc := range map[string]struct {
		change []string
		found  string
	}{
		"nothing":              {nil, ""},
		"statistics":           {[]string{`ANALYZE`}, ""},
		"a trigger added":      {[]string{`CREATE TRIGGER t AFTER INSERT ON sale_lines BEGIN UPDATE products SET price = 1; END`}, "the trigger t on sale_lines is none of ours"},
		"a trigger gone":       {[]string{`DROP TRIGGER journal_keep_update`}, "the trigger journal_keep_update on journal is gone"},
		"a trigger weakened":   {[]string{`DROP TRIGGER journal_keep_update`, `CREATE TRIGGER journal_keep_update BEFORE UPDATE ON journal BEGIN SELECT 1; END`}, "the trigger journal_keep_update on journal is not as it was made"},
		"a trigger moved":      {[]string{`DROP TRIGGER journal_keep_update`, `CREATE TRIGGER journal_keep_update BEFORE UPDATE ON meta BEGIN SELECT 1; END`}, "the trigger journal_keep_update on journal is gone"},
		"a view":               {[]string{`CREATE VIEW v AS SELECT 1`}, "the view v is none of ours"},
		"a view for a table":   {[]string{`ALTER TABLE prints RENAME TO p`, `CREATE VIEW prints AS SELECT * FROM p`}, "the table prints is gone"},
		"a table":              {[]string{`CREATE TABLE notes (n INTEGER)`}, "the table notes is none of ours"},
		"an index gone":        {[]string{`DROP INDEX accounts_root`}, "the index accounts_root on accounts is gone"},
		"a unique index added": {[]string{`CREATE UNIQUE INDEX one ON operators (pin)`}, "the index one on operators is none of ours"},
		"a column":             {[]string{`ALTER TABLE products ADD COLUMN more INTEGER`}, "the table products is not as it was made"},
		"a constraint gone":    {[]string{`PRAGMA writable_schema = 1`, `UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (price BETWEEN 0 AND 999999)', '') WHERE name = 'products'`}, "the table products is not as it was made"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			mustBackup(t, db, filepath.Join(dir, "till.db"))
			if len(tc.change) > 0 {
				foreign(t, dir, tc.change...)
			}
			_, err := data.CheckFile(t.Context(), filepath.Join(dir, "till.db"))
			if tc.found == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantCode(t, err, "data.schema")
			if f, _ := fault.As(err); f != nil && f.Args["found"] != tc.found {
				t.Errorf("found %q, want %q", f.Args["found"], tc.found)
			}
		})
	}
}
