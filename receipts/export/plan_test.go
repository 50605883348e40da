package export_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"comptoir/data/fault"
	"comptoir/receipts/export"
)

func TestAPlanIsRefusedWithEveryFieldThatCannotStand(t *testing.T) {
	t.Parallel()
	p := export.DefaultPlan()
	p.Journal = export.Account{Number: "CAISSE", Label: ""}
	p.Suspended = "sometimes"
	p.Accounts["drawer"] = export.Account{Number: "58a", Label: "Virements"}
	p.Accounts["means.CASH"] = export.Account{Number: "53", Label: strings.Repeat("x", 61)}
	p.Accounts["means.CARD"] = export.Account{Number: "9120", Label: "咖啡"}
	p.Accounts["waiting"] = export.Account{Number: "471", Label: "a\tb"}
	_, err := p.Check()
	e, ok := fault.As(err)
	if !ok || e.Code != "accounting.invalid" {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, f := range e.Fields {
		got[f.Name] = f.Code
	}
	want := map[string]string{
		"journal.number": "journal_code", "journal.label": "required", "suspended": "one_of", "accounts.drawer.number": "account", "accounts.means.CASH.number": "account",
		"accounts.means.CASH.label": "too_long", "accounts.means.CARD.number": "account", "accounts.means.CARD.label": "latin", "accounts.waiting.label": "control",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("(-want +got):\n" + diff)
	}
}

func TestAPlanIsCleaned(t *testing.T) {
	t.Parallel()
	p := export.DefaultPlan()
	p.Journal.Number = " ca "
	p.Accounts["drawer"] = export.Account{Number: "58 01", Label: "  Virements   internes – « banque » "}
	clean, err := p.Check()
	if err != nil {
		t.Fatal(err)
	}
	if a := clean.Accounts["drawer"]; a.Number != "5801" || a.Label != "Virements internes – « banque »" || clean.Journal.Number != "CA" {
		t.Errorf("%+v, %+v", a, clean.Journal)
	}
	if p.Accounts["drawer"].Number != "58 01" {
		t.Error("the plan that was given has changed")
	}
}

func TestTheDefaultPlanStands(t *testing.T) {
	t.Parallel()
	p, err := export.DefaultPlan().Check()
	if err != nil || !p.Equal(export.DefaultPlan()) {
		t.Error(err)
	}
}

func TestAChangeOfThePlanTellsOldAndNew(t *testing.T) {
	t.Parallel()
	to, err := export.DefaultPlan().Check()
	if err != nil {
		t.Fatal(err)
	}
	to.Accounts["drawer"] = export.Account{Number: "467", Label: "Autres"}
	to.Accounts["vat.210"] = export.Account{Number: "4457102", Label: "TVA 2,1 %"}
	to.OnDebits = true
	before, after := export.DefaultPlan().Changes(to)
	if diff := cmp.Diff(map[string]any{"accounts.drawer": "580 Virements internes", "accounts.vat.210": nil, "on_debits": false}, before); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]any{"accounts.drawer": "467 Autres", "accounts.vat.210": "4457102 TVA 2,1 %", "on_debits": true}, after); diff != "" {
		t.Error(diff)
	}
}

// The accountant's character set has no typographic signs: they are spelt, and never vanish (fiscal R108).
func TestR108LettersOutsideTheCharacterSetAreSpelt(t *testing.T) {
	t.Parallel()
	p := export.DefaultPlan()
	p.Journal.Label = "Œuvre “Łódź” – l’été… ﬁn €"
	if _, err := p.Check(); err != nil {
		t.Fatal(err)
	}
	f := made(t, export.FEC, "txt", input(month(p)))
	if got, want := lines(t, f)[0][1], `Œuvre "Lódz" - l'été... fin €`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, b := range f.Bytes {
		if b < ' ' && b != '\t' && b != '\r' && b != '\n' {
			t.Fatalf("a control character: %x", b)
		}
	}
}

// fiscal R105.
func TestR105PeriodsOfEReportingFollowTheRegime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		regime, day string
		want        []export.Period
	}{
		{"normal_monthly", "2026-11-21", []export.Period{{"2026-11-21", "2026-11-30", "2026-12-10"}, {"2026-11-11", "2026-11-20", "2026-11-30"}}},
		{"normal_monthly", "2026-03-10", []export.Period{{"2026-03-01", "2026-03-10", "2026-03-20"}, {"2026-02-21", "2026-02-28", "2026-03-10"}}},
		{"normal_quarterly", "2026-03-10", []export.Period{{"2026-03-01", "2026-03-31", "2026-04-10"}, {"2026-02-01", "2026-02-28", "2026-03-10"}}},
		{"simplified", "2027-01-01", []export.Period{{"2027-01-01", "2027-01-31", "2027-02-10"}, {"2026-12-01", "2026-12-31", "2027-01-10"}}},
		{"franchise", "2027-02-28", []export.Period{{"2027-01-01", "2027-02-28", "2027-03-10"}, {"2026-11-01", "2026-12-31", "2027-01-10"}}},
		{"exempt_association", "2026-11-21", nil},
		{"simplified", "soon", nil},
	} {
		if diff := cmp.Diff(c.want, export.ReportingPeriods(c.regime, c.day)); diff != "" {
			t.Errorf("%s on %s:\n%s", c.regime, c.day, diff)
		}
	}
}
