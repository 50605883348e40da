package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"comptoir/data/datatest"
	"comptoir/receipts/journal"
)

func TestFortyClientsRaceForTheLastFiveCoffees(t *testing.T) {
	t.Parallel()
	const clients, onShelf = 40, 5
	c := openCafe(t)
	c.post("/sales", fmt.Sprintf(`{"lines": [{"product": "cafe", "qty": %d, "kind": "gift"}], "tenders": [{"means": "card", "amount": %d}]}`, onShelf, 180*onShelf))
	s := serve(t, c)
	start, origins := make(chan struct{}), make(chan string, clients)
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			<-start
			origins <- s.redeem(fmt.Sprintf("client %d", i))
		})
	}
	close(start)
	all.Wait()
	close(origins)
	got := map[string]int{}
	for o := range origins {
		got[o]++
	}
	if got["PAID"] != onShelf || got["HOUSE"] != clients-onShelf || len(got) != 2 {
		t.Errorf("served %v, want %d PAID and %d HOUSE", got, onShelf, clients-onShelf)
	}
	s.stopped(t)
	report, err := journal.Verify(t.Context(), c.till.DB().Reader(), journal.VerifyOptions{Full: true})
	if err != nil || !report.Conform {
		t.Errorf("the journal after the race: %+v, %v", report.Anomalies, err)
	}
	shelf := c.get("/suspended")
	if left, served := number(t, shelf, "classes.0.available"), number(t, shelf, "classes.0.served"); left != 0 || served != clients {
		t.Errorf("%d left on the shelf and %d served, want 0 and %d", left, served, clients)
	}
	datatest.Audit(t, c.till.DB())
}

// redeem serves one coffee over a connection of its own and returns its origin, or what went wrong.
func (s *served) redeem(key string) string {
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+s.web.StaffAddr().String()+"/api/v1/suspended/redemptions",
		strings.NewReader(`{"product": "cafe", "qty": 1}`))
	if err != nil {
		return err.Error()
	}
	req.Header.Set("Authorization", "Bearer "+s.tokens["barista"])
	req.Header.Set(commandHeader, key)
	res, err := s.client.Do(req)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusCreated {
		return fmt.Sprintf("%d %s %v", res.StatusCode, body, err)
	}
	for _, origin := range []string{"PAID", "HOUSE"} {
		if strings.Contains(string(body), `"origin":"`+origin+`"`) {
			return origin
		}
	}
	return string(body)
}
