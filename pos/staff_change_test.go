package pos_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"comptoir/data/fault"
	"comptoir/pos"
)

func (c *cafe) member(id string) pos.StaffMember {
	c.tb.Helper()
	all, err := c.AllStaff(ctx())
	if err != nil {
		c.tb.Fatal(err)
	}
	for _, m := range all {
		if m.ID == id {
			return m
		}
	}
	c.tb.Fatalf("%s is not among %+v", id, all)
	return pos.StaffMember{}
}

func TestTheLastManagerIsNeitherDisabledNorDemoted(t *testing.T) {
	c := emptyCafe(t)
	if _, err := c.CreateToken(ctx(), pos.System("sys"), pos.RoleManager, "Programme"); err != nil { // it cannot sign in
		t.Fatal(err)
	}
	before := c.seq()
	refused(t, c.SetRole(ctx(), c.byManager(), c.manager.ID, pos.RoleBarista), "operator.last_manager")
	refused(t, c.DisableOperator(ctx(), c.byManager(), c.manager.ID), "operator.last_manager")
	if c.seq() != before {
		t.Error("a refusal left something")
	}
	if err := c.SetRole(ctx(), c.byManager(), c.barista.ID, pos.RoleManager); err != nil {
		t.Fatal(err)
	}
	if err := c.SetRole(ctx(), c.byManager(), c.manager.ID, pos.RoleBarista); err != nil {
		t.Errorf("with another manager: %v", err)
	}
	want := event{Op: "MARIE", Data: map[string]any{"what": "operator", "id": "MARIE", "old": map[string]any{"role": "manager"}, "new": map[string]any{"role": "barista"}}}
	if diff := cmp.Diff(want, c.lastChange()); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
}

func TestANewRoleHoldsWhereSomebodyIsSignedIn(t *testing.T) {
	c := emptyCafe(t)
	s := c.signIn("Awa", "1111")
	if err := c.SetRole(ctx(), c.byManager(), c.barista.ID, pos.RoleAccountant); err != nil {
		t.Fatal(err)
	}
	if o, err := c.SessionOperator(ctx(), s.Token); err != nil || o.Role != pos.RoleAccountant {
		t.Errorf("%+v, %v", o, err)
	}
}

func TestSomebodyIsRenamedDisabledAndBackWithTheirCode(t *testing.T) {
	c := emptyCafe(t)
	if err := c.RenameOperator(ctx(), c.byManager(), c.barista.ID, " Awa Diallo "); err != nil {
		t.Fatal(err)
	}
	if m := c.member(c.barista.ID); m.Name != "Awa Diallo" || m.Code != "AWA" || m.Devices != 0 {
		t.Errorf("%+v", m)
	}
	c.signIn("Awa Diallo", "1111")
	began := c.DB().Now()
	c.clock.Advance(time.Minute)
	c.signIn("Awa Diallo", "1111")
	if m := c.member(c.barista.ID); m.Devices != 2 || !m.Since.Equal(began) || !m.Active {
		t.Errorf("signed in: %+v, since %v", m, began)
	}
	if err := c.DisableOperator(ctx(), c.byManager(), c.barista.ID); err != nil {
		t.Fatal(err)
	}
	if m := c.member(c.barista.ID); m.Active || m.Devices != 0 {
		t.Errorf("disabled: %+v", m)
	}
	refused(t, c.SetRole(ctx(), c.byManager(), c.barista.ID, pos.RoleManager), "operator.unknown")
	refused(t, c.RenameOperator(ctx(), c.byManager(), c.barista.ID, "X"), "operator.unknown")
	other := c.hire("Awa Diallo", pos.RoleBarista, "2222")
	refused(t, c.EnableOperator(ctx(), c.byManager(), c.barista.ID), "operator.exists")
	refused(t, c.RenameOperator(ctx(), c.byManager(), other.ID, "MARIE"), "operator.exists")
	if err := c.RenameOperator(ctx(), c.byManager(), other.ID, "Awa B."); err != nil {
		t.Fatal(err)
	}
	by := c.byManager()
	for range 2 { // the second is the same command again
		if err := c.EnableOperator(ctx(), by, c.barista.ID); err != nil {
			t.Fatal(err)
		}
	}
	want := event{Op: "MARIE", Data: map[string]any{"what": "operator", "id": "AWA", "old": map[string]any{"active": false}, "new": map[string]any{"active": true}}}
	if diff := cmp.Diff(want, c.lastChange()); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
	c.signIn("Awa Diallo", "1111")
	for name, err := range map[string]error{
		"enable": c.EnableOperator(ctx(), c.by(), other.ID), "rename": c.RenameOperator(ctx(), c.by(), other.ID, "Y"),
		"role": c.SetRole(ctx(), c.by(), other.ID, pos.RoleManager),
	} {
		if fault.CodeOf(err) != "right.missing" {
			t.Errorf("%s by a barista: %v", name, err)
		}
	}
	refused(t, c.SetRole(ctx(), c.byManager(), other.ID, "owner"), "role.invalid")
	refused(t, c.RenameOperator(ctx(), c.byManager(), other.ID, "\u202e"), "text.invalid")
}
