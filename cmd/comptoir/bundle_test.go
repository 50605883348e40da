package main

import (
	"archive/zip"
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"comptoir/pos"
)

// canary is in every text that a person of the café types: nothing of it may leave with a bundle or stand in a log line.
const canary = "KANARI"

// canaryCafe is a café whose every text has the canary in it; secrets are its token, its card and the code of a receipt.
func canaryCafe(t *testing.T) (dir string, secrets []string) {
	t.Helper()
	dir = shortDir(t)
	must(t, "init", "--data", dir, "--name", "Café "+canary, "--siret", "73282932000074", "--address", canary+" quai", "--vat-regime", "franchise", "--manager-name", canary+" Marie", "--manager-pin", "4321")
	must(t, "menu", "import", "--data", dir, write(t, "menu.csv", []byte("name,category,price_cents,vat_eat_in_bp,vat_takeaway_bp\n"+canary+" thé,"+canary+" chaud,250,1000,550\n")))
	must(t, "staff", "add", "--data", dir, "--name", canary+" Awa", "--role", "barista", "--pin", "8642")
	return dir, []string{strings.TrimSpace(must(t, "token", "create", "--data", dir, "--role", "manager", "--name", canary+" Bot"))}
}

// A café full of names, notes, cards and refusals is served, then bundled: the bundle says how the till is, and nothing of any
// of them; neither does a line of its log.
func TestASupportBundleAndTheLogNameNobody(t *testing.T) {
	t.Parallel()
	dir, secrets := canaryCafe(t)
	var log bytes.Buffer
	m := &Main{Config: pos.Config{Dir: filepath.Join(dir, liveFolder)}, Listen: "127.0.0.1:0", Public: "127.0.0.1:0", Log: slog.New(newRecent(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))}
	if err := m.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, livelyMorning(t, m, secrets[0])...)
	out := filepath.Join(t.TempDir(), "bundle.zip")
	must(t, "support-bundle", "--data", dir, "--out", out)
	if code, _, _ := comptoir(t, "support-bundle", "--data", dir, "--out", out); code == exitOK {
		t.Error("a file that was there was overwritten")
	}
	if err := m.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(dir, liveFolder, "keys", "k1.pem"))
	if err != nil {
		t.Fatal(err)
	}
	secrets = append(secrets, canary, "4321", "8642", "1357", strings.Split(string(key), "\n")[1])
	z, err := zip.OpenReader(out)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	all := map[string]string{"the log": log.String()}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(text)
	}
	for _, name := range []string{"about.json", "files.json", "cafe.json", "service.json", "metrics.txt", "log.txt"} {
		if len(all[name]) < 40 {
			t.Errorf("%s says %q", name, all[name])
		}
	}
	if !strings.Contains(all["cafe.json"], `"journal_conform": true`) || !strings.Contains(all["log.txt"], "route=") || !strings.Contains(all["service.json"], `"journal"`) {
		t.Errorf("the bundle does not say how the till is: %s", all["cafe.json"])
	}
	for name, text := range all {
		for _, secret := range secrets {
			if len(secret) == 4 { // a PIN: as a value of its own; digits are in every hash
				secret = `"` + secret + `"`
			}
			if strings.Contains(strings.ToUpper(text), strings.ToUpper(secret)) {
				t.Errorf("%s says %q", name, secret)
			}
		}
	}
}

// livelyMorning does what leaves codes and texts behind, refusals too, and returns the codes.
func livelyMorning(t *testing.T, m *Main, token string) (codes []string) {
	t.Helper()
	ctx, api := t.Context(), newClient(m.StaffURL(), token, 1)
	defer api.close()
	if err := openShift(ctx, api, 0); err != nil {
		t.Fatal(err)
	}
	menu, err := menuByName(ctx, api)
	if err != nil {
		t.Fatal(err)
	}
	var card pos.CardIssued
	if err := api.post(ctx, "/cards", newCommandID(), struct{}{}, &card); err != nil {
		t.Fatal(err)
	}
	var sale pos.SaleResult
	for _, p := range menu {
		line := pos.LineRequest{Product: p.ID, Qty: 1, Kind: pos.LineSale, Options: []string{}, Note: canary + " sans sucre"}
		if err := api.post(ctx, "/sales", newCommandID(), pos.SellRequest{Mode: pos.EatIn, Lines: []pos.LineRequest{line}, Card: card.Code, Tenders: []pos.Tender{{Means: pos.Card, Amount: p.Price}}}, &sale); err != nil {
			t.Fatal(err)
		}
	}
	receipt := sale.ReceiptURL[strings.LastIndexByte(sale.ReceiptURL, '/')+1:]
	_ = api.post(ctx, "/session", newCommandID(), map[string]string{"operator": canary, "pin": "1357"}, nil)                                  // refused: a wrong PIN
	_ = api.post(ctx, "/cards/"+card.Code+"/claim", newCommandID(), map[string]string{"receipt_code": receipt}, nil)                          // refused: stamped already
	_ = api.post(ctx, "/sales/"+sale.ID+"/refund", newCommandID(), map[string]any{"lines": []any{}, "tender": canary, "reason": canary}, nil) // refused
	for _, path := range []string{"/C/" + card.Code, "/R/" + receipt, "/R/" + canary, "/C/" + canary + "?q=" + canary, "/" + canary} {
		for _, url := range []string{m.PublicURL(), m.StaffURL()} {
			request, err := http.NewRequestWithContext(ctx, http.MethodGet, url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Cookie", "comptoir_session="+canary)
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			if err := answer.Body.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	return []string{card.Code, card.Code[3:], receipt}
}

func TestABundleIsMadeOfACafeThatCannotBeOpened(t *testing.T) {
	t.Parallel()
	dir := newCafe(t)
	if err := os.WriteFile(filepath.Join(dir, liveFolder, "till.db"), bytes.Repeat([]byte("x"), 8192), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "bundle.zip")
	must(t, "support-bundle", "--data", dir, "--out", out)
}

func TestTheLastLinesAreKeptWithoutTheirCauses(t *testing.T) {
	log := slog.New(newRecent(slog.DiscardHandler))
	log.Warn("lost", "code", "x.y", "cause", canary) // a handler that takes no line is asked for none
	handler := newRecent(slog.NewTextHandler(t.Output(), nil))
	log = slog.New(handler)
	for i := range recentLines + 3 {
		log.Warn("line", "seq", i, "cause", canary)
	}
	all := recentOf(log)
	if len(all) != recentLines || !strings.HasSuffix(all[0], "seq=3") || strings.Contains(strings.Join(all, ""), canary) {
		t.Errorf("%d lines, the first %q", len(all), all[0])
	}
}
