package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"comptoir/cmd/comptoir/internal/device"
	"comptoir/pos"
	"comptoir/receipts/spool"
)

// TestAPrinterIsSetUpByItsPages: by whoever manages, refused beside its field, its letters chosen by a tap.
func TestAPrinterIsSetUpByItsPages(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	says(t, c.page(pos.RoleManager, printersPath), "Aucune imprimante")
	form := url.Values{"command": {"set up"}, "name": {"Bar"}, "uri": {"imprimante"}, "profile": {"58"}}
	refused := c.form(pos.RoleManager, printersPath, form)
	if refused.status != http.StatusUnprocessableEntity {
		t.Errorf("no address: %d", refused.status)
	}
	says(t, string(refused.body), `value="imprimante"`, `id="uri-wrong"`, `value="Bar"`)
	form.Set("uri", "virtual:")
	if a := c.form(pos.RoleManager, printersPath, form); a.status != http.StatusSeeOther {
		t.Fatalf("set up: %d %s", a.status, a.body)
	}
	says(t, c.page(pos.RoleManager, printersPath+"/Bar"), "Page de test", `value="F"`, "Enlever")
	for _, step := range []struct {
		path   string
		fields url.Values
	}{
		{"/letter", url.Values{"command": {"letter"}, "letter": {"B"}}},
		{"/letter", url.Values{"command": {"code"}, "letter": {"picture"}}},
		{"/test", url.Values{"command": {"test"}}},
		{"/test", url.Values{"command": {"kick"}, "drawer": {"1"}}},
	} {
		if a := c.form(pos.RoleManager, printersPath+"/Bar"+step.path, step.fields); a.status != http.StatusSeeOther {
			t.Errorf("%s %v: %d %s", step.path, step.fields, a.status, a.body)
		}
	}
	p, err := c.till.PrinterNamed(t.Context(), "bar")
	if err != nil || p.Profile.Charmap != "cp858" || p.Profile.Page != 19 || p.Profile.QR || !p.Receipts {
		t.Errorf("%+v, %v", p, err)
	}
	if a := c.form(pos.RoleManager, printersPath+"/Bar/letter", url.Values{"command": {"no letter"}, "letter": {"Z"}}); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a letter that is none: %d", a.status)
	}
	save := url.Values{"command": {"save"}, "uri": {"tcp://192.168.1.50:9100"}, "profile": {"58"}, "receipts": {"1"}, "active": {"1"}, "pin": {"-1"}}
	if a := c.form(pos.RoleManager, printersPath+"/Bar", save); a.status != http.StatusSeeOther {
		t.Errorf("save: %d %s", a.status, a.body)
	}
	if p, err = c.till.PrinterNamed(t.Context(), "bar"); err != nil || p.HasDrawer() || p.Profile.Charmap != "cp858" {
		t.Errorf("what the test page found out stays: %+v, %v", p, err)
	}
	if a := c.form(pos.RoleManager, printersPath+"/Bar/remove", url.Values{"command": {"remove"}}); a.status != http.StatusSeeOther {
		t.Errorf("remove: %d", a.status)
	}
}

// TestAReceiptGoesToThePrinterAndItsPageFollows: a job instead of the browser's print, its state, and its answers.
func TestAReceiptGoesToThePrinterAndItsPageFollows(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	form := url.Values{"command": {"set up"}, "name": {"Comptoir"}, "uri": {"virtual:"}}
	if a := c.form(pos.RoleManager, printersPath, form); a.status != http.StatusSeeOther {
		t.Fatalf("set up: %d %s", a.status, a.body)
	}
	a := c.form(pos.RoleBarista, readingPath, url.Values{"command": {"reading"}})
	if a.status != http.StatusSeeOther {
		t.Fatalf("print: %d %s", a.status, a.body)
	}
	says(t, c.page(pos.RoleBarista, a.header.Get("Location")), "Lecture de la journée", "Attend l’imprimante « Comptoir »")
	says(t, c.page(pos.RoleBarista, printingPath), "En attente", "Lecture de la journée")
	jobs, err := c.till.PrintJobs(t.Context())
	if err != nil || len(jobs) != 1 {
		t.Fatalf("%+v, %v", jobs, err)
	}
	answer := url.Values{"command": {"answer"}, "answer": {string(spool.Drop)}, "next": {printingPath}}
	if a := c.form(pos.RoleBarista, printingPath+"/jobs/"+jobs[0].ID, answer); a.status != http.StatusSeeOther || a.header.Get("Location") != printingPath {
		t.Errorf("%d %s", a.status, a.header.Get("Location"))
	}
	answer.Set("command", "a second tap")
	if a := c.form(pos.RoleBarista, printingPath+"/jobs/"+jobs[0].ID, answer); a.status != http.StatusSeeOther {
		t.Errorf("somebody was faster: %d", a.status)
	}
	says(t, c.page(pos.RoleBarista, printingPath), "Rien n’attend")
}

// TestAJobBehindAnotherSaysWhyItWaits: only the first in the queue was told by its printer.
func TestAJobBehindAnotherSaysWhyItWaits(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	states := map[string]device.PrinterState{"Bar": {Name: "Bar", Code: device.CodePaperOut, Blocked: true}, "Salle": {Name: "Salle", Code: device.CodePaperOut, Blocked: true, Fallback: "Bar"}}
	l := c.web.catalogue.Choose("fr", "")
	waiting := func(printer string) jobView {
		return c.web.jobView(l, held(spool.Job{Printer: printer, Kind: pos.JobTest, State: spool.Queued}, states), "")
	}
	if v := waiting("Bar"); !strings.Contains(v.Says, "Plus de papier") || len(v.Answers) != 1 {
		t.Errorf("%+v", v)
	}
	for _, name := range []string{"Salle", "another"} { // it comes out elsewhere; nothing is known
		if v := waiting(name); len(v.Answers) != 0 {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// TestADemonstrationIsOfferedTheKitchensPrinterToo: one tap each, in any order, and tickets come out of the one of the kitchen.
func TestADemonstrationIsOfferedTheKitchensPrinterToo(t *testing.T) {
	t.Parallel()
	c := openKitchen(t)
	stations, err := c.till.KitchenStations(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	offered := func(stations []pos.KitchenStation) (names []string) {
		all, err := c.till.Printers(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, trial := range (base{Language: c.web.catalogue.Choose("fr", "")}).trials(all, stations) {
			names = append(names, trial.Name)
		}
		return names
	}
	if got := offered(stations); !slices.Equal(got, []string{"Comptoir", "Cuisine"}) {
		t.Errorf("of nothing: %v", got)
	}
	if got := offered(nil); !slices.Equal(got, []string{"Comptoir"}) {
		t.Errorf("of a café without stations: %v", got)
	}
	for _, form := range []url.Values{
		{"command": {"kitchen"}, "name": {"Cuisine"}, "uri": {"virtual:"}, "station": {"bar", "kitchen"}},
		{"command": {"counter"}, "name": {"Comptoir"}, "uri": {"virtual:"}, "receipts": {"1"}},
	} {
		if a := c.form(pos.RoleManager, printersPath, form); a.status != http.StatusSeeOther {
			t.Fatalf("%v: %d %s", form, a.status, a.body)
		}
	}
	if got := offered(stations); len(got) > 0 {
		t.Errorf("of both: %v", got)
	}
	kitchen, err := c.till.PrinterNamed(t.Context(), "Cuisine")
	if err != nil || kitchen.Receipts || kitchen.HasDrawer() || !slices.Equal(kitchen.Stations, []string{"bar", "kitchen"}) {
		t.Errorf("%+v, %v", kitchen, err)
	}
	counter, err := c.till.PrinterNamed(t.Context(), "Comptoir")
	if err != nil || !counter.Receipts || !counter.HasDrawer() || len(counter.Stations) > 0 {
		t.Errorf("%+v, %v", counter, err)
	}
	c.sellPlat()
	if jobs := c.get("/print-jobs"); text(t, jobs, "jobs.0.kind") != "kitchen" || text(t, jobs, "jobs.0.printer") != "Cuisine" {
		t.Errorf("%v", jobs)
	}
}
