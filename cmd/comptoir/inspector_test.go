package main

import (
	"testing"

	"comptoir/receipts/journal"
)

func TestTheInspectorFindsAJournalOfEveryKindConform(t *testing.T) {
	t.Parallel()
	c := everyKind(t)
	db := openFile(t, c.dir, c.clock)
	defer func() { _ = db.Close() }()
	head, err := journal.ReadHead(c.dir)
	if err != nil {
		t.Fatal(err)
	}
	report := verifyFile(t, db, journal.VerifyOptions{Full: true, Head: &head})
	for _, a := range report.Anomalies {
		t.Errorf("comptoir verify: entry %d: %s: %s", a.Seq, a.Check, a.Detail)
	}
	r := buildInspector(t).run("--anchor", c.dir+"/head", exportTo(t, db))
	for _, a := range r.Anomalies {
		t.Errorf("comptoir-verify: entry %v %s: %s: %s", a.Seq, a.Doc, a.Check, a.Detail)
	}
	if r.Inputs[0].Entries != report.Entries || r.code != 3 || len(r.Warnings) == 0 {
		t.Errorf("%d entries of %d, exit %d, warnings %v", r.Inputs[0].Entries, report.Entries, r.code, r.Warnings)
	}
	for _, check := range r.Checks {
		if check.Unchecked != "" {
			t.Errorf("%s: not checked: %s", check.Check, check.Unchecked)
		}
	}
}
