package receipts_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"comptoir/receipts"
)

// kitchenTickets are those of the golden files: a first order, what joined it and left it, all at once, and elsewhere.
func kitchenTickets() map[string]receipts.KitchenTicket {
	at := time.Date(2026, 11, 21, 12, 34, 56, 0, time.FixedZone("", 3600))
	first := receipts.KitchenTicket{Station: "cuisine", No: 42, Name: "Terrasse", Mode: "eat_in", At: at, Lines: []receipts.KitchenLine{
		{Qty: 2, Name: "Crème", Options: []string{"Lait d'avoine", "Double"}}, {Qty: 1, Name: "Plat du jour", Note: "sans sel"},
		{Qty: 12, Name: "Soupe de potimarron aux éclats de châtaigne et à l'huile de noisette"}}}
	added := first
	added.Lines = []receipts.KitchenLine{{Qty: 1, Name: "Plat du jour", Added: true}, {Qty: 3, Name: "Œuf cocotte", Added: true, Note: "1 sans crème"}}
	off := first
	off.Lines = []receipts.KitchenLine{{Qty: 1, Was: 2, Name: "Crème", Options: []string{"Lait d'avoine", "Double"}, Cancelled: true}, {Was: 1, Name: "Plat du jour", Cancelled: true}}
	mixed := first
	mixed.Mode, mixed.Renamed = "takeaway", true
	mixed.Lines = []receipts.KitchenLine{{Qty: 1, Name: "Tarte", Added: true}, {Was: 3, Name: "Crème", Cancelled: true},
		{Qty: 1, Name: "Plat du jour", Note: "sans gluten", Renoted: true}, {Qty: 1, Name: "Soupe", Renoted: true}}
	elsewhere := first
	elsewhere.Instead, elsewhere.Name, elsewhere.Lines = "Cuisine", "", first.Lines[:1]
	return map[string]receipts.KitchenTicket{"kitchen": first, "kitchen-added": added, "kitchen-cancelled": off, "kitchen-changed": mixed, "kitchen-elsewhere": elsewhere}
}

func TestKitchenTicketsOnBothPapers(t *testing.T) {
	for name, k := range kitchenTickets() {
		for _, width := range []int{receipts.Columns80, receipts.Columns58} {
			golden(t, fmt.Sprintf("%s.%d.txt", name, width), k.Text(width))
		}
	}
}

// A kitchen is never told silently, and never how many cents.
func TestAKitchenTicketSaysWhatHasChanged(t *testing.T) {
	all := kitchenTickets()
	for name, want := range map[string][]string{
		"kitchen":           {"CUISINE", "42", "Terrasse", "SUR PLACE", "12:34:56", "2 Crème", "+ Lait d'avoine", "Note : sans sel"},
		"kitchen-added":     {"*** SUITE ***", "1 Plat du jour"},
		"kitchen-cancelled": {"*** ANNULÉ ***", "ANNULÉ 1 Crème", "reste 1", "ANNULÉ 1 Plat du jour"},
		"kitchen-changed":   {"*** MODIFIÉ ***", "À EMPORTER", "SUITE 1 Tarte", "ANNULÉ 3 Crème", "NOTE CHANGÉE : sans gluten", "NOTE RETIRÉE"},
		"kitchen-elsewhere": {"*** Imprimé ici : CUISINE ne répond pas ***"},
	} {
		text := all[name].Text(48)
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in\n%s", name, w, text)
			}
		}
		if strings.ContainsAny(text, "€%") {
			t.Errorf("%s: a price in a kitchen:\n%s", name, text)
		}
	}
	renamed := all["kitchen"]
	renamed.Lines, renamed.Renamed = nil, true
	if text := renamed.Text(32); !strings.Contains(text, "MODIFIÉ") || !strings.Contains(text, "Terrasse") {
		t.Errorf("only another name:\n%s", text)
	}
}

func TestAKitchenTicketSurvivesItsJob(t *testing.T) {
	for name, k := range kitchenTickets() {
		b, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		var back receipts.KitchenTicket
		if err := json.Unmarshal(b, &back); err != nil {
			t.Fatal(err)
		}
		if back.Text(32) != k.Text(32) || !reflect.DeepEqual(back.Lines, k.Lines) {
			t.Errorf("%s: %+v came back as %+v", name, k, back)
		}
	}
}
