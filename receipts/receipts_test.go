package receipts_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"comptoir/data"
	"comptoir/data/datatest"
	"comptoir/data/fault"
	"comptoir/data/money"
	"comptoir/receipts"
	"comptoir/receipts/journal"
)

func TestADocumentIsReadFromTheJournal(t *testing.T) {
	db, dir := datatest.Open(t), t.TempDir()
	cfg := journal.Config{Dir: dir, Software: "comptoir/1.0.0"}
	if _, err := receipts.Load(t.Context(), db.Reader(), "T26-000001", receipts.Extra{}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("before the genesis: %v", err)
	}
	if err := journal.Found(t.Context(), db, cfg, journal.Identity{Name: "Café", SIRET: "12345678900012", VATRegime: "simplified", Demo: true}); err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(t.Context(), db, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	var e journal.Entry
	err = db.Write(t.Context(), func(ctx context.Context, tx *data.Tx) (err error) {
		e, err = j.Append(ctx, tx, journal.Draft{Kind: journal.KindTicket, Series: journal.SeriesTicket, Op: "ana", Body: lunch()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	d, err := receipts.Load(t.Context(), db.Reader(), e.Number, receipts.Extra{})
	if err != nil {
		t.Fatal(err)
	}
	sig := base64.RawURLEncoding.EncodeToString(e.Sig)
	if d.Extract != string([]byte{sig[2], sig[6], sig[12], sig[18]}) || d.Hash != fmt.Sprintf("%x", e.Hash)[:16] || !d.At.Equal(e.At) {
		t.Errorf("extract %q of %s, hash %s, at %v", d.Extract, sig, d.Hash, d.At)
	}
	if want := lunch().Total; d.Total != (receipts.Total{HT: want.HT, VAT: want.VAT, TTC: want.TTC}) || d.LineCount != 6 || len(d.Marks) != 1 {
		t.Errorf("total %+v, %d lines, marks %v", d.Total, d.LineCount, d.Marks)
	}
	for number, code := range map[string]string{"T26-000002": "journal.document", "T26-1": "journal.number"} {
		if _, err := receipts.Load(t.Context(), db.Reader(), number, receipts.Extra{}); fault.CodeOf(err) != code {
			t.Errorf("%s: %v, want %s", number, err, code)
		}
	}
}

func TestOnlyDocumentsAreRendered(t *testing.T) {
	e := entry(t, journal.KindCash, "", journal.CashBody{})
	if _, err := receipts.Render(e, genesis(), receipts.Extra{}); fault.CodeOf(err) != "document.kind" {
		t.Errorf("a cash entry: %v", err)
	}
	for name, canon := range map[string]string{"no entry": `{`, "another body": string(entry(t, journal.KindTicket, "T26-000001", note()).Canon)} {
		e := entry(t, journal.KindTicket, "T26-000001", lunch())
		e.Canon = []byte(canon)
		if _, err := receipts.Render(e, genesis(), receipts.Extra{}); fault.CodeOf(err) != "document.unreadable" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestAGuestsPaperIsThatOfAnyOtherG2 takes the amounts off the paper of someone who paid for one coffee: what is
// left is the paper of someone who was served one.
func TestAGuestsPaperIsThatOfAnyOtherG2(t *testing.T) {
	const number = "T26-000002" // the same on both: numbers differ between any two papers
	paid := render(t, entry(t, journal.KindTicket, number, coffee()), genesis(), receipts.Extra{})
	guest := render(t, entry(t, journal.KindSuspRedeem, number, served()), genesis(), receipts.Extra{})
	text := guest.Text(receipts.Columns80)
	for _, never := range []string{"suspendu", "offert", "PAID", "€", "0,00", "1,80", "coffee"} {
		if strings.Contains(text, never) {
			t.Errorf("%q on the paper of a guest:\n%s", never, text)
		}
	}
	var kept []string
	for l := range strings.SplitSeq(paid.Text(receipts.Columns80), "\n") {
		l = regexp.MustCompile(` +1,80 € A$`).ReplaceAllString(l, "")
		if !regexp.MustCompile(`\d,\d\d|^Taux`).MatchString(l) {
			kept = append(kept, l)
		}
	}
	without := strings.ReplaceAll(strings.Join(kept, "\n"), strings.Repeat(strings.Repeat("-", 42)+"\n", 2), "")
	if diff := cmp.Diff(without, text); diff != "" {
		t.Errorf("-paid, without its amounts +guest:\n%s", diff)
	}
	b, err := json.Marshal(guest)
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"PAID", "180", "coffee", "susp"} {
		if strings.Contains(string(b), never) {
			t.Errorf("%q in the data of a redemption: %s", never, b)
		}
	}
}

func TestANoteLooksNeitherPaidNorSigned(t *testing.T) {
	d := render(t, entry(t, journal.KindNotePrint, "N26-000003", note()), genesis(), receipts.Extra{})
	text := d.Text(receipts.Columns80)
	for _, must := range []string{"NOTE — NE VAUT PAS TICKET DE CAISSE\n", "document provisoire", "n° 2", "19,60 €", "Total HT                           17,82 €", "deux exemplaires"} {
		if !strings.Contains(text, must) {
			t.Errorf("no %q in\n%s", must, text)
		}
	}
	for _, never := range []string{"Signature", "Empreinte", "réglé", "Carte", "Espèces", "Rendu"} {
		if strings.Contains(text, never) {
			t.Errorf("%q in\n%s", never, text)
		}
	}
}

func TestFranchisePrintsItsMentionAndNoVATR87(t *testing.T) {
	d := documents(t)["franchise"]
	text := d.Text(receipts.Columns80)
	if !strings.Contains(text, "TVA non applicable, art. 293 B du CGI") || len(d.Taxes) > 0 || d.Lines[0].Mark != "" {
		t.Errorf("taxes %v, text\n%s", d.Taxes, text)
	}
	for _, never := range []string{"HT", "TTC", "Taux", "%"} {
		if strings.Contains(text, never) {
			t.Errorf("%q in\n%s", never, text)
		}
	}
}

// TestNoPaperPromisesWhatTheTillIsNot holds fiscal R4 and U9 over every document.
func TestNoPaperPromisesWhatTheTillIsNot(t *testing.T) {
	promise := regexp.MustCompile(`(?i)NF ?525|certifi|\bdons?\b|déductible|fiscal`)
	for name, d := range documents(t) {
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		if found := promise.FindString(d.Text(receipts.Columns58) + string(b)); found != "" {
			t.Errorf("%s says %q", name, found)
		}
	}
}

func TestATrainingPaperCarriesNoCodeThatLooksReal(t *testing.T) {
	d := documents(t)["training"]
	if d.ReceiptURL != "" || !strings.Contains(d.Text(receipts.Columns80), "SIMULATION — MODE ÉCOLE — FACTICE") {
		t.Errorf("url %q, text\n%s", d.ReceiptURL, d.Text(receipts.Columns80))
	}
}

func TestADuplicateIsTheOriginalButForItsMentionR38(t *testing.T) {
	e := entry(t, journal.KindTicket, "T26-000002", coffee())
	original := render(t, e, genesis(), receipts.Extra{}).Text(receipts.Columns58)
	copied := render(t, e, genesis(), receipts.Extra{Duplicate: 2}).Text(receipts.Columns58)
	const mention = "     *** DUPLICATA n° 2 ***\n"
	if n := strings.Count(copied, mention); n != 2 {
		t.Errorf("the mention stands %d times, want at the head and at the foot:\n%s", n, copied)
	}
	if diff := cmp.Diff(original, strings.ReplaceAll(copied, mention, "")); diff != "" {
		t.Errorf("-original +duplicate without its mention:\n%s", diff)
	}
}

func TestListsAreNeverNull(t *testing.T) {
	for name, d := range documents(t) {
		v := reflect.ValueOf(d)
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.Slice && f.IsNil() {
				t.Errorf("%s: %s is null", name, v.Type().Field(i).Name)
			}
		}
	}
}

// TestTextStaysOnThePaper renders entries far wilder than the journal accepts.
func TestTextStaysOnThePaper(t *testing.T) {
	words := rapid.OneOf(rapid.String(), rapid.StringMatching(`[A-Za-zé' ]{0,80}`), rapid.SampledFrom([]string{
		"\x1b@\x1dV\x00", "a\nb\tc", "\u202egnirts", "\u2028", "👩\u200d🍳", strings.Repeat("long", 40), ""}))
	amount := rapid.Custom(func(t *rapid.T) money.Cents {
		return money.Cents(rapid.OneOf(rapid.Int64(), rapid.Int64Range(-5000, 5000)).Draw(t, "amount"))
	})
	rapid.Check(t, func(rt *rapid.T) {
		id := genesis()
		id.Name, id.Address = words.Draw(rt, "name"), words.Draw(rt, "address")
		id.VATRegime = rapid.SampledFrom([]string{"normal_monthly", "franchise"}).Draw(rt, "regime")
		line := rapid.Custom(func(t *rapid.T) journal.Line {
			return journal.Line{Label: words.Draw(t, "label"), Qty: rapid.Int64().Draw(t, "qty"), Unit: words.Draw(t, "unit"), Parent: rapid.IntRange(0, 3).Draw(t, "parent"),
				PU: amount.Draw(t, "pu"), Disc: amount.Draw(t, "disc"), TTC: amount.Draw(t, "ttc"), BP: money.BasisPoints(rapid.IntRange(0, 3).Draw(t, "bp")),
				K: rapid.SampledFrom([]string{journal.LineSale, journal.LineGift}).Draw(t, "k")}
		})
		rate := rapid.Custom(func(t *rapid.T) journal.Rate {
			return journal.Rate{BP: money.BasisPoints(rapid.Int64().Draw(t, "bp")), HT: amount.Draw(t, "ht"), VAT: amount.Draw(t, "vat"), TTC: amount.Draw(t, "ttc")}
		})
		b := journal.TicketBody{Mode: journal.Mode(words.Draw(rt, "mode")), Lines: rapid.SliceOfN(line, 0, 5).Draw(rt, "lines"), Rates: rapid.SliceOfN(rate, 0, 40).Draw(rt, "rates"),
			Total: journal.Total{TTC: amount.Draw(rt, "total"), HT: amount.Draw(rt, "total ht")}, NonTurnover: []journal.NonTurnover{{K: words.Draw(rt, "other"), Amt: amount.Draw(rt, "tip")}},
			Pay: []journal.Payment{{Means: journal.Means(words.Draw(rt, "means")), Amt: amount.Draw(rt, "amt"), Given: amount.Draw(rt, "given"), Change: amount.Draw(rt, "change")}}}
		e := entry(t, journal.KindTicket, "T26-000001", b)
		e.Sig = rapid.SliceOfN(rapid.Byte(), 0, 80).Draw(rt, "sig")
		d, err := receipts.Render(e, id, receipts.Extra{ReceiptURL: words.Draw(rt, "url")})
		if err != nil {
			rt.Fatal(err)
		}
		width := rapid.IntRange(-1, 60).Draw(rt, "width")
		text := d.Text(width)
		for l := range strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n") {
			if n := utf8.RuneCountInString(l); n > max(width, 24) {
				rt.Fatalf("%d characters on paper of %d: %q", n, width, l)
			}
			if i := strings.IndexFunc(l, func(r rune) bool { return unicode.IsControl(r) || !unicode.IsGraphic(r) }); i >= 0 {
				rt.Fatalf("a control character at %d of %q", i, l)
			}
		}
	})
}
