package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"comptoir/data/money"
	"comptoir/pos"
)

type benchSlowlorisCmd struct {
	Connections int           `default:"500" help:"Slow connections of guests, 1 to 2000." placeholder:"N"`
	Rounds      int           `default:"5" help:"Rounds, 1 to 20."`
	Time        time.Duration `default:"4s" help:"Of each half of a round, at most 30s."`
	JSON        bool          `help:"As JSON."`
}

// Slow guests.
const (
	slowGoal     = 2.0 // what they may cost: the p99 of a checkout against that without them
	slowMost     = 2000
	slowDrip     = time.Second // between two bytes of one connection
	slowReturn   = 200 * time.Millisecond
	slowBlock    = 50 // sales before anything is counted
	slowDeadline = 30 * time.Second
)

// slowReport is what slow guests cost a sale.
type slowReport struct {
	Connections int     `json:"connections"`
	Sales       int     `json:"sales"` // on each side, of the smaller
	Dialled     int64   `json:"dialled"`
	None        float64 `json:"p99_none_ms"` // median of the rounds
	Slow        float64 `json:"p99_slow_ms"`
	Ratio       spread  `json:"p99_ratio"`
	Goal        float64 `json:"goal"`
	Met         bool    `json:"met"`
	P50         float64 `json:"p50_none_ms"`
	Median      spread  `json:"p50_ratio"`
}

func (c *benchSlowlorisCmd) run(ctx context.Context, e *env) int {
	if c.Rounds < 1 || c.Rounds > maxRounds || c.Time <= 0 || c.Time > maxCaseTime || c.Connections < 1 || c.Connections > slowMost {
		return e.fail(fmt.Errorf("--rounds is from 1 to %d, --time at most %s, --connections at most %d", maxRounds, maxCaseTime, slowMost))
	}
	e.say("A café in a temporary directory, a till over HTTP, %d slow guests every other half; %d rounds of 2 × %s.", c.Connections, c.Rounds, c.Time)
	r, err := c.measure(ctx, e)
	if err != nil {
		return e.fail(err)
	}
	return e.figures(c.JSON, r, func() error {
		e.put("p99 of a checkout: %.2f ms without slow guests, %.2f ms beside %d (%d dialled); %d sales a side", r.None, r.Slow, r.Connections, r.Dialled, r.Sales)
		e.put("slow / none: p99 %.3g (%.3g–%.3g), goal <= %g %s; p50 %.3g, of %.2f ms", r.Ratio.Median, r.Ratio.Low, r.Ratio.High, r.Goal, met(r.Met), r.Median.Median, r.P50)
		return nil
	})
}

// measure lets a till sell alone and beside slow guests in turn.
func (c *benchSlowlorisCmd) measure(ctx context.Context, e *env) (_ slowReport, err error) {
	report := slowReport{Connections: c.Connections, Goal: slowGoal}
	dir, err := os.MkdirTemp("", "comptoir-bench-")
	if err != nil {
		return report, fmt.Errorf("bench: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	config := pos.Config{Dir: filepath.Join(dir, demoFolder), Software: software}
	if err := foundDemo(ctx, config); err != nil {
		return report, err
	}
	m := &Main{Config: config, Listen: "127.0.0.1:0", Public: "127.0.0.1:0", Log: e.log}
	if err := m.Start(ctx); err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, m.Stop(context.WithoutCancel(ctx))) }()
	till, err := newSlowTill(ctx, m)
	if err != nil {
		return report, err
	}
	defer till.api.close()
	guests := &slowGuests{at: m.public.Addr().String(), many: c.Connections}
	var halves [2][]float64
	var ratios, medians, fifties []float64
	for round := range c.Rounds {
		var took [2][]time.Duration
		for i := range took {
			slow := (i+round)%2 == 1
			if took[index(slow)], err = c.half(ctx, till, guests, slow); err != nil {
				return report, err
			}
		}
		var p99, p50 [2]float64
		for i := range took {
			p99[i], p50[i] = milliseconds(quantile(took[i], 99)), milliseconds(quantile(took[i], 50))
			halves[i] = append(halves[i], p99[i])
		}
		ratios, medians, fifties = append(ratios, p99[1]/p99[0]), append(medians, p50[1]/p50[0]), append(fifties, p50[0])
		report.Sales += min(len(took[0]), len(took[1]))
	}
	report.None, report.Slow, report.P50 = median(halves[0]), median(halves[1]), median(fifties)
	report.Ratio, report.Median = spreadOf(ratios), spreadOf(medians)
	report.Met, report.Dialled = report.Ratio.Median <= slowGoal, guests.dialled.Load()
	return report, nil
}

func index(slow bool) int {
	if slow {
		return 1
	}
	return 0
}

// half sells for a while, beside slow guests or alone.
func (c *benchSlowlorisCmd) half(ctx context.Context, till *slowTill, guests *slowGuests, slow bool) (took []time.Duration, err error) {
	if slow {
		leave, err := guests.come(ctx)
		defer leave()
		if err != nil {
			return nil, err
		}
	}
	for range slowBlock {
		if err := till.sell(ctx); err != nil {
			return nil, err
		}
	}
	for began := time.Now(); time.Since(began) < c.Time; {
		from := time.Now()
		if err := till.sell(ctx); err != nil {
			return nil, err
		}
		took = append(took, time.Since(from))
	}
	return took, nil
}

// slowTill sells the typical order over HTTP.
type slowTill struct {
	api   *client
	order pos.SellRequest
}

func newSlowTill(ctx context.Context, m *Main) (*slowTill, error) {
	token, err := m.Till().CreateToken(ctx, pos.System("sys"), pos.RoleManager, "bench")
	if err != nil {
		return nil, err
	}
	menu, err := m.Till().Menu(ctx)
	if err != nil {
		return nil, err
	}
	s := &slowTill{newClient(m.StaffURL(), token, 1), typicalOrder(menu)}
	if len(s.order.Lines) != saleLines {
		return nil, errors.New("bench: the sample menu has no meal and two more products without a question to answer")
	}
	return s, openShift(ctx, s.api, money.Cents(demoFloat))
}

func (s *slowTill) sell(ctx context.Context) error {
	var sale struct{}
	return s.api.post(ctx, "/sales", newCommandID(), s.order, &sale)
}

// slowGuests are connections that ask for something and never come to the end of it. Who is hung up on comes back.
type slowGuests struct {
	at      string
	many    int
	dialled atomic.Int64
}

// come lets them all in, and returns once they are; leave sends them away.
func (g *slowGuests) come(ctx context.Context) (leave func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	leave = func() { cancel(); wg.Wait() }
	first := make(chan error, g.many)
	for i := range g.many {
		wg.Go(func() { g.stay(ctx, i, first) })
	}
	for range g.many {
		select {
		case one := <-first:
			err = errors.Join(err, one)
		case <-time.After(slowDeadline):
			return leave, errors.New("bench: the slow guests did not all come in")
		}
	}
	return leave, err
}

// stay connects one guest again and again, and says once how the first time went.
func (g *slowGuests) stay(ctx context.Context, i int, first chan<- error) {
	for try := 0; ctx.Err() == nil; try++ {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", g.at)
		if try == 0 {
			first <- err
		}
		if err != nil {
			return
		}
		g.dialled.Add(1)
		drip(ctx, conn, i)
		_ = conn.Close() // it never had anything to say
		pause(ctx, slowReturn)
	}
}

// drip sends one guest's request: headers byte by byte, a body that never ends, nothing, or one request and then silence.
func drip(ctx context.Context, conn net.Conn, i int) {
	const head = " HTTP/1.1\r\nHost: localhost\r\n"
	begun := [...]string{"GET /board" + head + "X-Slow: ", "POST /C" + head + "Content-Length: 60000\r\n\r\n", "", "GET /healthz" + head + "\r\n"}[i%4]
	_, err := io.WriteString(conn, begun)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, conn) // it ends when either side hangs up
	}()
	defer func() { _ = conn.Close(); <-gone }()
	for err == nil {
		select {
		case <-gone:
			return
		case <-ctx.Done():
			return
		case <-time.After(slowDrip):
		}
		if i%4 < 2 {
			_, err = io.WriteString(conn, "x")
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
