package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"comptoir/cmd/comptoir/internal/web"
	"comptoir/data/money"
	"comptoir/pos"
)

// benchTargetsCmd measures every target that needs no ten years of sales, and a year's report where a history is given.
type benchTargetsCmd struct {
	In     string        `help:"A history made by simulate --rows: what a year's report costs on it." placeholder:"DIR" type:"path"`
	Rounds int           `default:"3" help:"Every case is run once a round, 1 to 20 rounds."`
	Time   time.Duration `default:"1s" help:"Of each case in each round, at most 30s."`
	JSON   bool          `help:"As JSON."`
}

// elsewhere says what measures the other rows.
const elsewhere = `rows 1, 2: comptoir bench crash --how all --for 30m; go test ./cmd/comptoir/internal/crash
rows 9, 11, 13: comptoir bench peers
rows 10 and 11 with +2 ms a sync: not measured, the peer has no slowed disk
row 12: not measured here
rows 17, 18, 20, 21: comptoir bench scale
row 19: go test -run '^$' -bench Verification -benchtime 1x ./receipts/journal`

func (c *benchTargetsCmd) run(ctx context.Context, e *env) int {
	sale := benchSaleCmd{Clients: "1,64", SyncDelay: "0,2ms,10ms", Rounds: c.Rounds, Time: c.Time}
	plan, err := sale.plan()
	if err != nil {
		e.fail(err)
		return exitUsage
	}
	e.say("Cafés in a temporary directory, %d rounds, about %s. Clients and till share this machine's cores.", plan.rounds, (plan.length() + time.Duration(c.Rounds)*4*c.Time).Round(time.Second))
	var all []benchRow
	if c.In != "" {
		all, err = c.measureYear(ctx)
	}
	if err == nil {
		var pages []benchRow
		pages, err = c.measureHTTP(ctx)
		all = append(pages, all...)
	}
	if err != nil {
		return e.fail(err)
	}
	measured, err := measure(ctx, e, plan)
	if err != nil {
		return e.fail(err)
	}
	all = append(measured.Rows, all...)
	return e.figures(c.JSON, all, func() error {
		err := printRows(e, all)
		e.put("%s", elsewhere)
		return err
	})
}

// measureHTTP compares a sale over a socket with the same sale called, and the till's page with one made anew: blocks that take
// turns, in one process.
func (c *benchTargetsCmd) measureHTTP(ctx context.Context) (_ []benchRow, err error) {
	r, err := openRig(ctx, "group", groupBatch)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.sixty(ctx); err != nil {
		return nil, err
	}
	w, err := openSocket(ctx, r)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	page, err := w.server.MeasuredTill(ctx, r.by)
	if err != nil {
		return nil, err
	}
	kept, err := page.Kept()
	if err != nil {
		return nil, err
	}
	anew, err := page.Anew()
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(kept, anew) {
		return nil, errors.New("bench: the till's page from what is kept is not the page made anew")
	}
	packed, err := page.Bytes()
	if err != nil {
		return nil, err
	}
	var shares, ratios []float64
	for range c.Rounds {
		called, err := takeTurns(c.Time, func() error { return w.sell(ctx) }, func() error { return r.sell(ctx) })
		if err != nil {
			return nil, err
		}
		reused, err := takeTurns(c.Time, func() error { _, err := page.Anew(); return err }, func() error { _, err := page.Kept(); return err })
		if err != nil {
			return nil, err
		}
		shares, ratios = append(shares, 1-called), append(ratios, reused)
	}
	return rowsOf([]rowTarget{
		{14, "HTTP, decoding and encoding, of a sale's CPU", true, 0.25, 0.15, func(n int) []float64 { return shares[n : n+1] }},
		{15, "till page of 60 products / by html/template, CPU", true, 0.3, 0.05, func(n int) []float64 { return ratios[n : n+1] }},
		{15, fmt.Sprintf("the same, KB packed (of %.0f)", float64(len(kept))/1000), true, 5, 3, func(int) []float64 { return []float64{float64(packed) / 1000} }},
	}, c.Rounds), nil
}

// turn is how many times something is done before the other has its turn.
const turn = 40

// takeTurns lets two things take turns, and returns the CPU time of the second / of the first: the median of the pairs of blocks.
func takeTurns(during time.Duration, first, second func() error) (float64, error) {
	cpu := func(do func() error) (time.Duration, error) {
		from, err := cpuTime()
		for range turn {
			if err == nil {
				err = do()
			}
		}
		to, err2 := cpuTime()
		return to - from, errors.Join(err, err2)
	}
	var ratios []float64
	for began := time.Now(); len(ratios) == 0 || time.Since(began) < 2*during; {
		a, err := cpu(first)
		if err != nil {
			return 0, err
		}
		b, err := cpu(second)
		if err != nil {
			return 0, err
		}
		ratios = append(ratios, b.Seconds()/a.Seconds())
	}
	return median(ratios), nil
}

// cpuTime is what this process has used, in all its threads.
func cpuTime() (time.Duration, error) {
	var u syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), err
}

// sixty fills the menu to sixty products.
func (r *rig) sixty(ctx context.Context) error {
	menu, err := r.till.Menu(ctx)
	if err != nil {
		return err
	}
	for n, have := 0, len(menu.Products); have < 60; n++ {
		p := menu.Products[n%len(menu.Products)]
		if len(p.Options) > 0 || len(p.Components) > 0 {
			continue
		}
		p.ID, p.Name, p.Barcode = "", fmt.Sprintf("%s %d", p.Name, n), ""
		if _, err := r.till.SaveProduct(ctx, pos.System("sys"), p); err != nil {
			return err
		}
		have++
	}
	return nil
}

// socket is the till of a rig behind its listeners, and one connection to it. It is written and read without a client's pool and
// goroutines, and costs little; that little, with its two system calls, counts as the service's.
type socket struct {
	rig     *rig
	server  *web.Server
	conn    net.Conn
	answers *bufio.Reader
	host    string
	token   string
	stop    context.CancelFunc
	ended   chan error
}

func openSocket(ctx context.Context, r *rig) (_ *socket, err error) {
	var listeners [2]net.Listener
	defer func() {
		for _, l := range listeners {
			if err != nil && l != nil {
				_ = l.Close() // closed twice where it was served
			}
		}
	}()
	for i := range listeners {
		var config net.ListenConfig
		if listeners[i], err = config.Listen(ctx, "tcp", "127.0.0.1:0"); err != nil {
			return nil, err
		}
	}
	w := &socket{rig: r, host: listeners[0].Addr().String(), ended: make(chan error, 1)}
	if w.server, err = web.New(web.Config{Till: r.till, Staff: listeners[0], Public: listeners[1], PublicURL: urlOf(listeners[1].Addr())}); err != nil {
		return nil, err
	}
	if w.token, err = r.till.CreateToken(ctx, pos.System("sys"), pos.RoleManager, "bench"); err != nil {
		return nil, err
	}
	serving, stop := context.WithCancel(ctx)
	w.stop = stop
	go func() { w.ended <- w.server.Serve(serving) }()
	var d net.Dialer
	if w.conn, err = d.DialContext(ctx, "tcp", w.host); err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.answers = bufio.NewReader(w.conn)
	return w, nil
}

func (w *socket) close() error {
	var err error
	if w.conn != nil {
		err = w.conn.Close()
	}
	w.stop()
	return errors.Join(err, <-w.ended)
}

// sell is the sale of the rig, over the socket.
func (w *socket) sell(ctx context.Context) error {
	by, ask := w.rig.next()
	body, err := json.Marshal(ask)
	if err != nil {
		return err
	}
	if deadline, ok := ctx.Deadline(); ok {
		if err := w.conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(w.conn, "POST /api/v1/sales HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nIdempotency-Key: %s\r\nContent-Length: %d\r\n\r\n%s",
		w.host, w.token, by.Command.ID, len(body), body); err != nil {
		return err
	}
	answer, err := http.ReadResponse(w.answers, nil)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("bench: a sale over HTTP: %s %.400s", answer.Status, text)
	}
	return errors.Join(err, answer.Body.Close())
}

// measureYear compares the last whole year of a history from its closings with the same from its rows.
func (c *benchTargetsCmd) measureYear(ctx context.Context) (_ []benchRow, err error) {
	_, till, err := madeConfig(ctx, c.In, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, till.Close()) }()
	day, err := time.Parse(time.DateOnly, till.DB().Today())
	if err != nil {
		return nil, err
	}
	year := strconv.Itoa(day.Year() - 1)
	from, to := year+"-01-01", year+"-12-31"
	var ratios []float64
	var sold int
	for range c.Rounds {
		var kept, rows yearSum
		summary, err := timed(func() error { return kept.closings(ctx, till, from, to) })
		if err != nil {
			return nil, err
		}
		whole, err := timed(func() error { return rows.report(ctx, till, from, to) })
		if err != nil {
			return nil, err
		}
		if kept != rows {
			return nil, fmt.Errorf("bench: the closings of %s say %+v, its rows %+v", year, kept, rows)
		}
		ratios, sold = append(ratios, summary/whole), rows.sales
	}
	return rowsOf([]rowTarget{{16, fmt.Sprintf("a year of %d sales from its closings / from its rows, both equal", sold), true, 1.0 / 200, 1.0 / 1000,
		func(n int) []float64 { return ratios[n : n+1] }}}, c.Rounds), nil
}

// yearSum is what both say of a year.
type yearSum struct {
	total          money.Cents
	sales, refunds int
}

func (s *yearSum) closings(ctx context.Context, till *pos.Till, from, to string) error {
	months, err := till.Closings(ctx, "month", from, to)
	for _, m := range months {
		s.total, s.sales, s.refunds = s.total+m.Total, s.sales+m.Sales, s.refunds+m.Refunds
	}
	return err
}

func (s *yearSum) report(ctx context.Context, till *pos.Till, from, to string) error {
	r, err := till.Range(ctx, from, to)
	s.total, s.sales, s.refunds = r.Total, r.Sales, r.Refunds
	return err
}
