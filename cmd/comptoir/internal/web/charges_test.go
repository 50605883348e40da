package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comptoir/cmd/comptoir/internal/device"
	"comptoir/pos"
)

// atTerminal is a till with a terminal that answers when the test says so.
type atTerminal struct {
	*cafe
	asked  chan device.Charge
	answer chan device.Answer
	cookie string
}

func openTerminal(t *testing.T) *atTerminal {
	t.Helper()
	c := &atTerminal{cafe: openCafe(t), asked: make(chan device.Charge, 4), answer: make(chan device.Answer, 4), cookie: terminalCookie + "=Comptoir"}
	c.ok(call{method: http.MethodPost, path: "/api/v1/terminals", role: pos.RoleManager, body: `{"name":"Comptoir","protocol":"caisse-ap","uri":"tcp://192.168.1.30:8888"}`})
	c.web.charges.ask = func(ctx context.Context, _ string, x device.Charge) device.Answer {
		c.asked <- x
		select {
		case a := <-c.answer:
			return a
		case <-ctx.Done():
			return device.Answer{Outcome: device.Unknown, Code: "terminal.interrupted"}
		}
	}
	t.Cleanup(c.web.charges.close)
	return c
}

// sends a form of this till.
func (c *atTerminal) sends(path string, fields url.Values) answer {
	c.tb.Helper()
	if fields.Get("command") == "" {
		fields.Set("command", c.key())
	}
	return c.do(call{method: http.MethodPost, path: path, body: fields.Encode(), key: "-",
		header: map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Cookie": c.cookie}})
}

// card presses the card of the payment page, and returns the address it leads to.
func (c *atTerminal) card(ticket string) string {
	c.tb.Helper()
	p := c.atPay("/pay/" + ticket)
	form := url.Values{"means": {"card"}, "amount": {p.hidden.Get("proposed")}}
	for name := range p.hidden {
		form.Set(name, p.hidden.Get(name))
	}
	return c.sends("/pay/"+ticket, form).leads(c.tb, "/charges/")
}

// ended waits until the answer of every charge is written.
func (c *atTerminal) ended() { c.web.charges.all.Wait() }

func idOf(link string) string {
	id, _, _ := strings.Cut(strings.TrimPrefix(link, "/charges/"), "?")
	return id
}

func TestTheCardButtonAsksTheTerminalAndLeadsToTheSale(t *testing.T) {
	c := openTerminal(t)
	ticket := c.order(`"product":"plat","qty":1`)
	link := c.card(ticket)
	says(t, c.page(pos.RoleBarista, link), "Présentez la carte", "11,90", "Comptoir", "touche rouge")
	if x := <-c.asked; x.Amount != 1190 || len(x.Ref) != 32 || x.Refund {
		t.Errorf("asked %+v", x)
	}
	c.answer <- device.Answer{Outcome: device.Approved, Amount: 1190, Authorisation: "166943"}
	c.ended()
	c.do(call{method: http.MethodGet, path: link}).leads(t, "/paid/")
	part := c.do(call{method: http.MethodGet, path: "/charges/" + idOf(link) + "/part", header: map[string]string{fragmentHeader: "charge"}})
	says(t, string(part.body), `data-go="/paid/`)
	if got := text(t, c.get("/charges/"+idOf(link)), "state"); got != "approved" {
		t.Errorf("state %s", got)
	}
}

func TestOneTapOnTheTillGoesTheSameWay(t *testing.T) {
	c := openTerminal(t)
	ticket := c.order(`"product":"cafe","qty":1`)
	tk := c.get("/tickets/" + ticket)
	args := `{"means":"card","given":0,"total":220,"rest":220,"version":` + text(t, tk, "version") + `}`
	tap := func() string {
		a := c.do(call{method: http.MethodPost, path: "/till/commands", key: "tap", header: map[string]string{fragmentHeader: "cart", "Cookie": c.cookie},
			body: `{"kind":"pay","ticket":"` + ticket + `","args":` + args + `}`})
		if a.status != http.StatusOK {
			t.Fatalf("%d %s", a.status, a.body)
		}
		return find(t, string(a.body), `data-leads="([^"]*)"`)
	}
	link := strings.ReplaceAll(tap(), "&amp;", "&")
	if again := strings.ReplaceAll(tap(), "&amp;", "&"); again != link { // the same tap once more
		t.Errorf("%s, then %s", link, again)
	}
	<-c.asked
	says(t, c.page(pos.RoleBarista, "/?ticket="+ticket), "Le terminal attend la carte", link[:strings.Index(link, "?")])
	c.answer <- device.Answer{Outcome: device.Approved, Amount: 220}
	c.ended()
	to := c.do(call{method: http.MethodGet, path: link}).leads(t, "/?sale=")
	says(t, c.page(pos.RoleBarista, to), "2,20", `id="paid"`)
	if len(c.asked) > 0 {
		t.Error("the terminal was asked twice")
	}
}

func TestWhatATerminalRefusesIsSaidAndCanBeTriedAgainOrPaidOtherwise(t *testing.T) {
	c := openTerminal(t)
	ticket := c.order(`"product":"cafe","qty":1`)
	link := c.card(ticket)
	c.answer <- device.Answer{Outcome: device.Declined, Code: "terminal.refused"}
	c.ended()
	says(t, c.page(pos.RoleBarista, link), "Rien n’a été payé", "La carte est refusée", "Réessayer la carte", "Payer autrement")
	link = c.sends("/charges/"+idOf(link)+"/again", url.Values{}).leads(t, "/charges/")
	c.answer <- device.Answer{Outcome: device.NotSent, Code: "terminal.unreachable"}
	c.ended()
	body := c.page(pos.RoleBarista, link)
	says(t, body, "Le terminal n’a rien reçu", "Saisir à la main")
	form := url.Values{"by_hand": {"1"}, "means": {"card"}, "amount": {"2,20"}}
	for _, name := range []string{"total", "version", "due"} {
		form.Set(name, find(t, body, `name="`+name+`" value="([^"]*)"`))
	}
	c.sends("/pay/"+ticket, form).leads(t, "/paid/")
	says(t, c.page(pos.RoleBarista, "/charges"), "La carte est refusée", "Pas demandé au terminal")
}

func TestAnUnknownPaymentIsAnsweredOnItsPage(t *testing.T) {
	c := openTerminal(t)
	ticket := c.order(`"product":"cafe","qty":1`)
	link := c.card(ticket)
	c.answer <- device.Answer{Outcome: device.Unknown, Code: "terminal.no_answer"}
	c.ended()
	says(t, c.page(pos.RoleBarista, link), "Regardez le terminal", "Oui, accepté", "Non, pas payé", "Je ne sais pas encore")
	says(t, c.page(pos.RoleBarista, "/pay/"+ticket), "acceptée ou non", link[:strings.Index(link+"?", "?")])
	alarm := c.do(call{method: http.MethodGet, path: "/till/alarm", header: map[string]string{fragmentHeader: "alarm"}})
	says(t, string(alarm.body), "Paiement par carte à vérifier", "2,20")
	wrong := c.sends("/charges/"+idOf(link)+"/answer", url.Values{"said": {"paid"}, "authorisation": {"12-34"}})
	if wrong.status != http.StatusUnprocessableEntity {
		t.Errorf("%d", wrong.status)
	}
	says(t, string(wrong.body), "20 lettres et chiffres", `value="12-34"`)
	to := c.sends("/charges/"+idOf(link)+"/answer", url.Values{"said": {"paid"}, "authorisation": {"166943"}}).leads(t, "/charges/")
	c.do(call{method: http.MethodGet, path: to}).leads(t, "/paid/")
}

func TestAPaymentSetApartLetsTheOrderBePaidOtherwise(t *testing.T) {
	c := openTerminal(t)
	ticket := c.order(`"product":"cafe","qty":1`)
	link := c.card(ticket)
	c.answer <- device.Answer{Outcome: device.Unknown}
	c.ended()
	c.sends("/charges/"+idOf(link)+"/answer", url.Values{"said": {"apart"}}).leads(t, "/pay/"+ticket)
	c.atPay("/pay/"+ticket).press(c.key(), means(pos.Cash)).leads(t, "/paid/")
	to := c.sends("/charges/"+idOf(link)+"/answer", url.Values{"said": {"paid"}}).leads(t, "/charges/")
	says(t, c.page(pos.RoleBarista, to), "2,20\u00a0€ de trop", "Rendez-les sur le terminal")
	c.sends("/charges/"+idOf(link)+"/answer", url.Values{"said": {"returned"}}).leads(t, "/charges")
	says(t, c.page(pos.RoleBarista, "/charges"), "Aucun paiement n’attend une réponse")
}

// TestAPartialApprovalIsSaid: the rest is paid on the order's page.
func TestAPartialApprovalIsSaid(t *testing.T) {
	c := openTerminal(t)
	ticket := c.order(`"product":"plat","qty":1`)
	link := c.card(ticket)
	c.answer <- device.Answer{Outcome: device.Approved, Amount: 500}
	c.ended()
	says(t, c.page(pos.RoleBarista, link), "5,00\u00a0€ payés par carte", "6,90\u00a0€ restent à payer")
	c.atPay("/pay/"+ticket).press(c.key(), means(pos.Cash)).leads(t, "/paid/")
}

// TestTheEndOfTheTillLeavesAChargeUnknown: nothing is asked again, and nothing begins any more.
func TestTheEndOfTheTillLeavesAChargeUnknown(t *testing.T) {
	c := openTerminal(t)
	link := c.card(c.order(`"product":"cafe","qty":1`))
	<-c.asked
	c.web.charges.close()
	if got := text(t, c.get("/charges/"+idOf(link)), "state"); got != "unknown" {
		t.Errorf("state %s", got)
	}
}

func TestATillWithoutATerminalTakesCardsByHand(t *testing.T) {
	c := openTerminal(t)
	c.atPay("/pay/"+c.order(`"product":"cafe","qty":1`)).press(c.key(), means(pos.Card)).leads(t, "/paid/")
	c.cookie = terminalCookie + "=Gone"
	p := c.atPay("/pay/" + c.order(`"product":"cafe","qty":1`))
	form := url.Values{"means": {"card"}, "amount": {p.hidden.Get("proposed")}}
	for name := range p.hidden {
		form.Set(name, p.hidden.Get(name))
	}
	c.sends(p.path, form).leads(t, "/paid/")
}

func TestTerminalsAreLinkedOnTheirPage(t *testing.T) {
	c := openTerminal(t)
	send := func(path string, fields url.Values) answer {
		fields.Set("command", c.key())
		return c.form(pos.RoleManager, path, fields)
	}
	to := send("/manage/terminals", url.Values{"name": {"Terrasse"}, "make": {"nepting"}, "uri": {"tcp://192.168.1.31:8888"}}).leads(t, "/manage/terminals/Terrasse")
	says(t, c.page(pos.RoleManager, to), "0320", "Nepting")
	bad := send("/manage/terminals", url.Values{"name": {""}, "make": {"concert"}, "uri": {"tcp://x:1"}})
	if bad.status != http.StatusUnprocessableEntity {
		t.Errorf("%d", bad.status)
	}
	says(t, string(bad.body), `id="name-wrong"`, `id="uri-wrong"`)
	send("/manage/terminals/Terrasse", url.Values{"uri": {"tcp://192.168.1.32:8888"}, "till": {"02"}, "version": {"0300"}, "private_data": {"none"}}).leads(t, "/manage/terminals/Terrasse")
	says(t, c.page(pos.RoleBarista, "/device"), "Terminal de carte", `value="Terrasse"`, `value="Comptoir"`)
	for at, want := range map[string]string{ // what no driver could reach is refused on its field, and nothing else is
		"tcp://192.168.1.32:99999": `id="uri-wrong"`, "tcp://192.168.1.32:0": `id="uri-wrong"`, "tcp://192.168.1.32:8888": `id="timeout-wrong"`,
	} {
		bad := send("/manage/terminals/Terrasse", url.Values{"uri": {at}, "till": {"02"}, "version": {"0300"}, "private_data": {"none"}, "timeout": {"vite"}})
		says(t, string(bad.body), want, `value="vite"`, "De 30 à 180 secondes")
	}
	for _, at := range []string{"serial:///dev/../ttyS0", "serial:///dev/ttyS0?baud=1", "serial:///dev/ttyS0?x=1"} {
		bad := send("/manage/terminals", url.Values{"name": {"Vieux"}, "make": {"concert"}, "uri": {at}})
		says(t, string(bad.body), `id="uri-wrong"`)
		api := c.do(call{method: http.MethodPost, path: "/api/v1/terminals", role: pos.RoleManager, body: `{"name":"Vieux","protocol":"concert","uri":"` + at + `"}`})
		if api.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", at, api.status)
		}
	}
	send("/manage/terminals/Terrasse", url.Values{"uri": {"tcp://192.168.1.32"}, "timeout": {"60"}, "ticket_return": {"100"}}).leads(t, "/manage/terminals/Terrasse")
	says(t, c.page(pos.RoleManager, "/manage/terminals/Terrasse"), `name="ticket_return" value="100" checked`, `value="60"`)
	if a := send("/manage/terminals/Terrasse/test", url.Values{}); a.status < 400 {
		t.Errorf("a till that nothing hangs on: %d", a.status)
	}
	send("/manage/terminals/Terrasse/remove", url.Values{}).leads(t, "/manage/terminals")
}

func TestTheAPIAsksATerminal(t *testing.T) {
	c := openTerminal(t)
	ticket := c.order(`"product":"cafe","qty":1`)
	x := c.post("/tickets/"+ticket+"/charges", `{"terminal":"Comptoir"}`)
	id := text(t, x, "id")
	c.answer <- device.Answer{Outcome: device.Unknown, Code: "terminal.cut_off"}
	c.ended()
	a := c.do(call{method: http.MethodPost, path: "/api/v1/tickets/" + ticket + "/charges", body: `{}`})
	if a.status != http.StatusConflict || text(t, a.json(t), "code") != "charge.open" {
		t.Errorf("%d %s", a.status, a.body)
	}
	for path, body := range map[string]string{"/charges/" + id + "/answer": `{}`, "/charges/none/answer": `{"paid":true}`, "/charges/" + id + "/returned": ``} {
		if a := c.do(call{method: http.MethodPost, path: "/api/v1" + path, body: body}); a.status < 400 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	done := c.ok(call{method: http.MethodPost, path: "/api/v1/charges/" + id + "/answer", body: `{"paid": true, "authorisation": "A1"}`})
	if text(t, done, "state") != "paid" || text(t, done, "sale") == "" {
		t.Errorf("%v", done)
	}
	if all := c.get("/charges?date=" + c.till.DB().Today()); text(t, all, "charges.0.id") != id {
		t.Errorf("%v", all)
	}
	c.get("/charges")
	c.get("/terminals")
}

// TestAChargeSeenBeforeItsAnswerIsNotAskedTwice: a command that is repeated reads the charge just before the terminal's answer is
// written, and begins it just after. The card is debited once.
func TestAChargeSeenBeforeItsAnswerIsNotAskedTwice(t *testing.T) {
	c := openTerminal(t)
	ticket := c.order(`"product":"plat","qty":1`)
	id := idOf(c.card(ticket))
	seen, err := c.till.Charge(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	<-c.asked
	c.answer <- device.Answer{Outcome: device.Approved, Amount: 1190}
	c.ended()
	c.answer <- device.Answer{Outcome: device.Approved, Amount: 1190}
	c.web.charges.begin(t.Context(), seen, func(pos.Charge) {})
	c.ended()
	select {
	case x := <-c.asked:
		t.Errorf("the card is debited once more: %+v", x)
	default:
	}
}
