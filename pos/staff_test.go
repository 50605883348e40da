package pos_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"comptoir/data"
	"comptoir/data/fault"
	"comptoir/pos"
	"comptoir/receipts/journal"
)

func (c *cafe) hire(name string, role pos.Role, pin string) pos.Operator {
	c.tb.Helper()
	o, err := c.AddOperator(ctx(), c.byManager(), pos.NewOperator{Name: name, Role: role, PIN: pin})
	if err != nil {
		c.tb.Fatalf("add %s: %v", name, err)
	}
	return o
}

func TestEveryOperatorHasACodeThatNobodyElseEverHad(t *testing.T) {
	c := emptyCafe(t) // Marie and Awa
	for _, x := range []struct{ name, code string }{
		{"Awa Diallo", "AWA2"}, {"awa b.", "AWA3"}, {"Système Sys", "SYSTEM"}, {"Sys", "SYS2"}, {"Public", "PUBLIC2"},
	} {
		if o := c.hire(x.name, pos.RoleBarista, "1234"); o.Code != x.code || o.Name != x.name || len(o.ID) != 36 {
			t.Errorf("%s: %+v, want the code %s", x.name, o, x.code)
		}
	}
	if err := c.DisableOperator(ctx(), c.byManager(), c.barista.ID); err != nil {
		t.Fatal(err)
	}
	if o := c.hire("Awa", pos.RoleBarista, "1234"); o.Code != "AWA4" { // the name is free again, the code is not
		t.Errorf("code %s, want AWA4", o.Code)
	}
}

func TestARefusedOperatorLeavesNothing(t *testing.T) {
	c := emptyCafe(t)
	before := c.seq()
	good := pos.NewOperator{Name: "Léa", PIN: "1234", Role: pos.RoleBarista}
	for _, x := range []struct {
		name   string
		change func(*pos.NewOperator)
		code   string
	}{
		{"no name", func(n *pos.NewOperator) { n.Name = "  " }, "text.invalid"},
		{"long name", func(n *pos.NewOperator) { n.Name = strings.Repeat("é", 61) }, "text.invalid"},
		{"line break", func(n *pos.NewOperator) { n.Name = "L\na" }, "text.invalid"},
		{"somebody's name", func(n *pos.NewOperator) { n.Name = "AWÀ" }, "operator.exists"},
		{"role", func(n *pos.NewOperator) { n.Role = "owner" }, "role.invalid"},
		{"three digits", func(n *pos.NewOperator) { n.PIN = "123" }, "pin.invalid"},
		{"nine digits", func(n *pos.NewOperator) { n.PIN = "123456789" }, "pin.invalid"},
		{"letters", func(n *pos.NewOperator) { n.PIN = "12a4" }, "pin.invalid"},
		{"digits of another script", func(n *pos.NewOperator) { n.PIN = "١٢٣٤" }, "pin.invalid"},
	} {
		t.Run(x.name, func(t *testing.T) {
			n := good
			x.change(&n)
			_, err := c.AddOperator(ctx(), c.byManager(), n)
			refused(t, err, x.code)
		})
	}
	_, err := c.AddOperator(ctx(), c.by(), good)
	refused(t, err, "right.missing")
	refused(t, c.DisableOperator(ctx(), c.by(), c.manager.ID), "right.missing")
	refused(t, c.SetPIN(ctx(), c.by(), c.manager.ID, "4321"), "right.missing")
	refused(t, c.SetPIN(ctx(), c.byManager(), c.manager.ID, "x"), "pin.invalid")
	refused(t, c.SetPIN(ctx(), c.byManager(), "nobody", "4321"), "operator.unknown")
	refused(t, c.DisableOperator(ctx(), c.byManager(), "nobody"), "operator.unknown")
	if got := c.seq(); got != before {
		t.Errorf("journal and events went from %v to %v", before, got)
	}
}

func TestADisabledOperatorIsGoneAtOnce(t *testing.T) {
	c := emptyCafe(t)
	session, err := c.SignIn(ctx(), "Awa", "1111")
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.CreateToken(ctx(), c.byManager(), pos.RoleBarista, "Awa")
	if err != nil {
		t.Fatal(err)
	}
	if o, err := c.TokenOperator(ctx(), token); err != nil || o.ID != c.barista.ID {
		t.Fatalf("acts as %+v, %v", o, err)
	}
	if err := c.DisableOperator(ctx(), c.byManager(), c.barista.ID); err != nil {
		t.Fatal(err)
	}
	want := event{Op: "MARIE", Data: map[string]any{"what": "operator", "id": "AWA", "old": map[string]any{"active": true}, "new": map[string]any{"active": false}}}
	if diff := cmp.Diff(want, c.lastChange()); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	_, err = c.SessionOperator(ctx(), session.Token)
	refused(t, err, "session.none")
	_, err = c.TokenOperator(ctx(), token)
	refused(t, err, "token.unknown")
	_, err = c.SignIn(ctx(), "Awa", "1111")
	refused(t, err, "pin.wrong")
	if all, err := c.Operators(ctx()); err != nil || len(all) != 1 {
		t.Errorf("operators: %v, %v", all, err)
	}
	before := c.seq()
	if err := c.DisableOperator(ctx(), c.byManager(), c.barista.ID); err != nil || c.seq() != before {
		t.Errorf("twice: %v, %v to %v", err, before, c.seq())
	}
}

func TestTheLastManagerWhoCanSignInStays(t *testing.T) {
	c := emptyCafe(t)
	if _, err := c.CreateToken(ctx(), c.byManager(), pos.RoleManager, "caisse API"); err != nil { // a manager, but nobody who can sign in
		t.Fatal(err)
	}
	refused(t, c.DisableOperator(ctx(), c.byManager(), c.manager.ID), "operator.last_manager")
	other := c.hire("Paul", pos.RoleManager, "4444")
	if err := c.DisableOperator(ctx(), c.byManager(), c.manager.ID); err != nil {
		t.Fatal(err)
	}
	refused(t, c.DisableOperator(ctx(), pos.By{Operator: other}, other.ID), "operator.last_manager")
}

func TestANewPINEndsTheOldOneItsSessionsAndItsDelay(t *testing.T) {
	c := emptyCafe(t)
	session, err := c.SignIn(ctx(), c.barista.ID, "1111")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.SignIn(ctx(), "Awa", "2222")
	refused(t, err, "pin.wrong")
	if err := c.SetPIN(ctx(), c.byManager(), c.barista.ID, "2468"); err != nil {
		t.Fatal(err)
	}
	if got := c.lastChange(); got.Data["what"] != "pin" || got.Data["id"] != "AWA" || len(got.Data["new"].(map[string]any)) != 0 {
		t.Errorf("journal: %+v", got)
	}
	_, err = c.SessionOperator(ctx(), session.Token)
	refused(t, err, "session.none")
	if _, err := c.SignIn(ctx(), "Awa", "2468"); err != nil { // no delay left
		t.Errorf("with the new PIN: %v", err)
	}
	_, err = c.SignIn(ctx(), "Awa", "1111")
	refused(t, err, "pin.wrong")
}

// Whoever steals the file gets neither PINs, nor sessions, nor tokens.
func TestNoSecretIsInTheDatabase(t *testing.T) {
	c := emptyCafe(t)
	session, err := c.SignIn(ctx(), "Marie", managerPIN)
	if err != nil {
		t.Fatal(err)
	}
	token, err := c.CreateToken(ctx(), c.byManager(), pos.RoleBarista, "tablette")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"operators", "sessions", "tokens", "commands", "events"} {
		rows, err := c.DB().Reader().Query(ctx(), `SELECT * FROM `+table)
		if err != nil {
			t.Fatal(err)
		}
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values := make([]any, len(columns))
			into := make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			for i, v := range values {
				text, _ := v.(string)
				if b, ok := v.([]byte); ok {
					text = string(b)
				}
				if strings.Contains(text, session.Token) || strings.Contains(text, strings.TrimPrefix(token, "cpt_")) || text == managerPIN {
					t.Errorf("%s.%s holds a secret", table, columns[i])
				}
				if columns[i] == "pin" && text != "" && !strings.HasPrefix(text, "$argon2id$v=19$m=19456,t=2,p=1$") {
					t.Errorf("a PIN is kept as %q", text)
				}
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

func TestATokenActsAsTheOperatorOfItsName(t *testing.T) {
	c := emptyCafe(t)
	token, err := c.CreateToken(ctx(), c.byManager(), pos.RoleAccountant, "export compta")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(token, "cpt_") || len(token) != 47 {
		t.Errorf("token %q", token)
	}
	o, err := c.TokenOperator(ctx(), token)
	if err != nil || o.Name != "export compta" || o.Role != pos.RoleAccountant || o.Code != "EXPORT" {
		t.Errorf("acts as %+v, %v", o, err)
	}
	second, err := c.CreateToken(ctx(), c.byManager(), pos.RoleAccountant, "Export Compta")
	if err != nil || second == token {
		t.Fatal(err)
	}
	if same, err := c.TokenOperator(ctx(), second); err != nil || same != o {
		t.Errorf("the second acts as %+v, %v", same, err)
	}
	_, err = c.SignIn(ctx(), "export compta", "0000")
	refused(t, err, "pin.wrong")
	staff, err := c.Staff(ctx())
	if err != nil || len(staff) != 2 {
		t.Errorf("who can sign in: %v, %v", staff, err)
	}
	for _, bad := range []string{"", "cpt_", token + "x", strings.ToUpper(token), strings.TrimPrefix(token, "cpt_")} {
		_, err := c.TokenOperator(ctx(), bad)
		refused(t, err, "token.unknown")
	}
}

// TestATokenFollowsItsOperator: a change holds for the next request, also while others ask without a pause.
func TestATokenFollowsItsOperator(t *testing.T) {
	c := emptyCafe(t)
	token, err := c.CreateToken(ctx(), c.byManager(), pos.RoleBarista, "Awa")
	if err != nil {
		t.Fatal(err)
	}
	var others sync.WaitGroup
	stop := make(chan struct{})
	defer others.Wait()
	defer close(stop)
	for range 2 {
		others.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := c.TokenOperator(ctx(), token); err != nil {
					t.Errorf("somebody else: %v", err)
					return
				}
			}
		})
	}
	for i, role := range slices.Repeat([]pos.Role{pos.RoleManager, pos.RoleBarista}, 20) {
		if err := c.SetRole(ctx(), c.byManager(), c.barista.ID, role); err != nil {
			t.Fatal(err)
		}
		if o, err := c.TokenOperator(ctx(), token); err != nil || o.Role != role {
			t.Fatalf("change %d: acts as %s, %v, want %s", i, o.Role, err, role)
		}
	}
	if err := c.RenameOperator(ctx(), c.byManager(), c.barista.ID, "Awa Diop"); err != nil {
		t.Fatal(err)
	}
	if o, err := c.TokenOperator(ctx(), token); err != nil || o.Name != "Awa Diop" {
		t.Errorf("acts as %+v, %v", o, err)
	}
}

func TestATokenIsRefused(t *testing.T) {
	c := emptyCafe(t)
	before := c.seq()
	_, err := c.CreateToken(ctx(), c.by(), pos.RoleBarista, "x")
	refused(t, err, "right.missing")
	_, err = c.CreateToken(ctx(), c.byManager(), "root", "x")
	refused(t, err, "role.invalid")
	_, err = c.CreateToken(ctx(), c.byManager(), pos.RoleBarista, " ")
	refused(t, err, "text.invalid")
	_, err = c.CreateToken(ctx(), c.byManager(), pos.RoleBarista, "Marie") // she is a manager
	refused(t, err, "token.role")
	if got := c.seq(); got != before {
		t.Errorf("journal and events went from %v to %v", before, got)
	}
	by := c.byManager()
	if _, err := c.CreateToken(ctx(), by, pos.RoleBarista, "tablette"); err != nil {
		t.Fatal(err)
	}
	_, err = c.CreateToken(ctx(), by, pos.RoleBarista, "tablette")
	refused(t, err, "token.once")
}

func TestOperatorsAreNeverDeleted(t *testing.T) {
	c := emptyCafe(t)
	err := c.DB().Write(ctx(), func(ctx context.Context, tx *data.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM operators WHERE code = 'AWA'`)
		return err
	})
	if fault.CodeOf(err) != "internal" {
		t.Fatalf("got %v", err)
	}
	if got := c.events(journal.EventConfigChange); got[0].Op != "sys" || got[0].Data["id"] != "MARIE" {
		t.Errorf("the first manager was added by %+v", got[0])
	}
}

func TestSettingsHaveDefaultsAndAreJournaled(t *testing.T) {
	c := emptyCafe(t)
	s, err := c.Settings(ctx())
	if err != nil || s != pos.DefaultSettings() || s.HouseBudgetDaily != 6 || s.BoardExact {
		t.Fatalf("defaults: %+v, %v", s, err)
	}
	s.HouseBudgetDaily, s.BoardExact = 10, true
	if _, err := c.SaveSettings(ctx(), c.byManager(), s); err != nil {
		t.Fatal(err)
	}
	want := event{Op: "MARIE", Data: map[string]any{"what": "settings", "id": "", "old": map[string]any{"house_budget_daily": 6.0, "board_exact": false},
		"new": map[string]any{"house_budget_daily": 10.0, "board_exact": true}}}
	if diff := cmp.Diff(want, c.lastChange()); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	c.reopen()
	if got, err := c.Settings(ctx()); err != nil || got != s {
		t.Errorf("after a restart: %+v, %v", got, err)
	}
	before := c.seq()
	if _, err := c.SaveSettings(ctx(), c.byManager(), s); err != nil || c.seq() != before {
		t.Errorf("the same again: %v, %v to %v", err, before, c.seq())
	}
	_, err = c.SaveSettings(ctx(), c.by(), s)
	refused(t, err, "right.missing")
	_, err = c.SaveSettings(ctx(), c.byManager(), pos.Settings{HouseBudgetDaily: -1, DefaultMode: pos.EatIn, KitchenSoon: 5, KitchenLate: 8})
	if e := refused(t, err, "settings.invalid"); len(e.Fields) != 1 {
		t.Errorf("fields: %v", e.Fields)
	}
	if c.seq() != before {
		t.Error("a refusal left something")
	}
}

func TestNamesTellWhoStandsBehindACode(t *testing.T) {
	c := emptyCafe(t) // Marie and Awa
	if err := c.DisableOperator(ctx(), c.byManager(), c.barista.ID); err != nil {
		t.Fatal(err)
	}
	c.hire("Awa", pos.RoleBarista, "1234")
	c.hire("Léo Martin", pos.RoleBarista, "1234")
	names, err := c.Names(ctx())
	if err != nil {
		t.Fatal(err)
	}
	for code, want := range map[string]string{
		"MARIE": "Marie", "AWA": "Awa (AWA)", "AWA2": "Awa (AWA2)", "LEO": "Léo Martin", "sys": "sys", "NOBODY": "NOBODY",
	} {
		if got := names.Of(code); got != want {
			t.Errorf("%s is %q, want %q", code, got, want)
		}
	}
}
