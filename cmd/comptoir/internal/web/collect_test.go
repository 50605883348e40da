package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"comptoir/pos"
	"comptoir/suspended"
)

func TestANumberThatIsNoneConfirmsNothing(t *testing.T) {
	t.Parallel()
	c := openCafe(t)
	_, page, cookie := c.partnerOn("Les Repas du Port", "food_bank")
	c.sold(1800, `{"product":"plat","qty":3,"kind":"gift"}`)
	c.visit(http.MethodPost, page+"/allotments", url.Values{"command": {"ask"}, "class": {"meal"}, "qty": {"3"}, "slot": {"2026-11-22"}, "hour": {"19:00"}}, "Cookie", cookie)
	one := func() pos.Allotment {
		t.Helper()
		all, err := c.till.Allotments(t.Context(), "2026-11-22", "2026-11-22")
		if err != nil || len(all) != 1 {
			t.Fatalf("%+v, %v", all, err)
		}
		return all[0]
	}
	id := one().ID
	for i, typed := range []string{"", "0", "l0", "-1", "4"} {
		a := c.form(pos.RoleBarista, "/collect/"+id+"/change", url.Values{"command": {fmt.Sprint("c", i)}, "do": {"confirm"}, "qty": {typed}})
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(string(a.body), `id="asked-`+id+`-wrong"`) {
			t.Errorf("%q promised: %d, not beside its field", typed, a.status)
		}
		if one().State != suspended.Requested {
			t.Fatalf("%q promised %+v", typed, one())
		}
	}
}
